"""Breadth-first search over the sorted edges: hops from seeds, and how far apart pairs are."""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.triads_bits import popcount

ONE = np.uint64(1)
ZERO = np.uint64(0)


@compiled
def hops(out_ptr, post, seeds, limit):
    """Return the hops from the nearest seed to every neuron, -1 where there is no path.

    Parameters
    ----------
    out_ptr : int64[n + 1]
        Neuron ``i`` sends to ``post[out_ptr[i]:out_ptr[i + 1]]``.
    post : int32[m]
    seeds : int64[k]
    limit : int
        Do not go further than so many hops; negative for no limit.

    Returns
    -------
    int32[n]
    """
    n = len(out_ptr) - 1
    found = np.full(n, -1, np.int32)
    queue = np.empty(n, np.int32)
    last = 0
    for seed in seeds:
        if found[seed] < 0:
            found[seed] = 0
            queue[last] = seed
            last += 1
    at = 0
    while at < last:
        v = queue[at]
        at += 1
        if limit >= 0 and found[v] >= limit:
            break
        for e in range(out_ptr[v], out_ptr[v + 1]):
            w = post[e]
            if found[w] < 0:
                found[w] = found[v] + 1
                queue[last] = w
                last += 1
    return found


@compiled
def distance_counts(out_ptr, post, starts, first, last):
    """Return how many (start, neuron) pairs lie at each distance: int64[n + 1], entry 0 unused.

    Sixty-four starts walk at once, one bit each: a neuron's edges are read once a step however
    many of the walks stand on it.

    Parameters
    ----------
    out_ptr, post
        As in :func:`hops`.
    starts : int64[k]
    first, last : int
        Take ``starts[first:last]``.
    """
    n = len(out_ptr) - 1
    counts = np.zeros(n + 1, np.int64)
    seen = np.empty(n, np.uint64)
    here = np.zeros(n, np.uint64)
    there = np.zeros(n, np.uint64)
    active = np.empty(n, np.int32)
    fresh = np.empty(n, np.int32)
    for batch in range(first, last, 64):
        seen[:] = ZERO
        n_active = 0
        for k in range(batch, min(batch + 64, last)):
            v = starts[k]
            if here[v] == ZERO:
                active[n_active] = v
                n_active += 1
            here[v] |= ONE << np.uint64(k - batch)
        for k in range(n_active):
            seen[active[k]] |= here[active[k]]
        step = 0
        while n_active:
            step += 1
            n_fresh = 0
            for k in range(n_active):
                v = active[k]
                bits = here[v]
                here[v] = ZERO
                for e in range(out_ptr[v], out_ptr[v + 1]):
                    w = post[e]
                    new = bits & ~seen[w]
                    if new != ZERO:
                        if there[w] == ZERO:
                            fresh[n_fresh] = w
                            n_fresh += 1
                        there[w] |= new
            total = np.int64(0)
            for k in range(n_fresh):
                w = fresh[k]
                seen[w] |= there[w]
                total += np.int64(popcount(there[w]))
            counts[min(step, n)] += total
            here, there = there, here
            active, fresh = fresh, active
            n_active = n_fresh
    return counts
