"""Where arbors come close, by loops over all pieces of all pairs of cells."""

from __future__ import annotations

import itertools
import math


def pieces(cell, codes, step):
    """Return (vertex, number, point, length, next) of the pieces of a part of a cell.

    The number counts from the vertex towards its parent; `next` is the (vertex, number) that the
    piece hangs on, or None.
    """
    found, counts = [], {}
    taken = [v for v in range(cell.n_vertices) if codes is None or cell.compartment[v] in codes]
    for v in taken:
        parent = int(cell.parent[v])
        length = math.dist(cell.vertices[v], cell.vertices[parent]) if parent >= 0 else 0.0
        counts[v] = max(1, math.ceil(length / step))
        for k in range(counts[v]):
            share = k / counts[v]
            other = cell.vertices[parent] if parent >= 0 else cell.vertices[v]
            point = [a + (b - a) * share for a, b in zip(cell.vertices[v], other, strict=True)]
            on = (v, k + 1) if k + 1 < counts[v] else (parent, 0)
            found.append((v, k, point, length / counts[v], on if on[0] in taken else None))
    return found


def proximities(cells, within, *, pre, post):
    """Return {(pre, post): (stretches, co-travel, least distance)} of the pairs that come close."""
    result = {}
    for a, b in itertools.permutations(cells, 2):
        axon = [piece[2] for piece in pieces(a, pre, within / 2)]
        close, total, least = set(), 0.0, math.inf
        for v, k, point, length, _ in pieces(b, post, within / 2):
            nearest = min((math.dist(point, other) for other in axon), default=math.inf)
            if nearest <= within:
                close.add((v, k))
                total += length
                least = min(least, nearest)
        starts = sum(
            (v, k) in close and on not in close for v, k, _, _, on in pieces(b, post, within / 2)
        )
        if close:
            result[a.root_id, b.root_id] = starts, total, least
    return result
