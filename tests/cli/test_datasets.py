"""``datasets list`` and ``datasets fetch``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectome_graph import datasets
from connectome_graph.cli.datasets import app
from connectome_graph.errors import UnknownName


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
    done = CliRunner().invoke(app, ["fetch", "celegans-cook2019", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"celegans-cook2019": str(data / "celegans_cook2019")}


def test_an_unknown_name_is_our_error() -> None:
    done = CliRunner().invoke(app, ["fetch", "celegans"])
    assert isinstance(done.exception, UnknownName)
