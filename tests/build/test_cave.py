"""from_cave: a pinned datastack becomes a graph whose domain is what was asked for."""

from __future__ import annotations

import gc
import importlib.util
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cave_server import TOKEN, World, make_world
from cave_server.offline import OfflineConnection

import connectome_graph as cg
from connectome_graph.sources.cave import FetchOptions
from connectome_graph.sources.cave import _connect as connect_module

HAS_CLIENT = importlib.util.find_spec("caveclient") is not None


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return the small world behind the real caveclient, or behind a stand-in without it."""
    made = make_world()
    made.cave.token = TOKEN
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    if HAS_CLIENT:
        with made.cave:
            yield made
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
    else:
        made.cave.url = "http://offline.invalid"
        monkeypatch.setattr(OfflineConnection, "cave", made.cave, raising=False)
        monkeypatch.setattr(connect_module, "Connection", OfflineConnection)
        yield made


def graph(world: World, tmp_path: Path, **choices: Any) -> cg.ConnectomeGraph:
    options = FetchOptions(cache_dir=tmp_path / "cache", backoff_s=0.001)
    return cg.from_cave(world.stack(), version=1718, token=TOKEN, options=options, **choices)


def test_the_graph_holds_cells_synapses_and_their_columns(world: World, tmp_path: Path) -> None:
    g = graph(world, tmp_path)
    assert g.ids.tolist() == sorted(world.cells)
    assert {"cell_type", "broad_type", "status_axon", "axon_trust", "x_um"} <= set(g.neurons)
    assert {"size", "target", "x_um", "synapse_id"} <= set(g.synapses)
    ids = set(world.cells)
    truth = world.synapses
    inside = truth["pre_pt_root_id"].isin(ids) & truth["post_pt_root_id"].isin(ids)
    assert g.n_synapses == int(inside.sum())
    assert g.domain.n_pairs == 12 * 11


def test_a_query_chooses_neurons(world: World, tmp_path: Path) -> None:
    g = graph(world, tmp_path, neurons="status_axon")
    assert g.ids.tolist() == world.cells[:3]
    with pytest.raises(cg.ConnectomeError, match="Did you mean 'status_axon'"):
        graph(world, tmp_path, neurons="statusaxon")


@pytest.mark.parametrize(("side", "shape"), [("outputs", (3, 12)), ("inputs", (12, 3))])
def test_the_domain_is_what_was_asked_for(
    world: World, tmp_path: Path, side: str, shape: tuple[int, int]
) -> None:
    g = graph(world, tmp_path, neurons="status_axon", synapses=side)
    assert (g.domain.n_sources, g.domain.n_targets) == shape
    assert g.n_neurons == 12
    assert g.provenance.fact("n_dropped_unknown") > 0
    own = g.domain.sources if side == "outputs" else g.domain.targets
    assert g.ids[own].tolist() == world.cells[:3]


def test_unknown_partners_can_be_added_or_refused(world: World, tmp_path: Path) -> None:
    added = graph(world, tmp_path, neurons="status_axon", synapses="outputs", unknown="add")
    assert added.n_neurons > 12
    assert added.domain.n_targets == added.n_neurons
    assert added.domain.n_sources == 3
    with pytest.raises(cg.ConnectomeError, match="outside the neuron table"):
        graph(world, tmp_path, neurons="status_axon", synapses="outputs", unknown="raise")


def test_policies_use_the_trust_that_came_along(world: World, tmp_path: Path) -> None:
    g = graph(world, tmp_path, axons_without_soma="add")
    strict, permissive = g.observed("strict"), g.observed("permissive")
    assert strict.ids[strict.domain.sources].tolist() == [world.cells[0]]
    sources = set(permissive.ids[permissive.domain.sources])
    thalamic = (set(g.ids) - set(world.cells)).pop()
    assert sources == {*world.cells[:3], thalamic}
    assert thalamic not in set(permissive.ids[permissive.domain.targets])


def test_provenance_reads_like_methods_and_hides_the_token(world: World, tmp_path: Path) -> None:
    g = graph(world, tmp_path, neurons="status_axon", synapses="outputs")
    text = str(g.provenance)
    assert "3 neurons and all their outputs were fetched from minnie65_public version 1718" in text
    assert "2 cell rows that share a root id left out" in text
    assert g.provenance.fact("version") == 1718
    assert g.provenance.fact("neurons") == "status_axon"
    assert TOKEN not in json.dumps(g.provenance.to_dict()) + repr(g)


def test_the_token_is_in_no_bundle_or_export(world: World, tmp_path: Path) -> None:
    from connectome_graph import storage

    g = graph(world, tmp_path)
    bundle = storage.write(g, tmp_path / "column.connectome")
    folder = storage.write(g, tmp_path / "column", layout="folder")
    for file in [bundle, *folder.iterdir()]:
        assert TOKEN.encode() not in file.read_bytes()
    assert storage.read(bundle).equals(g)


def test_two_fetches_give_equal_graphs(world: World, tmp_path: Path) -> None:
    first = graph(world, tmp_path)
    before = len(world.cave.log)
    second = graph(world, tmp_path)
    assert len(world.cave.log) == before
    assert second.equals(first)
    assert np.array_equal(first.edge_counts, second.edge_counts)


def test_cells_alone_are_no_graph(world: World, tmp_path: Path) -> None:
    with pytest.raises(cg.ConnectomeError, match="'none' is not a choice"):
        graph(world, tmp_path, synapses="none")


@pytest.mark.skipif(HAS_CLIENT, reason="caveclient is installed")
def test_without_caveclient_the_command_that_installs_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(cg.ConnectomeError, match=r"pip install 'connectome-graph\[cave\]'"):
        cg.from_cave("minnie65_public", version=1718, options=FetchOptions(cache_dir=tmp_path))
