"""What a graph says of itself: one line, and a small table in a notebook."""

from __future__ import annotations

import html as markup
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["html", "one_line"]


def _counted(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _parts(g: ConnectomeGraph) -> list[str]:
    parts = [
        _counted(g.n_neurons, "neuron"),
        _counted(g.n_edges, "edge"),
        _counted(g.n_synapses, "synapse"),
    ]
    if g.n_autapses and not g.domain.diagonal:
        parts.append(_counted(g.n_autapses, "autapse"))
    if g.n_edges_outside:
        parts.append(f"{_counted(g.n_edges_outside, 'connected pair')} outside the domain")
    return parts


def one_line(g: ConnectomeGraph) -> str:
    """Return the sizes of a graph and its domain in one line."""
    domain = g.domain
    shape = (
        "" if domain.is_full else f", {domain.n_sources:,} sources x {domain.n_targets:,} targets"
    )
    return (
        f"<ConnectomeGraph: {', '.join(_parts(g))}; domain {domain.policy}{shape}, "
        f"{domain.n_pairs:,} pairs>"
    )


def html(g: ConnectomeGraph) -> str:
    """Return the sizes, domain, columns and history of a graph as an HTML table."""
    rows = [
        ("", ", ".join(_parts(g))),
        ("domain", repr(g.domain)),
        ("neuron columns", ", ".join(map(str, g.neurons.columns)) or "none"),
        ("synapse columns", ", ".join(g.synapse_columns) or "none"),
        ("provenance", str(g.provenance)),
    ]
    cells = "".join(
        f"<tr><th style='text-align:left'>{markup.escape(name)}</th>"
        f"<td style='text-align:left'>{markup.escape(text)}</td></tr>"
        for name, text in rows
    )
    return f"<table><caption><b>ConnectomeGraph</b></caption><tbody>{cells}</tbody></table>"
