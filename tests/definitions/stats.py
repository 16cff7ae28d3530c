"""Statistics on the observable pairs, by loops over all pairs of neurons."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict


def parts(g):
    """Return (edges as a set of positions, sources, targets) of a graph."""
    pre, post = g.edge_codes
    domain = g.domain
    sources = {i for i in range(g.n_neurons) if domain.sources[i]}
    targets = {i for i in range(g.n_neurons) if domain.targets[i]}
    return set(zip(pre.tolist(), post.tolist(), strict=True)), sources, targets


def pairs(g):
    """Return every observable ordered pair."""
    _, sources, targets = parts(g)
    all_of_them = {(i, j) for i in sources for j in targets if i != j}
    if g.domain.pairs is None:
        return all_of_them
    met = g.domain.pairs
    return all_of_them & set(zip(met.pre.tolist(), met.post.tolist(), strict=True))


def dyads(g):
    """Return (null, asymmetric, mutual) over pairs observable both ways."""
    edges, observable = parts(g)[0], pairs(g)
    counts = Counter()
    for i, j in itertools.combinations(range(g.n_neurons), 2):
        if (i, j) in observable and (j, i) in observable:
            counts[((i, j) in edges) + ((j, i) in edges)] += 1
    return counts[0], counts[1], counts[2]


def weighted_reciprocity(g, weight):
    """Return Horvitz-Thompson r: edges both ways over edges, each weighted by both sources."""
    edges, observable = parts(g)[0], pairs(g)
    both = every = 0.0
    for i, j in edges:
        if (j, i) in observable:
            every += weight[i] * weight[j]
            both += weight[i] * weight[j] * ((j, i) in edges)
    return both / every if every else math.nan


def degrees(g):
    """Return {neuron: (in, out)} with None where it could not be observed."""
    edges, sources, targets = parts(g)
    return {
        v: (
            sum(j == v for _, j in edges) if v in targets else None,
            sum(i == v for i, _ in edges) if v in sources else None,
        )
        for v in range(g.n_neurons)
    }


def type_blocks(g, labels):
    """Return {(s, t): (pairs, edges, synapses)} over the observable pairs."""
    edges = g.edges
    position = {root_id: i for i, root_id in enumerate(g.ids.tolist())}
    count = {
        (position[pre], position[post]): n
        for pre, post, n in zip(edges["pre"], edges["post"], edges["count"], strict=True)
    }
    blocks = defaultdict(lambda: [0, 0, 0])
    for i, j in pairs(g):
        block = blocks[labels[i], labels[j]]
        block[0] += 1
        block[1] += (i, j) in count
        block[2] += count.get((i, j), 0)
    return {key: tuple(values) for key, values in blocks.items()}


def reciprocity_by_type(g, labels):
    """Return {(s, t): (edges, edges answered)} over pairs observable both ways."""
    edges, observable = parts(g)[0], pairs(g)
    found = defaultdict(lambda: [0, 0])
    for i, j in edges:
        if (j, i) in observable:
            found[labels[i], labels[j]][0] += 1
            found[labels[i], labels[j]][1] += (j, i) in edges
    return {key: tuple(values) for key, values in found.items()}


def distances(g, xyz, bins):
    """Return (ordered pairs, edges, unordered pairs, mutual) per bin of distance."""
    edges, observable = parts(g)[0], pairs(g)
    counts = [[0, 0, 0, 0] for _ in bins[1:]]
    for i, j in observable:
        squared = sum((a - b) ** 2 for a, b in zip(xyz[i], xyz[j], strict=True))
        for k, (low, high) in enumerate(itertools.pairwise(bins)):
            if low**2 <= squared < high**2:
                both_seen = i < j and (j, i) in observable
                counts[k][0] += 1
                counts[k][1] += (i, j) in edges
                counts[k][2] += both_seen
                counts[k][3] += both_seen and (i, j) in edges and (j, i) in edges
    return [tuple(row) for row in counts]


def common_neighbours(g, kind):
    """Return {number shared: (pairs, connected pairs)}."""
    edges, sources, targets = parts(g)
    core = sources & targets
    met = pairs(g)
    both_ways = {(i, j) for i, j in met if (j, i) in met}
    first, second, shared = {
        "out": (sources, core, targets),
        "in": (core, targets, sources),
        "any": (core, core, core),
    }[kind]

    def linked(i, k):
        return {
            "out": (i, k) in edges,
            "in": (k, i) in edges,
            "any": (i, k) in both_ways and ((i, k) in edges or (k, i) in edges),
        }[kind]

    counts = defaultdict(lambda: [0, 0])
    for i in first:
        for j in second:
            if (i, j) in met:
                common = sum(linked(i, k) and linked(j, k) for k in shared)
                counts[common][0] += 1
                counts[common][1] += (i, j) in edges
    return {common: tuple(values) for common, values in counts.items()}


def rich_club(g, kind):
    """Return {k: (members, edges, pairs)} for k = 0 and every degree that occurs."""
    edges, observable = parts(g)[0], pairs(g)
    degree = {}
    for v, (into, out) in degrees(g).items():
        degree[v] = {"in": into, "out": out}.get(kind)
        if kind == "total" and into is not None and out is not None:
            degree[v] = into + out
    curve = {}
    for k in {0, *(d for d in degree.values() if d is not None)}:
        members = {v for v, d in degree.items() if d is not None and d > k}
        curve[k] = (
            len(members),
            sum(i in members and j in members for i, j in edges),
            sum(i in members and j in members for i, j in observable),
        )
    return curve


def clustering(g):
    """Return {neuron: (partners, triangles, pairs of partners, directed, possible directed)}.

    Everything is between neurons of which both directions could have been seen.
    """
    edges, observable = parts(g)[0], pairs(g)
    both = {(i, j) for i, j in observable if (j, i) in observable}

    def ways(i, j):
        return ((i, j) in edges) + ((j, i) in edges)

    found = {}
    for v in range(g.n_neurons):
        partners = [w for w in range(g.n_neurons) if (v, w) in both and ways(v, w)]
        wedges = [(a, b) for a, b in itertools.combinations(partners, 2) if (a, b) in both]
        found[v] = (
            len(partners),
            sum(ways(a, b) > 0 for a, b in wedges),
            len(wedges),
            sum(ways(v, a) * ways(v, b) * ways(a, b) for a, b in wedges),
            sum(2 * ways(v, a) * ways(v, b) for a, b in wedges),
        )
    return found


def log_normaliser(log_weight, xmin, most):
    """Return the log of a sum over whole numbers from `xmin` to `most`."""
    return math.log(math.fsum(math.exp(log_weight(k)) for k in range(xmin, most)))


def no_likelier(k: tuple[int, int], n: tuple[int, int], odds: float = 1.0) -> float:
    """Return the chance of the 2 x 2 tables no likelier than this one, given its margins."""
    both = sum(k)
    possible = range(max(0, both - n[1]), min(both, n[0]) + 1)
    weight = {x: math.comb(n[0], x) * math.comb(n[1], both - x) * odds**x for x in possible}
    seen = weight[k[0]] * (1 + 1e-7)
    return sum(each for each in weight.values() if each <= seen) / sum(weight.values())
