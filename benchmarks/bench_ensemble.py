"""An ensemble of random whole brains, by threads and by the processes of a Dask cluster."""

from __future__ import annotations

from typing import Any

from benchmarks.bench_cluster import with_cluster
from benchmarks.bench_motifs import as_numbers, as_ours
from benchmarks.harness import OURS, Case

TITLE = "An ensemble on a cluster"
ABOUT = (
    "10 random graphs of 139,000 neurons and 2.7 M edges with a census each, by threads and by two "
    "worker processes of one thread each of a Dask LocalCluster. The cluster is started outside "
    "the clock; the graph is sent to it inside. The numbers are the same. Workers' memory is not "
    "in the peak of the client."
)
WORK = "10 nulls with census, 2.7 M edges"


def by_threads(size: str) -> Any:
    return as_ours(size), None


def by_workers(size: str, workers: int) -> Any:
    return as_ours(size), with_cluster(workers)


def ensemble(given: Any) -> Any:
    from connectome_graph import compare, motifs, nulls

    g, executor = given
    null = nulls.Configuration(swaps_per_edge=12)
    found = compare(g, motifs.triad_census, null=null, n=10, seed=1, executor=executor)
    return found.samples.to_numpy().ravel()


def cases() -> list[Case]:
    """Return the ensemble by threads and by workers."""
    once: dict[str, Any] = {"repeats": 1, "warmups": 1, "answer": as_numbers, "limit": 300}
    return [
        Case(WORK, OURS, ensemble, by_threads, {"size": "L"}, **once),
        Case(
            WORK, f"{OURS} on Dask, 2 workers", ensemble, by_workers, {"size": "L", "workers": 2},
            needs=("distributed",), **once,
        ),
    ]  # fmt: skip
