"""A column of numbers against a constant, exactly: neither is rounded to the kind of the other."""

from __future__ import annotations

import math

from connectome_graph.model.expressions.tree import Always, Compare, Constant, Node, Value

__all__ = ["is_double", "is_whole", "real", "whole"]


def is_whole(value: Value) -> bool:
    """Return whether a constant equals some 64-bit integer.

    Examples
    --------
    >>> is_whole(2.0), is_whole(2.5), is_whole(1e300)
    (True, False, False)
    """
    return not isinstance(value, str) and math.floor(value) == value and _fits(value)


def _fits(value: float) -> bool:
    return -(2**63) <= value < 2**64


def is_double(value: Value) -> bool:
    """Return whether a constant equals some double.

    Examples
    --------
    >>> is_double(2**53), is_double(2**53 + 1)
    (True, False)
    """
    return float(value) == value


def whole(node: Node, how: str, value: float) -> Node:
    """Return the comparison of integers with any number, exactly.

    Examples
    --------
    >>> from connectome_graph.model.expressions.tree import Column
    >>> whole(Column("size"), "<", 2.5)[1:]
    ('<=', Constant(value=2))
    """
    if math.floor(value) != value:
        if how in ("==", "!="):
            return Always(node, truth=how == "!=")
        upward = how in (">", ">=")
        how, value = (">=", math.ceil(value)) if upward else ("<=", math.floor(value))
    if _fits(value):
        return Compare(node, how, Constant(int(value)))
    if how in ("==", "!="):
        return Always(node, truth=how == "!=")
    return Always(node, truth=(how in ("<", "<=")) == (value > 0))


def real(node: Node, how: str, value: float) -> Node:
    """Return the comparison of doubles with any number, exactly.

    Examples
    --------
    >>> from connectome_graph.model.expressions.tree import Column
    >>> real(Column("size"), ">", 2**53 + 1)[1:]
    ('>=', Constant(value=9007199254740994.0))
    """
    near = float(value)
    if near == value:
        return Compare(node, how, Constant(near))
    if how in ("==", "!="):
        return Always(node, truth=how == "!=")
    if how in (">", ">="):
        above = near if near > value else math.nextafter(near, math.inf)
        return Compare(node, ">=", Constant(above))
    below = near if near < value else math.nextafter(near, -math.inf)
    return Compare(node, "<=", Constant(below))
