"""Orders with much weight forward: a greedy one, moves that improve it, and the best of few.

References
----------
Eades, Lin & Smyth 1993, Information Processing Letters 47:319 (the greedy order).
Lawler 1964, Management Science 11:233 (the best order over subsets).
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled


@compiled
def _sift_up(heap, key, place, at):
    v = heap[at]
    while at > 0:
        up = (at - 1) // 2
        u = heap[up]
        if key[u] > key[v] or (key[u] == key[v] and u < v):
            break
        heap[at] = u
        place[u] = at
        at = up
    heap[at] = v
    place[v] = at


@compiled
def _sift_down(heap, key, place, at, size):
    v = heap[at]
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size:
            a, b = heap[child], heap[child + 1]
            if key[b] > key[a] or (key[b] == key[a] and b < a):
                child += 1
        c = heap[child]
        if key[v] > key[c] or (key[v] == key[c] and v < c):
            break
        heap[at] = c
        place[c] = at
        at = child
    heap[at] = v
    place[v] = at


@compiled
def greedy(out_ptr, post, out_weight, in_ptr, pre, in_weight):
    """Return the order of Eades, Lin and Smyth: int32[n], first to last.

    Sinks go to the end and sources to the front; where there is neither, the vertex with the
    largest weight out less weight in goes to the front.
    """
    n = len(out_ptr) - 1
    out_left = np.empty(n, np.int64)
    in_left = np.empty(n, np.int64)
    key = np.zeros(n)
    for v in range(n):
        out_left[v] = out_ptr[v + 1] - out_ptr[v]
        in_left[v] = in_ptr[v + 1] - in_ptr[v]
        for e in range(out_ptr[v], out_ptr[v + 1]):
            key[v] += out_weight[e]
        for e in range(in_ptr[v], in_ptr[v + 1]):
            key[v] -= in_weight[e]
    heap = np.empty(n, np.int32)
    place = np.empty(n, np.int64)
    for v in range(n):
        heap[v] = v
        _sift_up(heap, key, place, v)
    size = n
    gone = np.zeros(n, np.bool_)
    sinks = np.empty(n, np.int32)
    sources = np.empty(n, np.int32)
    n_sinks = 0
    n_sources = 0
    for v in range(n):
        if out_left[v] == 0:
            sinks[n_sinks] = v
            n_sinks += 1
        elif in_left[v] == 0:
            sources[n_sources] = v
            n_sources += 1
    order = np.empty(n, np.int32)
    front = 0
    end = n
    while size:
        to_end = False
        if n_sinks:
            n_sinks -= 1
            v = sinks[n_sinks]
            to_end = True
        elif n_sources:
            n_sources -= 1
            v = sources[n_sources]
        else:
            v = heap[0]
        if gone[v]:
            continue
        gone[v] = True
        at = place[v]
        size -= 1
        if at != size:
            moved = heap[size]
            heap[at] = moved
            place[moved] = at
            _sift_up(heap, key, place, at)
            _sift_down(heap, key, place, place[moved], size)
        if to_end:
            end -= 1
            order[end] = v
        else:
            order[front] = v
            front += 1
        for e in range(out_ptr[v], out_ptr[v + 1]):
            w = post[e]
            if not gone[w]:
                in_left[w] -= 1
                key[w] += out_weight[e]
                _sift_up(heap, key, place, place[w])
                if in_left[w] == 0 and out_left[w] > 0:
                    sources[n_sources] = w
                    n_sources += 1
        for e in range(in_ptr[v], in_ptr[v + 1]):
            w = pre[e]
            if not gone[w]:
                out_left[w] -= 1
                key[w] -= in_weight[e]
                _sift_down(heap, key, place, place[w], size)
                if out_left[w] == 0:
                    sinks[n_sinks] = w
                    n_sinks += 1
    return order


@compiled
def improve(out_ptr, post, out_weight, in_ptr, pre, in_weight, order, passes):
    """Move one vertex at a time to its best place until no move gains; return the order.

    Only the places of its partners matter to what a vertex gains, so that places are real
    numbers, and one between two neighbouring partners is as good as any other there.
    """
    n = len(order)
    key = np.empty(n)
    for at in range(n):
        key[order[at]] = at
    for _ in range(passes):
        gained = False
        for step in range(n):
            v = order[step]
            k = (out_ptr[v + 1] - out_ptr[v]) + (in_ptr[v + 1] - in_ptr[v])
            if k == 0:
                continue
            places = np.empty(k)
            change = np.empty(k)
            x = 0
            # Passing a partner from left to right: an edge onto it turns backward, one from it
            # turns forward.
            for e in range(out_ptr[v], out_ptr[v + 1]):
                places[x] = key[post[e]]
                change[x] = -out_weight[e]
                x += 1
            for e in range(in_ptr[v], in_ptr[v + 1]):
                places[x] = key[pre[e]]
                change[x] = in_weight[e]
                x += 1
            by = np.argsort(places)
            here = 0.0
            value = 0.0
            best = 0.0
            best_at = -1
            scale = 0.0
            for x in range(k):
                scale += abs(change[x])
            # Value of standing left of every partner is taken as 0.
            for x in range(k):
                value += change[by[x]]
                if places[by[x]] < key[v]:
                    here = value
                if x + 1 < k and places[by[x + 1]] == places[by[x]]:
                    continue
                if value > best:
                    best = value
                    best_at = x
            if best <= here + 1e-12 * scale:
                continue
            if best_at < 0:
                new = places[by[0]] - 1.0
            elif best_at == k - 1:
                new = places[by[k - 1]] + 1.0
            else:
                low, high = places[by[best_at]], places[by[best_at + 1]]
                new = 0.5 * (low + high)
                if not low < new < high:
                    continue
            key[v] = new
            gained = True
        order = np.argsort(key, kind="mergesort").astype(np.int32)
        for at in range(n):
            key[order[at]] = at
        if not gained:
            break
    return order


@compiled
def best(weight):
    """Return the order with the most weight forward, over all subsets: int32[n], n <= 20.

    Parameters
    ----------
    weight : float64[n, n]
    """
    n = len(weight)
    full = 1 << n
    value = np.empty(full)
    last = np.empty(full, np.int8)
    value[0] = 0.0
    for subset in range(1, full):
        top = -np.inf
        which = -1
        for v in range(n):
            if not (subset >> v) & 1:
                continue
            rest = subset ^ (1 << v)
            total = value[rest]
            for u in range(n):
                if (rest >> u) & 1:
                    total += weight[u, v]
            if total > top:
                top = total
                which = v
        value[subset] = top
        last[subset] = which
    order = np.empty(n, np.int32)
    subset = full - 1
    for at in range(n - 1, -1, -1):
        order[at] = last[subset]
        subset ^= 1 << order[at]
    return order
