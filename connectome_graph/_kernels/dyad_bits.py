"""A chain that keeps every in-, out- and mutual degree, by bit matrices: for few neurons.

Trades as in :mod:`trades`, over dyads: two neurons ``i`` and ``j`` look at every third neuron ``t``
whose dyads with them have two different codes ``a`` and ``b``, and deal out which of them has
which; each keeps how many of its dyads have which code. First the numbers for every two codes are
drawn anew (:func:`dyad_moves.circulate`), then which third neurons they are. So asymmetric edges
change places with unconnected pairs, mutual pairs with asymmetric ones, and so on; every third
neuron keeps its dyads, and a mutual pair never comes or goes but another of the same neurons goes
or comes. Third neurons of different groups are dealt apart. The pools are the same before and
after, and all outcomes are equally likely: symmetric.

Two rarer moves: 3-cycles of arcs turn round; and five neurons, two connected pairs and one more,
are connected anew in any other way that keeps their degrees (:mod:`pentads`). How many such pairs
of pairs five neurons hold follows from their degrees, so the proposal is symmetric.

``dyads[i, code]`` has the bit of `t` where `t` may be a partner of `i` and their dyad has the code.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.dyad_moves import (
    INTO,
    OUT,
    another,
    circulate,
    in_state,
    keeps_kinds,
    turned,
)
from connectome_graph._kernels.row_pairs import GOLDEN, HALF, mixed, n_rounds, pairs_of_round
from connectome_graph._kernels.stream import below, next_word
from connectome_graph._kernels.trades_bits import LOW, ONE, ZERO, dealt, flip_bit, has_bit, nth_bit
from connectome_graph._kernels.triads_bits import popcount


@compiled
def dyad_matrix(pre, post, n, may):
    """Return the dyads of edges: ``uint64[n, 4, n / 64]``.

    `may` has the bits of the partners that a neuron may have, or is ``uint64[0, 0]``: all others.
    """
    words = (n + 63) // 64
    dyads = np.zeros((n, 4, words), np.uint64)
    for e in range(len(pre)):
        dyads[pre[e], 1, post[e] >> 6] |= ONE << (np.uint64(post[e]) & LOW)
        dyads[post[e], 2, pre[e] >> 6] |= ONE << (np.uint64(pre[e]) & LOW)
    for i in range(n):
        for w in range(words):
            both = dyads[i, 1, w] & dyads[i, 2, w]
            dyads[i, 1, w] ^= both
            dyads[i, 2, w] ^= both
            dyads[i, 3, w] = both
            here = ~ZERO if w < n >> 6 else (ONE << (np.uint64(n) & LOW)) - ONE
            if len(may):
                here = may[i, w]
            dyads[i, 0, w] = here & ~(dyads[i, 1, w] | dyads[i, 2, w] | both)
        if has_bit(dyads[i], 0, i):
            flip_bit(dyads[i], 0, i)
    return dyads


@compiled
def read_edges(dyads, post):
    """Write the targets of every neuron, row after row, in ascending order."""
    at = 0
    for i in range(len(dyads)):
        for w in range(dyads.shape[2]):
            word = dyads[i, 1, w] | dyads[i, 3, w]
            while word:
                lowest = word & (~word + ONE)
                post[at] = (w << 6) + np.int64(popcount(lowest - ONE))
                at += 1
                word ^= lowest


@compiled
def code_of(dyads, i, t):
    """Return the code of a dyad, seen from `i`."""
    for code in range(1, 4):
        if has_bit(dyads[i], code, t):
            return np.int64(code)
    return np.int64(0)


@compiled
def set_code(dyads, i, t, old, new):
    """Give a dyad another code, seen from `i`, in the rows of both of its neurons."""
    flip_bit(dyads[i], old, t)
    flip_bit(dyads[i], new, t)
    flip_bit(dyads[t], turned(old), i)
    flip_bit(dyads[t], turned(new), i)


@compiled
def _apply(dyads, i, j, a, b, changed):
    """Exchange the codes `a` and `b` of the dyads of `i` and `j` with the changed neurons."""
    moved = 0
    of_a, of_b = turned(a), turned(b)
    for w in range(len(changed)):
        word = changed[w]
        if word == ZERO:
            continue
        dyads[i, a, w] ^= word
        dyads[i, b, w] ^= word
        dyads[j, a, w] ^= word
        dyads[j, b, w] ^= word
        while word:
            lowest = word & (~word + ONE)
            t = (w << 6) + np.int64(popcount(lowest - ONE))
            flip_bit(dyads[t], of_a, i)
            flip_bit(dyads[t], of_a, j)
            flip_bit(dyads[t], of_b, i)
            flip_bit(dyads[t], of_b, j)
            moved += 1
            word ^= lowest
    return moved


@compiled
def _trade(dyads, masks, group, kinds, i, j, pools, chosen, high, total, stream):
    """Trade between two neurons of one group; return how many dyads changed."""
    moved = 0
    between = code_of(dyads, i, j)
    for g in range(len(masks)):
        for k in range(3 if len(kinds) else 1):
            for w in range(len(chosen)):
                fits = masks[g, w]
                if len(kinds):
                    # Both dyads must have the same directions that could be seen.
                    fits &= ~(kinds[i, 0, w] ^ kinds[j, 0, w])
                    fits &= ~(kinds[i, 1, w] ^ kinds[j, 1, w])
                    fits &= kinds[i, 0, w] if k != 1 else ~kinds[i, 0, w]
                    fits &= kinds[i, 1, w] if k != 2 else ~kinds[i, 1, w]
                chosen[w] = fits
            for a in range(3):
                for b in range(a + 1, 4):
                    n = at_i = ZERO
                    for w in range(len(chosen)):
                        upper = dyads[i, b, w] & dyads[j, a, w]
                        word = (upper | (dyads[i, a, w] & dyads[j, b, w])) & chosen[w]
                        pools[a, b, w] = word
                        n += popcount(word)
                        at_i += popcount(upper & chosen[w])
                    high[4 * a + b], total[4 * a + b] = at_i, n
            # An arc between the two turns round as a third neuron's dyads would: a pool of its own.
            turns = g == group[i] and k == 0 and (between == 1 or between == 2)
            if turns and len(kinds):
                turns = has_bit(kinds[i], 0, j) and has_bit(kinds[i], 1, j)
            if turns:
                total[6] += 1
                high[6] += between == 2
            stream = circulate(high, total, mixed(stream + GOLDEN))
            if turns:
                stream += GOLDEN
                back = ((mixed(stream) >> HALF) * np.uint64(total[6])) >> HALF < np.uint64(high[6])
                total[6] -= 1
                high[6] -= back
                if back != (between == 2):
                    set_code(dyads, i, j, between, 3 - between)
                    moved += 1
            for a in range(3):
                for b in range(a + 1, 4):
                    n = total[4 * a + b]
                    if n == 0:
                        continue
                    stream = mixed(stream + GOLDEN)
                    dealt(pools[a, b], chosen, n, high[4 * a + b], stream)
                    for w in range(len(chosen)):
                        chosen[w] = (chosen[w] ^ dyads[i, b, w]) & pools[a, b, w]
                    moved += _apply(dyads, i, j, a, b, chosen)
    return moved


@compiled
def _reverse_cycles(dyads, arc_pre, arc_start, group, kinds, attempts, state):
    """Turn 3-cycles of arcs inside a group round; return how many."""
    done = 0
    for _ in range(attempts if len(arc_pre) else 0):
        e = below(state, len(arc_pre))
        a = np.int64(arc_pre[e])
        b = nth_bit(dyads[a, 1], e - arc_start[a])
        out = arc_start[b + 1] - arc_start[b]
        if out == 0 or below(state, 2):
            continue
        c = nth_bit(dyads[b, 1], below(state, out))
        if not has_bit(dyads[c], 1, a) or group[a] != group[b] or group[b] != group[c]:
            continue
        if len(kinds) and not (
            has_bit(kinds[a], 1, b) and has_bit(kinds[b], 1, c) and has_bit(kinds[c], 1, a)
        ):
            continue
        set_code(dyads, a, b, OUT, INTO)
        set_code(dyads, b, c, OUT, INTO)
        set_code(dyads, c, a, OUT, INTO)
        done += 1
    return done


@compiled
def _partner(dyads, i, rank):
    """Return the connected partner of `i` that has `rank` of them before it."""
    left = np.uint64(rank)
    for w in range(dyads.shape[2]):
        word = dyads[i, 1, w] | dyads[i, 2, w] | dyads[i, 3, w]
        here = popcount(word)
        if here <= left:
            left -= here
            continue
        for _ in range(left):
            word &= word - ONE
        return (w << 6) + np.int64(popcount((word & (~word + ONE)) - ONE))
    return -1


@compiled
def _pentad(dyads, owner, first, group, kinds, classes, five, kind, state):
    """Connect the neurons of two connected pairs, and one more, in another way."""
    n = len(dyads)
    for pair in range(2):
        place = below(state, len(owner))
        five[2 * pair] = owner[place]
        five[2 * pair + 1] = _partner(dyads, owner[place], place - first[owner[place]])
    # The fifth may be nobody, so that four neurons are a case of five.
    five[4] = below(state, n + 1)
    for p in range(5):
        for r in range(p):
            if five[p] == five[r]:
                return 0
    old = np.int64(0)
    place = np.int64(0)
    last = 4 if five[4] == n else 5
    for p in range(4):
        for r in range(p + 1, 5):
            if r < last:
                old |= code_of(dyads, five[p], five[r]) << place
            place += 2
    size = classes[1][old]
    if size == 1:
        return 0
    new = another(classes, old, below(state, size - 1))
    for p in range(last):
        for r in range(last):
            kind[p, r] = 4 * group[five[r]]
            if len(kinds) and p != r:
                kind[p, r] += has_bit(kinds[five[p]], 0, five[r])
                kind[p, r] += 2 * has_bit(kinds[five[p]], 1, five[r])
    if not keeps_kinds(old, new, kind):
        return 0
    for p in range(last):
        for r in range(p + 1, last):
            before, after = in_state(old, p, r), in_state(new, p, r)
            if before != after:
                set_code(dyads, five[p], five[r], before, after)
    return 1


@compiled
def advance_dyads(
    dyads, arc_pre, arc_start, owner, first_partner, group, masks, kinds, classes, order, level,
    group_start, passes, attempts, state,
):  # fmt: skip
    """Make some passes of trades, each with some of the rarer moves; return dyads changed.

    Parameters
    ----------
    dyads : uint64[n, 4, n / 64]
        From :func:`dyad_matrix`; changed.
    arc_pre, arc_start : int32[arcs], int64[n + 1]
        The presynaptic neuron of each arc, ascending, and where those of each neuron begin.
    owner, first_partner : int32[2 * pairs], int64[n + 1]
        Each neuron as often as it has partners, and where it begins.
    group : int32[n]
        Group of each neuron; only neurons of one group trade.
    masks : uint64[k, n / 64]
        The neurons of each group.
    kinds : uint64[n, 2, n / 64] or uint64[0, 0, 0]
        For a domain of pairs: which pairs, and which opposite pairs, are in it.
    classes : Pentads
        From :func:`connectome_graph._kernels.pentads.pentads`.
    order, level, group_start
        As for :func:`row_pairs.pair_rows`.
    passes, attempts : int
        Number of passes, and of attempts of each rarer move in a pass.
    state : uint64[4]
        Random state; changed.
    """
    first = np.empty(len(order) // 2, np.int32)
    second = np.empty(len(order) // 2, np.int32)
    pools, chosen = np.zeros((4, 4, dyads.shape[2]), np.uint64), np.empty(dyads.shape[2], np.uint64)
    high, total = np.zeros(16, np.int64), np.zeros(16, np.int64)
    five, kind = np.empty(5, np.int64), np.zeros((5, 5), np.int64)
    moved = 0
    rounds = n_rounds(level, group_start)
    for _ in range(passes):
        for turn in range(rounds):
            pairs = pairs_of_round(turn, order, level, group_start, state, first, second)
            seed = next_word(state)
            for k in range(pairs):
                i, j = np.int64(first[k]), np.int64(second[k])
                moved += _trade(
                    dyads, masks, group, kinds, i, j, pools, chosen, high, total,
                    mixed(seed + np.uint64(k) * GOLDEN),
                )  # fmt: skip
        moved += 3 * _reverse_cycles(dyads, arc_pre, arc_start, group, kinds, attempts, state)
        for _ in range(attempts if len(owner) else 0):
            moved += 2 * _pentad(
                dyads, owner, first_partner, group, kinds, classes, five, kind, state
            )
    return moved
