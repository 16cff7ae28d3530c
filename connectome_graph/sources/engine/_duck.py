"""The embedded engine: DuckDB scans, filters and joins out of core; our kernels aggregate.

DuckDB reads the files, pushes the filters and the known neurons into the scan and streams the
rows that are left, as codes. Edges grow in an :class:`EdgeSink`, so memory follows the number
of edges, not of rows. What stays on disk is written by ``_edge_file``. DuckDB spills to a folder
that is removed whatever happens.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectome_graph.border.distinct import distinct
from connectome_graph.errors import ConnectomeError, InvalidTable, UnreadableFile
from connectome_graph.model.index import MISSING_ID, IdTable
from connectome_graph.sources.engine import _batches as batches
from connectome_graph.sources.engine._blame import blamed
from connectome_graph.sources.engine._edge_runs import EdgeRuns, EdgeSink
from connectome_graph.sources.engine._plan import ScanPlan
from connectome_graph.sources.engine._scan import Progress, ScanCounts, add_totals, coded, numbers
from connectome_graph.sources.engine._sql import condition, quoted

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "aggregate",
    "all_rows",
    "between_known",
    "connection",
    "count_unknown",
    "guarded_scan",
    "partner_ids",
    "register_known",
    "rows",
    "run",
    "scalar",
    "source_sql",
]

BATCH_ROWS = 1_000_000


@contextmanager
def connection(
    plan: ScanPlan | None = None,
    *,
    memory_limit: str | None = None,
    spill: Path | None = None,
    spill_limit: str | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a DuckDB connection whose spill folder is removed when it closes.

    Parameters
    ----------
    plan
        What will be scanned.
    memory_limit
        Such as ``"6GB"``; DuckDB's own default is 80 % of the memory.
    spill
        Folder in which the spill folder is made; the system's temporary folder by default.
    spill_limit
        Most that may be spilled, such as ``"20GB"``.
    """
    import duckdb

    from connectome_graph._kernels.threads import n_threads

    with tempfile.TemporaryDirectory(prefix="connectome-graph-spill-", dir=spill) as folder:
        con = duckdb.connect(":memory:")
        try:
            run(con, "SET temp_directory = ?", [folder])
            run(con, "SET threads = ?", [n_threads()])
            run(con, "SET preserve_insertion_order = false")
            # In a notebook without widgets DuckDB refuses to be told, and shows no bar either.
            with contextlib.suppress(duckdb.Error):
                con.execute("SET enable_progress_bar = false")
            # every row is read once: file contents kept in memory would only grow with the file
            run(con, "SET enable_external_file_cache = false")
            if plan is not None and plan.condition is not None:
                # The least and largest value that Parquet keeps of a column leave NaN out; DuckDB
                # concludes from them that there is none.
                run(con, "SET disabled_optimizers = 'statistics_propagation'")
            if memory_limit is not None:
                run(con, "SET memory_limit = ?", [memory_limit])
            if spill_limit is not None:
                run(con, "SET max_temp_directory_size = ?", [spill_limit])
            yield con
        finally:
            con.close()


def run(con: duckdb.DuckDBPyConnection, statement: str, values: list[Any] | None = None) -> None:
    """Run a statement to its end: DuckDB lets no other start while a result is open."""
    con.execute(statement, values or []).fetchall()


def literal(file: Path) -> str:
    """Return a path as DuckDB's reader takes it literally: characters of globs in brackets.

    Examples
    --------
    >>> literal(Path("a[1].parquet"))
    'a[[]1].parquet'
    """
    return "".join(f"[{each}]" if each in "*?[" else each for each in str(file))


def source_sql(plan: ScanPlan) -> tuple[str, list[Any]]:
    """Return the SQL of the filtered rows of a native plan, and its parameters."""
    values: list[Any] = [[literal(file) for file in plan.files]]
    # the types are those of the files; no column is made of the names of folders
    source = "read_parquet(?, hive_partitioning = false, union_by_name = false)"
    where = "" if plan.condition is None else f" WHERE {condition(plan.condition, values)}"
    return f"(SELECT * FROM {source}{where})", values


def register_known(con: duckdb.DuckDBPyConnection, ids: npt.NDArray[Any]) -> None:
    """Register the known neurons and their codes as the table ``known``."""
    codes = pa.array(np.arange(len(ids), dtype=np.int32))
    text = ids.dtype.kind == "O"
    table = pa.table({"id": pa.array(ids, pa.string() if text else pa.int64()), "code": codes})
    con.register("known_ids", table)
    run(con, "CREATE TABLE known AS SELECT * FROM known_ids")
    con.unregister("known_ids")


def _between_sql(plan: ScanPlan, source: str, *, autapses: str) -> str:
    extra = "".join(f", s.{quoted(own)} AS {name}" for name, own in plan.carried.items())
    loops = " WHERE p.code <> q.code" if autapses == "drop" else ""
    return (
        f"SELECT p.code AS pre, q.code AS post{extra} FROM {source} s "
        f"JOIN known p ON s.{quoted(plan.pre)} = p.id "
        f"JOIN known q ON s.{quoted(plan.post)} = q.id{loops}"
    )


