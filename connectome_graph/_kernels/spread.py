"""Spreading from seeds by chance: signal cascades and probabilistic traversal."""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.stream import uniform


@compiled
def cascade(out_ptr, post, chance, seeds, stops, steps, state):
    """Return the step at which each neuron fired in one cascade, -1 where it never did.

    A neuron fires once, the step after one of its inputs came through; each of its connections
    comes through with its own chance, independently. Neurons marked in `stops` fire and pass
    nothing on.

    Parameters
    ----------
    out_ptr : int64[n + 1]
    post : int32[m]
    chance : float64[m]
    seeds : int64[k]
    stops : bool[n]
    steps : int
    state : uint64[4]
        The random stream; moved on.

    Returns
    -------
    int32[n]
    """
    n = len(out_ptr) - 1
    fired = np.full(n, -1, np.int32)
    queue = np.empty(n, np.int32)
    last = 0
    for seed in seeds:
        if fired[seed] < 0:
            fired[seed] = 0
            queue[last] = seed
            last += 1
    at = 0
    while at < last:
        v = queue[at]
        at += 1
        if fired[v] >= steps:
            break
        if stops[v]:
            continue
        for e in range(out_ptr[v], out_ptr[v + 1]):
            w = post[e]
            if fired[w] < 0 and uniform(state) < chance[e]:
                fired[w] = fired[v] + 1
                queue[last] = w
                last += 1
    return fired


@compiled
def traversal(out_ptr, post, weight, threshold, by_neuron, seeds, steps, state):
    """Return the step at which each neuron was traversed in one run, -1 where it never was.

    At every step each neuron not yet traversed may join. With `by_neuron` its chance is the
    summed weight of its inputs from traversed neurons over `threshold`; otherwise each of those
    inputs is tried by itself, with its own weight over `threshold`.

    Parameters
    ----------
    out_ptr, post, seeds, steps, state
        As in :func:`cascade`.
    weight : float64[m]
    threshold : float
    by_neuron : bool
    """
    n = len(out_ptr) - 1
    joined = np.full(n, -1, np.int32)
    pool = np.empty(n, np.int32)
    drive = np.zeros(n, np.float64)
    waiting = np.empty(n, np.int32)
    size = 0
    n_waiting = 0
    for seed in seeds:
        if joined[seed] < 0:
            joined[seed] = 0
            pool[size] = seed
            size += 1
    counted = 0
    for step in range(1, steps + 1):
        before = size
        if by_neuron:
            for k in range(counted, before):
                v = pool[k]
                for e in range(out_ptr[v], out_ptr[v + 1]):
                    w = post[e]
                    if joined[w] < 0:
                        if drive[w] == 0.0 and weight[e] > 0.0:
                            waiting[n_waiting] = w
                            n_waiting += 1
                        drive[w] += weight[e]
            counted = before
            kept = 0
            for k in range(n_waiting):
                w = waiting[k]
                if uniform(state) * threshold < drive[w]:
                    joined[w] = step
                    pool[size] = w
                    size += 1
                else:
                    waiting[kept] = w
                    kept += 1
            n_waiting = kept
            if n_waiting == 0 and size == before:
                break
        else:
            tried = False
            for k in range(before):
                v = pool[k]
                for e in range(out_ptr[v], out_ptr[v + 1]):
                    w = post[e]
                    if joined[w] >= 0 or weight[e] <= 0.0:
                        continue
                    tried = True
                    if uniform(state) * threshold < weight[e]:
                        joined[w] = step
                        pool[size] = w
                        size += 1
            if not tried:
                break
    return joined
