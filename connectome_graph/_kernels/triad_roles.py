"""Per neuron: the roles it plays in triangles, and the wedges it stands in.

Works on the rank-ordered adjacency of ``triads.fill_rows``. Triangles are visited once; wedges
(two connected pairs that share a neuron) are counted from degrees, never listed.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.prefetching import prefetch
from connectome_graph._kernels.triads import AHEAD, BLOCK


@compiled
def closed_roles(start, stop, packed, begin, lower, position, role_of, worker, n_workers):
    """Count, for every rank, the triangles in which it plays each role.

    Parameters
    ----------
    start, stop, packed, begin, lower, position
        From ``triads.fill_rows``.
    role_of : int64[64, 3]
        Roles of the lowest, middle and highest rank of a triangle, by triad code.
    worker, n_workers : int
        As in ``triads.closed_codes``.

    Returns
    -------
    int64[n, roles]
    """
    n = len(start)
    counts = np.zeros((n, role_of.max() + 1), np.int64)
    mark = np.zeros(n, np.uint8)
    seen = np.zeros(64, np.int64)
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
                hits = 0
                for q in range(at + 1, stop[i]):
                    k = packed[q] >> 2
                    jk = mark[k]
                    if jk != 0:
                        code = jk & 63 | (packed[q] & 3) << 2 | ij
                        seen[code] += 1
                        counts[k, role_of[code, 2]] += 1
                        hits += 1
                if hits:
                    for code in range(64):
                        if seen[code]:
                            counts[i, role_of[code, 0]] += seen[code]
                            counts[j, role_of[code, 1]] += seen[code]
                            seen[code] = 0
            for p in range(start[j], stop[j]):
                mark[packed[p] >> 2] = 0
    return counts


@compiled
def wedge_ends(start, stop, packed, degrees):
    """Count, for every rank, the wedges of which it is an end.

    Returns
    -------
    int64[n, 9]
        Column ``3 * own + other``: how the middle stands to this neuron (0 middle -> end only,
        1 end -> middle only, 2 mutual) and to the other end.
    """
    n = len(start)
    ends = np.zeros((n, 9), np.int64)
    for i in range(n):
        for p in range(start[i], stop[i]):
            j = packed[p] >> 2
            # As seen from i: 0 outgoing, 1 incoming, 2 mutual; j sees the reverse.
            from_i = (packed[p] & 3) - 1
            from_j = 1 - from_i if from_i < 2 else 2
            for other in range(3):
                ends[j, 3 * from_i + other] += degrees[i, other] - (other == from_i)
                ends[i, 3 * from_j + other] += degrees[j, other] - (other == from_j)
    return ends
