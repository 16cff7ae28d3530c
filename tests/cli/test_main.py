"""The command as a user meets it: exit codes, one line of error, files that read back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import igraph
import networkx as nx
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.cli import _run, main

BASE = 864691135000000001


@pytest.fixture
def tables(tmp_path: Path) -> tuple[str, str]:
    """Return a synapse file and a neuron file with CAVE's names."""
    pd.DataFrame(
        {
            "id": [1, 2, 3, 4],
            "pre_pt_root_id": [BASE, BASE, BASE + 1, BASE + 2],
            "post_pt_root_id": [BASE + 1, BASE + 1, BASE, BASE + 2],
            "size": [10, 20, 5, 7],
        }
    ).to_csv(tmp_path / "synapses.csv", index=False)
    pd.DataFrame(
        {"pt_root_id": [BASE, BASE + 1, BASE + 2], "cell_type": ["23P", "BC", "BC"]}
    ).to_csv(tmp_path / "cells.csv", index=False)
    return str(tmp_path / "synapses.csv"), str(tmp_path / "cells.csv")


def fails(capsys, *arguments: str, code: int = 2) -> str:
    """Return the one line that a failing command prints."""
    assert main(arguments) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert shown.err.startswith("error: ")
    return shown.err


def test_build_writes_a_graph_and_tells_its_sizes(tables, tmp_path, capsys):
    output = tmp_path / "g.connectome"
    assert main(["build", tables[0], "--neurons", tables[1], "-o", str(output)]) == 0
    shown = capsys.readouterr().out
    assert "connected pairs  3, less 1 autapse" in shown
    assert f"written to {output}" in shown
    g = cg.read(output)
    assert g.ids.tolist() == [BASE, BASE + 1, BASE + 2]
    assert (g.n_edges, g.n_synapses, g.n_autapses) == (2, 4, 1)


