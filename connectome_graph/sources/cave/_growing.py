"""A table that is put together part by part, in memory once.

How many rows there will be at most is known before the first part is read, so every column of
numbers has its place from the beginning, and no part outlives its turn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["GrowingTable"]


class _Column:
    """One column: an array with room for all rows, or pieces of a kind that has no such array."""

    def __init__(self, room: int) -> None:
        self._room, self._filled = room, 0
        self._whole: Any = None
        self._pieces: list[Any] = []

    def add(self, values: Any) -> None:
        """Add the values of the next part."""
        plain = isinstance(values.dtype, np.dtype) and values.dtype != object
        if plain and not self._pieces and self._whole is None:
            self._whole = np.empty(self._room, values.dtype)
        if plain and self._whole is not None and self._whole.dtype == values.dtype:
            self._whole[self._filled : self._filled + len(values)] = values
            self._filled += len(values)
            return
        if self._whole is not None:
            # a part of another type, such as integers with gaps: the column takes the wider one
            self._pieces = [self._whole[: self._filled].copy()]
            self._whole = None
        self._pieces.append(values)

    def taken(self) -> Any:
        """Return the whole column; it is not held any longer."""
        whole, pieces = self._whole, self._pieces
        self._whole, self._pieces = None, []
        if whole is not None:
            return whole[: self._filled]
        if not pieces:
            return np.empty(0)
        return pd.concat([pd.Series(piece) for piece in pieces], ignore_index=True).array


class GrowingTable:
    """Parts of a table, one below the other.

    Parameters
    ----------
    room
        The most rows there can be.

    Examples
    --------
    >>> table = GrowingTable(4)
    >>> table.add(pd.DataFrame({"id": [7, 5]}))
    >>> table.add(pd.DataFrame({"id": [6]}))
    >>> frame, repeated = table.sorted_by("id")
    >>> frame["id"].tolist(), repeated
    ([5, 6, 7], 0)
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._columns: dict[str, _Column] = {}
        self._empty: pd.DataFrame | None = None

    def add(self, rows: pd.DataFrame) -> None:
        """Add the rows of the next part; all parts have the same columns."""
        if self._empty is None or not self._columns:
            self._empty = rows.iloc[:0]
        if not len(rows):
            return
        for name in rows.columns:
            column = self._columns.setdefault(str(name), _Column(self._room))
            values = rows[name]
            column.add(values.to_numpy() if isinstance(values.dtype, np.dtype) else values.array)

    def sorted_by(self, name: str) -> tuple[pd.DataFrame, int]:
        """Return the table in order of a column of ids, each id once, and how many repeated.

        A table without that column keeps the order of its parts.
        """
        if not self._columns:
            return self._empty if self._empty is not None else pd.DataFrame(), 0
        data: dict[str, Any] = {}
        order, repeated = None, 0
        if name in self._columns:
            ids = self._columns[name].taken()
            order = np.argsort(ids, kind="stable")
            ids = ids[order]
            again = np.zeros(len(ids), bool)
            again[1:] = ids[1:] == ids[:-1]
            repeated = int(again.sum())
            if repeated:
                ids, order = ids[~again], order[~again]
            data[name] = ids
        for other, column in self._columns.items():
            if other != name:
                values = column.taken()
                data[other] = values if order is None else values[order]
        # the arrays are the frame's own: nothing else holds them
        names = list(self._columns)
        self._columns = {}
        return pd.DataFrame({each: data[each] for each in names}, copy=False), repeated
