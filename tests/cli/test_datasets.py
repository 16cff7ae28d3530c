"""``datasets list`` and ``datasets fetch``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import connectome_graph as cg
from connectome_graph import datasets
from connectome_graph.cli import main
from connectome_graph.cli.datasets import app
from docs import made_other_releases as other


def test_list_names_every_dataset() -> None:
    done = CliRunner().invoke(app, ["list"])
    assert done.exit_code == 0
    for name, row in datasets.available().iterrows():
        assert str(name) in done.stdout
        assert row["title"] in done.stdout


def test_list_as_json_can_be_parsed_and_has_no_nan() -> None:
    done = CliRunner().invoke(app, ["list", "--json"])
    rows = json.loads(done.stdout, parse_constant=pytest.fail)
    assert [row["name"] for row in rows] == list(datasets.available().index)
    assert {row["name"]: row["megabytes"] for row in rows}["microns-v1718"] is None


def test_fetch_prints_the_folder(data: Path) -> None:
    done = CliRunner().invoke(app, ["fetch", "larva-brain-winding2023", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "larva-brain-winding2023": str(data / "larva_brain_winding2023")
    }


def test_load_writes_the_graph(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "worm.connectome"
    arguments = ["load", "celegans-cook2019", "--variant", "electrical", "-o", str(path), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["n_edges"] == 2_866
    assert cg.read(path).equals(datasets.load("celegans-cook2019", variant="electrical"))


@pytest.mark.parametrize(
    "command", [["fetch", "celegans"], ["load", "celegans", "-o", "g.graphml"]]
)
def test_an_unknown_name_is_one_line_and_exit_code_2(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["datasets", *command]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: there is no dataset 'celegans'")
    assert told.count("\n") == 1


def test_a_table_put_together_of_parts_is_written_too(data: Path, tmp_path: Path) -> None:
    # The neuron and its fragments are concatenated: on pandas 3 that text lies in chunks.
    path = tmp_path / "star.graphml"
    arguments = ["datasets", "load", "minnie65-cell", "--variant", "outputs", "-o", str(path)]
    assert main(arguments) == 0
    assert cg.read_graphml(path).equals(datasets.load("minnie65-cell", variant="outputs"))


def test_verify_holds_files_against_what_is_published(tmp_path: Path) -> None:
    folder = other.witvliet(tmp_path)
    done = CliRunner().invoke(app, ["verify", str(folder), "--json"])
    rows = json.loads(done.stdout, parse_constant=pytest.fail)
    assert [row["n_rows_published"] for row in rows] == [2202, 291]
    assert not any(row["agrees"] for row in rows)
    assert "witvliet_2020_7" in CliRunner().invoke(app, ["verify", str(folder)]).stdout
