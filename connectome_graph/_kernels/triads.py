"""Triangles of a simple directed graph, each visited once, with their dyad codes.

The neurons are ranked by degree and every connected pair is stored once, at its lower-ranked
member, with a two-bit *dyad code*: 1 for lower -> higher, 2 for higher -> lower, 3 for both.
A triangle of ranks i < j < k is found at its **middle** member j: the higher neighbours of j are
marked, and the higher neighbours of each i below j are scanned past j. Hubs come last in rank
order, so no scan runs through a hub's own list; work and memory stay close to linear on
connectomes. A triangle's *triad code* is ``code(i, j) | code(i, k) << 2 | code(j, k) << 4``.

Where only some pairs of neurons could have met, the rows hold those pairs, connected or not (then
their code is 0), and a triangle is three neurons of which every two could have met.

References: Batagelj & Mrvar 2001, Social Networks 23:237; Schank & Wagner 2005, WEA.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.prefetching import prefetch

BLOCK = 64
"""Consecutive ranks that one worker takes at a time; a constant of the kernels."""
AHEAD, SOON = 8, 16
"""How many pairs, and edges, ahead memory is asked for; constants of the kernels."""
LINES = 4
"""For how many cache lines of a row; a constant of the kernels."""


@compiled
def ranks(pre, post, n):
    """Return the rank of each neuron, lowest degree first: int32[n]."""
    degree = np.zeros(n, np.int64)
    for e in range(len(pre)):
        degree[pre[e]] += 1
        degree[post[e]] += 1
    top = 0
    for v in range(n):
        top = max(top, degree[v])
    first = np.zeros(top + 2, np.int64)
    for v in range(n):
        first[degree[v] + 1] += 1
    for d in range(top + 1):
        first[d + 1] += first[d]
    rank = np.empty(n, np.int32)
    for v in range(n):
        rank[v] = first[degree[v]]
        first[degree[v]] += 1
    return rank


@compiled
def count_ends(pre, post, rank, first, last, highs, lows):
    """Add the edges ``first:last`` to the counts of their higher and of their lower rank."""
    for e in range(first, last):
        a, b = rank[pre[e]], rank[post[e]]
        highs[max(a, b)] += 1
        lows[min(a, b)] += 1


@compiled
def scatter_by_high(pre, post, rank, first, last, cursor, by_high):
    """Write ``lower_rank << 2 | code`` of the edges ``first:last`` where their higher rank says."""
    for e in range(first, last):
        a, b = rank[pre[e]], rank[post[e]]
        high = max(a, b)
        by_high[cursor[high]] = min(a, b) << 2 | (1 if a < b else 2)
        cursor[high] += 1


@compiled
def scatter_met_by_high(pre, post, linked, rank, first, last, cursor, by_high):
    """Write pairs that met like edges, with code 0 where they are not `linked` by one."""
    for e in range(first, last):
        a, b = rank[pre[e]], rank[post[e]]
        high = max(a, b)
        by_high[cursor[high]] = min(a, b) << 2 | linked[e] * (1 if a < b else 2)
        cursor[high] += 1


@compiled
def fill_rows(place, by_high, start, packed, lower, position):
    """Store every connected pair at its lower rank.

    Parameters
    ----------
    place : int64[n + 1]
        Where the edges of each higher rank begin in `by_high`.
    by_high : int32[m]
        ``lower_rank << 2 | code`` of every edge, in order of the higher rank, so that the rows
        fill in ascending order.
    start : int64[n + 1]
        Where the row of each lower rank begins in `packed`.
    packed : int32[m]
        Filled with ``higher_rank << 2 | dyad code``; between rows there are unused places.
    lower : int32[m]
        Filled with the lower neighbours i of every rank j, side by side.
    position : int64[m]
        Filled with the place where row i of `packed` holds j: the scan of i goes on from there.

    Returns
    -------
    stop : int64[n]
        Where the row of each lower rank ends in `packed`.
    begin : int64[n + 1]
        Row of each rank in `lower` and `position`.
    """
    n = len(start) - 1
    stop = start[:n].copy()
    begin = np.zeros(n + 1, np.int64)
    pairs = 0
    for high in range(n):
        for p in range(place[high], place[high + 1]):
            if p + SOON < len(by_high):
                prefetch(packed, stop[by_high[p + SOON] >> 2])
            low = by_high[p] >> 2
            code = by_high[p] & 3
            at = stop[low]
            if at > start[low] and packed[at - 1] >> 2 == high:
                packed[at - 1] |= code
            else:
                packed[at] = high << 2 | code
                stop[low] = at + 1
                lower[pairs] = low
                position[pairs] = at
                pairs += 1
        begin[high + 1] = pairs
    return stop, begin


@compiled
def dyad_degrees(start, stop, packed):
    """Of every rank, the partners it only projects to, only hears from, and both.

    Returns
    -------
    int64[n, 3]
        Columns: outgoing only, incoming only, mutual.
    """
    n = len(start)
    degrees = np.zeros((n, 3), np.int64)
    for i in range(n):
        for p in range(start[i], stop[i]):
            j = packed[p] >> 2
            code = packed[p] & 3
            if code == 1:
                degrees[i, 0] += 1
                degrees[j, 1] += 1
            elif code == 2:
                degrees[i, 1] += 1
                degrees[j, 0] += 1
            else:
                degrees[i, 2] += 1
                degrees[j, 2] += 1
    return degrees


@compiled
def wedge_totals(degrees):
    """Pairs of partners, by kind, summed over the neurons in their middle.

    Returns
    -------
    int64[6]
        Two outgoing, two incoming, one of each, mutual and incoming, mutual and outgoing, two
        mutual: the middles of 021D, 021U, 021C, 111D, 111U and 201, closed triads included.
    """
    totals = np.zeros(6, np.int64)
    for v in range(len(degrees)):
        out, into, both = degrees[v, 0], degrees[v, 1], degrees[v, 2]
        totals[0] += out * (out - 1) // 2
        totals[1] += into * (into - 1) // 2
        totals[2] += out * into
        totals[3] += both * into
        totals[4] += both * out
        totals[5] += both * (both - 1) // 2
    return totals


@compiled
def closed_codes(start, stop, packed, begin, lower, position, worker, n_workers):
    """Count the triangles of each triad code.

    Only middles in the blocks ``worker, worker + n_workers, ...`` are visited, so that the sum
    over the workers is the whole; neighbouring blocks cost alike, which balances them.

    Returns
    -------
    int64[64]
        Number of triangles by triad code.
    """
    n = len(start)
    longest = 0
    for i in range(n):
        longest = max(longest, stop[i] - start[i])
    # Who is a higher neighbour, as bits that stay in the first cache, and with which code.
    mark, code = np.zeros((n >> 6) + 1, np.uint64), np.zeros(n, np.uint8)
    found = np.empty(longest + 1, np.int32)
    counts = np.zeros(64, np.int64)
    one, six, low = np.uint64(1), np.uint64(6), np.uint64(63)
    for block in range(worker, (n + BLOCK - 1) // BLOCK, n_workers):
        for j in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            if stop[j] == start[j] or begin[j + 1] == begin[j]:
                continue
            for p in range(start[j], stop[j]):
                k = np.uint64(packed[p]) >> np.uint64(2)
                mark[k >> six] |= one << (k & low)
                code[k] = (packed[p] & 3) << 4
            for z in range(begin[j], begin[j + 1]):
                if z + AHEAD < len(position):
                    # Rows are read once and far apart: the processor would ask too late.
                    for line in range(LINES):
                        prefetch(packed, position[z + AHEAD] + 16 * line)
                i = lower[z]
                at = position[z]
                # Without a branch: hits are too irregular for the processor to predict.
                hits = np.uint64(0)
                for q in range(np.uint64(at + 1), np.uint64(stop[i])):
                    found[hits] = packed[q]
                    k = np.uint64(packed[q]) >> np.uint64(2)
                    hits += (mark[k >> six] >> (k & low)) & one
                ij = packed[at] & 3
                for h in range(hits):
                    counts[code[found[h] >> 2] | (found[h] & 3) << 2 | ij] += 1
            for p in range(start[j], stop[j]):
                mark[packed[p] >> 8] = 0
    return counts
