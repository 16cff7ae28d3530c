"""The most similar profiles where each neuron could be seen with some partners only.

Rows hold every partner that a neuron could have been seen with, also those it does not connect
to (value 0): what two rows have in common is what the two can be compared over.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.similarity import COSINE, _own, _shared


@compiled
def nearest_on_pairs(metric, rows, seen, inverted, group, n_groups, top, out, found):
    """Write the `top` most similar candidates of each of `rows`, best first.

    Parameters
    ----------
    metric : int
        As in ``similarity``.
    rows : int64[q]
    seen : (int64[n + 1], int32[nnz], float64[nnz])
        Pointers, features and values of each row; a feature is a partner on one side.
    inverted : (int64[f + 1], int32[nnz], float64[nnz])
        The candidates that could be seen with each feature, and their values.
    group : int32[f]
        The type of each feature on its side, -1 for none.
    n_groups : int
        Number of types over both sides; 0 compares single partners.
    top : int
    out : int32[q, top]
    found : float64[q, top]
    """
    ptr, feature, value = seen
    at_ptr, at_row, at_value = inverted
    n = len(ptr) - 1
    shared = np.zeros(n)
    of_i = np.zeros(n)
    of_k = np.zeros(n)
    stamp = np.full(n, -1, np.int64)
    touched = np.empty(n, np.int32)
    sums_i = np.zeros((n if n_groups else 0, max(1, n_groups)))
    sums_k = np.zeros((n if n_groups else 0, max(1, n_groups)))
    for q in range(len(rows)):
        i = rows[q]
        n_touched = 0
        for e in range(ptr[i], ptr[i + 1]):
            f = feature[e]
            a = value[e]
            if n_groups and group[f] < 0:
                continue
            for s in range(at_ptr[f], at_ptr[f + 1]):
                k = at_row[s]
                if k == i:
                    continue
                if stamp[k] != q:
                    stamp[k] = q
                    shared[k] = 0.0
                    of_i[k] = 0.0
                    of_k[k] = 0.0
                    touched[n_touched] = k
                    n_touched += 1
                    if n_groups:
                        sums_i[k, :] = 0.0
                        sums_k[k, :] = 0.0
                b = at_value[s]
                if n_groups:
                    sums_i[k, group[f]] += a
                    sums_k[k, group[f]] += b
                else:
                    shared[k] += _shared(metric, a, b)
                    of_i[k] += _own(metric, a)
                    of_k[k] += _own(metric, b)
        here = np.sort(touched[:n_touched])
        score = np.zeros(n_touched)
        for t in range(n_touched):
            k = here[t]
            for kind in range(n_groups):
                shared[k] += _shared(metric, sums_i[k, kind], sums_k[k, kind])
                of_i[k] += _own(metric, sums_i[k, kind])
                of_k[k] += _own(metric, sums_k[k, kind])
            if metric == COSINE:
                below = np.sqrt(of_i[k] * of_k[k])
            else:
                below = of_i[k] + of_k[k] - shared[k]
            if below > 0.0:
                score[t] = shared[k] / below
        order = np.argsort(-score, kind="mergesort")
        for place in range(top):
            out[q, place] = -1
            found[q, place] = np.nan
            if place < n_touched and score[order[place]] > 0.0:
                out[q, place] = here[order[place]]
                found[q, place] = score[order[place]]
