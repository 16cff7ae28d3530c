"""Sums over blocks of edges: once, and under many sets of neuron weights."""

import numba as nb


@nb.njit(cache=True, nogil=True)
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


@nb.njit(cache=True, nogil=True)
def resampled_blocks(pre, post, kind, weight, values, draws, first, last, out):
    """Do the same in each of many bootstrap samples, in which an edge counts several times.

    Parameters
    ----------
    pre, post, kind, weight, values
        As in `sum_blocks`; edges sorted by pre run fastest.
    draws : float32[samples, n]
        How often each neuron was drawn: an edge counts as the product of its two.
    first, last : int
        The samples that this call handles.
    out : float64[samples, kinds, kinds, k + 1]
        Sums, added to.
    """
    k = values.shape[0]
    for b in range(first, last):
        for e in range(len(pre)):
            i = pre[e]
            times = draws[b, i]
            s = kind[i]
            if times == 0 or s < 0:
                continue
            j = post[e]
            factor = times * draws[b, j] * weight[i]
            t = kind[j]
            if factor == 0 or t < 0:
                continue
            out[b, s, t, 0] += factor
            for c in range(k):
                out[b, s, t, c + 1] += factor * values[c, e]
