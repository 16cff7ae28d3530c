"""``connectome-graph fetch`` against the loopback server."""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from cave_server import TOKEN, World, make_world

from connectome_graph import storage
from connectome_graph.cli import main


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return the small world with its server running."""
    pytest.importorskip("caveclient", reason="needs caveclient, which needs pandas 2")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = make_world()
    made.cave.token = TOKEN
    with made.cave:
        yield made
    with warnings.catch_warnings():
        # caveclient leaves its sessions open when one of its constructors fails
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def command(world: World, tmp_path: Path, *more: str, token: str = TOKEN) -> list[str]:
    secret = tmp_path / "token.txt"
    secret.write_text(token)
    where = ["--server", world.cave.url, "--cache", str(tmp_path / "cache")]
    return [
        *("fetch", "minnie65_public", *where, "--space", "native"),
        *("--token-file", str(secret), "-o", str(tmp_path / "column.connectome"), *more),
    ]


def test_neurons_are_chosen_fetched_and_written(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = command(world, tmp_path, "--version", "1718", "--neurons", "status_axon")
    assert main(call) == 0
    printed = capsys.readouterr().out
    assert "3 neurons" in printed
    assert "minnie65_public version 1718" in printed
    assert TOKEN not in printed
    g = storage.read(tmp_path / "column.connectome")
    assert g.ids.tolist() == world.cells[:3]


def test_json_is_for_machines(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = command(world, tmp_path, "--version", "latest", "--synapses", "outputs", "--json")
    assert main(call) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["neurons"] == 12
    assert found["n_pairs"] == 132
    assert found["policy"] == "all"


def test_a_token_may_lie_in_caveclients_own_file(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = json.dumps({"token": TOKEN})
    assert main(command(world, tmp_path, "--version", "1718", token=own)) == 0
    capsys.readouterr()
    call = command(world, tmp_path, "--version", "1507", token='{"secret": "x"}')
    assert main(call) == 2
    assert "without an entry 'token'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--version", "117"], "has expired"),
        (["--version", "next"], "pin a materialization version"),
        (["--version", "1718", "--neurons", "status_axn"], "Did you mean 'status_axon'"),
        (["--version", "1718", "--synapses", "all"], "not a choice"),
    ],
)
def test_a_wrong_call_is_a_sentence(
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    told: str,
) -> None:
    assert main(command(world, tmp_path, *more)) == 2
    printed = capsys.readouterr().err
    assert told in printed
    assert "Traceback" not in printed


def test_a_refused_token_is_a_sentence_without_it(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = command(world, tmp_path, "--version", "1718", token="wrong" * 6)
    assert main(call) == 2
    printed = capsys.readouterr()
    assert "create_token" in printed.err
    assert "wrongwrong" not in printed.out + printed.err
