"""Tables that no engine may read by itself: typed by the reading rule, a batch at a time.

DuckDB reads Parquet files whose types need no ruling (``_duck``). Everything else (separated text,
Arrow files, dictionaries, decimals, parts of several widths) comes through here, with the same
result and in memory that grows with the edges only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectome_graph.border.distinct import distinct
from connectome_graph.model.columns import from_arrow
from connectome_graph.model.index import IdTable
from connectome_graph.model.tables import partner_ids as ends_of
from connectome_graph.sources.engine._edge_runs import EdgeRuns, EdgeSink
from connectome_graph.sources.engine._plan import ScanPlan
from connectome_graph.sources.engine._scan import CodedRows, Progress, ScanCounts, coded, holds

__all__ = ["aggregate", "all_rows", "coded_batches", "partner_ids", "rows"]


def _kept(plan: ScanPlan, columns: list[str] | None) -> Iterator[pa.Table]:
    """Yield the rows that the filters keep."""
    assert plan.source is not None
    for table in plan.source.tables(columns):
        yield holds(table, plan)


def _coded(plan: ScanPlan, ids: npt.NDArray[Any], *, autapses: str) -> Iterator[CodedRows]:
    lookup = IdTable(ids)
    for table in _kept(plan, plan.columns):
        yield coded(table, plan, lookup, autapses=autapses)


def aggregate(
    plan: ScanPlan, ids: npt.NDArray[Any], *, autapses: str, progress: Progress | None
) -> tuple[EdgeRuns, ScanCounts]:
    """Return the edges between known neurons and what was seen on the way."""
    sink = EdgeSink(len(ids))
    counts = ScanCounts()
    for batch in _coded(plan, ids, autapses=autapses):
        counts.add(batch.counts)
        sink.add(batch.pre, batch.post, size=batch.size, count=batch.count)
        if progress is not None:
            progress(counts.n_rows, 0)
    return sink.edges(with_size="size" in plan.carried), counts


def rows(
    plan: ScanPlan, ids: npt.NDArray[Any], *, progress: Progress | None = None
) -> tuple[pa.Table, ScanCounts]:
    """Return the filtered rows whose partners are both known, in file order, and the counts."""
    assert plan.source is not None
    lookup = IdTable(ids)
    counts = ScanCounts()
    kept = [plan.source.schema.empty_table()]
    for table in _kept(plan, None):
        seen = coded(table, plan, lookup, autapses="keep")
        counts.add(seen.counts)
        kept.append(table.filter(pa.array(seen.keep)))
        if progress is not None:
            progress(counts.n_rows, 0)
    return pa.concat_tables(kept, promote_options="permissive"), counts


def all_rows(plan: ScanPlan, *, progress: Progress | None = None) -> pa.Table:
    """Return all filtered rows, in file order."""
    assert plan.source is not None
    kept = [plan.source.schema.empty_table()]
    for table in _kept(plan, None):
        kept.append(table)
        if progress is not None:
            progress(sum(len(each) for each in kept), 0)
    return pa.concat_tables(kept, promote_options="permissive")


def partner_ids(plan: ScanPlan) -> npt.NDArray[Any]:
    """Return every id that occurs as a partner in the filtered rows, sorted, missing ones too."""
    kind: Any = object if plan.text_ids else np.int64
    found = np.empty(0, kind)
    names = (plan.pre, plan.post)
    for table in _kept(plan, plan.columns):
        pre, post = ends_of(
            *(from_arrow(table.column(name), name=name) for name in names),
            names=names,
            zero=plan.zero,
        )
        if len(pre):
            parts = (found.astype(pre.dtype), pre, post) if not len(found) else (found, pre, post)
            found = distinct(*parts)
    return found


def coded_batches(
    plan: ScanPlan, ids: npt.NDArray[Any], *, autapses: str, counts: ScanCounts
) -> Iterator[pa.RecordBatch]:
    """Yield the rows between known neurons as codes; `counts` grows on the way."""
    for batch in _coded(plan, ids, autapses=autapses):
        counts.add(batch.counts)
        columns = {"pre": pa.array(batch.pre), "post": pa.array(batch.post)}
        if batch.size is not None:
            columns["size"] = pa.array(batch.size, from_pandas=True)
        if batch.count is not None:
            columns["count"] = pa.array(batch.count)
        yield pa.RecordBatch.from_pydict(columns)
