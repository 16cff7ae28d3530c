"""Triangles of a small dense graph by bit matrices, with the types of their members.

Three bit matrices hold, for every neuron, whom it only projects to, whom it only hears from,
and with whom it is mutually connected. The third members of all triangles on a pair are then
the set bits of the AND of two rows. Bits are laid out by type, each type in its own 64-bit
words, so that the popcount of a segment counts third members of one type.
"""

import numpy as np
from numba import types
from numba.extending import intrinsic

from connectome_graph._kernels.compiling import compiled

ONE = np.uint64(1)
SIX = np.uint64(6)
LOW = np.uint64(63)
ZERO = np.uint64(0)
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@intrinsic
def popcount(typing_context, word):  # noqa: ARG001
    """Return the number of set bits of a 64-bit word (the processor's instruction)."""

    def generate(context, builder, signature, arguments):  # noqa: ARG001
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


@compiled
def bit_places(kind, n_kinds):
    """Lay the neurons out by type, each type from a fresh 64-bit word.

    Parameters
    ----------
    kind : int32[n]
        Type of each neuron, in ``[0, n_kinds)``.

    Returns
    -------
    place : int64[n]
        Bit of each neuron.
    first_word : int64[n_kinds + 1]
        Words of each type.
    ordered : int32[n]
        The neurons, type by type.
    """
    size = np.zeros(n_kinds, np.int64)
    for v in range(len(kind)):
        size[kind[v]] += 1
    first_word = np.zeros(n_kinds + 1, np.int64)
    for k in range(n_kinds):
        first_word[k + 1] = first_word[k] + (size[k] + 63) // 64
    place = np.empty(len(kind), np.int64)
    following, before = np.empty(n_kinds, np.int64), np.zeros(n_kinds, np.int64)
    for k in range(n_kinds):
        following[k] = first_word[k] * 64
        if k > 0:
            before[k] = before[k - 1] + size[k - 1]
    for v in range(len(kind)):
        place[v] = following[kind[v]]
        following[kind[v]] += 1
    ordered = np.empty(len(kind), np.int32)
    for v in range(len(kind)):
        ordered[before[kind[v]]] = v
        before[kind[v]] += 1
    return place, first_word, ordered


@compiled
def bit_rows(pre, post, n, place, n_words):
    """Return the bit matrices of asymmetric targets, asymmetric sources and mutual partners.

    Returns
    -------
    out, into, both : uint64[n, n_words]
        Row i has the bit of j set when i -> j only, j -> i only, or both.
    """
    out = np.zeros((n, n_words), np.uint64)
    into = np.zeros((n, n_words), np.uint64)
    both = np.empty((n, n_words), np.uint64)
    for e in range(len(pre)):
        a, b = pre[e], post[e]
        out[a, place[b] >> 6] |= ONE << (np.uint64(place[b]) & LOW)
        into[b, place[a] >> 6] |= ONE << (np.uint64(place[a]) & LOW)
    for v in range(n):
        for w in range(n_words):
            mutual = out[v, w] & into[v, w]
            both[v, w] = mutual
            out[v, w] ^= mutual
            into[v, w] ^= mutual
    return out, into, both


@compiled
def row_counts(out, into, both, first_word):
    """Count the partners of every neuron by kind of dyad and by type.

    Returns
    -------
    int64[n, 3, n_kinds]
        Outgoing only, incoming only, mutual.
    """
    n = len(out)
    n_kinds = len(first_word) - 1
    degrees = np.zeros((n, 3, n_kinds), np.int64)
    for v in range(n):
        for k in range(n_kinds):
            c0 = c1 = c2 = ZERO
            for w in range(np.uint64(first_word[k]), np.uint64(first_word[k + 1])):
                c0 += popcount(out[v, w])
                c1 += popcount(into[v, w])
                c2 += popcount(both[v, w])
            degrees[v, 0, k] = c0
            degrees[v, 1, k] = c1
            degrees[v, 2, k] = c2
    return degrees


