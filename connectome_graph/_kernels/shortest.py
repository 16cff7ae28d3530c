"""Shortest paths from one neuron, and how many of them there are.

Paths are compared by length, then by hops: of two paths of one length the one over fewer
connections is shorter. With that the connections on shortest paths never form a cycle, also
where lengths are 0.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled(inline="always")
def _before(a, hops_a, b, hops_b):
    return a < b or (a == b and hops_a < hops_b)


@compiled
def _push(heap_d, heap_h, heap_v, size, d, h, v):
    at = size
    while at > 0:
        up = (at - 1) // 2
        if not _before(d, h, heap_d[up], heap_h[up]):
            break
        heap_d[at] = heap_d[up]
        heap_h[at] = heap_h[up]
        heap_v[at] = heap_v[up]
        at = up
    heap_d[at] = d
    heap_h[at] = h
    heap_v[at] = v


@compiled
def _pop(heap_d, heap_h, heap_v, size):
    """Take the first entry out; `size` is the number of entries left."""
    d, h, v = heap_d[size], heap_h[size], heap_v[size]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _before(
            heap_d[child + 1], heap_h[child + 1], heap_d[child], heap_h[child]
        ):
            child += 1
        if not _before(heap_d[child], heap_h[child], d, h):
            break
        heap_d[at] = heap_d[child]
        heap_h[at] = heap_h[child]
        heap_v[at] = heap_v[child]
        at = child
    heap_d[at] = d
    heap_h[at] = h
    heap_v[at] = v


@compiled
def from_source(out_ptr, post, length, source):
    """Return length and hops of the shortest path to every neuron, and the order of arrival.

    Parameters
    ----------
    out_ptr : int64[n + 1]
    post : int32[m]
    length : float64[m]
        Not negative.
    source : int

    Returns
    -------
    total : float64[n]
        Infinite where there is no path.
    hops : int32[n]
    order : int32[reached]
        Reached neurons, nearest first.
    """
    n = len(out_ptr) - 1
    total = np.full(n, np.inf)
    hops = np.full(n, -1, np.int32)
    done = np.zeros(n, np.bool_)
    order = np.empty(n, np.int32)
    n_done = 0
    room = len(post) + 1
    heap_d = np.empty(room)
    heap_h = np.empty(room, np.int32)
    heap_v = np.empty(room, np.int32)
    total[source] = 0.0
    hops[source] = 0
    _push(heap_d, heap_h, heap_v, 0, 0.0, np.int32(0), np.int32(source))
    size = 1
    while size:
        v = heap_v[0]
        size -= 1
        _pop(heap_d, heap_h, heap_v, size)
        if done[v]:
            continue
        done[v] = True
        order[n_done] = v
        n_done += 1
        for e in range(out_ptr[v], out_ptr[v + 1]):
            w = post[e]
            d = total[v] + length[e]
            h = np.int32(hops[v] + 1)
            if not done[w] and (hops[w] < 0 or _before(d, h, total[w], hops[w])):
                total[w] = d
                hops[w] = h
                _push(heap_d, heap_h, heap_v, size, d, h, w)
                size += 1
    return total, hops, order[:n_done].copy()


@compiled
def on_shortest(out_ptr, post, length, total, hops):
    """Mark the connections that lie on a shortest path from the source: bool[m]."""
    found = np.zeros(len(post), np.bool_)
    for v in range(len(out_ptr) - 1):
        if hops[v] < 0:
            continue
        for e in range(out_ptr[v], out_ptr[v + 1]):
            w = post[e]
            if hops[w] != hops[v] + 1:
                continue
            d = total[v] + length[e]
            found[e] = abs(d - total[w]) <= 1e-12 * max(1.0, abs(total[w]))
    return found


@compiled
def path_counts(out_ptr, post, found, order):
    """Return how many shortest paths lead to every neuron, as float64: exact up to 2**53."""
    counts = np.zeros(len(out_ptr) - 1)
    if len(order):
        counts[order[0]] = 1.0
    for v in order:
        for e in range(out_ptr[v], out_ptr[v + 1]):
            if found[e]:
                counts[post[e]] += counts[v]
    return counts
