"""The pairs that could have met, as a graph of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["met_graph"]


def met_graph(g: ConnectomeGraph) -> ConnectomeGraph | None:
    """Return the graph whose edges are the pairs that could have met; None when all could."""
    pairs = g.domain.pairs
    if pairs is None:
        return None
    return g.rewired(pairs.pre, pairs.post, verb="met", sentence="Every pair became an edge.")