def test_json_is_for_machines(tables, tmp_path, capsys):
    output = tmp_path / "g.graphml"
    main(["build", tables[0], "--neurons", tables[1], "-o", str(output), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (said["n_connected_pairs"], said["n_edges"], said["files"]) == (3, 2, [str(output)])
    main(["info", str(output), "--json"])
    again = json.loads(capsys.readouterr().out)
    assert again == said | {"files": []}


def test_every_option_of_build_reaches_the_library(tmp_path, capsys):
    pd.DataFrame(
        {"from": [1, 1, 9], "to": [2, 1, 1], "n": [3, 1, 2], "x": 100, "y": 100, "z": 10}
    ).rename(columns={axis: f"at_{axis}" for axis in "xyz"}).to_csv(tmp_path / "s.csv", index=False)
    pd.DataFrame({"cell": [1, 2, 2]}).to_csv(tmp_path / "c.csv", index=False)
    output = tmp_path / "g.connectome"
    arguments = ["build", str(tmp_path / "s.csv"), "--neurons", str(tmp_path / "c.csv"), "--edges"]
    for pair in ("pre=from", "post=to", "count=n", "position=at"):
        arguments += ["--map", pair]
    arguments += ["--neuron-map", "root_id=cell", "--resolution", "4,4,40", "--unknown", "add"]
    arguments += ["--autapses", "drop", "--invalid-neurons", "drop", "-o", str(output)]
    assert main(arguments) == 0
    g = cg.read(output)
    assert g.edges["count"].tolist() == [3, 2]
    assert g.synapses["x_um"].tolist() == [0.4, 0.4]
    assert g.n_autapses == 0
    assert g.ids.tolist() == [1, 2, 9]


def test_export_writes_every_format(tables, tmp_path, capsys):
    bundle = tmp_path / "g.connectome"
    main(["build", tables[0], "--neurons", tables[1], "-o", str(bundle)])
    for name, extra in (
        ("g.graphml", ["--weight", "log_sum", "--weight", "count"]),
        ("g.mtx", ["--weight", "sum"]),
        ("edges.csv", ["--weight", "mean"]),
        ("neurons.parquet", ["--table", "neurons"]),
        ("synapses.tsv", ["--table", "synapses"]),
        ("copy.connectome", []),
    ):
        assert main(["export", str(bundle), "-o", str(tmp_path / name), *extra]) == 0
    g = cg.read(bundle)
    assert cg.read(tmp_path / "copy.connectome").equals(g)
    assert cg.from_tables(str(tmp_path / "synapses.tsv"), tables[1]).equals(g)
    assert pd.read_csv(tmp_path / "edges.csv")["mean"].tolist() == [15.0, 5.0]
    assert nx.read_graphml(tmp_path / "g.graphml").number_of_edges() == 2
    assert (tmp_path / "g.pre.txt").exists()


def test_demo_ends_with_something_to_look_at_and_commands_that_run(tmp_path, capsys):
    folder = tmp_path / "demo"
    assert main(["demo", "--folder", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "generated, not data" in shown
    for path in folder.iterdir():
        assert f"written to {path}" in shown
    g = cg.read(folder / "column.connectome")
    assert (g.n_neurons, g.n_synapses) == (1355, 146711)
    with (folder / "column.graphml").open() as file:
        assert sum(line.startswith("<edge ") for line in file) == 146711
    worm = cg.read(folder / "worm.graphml")
    assert (worm.n_neurons, worm.n_edges) == (302, 3671)
    assert (folder / "worm.png").read_bytes().startswith(b"\x89PNG")
    assert "Cook 2019" in (folder / "worm-report.html").read_text()
    commands = [line.split()[1:] for line in shown.splitlines() if "  connectome-graph" in line]
    assert len(commands) == 3
    for command in commands:
        assert main(command) == 0


@pytest.mark.data
def test_build_on_microns_l23_reads_back_everywhere_with_every_id(data, tmp_path, capsys):
    source = data / "microns_l23_v185"
    arguments = ["build", str(source / "soma_subgraph_synapses_spines_v185.csv")]
    arguments += ["--neurons", str(source / "soma_valence_v185.csv"), "--map", "size=cleft_vx"]
    arguments += ["--resolution", "4,4,40", "--invalid-neurons", "drop", "--json"]
    for name in ("l23.graphml", "l23.connectome"):
        assert main([*arguments, "-o", str(tmp_path / name)]) == 0
        said = json.loads(capsys.readouterr().out)
        sizes = [said[f"n_{noun}"] for noun in ("synapses", "connected_pairs", "autapses", "edges")]
        assert sizes == [1961, 1736, 2, 1734]

    raw = pd.read_csv(source / "soma_subgraph_synapses_spines_v185.csv", dtype=str)
    pairs = sorted(zip(raw["pre_root_id"], raw["post_root_id"], raw["id"], strict=True))
    cells = pd.read_csv(source / "soma_valence_v185.csv", dtype=str)["pt_root_id"]
    ids = cells[~cells.duplicated(keep=False)].tolist()

    theirs = nx.read_graphml(tmp_path / "l23.graphml")
    assert list(theirs) == ids
    edges = theirs.edges(data="synapse_id")
    assert sorted((a, b, str(synapse)) for a, b, synapse in edges) == pairs
    also = igraph.Graph.Read_GraphML(str(tmp_path / "l23.graphml"))
    assert also.vs["id"] == also.vs["root_id"] == ids
    ends = [(also.vs[e.source]["id"], also.vs[e.target]["id"]) for e in also.es]
    numbers = [str(int(number)) for number in also.es["synapse_id"]]
    assert sorted((*end, number) for end, number in zip(ends, numbers, strict=True)) == pairs
    bundle = cg.read(tmp_path / "l23.connectome")
    assert cg.read_graphml(tmp_path / "l23.graphml").equals(bundle)
    assert [str(i) for i in bundle.ids] == ids


@pytest.mark.data
def test_repeated_cells_are_told_with_the_option_that_drops_them(data, tmp_path, capsys):
    source = data / "microns_l23_v185"
    message = fails(
        capsys, "build", str(source / "soma_subgraph_synapses_spines_v185.csv"),
        "--neurons", str(source / "soma_valence_v185.csv"), "-o", str(tmp_path / "g.graphml"),
    )  # fmt: skip
    assert "6 of 456 neuron rows" in message
    assert "pass --invalid-neurons first" in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["build", "--bad"], "--bad"),
        (["build", "x.csv"], "--output"),
        (["info", "nowhere.connectome"], "there is no bundle at nowhere.connectome"),
        (["info", "nowhere.graphml"], "there is no bundle at nowhere.graphml"),
        (["build", "nowhere.csv", "--unknown", "add", "-o", "g.connectome"], "no file matches"),
        (["build", "x.csv", "-o", "g.xlsx"], "'g.xlsx' has no ending"),
        (["build", "x.csv", "-o", "nowhere/g.graphml"], "folder nowhere does not exist"),
        (["build", "x.csv", "-o", "g.graphml", "--map", "pre"], "needs the form name=your_column"),
        (["build", "x.csv", "-o", "g.graphml", "--resolution", "4"], "needs three numbers"),
        (["datasets", "fetch", "nothing"], "nothing"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in fails(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_advice_names_options(tables, tmp_path, capsys):
    output = str(tmp_path / "g.graphml")
    assert "pass --unknown add" in fails(capsys, "build", tables[0], "-o", output)
    pd.DataFrame({"pt_root_id": [BASE]}).to_csv(tmp_path / "one.csv", index=False)
    one = ["build", tables[0], "--neurons", str(tmp_path / "one.csv"), "-o", output]
    assert "pass --unknown drop to leave them out" in fails(capsys, *one)


def test_a_table_that_is_not_what_it_says_is_one_line(tmp_path, capsys):
    (tmp_path / "s.parquet").write_text("not parquet")
    output = str(tmp_path / "g.graphml")
    table = ["build", str(tmp_path / "s.parquet"), "--unknown", "add"]
    message = fails(capsys, *table, "-o", output)
    assert "could not be read as parquet" in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_one_line(tables, tmp_path, capsys):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    message = fails(capsys, "build", tables[0], "--unknown", "add", "-o", str(closed / "g.graphml"))
    assert "Permission denied" in message


def test_a_full_disk_is_one_line_and_leaves_nothing(tables, tmp_path, capsys, monkeypatch):
    import zipfile

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "open", full)
    output = str(tmp_path / "g.connectome")
    message = fails(capsys, "build", tables[0], "--neurons", tables[1], "-o", output)
    assert "No space left on device; free some space" in message
    assert sorted(file.name for file in tmp_path.iterdir()) == ["cells.csv", "synapses.csv"]


def test_ctrl_c_is_130_and_a_defect_is_1(capsys, monkeypatch):
    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_run, "application", stopped)
    assert "interrupted" in fails(capsys, "info", code=130)
    monkeypatch.setattr(_run, "application", lambda _: 1 / 0)
    assert "a defect of connectome-graph (ZeroDivisionError" in fails(capsys, "info", code=1)
    monkeypatch.setenv("CONNECTOME_GRAPH_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["info"])


def test_help_and_version_go_to_stdout(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    commands = [line.split()[0] for line in shown.split("Commands:")[1].splitlines() if line]
    assert commands[:5] == ["demo", "build", "info", "describe", "export"]
    assert {"datasets", "fetch", "synthesize"} <= set(commands)
    for arguments in ([], ["datasets"]):
        assert main(arguments) == 0
        assert capsys.readouterr().out.startswith("Usage: connectome-graph")
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("connectome-graph ")


def test_help_loads_no_heavy_library():
    script = (
        "import sys; from connectome_graph.cli import main; main(['--help']); "
        "print([m for m in ('numba', 'networkx', 'igraph', 'matplotlib', 'duckdb', 'caveclient')"
        " if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_writing_leaves_the_old_file(tmp_path, number, code):
    output = tmp_path / "g.txt"
    output.write_text("old")
    script = f"""
import sys, time
from connectome_graph.border import atomic
from connectome_graph.cli import _run
def application(_):
    def work(*_, **__):
        with atomic.replacing({str(output)!r}) as temporary:
            temporary.write_text("half")
            print("writing", flush=True)
            time.sleep(60)
    return work
_run.application = application
sys.exit(_run.run([]))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert "Traceback" not in errors
    assert output.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["g.txt"]


@pytest.mark.skipif(os.name == "nt", reason="pipes are of POSIX")
def test_a_reader_that_goes_away_is_no_error(tables, tmp_path):
    main(["build", tables[0], "--unknown", "add", "-o", str(tmp_path / "g.connectome")])
    script = "from connectome_graph.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", script]
    process = subprocess.Popen(
        [*command, "info", str(tmp_path / "g.connectome")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def test_a_missing_synapse_file_is_told_as_itself(tmp_path, capsys):
    err = fails(capsys, "build", str(tmp_path / "none.csv"), "-o", str(tmp_path / "g.connectome"))
    assert "no file matches" in err
    assert "none.csv" in err
