"""A chain that keeps every in-, out- and mutual degree, by sorted lists: for many neurons.

The moves of :mod:`dyad_bits`. The row of a neuron holds ``partner << 2 | code`` of every connected
partner, sorted; a trade merges two rows. Each third neuron whose dyad moves from ``i`` to ``j`` has
one entry replaced in its own row, so the length of a row never changes.

With `bins` a trade also keeps how many edges have which length: third neurons are dealt apart by
the distance bins in which they lie from `i` and from `j`.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.dyad_moves import another, circulate, in_state, keeps_kinds, turned
from connectome_graph._kernels.prefetching import prefetch
from connectome_graph._kernels.row_pairs import GOLDEN, HALF, mixed, n_rounds, pairs_of_round
from connectome_graph._kernels.stream import below, next_word
from connectome_graph._kernels.trades import place_in, replace_in

#: Pairs of rows that memory is asked for ahead of their trade.
AHEAD = 4
#: Rows of third neurons that memory is asked for ahead of their change.
NEAR = 8


@compiled
def entry(start, packed, i, t):
    """Return where the entry of `t` stands in the row of `i`, or -1."""
    at = place_in(packed, start[i], start[i + 1], np.int32(t << 2))
    return at if at < start[i + 1] and packed[at] >> 2 == t else -1


@compiled
def code_of(start, packed, i, t):
    """Return the code of a dyad, seen from `i`."""
    at = entry(start, packed, i, t)
    return np.int64(packed[at] & 3) if at >= 0 else np.int64(0)


@compiled
def _swap(start, packed, t, i, j, code_i, code_j):
    """Give `t` the codes of a traded dyad: those it had with `i` and `j`, exchanged."""
    if code_i and code_j:
        packed[entry(start, packed, t, i)] = np.int32(i << 2 | turned(code_j))
        packed[entry(start, packed, t, j)] = np.int32(j << 2 | turned(code_i))
    elif code_i:
        code = turned(code_i)
        replace_in(packed, start[t], start[t + 1], np.int32(i << 2 | code), np.int32(j << 2 | code))
    else:
        code = turned(code_j)
        replace_in(packed, start[t], start[t + 1], np.int32(j << 2 | code), np.int32(i << 2 | code))


@compiled
def bin_of(xyz, squares, i, j):
    """Return the distance bin of two neurons; `squares` are the squared inner edges."""
    if len(squares) == 0:
        return np.int64(0)
    x, y, z = xyz[i, 0] - xyz[j, 0], xyz[i, 1] - xyz[j, 1], xyz[i, 2] - xyz[j, 2]
    square = x * x + y * y + z * z
    found = np.int64(0)
    while found < len(squares) and square >= squares[found]:
        found += 1
    return found


@compiled
def _trade(
    start, packed, group, n_groups, may_start, may, xyz, squares, i, j, room, high, total, stream
):
    """Trade between two neurons of one group; return how many dyads changed."""
    third, codes, slots, touched = room
    x, x_end, y, y_end = start[i], start[i + 1], start[j], start[j + 1]
    n = free = n_touched = 0
    width = len(squares) + 1
    beyond = np.int32(2147483647)
    own = -1
    while x < x_end or y < y_end:
        u = packed[x] >> 2 if x < x_end else beyond
        v = packed[y] >> 2 if y < y_end else beyond
        a = b = 0
        t = min(u, v)
        if u == t:
            a = packed[x] & 3
            x += 1
        if v == t:
            b = packed[y] & 3
            y += 1
        third[n], codes[n], slots[n] = t, a << 2 | b, -1
        # The dyad of the two stands in both rows: an arc turns round as a third neuron's would.
        arc = t == j and (a == 1 or a == 2)
        if (a != b and t != i and t != j) or arc:
            kind = 3
            if len(may):
                kind = code_of(may_start, may, i, t)
                if kind != (3 if arc else code_of(may_start, may, j, t)):
                    kind = 0
            if kind:
                base = np.int64(kind * n_groups + group[t])
                if width > 1:
                    bin_i = bin_of(xyz, squares, i, t)
                    bin_j = bin_i if arc else bin_of(xyz, squares, j, t)
                    base = (base * width + bin_i) * width + bin_j
                if arc:
                    own, b = n, 3 - a
                slot = 16 * base + 4 * min(a, b) + max(a, b)
                if slots_empty(total, base):
                    touched[n_touched] = base
                    n_touched += 1
                slots[n] = slot
                total[slot] += 1
                high[slot] += a > b
                free += 1
        n += 1
    changed = 0
    if free > 1:
        stream = mixed(stream)
        for k in range(n_touched):
            base = 16 * touched[k]
            stream = circulate(high[base : base + 16], total[base : base + 16], stream)
        for p in range(n):
            s = slots[p]
            if s < 0:
                continue
            stream += GOLDEN
            # One of those left in its slot has the higher code at i with the chance high / left.
            left = np.uint64(total[s])
            high_at_i = ((mixed(stream) >> HALF) * left) >> HALF < np.uint64(high[s])
            total[s] -= 1
            high[s] -= high_at_i
            a, b = codes[p] >> 2, codes[p] & 3
            if p == own:
                b = 3 - a
            if high_at_i != (a > b):
                # What changed is listed over the slots that were read.
                slots[changed] = p
                changed += 1
        for k in range(changed):
            if k + NEAR < changed:
                prefetch(packed, start[third[slots[k + NEAR]]])
            p = slots[k]
            if p == own:
                a = codes[p] >> 2
                codes[p] = (3 - a) << 2
                packed[entry(start, packed, i, j)] = np.int32(j << 2 | (3 - a))
                packed[entry(start, packed, j, i)] = np.int32(i << 2 | a)
                continue
            a, b = codes[p] >> 2, codes[p] & 3
            codes[p] = b << 2 | a
            _swap(start, packed, third[p], i, j, a, b)
        # The dyad of the two was read as j in i's row and as i in j's; both are told apart.
        _write_rows(start, packed, i, j, third, codes, n, own)
    elif free == 1:
        for p in range(n):
            if slots[p] >= 0:
                total[slots[p]] = high[slots[p]] = 0
    return changed


@compiled
def slots_empty(total, base):
    """Return whether no dyad was counted yet in the slots of a base."""
    for slot in range(16 * base, 16 * base + 16):
        if total[slot]:
            return False
    return True


@compiled
def _write_rows(start, packed, i, j, third, codes, n, own):
    """Write the rows of two neurons that traded."""
    turned_arc = own >= 0
    new = codes[own] >> 2 if turned_arc else 0
    x, y = start[i], start[j]
    for p in range(n):
        a, b = codes[p] >> 2, codes[p] & 3
        t = third[p]
        if turned_arc and t == j:
            a, b = new, 0
        elif turned_arc and t == i:
            a, b = 0, 3 - new
        if a:
            packed[x] = t << 2 | a
            x += 1
        if b:
            packed[y] = t << 2 | b
            y += 1


@compiled
def _turn(start, packed, a, b):
    """Turn the arc ``a -> b`` round."""
    packed[entry(start, packed, a, b)] = np.int32(b << 2 | 2)
    packed[entry(start, packed, b, a)] = np.int32(a << 2 | 1)


@compiled
def _reverse_cycles(owner, start, packed, group, may_start, may, attempts, state):
    """Turn 3-cycles of arcs inside a group round; return how many."""
    done = 0
    for _ in range(attempts if len(packed) else 0):
        e = below(state, len(packed))
        a, b = owner[e], packed[e] >> 2
        if packed[e] & 3 != 1 or below(state, 2):
            continue
        f = start[b] + below(state, start[b + 1] - start[b])
        c = packed[f] >> 2
        if packed[f] & 3 != 1 or c == a or group[a] != group[b] or group[b] != group[c]:
            continue
        if code_of(start, packed, c, a) != 1:
            continue
        if len(may) and (
            code_of(may_start, may, a, b) != 3
            or code_of(may_start, may, b, c) != 3
            or code_of(may_start, may, c, a) != 3
        ):
            continue
        _turn(start, packed, a, b)
        _turn(start, packed, b, c)
        _turn(start, packed, c, a)
        done += 1
    return done


@compiled
def _same_lengths(old, new, five, last, xyz, squares):
    """Return whether a new state of five neurons has as many dyads of each code and length."""
    if len(squares) == 0:
        return True
    for bins in range(len(squares) + 1):
        arcs = both = 0
        for p in range(last):
            for r in range(p + 1, last):
                if bin_of(xyz, squares, five[p], five[r]) != bins:
                    continue
                before, after = in_state(old, p, r), in_state(new, p, r)
                arcs += (after == 1 or after == 2) - (before == 1 or before == 2)
                both += (after == 3) - (before == 3)
        if arcs or both:
            return False
    return True


@compiled
def _write_five(start, packed, old, new, five, last):
    """Give five neurons the codes of a new state: as many entries leave each row as come."""
    for p in range(last):
        i = five[p]
        gone, come = 0, 0
        while True:
            # The next partner that changes: an entry that leaves makes room for one that comes.
            while gone < last and (
                gone == p or in_state(old, p, gone) == 0 or in_state(new, p, gone) != 0
            ):
                gone += 1
            while come < last and (
                come == p or in_state(new, p, come) == 0 or in_state(old, p, come) != 0
            ):
                come += 1
            if gone == last:
                break
            replace_in(
                packed, start[i], start[i + 1],
                np.int32(five[gone] << 2 | in_state(old, p, gone)),
                np.int32(five[come] << 2 | in_state(new, p, come)),
            )  # fmt: skip
            gone += 1
            come += 1
        for r in range(last):
            if r != p and in_state(old, p, r) and in_state(new, p, r):
                packed[entry(start, packed, i, five[r])] = np.int32(
                    five[r] << 2 | in_state(new, p, r)
                )


@compiled
def _pentad(owner, start, packed, group, may_start, may, xyz, squares, classes, five, kind, state):
    """Connect the neurons of two connected pairs, and one more, in another way."""
    n = len(start) - 1
    for pair in range(2):
        place = below(state, len(packed))
        five[2 * pair], five[2 * pair + 1] = owner[place], packed[place] >> 2
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
                old |= code_of(start, packed, five[p], five[r]) << place
            place += 2
    size = classes[1][old]
    if size == 1:
        return 0
    new = another(classes, old, below(state, size - 1))
    for p in range(last):
        for r in range(last):
            kind[p, r] = 4 * group[five[r]]
            if len(may) and p != r:
                kind[p, r] += code_of(may_start, may, five[p], five[r])
    if not keeps_kinds(old, new, kind) or not _same_lengths(old, new, five, last, xyz, squares):
        return 0
    _write_five(start, packed, old, new, five, last)
    return 1


@compiled
def advance_dyad_lists(
    owner, start, packed, group, n_groups, may_start, may, xyz, squares, classes, largest, order,
    level, group_start, passes, attempts, state,
):  # fmt: skip
    """Make some passes of trades, each with some of the rarer moves; return dyads changed.

    Parameters
    ----------
    owner : int32[2 * pairs]
        The neuron in whose row each entry is.
    start : int64[n + 1]
        Where each row begins.
    packed : int32[2 * pairs]
        ``partner << 2 | code`` of every connected partner, each row sorted; changed.
    group : int32[n]
        Group of each neuron; only neurons of one group trade.
    n_groups : int
        Number of groups.
    may_start, may : int64[n + 1], int32[q]
        For a domain of pairs: likewise, which directions of each pair are in it; `may` is empty
        elsewhere.
    xyz, squares : float64[n, 3], float64[k]
        Positions, and squared inner edges of the distance bins to keep; `squares` is empty
        where lengths are free.
    classes : Pentads
        From :func:`connectome_graph._kernels.pentads.pentads`.
    largest : int
        Length of the longest row.
    order, level, group_start
        As for :func:`row_pairs.pair_rows`.
    passes, attempts : int
        Number of passes, and of attempts of each rarer move in a pass.
    state : uint64[4]
        Random state; changed.
    """
    first = np.empty(len(order) // 2, np.int32)
    second = np.empty(len(order) // 2, np.int32)
    width = 2 * largest + 1
    room = (
        np.empty(width, np.int32), np.empty(width, np.int32), np.empty(width, np.int64),
        np.empty(width, np.int64),
    )  # fmt: skip
    slots = 64 * n_groups * (len(squares) + 1) ** 2
    high, total = np.zeros(slots, np.int64), np.zeros(slots, np.int64)
    five, kind = np.empty(5, np.int64), np.zeros((5, 5), np.int64)
    moved = 0
    rounds = n_rounds(level, group_start)
    for _ in range(passes):
        for turn in range(rounds):
            pairs = pairs_of_round(turn, order, level, group_start, state, first, second)
            seed = next_word(state)
            for k in range(pairs):
                if k + AHEAD < pairs:
                    prefetch(packed, start[first[k + AHEAD]])
                    prefetch(packed, start[second[k + AHEAD]])
                stream = seed + np.uint64(k) * GOLDEN
                moved += _trade(
                    start, packed, group, n_groups, may_start, may, xyz, squares, first[k],
                    second[k], room, high, total, stream,
                )  # fmt: skip
        moved += 3 * _reverse_cycles(owner, start, packed, group, may_start, may, attempts, state)
        for _ in range(attempts if len(packed) else 0):
            moved += 2 * _pentad(
                owner, start, packed, group, may_start, may, xyz, squares, classes, five, kind,
                state,
            )  # fmt: skip
    return moved
