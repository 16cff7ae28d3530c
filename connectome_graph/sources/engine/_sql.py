"""An expression as SQL for DuckDB: constants are bound, names are quoted, nothing is pasted in."""

from __future__ import annotations

from typing import Any

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
    Within,
)

__all__ = ["condition", "quoted"]

_OPERATORS = {"==": "=", "!=": "<>"}
_TESTS = {
    "contains": "contains",
    "startswith": "starts_with",
    "endswith": "suffix",
    "matches": "regexp_matches",
}
# Constants a list may have before it is better looked up in a table.
_SHORT = 100


def quoted(name: str) -> str:
    """Return a name as SQL writes it.

    Examples
    --------
    >>> print(quoted('a "b" c'))
    "a ""b"" c"
    """
    return '"' + name.replace('"', '""') + '"'


def condition(node: Node, values: list[Any]) -> str:
    """Return a checked expression as SQL; its constants are appended to `values`, in order.

    Examples
    --------
    >>> values = []
    >>> size = Column("size", exact=True, kind="integer")
    >>> condition(Compare(size, ">", Constant(5)), values), values
    ('("size" > ?)', [5])
    """
    if isinstance(node, Column):
        # NaN is missing, as everywhere
        name = quoted(node.name)
        double = f"CASE WHEN isnan({name}::DOUBLE) THEN NULL ELSE {name}::DOUBLE END"
        return double if node.kind == "double" else name
    if isinstance(node, Constant):
        values.append(node.value)
        return "?::DOUBLE" if isinstance(node.value, float) else "?"
    if isinstance(node, Compare):
        left = condition(node.left, values)
        return f"({left} {_OPERATORS.get(node.how, node.how)} {condition(node.right, values)})"
    if isinstance(node, Every | Some):
        word = " AND " if isinstance(node, Every) else " OR "
        return f"({word.join(condition(part, values) for part in node.parts)})"
    if isinstance(node, Not):
        return f"(NOT {condition(node.part, values)})"
    if isinstance(node, Arithmetic):
        return _arithmetic(node, values)
    return _of_one(node, condition(node.value, values), values)


def _of_one(node: Node, inner: str, values: list[Any]) -> str:
    if isinstance(node, IsMissing):
        return f"({inner} IS NULL)"
    if isinstance(node, Lower):
        return f"lower({inner})"
    if isinstance(node, AsDouble):
        return f"({inner})::DOUBLE"
    if isinstance(node, Always):
        return f"CASE WHEN {inner} IS NULL THEN NULL ELSE {str(node.truth).upper()} END"
    if isinstance(node, TextTest):
        values.append(node.pattern)
        return f"{_TESTS[node.how]}({inner}, ?)"
    assert isinstance(node, Within)
    if len(node.items) > _SHORT:
        values.append(list(node.items))
        return f"({inner} IN (SELECT unnest(?)))"
    values.extend(node.items)
    return f"({inner} IN ({', '.join('?' * len(node.items))}))"


def _arithmetic(node: Arithmetic, values: list[Any]) -> str:
    if len(node.operands) == 1:
        inner = condition(node.operands[0], values)
        return f"abs({inner})" if node.how == "abs" else f"(-{inner})"
    left, right = node.operands
    if node.how != "%":
        first, second = condition(left, values), condition(right, values)
        second = f"nullif({second}, 0::DOUBLE)" if node.how == "/" else second
        return f"nullif({first} {node.how} {second}, 'nan'::DOUBLE)"

    def remainder() -> str:
        return f"({condition(left, values)} % {divisor()})"

    def divisor() -> str:
        return f"nullif({condition(right, values)}, 0::DOUBLE)"

    # the sign of the divisor, as Python's; DuckDB's own has the sign of the other
    return (
        f"nullif(CASE WHEN {remainder()} <> 0 AND ({remainder()} < 0) <> ({divisor()} < 0) "
        f"THEN {remainder()} + {divisor()} ELSE {remainder()} END, 'nan'::DOUBLE)"
    )
