"""Edges that DuckDB aggregates into one Parquet file: they never come into memory.

Counts and whole sizes are DuckDB's own GROUP BY, which is exact. Sums of floats depend on how one
adds: DuckDB sorts the rows, and our kernel adds them as it does everywhere, so that the number is
the same whatever the engine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet

from connectome_graph.sources.engine import _duck as duck
from connectome_graph.sources.engine._edge_runs import EdgeRuns, merged, reduced
from connectome_graph.sources.engine._plan import ScanPlan
from connectome_graph.sources.engine._scan import ScanCounts, add_totals, numbers

if TYPE_CHECKING:
    import duckdb

__all__ = ["edge_table", "edges_to_file"]


def edges_to_file(
    plan: ScanPlan,
    ids: npt.NDArray[Any],
    file: Path,
    *,
    autapses: str = "keep",
    memory_limit: str | None = None,
    spill: Path | None = None,
    spill_limit: str | None = None,
) -> ScanCounts:
    """Write the aggregated edges as one Parquet file, sorted by (pre, post).

    Raises
    ------
    UnreadableFile
        Naming the file that is corrupt or gone, or the folder that is full.
    InvalidTable
        When a count is none, or totals do not fit int64.
    """
    counts = ScanCounts()
    with (
        duck.guarded_scan(plan),
        duck.connection(
            plan, memory_limit=memory_limit, spill=spill, spill_limit=spill_limit
        ) as con,
    ):
        duck.register_known(con, ids)
        between, values = duck.between_known(con, plan, ids, counts, autapses=autapses)
        kind = "size" in plan.carried and plan.schema.field(plan.carried["size"]).type
        write = _write_added if kind and pa.types.is_floating(kind) else _write_grouped
        n_rows, n_autapses = write(_Rows(con, between, values, plan, ids, counts), file)
        if plan.native():
            counts.n_rows, counts.n_autapses = n_rows, n_autapses
            duck.count_unknown(con, plan, counts, autapses=autapses)
    return counts


class _Rows(NamedTuple):
    """The rows between known neurons: their SQL, its parameters, and what they are of."""

    con: duckdb.DuckDBPyConnection
    sql: str
    values: list[Any]
    plan: ScanPlan
    ids: npt.NDArray[Any]
    counts: ScanCounts


def _write_grouped(rows: _Rows, file: Path) -> tuple[int, int]:
    """Write edges with whole sizes or none; return the number of rows and those of autapses."""
    number = "sum(count)::BIGINT" if "count" in rows.plan.carried else "count(*)"
    size = ""
    if "size" in rows.plan.carried:
        # a sum over a missing size is missing, as everywhere in the library
        size = (
            ", CASE WHEN count(size) = count(*) THEN sum(size)::BIGINT END AS size, "
            "max(size)::BIGINT AS size_max"
        )
    duck.run(
        rows.con,
        f"CREATE TEMP TABLE edges AS SELECT pre AS pre_code, post AS post_code, {number} AS count"
        f"{size}, count(*) AS n_rows FROM ({rows.sql}) GROUP BY ALL",
        rows.values,
    )
    duck.run(
        rows.con,
        "COPY (SELECT p.id AS pre, q.id AS post, e.* EXCLUDE (n_rows) FROM edges e "
        "JOIN known p ON e.pre_code = p.code JOIN known q ON e.post_code = q.code "
        "ORDER BY pre_code, post_code) TO '" + str(file).replace("'", "''") + "' "
        "(FORMAT parquet, COMPRESSION zstd)",
    )
    total = "SELECT coalesce(sum(n_rows), 0) FROM edges"
    loops = f"{total} WHERE pre_code = post_code"
    return duck.scalar(rows.con, total, []), duck.scalar(rows.con, loops, [])


def _write_added(rows: _Rows, file: Path) -> tuple[int, int]:
    """Write edges whose sizes are floats; return the number of rows and those of autapses."""
    carried = ", ".join(name for name in ("size", "count") if name in rows.plan.carried)
    query = f"SELECT pre, post, {carried} FROM ({rows.sql}) ORDER BY pre, post"
    reader = rows.con.sql(query, params=rows.values).to_arrow_reader(duck.BATCH_ROWS)
    n_rows, n_autapses = 0, 0
    nothing = EdgeRuns(np.empty(0, np.uint64), np.empty(0, np.int64), *[np.empty(0)] * 3)
    held = nothing
    with pyarrow.parquet.ParquetWriter(
        file, edge_table(nothing, rows.ids).schema, compression="zstd"
    ) as out:
        for batch in reader:
            edges, loops = _reduced(batch, rows)
            n_rows, n_autapses = n_rows + len(batch), n_autapses + loops
            # the rows of the last pair may go on in the next batch
            edges = merged(held, edges)
            whole, held = edges.rows(0, -1), edges.rows(-1, None)
            out.write_table(edge_table(whole, rows.ids))
        out.write_table(edge_table(held, rows.ids))
    return n_rows, n_autapses


def _reduced(batch: pa.RecordBatch, rows: _Rows) -> tuple[EdgeRuns, int]:
    """Return the edges of a batch of rows, and how many of the rows are autapses."""
    pre, post = (np.asarray(batch.column(name)) for name in ("pre", "post"))
    columns: dict[str, Any] = {
        name: numbers(batch.column(name), as_what=name, name=rows.plan.carried[name])
        for name in ("size", "count")
        if name in rows.plan.carried
    }
    # a batch without a size is one of floats all the same
    columns["size"] = columns["size"].astype(np.float64)
    if rows.plan.native():
        add_totals(rows.counts, size=columns["size"], count=columns.get("count"))
    return reduced(pre, post, len(rows.ids), **columns), int((pre == post).sum())


def edge_table(edges: EdgeRuns, ids: npt.NDArray[Any]) -> pa.Table:
    """Return edges as they lie on disk: ids, codes, and what is known of their synapses."""
    pre, post = edges.pre, edges.post
    kind = pa.string() if ids.dtype.kind == "O" else pa.int64()
    columns: dict[str, Any] = {
        "pre": pa.array(ids[pre], kind),
        "post": pa.array(ids[post], kind),
        "pre_code": pre,
        "post_code": post,
        **edges.columns(),
    }
    return pa.table(columns)
