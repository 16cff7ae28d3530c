"""How separated text is written, where a file does not tell: the options of its reader."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from connectome_graph.errors import InvalidArgument, did_you_mean

__all__ = ["TextOptions"]


@dataclass(frozen=True)
class TextOptions:
    """How a separated text file is written, where the file itself does not tell.

    Attributes
    ----------
    delimiter
        Between fields: one character. By default a comma, semicolon or tab, by the first line.
    encoding
        Such as ``"utf-16"`` or ``"latin-1"``; UTF-8 by default.
    decimal
        The decimal mark, ``"."`` or ``","``.
    comment
        What a comment line begins with; by default ``"#"`` where the file begins with one.
    header
        Whether the first line holds the names.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    decimal: str = "."
    comment: str | None = None
    header: bool = True

    @classmethod
    def of(cls, given: Mapping[str, Any] | TextOptions | None) -> TextOptions:
        """Return the options in a mapping.

        Raises
        ------
        InvalidArgument
            When one is not known or not of its kind.

        Examples
        --------
        >>> TextOptions.of({"decimal": ","}).decimal
        ','
        """
        if given is None or isinstance(given, TextOptions):
            return given or cls()
        known = [each.name for each in fields(cls)]
        if not isinstance(given, Mapping):
            raise InvalidArgument(
                f"csv= needs a dictionary with some of {', '.join(known)}; found {given!r}"
            )
        odd = [name for name in given if name not in known]
        if odd:
            raise InvalidArgument(
                f"csv= has no option {odd[0]!r}.{did_you_mean(odd[0], known)} There are: "
                f"{', '.join(known)}"
            )
        return cls(**given).checked()

    def checked(self) -> TextOptions:
        """Return the options, each of its kind."""
        for name in ("delimiter", "comment"):
            value = getattr(self, name)
            if value is not None and not (
                isinstance(value, str) and len(value) == 1 and value.isascii()
            ):
                raise InvalidArgument(f"csv= needs one character as {name}; found {value!r}")
        if self.delimiter in ('"', "\n", "\r"):
            raise InvalidArgument(f"csv= cannot have {self.delimiter!r} as delimiter")
        if self.decimal not in (".", ","):
            raise InvalidArgument(f"csv= needs '.' or ',' as decimal; found {self.decimal!r}")
        if not isinstance(self.header, bool):
            raise InvalidArgument(f"csv= needs True or False as header; found {self.header!r}")
        try:
            name = codecs.lookup(self.encoding).name
        except (LookupError, TypeError, ValueError) as error:
            raise InvalidArgument(f"csv= has the unknown encoding {self.encoding!r}") from error
        return replace(self, encoding="utf-8" if name in ("utf-8-sig", "ascii") else name)
