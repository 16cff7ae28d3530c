"""What a release is once it is read: two tables, and what a reader of the numbers must know."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.errors import InvalidTable

__all__ = ["Choices", "Release", "as_text", "doubles", "whole_numbers"]

Table: TypeAlias = pd.DataFrame | pa.Table


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the caller of ``from_release`` chose.

    Attributes
    ----------
    connections
        A part of the name of the file (or sheet) that holds the connections, where several differ.
    layer
        ``"chemical"``, ``"electrical"`` or ``"all"``, for worms.
    resolution_nm
        Nanometres per unit of positions, where the files do not say it.
    cell_table
        A part of the name of the neuron table, where several differ.
    unknown
        What happens to partners outside the neuron table.
    """

    connections: str | None = None
    cell_table: str | None = None
    unknown: str | None = None
    layer: str = "chemical"
    resolution_nm: tuple[float, float, float] | None = None


@dataclass(kw_only=True)
class Release:
    """Tables in the library's column names, and how to build on them.

    Attributes
    ----------
    kind, title
        The family, and what the numbers come from.
    synapses
        A table, or the path of one that an engine reads; ``columns`` names its columns.
    neurons
        One row per neuron, ``root_id`` first; None when no file says which neurons there are.
    resolution_nm
        Nanometres per unit of the position columns; None where positions are in um.
    sources, targets
        Ids of the neurons whose outputs, and inputs, were looked for; None: all of them.
    notes
        Sentences on what was read and what a reader of the numbers must know.
    facts
        What to record: files, licences, numbers left out.
    """

    kind: str
    title: str
    synapses: Table | Path
    neurons: Table | None
    columns: dict[str, str | None] = field(default_factory=dict)
    resolution_nm: tuple[float, float, float] | None = None
    sources: npt.NDArray[Any] | None = None
    targets: npt.NDArray[Any] | None = None
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def note(self, sentence: str, **facts: Any) -> None:
        """Add a sentence and the facts behind it."""
        self.notes.append(sentence)
        self.facts |= facts


def as_text(values: Any) -> npt.NDArray[Any]:
    """Return ids as text, spaces around them gone; missing ones as "".

    Examples
    --------
    >>> as_text(pd.Series([" AVAL ", None, 5])).tolist()
    ['AVAL', '', '5']
    """
    codes, found = pd.factorize(pd.Series(values).astype(object))
    texts = ["" if _is_missing(each) else str(each).strip() for each in found]
    return np.array([*texts, ""], object)[codes]


def _is_missing(value: Any) -> bool:
    return value is None or (np.ndim(value) == 0 and bool(pd.isna(value)))


def doubles(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a column of numbers as doubles.

    Raises
    ------
    InvalidTable
        When it holds something else.

    Examples
    --------
    >>> doubles(pa.chunked_array([[1, None]]), "x").to_pylist()
    [1.0, None]
    """
    kind = column.type
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind)
    if not number:
        raise InvalidTable(f"{name!r} needs numbers; found {kind}")
    return column.cast(pa.float64(), safe=False)


def whole_numbers(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a column of integers as int64.

    Raises
    ------
    InvalidTable
        When it holds something else, or a number beyond int64.

    Examples
    --------
    >>> whole_numbers(pa.chunked_array([[1, 2]]), "x").type
    DataType(int64)
    """
    if not pa.types.is_integer(column.type):
        raise InvalidTable(f"{name!r} needs integers; found {column.type}")
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid as error:
        raise InvalidTable(f"{name!r} holds numbers beyond int64") from error
