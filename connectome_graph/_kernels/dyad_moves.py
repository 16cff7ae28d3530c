"""What the two chains over dyads share: codes, and five neurons connected anew.

A dyad has a code as seen from one of its neurons: 0 unconnected, 1 an arc to the other, 2 an arc
from the other, 3 mutual.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.row_pairs import GOLDEN, mixed

OUT, INTO, BOTH = np.int64(1), np.int64(2), np.int64(3)


@compiled(inline="always")
def turned(code):
    """Return a code as seen from the other neuron."""
    return np.int64(code if code == 0 or code == 3 else 3 - code)


@compiled
def place_of_pair(p, r):
    """Return where in the state of five neurons the two bits of the pair ``p < r`` stand."""
    return 2 * (p * 4 - p * (p - 1) // 2 + r - p - 1)


@compiled
def in_state(state, p, r):
    """Return the code of two of five neurons, seen from the first."""
    if p < r:
        return (state >> place_of_pair(p, r)) & 3
    return turned((state >> place_of_pair(r, p)) & 3)


@compiled
def another(classes, old, pick):
    """Return member number `pick` of the class of a state, the state itself left out."""
    start, _, rank, members = classes
    return np.int64(members[start[old] + (pick + 1 if pick >= rank[old] else pick)])


@compiled
def keeps_kinds(old, new, kind):
    """Return whether a new state keeps every neuron's codes by the kind of the other neuron.

    ``kind[p, r]`` tells apart what `r` may be to `p`. Codes then stay where they are possible: a
    neuron that has no arc from a kind gets none.
    """
    for p in range(5):
        for r in range(5):
            if p == r:
                continue
            before, after = in_state(old, p, r), in_state(new, p, r)
            if before == after:
                continue
            balance = 0
            for s in range(5):
                if s != p and kind[p, s] == kind[p, r]:
                    balance += (in_state(new, p, s) == after) - (in_state(old, p, s) == after)
            if balance != 0:
                return False
    return True


@compiled
def circulate(high, total, stream):
    """Draw anew how many dyads of each two codes have the higher one at the first row, in place.

    Three codes ``a < b < c`` allow a circulation: `k` more dyads of codes ``(a, b)`` have ``b`` at
    the first row, `k` more of ``(b, c)`` have ``c`` there and `k` fewer of ``(a, c)``; the row has
    as many of each code as before. How many ways there are for each `k` is a product of binomials,
    from which `k` is drawn.

    Parameters
    ----------
    high : int64[16]
        At ``4 a + b``: of the dyads with codes ``a < b`` how many have ``b`` at the first row.
    total : int64[16]
        How many dyads have these codes.
    stream : uint64
        Random stream.

    Returns
    -------
    uint64
        The stream, moved on.
    """
    for skipped in range(4):
        a = 0 if skipped > 0 else 1
        b = 1 if skipped > 1 else 2
        c = 2 if skipped > 2 else 3
        p, q, r = 4 * a + b, 4 * b + c, 4 * a + c
        least = -min(high[p], high[q], total[r] - high[r])
        most = min(total[p] - high[p], total[q] - high[q], high[r])
        if least == most:
            continue
        # Relative numbers of ways, from the present state upwards and downwards.
        whole = weight = 1.0
        for k in range(most):
            weight *= (total[p] - high[p] - k) / (high[p] + k + 1)
            weight *= (total[q] - high[q] - k) / (high[q] + k + 1)
            weight *= (high[r] - k) / (total[r] - high[r] + k + 1)
            whole += weight
        weight = 1.0
        for k in range(-least):
            weight *= (high[p] - k) / (total[p] - high[p] + k + 1)
            weight *= (high[q] - k) / (total[q] - high[q] + k + 1)
            weight *= (total[r] - high[r] - k) / (high[r] + k + 1)
            whole += weight
        stream += GOLDEN
        left = np.float64(mixed(stream) >> np.uint64(11)) * 2.0**-53 * whole - 1.0
        if left < 0:
            continue
        shift = 0
        weight = 1.0
        for k in range(most):
            weight *= (total[p] - high[p] - k) / (high[p] + k + 1)
            weight *= (total[q] - high[q] - k) / (high[q] + k + 1)
            weight *= (high[r] - k) / (total[r] - high[r] + k + 1)
            left -= weight
            if left < 0:
                shift = k + 1
                break
        if left >= 0:
            weight = 1.0
            for k in range(-least):
                weight *= (high[p] - k) / (total[p] - high[p] + k + 1)
                weight *= (high[q] - k) / (total[q] - high[q] + k + 1)
                weight *= (total[r] - high[r] - k) / (high[r] + k + 1)
                left -= weight
                if left < 0:
                    shift = -k - 1
                    break
        high[p] += shift
        high[q] += shift
        high[r] -= shift
    return stream
