"""Manual corrections of labels: a map from old labels, or from ids, to new labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_scalar

from connectome_graph.border.arguments import shown
from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean

__all__ = ["Relabelling", "check_relabelling", "relabelled"]

Relabelling = Mapping[str, Mapping[Any, str]]


def check_relabelling(changes: Any) -> None:
    """Refuse corrections of another shape, before anything is fetched.

    Raises
    ------
    InvalidArgument
        Naming what was found and what is needed.

    Examples
    --------
    >>> check_relabelling({"cell_type": {"L2a": "23P"}})
    """
    if not isinstance(changes, Mapping):
        raise InvalidArgument(f"relabel={shown(changes)}; it must be column -> {{old: new}}")
    for column, mapping in changes.items():
        if not isinstance(mapping, Mapping):
            raise InvalidArgument(
                f"relabel[{column!r}]={shown(mapping)}; it must be {{old label or id: new label}}"
            )
        for old, new in mapping.items():
            if not is_scalar(new):
                raise InvalidArgument(
                    f"relabel[{column!r}][{old!r}]={shown(new)}; it must be one label"
                )


def relabelled(cells: pd.DataFrame, changes: Relabelling) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the cells with labels replaced, and how many changed in each column.

    Parameters
    ----------
    cells
        With the columns ``root_id`` and ``cell_id``.
    changes
        Column -> {old: new}. Text keys replace that label everywhere; integer keys set the label
        of the cell with that root id or cell id. Labels first, ids then.

    Raises
    ------
    UnknownName
        When a column, label or id does not occur: a correction that corrects nothing is a
        mistake in the map.
    InvalidArgument
        When a key is neither text nor an integer.

    Examples
    --------
    >>> cells = pd.DataFrame({"root_id": [7, 8], "cell_id": [1, 2], "cell_type": ["L2a", "BC"]})
    >>> table, counts = relabelled(cells, {"cell_type": {"L2a": "23P", 8: "MC"}})
    >>> table["cell_type"].tolist(), counts
    (['23P', 'MC'], {'cell_type': 2})
    """
    table, counts = cells.copy(), {}
    for column, mapping in changes.items():
        if column not in table.columns:
            raise UnknownName(
                f"relabel: the cell table has no column {column!r}."
                f"{did_you_mean(column, table.columns)}"
            )
        before = table[column].astype(object)
        after = before.copy()
        keys = sorted(mapping, key=lambda key: not isinstance(key, str))
        for key in keys:
            after[_rows(table, column, key)] = mapping[key]
        same = (before == after) | (before.isna() & after.isna())
        counts[column] = int((~same).sum())
        try:
            table[column] = after.astype(cells[column].dtype)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidArgument(
                f"relabel[{column!r}]: the column holds {cells[column].dtype}, and the new labels "
                f"are of another kind ({error})"
            ) from error
    return table, counts


def _rows(table: pd.DataFrame, column: str, key: Any) -> Any:
    """Return the rows that a key of the map speaks about."""
    if isinstance(key, str):
        options: list[Any] = []
        rows = (table[column] == key).fillna(value=False).to_numpy(dtype=bool)
        options = table[column].dropna().unique().tolist()
    elif isinstance(key, int | np.integer) and not isinstance(key, bool):
        rows = (table["root_id"] == key).to_numpy(dtype=bool)
        if "cell_id" in table.columns:
            by_cell = (table["cell_id"] == key).fillna(value=False).to_numpy(dtype=bool)
            rows = rows | by_cell
        options = []
    else:
        raise InvalidArgument(
            f"relabel[{column!r}]: keys are labels or ids; found {key!r} ({type(key).__name__})"
        )
    if not rows.any():
        raise UnknownName(f"relabel[{column!r}]: no cell has {key!r}.{did_you_mean(key, options)}")
    return rows
