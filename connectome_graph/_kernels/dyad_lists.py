"""The rarer moves of a chain that keeps every in-, out- and mutual degree, by sorted lists.

Trades are those of :mod:`dyad_blocks`. The row of a neuron holds ``partner << 2 | code`` of every
connected partner, sorted; the length of a row never changes.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.dyad_moves import another, in_state, keeps_kinds
from connectome_graph._kernels.stream import below
from connectome_graph._kernels.trades import place_in, replace_in


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
def move_rarely(
    owner, start, packed, group, may_start, may, xyz, squares, classes, attempts, state
):
    """Attempt some of the rarer moves; return how many dyads changed.

    Parameters
    ----------
    owner : int32[2 * pairs]
        The neuron in whose row each entry is.
    start : int64[n + 1]
        Where each row begins.
    packed : int32[2 * pairs]
        ``partner << 2 | code`` of every connected partner, each row sorted; changed.
    group : int32[n]
        Group of each neuron.
    may_start, may : int64[n + 1], int32[q]
        For a domain of pairs: likewise, which directions of each pair are in it; `may` is empty
        elsewhere.
    xyz, squares : float64[n, 3], float64[k]
        Positions, and squared inner edges of the distance bins to keep; `squares` is empty
        where lengths are free.
    classes : Pentads
        From :func:`connectome_graph._kernels.pentads.pentads`.
    attempts : int
        Number of attempts of each move.
    state : uint64[4]
        Random state; changed.
    """
    five, kind = np.empty(5, np.int64), np.zeros((5, 5), np.int64)
    moved = 3 * _reverse_cycles(owner, start, packed, group, may_start, may, attempts, state)
    for _ in range(attempts if len(packed) else 0):
        moved += 2 * _pentad(
            owner, start, packed, group, may_start, may, xyz, squares, classes, five, kind, state
        )
    return moved
