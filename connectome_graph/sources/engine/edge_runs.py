"""Aggregating a stream of synapses into edges, in memory that grows with the edges only.

Rows come in batches of codes. A full batch is sorted by our own bucket sort and reduced to one
entry a pair; the sorted results are merged pairwise, small into small, so that every edge is
moved about log(number of batches) times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.index import Codes, SynapseIndex

__all__ = ["EdgeRuns", "EdgeSink", "merged", "reduced"]

BATCH_ROWS = 4_000_000


@dataclass(frozen=True)
class EdgeRuns:
    """Pairs sorted by (pre, post), each once, with what is known of their synapses.

    Attributes
    ----------
    key
        uint64: ``pre << 32 | post``.
    count
        int64: number of synapses.
    size, size_max
        Total and largest size (int64, or float64 with NaN where one is missing), or ``None``.
    """

    key: npt.NDArray[np.uint64]
    count: npt.NDArray[np.int64]
    size: npt.NDArray[Any] | None = None
    size_max: npt.NDArray[Any] | None = None

    @property
    def pre(self) -> Codes:
        """int32 codes of the presynaptic neurons."""
        return (self.key >> np.uint64(32)).astype(np.int32)

    @property
    def post(self) -> Codes:
        """int32 codes of the postsynaptic neurons."""
        return (self.key & np.uint64(0xFFFFFFFF)).astype(np.int32)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the synapse columns of an aggregated table."""
        columns: dict[str, npt.NDArray[Any]] = {"count": self.count}
        if self.size is not None and self.size_max is not None:
            columns |= {"size": self.size, "size_max": self.size_max}
        return columns

    def part(self, start: int, stop: int) -> EdgeRuns:
        """Return the pairs whose presynaptic code is in ``start:stop``."""
        cut = np.searchsorted(self.key, np.array([start, stop], np.uint64) << np.uint64(32))
        span = slice(int(cut[0]), int(cut[1]))
        sizes = [None if each is None else each[span] for each in (self.size, self.size_max)]
        return EdgeRuns(self.key[span], self.count[span], *sizes)


def reduced(
    pre: Codes,
    post: Codes,
    n_neurons: int,
    *,
    size: npt.NDArray[Any] | None = None,
    count: npt.NDArray[np.int64] | None = None,
) -> EdgeRuns:
    """Return one entry a pair for rows in any order; rows with a negative code are left out."""
    from connectome_graph._kernels import merge

    columns = {name: each for name, each in (("size", size), ("count", count)) if each is not None}
    index = SynapseIndex.build([pre, post], n_neurons, columns)
    ptr = index.edge_ptr
    key = (index.edge_pre.astype(np.uint64) << np.uint64(32)) | index.edge_post.astype(np.uint64)
    if count is None:
        number = np.diff(ptr)
    else:
        number, _ = merge.reduce_runs(np.asarray(index.columns["count"], np.int64), ptr)
    if size is None:
        return EdgeRuns(key, number)
    total, largest = merge.reduce_runs(_wide(index.columns["size"]), ptr)
    return EdgeRuns(key, number, total, largest)


def _wide(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.astype(np.int64 if values.dtype.kind in "iub" else np.float64)


def merged(a: EdgeRuns, b: EdgeRuns) -> EdgeRuns:
    """Return the union of two sorted sets of pairs; counts and sizes of common pairs add up."""
    from connectome_graph._kernels import merge

    key, from_a, from_b = merge.merge_keys(a.key, b.key)
    count = merge.merge_sums(a.count, b.count, from_a, from_b)
    if a.size is None or b.size is None or a.size_max is None or b.size_max is None:
        return EdgeRuns(key, count)
    kind = np.result_type(a.size, b.size)
    size = merge.merge_sums(a.size.astype(kind), b.size.astype(kind), from_a, from_b)
    largest = merge.merge_maxima(a.size_max.astype(kind), b.size_max.astype(kind), from_a, from_b)
    return EdgeRuns(key, count, size, largest)


class EdgeSink:
    """Takes batches of coded rows, gives the edges at the end.

    Parameters
    ----------
    n_neurons
        Number of neurons that codes refer to.
    """

    def __init__(self, n_neurons: int) -> None:
        self._n = n_neurons
        self._waiting: list[tuple[Codes, Codes, Any, Any]] = []
        self._rows = 0
        self._runs: list[EdgeRuns] = []

    @property
    def n_edges(self) -> int:
        """Edges held so far; pairs in runs that are not merged yet count more than once."""
        return sum(len(run.key) for run in self._runs)

    def add(
        self,
        pre: Codes,
        post: Codes,
        *,
        size: npt.NDArray[Any] | None = None,
        count: npt.NDArray[np.int64] | None = None,
    ) -> None:
        """Take one batch."""
        self._waiting.append((pre, post, size, count))
        self._rows += len(pre)
        if self._rows >= BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            self._waiting.clear()
            return
        pre, post, size, count = (
            None if column[0] is None else np.concatenate(column)
            for column in zip(*self._waiting, strict=True)
        )
        self._waiting.clear()
        self._rows = 0
        assert pre is not None
        assert post is not None
        self._runs.append(reduced(pre, post, self._n, size=size, count=count))
        while len(self._runs) > 1 and len(self._runs[-2].key) <= 2 * len(self._runs[-1].key):
            self._merge_last()

    def _merge_last(self) -> None:
        b, a = self._runs.pop(), self._runs.pop()
        self._runs.append(merged(a, b))

    def edges(self, *, with_size: bool) -> EdgeRuns:
        """Return every edge seen, sorted; the sink is empty afterwards."""
        self._flush()
        while len(self._runs) > 1:
            self._merge_last()
        if self._runs:
            return self._runs.pop()
        nothing = np.empty(0, np.int64)
        sizes = (nothing, nothing) if with_size else ()
        return EdgeRuns(np.empty(0, np.uint64), nothing, *sizes)
