"""Pairs of neurons by distance bin and type of the postsynaptic neuron, row by row.

No array of pairs is ever made: a first pass counts the pairs of each source in each class, and
a second one finds the pairs of given numbers, so memory grows with neurons and picks only.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def _bin(dx, dy, dz, squares):
    """Return the bin of a distance: how many of the squared inner edges it reaches."""
    square = dx * dx + dy * dy + dz * dz
    found = 0
    for edge in squares:
        found += square >= edge
    return found


@compiled
def pair_bins(xyz, pre, post, squares):
    """Return the distance bin of each pair (``int32`` codes into ``float64[n, 3]``)."""
    bins = np.empty(len(pre), np.int64)
    for e in range(len(pre)):
        i, j = pre[e], post[e]
        bins[e] = _bin(xyz[i, 0] - xyz[j, 0], xyz[i, 1] - xyz[j, 1], xyz[i, 2] - xyz[j, 2], squares)
    return bins


@compiled
def count_pairs(xyz, sources, targets, kind, n_kinds, squares):
    """Return how many targets of each class every source has: ``int64[sources, bins * kinds]``."""
    counts = np.zeros((len(sources), (len(squares) + 1) * n_kinds), np.int64)
    for row in range(len(sources)):
        i = sources[row]
        for j in targets:
            if i != j:
                place = _bin(
                    xyz[i, 0] - xyz[j, 0], xyz[i, 1] - xyz[j, 1], xyz[i, 2] - xyz[j, 2], squares
                )
                counts[row, place * n_kinds + kind[j]] += 1
    return counts


@compiled
def find_pairs(xyz, sources, targets, kind, n_kinds, squares, row_start, classes, ranks):
    """Return the targets that picks stand for.

    Picks are sorted by source row, class and rank; those of row ``r`` are
    ``row_start[r]:row_start[r + 1]``. A pick is the ``ranks[p]``-th target of its class.
    """
    n_classes = (len(squares) + 1) * n_kinds
    found = np.empty(len(ranks), np.int32)
    seen = np.empty(n_classes, np.int64)
    following = np.empty(n_classes, np.int64)
    for row in range(len(sources)):
        start, stop = row_start[row], row_start[row + 1]
        if start == stop:
            continue
        seen[:] = 0
        following[:] = stop
        for p in range(stop - 1, start - 1, -1):
            following[classes[p]] = p
        i = sources[row]
        for j in targets:
            if i == j:
                continue
            place = _bin(
                xyz[i, 0] - xyz[j, 0], xyz[i, 1] - xyz[j, 1], xyz[i, 2] - xyz[j, 2], squares
            )
            c = place * n_kinds + kind[j]
            p = following[c]
            if p < stop and classes[p] == c and ranks[p] == seen[c]:
                found[p] = j
                following[c] = p + 1
            seen[c] += 1
    return found
