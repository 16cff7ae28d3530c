"""The census of edges on disk: that of the same edges in memory, however they are cut."""

from __future__ import annotations

import os
import signal
import threading
import time

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph import engine
from connectome_graph.errors import InvalidArgument, UnreadableFile
from connectome_graph.motifs import _blocks, triad_census
from definitions.motifs import census as census_by_definition

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def written(folder, pre, post, neurons, *, n_parts=1, row_group_size=1000):
    """Write edges between positions of a neuron table as ``edges_to_parquet`` lays them out."""
    (folder / "edges").mkdir(parents=True)
    neurons.assign(code=np.arange(len(neurons), dtype=np.int32)).to_parquet(
        folder / "neurons.parquet"
    )
    ids = neurons["root_id"].to_numpy()
    table = pd.DataFrame(
        {
            "pre": ids[pre], "post": ids[post], "pre_code": pre.astype(np.int32),
            "post_code": post.astype(np.int32), "count": np.ones(len(pre), np.int64),
        }
    )  # fmt: skip
    for part, rows in enumerate(np.array_split(np.arange(len(table)), n_parts)):
        table.iloc[rows].to_parquet(
            folder / "edges" / f"part-{part:05d}.parquet", row_group_size=row_group_size
        )
    return engine.open_edges(folder)


def drawn(n, n_edges, seed):
    """Return distinct ordered pairs, autapses among them, with heavy-tailed degrees."""
    rng = np.random.default_rng(seed)
    weights = rng.lognormal(0, 1, n)
    ends = rng.choice(n, (2, n_edges), p=weights / weights.sum())
    pre, post = np.unique(ends, axis=1)
    neurons = pd.DataFrame(
        {
            "root_id": 864691135000000000 + rng.permutation(10 * n)[:n],
            "status_axon": rng.random(n) < 0.7,
            "status_dendrite": rng.random(n) < 0.8,
        }
    )
    return pre, post, neurons


def in_memory(pre, post, neurons):
    ids = neurons["root_id"].to_numpy()
    return cg.from_edges(pd.DataFrame({"pre": ids[pre], "post": ids[post], "count": 1}), neurons)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    n=st.integers(3, 30),
    density=st.floats(0, 1.5),
    seed=st.integers(0, 2**20),
    n_parts=st.integers(1, 4),
    row_group_size=st.integers(1, 50),
    block_edges=st.integers(1, 200),
    policy=st.sampled_from(["all", "permissive"]),
)
def test_it_is_the_census_in_memory(
    tmp_path_factory, *, n, density, seed, n_parts, row_group_size, block_edges, policy
):
    pre, post, neurons = drawn(n, int(density * n * n), seed)
    folder = tmp_path_factory.mktemp("edges") / "edges"
    edges = written(folder, pre, post, neurons, n_parts=n_parts, row_group_size=row_group_size)
    found = engine.triad_census(edges, policy=policy, block_edges=block_edges)
    expected = triad_census(in_memory(pre, post, neurons).observed(policy))
    pd.testing.assert_series_equal(found, expected)


def test_it_is_the_census_by_definition_and_of_networkx(tmp_path):
    pre, post, neurons = drawn(25, 200, 4)
    edges = written(tmp_path / "edges", pre, post, neurons, n_parts=3)
    found = engine.triad_census(edges, block_edges=20)
    assert found.to_dict() == dict(census_by_definition(in_memory(pre, post, neurons)))
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(neurons)))
    graph.add_edges_from((a, b) for a, b in zip(pre, post, strict=True) if a != b)
    assert found.to_dict() == nx.triadic_census(graph)


@settings(max_examples=25)
@given(n=st.integers(3, 40), seed=st.integers(0, 2**20), n_blocks=st.integers(1, 9))
def test_blocks_hold_every_pair_once_at_its_lower_rank(n, seed, n_blocks):
    rng = np.random.default_rng(seed)
    lows = rng.integers(0, 9, n)
    bounds = _blocks.cut(lows, n_blocks)
    assert bounds[0] == 0
    assert bounds[-1] == n
    assert np.all(np.diff(bounds) > 0)
    assert len(bounds) - 1 <= n_blocks
    # no block but the fullest single rank exceeds its share by more than one rank
    share = lows.sum() / n_blocks
    sizes = np.add.reduceat(lows, bounds[:-1])
    assert sizes.max() <= share + lows.max()


def test_too_few_neurons_have_no_triads(tmp_path):
    pre, post, neurons = drawn(2, 3, 0)
    edges = written(tmp_path / "edges", pre, post, neurons)
    assert engine.triad_census(edges).sum() == 0


def test_what_is_wrong_is_named(tmp_path):
    pre, post, neurons = drawn(20, 100, 0)
    edges = written(tmp_path / "edges", pre, post, neurons, n_parts=2)
    with pytest.raises(InvalidArgument, match="engine"):
        engine.triad_census(edges, engine="spark")
    with pytest.raises(InvalidArgument, match="block_edges"):
        engine.triad_census(edges, block_edges=0)
    content = edges.parts[1].read_bytes()
    edges.parts[1].write_bytes(content[:4] + b"\xff" * (len(content) // 2) + content[-200:])
    with pytest.raises(UnreadableFile, match="part-00001"):
        engine.triad_census(edges)


def test_no_file_is_left_behind(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    edges = written(tmp_path / "edges", *drawn(30, 200, 1))
    engine.triad_census(edges, block_edges=10)
    assert not list((tmp_path / "temporary").iterdir())


# -- on real worker processes -------------------------------------------------------------------


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed", reason="needs dask[distributed]")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    pre, post, neurons = drawn(300, 9000, 5)
    folder = tmp_path_factory.mktemp("large") / "edges"
    edges = written(folder, pre, post, neurons, n_parts=3)
    return edges, triad_census(in_memory(pre, post, neurons))


@pytest.mark.parametrize("block_edges", [None, 900])
def test_dask_gives_the_same(client, large, block_edges):
    edges, expected = large
    found = engine.triad_census(edges, engine=client, block_edges=block_edges)
    pd.testing.assert_series_equal(found, expected)


def _slowly(lower, middle, n):
    time.sleep(0.3)
    return _blocks.triangles_between(lower, middle, n)


def test_a_worker_that_dies_costs_only_its_tasks(client, large, monkeypatch):
    edges, expected = large
    monkeypatch.setattr("connectome_graph.motifs._on_disk.triangles_between", _slowly)
    pids = client.run(os.getpid)
    result = {}

    def count():
        result["census"] = engine.triad_census(edges, engine=client, block_edges=1500)

    job = threading.Thread(target=count)
    job.start()
    time.sleep(1.5)
    assert job.is_alive()
    os.kill(next(iter(pids.values())), signal.SIGKILL)
    job.join(timeout=120)
    pd.testing.assert_series_equal(result["census"], expected)
    client.wait_for_workers(2, timeout=60)
    assert set(client.run(os.getpid).values()) != set(pids.values())
