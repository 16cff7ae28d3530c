"""Connected pairs of neurons, seen from both members, and relations that select some of them.

The *dyad table* lists every connected pair twice, once in the row of either member. A
*relation* is a boolean mask over the table: the ordered pairs (row, partner) that meet it.
Since the table is symmetric, any condition on the two edges of a pair is such a mask, and the
mask read through `mirror` is the same relation from the other side.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def dyad_table(pre, post, n):
    """List every connected pair in the rows of both members.

    Parameters
    ----------
    pre, post : int32[m]
        Directed edges sorted by (pre, post), without autapses and without repeats.

    Returns
    -------
    first : int64[n + 1]
        Row of each neuron.
    row, partner : int32[p]
        The neuron of the row and its partner, ascending within the row.
    edge : int64[p]
        Place of the edge row -> partner in the input, or -1.
    mirror : int64[p]
        Place in the table of the same pair seen from the partner.
    """
    m = len(pre)
    into = np.zeros(n + 1, np.int64)
    out = np.zeros(n + 1, np.int64)
    for e in range(m):
        out[pre[e] + 1] += 1
        into[post[e] + 1] += 1
    for v in range(n):
        out[v + 1] += out[v]
        into[v + 1] += into[v]
    source = np.empty(m, np.int32)
    place = into[:n].copy()
    for e in range(m):
        source[place[post[e]]] = pre[e]
        place[post[e]] += 1

    first = np.zeros(n + 1, np.int64)
    row = np.empty(2 * m, np.int32)
    partner = np.empty(2 * m, np.int32)
    edge = np.empty(2 * m, np.int64)
    p = 0
    for v in range(n):
        e, s = out[v], into[v]
        while e < out[v + 1] or s < into[v + 1]:
            row[p] = v
            edge[p] = -1
            if s == into[v + 1] or (e < out[v + 1] and post[e] <= source[s]):
                if s < into[v + 1] and post[e] == source[s]:
                    s += 1
                partner[p] = post[e]
                edge[p] = e
                e += 1
            else:
                partner[p] = source[s]
                s += 1
            p += 1
        first[v + 1] = p
    # Rows are ascending and visited in order, so the pairs of any one partner come in order too.
    mirror = np.empty(p, np.int64)
    following = first[:n].copy()
    for q in range(p):
        mirror[q] = following[partner[q]]
        following[partner[q]] += 1
    return first, row[:p].copy(), partner[:p].copy(), edge[:p].copy(), mirror


@compiled
def useful_edges(pre, post, leaving, entering):
    """Find the edges that may lie on any pair of a motif.

    Parameters
    ----------
    leaving, entering : uint64[n]
        Of every neuron, a bit for each pair that it may leave, and that it may enter.

    Returns
    -------
    int64[kept]
        Their places.
    """
    kept = np.empty(len(pre), np.int64)
    k = 0
    for e in range(len(pre)):
        # Edges come by their presynaptic neuron: most runs of them end here.
        pairs = leaving[pre[e]]
        if pairs:
            kept[k] = e
            k += (pairs & entering[post[e]]) != 0
    return kept[:k].copy()


@compiled
def selected(first, partner, mask):
    """Compress the rows of the table to the pairs of a relation.

    Returns
    -------
    begin : int64[n + 1]
    nodes : int32[pairs]
    """
    n = len(first) - 1
    begin = np.zeros(n + 1, np.int64)
    total = 0
    for v in range(n):
        for p in range(first[v], first[v + 1]):
            total += mask[p]
        begin[v + 1] = total
    nodes = np.empty(total, np.int32)
    k = 0
    for p in range(len(mask)):
        if mask[p]:
            nodes[k] = partner[p]
            k += 1
    return begin, nodes


@compiled
def gathered(begin, nodes, weight):
    """Sum `weight` over the partners of every row.

    Returns
    -------
    int64[n]
    """
    n = len(begin) - 1
    total = np.zeros(n, np.int64)
    for v in range(n):
        for p in range(begin[v], begin[v + 1]):
            total[v] += weight[nodes[p]]
    return total
