"""A loopback server for each test, reached by the real caveclient where it can be installed."""

from __future__ import annotations

import dataclasses
import gc
import importlib.util
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from cave_server import TOKEN, LoopbackCave, World, make_world
from cave_server.offline import OfflineConnection

from connectome_graph.sources.cave import CaveTables, FetchOptions, load_tables
from connectome_graph.sources.cave import _client as client_module
from connectome_graph.sources.cave import _connect as connect_module

NO_CLIENT = "needs caveclient, which needs pandas 2: run in the environment with the cave extra"
HAS_CLIENT = importlib.util.find_spec("caveclient") is not None


def collect_what_caveclient_left_open() -> None:
    """Close the sessions that caveclient leaves open when one of its constructors fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let no attempt wait for the next one; return the seconds that each would have waited."""
    told: list[float] = []
    clock = SimpleNamespace(sleep=told.append, monotonic=time.monotonic)
    monkeypatch.setattr(client_module, "time", clock)
    return told


@pytest.fixture
def world() -> World:
    """Return the small world, its server not started."""
    made = make_world()
    made.cave.token = TOKEN
    return made


@pytest.fixture
def options(tmp_path: Path) -> FetchOptions:
    """Return settings that do not wait long and keep files apart."""
    return FetchOptions(cache_dir=tmp_path / "cache", backoff_s=0.001, timeout_s=20)


@pytest.fixture
def served(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return the world with its server running, for the real caveclient."""
    if not HAS_CLIENT:
        pytest.skip(NO_CLIENT)
    # caveclient keeps its secrets and its map of servers below the home folder
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with world.cave:
        yield world
    collect_what_caveclient_left_open()


@pytest.fixture
def either(
    request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """Return the world behind the real caveclient; where it cannot be, behind a stand-in."""
    if HAS_CLIENT:
        yield request.getfixturevalue("served")
        return
    world.cave.url = "http://offline.invalid"
    monkeypatch.setattr(OfflineConnection, "cave", world.cave, raising=False)
    monkeypatch.setattr(connect_module, "Connection", OfflineConnection)
    yield world


def loaded(world: World, options: FetchOptions, **choices: Any) -> CaveTables:
    stack = world.stack(row_limit=None)
    return load_tables(stack, version=1718, token=TOKEN, options=options, **choices)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return one world for all faults, its server running."""
    if not HAS_CLIENT:
        pytest.skip(NO_CLIENT)
    world = make_world()
    world.cave.token = TOKEN
    with pytest.MonkeyPatch.context() as patched, world.cave:
        patched.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield world
    collect_what_caveclient_left_open()


@pytest.fixture
def faulty(running: World) -> Iterator[World]:
    """Return the running world; what a test breaks is mended after it."""
    fields = [each.name for each in dataclasses.fields(LoopbackCave) if each.name != "log"]
    before = {name: getattr(running.cave, name) for name in fields}
    running.cave.faults = []
    yield running
    for name, value in before.items():
        setattr(running.cave, name, value)
    running.cave.faults = []
    running.cave.log.clear()
    running.cave.seen.clear()
    running.cave._answered.clear()


@pytest.fixture(scope="module")
def right(running: World, tmp_path_factory: pytest.TempPathFactory) -> CaveTables:
    """Return the tables without any fault."""
    options = FetchOptions(cache_dir=tmp_path_factory.mktemp("right"), backoff_s=0)
    running.cave.faults = []
    tables = loaded(running, options, synapses="outputs")
    assert len(tables.synapses) > 0
    return tables


def same(found: CaveTables, right: CaveTables) -> None:
    pd.testing.assert_frame_equal(found.neurons, right.neurons)
    pd.testing.assert_frame_equal(found.synapses, right.synapses)
