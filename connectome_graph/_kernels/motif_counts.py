"""Weighted counts of the four patterns that no degree can count: they hold a cycle.

Every relation is given as compressed rows (``dyads.selected``) of ordered pairs; a, b, c, d
are the motif's nodes and wa ... wd what each neuron is worth at that node (int64: 0 to forbid
it, otherwise the ways to complete pendant nodes there). The counts are of maps that need not
be injective; they come back by the neuron at a, so that the caller adds them without overflow.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def triangles(ab, to_b, ac, to_c, bc, b_to_c, wa, wb, wc):
    """Sum wa wb wc over a, b, c with relations ab, ac and bc.

    Returns
    -------
    int64[n]
        By the neuron at a.
    """
    n = len(ab) - 1
    total = np.zeros(n, np.int64)
    mark = np.zeros(n, np.int64)
    for a in range(n):
        if wa[a] == 0 or ab[a] == ab[a + 1] or ac[a] == ac[a + 1]:
            continue
        for p in range(ac[a], ac[a + 1]):
            mark[to_c[p]] = wc[to_c[p]]
        found = 0
        for p in range(ab[a], ab[a + 1]):
            b = to_b[p]
            if wb[b] == 0:
                continue
            closing = 0
            for q in range(bc[b], bc[b + 1]):
                closing += mark[b_to_c[q]]
            found += wb[b] * closing
        total[a] = wa[a] * found
        for p in range(ac[a], ac[a + 1]):
            mark[to_c[p]] = 0
    return total


@compiled
def squares(ab, to_b, bc, b_to_c, ad, to_d, dc, d_to_c, wa, wb, wc, wd):
    """Sum wa wb wc wd over a, b, c, d with relations ab, bc, ad and dc.

    Returns
    -------
    int64[n]
        By the neuron at a.
    """
    n = len(ab) - 1
    total = np.zeros(n, np.int64)
    by_b = np.zeros(n, np.int64)
    for a in range(n):
        if wa[a] == 0 or ab[a] == ab[a + 1] or ad[a] == ad[a + 1]:
            continue
        for p in range(ab[a], ab[a + 1]):
            b = to_b[p]
            for q in range(bc[b], bc[b + 1]):
                by_b[b_to_c[q]] += wb[b]
        found = 0
        for p in range(ad[a], ad[a + 1]):
            d = to_d[p]
            across = 0
            for q in range(dc[d], dc[d + 1]):
                c = d_to_c[q]
                across += by_b[c] * wc[c]
            found += wd[d] * across
        total[a] = wa[a] * found
        for p in range(ab[a], ab[a + 1]):
            b = to_b[p]
            for q in range(bc[b], bc[b + 1]):
                by_b[b_to_c[q]] = 0
    return total


@compiled
def diamonds(ab, to_b, ac, to_c, bc, b_to_c, ad, to_d, bd, b_to_d, wa, wb, wc, wd):
    """Sum wa wb wc wd over a, b, c, d with relations ab, ac, bc, ad and bd.

    Returns
    -------
    int64[n]
        By the neuron at a.
    """
    n = len(ab) - 1
    total = np.zeros(n, np.int64)
    at_c = np.zeros(n, np.int64)
    at_d = np.zeros(n, np.int64)
    for a in range(n):
        if wa[a] == 0 or ab[a] == ab[a + 1] or ac[a] == ac[a + 1] or ad[a] == ad[a + 1]:
            continue
        for p in range(ac[a], ac[a + 1]):
            at_c[to_c[p]] = wc[to_c[p]]
        for p in range(ad[a], ad[a + 1]):
            at_d[to_d[p]] = wd[to_d[p]]
        found = 0
        for p in range(ab[a], ab[a + 1]):
            b = to_b[p]
            if wb[b] == 0:
                continue
            first = 0
            for q in range(bc[b], bc[b + 1]):
                first += at_c[b_to_c[q]]
            if first == 0:
                continue
            second = 0
            for q in range(bd[b], bd[b + 1]):
                second += at_d[b_to_d[q]]
            found += wb[b] * first * second
        total[a] = wa[a] * found
        for p in range(ac[a], ac[a + 1]):
            at_c[to_c[p]] = 0
        for p in range(ad[a], ad[a + 1]):
            at_d[to_d[p]] = 0
    return total


@compiled
def cliques(ab, to_b, ac, to_c, bc, b_to_c, ad, to_d, bd, b_to_d, cd, c_to_d, wa, wb, wc, wd):
    """Sum wa wb wc wd over a, b, c, d with all six relations.

    Returns
    -------
    int64[n]
        By the neuron at a.
    """
    n = len(ab) - 1
    total = np.zeros(n, np.int64)
    at_c = np.zeros(n, np.bool_)
    at_d = np.zeros(n, np.bool_)
    both = np.zeros(n, np.int64)
    for a in range(n):
        if wa[a] == 0 or ab[a] == ab[a + 1] or ac[a] == ac[a + 1] or ad[a] == ad[a + 1]:
            continue
        for p in range(ac[a], ac[a + 1]):
            at_c[to_c[p]] = True
        for p in range(ad[a], ad[a + 1]):
            at_d[to_d[p]] = True
        found = 0
        for p in range(ab[a], ab[a + 1]):
            b = to_b[p]
            if wb[b] == 0:
                continue
            for q in range(bd[b], bd[b + 1]):
                d = b_to_d[q]
                if at_d[d]:
                    both[d] = wd[d]
            for q in range(bc[b], bc[b + 1]):
                c = b_to_c[q]
                if at_c[c] and wc[c] != 0:
                    closing = 0
                    for s in range(cd[c], cd[c + 1]):
                        closing += both[c_to_d[s]]
                    found += wb[b] * wc[c] * closing
            for q in range(bd[b], bd[b + 1]):
                both[b_to_d[q]] = 0
        total[a] = wa[a] * found
        for p in range(ac[a], ac[a + 1]):
            at_c[to_c[p]] = False
        for p in range(ad[a], ad[a + 1]):
            at_d[to_d[p]] = False
    return total
