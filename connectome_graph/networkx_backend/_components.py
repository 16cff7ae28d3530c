"""Numbers of components, under the names of networkx."""

from __future__ import annotations

from connectome_graph.networkx_backend._conversion import Graph, parts

__all__ = [
    "is_strongly_connected",
    "is_weakly_connected",
    "number_strongly_connected_components",
    "number_weakly_connected_components",
]


def number_weakly_connected_components(G: Graph) -> int:
    """Return ``n_weak`` of :func:`connectome_graph.stats.components`.

    Parameters
    ----------
    G
        The graph.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.number_weakly_connected_components(cg.from_adjacency([[0, 1], [0, 0]]))
    1
    """
    return _components(G, "n_weak")


def number_strongly_connected_components(G: Graph) -> int:
    """Return ``n_strong`` of :func:`connectome_graph.stats.components`.

    Parameters
    ----------
    G
        The graph.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.number_strongly_connected_components(cg.from_adjacency([[0, 1], [0, 0]]))
    2
    """
    return _components(G, "n_strong")


def is_weakly_connected(G: Graph) -> bool:
    """Return whether there is one weakly connected component.

    Parameters
    ----------
    G
        The graph.

    Raises
    ------
    networkx.NetworkXPointlessConcept
        For a graph without neurons.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.is_weakly_connected(cg.from_adjacency([[0, 1], [0, 0]]))
    True
    """
    return _connected(G, "n_weak")


def is_strongly_connected(G: Graph) -> bool:
    """Return whether there is one strongly connected component.

    Parameters
    ----------
    G
        The graph.

    Raises
    ------
    networkx.NetworkXPointlessConcept
        For a graph without neurons.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.is_strongly_connected(cg.from_adjacency([[0, 1], [0, 0]]))
    False
    """
    return _connected(G, "n_strong")


def _components(G: Graph, kind: str) -> int:
    from connectome_graph.stats import components

    g = parts(G)[0]
    return int(components(g)[kind]) if g.n_neurons else 0


def _connected(G: Graph, kind: str) -> bool:
    import networkx as nx

    if not parts(G)[0].n_neurons:
        raise nx.NetworkXPointlessConcept("Connectivity is undefined for the null graph.")
    return _components(G, kind) == 1
