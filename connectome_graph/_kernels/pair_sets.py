"""Sparse sets of ordered pairs as rows of ascending partners: look up, transpose, mirror, sum."""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def places(ptr, post, a, b, out):
    """Write where each pair (a, b) stands in the rows, -1 where it does not.

    Parameters
    ----------
    ptr : int64[n + 1]
        Row of each neuron in `post`.
    post : int32[p]
        Partners, ascending within a row.
    a, b : integer[m]
        The pairs that are looked for.
    out : int64[m]
        Filled.
    """
    for e in range(len(a)):
        low, high = ptr[a[e]], ptr[a[e] + 1]
        stop = high
        wanted = b[e]
        while low < high:
            middle = (low + high) // 2
            if post[middle] < wanted:
                low = middle + 1
            else:
                high = middle
        out[e] = low if low < stop and post[low] == wanted else -1


@compiled
def transposed(ptr, post):
    """Return the rows seen from the other side.

    Returns
    -------
    into : int64[n + 1]
        Row of each neuron in `source` and `place`.
    source : int32[p]
        Who has the neuron as partner, ascending within a row.
    place : int64[p]
        Where that pair stands in `post`.
    """
    n = len(ptr) - 1
    into = np.zeros(n + 1, np.int64)
    for p in range(len(post)):
        into[post[p] + 1] += 1
    for v in range(n):
        into[v + 1] += into[v]
    fill = into[:n].copy()
    source = np.empty(len(post), np.int32)
    place = np.empty(len(post), np.int64)
    for v in range(n):
        for p in range(ptr[v], ptr[v + 1]):
            at = fill[post[p]]
            source[at] = v
            place[at] = p
            fill[post[p]] = at + 1
    return into, source, place


@compiled
def mirrored(ptr, post, into, source, place):
    """Return the place of every pair's opposite, -1 where that is not in the set: int64[p]."""
    out = np.full(len(post), -1, np.int64)
    for v in range(len(ptr) - 1):
        at, stop = into[v], into[v + 1]
        # Both rows ascend: one walk finds the partners that stand in both.
        for p in range(ptr[v], ptr[v + 1]):
            while at < stop and source[at] < post[p]:
                at += 1
            if at < stop and source[at] == post[p]:
                out[p] = place[at]
    return out


@compiled
def sums_by_kind(ptr, post, kind, n_kinds, values, first, last):
    """Return number and total value of the pairs of rows ``first:last`` between kinds.

    Parameters
    ----------
    kind : int32[n]
        Kind of every neuron, -1 leaves it out.
    values : float64[p] or float64[0]
        What is summed; empty when only the number is wanted.

    Returns
    -------
    number : int64[n_kinds, n_kinds]
    total : float64[n_kinds, n_kinds]
    """
    number = np.zeros((n_kinds, n_kinds), np.int64)
    total = np.zeros((n_kinds, n_kinds))
    valued = len(values) > 0
    for v in range(first, last):
        own = kind[v]
        if own < 0:
            continue
        for p in range(ptr[v], ptr[v + 1]):
            other = kind[post[p]]
            if other >= 0:
                number[own, other] += 1
                if valued:
                    total[own, other] += values[p]
    return number, total


@compiled
def weighted_by_kind(ptr, post, kind, left, right, first, last, out):
    """Add ``left[pre, s] * right[post, s]`` over the pairs between kinds, for samples s.

    Parameters
    ----------
    left, right : float64[n, n_samples]
        Weights of every neuron at either end, samples side by side.
    out : float64[n_kinds, n_kinds, n_samples]
        Added to.
    """
    n_samples = left.shape[1]
    for v in range(first, last):
        own = kind[v]
        if own < 0:
            continue
        for p in range(ptr[v], ptr[v + 1]):
            w = post[p]
            other = kind[w]
            if other >= 0:
                for s in range(n_samples):
                    out[own, other, s] += left[v, s] * right[w, s]
