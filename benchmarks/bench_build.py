"""From synapse rows to a graph and its weights, beside the group-bys of table libraries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.harness import OURS, Case

TITLE = "Synapse rows to edges and weights"
ABOUT = (
    "Rows of (pre, post, size) in memory, 18-digit ids in no order. Ours is the whole of "
    "from_tables (ids checked against the neuron table, synapses sorted, provenance) and then "
    "counts, sums and log-sums as sparse matrices; the peers group by (pre, post) and give count, "
    "sum and log of sum, without ids checked, without matrices. The pivot is what the public "
    "MICrONS tutorial does, and gives one weight."
)
SMALL, LARGE = "2.09 M rows to 1.26 M edges", "54 M rows to 15 M edges"


def _frame(size: str) -> Any:
    import pandas as pd

    from benchmarks import tables

    return pd.read_parquet(tables.synapses(size))


def as_ours(size: str) -> tuple[Any, Any]:
    import pandas as pd

    from benchmarks import tables

    return _frame(size), pd.DataFrame({"root_id": tables.edges(size).ids})


def ours(given: tuple[Any, Any]) -> Any:
    import connectome_graph as cg

    g = cg.from_tables(*given)
    return g, [g.adjacency(weight) for weight in ("count", "sum", "log_sum")]


def our_answer(result: Any) -> list[float]:
    g, (count, total, _) = result
    return [count.nnz + g.n_autapses, int(g.n_synapses), total.nnz == count.nnz]


def as_pandas(size: str) -> Any:
    return _frame(size)


def pandas_groupby(frame: Any) -> Any:
    import numpy as np

    keys = ["pre_root_id", "post_root_id"]
    table = frame.groupby(keys, sort=False)["size"].agg(["count", "sum"])
    return table.assign(log_sum=np.log(table["sum"]))


def pandas_answer(table: Any) -> list[float]:
    return [len(table), int(table["count"].sum()), True]


def pandas_pivot(frame: Any) -> Any:
    return frame.pivot_table(
        index="pre_root_id", columns="post_root_id", values="size", aggfunc="sum", fill_value=0
    )


def as_polars(size: str) -> Any:
    import polars as pl

    return pl.from_pandas(_frame(size))


def polars_groupby(frame: Any) -> Any:
    import polars as pl

    return frame.group_by("pre_root_id", "post_root_id").agg(
        pl.len().alias("count"),
        pl.col("size").sum().alias("sum"),
        pl.col("size").sum().log().alias("log_sum"),
    )


def duckdb_groupby(frame: Any) -> Any:  # noqa: ARG001  (duckdb finds it by name)
    import duckdb

    query = (
        "SELECT pre_root_id, post_root_id, count(*) AS count, sum(size) AS sum, "
        "ln(sum(size)) AS log_sum FROM frame GROUP BY ALL"
    )
    return duckdb.sql(query).to_arrow_table()


def table_answer(table: Any) -> list[float]:
    import numpy as np

    counts = np.asarray(table["count"])
    return [len(counts), int(counts.sum()), True]


def cases() -> list[Case]:
    found = []
    peers: list[tuple[str, Callable[..., Any], Callable[..., Any], Callable[..., Any], str]] = [
        ("pandas groupby", as_pandas, pandas_groupby, pandas_answer, "pandas"),
        ("polars group_by", as_polars, polars_groupby, table_answer, "polars"),
        ("duckdb GROUP BY", as_pandas, duckdb_groupby, table_answer, "duckdb"),
    ]
    for work, size, repeats in ((SMALL, "M", 7), (LARGE, "XL", 1)):
        options: dict[str, Any] = {
            "params": {"size": size},
            "repeats": repeats,
            "limit": 600,
        }
        found.append(
            Case(work, OURS, run=ours, prepare=as_ours, answer=our_answer, warmups=1, **options)
        )
        # the peers have nothing to compile: the long runs do without a warm-up
        options["warmups"] = int(repeats > 1)
        found += [
            Case(work, name, run=run, prepare=prepare, answer=answer, needs=(library,), **options)
            for name, prepare, run, answer, library in peers
        ]
    found.insert(
        4,
        Case(
            SMALL,
            "pandas pivot_table",
            run=pandas_pivot,
            prepare=as_pandas,
            params={"size": "M"},
            repeats=1,
            warmups=0,
            limit=600,
            note="one weight only, as in the public tutorial",
        ),
    )
    return found
