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

    `a`, `b` and `out` are tuples of key, count, total size and largest size, the last two empty
    where sizes are not known. Counts and totals of common keys add up; of two largest sizes the
    larger stays, and NaN gives way to a number.
    """
    a_key, a_count, a_size, a_max = a
    b_key, b_count, b_size, b_max = b
    key, count, size, largest = out
    sized = len(size) == len(key)
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
                largest[k] = x if x >= y or np.isnan(y) else y
        elif left:
            key[k] = a_key[i]
            count[k] = a_count[i]
            if sized:
                size[k], largest[k] = a_size[i], a_max[i]
        else:
            key[k] = b_key[j]
            count[k] = b_count[j]
            if sized:
                size[k], largest[k] = b_size[j], b_max[j]
        i += left
        j += right
