"""Words of the motif language, and where they stand in the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from connectome_graph.errors import InvalidArgument

__all__ = ["Token", "fault", "tokens", "unquoted"]


class Token(NamedTuple):
    """A piece of motif text, and where it stands."""

    kind: str
    text: str
    line: int
    column: int


_TOKENS = re.compile(
    r"""
    (?P<space>[\s;]+ | \#[^\n]*)
  | (?P<same>===)
  | (?P<edge>->)
  | (?P<no_edge>[!~]>)
  | (?P<signed>-[|+-] | [!~][|+])
  | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
  | (?P<string>"[^"\n]*" | '[^'\n]*')
  | (?P<operator><> | [=!<>]= | [=<>] | !contains\b | !in\b)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<mark>[\[\](){}.,])
    """,
    re.VERBOSE,
)


def tokens(text: str) -> list[Token]:
    """Split motif text into tokens; the last is of kind ``end``.

    Raises
    ------
    InvalidArgument
        With line and column, at a character that starts no token.

    Examples
    --------
    >>> [token.text for token in tokens("A -> B  # an edge")]
    ['A', '->', 'B', '']
    """
    found = []
    at, line, line_start = 0, 1, 0
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None:
            raise InvalidArgument(
                f"motif, line {line}, column {at - line_start + 1}: expected a name, an edge such "
                f"as 'A -> B' or a condition; found {text[at : at + 10].splitlines()[0]!r}"
            )
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, match[0], line, at - line_start + 1))
        at = match.end()
        if "\n" in match[0]:
            line += match[0].count("\n")
            line_start = match.start() + match[0].rindex("\n") + 1
    found.append(Token("end", "", line, at - line_start + 1))
    return found


def unquoted(token: Token) -> str:
    """Return the text of a word or of a text in quotes.

    Examples
    --------
    >>> unquoted(tokens("'soma depth'")[0])
    'soma depth'
    """
    return token.text[1:-1] if token.kind == "string" else token.text


def fault(token: Token, message: str) -> InvalidArgument:
    """Return the error at a token: where, what was expected, and what was found.

    Examples
    --------
    >>> str(fault(tokens("A B")[1], "expected an edge"))
    "motif, line 1, column 3: expected an edge; found 'B'"
    """
    found = "" if not message.startswith("expected") else f"; found {token.text!r}"
    if token.kind == "end" and found:
        found = "; the motif ends here"
    return InvalidArgument(f"motif, line {token.line}, column {token.column}: {message}{found}")
