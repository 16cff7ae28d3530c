"""Rooted trees as parent arrays: orientation, order, path distance, branch order, Strahler.

A forest of any number of trees is one int64 array `parent`: the position of each vertex's
parent, -1 at a root. Trees laid end to end are one forest, so every kernel here works on one
cell or on a thousand at once, in one pass over the vertices.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph._kernels.compiling import compiled

__all__ = [
    "binned_cable",
    "branch_order",
    "child_counts",
    "descends",
    "measure_trees",
    "orient",
    "outward_order",
    "path_distance",
    "strahler",
]

Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]


@compiled
def orient(n: int, first: Int, second: Int, root: int) -> Int:
    """Parent array of the undirected edges (first, second), seen from `root` outwards.

    A piece without the root is seen from its lowest vertex. Where the edges close a cycle the
    parents are those of a breadth-first tree; the caller counts edges to find that out.
    """
    degree = np.zeros(n + 1, dtype=np.int64)
    for edge in range(len(first)):
        degree[first[edge] + 1] += 1
        degree[second[edge] + 1] += 1
    start = np.cumsum(degree)
    fill = start[:-1].copy()
    neighbour = np.empty(2 * len(first), dtype=np.int64)
    for edge in range(len(first)):
        neighbour[fill[first[edge]]] = second[edge]
        fill[first[edge]] += 1
        neighbour[fill[second[edge]]] = first[edge]
        fill[second[edge]] += 1
    parent = np.full(n, -2, dtype=np.int64)
    queue = np.empty(n, dtype=np.int64)
    for seed in range(-1, n):
        top = root if seed == -1 else seed
        if top < 0 or parent[top] != -2:
            continue
        parent[top] = -1
        queue[0] = top
        head, tail = 0, 1
        while head < tail:
            here = queue[head]
            head += 1
            for slot in range(start[here], start[here + 1]):
                there = neighbour[slot]
                if parent[there] == -2:
                    parent[there] = here
                    queue[tail] = there
                    tail += 1
    return parent


@compiled
def child_counts(parent: Int) -> Int:
    """Children of every vertex."""
    count = np.zeros(len(parent), dtype=np.int64)
    for vertex in range(len(parent)):
        if parent[vertex] >= 0:
            count[parent[vertex]] += 1
    return count


@compiled
def outward_order(parent: Int) -> Int:
    """Vertices so ordered that a parent comes before its children.

    Shorter than `parent` when there is a cycle: vertices that hang on one are left out.
    """
    n = len(parent)
    waiting = child_counts(parent)
    order = np.empty(n, dtype=np.int64)
    tail = 0
    for vertex in range(n):  # leaves first: a vertex follows its last child
        if waiting[vertex] == 0:
            order[tail] = vertex
            tail += 1
    head = 0
    while head < tail:
        up = parent[order[head]]
        head += 1
        if up >= 0:
            waiting[up] -= 1
            if waiting[up] == 0:
                order[tail] = up
                tail += 1
    return order[:tail][::-1].copy()


@compiled
def path_distance(parent: Int, order: Int, length: Float, at_root: Float) -> Float:
    """Length of the path from its root to every vertex.

    `length` is the length of the edge to the parent. `at_root` holds the value where a root
    begins (0, or NaN for a piece whose distance is not known), read at roots alone.
    """
    distance = np.empty(len(parent), dtype=np.float64)
    for vertex in order:
        up = parent[vertex]
        distance[vertex] = at_root[vertex] if up < 0 else distance[up] + length[vertex]
    return distance


@compiled
def branch_order(parent: Int, order: Int) -> Int:
    """Centrifugal branch order: 0 at the root, 1 on its stems, one more after a branch point."""
    children = child_counts(parent)
    value = np.empty(len(parent), dtype=np.int64)
    for vertex in order:
        up = parent[vertex]
        if up < 0:
            value[vertex] = 0
        elif parent[up] < 0:
            value[vertex] = 1
        else:
            value[vertex] = value[up] + (1 if children[up] > 1 else 0)
    return value


@compiled
def strahler(parent: Int, order: Int) -> Int:
    """Horton-Strahler number: 1 at a tip; one more where two children share the largest."""
    n = len(parent)
    largest = np.zeros(n, dtype=np.int64)
    ties = np.zeros(n, dtype=np.int64)
    value = np.empty(n, dtype=np.int64)
    for position in range(len(order) - 1, -1, -1):
        vertex = order[position]
        if largest[vertex] == 0:
            value[vertex] = 1
        else:
            value[vertex] = largest[vertex] + (1 if ties[vertex] > 1 else 0)
        up = parent[vertex]
        if up < 0:
            continue
        if value[vertex] > largest[up]:
            largest[up] = value[vertex]
            ties[up] = 1
        elif value[vertex] == largest[up]:
            ties[up] += 1
    return value


@compiled
def measure_trees(
    start: Int,
    parent: Int,
    length: Float,
    origin: Float,
    first: int,
    last: int,
    distance: Float,
    orders: npt.NDArray[np.int32],
    strahlers: npt.NDArray[np.int32],
) -> None:
    """Fill distance, branch order and Strahler number of the trees `first` to `last`.

    Tree t owns the vertices ``start[t]:start[t + 1]``, and `parent` counts from the tree's own
    first vertex: a tree at a time stays in the processor's cache. Where the distance is NaN the
    two numbers are -1.
    """
    for tree in range(first, last):
        low, high = start[tree], start[tree + 1]
        own = parent[low:high]
        order = outward_order(own)
        distance[low:high] = path_distance(own, order, length[low:high], origin[low:high])
        depth = branch_order(own, order)
        rank = strahler(own, order)
        for vertex in range(high - low):
            known = not np.isnan(distance[low + vertex])
            orders[low + vertex] = depth[vertex] if known else -1
            strahlers[low + vertex] = rank[vertex] if known else -1


@compiled
def descends(parent: Int, order: Int, top: int) -> npt.NDArray[np.bool_]:
    """Mask of `top` and every vertex below it."""
    below = np.zeros(len(parent), dtype=np.bool_)
    for vertex in order:
        up = parent[vertex]
        below[vertex] = vertex == top or (up >= 0 and below[up])
    return below


@compiled
def binned_cable(
    start: Float, length: Float, group: Int, edges: Float, n_groups: int
) -> npt.NDArray[Any]:
    """Cable in every distance bin, groups x bins: each edge is split where it crosses a bin.

    An edge covers [start, start + length] of path distance. `edges` rises; bin b is
    [edges[b], edges[b+1]). Rows with a NaN start or a negative group are left out.
    """
    n_bins = len(edges) - 1
    cable = np.zeros((n_groups, n_bins), dtype=np.float64)
    for row in range(len(start)):
        low = start[row]
        high = low + length[row]
        if group[row] < 0 or not low <= high:
            continue
        bin_ = max(np.searchsorted(edges, low, side="right") - 1, 0)
        while bin_ < n_bins and edges[bin_] < high:
            overlap = min(high, edges[bin_ + 1]) - max(low, edges[bin_])
            if overlap > 0:
                cable[group[row], bin_] += overlap
            bin_ += 1
    return cable
