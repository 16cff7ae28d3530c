"""Variance of clustering coefficients: means over wedges, which share neurons and pairs.

A coefficient deviates by the sum over wedges of ``weight (closed - coefficient)``. Triads may
share a neuron, a pair, or all three. As in :mod:`connectome_graph.stats._two_way`, what the
neurons' sums hold of the noise of pairs and of triads is taken out (Hoeffding's decomposition of
a sum over triples; Lin, Lunde & Sarkar 2020, NeurIPS 33, for networks), and comes in once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.stats._spread import Ends, Spread, combined

__all__ = ["Wedges"]

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
    def n_partners(self) -> npt.NDArray[Any]:
        """Number of partners of every neuron, in either direction."""
        return np.diff(self._begin)

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
        alone = max(pairs - 3 * triads, 0.0)
        # The mean over all neurons takes part of what a neuron is like with it.
        less = (self.n - 1) / (self.n - 3)
        off = less * (of_neuron - of_neuron.mean())
        noise = less * max(2 * pairs - 3 * triads, 0.0)
        ends = Ends.of(self.n, (off**2).sum(), (off**4).sum(), noise)
        return combined([ends], np.asarray(alone + triads))
