"""Ensembles on a Dask cluster of processes: sent once, streamed back, and no number changed."""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import partial

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import motifs, nulls
from connectome_graph.comparison import PartialResult, _on_cluster, compare
from connectome_graph.comparison._checkpoint import Checkpoint
from connectome_graph.errors import InvalidArgument, RemoteError

distributed = pytest.importorskip("distributed", reason="needs dask[distributed]")

pytestmark = [pytest.mark.extras, pytest.mark.filterwarnings("ignore::ResourceWarning")]

CONFIGURATION = nulls.Configuration()


def cluster_of(n_workers):
    return distributed.LocalCluster(
        n_workers=n_workers, threads_per_worker=1, processes=True, dashboard_address=":0"
    )


@pytest.fixture(scope="module")
def client():
    with cluster_of(2) as cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def expected(random_graph):
    return compare(random_graph, motifs.triad_census, null=CONFIGURATION, n=30, seed=5)


def noted(g, *, folder, seconds=0.05):
    """Count edges both ways, slowly, and leave a file for every graph counted."""
    time.sleep(seconds)
    (folder / f"{os.getpid()}-{time.monotonic_ns()}").touch()
    matrix = g.adjacency("binary")
    return int((matrix * matrix.T).sum())


def test_the_numbers_are_those_in_memory(random_graph, client, expected, monkeypatch):
    sent = []
    scatter = client.scatter
    monkeypatch.setattr(client, "scatter", lambda *a, **k: sent.append(a) or scatter(*a, **k))
    found = compare(
        random_graph, motifs.triad_census, null=CONFIGURATION, n=30, seed=5, executor=client
    )
    pd.testing.assert_frame_equal(found.samples, expected.samples)
    pd.testing.assert_frame_equal(found.table, expected.table)
    assert len(sent) == 1


def test_significance_and_two_graphs_run_there_too(random_graph, client):
    options = {"n": 9, "seed": 2, "by": "cell_type"}
    here = motifs.significance(random_graph, **options)
    there = motifs.significance(random_graph, executor=client, **options)
    pd.testing.assert_frame_equal(here.table, there.table)
    other = random_graph.threshold(min_synapses=2)
    options = {"n": 9, "seed": 2}
    here = cg.compare_graphs(random_graph, other, motifs.triad_census, **options)
    there = cg.compare_graphs(random_graph, other, motifs.triad_census, executor=client, **options)
    pd.testing.assert_frame_equal(here.samples, there.samples)


def killed_on_the_way(client, g, statistic, folder, *, n, **options):
    """Return a comparison in the middle of which a worker is killed with SIGKILL."""
    pids = client.run(os.getpid)
    result = {}

    def run():
        result["found"] = compare(
            g, statistic, null=CONFIGURATION, n=n, seed=5, executor=client, **options
        )

    job = threading.Thread(target=run)
    job.start()
    while len(list(folder.iterdir())) < 5 and job.is_alive():
        time.sleep(0.01)
    assert job.is_alive()
    os.kill(next(iter(pids.values())), signal.SIGKILL)
    job.join(timeout=120)
    return result["found"]


def test_a_worker_that_dies_costs_only_its_samples(random_graph, client, tmp_path):
    statistic = partial(noted, folder=tmp_path)
    found = killed_on_the_way(client, random_graph, statistic, tmp_path, n=40)
    n_counted = len(list(tmp_path.iterdir()))
    reference = compare(
        random_graph, partial(noted, folder=tmp_path, seconds=0), null=CONFIGURATION, n=40, seed=5
    )
    pd.testing.assert_frame_equal(found.samples, reference.samples)
    # 40 samples and the observed graph; the killed worker's own samples are drawn once more
    assert 41 <= n_counted < 41 + 40
    client.wait_for_workers(2, timeout=60)


def test_when_the_last_copy_of_the_graph_dies_it_is_sent_anew(random_graph, tmp_path):
    with cluster_of(1) as cluster, distributed.Client(cluster) as client:
        statistic = partial(noted, folder=tmp_path)
        found = killed_on_the_way(client, random_graph, statistic, tmp_path, n=30)
    reference = compare(
        random_graph, partial(noted, folder=tmp_path, seconds=0), null=CONFIGURATION, n=30, seed=5
    )
    pd.testing.assert_frame_equal(found.samples, reference.samples)


def test_a_checkpoint_goes_on_with_other_workers(random_graph, client, expected, tmp_path):
    options = {"null": CONFIGURATION, "seed": 5, "checkpoint": tmp_path / "run.npz"}
    compare(random_graph, motifs.triad_census, n=12, executor=client, **options)
    with np.load(tmp_path / "run.npz", allow_pickle=False) as stored:
        assert stored["numbers"].tolist() == list(range(12))
    found = compare(random_graph, motifs.triad_census, n=30, **options)
    pd.testing.assert_frame_equal(found.samples, expected.samples)
    again = compare(random_graph, motifs.triad_census, n=30, executor=client, **options)
    pd.testing.assert_frame_equal(again.samples, expected.samples)


def test_samples_are_kept_as_they_come(random_graph, client, tmp_path, monkeypatch):
    """A checkpoint is written on the way, not when all samples are there."""
    monkeypatch.setattr("connectome_graph.comparison._ensemble._PAUSE", 0.0)
    sizes = []
    real = Checkpoint.save
    monkeypatch.setattr(
        Checkpoint, "save", lambda self, rows: (sizes.append(len(rows)), real(self, rows))[1]
    )
    compare(
        random_graph, motifs.triad_census, null=CONFIGURATION, n=10, seed=5, executor=client,
        checkpoint=tmp_path / "run.npz",
    )  # fmt: skip
    assert len(sizes) > 3
    assert sizes == sorted(sizes)


def test_ctrl_c_keeps_what_is_done(random_graph, client, monkeypatch):
    kept = []

    def interrupt(future, _result=_on_cluster._result):
        kept.append(future)
        if len(kept) > 4:
            raise KeyboardInterrupt
        return _result(future)

    monkeypatch.setattr(_on_cluster, "_result", interrupt)
    with pytest.warns(PartialResult, match="4 of 500"):
        found = compare(
            random_graph, motifs.triad_census, null=CONFIGURATION, n=500, seed=5, executor=client
        )
    assert found.n == 4
    assert not found.complete


def test_a_statistic_that_fails_says_in_which_sample(random_graph, client):
    options = {"null": CONFIGURATION, "n": 50, "seed": 5}
    with pytest.raises(ValueError, match="no number for") as told:
        compare(random_graph, failing_in_samples, executor=client, **options)
    assert "sample" in told.value.__notes__[0]


def failing_in_samples(g):
    # the observed graph has parallel synapses, its rewired samples have a provenance of their own
    if any(step.verb != g.provenance.steps[0].verb for step in g.provenance.steps):
        raise ValueError("no number for this graph")
    return 1


def test_what_is_no_executor_is_refused(random_graph):
    with pytest.raises(InvalidArgument, match="executor"):
        compare(random_graph, motifs.triad_census, null=CONFIGURATION, n=3, executor="dask")


def test_a_cluster_that_loses_all_its_workers_again_and_again(random_graph, client, monkeypatch):
    monkeypatch.setattr(_on_cluster, "_once", lambda *_: None)
    with pytest.raises(RemoteError, match="lost its workers"):
        compare(random_graph, motifs.triad_census, null=CONFIGURATION, n=3, executor=client)
