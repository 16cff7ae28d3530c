"""The two-way bootstrap: neurons are drawn again, and with them every pair they are part of.

Two pairs that share a neuron are not independent: a hub makes all of its pairs likelier. Drawing
pairs again would ignore that and give intervals that are too short. Here neurons are drawn with
replacement, within their group (type and role), and a pair counts as often as its two neurons
were drawn: ``w[pre] * w[post]``. A neuron that is source and target is drawn once for both, so
the correlation of its in- and out-degree is kept. The interval errs on the wide side where
neurons do not differ at all.

References
----------
Owen 2007, Ann Appl Stat 1:386 (pigeonhole bootstrap); Davezies, D'Haultfoeuille & Guyonvarch
2021, Ann Stat 49:845 (jointly exchangeable arrays); Snijders & Borgatti 1999, Connections 22:161.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from connectome_graph.model.domain import Domain
    from connectome_graph.model.pairs import PairSet

__all__ = ["Blocks", "Draws"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[Any]

# Weights of so many (draw, neuron) pairs are held at once: 32 MB.
_CHUNK = 8_000_000


@dataclass(frozen=True)
class Draws:
    """Sums over blocks in every bootstrap sample.

    Attributes
    ----------
    sums
        float64, shape ``(n_draws, n_types, n_types, n_values + 1)``: edges, then the values.
    pairs
        float64, shape ``(n_draws, n_types, n_types)``: the pairs of the block in that sample.
    """

    sums: Floats
    pairs: Floats


@dataclass(frozen=True)
class Blocks:
    """Edges between types of neurons, and the pairs they could have been on.

    Attributes
    ----------
    domain
        The observable pairs.
    kind
        Type of every neuron, 0 up to ``n_types``; -1 leaves a neuron out.
    n_types
        Number of types.
    pre, post
        int32: the edges, on the domain.
    values
        float64, shape ``(n_values, n_edges)``: what is summed over the edges of a block,
        beside the edges themselves.
    weight
        Weight of every neuron as a source, or ``None``.
    """

    domain: Domain
    kind: Ints
    n_types: int
    pre: Ints
    post: Ints
    values: Floats
    weight: Floats | None = None

    @property
    def sums(self) -> Floats:
        """Edges and sums of the values in each block: ``(n_types, n_types, n_values + 1)``."""
        from connectome_graph._kernels.blocks import sum_blocks

        out = np.zeros((self.n_types, self.n_types, len(self.values) + 1))
        pre, post, kind, weight, values = self._arrays()
        sum_blocks(pre, post, kind, weight, values, out)
        return out

    @property
    def pairs(self) -> Floats:
        """Number (or weight) of the pairs of each block: shape ``(n_types, n_types)``."""
        met = self.domain.pairs
        if met is not None:
            return replace(
                self, pre=met.pre, post=met.post, values=np.empty((0, len(met.pre)))
            ).sums[..., 0]
        pairs: Floats = self._pairs_of(np.ones((1, len(self.kind)), np.float32))[0]
        return pairs

    def draw(self, n_draws: int, rng: np.random.Generator) -> Draws:
        """Return the sums and pairs of every block in `n_draws` bootstrap samples."""
        step = max(1, _CHUNK // max(1, len(self.kind)))
        shape = (n_draws, self.n_types, self.n_types)
        sums, pairs = np.zeros((*shape, len(self.values) + 1)), np.empty(shape)
        resample = _resampler(self._groups(), rng)
        for first in range(0, n_draws, step):
            last = min(n_draws, first + step)
            draws = resample(last - first)
            pairs[first:last] = self._pairs_of(draws)
            self._accumulate(draws, sums[first:last])
        return Draws(sums, pairs)

    def members(self, end: npt.NDArray[np.bool_]) -> Ints:
        """Return how many neurons of each type are in the mask `end`."""
        return np.bincount(self.kind[end & (self.kind >= 0)], minlength=self.n_types)

    def can_resample(self) -> npt.NDArray[np.bool_]:
        """Return which blocks have at least two neurons at either end."""
        sources, targets = self.members(self.domain.sources), self.members(self.domain.targets)
        several: npt.NDArray[np.bool_] = (sources > 1)[:, None] & (targets > 1)[None, :]
        return several

    def _arrays(self) -> tuple[Any, ...]:
        """Return the edges, kinds, weights and values as the kernels take them."""
        weight = np.ones(len(self.kind)) if self.weight is None else self.weight
        return self.pre, self.post, self.kind.astype(np.int32), weight, self.values

    def _accumulate(self, draws: npt.NDArray[np.float32], out: Floats) -> None:
        from connectome_graph._kernels import threads
        from connectome_graph._kernels.blocks import WIDTH, resampled_blocks

        pre, post, kind, weight, values = self._arrays()

        def add(part: int) -> None:
            rows = slice(part * WIDTH, (part + 1) * WIDTH)
            side_by_side = np.zeros((len(kind), WIDTH), np.float32)
            side_by_side[:, : len(draws[rows])] = draws[rows].T
            totals = np.zeros((*out.shape[1:], WIDTH))
            resampled_blocks(pre, post, kind, weight, values, side_by_side, totals)
            out[rows] = np.moveaxis(totals, -1, 0)[: len(draws[rows])]

        parts = range(-(-len(draws) // WIDTH))
        if len(pre) * len(draws) < threads.SMALL:
            for part in parts:
                add(part)
            return
        with ThreadPoolExecutor(threads.n_threads()) as pool:
            list(pool.map(add, parts))

    def _groups(self) -> Ints:
        """Type and role of every neuron; -1 for those in no role or without a type."""
        role = self.domain.sources.astype(np.int64) + 2 * self.domain.targets
        return np.where((self.kind < 0) | (role == 0), -1, self.kind.astype(np.int64) * 4 + role)

    def _pairs_of(self, weights: npt.NDArray[np.float32]) -> Floats:
        if self.domain.pairs is not None:
            return self._pairs_of_set(self.domain.pairs, weights)
        typed = self.kind >= 0
        source = typed & self.domain.sources
        target = typed & self.domain.targets
        as_source = weights if self.weight is None else weights * self.weight
        out = self._by_type(as_source, source)
        into = self._by_type(weights, target)
        pairs: Floats = out[:, :, None] * into[:, None, :]
        if not self.domain.diagonal:
            same = np.arange(self.n_types)
            pairs[:, same, same] -= self._by_type(as_source * weights, source & target)
        return pairs

    def _pairs_of_set(self, met: PairSet, weights: npt.NDArray[np.float32]) -> Floats:
        """Return the same where only some pairs could have met, by a sum over them."""
        from connectome_graph._kernels import threads
        from connectome_graph._kernels.blocks import WIDTH
        from connectome_graph._kernels.pair_sets import weighted_by_kind

        kind = self.kind.astype(np.int32)
        weight = np.ones(len(kind)) if self.weight is None else self.weight
        pairs = np.empty((len(weights), self.n_types, self.n_types))
        spans = threads.balanced_spans(
            met.ptr, 1 if len(met) < threads.SMALL else threads.n_threads()
        )
        for first in range(0, len(weights), WIDTH):
            right = np.ascontiguousarray(weights[first : first + WIDTH].T, np.float64)
            left = right * weight[:, None]
            sums = np.zeros((len(spans), self.n_types, self.n_types, right.shape[1]))

            def add(
                part: int, left: Floats = left, right: Floats = right, sums: Floats = sums
            ) -> None:
                weighted_by_kind(met.ptr, met.post, kind, left, right, *spans[part], sums[part])

            threads.each(add, len(spans))
            pairs[first : first + WIDTH] = np.moveaxis(sums.sum(axis=0), -1, 0)
        return pairs

    def _by_type(self, weights: npt.NDArray[Any], mask: npt.NDArray[np.bool_]) -> Floats:
        import scipy.sparse

        at = np.flatnonzero(mask)
        member = scipy.sparse.csr_array(
            (np.ones(len(at)), (self.kind[at], at)), shape=(self.n_types, len(self.kind))
        )
        return np.asarray((member @ weights.T.astype(float)).T)


def _resampler(groups: Ints, rng: np.random.Generator) -> Callable[[int], npt.NDArray[np.float32]]:
    """Return a function that draws neurons within their groups and counts how often each came."""
    order = np.argsort(groups, kind="stable")
    order = order[groups[order] >= 0]
    sorted_groups = groups[order]
    start = np.searchsorted(sorted_groups, sorted_groups, side="left")
    stop = np.searchsorted(sorted_groups, sorted_groups, side="right")

    def resample(n_draws: int) -> npt.NDArray[np.float32]:
        weights = np.zeros((n_draws, len(groups)), np.float32)
        for row in weights:
            drawn = rng.integers(start, stop)
            row[order] = np.bincount(drawn, minlength=len(order))
        return weights

    return resample
