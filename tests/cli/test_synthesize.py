"""``synthesize`` writes tables that the library reads back as the same graph."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import connectome_graph as cg
from connectome_graph.cli import main
from connectome_graph.cli.synthesize import synthesize

app = typer.Typer()
app.command()(synthesize)


@pytest.mark.parametrize("kind", ["parquet", "feather", "csv"])
def test_the_written_tables_build_the_generated_graph(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "column"
    done = CliRunner().invoke(
        app, [str(folder), "--seed", "4", "--scale", "0.02", "--format", kind, "--json"]
    )
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["generated"] is True
    assert sorted(path.name for path in folder.iterdir()) == [f"neurons.{kind}", f"synapses.{kind}"]
    g = cg.from_tables(facts["synapses"], facts["neurons"])
    expected = cg.datasets.synthetic_column(seed=4, scale=0.02)
    assert g.ids.tolist() == expected.ids.tolist()
    assert g.n_synapses == facts["n_synapses"] == expected.n_synapses
    own, other = g.synapses, expected.synapses
    for name in ("pre", "post", "synapse_id", "size"):
        assert own[name].tolist() == other[name].tolist()
    assert own["target"].astype(str).tolist() == other["target"].astype(str).tolist()
    assert own["y_um"].tolist() == other["y_um"].tolist()


def test_without_json_it_says_what_was_generated(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path), "--scale", "0.01"])
    assert "136 generated neurons" in done.stdout
    assert "1,467 generated synapses" in done.stdout


def test_bad_input_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    for arguments in ([str(tmp_path), "--scale", "0"], [str(blocked / "in"), "--scale", "0.01"]):
        assert main(["synthesize", *arguments]) == 2
        told = capsys.readouterr().err
        assert told.startswith("error: ")
        assert told.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
