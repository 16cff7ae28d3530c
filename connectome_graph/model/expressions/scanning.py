"""The text of an expression before Python's parser sees it.

Names between backticks, and words that Python keeps for statements (``class``), become plain
names; ``&`` and ``|`` become ``and`` and ``or``, as in a pandas query. Texts in quotes are left as
they are.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from connectome_graph.errors import InvalidArgument

__all__ = ["Scanned", "refusal", "short"]

# Words of Python that can begin no expression: as names of columns they need no backticks.
_STATEMENTS = frozenset(keyword.kwlist) - {
    *("and", "or", "not", "in", "is", "if", "else", "for", "lambda", "await", "yield", "async"),
    *("True", "False", "None"),
}
_TOKEN = re.compile(
    r"""(?P<text>[bBfFrRuU]{0,2}(?:'{3}|"{3}|'|"))|(?P<tick>`)|(?P<word>\w+)|(?P<rest>.)""",
    re.DOTALL,
)
_ELSEWHERE = (
    "it has comparisons, and or not, in, + - * / %, abs(x), isna notna isin between and "
    "str.contains startswith endswith lower; for anything else compute a boolean mask"
)


def short(text: str) -> str:
    """Return a text in quotes, cut where it is long."""
    return repr(text if len(text) <= 120 else f"{text[:100]}...")


def refusal(text: str, what: str, hint: str = _ELSEWHERE) -> InvalidArgument:
    """Return the error that an expression uses something the language does not have."""
    return InvalidArgument(
        f"the expression {short(text)} uses {what}, which is not part of the language; {hint}"
    )


class Scanned:
    """A text that Python's parser can read, and the names that stand for columns in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.columns: dict[str, str] = {}
        self.code = "".join(self._parts()).strip()

    def _parts(self) -> Iterator[str]:
        place = 0
        while place < len(self.text):
            found = _TOKEN.match(self.text, place)
            assert found is not None
            token, start, place = found[0], place, found.end()
            if found["text"]:
                place = self._text_end(place, token.lstrip("bBfFrRuU"))
                yield self.text[start:place]
            elif found["tick"]:
                end = self.text.find("`", place)
                if end < 0:
                    raise refusal(self.text, "a backtick without its partner", "close the name")
                yield self._standing_for(self.text[place:end])
                place = end + 1
            elif token in _STATEMENTS:
                yield self._standing_for(token)
            else:
                yield self._sign(token)

    def _sign(self, sign: str) -> str:
        if sign == "#":
            hint = "write a column of such a name between backticks"
            raise refusal(self.text, "'#'", hint)
        if sign == "@":
            hint = "variables of Python are not seen: write the value, or compute a boolean mask"
            raise refusal(self.text, "'@'", hint)
        return {"&": " and ", "|": " or ", "\n": " ", "\r": " "}.get(sign, sign)

    def _standing_for(self, name: str) -> str:
        key = f"_column_{len(self.columns)}_"
        while key in self.text:
            key += "_"
        self.columns[key] = name
        return f" {key} "

    def _text_end(self, place: int, quote: str) -> int:
        while place < len(self.text):
            if self.text[place] == "\\":
                place += 2
            elif self.text.startswith(quote, place):
                return place + len(quote)
            else:
                place += 1
        raise refusal(self.text, f"a text that opens with {quote} and does not end", "close it")
