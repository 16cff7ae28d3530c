"""Tables as the page shows them: text to read beside a key to sort by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from connectome_graph.plot._describe import MISSING, number

__all__ = ["Cell", "Column", "Table", "cell", "from_frame"]

_KINDS = {"id": "id", "text": "text"}


class Cell(NamedTuple):
    """What one cell says, and the key that sorts it (empty: last)."""

    text: str
    key: str


class Column(NamedTuple):
    """A heading, what it means, and whether it sorts as ``"id"``, ``"text"`` or ``"number"``."""

    label: str
    kind: str
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """A table that the page can sort.

    Parameters
    ----------
    columns
        The headings.
    rows
        The cells, a list a row.
    caption
        What the table shows.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]] = field(default_factory=list)
    caption: str = ""


def cell(value: Any, kind: str = "number") -> Cell:
    """Return a value as a cell; ids and texts keep every digit.

    Examples
    --------
    >>> cell(864691135000000001, "id")
    Cell(text='864691135000000001', key='864691135000000001')
    """
    if kind in _KINDS:
        text = MISSING if bool(pd.isna(value)) else str(value)
        return Cell(text, "" if text == MISSING else text)
    text = number(value)
    return Cell(text, "" if text == MISSING else repr(getattr(value, "item", lambda: value)()))


def from_frame(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    caption: str = "",
    limit: int | None = None,
) -> Table:
    """Return columns of a DataFrame as a table.

    Parameters
    ----------
    frame
        The values.
    columns
        Column of `frame` to the heading it gets; those that `frame` lacks are left out.
    caption
        What the table shows.
    limit
        Rows at most.

    Examples
    --------
    >>> from_frame(pd.DataFrame({"n": [1200]}), {"n": Column("edges", "number")}).rows
    [[Cell(text='1,200', key='1200')]]
    """
    shown = {name: column for name, column in columns.items() if name in frame}
    part = frame if limit is None else frame.head(limit)
    values: Iterable[Sequence[Any]] = zip(
        *(part[name].astype(object).tolist() for name in shown), strict=True
    )
    kinds = [column.kind for column in shown.values()]
    rows = [[cell(v, kind) for v, kind in zip(row, kinds, strict=True)] for row in values]
    return Table(list(shown.values()), rows, caption)
