"""The relations between neurons that the pairs of a motif's nodes stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from connectome_graph.motifs._conditions import Compared, compared, edge_values, meets, node_values
from connectome_graph.motifs._pattern import Edge
from connectome_graph.motifs._relations import Codes, Counts, DyadTable, Mask, Relation
from connectome_graph.motifs._template import Template

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.pairs import PairSet

__all__ = ["Late", "Plan", "plan"]


class Late(NamedTuple):
    """A comparison that no single relation holds, between places in the order of the nodes."""

    #: Places of two nodes, or of the ends of two edges.
    left: tuple[int, ...]
    right: tuple[int, ...]
    values: Compared


@dataclass(frozen=True)
class Plan:
    """A template with the relations that its pairs of nodes must meet or must not meet."""

    template: Template
    table: DyadTable
    #: By pair of places i < j of nodes: the relation from i to j.
    required: dict[tuple[int, int], Relation]
    excluded: dict[tuple[int, int], Relation]
    late: tuple[Late, ...]


def plan(g: ConnectomeGraph, bound: Template) -> Plan:
    """Return the relations of a template on the edges of a graph.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [0, 0, 0], [0, 0, 0]])
    >>> from connectome_graph.motifs._template import template
    >>> bound = plan(g, template(g, "A -> B", induced=False))
    >>> bound.required[0, 1].mask.tolist(), bound.table.partner.tolist()
    ([True, True, False, False], [1, 2, 0, 0])
    """
    from connectome_graph._kernels import dyads

    motif, nodes = bound.motif, bound.motif.nodes
    # Where not all pairs could have met, an edge is only missing on a pair that could: the table
    # then lists those pairs, connected or not.
    met = g.domain.pairs if bound.forbidden else None
    pre, post = g.edge_codes if met is None else (met.pre, met.post)
    kept = _useful_edges(bound, pre, post)
    if kept is not None:
        pre, post = pre[kept], post[kept]
    table = DyadTable(*dyads.dyad_table(pre, post, g.n_neurons))
    absent = None
    if met is not None:
        seen = table.edge >= 0
        of_pair = _edges_of(g, met)
        table = table._replace(
            edge=np.append(of_pair if kept is None else of_pair[kept], -1)[table.edge]
        )
        absent, kept = seen & (table.edge < 0), None
    builder = _Builder(g, bound, table, kept, absent)
    required: dict[tuple[int, int], Relation] = {}
    excluded: dict[tuple[int, int], Relation] = {}
    for i, j in combinations(range(len(nodes)), 2):
        forth, back = (nodes[i], nodes[j]), (nodes[j], nodes[i])
        forbidden = forth in bound.forbidden or back in bound.forbidden
        if forth in motif.edges or back in motif.edges or (forbidden and met is not None):
            required[i, j] = builder.required(i, j)
        elif forbidden:
            excluded[i, j] = builder.excluded(i, j)
    late = (*builder.between_nodes(required), *builder.between_edges())
    return Plan(bound, table, required, excluded, late)


def _edges_of(g: ConnectomeGraph, met: PairSet) -> Counts:
    """Return the place of the edge on every pair of a set, -1 where there is none."""
    found = np.full(len(met), -1, np.int64)
    found[met.places(*g.edge_codes)] = np.arange(g.n_edges)
    return found


def _useful_edges(bound: Template, pre: Codes, post: Codes) -> Counts | None:
    """Return the places of the edges that could lie on any pair of the motif; None for all."""
    from connectome_graph._kernels import dyads

    pairs = (*bound.motif.edges, *bound.forbidden)
    if bound.candidates.all() or len(pairs) > 64:
        return None
    leaving = np.zeros(bound.candidates.shape[1], np.uint64)
    entering = leaving.copy()
    for bit, (a, b) in enumerate(pairs):
        leaving |= bound.candidates[bound.motif.nodes.index(a)].astype(np.uint64) << np.uint64(bit)
        entering |= bound.candidates[bound.motif.nodes.index(b)].astype(np.uint64) << np.uint64(bit)
    kept: Counts = dyads.useful_edges(pre, post, leaving, entering)
    return kept


class _Builder:
    """Makes the relations of one motif on one graph."""

    def __init__(
        self,
        g: ConnectomeGraph,
        bound: Template,
        table: DyadTable,
        kept: Counts | None,
        absent: Mask | None,
    ) -> None:
        self.g = g
        self.bound = bound
        self.table = table
        self.kept = kept
        self.exists = table.edge >= 0
        self.absent = ~self.exists if absent is None else absent

    def required(self, i: int, j: int) -> Relation:
        """Return the pairs that have the edges of two nodes and none that they forbid."""
        nodes, motif = self.bound.motif.nodes, self.bound.motif
        table = self.table
        first, second = self.bound.candidates[i], self.bound.candidates[j]
        mask = first.take(table.row) & second.take(table.partner)
        for pair, turned in (((nodes[i], nodes[j]), False), ((nodes[j], nodes[i]), True)):
            if pair in motif.edges:
                mask &= self.turned(self.fitting(pair), turned)
            elif pair in self.bound.forbidden:
                mask &= self.turned(self.absent, turned)
        return Relation(table, mask)

    def excluded(self, i: int, j: int) -> Relation:
        """Return the connected pairs that two nodes forbid."""
        nodes, forbidden = self.bound.motif.nodes, self.bound.forbidden
        mask = np.zeros(len(self.exists), bool)
        for pair, turned in (((nodes[i], nodes[j]), False), ((nodes[j], nodes[i]), True)):
            if pair in forbidden:
                mask |= self.turned(self.exists, turned)
        mask &= self.bound.candidates[i][self.table.row]
        mask &= self.bound.candidates[j][self.table.partner]
        return Relation(self.table, mask)

    def turned(self, mask: Mask, turned: bool) -> Mask:  # noqa: FBT001
        return np.asarray(mask[self.table.mirror] if turned else mask, bool)

    def fitting(self, pair: Edge) -> Mask:
        """Return the places of the dyad table with an edge that meets its conditions."""
        conditions = self.bound.motif.edge_conditions.get(pair, ())
        if not conditions:
            return self.exists
        held = np.ones(self.g.n_edges, bool)
        for condition in conditions:
            held &= meets(edge_values(self.g, condition.key), condition)
        if self.kept is not None:
            held = held[self.kept]
        return np.asarray(self.exists & np.append(held, False)[self.table.edge], bool)

    def between_nodes(self, required: dict[tuple[int, int], Relation]) -> Iterator[Late]:
        """Take comparisons of related nodes into their relations; yield the others."""
        for comparison in self.bound.motif.node_comparisons:
            i, j = (self.place(node) for node in (comparison.left, comparison.right))
            values = compared(
                node_values(self.g, comparison.key),
                comparison.operator,
                node_values(self.g, comparison.other_key),
            )
            relation = required.get((min(i, j), max(i, j)))
            if relation is None:
                yield Late((i,), (j,), values)
            else:
                ends = (self.table.row, self.table.partner)
                left, right = ends if i < j else ends[::-1]
                relation.mask &= values.holds(left, right)

    def between_edges(self) -> Iterator[Late]:
        """Yield the comparisons of edges."""
        for comparison in self.bound.motif.edge_comparisons:
            left, right = (
                edge_values(self.g, key) for key in (comparison.key, comparison.other_key)
            )
            if self.kept is not None:
                left, right = left.iloc[self.kept], right.iloc[self.kept]
            ends = [
                tuple(self.place(node) for node in edge)
                for edge in (comparison.left, comparison.right)
            ]
            yield Late(ends[0], ends[1], compared(left, comparison.operator, right))

    def place(self, node: str | Edge) -> int:
        return self.bound.motif.nodes.index(str(node))