def aggregate(
    plan: ScanPlan,
    ids: npt.NDArray[Any],
    *,
    autapses: str = "keep",
    memory_limit: str | None = None,
    spill: Path | None = None,
    progress: Progress | None = None,
) -> tuple[EdgeRuns, ScanCounts]:
    """Return the edges between known neurons and what was seen on the way.

    Raises
    ------
    UnreadableFile
        Naming the file that is corrupt or gone, or the folder that is full.
    """
    if not plan.native():
        with guarded_scan(plan):
            return batches.aggregate(plan, ids, autapses=autapses, progress=progress)
    sink = EdgeSink(len(ids))
    counts = ScanCounts()
    with guarded_scan(plan), connection(plan, memory_limit=memory_limit, spill=spill) as con:
        for batch in _stream(con, plan, ids, autapses=autapses):
            pre, post = (np.asarray(batch.column(name)) for name in ("pre", "post"))
            counts.n_autapses += int((pre == post).sum())
            carried = {
                name: numbers(batch.column(name), as_what=name, name=own)
                for name, own in plan.carried.items()
            }
            add_totals(counts, size=carried.get("size"), count=carried.get("count"))
            sink.add(pre, post, size=carried.get("size"), count=carried.get("count"))
            counts.n_rows += len(pre)
            if progress is not None:
                progress(counts.n_rows, 0)
        count_unknown(con, plan, counts, autapses=autapses)
    return sink.edges(with_size="size" in plan.carried), counts


def rows(
    plan: ScanPlan,
    ids: npt.NDArray[Any],
    *,
    memory_limit: str | None = None,
    spill: Path | None = None,
    progress: Progress | None = None,
) -> tuple[pa.Table, ScanCounts]:
    """Return the filtered rows whose partners are both known, in file order, and the counts.

    A join would mix the rows up: they are streamed in order and looked up here.
    """
    if not plan.native(plan.schema.names):
        with guarded_scan(plan):
            return batches.rows(plan, ids, progress=progress)
    lookup = IdTable(ids)
    counts = ScanCounts()
    kept = []
    with guarded_scan(plan), connection(plan, memory_limit=memory_limit, spill=spill) as con:
        run(con, "SET preserve_insertion_order = true")
        source, values = source_sql(plan)
        reader = con.sql(f"SELECT * FROM {source}", params=values).to_arrow_reader(BATCH_ROWS)
        schema = reader.schema
        for batch in reader:
            table = pa.Table.from_batches([batch])
            seen = coded(table, plan, lookup, autapses="keep")
            counts.add(seen.counts)
            kept.append(table.filter(pa.array(seen.keep)))
            if progress is not None:
                progress(counts.n_rows, 0)
    return pa.concat_tables(kept) if kept else schema.empty_table(), counts


def all_rows(
    plan: ScanPlan, *, memory_limit: str | None = None, progress: Progress | None = None
) -> pa.Table:
    """Return all filtered rows, in file order."""
    with guarded_scan(plan):
        if not plan.native(plan.schema.names):
            return batches.all_rows(plan, progress=progress)
        with connection(plan, memory_limit=memory_limit) as con:
            run(con, "SET preserve_insertion_order = true")
            source, values = source_sql(plan)
            reader = con.sql(f"SELECT * FROM {source}", params=values).to_arrow_reader(BATCH_ROWS)
            kept, n_rows = [], 0
            for batch in reader:
                kept.append(batch)
                n_rows += len(batch)
                if progress is not None:
                    progress(n_rows, 0)
            return pa.Table.from_batches(kept, reader.schema)


def partner_ids(plan: ScanPlan) -> npt.NDArray[Any]:
    """Return every id that occurs as a partner in the filtered rows, sorted, missing ones too."""
    if not plan.native():
        with guarded_scan(plan):
            return batches.partner_ids(plan)
    with guarded_scan(plan), connection(plan) as con:
        source, values = source_sql(plan)
        pre, post = quoted(plan.pre), quoted(plan.post)
        query = (
            f"SELECT DISTINCT id FROM (SELECT {pre} AS id FROM {source} UNION ALL "
            f"SELECT {post} FROM {source}) ORDER BY id"
        )
        column = con.sql(query, params=[*values, *values]).to_arrow_table().column("id")
        kind = pa.string() if plan.text_ids else pa.int64()
        filled = column.cast(kind).fill_null("" if plan.text_ids else MISSING_ID)
        return distinct(np.asarray(filled.to_numpy(zero_copy_only=False)))


def _stream(
    con: duckdb.DuckDBPyConnection, plan: ScanPlan, ids: npt.NDArray[Any], *, autapses: str
) -> Iterator[pa.RecordBatch]:
    register_known(con, ids)
    source, values = source_sql(plan)
    query = _between_sql(plan, source, autapses=autapses)
    yield from con.sql(query, params=values).to_arrow_reader(BATCH_ROWS)


