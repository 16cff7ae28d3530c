"""What a constant of an expression may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidArgument
from connectome_graph.model.expressions.tree import Value

__all__ = ["constant"]


def constant(value: Any) -> Value:
    """Return a constant as a value of Python.

    Raises
    ------
    InvalidArgument
        For a missing value, a number that is infinite or beyond 64 bits, and any other kind.

    Examples
    --------
    >>> constant(np.int64(864691135000000001))
    864691135000000001
    """
    if isinstance(value, np.generic) and not isinstance(value, np.datetime64 | np.timedelta64):
        value = value.item()
    missing = value is None or value is pd.NA or value is pd.NaT
    if missing or (isinstance(value, float) and math.isnan(value)):
        raise InvalidArgument(
            "a missing value (None, NaN) is no constant to compare with: nothing equals it; ask "
            "with .isna(), as in \"tag.isna() or tag == 'spine'\""
        )
    if isinstance(value, float):
        return _checked_real(value)
    if isinstance(value, bool | int):
        return _checked_whole(value)
    if isinstance(value, str):
        return _checked_text(value)
    raise InvalidArgument(
        f"a constant is a number, a text, True or False; found {type(value).__name__}"
    )


def _checked_real(value: float) -> float:
    if math.isinf(value):
        raise InvalidArgument("a constant has to be a finite number; found one that is too large")
    return value


def _checked_whole(value: int) -> int:
    if not -(2**63) <= value < 2**64:
        raise InvalidArgument("an integer constant needs to fit 64 bits; found one that does not")
    return value


def _checked_text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidArgument(
            f"the text {value!r} holds half of a surrogate pair, which no file can hold"
        ) from error
    return value
