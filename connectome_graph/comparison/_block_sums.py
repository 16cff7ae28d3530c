"""Means over blocks of types, and their variance when pairs that share a neuron depend.

A mean here is a sum of values over a sum of units: edges over pairs (a density), or synapses
over edges (synapses per connection). Its residuals e_ij = value_ij - mean * unit_ij are summed
over everything that shares a neuron: rows and columns of a block between two types (two-way
clustering), and whole neurons inside one type, where a neuron is source and target.

References
----------
Cameron, Gelbach & Miller 2011, J Bus Econ Stat 29:238 (two-way clustering).
Aronow, Samii & Assenova 2015, Political Analysis 23:564 (dyads that share a member).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["BlockMeans", "block_means", "relative_to_density"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class BlockMeans:
    """One mean for each ordered pair of types, all arrays of shape ``(n_types, n_types)``.

    Attributes
    ----------
    total, units
        What is divided: edges over pairs, or synapses over edges.
    spread
        Sum of the squared residuals.
    clustered
        Sum of the products of the residuals of all pairs that share a neuron.
    clusters
        How many neurons are behind the units, at the end with fewer: the number of neurons of
        equal shares that would spread the units as evenly.
    shared
        Sum over neurons of their residual here times that in the whole graph (densities only).
    """

    total: Floats
    units: Floats
    spread: Floats
    clustered: Floats
    clusters: Floats
    shared: Floats

    @property
    def mean(self) -> Floats:
        """Total over units; missing where there are none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.total / self.units)

    @property
    def variance(self) -> Floats:
        """Variance of the mean, neurons as clusters; at least that of independent units."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found = self.clustered * _correction(self.clusters) / self.units**2
            least = self.spread / self.units**2
        return np.where(self.clusters > 1, np.maximum(found, least), np.nan)


def _correction(clusters: Floats) -> Floats:
    return np.asarray(clusters / (clusters - 1))


def relative_to_density(found: BlockMeans, whole: BlockMeans) -> tuple[Floats, Floats]:
    """Return the densities of blocks over that of the graph, and their variance.

    A block is part of the graph: what it shares with the density is taken off.
    """
    density, edges = whole.mean, whole.total
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = found.mean / density
        of_log = (
            found.clustered / found.total**2
            - 2 * found.shared / (found.total * edges)
            + whole.clustered / edges**2
        ) * _correction(found.clusters)
        least = found.spread / found.total**2 * (1 - found.total / edges)
        variance = ratio**2 * np.maximum(of_log, least)
    variance = np.where(found.total > 0, variance, 0.0)
    return ratio, np.where(found.clusters > 1, variance, np.nan)


def block_means(g: ConnectomeGraph, codes: Ints, n_types: int, *, of: str) -> BlockMeans:
    """Return the means of the blocks of a graph.

    Parameters
    ----------
    g
        The graph.
    codes
        Type of every neuron, -1 to leave it out.
    n_types
        Number of types.
    of
        ``"pairs"`` for edges over observable pairs, ``"edges"`` for synapses over edges.

    Examples
    --------
    >>> import numpy as np, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 4, 0], [1, 0, 0], [0, 0, 0]])
    >>> found = block_means(g, np.zeros(3, np.int64), 1, of="pairs")
    >>> found.total.item(), found.units.item()
    (2.0, 6.0)
    """
    blocks = _Blocks.of(g, codes, n_types, of)
    total, units = blocks.by_block(blocks.value), blocks.units
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(units > 0, total / units, 0.0)
    spread = blocks.by_block(blocks.value**2) - 2 * mean * total + mean**2 * units
    clustered, shared = -spread, -total * (1 - mean)
    within = np.zeros((n_types, g.n_neurons))
    behind = []
    whole = blocks.whole_residuals() if of == "pairs" else np.zeros(g.n_neurons)
    for side in (0, 1):
        even = np.zeros((n_types, n_types))
        for kind in range(n_types):
            own, weight, left = blocks.residuals(side, kind, mean)
            if not blocks.pairs:
                # A neuron with much of the units pulls the mean towards itself, which makes its
                # residual too small; pairs are spread evenly by themselves.
                size = units[kind] if side == 0 else units[:, kind]
                left = left / np.sqrt(np.maximum(1 - weight / np.maximum(size, 1), 0.25))
            at = (kind, slice(None)) if side == 0 else (slice(None), kind)
            clustered[at] += (left**2).sum(axis=0)
            shared[at] += whole[own] @ left
            with np.errstate(invalid="ignore", divide="ignore"):
                even[at] = weight.sum(axis=0) ** 2 / (weight**2).sum(axis=0)
            within[kind, own] += left[:, kind]
        behind.append(even)
    same = np.arange(n_types)
    # Opposite directions of a pair share both neurons: counted twice inside a type.
    answered = blocks.answered(mean[same, same])
    clustered[same, same] = (within**2).sum(axis=1) - spread[same, same] - 2 * answered
    clusters = np.nan_to_num(np.minimum(*behind))
    return BlockMeans(total, units, spread, clustered, clusters, shared)


@dataclass(frozen=True)
class _Blocks:
    """The edges between typed neurons, and what is a unit."""

    g: ConnectomeGraph
    codes: Ints
    n_types: int
    pairs: bool
    pre: Ints
    post: Ints
    value: Floats
    #: For each end: sums of values and numbers of edges, neurons by types at the other end.
    sums: tuple[Any, Any]
    edges: tuple[Any, Any]

    @classmethod
    def of(cls, g: ConnectomeGraph, codes: Ints, n_types: int, of: str) -> _Blocks:
        import scipy.sparse as sp

        pre, post = (end.astype(np.int64) for end in g.edge_codes)
        kept = (codes[pre] >= 0) & (codes[post] >= 0)
        pre, post = pre[kept], post[kept]
        value = g.edge_counts[kept].astype(float) if of == "edges" else np.ones(len(pre))
        shape = (g.n_neurons, n_types)
        sums, edges = [], []
        for own, other in ((pre, post), (post, pre)):
            at = own, codes[other]
            sums.append(sp.csr_array((value, at), shape=shape))
            edges.append(sp.csr_array((np.ones(len(own)), at), shape=shape))
        return cls(
            g, codes, n_types, of == "pairs", pre, post, value, (sums[0], sums[1]),
            (edges[0], edges[1]),
        )  # fmt: skip

    def by_block(self, numbers: Floats) -> Floats:
        """Return the sum of numbers, one an edge, over each block."""
        n = self.n_types
        cell = self.codes[self.pre] * n + self.codes[self.post]
        return np.bincount(cell, weights=numbers, minlength=n * n).reshape(n, n).astype(float)

    @property
    def ends(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        typed = self.codes >= 0
        return self.g.domain.sources & typed, self.g.domain.targets & typed

    def sizes(self, end: npt.NDArray[np.bool_]) -> Floats:
        return np.bincount(self.codes[end], minlength=self.n_types).astype(float)

    @property
    def units(self) -> Floats:
        """Pairs, or edges, of each block."""
        if not self.pairs:
            return self.by_block(np.ones(len(self.pre)))
        return self.g.domain.pairs_between(self.codes, self.n_types).astype(float)

    def weights(self, side: int, own: Ints) -> Floats:
        """Return the units of some neurons with each type at the other end."""
        if not self.pairs:
            return np.asarray(self.edges[side][own].toarray())
        met = self.g.domain.pairs
        if met is not None:
            ends = (met.pre, met.post)
            kind = self.codes[ends[1 - side]]
            key = ends[side][kind >= 0] * np.int64(self.n_types) + kind[kind >= 0]
            every = np.bincount(key, minlength=self.g.n_neurons * self.n_types)
            return every.reshape(-1, self.n_types)[own].astype(float)
        other = self.ends[1 - side]
        weight = np.tile(self.sizes(other), (len(own), 1))
        weight[np.arange(len(own)), self.codes[own]] -= other[own]
        return weight

    def residuals(self, side: int, kind: int, mean: Floats) -> tuple[Ints, Floats, Floats]:
        """Return the neurons of a type at one end, their units, and their summed residuals."""
        own = np.flatnonzero(self.ends[side] & (self.codes == kind))
        weight = self.weights(side, own)
        expected = mean[kind] if side == 0 else mean[:, kind]
        return own, weight, self.sums[side][own].toarray() - expected * weight

    def whole_residuals(self) -> Floats:
        """Return the residual of every neuron from the density of the whole, outputs and inputs."""
        domain, found = self.g.domain, np.zeros(self.g.n_neurons)
        density = self.g.n_edges / domain.n_pairs if domain.n_pairs else 0.0
        ends = domain.sources, domain.targets
        for side, codes in enumerate(self.g.edge_codes):
            degree = np.bincount(codes, minlength=self.g.n_neurons)
            seen = domain.pair_counts("pre" if side == 0 else "post")
            found += np.where(ends[side], degree - density * seen, 0.0)
        return found

    def answered(self, mean: Floats) -> Floats:
        """Return the summed products of the residuals of opposite directions, in each type."""
        inside = self.codes[self.pre] == self.codes[self.post]
        pre, post, value = self.pre[inside], self.post[inside], self.value[inside]
        n = self.g.n_neurons
        key, turned = pre * n + post, post * n + pre
        place = np.searchsorted(key, turned)
        place[place == len(key)] = 0
        back = key[place] == turned if len(key) else np.zeros(0, bool)
        kind = self.codes[pre]
        if not self.pairs:
            product = (value - mean[kind]) * (value[place] - mean[kind])
            return np.bincount(kind[back], product[back], self.n_types) / 2
        seen = self.g.domain.contains(post, pre)
        # Over dyads, (x - q)(y - q) adds up to mutual - q * edges + q^2 * dyads.
        mutual = np.bincount(kind[back & seen], minlength=self.n_types) / 2
        edges = np.bincount(kind[seen], minlength=self.n_types)
        dyads = np.diag(self.g.domain.both_ways.pairs_between(self.codes, self.n_types)) / 2
        return np.asarray(mutual - mean * edges + mean**2 * dyads, float)
