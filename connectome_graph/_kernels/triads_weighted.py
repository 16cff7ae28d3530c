"""Sums of weight statistics over all connected triads, by triad code.

Unlike the plain census this visits every connected triad, open ones too: the geometric mean of a
triad's weights over their mean does not split into parts that degrees could sum.
"""

import math

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def places_in_rows(start, stop, packed, low, high, out):
    """Write where row `low` of the rank-ordered adjacency holds `high`; it does."""
    for e in range(len(low)):
        first, last = start[low[e]], stop[low[e]]
        while first < last:
            middle = (first + last) // 2
            if packed[middle] >> 2 < high[e]:
                first = middle + 1
            else:
                last = middle
        out[e] = first


@compiled
def weighted_met_codes(
    start, stop, packed, begin, lower, position, total, logarithm, worker, n_workers
):
    """Sum the same over the triads of neurons of which every two could have met.

    Parameters
    ----------
    start, stop, packed, begin, lower, position
        Rows of neighbours that could have met (see ``triads``).
    total, logarithm : float64[places of packed]
        Sum of the weights of the edges at a place, and of their natural logarithms.
    worker, n_workers : int
        As in ``triads.closed_codes``.

    Returns
    -------
    counts : int64[64]
    sums : float64[64, 3]
        As `weighted_codes`; codes of triads without two connected pairs are there too.
    """
    n = len(start)
    counts = np.zeros(64, np.int64)
    sums = np.zeros((64, 3))
    place = np.full(n, -1, np.int64)
    for j in range(worker, n, n_workers):
        for p in range(start[j], stop[j]):
            place[packed[p] >> 2] = p
        for z in range(begin[j], begin[j + 1]):
            i = lower[z]
            ij = position[z]
            for ik in range(ij + 1, stop[i]):
                jk = place[packed[ik] >> 2]
                if jk < 0:
                    continue
                codes = packed[ij] & 3, packed[ik] & 3, packed[jk] & 3
                triad = codes[0] | codes[1] << 2 | codes[2] << 4
                many = 0
                for code in codes:
                    many += (code & 1) + (code >> 1)
                counts[triad] += 1
                if many == 0:
                    continue
                mean = (total[ij] + total[ik] + total[jk]) / many
                intensity = math.exp((logarithm[ij] + logarithm[ik] + logarithm[jk]) / many)
                sums[triad, 0] += intensity
                sums[triad, 1] += intensity / mean if mean > 0.0 else 0.0
                sums[triad, 2] += mean
        for p in range(start[j], stop[j]):
            place[packed[p] >> 2] = -1
    return counts, sums


@compiled
def weighted_codes(first, partner, code, links, total, logarithm, part, n_parts):
    """Sum intensity, coherence and mean weight over the connected triads of each code.

    Parameters
    ----------
    first, partner
        From ``dyads.dyad_table``.
    code : uint8[p]
        Dyad code of every connected pair, seen from its row.
    links : int64[p]
        Number of edges of the pair, 1 or 2.
    total, logarithm : float64[p]
        Sum of the weights of those edges, and of their natural logarithms.
    part, n_parts : int
        Only rows ``part, part + n_parts, ...`` are visited; an open triad belongs to its middle,
        a triangle to its first neuron.

    Returns
    -------
    counts : int64[64]
    sums : float64[64, 3]
        Intensity, coherence, mean weight; the neurons of the code are the row, then the partners
        in ascending order.
    """
    n = len(first) - 1
    counts = np.zeros(64, np.int64)
    sums = np.zeros((64, 3))
    place = np.full(n, -1, np.int64)
    for x in range(part, n, n_parts):
        for p in range(first[x], first[x + 1]):
            y = partner[p]
            for s in range(first[y], first[y + 1]):
                place[partner[s]] = s
            for q in range(p + 1, first[x + 1]):
                s = place[partner[q]]
                triad = code[p] | code[q] << 2
                many = links[p] + links[q]
                weight = total[p] + total[q]
                log = logarithm[p] + logarithm[q]
                if s >= 0:
                    if x > y:
                        continue
                    triad |= code[s] << 4
                    many += links[s]
                    weight += total[s]
                    log += logarithm[s]
                mean = weight / many
                intensity = math.exp(log / many)
                counts[triad] += 1
                sums[triad, 0] += intensity
                sums[triad, 1] += intensity / mean if mean > 0.0 else 0.0
                sums[triad, 2] += mean
            for s in range(first[y], first[y + 1]):
                place[partner[s]] = -1
    return counts, sums
