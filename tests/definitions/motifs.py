"""Slow definitions of everything in ``motifs``: nested loops over tuples of neurons."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np

#: Edges of each class between positions 0, 1, 2, written down from the published drawings.
DRAWINGS = {
    "003": [],
    "012": [(0, 1)],
    "102": [(0, 1), (1, 0)],
    "021D": [(1, 0), (1, 2)],
    "021U": [(0, 1), (2, 1)],
    "021C": [(0, 1), (1, 2)],
    "111D": [(0, 1), (1, 0), (2, 1)],
    "111U": [(0, 1), (1, 0), (1, 2)],
    "030T": [(0, 1), (0, 2), (1, 2)],
    "030C": [(0, 1), (1, 2), (2, 0)],
    "201": [(0, 1), (1, 0), (1, 2), (2, 1)],
    "120D": [(1, 0), (1, 2), (0, 2), (2, 0)],
    "120U": [(0, 1), (2, 1), (0, 2), (2, 0)],
    "120C": [(0, 1), (1, 2), (0, 2), (2, 0)],
    "210": [(0, 1), (1, 2), (2, 1), (0, 2), (2, 0)],
    "300": [(0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0)],
}


def edge_set(g):
    """Return the edges of the domain as pairs of positions."""
    pre, post = g.edge_codes
    return set(zip(pre.tolist(), post.tolist(), strict=True))


def placements(edges, trio):
    """Return (class, orders): every order of the trio that gives the drawing of its class."""
    for name, drawing in DRAWINGS.items():
        wanted = set(drawing)
        orders = [
            order
            for order in itertools.permutations(trio)
            if {
                (a, b)
                for a, b in itertools.permutations(range(3), 2)
                if (order[a], order[b]) in edges
            }
            == wanted
        ]
        if orders:
            return name, orders
    raise AssertionError("every trio has a class")


def trios(g):
    """Yield every trio of neurons of which all six pairs are in the domain."""
    domain = g.domain
    for trio in itertools.combinations(range(g.n_neurons), 3):
        pairs = np.array(list(itertools.permutations(trio, 2)))
        if domain.contains(pairs[:, 0], pairs[:, 1]).all():
            yield trio


def census(g):
    """Count the trios of each class."""
    edges = edge_set(g)
    return Counter(placements(edges, trio)[0] for trio in trios(g))


def participation(g):
    """Count, per neuron, its trios of each class."""
    edges = edge_set(g)
    return Counter((v, placements(edges, trio)[0]) for trio in trios(g) for v in trio)


def roles(g):
    """Count, per neuron, (class, positions it can take in the drawing)."""
    edges = edge_set(g)
    found = Counter()
    for trio in trios(g):
        name, orders = placements(edges, trio)
        for v in trio:
            found[v, name, frozenset(order.index(v) for order in orders)] += 1
    return found


def labelled_census(g, types):
    """Count the connected trios by class and smallest types of the positions."""
    edges = edge_set(g)
    found = Counter()
    for trio in trios(g):
        name, orders = placements(edges, trio)
        if name not in ("003", "012", "102") and all(types[v] is not None for v in trio):
            found[name, *min(tuple(types[v] for v in order) for order in orders)] += 1
    return found


def weighted_census(g, weight):
    """Per class: number, mean intensity, mean coherence and mean strength of its trios."""
    pre, post = g.edge_codes
    value = dict(zip(zip(pre.tolist(), post.tolist(), strict=True), weight, strict=True))
    rows = {}
    for trio in trios(g):
        name, _ = placements(value.keys(), trio)
        present = [value[pair] for pair in itertools.permutations(trio, 2) if pair in value]
        if name in ("003", "012", "102"):
            continue
        mean = sum(present) / len(present)
        intensity = float(np.prod(present)) ** (1 / len(present))
        coherence = intensity / mean if mean else 0.0
        rows.setdefault(name, []).append((intensity, coherence, mean))
    return {name: (len(found), *np.mean(found, axis=0)) for name, found in rows.items()}


def injective_maps(g, nodes, keep):
    """Yield every map of the motif's nodes to distinct neurons that `keep` accepts."""
    for chosen in itertools.permutations(range(g.n_neurons), len(nodes)):
        places = dict(zip(nodes, chosen, strict=True))
        if keep(places):
            yield places


def motif_maps(g, nodes, edges, forbidden, *, where=lambda places: True):
    """Return the maps under which edges exist, forbidden pairs are observed and absent."""
    present = edge_set(g)
    domain = g.domain

    def observed(a, b):
        return domain.contains(np.array([a]), np.array([b]))[0]

    def keep(places):
        return (
            all((places[a], places[b]) in present for a, b in edges)
            and all(
                observed(places[a], places[b]) and (places[a], places[b]) not in present
                for a, b in forbidden
            )
            and where(places)
        )

    return list(injective_maps(g, nodes, keep))


def observable_maps(g, nodes, pairs, *, where=lambda places: True):
    """Count the maps of which every template pair is in the domain."""
    domain = g.domain

    def keep(places):
        return where(places) and all(
            domain.contains(np.array([places[a]]), np.array([places[b]]))[0] for a, b in pairs
        )

    return sum(1 for _ in injective_maps(g, nodes, keep))
