"""Tables larger than memory: hundreds of millions of Parquet rows to a graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.harness import OURS, Case
from benchmarks.tables import cache_folder, kept

TITLE = "Parquet rows beyond memory"
ABOUT = (
    "A raw synapse table as benchmarks/big_table.py draws it: 18 % of the rows lie between two of "
    "100,000 known neurons, the rest touch an orphan. Ours is "
    "from_tables(path, cells, engine=..., keep='edges'): the whole way from the file to a graph. "
    "duckdb alone is its GROUP BY over the same rows, filtered by two semi-joins, ending with an "
    "Arrow table. The rows named 'fixed edges' hold the same 1 M pairs in tables of different "
    "length: memory follows the edges. Dask has two worker processes of one thread, whose memory "
    "is not in the peak of the client."
)
MILLION = 1_000_000
FIXED_PAIRS = MILLION
FREE = {"337 M rows": 337 * MILLION, "100 M rows": 100 * MILLION}
FIXED = {"34 M rows, fixed edges": 34 * MILLION, "337 M rows, fixed edges": 337 * MILLION}


def _files(rows: int, edges: int | None = None) -> tuple[Path, Path]:
    from benchmarks import big_table

    name = f"big-{rows}-{edges or 'free'}"
    cells = cache_folder() / f"{name}-cells.parquet"

    def make(path: Path) -> None:
        big_table.write(path, cells, n_rows=rows, edges=edges)

    return kept(f"{name}-synapses.parquet", make), cells


def prepared(rows: int, edges: int | None = None, limit: str = "2GB") -> tuple[Any, ...]:
    import duckdb  # noqa: F401  (loaded outside the clock, as for the peer)

    import connectome_graph.build.tables  # noqa: F401

    return (*_files(rows, edges), limit)


def ours(given: tuple[Any, ...]) -> Any:
    import connectome_graph as cg

    synapses, cells, limit = given
    return cg.from_tables(
        synapses, cells, engine="duckdb", keep="edges", unknown="drop", memory_limit=limit
    )


def our_answer(g: Any) -> list[int]:
    return [g.n_edges + g.n_autapses, g.n_synapses]


def duckdb_alone(given: tuple[Any, ...]) -> Any:
    import duckdb

    synapses, cells, _ = given
    with duckdb.connect() as con:
        con.execute("SET threads = 2").fetchall()
        query = (
            f"WITH known AS (SELECT pt_root_id FROM '{cells}') "
            "SELECT pre_pt_root_id, post_pt_root_id, count(*) AS count, sum(size) AS size "
            f"FROM '{synapses}' WHERE pre_pt_root_id IN (FROM known) "
            "AND post_pt_root_id IN (FROM known) GROUP BY ALL"
        )
        return con.sql(query).to_arrow_table()


def table_answer(table: Any) -> list[int]:
    import pyarrow.compute

    return [table.num_rows, pyarrow.compute.sum(table["count"]).as_py()]


def with_cluster(rows: int) -> tuple[Any, ...]:
    from distributed import Client, LocalCluster

    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    return (*_files(rows), Client(cluster))


def by_dask(given: tuple[Any, ...]) -> Any:
    import connectome_graph as cg

    synapses, cells, client = given
    return cg.from_tables(synapses, cells, engine=client, keep="edges", unknown="drop")


def cases() -> list[Case]:
    once: dict[str, Any] = {"repeats": 1, "warmups": 0, "limit": 900}
    # a cluster's workers import and compile in their first run
    thrice: dict[str, Any] = {"repeats": 3, "warmups": 1, "limit": 900}
    found = []
    for work, rows in FREE.items():
        given: dict[str, Any] = {"params": {"rows": rows}, **(once if rows > 2e8 else thrice)}
        found += [
            Case(work, OURS, run=ours, prepare=prepared, answer=our_answer, **given),
            Case(
                work,
                "duckdb alone",
                run=duckdb_alone,
                prepare=prepared,
                answer=table_answer,
                needs=("duckdb",),
                **given,
            ),
        ]
    found.append(
        Case(
            "100 M rows",
            f"{OURS} on Dask",
            run=by_dask,
            prepare=with_cluster,
            params={"rows": FREE["100 M rows"]},
            answer=our_answer,
            needs=("distributed",),
            **thrice,
        )
    )
    for work, rows in FIXED.items():
        given = {"params": {"rows": rows, "edges": FIXED_PAIRS}, **once}
        found.append(Case(work, OURS, run=ours, prepare=prepared, answer=our_answer, **given))
    return found
