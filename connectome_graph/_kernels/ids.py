"""Root ids to positions: an open-addressing hash table over int64 ids.

The table is one uint64 array of ``2 * capacity`` slots, key and position side by side, so
that a hit costs one cache line. A key is an id with its sign turned, so that the empty slot, 0,
is the one integer that is never an id: the lowest one, which stands for a missing id.
"""

from __future__ import annotations

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.prefetching import prefetch

# Look-ups that are under way at a time.
AHEAD = 64
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SIGN = np.uint64(1 << 63)


@compiled
def insert_ids(ids, table, shift):
    """Fill `table` with ``ids[i] -> i``; return the position of the first repeat, or -1."""
    mask = np.int64(len(table) // 2 - 1)
    repeated = np.int64(-1)
    for i in range(len(ids)):
        key = np.uint64(ids[i]) ^ _SIGN
        slot = np.int64((key * _GOLDEN) >> shift)
        while table[2 * slot] != np.uint64(0) and table[2 * slot] != key:
            slot = (slot + 1) & mask
        if table[2 * slot] == key and repeated < 0:
            repeated = np.int64(i)
        table[2 * slot] = key
        table[2 * slot + 1] = np.uint64(i)
    return repeated


@compiled
def lookup_ids(ids, table, shift, codes):
    """Write the position of each id into `codes` (-1 when absent); return how many are absent."""
    mask = np.int64(len(table) // 2 - 1)
    absent = np.int64(0)
    slots = np.empty(AHEAD, np.int64)
    for begin in range(0, len(ids), AHEAD):
        size = min(AHEAD, len(ids) - begin)
        for i in range(size):
            slots[i] = np.int64(((np.uint64(ids[begin + i]) ^ _SIGN) * _GOLDEN) >> shift)
            prefetch(table, 2 * slots[i])
        for i in range(size):
            key = np.uint64(ids[begin + i]) ^ _SIGN
            slot = slots[i]
            code = np.int32(-1)
            while table[2 * slot] != np.uint64(0):
                if table[2 * slot] == key:
                    code = np.int32(table[2 * slot + 1])
                    break
                slot = (slot + 1) & mask
            codes[begin + i] = code
            if code < 0:
                absent += 1
    return absent
