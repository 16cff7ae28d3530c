"""From text to the nodes of an expression.

The text is read by Python's own parser and by nothing else of Python: only the nodes listed here
are taken over, everything else is refused before anything is evaluated.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from connectome_graph.errors import InvalidArgument, did_you_mean
from connectome_graph.model.expressions.constants import constant
from connectome_graph.model.expressions.scanning import Scanned, refusal, short
from connectome_graph.model.expressions.tree import (
    Arithmetic,
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

__all__ = ["LONGEST", "parse"]

#: Most characters of an expression; longer lists of ids are given as ids.
LONGEST = 100_000
#: Most levels of an expression.
DEEPEST = 100
#: Most ``%`` inside one another.
_DEEPEST_REMAINDER = 3

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
}
_METHODS = ("isna", "notna", "isin", "between")
_TEXT_METHODS = ("contains", "startswith", "endswith", "lower")
_INCLUSIVE = {
    "both": (">=", "<="),
    "neither": (">", "<"),
    "left": (">=", "<"),
    "right": (">", "<="),
}
_REGEX = {False: "contains", True: "matches"}


def parse(text: str) -> Node:
    """Return the nodes of an expression.

    Raises
    ------
    InvalidArgument
        When the text is no expression of the language; the message says which part is not.

    Examples
    --------
    >>> parse("size > 5 and not tag.isna()")
    Every(parts=(Compare(left=Column(name='size', exact=False, kind=''), how='>', \
right=Constant(value=5)), Not(part=IsMissing(value=Column(name='tag', exact=False, kind='')))))
    >>> parse("size ** 2 > 9")
    Traceback (most recent call last):
        ...
    connectome_graph.errors.InvalidArgument: the expression 'size ** 2 > 9' uses '**', which is \
