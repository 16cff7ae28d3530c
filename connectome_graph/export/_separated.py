"""Separated text written so that it reads back as it was: the counterpart of the reading rule.

Text is quoted and nothing else is, so that ``"007"`` and ``"7"`` stay two texts; a missing value
is an empty field and an empty text a quoted one; a number that is no integer has a decimal point.
Names are quoted only where they need it: a file that quotes its names too quotes every field, and
would say nothing by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.model.rule import MISSING_WORDS

__all__ = ["write_separated"]

_ROWS = 1 << 16


def write_separated(columns: Mapping[str, pa.Array], file: IO[bytes], *, delimiter: str) -> None:
    """Write columns as separated text.

    Parameters
    ----------
    columns
        Arrow arrays by name, of one length.
    file
        Where to.
    delimiter
        Between fields.
    """
    file.write((delimiter.join(_name(name, delimiter) for name in columns) + "\n").encode())
    fields = [_fields(values) for values in columns.values()]
    n_rows = len(fields[0]) if fields else 0
    for start in range(0, n_rows, _ROWS):
        parts: list[Any] = []
        for values in fields:
            parts += [values[start : start + _ROWS], pa.scalar(delimiter, pa.large_string())]
        parts[-1] = pa.scalar("\n", pa.large_string())
        empty = pa.scalar("", pa.large_string())
        rows = pc.binary_join_element_wise(
            *parts, empty, null_handling="replace", null_replacement=""
        )
        # the texts lie one behind the other in Arrow's buffer: that is the piece of the file
        offsets = memoryview(rows.buffers()[1]).cast("q")
        first, last = offsets[rows.offset], offsets[rows.offset + len(rows)]
        file.write(memoryview(rows.buffers()[2])[first:last])


def _name(name: str, delimiter: str) -> str:
    plain = name.strip() == name and not any(each in name for each in (delimiter, '"', "\n", "\r"))
    if plain and not name.startswith("#"):
        return name
    return '"' + name.replace('"', '""') + '"'


def _fields(values: pa.Array) -> pa.Array:
    """Return values as the text of their fields, null where one is missing."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        inner = pc.replace_substring(pc.cast(values, pa.large_string()), '"', '""')
        mark = pa.scalar('"', pa.large_string())
        return pc.binary_join_element_wise(mark, inner, mark, pa.scalar("", pa.large_string()))
    if pa.types.is_floating(kind):
        text = pc.cast(pc.cast(values, pa.float64()), pa.large_string())
        text = pc.replace_substring_regex(text, r"^(-?[0-9]+)$", r"\1.0")
        gaps = pc.is_in(text, pa.array(MISSING_WORDS, pa.large_string()))
        return pc.if_else(gaps, pa.scalar(None, pa.large_string()), text)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        values = pc.cast(values, pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_duration(kind):
        values = pc.cast(values, pa.int64())
    return pc.cast(values, pa.large_string())
