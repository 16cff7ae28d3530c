"""The door for networkx graphs: nodes, edges and their dictionaries become a ConnectomeGraph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from connectome_graph.build.attributes import as_graph, parsed_metadata
from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.attributes import METADATA
from connectome_graph.model.names import ColumnMap

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["from_networkx", "gathered"]


def from_networkx(graph: nx.DiGraph, *, columns: ColumnMap | None = None) -> ConnectomeGraph:
    """Return the connectome in a directed networkx graph.

    A graph by :func:`connectome_graph.export.to_networkx` gives its connectome back: kinds of
    columns, domain and provenance too. In any other graph nodes are root ids (integers or text),
    every edge is a synapse row (or a connection, when edges have ``count``), and the domain is
    every pair.

    Parameters
    ----------
    graph
        ``DiGraph`` or ``MultiDiGraph``.
    columns
        Canonical name -> your name of an edge attribute, such as ``{"count": "weight"}``;
        ``{"count": None}`` when every edge is one synapse or connection.

    Raises
    ------
    InvalidTable
        When the graph is undirected, nodes are neither all integers nor all text, or an
        attribute such as ``weight`` only may be the number of synapses.

    Examples
    --------
    >>> import networkx as nx
    >>> from_networkx(nx.DiGraph([("AVAL", "VA1"), ("AVAL", "VA2")])).n_edges
    2
    """
    if not all(hasattr(graph, name) for name in ("is_directed", "nodes", "edges", "graph")):
        raise InvalidArgument(f"a networkx graph is needed; found {type(graph).__name__}")
    if not graph.is_directed():
        raise InvalidTable(
            "the networkx graph is undirected, so no neuron of a pair is presynaptic; build a "
            "DiGraph with edges from pre to post"
        )
    ids = list(graph.nodes)
    edges = [(pre, post, data) for pre, post, data in graph.edges(data=True)]
    return as_graph(
        ids=ids,
        nodes=gathered((data for _, data in graph.nodes(data=True)), len(ids), "node"),
        pre=[pre for pre, _, _ in edges],
        post=[post for _, post, _ in edges],
        edges=gathered((data for _, _, data in edges), len(edges), "edge"),
        metadata=parsed_metadata(graph.graph.get(METADATA), "the networkx graph"),
        verb="from_networkx",
        source="a networkx graph",
        columns=columns,
    )


def gathered(records: Iterable[Mapping[str, Any]], n_rows: int, what: str) -> dict[str, pa.Array]:
    """Return the attributes of dictionaries as Arrow arrays, null where absent.

    Raises
    ------
    InvalidTable
        When an attribute's name is not text or its values are of several kinds.

    Examples
    --------
    >>> gathered([{"x": 1}, {}], 2, "node")["x"].to_pylist()
    [1, None]
    """
    columns: dict[str, list[Any]] = {}
    for row, record in enumerate(records):
        for name, value in record.items():
            if name not in columns:
                columns[name] = [None] * n_rows
            columns[name][row] = value
    arrays = {}
    for name, values in columns.items():
        if not isinstance(name, str):
            raise InvalidTable(f"{what} attribute names need to be text; found {name!r}")
        try:
            arrays[name] = pa.array(values, from_pandas=True)
        except OverflowError:
            # Beyond int64: as text, digit for digit.
            arrays[name] = pa.array([None if value is None else str(value) for value in values])
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise InvalidTable(
                f"the {what} attribute {name!r} mixes kinds of values, or holds objects ({error}); "
                "make it one kind, or remove it"
            ) from error
    return arrays
