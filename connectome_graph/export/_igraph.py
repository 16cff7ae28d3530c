"""To igraph and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from connectome_graph.errors import InvalidTable
from connectome_graph.export._attribute_reader import as_graph, parsed_ids, parsed_metadata
from connectome_graph.export._attributes import METADATA, as_exact_text, ids_as_text, sheet
from connectome_graph.export._networkx import gathered
from connectome_graph.graph.graph import ConnectomeGraph

if TYPE_CHECKING:
    import igraph

__all__ = ["from_igraph", "to_igraph"]


def to_igraph(g: ConnectomeGraph, *, weight: Any = None) -> igraph.Graph:
    """Return the graph as a directed igraph graph; ``name`` of a vertex is its root id as text.

    Vertices come in table order, so vertex ``i`` is neuron ``g.ids[i]``. igraph's own file
    formats turn numbers into doubles; so ids, and every integer column beyond 2**53, are text.

    Parameters
    ----------
    g
        The graph.
    weight
        ``None`` for one edge a synapse row; or a weight, or a list of them, for one edge a
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


def from_igraph(graph: igraph.Graph) -> ConnectomeGraph:
    """Return the connectome in a directed igraph graph.

    A graph by :func:`to_igraph` gives its connectome back: kinds of columns, domain and
    provenance too. In any other graph the vertex attribute ``name`` is the root id (without it,
    ids are 1, 2, ... in vertex order), every edge is a synapse row (or a connection, when edges
    have ``count``), and the domain is every pair.

    Parameters
    ----------
    graph
        A directed graph.

    Raises
    ------
    InvalidTable
        When the graph is undirected, or names are missing, repeated or floats.

    Examples
    --------
    >>> import igraph
    >>> from_igraph(igraph.Graph([(0, 1), (1, 2)], directed=True)).ids.tolist()
    [1, 2, 3]
    """
    if not graph.is_directed():
        raise InvalidTable(
            "the igraph graph is undirected, so no neuron of a pair is presynaptic; build it with "
            "directed=True and edges from pre to post"
        )
    metadata = parsed_metadata(_graph_attribute(graph), "the igraph graph")
    nodes = _attributes(graph.vs, "vertex")
    nodes.pop("name", None)
    ids: Any = np.arange(1, graph.vcount() + 1)
    if "name" in graph.vs.attributes():
        ids = graph.vs["name"]
        if all(isinstance(name, str) for name in ids):
            ids = parsed_ids(ids, metadata)
    edges = graph.get_edgelist()
    return as_graph(
        ids=ids,
        nodes=nodes,
        pre=[ids[source] for source, _ in edges],
        post=[ids[target] for _, target in edges],
        edges=_attributes(graph.es, "edge"),
        metadata=metadata,
        verb="from_igraph",
        source="an igraph graph",
    )


def _graph_attribute(graph: igraph.Graph) -> Any:
    return graph[METADATA] if METADATA in graph.attributes() else None


def _attributes(sequence: Any, what: str) -> dict[str, pa.Array]:
    found: dict[str, pa.Array] = {}
    for name in sequence.attributes():
        records = ({name: value} for value in sequence[name])
        found |= gathered(records, len(sequence), what)
    return found
