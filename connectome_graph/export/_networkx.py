"""To networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectome_graph.border.arguments import Weight
from connectome_graph.export._attributes import METADATA, records, sheet
from connectome_graph.graph.graph import ConnectomeGraph

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["to_networkx"]


def to_networkx(
    g: ConnectomeGraph, *, weight: Weight | None = None
) -> nx.MultiDiGraph | nx.DiGraph:
    """Return the graph as a networkx graph; nodes are root ids.

    Attributes are booleans, integers, floats and text; a missing value is an absent attribute.
    Neurons come in table order. ``G.graph["provenance"]`` says what was done.

    Parameters
    ----------
    g
        The graph.
    weight
        ``None`` for a ``MultiDiGraph`` with one edge per synapse row and every synapse column,
        autapses and synapses outside the domain included. Or a weight as in
        :func:`connectome_graph.weights.compute`, or a list of them, for a ``DiGraph`` with one
        edge per connected pair on the domain, with ``count``, ``size`` where known, the first
        weight as ``weight`` and the others under their names.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> G = to_networkx(cg.from_adjacency([[0, 3], [1, 0]]), weight="count")
    >>> G.edges[1, 2]["weight"]
    3
    """
    import networkx as nx

    content = sheet(g, weight)
    graph = nx.MultiDiGraph() if weight is None else nx.DiGraph()
    graph.graph["provenance"] = content.provenance_text
    graph.graph[METADATA] = content.metadata_text
    ids = content.ids.tolist()
    graph.add_nodes_from(zip(ids, records(content.nodes, len(ids)), strict=True))
    pre, post = ([ids[code] for code in end.tolist()] for end in (content.pre, content.post))
    graph.add_edges_from(zip(pre, post, records(content.edges, len(pre)), strict=True))
    return graph
