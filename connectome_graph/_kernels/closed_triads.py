"""Closed triads and wedges by what connects their neurons: numbers by which a chain is watched.

Counted on the graph as it is, whatever its domain. Each connected pair stands once, in the row of
its neuron of lower degree, so that no scan runs through the row of a hub.
"""

from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.triangles import _rows

CLOSED = ("030T", "030C", "120D", "120U", "120C", "210", "300")
#: Wedges by what their middle neuron is to the two others.
WEDGES = ("out out", "in in", "out in", "mutual out", "mutual in", "mutual mutual")


@lru_cache(maxsize=1)
def class_of_code() -> npt.NDArray[np.int64]:
    """Return the place in `CLOSED` of each code ``ab | ac << 2 | bc << 4``, -1 where none."""
    table = np.full(64, -1, np.int64)
    for ab, ac, bc in product((1, 2, 3), repeat=3):
        out, into = [0, 0, 0], [0, 0, 0]
        for i, j, code in ((0, 1, ab), (0, 2, ac), (1, 2, bc)):
            out[i] += code == 1
            into[j] += code == 1
            out[j] += code == 2
            into[i] += code == 2
        n_mutual = (ab, ac, bc).count(3)
        if n_mutual == 0:
            name = "030T" if 2 in out else "030C"
        elif n_mutual == 1:
            name = "120D" if 2 in out else "120U" if 2 in into else "120C"
        else:
            name = "210" if n_mutual == 2 else "300"
        table[ab | ac << 2 | bc << 4] = CLOSED.index(name)
    return table


@compiled
def inner_edges(start, post, inside):
    """Return the edges between neurons that are `inside`: two arrays int32[k].

    Parameters
    ----------
    start : int64[n + 1]
        Where the edges of each neuron begin.
    post : int32[m]
        Their targets.
    inside : bool[n]
        Which neurons are inside.
    """
    most = 1
    for v in range(len(inside)):
        if inside[v]:
            most += start[v + 1] - start[v]
    ends = np.empty((2, most), np.int32)
    k = 0
    for v in range(len(inside)):
        if inside[v]:
            for e in range(start[v], start[v + 1]):
                ends[0, k], ends[1, k] = v, post[e]
                k += inside[post[e]]
    return ends[0, :k].copy(), ends[1, :k].copy()


@compiled
def by_degree(degree):
    """Return the rank of every neuron, lowest degree first, and the neurons by rank."""
    n, most = len(degree), 0
    for v in range(n):
        most = max(most, degree[v])
    first = np.zeros(most + 2, np.int64)
    for v in range(n):
        first[degree[v] + 1] += 1
    for d in range(most + 1):
        first[d + 1] += first[d]
    rank, order = np.empty(n, np.int64), np.empty(n, np.int64)
    for v in range(n):
        rank[v] = first[degree[v]]
        order[rank[v]] = v
        first[degree[v]] += 1
    return rank, order


@compiled
def count_closed(pre, post, n, table):
    """Return mutual pairs, the closed classes and the wedges: ``int64[1 + 7 + 6]``.

    Parameters
    ----------
    pre, post : int32[m]
        The edges, in any order.
    n : int
        Number of neurons.
    table : int64[64]
        From :func:`class_of_code`.
    """
    targets, out_start = _rows(pre, post, n)
    sources, in_start = _rows(post, pre, n)
    found = np.zeros(14, np.int64)
    mark = np.zeros(n, np.int8)
    degree = np.zeros(n, np.int64)
    for v in range(n):
        for e in range(out_start[v], out_start[v + 1]):
            mark[targets[e]] = 1
        both = 0
        for e in range(in_start[v], in_start[v + 1]):
            both += mark[sources[e]]
        for e in range(out_start[v], out_start[v + 1]):
            mark[targets[e]] = 0
        out = out_start[v + 1] - out_start[v] - both
        into = in_start[v + 1] - in_start[v] - both
        degree[v] = out + into + both
        found[0] += both
        found[8] += out * (out - 1) // 2
        found[9] += into * (into - 1) // 2
        found[10] += out * into
        found[11] += both * out
        found[12] += both * into
        found[13] += both * (both - 1) // 2
    found[0] //= 2
    rank, order = by_degree(degree)
    # Higher partners of each rank, as ``rank << 2 | code``.
    length = np.zeros(n + 1, np.int64)
    for e in range(len(pre)):
        length[min(rank[pre[e]], rank[post[e]]) + 1] += 1
    start, stop = length, np.empty(n, np.int64)
    for r in range(n):
        stop[r] = start[r]
        start[r + 1] += start[r]
    packed = np.empty(len(pre), np.int64)
    code = np.zeros(n, np.int64)
    for r in range(n):
        v = order[r]
        for e in range(out_start[v], out_start[v + 1]):
            code[rank[targets[e]]] |= 1
        for e in range(in_start[v], in_start[v + 1]):
            code[rank[sources[e]]] |= 2
        for e in range(out_start[v], out_start[v + 1]):
            q = rank[targets[e]]
            if q > r and code[q]:
                packed[stop[r]] = q << 2 | code[q]
                stop[r] += 1
            code[q] = 0
        for e in range(in_start[v], in_start[v + 1]):
            q = rank[sources[e]]
            if q > r and code[q]:
                packed[stop[r]] = q << 2 | code[q]
                stop[r] += 1
            code[q] = 0
    for r in range(n):
        for e in range(start[r], stop[r]):
            code[packed[e] >> 2] = packed[e] & 3
        for e in range(start[r], stop[r]):
            q, ab = packed[e] >> 2, packed[e] & 3
            for f in range(start[q], stop[q]):
                ac = code[packed[f] >> 2]
                if ac:
                    found[1 + table[ab | ac << 2 | (packed[f] & 3) << 4]] += 1
        for e in range(start[r], stop[r]):
            code[packed[e] >> 2] = 0
    return found
