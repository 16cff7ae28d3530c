"""Variance of clustering coefficients: means over wedges, which share neurons and pairs.

A coefficient deviates by the sum over wedges of ``weight (closed - coefficient)``. Triads may
share a neuron, a pair, or all three. As in :mod:`connectome_graph.stats._two_way`, what the
neurons' sums hold of the noise of pairs and of triads is taken out (Hoeffding's decomposition of
a sum over triples; Lin, Lunde & Sarkar 2020, NeurIPS 33, for networks), and comes in once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from connectome_graph.stats._spread import Ends, Spread, combined

if TYPE_CHECKING:
    from connectome_graph.motifs._oriented import Met

__all__ = ["MetWedges", "Wedges"]

Floats = npt.NDArray[np.float64]


class Wedges:
    """The connected pairs of a graph, seen from both members.

    Parameters
    ----------
    pre, post
        The edges among `n` neurons, sorted by pre and then post.
    n
        Number of neurons.
    """

    def __init__(self, pre: npt.NDArray[Any], post: npt.NDArray[Any], n: int) -> None:
        import scipy.sparse

        directed = scipy.sparse.csr_array((np.ones(len(pre)), (pre, post)), shape=(n, n))
        both = (directed + directed.T).tocsr()
        both.sort_indices()
        self.n = n
        self._begin = both.indptr.astype(np.int64)
        self._partner = both.indices.astype(np.int32)
        #: 1 for a one-way pair, 2 for a mutual one.
        self._strength = both.data

    @property
    def n_members(self) -> int:
        """Number of neurons that the variance is over."""
        return self.n

    def spread(self, share: float, worth: Floats, *, directed: bool) -> Spread:
        """Return the variance of a mean over wedges.

        Parameters
        ----------
        share
            The mean.
        worth
            Weight of the wedges centred on each neuron, such that all weights add up to 1.
        directed
            Whether mutual pairs count twice, as in Fagiolo's coefficient.
        """
        from connectome_graph._kernels import threads
        from connectome_graph._kernels.wedge_noise import deviations

        strength = self._strength if directed else np.ones(len(self._strength))
        size = np.diff(self._begin).astype(float)
        workers = threads.n_threads() if (size**2).sum() > threads.SMALL else 1

        def part(worker: int) -> Any:
            return deviations(
                self._begin, self._partner, strength, worth, share, 2.0 if directed else 1.0,
                worker, workers,
            )  # fmt: skip

        parts: list[Any] = threads.each(part, workers)
        of_neuron = np.sum([neurons for neurons, _ in parts], axis=0)
        pairs, triads = np.sum([squares for _, squares in parts], axis=0)
        return _spread(of_neuron, self.n, float(pairs), float(triads))


class MetWedges:
    """The same where only some pairs could have met: two partners that could not are no wedge.

    Parameters
    ----------
    met
        The pairs that could have met, in both directions.
    n
        Number of neurons.
    """

    def __init__(self, met: Met, n: int) -> None:
        self.n = n
        self._begin = np.concatenate([[0], np.cumsum(np.bincount(met.pre, minlength=n))])
        self._partner = np.ascontiguousarray(met.post, np.int32)
        # Sorted by post, then pre, the pairs stand as their opposites do.
        self._strength = met.linked + met.linked[np.lexsort((met.pre, met.post))].astype(float)

    @property
    def n_members(self) -> int:
        """Number of neurons that could have met two others."""
        return int((np.diff(self._begin) > 1).sum())

    def spread(self, share: float, worth: Floats, *, directed: bool) -> Spread:
        """Return the variance of a mean over wedges, as :meth:`Wedges.spread`."""
        from connectome_graph._kernels import threads
        from connectome_graph._kernels.wedge_noise import met_deviations

        strength = self._strength if directed else (self._strength > 0).astype(float)
        size = np.diff(self._begin).astype(float)
        workers = threads.n_threads() if (size**2).sum() > threads.SMALL else 1

        def part(worker: int) -> Any:
            return met_deviations(
                self._begin, self._partner, strength, worth, share, 2.0 if directed else 1.0,
                worker, workers,
            )  # fmt: skip

        parts: list[Any] = threads.each(part, workers)
        of_neuron, of_pair, triads = (sum(some) for some in zip(*parts, strict=True))
        members = of_neuron[size > 1]
        return _spread(members, len(members), float((of_pair**2).sum()), float(triads))


def _spread(of_neuron: Floats, n: int, pairs: float, triads: float) -> Spread:
    """Return the variance from the sums of neurons and the squares of those of pairs and triads."""
    alone = max(pairs - 3 * triads, 0.0)
    # The mean over all neurons takes part of what a neuron is like with it.
    less = (n - 1) / (n - 3)
    off = less * (of_neuron - of_neuron.mean())
    noise = less * max(2 * pairs - 3 * triads, 0.0)
    ends = Ends.of(n, (off**2).sum(), (off**4).sum(), noise)
    return combined([ends], np.asarray(alone + triads))