not part of the language; ...
    """
    if not isinstance(text, str):
        raise InvalidArgument(f"an expression is a text; found {type(text).__name__}")
    if len(text) > LONGEST:
        raise InvalidArgument(
            f"the expression {short(text)} has {len(text):,} characters; at most {LONGEST:,} are "
            "read: give a long list of ids as ids, or compute a boolean mask"
        )
    return _Reader(text).node


class _Reader:
    """One expression, read once."""

    def __init__(self, text: str) -> None:
        self.text = text
        read = Scanned(text)
        self.quoted = read.columns
        try:
            body = ast.parse(read.code, mode="eval").body
        except (RecursionError, MemoryError) as error:  # what the parser says of too many levels
            raise self._too_deep() from error
        except (SyntaxError, ValueError) as error:
            raise self._unreadable(error) from error
        self.node = self._condition(body, 0)

    # -- errors ----------------------------------------------------------------------------

    def _refused(self, what: str, *hint: str) -> InvalidArgument:
        return refusal(self.text, what, *hint)

    def _too_deep(self) -> InvalidArgument:
        return InvalidArgument(
            f"the expression {short(self.text)} has more than {DEEPEST} levels; compute a boolean "
            "mask instead"
        )

    def _unreadable(self, error: Exception) -> InvalidArgument:
        hint = ""
        if not self.text.strip():
            hint = "; it is empty"
        elif re.search(r"(?<![=!<>])=(?!=)", self.text):
            hint = "; equality is written =="
        elif isinstance(error, SyntaxError) and error.msg:
            hint = f": {error.msg}"
        return InvalidArgument(
            f"the expression {short(self.text)} cannot be read{hint}; texts stand in quotes, and "
            "names with spaces or signs between backticks, as in \"`my column` == 'BC'\""
        )

    # -- nodes -----------------------------------------------------------------------------

    def _condition(self, node: ast.expr, depth: int) -> Node:
        """Return a node that is true, false or missing a row."""
        self._check_depth(depth)
        if isinstance(node, ast.BoolOp):
            parts = tuple(self._condition(each, depth + 1) for each in node.values)
            return Every(parts) if isinstance(node.op, ast.And) else Some(parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
            return Not(self._condition(node.operand, depth + 1))
        if isinstance(node, ast.Compare):
            return self._comparison(node, depth)
        return self._value(node, depth)

    def _comparison(self, node: ast.Compare, depth: int) -> Node:
        parts: list[Node] = []
        left = node.left
        for how, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(how, ast.In | ast.NotIn):
                within = Within(self._condition(left, depth + 1), self._items(right))
                parts.append(within if isinstance(how, ast.In) else Not(within))
            elif type(how) in _COMPARISONS:
                if isinstance(right, ast.List | ast.Tuple | ast.Set):
                    raise self._refused("a list beside a comparison", "write: column in [...]")
                ends = self._condition(left, depth + 1), self._condition(right, depth + 1)
                parts.append(Compare(ends[0], _COMPARISONS[type(how)], ends[1]))
            else:
                raise self._refused("'is'", "write ==, or .isna() to ask for missing values")
            left = right
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _value(self, node: ast.expr, depth: int) -> Node:
        self._check_depth(depth)
        if isinstance(node, ast.Name):
            exact = self.quoted.get(node.id)
            return Column(node.id) if exact is None else Column(exact, exact=True)
        if isinstance(node, ast.Constant):
            return Constant(self._constant(node))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            return self._signed(node, depth)
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            how = _ARITHMETIC[type(node.op)]
            ends = self._value(node.left, depth + 1), self._value(node.right, depth + 1)
            made = Arithmetic(how, ends)
            if how == "%" and _remainders(made) > _DEEPEST_REMAINDER:
                raise self._refused(f"more than {_DEEPEST_REMAINDER} '%' inside one another")
            return made
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        if isinstance(node, ast.BoolOp | ast.Compare) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert)
        ):
            return self._condition(node, depth)
        raise self._refused(_construct(node, self.quoted))

    def _signed(self, node: ast.UnaryOp, depth: int) -> Node:
        inner = self._value(node.operand, depth + 1)
        if isinstance(inner, Constant) and type(inner.value) in (int, float):
            assert not isinstance(inner.value, str)
            return Constant(-inner.value) if isinstance(node.op, ast.USub) else inner
        return Arithmetic("negative", (inner,)) if isinstance(node.op, ast.USub) else inner

    def _constant(self, node: ast.Constant) -> Value:
        if isinstance(node.value, bool | int | float | str | None):
            return constant(node.value)
        raise self._refused(_construct(node, {}))

    def _items(self, node: ast.expr) -> tuple[Value, ...]:
        if not isinstance(node, ast.List | ast.Tuple | ast.Set):
            raise self._refused(
                "'in' without a list of constants",
                "write: column in [1, 2]; for a part of a text column.str.contains('part')",
            )
        found = []
        for item in node.elts:
            value = self._value(item, 0)
            if not isinstance(value, Constant):
                raise self._refused("a list that holds more than constants", "compare one by one")
            found.append(value.value)
        return tuple(found)

    # -- calls -----------------------------------------------------------------------------

    def _call(self, node: ast.Call, depth: int) -> Node:
        if isinstance(node.func, ast.Name):
            if node.func.id != "abs":
                known = (*_METHODS, *_TEXT_METHODS, "abs")
                raise self._refused(
                    f"the function {node.func.id!r}",
                    f"only abs(x) is one.{did_you_mean(node.func.id, known)}",
                )
            (inner,) = self._arguments(node, "abs", 1)
            return Arithmetic("abs", (self._value(inner, depth + 1),))
        if not isinstance(node.func, ast.Attribute):
            raise self._refused(_construct(node.func, self.quoted))
        name, of = node.func.attr, node.func.value
        if isinstance(of, ast.Attribute) and of.attr == "str":
            return self._text_method(node, name, self._condition(of.value, depth + 1))
        methods: dict[str, Callable[[ast.Call, Node, int], Node]] = {
            "isna": self._isna,
            "notna": self._isna,
            "isin": self._isin,
            "between": self._between,
        }
        if name not in methods:
            hint = f".str.{name}" if name in _TEXT_METHODS else ""
            close = f" Did you mean {hint!r}?" if hint else did_you_mean(name, _METHODS)
            raise self._refused(
                f"the method {name!r}",
                f"methods are {', '.join((*_METHODS, *(f'str.{each}' for each in _TEXT_METHODS)))}."
                f"{close}",
            )
        return methods[name](node, self._condition(of, depth + 1), depth)

    def _arguments(self, node: ast.Call, name: str, count: int) -> list[ast.expr]:
        if len(node.args) != count or any(isinstance(each, ast.Starred) for each in node.args):
            raise self._refused(
                f"{name} with {len(node.args)} arguments", f"{name} takes {count or 'none'}"
            )
        if node.keywords and name not in ("contains", "between"):
            raise self._refused(
                f"{name} with {node.keywords[0].arg or '**'}=", f"{name} takes none"
            )
        return node.args

    def _option(self, node: ast.Call, name: str, options: dict[Any, Any], start: Any) -> Any:
        """Return the value of the one keyword a method may have."""
        found = start
        for each in node.keywords:
            value = each.value.value if isinstance(each.value, ast.Constant) else each.value
            known = isinstance(value, bool | str) and value in options
            if each.arg != name or not known:
                listed = " or ".join(f"{name}={option!r}" for option in options)
                raise self._refused(
                    f"{each.arg or '**'}=",
                    f"the one option here is {listed}; rows whose answer is missing are never kept",
                )
            found = value
        return options[found]

    def _isna(self, node: ast.Call, value: Node, depth: int) -> Node:  # noqa: ARG002
        assert isinstance(node.func, ast.Attribute)
        self._arguments(node, node.func.attr, 0)
        return IsMissing(value) if node.func.attr == "isna" else Not(IsMissing(value))

    def _isin(self, node: ast.Call, value: Node, depth: int) -> Node:  # noqa: ARG002
        return Within(value, self._items(self._arguments(node, "isin", 1)[0]))

    def _between(self, node: ast.Call, value: Node, depth: int) -> Node:
        low, high = (self._value(each, depth + 1) for each in self._arguments(node, "between", 2))
        above, below = self._option(node, "inclusive", _INCLUSIVE, "both")
        return Every((Compare(value, above, low), Compare(value, below, high)))

    def _text_method(self, node: ast.Call, name: str, value: Node) -> Node:
        if name not in _TEXT_METHODS:
            raise self._refused(
                f"the method 'str.{name}'",
                f"methods of texts are {', '.join(_TEXT_METHODS)}."
                f"{did_you_mean(name, _TEXT_METHODS)}",
            )
        if name == "lower":
            self._arguments(node, name, 0)
            return Lower(value)
        (inner,) = self._arguments(node, name, 1)
        pattern = self._value(inner, 0)
        if not isinstance(pattern, Constant) or not isinstance(pattern.value, str):
            raise self._refused(f"str.{name} of something else than a text", "give it in quotes")
        how = self._option(node, "regex", _REGEX, start=False) if name == "contains" else name
        if how == "matches":
            return TextTest(value, how, _checked_pattern(pattern.value))
        return TextTest(value, how, pattern.value)

    def _check_depth(self, depth: int) -> None:
        if depth > DEEPEST:
            raise self._too_deep()


def _remainders(node: Node) -> int:
    """Return how many ``%`` lie inside one another."""
    if not isinstance(node, Arithmetic):
        return 0
    below = max(_remainders(each) for each in node.operands)
    return below + (node.how == "%")


def _checked_pattern(pattern: str) -> str:
    """Return a pattern that RE2 reads: matching takes time in proportion to the text."""
    import pyarrow as pa
    import pyarrow.compute

    try:
        pyarrow.compute.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        raise InvalidArgument(
            f"the pattern {short(pattern)} cannot be read ({str(error).strip()}); patterns are "
            "those of RE2, which has no back references and no look-around"
        ) from error
    return pattern


_WORDS: dict[type[ast.AST], str] = {
    ast.Lambda: "a lambda",
    ast.NamedExpr: "':='",
    ast.JoinedStr: "an f-string",
    ast.IfExp: "'if ... else'",
    ast.Dict: "a dictionary",
    ast.Subscript: "square brackets after a name",
    ast.Slice: "a slice",
    ast.Starred: "'*' before a name",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.List: "a list without 'in'",
    ast.Tuple: "a tuple without 'in'",
    ast.Set: "a set without 'in'",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
}
_SIGNS: dict[type[ast.operator], str] = {
    ast.Pow: "'**'",
    ast.FloorDiv: "'//'",
    ast.LShift: "'<<'",
    ast.RShift: "'>>'",
    ast.BitXor: "'^'",
    ast.MatMult: "'@'",
}


def _construct(node: ast.AST, quoted: dict[str, str]) -> str:
    """Return what a refused part of an expression is called."""
    if isinstance(node, ast.BinOp):
        return _SIGNS.get(type(node.op), "an operator")
    if isinstance(node, ast.Attribute):
        return f"{quoted.get(node.attr, node.attr)!r} after a dot"
    if isinstance(node, ast.Constant):
        return f"a constant of kind {type(node.value).__name__}"
    return _WORDS.get(type(node), f"a part of kind {type(node).__name__}")
