"""The most similar profiles of every neuron, over the partners that both could be seen with.

A profile is a sparse row of features. Features come in blocks (inputs, outputs): a block of a
pair counts when both neurons have it. Two neurons never share themselves as partners: nobody
sees the pair (k, k), so the features by which ``i`` knows ``k`` and ``k`` knows ``i`` are taken
off before the two are compared.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled

COSINE = 0
JACCARD = 1
WEIGHTED = 2


@compiled(inline="always")
def _shared(metric, a, b):
    if metric == COSINE:
        return a * b
    if metric == JACCARD:
        return 1.0 if a > 0.0 and b > 0.0 else 0.0
    return min(a, b)


@compiled(inline="always")
def _own(metric, a):
    if metric == COSINE:
        return a * a
    if metric == JACCARD:
        return 1.0 if a > 0.0 else 0.0
    return a


@compiled
def _value(ptr, feature, value, row, wanted):
    """Return the entry of a sparse row, 0 where there is none."""
    low, high = ptr[row], ptr[row + 1]
    while low < high:
        middle = (low + high) // 2
        if feature[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    if low < ptr[row + 1] and feature[low] == wanted:
        return value[low]
    return 0.0


@compiled
def totals(metric, ptr, value, split):
    """Return what each row holds by itself in each of its two blocks: float64[n, 2].

    `split` (int64[n]) is where the second block of each row begins.
    """
    n = len(ptr) - 1
    own = np.zeros((n, 2))
    for i in range(n):
        for e in range(ptr[i], split[i]):
            own[i, 0] += _own(metric, value[e])
        for e in range(split[i], ptr[i + 1]):
            own[i, 1] += _own(metric, value[e])
    return own


@compiled
def _without(metric, feature, less_a, less_b, dense, ptr, fields, value, k):
    """Return what changes when `less_a` and `less_b` are taken off one feature of i and k."""
    a = dense[feature]
    b = _value(ptr, fields, value, k, feature)
    new_a = max(a - less_a, 0.0)
    new_b = max(b - less_b, 0.0)
    # A difference that rounding left over is no input.
    if new_a < 1e-12 * a:
        new_a = 0.0
    if new_b < 1e-12 * b:
        new_b = 0.0
    return (
        _shared(metric, new_a, new_b) - _shared(metric, a, b),
        _own(metric, new_a) - _own(metric, a),
        _own(metric, new_b) - _own(metric, b),
    )


@compiled
def _corrected(metric, i, k, given, both, own, dense, profile, field, hears, onto):
    """Return what the pair shares and what each of its members holds, without each other."""
    ptr, features, values = profile
    shared = given
    total_i = 0.0
    total_k = 0.0
    for block in range(2):
        if not (both >> block) & 1:
            continue
        total_i += own[i, block]
        total_k += own[k, block]
        # Block 0 holds inputs: i hears from k; block 1 outputs: i projects onto k.
        less_a = hears if block == 0 else onto
        less_b = onto if block == 0 else hears
        of_k = field[k, block]
        of_i = field[i, block]
        for turn in range(2):
            feature = of_k if turn == 0 else of_i
            if feature < 0 or (turn == 1 and of_i == of_k):
                continue
            change = _without(
                metric,
                feature,
                less_a if feature == of_k else 0.0,
                less_b if feature == of_i else 0.0,
                dense,
                ptr,
                features,
                values,
                k,
            )
            shared += change[0]
            total_i += change[1]
            total_k += change[2]
    return shared, total_i, total_k


#: Candidates that are compared at once where profiles are full: their sums stay in the cache.
_BLOCK = 1024


@compiled
def _against_all(metric, fields, values, whole, low, shared):
    """Add what one profile shares with as many candidates as `shared` holds, from `low` on.

    `whole` has a row for each feature.
    """
    for e in range(len(fields)):
        a = values[e]
        row = whole[fields[e], low : low + len(shared)]
        for k in range(len(shared)):
            shared[k] += _shared(metric, a, row[k])


@compiled
def _promising(metric, low, shared, of_i, of_k, mask, direct, worst, touched):
    """List candidates from `low` on that may be better than `worst`; -1 lets all pass."""
    count = 0
    least = worst * worst * (1 - 1e-9) if metric == COSINE else worst * (1 - 1e-9)
    for k in range(low, low + len(shared)):
        both = shared[k - low]
        if both == 0.0:
            continue
        if worst >= 0.0 and not direct[k]:
            total = of_i[mask[k]]
            if metric == COSINE:
                if both * both < least * total * of_k[k]:
                    shared[k - low] = 0.0
                    continue
            elif both < least * (total + of_k[k] - both):
                shared[k - low] = 0.0
                continue
        touched[count] = k
        count += 1
    return count


@compiled
def _keep_best(
    metric,
    i,
    touched,
    shared,
    mask,
    of_i,
    of_k,
    own,
    dense,
    profile,
    field,
    direct,
    hears,
    onto,
    top,
    score,
    heap,
    size,
    worst,
):
    """Put what is better than the worst of `size` candidates into the heap; return both anew.

    The root of the heap is the worst kept so far: the lower score, then the later row.
    """
    for k in touched:
        both = shared[k]
        shared[k] = 0.0
        if k == i:
            continue
        if direct[k]:
            both, total_i, total_k = _corrected(
                metric,
                i,
                k,
                both,
                mask[i] & mask[k],
                own,
                dense,
                profile,
                field,
                hears[k],
                onto[k],
            )
        else:
            total_i = of_i[mask[k]]
            total_k = of_k[k]
        # Most are worse than all that are kept: no root and no quotient for them.
        if metric == COSINE:
            if size == top and both * both < worst * worst * total_i * total_k * (1 - 1e-9):
                continue
            below = np.sqrt(max(total_i, 0.0) * max(total_k, 0.0))
        else:
            below = total_i + total_k - both
            if size == top and both < worst * below * (1 - 1e-9):
                continue
        if below <= 0.0 or both <= 1e-12 * below:
            continue
        score[k] = both / below
        if size < top:
            at = size
            size += 1
            while at > 0:
                up = (at - 1) // 2
                if not _worse(score[k], k, score[heap[up]], heap[up]):
                    break
                heap[at] = heap[up]
                at = up
            heap[at] = k
        elif _worse(score[heap[0]], heap[0], score[k], k):
            _sink(heap, score, k, top)
        worst = score[heap[0]]
    return size, worst


@compiled
def nearest(
    metric,
    rows,
    mask,
    own,
    profile,
    inverted,
    whole,
    forward,
    backward,
    field,
    top,
    out,
    found,
):
    """Write the `top` most similar candidates of each of `rows`, best first.

    Parameters
    ----------
    metric : int
        COSINE, JACCARD or WEIGHTED.
    rows : int64[q]
        Neurons to find the nearest of.
    mask : uint8[n]
        Bit b is set where block b of a neuron could be seen.
    own : float64[n, 2]
        From :func:`totals`.
    profile : (int64[n + 1], int32[nnz], float64[nnz])
        Pointers, ascending features and values of each row.
    inverted : (int64[f + 1], int32[nnz], float64[nnz])
        The candidates that have each feature.
    whole : float64[f, n] or float64[0, 0]
        The same with all zeros, where so few are that looking each up takes longer.
    forward, backward : (int64[n + 1], int32[m], float64[m])
        Weights onto each neuron's targets, and from its sources: what is taken off.
    field : int32[n, 2]
        The feature by which a neuron is known as a source (block 0) and as a target (block 1),
        -1 for none.
    top : int
    out : int32[q, top]
        Filled; -1 beyond the last.
    found : float64[q, top]
    """
    ptr, features, values = profile
    at_ptr, at_row, at_value = inverted
    n = len(ptr) - 1
    shared = np.zeros(n)
    touched = np.empty(n, np.int32)
    dense = np.zeros(len(at_ptr) - 1)
    onto = np.zeros(n)
    hears = np.zeros(n)
    direct = np.zeros(n, np.uint8)
    score = np.empty(n)
    # What a candidate holds in the blocks that a mask leaves.
    of_k = np.zeros((4, n))
    for left in range(4):
        for k in range(n):
            for block in range(2):
                if (left & mask[k]) >> block & 1:
                    of_k[left, k] += own[k, block]
    of_i = np.zeros(4)
    for q in range(len(rows)):
        i = rows[q]
        mine = mask[i]
        for left in range(4):
            of_i[left] = 0.0
            for block in range(2):
                if (left & mine) >> block & 1:
                    of_i[left] += own[i, block]
        totals_k = of_k[mine]
        n_touched = 0
        for e in range(ptr[i], ptr[i + 1]):
            f = features[e]
            a = values[e]
            dense[f] = a
            if len(whole):
                continue
            for s in range(at_ptr[f], at_ptr[f + 1]):
                k = at_row[s]
                before = shared[k]
                if before == 0.0:
                    touched[n_touched] = k
                    n_touched += 1
                shared[k] = before + _shared(metric, a, at_value[s])
        for e in range(forward[0][i], forward[0][i + 1]):
            onto[forward[1][e]] = forward[2][e]
            direct[forward[1][e]] = 1
        for e in range(backward[0][i], backward[0][i + 1]):
            hears[backward[1][e]] = backward[2][e]
            direct[backward[1][e]] = 1
        size = 0
        worst = -1.0
        low = 0
        while low < n:
            high = n
            if len(whole):
                high = min(low + _BLOCK, n)
                here = slice(ptr[i], ptr[i + 1])
                sums = shared[low:high]
                _against_all(metric, features[here], values[here], whole, low, sums)
                least = worst if size == top else -1.0
                n_touched = _promising(
                    metric, low, sums, of_i, totals_k, mask, direct, least, touched
                )
            low = high
            size, worst = _keep_best(
                metric,
                i,
                touched[:n_touched],
                shared,
                mask,
                of_i,
                totals_k,
                own,
                dense,
                profile,
                field,
                direct,
                hears,
                onto,
                top,
                score,
                out[q],
                size,
                worst,
            )
        for place in range(size - 1, -1, -1):
            last_worst = out[q, 0]
            last = out[q, place]
            if place:
                _sink(out[q], score, last, place)
            out[q, place] = last_worst
            found[q, place] = score[last_worst]
        for place in range(size, top):
            out[q, place] = -1
            found[q, place] = np.nan
        for e in range(ptr[i], ptr[i + 1]):
            dense[features[e]] = 0.0
        for e in range(forward[0][i], forward[0][i + 1]):
            onto[forward[1][e]] = 0.0
            direct[forward[1][e]] = 0
        for e in range(backward[0][i], backward[0][i + 1]):
            hears[backward[1][e]] = 0.0
            direct[backward[1][e]] = 0


@compiled(inline="always")
def _worse(a, i, b, j):
    return a < b or (a == b and i > j)


@compiled
def _sink(heap, score, k, size):
    """Put `k` in place of the root of a heap of `size` entries."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _worse(
            score[heap[child + 1]], heap[child + 1], score[heap[child]], heap[child]
        ):
            child += 1
        if not _worse(score[heap[child]], heap[child], score[k], k):
            break
        heap[at] = heap[child]
        at = child
    heap[at] = k
