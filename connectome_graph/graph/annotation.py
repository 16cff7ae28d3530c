"""New columns on neurons and synapses, joined by root id without passing through a float."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidTable, UnknownName, did_you_mean
from connectome_graph.model.columns import (
    as_bool,
    as_numbers,
    as_table,
    column_names,
    get_column,
    root_ids,
    with_gaps,
)
from connectome_graph.model.index import MISSING_ID, IdTable, frozen
from connectome_graph.model.names import NEURON_NAMES, resolved_names
from connectome_graph.model.positions import positions_um

__all__ = ["extended", "joined", "synapse_values"]

_STATUS = ("status_axon", "status_dendrite")


def joined(
    neurons: pd.DataFrame,
    table: Any,
    ids: IdTable,
    *,
    overwrite: bool,
    on: str = "root_id",
    resolution_nm: Any = None,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the neuron table with the columns of `table`, and what matched."""
    frame = _indexed(table, on, resolution_nm)
    repeated = int(frame.index.duplicated(keep=False).sum())
    if repeated:
        raise InvalidTable(
            f"{repeated:,} rows of the annotation share a {_said(on)} (first: "
            f"{frame.index[frame.index.duplicated()][0]}); keep one row for each"
        )
    common = [name for name in frame.columns if name in neurons.columns]
    if common and not overwrite:
        raise InvalidTable(
            f"the neurons already have {', '.join(map(repr, common))}; rename the new columns, or "
            "pass overwrite=True to replace them"
        )
    if on == "root_id":
        row_of, n_used = _rows_of_ids(frame, ids, len(neurons))
    else:
        row_of, n_used = _rows_of_values(frame, neurons, on)
    matched = int((row_of >= 0).sum())
    # Without gaps every column keeps its dtype; with gaps integers and booleans become nullable.
    source = frame if matched == len(neurons) else with_gaps(frame)
    result = neurons.copy()
    for name in source.columns:
        values = pd.Series(source[name].array).reindex(row_of).array
        result[name] = as_bool(values, name=name) if name in _STATUS else values
    return result, {
        "columns": [str(name) for name in frame.columns],
        "n_matched": matched,
        "n_unknown_ids" if on == "root_id" else "n_unknown_values": len(frame) - n_used,
        **({} if on == "root_id" else {"on": on}),
    }


def _said(on: str) -> str:
    return "root id" if on == "root_id" else repr(on)


def _rows_of_ids(
    frame: pd.DataFrame, ids: IdTable, n_neurons: int
) -> tuple[npt.NDArray[np.int64], int]:
    """Return the row of the annotation for each neuron, -1 where there is none, and rows used."""
    text = frame.index.dtype.kind not in "iu"
    if len(frame) and text != ids.is_text:
        raise InvalidTable(
            f"the annotation's root ids are {'text' if text else 'integers'} and the graph's are "
            f"{'text' if ids.is_text else 'integers'}; convert one of them"
        )
    row_of = np.full(n_neurons, -1, np.int64)
    if len(frame):
        codes = ids.encode(frame.index.to_numpy(dtype=object if text else np.int64))
        row_of[codes[codes >= 0]] = np.flatnonzero(codes >= 0)
    return row_of, int((row_of >= 0).sum())


def _rows_of_values(
    frame: pd.DataFrame, neurons: pd.DataFrame, on: str
) -> tuple[npt.NDArray[np.int64], int]:
    """Return the same for a table with one row for each value of a neuron column."""
    if on not in neurons.columns:
        raise UnknownName(
            f"the neurons have no column {on!r} to join on.{did_you_mean(on, neurons.columns)} "
            f"Columns: {', '.join(map(str, neurons.columns)) or 'none'}"
        )
    keys = pd.Index(neurons[on].astype(object))
    row_of = np.asarray(pd.Index(frame.index.astype(object)).get_indexer(keys), np.int64)
    row_of[np.asarray(neurons[on].isna())] = -1
    return row_of, len(np.unique(row_of[row_of >= 0]))


def _indexed(table: Any, on: str, resolution_nm: Any) -> pd.DataFrame:
    """Return `table` as a DataFrame indexed by what it is joined on, positions in um."""
    if isinstance(table, pd.Series):
        table = table.to_frame("value" if table.name is None else table.name)
    if isinstance(table, pd.DataFrame):
        names = NEURON_NAMES["root_id"] if on == "root_id" else (on,)
        if table.index.name in names and not any(name in table.columns for name in names):
            attrs = table.attrs
            table = table.reset_index(names=on)
            table.attrs = attrs
    table = as_table(table, what="annotation")
    found = resolved_names(table, NEURON_NAMES, None, "annotation")
    own = found.get("root_id") if on == "root_id" else on
    if own is None or own not in column_names(table):
        hint = did_you_mean(on, column_names(table))
        raise InvalidTable(
            f"the annotation has no {on!r} column or index.{hint} Its columns: "
            f"{', '.join(map(str, column_names(table)))}"
        )
    keys = get_column(table, own)
    if on == "root_id":
        keys = root_ids(keys, name="root_id", missing=MISSING_ID)
        keys = pd.Index(keys, name=on, dtype=object if keys.dtype.kind == "O" else np.int64)
    else:
        keys = pd.Index(keys, name=on)
        if keys.dtype == object and not all(pd.api.types.is_hashable(each) for each in keys):
            raise InvalidTable(f"{on!r} of the annotation holds lists; join on single values")
        if keys.isna().any():
            raise InvalidTable(f"{int(keys.isna().sum()):,} rows of the annotation have no {on!r}")
    xyz, used, _ = positions_um(
        table,
        found.get("position"),
        resolution_nm,
        drop=False,
        argument="resolution_nm",
        leave_out="drop the column from the table",
    )
    data = {
        name: get_column(table, name)
        for name in column_names(table)
        if name != own and name not in used
    }
    data |= xyz
    return pd.DataFrame(
        {name: pd.Series(values).array for name, values in data.items()}, index=keys
    )


def extended(neurons: pd.DataFrame, new_ids: npt.NDArray[Any]) -> pd.DataFrame:
    """Return the neuron table with rows for `new_ids`, missing in every column."""
    index = neurons.index.append(pd.Index(new_ids, name="root_id", dtype=neurons.index.dtype))
    frame = with_gaps(neurons).reindex(index)
    for name in _STATUS:
        if name in frame:
            frame[name] = as_bool(frame[name].array, name=name)
    return frame


def synapse_values(name: str, values: Any, n_rows: int) -> Any:
    """Return a new synapse column, checked for its length and kind."""
    if name in ("pre", "post", "count", "synapse_id"):
        raise InvalidTable(f"{name!r} is part of the graph's identity; build a new graph instead")
    array = values if isinstance(values, np.ndarray) else pd.Series(values).array
    if isinstance(array, pd.arrays.NumpyExtensionArray):
        array = array.to_numpy()
    if len(array) != n_rows:
        raise InvalidTable(
            f"synapse column {name!r} needs one entry for each of {n_rows:,} rows; found "
            f"{len(array):,}"
        )
    if name == "size" or name.endswith("_um"):
        array = as_numbers(array, name=name)
    return frozen(array.copy()) if isinstance(array, np.ndarray) else array.copy()
