"""The motif language: DotMotif's published notation, read into a :class:`Motif`.

::

    # comments run to the end of the line
    A -> B                        an edge
    A !> C                        a forbidden edge (also ``~>``)
    A -| B                        an inhibitory edge; in a motif that has one, ``->`` is an
                                  excitatory edge (signs are made with ``g.signed``)
    A -> B [weight >= 5]          conditions on the edge, separated by commas
    A -> B as ab                  a named edge ...
    ab.size > bc.size             ... compared with another
    A.cell_type = "BC"            conditions on a neuron: = == != <> < > <= >=
    A.cell_type contains "P"      text inside the value; ``!contains``
    A.cell_type in ["BC", "MC"]   one of a list, or inside a text; ``!in``
    A["soma depth"] > 100         a column whose name is not a word
    A.cell_type != B.cell_type    two neurons compared
    A === B                       A and B are interchangeable
    pair(x, y) { x -> y  y -> x } a macro
    pair(A, B)                    and its use

Line breaks and semicolons are white space.

References
----------
Matelsky et al. 2021, Scientific Reports 11:13045 (DotMotif).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs._pattern import Condition, Motif, Value
from connectome_graph.motifs._statements import EDGES, Statement, resolved
from connectome_graph.motifs._tokens import Token, fault, tokens, unquoted

__all__ = ["parse"]

_OPERATORS = {"=": "==", "<>": "!="}


def parse(text: str) -> Motif:
    """Read a motif.

    Parameters
    ----------
    text
        The motif, in the language described in :mod:`connectome_graph.motifs.language`.

    Raises
    ------
    InvalidArgument
        With line, column and what was expected, when the text is not a motif; when an edge is
        both required and forbidden, joins a node to itself, or a name is not known.

    Examples
    --------
    >>> parse("triangle(a, b, c) { a -> b  b -> c  a -> c } triangle(X, Y, Z)").edges
    (('X', 'Y'), ('Y', 'Z'), ('X', 'Z'))
    >>> parse("A -> ")
    Traceback (most recent call last):
    connectome_graph.errors.InvalidArgument: motif, line 1, column 6: expected the name of ...
    """
    if not isinstance(text, str):
        raise InvalidArgument(f"a motif is text such as 'A -> B'; found {type(text).__name__}")
    reader = _Reader(tokens(text))
    reader.statements(closing="", inside=None)
    return resolved(reader.found, reader.peek())


class Macro(NamedTuple):
    """A macro: its parameters and its body, with calls already replaced."""

    parameters: tuple[str, ...]
    body: tuple[Statement, ...]


class _Reader:
    """Recursive descent over the tokens; `found` collects the statements."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.found: list[Statement] = []
        self.macros: dict[str, Macro] = {}
        self.calls = 0

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def take(self, kind: str, expected: str, text: str = "") -> Token:
        token = self.peek()
        if token.kind != kind or (text and token.text != text):
            raise fault(token, f"expected {expected}")
        self.at += 1
        return token

    def mark(self, text: str, expected: str = "") -> Token:
        return self.take("mark", expected or repr(text), text)

    def is_mark(self, text: str, ahead: int = 0) -> bool:
        token = self.peek(ahead)
        return token.kind == "mark" and token.text == text

    def statements(self, *, closing: str, inside: Macro | None) -> None:
        """Read statements up to the end of the text, or of a macro's body."""
        while not (self.is_mark(closing) if closing else self.peek().kind == "end"):
            if closing and self.peek().kind == "end":
                raise fault(self.peek(), f"expected {closing!r} at the end of the macro")
            self.statement(inside)

    def statement(self, inside: Macro | None) -> None:
        token = self.take("name", "the name of a node, an edge or a macro")
        following = self.peek()
        if following.kind in ("edge", "no_edge") or following.text == "-|":
            self.edge(token)
        elif following.kind == "signed":
            raise fault(
                following,
                "expected '->' (an edge; excitatory where '-|' stands in the motif too), '-|' "
                "(an inhibitory edge) or '!>' (no edge)",
            )
        elif following.kind == "same":
            self.at += 1
            other = self.take("name", "the name of a node after '==='")
            self.found.append(Statement("same", token, (token.text, other.text)))
        elif self.is_mark("("):
            self.macro(token, inside)
        elif self.is_mark(".") or self.is_mark("["):
            self.condition(token)
        else:
            raise fault(following, "expected '->', '!>', '===', '.', '[' or '(' after a name")

    def edge(self, left: Token) -> None:
        kind = {"signed": "inhibits"}.get(self.peek().kind, self.peek().kind)
        self.at += 1
        right = self.take("name", "the name of the node at the end of the edge")
        conditions: list[Condition] = []
        opening = self.peek()
        if self.is_mark("["):
            self.at += 1
            while True:
                conditions.append(self.clause())
                if not self.is_mark(","):
                    break
                self.at += 1
            self.mark("]", "',' or ']' after a condition on an edge")
        if conditions and kind == "no_edge":
            raise fault(opening, "a forbidden edge takes no conditions: it does not exist")
        name = ""
        if self.peek().text == "as" and self.peek(1).kind == "name":
            self.at += 1
            name = self.take("name", "the name of the edge").text
        self.found.append(
            Statement(kind, left, (left.text, right.text), name, conditions=tuple(conditions))
        )

    def clause(self) -> Condition:
        token = self.peek()
        if token.kind not in ("name", "string"):
            raise fault(token, "expected the name of an edge weight, such as weight or size")
        self.at += 1
        return Condition(unquoted(token), self.operator(), self.value())

    def operator(self) -> str:
        token = self.peek()
        if token.kind == "operator" or token.text in ("contains", "in"):
            self.at += 1
            return _OPERATORS.get(token.text, token.text)
        raise fault(token, "expected one of = != < > <= >= contains in !contains !in")

    def value(self) -> Value:
        if not self.is_mark("["):
            return self.single()
        self.at += 1
        values = [self.single()]
        while self.is_mark(","):
            self.at += 1
            values.append(self.single())
        self.mark("]", "',' or ']' in a list of values")
        return tuple(values)

    def single(self) -> str | int | float | bool:
        token = self.peek()
        if token.kind == "string":
            self.at += 1
            return unquoted(token)
        if token.kind == "number":
            self.at += 1
            return int(token.text) if re.fullmatch(r"[+-]?\d+", token.text) else float(token.text)
        if token.kind == "name":
            self.at += 1
            return {"True": True, "False": False}.get(token.text, token.text)
        raise fault(token, "expected a number, a word or a text in quotes")

    def key(self) -> str:
        """Read ``.key``, ``[key]`` or ``["key"]``."""
        if self.is_mark("."):
            self.at += 1
            return self.take("name", "the name of a column after '.'").text
        self.mark("[", "'.' or '['")
        token = self.peek()
        if token.kind not in ("name", "string"):
            raise fault(token, "expected the name of a column in brackets")
        self.at += 1
        self.mark("]")
        return unquoted(token)

    def condition(self, token: Token) -> None:
        key = self.key()
        operator = self.operator()
        right = self.peek()
        compared = right.kind == "name" and (
            self.is_mark(".", 1) or (self.is_mark("[", 1) and self.is_mark("]", 3))
        )
        if compared:
            self.at += 1
            names = (token.text, right.text)
            self.found.append(
                Statement("compare", token, names, key, operator, other_key=self.key())
            )
        else:
            self.found.append(
                Statement("condition", token, (token.text,), key, operator, self.value())
            )

    def macro(self, token: Token, inside: Macro | None) -> None:
        """Read a definition or a use of a macro."""
        self.mark("(")
        names = [self.take("name", "the name of a node or parameter").text]
        while self.is_mark(","):
            self.at += 1
            names.append(self.take("name", "the name of a node or parameter").text)
        self.mark(")", "',' or ')'")
        if not self.is_mark("{"):
            self.found.extend(self.expanded(token, tuple(names)))
            return
        if inside is not None:
            raise fault(token, "a macro cannot be defined inside a macro")
        self.at += 1
        outer, self.found = self.found, []
        self.statements(closing="}", inside=Macro(tuple(names), ()))
        self.mark("}")
        self.macros[token.text] = Macro(tuple(names), tuple(self.found))
        self.found = outer

    def expanded(self, token: Token, arguments: tuple[str, ...]) -> list[Statement]:
        """Return the body of a macro with its parameters replaced."""
        macro = self.macros.get(token.text)
        if macro is None:
            known = ", ".join(self.macros) or "none"
            raise fault(
                token, f"macro {token.text!r} is not defined above (defined so far: {known})"
            )
        if len(arguments) != len(macro.parameters):
            raise fault(
                token,
                f"macro {token.text!r} takes {len(macro.parameters)} arguments "
                f"({', '.join(macro.parameters)}), not {len(arguments)}",
            )
        self.calls += 1
        renamed = dict(zip(macro.parameters, arguments, strict=True))
        edge_names = {
            one.key: f"{one.key} of call {self.calls}"
            for one in macro.body
            if one.kind in EDGES and one.key
        }
        return [self.replaced(one, renamed, edge_names) for one in macro.body]

    def replaced(
        self, statement: Statement, renamed: dict[str, str], edge_names: dict[str, str]
    ) -> Statement:
        names = []
        for name in statement.names:
            new = renamed.get(name) or edge_names.get(name)
            if new is None:
                raise fault(
                    statement.token,
                    f"{name!r} is neither a parameter of the macro ({', '.join(renamed)}) nor an "
                    "edge named in it",
                )
            names.append(new)
        is_edge = statement.kind in EDGES
        key = edge_names.get(statement.key, "") if is_edge else statement.key
        return statement._replace(names=tuple(names), key=key)
