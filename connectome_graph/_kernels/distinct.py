"""Distinct random numbers, drawn into a bit for each number that could be drawn."""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.stream import below

_ONE = np.uint64(1)
_LOW = np.int64(63)


@compiled
def draw_distinct(sizes, wanted, state):
    """Return, class after class, ``wanted[c]`` distinct numbers of ``sizes[c]``, ascending.

    The numbers of a class follow those of the classes before it. Where more than half of a
    class is wanted, what is left out is drawn.
    """
    bits = np.zeros((sizes.sum() + 63) >> 6, np.uint64)
    drawn = np.empty(wanted.sum(), np.int64)
    first, at = np.int64(0), 0
    for c in range(len(sizes)):
        inverted = 2 * wanted[c] > sizes[c]
        missing = sizes[c] - wanted[c] if inverted else wanted[c]
        while missing:
            number = first + below(state, sizes[c])
            bit = _ONE << np.uint64(number & _LOW)
            if not bits[number >> 6] & bit:
                bits[number >> 6] |= bit
                missing -= 1
        if wanted[c]:
            for number in range(first, first + sizes[c]):
                chosen = (bits[number >> 6] >> np.uint64(number & _LOW)) & _ONE
                if (chosen == 0) == inverted:
                    drawn[at] = number
                    at += 1
        first += sizes[c]
    return drawn
