"""Directed simplices: cliques with an order from a source to a sink, one DFS over bit rows.

For each source ``v0`` its targets are numbered, and every target has a row of bits: to which of
the others it projects. The members that can follow a prefix ``v0 .. vk`` are then the AND of
their rows, and each of them is the sink of one simplex. Cliques of an undirected graph are the
directed ones of any order of its vertices, so one kernel serves both.

References
----------
Luetgehetmann, Govc, Smith & Levi 2020, Algorithms 13:19 (flag complexes of directed graphs).
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.triads_bits import popcount

ONE = np.uint64(1)
ZERO = np.uint64(0)
LOW = np.uint64(63)
SIX = np.uint64(6)


@compiled(inline="always")
def _lowest(word):
    """Return the place of the lowest set bit."""
    return np.int64(popcount((word & (~word + ONE)) - ONE))


@compiled
def _rows(members, place, ptr, other, words, out):
    """Write for each member which of those with a place it is joined to."""
    for a in range(len(members)):
        for w in range(words):
            out[a, w] = ZERO
        v = members[a]
        for e in range(ptr[v], ptr[v + 1]):
            b = place[other[e]]
            if b >= 0:
                out[a, b >> 6] |= ONE << np.uint64(b & 63)


@compiled
def _is_maximal(depth, chosen, after, before_rows, follows, words, first_words):
    """Return whether nothing can be put anywhere into the simplex but at its end.

    `after[k]` are those that all of ``v0 .. vk`` project to, and `follows[a]` the targets of v0
    that project to member ``a``; `before_rows[k]` those that project to all of ``v0 .. vk``.
    """
    for w in range(first_words):
        if before_rows[depth, w] != ZERO:
            return False
    suffix = np.empty(words, np.uint64)
    for w in range(words):
        suffix[w] = ~ZERO
    for k in range(depth, 0, -1):
        # Between the members k - 1 and k: all before project to it, it projects to the rest.
        fits = False
        for w in range(words):
            suffix[w] &= follows[chosen[k], w]
            if suffix[w] & after[k - 1, w]:
                fits = True
        if fits:
            return False
    return True


@compiled
def _widest(ptr):
    most = 0
    for v in range(len(ptr) - 1):
        most = max(most, ptr[v + 1] - ptr[v])
    return most


@compiled
def _among(a, leads, width, number, inside, rows):
    """Number those that member ``a`` projects to, and write which of them project to which.

    Returns how many they are and how many words a row of theirs takes.
    """
    size = 0
    for w in range(width):
        word = leads[a, w]
        while word:
            b = 64 * w + _lowest(word)
            word &= word - ONE
            number[b] = size
            inside[size] = b
            size += 1
    words = (size + 63) // 64
    for x in range(size):
        for w in range(words):
            rows[x, w] = ZERO
        b = inside[x]
        for w in range(width):
            word = leads[b, w] & leads[a, w]
            while word:
                y = number[64 * w + _lowest(word)]
                word &= word - ONE
                rows[x, y >> 6] |= ONE << np.uint64(y & 63)
    return size, words


@compiled
def count(out_ptr, out_post, limit, by_neuron, worker, workers, room, most):
    """Count simplices by dimension, from every `workers`-th source on.

    Below an edge ``v0 -> v1`` only neurons that both project to can follow; they are numbered
    anew, so that a set of them is a word or two.

    Parameters
    ----------
    out_ptr, out_post : int64[n + 1], int32[m]
        Targets of every neuron.
    limit : int
        Highest dimension.
    by_neuron : bool
        Whether to count for every neuron too.
    worker, workers : int
    room : int
        Dimensions that the result has room for; more than the longest possible.
    most : int
        Steps of the search after which it stops; the counts are then of no use.

    Returns
    -------
    int64[room], int64[n, room] or int64[0, room], and how many steps were taken
    """
    n = len(out_ptr) - 1
    steps = np.int64(0)
    counts = np.zeros(room, np.int64)
    member = np.zeros((n if by_neuron else 0, room), np.int64)
    place = np.full(n, -1, np.int32)
    widest = _widest(out_ptr)
    words = max(1, (widest + 63) // 64)
    leads = np.empty((widest, words), np.uint64)
    # Rows among those that can follow an edge: as many as there can be at most.
    number = np.empty(widest, np.int64)
    inside = np.empty(widest, np.int64)
    rows = np.empty((widest, words), np.uint64)
    after = np.empty((room + 1, words), np.uint64)
    left = np.empty((room + 1, words), np.uint64)
    path = np.empty(room + 1, np.int64)
    entered = np.zeros((room + 1, room), np.int64)
    before_root = np.empty(room, np.int64)
    before_edge = np.empty(room, np.int64)
    for root in range(worker, n, workers):
        counts[0] += 1
        if by_neuron:
            member[root, 0] += 1
        targets = out_post[out_ptr[root] : out_ptr[root + 1]]
        size = len(targets)
        if size == 0 or limit < 1:
            continue
        before_root[:] = counts
        width = (size + 63) // 64
        for a in range(size):
            place[targets[a]] = a
        _rows(targets, place, out_ptr, out_post, width, leads)
        for a in range(size):
            place[targets[a]] = -1
        for a in range(size):
            before_edge[:] = counts
            counts[1] += 1
            if limit > 1:
                n_inside, short = _among(a, leads, width, number, inside, rows)
                counts[2] += n_inside
                if by_neuron:
                    for x in range(n_inside):
                        member[targets[inside[x]], 2] += 1
                depth = -1
                if n_inside > 1 and limit > 2:
                    depth = 0
                    for w in range(short):
                        after[0, w] = ~ZERO
                    if n_inside & 63:
                        after[0, short - 1] = (ONE << np.uint64(n_inside & 63)) - ONE
                    for w in range(short):
                        left[0, w] = after[0, w]
                while depth >= 0:
                    steps += 1
                    if steps > most:
                        return counts, member, steps
                    w = 0
                    while w < short and left[depth, w] == ZERO:
                        w += 1
                    if w == short:
                        if by_neuron and depth > 0:
                            v = targets[inside[path[depth]]]
                            for d in range(depth + 2, room):
                                member[v, d] += counts[d] - entered[depth, d]
                        depth -= 1
                        continue
                    word = left[depth, w]
                    x = 64 * w + _lowest(word)
                    left[depth, w] = word & (word - ONE)
                    found = np.int64(0)
                    for k in range(short):
                        both = after[depth, k] & rows[x, k]
                        after[depth + 1, k] = both
                        found += np.int64(popcount(both))
                    if found == 0:
                        continue
                    if by_neuron:
                        for d in range(depth + 3, room):
                            entered[depth + 1, d] = counts[d]
                        for k in range(short):
                            word = after[depth + 1, k]
                            while word:
                                y = 64 * k + _lowest(word)
                                word &= word - ONE
                                member[targets[inside[y]], depth + 3] += 1
                    counts[depth + 3] += found
                    if depth + 3 < limit and (found > 1 or by_neuron):
                        depth += 1
                        path[depth] = x
                        for k in range(short):
                            left[depth, k] = after[depth, k]
                    elif by_neuron:
                        member[targets[inside[x]], depth + 3] += found
            if by_neuron:
                for d in range(1, room):
                    member[targets[a], d] += counts[d] - before_edge[d]
        if by_neuron:
            for d in range(1, room):
                member[root, d] += counts[d] - before_root[d]
    return counts, member, steps


@compiled
def count_maximal(out_ptr, out_post, in_ptr, in_pre, limit, by_neuron, worker, workers, room, most):
    """Count simplices that are in no larger one, by dimension; arguments as :func:`count`.

    `in_ptr` and `in_pre` are the sources of every neuron. Simplices above `limit` are not
    counted, and still keep smaller ones from being maximal.
    """
    n = len(out_ptr) - 1
    steps = np.int64(0)
    counts = np.zeros(room, np.int64)
    member = np.zeros((n if by_neuron else 0, room), np.int64)
    place = np.full(n, -1, np.int32)
    widest = _widest(out_ptr)
    words = max(1, (widest + 63) // 64)
    back_words = max(1, (_widest(in_ptr) + 63) // 64)
    leads = np.empty((widest, words), np.uint64)
    follows = np.empty((widest, words), np.uint64)
    sources = np.empty((widest, back_words), np.uint64)
    after = np.zeros((room + 1, words), np.uint64)
    left = np.zeros((room + 1, words), np.uint64)
    earlier = np.zeros((room + 1, back_words), np.uint64)
    chosen = np.zeros(room + 1, np.int64)
    for root in range(worker, n, workers):
        targets = out_post[out_ptr[root] : out_ptr[root + 1]]
        size = len(targets)
        inputs = in_pre[in_ptr[root] : in_ptr[root + 1]]
        if size == 0 and len(inputs) == 0:
            counts[0] += 1
            if by_neuron:
                member[root, 0] += 1
        if size == 0 or limit < 1:
            continue
        width = (size + 63) // 64
        back_width = (len(inputs) + 63) // 64
        for a in range(size):
            place[targets[a]] = a
        _rows(targets, place, out_ptr, out_post, width, leads)
        _rows(targets, place, in_ptr, in_pre, width, follows)
        for a in range(size):
            place[targets[a]] = -1
        for a in range(len(inputs)):
            place[inputs[a]] = a
        _rows(targets, place, in_ptr, in_pre, back_width, sources)
        for a in range(len(inputs)):
            place[inputs[a]] = -1
        for w in range(back_width):
            earlier[0, w] = ~ZERO
        if len(inputs) & 63:
            earlier[0, back_width - 1] = (ONE << np.uint64(len(inputs) & 63)) - ONE
        for w in range(width):
            after[0, w] = ~ZERO
        if size & 63:
            after[0, width - 1] = (ONE << np.uint64(size & 63)) - ONE
        left[0, :width] = after[0, :width]
        depth = 0
        while depth >= 0:
            steps += 1
            if steps > most:
                return counts, member, steps
            w = 0
            while w < width and left[depth, w] == ZERO:
                w += 1
            if w == width:
                depth -= 1
                continue
            word = left[depth, w]
            a = 64 * w + _lowest(word)
            left[depth, w] = word & (word - ONE)
            more = False
            for x in range(width):
                after[depth + 1, x] = after[depth, x] & leads[a, x]
                if after[depth + 1, x]:
                    more = True
            chosen[depth + 1] = a
            for x in range(back_width):
                earlier[depth + 1, x] = earlier[depth, x] & sources[a, x]
            if more:
                if depth + 1 < limit:
                    depth += 1
                    left[depth, :width] = after[depth, :width]
                continue
            if _is_maximal(depth + 1, chosen, after, earlier, follows, width, back_width):
                counts[depth + 1] += 1
                if by_neuron:
                    member[root, depth + 1] += 1
                    for k in range(1, depth + 2):
                        member[targets[chosen[k]], depth + 1] += 1
    return counts, member, steps


@compiled
def cores(ptr, other):
    """Return the vertices by smallest-last order, and the largest core number.

    Parameters
    ----------
    ptr, other : int64[n + 1], int32[2 pairs]
        Partners of every vertex.

    Returns
    -------
    rank : int32[n]
    core : int

    References
    ----------
    Batagelj & Zaversnik 2003, arXiv:cs/0310049.
    """
    n = len(ptr) - 1
    degree = np.empty(n, np.int64)
    most = 0
    for v in range(n):
        degree[v] = ptr[v + 1] - ptr[v]
        most = max(most, degree[v])
    start = np.zeros(most + 2, np.int64)
    for v in range(n):
        start[degree[v] + 1] += 1
    for d in range(most + 1):
        start[d + 1] += start[d]
    order = np.empty(n, np.int32)
    rank = np.empty(n, np.int32)
    fill = start[: most + 1].copy()
    for v in range(n):
        rank[v] = fill[degree[v]]
        order[rank[v]] = v
        fill[degree[v]] += 1
    core = 0
    for k in range(n):
        v = order[k]
        core = max(core, degree[v])
        for e in range(ptr[v], ptr[v + 1]):
            w = other[e]
            if degree[w] > degree[v]:
                first = max(start[degree[w]], k + 1)
                u = order[first]
                order[rank[w]] = u
                rank[u] = rank[w]
                order[first] = w
                rank[w] = first
                start[degree[w]] = first + 1
                degree[w] -= 1
    return rank, core
