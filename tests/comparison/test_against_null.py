"""compare: the same numbers whoever draws them, kept through Ctrl-C and kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import nulls
from connectome_graph.comparison import Comparison, PartialResult, compare
from connectome_graph.errors import InvalidArgument, UnreadableFile


def mutual(g):
    matrix = g.adjacency("binary")
    return int((matrix * matrix.T).sum()) // 2


def several(g):
    return {"edges": g.n_edges, "in": pd.Series(np.bincount(g.edge_codes[1])[:3], index=[0, 1, 2])}


def sparse_table(g):
    """Return a row for every synapse count that some edge has."""
    counts = pd.Series(g.edge_counts).value_counts().sort_index()
    return pd.DataFrame({"kind": [f"count {c}" for c in counts.index], "edges": counts.to_numpy()})


def thinned(g, rng):
    """Keep each edge with probability 0.3: a null that is only a function."""
    pre, post = g.edge_codes
    keep = rng.random(len(pre)) < 0.3
    return g.rewired(
        pre[keep], post[keep], columns={"count": g.edge_counts[keep]}, verb="thin", sentence="."
    )


@pytest.fixture(scope="module")
def reference(random_graph):
    return compare(random_graph, mutual, null=nulls.Configuration(), n=40, seed=5)


def test_table_says_what_the_samples_say(random_graph, reference):
    row = reference.table.loc["mutual"]
    samples = reference.samples["mutual"]
    assert row["observed"] == mutual(random_graph)
    assert row["mean"] == samples.mean()
    assert row["sd"] == pytest.approx(samples.std())
    assert row["z"] == pytest.approx((row["observed"] - samples.mean()) / samples.std())
    assert row["ratio"] == row["observed"] / samples.mean()
    assert (row["low"], row["high"]) == tuple(samples.quantile([0.025, 0.975]))
    above = 1 + (samples >= row["observed"]).sum()
    below = 1 + (samples <= row["observed"]).sum()
    assert row["p"] == min(1, 2 * min(above, below) / 41)
    assert row["p_floor"] == 2 / 41
    assert reference.samples["mutual"].dtype == np.int64
    assert reference.complete
    assert "40 samples" in repr(reference)


def test_a_sample_can_be_drawn_again_from_its_stream(random_graph, reference):
    again = nulls.Configuration().sample(random_graph, reference.stream(17))
    assert mutual(again) == reference.samples.loc[17, "mutual"]


@pytest.mark.parametrize("workers", [1, 3])
def test_threads_do_not_change_numbers(random_graph, reference, workers):
    with ThreadPoolExecutor(workers) as pool:
        found = compare(
            random_graph, mutual, null=nulls.Configuration(), n=40, seed=5, executor=pool
        )
    pd.testing.assert_frame_equal(found.samples, reference.samples)


def test_processes_do_not_change_numbers():
    g = cg.from_adjacency(np.random.default_rng(0).integers(0, 2, (12, 12)))
    null = nulls.Configuration()
    here = compare(g, cg.stats.dyads, null=null, n=8, seed=5)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        there = compare(g, cg.stats.dyads, null=null, n=8, seed=5, executor=pool)
    pd.testing.assert_frame_equal(here.samples, there.samples)


def test_more_samples_begin_with_the_same_ones(random_graph, reference):
    longer = compare(random_graph, mutual, null=nulls.Configuration(), n=50, seed=5)
    pd.testing.assert_frame_equal(longer.samples.iloc[:40], reference.samples)


def test_seeds(random_graph):
    def draw(seed):
        return compare(random_graph, mutual, null=nulls.Configuration(), n=5, seed=seed).samples

    assert draw(3).equals(draw(np.random.SeedSequence(3)))
    assert draw(np.random.default_rng(3)).equals(draw(np.random.default_rng(3)))
    rng = np.random.default_rng(3)
    assert not draw(rng).equals(draw(rng))
    assert not draw(None).equals(draw(None))
    for wrong in ("7", 1.5, True, -1):
        with pytest.raises(InvalidArgument, match="seed"):
            draw(wrong)


def test_any_function_is_a_null_and_any_result_a_statistic(random_graph):
    found = compare(random_graph, several, null=thinned, n=6, seed=1)
    assert found.observed.loc[("edges", "")] == random_graph.n_edges
    assert (found.samples[("edges", "")] < random_graph.n_edges).all()
    assert found.samples.shape == (6, 4)


def test_components_that_only_some_graphs_report(random_graph):
    few = random_graph.threshold(min_synapses=3)
    found = compare(few, sparse_table, null=lambda g, rng: thinned(random_graph, rng), n=6, seed=1)
    assert found.observed["count 1"] == 0
    assert (found.samples["count 1"] > 0).all()
    assert not found.samples.isna().any().any()
    missing = compare(
        few, sparse_table, null=lambda g, rng: thinned(random_graph, rng), n=6, seed=1,
        absent=np.nan,
    )  # fmt: skip
    assert np.isnan(missing.table.loc["count 1", "p"])


def test_take_adjusts_for_the_chosen_components_alone(random_graph):
    found = compare(random_graph, several, null=thinned, n=20, seed=1)
    part = found.take([("edges", "")])
    assert part.table["p_max_t"].iloc[0] == 1 / 21
    assert list(part.samples.columns) == [("edges", "")]
    with pytest.raises(KeyError, match="no component"):
        found.take(["nothing"])


def test_interrupt_keeps_what_is_done(random_graph):
    calls = []

    def interrupted(g):
        calls.append(1)
        if len(calls) == 12:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)
        return g.n_edges

    with (
        ThreadPoolExecutor(1) as pool,
        pytest.warns(PartialResult, match="of 1,000 samples"),
    ):
        found = compare(random_graph, interrupted, null=thinned, n=1000, seed=1, executor=pool)
    assert not found.complete
    assert 2 <= found.n < 1000
    assert "INTERRUPTED" in repr(found)
    whole = compare(random_graph, lambda g: {"interrupted": g.n_edges}, null=thinned, n=60, seed=1)
    common = found.samples.index.intersection(whole.samples.index)
    assert len(common) >= 2
    pd.testing.assert_frame_equal(found.samples.loc[common], whole.samples.loc[common])


KILLED = """
    import os, sys, time
    import numpy as np
    import connectome_graph as cg
    from connectome_graph import nulls
    from connectome_graph.comparison import compare, _ensemble as ensemble

    ensemble._PAUSE = 0.0
    calls = []

    def edges(g):
        calls.append(1)
        if len(calls) > 6 and "SLOW" in os.environ:
            time.sleep(30)
        matrix = g.adjacency("binary")
        return {"mutual": int((matrix * matrix.T).sum()), "edges": g.n_edges}

    g = cg.from_adjacency(np.random.default_rng(0).integers(0, 2, (12, 12)))
    found = compare(g, edges, null=nulls.Configuration(), n=20, seed=9, checkpoint=sys.argv[1])
    found.samples.to_csv(sys.argv[2])
