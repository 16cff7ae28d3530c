"""Sums over blocks of edges, under many sets of neuron weights at once."""

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True)
def block_sums(pre, post, block, values, weights, first, last, out):
    """Add ``w[pre] * w[post] * values`` of every edge to its block, for some sets of weights.

    Parameters
    ----------
    pre, post : int32[m]
        Edges.
    block : int32[m]
        The block each edge belongs to.
    values : float64[m, k]
        What is summed.
    weights : float32[sets, n]
        Weights of the neurons.
    first, last : int
        The sets that this call handles.
    out : float64[sets, blocks, k]
        Sums, added to.
    """
    k = values.shape[1]
    for b in range(first, last):
        for e in range(len(pre)):
            factor = weights[b, pre[e]] * weights[b, post[e]]
            if factor != 0:
                for i in range(k):
                    out[b, block[e], i] += factor * values[e, i]


@nb.njit(cache=True, nogil=True)
def reciprocated(pre, post, n):
    """Mark the edges whose opposite is an edge too.

    Sources come in ascending order, so for each neuron one cursor walks its own targets once.

    Parameters
    ----------
    pre, post : int32[m]
        Edges sorted by pre, then post, without autapses.
    n : int
        Number of neurons.

    Returns
    -------
    bool[m]
        True where post -> pre is also an edge.
    """
    m = len(pre)
    cursor = np.zeros(n + 1, np.int32)
    for e in range(m):
        cursor[pre[e] + 1] += 1
    for v in range(n):
        cursor[v + 1] += cursor[v]
    found = np.zeros(m, np.bool_)
    for e in range(m):
        i = pre[e]
        j = post[e]
        at = cursor[j]
        while at < m and pre[at] == j and post[at] < i:
            at += 1
        cursor[j] = at
        if at < m and pre[at] == j and post[at] == i:
            found[e] = True
    return found
