"""Trades between the rows of a directed graph that keep every in- and out-degree.

Two rows ``i`` and ``j`` (the targets of two neurons) put together the targets that only one of them
has and that the other may have, and deal them out at random: each row keeps its size, each column
its sum, and what both rows have stays. All outcomes of one trade are equally likely and the pool
is the same before and after, so every pass keeps the uniform distribution.

Targets come in *groups*: a trade deals each group by itself, so that a row keeps its number of
targets in each. With `reciprocal` the targets are further told apart by whether they project
back to `i`, and to `j`; then a trade also keeps the number of mutual pairs.

Trades alone do not turn a lone 3-cycle round; :func:`reverse_cycles` does.

References
----------
Strona et al. (2014), A fast and unbiased procedure to randomize ecological binary matrices with
fixed row and column totals, Nat. Commun. 5, 4114. Carstens, Berger & Strona (2018), A unifying
framework for fast randomization of ecological networks, Methods Ecol. Evol. 9.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.prefetching import prefetch
from connectome_graph._kernels.row_pairs import GOLDEN, HALF, mixed, n_rounds, pairs_of_round
from connectome_graph._kernels.stream import below, next_word

#: Pairs of rows that memory is asked for ahead of their trade.
AHEAD = 6


@compiled
def place_in(values, start, stop, value):
    """Return where in the sorted ``values[start:stop]`` a value stands, or would stand."""
    while start < stop:
        middle = (start + stop) >> 1
        if values[middle] < value:
            start = middle + 1
        else:
            stop = middle
    return start


@compiled
def has(start, target, i, j):
    """Return whether ``i -> j``, by sorted rows."""
    at = place_in(target, start[i], start[i + 1], j)
    return at < start[i + 1] and target[at] == j


@compiled
def replace_in(values, start, stop, old, new):
    """Replace a value of the sorted ``values[start:stop]``, which stays sorted."""
    at = place_in(values, start, stop, old)
    if old < new:
        while at + 1 < stop and values[at + 1] < new:
            values[at] = values[at + 1]
            at += 1
    else:
        while at > start and values[at - 1] > new:
            values[at] = values[at - 1]
            at -= 1
    values[at] = new


@compiled
def _may(allowed_start, allowed, i, j):
    """Return whether ``i -> j`` may be an edge; without `allowed` all but autapses may."""
    if len(allowed) == 0:
        return i != j
    return has(allowed_start, allowed, i, j)


@compiled
def trade_rows(start, target, largest, first, second, begin, end, seed):
    """Trade between the rows of the pairs ``begin:end``, in place; return how many edges moved.

    For one group of targets, where all pairs but autapses may be edges; see :func:`trade_lists`.
    Without branches on what the rows hold: half of them would be guessed wrong.
    """
    third = np.empty(2 * largest + 2, np.int32)
    # Whose a target is: 1 the first row's, 2 the second's, 3 both.
    own = np.empty(2 * largest + 2, np.uint8)
    row_i, row_j = np.empty(largest + 2, np.int32), np.empty(largest + 2, np.int32)
    one, none = np.uint64(1), np.uint64(0)
    moved = none
    for k in range(begin, end):
        if k + AHEAD < end:
            prefetch(target, start[first[k + AHEAD]])
            prefetch(target, start[second[k + AHEAD]])
        i, j = first[k], second[k]
        # Unsigned places spare the check for negative ones.
        x, x_end = np.uint64(start[i]), np.uint64(start[i + 1])
        y, y_end = np.uint64(start[j]), np.uint64(start[j + 1])
        x_start, y_start, n = x, y, none
        while x < x_end and y < y_end:
            u, v = target[x], target[y]
            of_i, of_j = np.uint64(u <= v), np.uint64(v <= u)
            third[n], own[n] = min(u, v), of_i | of_j << one
            n += one
            x += of_i
            y += of_j
        while x < x_end:
            third[n], own[n] = target[x], 1
            n += one
            x += one
        while y < y_end:
            third[n], own[n] = target[y], 2
            n += one
            y += one
        # What both have stays, and so do the edges between the two rows' own neurons.
        shared = (x_end - x_start) + (y_end - y_start) - n
        forth = back = none
        for p in range(n):
            forth += np.uint64(third[p] == j)
            back += np.uint64(third[p] == i)
        need, left = (x_end - x_start) - shared - forth, n - shared - forth - back
        if need == none or need == left:
            continue
        stream = mixed(seed + np.uint64(k) * GOLDEN)
        at_i = at_j = none
        for p in range(n):
            stream += GOLDEN
            t, o = third[p], np.uint64(own[p])
            free = np.uint64(o != 3) & np.uint64(t != i) & np.uint64(t != j)
            # Each of the targets left goes to i with the chance need / left.
            take = np.uint64(((mixed(stream) >> HALF) * left) >> HALF < need)
            stays = free ^ one
            moved += free & (take ^ (o & one))
            need -= free & take
            left -= free
            row_i[at_i], row_j[at_j] = t, t
            at_i += (free & take) | (stays & o & one)
            at_j += (free & (take ^ one)) | (stays & (o >> one))
        for p in range(at_i):
            target[x_start + p] = row_i[p]
        for p in range(at_j):
            target[y_start + p] = row_j[p]
    return np.int64(moved)


@compiled
def trade_lists(
    start, target, group, n_groups, reciprocal, allowed_start, allowed, largest, first, second,
    begin, end, seed,
):  # fmt: skip
    """Trade between the rows of the pairs ``begin:end``, in place; return how many edges moved.

    Parameters
    ----------
    start : int64[n + 1]
        Where each row begins.
    target : int32[m]
        The targets, each row sorted, before and after; changed.
    group : int32[n] or int32[0]
        Group of each target; empty when there is one group.
    n_groups : int
        Number of groups.
    reciprocal : int
        1 where a target's edges back to the two rows tell it apart, else 0.
    allowed_start, allowed : int64[n + 1], int32[p]
        Sorted rows of the pairs that may be edges; `allowed` is empty where all but autapses may.
    largest : int
        Length of the longest row.
    first, second : int32[k]
        The pairs of rows.
    begin, end : int
        Which of them.
    seed : uint64
        Seed of the pass.
    """
    pool = np.empty(2 * largest + 1, np.int32)
    own = np.empty(2 * largest + 1, np.uint8)
    slot = np.empty(2 * largest + 1, np.int32)
    kept_i, kept_j = np.empty(largest + 1, np.int32), np.empty(largest + 1, np.int32)
    slots = n_groups * (4 if reciprocal else 1)
    need, left = np.zeros(slots, np.uint64), np.zeros(slots, np.uint64)
    moved = 0
    for k in range(begin, end):
        if k + AHEAD < end:
            prefetch(target, start[first[k + AHEAD]])
            prefetch(target, start[second[k + AHEAD]])
        i, j = first[k], second[k]
        x, x_end, y, y_end = start[i], start[i + 1], start[j], start[j + 1]
        n = n_i = n_j = 0
        from_i = np.int64(0)
        while x < x_end or y < y_end:
            u = target[x] if x < x_end else np.int32(2147483647)
            v = target[y] if y < y_end else np.int32(2147483647)
            if u == v:
                kept_i[n_i], kept_j[n_j] = u, v
                n_i, n_j, x, y = n_i + 1, n_j + 1, x + 1, y + 1
                continue
            of_i = u < v
            t = u if of_i else v
            if of_i:
                x += 1
            else:
                y += 1
            if _may(allowed_start, allowed, j if of_i else i, t):
                pool[n], own[n] = t, of_i
                n += 1
                from_i += of_i
            elif of_i:
                kept_i[n_i] = t
                n_i += 1
            else:
                kept_j[n_j] = t
                n_j += 1
        if from_i == 0 or from_i == n:
            continue
        for p in range(n):
            s = np.int64(group[pool[p]] if len(group) else 0)
            if reciprocal:
                s = 4 * s + 2 * has(start, target, pool[p], i) + has(start, target, pool[p], j)
            slot[p] = s
            left[s] += np.uint64(1)
            need[s] += np.uint64(own[p])
        stream = mixed(seed + np.uint64(k) * GOLDEN)
        at_i, at_j, c_i, c_j = start[i], start[j], 0, 0
        for p in range(n):
            stream += GOLDEN
            t, s = pool[p], slot[p]
            # One of the targets left in its group goes to i with the chance need / left.
            to_i = ((mixed(stream) >> HALF) * left[s]) >> HALF < need[s]
            left[s] -= np.uint64(1)
            if to_i:
                need[s] -= np.uint64(1)
                moved += own[p] == 0
                while c_i < n_i and kept_i[c_i] < t:
                    target[at_i] = kept_i[c_i]
                    at_i, c_i = at_i + 1, c_i + 1
                target[at_i] = t
                at_i += 1
            else:
                moved += own[p] == 1
                while c_j < n_j and kept_j[c_j] < t:
                    target[at_j] = kept_j[c_j]
                    at_j, c_j = at_j + 1, c_j + 1
                target[at_j] = t
                at_j += 1
        for c in range(c_i, n_i):
            target[at_i] = kept_i[c]
            at_i += 1
        for c in range(c_j, n_j):
            target[at_j] = kept_j[c]
            at_j += 1
    return moved


@compiled
def trade(
    start, target, group, n_groups, allowed_start, allowed, largest, first, second, begin, end, seed
):
    """Trade between the rows of the pairs ``begin:end``, by the faster of the two ways."""
    if n_groups == 1 and len(allowed) == 0:
        return trade_rows(start, target, largest, first, second, begin, end, seed)
    return trade_lists(
        start, target, group, n_groups, 0, allowed_start, allowed, largest, first, second, begin,
        end, seed,
    )  # fmt: skip


@compiled
def reverse_cycles(pre, start, target, group, allowed_start, allowed, attempts, state):
    """Turn 3-cycles round, in place; return how many.

    An attempt walks ``a -> b -> c``; where ``c -> a`` closes a cycle of which no edge is mutual,
    whose neurons are of one group and whose opposite edges are allowed, it turns round half of
    the time (always would let the number of attempts decide which way a lone one runs). Cycle and
    reverse are proposed equally often: the chance is the sum over the neurons of
    ``1 / (edges * out-degree)``.
    """
    turned = 0
    m = len(target)
    for _ in range(attempts if m else 0):
        e = below(state, m)
        a, b = pre[e], target[e]
        out = start[b + 1] - start[b]
        if out == 0 or below(state, 2):
            continue
        c = target[start[b] + below(state, out)]
        if c == a or not has(start, target, c, a) or has(start, target, a, c):
            continue
        if has(start, target, c, b) or has(start, target, b, a):
            continue
        if len(group) and (group[a] != group[b] or group[b] != group[c]):
            continue
        if len(allowed) and not (
            has(allowed_start, allowed, a, c)
            and has(allowed_start, allowed, c, b)
            and has(allowed_start, allowed, b, a)
        ):
            continue
        replace_in(target, start[a], start[a + 1], b, c)
        replace_in(target, start[c], start[c + 1], a, b)
        replace_in(target, start[b], start[b + 1], c, a)
        turned += 1
    return turned


@compiled
def advance_lists(
    pre, start, target, group, n_groups, allowed_start, allowed, largest, order, level,
    group_start, passes, attempts, state,
):  # fmt: skip
    """Make some passes of trades over all rows, each with reversals; return edges moved."""
    first = np.empty(len(order) // 2, np.int32)
    second = np.empty(len(order) // 2, np.int32)
    moved = 0
    rounds = n_rounds(level, group_start)
    for _ in range(passes):
        for turn in range(rounds):
            pairs = pairs_of_round(turn, order, level, group_start, state, first, second)
            moved += trade(
                start, target, group, n_groups, allowed_start, allowed, largest, first, second, 0,
                pairs, next_word(state),
            )  # fmt: skip
        moved += 3 * reverse_cycles(
            pre, start, target, group, allowed_start, allowed, attempts, state
        )
    return moved


@compiled
def count_common(pre, post, other):
    """Return how many edges two graphs have in common.

    Both have the same edges per neuron: `pre` ascends, and `post` and `other` ascend in each row.
    """
    common = 0
    begin = 0
    while begin < len(pre):
        end = begin
        while end < len(pre) and pre[end] == pre[begin]:
            end += 1
        x = y = begin
        while x < end and y < end:
            common += post[x] == other[y]
            forth = post[x] <= other[y]
            back = other[y] <= post[x]
            x += forth
            y += back
        begin = end
    return common
