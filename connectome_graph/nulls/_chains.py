"""Chains of trades over the edges of a graph: the running part of the nulls that keep degrees.

Every chain lists its edges sorted by pre, then post, as the graph does, and never changes how many
edges a presynaptic neuron has: what belongs to the edges of a neuron can be dealt to them again.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from connectome_graph._kernels import threads

__all__ = [
    "LARGEST_BIT_MATRIX",
    "Allowed",
    "Chain",
    "Codes",
    "EdgeChain",
    "Places",
    "Rows",
    "Words",
    "attempts_per_pass",
    "group_masks",
    "numbered",
    "pointers",
    "random_state",
]

Codes = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

# Up to this many neurons bit matrices (2 MB each) are faster than sorted lists.
LARGEST_BIT_MATRIX = 4096


class Allowed(NamedTuple):
    """The pairs of a sparse domain, row after row: where each neuron's begin, and the targets."""

    start: Places
    target: Codes


class Chain(Protocol):
    """Edges that move under trades."""

    def edges(self) -> tuple[Codes, Codes]:
        """Return the edges (pre, post), sorted by pre, then post."""

    def fresh(self) -> Chain:
        """Return a chain that stands where this one stands and moves on its own."""

    def advance(self, passes: int, state: Words, *, n_threads: int = 1) -> int:
        """Make some passes over all edges; return how many edges moved, all passes together."""


def random_state(rng: np.random.Generator) -> Words:
    """Return a kernel's random state drawn from a Generator: four words, not all zero."""
    words: Words = rng.integers(0, 2**64, 4, dtype=np.uint64)
    words[0] |= np.uint64(1)
    return words


def pointers(codes: npt.NDArray[Any], n: int) -> Places:
    """Return where the run of each of `n` codes begins in a sorted list; the end is last."""
    starts = np.zeros(n + 1, np.int64)
    starts[1:] = np.cumsum(np.bincount(codes, minlength=n))
    return starts


class Rows(NamedTuple):
    """The rows that trade: group after group, each by ascending degree."""

    order: Codes
    level: npt.NDArray[np.float64]
    group_start: Places

    @classmethod
    def of(cls, degree: npt.NDArray[Any], group: Codes) -> Rows:
        """Return the rows with a degree, in their groups."""
        rows = np.flatnonzero(degree)
        level = np.log(degree[rows])
        order = np.lexsort([level, group[rows]])
        start = pointers(group[rows], int(group.max(initial=0)) + 1)
        return cls(rows[order].astype(np.int32), level[order], start)

    def some(self, keep: npt.NDArray[np.bool_]) -> Rows:
        """Return some of the rows, in their order; `keep` says of each neuron whether."""
        kept = keep[self.order]
        before = np.zeros(len(kept) + 1, np.int64)
        np.cumsum(kept, out=before[1:])
        return Rows(self.order[kept], self.level[kept], before[self.group_start])


def attempts_per_pass(n_edges: int) -> int:
    """Return how often a pass tries each of the rarer moves: all of a small graph, few of a large.

    They reach what trades do not; trades do the work.
    """
    return min(n_edges, 256) + n_edges // 1024


def group_masks(group: Codes, n: int) -> Words:
    """Return the neurons of each group as rows of bits."""
    from connectome_graph._kernels.trades_bits import bit_matrix

    masks: Words = bit_matrix(group, np.arange(n, dtype=np.int32), n)
    return masks[: int(group.max(initial=0)) + 1]


def numbered(group: npt.NDArray[Any]) -> Codes:
    """Return the groups numbered without gaps."""
    return np.unique(group, return_inverse=True)[1].astype(np.int32)


