"""How many pairs of points lie at each distance, counted exactly without storing a pair.

Points are sorted into square columns of the (x, z) plane and by y within a column, so that the
partners of a point within the largest distance are a few contiguous runs. Distances are
compared as squares, with the same arithmetic everywhere, so that a pair and an edge at the same
places always fall into the same bin.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled

BLOCK = 64
"""Consecutive points that one worker takes at a time; a constant of the kernels."""

CHUNK = 256
"""Partners whose squared distances are held at once; a constant of the kernels."""


@compiled(inline="always")
def _first_from(values, low, high, bound):
    """Return the first position in an ascending run whose value is at least `bound`."""
    while low < high:
        middle = (low + high) // 2
        if values[middle] < bound:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _count_run(x, y, z, b, low, high, near2, far2, edges2, squares, inside):
    """Count, for every bin edge, the partners ``low:high`` nearer than it; they ascend in y.

    Their squared distance across the (x, z) plane lies between `near2` and `far2`.
    """
    for first in range(low, high, CHUNK):
        last = min(high, first + CHUNK)
        m = last - first
        bx = b[0, first:last]
        by = b[1, first:last]
        bz = b[2, first:last]
        nearest = max(0.0, by[0] - y, y - by[m - 1])
        farthest = max(by[m - 1] - y, y - by[0])
        # A hair wider than the truth, so that rounding settles no pair without looking at it.
        least = (near2 + nearest * nearest) * (1 - 1e-9) - 1e-9
        most = (far2 + farthest * farthest) * (1 + 1e-9) + 1e-9
        for t in range(m):
            ex = bx[t] - x
            ey = by[t] - y
            ez = bz[t] - z
            squares[t] = ex * ex + ey * ey + ez * ez
        for k in range(len(edges2)):
            edge = edges2[k]
            if edge > most:
                inside[k] += m
            elif edge > least:
                nearer = np.int64(0)
                for t in range(m):
                    nearer += np.int64(1) if squares[t] < edge else np.int64(0)
                inside[k] += nearer


@compiled
def count_in_space(a, b, column_of, pointers, grid, edges2, within, worker, n_workers):
    """Count the pairs of points of `a` and `b` in each bin of squared distance.

    Parameters
    ----------
    a, b : float64[3, points]
        Coordinates x, y, z. `b` is sorted by column, then y.
    column_of : int64[points of a, 2]
        Column of each point of `a` along x and z; it may lie outside the grid.
    pointers : int64[columns + 1]
        Where each column of `b` begins; column ``(i, k)`` is number ``i * n_z + k``.
    grid : float64[5]
        x and z of the first corner, side of a column, number of columns along x and z.
    edges2 : float64[bins + 1]
        Squared bin edges, ascending; a pair is in bin k when edges2[k] <= d2 < edges2[k + 1].
    within : bool
        Whether `a` is `b`: then each unordered pair is counted once.
    worker, n_workers : int
        This call takes the blocks of points ``worker, worker + n_workers, ...``.

    Returns
    -------
    int64[bins]
    """
    top = edges2[len(edges2) - 1]
    side = grid[2]
    n_x = np.int64(grid[3])
    n_z = np.int64(grid[4])
    span = np.int64(np.ceil(np.sqrt(top) / side))
    inside = np.zeros(len(edges2), np.int64)
    squares = np.empty(CHUNK)
    n = a.shape[1]
    for block in range(worker, (n + BLOCK - 1) // BLOCK, n_workers):
        for i in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            x = a[0, i]
            y = a[1, i]
            z = a[2, i]
            own_x = column_of[i, 0]
            own_z = column_of[i, 1]
            for cx in range(max(0, own_x - span), min(n_x, own_x + span + 1)):
                left = grid[0] + cx * side
                near_x = max(0.0, left - x, x - left - side)
                far_x = max(left + side - x, x - left)
                for cz in range(max(0, own_z - span), min(n_z, own_z + span + 1)):
                    low = pointers[cx * n_z + cz]
                    high = pointers[cx * n_z + cz + 1]
                    if within:
                        low = max(low, i + 1)
                    if low >= high:
                        continue
                    front = grid[1] + cz * side
                    near_z = max(0.0, front - z, z - front - side)
                    far_z = max(front + side - z, z - front)
                    near2 = near_x * near_x + near_z * near_z
                    room = (top - near2) * (1 + 1e-9) + 1e-9
                    if room < 0:
                        continue
                    half = np.sqrt(room)
                    low = _first_from(b[1], low, high, y - half)
                    high = _first_from(b[1], low, high, y + half + 1e-9)
                    far2 = far_x * far_x + far_z * far_z
                    _count_run(x, y, z, b, low, high, near2, far2, edges2, squares, inside)
    return inside[1:] - inside[:-1]


@compiled
def count_on_line(a, b, edges2):
    """Count the ordered pairs of two ascending lists of numbers by squared distance.

    Parameters
    ----------
    a, b : float64[points]
        Ascending coordinates.
    edges2 : float64[bins + 1]
        Squared bin edges, ascending.

    Returns
    -------
    int64[bins]
    """
    bins = len(edges2) - 1
    inside = np.zeros(bins + 1, np.int64)
    m = len(b)
    for k in range(bins + 1):
        low = 0
        high = 0
        for i in range(len(a)):
            while low < m and b[low] < a[i] and (b[low] - a[i]) * (b[low] - a[i]) >= edges2[k]:
                low += 1
            high = max(high, low)
            while high < m and (b[high] < a[i] or (b[high] - a[i]) * (b[high] - a[i]) < edges2[k]):
                high += 1
            inside[k] += high - low
    return inside[1:] - inside[:-1]


@compiled
def count_edges(pre, post, points, both, edges2):
    """Count edges, or other pairs, in each bin of squared distance.

    Parameters
    ----------
    pre, post : int32[m]
        Edges.
    points : float64[n, 3]
        Coordinates of every neuron, NaN where unknown.
    both : bool[m]
        Edges that are answered.
    edges2 : float64[bins + 1]
        Squared bin edges, ascending.

    Returns
    -------
    int64[2, bins]
        All edges, and those that are answered.
    """
    bins = len(edges2) - 1
    counts = np.zeros((2, bins), np.int64)
    for e in range(len(pre)):
        i = pre[e]
        j = post[e]
        dx = points[i, 0] - points[j, 0]
        dy = points[i, 1] - points[j, 1]
        dz = points[i, 2] - points[j, 2]
        squared = dx * dx + dy * dy + dz * dz
        if edges2[0] <= squared < edges2[bins]:
            k = 0
            while squared >= edges2[k + 1]:
                k += 1
            counts[0, k] += 1
            counts[1, k] += both[e]
    return counts
