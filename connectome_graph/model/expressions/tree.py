"""The nodes of an expression: what the text, the tuples and every engine agree on.

An expression is parsed into these nodes (``parsing``), held against the kinds of the columns
(``kinds``), and then carried out on Arrow columns (``rows``) or told to DuckDB as SQL. Nodes hold
names and constants only: there is nothing in them that could run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

__all__ = [
    "Always",
    "Arithmetic",
    "AsDouble",
    "Column",
    "Compare",
    "Constant",
    "Every",
    "IsMissing",
    "Lower",
    "Node",
    "Not",
    "Some",
    "TextTest",
    "Value",
    "Within",
    "columns_of",
]

#: What a constant may be.
Value: TypeAlias = bool | int | float | str


class Column(NamedTuple):
    """A column by name; ``exact`` when it stood between backticks.

    ``kind`` is filled in when the expression is held against a table: ``boolean``, ``integer``,
    ``double``, ``text``, ``null`` (every value missing) or ``other``.
    """

    name: str
    exact: bool = False
    kind: str = ""


class Constant(NamedTuple):
    """A number, a text, True or False."""

    value: Value


class Compare(NamedTuple):
    """``left how right``; ``how`` is one of ``== != < <= > >=``."""

    left: Node
    how: str
    right: Node


class Within(NamedTuple):
    """Whether a value is one of some constants."""

    value: Node
    items: tuple[Value, ...]


class Every(NamedTuple):
    """All parts hold."""

    parts: tuple[Node, ...]


class Some(NamedTuple):
    """At least one part holds."""

    parts: tuple[Node, ...]


class Not(NamedTuple):
    """The part does not hold."""

    part: Node


class Arithmetic(NamedTuple):
    """``+ - * / %`` of two numbers, and ``abs`` or ``negative`` of one; in doubles."""

    how: str
    operands: tuple[Node, ...]


class IsMissing(NamedTuple):
    """Whether a value is missing; never missing itself."""

    value: Node


class TextTest(NamedTuple):
    """Whether a text ``contains``, ``startswith`` or ``endswith`` another, or ``matches`` it."""

    value: Node
    how: str
    pattern: str


class Lower(NamedTuple):
    """A text in small letters, a character at a time."""

    value: Node


class AsDouble(NamedTuple):
    """An integer column as doubles, where it meets doubles."""

    value: Node


class Always(NamedTuple):
    """True or False wherever the value is known, missing where it is not."""

    value: Node
    truth: bool


Node: TypeAlias = (
    Column
    | Constant
    | Compare
    | Within
    | Every
    | Some
    | Not
    | Arithmetic
    | IsMissing
    | TextTest
    | Lower
    | AsDouble
    | Always
)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node.

    Examples
    --------
    >>> children(Not(Column("spiny")))
    (Column(name='spiny', exact=False, kind=''),)
    """
    if isinstance(node, Column | Constant):
        return ()
    if isinstance(node, Compare):
        return node.left, node.right
    if isinstance(node, Every | Some):
        return node.parts
    if isinstance(node, Arithmetic):
        return node.operands
    if isinstance(node, Not):
        return (node.part,)
    return (node.value,)


def columns_of(node: Node) -> Iterator[Column]:
    """Yield the columns an expression names, in order, again where one is named again.

    Examples
    --------
    >>> [column.name for column in columns_of(Compare(Column("pre"), "==", Column("post")))]
    ['pre', 'post']
    """
    if isinstance(node, Column):
        yield node
    for below in children(node):
        yield from columns_of(below)
