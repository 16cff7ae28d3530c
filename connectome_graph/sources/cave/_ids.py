"""Root ids at the border: given by a caller, or sent by a server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, RemoteError
from connectome_graph.model.columns import root_ids

__all__ = [
    "Ids",
    "check_ids_are_exact",
    "ids_as_numbers",
    "is_id_column",
    "plain_columns",
    "positive_ids",
    "server_roots",
]

Ids: TypeAlias = npt.NDArray[np.int64]
_INTEGER_IDS = ("root_id", "supervoxel_id")


def is_id_column(name: str) -> bool:
    """Return whether a column of that name holds ids.

    Examples
    --------
    >>> [is_id_column(name) for name in ("pt_root_id", "id", "size", "valid")]
    [True, True, False, False]
    """
    return name == "id" or name.endswith("_id")


def check_ids_are_exact(frame: pd.DataFrame, *, what: str) -> None:
    """Raise when ids arrived as floating point, where 18 digits do not fit.

    A column without a single id may be of any type: there is nothing in it to round.

    Raises
    ------
    RemoteError
        Naming the column.
    """
    for name in frame.columns:
        rounded = is_id_column(str(name)) and pd.api.types.is_float_dtype(frame[name].dtype)
        if rounded and frame[name].notna().any():
            raise RemoteError(
                f"{what} sent the ids of column {name!r} as floating point, which rounds them; "
                f"servers older than 5.13 do this when an id is missing. The table is refused: "
                f"ask the dataset's administrators for a server update"
            )


def ids_as_numbers(frame: pd.DataFrame, *, what: str) -> pd.DataFrame:
    """Return the frame with ids that came as text turned into integers, exactly.

    Only the columns that a server keeps as integers are read so; an id of another kind, such as
    a name that somebody gave, stays text.

    Raises
    ------
    RemoteError
        When a text in such a column is no number.

    Examples
    --------
    >>> frame = pd.DataFrame({"pt_root_id": ["864691135000000001", "0", None]})
    >>> ids_as_numbers(frame, what="a table")["pt_root_id"].tolist()
    [864691135000000001, 0, <NA>]
    """
    changed = {}
    for name in map(str, frame.columns):
        values = frame[name]
        if not name.endswith(_INTEGER_IDS) and name not in ("id", "target_id", "valid_id"):
            continue
        kind = values.dtype
        if pd.api.types.is_numeric_dtype(kind):
            continue
        words = [
            None if gone else str(word).strip()
            for word, gone in zip(values, values.isna(), strict=True)
        ]
        wrong = [word for word in words if word and not word.isdecimal()]
        if wrong:
            raise RemoteError(
                f"{what} sent {wrong[0]!r} in column {name!r}, which holds ids; the table is "
                f"refused"
            )
        changed[name] = pd.array([int(word) if word else None for word in words], dtype="Int64")
    return frame.assign(**changed) if changed else frame


def server_roots(values: Any, *, name: str) -> Ids:
    """Return root ids sent by a server as int64; 0 where there is none.

    A server writes a missing root id as 0, as NULL, or, in versions whose tables have not been
    merged yet, as 1. No segment has the id 1: the upper byte of a root id is its layer.

    Raises
    ------
    InvalidTable
        When the ids are floats or do not fit.

    Examples
    --------
    >>> server_roots(pd.array([864691135000000001, None, 1], dtype="Int64"), name="x").tolist()
    [864691135000000001, 0, 0]
    """
    roots: Ids = root_ids(values, name=name)
    return np.where(roots == 1, 0, roots)


def positive_ids(ids: Iterable[Any], *, name: str) -> Ids:
    """Return root ids given by a caller: sorted, each once, positive integers.

    Raises
    ------
    InvalidArgument
        For floats, text, booleans, gaps, zeros and negative numbers, naming the first.

    Examples
    --------
    >>> positive_ids([864691135000000003, 864691135000000001], name="neurons").tolist()
    [864691135000000001, 864691135000000003]
    """
    values = ids.tolist() if isinstance(ids, np.ndarray | pd.Series | pd.Index) else list(ids)
    for value in values:
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_)
        if not whole or not 0 < int(value) < 2**63:
            hint = (
                " (a float cannot hold an 18-digit id: read the column as int64)"
                if isinstance(value, float | np.floating)
                else ""
            )
            raise InvalidArgument(
                f"{name} needs root ids as positive integers; found {value!r}{hint}"
            )
    return np.unique(np.array([int(value) for value in values], dtype=np.int64))


def plain_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with plain dtypes: no nullable type where nothing is missing.

    Text becomes this pandas' own text type; integers with gaps stay nullable, so that no id
    passes through a float.

    Examples
    --------
    >>> frame = pd.DataFrame({"n": pd.array([1, 2], dtype="Int64")})
    >>> plain_columns(frame)["n"].dtype
    dtype('int64')
    """
    return pd.DataFrame({name: _plain(values) for name, values in frame.items()}, index=frame.index)


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    kind = values.dtype
    if isinstance(kind, pd.StringDtype):
        text = values.astype(object).where(values.notna(), None)
        return text.astype(pd.Series(["text"]).dtype)
    if pd.api.types.is_float_dtype(kind):
        return values.astype("float64")
    if not isinstance(kind, np.dtype) and not values.isna().any():
        if pd.api.types.is_bool_dtype(kind):
            return values.astype(bool)
        if pd.api.types.is_integer_dtype(kind):
            return values.astype("int64")
    return values
