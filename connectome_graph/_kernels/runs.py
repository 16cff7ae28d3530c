"""Synapses to runs: a bucket sort by (pre, post) that knows its keys are small integers.

One counting pass and one scatter put every synapse into the bucket of its presynaptic
neuron as ``post << 32 | row``; each bucket is then sorted inside the cache by a radix sort.
Rows with a negative code are left out, so filtering costs nothing.
"""

from __future__ import annotations

import numpy as np

from connectome_graph._kernels.compiling import compiled

_LOW = np.uint64(0xFFFFFFFF)
_BITS = np.uint64(32)


@compiled
def count_rows(pre, post, start, stop, counts):
    """Add to ``counts[pre]`` the rows of ``start:stop`` whose two codes are not negative."""
    for e in range(start, stop):
        if pre[e] >= 0 and post[e] >= 0:
            counts[pre[e]] += 1


@compiled
def inspect_ends(pre, post, start, stop):
    """Return how many rows have an unknown end (a negative code), and how many are autapses."""
    unknown = np.int64(0)
    loops = np.int64(0)
    for e in range(start, stop):
        if pre[e] < 0 or post[e] < 0:
            unknown += 1
        elif pre[e] == post[e]:
            loops += 1
    return unknown, loops


@compiled
def scatter_rows(pre, post, start, stop, cursor, packed):
    """Write ``post << 32 | row`` into the bucket of each row's presynaptic neuron."""
    for e in range(start, stop):
        if pre[e] >= 0 and post[e] >= 0:
            at = cursor[pre[e]]
            cursor[pre[e]] = at + 1
            packed[at] = (np.uint64(post[e]) << _BITS) | np.uint64(e)


@compiled
def _insertion_sort(keys, start, stop):
    for i in range(start + 1, stop):
        key = keys[i]
        j = i
        while j > start and keys[j - 1] > key:
            keys[j] = keys[j - 1]
            j -= 1
        keys[j] = key


@compiled
def _radix_sort(keys, start, stop, bits, spare, heads):
    """Sort ``keys[start:stop]`` by their high word; the low words are already ascending."""
    length = stop - start
    passes = 2 if length >= 512 else 3
    width = np.uint64((bits + passes - 1) // passes)
    buckets = np.int64(1) << np.int64(width)
    digit = np.uint64(buckets - 1)
    shift = _BITS
    source, sink = keys[start:stop], spare[:length]
    for _ in range(passes):
        for b in range(buckets):
            heads[b] = 0
        for i in range(length):
            heads[(source[i] >> shift) & digit] += 1
        total = 0
        for b in range(buckets):
            size = heads[b]
            heads[b] = total
            total += size
        for i in range(length):
            b = (source[i] >> shift) & digit
            sink[heads[b]] = source[i]
            heads[b] += 1
        source, sink = sink, source
        shift += width
    if passes % 2:
        # A loop: an assignment of slices takes two seconds to compile.
        for i in range(length):
            keys[start + i] = spare[i]


@compiled
def sort_buckets(pointers, first, last, bits, packed, edge_counts):
    """Sort the buckets ``first:last`` by postsynaptic neuron and count their distinct targets."""
    longest = np.int64(0)
    for i in range(first, last):
        longest = max(longest, pointers[i + 1] - pointers[i])
    spare = np.empty(longest, np.uint64)
    heads = np.empty(np.int64(1) << np.int64((bits + 1) // 2), np.int64)
    for i in range(first, last):
        start, stop = pointers[i], pointers[i + 1]
        if stop - start > 48:
            _radix_sort(packed, start, stop, bits, spare, heads)
        else:
            _insertion_sort(packed, start, stop)
        edges = 0
        for e in range(start, stop):
            if e == start or packed[e] >> _BITS != packed[e - 1] >> _BITS:
                edges += 1
        edge_counts[i] = edges


@compiled
def split_runs(pointers, first, last, packed, out_ptr, edge_post, edge_ptr):
    """Write each edge's target and where its run of synapses starts, for some buckets."""
    for i in range(first, last):
        edge = out_ptr[i]
        for e in range(pointers[i], pointers[i + 1]):
            if e == pointers[i] or packed[e] >> _BITS != packed[e - 1] >> _BITS:
                edge_post[edge] = np.int32(packed[e] >> _BITS)
                edge_ptr[edge] = e
                edge += 1


@compiled
def order_runs(edge_ptr, first, last, packed, rank):
    """Sort the rows inside every run by ``rank[row]``: ties of (pre, post) get one order."""
    for edge in range(first, last):
        start, stop = edge_ptr[edge], edge_ptr[edge + 1]
        for i in range(start + 1, stop):
            key = packed[i]
            value = rank[key & _LOW]
            j = i
            while j > start and rank[packed[j - 1] & _LOW] > value:
                packed[j] = packed[j - 1]
                j -= 1
            packed[j] = key


@compiled
def gather(values, packed, start, stop, out):
    """Write ``values[row]`` for the packed rows ``start:stop``."""
    for i in range(start, stop):
        out[i] = values[packed[i] & _LOW]


@compiled
def sum_runs(values, start, stop, first, last, out):
    """Write the sum of ``values[start[e]:stop[e]]`` for the edges ``first:last``."""
    for e in range(first, last):
        # Whole numbers are added as int64, so that a long run stays exact; reals as float64.
        total = np.int64(0)
        for i in range(start[e], stop[e]):
            total += values[i]
        out[e] = total
