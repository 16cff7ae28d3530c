"""What an expression means, a row at a time: None is missing, and logic has three values."""

from __future__ import annotations

import ast
import math
import operator
import re

_COMPARE = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}


def value_of(text, row):
    """Return True, False or None (missing) for one row, a dict of column -> value."""
    return _value(ast.parse(text.strip(), mode="eval").body, row)


def all_of(values):
    """Return the three-valued ``and``."""
    return False if False in values else None if None in values else True


def _value(node, row):
    if isinstance(node, ast.Name):
        value = row[node.id]
        return None if isinstance(value, float) and math.isnan(value) else value
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BoolOp):
        values = [_value(each, row) for each in node.values]
        return all_of(values) if isinstance(node.op, ast.And) else _not(all_of(map_not(values)))
    if isinstance(node, ast.UnaryOp):
        value = _value(node.operand, row)
        if isinstance(node.op, ast.Not | ast.Invert):
            return _not(value)
        return None if value is None else -value
    if isinstance(node, ast.BinOp):
        return _arithmetic(type(node.op), _value(node.left, row), _value(node.right, row))
    if isinstance(node, ast.Compare):
        ends = [node.left, *node.comparators]
        pairs = zip(node.ops, ends, ends[1:], strict=False)
        return all_of([_comparison(how, left, right, row) for how, left, right in pairs])
    return _call(node, row)


def map_not(values):
    return [_not(value) for value in values]


def _not(value):
    return None if value is None else not value


def _arithmetic(how, left, right):
    if left is None or right is None or (how in (ast.Div, ast.Mod) and right == 0):
        return None
    left, right = float(left), float(right)
    if how is ast.Mod and math.isinf(left):
        return None
    result = _ARITHMETIC[how](left, right)
    return None if math.isnan(result) else result


def _comparison(how, left, right, row):
    a = _value(left, row)
    if isinstance(how, ast.In | ast.NotIn):
        found = None if a is None else any(a == _value(item, row) for item in right.elts)
        return found if isinstance(how, ast.In) else _not(found)
    b = _value(right, row)
    if a is None or b is None:
        return None
    constant = any(isinstance(_unsigned(end), ast.Constant) for end in (left, right))
    if not constant and float in (type(a), type(b)):
        a, b = float(a), float(b)  # a constant is compared exactly, two columns as doubles
    return _COMPARE[type(how)](a, b)


def _unsigned(node):
    return node.operand if isinstance(node, ast.UnaryOp) else node


def _call(node, row):
    arguments = [_value(each, row) for each in node.args if not isinstance(each, ast.List)]
    if isinstance(node.func, ast.Name):
        return None if arguments[0] is None else abs(arguments[0])
    of, name = node.func.value, node.func.attr
    if isinstance(of, ast.Attribute) and of.attr == "str":
        return _of_text(name, _value(of.value, row), arguments, node.keywords)
    value = _value(of, row)
    if name in ("isna", "notna"):
        return (value is None) == (name == "isna")
    if name == "isin":
        return (
            None if value is None else any(value == _value(each, row) for each in node.args[0].elts)
        )
    low, high = node.args
    return all_of([_comparison(ast.GtE(), of, low, row), _comparison(ast.LtE(), of, high, row)])


def _of_text(name, value, arguments, keywords):
    if value is None:
        return None
    if name == "lower":
        return "".join(each.lower() for each in value)
    if name == "contains" and keywords:
        return re.search(arguments[0], value) is not None
    if name == "contains":
        return arguments[0] in value
    return getattr(value, name)(arguments[0])
