"""Aggregating a stream of synapses into edges, in memory that grows with the edges only.

Rows come in batches of codes. A full batch is sorted by our own bucket sort and reduced to one
entry per pair; the sorted results are merged pairwise, small into small, so that every edge is
moved about log(number of batches) times.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidTable
from connectome_graph.model.counts import check_totals
from connectome_graph.model.index import Codes, SynapseIndex, frozen

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
    size_low
        What rounding took from totals that are floats: added at the end, they do not depend on
        the order in which rows came.
    """

    key: npt.NDArray[np.uint64]
    count: npt.NDArray[np.int64]
    size: npt.NDArray[Any] | None = None
    size_max: npt.NDArray[Any] | None = None
    size_low: npt.NDArray[np.float64] | None = None

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
            total = self.size if self.size_low is None else _rounded(self.size, self.size_low)
            columns |= {"size": total, "size_max": self.size_max}
        return columns

    def part(self, start: int, stop: int) -> EdgeRuns:
        """Return the pairs whose presynaptic code is in ``start:stop``."""
        cut = np.searchsorted(self.key, np.array([start, stop], np.uint64) << np.uint64(32))
        return self.rows(int(cut[0]), int(cut[1]))

    def rows(self, start: int | None, stop: int | None) -> EdgeRuns:
        """Return the pairs ``start:stop`` of the list, counted from its end where negative."""
        span = slice(start, stop)
        held = (self.size, self.size_max, self.size_low)
        sizes = [None if each is None else each[span] for each in held]
        return EdgeRuns(self.key[span], self.count[span], *sizes)


def reduced(
    pre: Codes,
    post: Codes,
    n_neurons: int,
    *,
    size: npt.NDArray[Any] | None = None,
    count: npt.NDArray[np.int64] | None = None,
) -> EdgeRuns:
    """Return one entry per pair for rows in any order; rows with a negative code are left out."""
    columns = {name: each for name, each in (("size", size), ("count", count)) if each is not None}
    index = SynapseIndex.build([pre, post], n_neurons, columns)
    check_totals(index.columns)
    ptr = index.edge_ptr
    key = (index.edge_pre.astype(np.uint64) << np.uint64(32)) | index.edge_post.astype(np.uint64)
    number = np.diff(ptr) if count is None else _reduced_runs(index.columns["count"], ptr)[0]
    if size is None:
        return EdgeRuns(key, number)
    return EdgeRuns(key, number, *_reduced_runs(index.columns["size"], ptr))


def _rounded(
    total: npt.NDArray[np.float64], low: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    # where a size is missing the total is, whatever rounding would have left
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(total), total + low, total)


def _reduced_runs(
    values: npt.NDArray[Any], ptr: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[Any], ...]:
    """Return the sum and the maximum of every run, int64, or float64 and what rounding took."""
    from connectome_graph._kernels import merge, threads

    if values.dtype.kind == "f":
        floats = values.astype(np.float64)
        sums = np.empty(len(ptr) - 1), np.empty(len(ptr) - 1)
        best = np.empty(len(ptr) - 1)
        threads.over(lambda a, b: merge.reduce_floats(floats, ptr, a, b, sums, best), len(ptr) - 1)
        return sums[0], best, sums[1]
    wide = values.astype(np.int64 if values.dtype.kind in "iub" else np.float64)
    n = len(ptr) - 1
    total, largest = np.empty(n, wide.dtype), np.empty(n, wide.dtype)
    threads.over(lambda a, b: merge.reduce_runs(wide, ptr, a, b, total, largest), n)
    return total, largest


def merged(a: EdgeRuns, b: EdgeRuns) -> EdgeRuns:
    """Return the union of two sorted sets of pairs; counts and sizes of common pairs add up."""
    from connectome_graph._kernels import merge, threads

    sized = a.size is not None and b.size is not None
    kind = np.result_type(a.size, b.size) if sized else np.dtype(np.int64)
    rounded = sized and kind.kind == "f"
    left, right = _arrays(a, kind, sized=sized), _arrays(b, kind, sized=sized)
    spans = _common_spans(a.key, b.key)
    lengths = threads.each(
        lambda part: merge.union_size(left[0][spans[part][0]], right[0][spans[part][1]]),
        len(spans),
    )
    ends = np.concatenate([[0], np.cumsum(np.array(lengths, np.int64))])
    # without sizes the last two stay empty: the kernel then leaves them out
    n_pairs = (ends[-1],) * 2 + (ends[-1] if sized else 0,) * 2 + (ends[-1] if rounded else 0,)
    out = [np.empty(n, each.dtype) for n, each in zip(n_pairs, left, strict=True)]

    def write(part: int) -> None:
        own, other = spans[part]
        room = slice(ends[part], ends[part + 1])
        merge.merge_pairs(
            tuple(each[own] for each in left),
            tuple(each[other] for each in right),
            tuple(each[room] for each in out),
        )

    threads.each(write, len(spans))
    return EdgeRuns(*out[: 5 if rounded else 4 if sized else 2])


def _arrays(runs: EdgeRuns, kind: np.dtype[Any], *, sized: bool) -> tuple[npt.NDArray[Any], ...]:
    """Return key, count and sizes, read-only as they come from other processes: one numba type."""
    size, largest = (runs.size, runs.size_max) if sized else (None, None)
    first, second = (
        np.empty(0, kind) if each is None else each.astype(kind, copy=False)
        for each in (size, largest)
    )
    rounded = sized and kind.kind == "f"
    low = runs.size_low if rounded else np.empty(0)
    # whole sizes that meet floats lost nothing yet
    low = np.zeros(len(first)) if low is None else low
    return frozen(runs.key), frozen(runs.count), frozen(first), frozen(second), frozen(low)


def _common_spans(
    a: npt.NDArray[np.uint64], b: npt.NDArray[np.uint64]
) -> list[tuple[slice, slice]]:
    """Return parts of two sorted key lists such that no key of one part is in another."""
    from connectome_graph._kernels import threads

    longer = a if len(a) >= len(b) else b
    n_parts = 1 if len(longer) < threads.SMALL else threads.n_threads()
    inner = longer[[len(longer) * part // n_parts for part in range(1, n_parts)]]
    cuts = [[0, *np.searchsorted(each, inner).tolist(), len(each)] for each in (a, b)]
    both = (itertools.pairwise(each) for each in cuts)
    return [(slice(*own), slice(*other)) for own, other in zip(*both, strict=True)]


def exactly_joined(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Return arrays one behind the other.

    Raises
    ------
    InvalidTable
        When whole numbers beyond 2**53 meet floats, in which they lose digits.
    """
    joined = np.concatenate(parts)
    if joined.dtype.kind == "f":
        for part in parts:
            if part.dtype.kind in "iu" and len(part) and np.abs(part).max() > 2**53:
                raise InvalidTable(
                    f"sizes go up to {np.abs(part).max()} and some are missing; beyond 2**53 a "
                    "number beside a gap loses digits: fill the gaps, or leave those rows out"
                )
    return joined


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
            None if column[0] is None else exactly_joined(column)
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
