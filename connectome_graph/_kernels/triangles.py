"""Directed triangles of edges, without regard to what else connects the three neurons."""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def _rows(row, column, n):
    """Return the columns of each row side by side, and where each row begins."""
    start = np.zeros(n + 1, np.int64)
    for e in range(len(row)):
        start[row[e] + 1] += 1
    for i in range(n):
        start[i + 1] += start[i]
    place = start[:n].copy()
    columns = np.empty(len(row), np.int32)
    for e in range(len(row)):
        columns[place[row[e]]] = column[e]
        place[row[e]] += 1
    return columns, start


@compiled
def count_triangles(pre, post, n):
    """Return the numbers of mutual pairs, ``a->b->c, a->c`` and ``a->b->c->a``: ``int64[3]``.

    Edges may come in any order. Memory is linear in neurons and edges.
    """
    targets, out_start = _rows(pre, post, n)
    sources, in_start = _rows(post, pre, n)
    outward, inward = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    mutual, transitive, cyclic = np.int64(0), np.int64(0), np.int64(0)
    for a in range(n):
        for e in range(out_start[a], out_start[a + 1]):
            outward[targets[e]] = a
        for e in range(in_start[a], in_start[a + 1]):
            inward[sources[e]] = a
        for e in range(out_start[a], out_start[a + 1]):
            b = targets[e]
            mutual += inward[b] == a
            for f in range(out_start[b], out_start[b + 1]):
                transitive += outward[targets[f]] == a
                cyclic += inward[targets[f]] == a
    return np.array([mutual // 2, transitive, cyclic // 3])
