"""The distributed engine: real worker processes, one of which is killed on the way."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
from sources.engine.tables import CELLS, COMMON, rows, written

import connectome_graph as cg
import strategies
from connectome_graph import engine
from connectome_graph.errors import InvalidArgument, InvalidTable, UnreadableFile
from connectome_graph.sources.engine import _dask as distributed_engine
from connectome_graph.sources.engine._plan import scan_plan
from connectome_graph.sources.engine._store import write_edges

distributed = pytest.importorskip("distributed", reason="needs dask[distributed]")

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.parametrize("ending", ["parquet", "csv", "feather"])
@pytest.mark.parametrize("autapses", ["keep", "drop"])
def test_dask_equals_duckdb_and_memory(tmp_path, client, ending, autapses):
    path = written(tmp_path, rows(), ending)
    options = {**COMMON, "keep": "edges", "autapses": autapses}
    expected = cg.from_tables(rows(), CELLS, **options)
    by_dask = cg.from_tables(path, CELLS, engine=client, **options)
    by_duckdb = cg.from_tables(path, CELLS, engine="duckdb", **options)
    assert by_dask.equals(expected)
    assert by_dask.equals(by_duckdb)
    for name in ("n_synapse_rows", "n_dropped_unknown", "n_autapse_rows"):
        assert by_dask.provenance.fact(name) == by_duckdb.provenance.fact(name)
    assert by_dask.provenance.fact("engine") == "dask"


def test_filters_are_applied_on_the_workers(tmp_path, client):
    path = written(tmp_path, rows(), "parquet")
    options = {**COMMON, "keep": "edges", "filters": [("size", ">", 30), ("tag", "==", "spine")]}
    expected = cg.from_tables(rows(), CELLS, **options)
    assert cg.from_tables(path, CELLS, engine=client, **options).equals(expected)


def test_a_worker_that_dies_costs_only_its_tasks(tmp_path, client, monkeypatch):
    path = written(tmp_path, rows(40_000), "parquet", pieces=12)
    expected = cg.from_tables(rows(40_000), CELLS, keep="edges", **COMMON)
    pids = client.run(os.getpid)
    monkeypatch.setattr(distributed_engine, "split_part", _slowly)
    result = {}

    def build():
        result["graph"] = cg.from_tables(path, CELLS, engine=client, keep="edges", **COMMON)

    job = threading.Thread(target=build)
    job.start()
    time.sleep(1.0)
    assert job.is_alive()
    os.kill(next(iter(pids.values())), signal.SIGKILL)
    job.join(timeout=120)
    assert result["graph"].equals(expected)
    client.wait_for_workers(2, timeout=60)
    assert set(client.run(os.getpid).values()) != set(pids.values())


def _slowly(part, plan, ids, ranges, *, autapses):
    from connectome_graph.sources.engine._dask import split_part

    time.sleep(0.3)
    return split_part(part, plan, ids, ranges, autapses=autapses)


def test_a_corrupt_part_names_its_file(tmp_path, client):
    path = written(tmp_path, rows(), "parquet")
    plan = scan_plan(path)
    (tmp_path / "part1.parquet").unlink()
    with pytest.raises(UnreadableFile, match=r"part1.parquet"):
        distributed_engine.aggregate(client, plan, CELLS["pt_root_id"].to_numpy())


def test_a_cluster_aggregates_only(tmp_path, client):
    path = written(tmp_path, rows(), "parquet")
    with pytest.raises(InvalidArgument, match="keep='edges'"):
        cg.from_tables(path, CELLS, engine=client, **COMMON)
    with pytest.raises(InvalidTable, match="end outside the neuron table"):
        cg.from_tables(path, CELLS, engine=client, keep="edges", resolution_nm=(4, 4, 40))


def _cells(column="cell_type"):
    types = ["23P", "BC", "MC", None]
    return CELLS.assign(
        **{column: [types[i % 4] for i in range(len(CELLS))]},
        status_axon=[i % 3 > 0 for i in range(len(CELLS))],
        strategy_axon=["axon_fully_extended" if i % 3 == 2 else "axon_partially_extended"
                       if i % 3 else "none" for i in range(len(CELLS))],
    )  # fmt: skip


@pytest.mark.parametrize("policy", ["all", "strict"])
def test_statistics_stay_in_the_engine(tmp_path, client, policy):
    path = written(tmp_path, rows(2000), "parquet")
    g = cg.from_tables(rows(2000), _cells(), keep="edges", **COMMON)
    observed = g.observed(policy)
    for name, which in (("duckdb", "duckdb"), ("dask", client)):
        folder, counts = write_edges(scan_plan(path), g.neurons, tmp_path / name, engine=which)
        assert counts.n_rows == 2000
        same = {"policy": policy, "engine": which}
        pd.testing.assert_series_equal(engine.dyads(folder, **same), cg.stats.dyads(observed))
        found, expected = (
            engine.density(tmp_path / name, **same),
            cg.stats.density(observed, interval="wilson"),
        )
        pd.testing.assert_series_equal(found, expected)
        assert found.attrs == expected.attrs
        pd.testing.assert_frame_equal(engine.degrees(folder, **same), cg.stats.degrees(observed))
        for by in ("cell_type", ["cell_type", "status_axon"]):
            found = engine.type_matrix(folder, by, **same)
            expected = cg.stats.type_matrix(observed, by, interval="wilson")
            pd.testing.assert_frame_equal(found, expected)
            assert found.attrs == expected.attrs


def test_edges_on_disk_are_those_in_memory(tmp_path):
    path = written(tmp_path, rows(), "parquet")
    g = cg.from_tables(rows(), CELLS, keep="edges", **COMMON)
    folder, _ = write_edges(scan_plan(path), g.neurons, tmp_path / "edges")
    again = cg.from_edges(folder.parts[0], CELLS, columns={"pre_code": None, "post_code": None})
    assert again.equals(g)
    with pytest.raises(InvalidArgument, match="already there"):
        write_edges(scan_plan(path), g.neurons, tmp_path / "edges")
    with pytest.raises(UnreadableFile, match="no folder of edges"):
        engine.open_edges(tmp_path)


def test_a_full_spill_disk_leaves_nothing_half_written(tmp_path):
    rng = np.random.default_rng(0)
    ids = np.array(strategies.root_ids(3000))
    table = pd.DataFrame({"pre": rng.choice(ids, 600_000), "post": rng.choice(ids, 600_000)})
    table.to_parquet(tmp_path / "synapses.parquet")
    neurons = pd.DataFrame(index=pd.Index(ids, name="root_id"))
    spill = tmp_path / "spill"
    spill.mkdir()
    with pytest.raises(UnreadableFile, match="the spill folder ran full"):
        write_edges(
            scan_plan(tmp_path / "synapses.parquet"),
            neurons,
            tmp_path / "edges",
            memory_limit="16MB",
            spill=spill,
            spill_limit="1KB",
        )
    assert not (tmp_path / "edges").exists()
    assert not list(spill.iterdir())
    assert not [file for file in tmp_path.iterdir() if file.name.endswith(".partial")]
