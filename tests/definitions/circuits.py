"""Circuit statistics by loops over neurons, pairs and walks."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict, deque

import numpy as np

from definitions.stats import pairs, parts


def weight_table(g, values=None):
    """Return {(i, j): weight} over the edges, without self-pairs."""
    values = g.edge_counts if values is None else values
    ends = zip(*(end.tolist() for end in g.edge_codes), strict=True)
    return {(i, j): float(w) for (i, j), w in zip(ends, values, strict=True) if i != j}


def hops(g, seeds):
    """Return {neuron: hops from the nearest seed} of those with a path."""
    edges = parts(g)[0]
    found = dict.fromkeys(seeds, 0)
    queue = deque(seeds)
    while queue:
        v = queue.popleft()
        for i, j in edges:
            if i == v and j not in found:
                found[j] = found[v] + 1
                queue.append(j)
    return found


def walks(g, values, source, target, steps):
    """Return the sum over walks of so many connections of the products of their weights."""
    if steps == 0:
        return 1.0 if source == target else 0.0
    table = weight_table(g, values)
    return sum(
        w * walks(g, values, j, target, steps - 1) for (i, j), w in table.items() if i == source
    )


def simple_paths(g, values, source, target, length):
    """Return (length, hops, path) of the shortest of all simple paths, all of them."""
    table = weight_table(g, values)
    found = []

    def further(path, total):
        if path[-1] == target:
            found.append((total, len(path) - 1, tuple(path)))
            return
        for (i, j), w in table.items():
            if i == path[-1] and j not in path:
                further([*path, j], total + length(w))

    further([source], 0.0)
    if not found:
        return []
    shortest = min(total for total, _, _ in found)
    near = [each for each in found if each[0] <= shortest + 1e-9]
    fewest = min(n for _, n, _ in near)
    return sorted(each for each in near if each[1] == fewest)


def influence(g, values, seeds, gain):
    """Return the steady state by a dense solve and lambda_max; no state without a cycle."""
    n = g.n_neurons
    matrix = np.zeros((n, n))
    for (i, j), w in weight_table(g, values).items():
        matrix[j, i] = w
    largest = np.linalg.eigvals(matrix).real.max()
    drive = np.zeros(n)
    drive[list(seeds)] = 1
    if largest < 1e-2:
        return None, largest
    return np.linalg.solve(np.eye(n) - gain / largest * matrix, drive), largest


def profiles(g, i, k, of, labels):
    """Return the weights of i and k with each partner (type) that both could be seen with."""
    table, seen = weight_table(g), pairs(g)
    a, b = [], []
    for side in ("inputs", "outputs"):
        if of not in (side, "both"):
            continue
        sums = defaultdict(lambda: [0.0, 0.0])
        for j in range(g.n_neurons):
            mine, theirs = ((j, i), (j, k)) if side == "inputs" else ((i, j), (k, j))
            if mine in seen and theirs in seen and labels[j] is not None:
                sums[labels[j]][0] += table.get(mine, 0.0)
                sums[labels[j]][1] += table.get(theirs, 0.0)
        a += [one for one, _ in sums.values()]
        b += [other for _, other in sums.values()]
    return a, b


def alike(a, b, metric):
    """Return the similarity of two lists of weights, 0 where there is nothing to divide by."""
    if metric == "cosine":
        over = math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
        shared = sum(x * y for x, y in zip(a, b, strict=True))
    elif metric == "jaccard":
        over = sum(x > 0 or y > 0 for x, y in zip(a, b, strict=True))
        shared = sum(x > 0 and y > 0 for x, y in zip(a, b, strict=True))
    else:
        over = sum(max(x, y) for x, y in zip(a, b, strict=True))
        shared = sum(min(x, y) for x, y in zip(a, b, strict=True))
    return shared / over if over else 0.0


def similarity(g, of, metric, labels=None):
    """Return {(i, k): similarity} of all pairs where it is above 0."""
    labels = list(range(g.n_neurons)) if labels is None else labels
    found = {}
    for i, k in itertools.permutations(range(g.n_neurons), 2):
        value = alike(*profiles(g, i, k, of, labels), metric)
        if value > 0:
            found[i, k] = value
    return found


def simplices(g, kind, *, maximal=False):
    """Return, by dimension, the tuples (directed) or sets of neurons that form a simplex."""
    edges, sources, targets = parts(g)
    if kind == "directed":
        levels = [{(v,) for v in range(g.n_neurons)}]
        while levels[-1]:
            levels.append(
                {
                    (*old, new)
                    for old in levels[-1]
                    for new in range(g.n_neurons)
                    if all((v, new) in edges for v in old)
                }
            )
    else:
        members = sorted(sources & targets)
        need = all if kind == "reciprocal" else any
        met = pairs(g)
        levels = [
            {
                some
                for some in itertools.combinations(members, size)
                if all(
                    {(a, b), (b, a)} <= met and need([(a, b) in edges, (b, a) in edges])
                    for a, b in itertools.combinations(some, 2)
                )
            }
            for size in range(1, len(members) + 2)
        ]
    levels = [level for level in levels if level]
    if not maximal:
        return levels
    larger = [*levels[1:], set()][: len(levels)]
    return [
        level - {big[:at] + big[at + 1 :] for big in above for at in range(len(big))}
        for level, above in zip(levels, larger, strict=True)
    ]


def forward(weights, order):
    """Return the weight from earlier to later ones."""
    return sum(weights.get(pair, 0.0) for pair in itertools.combinations(order, 2))


def best_forward(weights, n):
    """Return the most weight that any order has forward."""
    return max(forward(weights, order) for order in itertools.permutations(range(n)))


def greedy_forward(weights, n):
    """Return the weight forward of the order of Eades, Lin and Smyth."""
    left, first, last = list(range(n)), [], []

    def total(v, *, out):
        ends = ((v, u) if out else (u, v) for u in left)
        return sum(weights.get(pair, 0.0) for pair in ends)

    while left:
        sink = next((v for v in left if not total(v, out=True)), None)
        source = next((v for v in left if not total(v, out=False)), None)
        if sink is not None:
            left.remove(sink)
            last.insert(0, sink)
        elif source is not None:
            left.remove(source)
            first.append(source)
        else:
            chosen = max(left, key=lambda v: total(v, out=True) - total(v, out=False))
            left.remove(chosen)
            first.append(chosen)
    return forward(weights, first + last)


def edge_agreement(a, b, at_least):
    """Return (both, only_a, only_b, neither) over pairs that both graphs could have seen."""
    tables = [
        {(g.ids[i], g.ids[j]): count for (i, j), count in weight_table(g).items()} for g in (a, b)
    ]
    seen = [{(g.ids[i], g.ids[j]) for i, j in pairs(g)} for g in (a, b)]
    counts = [0, 0, 0, 0]
    for pair in seen[0] & seen[1]:
        in_a, in_b = (table.get(pair, 0) >= at_least for table in tables)
        counts[0 if in_a and in_b else 1 if in_a else 2 if in_b else 3] += 1
    return tuple(counts)
