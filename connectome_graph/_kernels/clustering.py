"""Triangles through each neuron of a simple directed graph.

Works on the degree-ordered rows that ``triads.fill_rows`` makes.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.prefetching import prefetch
from connectome_graph._kernels.triads import AHEAD, BLOCK


@compiled
def triangles_by_rank(start, stop, packed, begin, lower, position, worker, n_workers):
    """Count the triangles through each rank, plain and directed.

    A triangle's directed weight is the product over its three pairs of 1 for a one-way and 2
    for a mutual connection: the number of ways to choose one direction on each.

    Parameters
    ----------
    start, stop, packed, begin, lower, position
        Rows of higher and of lower neighbours.
    worker, n_workers : int
        Blocks of middles that this call visits; the sum over workers is the whole.

    Returns
    -------
    int64[n, 2]
        Triangles, and the sum of their directed weights.
    """
    n = len(start)
    mark = np.zeros(n, np.uint8)
    counts = np.zeros((n, 2), np.int64)
    for block in range(worker, (n + BLOCK - 1) // BLOCK, n_workers):
        for j in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            if stop[j] == start[j] or begin[j + 1] == begin[j]:
                continue
            for p in range(start[j], stop[j]):
                mark[packed[p] >> 2] = 1 + (packed[p] & 3 == 3)
            for z in range(begin[j], begin[j + 1]):
                if z + AHEAD < len(position):
                    prefetch(packed, position[z + AHEAD])
                i = lower[z]
                at = position[z]
                ij = 1 + (packed[at] & 3 == 3)
                found = 0
                weight = 0
                for q in range(at + 1, stop[i]):
                    k = packed[q] >> 2
                    if mark[k]:
                        directed = ij * mark[k] * (1 + (packed[q] & 3 == 3))
                        counts[k, 0] += 1
                        counts[k, 1] += directed
                        found += 1
                        weight += directed
                counts[i, 0] += found
                counts[i, 1] += weight
                counts[j, 0] += found
                counts[j, 1] += weight
            for p in range(start[j], stop[j]):
                mark[packed[p] >> 2] = 0
    return counts


@compiled
def met_triangles_by_rank(start, stop, packed, begin, lower, position, worker, n_workers):
    """Count the triangles through each rank, and the ones that could be, where not all pairs met.

    Parameters
    ----------
    start, stop, packed, begin, lower, position
        Rows of neighbours that could have met, connected (code above 0) or not.
    worker, n_workers : int
        As in `triangles_by_rank`.

    Returns
    -------
    int64[n, 4]
        Triangles and the sum of their directed weights; pairs of partners that could have met
        each other, and the sum of the directed weights that they could make.
    """
    n = len(start)
    mark = np.zeros(n, np.uint8)
    counts = np.zeros((n, 4), np.int64)
    for block in range(worker, (n + BLOCK - 1) // BLOCK, n_workers):
        for j in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            for p in range(start[j], stop[j]):
                mark[packed[p] >> 2] = 4 | (packed[p] & 3)
            for z in range(begin[j], begin[j + 1]):
                i = np.int64(lower[z])
                at = position[z]
                ij = _ways(packed[at] & 3)
                for q in range(at + 1, stop[i]):
                    k = packed[q] >> 2
                    if mark[k]:
                        ik = _ways(packed[q] & 3)
                        jk = _ways(mark[k] & 3)
                        whole = ij * ik * jk
                        for v, one, two in ((i, ij, ik), (j, ij, jk), (np.int64(k), ik, jk)):
                            counts[v, 0] += whole > 0
                            counts[v, 1] += whole
                            counts[v, 2] += one * two > 0
                            counts[v, 3] += 2 * one * two
            for p in range(start[j], stop[j]):
                mark[packed[p] >> 2] = 0
    return counts


@compiled
def _ways(code):
    """Return the number of directions in which a pair with this dyad code is connected."""
    return np.int64(code & 1) + np.int64(code >> 1)


@compiled
def shared_partners(
    rows, n_rows, near, near_of, far, far_of, columns, out, out_of, met, met_of, first, last, most
):
    """Count pairs by how many partners they share, and how many of them are connected.

    Parameters
    ----------
    rows : bool[n]
        Neurons that may be first in a pair.
    n_rows : int
        Number of neurons.
    near, near_of : int64[n + 1], int32
        For each neuron the partners that can be shared.
    far, far_of : int64[n + 1], int32
        For each such partner the neurons that share it.
    columns : bool[n]
        Neurons that may be second in a pair.
    out, out_of : int64[n + 1], int32
        For each neuron its targets.
    met, met_of : int64[n + 1] or int64[0], int32
        For each neuron whom it could have met, where that was not everyone.
    first, last : int
        The first neurons that this call handles.
    most : int
        No pair shares more partners than this.

    Returns
    -------
    int64[2, most + 1]
        Ordered pairs by number of shared partners, and those of them that are connected; pairs
        that share none are left out of the first row.
    """
    shared = np.zeros(n_rows, np.int32)
    touched = np.empty(n_rows, np.int32)
    counts = np.zeros((2, most + 1), np.int64)
    # Who counts as second: for everyone the same, or marked for each first neuron.
    second = columns.copy() if len(met) == 0 else np.zeros(n_rows, np.bool_)
    for i in range(first, last):
        if not rows[i]:
            continue
        size = 0
        if len(met) > 0:
            for a in range(met[i], met[i + 1]):
                second[met_of[a]] = columns[met_of[a]]
        for a in range(near[i], near[i + 1]):
            k = near_of[a]
            for b in range(far[k], far[k + 1]):
                j = far_of[b]
                if shared[j] == 0:
                    touched[size] = j
                    size += 1
                shared[j] += 1
        for a in range(out[i], out[i + 1]):
            j = out_of[a]
            if second[j] and j != i:
                counts[1, shared[j]] += 1
        for t in range(size):
            j = touched[t]
            if second[j] and j != i:
                counts[0, shared[j]] += 1
            shared[j] = 0
        if len(met) > 0:
            for a in range(met[i], met[i + 1]):
                second[met_of[a]] = False
    return counts
