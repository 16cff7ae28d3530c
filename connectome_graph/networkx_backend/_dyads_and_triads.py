"""Reciprocity, clustering and the triad census, under the names of networkx."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.networkx_backend._conversion import Graph, listed, parts, refuse

__all__ = [
    "average_clustering",
    "clustering",
    "overall_reciprocity",
    "reciprocity",
    "triadic_census",
]


def triadic_census(G: Graph, nodelist: None = None) -> dict[str, int]:
    """Return :func:`connectome_graph.motifs.triad_census` as a dictionary.

    Parameters
    ----------
    G
        The graph.
    nodelist
        Not ours: take ``g.subgraph(ids)``.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.triadic_census(cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]]))["030T"]
    1
    """
    del nodelist
    from connectome_graph.motifs import triad_census

    return {str(name): int(count) for name, count in triad_census(parts(G)[0]).items()}


def overall_reciprocity(G: Graph) -> float:
    """Return ``reciprocity`` of :func:`connectome_graph.stats.dyads`.

    Parameters
    ----------
    G
        The graph.

    Raises
    ------
    networkx.NetworkXError
        When there are no edges between neurons that are source and target.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.overall_reciprocity(cg.from_adjacency([[0, 1], [1, 0]]))
    1.0
    """
    from connectome_graph.stats import dyads

    found = dyads(parts(G)[0])
    if not found["n_edges"]:
        refuse("Not defined for empty graphs")
    return float(found["reciprocity"])


def reciprocity(G: Graph, nodes: Any = None) -> Any:
    """Return the reciprocity of the graph, of one neuron, or of several.

    That of a neuron is twice its mutual partners over its in- and out-degree, among the neurons
    that are source and target.

    Parameters
    ----------
    G
        The graph.
    nodes
        ``None`` for the whole graph, a root id for a number, several for a dictionary.

    Raises
    ------
    networkx.NetworkXError
        For one neuron without edges, or a graph without.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.reciprocity(cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]]), [1, 3])
    {1: 0.6666666666666666, 3: 0.0}
    """
    if nodes is None:
        return overall_reciprocity(G)
    g, names = parts(G)
    from connectome_graph.stats import reciprocated

    pre, post = g.edge_codes
    inside = g.domain.core[pre] & g.domain.core[post]
    total = np.bincount(pre[inside], minlength=g.n_neurons)
    total += np.bincount(post[inside], minlength=g.n_neurons)
    mutual = np.bincount(pre[inside & reciprocated(g)], minlength=g.n_neurons)
    known = {
        node: 2 * both / every if every else None
        for node, both, every in zip(names, mutual.tolist(), total.tolist(), strict=True)
    }
    if isinstance(nodes, Hashable) and nodes in known:
        if known[nodes] is None:
            refuse("Not defined for isolated nodes.")
        return known[nodes]
    return {node: known[node] for node in listed(nodes) if node in known}


def clustering(G: Graph, nodes: Any = None, weight: None = None) -> Any:
    """Return the directed clustering coefficient of Fagiolo 2007, 0 below two partners.

    Parameters
    ----------
    G
        The graph.
    nodes
        ``None`` for all neurons, a root id for a number, several for a dictionary.
    weight
        Not ours; networkx is not asked for it here.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.clustering(cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]]), 1)
    0.5
    """
    del weight
    from connectome_graph.stats import neuron_clustering

    g, names = parts(G)
    values = neuron_clustering(g)["directed_clustering"].fillna(0)
    every = pd.Series(np.nan, index=g.ids)
    every.loc[values.index] = values.to_numpy()
    known = dict(zip(names, every.tolist(), strict=True))
    if nodes is None:
        return known
    if isinstance(nodes, Hashable) and nodes in known:
        return known[nodes]
    return {node: known[node] for node in listed(nodes) if node in known}


def average_clustering(
    G: Graph,
    nodes: Any = None,
    weight: None = None,
    count_zeros: bool = True,
) -> float:
    """Return the mean of :func:`clustering` over the neurons of which it is known.

    Parameters
    ----------
    G
        The graph.
    nodes
        Take only these.
    weight
        Not ours.
    count_zeros
        Whether neurons with a coefficient of 0 count.

    Raises
    ------
    ZeroDivisionError
        When nothing is left to average, as networkx does.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> nx.average_clustering(cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]]))
    0.5
    """
    del weight
    known = [value for value in clustering(G, nodes).values() if not math.isnan(value)]
    values: list[float] = [value for value in known if count_zeros or value]
    return sum(values) / len(values)