"""


def test_killed_run_goes_on_with_the_same_result(tmp_path):
    def start(checkpoint, *, slow):
        code = textwrap.dedent(KILLED)
        arguments = [sys.executable, "-c", code, checkpoint, tmp_path / "samples.csv"]
        environment = os.environ | ({"SLOW": "1"} if slow else {})
        return subprocess.Popen(list(map(str, arguments)), env=environment)

    checkpoint = tmp_path / "run.npz"
    process = start(checkpoint, slow=True)
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.05)
    process.kill()
    process.wait()
    with np.load(checkpoint, allow_pickle=False) as stored:
        assert 0 < len(stored["numbers"]) < 20
    # as if it had been killed while it wrote
    (tmp_path / ".run.npz.0123456789ab.partial").write_bytes(b"half")
    results = []
    for path in (checkpoint, tmp_path / "anew.npz"):
        assert start(path, slow=False).wait() == 0
        results.append((tmp_path / "samples.csv").read_text())
    assert results[0] == results[1]
    assert [file.name for file in tmp_path.glob(".*")] == []


def test_checkpoint_of_another_run_is_refused(random_graph, tmp_path):
    path = tmp_path / "run.npz"
    first = compare(random_graph, mutual, null=nulls.Configuration(), n=4, seed=1, checkpoint=path)
    others = {
        "graph": (random_graph.threshold(min_synapses=2), nulls.Configuration(), mutual, 1),
        "null": (random_graph, nulls.Configuration(swaps_per_edge=60), mutual, 1),
        "statistic": (random_graph, nulls.Configuration(), several, 1),
        "entropy": (random_graph, nulls.Configuration(), mutual, 2),
    }
    for key, (g, null, statistic, seed) in others.items():
        with pytest.raises(InvalidArgument, match=f"{key}: "):
            compare(g, statistic, null=null, n=4, seed=seed, checkpoint=path)
    more = compare(
        random_graph, mutual, null=nulls.Configuration(), n=6, seed=None, checkpoint=path
    )
    pd.testing.assert_frame_equal(more.samples.iloc[:4], first.samples)
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(UnreadableFile, match="not a checkpoint"):
        compare(random_graph, mutual, null=nulls.Configuration(), n=4, seed=1, checkpoint=path)


def test_checkpoint_keeps_labels_of_every_kind(random_graph, tmp_path):
    def draw(**more):
        return compare(
            random_graph, sparse_table, null=thinned, n=6, seed=1, checkpoint=tmp_path / "a.npz",
            **more,
        )  # fmt: skip

    assert draw().samples.equals(draw().samples)
    assert draw(absent=np.nan).table.equals(draw(absent=np.nan).table)


def test_a_failing_statistic_says_in_which_sample(random_graph):
    def fails(g):
        if g.n_edges < random_graph.n_edges:
            raise ZeroDivisionError("no edges left")
        return 1

    with pytest.raises(ZeroDivisionError) as caught:
        compare(random_graph, fails, null=thinned, n=4, seed=1)
    assert "sample" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    "change",
    [
        {"n": 0}, {"n": 2.5}, {"n": True}, {"level": 1}, {"null": nulls.Configuration},
        {"null": "Configuration"}, {"executor": 4},
    ],
)  # fmt: skip
def test_arguments_out_of_range_are_refused(random_graph, change):
    arguments = {"null": nulls.Configuration(), "n": 3, "seed": 1} | change
    with pytest.raises(InvalidArgument):
        compare(random_graph, mutual, **arguments)


@pytest.mark.parametrize("statistic", [5, lambda g: "text", lambda g: [1, 2]])
def test_what_is_no_statistic_is_refused(random_graph, statistic):
    with pytest.raises(InvalidArgument, match="statistic"):
        compare(random_graph, statistic, null=nulls.Configuration(), n=3, seed=1)


def test_the_graph_is_not_changed(random_graph):
    before = random_graph.edges, random_graph.neurons
    compare(random_graph, mutual, null=nulls.Configuration(), n=3, seed=1)
    pd.testing.assert_frame_equal(random_graph.edges, before[0])
    pd.testing.assert_frame_equal(random_graph.neurons, before[1])


def test_provenance_tells_null_seed_and_number(reference):
    step = reference.provenance.steps[-1]
    assert isinstance(reference, Comparison)
    assert step.facts["entropy"] == "5"
    assert step.facts["keeps"]["in_degree"] == "exact"
    assert "40 random graphs (Configuration(swaps_per_edge='auto'))" in step.sentence


@pytest.mark.extras
def test_a_dask_client_is_an_executor(random_graph, reference):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = compare(
            random_graph,
            mutual,
            null=nulls.Configuration(),
            n=40,
            seed=5,
            executor=client.get_executor(),
        )
    pd.testing.assert_frame_equal(found.samples, reference.samples)
