"""The names of columns: the library's own, those that are recognised, and the caller's map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import pandas as pd
import pyarrow as pa

from connectome_graph.errors import InvalidArgument, InvalidTable, did_you_mean
from connectome_graph.model.columns import column_names

__all__ = [
    "NEURON_NAMES",
    "SYNAPSE_NAMES",
    "ColumnMap",
    "by_position",
    "is_positional",
    "needed_column",
    "no_clashes",
    "resolved_names",
]

Table: TypeAlias = pd.DataFrame | pa.Table
#: Canonical name -> the table's own name, or the column's position; None leaves a column out.
ColumnMap: TypeAlias = Mapping[str, str | int | None]

#: Canonical neuron columns and the names recognised for them, in order of preference.
NEURON_NAMES: dict[str, tuple[str, ...]] = {
    "root_id": ("root_id", "pt_root_id"),
    "position": ("pt_position", "position"),
}

#: Canonical synapse columns and the names recognised for them, in order of preference.
SYNAPSE_NAMES: dict[str, tuple[str, ...]] = {
    "pre": ("pre", "pre_pt_root_id", "pre_root_id"),
    "post": ("post", "post_pt_root_id", "post_root_id"),
    "synapse_id": ("synapse_id", "id"),
    "target": ("target", "tag"),
    "position": ("ctr_pt_position", "position"),
}


def is_positional(columns: ColumnMap | None) -> bool:
    """Return whether a map names columns by position, as for a file without a header.

    Raises
    ------
    InvalidArgument
        When it is no map of names, or names some by position and some not.

    Examples
    --------
    >>> is_positional({"pre": 0, "post": 1}), is_positional({"pre": "from"})
    (True, False)
    """
    if columns is None:
        return False
    given: Any = columns
    if not isinstance(given, Mapping):
        raise InvalidArgument(
            f"a column map is a dictionary such as {{'pre': 'from'}}; found {columns!r}"
        )
    for name, own in given.items():
        known = own is None or isinstance(own, str) or (isinstance(own, int) and own >= 0)
        if not isinstance(name, str) or isinstance(own, bool) or not known:
            raise InvalidArgument(
                "a column map goes from the library's names to yours, {'pre': 'from'}, or to "
                f"positions counted from 0, {{'pre': 0}}; found {name!r}: {own!r}"
            )
    kinds = {type(own) for own in columns.values() if own is not None}
    if len(kinds) > 1:
        raise InvalidArgument(
            f"a column map names all columns, or gives the position of all; found {columns!r}"
        )
    return int in kinds


def by_position(table: Any, columns: ColumnMap | None) -> tuple[Any, ColumnMap | None]:
    """Return a table and a map in which columns given by position have names.

    Names that are no text, such as pandas gives to a file without a header, become
    ``column_0``, ``column_1``, ...
    """
    if not is_positional(columns):
        return table, columns
    if isinstance(table, pd.DataFrame):
        labels: list[Any] = list(table.columns)
        names = [n if isinstance(n, str) else f"column_{i}" for i, n in enumerate(labels)]
        table = table.set_axis(names, axis=1)
    elif isinstance(table, pa.Table):
        names = table.column_names
    elif hasattr(table, "__arrow_c_stream__"):
        return by_position(pa.table(table), columns)
    else:
        return table, columns
    return table, named_positions(names, columns)


def named_positions(names: list[str], columns: ColumnMap | None) -> ColumnMap | None:
    """Return a map with the names of columns that it gives by position."""
    if not is_positional(columns):
        return columns
    found: dict[str, str | None] = {}
    for name, own in (columns or {}).items():
        if isinstance(own, int) and own >= len(names):
            raise InvalidTable(
                f"the column map puts {name!r} at position {own}, and the table has {len(names)} "
                "columns, counted from 0"
            )
        found[name] = names[own] if isinstance(own, int) else own
    return found


def resolved_names(
    table: Table, known: Mapping[str, tuple[str, ...]], columns: ColumnMap | None, what: str
) -> dict[str, str | None]:
    """Return canonical name -> the table's own name (None: the caller wants it left out)."""
    names = set(map(str, column_names(table)))
    positions = {name[:-2] for name in names if name[-2:] in ("_x", "_y", "_z")}
    found: dict[str, str | None] = {}
    for canonical, own in (columns or {}).items():
        if (
            own is not None
            and own not in names
            and not (canonical == "position" and own in positions)
        ):
            raise InvalidTable(
                f"the column map names {own!r} for {canonical!r}, and the {what} table has no "
                f"such column.{did_you_mean(own, names)} Its columns: {', '.join(sorted(names))}"
            )
        found[canonical] = own
    taken = set(found.values())
    for canonical, recognised in known.items():
        if canonical not in found:
            pool = names | positions if canonical == "position" else names
            hit = next((name for name in recognised if name in pool - taken), None)
            if hit is not None:
                found[canonical] = hit
    return found


def needed_column(found: Mapping[str, str | None], name: str, table: Table, what: str) -> str:
    """Return the table's own name of a column that has to be there, or raise naming them all."""
    own = found.get(name)
    if own is None:
        names = column_names(table)
        index = ", and an index of ids has to be called 'root_id'" if name == "root_id" else ""
        raise InvalidTable(
            f"the {what} table has no {name!r} column.{did_you_mean(name, names)} Its columns: "
            f"{', '.join(map(str, names)) or 'none'}; name yours with {{{name!r}: '<your column>'}}"
            f"{index}"
        )
    return own


def no_clashes(found: Mapping[str, str | None], table: Table, what: str) -> None:
    """Refuse a rename onto a column that is also there under its canonical name."""
    names = set(column_names(table))
    for canonical, own in found.items():
        if own is not None and own != canonical and canonical in names:
            raise InvalidTable(
                f"the {what} table has both {own!r} (for {canonical!r}) and a column already "
                f"called {canonical!r}; rename or drop one of them"
            )
