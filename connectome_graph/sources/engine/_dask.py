"""The distributed engine: the same plan on the workers of a Dask cluster.

Each part is read, coded and aggregated by one task, which splits its edges by ranges of the
presynaptic neuron; one task a range merges them. No worker holds more than a part or a range,
every task can run again, and a worker that dies costs only its tasks.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectome_graph.errors import ConnectomeError, RemoteError, require
from connectome_graph.model.index import IdTable
from connectome_graph.sources.engine._edge_runs import EdgeRuns, exactly_joined, merged, reduced
from connectome_graph.sources.engine._parts import Part, parts_of, read_part
from connectome_graph.sources.engine._plan import ScanPlan
from connectome_graph.sources.engine._scan import Progress, ScanCounts, coded

__all__ = [
    "aggregate",
    "delayed_function",
    "gathered",
    "is_client",
    "range_futures",
    "ranges_of",
    "shared_value",
]

#: Neuron ranges a worker merges at a time; more of them keep every range small.
RANGES_PER_WORKER = 4


def is_client(engine: Any) -> bool:
    """Return whether `engine` is a ``dask.distributed`` client, without importing Dask."""
    # what client.get_executor() gives is of distributed too, and no client
    return type(engine).__module__.startswith("distributed.") and hasattr(engine, "scheduler_info")


def ranges_of(n_neurons: int, count: int) -> list[tuple[int, int]]:
    """Return `count` contiguous ranges of neuron codes."""
    cuts = np.linspace(0, n_neurons, max(1, min(count, n_neurons or 1)) + 1).astype(int)
    return [(int(a), int(b)) for a, b in itertools.pairwise(cuts)]


def split_part(
    part: Part,
    plan: ScanPlan,
    ids: npt.NDArray[Any],
    ranges: Sequence[tuple[int, int]],
    *,
    autapses: str,
) -> tuple[Any, ...]:
    """Read and aggregate one part; return its counts and its edges by range."""
    rows = coded(read_part(part, plan), plan, _table(ids), autapses=autapses)
    edges = reduced(rows.pre, rows.post, len(ids), size=rows.size, count=rows.count)
    return (rows.counts, *(edges.part(start, stop) for start, stop in ranges))


_TABLES: dict[int, tuple[Any, IdTable]] = {}


def _table(ids: npt.NDArray[Any]) -> IdTable:
    """Return the look-up table of the ids, made once in each worker."""
    held = _TABLES.get(id(ids))
    if held is None or held[0] is not ids:
        _TABLES.clear()
        _TABLES[id(ids)] = held = (ids, IdTable(ids))
    return held[1]


def _same(value: Any) -> Any:
    return value


def shared_value(client: Any, value: Any) -> Any:
    """Return a future of `value` that every task can use.

    It is a task and not scattered data: scattered data are lost with the worker that holds
    them, a task runs again.
    """
    return client.submit(_same, value, pure=False)


def merge_range(*pieces: EdgeRuns) -> EdgeRuns:
    """Merge the edges that the parts found in one range, pairwise."""
    waiting = list(pieces)
    while len(waiting) > 1:
        pairs = [waiting[i : i + 2] for i in range(0, len(waiting), 2)]
        waiting = [merged(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return waiting[0]


def delayed_function() -> Any:
    """Return Dask's ``delayed``."""
    return require("dask", extra="cluster", purpose="the distributed engine").delayed


def range_futures(
    client: Any, plan: ScanPlan, ids: npt.NDArray[Any], *, autapses: str, part_rows: int | None
) -> tuple[list[Any], list[Any]]:
    """Start the plan on a cluster; return the futures of every part's counts and every range."""
    parts = parts_of(plan) if part_rows is None else parts_of(plan, part_rows=part_rows)
    n_workers = max(1, len(client.scheduler_info()["workers"]))
    ranges = ranges_of(len(ids), RANGES_PER_WORKER * n_workers)
    delayed = delayed_function()
    shared = shared_value(client, ids)
    split = delayed(split_part, nout=len(ranges) + 1, pure=False)
    pieces = [split(part, plan, shared, ranges, autapses=autapses) for part in parts]
    counts = [piece[0] for piece in pieces]
    merge = delayed(merge_range, pure=False)
    merges = [merge(*(piece[1 + i] for piece in pieces)) for i in range(len(ranges))]
    futures = client.compute([*counts, *merges])
    return futures[: len(counts)], futures[len(counts) :]


def aggregate(
    client: Any,
    plan: ScanPlan,
    ids: npt.NDArray[Any],
    *,
    autapses: str = "keep",
    progress: Progress | None = None,
    part_rows: int | None = None,
) -> tuple[EdgeRuns, ScanCounts]:
    """Return the edges between known neurons, computed on the workers of `client`.

    Raises
    ------
    UnreadableFile
        Naming the file that a worker could not read.
    RemoteError
        When the cluster gave up on a task.
    """
    told, ranges = range_futures(client, plan, ids, autapses=autapses, part_rows=part_rows)
    counts = ScanCounts()
    for future in told:
        counts.add(gathered(future))
        if progress is not None:
            progress(counts.n_rows, 0)
    pieces = [gathered(future) for future in ranges]
    return _joined(pieces), counts


def gathered(future: Any) -> Any:
    """Return a future's result; what the cluster itself did wrong becomes a RemoteError."""
    try:
        return future.result()
    except (ConnectomeError, KeyboardInterrupt, pa.ArrowException):
        raise
    except Exception as error:
        raise RemoteError(
            f"the Dask cluster could not finish a task ({type(error).__name__}: {error}); its "
            "workers may be out of memory or gone: see the dashboard, or use more of them"
        ) from error


def _joined(pieces: Sequence[EdgeRuns]) -> EdgeRuns:
    """Return the ranges one after the other: they are sorted and do not overlap."""
    sizes = []
    floats = any(piece.size_low is not None for piece in pieces)
    for name in ("size", "size_max"):
        columns = [getattr(piece, name) for piece in pieces]
        sizes.append(None if columns[0] is None else exactly_joined(columns))
    if floats:
        lows = [p.size_low if p.size_low is not None else np.zeros(len(p.key)) for p in pieces]
        sizes.append(np.concatenate(lows))
    return EdgeRuns(
        np.concatenate([piece.key for piece in pieces]),
        np.concatenate([piece.count for piece in pieces]),
        *sizes,
    )
