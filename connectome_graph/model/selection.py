"""Selections: an expression, a boolean mask, or ids, turned into positions.

Expressions are those of ``model.expressions``: they are parsed, never evaluated as code.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_list_like

from connectome_graph.border.arguments import shown
from connectome_graph.border.values import array_of
from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.model.columns import root_ids
from connectome_graph.model.expressions.parsing import parse
from connectome_graph.model.expressions.rows import frame_mask
from connectome_graph.model.index import MISSING_ID, IdTable

__all__ = ["Selection", "boolean_mask", "codes_of", "positions", "query_mask"]

#: An expression, a boolean mask, or root ids.
Selection: TypeAlias = str | npt.ArrayLike | pd.Series | pd.Index


def query_mask(frame: pd.DataFrame, query: str) -> npt.NDArray[np.bool_]:
    """Return which rows of `frame` an expression keeps; a missing answer is False.

    Raises
    ------
    UnknownName
        When the expression names a column that does not exist.
    InvalidArgument
        When it is not one of the language, compares a column with a constant of another kind,
        or is not true or false a row.

    Examples
    --------
    >>> query_mask(pd.DataFrame({"x": [1, 5]}), "x > 2").tolist()
    [False, True]
    """
    return frame_mask(parse(query), frame)


def boolean_mask(values: Any, length: int, *, what: str) -> npt.NDArray[np.bool_]:
    """Return `values` as a boolean array of `length`; missing entries are False.

    Raises
    ------
    InvalidArgument
        When there are not `length` booleans.
    """
    array = pd.Series(values) if array_of(values, name=what).ndim == 1 else None
    if array is None or len(array) != length:
        found = f"{len(array):,} values" if array is not None else f"{type(values).__name__}"
        raise InvalidArgument(
            f"{what} needs one boolean for each of {length:,} rows; found {found}"
        )
    if array.dtype == bool:
        return array.to_numpy()
    if isinstance(array.dtype, pd.BooleanDtype):
        return np.asarray(array.to_numpy(dtype=bool, na_value=False))
    known = array.dropna()
    if array.dtype == object and all(isinstance(value, bool | np.bool_) for value in known):
        return np.asarray([value is not None and bool(value == 1) for value in array], bool)
    raise InvalidArgument(
        f"{what} gives {array.dtype}, not true or false; compare with something, as in "
        "\"cell_type == 'BC'\""
    )


def codes_of(ids: Any, table: IdTable) -> npt.NDArray[np.int64]:
    """Return the positions of root ids.

    Raises
    ------
    UnknownName
        When an id is not a neuron of the graph.
    """
    if not is_list_like(ids, allow_sets=False):
        raise InvalidArgument(f"ids={shown(ids)}; it must be root ids, several of them")
    try:
        dtype = None if len(ids) else object
        raw = ids if isinstance(ids, np.ndarray) else pd.Series(ids, dtype=dtype)
    except UnicodeEncodeError:
        raise UnknownName(f"ids={shown(ids)}; an id holds text that is no Unicode") from None
    values = raw if isinstance(raw, np.ndarray) else raw.array
    array = root_ids(values, name="ids", missing=MISSING_ID)
    if not len(array):
        return np.empty(0, np.int64)
    if (array.dtype.kind == "O") != table.is_text:
        kind = "text" if table.is_text else "integers"
        raise UnknownName(f"root ids of this graph are {kind}; found {type(array[0]).__name__}")
    codes = table.encode(array).astype(np.int64)
    absent = np.flatnonzero(codes < 0)
    if len(absent):
        raise UnknownName(
            f"{len(absent):,} of {len(codes):,} ids are not neurons of this graph "
            f"(first: {array[absent[0]]})"
        )
    return codes


def positions(selection: Selection, frame: pd.DataFrame, table: IdTable) -> npt.NDArray[np.int64]:
    """Return the ascending positions of the selected neurons.

    Parameters
    ----------
    selection
        An expression over the neuron columns and ``root_id``; a boolean array with one entry
        a neuron, or a boolean Series indexed by root id; or root ids in any order.
    frame
        The neuron table.
    table
        Its ids.
    """
    if isinstance(selection, str):
        return np.flatnonzero(query_mask(frame, selection))
    if isinstance(selection, pd.Series) and pd.api.types.is_bool_dtype(selection.dtype):
        if not selection.index.equals(frame.index) and len(selection) == len(frame):
            if set(selection.index) != set(frame.index) and not isinstance(
                selection.index, pd.RangeIndex
            ):
                raise InvalidArgument("the mask's index holds other ids than the neuron table")
            if not isinstance(selection.index, pd.RangeIndex):
                selection = selection.reindex(frame.index)
        return np.flatnonzero(boolean_mask(selection, len(frame), what="a neuron mask"))
    listed = (
        selection
        if isinstance(selection, np.ndarray | pd.Series | pd.Index)
        else _listed(selection)
    )
    if listed.dtype == bool:
        return np.flatnonzero(boolean_mask(np.asarray(listed), len(frame), what="a neuron mask"))
    return np.unique(
        codes_of(np.asarray(listed) if not isinstance(listed, pd.Series) else listed, table)
    )


def _listed(selection: Any) -> npt.NDArray[Any]:
    items = list(selection) if np.iterable(selection) else [selection]
    if not items:
        return np.empty(0, object)
    if all(isinstance(item, bool | np.bool_) for item in items):
        return np.array(items, bool)
    # Through object: a list that mixes sizes of integers must not become a float array.
    array = np.empty(len(items), object)
    array[:] = items
    return array
