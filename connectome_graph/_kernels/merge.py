"""Reducing runs of rows, and merging sorted lists of pairs.

The callers make the arrays that are written to: numpy, unlike a kernel, asks the system for
large pages, and most of the time of a merge is the system handing out memory.
"""

from __future__ import annotations

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def reduce_runs(values, ptr, first, last, total, largest):
    """Write sum and maximum of the runs ``first:last``; NaN anywhere in a run makes its sum NaN."""
    for run in range(first, last):
        best = values[ptr[run]]
        added = best
        for i in range(ptr[run] + 1, ptr[run + 1]):
            added += values[i]
            # A NaN compares false both ways: it never replaces a number, a number replaces it.
            if values[i] > best or np.isnan(best):
                best = values[i]
        total[run] = added
        largest[run] = best


@compiled
def reduce_floats(values, ptr, first, last, sums, largest):
    """Write sum and maximum of the runs ``first:last`` of floats.

    `sums` are two arrays: the sum, and what rounding took from it. Together they hold twice the
    digits, so that the total does not depend on the order of the rows, nor on which engine read
    them (Knuth's TwoSum).
    """
    total, low = sums
    for run in range(first, last):
        best = values[ptr[run]]
        high = best
        rest = 0.0
        for i in range(ptr[run] + 1, ptr[run + 1]):
            value = values[i]
            added = high + value
            back = added - high
            rest += (high - (added - back)) + (value - back)
            high = added
            if value > best or np.isnan(best):
                best = value
        total[run] = high
        low[run] = rest
        largest[run] = best


@compiled
def union_size(a, b):
    """Return how many different keys two sorted lists hold, each without repeats."""
    i = 0
    j = 0
    common = 0
    while i < len(a) and j < len(b):
        x, y = a[i], b[j]
        common += x == y
        i += x <= y
        j += y <= x
    return len(a) + len(b) - common


@compiled
def merge_pairs(a, b, out):
    """Write the union of two sorted lists of pairs.

    `a`, `b` and `out` are tuples of key, count, total size, largest size and what rounding took
    from the total; the sizes are empty where they are not known, the last where sizes are whole.
    Counts and totals of common keys add up; of two largest sizes the larger stays, and NaN gives
    way to a number.
    """
    a_key, a_count, a_size, a_max, a_low = a
    b_key, b_count, b_size, b_max, b_low = b
    key, count, size, largest, low = out
    sized = len(size) == len(key)
    rounded = len(low) == len(key)
    i = 0
    j = 0
    for k in range(len(key)):
        left = i < len(a_key) and (j >= len(b_key) or a_key[i] <= b_key[j])
        right = j < len(b_key) and (i >= len(a_key) or b_key[j] <= a_key[i])
        if left and right:
            key[k] = a_key[i]
            count[k] = a_count[i] + b_count[j]
            if sized:
                x, y = a_max[i], b_max[j]
                size[k] = a_size[i] + b_size[j]
                if rounded:
                    back = size[k] - a_size[i]
                    lost = (a_size[i] - (size[k] - back)) + (b_size[j] - back)
                    low[k] = a_low[i] + b_low[j] + lost
                largest[k] = x if x >= y or np.isnan(y) else y
        elif left:
            key[k] = a_key[i]
            count[k] = a_count[i]
            if sized:
                size[k], largest[k] = a_size[i], a_max[i]
            if rounded:
                low[k] = a_low[i]
        else:
            key[k] = b_key[j]
            count[k] = b_count[j]
            if sized:
                size[k], largest[k] = b_size[j], b_max[j]
            if rounded:
                low[k] = b_low[j]
        i += left
        j += right
