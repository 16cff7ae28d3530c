"""From synapse rows to a graph and its weights, beside the group-bys of table libraries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.harness import OURS, Case

TITLE = "Synapse rows to edges and weights"
ABOUT = (
    "Rows of (pre, post, size) in memory, 18-digit ids in no order. Ours is the whole of "
    "from_tables (ids checked against the neuron table, synapses sorted, provenance) and then "
    "counts, sums and log-sums as sparse matrices. The peers group by (pre, post) into count, sum "
    "and log of sum; 'to CSR' then gives them what ours ends with: positions of the ids in the "
    "neuron table by pandas' hash index, and three scipy matrices that share one sorted structure. "
    "The rows without it stop at the grouped table, without ids checked, without matrices. The "
    "pivot is what the public MICrONS tutorial does, and gives one weight."
)
SMALL, LARGE = "2.09 M rows to 1.26 M edges", "54 M rows to 15 M edges"
KEYS = ["pre_root_id", "post_root_id"]


def given(size: str) -> tuple[Any, Any]:
    import pandas as pd

    from benchmarks import tables

    neurons = pd.DataFrame({"root_id": tables.edges(size).ids})
    return pd.read_parquet(tables.synapses(size)), neurons


def given_polars(size: str) -> tuple[Any, Any]:
    import polars as pl

    frame, neurons = given(size)
    return pl.from_pandas(frame), neurons


def ours(given: tuple[Any, Any]) -> Any:
    import connectome_graph as cg

    g = cg.from_tables(*given)
    return g, [g.adjacency(weight) for weight in ("count", "sum", "log_sum")]


def our_answer(result: Any) -> list[float]:
    g, matrices = result
    return matrices_answer(matrices, g.n_autapses)


def matrices_answer(matrices: Any, autapses: int = 0) -> list[float]:
    count, total, logs = matrices
    return [count.nnz + autapses, int(count.sum()), float(total.sum()), float(logs.sum())]


def pandas_groupby(given: tuple[Any, Any]) -> Any:
    import numpy as np

    frame, _ = given
    table = frame.groupby(KEYS, sort=False)["size"].agg(["count", "sum"])
    return table.assign(log_sum=np.log(table["sum"]))


def pandas_pivot(given: tuple[Any, Any]) -> Any:
    frame, _ = given
    return frame.pivot_table(
        index="pre_root_id", columns="post_root_id", values="size", aggfunc="sum", fill_value=0
    )


def polars_groupby(given: tuple[Any, Any]) -> Any:
    import polars as pl

    frame, _ = given
    return frame.group_by(KEYS).agg(
        pl.len().alias("count"),
        pl.col("size").sum().alias("sum"),
        pl.col("size").sum().log().alias("log_sum"),
    )


def duckdb_groupby(given: tuple[Any, Any]) -> Any:
    import duckdb

    frame, _ = given  # duckdb finds it by name
    assert frame is not None
    query = (
        "SELECT pre_root_id, post_root_id, count(*) AS count, sum(size)::BIGINT AS sum, "
        "ln(sum(size)) AS log_sum FROM frame GROUP BY ALL"
    )
    return duckdb.sql(query).to_arrow_table()


def matrices(table: Any, neurons: Any) -> list[Any]:
    """Return count, sum and log of sum of a grouped table as scipy matrices over the neurons."""
    import numpy as np
    import pandas as pd
    import scipy.sparse

    position = pd.Index(neurons["root_id"])
    pre, post = (position.get_indexer(np.asarray(table[name])) for name in KEYS)
    entry = np.arange(len(pre))
    shape = len(neurons), len(neurons)
    order = scipy.sparse.csr_array((entry, (pre, post)), shape=shape)
    return [
        scipy.sparse.csr_array(
            (np.asarray(table[name])[order.data], order.indices, order.indptr), shape=shape
        )
        for name in ("count", "sum", "log_sum")
    ]


def pandas_matrices(given: tuple[Any, Any]) -> Any:
    return matrices(pandas_groupby(given).reset_index(), given[1])


def polars_matrices(given: tuple[Any, Any]) -> Any:
    return matrices(polars_groupby(given), given[1])


def duckdb_matrices(given: tuple[Any, Any]) -> Any:
    return matrices(duckdb_groupby(given), given[1])


def table_answer(table: Any) -> list[float]:
    import numpy as np

    columns = [np.asarray(table[name]) for name in ("count", "sum", "log_sum")]
    return [len(columns[0]), *(sum_of(column) for column in columns)]


def sum_of(column: Any) -> float:
    return int(column.sum()) if column.dtype.kind in "iu" else float(column.astype(float).sum())


def cases() -> list[Case]:
    found = []
    peers: list[tuple[str, Callable[..., Any], Callable[..., Any], Callable[..., Any]]] = [
        ("pandas groupby", given, pandas_groupby, pandas_matrices),
        ("polars group_by", given_polars, polars_groupby, polars_matrices),
        ("duckdb GROUP BY", given, duckdb_groupby, duckdb_matrices),
    ]
    for work, size, repeats in ((SMALL, "M", 9), (LARGE, "XL", 1)):
        options: dict[str, Any] = {"params": {"size": size}, "repeats": repeats, "limit": 600}
        found.append(
            Case(work, OURS, run=ours, prepare=given, answer=our_answer, warmups=1, **options)
        )
        # the peers have nothing to compile: the long runs do without a warm-up
        options["warmups"] = int(repeats > 1)
        for name, prepare, grouped, to_matrices in peers:
            options["needs"] = (name.split()[0],)
            if size == "M":
                found.append(
                    Case(
                        work,
                        f"{name}, to CSR",
                        run=to_matrices,
                        prepare=prepare,
                        answer=matrices_answer,
                        **options,
                    )
                )
            found.append(
                Case(work, name, run=grouped, prepare=prepare, answer=table_answer, **options)
            )
    pivot = Case(
        SMALL,
        "pandas pivot_table",
        run=pandas_pivot,
        prepare=given,
        params={"size": "M"},
        repeats=1,
        warmups=0,
        limit=600,
        note="one weight only, as in the public tutorial",
    )
    return [*found[:7], pivot, *found[7:]]
