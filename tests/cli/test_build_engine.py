"""``connectome-graph build`` on tables that an engine scans."""

from __future__ import annotations

import json

import pytest
from sources.engine.tables import CELLS, COMMON, rows, written

import connectome_graph as cg
from connectome_graph.cli import main


def _built(capsys, *arguments):
    assert main([*arguments, "--resolution", "4,4,40", "--unknown", "drop", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def paths(tmp_path):
    CELLS.to_csv(tmp_path / "cells.csv", index=False)
    return written(tmp_path, rows(), "parquet"), str(tmp_path / "cells.csv")


def test_a_glob_is_aggregated_within_a_memory_limit(tmp_path, capsys, paths):
    out = tmp_path / "out.connectome"
    arguments = ("build", paths[0], "--neurons", paths[1], "-o", str(out))
    scan = ("--keep", "edges", "--memory", "1GB", "--engine", "duckdb", "--filter", "size>=50")
    _built(capsys, *arguments, *scan, "--filter", "tag == 'spine'")
    filters = [("size", ">=", 50), ("tag", "==", "spine")]
    expected = cg.from_tables(rows(), CELLS, keep="edges", filters=filters, **COMMON)
    assert cg.read(out).equals(expected)


def test_a_dask_cluster_is_named_by_its_address(tmp_path, capsys, paths):
    distributed = pytest.importorskip("distributed", reason="needs dask[distributed]")
    out = tmp_path / "out.connectome"
    arguments = ("build", paths[0], "--neurons", paths[1], "-o", str(out), "--keep", "edges")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=":0"
    ) as cluster:
        _built(capsys, *arguments, "--dask", cluster.scheduler_address)
    assert cg.read(out).equals(cg.from_tables(rows(), CELLS, keep="edges", **COMMON))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--filter", "size"), "not true or false"),
        (("--filter", "tag = 'spine'"), "equality is written =="),
        (("--memory", "lots", "--engine", "duckdb", "--keep", "edges"), "memory"),
        (("--engine", "spark"), "engine='spark'"),
        (("--edges", "--keep", "edges"), "counted already"),
        (("--engine", "duckdb", "--dask", "tcp://127.0.0.1:1"), "not both"),
    ],
)
def test_options_that_do_not_fit_are_one_line(tmp_path, capsys, paths, options, says):
    out = str(tmp_path / "out.connectome")
    assert main(["build", paths[0], "--neurons", paths[1], "-o", out, *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error:")
    assert error.count("\n") == 1
    assert says in error


def test_a_release_is_built_from_its_folder(tmp_path, capsys):
    made = pytest.importorskip("docs.made_releases")
    folder, out = made.codex(tmp_path / "codex"), tmp_path / "fly.connectome"
    assert main(["build", "--release", str(folder), "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["n_edges"] == 3
    assert cg.read(out).equals(cg.from_release(folder))
    for options in (
        (),
        ("a.csv", "--release", str(folder)),
        ("--release", str(folder), "--edges"),
        ("--release", str(folder), "--kind", "bird"),
        ("--release", str(folder), "--layer", "both"),
        ("a.csv", "--kind", "flywire"),
        ("--release", str(tmp_path / "nowhere")),
    ):
        assert main(["build", *options, "-o", str(out)]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_what_is_read_is_not_written_over(tmp_path, capsys):
    table = tmp_path / "synapses.csv"
    table.write_text("pre,post\n1,2\n")
    assert main(["build", str(table), "--unknown", "add", "-o", str(table)]) == 2
    assert "written over" in capsys.readouterr().err
    assert table.read_text() == "pre,post\n1,2\n"
    other = tmp_path / "thesis.connectome"
    other.write_text("years of work")
    arguments = ["build", str(table), "--unknown", "add", "-o", str(other)]
    assert main(arguments) == 2
    assert other.read_text() == "years of work"
    assert main([*arguments, "--overwrite"]) == 0
    assert cg.read(other).n_edges == 1
