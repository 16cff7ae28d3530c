"""To igraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectome_graph.border.arguments import Weight
from connectome_graph.export._attributes import METADATA, as_exact_text, ids_as_text, sheet
from connectome_graph.graph.graph import ConnectomeGraph

if TYPE_CHECKING:
    import igraph

__all__ = ["to_igraph"]


def to_igraph(g: ConnectomeGraph, *, weight: Weight | None = None) -> igraph.Graph:
    """Return the graph as a directed igraph graph; ``name`` of a vertex is its root id as text.

    Vertices come in table order, so vertex ``i`` is neuron ``g.ids[i]``. igraph's own file
    formats turn numbers into doubles; so ids, and every integer column beyond 2**53, are text.

    Parameters
    ----------
    g
        The graph.
    weight
        ``None`` for one edge per synapse row; or a weight, or a list of them, for one edge a
        connected pair on the domain, as in :func:`to_networkx`.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> graph = to_igraph(cg.from_adjacency([[0, 3], [1, 0]]), weight="count")
    >>> graph.vs["name"], graph.es["weight"]
    (['1', '2'], [3, 1])
    """
    import igraph

    content = sheet(g, weight)
    nodes, edges = ([as_exact_text(a) for a in each] for each in (content.nodes, content.edges))
    return igraph.Graph(
        n=len(content.ids),
        edges=np.column_stack([content.pre, content.post]),
        directed=True,
        graph_attrs={
            "provenance": content.provenance_text,
            METADATA: content.metadata_text,
        },
        vertex_attrs={
            "name": ids_as_text(content.ids).to_pylist(),
            **{a.name: a.column.to_pylist() for a in nodes},
        },
        edge_attrs={a.name: a.column.to_pylist() for a in edges},
    )