class EdgeChain:
    """A chain that keeps every in- and out-degree, towards and from every group of neurons.

    Parameters
    ----------
    pre, post
        The edges, as positions of neurons, sorted by pre, then post.
    n
        Number of neurons.
    group
        Group of each neuron, from 0; without it there is one.
    allowed
        For a domain of pairs: the pairs that may be edges. Without it all that have a source and
        a target of edges, but autapses.
    """

    def __init__(
        self,
        pre: Codes,
        post: Codes,
        n: int,
        *,
        group: npt.NDArray[Any] | None = None,
        allowed: Allowed | None = None,
    ) -> None:
        from connectome_graph._kernels import trades_bits

        self._pre, self._target = pre, post
        self._start = pointers(pre, n)
        whole = np.zeros(n, np.int32) if group is None else numbered(group)
        self._n_groups = int(whole.max(initial=0)) + 1
        self._group = whole if self._n_groups > 1 else whole[:0]
        self._rows = Rows.of(np.diff(self._start), whole)
        self._largest = int(np.diff(self._start).max(initial=0))
        self._allowed = allowed or Allowed(np.empty(0, np.int64), np.empty(0, np.int32))
        self._bits = n <= LARGEST_BIT_MATRIX
        if self._bits:
            self._matrix = trades_bits.bit_matrix(pre, post, n)
            self._masks = group_masks(whole, n)
            self._may = np.empty((0, 0), np.uint64)
            if allowed is not None:
                ends = np.repeat(np.arange(n, dtype=np.int32), np.diff(allowed.start))
                self._may = trades_bits.bit_matrix(ends, allowed.target, n)

    def fresh(self) -> EdgeChain:
        """Return a chain that stands where this one stands and moves on its own."""
        other = copy.copy(self)
        if self._bits:
            other._matrix = self._matrix.copy()
        else:
            other._target = self._target.copy()
        return other

    def advance(self, passes: int, state: Words, *, n_threads: int = 1) -> int:
        """Make some passes over all edges; return how many edges moved, all passes together."""
        from connectome_graph._kernels import trades, trades_bits

        if not len(self._pre):
            return 0
        attempts = attempts_per_pass(len(self._pre))
        if self._bits:
            moved = trades_bits.advance_bits(
                self._matrix, self._pre, self._start, self._group, self._masks, self._may,
                *self._rows, passes, attempts, state,
            )  # fmt: skip
        elif n_threads == 1:
            moved = trades.advance_lists(
                self._pre, self._start, self._target, self._group, self._n_groups,
                *self._allowed, self._largest, *self._rows, passes, attempts, state,
            )  # fmt: skip
        else:
            moved = sum(self._pass(attempts, state, n_threads) for _ in range(passes))
        return int(moved)

    def is_lone(self) -> bool:
        """Return whether this is the only graph that the chain can reach; large ones are not told.

        On a domain of sources and targets it is then the only one with its degrees.
        """
        from connectome_graph._kernels import trades_bits

        if not self._bits:
            return False
        found: bool = trades_bits.is_lone(self._matrix, self._group, self._masks, self._may)
        return found

    def _pass(self, attempts: int, state: Words, n_threads: int) -> int:
        """Make the same pass as one thread does: no two trades of a round touch the same row."""
        from connectome_graph._kernels import row_pairs, stream, trades

        first, second = np.empty((2, len(self._rows.order) // 2), np.int32)
        lengths = np.diff(self._start)
        moved = 0
        for turn in range(row_pairs.n_rounds(self._rows.level, self._rows.group_start)):
            n_pairs = row_pairs.pairs_of_round(turn, *self._rows, state, first, second)
            seed = np.uint64(stream.next_word(state))
            work = np.zeros(n_pairs + 1, np.int64)
            np.cumsum(lengths[first[:n_pairs]] + lengths[second[:n_pairs]], out=work[1:])

            def trade(begin: int, end: int, seed: np.uint64 = seed) -> int:
                count: int = trades.trade(
                    self._start, self._target, self._group, self._n_groups, *self._allowed,
                    self._largest, first, second, begin, end, seed,
                )  # fmt: skip
                return count

            parts = n_threads if work[-1] > threads.SMALL else 1
            done: list[Any] = threads.run(trade, threads.balanced_spans(work, parts))
            moved += sum(done)
        turned = trades.reverse_cycles(
            self._pre, self._start, self._target, self._group, *self._allowed, attempts, state
        )
        return int(moved + 3 * turned)

    def edges(self) -> tuple[Codes, Codes]:
        """Return the edges (pre, post), sorted by pre, then post."""
        if not self._bits:
            return self._pre, self._target
        from connectome_graph._kernels import trades_bits

        post = np.empty(len(self._pre), np.int32)
        trades_bits.read_rows(self._matrix, post)
        return self._pre, post
