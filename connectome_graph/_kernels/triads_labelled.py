"""Triangles and wedges counted by the types of their members.

Two ways to hold the counts: a dense table for few types, and a hash table for many. Both are
keyed by a triad code and three types; the wedges by their middle's type and two ends.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.prefetching import prefetch
from connectome_graph._kernels.triads import AHEAD, BLOCK

EMPTY = -1


@compiled
def closed_dense(start, stop, packed, begin, lower, position, kind, n_kinds, worker, n_workers):
    """Count the triangles by triad code and types, in a dense table.

    Parameters
    ----------
    kind : int32[n]
        Type of every *rank*.

    Returns
    -------
    int64[n_kinds, n_kinds, n_kinds, 64]
        By the types of the lowest, middle and highest rank, and the triad code.
    """
    n = len(start)
    counts = np.zeros((n_kinds, n_kinds, n_kinds, 64), np.int64)
    mark = np.zeros(n, np.uint8)
    for block in range(worker, (n + BLOCK - 1) // BLOCK, n_workers):
        for j in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            if stop[j] == start[j] or begin[j + 1] == begin[j]:
                continue
            for p in range(start[j], stop[j]):
                mark[packed[p] >> 2] = 64 | (packed[p] & 3) << 4
            for z in range(begin[j], begin[j + 1]):
                if z + AHEAD < len(position):
                    prefetch(packed, position[z + AHEAD])
                i = lower[z]
                at = position[z]
                ij = packed[at] & 3
                for q in range(at + 1, stop[i]):
                    k = packed[q] >> 2
                    jk = mark[k]
                    if jk != 0:
                        code = jk & 63 | (packed[q] & 3) << 2 | ij
                        counts[kind[i], kind[j], kind[k], code] += 1
            for p in range(start[j], stop[j]):
                mark[packed[p] >> 2] = 0
    return counts


@compiled
def degrees_by_kind(start, stop, packed, kind, n_kinds):
    """Count the partners of every rank by kind of dyad and by type.

    Returns
    -------
    int64[n, 3, n_kinds]
        Outgoing only, incoming only, mutual.
    """
    n = len(start)
    degrees = np.zeros((n, 3, n_kinds), np.int64)
    for i in range(n):
        for p in range(start[i], stop[i]):
            j = packed[p] >> 2
            code = packed[p] & 3
            back = code if code == 3 else 3 - code
            degrees[i, code - 1, kind[j]] += 1
            degrees[j, back - 1, kind[i]] += 1
    return degrees


@compiled
def wedges_dense(degrees, kind, n_kinds):
    """Count the wedges by the type of the middle, and the dyad and type of either end.

    Parameters
    ----------
    degrees : int64[n, 3 * n_kinds]
        Partners of every neuron by ``dyad * n_kinds + type``.
    kind : int32[n]
        Type of every neuron, in the same order.

    Returns
    -------
    int64[n_kinds, 3 * n_kinds, 3 * n_kinds]
        By the middle's type and two ends ``dyad * n_kinds + type``, the smaller end first.
    """
    width = degrees.shape[1]
    counts = np.zeros((n_kinds, width, width), np.int64)
    for v in range(len(degrees)):
        for a in range(width):
            many = degrees[v, a]
            if many == 0:
                continue
            counts[kind[v], a, a] += many * (many - 1) // 2
            for b in range(a + 1, width):
                counts[kind[v], a, b] += many * degrees[v, b]
    return counts


@compiled
def _slot(keys, key):
    """Return the place of a key in an open-addressing table, or the free place for it."""
    mask = np.uint64(len(keys) - 1)
    at = ((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & mask
    while keys[at] != EMPTY and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return at


@compiled
def _grown(keys, counts, needed):
    """Return the table, larger when it would be more than half full with `needed` keys."""
    if 2 * needed <= len(keys):
        return keys, counts
    size = len(keys)
    while size < 4 * needed:
        size *= 2
    new_keys = np.full(size, EMPTY, np.int64)
    new_counts = np.zeros(size, np.int64)
    for s in range(len(keys)):
        if keys[s] != EMPTY:
            at = _slot(new_keys, keys[s])
            new_keys[at] = keys[s]
            new_counts[at] = counts[s]
    return new_keys, new_counts


@compiled
def _add(keys, counts, key, many):
    """Add `many` to a key; return 1 when the key is new."""
    at = _slot(keys, key)
    counts[at] += many
    if keys[at] == EMPTY:
        keys[at] = key
        return 1
    return 0


@compiled
def closed_sparse(start, stop, packed, begin, lower, position, kind, n_kinds, worker, n_workers):
    """Count the triangles by triad code and types, in a hash table.

    Returns
    -------
    keys, counts : int64[found]
        ``((low * n_kinds + middle) * n_kinds + high) * 64 + triad code``, and how often.
    """
    n = len(start)
    keys = np.full(1024, EMPTY, np.int64)
    counts = np.zeros(1024, np.int64)
    used = 0
    mark = np.zeros(n, np.uint8)
    for block in range(worker, (n + BLOCK - 1) // BLOCK, n_workers):
        for j in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            if stop[j] == start[j] or begin[j + 1] == begin[j]:
                continue
            for p in range(start[j], stop[j]):
                mark[packed[p] >> 2] = 64 | (packed[p] & 3) << 4
            for z in range(begin[j], begin[j + 1]):
                if z + AHEAD < len(position):
                    prefetch(packed, position[z + AHEAD])
                i = lower[z]
                at = position[z]
                ij = packed[at] & 3
                keys, counts = _grown(keys, counts, used + stop[j] - start[j])
                row = (np.int64(kind[i]) * n_kinds + kind[j]) * n_kinds
                for q in range(at + 1, stop[i]):
                    k = packed[q] >> 2
                    jk = mark[k]
                    if jk != 0:
                        code = jk & 63 | (packed[q] & 3) << 2 | ij
                        used += _add(keys, counts, (row + kind[k]) * 64 + code, 1)
            for p in range(start[j], stop[j]):
                mark[packed[p] >> 2] = 0
    held = keys != EMPTY
    return keys[held], counts[held]


@compiled
def wedges_sparse(start, stop, packed, begin, lower, position, kind, n_kinds):
    """Count the wedges by the type of the middle, and the dyad and type of either end.

    Returns
    -------
    keys, counts : int64[found]
        ``(middle * 3 * n_kinds + end) * 3 * n_kinds + other end``, the smaller end first.
    """
    n = len(start)
    width = 3 * np.int64(n_kinds)
    keys = np.full(1024, EMPTY, np.int64)
    counts = np.zeros(1024, np.int64)
    used = 0
    many = np.zeros(width, np.int64)
    ends = np.empty(width, np.int64)
    for v in range(n):
        found = 0
        for p in range(start[v], stop[v]):
            end = ((packed[p] & 3) - 1) * n_kinds + kind[packed[p] >> 2]
            if many[end] == 0:
                ends[found] = end
                found += 1
            many[end] += 1
        for z in range(begin[v], begin[v + 1]):
            code = packed[position[z]] & 3
            back = code if code == 3 else 3 - code
            end = (back - 1) * n_kinds + kind[lower[z]]
            if many[end] == 0:
                ends[found] = end
                found += 1
            many[end] += 1
        keys, counts = _grown(keys, counts, used + found * (found + 1) // 2)
        for x in range(found):
            a = ends[x]
            if many[a] > 1:
                key = (kind[v] * width + a) * width + a
                used += _add(keys, counts, key, many[a] * (many[a] - 1) // 2)
            for y in range(x):
                b = ends[y]
                key = (kind[v] * width + min(a, b)) * width + max(a, b)
                used += _add(keys, counts, key, many[a] * many[b])
        for x in range(found):
            many[ends[x]] = 0
    held = keys != EMPTY
    return keys[held], counts[held]
