"""Trades between the rows of a directed graph of few neurons, by a bit matrix.

The same chain as in :mod:`trades`. A row is a string of bits, so that the targets of which one
row has the edge and the other has not are the set bits of an exclusive or.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.row_pairs import GOLDEN, HALF, mixed, n_rounds, pairs_of_round
from connectome_graph._kernels.stream import below, next_word
from connectome_graph._kernels.triads_bits import popcount

ONE = np.uint64(1)
ZERO = np.uint64(0)
LOW = np.uint64(63)
SIX = np.uint64(6)


@compiled(inline="always")
def has_bit(bits, i, j):
    """Return whether the bit of `j` is set in row `i`."""
    return (bits[i, j >> 6] >> (np.uint64(j) & LOW)) & ONE != ZERO


@compiled(inline="always")
def flip_bit(bits, i, j):
    """Turn the bit of `j` in row `i`."""
    bits[i, j >> 6] ^= ONE << (np.uint64(j) & LOW)


@compiled
def bit_matrix(pre, post, n):
    """Return the bit matrix of pairs: ``uint64[n, n / 64]``."""
    bits = np.zeros((n, (n + 63) // 64), np.uint64)
    for e in range(len(pre)):
        bits[pre[e], post[e] >> 6] |= ONE << (np.uint64(post[e]) & LOW)
    return bits


@compiled
def read_rows(bits, post):
    """Write the set bits, row after row, in ascending order."""
    at = 0
    for i in range(len(bits)):
        for w in range(bits.shape[1]):
            word = bits[i, w]
            while word:
                lowest = word & (~word + ONE)
                post[at] = (w << 6) + np.int64(popcount(lowest - ONE))
                at += 1
                word ^= lowest


@compiled
def nth_bit(row, rank):
    """Return the set bit of a row that has `rank` set bits before it."""
    w = 0
    left = np.uint64(rank)
    while popcount(row[w]) <= left:
        left -= popcount(row[w])
        w += 1
    word = row[w]
    for _ in range(left):
        word &= word - ONE
    return (w << 6) + np.int64(popcount((word & (~word + ONE)) - ONE))


@compiled
def dealt(pool, chosen, n, need, stream):
    """Choose `need` of the `n` set bits of a pool at random, into `chosen`."""
    left, wanted = np.uint64(n), np.uint64(need)
    for w in range(len(pool)):
        word, taken = pool[w], ZERO
        while word:
            lowest = word & (~word + ONE)
            stream += GOLDEN
            # Written without a branch: half of them would be guessed wrong.
            take = np.uint64(((mixed(stream) >> HALF) * left) >> HALF < wanted)
            taken |= lowest * take
            wanted -= take
            left -= ONE
            word ^= lowest
        chosen[w] = taken


@compiled
def _trade(bits, masks, allowed, i, j, pool, chosen, stream):
    """Trade between two rows, group after group of targets; return how many edges moved."""
    row_i, row_j = bits[i], bits[j]
    moved = np.int64(0)
    for g in range(len(masks)):
        n = from_i = ZERO
        for w in range(len(pool)):
            word = (row_i[w] ^ row_j[w]) & masks[g, w]
            if len(allowed):
                word &= allowed[i, w] & allowed[j, w]
            pool[w] = word
        pool[i >> 6] &= ~(ONE << (np.uint64(i) & LOW))
        pool[j >> 6] &= ~(ONE << (np.uint64(j) & LOW))
        for w in range(len(pool)):
            n += popcount(pool[w])
            from_i += popcount(pool[w] & row_i[w])
        stream = mixed(stream + GOLDEN)
        if from_i == ZERO or from_i == n:
            continue
        dealt(pool, chosen, n, from_i, stream)
        for w in range(len(pool)):
            changed = (chosen[w] ^ row_i[w]) & pool[w]
            row_i[w] ^= changed
            row_j[w] ^= changed
            moved += np.int64(popcount(changed))
    return moved


@compiled
def _reverse_cycles(bits, pre, start, group, allowed, attempts, state):
    """Turn 3-cycles round, as in :func:`trades.reverse_cycles`; return how many."""
    turned = 0
    m = len(pre)
    for _ in range(attempts if m else 0):
        e = below(state, m)
        a = pre[e]
        b = nth_bit(bits[a], e - start[a])
        out = start[b + 1] - start[b]
        if out == 0 or below(state, 2):
            continue
        c = nth_bit(bits[b], below(state, out))
        if c == a or not has_bit(bits, c, a) or has_bit(bits, a, c):
            continue
        if has_bit(bits, c, b) or has_bit(bits, b, a):
            continue
        if len(group) and (group[a] != group[b] or group[b] != group[c]):
            continue
        if len(allowed) and not (
            has_bit(allowed, a, c) and has_bit(allowed, c, b) and has_bit(allowed, b, a)
        ):
            continue
        flip_bit(bits, a, b)
        flip_bit(bits, a, c)
        flip_bit(bits, c, a)
        flip_bit(bits, c, b)
        flip_bit(bits, b, c)
        flip_bit(bits, b, a)
        turned += 1
    return turned


@compiled
def advance_bits(
    bits, pre, start, group, masks, allowed, order, level, group_start, passes, attempts, state
):
    """Make some passes of trades over all rows, each with reversals; return edges moved.

    Parameters
    ----------
    bits : uint64[n, n / 64]
        The edges; changed.
    pre : int32[m]
        The presynaptic neuron of each edge, ascending.
    start : int64[n + 1]
        Where the edges of each neuron begin.
    group : int32[n] or int32[0]
        Group of each neuron: 3-cycles turn inside one; empty when there is one.
    masks : uint64[k, n / 64]
        The targets of each group.
    allowed : uint64[n, n / 64] or uint64[0, 0]
        The pairs that may be edges; empty where all but autapses may.
    order, level, group_start
        As for :func:`row_pairs.pair_rows`.
    passes, attempts : int
        Number of passes, and of attempted reversals in each.
    state : uint64[4]
        Random state; changed.
    """
    first = np.empty(len(order) // 2, np.int32)
    second = np.empty(len(order) // 2, np.int32)
    pool, chosen = np.empty(bits.shape[1], np.uint64), np.empty(bits.shape[1], np.uint64)
    moved = 0
    rounds = n_rounds(level, group_start)
    for _ in range(passes):
        for turn in range(rounds):
            pairs = pairs_of_round(turn, order, level, group_start, state, first, second)
            seed = next_word(state)
            for k in range(pairs):
                stream = mixed(seed + np.uint64(k) * GOLDEN)
                moved += _trade(bits, masks, allowed, first[k], second[k], pool, chosen, stream)
        moved += 3 * _reverse_cycles(bits, pre, start, group, allowed, attempts, state)
    return moved


@compiled
def is_lone(bits, group, masks, allowed):
    """Return whether no trade and no reversal of a 3-cycle can change the graph.

    Where trades and reversals reach every graph with its degrees, it is then the only one.
    """
    n = len(bits)
    for i in range(n):
        for j in range(i):
            if len(group) and group[i] != group[j]:
                continue
            for g in range(len(masks)):
                only_i = only_j = ZERO
                for w in range(bits.shape[1]):
                    word = (bits[i, w] ^ bits[j, w]) & masks[g, w]
                    if len(allowed):
                        word &= allowed[i, w] & allowed[j, w]
                    if w == i >> 6:
                        word &= ~(ONE << (np.uint64(i) & LOW))
                    if w == j >> 6:
                        word &= ~(ONE << (np.uint64(j) & LOW))
                    only_i |= word & bits[i, w]
                    only_j |= word & bits[j, w]
                if only_i != ZERO and only_j != ZERO:
                    return False
    for a in range(n):
        for b in range(n):
            if not has_bit(bits, a, b) or has_bit(bits, b, a):
                continue
            if len(group) and group[a] != group[b]:
                continue
            for w in range(bits.shape[1]):
                word = bits[b, w]
                while word:
                    lowest = word & (~word + ONE)
                    c = (w << 6) + np.int64(popcount(lowest - ONE))
                    word ^= lowest
                    if len(group) and group[b] != group[c]:
                        continue
                    if len(allowed) and not (
                        has_bit(allowed, a, c) and has_bit(allowed, c, b) and has_bit(allowed, b, a)
                    ):
                        continue
                    if has_bit(bits, c, a) and not has_bit(bits, a, c) and not has_bit(bits, c, b):
                        return False
    return True
