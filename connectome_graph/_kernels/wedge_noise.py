"""How the closure of wedges deviates, summed per neuron, per pair and per triad.

A wedge is a neuron with two partners; it is closed as far as these are connected.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def deviations(begin, partner, strength, worth, share, scale, worker, n_workers):
    """Return the deviations of weighted wedges from a share, for each way to group them.

    The wedge j - i - l, centred on i, weighs ``worth[i] * b_ij * b_il`` and deviates by that
    times ``b_jl / scale - share``, with b the strength of a pair, 0 where it is unconnected.

    Parameters
    ----------
    begin, partner : int64[n + 1], int32[2 pairs]
        Partners of every neuron, in either direction.
    strength : float64[2 pairs]
        Strength of each of these pairs.
    worth : float64[n]
        Weight of the wedges centred on a neuron.
    share : float
        From which they deviate.
    scale : float
        Strength of a whole connection.
    worker, n_workers : int
        Every which neuron this call looks at; sums over workers are the whole.

    Returns
    -------
    of_neuron : float64[n]
        Sum over all wedges that a neuron is part of.
    squares : float64[2]
        Sum of squares of the deviations of pairs, and of triads.
    """
    n = len(begin) - 1
    of_neuron = np.zeros(n)
    mark = np.zeros(n)
    through = np.zeros(n)
    plain = np.zeros(n)
    seen = np.zeros(n, np.uint8)
    touched = np.empty(n, np.int32)
    total = np.zeros(n)
    for i in range(n):
        for a in range(begin[i], begin[i + 1]):
            total[i] += strength[a]
    pairs = 0.0
    open_triads = 0.0
    closed_triads = 0.0
    for i in range(worker, n, n_workers):
        size = 0
        for a in range(begin[i], begin[i + 1]):
            mark[partner[a]] = strength[a]
            seen[partner[a]] = 1
            touched[size] = partner[a]
            size += 1
        for a in range(begin[i], begin[i + 1]):
            k = partner[a]
            ik = strength[a]
            for b in range(begin[k], begin[k + 1]):
                j = partner[b]
                if j == i:
                    continue
                kj = strength[b]
                weight = worth[k] * ik * kj
                if seen[j] == 0:
                    seen[j] = 1
                    touched[size] = j
                    size += 1
                through[j] += weight
                ij = mark[j]
                if ij > 0:
                    plain[j] += ik * kj
                    off = (
                        weight * (ij / scale - share)
                        + worth[i] * ik * ij * (kj / scale - share)
                        + worth[j] * ij * kj * (ik / scale - share)
                    )
                    closed_triads += off * off
                else:
                    open_triads += (weight * share) ** 2
        for t in range(size):
            j = touched[t]
            ij = mark[j]
            off = through[j] * (ij / scale - share)
            if ij > 0:
                here = worth[i] * ij * (plain[j] / scale - share * (total[i] - ij))
                there = worth[j] * ij * (plain[j] / scale - share * (total[j] - ij))
                off += here + there
                of_neuron[i] += here / 2 + there
            pairs += off * off
            through[j] = 0.0
            plain[j] = 0.0
            mark[j] = 0.0
            seen[j] = 0
    squares = np.empty(2)
    squares[0] = pairs / 2
    squares[1] = open_triads / 2 + closed_triads / 6
    return of_neuron, squares


@compiled
def met_deviations(begin, partner, strength, worth, share, scale, worker, n_workers):
    """Return the same where only some pairs could have met: triads are their triangles.

    Parameters
    ----------
    begin, partner : int64[n + 1], int32[2 pairs]
        Whom every neuron could have met, ascending.
    strength : float64[2 pairs]
        Strength of each of these pairs, 0 where it is unconnected.
    worth, share, scale, worker, n_workers
        As in `deviations`.

    Returns
    -------
    of_neuron : float64[n]
        Sum over all wedges that a neuron is part of.
    of_pair : float64[2 pairs]
        Sum over all wedges that a pair is part of, at its place as smaller -> larger neuron.
    triads : float64
        Sum of squares of the deviations of triads.
    """
    n = len(begin) - 1
    of_neuron = np.zeros(n)
    of_pair = np.zeros(len(partner))
    place = np.full(n, -1, np.int64)
    triads = 0.0
    for i in range(worker, n, n_workers):
        for a in range(begin[i], begin[i + 1]):
            place[partner[a]] = a
        for a in range(begin[i], begin[i + 1]):
            j = partner[a]
            if j < i:
                continue
            ij = strength[a]
            for b in range(begin[j], begin[j + 1]):
                k = partner[b]
                at = place[k]
                if k < j or at < 0:
                    continue
                ik = strength[at]
                jk = strength[b]
                off = (
                    worth[i] * ij * ik * (jk / scale - share)
                    + worth[j] * ij * jk * (ik / scale - share)
                    + worth[k] * ik * jk * (ij / scale - share)
                )
                if off != 0:
                    of_neuron[i] += off
                    of_neuron[j] += off
                    of_neuron[k] += off
                    of_pair[a] += off
                    of_pair[at] += off
                    of_pair[b] += off
                    triads += off * off
        for a in range(begin[i], begin[i + 1]):
            place[partner[a]] = -1
    return of_neuron, of_pair, triads
