"""Random graphs with a known truth."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import connectome_graph as cg

__all__ = ["block", "connected", "graph", "heterogeneity", "mean_probability", "thinned"]


def graph(matrix: np.ndarray, **columns: Any) -> cg.ConnectomeGraph:
    """Return the graph of a square matrix, with columns of the neurons."""
    cells = pd.DataFrame({"root_id": np.arange(1, len(matrix) + 1), **columns})
    return cg.from_adjacency(np.asarray(matrix, np.int64), cells)


def heterogeneity(rng: np.random.Generator, shape: float | None, n: int) -> np.ndarray:
    """Return a factor per neuron of mean 1: gamma of that shape, or 1 throughout."""
    return np.ones(n) if shape is None else rng.gamma(shape, 1 / shape, n)


@cache
def mean_probability(p: float, shape: float | None) -> float:
    """Return the mean of ``min(1, p u v)`` over independent factors of both ends."""
    if shape is None:
        return p
    rng = np.random.default_rng(0)
    u, v = (heterogeneity(rng, shape, 2_000_000) for _ in range(2))
    return float(np.minimum(1, p * u * v).mean())


def block(
    rng: np.random.Generator, n_sources: int, n_targets: int, p: float, shape: float | None
) -> cg.ConnectomeGraph:
    """Return sources and targets, other neurons each, whose pairs connect with ``p u v``."""
    rates = np.outer(heterogeneity(rng, shape, n_sources), heterogeneity(rng, shape, n_targets))
    n = n_sources + n_targets
    matrix = np.zeros((n, n), np.int64)
    matrix[:n_sources, n_sources:] = rng.random(rates.shape) < np.minimum(1, p * rates)
    g = graph(matrix, kind=np.repeat(["S", "T"], [n_sources, n_targets]))
    return g.between(pre=g.ids[:n_sources], post=g.ids[n_sources:])


def connected(
    rng: np.random.Generator,
    n: int,
    p: float,
    *,
    shape: float | None = None,
    answered: float = 0.0,
) -> np.ndarray:
    """Return a boolean matrix; `answered` of the pairs have both directions drawn as one.

    Neurons that connect much in one direction do so in the other.
    """
    u = heterogeneity(rng, shape, n)
    matrix = rng.random((n, n)) < np.minimum(1, p * np.outer(u, u))
    together = np.triu(rng.random((n, n)) < answered, 1)
    matrix = np.where(together.T, matrix.T, matrix)
    return matrix & ~np.eye(n, dtype=bool)


def thinned(
    g: cg.ConnectomeGraph,
    rng: np.random.Generator,
    *,
    low: float,
    by_degree: bool,
) -> cg.ConnectomeGraph:
    """Return what is seen of a graph at recalls between `low` and 1, which it is told.

    With `by_degree` neurons of more connections have the higher recalls.
    """
    pre, post = g.edge_codes
    recalls = rng.uniform(low, 1, (2, g.n_neurons))
    if by_degree:
        degree = np.bincount(pre, minlength=g.n_neurons) + np.bincount(post, minlength=g.n_neurons)
        recalls[:, np.argsort(degree)] = np.sort(recalls, axis=1)
    seen = rng.binomial(g.edge_counts, recalls[0][pre] * recalls[1][post])
    kept = seen > 0
    edges = pd.DataFrame({"pre": g.ids[pre[kept]], "post": g.ids[post[kept]], "count": seen[kept]})
    told = {"axon_recall": recalls[0], "dendrite_recall": recalls[1]}
    return cg.from_edges(edges, g.neurons[[]].assign(**told))
