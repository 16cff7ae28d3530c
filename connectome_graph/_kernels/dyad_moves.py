"""What the two chains over dyads share: codes, and five neurons connected anew.

A dyad has a code as seen from one of its neurons: 0 unconnected, 1 an arc to the other, 2 an arc
from the other, 3 mutual.
"""

import numba as nb
import numpy as np

OUT, INTO, BOTH = np.int64(1), np.int64(2), np.int64(3)


@nb.njit(cache=True, nogil=True, inline="always")
def turned(code):
    """Return a code as seen from the other neuron."""
    return np.int64(code if code == 0 or code == 3 else 3 - code)


@nb.njit(cache=True, nogil=True)
def place_of_pair(p, r):
    """Return where in the state of five neurons the two bits of the pair ``p < r`` stand."""
    return 2 * (p * 4 - p * (p - 1) // 2 + r - p - 1)


@nb.njit(cache=True, nogil=True)
def in_state(state, p, r):
    """Return the code of two of five neurons, seen from the first."""
    if p < r:
        return (state >> place_of_pair(p, r)) & 3
    return turned((state >> place_of_pair(r, p)) & 3)


@nb.njit(cache=True, nogil=True)
def another(classes, old, pick):
    """Return member number `pick` of the class of a state, the state itself left out."""
    start, _, rank, members = classes
    return np.int64(members[start[old] + (pick + 1 if pick >= rank[old] else pick)])


@nb.njit(cache=True, nogil=True)
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
