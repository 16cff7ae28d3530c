"""Neighbour lists of a sorted edge list, and the edges that are answered."""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def row_pointers(keys, n):
    """Return where each neuron's run would begin if edges were sorted by `keys`: int64[n + 1]."""
    pointers = np.zeros(n + 1, np.int64)
    for e in range(len(keys)):
        pointers[keys[e] + 1] += 1
    for v in range(n):
        pointers[v + 1] += pointers[v]
    return pointers


@compiled
def incoming(pre, post, n):
    """Return the sources of every neuron, ascending.

    Parameters
    ----------
    pre, post : int32[m]
        Edges sorted by pre.
    n : int
        Number of neurons.

    Returns
    -------
    pointers : int64[n + 1]
        Neuron ``j`` hears from ``sources[pointers[j]:pointers[j + 1]]``.
    sources : int32[m]
    """
    pointers = row_pointers(post, n)
    fill = pointers[:n].copy()
    sources = np.empty(len(pre), np.int32)
    for e in range(len(pre)):
        j = post[e]
        sources[fill[j]] = pre[e]
        fill[j] += 1
    return pointers, sources


@compiled
def reciprocated(pre, post, n):
    """Mark the edges whose opposite is an edge too.

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
    pointers, sources = incoming(pre, post, n)
    found = np.zeros(len(pre), np.bool_)
    e = 0
    for v in range(n):
        at = pointers[v]
        stop = pointers[v + 1]
        # The targets and the sources of v both ascend: one walk finds those in both.
        while e < len(pre) and pre[e] == v:
            while at < stop and sources[at] < post[e]:
                at += 1
            found[e] = at < stop and sources[at] == post[e]
            e += 1
    return found


@compiled
def undirected(pre, post, n):
    """Return the partners of every neuron in either direction, ascending, each once.

    Parameters
    ----------
    pre, post : int32[m]
        Edges sorted by pre, then post, without autapses.
    n : int
        Number of neurons.

    Returns
    -------
    pointers : int64[n + 1]
    partners : int32[pairs * 2]
    """
    into, sources = incoming(pre, post, n)
    partners = np.empty(2 * len(pre), np.int32)
    pointers = np.zeros(n + 1, np.int64)
    e = 0
    size = 0
    for v in range(n):
        at = into[v]
        stop = into[v + 1]
        while e < len(pre) and pre[e] == v:
            while at < stop and sources[at] < post[e]:
                partners[size] = sources[at]
                size += 1
                at += 1
            if at < stop and sources[at] == post[e]:
                at += 1
            partners[size] = post[e]
            size += 1
            e += 1
        while at < stop:
            partners[size] = sources[at]
            size += 1
            at += 1
        pointers[v + 1] = size
    return pointers, partners[:size].copy()


@compiled
def degree_sums(pre, post, counts, n):
    """Return the partners and the synapses of every neuron at either end.

    Parameters
    ----------
    pre, post : int32[m]
        Edges.
    counts : int64[m]
        Synapses of each edge.
    n : int
        Number of neurons.

    Returns
    -------
    int64[n, 4]
        Out-degree, in-degree, outgoing and incoming synapses.
    """
    sums = np.zeros((n, 4), np.int64)
    for e in range(len(pre)):
        i = pre[e]
        j = post[e]
        sums[i, 0] += 1
        sums[j, 1] += 1
        sums[i, 2] += counts[e]
        sums[j, 3] += counts[e]
    return sums
