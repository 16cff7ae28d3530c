"""Python objects and time stamps of a DataFrame as arrays of one kind, exactly, or as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.errors import InvalidTable
from connectome_graph.model.rule import canonical, converted

__all__ = ["is_unicode", "microseconds", "of_one_kind"]


def of_one_kind(values: npt.NDArray[Any], name: str) -> Any:
    """Return objects as the array of their kind; those of several kinds, and text, as they are."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind in ("string", "mixed", "mixed-integer"):
        _check_text(values, name)
        return values
    if kind in ("date", "datetime"):
        return _times(values, name)
    if kind not in ("integer", "boolean", "decimal", "floating", "mixed-integer-float"):
        return values
    gaps = pd.isna(values)
    if kind == "decimal":
        whole = all(value == value.to_integral_value() for value in values[~gaps])
        whole = whole and all(value.as_tuple().exponent >= 0 for value in values[~gaps])
        values = np.array(
            [
                None if gap else int(v) if whole else float(v)
                for v, gap in zip(values, gaps, strict=True)
            ],
            dtype=object,
        )
        kind = "integer" if whole else "floating"
    if kind == "boolean":
        filled = np.where(gaps, False, values).astype(bool)  # noqa: FBT003 - a fill value
        return pd.arrays.BooleanArray(filled, gaps) if gaps.any() else filled
    if kind == "integer":
        return _integers(values, gaps)
    numbers = np.full(len(values), np.nan)
    try:
        numbers[~gaps] = [float(value) for value in values[~gaps]]
    except OverflowError:
        return values
    exact = all(float(v) == v for v in values[~gaps] if isinstance(v, int))
    return numbers if exact else values


def _check_text(values: npt.NDArray[Any], name: str) -> None:
    """Refuse text that no file and no Arrow column can hold: halves of characters (surrogates)."""
    try:
        pa.array(values, pa.string(), from_pandas=True)
    except UnicodeEncodeError:
        for row, value in enumerate(values):
            if isinstance(value, str) and not is_unicode(value):
                raise InvalidTable(
                    f"{name!r} holds text that is no Unicode in row {row} ({value!r}); it was read "
                    "in another encoding: read it again, or replace the character"
                ) from None
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return


def is_unicode(text: str) -> bool:
    """Return whether a text is one that files and Arrow can hold.

    Examples
    --------
    >>> is_unicode("é"), is_unicode(chr(0xD800))
    (True, False)
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _times(values: npt.NDArray[Any], name: str) -> Any:
    """Return dates or times as time stamps; what Arrow has no one type for, as it is."""
    try:
        column = pa.chunked_array([pa.array(values, from_pandas=True)])
        times = converted(column, canonical(column.type), name=name, where="the table")
        return times.to_pandas().array
    except (pa.ArrowException, TypeError, ValueError, OverflowError, InvalidTable):
        return values


def microseconds(values: Any) -> Any:
    """Return time stamps in microseconds, or as they are where one has more digits or years."""
    times = pd.array(values)
    if times.unit == "us":
        return times
    try:
        exact = times.as_unit("us")
    except (ValueError, OverflowError):
        return times
    return exact if (exact.as_unit(times.unit) == times)[~times.isna()].all() else times


def _integers(values: npt.NDArray[Any], gaps: npt.NDArray[np.bool_]) -> Any:
    """Return whole numbers as int64 or uint64, with gaps where some are missing, or as they are."""
    filled = np.where(gaps, 0, values)
    for kind, array in ((np.int64, pd.arrays.IntegerArray), (np.uint64, pd.arrays.IntegerArray)):
        low, high = np.iinfo(kind).min, np.iinfo(kind).max
        if all(low <= int(value) <= high for value in filled):
            exact = np.array([int(value) for value in filled], kind)
            return array(exact, gaps) if gaps.any() else exact
    return values
