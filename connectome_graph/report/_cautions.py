"""What a reader should know before believing a number of a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.errors import ConnectomeError
from connectome_graph.model import policies

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["Caution", "cautions"]


class Caution(NamedTuple):
    """A short name and the sentences."""

    name: str
    text: str


def cautions(g: ConnectomeGraph, *, by: By | None) -> list[Caution]:
    """Return what limits the graph, most severe first.

    Parameters
    ----------
    g
        The graph.
    by
        The neuron column of types.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> [caution.name for caution in cautions(cg.from_adjacency([[1, 1], [0, 0]]), by=None)]
    ['proofreading unknown', 'autapses']
    """
    found = [
        _generated(g), _untrusted(g), _unknown(g), _autapses(g), _outside(g), _threshold(g),
        _unconnected(g), *_missing(g, by),
    ]  # fmt: skip
    return [caution for caution in found if caution is not None]


def _generated(g: ConnectomeGraph) -> Caution | None:
    if "not data" not in str(g.provenance):
        return None
    return Caution(
        "generated", "These tables were generated. Nothing here says anything of a brain."
    )


def _untrusted(g: ConnectomeGraph) -> Caution | None:
    try:
        axon = policies.trust(g.neurons)["axon_trust"].to_numpy()
    except ConnectomeError:
        return (
            None
            if not g.domain.is_full
            else Caution(
                "proofreading unknown",
                "The neuron table has no proofreading columns, so nothing says which absent edges "
                "were looked for: every pair is taken as observed.",
            )
        )
    counted = g.domain.sources
    none, clean = int((axon[counted] == 0).sum()), int((axon[counted] == 1).sum())
    if not none and not clean:
        return None
    return Caution(
        "untrusted axons",
        f"Of {g.domain.n_sources:,} sources, axons that nobody proofread: {none:,}; axons cleaned "
        f"but not followed to their ends: {clean:,}. Their absent edges count "
        "here as absent, and may only have been missed: densities and degrees are lower bounds. "
        "The policy 'strict' keeps complete axons alone.",
    )


def _unknown(g: ConnectomeGraph) -> Caution | None:
    dropped = g.provenance.fact("n_dropped_unknown", 0)
    added = g.provenance.fact("n_added_neurons", 0)
    if not dropped and not added:
        return None
    parts = []
    if dropped:
        parts.append(
            f"{dropped:,} synapses had a partner outside the neuron table and were dropped, so "
            "inputs and outputs are not complete"
        )
    if added:
        parts.append(f"{added:,} partners outside the neuron table were added without annotation")
    return Caution("unknown partners", "; ".join(parts) + ".")


def _autapses(g: ConnectomeGraph) -> Caution | None:
    if not g.n_autapses or g.domain.diagonal:
        return None
    return Caution(
        "autapses",
        f"{_many(g.n_autapses, 'neuron has', 'neurons have')} a synapse onto itself. Most such "
        "synapses are merge errors; they are kept in the multigraph and enter no statistic.",
    )


def _outside(g: ConnectomeGraph) -> Caution | None:
    if not g.n_edges_outside:
        return None
    return Caution(
        "outside the domain",
        f"{_many(g.n_edges_outside, 'connected pair lies', 'connected pairs lie')} outside the "
        f"domain {g.domain.policy!r} and enter no statistic.",
    )


def _threshold(g: ConnectomeGraph) -> Caution | None:
    least = g.provenance.fact("min_synapses")
    if least is None or least <= 1:
        return None
    return Caution(
        "threshold",
        f"Connections of fewer than {least:,} synapses were left out. Density, reciprocity and "
        "motifs depend on that choice.",
    )


def _unconnected(g: ConnectomeGraph) -> Caution | None:
    met = np.zeros(g.n_neurons, bool)
    for end in g.edge_codes:
        met[end] = True
    alone = int((~met).sum())
    if not alone:
        return None
    return Caution(
        "unconnected neurons",
        f"{_many(alone, 'neuron has', 'neurons have')} no edge on the domain. They count in every "
        "denominator.",
    )


def _missing(g: ConnectomeGraph, by: By | None) -> list[Caution]:
    found = []
    needed = [] if by is None else [(by, f"value of {g.labels(by).title}")]
    needed += [("x_um", "position")] if "x_um" in g.neurons else []
    for column, what in needed:
        if lost := g.labels(column).n_unlabelled:
            found.append(
                Caution(
                    f"without {what}",
                    f"{_many(lost, 'neuron has', 'neurons have')} no {what} and stay out of what "
                    "needs one.",
                )
            )
    if "size" in g.synapse_columns:
        lost = int(pd.isna(g.synapse_column("size")).sum())
        if lost:
            found.append(
                Caution(
                    "missing sizes",
                    f"{_many(lost, 'synapse has', 'synapses have')} no size. A missing size is "
                    "missing, not 0.",
                )
            )
    return found


def _many(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"
