"""A census of edges that stay on disk, in this process and on a Dask cluster of processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.bench_motifs import as_numbers, as_ours, ours_census
from benchmarks.harness import OURS, Case
from benchmarks.tables import cache_folder

TITLE = "Census of edges on disk"
ABOUT = (
    "The triad census of 139,000 neurons in three ways: of the graph in memory with all "
    "processors; of a folder of Parquet edges, in this process and by blocks in a temporary "
    "folder; and of the same folder on a Dask LocalCluster of one or two worker processes of one "
    "thread each. The cluster is started outside the clock, reading the edges is inside. Workers' "
    "memory is not in the peak of the client."
)
SIZES = {"census, 2.7 M edges": "L", "census, 15 M edges": "XL"}
PARTS = 8


def folder_of(size: str) -> Path:
    """Return the edges of one size as ``edges_to_parquet`` lays them out, made once."""
    import shutil

    import numpy as np
    import pandas as pd

    from benchmarks import tables

    folder = cache_folder() / f"{size}-folder-v{tables.VERSION}"
    if folder.exists():
        return folder
    drawn = tables.edges(size)
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / "edges").mkdir(parents=True)
    neurons = pd.DataFrame({"root_id": drawn.ids, "code": np.arange(drawn.n, dtype=np.int32)})
    neurons.to_parquet(unfinished / "neurons.parquet", index=False)
    cuts = np.linspace(0, drawn.n, PARTS + 1).astype(np.int64)
    for part, (start, stop) in enumerate(np.searchsorted(drawn.pre, [cuts[:-1], cuts[1:]]).T):
        pre, post = drawn.pre[start:stop], drawn.post[start:stop]
        columns = {
            "pre": drawn.ids[pre], "post": drawn.ids[post], "pre_code": pre, "post_code": post,
            "count": np.ones(len(pre), np.int64),
        }  # fmt: skip
        path = unfinished / "edges" / f"part-{part:05d}.parquet"
        pd.DataFrame(columns).to_parquet(path, compression="zstd", row_group_size=250_000)
    unfinished.rename(folder)
    return folder


def with_cluster(n_workers: int) -> Any:
    from distributed import Client, LocalCluster

    cluster = LocalCluster(
        n_workers=n_workers, threads_per_worker=1, processes=True, dashboard_address=None
    )
    return Client(cluster)


def on_disk(size: str) -> Any:
    import connectome_graph as cg

    return cg.engine.open_edges(folder_of(size)), "duckdb"


def on_cluster(size: str, workers: int) -> Any:
    return on_disk(size)[0], with_cluster(workers)


def census_there(given: Any) -> Any:
    import connectome_graph as cg

    edges, engine = given
    return cg.engine.triad_census(edges, engine=engine)


def cases() -> list[Case]:
    """Return the census and the ensemble, in memory first."""
    found = []
    needs = ("distributed",)
    for work, size in SIZES.items():
        given = {"size": size}
        repeats: dict[str, Any] = {"repeats": 1, "warmups": 1, "answer": as_numbers}
        found += [
            Case(work, OURS, ours_census, as_ours, given, **repeats),
            Case(work, f"{OURS}, edges on disk", census_there, on_disk, given, **repeats),
        ]
        for workers in (1, 2):
            name = f"{OURS} on Dask, {workers} worker{'s' * (workers > 1)}"
            there = {**given, "workers": workers}
            found.append(Case(work, name, census_there, on_cluster, there, needs=needs, **repeats))
    return found
