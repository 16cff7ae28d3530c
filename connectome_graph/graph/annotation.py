"""New columns on neurons and synapses, joined by root id without passing through a float."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.errors import InvalidTable, did_you_mean
from connectome_graph.model.columns import as_bool, as_numbers, root_ids, with_gaps
from connectome_graph.model.index import IdTable, frozen
from connectome_graph.model.tables import NEURON_NAMES

__all__ = ["extended", "joined", "synapse_values"]

_STATUS = ("status_axon", "status_dendrite")


def joined(
    neurons: pd.DataFrame, table: Any, ids: IdTable, *, overwrite: bool
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the neuron table with the columns of `table`, and what matched."""
    frame = _indexed(table)
    repeated = int(frame.index.duplicated(keep=False).sum())
    if repeated:
        raise InvalidTable(
            f"{repeated:,} rows of the annotation share a root id (first: "
            f"{frame.index[frame.index.duplicated()][0]}); keep one row per neuron"
        )
    common = [name for name in frame.columns if name in neurons.columns]
    if common and not overwrite:
        raise InvalidTable(
            f"the neurons already have {', '.join(map(repr, common))}; rename the new columns, or "
            "pass overwrite=True to replace them"
        )
    text = frame.index.dtype.kind not in "iu"
    if len(frame) and text != ids.is_text:
        raise InvalidTable(
            f"the annotation's root ids are {'text' if text else 'integers'} and the graph's are "
            f"{'text' if ids.is_text else 'integers'}; convert one of them"
        )
    codes = ids.encode(frame.index.to_numpy(dtype=object if text else np.int64))
    matched = codes >= 0
    # Without gaps every column keeps its dtype; with gaps integers and booleans become nullable.
    source = frame if matched.sum() == len(neurons) else with_gaps(frame)
    row_of = np.full(len(neurons), -1, np.int64)
    row_of[codes[matched]] = np.flatnonzero(matched)
    result = neurons.copy()
    for name in source.columns:
        values = pd.Series(source[name].array).reindex(row_of).array
        result[name] = as_bool(values, name=name) if name in _STATUS else values
    return result, {
        "columns": [str(name) for name in frame.columns],
        "n_matched": int(matched.sum()),
        "n_unknown_ids": int((~matched).sum()),
    }


def _indexed(table: Any) -> pd.DataFrame:
    """Return `table` as a DataFrame indexed by root id."""
    if isinstance(table, pa.Table):
        table = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    if isinstance(table, pd.Series):
        table = table.to_frame("value" if table.name is None else table.name)
    if not isinstance(table, pd.DataFrame):
        raise InvalidTable(f"an annotation needs a table; found {type(table).__name__}")
    own = next((name for name in NEURON_NAMES["root_id"] if name in table.columns), None)
    if own is None and table.index.name not in NEURON_NAMES["root_id"]:
        hint = did_you_mean("root_id", table.columns)
        raise InvalidTable(
            f"the annotation has no 'root_id' column or index.{hint} Its columns: "
            f"{', '.join(map(str, table.columns))}"
        )
    values = table[own].array if own is not None else table.index.array
    ids = root_ids(values, name="root_id")
    frame = table.drop(columns=own) if own is not None else table
    kind = object if ids.dtype.kind == "O" else np.int64
    return frame.set_axis(pd.Index(ids, name="root_id", dtype=kind), axis=0)


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
