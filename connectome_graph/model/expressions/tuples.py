"""Filters as tuples (column, operator, constant), for those who write no text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np

from connectome_graph.errors import InvalidArgument
from connectome_graph.model.expressions.constants import constant
from connectome_graph.model.expressions.parsing import parse
from connectome_graph.model.expressions.tree import (
    Column,
    Compare,
    Constant,
    Every,
    Node,
    Not,
    Within,
)

__all__ = ["OPERATORS", "Filter", "Filters", "kept_filters", "parse_filters", "told_filters"]

#: A condition as a tuple: column, operator, constant or list of constants.
Filter: TypeAlias = tuple[str, str, Any]
#: Conditions as one expression, or as tuples and expressions that all have to hold.
Filters: TypeAlias = str | Iterable[Filter | str]

#: The comparisons of a tuple.
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")


def parse_filters(filters: Filters) -> Node | None:
    """Return the nodes of `filters`: one expression, or tuples and expressions that all hold.

    Raises
    ------
    InvalidArgument
        When one of them is neither.

    Examples
    --------
    >>> parse_filters([("size", ">", 5)]) == parse("`size` > 5")
    True
    """
    if isinstance(filters, str):
        return parse(filters)
    given = kept_filters(filters) or ()
    parts = tuple(parse(each) if isinstance(each, str) else _triple(each) for each in given)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Every(parts)


def kept_filters(filters: Filters | None) -> str | tuple[Filter | str, ...] | None:
    """Return filters so that they can be read more than once; None for none.

    Raises
    ------
    InvalidArgument
        When they are neither an expression nor a list.

    Examples
    --------
    >>> kept_filters(iter([("size", ">", 5)]))
    (('size', '>', 5),)
    """
    if filters is None or isinstance(filters, str):
        return filters
    if isinstance(filters, bytes | dict) or not np.iterable(filters):
        raise InvalidArgument(
            "filters= takes an expression such as \"size > 100 and tag == 'spine'\", or a list of "
            f"(column, operator, value); found {type(filters).__name__}"
        )
    return tuple(filters) or None


def told_filters(filters: Filters | None) -> Any:
    """Return filters as the provenance keeps them: the text, or lists.

    Examples
    --------
    >>> told_filters([("size", ">", 5), "tag.isna()"])
    [['size', '>', 5], 'tag.isna()']
    """
    if filters is None or isinstance(filters, str):
        return filters
    return [each if isinstance(each, str) else _told(*each) for each in filters]


def _told(name: str, how: str, value: Any) -> list[Any]:
    if how in ("in", "not in"):
        return [name, how, [constant(item) for item in value]]
    return [name, how, constant(value)]


def _triple(each: Any) -> Node:
    try:
        name, how, value = each
    except (TypeError, ValueError):
        name = how = value = None
    if not isinstance(name, str) or not isinstance(how, str):
        raise InvalidArgument(
            f"a filter is (column, operator, value), such as ('size', '>', 100); found {each!r}"
        )
    if how not in OPERATORS:
        raise InvalidArgument(
            f"the filter operator {how!r} is not a choice; use one of {', '.join(OPERATORS)}"
        )
    column = Column(name, exact=True)
    if how not in ("in", "not in"):
        return Compare(column, how, Constant(constant(value)))
    if isinstance(value, str | bytes) or not np.iterable(value):
        raise InvalidArgument(f"the filter {(name, how, value)!r} needs a list after {how!r}")
    within = Within(column, tuple(constant(item) for item in value))
    return within if how == "in" else Not(within)