def count_unknown(
    con: duckdb.DuckDBPyConnection,
    plan: ScanPlan,
    counts: ScanCounts,
    *,
    autapses: str,
) -> None:
    """Fill in how many rows had an unknown partner: all rows less those that were joined."""
    source, values = source_sql(plan)
    _check_counts(con, plan)
    _look_at_sizes(con, plan, counts)
    between = counts.n_rows
    total = scalar(con, f"SELECT count(*) FROM {source}", values)
    if autapses == "drop":
        pre, post = quoted(plan.pre), quoted(plan.post)
        loops = (
            f"SELECT count(*) FROM {source} s WHERE {pre} = {post} "
            f"AND {pre} IN (SELECT id FROM known)"
        )
        counts.n_autapses = scalar(con, loops, values)
        between += counts.n_autapses
    counts.n_rows, counts.n_unknown = total, total - between
    if counts.n_unknown:
        counts.first_unknown = _first_unknown(con, plan)


def _check_counts(con: duckdb.DuckDBPyConnection, plan: ScanPlan) -> None:
    """Refuse counts that are none, those of rows with unknown partners too."""
    if "count" not in plan.carried:
        return
    source, values = source_sql(plan)
    own = quoted(plan.carried["count"])
    bad = f"{own} IS NULL OR NOT ({own} >= 1) OR {own} <> floor({own}) OR {own} >= 2::DOUBLE ** 63"
    query = f"SELECT {own} AS count FROM {source} WHERE {bad} LIMIT 1"
    found = con.sql(query, params=values).to_arrow_table().column("count")
    if len(found):
        numbers(found, as_what="count", name=plan.carried["count"])


def _look_at_sizes(con: duckdb.DuckDBPyConnection, plan: ScanPlan, counts: ScanCounts) -> None:
    """Note gaps and the largest of whole sizes, those of rows with unknown partners too."""
    if (
        not plan.whole_sizes
        or plan.source is None
        or not plan.source.has_gaps(plan.carried["size"])
    ):
        return
    source, values = source_sql(plan)
    own = quoted(plan.carried["size"])
    query = f"SELECT count(*) > count({own}), coalesce(max(abs({own}::HUGEINT)), 0) FROM {source}"
    gaps, largest = con.execute(query, values).fetchall()[0]
    counts.gaps, counts.largest = bool(gaps), int(largest)


def _first_unknown(con: duckdb.DuckDBPyConnection, plan: ScanPlan) -> Any:
    source, values = source_sql(plan)
    for end in (plan.pre, plan.post):
        query = (
            f"SELECT {quoted(end)} FROM {source} WHERE {quoted(end)} IS NULL OR {quoted(end)} "
            "NOT IN (SELECT id FROM known) LIMIT 1"
        )
        found = con.execute(query, values).fetchall()
        if found:
            return found[0][0]
    return None


def scalar(con: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> int:
    found = con.execute(query, values).fetchall()
    return int(found[0][0])


def between_known(
    con: duckdb.DuckDBPyConnection,
    plan: ScanPlan,
    ids: npt.NDArray[Any],
    counts: ScanCounts,
    *,
    autapses: str,
) -> tuple[str, list[Any]]:
    """Return the SQL of the rows between known neurons as codes, and its parameters."""
    if plan.native():
        source, values = source_sql(plan)
        return _between_sql(plan, source, autapses=autapses), values
    stream = batches.coded_batches(plan, ids, autapses=autapses, counts=counts)
    kinds = {"size": pa.float64(), "count": pa.int64()}
    if "size" in plan.carried and pa.types.is_integer(plan.schema.field(plan.carried["size"]).type):
        kinds["size"] = pa.int64()
    columns = [(name, pa.int32()) for name in ("pre", "post")]
    columns += [(name, kinds[name]) for name in ("size", "count") if name in plan.carried]
    schema = pa.schema(columns)
    # written down first: what a batch refuses must not be wrapped in an error of DuckDB
    run(
        con,
        "CREATE TEMP TABLE coded (" + ", ".join(f"{n} {_SQL_KINDS[k]}" for n, k in columns) + ")",
    )
    for batch in stream:
        con.register("batch", pa.Table.from_batches([batch]).cast(schema))
        run(con, "INSERT INTO coded SELECT * FROM batch")
        con.unregister("batch")
    return "SELECT * FROM coded", []


_SQL_KINDS = {pa.int32(): "INTEGER", pa.int64(): "BIGINT", pa.float64(): "DOUBLE"}


@contextmanager
def guarded_file(file: Path) -> Iterator[None]:
    """Turn what DuckDB says of one file into an error that names it."""
    import duckdb

    try:
        yield
    except (duckdb.Error, pa.ArrowInvalid, OSError) as error:
        if isinstance(error, ConnectomeError):
            raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UnreadableFile(f"{file} could not be read ({reason}); it may be truncated") from error


@contextmanager
def guarded_scan(plan: ScanPlan) -> Iterator[None]:
    """Turn what DuckDB says of a failed scan into an error that names the file at fault."""
    import duckdb

    try:
        yield
    except ConnectomeError:
        raise
    except (duckdb.Error, pa.ArrowInvalid, OSError) as error:
        if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
            raise InvalidTable(
                "totals of counts or sizes do not fit int64; give sizes in a larger unit, and "
                f"check that counts are counts ({_first_line(error)})"
            ) from error
        raise blamed(plan, error) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
