"""What the loopback server stores, how it filters it, and how it puts it on the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

VOXEL = (4.0, 4.0, 40.0)


@dataclass
class Table:
    """An annotation table; positions are in voxels of `resolution` nm."""

    frame: pd.DataFrame
    schema: str = "nucleus_detection"
    resolution: tuple[float, float, float] = VOXEL
    reference: str | None = None
    notice: str | None = None


@dataclass
class View:
    """A server-side view; it has no metadata beyond its resolution."""

    frame: pd.DataFrame
    resolution: tuple[float, float, float] = VOXEL


def matches(frame: pd.DataFrame, body: Mapping[str, Any], name: str) -> pd.DataFrame:
    """Return the rows of table `name` that pass the filters of a request body."""
    operations = {
        "filter_in_dict": lambda column, value: column.isin(value),
        "filter_equal_dict": lambda column, value: column == value,
        "filter_greater_dict": lambda column, value: column > value,
        "filter_less_dict": lambda column, value: column < value,
        "filter_greater_equal_dict": lambda column, value: column >= value,
        "filter_less_equal_dict": lambda column, value: column <= value,
        # "filter_notin_dict" is what the client sends for filter_out_dict, and the server does
        # not read it: a fetch that relies on it gets the rows it wanted to leave out.
    }
    for key, keep in operations.items():
        for column, value in (body.get(key) or {}).get(name, {}).items():
            frame = frame[keep(frame[column], value).fillna(False).astype(bool)]
    return frame


def joined(tables: Mapping[str, Table], body: Mapping[str, Any]) -> pd.DataFrame:
    """Return the inner join of two tables that a join request asks for."""
    (left, left_on), (right, right_on) = body["tables"]
    suffixes = body.get("suffix_map") or {}
    a = matches(tables[left].frame, body, left)
    b = matches(tables[right].frame, body, right)
    shared = [column for column in a.columns if column in set(b.columns)]
    a = a.rename(columns={column: column + suffixes.get(left, "") for column in shared})
    b = b.rename(columns={column: column + suffixes.get(right, "") for column in shared})
    left_key = left_on + suffixes.get(left, "") if left_on in shared else left_on
    right_key = right_on + suffixes.get(right, "") if right_on in shared else right_on
    return a.merge(b, left_on=left_key, right_on=right_key, how="inner")


def selected(frame: pd.DataFrame, columns: list[str] | None) -> pd.DataFrame:
    """Return the asked columns; a position name stands for its three split columns."""
    if not columns:
        return frame
    axes = {f"{name}_{axis}" for name in columns for axis in "xyz"}
    return frame[[column for column in frame.columns if column in columns or column in axes]]


def rescaled(
    frame: pd.DataFrame, have: tuple[float, ...], want: list[float] | None
) -> pd.DataFrame:
    """Return the frame with its positions in units of `want` nm."""
    if want is None:
        return frame
    frame = frame.copy()
    for column in frame.columns:
        if column[:-1].endswith("_position_"):
            axis = "xyz".index(column[-1])
            frame[column] = frame[column] * (have[axis] / want[axis])
    return frame


def legacy(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame as servers before 5.13 send it: no nullable dtypes, 't' and 'f'."""
    old = {}
    for column, values in frame.items():
        if values.dtype == "boolean":
            old[column] = values.map({True: "t", False: "f"}).astype(object)
        elif values.dtype == "Int64":
            old[column] = values.astype("float64" if values.isna().any() else "int64")
        else:
            old[column] = values
    return pd.DataFrame(old)


def arrow_stream(frame: pd.DataFrame, *, batches: int) -> bytes:
    """Return the frame as an Arrow IPC stream of that many record batches, zstd compressed."""
    table = pa.Table.from_pandas(frame.reset_index(drop=True), preserve_index=False)
    rows = max(1, int(np.ceil(len(frame) / batches)))
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)
    return bytes(sink.getvalue().to_pybytes())


def first_batches(stream: bytes, n: int) -> bytes:
    """Return a stream that stops after `n` record batches, where a reader sees no fault."""
    with pa.ipc.open_stream(stream) as reader:
        batches = list(reader)
    sink = pa.BufferOutputStream()
    writer = pa.ipc.new_stream(sink, batches[0].schema)
    for batch in batches[:n]:
        writer.write_batch(batch)
    length = sink.tell()
    writer.close()
    return bytes(sink.getvalue().to_pybytes()[:length])


def with_rows(stream: bytes, change: Callable[[pd.DataFrame], pd.DataFrame]) -> bytes:
    """Return a whole stream with other rows in it, as what stands in between may send."""
    with pa.ipc.open_stream(stream) as reader:
        frame = reader.read_pandas()
    return arrow_stream(change(frame), batches=1)


def as_json(value: Any, status: int = 200) -> tuple[int, str, bytes, dict[str, str]]:
    """Return a JSON answer: status, content type, body, headers."""
    return status, "application/json", json.dumps(value).encode(), {}
