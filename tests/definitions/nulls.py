"""Random graphs by definition: list every graph that keeps what a null model keeps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import combinations, product

from connectome_graph import ConnectomeGraph

Edges = frozenset[tuple[int, int]]


def graphs_like(edges: Edges, sources: set[int], targets: set[int]) -> Iterator[Edges]:
    """Yield every graph on sources x targets, no autapse, with the same out-degrees."""
    rows = []
    for i in sorted(sources):
        out = sum(pre == i for pre, _ in edges)
        rows.append([[(i, j) for j in row] for row in combinations(sorted(targets - {i}), out)])
    for choice in product(*rows):
        yield frozenset(edge for row in choice for edge in row)


def family(
    edges: Edges,
    sources: set[int],
    targets: set[int],
    signature: Callable[[Edges], Hashable],
    *,
    pairs: Edges | None = None,
) -> set[Edges]:
    """Return every graph on the domain, or on a set of pairs, that has the signature of `edges`."""
    wanted = signature(edges)
    return {
        other
        for other in graphs_like(edges, sources, targets)
        if (pairs is None or other <= pairs) and signature(other) == wanted
    }


def degrees(edges: Edges) -> Hashable:
    """Return how many outputs and inputs every neuron has."""
    return (
        frozenset(Counter(pre for pre, _ in edges).items()),
        frozenset(Counter(post for _, post in edges).items()),
    )


def mutual_degrees(edges: Edges) -> Hashable:
    """Return how many neurons every neuron is connected with in both directions."""
    return frozenset(Counter(pre for pre, post in edges if (post, pre) in edges).items())


def reciprocal(core: set[int]) -> Callable[[Edges], Hashable]:
    """Return the signature of the reciprocal null: degrees by which ends lie in the core."""

    def signature(edges: Edges) -> Hashable:
        parts = [
            frozenset((i, j) for i, j in edges if ((i in core), (j in core)) == ends)
            for ends in product((True, False), repeat=2)
        ]
        return (*(degrees(part) for part in parts), mutual_degrees(edges))

    return signature


def typed(types: list[int]) -> Callable[[Edges], Hashable]:
    """Return the signature of the typed null: degrees towards and from every type."""

    def signature(edges: Edges) -> Hashable:
        return (
            frozenset(Counter((i, types[j]) for i, j in edges).items()),
            frozenset(Counter((types[i], j) for i, j in edges).items()),
        )

    return signature


def distance_bins(g: ConnectomeGraph, bins: Sequence[float]) -> list[int]:
    """Return the distance bin of every edge, by Python's own distance; no positions, no bins."""
    if "x_um" not in g.neurons:
        return []
    places = g.neurons[["x_um", "y_um", "z_um"]].to_numpy().tolist()
    inner = bins[1:-1]
    return [
        sum(math.dist(places[i], places[j]) >= edge for edge in inner)
        for i, j in zip(*g.edge_codes, strict=True)
    ]
