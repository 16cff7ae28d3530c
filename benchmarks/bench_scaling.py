"""How time grows with edges: census, random graph and building, ours beside the peers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import bench_motifs, bench_nulls
from benchmarks.bench_motifs import as_igraph, as_networkx, as_ours
from benchmarks.harness import OURS, Case

TITLE = "Time against edges"
ABOUT = (
    "Graphs of 20 edges a neuron, drawn like the whole brains of the other sections, from a "
    "hundred thousand to ten million edges: the triad census, one random graph that keeps every "
    "in- and out-degree (ours by 12 passes of trades, igraph and networkit by 10 attempted "
    "switches an edge), and rows in no order to a graph of ours or a grouped table. A peer stops "
    "where the next size would take it minutes. The picture shows these rows."
)
SIZES = {"100 k": "C5.0", "300 k": "C5.5", "1 M": "C6.0", "3 M": "C6.5", "10 M": "C7.0"}
CENSUS, SAMPLE, BUILD = "census", "random graph", "build"


def as_rows(size: str) -> Any:
    """Return the edges of one size as rows in no order, and the neurons."""
    import numpy as np
    import pandas as pd

    import connectome_graph  # noqa: F401  (loaded outside the clock)
    from benchmarks import tables

    drawn = tables.edges(size)
    order = np.random.default_rng(0).permutation(len(drawn.pre))
    rows = pd.DataFrame({"pre": drawn.ids[drawn.pre[order]], "post": drawn.ids[drawn.post[order]]})
    return rows, pd.DataFrame({"root_id": drawn.ids})


def ours_built(given: tuple[Any, Any]) -> int:
    import connectome_graph as cg

    return int(cg.from_tables(*given).n_edges)


def pandas_grouped(given: tuple[Any, Any]) -> int:
    return len(given[0].groupby(["pre", "post"], sort=False).size())


def as_polars(size: str) -> Any:
    import polars as pl

    return pl.from_pandas(as_rows(size)[0])


def polars_grouped(rows: Any) -> int:
    import polars as pl

    return int(rows.group_by(["pre", "post"]).agg(pl.len()).height)


#: Work, library, what runs, what prepares, the answer, the library it needs, and the largest size.
Function = Callable[..., Any]
Peer = tuple[str, str, Function, Function, Function | None, tuple[str, ...], str]
PEERS: list[Peer] = [
    (CENSUS, OURS, bench_motifs.ours_census, as_ours, bench_motifs.as_numbers, (), "10 M"),
    (
        CENSUS, "GraphBLAS", bench_motifs.graphblas_census, bench_motifs.as_graphblas,
        bench_motifs.as_numbers, ("graphblas",), "10 M",
    ),
    (
        CENSUS, "igraph", bench_motifs.igraph_census, as_igraph, bench_motifs.as_numbers,
        ("igraph",), "1 M",
    ),
    (
        CENSUS, "networkx", bench_motifs.networkx_census, as_networkx, bench_motifs.as_numbers,
        ("networkx",), "300 k",
    ),
    (SAMPLE, OURS, bench_nulls.ours_switched, as_ours, None, (), "10 M"),
    (SAMPLE, "igraph", bench_nulls.igraph_switched, as_igraph, None, ("igraph",), "3 M"),
    (
        SAMPLE, "networkit", bench_nulls.networkit_switched, bench_nulls.as_networkit, None,
        ("networkit",), "1 M",
    ),
    (BUILD, OURS, ours_built, as_rows, int, (), "10 M"),
    (BUILD, "pandas groupby", pandas_grouped, as_rows, int, (), "10 M"),
    (BUILD, "polars group_by", polars_grouped, as_polars, int, ("polars",), "10 M"),
]  # fmt: skip


def cases() -> list[Case]:
    """Return every size of every work, ours first."""
    order = list(SIZES)
    found = []
    for work in (CENSUS, SAMPLE, BUILD):
        for edges, size in SIZES.items():
            for of, name, run, prepare, answer, needs, largest in PEERS:
                if of != work or order.index(edges) > order.index(largest):
                    continue
                once = name != OURS and order.index(edges) >= order.index("1 M")
                found.append(
                    Case(
                        f"{work}, {edges} edges", name, run, prepare, {"size": size}, answer,
                        repeats=1 if once else 3, warmups=int(not once), needs=needs, limit=120.0,
                        memory=False,
                    )
                )  # fmt: skip
    return found
