"""Counting maps without listing them: inclusion-exclusion over maps that need not be injective.

Maps of a motif to *distinct* neurons are maps to any neurons, less those that send nodes to one
neuron (Moebius inversion over the partitions of the nodes); a forbidden pair is everything less
the pairs it forbids. What is left are plain patterns of relations. Their nodes with at most one
relation are summed out (degrees, for stars and chains), so that only a cycle costs more than the
edges: triangle, square, square with a diagonal, and four all related.

References: Lovasz 2012, Large Networks and Graph Limits, section 5; Pinar et al. 2017, WWW
(counting small subgraphs without listing them).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from math import factorial, prod

import numpy as np
import numpy.typing as npt

from connectome_graph.motifs._plan import Plan
from connectome_graph.motifs._relations import Relation

__all__ = ["count_maps"]

Counts = npt.NDArray[np.int64]
Relations = dict[tuple[int, int], Relation]

#: Up to so many entries of the dyad table, choosing the best order costs more than it saves.
FEW_PAIRS = 50_000
#: Motifs with more nodes are searched: the terms of the inversion grow faster than they help.
MOST_NODES = 6
#: Relations excluded at most, by number of nodes; every one doubles the number of terms.
MOST_EXCLUDED = {5: 3, 6: 0}


def count_maps(plan: Plan) -> int | None:
    """Return the number of maps of the motif to distinct neurons, or None without a formula.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from connectome_graph.motifs._plan import plan
    >>> from connectome_graph.motifs._template import template
    >>> g = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    >>> count_maps(plan(g, template(g, "A -> B; A -> C", induced=False)))
    2
    """
    n_nodes = len(plan.template.motif.nodes)
    if plan.late:
        return None
    longest = int(np.diff(plan.table.first).max(initial=0))
    if longest ** (n_nodes - 1) >= 2**62:
        return None
    if not _has_formula(n_nodes, plan):
        return None
    total = 0
    for size in range(len(plan.excluded) + 1):
        for chosen in combinations(plan.excluded, size):
            relations = plan.required | {pair: plan.excluded[pair] for pair in chosen}
            total += (-1) ** size * _injective(plan, relations)
    return total


def _has_formula(n_nodes: int, plan: Plan) -> bool:
    """Return whether no pattern has a cycle through more than four nodes.

    Nodes that become one can close a cycle: the ends of a path of six leave a ring of five.
    """
    if n_nodes <= 4:
        return True
    if n_nodes > MOST_NODES or len(plan.excluded) > MOST_EXCLUDED[n_nodes]:
        return False
    for blocks in _partitions(n_nodes, plan.required):
        block_of = {node: at for at, block in enumerate(blocks) for node in block}
        pairs = {frozenset((block_of[i], block_of[j])) for i, j in (*plan.required, *plan.excluded)}
        left = set(range(len(blocks)))
        while True:
            degree = {v: sum(v in pair and pair <= left for pair in pairs) for v in left}
            pendant = {v for v in left if degree[v] < 2}
            if not pendant:
                break
            left -= pendant
        if len(left) > 4:
            return False
    return True


def _injective(plan: Plan, relations: Relations) -> int:
    total = 0
    candidates = plan.template.candidates
    for blocks in _partitions(len(candidates), relations):
        weight = prod((-1) ** (len(block) - 1) * factorial(len(block) - 1) for block in blocks)
        merged: Relations = {}
        for a, b in combinations(range(len(blocks)), 2):
            between = [
                relations[i, j] if i < j else relations[j, i].flipped
                for i in blocks[a]
                for j in blocks[b]
                if (min(i, j), max(i, j)) in relations
            ]
            if between:
                together = between[0]
                for relation in between[1:]:
                    together = together & relation
                merged[a, b] = together
        worth = [
            np.logical_and.reduce(candidates[list(block)]).astype(np.int64) for block in blocks
        ]
        total += weight * _maps(worth, merged)
    return total


def _partitions(n: int, relations: Collection[tuple[int, int]]) -> Iterator[list[tuple[int, ...]]]:
    """Yield the partitions of the nodes in which no two related nodes share a block."""

    def extend(node: int, blocks: list[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
        if node == n:
            yield blocks
            return
        for at, block in enumerate(blocks):
            if not any((other, node) in relations for other in block):
                yield from extend(node + 1, [*blocks[:at], (*block, node), *blocks[at + 1 :]])
        yield from extend(node + 1, [*blocks, (node,)])

    yield from extend(0, [])


def _related(relations: Relations, a: int, b: int) -> Relation:
    return relations[a, b] if a < b else relations[b, a].flipped


def _total(worth: Counts) -> int:
    """Return the exact sum."""
    if len(worth) * int(worth.max(initial=0)) < 2**63:
        return int(worth.sum())
    return sum(worth.tolist())


def _maps(worth: list[Counts], relations: Relations) -> int:
    """Return the weighted number of maps, injective or not, that meet all relations."""
    from connectome_graph._kernels import dyads

    relations, left, factor = dict(relations), set(range(len(worth))), 1
    while True:
        partners = {v: [w for pair in relations if v in pair for w in pair if w != v] for v in left}
        pendant = next((v for v in sorted(left) if len(partners[v]) < 2), None)
        if pendant is None:
            break
        left.remove(pendant)
        if partners[pendant]:
            (other,) = partners[pendant]
            begin, nodes = _related(relations, other, pendant).rows
            worth[other] = worth[other] * dyads.gathered(begin, nodes, worth[pendant])
            del relations[min(pendant, other), max(pendant, other)]
        else:
            factor *= _total(worth[pendant])
        if not factor:
            return 0
    return factor * (_cyclic(sorted(left), worth, relations) if left else 1)


def _cyclic(nodes: list[int], worth: list[Counts], relations: Relations) -> int:
    from connectome_graph._kernels import motif_counts

    def rows(*pairs: tuple[int, int]) -> list[npt.NDArray[np.int64] | npt.NDArray[np.int32]]:
        return [part for a, b in pairs for part in _related(relations, a, b).rows]

    values = [worth[node] for node in nodes]
    if len(nodes) == 3:
        a, b, c = nodes
        if len(relations[a, b].mask) > FEW_PAIRS:
            turns = [(nodes[at - 1], nodes[at], nodes[at - 2]) for at in range(3)]
            a, b, c = min(turns, key=lambda turn: _cost(relations, *turn))
        found = motif_counts.triangles(
            *rows((a, b), (a, c), (b, c)), *(worth[v] for v in (a, b, c))
        )
        return _total(found)
    missing = [pair for pair in combinations(nodes, 2) if pair not in relations]
    if len(missing) == 2:
        (a, c), (b, d) = min(
            (missing, missing[::-1]),
            key=lambda cut: sum(_cost(relations, cut[0][0], v, cut[0][1]) for v in cut[1]),
        )
        found = motif_counts.squares(
            *rows((a, b), (b, c), (a, d), (d, c)), *(worth[v] for v in (a, b, c, d))
        )
    elif missing:
        c, d = missing[0]
        a, b = (v for v in nodes if v not in missing[0])
        found = motif_counts.diamonds(
            *rows((a, b), (a, c), (b, c), (a, d), (b, d)), *(worth[v] for v in (a, b, c, d))
        )
    else:
        a, b, c, d = nodes
        found = motif_counts.cliques(*rows((a, b), (a, c), (b, c), (a, d), (b, d), (c, d)), *values)
    return _total(found)


def _cost(relations: Relations, a: int, b: int, c: int) -> int:
    """Return the steps from a over b to c: the paths that the kernels walk."""
    from_b = np.diff(_related(relations, b, c).rows[0])
    to_b = np.diff(_related(relations, b, a).rows[0])
    return int(from_b @ to_b)
