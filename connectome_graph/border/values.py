"""Arrays, numbers and tables of the user's, taken in or refused with one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import is_number, shown
from connectome_graph.errors import InvalidArgument

__all__ = ["array_of", "columns_in", "numbers_of"]


def array_of(values: Any, *, name: str) -> npt.NDArray[Any]:
    """Return values as an array, or say that they do not make one.

    Raises
    ------
    InvalidArgument
        When rows have different lengths.

    Examples
    --------
    >>> array_of([1, 2], name="values").tolist()
    [1, 2]
    """
    try:
        return np.asarray(values)
    except (ValueError, TypeError) as error:
        raise InvalidArgument(
            f"{name}={shown(values)}; it must be an array, its rows of one length"
        ) from error


def numbers_of(values: Any, *, name: str) -> npt.NDArray[np.float64]:
    """Return values as an array of float64, NaN where missing, or say what was found.

    Raises
    ------
    InvalidArgument
        When they are no numbers.

    Examples
    --------
    >>> numbers_of([1, None], name="values").tolist()
    [1.0, nan]
    """
    array = array_of(values, name=name)
    try:
        if array.dtype.kind in "biuf":
            return array.astype(np.float64)
        plain = [np.nan if each is None or each is pd.NA else each for each in array.ravel()]
        if array.dtype == object and all(is_number(v) or isinstance(v, float) for v in plain):
            return np.array(plain, np.float64).reshape(array.shape)
    except OverflowError:
        pass
    raise InvalidArgument(f"{name}={shown(values)}; it must be numbers")


def columns_in(table: Any, columns: Iterable[str], *, name: str, maker: str) -> None:
    """Refuse a table without the columns that a result of ours has.

    Raises
    ------
    InvalidArgument
        Naming those that are missing, and what makes such a table.

    Examples
    --------
    >>> columns_in(pd.DataFrame({"phi": [1.0]}), ["phi"], name="table", maker="stats.rich_club")
    """
    missing = [column for column in columns if column not in table]
    if missing:
        raise InvalidArgument(
            f"{name} has no column {', '.join(missing)}; needed: what {maker} returns. Columns: "
            f"{', '.join(map(str, table.columns)) or 'none'}"
        )
