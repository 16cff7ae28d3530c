"""From the statements of a motif text to the motif they describe."""

from __future__ import annotations

from typing import NamedTuple

from connectome_graph.errors import InvalidArgument, did_you_mean
from connectome_graph.motifs._pattern import Comparison, Condition, Edge, Motif, Value
from connectome_graph.motifs._tokens import Token, fault

__all__ = ["EDGES", "MAX_NODES", "Statement", "resolved"]

#: Most nodes a motif may have.
MAX_NODES = 12


#: Kinds of statements that join two nodes.
EDGES = ("edge", "no_edge", "inhibits")


class Statement(NamedTuple):
    """One statement of a motif text."""

    #: edge, no_edge, inhibits, same, condition or compare.
    kind: str
    #: Where it begins.
    token: Token
    #: The nodes, or named edges, it speaks of.
    names: tuple[str, ...]
    #: The column or weight; of an edge, the name given to it.
    key: str = ""
    operator: str = ""
    value: Value = ""
    other_key: str = ""
    conditions: tuple[Condition, ...] = ()


def resolved(statements: list[Statement], end: Token) -> Motif:
    """Return the motif that the statements describe.

    Raises
    ------
    InvalidArgument
        With line and column, when statements contradict each other or use unknown names.

    Examples
    --------
    >>> edge = Statement("edge", Token("name", "A", 1, 1), ("A", "B"))
    >>> resolved([edge], Token("end", "", 1, 7)).edges
    (('A', 'B'),)
    """
    links, edge_names = _links(statements)
    if not links:
        raise fault(end, "expected at least one edge, such as 'A -> B'")
    nodes = tuple(dict.fromkeys(name for edge in links for name in edge))
    if len(nodes) > MAX_NODES:
        raise InvalidArgument(
            f"a motif has at most {MAX_NODES} nodes; this one has {len(nodes)}: {', '.join(nodes)}"
        )
    about = _Subjects(nodes, edge_names, links)
    on_nodes: dict[str, list[Condition]] = {}
    on_edges: dict[Edge, list[Condition]] = {}
    compared: dict[bool, list[Comparison]] = {True: [], False: []}
    same: list[Edge] = []
    # Where one relation has a sign, every one has: an arrow beside '-|' excites.
    signed = any(statement.kind == "inhibits" for statement in statements)
    for statement in statements:
        if statement.kind in EDGES:
            given = list(statement.conditions)
            if signed and statement.kind != "no_edge":
                given.append(Condition("sign", "==", -1 if statement.kind == "inhibits" else 1))
            if given:
                on_edges.setdefault(_pair(statement), []).extend(given)
        elif statement.kind == "same":
            same.append((about.node(statement, 0), about.node(statement, 1)))
        elif statement.kind == "condition":
            condition = Condition(statement.key, statement.operator, statement.value)
            subject = about.subject(statement, 0)
            if isinstance(subject, str):
                on_nodes.setdefault(subject, []).append(condition)
            else:
                on_edges.setdefault(subject, []).append(condition)
        else:
            comparison = about.comparison(statement)
            compared[isinstance(comparison.left, str)].append(comparison)
    _share(on_nodes, same)
    return Motif(
        nodes,
        tuple(edge for edge, exists in links.items() if exists),
        tuple(edge for edge, exists in links.items() if not exists),
        {node: tuple(dict.fromkeys(found)) for node, found in on_nodes.items()},
        {edge: tuple(dict.fromkeys(found)) for edge, found in on_edges.items()},
        tuple(compared[True]),
        tuple(compared[False]),
        tuple(same),
    )


def _pair(statement: Statement) -> Edge:
    return statement.names[0], statement.names[1]


def _links(statements: list[Statement]) -> tuple[dict[Edge, bool], dict[str, Edge]]:
    """Return every edge with whether it must exist, and the edges that have a name."""
    links: dict[Edge, bool] = {}
    names: dict[str, Edge] = {}
    for statement in statements:
        if statement.kind not in EDGES:
            continue
        edge, exists = _pair(statement), statement.kind != "no_edge"
        if edge[0] == edge[1]:
            raise fault(
                statement.token,
                f"{edge[0]!r} is joined to itself; autapses are outside the domain of a graph",
            )
        if links.setdefault(edge, exists) != exists:
            raise fault(
                statement.token, f"the edge {edge[0]} -> {edge[1]} is both required and forbidden"
            )
        if statement.key and names.setdefault(statement.key, edge) != edge:
            raise fault(statement.token, f"two edges are named {statement.key!r}")
    return links, names


class _Subjects(NamedTuple):
    """The names that conditions can speak about."""

    nodes: tuple[str, ...]
    edge_names: dict[str, Edge]
    links: dict[Edge, bool]

    def subject(self, statement: Statement, place: int) -> str | Edge:
        name = statement.names[place]
        if name in self.nodes:
            return name
        if name in self.edge_names:
            edge = self.edge_names[name]
            if not self.links[edge]:
                raise fault(statement.token, f"the edge {name!r} is forbidden, so it has no weight")
            return edge
        known = [*self.nodes, *self.edge_names]
        raise fault(
            statement.token,
            f"{name!r} is neither a node nor a named edge of this motif "
            f"({', '.join(known)}).{did_you_mean(name, known)}",
        )

    def node(self, statement: Statement, place: int) -> str:
        found = self.subject(statement, place)
        if not isinstance(found, str) or statement.names[0] == statement.names[1]:
            raise fault(statement.token, "'===' stands between two different nodes")
        return found

    def comparison(self, statement: Statement) -> Comparison:
        left, right = self.subject(statement, 0), self.subject(statement, 1)
        if isinstance(left, str) != isinstance(right, str):
            raise fault(statement.token, "a neuron cannot be compared with an edge")
        return Comparison(left, statement.key, statement.operator, right, statement.other_key)


def _share(conditions: dict[str, list[Condition]], same: list[Edge]) -> None:
    """Give interchangeable nodes each other's conditions, through chains of them too."""
    for _ in same:
        for left, right in same:
            union = [*conditions.get(left, []), *conditions.get(right, [])]
            if union:
                conditions[left] = conditions[right] = list(dict.fromkeys(union))
