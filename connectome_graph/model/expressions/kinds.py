"""An expression held against the kinds of a table's columns, before any row is looked at.

What comes back means the same to every engine: each side of a comparison has one kind, integers
are compared with integers exactly, arithmetic is in doubles, and what is always true or false is
said to be so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias
from unicodedata import normalize

import pyarrow as pa

from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean
from connectome_graph.model.expressions.exact import is_double, is_whole, real, whole
from connectome_graph.model.expressions.tree import (
    Always,
    Arithmetic,
    AsDouble,
    Column,
    Compare,
    Constant,
    Every,
    IsMissing,
    Lower,
    Node,
    Not,
    Some,
    TextTest,
    Value,
    Within,
)

__all__ = ["ID_NAMES", "checked", "found_name", "is_id_name", "kind_of_type"]

#: Columns that hold ids, beside those whose name ends in ``_id``.
ID_NAMES = frozenset({"pre", "post", "id"})

_SAID = {
    "boolean": "true or false",
    "integer": "integers",
    "double": "numbers",
    "text": "text",
    "other": "something that is neither number nor text",
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NUMBERS = ("integer", "double")


def kind_of_type(kind: pa.DataType) -> str:
    """Return what an Arrow type is to an expression.

    Examples
    --------
    >>> [kind_of_type(kind) for kind in (pa.int32(), pa.float32(), pa.string(), pa.date32())]
    ['integer', 'double', 'text', 'other']
    """
    types = pa.types
    if types.is_dictionary(kind):
        return kind_of_type(kind.value_type)
    for name, tests in (
        ("boolean", (types.is_boolean,)),
        ("integer", (types.is_integer,)),
        ("double", (types.is_floating, types.is_decimal)),
        ("text", (types.is_string, types.is_large_string, types.is_string_view)),
        ("null", (types.is_null,)),
    ):
        if any(test(kind) for test in tests):
            return name
    return "other"


def is_id_name(name: str) -> bool:
    """Return whether a column of this name holds ids.

    Examples
    --------
    >>> is_id_name("post_pt_root_id"), is_id_name("size")
    (True, False)
    """
    return name in ID_NAMES or name.lower().endswith("_id")


def found_name(column: Column, names: Iterable[str]) -> str:
    """Return the table's own name of a column.

    Python reads letters that look alike as one (its parser normalises names), so a name that is
    not there as written is looked for in that form.

    Raises
    ------
    UnknownName
        When no column, or more than one, is meant.
    """
    known = list(names)
    if column.name in known:
        return column.name
    alike = [] if column.exact else [n for n in known if normalize("NFKC", n) == column.name]
    if len(alike) == 1:
        return alike[0]
    if alike:
        raise UnknownName(
            f"{column.name!r} may be any of the columns {', '.join(map(repr, alike))}; write the "
            "one that is meant between backticks"
        )
    raise UnknownName(
        f"the expression uses {column.name!r}, which is no column."
        f"{did_you_mean(column.name, known)} Columns: {', '.join(known) or 'none'}. (A text is "
        f"written in quotes: '{column.name}'.)"
    )


class _Typed(NamedTuple):
    """A node, its kind, and whether it holds ids."""

    node: Node
    kind: str
    ids: bool = False


_Constants: TypeAlias = tuple[Value, ...]


def checked(
    node: Node,
    kinds: Mapping[str, str],
    *,
    ids: Iterable[str] = (),
    names: Mapping[str, str] | None = None,
) -> Node:
    """Return an expression whose columns exist and whose constants are of the right kind.

    Parameters
    ----------
    node
        From ``parse``.
    kinds
        Column name -> kind, as :func:`kind_of_type` names them.
    ids
        Columns that hold ids, beside those that their name tells.
    names
        Other names of columns -> their own names.

    Raises
    ------
    UnknownName
        When a column is not there.
    InvalidArgument
        When something is compared with a constant of another kind, an id is a float, or the
        expression is not true or false a row.

    Examples
    --------
    >>> from connectome_graph.model.expressions.parsing import parse
    >>> checked(parse("size > 2.5"), {"size": "integer"})
    Compare(left=Column(name='size', exact=True, kind='integer'), how='>=', \
right=Constant(value=3))
    """
    return _Check(kinds, frozenset(ids), names or {}).condition(node)


class _Check:
    def __init__(
        self, kinds: Mapping[str, str], ids: frozenset[str], names: Mapping[str, str]
    ) -> None:
        self.kinds, self.ids, self.names = kinds, ids, names

    def condition(self, node: Node) -> Node:
        found = self.typed(node)
        if found.kind == "null":
            return Always(found.node, truth=False)
        if found.kind == "boolean" and not isinstance(node, Constant):
            return found.node
        raise InvalidArgument(
            f"{_told(node)} gives {_SAID.get(found.kind, found.kind)}, not true or false; compare "
            "with something, as in \"cell_type == 'BC'\""
        )

    def typed(self, node: Node) -> _Typed:
        if isinstance(node, Column):
            return self._column(node)
        if isinstance(node, Constant):
            return _Typed(node, _kind_of(node.value))
        if isinstance(node, Arithmetic):
            return self._arithmetic(node)
        if isinstance(node, Lower):
            text = self._text(node.value, "str.lower")
            return text if text.kind == "null" else _Typed(Lower(text.node), "text")
        return _Typed(self._truth(node), "boolean")

    def _truth(self, node: Node) -> Node:
        if isinstance(node, Compare):
            return self._compare(node)
        if isinstance(node, Within):
            return self._within(node)
        if isinstance(node, Every | Some):
            return type(node)(tuple(map(self.condition, node.parts)))
        if isinstance(node, Not):
            return Not(self.condition(node.part))
        if isinstance(node, IsMissing):
            return IsMissing(self._with_column(node.value).node)
        assert isinstance(node, TextTest)
        text = self._text(node.value, f"str.{node.how}")
        if text.kind == "null":
            return Always(text.node, truth=False)
        return node._replace(value=text.node)

    def _column(self, node: Column) -> _Typed:
        name = found_name(node, dict.fromkeys([*self.names, *self.kinds]))
        name = self.names.get(name, name)
        kind = self.kinds[name]
        return _Typed(
            Column(name, exact=True, kind=kind), kind, name in self.ids or is_id_name(name)
        )

    def _with_column(self, node: Node) -> _Typed:
        found = self.typed(node)
        if isinstance(found.node, Constant):
            raise InvalidArgument(f"{_told(node)} is asked of a constant; name a column")
        return found

    def _text(self, node: Node, what: str) -> _Typed:
        found = self._with_column(node)
        if found.kind not in ("text", "null"):
            raise InvalidArgument(
                f"{what} is for text, and {_told(node)} holds {_SAID[found.kind]}"
            )
        return found

    def _arithmetic(self, node: Arithmetic) -> _Typed:
        operands = []
        for each in node.operands:
            found = self.typed(each)
            if found.ids:
                raise InvalidArgument(
                    f"{_told(each)} holds ids, and there is no arithmetic with ids: they would "
                    "lose their last digits"
                )
            if found.kind not in (*_NUMBERS, "null"):
                raise InvalidArgument(
                    f"arithmetic is for numbers, and {_told(each)} holds {_SAID[found.kind]}"
                )
            operands.append(_as_double(found))
        made = Arithmetic(node.how, tuple(operands))
        values = [each.value for each in operands if isinstance(each, Constant)]
        if len(values) < len(operands):
            return _Typed(made, "double")
        return _Typed(Constant(_folded(node.how, [float(value) for value in values])), "double")

    # -- comparisons -----------------------------------------------------------------------

    def _compare(self, node: Compare) -> Node:
        left, right = self.typed(node.left), self.typed(node.right)
        if isinstance(left.node, Constant) and isinstance(right.node, Constant):
            raise InvalidArgument(
                f"{_told(node.left)} {node.how} {_told(node.right)} compares two constants; name "
                "a column"
            )
        if isinstance(left.node, Constant):
            return self._with_constant(right, _MIRRORED[node.how], left.node.value, node.right)
        if isinstance(right.node, Constant):
            return self._with_constant(left, node.how, right.node.value, node.left)
        ends = (left, right)
        if any(each.kind == "null" for each in ends):
            known = left if right.kind == "null" else right
            return Always(right.node if known is left else left.node, truth=False)
        both = {each.kind for each in ends}
        if both <= set(_NUMBERS):
            if any(each.ids for each in ends) and "double" in both:
                raise InvalidArgument(
                    f"{_told(node.left)} {node.how} {_told(node.right)} compares ids with numbers "
                    "that are not whole; ids are integers or text, never floats"
                )
            if len(both) == 2:
                return Compare(_as_double(left), node.how, _as_double(right))
        elif len(both) > 1 or "other" in both:
            raise InvalidArgument(
                f"{_told(node.left)} holds {_SAID[left.kind]} and {_told(node.right)} holds "
                f"{_SAID[right.kind]}; they cannot be compared"
            )
        _check_order(left.kind, node.how, node.left)
        return Compare(left.node, node.how, right.node)

    def _with_constant(self, column: _Typed, how: str, value: Value, told: Node) -> Node:
        if column.kind == "null":
            return Always(column.node, truth=False)
        value = _fitting(column, value, _told(told))
        _check_order(column.kind, how, told)
        if column.kind == "integer":
            assert not isinstance(value, str)
            return whole(column.node, how, value)
        if column.kind == "double":
            assert not isinstance(value, str)
            return real(column.node, how, value)
        return Compare(column.node, how, Constant(value))

    def _within(self, node: Within) -> Node:
        found = self._with_column(node.value)
        if found.kind == "null":
            return Always(found.node, truth=False)
        told = _told(node.value)
        items: _Constants = tuple(_fitting(found, item, told) for item in node.items)
        if found.kind == "integer":
            items = tuple(int(item) for item in items if is_whole(item))
        elif found.kind == "double":
            items = tuple(float(item) for item in items if is_double(item))
        items = tuple(dict.fromkeys(items))
        return Within(found.node, items) if items else Always(found.node, truth=False)


def _told(node: Node) -> str:
    """Return what to call a node in a message."""
    if isinstance(node, Column):
        return repr(node.name)
    if isinstance(node, Constant):
        return repr(node.value)
    if isinstance(node, Arithmetic):
        return f"the result of {node.how!r}"
    return "the expression"


def _kind_of(value: Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    return "integer" if isinstance(value, int) else "double"


def _check_order(kind: str, how: str, told: Node) -> None:
    if kind == "boolean" and how not in ("==", "!="):
        raise InvalidArgument(f"{_told(told)} is true or false, which has no order; use == or !=")


def _fitting(column: _Typed, value: Value, told: str) -> Value:
    """Return a constant in the kind of the column it is held against, or refuse it."""
    given = _kind_of(value)
    if column.ids and given in (*_NUMBERS, "text"):
        if given == "double":
            raise InvalidArgument(
                f"{told} holds ids and is compared with the float {value!r}; 18-digit ids lose "
                "their last digits in a float: give ids as integers or text"
            )
        if column.kind == "integer" and isinstance(value, str):
            return _id_number(value, told)
        if column.kind == "text":
            return str(value)
    if column.kind == given or {column.kind, given} <= set(_NUMBERS):
        return value
    hint = f"; write it in quotes: '{value}'" if column.kind == "text" else ""
    if given == "text":
        hint = "; write it without quotes" if column.kind in _NUMBERS else ""
        hint = "; write True or False" if column.kind == "boolean" else hint
    raise InvalidArgument(
        f"{told} holds {_SAID[column.kind]} and is compared with {value!r}, which is "
        f"{_SAID[given] if given != 'double' else 'a number'}{hint}"
    )


def _id_number(text: str, told: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = None
    if number is None or str(number) != text or not -(2**63) <= number < 2**64:
        raise InvalidArgument(
            f"{told} holds integer ids and is compared with {text!r}, which is no such id"
        )
    return number


def _as_double(found: _Typed) -> Node:
    if isinstance(found.node, Constant):
        return Constant(float(found.node.value))
    return AsDouble(found.node) if found.kind in ("integer", "null") else found.node


def _folded(how: str, values: list[float]) -> float:
    """Return arithmetic between constants, which has to give a finite number."""
    first = values[0]
    try:
        result = {
            "+": lambda: first + values[1],
            "-": lambda: first - values[1],
            "*": lambda: first * values[1],
            "/": lambda: first / values[1],
            "%": lambda: first % values[1],
            "abs": lambda: abs(first),
            "negative": lambda: -first,
        }[how]()
    except ZeroDivisionError:
        result = math.nan
    if not math.isfinite(result):
        raise InvalidArgument(f"the constants of {how!r} give no finite number")
    return result
