"""Trades of dyads across a cut of the neurons: the chain of :mod:`dyad_bits` for many of them.

The neurons are cut at random in two sides. Two neurons of one side trade as in :mod:`dyad_bits`,
but look at third neurons of the other side alone. The dyads across are then rows of one side over
the other, of which a trade changes two and no third one: trades of disjoint pairs are independent,
and any thread may take any of them. Afterwards the same dyads are turned into rows of the other
side, which trades likewise. The sides do not depend on the state, so every trade is symmetric.

A row holds ``partner << 2 | code``, sorted. With distance bins a trade also keeps how many edges
have which length: third neurons are dealt apart by the bins in which they lie from the two.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.dyad_lists import bin_of, code_of
from connectome_graph._kernels.dyad_moves import circulate, turned
from connectome_graph._kernels.prefetching import prefetch
from connectome_graph._kernels.row_pairs import GOLDEN, HALF, mixed
from connectome_graph._kernels.stream import next_word
from connectome_graph._kernels.trades import place_in

#: Pairs of rows that memory is asked for ahead of their trade.
AHEAD = 6


@compiled
def draw_sides(side, state):
    """Give every neuron a side, 0 or 1, at random."""
    for v in range(0, len(side), 64):
        word = next_word(state)
        for bit in range(min(64, len(side) - v)):
            side[v + bit] = (word >> np.uint64(bit)) & np.uint64(1)


@compiled
def count_across(start, packed, side, first, last, count):
    """Count, of the neurons ``first:last``, the partners on the other side."""
    for v in range(first, last):
        own, many = side[v], 0
        for e in range(start[v], start[v + 1]):
            many += side[packed[e] >> 2] != own
        count[v] = many


@compiled
def take_across(start, packed, side, own, largest, first, last, cross_start, cross):
    """Copy the entries across of the neurons ``first:last`` that are on a side."""
    row = np.empty(largest + 1, np.int32)
    for v in range(first, last):
        if side[v] != own:
            continue
        n = np.uint64(0)
        for e in range(start[v], start[v + 1]):
            row[n] = packed[e]
            n += np.uint64(side[packed[e] >> 2] != own)
        at = np.uint64(cross_start[v])
        for p in range(n):
            cross[at + p] = row[p]


@compiled
def turn_across(cross_start, cross, side, own, low, high):
    """Write the entries of the neurons on a side into the rows of their partners ``low:high``."""
    place = cross_start[low : high + 1].copy()
    n = len(side)
    for v in range(n):
        if side[v] != own:
            continue
        begin, end = cross_start[v], cross_start[v + 1]
        if low > 0:
            begin = place_in(cross, begin, end, np.int32(low << 2))
        for e in range(begin, end):
            t = cross[e] >> 2
            if t >= high:
                break
            cross[place[t - low]] = np.int32(v << 2 | turned(cross[e] & 3))
            place[t - low] += 1


@compiled
def put_back(start, packed, side, largest, first, last, cross_start, cross):
    """Give the neurons ``first:last`` their entries across, beside those of their own side."""
    kept = np.empty(largest + 1, np.int32)
    one = np.uint64(1)
    for v in range(first, last):
        own, n = side[v], np.uint64(0)
        for e in range(start[v], start[v + 1]):
            kept[n] = packed[e]
            n += np.uint64(side[packed[e] >> 2] == own)
        x, y, y_end = np.uint64(0), np.uint64(cross_start[v]), np.uint64(cross_start[v + 1])
        at = np.uint64(start[v])
        while x < n and y < y_end:
            first_is_less = np.uint64(kept[x] < cross[y])
            packed[at] = min(kept[x], cross[y])
            at += one
            x += first_is_less
            y += one - first_is_less
        while x < n:
            packed[at] = kept[x]
            at += one
            x += one
        while y < y_end:
            packed[at] = cross[y]
            at += one
            y += one


@compiled
def is_empty(total, base):
    """Return whether no third neuron was counted yet in the slots of a base."""
    for slot in range(16 * base, 16 * base + 16):
        if total[slot]:
            return False
    return True


@compiled
def _slot(a, b, t, i, j, group, n_groups, may_start, may, xyz, squares):
    """Return the slot in which a third neuron is dealt, or -1 where its dyads may not move."""
    if a == b:
        return np.int64(-1)
    kind = 3
    if len(may):
        kind = code_of(may_start, may, i, t)
        if kind == 0 or kind != code_of(may_start, may, j, t):
            return np.int64(-1)
    base = np.int64(kind * n_groups + group[t])
    if len(squares):
        width = len(squares) + 1
        base = (base * width + bin_of(xyz, squares, i, t)) * width + bin_of(xyz, squares, j, t)
    return 16 * base + 4 * min(a, b) + max(a, b)


@compiled
def trade_across(
    start, cross, group, n_groups, may_start, may, xyz, squares, largest, first, second, begin,
    end, seed,
):  # fmt: skip
    """Trade between the rows of the pairs ``begin:end``, in place; return how many dyads changed.

    Parameters
    ----------
    start : int64[n + 1]
        Where each row across begins.
    cross : int32[k]
        The rows across, sorted before and after; changed.
    group : int32[n]
        Group of each neuron.
    n_groups : int
        Number of groups.
    may_start, may, xyz, squares
        As for the rarer moves in :mod:`dyad_lists`.
    largest : int
        Length of the longest row.
    first, second : int32[r]
        The pairs of neurons, each two of one group and on the side that trades.
    begin, end : int
        Which of them.
    seed : uint64
        Seed of the round.
    """
    third = np.empty(2 * largest + 2, np.int32)
    codes = np.empty(2 * largest + 2, np.uint8)
    slots = np.empty(2 * largest + 2, np.int64)
    touched = np.zeros(2 * largest + 2, np.int64)
    row_i, row_j = np.empty(largest + 2, np.int32), np.empty(largest + 2, np.int32)
    size = 64 * n_groups * (len(squares) + 1) ** 2
    # How many third neurons are left in each slot, and of how many the first row has the higher
    # code. Both are zero again after each trade.
    total, high = np.zeros(size, np.int64), np.zeros(size, np.int64)
    plain = n_groups == 1 and len(may) == 0 and len(squares) == 0
    # The slot of two codes, and how many third neurons have them.
    pair_of, many = np.empty(16, np.uint8), np.zeros(16, np.int64)
    for code in range(16):
        pair_of[code] = 4 * min(code >> 2, code & 3) + max(code >> 2, code & 3)
    one = np.uint64(1)
    changed = np.int64(0)
    for k in range(begin, end):
        if k + AHEAD < end:
            prefetch(cross, start[first[k + AHEAD]])
            prefetch(cross, start[second[k + AHEAD]])
        i, j = first[k], second[k]
        x, x_end = np.uint64(start[i]), np.uint64(start[i + 1])
        y, y_end = np.uint64(start[j]), np.uint64(start[j + 1])
        x_start, y_start, n = x, y, np.uint64(0)
        while x < x_end and y < y_end:
            u, v = cross[x], cross[y]
            of_i, of_j = np.uint64(u >> 2 <= v >> 2), np.uint64(v >> 2 <= u >> 2)
            third[n] = min(u, v) >> 2
            codes[n] = ((np.uint64(u) & np.uint64(3)) * of_i) << np.uint64(2) | (
                np.uint64(v) & np.uint64(3)
            ) * of_j
            n += one
            x += of_i
            y += of_j
        while x < x_end:
            third[n], codes[n] = cross[x] >> 2, (cross[x] & 3) << 2
            n += one
            x += one
        while y < y_end:
            third[n], codes[n] = cross[y] >> 2, cross[y] & 3
            n += one
            y += one
        n_touched = 0
        if plain:
            n_touched, touched[0] = 1, 0
            for p in range(n):
                many[codes[p]] += 1
            for code in range(16):
                total[pair_of[code]] += many[code]
                high[pair_of[code]] += many[code] * (code >> 2 > code & 3)
                many[code] = 0
        else:
            for p in range(n):
                a, b = np.int64(codes[p] >> 2), np.int64(codes[p] & 3)
                s = _slot(a, b, third[p], i, j, group, n_groups, may_start, may, xyz, squares)
                slots[p] = s
                if s >= 0:
                    base = s >> 4
                    if is_empty(total, base):
                        touched[n_touched] = base
                        n_touched += 1
                    total[s] += 1
                    high[s] += a > b
        stream = mixed(seed + np.uint64(k) * GOLDEN)
        for q in range(n_touched):
            base = 16 * touched[q]
            stream = circulate(high[base : base + 16], total[base : base + 16], stream)
        at_i = at_j = np.uint64(0)
        for p in range(n):
            s = np.int64(pair_of[codes[p]]) if plain else slots[p]
            code_i, code_j = np.uint64(codes[p] >> 2), np.uint64(codes[p] & 3)
            stream += GOLDEN
            # What two rows have with one code goes through a slot of its own and stays.
            take = np.uint64(code_i > code_j)
            if s >= 0:
                # One of those left in its slot has the higher code at i with chance high / left.
                draw = ((mixed(stream) >> HALF) * np.uint64(total[s])) >> HALF
                take = np.uint64(draw < np.uint64(high[s]))
                total[s] -= 1
                high[s] -= np.int64(take)
            upper, lower = max(code_i, code_j), min(code_i, code_j)
            new_i = upper * take + lower * (one - take)
            new_j = lower * take + upper * (one - take)
            changed += np.int64(new_i != code_i)
            entry = third[p] << 2
            row_i[at_i] = entry | np.int32(new_i)
            at_i += np.uint64(new_i != 0)
            row_j[at_j] = entry | np.int32(new_j)
            at_j += np.uint64(new_j != 0)
        for p in range(at_i):
            cross[x_start + p] = row_i[p]
        for p in range(at_j):
            cross[y_start + p] = row_j[p]
    return changed
