"""A motif as data: named nodes, the edges between them, and conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Comparison", "Condition", "Edge", "Motif", "Value"]

Single = str | int | float | bool
Value = Single | tuple[Single, ...]
Edge = tuple[str, str]


class Condition(NamedTuple):
    """``key operator value``: a condition on one neuron or one edge."""

    key: str
    operator: str
    value: Value


class Comparison(NamedTuple):
    """``left.key operator right.other_key``, of two neurons or of two edges."""

    left: str | Edge
    key: str
    operator: str
    right: str | Edge
    other_key: str


@dataclass(frozen=True)
class Motif:
    """A pattern of connections between named nodes; made by :func:`motifs.parse`.

    Examples
    --------
    >>> from connectome_graph.motifs._language import parse
    >>> motif = parse('A -> B; B !> A; A.cell_type = "BC"')
    >>> motif.nodes, motif.edges, motif.forbidden
    (('A', 'B'), (('A', 'B'),), (('B', 'A'),))
    >>> motif.node_conditions["A"]
    (Condition(key='cell_type', operator='==', value='BC'),)
    """

    #: Names of the nodes, in the order in which they appear in edges.
    nodes: tuple[str, ...]
    #: Edges that must exist, and pairs that must not be connected in this direction.
    edges: tuple[Edge, ...]
    forbidden: tuple[Edge, ...] = ()
    node_conditions: dict[str, tuple[Condition, ...]] = field(default_factory=dict)
    edge_conditions: dict[Edge, tuple[Condition, ...]] = field(default_factory=dict)
    node_comparisons: tuple[Comparison, ...] = ()
    edge_comparisons: tuple[Comparison, ...] = ()
    #: Pairs of nodes declared interchangeable.
    interchangeable: tuple[Edge, ...] = ()
