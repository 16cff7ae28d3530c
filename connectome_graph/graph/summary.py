"""What a graph says of itself: one line, and a small table in a notebook."""

from __future__ import annotations

import html as markup
from collections.abc import Sequence
from typing import NamedTuple

from connectome_graph.model.domain import Domain

__all__ = ["Sizes", "html", "one_line"]


class Sizes(NamedTuple):
    """How large a graph is."""

    n_neurons: int
    n_edges: int
    n_synapses: int
    n_autapses: int
    n_edges_outside: int


def _counted(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _parts(sizes: Sizes, domain: Domain) -> list[str]:
    parts = [
        _counted(sizes.n_neurons, "neuron"),
        _counted(sizes.n_edges, "edge"),
        _counted(sizes.n_synapses, "synapse"),
    ]
    if sizes.n_autapses and not domain.diagonal:
        parts.append(_counted(sizes.n_autapses, "autapse"))
    if sizes.n_edges_outside:
        parts.append(f"{_counted(sizes.n_edges_outside, 'connected pair')} outside the domain")
    return parts


def one_line(sizes: Sizes, domain: Domain) -> str:
    """Return the sizes of a graph and its domain in one line."""
    shape = (
        ""
        if domain.sources.all() and domain.targets.all()
        else f", {domain.n_sources:,} sources x {domain.n_targets:,} targets"
    )
    return (
        f"<ConnectomeGraph: {', '.join(_parts(sizes, domain))}; domain {domain.policy}{shape}, "
        f"{domain.said}>"
    )


def html(
    sizes: Sizes,
    domain: Domain,
    *,
    neuron_columns: Sequence[str],
    synapse_columns: Sequence[str],
    history: str,
) -> str:
    """Return the sizes, domain, columns and history of a graph as an HTML table."""
    rows = [
        ("", ", ".join(_parts(sizes, domain))),
        ("domain", repr(domain)),
        ("neuron columns", ", ".join(neuron_columns) or "none"),
        ("synapse columns", ", ".join(synapse_columns) or "none"),
        ("provenance", history),
    ]
    cells = "".join(
        f"<tr><th style='text-align:left'>{markup.escape(name)}</th>"
        f"<td style='text-align:left'>{markup.escape(text)}</td></tr>"
        for name, text in rows
    )
    return f"<table><caption><b>ConnectomeGraph</b></caption><tbody>{cells}</tbody></table>"
