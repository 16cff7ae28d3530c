"""Triangles of a graph that is held in blocks of rows: two blocks at a time suffice.

The rows are those of ``triads``: neurons ranked by degree, every connected pair at its lower
rank with a dyad code. A block holds the rows of a range of ranks. A triangle of ranks i < j < k
needs row i and row j only, so those whose i lies in one block and whose j in another are found
with these two, and every pair of blocks is work of its own.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def block_rows(keys, first, n_rows):
    """Return the rows of a block from its sorted keys.

    Parameters
    ----------
    keys : uint64[m]
        ``lower rank << 32 | higher rank << 2 | dyad code``, sorted; both directions of a mutual
        pair are two keys.
    first, n_rows
        The block's first rank and its number of ranks.

    Returns
    -------
    starts : int64[n_rows + 1]
        Where each row begins.
    packed : int32[pairs]
        ``higher rank << 2 | dyad code``, sorted within each row.
    """
    starts = np.zeros(n_rows + 1, np.int64)
    packed = np.empty(len(keys), np.int32)
    used = 0
    before = np.uint64(0)
    for k in range(len(keys)):
        pair = keys[k] >> np.uint64(2)
        code = np.int32(keys[k] & np.uint64(3))
        if k > 0 and pair == before:
            packed[used - 1] |= code
            continue
        before = pair
        packed[used] = np.int32(keys[k] & np.uint64(0xFFFFFFFF))
        used += 1
        starts[np.int64(keys[k] >> np.uint64(32)) - first + 1] = used
    for row in range(n_rows):
        starts[row + 1] = max(starts[row + 1], starts[row])
    return starts, packed[:used].copy()


@compiled
def block_degrees(first, starts, packed, n):
    """Count the partners of each kind that the pairs of a block give to both their members.

    Returns
    -------
    int64[n - first, 3]
        By rank from `first` on: outgoing only, incoming only, mutual.
    """
    degrees = np.zeros((n - first, 3), np.int64)
    for i in range(len(starts) - 1):
        for p in range(starts[i], starts[i + 1]):
            j = (packed[p] >> 2) - first
            code = packed[p] & 3
            back = code if code == 3 else 3 - code
            degrees[i, code - 1] += 1
            degrees[j, back - 1] += 1
    return degrees


@compiled
def _first_at_least(values, start, stop, least):
    """Return the first place in a sorted stretch whose value is not below `least`."""
    while start < stop:
        middle = (start + stop) // 2
        if values[middle] < least:
            start = middle + 1
        else:
            stop = middle
    return start


@compiled
def _lower_partners(starts, packed, first, n_rows):
    """Return, for every rank of a second block, its partners in the rows of the first.

    Returns
    -------
    begin : int64[n_rows + 1]
    lower : int32[found]
        Rows of the first block.
    position : int64[found]
        Where the row holds the rank.
    """
    begin = np.zeros(n_rows + 1, np.int64)
    end = (first + n_rows) << 2
    for i in range(len(starts) - 1):
        at = _first_at_least(packed, starts[i], starts[i + 1], first << 2)
        while at < starts[i + 1] and packed[at] < end:
            begin[(packed[at] >> 2) - first + 1] += 1
            at += 1
    for row in range(n_rows):
        begin[row + 1] += begin[row]
    place = begin[:-1].copy()
    lower = np.empty(begin[-1], np.int32)
    position = np.empty(begin[-1], np.int64)
    for i in range(len(starts) - 1):
        at = _first_at_least(packed, starts[i], starts[i + 1], first << 2)
        while at < starts[i + 1] and packed[at] < end:
            j = (packed[at] >> 2) - first
            lower[place[j]] = i
            position[place[j]] = at
            place[j] += 1
            at += 1
    return begin, lower, position


@compiled
def closed_between(starts, packed, first, other_starts, other_packed, n):
    """Count the triangles whose lowest rank is in one block and whose middle is in another.

    Parameters
    ----------
    starts, packed
        Rows of the block of the lowest ranks.
    first
        First rank of the other block.
    other_starts, other_packed
        Rows of the block of the middle ranks, which may be the same one.
    n
        Number of ranks in all.

    Returns
    -------
    int64[64]
        Number of triangles by triad code.
    """
    n_rows = len(other_starts) - 1
    begin, lower, position = _lower_partners(starts, packed, first, n_rows)
    longest = 0
    for i in range(len(starts) - 1):
        longest = max(longest, starts[i + 1] - starts[i])
    mark = np.zeros(n, np.uint8)
    found = np.empty(longest + 1, np.uint8)
    # A partner's mark has bit 64, so that a mark of 0 is no partner.
    counts = np.zeros(128, np.int64)
    for j in range(n_rows):
        if other_starts[j + 1] == other_starts[j] or begin[j + 1] == begin[j]:
            continue
        for p in range(other_starts[j], other_starts[j + 1]):
            mark[other_packed[p] >> 2] = 64 | (other_packed[p] & 3) << 4
        for z in range(begin[j], begin[j + 1]):
            at = position[z]
            # Without a branch: hits are too irregular for the processor to predict.
            hits = 0
            for q in range(at + 1, starts[lower[z] + 1]):
                jk = mark[packed[q] >> 2]
                found[hits] = jk | (packed[q] & 3) << 2
                hits += jk != 0
            ij = packed[at] & 3
            for h in range(hits):
                counts[found[h] | ij] += 1
        for p in range(other_starts[j], other_starts[j + 1]):
            mark[other_packed[p] >> 2] = 0
    return counts[64:].copy()
