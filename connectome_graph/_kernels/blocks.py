"""Sums over blocks of edges: once, and under many sets of neuron weights."""

import numpy as np

from connectome_graph._kernels.compiling import compiled

WIDTH = 16
"""Bootstrap samples that are summed side by side; a constant of the kernels."""


@compiled
def sum_blocks(pre, post, kind, weight, values, out):
    """Add ``weight[pre] * values`` of every edge to the block of its two kinds.

    Parameters
    ----------
    pre, post : int32[m]
        Edges.
    kind : int32[n]
        Kind of every neuron; edges of a neuron with a negative one are left out.
    weight : float64[n]
        Weight of every neuron as a source.
    values : float64[k, m]
        What is summed.
    out : float64[kinds, kinds, k + 1]
        Sums, added to; the first is that of the weights alone.
    """
    k = values.shape[0]
    for e in range(len(pre)):
        s = kind[pre[e]]
        t = kind[post[e]]
        if s >= 0 and t >= 0:
            factor = weight[pre[e]]
            out[s, t, 0] += factor
            for i in range(k):
                out[s, t, i + 1] += factor * values[i, e]


@compiled
def resampled_blocks(pre, post, kind, weight, values, draws, out):
    """Do the same in several bootstrap samples at once, in which an edge counts several times.

    The samples lie side by side in memory, so that an edge costs two cache lines for all of them.

    Parameters
    ----------
    pre, post, kind, weight, values
        As in `sum_blocks`.
    draws : float32[n, WIDTH]
        How often each neuron was drawn in each sample: an edge counts as the product of its two.
    out : float64[kinds, kinds, k + 1, WIDTH]
        Sums, added to.
    """
    k = values.shape[0]
    times = np.empty(WIDTH)
    for e in range(len(pre)):
        i = pre[e]
        j = post[e]
        s = kind[i]
        t = kind[j]
        if s < 0 or t < 0:
            continue
        first = draws[i]
        second = draws[j]
        sums = out[s, t]
        own = weight[i]
        for b in range(WIDTH):
            times[b] = own * np.float64(first[b] * second[b])
        edges = sums[0]
        for b in range(WIDTH):
            edges[b] += times[b]
        for c in range(k):
            value = values[c, e]
            row = sums[c + 1]
            for b in range(WIDTH):
                row[b] += value * times[b]
