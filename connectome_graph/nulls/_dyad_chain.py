"""A chain of trades over dyads: what runs the nulls that keep whose mutual pairs there are."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph._kernels import threads
from connectome_graph.nulls import _chains
from connectome_graph.nulls._chains import (
    Allowed,
    Codes,
    Places,
    Rows,
    Words,
    attempts_per_pass,
    group_masks,
    numbered,
    pointers,
)

__all__ = ["DyadChain"]

# Cuts per pass of a chain by sorted lists: half of all dyads lie across a random cut.
CUTS = 2


class DyadChain:
    """A chain that keeps every in-, out- and mutual degree, towards and from every group.

    Parameters
    ----------
    pre, post
        The edges, as positions of neurons, sorted by pre, then post.
    n
        Number of neurons.
    group
        Group of each neuron, from 0. Neurons of one group can have the same partners.
    allowed
        For a domain of pairs: the pairs that may be edges. A pair of which one direction is
        allowed is never made of one of which both are.
    xyz, bins
        Positions of all neurons and the inner edges of distance bins: edges keep how many have a
        length in each.
    """

    def __init__(
        self,
        pre: Codes,
        post: Codes,
        n: int,
        *,
        group: npt.NDArray[Any],
        allowed: Allowed | None = None,
        xyz: npt.NDArray[np.float64] | None = None,
        bins: npt.NDArray[np.float64] | None = None,
    ) -> None:
        self._pre, self._n = pre, n
        self._group = numbered(group)
        self._owner, self._packed = _dyads(pre, post, n)
        self._start = pointers(self._owner, n)
        self._rows = Rows.of(np.diff(self._start), self._group)
        self._n_groups = int(self._group.max(initial=0)) + 1
        self._largest = int(np.diff(self._start).max(initial=0))
        self._squares = np.empty(0) if bins is None else np.square(bins)
        self._xyz = np.empty((0, 3)) if xyz is None else np.ascontiguousarray(xyz)
        self._may = Allowed(np.empty(0, np.int64), np.empty(0, np.int32))
        if allowed is not None:
            ends = np.repeat(np.arange(n, dtype=np.int32), np.diff(allowed.start))
            owner, may = _dyads(ends, allowed.target, n)
            self._may = Allowed(pointers(owner, n), may)
        self._bits = n <= _chains.LARGEST_BIT_MATRIX and not len(self._squares)
        if self._bits:
            self._fill_bits(pre, post, allowed)

    def _fill_bits(self, pre: Codes, post: Codes, allowed: Allowed | None) -> None:
        from connectome_graph._kernels import dyad_bits, trades_bits

        n = self._n
        self._masks = group_masks(self._group, n)
        self._kinds, may = np.empty((0, 0, 0), np.uint64), np.empty((0, 0), np.uint64)
        if allowed is not None:
            ends = np.repeat(np.arange(n, dtype=np.int32), np.diff(allowed.start))
            forth = trades_bits.bit_matrix(ends, allowed.target, n)
            back = trades_bits.bit_matrix(allowed.target, ends, n)
            self._kinds, may = np.stack([forth, back], axis=1), forth | back
        self._matrix = dyad_bits.dyad_matrix(pre, post, n, may)
        arcs = self._owner[(self._packed & 3) == 1]
        self._arcs = arcs, pointers(arcs, n)

    def fresh(self) -> DyadChain:
        """Return a chain that stands where this one stands and moves on its own."""
        other = copy.copy(self)
        if self._bits:
            other._matrix = self._matrix.copy()
        else:
            other._packed = self._packed.copy()
        return other

    def advance(self, passes: int, state: Words, *, n_threads: int = 1) -> int:
        """Make some passes over all edges; return how many edges moved, all passes together."""
        from connectome_graph._kernels import dyad_bits
        from connectome_graph._kernels.pentads import pentads

        if not self._bits:
            return sum(self._pass(state, n_threads) for _ in range(passes))
        moved = dyad_bits.advance_dyads(
            self._matrix, *self._arcs, self._owner, self._start, self._group, self._masks,
            self._kinds, pentads(), *self._rows, passes, attempts_per_pass(len(self._pre)), state,
        )  # fmt: skip
        return int(moved)

    def _pass(self, state: Words, n_threads: int) -> int:
        """Make a pass by sorted lists: trades across random cuts, then the rarer moves."""
        from connectome_graph._kernels import dyad_lists
        from connectome_graph._kernels.pentads import pentads

        parts = n_threads if len(self._packed) > threads.SMALL else 1
        moved = sum(self._cut(state, parts) for _ in range(CUTS))
        moved += dyad_lists.move_rarely(
            self._owner, self._start, self._packed, self._group, *self._may, self._xyz,
            self._squares, pentads(), attempts_per_pass(len(self._pre)), state,
        )  # fmt: skip
        return int(moved)

    def _cut(self, state: Words, parts: int) -> int:
        """Cut the neurons in two sides at random; either side trades over the other."""
        from connectome_graph._kernels import dyad_blocks

        n, largest = self._n, self._largest
        side, count, start = np.empty(n, np.uint8), np.zeros(n, np.int64), np.zeros(n + 1, np.int64)
        dyad_blocks.draw_sides(side, state)
        spans = threads.balanced_spans(self._start, parts)
        rows = self._start, self._packed, side
        threads.run(lambda i, j: dyad_blocks.count_across(*rows, i, j, count), spans)
        np.cumsum(count, out=start[1:])
        cross = np.empty(start[-1], np.int32)
        threads.run(
            lambda i, j: dyad_blocks.take_across(*rows, 0, largest, i, j, start, cross), spans
        )
        moved = 0
        for own in (0, 1):
            moved += self._trade_across(start, cross, side == own, state, parts)
            turn = partial(dyad_blocks.turn_across, start, cross, side, own)
            threads.run(turn, spans)
        threads.run(lambda i, j: dyad_blocks.put_back(*rows, largest, i, j, start, cross), spans)
        return moved

    def _trade_across(
        self, start: Places, cross: Codes, trades: npt.NDArray[np.bool_], state: Words, parts: int
    ) -> int:
        """Trade between the rows of one side over the other; return how many dyads changed."""
        from connectome_graph._kernels import dyad_blocks, row_pairs, stream

        rows = self._rows.some(trades)
        first, second = np.empty((2, len(rows.order) // 2), np.int32)
        lengths = np.diff(start)
        moved = 0
        for turn in range(row_pairs.n_rounds(rows.level, rows.group_start)):
            n_pairs = row_pairs.pairs_of_round(turn, *rows, state, first, second)
            seed = np.uint64(stream.next_word(state))
            work = np.zeros(n_pairs + 1, np.int64)
            np.cumsum(lengths[first[:n_pairs]] + lengths[second[:n_pairs]], out=work[1:])

            def trade(begin: int, end: int, seed: np.uint64 = seed) -> int:
                count: int = dyad_blocks.trade_across(
                    start, cross, self._group, self._n_groups, *self._may, self._xyz,
                    self._squares, self._largest, first, second, begin, end, seed,
                )  # fmt: skip
                return count

            spans = threads.balanced_spans(work, parts if work[-1] > threads.SMALL else 1)
            done: list[Any] = threads.run(trade, spans)
            moved += sum(done)
        return int(moved)

    def edges(self) -> tuple[Codes, Codes]:
        """Return the edges (pre, post), sorted by pre, then post."""
        if not self._bits:
            leaves = (self._packed & 1).astype(bool)
            return self._pre, self._packed[leaves] >> 2
        from connectome_graph._kernels import dyad_bits

        post = np.empty(len(self._pre), np.int32)
        dyad_bits.read_edges(self._matrix, post)
        return self._pre, post


def _dyads(pre: Codes, post: Codes, n: int) -> tuple[Codes, Codes]:
    """Return, neuron after neuron, whose row each dyad is in, and ``partner << 2 | code``."""
    one, other = np.concatenate([pre, post]), np.concatenate([post, pre])
    code = np.repeat(np.array([1, 2], np.int32), len(pre))
    key = one * np.int64(n) + other
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    both = np.add.reduceat(code[order], first) if len(first) else code
    at = order[first]
    return one[at], (other[at] << 2 | both).astype(np.int32)
