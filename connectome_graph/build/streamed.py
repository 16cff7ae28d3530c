"""Connections in a large Arrow file, taken in a batch at a time: the file never is in memory whole.

Every batch is looked up, sorted and merged into the edges so far, so that memory follows the
number of edges between known neurons and not the number of rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.border.progress import rows_read
from connectome_graph.errors import InvalidTable, UnreadableFile
from connectome_graph.model.columns import from_arrow, root_ids
from connectome_graph.model.index import IdTable, SynapseIndex
from connectome_graph.model.names import ColumnMap

__all__ = ["streamed_edges"]

# Rows looked up at once: an Arrow file may hold all of its rows in one batch
_ROWS = 4_000_000


def streamed_edges(
    path: Path,
    frame: pd.DataFrame,
    columns: ColumnMap,
    *,
    autapses: str = "keep",
    progress: bool | None = None,
) -> tuple[SynapseIndex, dict[str, Any]]:
    """Return the edges between known neurons, and what to record.

    Parameters
    ----------
    path
        A Feather (Arrow IPC) file.
    frame
        The neuron table, indexed by root id.
    columns
        ``pre``, ``post`` and ``count`` -> the file's own names.
    autapses, progress
        As in :func:`connectome_graph.from_tables`.

    Raises
    ------
    UnreadableFile
        When the file is truncated.
    InvalidTable
        When a count is missing or less than 1, or an id is a float.
    """
    from connectome_graph.sources.engine._edge_runs import EdgeSink

    lookup = IdTable(frame.index.to_numpy())
    sink = EdgeSink(len(frame))
    n_rows = n_loops = n_unknown = 0
    names = [str(columns[name]) for name in ("pre", "post", "count")]
    try:
        with pa.memory_map(str(path)) as stored, rows_read(progress) as told:
            file = pa.ipc.open_file(stored)
            for number in range(file.num_record_batches):
                whole = file.get_batch(number)
                for start in range(0, whole.num_rows, _ROWS):
                    batch = whole.slice(start, _ROWS)
                    pre, post = (lookup.encode(_ids(batch, name)) for name in names[:2])
                    count = _counts(batch, names[2], n_rows)
                    known = (pre >= 0) & (post >= 0)
                    own = known & (pre == post)
                    n_loops += int(own.sum())
                    n_rows += batch.num_rows
                    n_unknown += batch.num_rows - int(known.sum())
                    if autapses == "drop":
                        known &= ~own
                    sink.add(pre[known], post[known], count=count[known])
                    told(n_rows, 0)
    except (pa.ArrowException, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UnreadableFile(
            f"{path} could not be read as feather ({reason}); it may be truncated"
        ) from error
    if n_loops and autapses == "raise":
        raise InvalidTable(
            f"{n_loops:,} rows go from a neuron onto itself; pass autapses='keep' or 'drop'"
        )
    edges = sink.edges(with_size=False)
    index = SynapseIndex.from_sorted(edges.pre, edges.post, len(frame), edges.columns())
    facts: dict[str, Any] = {"n_synapse_rows": n_rows, "engine": "stream"}
    facts |= {"n_dropped_unknown": n_unknown} if n_unknown else {}
    facts |= {"n_autapse_rows": n_loops} if n_loops else {}
    return index, facts


def _ids(batch: pa.RecordBatch, name: str) -> npt.NDArray[Any]:
    return root_ids(from_arrow(pa.chunked_array([batch.column(name)])), name=name)


def _counts(batch: pa.RecordBatch, name: str, before: int) -> npt.NDArray[np.int64]:
    column = batch.column(name)
    if not pa.types.is_integer(column.type) or column.null_count:
        raise InvalidTable(f"{name!r} needs whole numbers without gaps; found {column.type}")
    counts: npt.NDArray[np.int64] = column.to_numpy().astype(np.int64)
    low = np.flatnonzero(counts < 1)
    if len(low):
        raise InvalidTable(
            f"{name!r} needs numbers of at least 1; row {before + int(low[0])} holds "
            f"{counts[low[0]]}"
        )
    return counts
