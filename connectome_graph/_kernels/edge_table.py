"""A hash set of directed or undirected pairs of neurons, for graphs too large for a bit matrix.

A pair is one 64-bit key, ``first << 34 | second << 2 | code``; the two low bits are free for a
code (which directions are connected) and do not take part in the search. Open addressing with
linear probing; a removal moves later keys back, so the table never fills with tombstones.
"""

import numpy as np
import numpy.typing as npt

from connectome_graph._kernels.compiling import compiled

EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_CODE = np.uint64(2)
_NEURON = np.uint64(34)
_HIGH = np.uint64(32)


@compiled
def key_of(first, second):
    """Return the key of a pair of neurons, its code 0."""
    return (np.uint64(first) << _NEURON) | (np.uint64(second) << _CODE)


@compiled
def home(key, last):
    """Return the slot where a key would like to be, in a table whose last slot is `last`."""
    return np.int64(((key >> _CODE) * _GOLDEN) >> _HIGH) & last


def empty_table(size: int) -> npt.NDArray[np.uint64]:
    """Return a table with room for `size` keys, at a quarter to a half full.

    numpy, unlike a kernel, asks the system for large pages, which random access likes.
    """
    return np.full(max(16, 1 << (2 * size - 1).bit_length()), EMPTY, np.uint64)


@compiled
def find(table, key):
    """Return the slot of a key whatever its code, or the empty slot where it would go."""
    last = len(table) - 1
    at = home(key, last)
    while table[at] != EMPTY and (table[at] ^ key) >> _CODE:
        at = (at + 1) & last
    return at


@compiled
def remove(table, key):
    """Take a key, which is in the table, out of it."""
    last = len(table) - 1
    gap = find(table, key)
    at = (gap + 1) & last
    while table[at] != EMPTY:
        if ((at - home(table[at], last)) & last) >= ((at - gap) & last):
            table[gap] = table[at]
            gap = at
        at = (at + 1) & last
    table[gap] = EMPTY
