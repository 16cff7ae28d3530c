"""The reading rule: what kind of values a column holds, whoever wrote it and whoever reads it.

Every format and every engine gets explicit types from here; none guesses by itself. The page
"How a table is read" of the documentation says the same in words.

=============  ========================================================================
kind           held as
=============  ========================================================================
missing        nothing is there; takes the kind of the column's other parts
truth          booleans
whole          int64; ``unsigned`` (uint64) and ``huge`` (decimal) where int64 is too small
number         float64
time           time stamps in microseconds (in nanoseconds where one has more digits)
text           text
=============  ========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.errors import InvalidTable

__all__ = [
    "INFINITE_WORDS",
    "MISSING_WORDS",
    "TRUTH_WORDS",
    "canonical",
    "converted",
    "is_gap",
    "kind_of_fields",
    "promoted",
]

#: What stands for a missing value in separated text, unquoted; the only such list.
MISSING_WORDS = (
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
    "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
#: What is a boolean in any column, unquoted, when a whole column holds nothing else.
TRUTH_WORDS = ("true", "false", "True", "False", "TRUE", "FALSE")
#: What is an infinite number in a column of numbers; ``inf`` and ``-inf`` are by themselves.
INFINITE_WORDS = (
    "Inf", "-Inf", "INF", "-INF", "Infinity", "-Infinity", "infinity", "-infinity",
)  # fmt: skip

_HUGE = pa.decimal256(76, 0)
_LARGE = 1 << 31


def kind_of_fields(counts: npt.NDArray[np.int64], *, quoting: bool) -> pa.DataType:
    """Return the type of a column of separated text.

    Parameters
    ----------
    counts
        Fields of each class, shape ``(2, N_CLASSES)``, unquoted and quoted, as
        ``_kernels.separated.judge`` counts them over the *whole* column.
    quoting
        Whether quotes say something: false in a file that quotes every field.

    Examples
    --------
    >>> counts = np.zeros((2, 14), np.int64)
    >>> counts[0, 2], counts[0, 5] = 20480, 1  # whole numbers, and one decimal at the end
    >>> kind_of_fields(counts, quoting=True)
    DataType(double)
    """
    from connectome_graph._kernels import separated as s

    if quoting and counts[1, s.MISSING : s.NEGATIVE].any():
        return pa.string()
    seen = counts.sum(axis=0)
    whole, unsigned, huge = seen[s.WHOLE], seen[s.UNSIGNED], seen[s.HUGE]
    decimal, infinite = seen[s.NUMBER], seen[s.INFINITE]
    numeric = whole + unsigned + huge + decimal
    if seen[s.TIME : s.TEXT].any():
        mixed = numeric or infinite or seen[s.TRUTH] or seen[s.TEXT]
        return pa.string() if mixed else _time_of_fields(seen)
    if not (numeric or infinite or seen[s.TRUTH] or seen[s.TEXT]):
        return pa.null()
    if seen[s.TEXT] or (seen[s.TRUTH] and (numeric or infinite)):
        return pa.string()
    if seen[s.TRUTH]:
        return pa.bool_()
    if decimal or infinite:
        return pa.float64() if numeric else pa.string()
    if huge or (unsigned and seen[s.NEGATIVE]):
        return _HUGE
    return pa.uint64() if unsigned else pa.int64()


def _time_of_fields(seen: npt.NDArray[np.int64]) -> pa.DataType:
    """Return the type of a column of times; text where some say UTC and others say nothing."""
    from connectome_graph._kernels import separated as s

    plain = seen[s.TIME] + seen[s.FINE_TIME]
    zoned = seen[s.TIME_UTC] + seen[s.FINE_TIME_UTC]
    if plain and zoned:
        return pa.string()
    fine = seen[s.FINE_TIME] + seen[s.FINE_TIME_UTC]
    return pa.timestamp("ns" if fine else "us", "UTC" if zoned else None)


def canonical(kind: pa.DataType) -> pa.DataType:
    """Return the type as which a column of a typed format is held.

    A dictionary is its values, every layout of text is text, a decimal without places is a whole
    number and another one a float64, float16 is float32, a date is a time stamp at midnight, and
    time stamps are in microseconds.

    Examples
    --------
    >>> canonical(pa.dictionary(pa.int8(), pa.string_view())), canonical(pa.decimal128(20, 0))
    (DataType(string), DataType(int64))
    """
    if isinstance(kind, pa.ExtensionType):
        return canonical(kind.storage_type)
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return canonical(kind.value_type)
    if _is_text(kind):
        return pa.string()
    if pa.types.is_decimal(kind):
        return pa.int64() if kind.scale <= 0 else pa.float64()
    if pa.types.is_date(kind):
        return pa.timestamp("us")
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    return pa.float32() if kind == pa.float16() else kind


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def promoted(kinds: Iterable[pa.DataType]) -> pa.DataType | None:
    """Return the one type of a column whose parts have these types; None when there is none.

    Examples
    --------
    >>> promoted([pa.null(), pa.float32(), pa.float64()])
    DataType(double)
    >>> promoted([pa.string(), pa.int64()]) is None
    True
    """
    found = list(dict.fromkeys(kind for kind in kinds if not pa.types.is_null(kind)))
    if len(found) <= 1:
        return found[0] if found else pa.null()

    def every(*tests: Any) -> bool:
        return all(any(test(kind) for test in tests) for kind in found)

    integer, floating = pa.types.is_integer, pa.types.is_floating
    if every(pa.types.is_unsigned_integer) or every(pa.types.is_signed_integer):
        return max(found, key=lambda kind: kind.bit_width)
    if every(integer):
        return pa.int64()
    if every(integer, floating):
        return pa.float64()
    if every(integer, lambda kind: kind == _HUGE):
        return _HUGE
    try:
        schemas = [pa.schema([("column", kind)]) for kind in found]
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return None


def converted(column: pa.ChunkedArray, kind: pa.DataType, *, name: str, where: str) -> Any:
    """Return a column as its type, exactly.

    Raises
    ------
    InvalidTable
        When a value does not fit: the message names column and file.

    Examples
    --------
    >>> converted(pa.chunked_array([[1, None]]), pa.float64(), name="size", where="a").to_pylist()
    [1.0, None]
    """
    try:
        if isinstance(column.type, pa.BaseExtensionType):
            column = pa.chunked_array(
                [chunk.storage for chunk in column.chunks], column.type.storage_type
            )
        if pa.types.is_dictionary(column.type) or pa.types.is_run_end_encoded(column.type):
            column = _plain(column)
        if column.type == kind:
            return column
        if pa.types.is_null(kind) or pa.types.is_null(column.type):
            return pa.chunked_array([pa.nulls(len(column), kind)])
        if is_gap(column):
            return pa.chunked_array([pa.nulls(len(column), kind)])
        if pa.types.is_decimal(column.type) and pa.types.is_integer(kind):
            return _whole_decimals(column, kind)
        if pa.types.is_timestamp(column.type) and pa.types.is_timestamp(kind):
            return _exact_times(column, kind)
        if _is_text(column.type) and _is_text(kind) and column.nbytes > _LARGE:
            return column  # more text in one column than offsets of 32 bits reach
        return pc.cast(column, kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        reason = (str(error).strip().splitlines() or [""])[0]
        raise InvalidTable(
            f"the column {name!r} of {where} does not fit {kind} exactly ({reason}); write it as "
            "one kind in every part, or leave it out"
        ) from error


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_run_end_encoded(kind):
        return pa.chunked_array(
            [pc.run_end_decode(chunk) for chunk in column.chunks], kind.value_type
        )
    chunks = [chunk.dictionary_decode() for chunk in column.chunks]
    plain = pa.chunked_array(chunks, kind.value_type)
    return _plain(plain) if pa.types.is_dictionary(plain.type) else plain


def _whole_decimals(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Return decimals without places as int64, or as the unsigned or huge ones that they are."""
    for wanted in (kind, pa.uint64()):
        try:
            return pc.cast(column, wanted)
        except pa.ArrowInvalid:
            continue
    return column


def _exact_times(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Return time stamps as their type, or with the digits that it has no room for."""
    try:
        return pc.cast(column, kind)
    except pa.ArrowInvalid:
        if column.type.unit != "ns":
            raise
        return column


def is_gap(column: pa.ChunkedArray) -> bool:
    """Return whether no entry of a column is there; NaN is none."""
    if column.null_count == len(column):
        return True
    if not pa.types.is_floating(column.type):
        return False
    return bool(pc.all(pc.is_nan(column)).as_py())
