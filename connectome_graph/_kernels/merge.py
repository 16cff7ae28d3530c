"""Reducing runs of rows, and merging sorted lists of pairs."""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True)
def reduce_runs(values, ptr):
    """Return the sum and the maximum of every run; NaN anywhere in a run makes its sum NaN."""
    n = len(ptr) - 1
    total = np.zeros(n, values.dtype)
    largest = np.empty(n, values.dtype)
    for run in range(n):
        best = values[ptr[run]]
        for i in range(ptr[run], ptr[run + 1]):
            total[run] += values[i]
            # A NaN compares false both ways: it never replaces a number, a number replaces it.
            if values[i] > best or np.isnan(best):
                best = values[i]
        largest[run] = best
    return total, largest


@nb.njit(cache=True, nogil=True)
def merge_keys(a, b):
    """Return the sorted union of two sorted key lists, and where each key stands in both (-1)."""
    room = len(a) + len(b)
    key = np.empty(room, np.uint64)
    from_a = np.empty(room, np.int32)
    from_b = np.empty(room, np.int32)
    i = 0
    j = 0
    k = 0
    while i < len(a) or j < len(b):
        left = i < len(a) and (j >= len(b) or a[i] <= b[j])
        right = j < len(b) and (i >= len(a) or b[j] <= a[i])
        from_a[k] = -1
        from_b[k] = -1
        if left:
            key[k] = a[i]
            from_a[k] = i
            i += 1
        if right:
            key[k] = b[j]
            from_b[k] = j
            j += 1
        k += 1
    return key[:k].copy(), from_a[:k].copy(), from_b[:k].copy()


@nb.njit(cache=True, nogil=True)
def merge_sums(a, b, from_a, from_b):
    """Return ``a + b`` for merged keys."""
    out = np.zeros(len(from_a), a.dtype)
    for k in range(len(out)):
        if from_a[k] >= 0:
            out[k] += a[from_a[k]]
        if from_b[k] >= 0:
            out[k] += b[from_b[k]]
    return out


@nb.njit(cache=True, nogil=True)
def merge_maxima(a, b, from_a, from_b):
    """Return the larger of ``a`` and ``b`` for merged keys; NaN gives way to a number."""
    out = np.empty(len(from_a), a.dtype)
    for k in range(len(out)):
        if from_a[k] < 0:
            out[k] = b[from_b[k]]
        elif from_b[k] < 0:
            out[k] = a[from_a[k]]
        else:
            x, y = a[from_a[k]], b[from_b[k]]
            out[k] = x if x >= y or np.isnan(y) else y
    return out
