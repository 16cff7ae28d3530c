"""Backtracking search for the maps of a motif's nodes to distinct neurons.

Nodes are bound in a planned order; *depth* d is the d-th node bound. A node that is related to an
earlier one takes its candidates from that neuron's row of the dyad table (``dyads.dyad_table``),
any other node from all neurons.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def _find(first, partner, row, node):
    """Return the place of a pair in the dyad table, or -1."""
    low, high = first[row], first[row + 1]
    while low < high:
        middle = (low + high) >> 1
        if partner[middle] < node:
            low = middle + 1
        else:
            high = middle
    return low if low < first[row + 1] and partner[low] == node else -1


@compiled
def _holds(op, left, right, table, width, offset):
    """Return whether a comparison of two value codes holds; missing values (-1) never do."""
    if left < 0 or right < 0:
        return False
    if op == 0:
        return left == right
    if op == 1:
        return left != right
    if op == 2:
        return left < right
    if op == 3:
        return left > right
    if op == 4:
        return left <= right
    if op == 5:
        return left >= right
    return table[offset + left * width + right]


@compiled
def _is_first(at, automorphisms):
    """Return whether a map is the smallest of those that automorphisms turn it into."""
    for a in range(len(automorphisms)):
        for d in range(len(at)):
            other = at[automorphisms[a, d]]
            if other != at[d]:
                if other < at[d]:
                    return False
                break
    return True


@compiled
def search(
    first,
    partner,
    edge,
    relations,
    candidates,
    anchors,
    checks,
    comparisons,
    codes,
    table,
    orders,
    automorphisms,
    limit,
    keep,
):
    """Find maps, or only count them.

    Parameters
    ----------
    first, partner, edge
        From ``dyads.dyad_table``.
    relations : bool[r, p]
        Masks over the dyad table, read from the earlier node's row.
    candidates : bool[k, n]
        Neurons allowed at each depth.
    anchors : int64[k, 2]
        Earlier depth and relation that propose the candidates, or -1.
    checks : int64[c, 4]
        Depth, earlier depth, relation, and 1 when the relation must *not* hold.
    comparisons : int64[q, 11]
        Depth at which all is bound; 1 for edges; depths of the left node or edge (two); of the
        right (two); operator; place of the left and right values in `codes`; width and place of
        its outcomes in `table`.
    codes : int64[...]
        Values as codes that order like them, -1 where missing.
    table : bool[...]
        Outcomes of operators that are not comparisons of codes.
    orders : int64[o, 2]
        Depths of which the first must hold the smaller neuron.
    automorphisms : int64[a, k]
        Of every orbit only the smallest map counts.
    limit : int
        Stop after so many maps; negative for no limit.
    keep : bool
        Whether to return the maps.

    Returns
    -------
    found : int
    maps : int32[found, k]
        Empty unless `keep`.
    """
    depth_count, n = candidates.shape
    at = np.zeros(depth_count, np.int64)
    cursor = np.zeros(depth_count, np.int64)
    stop = np.zeros(depth_count, np.int64)
    used = np.zeros(n, np.bool_)
    maps = np.empty((64 if keep else 0, depth_count), np.int32)
    found = 0
    stop[0] = n
    d = 0
    if limit == 0:
        return found, maps[:0]
    while d >= 0:
        if cursor[d] == stop[d]:
            d -= 1
            if d >= 0:
                used[at[d]] = False
            continue
        p = cursor[d]
        cursor[d] += 1
        if anchors[d, 0] >= 0:
            if not relations[anchors[d, 1], p]:
                continue
            node = np.int64(partner[p])
        else:
            node = p
        if used[node] or not candidates[d, node]:
            continue
        at[d] = node
        fits = True
        for c in range(len(checks)):
            if checks[c, 0] == d:
                place = _find(first, partner, at[checks[c, 1]], node)
                related = place >= 0 and relations[checks[c, 2], place]
                if related == (checks[c, 3] == 1):
                    fits = False
                    break
        if fits:
            for o in range(len(orders)):
                if max(orders[o, 0], orders[o, 1]) == d and at[orders[o, 0]] > at[orders[o, 1]]:
                    fits = False
                    break
        if fits:
            for q in range(len(comparisons)):
                if comparisons[q, 0] != d:
                    continue
                left, right = at[comparisons[q, 2]], at[comparisons[q, 4]]
                if comparisons[q, 1] == 1:
                    left = edge[_find(first, partner, left, at[comparisons[q, 3]])]
                    right = edge[_find(first, partner, right, at[comparisons[q, 5]])]
                if not _holds(
                    comparisons[q, 6],
                    codes[comparisons[q, 7] + left],
                    codes[comparisons[q, 8] + right],
                    table,
                    comparisons[q, 9],
                    comparisons[q, 10],
                ):
                    fits = False
                    break
        if not fits:
            continue
        if d + 1 < depth_count:
            used[node] = True
            d += 1
            if anchors[d, 0] >= 0:
                row = at[anchors[d, 0]]
                cursor[d], stop[d] = first[row], first[row + 1]
            else:
                cursor[d], stop[d] = 0, n
            continue
        if not _is_first(at, automorphisms):
            continue
        if keep:
            if found == len(maps):
                larger = np.empty((2 * found, depth_count), np.int32)
                larger[:found] = maps
                maps = larger
            maps[found] = at
        found += 1
        if found == limit:
            break
    return found, maps[: found if keep else 0].copy()
