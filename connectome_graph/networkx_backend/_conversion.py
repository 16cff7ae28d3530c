"""Graphs of networkx as connectomes, and connectomes as graphs of networkx."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import numpy as np
import pandas as pd

from connectome_graph.graph.graph import ConnectomeGraph

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "ConvertedGraph",
    "Graph",
    "convert_from_nx",
    "convert_to_nx",
    "listed",
    "parts",
    "refuse",
]


class ConvertedGraph:
    """A networkx graph as a connectome, its nodes numbered 1, 2, ... and remembered.

    Parameters
    ----------
    g
        The connectome.
    nodes
        What neuron ``i`` was called in networkx.
    """

    __networkx_backend__ = "connectome_graph"

    def __init__(self, g: ConnectomeGraph, nodes: list[Hashable]) -> None:
        self.g = g
        self.nodes = nodes

    def is_directed(self) -> bool:
        """Return True: undirected graphs are not converted."""
        return True

    def is_multigraph(self) -> bool:
        """Return False: multigraphs are not converted."""
        return False


Graph: TypeAlias = ConnectomeGraph | ConvertedGraph


def convert_from_nx(graph: nx.DiGraph, *args: Any, **options: Any) -> ConvertedGraph:
    """Return a networkx graph as ours; attributes play no part in the functions here.

    Parameters
    ----------
    graph
        A directed graph without parallel edges; its nodes may be anything.
    args, options
        What networkx says about attributes; not needed.

    Raises
    ------
    NotImplementedError
        For an undirected graph or a multigraph; networkx then runs its own function.

    Examples
    --------
    >>> import networkx as nx
    >>> convert_from_nx(nx.DiGraph([("a", "b")])).g.n_edges
    1
    """
    del args, options
    if not graph.is_directed() or graph.is_multigraph():
        raise NotImplementedError("a connectome is directed, with one edge per connected pair")
    from connectome_graph.build.tables import from_tables

    nodes = list(graph)
    code = {node: position + 1 for position, node in enumerate(nodes)}
    ends = np.array([(code[u], code[v]) for u, v in graph.edges()], np.int64).reshape(-1, 2)
    synapses = pd.DataFrame({"pre": ends[:, 0], "post": ends[:, 1]})
    neurons = pd.DataFrame({"root_id": np.arange(1, len(nodes) + 1)})
    return ConvertedGraph(from_tables(synapses, neurons), nodes)


def convert_to_nx(result: Any, **options: Any) -> Any:
    """Return a graph of ours as a networkx ``DiGraph``; anything else as it is.

    Parameters
    ----------
    result
        What a function here returned, or a graph that networkx is to work on.
    options
        What networkx says about the call; not needed.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> list(convert_to_nx(cg.from_adjacency([[0, 2], [0, 0]])).edges(data="weight"))
    [(1, 2, 2)]
    """
    del options
    if isinstance(result, ConnectomeGraph):
        from connectome_graph.export import to_networkx

        return to_networkx(result, weight="count")
    if isinstance(result, ConvertedGraph):
        import networkx as nx

        graph = nx.relabel_nodes(
            convert_to_nx(result.g), dict(zip(result.g.ids.tolist(), result.nodes, strict=True))
        )
        graph.graph.clear()
        return graph
    return result


def parts(graph: Graph) -> tuple[ConnectomeGraph, list[Any]]:
    """Return the connectome and what its neurons are called, in table order."""
    if isinstance(graph, ConvertedGraph):
        return graph.g, graph.nodes
    return graph, graph.ids.tolist()


def listed(nodes: Any) -> list[Any]:
    """Return an iterable of nodes as a list, or refuse as networkx does."""
    try:
        return list(nodes)
    except TypeError:
        refuse(f"Node {nodes} is not in the digraph.")


def refuse(message: str) -> NoReturn:
    """Raise networkx's own error."""
    import networkx as nx

    raise nx.NetworkXError(message)
