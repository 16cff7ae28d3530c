"""Two-way variances by loops over all pairs, and over all pairs of what they share."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np


def excess(square, doubt, own, scale):
    """Return how much of what neurons show beyond the noise counts, and how well it is known."""
    if square <= own * (1 + 1e-9):
        return 0.0, 0.0
    over = square - own
    chance = 0.5 * own**2 * doubt / square**2
    counted = over**3 / (over**2 + chance)
    slope = (over**4 + 3 * chance * over**2) / (over**2 + chance) ** 2
    return scale * counted, (scale * slope) ** 2 * doubt


def summed(ends, noise):
    """Return variance and degrees of freedom: ends are (deviations of neurons, noise in them)."""
    variance, doubt = noise, 0.0
    for deviations, own in ends:
        n = len(deviations)
        if n < 2:
            continue
        factor = n / (n - 1)
        square = factor * sum(d**2 for d in deviations)
        moment = factor**2 * sum(d**4 for d in deviations) - square**2 / n
        more, unsure = excess(square, max(moment, 2 * square**2 / (n - 1)), own, factor)
        variance += more
        doubt += unsure
    return variance, max(2 * variance**2 / doubt, 1) if doubt else math.inf


def block(pairs, sources, targets, y, x):
    """Return the spread of sum y / sum x over a block of ordered pairs.

    `pairs` lists (i, j); `sources` and `targets` are those of the block; y and x map pairs.
    """
    total = sum(x[p] for p in pairs)
    share = sum(y[p] for p in pairs) / total
    e = {p: (y[p] - share * x[p]) / total for p in pairs}
    if not sources & targets and not any((j, i) in e for i, j in pairs):
        noise = sum(v**2 for v in e.values())
        rows = [sum(v for p, v in e.items() if p[0] == i) for i in sorted(sources)]
        columns = [sum(v for p, v in e.items() if p[1] == j) for j in sorted(targets)]
        return summed([(rows, noise), (columns, noise)], noise)
    units = defaultdict(float)
    for p, v in e.items():
        units[frozenset(p)] += v
    noise = sum(v**2 for v in units.values())
    most = max(len(sources), len(targets))
    less = (most - 1) / (most - 2) if sources & targets and most > 2 else 1
    ends = []
    for group, scale in ((sources, less), (targets - sources, 1)):
        deviations = [scale * sum(v for p, v in e.items() if k in p) for k in sorted(group)]
        own = sum(v**2 * len(unit & group) for unit, v in units.items())
        ends.append((deviations, scale * own))
    return summed(ends, noise)


def input_share(pairs, kind, source_types, targets, *, y, of_type):
    """Return the spread of the share of `of_type` in all that `targets` receive.

    `source_types` maps each type to its sources; `pairs` are all ordered pairs onto `targets`.
    """
    total = sum(y[p] for p in pairs)
    share = sum(y[p] for p in pairs if kind[p[0]] == of_type) / total
    noise = square = doubt = 0.0
    for name, members in source_types.items():
        factor = (1 - share if name == of_type else -share) / total
        mine = [p for p in pairs if kind[p[0]] == name]
        if mine:
            mean = sum(y[p] for p in mine) / len(mine)
            noise += factor**2 * sum((y[p] - mean) ** 2 for p in mine)
        n = len(members)
        if n > 1:
            rows = [sum(y[p] for p in mine if p[0] == i) for i in members]
            off = [factor * (row - np.mean(rows)) for row in rows]
            var = n / (n - 1) * sum(d**2 for d in off)
            moment = (n / (n - 1)) ** 2 * sum(d**4 for d in off) - var**2 / n
            square += var
            doubt += max(moment, 2 * var**2 / (n - 1))
    columns = [
        sum(y[p] * ((kind[p[0]] == of_type) - share) for p in pairs if p[1] == j) / total
        for j in targets
    ]
    variance, _ = summed([(columns, noise)], noise)
    return variance + excess(square, doubt, noise, 1.0)[0]


def dyad_sum(n, edges, terms, weight):
    """Return the spread of a sum over unordered pairs of terms for being mutual, edges, and 1."""
    of_mutual, of_edge, of_pair = terms
    units = {}
    for i, j in itertools.combinations(range(n), 2):
        forth, back = (i, j) in edges, (j, i) in edges
        value = of_mutual * (forth and back) + of_edge * (forth + back) + of_pair
        units[i, j] = weight[i] * weight[j] * value
    noise = sum(v**2 for v in units.values())
    sums = np.array([sum(v for u, v in units.items() if k in u) for k in range(n)])
    less = (n - 1) / (n - 2)
    return summed([(list(less * (sums - sums.mean())), 2 * noise * less)], noise)


def wedge_sum(strength, worth, share, scale, met=None):
    """Return the spread of a mean over wedges: strength is a symmetric matrix, 0 where apart.

    `met` says which pairs are in the domain; a triad needs all three of its own.
    """
    met = ~np.eye(len(strength), dtype=bool) if met is None else met
    members = np.flatnonzero(met.sum(axis=1) > 1)
    triads = {}
    for triad in itertools.combinations(members, 3):
        if not all(met[a][b] for a, b in itertools.combinations(triad, 2)):
            continue
        value = 0.0
        for i in triad:
            j, k = (v for v in triad if v != i)
            weight = worth[i] * strength[i][j] * strength[i][k]
            value += weight * (strength[j][k] / scale - share)
        triads[frozenset(triad)] = value
    n = len(members)
    neurons = np.array([sum(v for t, v in triads.items() if k in t) for k in members])
    pairs = sum(
        sum(v for t, v in triads.items() if set(pair) <= t) ** 2
        for pair in itertools.combinations(members, 2)
    )
    alone = sum(v**2 for v in triads.values())
    less = (n - 1) / (n - 3)
    own = less * max(2 * pairs - 3 * alone, 0)
    return summed(
        [(list(less * (neurons - neurons.mean())), own)], max(pairs - 3 * alone, 0) + alone
    )
