"""Degree centralities, loops and neurons without edges, under the names of networkx."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from connectome_graph.networkx_backend._conversion import Graph, parts

__all__ = [
    "degree_centrality",
    "in_degree_centrality",
    "is_empty",
    "isolates",
    "number_of_isolates",
    "number_of_selfloops",
    "out_degree_centrality",
]


def in_degree_centrality(G: Graph) -> dict[Any, float]:
    """Return in-degree over the sources that could have been seen to contact the neuron.

    Parameters
    ----------
    G
        The graph.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.in_degree_centrality(cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]]))
    {1: 0.5, 2: 0.5, 3: 0.5}
    """
    return _centrality(G, ["in"])


def out_degree_centrality(G: Graph) -> dict[Any, float]:
    """Return out-degree over the targets that the neuron could have been seen to contact.

    Parameters
    ----------
    G
        The graph.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.out_degree_centrality(cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]]))
    {1: 1.0, 2: 0.5, 3: 0.0}
    """
    return _centrality(G, ["out"])


def degree_centrality(G: Graph) -> dict[Any, float]:
    """Return the sum of in- and out-degree centrality.

    Parameters
    ----------
    G
        The graph.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.degree_centrality(cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]]))
    {1: 1.5, 2: 1.0, 3: 0.5}
    """
    return _centrality(G, ["in", "out"])


def _centrality(G: Graph, ends: list[str]) -> dict[Any, float]:
    from connectome_graph.stats import degrees

    g, names = parts(G)
    if g.n_neurons <= 1:
        return dict.fromkeys(names, 1)
    table = degrees(g)
    rates = np.sum([table[f"{end}_rate"].to_numpy() for end in ends], axis=0)
    return dict(zip(names, rates.tolist(), strict=True))


def number_of_selfloops(G: Graph) -> int:
    """Return ``n_autapses``; autapses are not edges, and are counted apart.

    Parameters
    ----------
    G
        The graph.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.number_of_selfloops(cg.from_adjacency([[1, 1], [0, 0]]))
    1
    """
    return parts(G)[0].n_autapses


def is_empty(G: Graph) -> bool:
    """Return whether no pair of the domain is connected.

    Parameters
    ----------
    G
        The graph.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.is_empty(cg.from_adjacency([[0, 1], [0, 0]]))
    False
    """
    return parts(G)[0].n_edges == 0


def isolates(G: Graph) -> Iterator[Any]:
    """Return the neurons without an edge, in table order.

    Parameters
    ----------
    G
        The graph.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> list(nx.isolates(cg.from_adjacency([[0, 1, 0], [0, 0, 0], [0, 0, 0]])))
    [3]
    """
    g, names = parts(G)
    alone = np.ones(g.n_neurons, bool)
    for end in g.edge_codes:
        alone[end] = False
    return (names[position] for position in np.flatnonzero(alone).tolist())


def number_of_isolates(G: Graph) -> int:
    """Return how many neurons have no edge.

    Parameters
    ----------
    G
        The graph.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.number_of_isolates(cg.from_adjacency([[0, 1, 0], [0, 0, 0], [0, 0, 0]]))
    1
    """
    return sum(1 for _ in isolates(G))
