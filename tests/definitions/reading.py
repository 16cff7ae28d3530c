"""What a field of separated text is, by definition: regular expressions, one field at a time."""

from __future__ import annotations

import re

from connectome_graph.model import rule

WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"-?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


def field_class(text: str) -> str:
    """Return the class of an unquoted field."""
    if text == "":
        return "EMPTY"
    if text in rule.MISSING_WORDS:
        return "MISSING"
    inner = text.strip(" ")
    if WHOLE.fullmatch(inner):
        if -(2**63) <= int(inner) < 2**63:
            return "WHOLE"
        return "UNSIGNED" if 0 <= int(inner) < 2**64 else "HUGE"
    if NUMBER.fullmatch(inner):
        return "NUMBER"
    if inner in rule.TRUTH_WORDS:
        return "TRUTH"
    return "INFINITE" if inner in rule.INFINITE_WORDS else "TEXT"


def fields(text: str, delimiter: str) -> list[list[tuple[str, bool]]]:
    """Return the rows of a well-formed text as fields with whether they are quoted."""
    rows: list[list[tuple[str, bool]]] = []
    row: list[tuple[str, bool]] = []
    i = 0
    while i < len(text):
        quoted = text[i] == '"'
        if quoted:
            match = re.compile(r'"((?:[^"]|"")*)"').match(text, i)
            assert match is not None
            field, i = match.group(1), match.end()
            while i < len(text) and text[i] not in (delimiter, "\n"):
                i += 1
        else:
            start = i
            while i < len(text) and text[i] not in (delimiter, "\n"):
                i += 1
            field = text[start:i]
        ends = i == len(text) or text[i] == "\n"
        if not (ends and not row and not field and not quoted):
            row.append((field, quoted))
        if ends and row:
            rows.append(row)
            row = []
        i += 1
    if text.endswith(delimiter):
        rows.append([*row, ("", False)])
    return rows
