"""The door for igraph graphs: vertices, edges and their attributes become a ConnectomeGraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from connectome_graph.build.attributes import as_graph, parsed_ids, parsed_metadata
from connectome_graph.build.networkx import gathered
from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.attributes import METADATA
from connectome_graph.model.names import ColumnMap

if TYPE_CHECKING:
    import igraph

__all__ = ["from_igraph"]


def from_igraph(graph: igraph.Graph, *, columns: ColumnMap | None = None) -> ConnectomeGraph:
    """Return the connectome in a directed igraph graph.

    A graph by :func:`connectome_graph.export.to_igraph` gives its connectome back: kinds of
    columns, domain and provenance too. In any other graph the vertex attribute ``name`` is the
    root id (without it, ids are 1, 2, ... in vertex order), every edge is a synapse row (or a
    connection, when edges have ``count``), and the domain is every pair.

    Parameters
    ----------
    graph
        A directed graph.
    columns
        Canonical name -> your name of an edge attribute, such as ``{"count": "weight"}``;
        ``{"count": None}`` when every edge is one synapse or connection.

    Raises
    ------
    InvalidTable
        When the graph is undirected, names are missing, repeated or floats, or an attribute such
        as ``weight`` only may be the number of synapses.

    Examples
    --------
    >>> import igraph
    >>> from_igraph(igraph.Graph([(0, 1), (1, 2)], directed=True)).ids.tolist()
    [1, 2, 3]
    """
    if not all(hasattr(graph, name) for name in ("is_directed", "vs", "es", "vcount")):
        raise InvalidArgument(f"an igraph graph is needed; found {type(graph).__name__}")
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
        columns=columns,
    )


def _graph_attribute(graph: igraph.Graph) -> Any:
    return graph[METADATA] if METADATA in graph.attributes() else None


def _attributes(sequence: Any, what: str) -> dict[str, pa.Array]:
    found: dict[str, pa.Array] = {}
    for name in sequence.attributes():
        records = ({name: value} for value in sequence[name])
        found |= gathered(records, len(sequence), what)
    return found
