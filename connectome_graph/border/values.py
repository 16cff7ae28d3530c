"""Arrays, numbers and tables of the user's, taken in or refused with one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import is_number, shown
from connectome_graph.errors import InvalidArgument

__all__ = ["array_of", "columns_in", "ends_of", "numbers_of", "positions_of"]


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


def positions_of(
    values: Any, n_neurons: int, *, name: str, least: int = 0
) -> npt.NDArray[np.integer[Any]]:
    """Return positions in a neuron table, or say that some are none.

    Raises
    ------
    InvalidArgument
        When they are no whole numbers from `least` up to the number of neurons.

    Examples
    --------
    >>> positions_of([0, 2], 3, name="pre").tolist()
    [0, 2]
    """
    array = array_of(values, name=name)
    if not array.size and array.ndim == 1:
        return array.astype(np.int64)
    numbered = array.ndim == 1 and array.dtype.kind in "iu"
    if not numbered or array.min() < least or array.max() >= n_neurons:
        raise InvalidArgument(
            f"{name}={shown(values)}; it must be positions in the neuron table, whole numbers "
            f"from {least} to {n_neurons - 1:,}"
        )
    return array


def ends_of(
    pre: Any, post: Any, n_neurons: int
) -> tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.integer[Any]]]:
    """Return both ends of some pairs as positions, of one length.

    Raises
    ------
    InvalidArgument
        When they are none, or one has more of them.

    Examples
    --------
    >>> [end.tolist() for end in ends_of([0], [2], 3)]
    [[0], [2]]
    """
    ends = [
        positions_of(each, n_neurons, name=name) for name, each in (("pre", pre), ("post", post))
    ]
    if len(ends[0]) != len(ends[1]):
        raise InvalidArgument(
            f"pre and post need one length; found {len(ends[0]):,} and {len(ends[1]):,}"
        )
    return ends[0], ends[1]