@compiled
def _flush(found, ka, first_word, counts):
    """Add the third members found for neurons of one type, by word, to the counts by type."""
    n_kinds = len(first_word) - 1
    for kb in range(n_kinds):
        for k in range(n_kinds):
            for w in range(first_word[k], first_word[k + 1]):
                for c in range(5):
                    counts[c, ka, kb, k] += found[c, kb, w]
                counts[4, kb, ka, k] += found[5, kb, w]
                counts[5, ka, k, kb] += found[6, kb, w]
                counts[5, kb, k, ka] += found[7, kb, w]
                counts[6, ka, kb, k] += found[8, kb, w]
    found[:] = 0


@compiled
def closed_by_kind(pre, post, kind, ordered, place, out, into, both, first_word):
    """Count the triangles of the seven closed classes by the types of their members.

    Parameters
    ----------
    pre, post : int32[m]
        The edges, **sorted by** `pre`.
    ordered, place, first_word
        From :func:`bit_places`.
    out, into, both
        From :func:`bit_rows`.

    Returns
    -------
    int64[7, n_kinds, n_kinds, n_kinds]
        Axes: class, then the types of a, b and z, where

        0. 030T: a -> b only, a -> z only, z -> b only;
        1. 030C: a -> b -> z -> a only, each cycle once, from a member of it;
        2. 120D: a <-> b, z -> a only, z -> b only;
        3. 120U: a <-> b, a -> z only, b -> z only;
        4. 120C: a <-> b, a -> z only, z -> b only;
        5. 210: a -> b only, z <-> a, z <-> b;
        6. 300: all mutual, *each seen three times*, once from every pair.
    """
    n_kinds = len(first_word) - 1
    n_words = first_word[n_kinds]
    counts = np.zeros((7, n_kinds, n_kinds, n_kinds), np.int64)
    first_edge = np.zeros(len(kind) + 1, np.int64)
    for e in range(len(pre)):
        first_edge[pre[e] + 1] += 1
    for v in range(len(kind)):
        first_edge[v + 1] += first_edge[v]
    # Third members of pairs whose first is of the type at hand, by class, type of the second and
    # word: summed by word, the inner loops need no borders between types.
    found = np.zeros((9, n_kinds, n_words), np.uint64)
    last = np.int64(-1)
    for v in ordered:
        if kind[v] != last:
            if last >= 0:
                _flush(found, last, first_word, counts)
            last = np.int64(kind[v])
        for e in range(first_edge[v], first_edge[v + 1]):
            # Unsigned indices spare the check for negative ones, and rows are indexed in place:
            # a view of each row would cost more than the popcounts.
            a, b, k = np.uint64(v), np.uint64(post[e]), np.uint64(kind[post[e]])
            bit_a, bit_b = np.uint64(place[v]), np.uint64(place[post[e]])
            if not (both[a, bit_b >> SIX] >> (bit_b & LOW)) & ONE:
                for w in range(n_words):
                    found[0, k, w] += popcount(out[a, w] & into[b, w])
                if bit_a < bit_b:
                    # A cycle is counted from its lowest bit: the other two lie beyond it.
                    at = bit_a >> SIX
                    beyond = ALL << (bit_a & LOW)
                    found[1, k, at] += popcount(into[a, at] & out[b, at] & beyond)
                    for w in range(at + ONE, np.uint64(n_words)):
                        found[1, k, w] += popcount(into[a, w] & out[b, w])
            elif a < b:
                for w in range(n_words):
                    found[2, k, w] += popcount(into[a, w] & into[b, w])
                    found[3, k, w] += popcount(out[a, w] & out[b, w])
                    found[4, k, w] += popcount(out[a, w] & into[b, w])
                    found[5, k, w] += popcount(into[a, w] & out[b, w])
                    found[6, k, w] += popcount(out[a, w] & both[b, w])
                    found[7, k, w] += popcount(both[a, w] & out[b, w])
                    found[8, k, w] += popcount(both[a, w] & both[b, w])
    if last >= 0:
        _flush(found, last, first_word, counts)
    return counts
