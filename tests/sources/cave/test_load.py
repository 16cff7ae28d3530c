"""Plain tables of a datastack: which neurons, which synapses, what is recorded."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cave_server import TOKEN, World
from cave_server.world import ROOT

from connectome_graph.errors import InvalidArgument
from connectome_graph.sources.cave import CaveTables, FetchOptions, StaleRootIds, load_tables


def loaded(world: World, options: FetchOptions, **choices: Any) -> CaveTables:
    return load_tables(world.stack(), version=1718, token=TOKEN, options=options, **choices)


def test_between_takes_everyone_by_default(either: World, options: FetchOptions) -> None:
    tables = loaded(either, options)
    ids = set(either.cells)
    assert set(tables.neurons["root_id"]) == ids
    assert set(tables.synapses["pre"]) | set(tables.synapses["post"]) <= ids
    truth = either.synapses
    inside = truth["pre_pt_root_id"].isin(ids) & truth["post_pt_root_id"].isin(ids)
    assert tables.synapses["synapse_id"].tolist() == truth["id"][inside].tolist()
    assert tables.sources is None
    assert tables.targets is None


@pytest.mark.parametrize("side", ["outputs", "inputs"])
def test_one_sided_fetches_say_whose_side_was_asked(
    either: World, options: FetchOptions, side: str
) -> None:
    tables = loaded(either, options, neurons=lambda cells: cells["status_axon"], synapses=side)
    chosen = np.array(either.cells[:3])
    own, end = ("sources", "pre") if side == "outputs" else ("targets", "post")
    assert getattr(tables, own).tolist() == chosen.tolist()
    assert set(tables.synapses[end]) <= set(chosen)
    assert len(tables.neurons) == 12
    # partners that are no cell stay in the synapses: the caller decides about them
    other = tables.synapses["post" if side == "outputs" else "pre"]
    assert (other == ROOT + 900_000).any()


def test_given_ids_are_fetched_and_stale_ones_refused(served: World, options: FetchOptions) -> None:
    given = [served.cells[3], served.cells[1], served.roots[-1]]
    tables = loaded(served, options, neurons=given)
    assert tables.neurons["root_id"].tolist() == sorted(given)
    assert tables.facts["cells"]["n_given_ids_without_a_cell"] == 1
    with pytest.raises(StaleRootIds, match=str(served.roots[0])):
        loaded(served, options, neurons=[served.cells[3], served.roots[0] - 1_000])


def test_an_empty_choice_sends_no_synapse_request(either: World, options: FetchOptions) -> None:
    for nobody in ([], lambda cells: np.zeros(len(cells), bool)):
        tables = loaded(either, options, neurons=nobody)
        assert len(tables.neurons) == 0
        assert len(tables.synapses) == 0
    assert either.cave.queries("synapses_pni_2") == []


def test_more_neurons_than_is_sensible_have_to_be_asked_for(
    either: World, options: FetchOptions
) -> None:
    few = dataclasses.replace(options, most_neurons=11)
    with pytest.raises(InvalidArgument, match=r"FetchOptions\(most_neurons=12\)"):
        loaded(either, few)
    assert len(loaded(either, few, synapses="none").neurons) == 12
    assert len(loaded(either, dataclasses.replace(few, most_neurons=12)).neurons) == 12


def test_a_second_call_makes_no_request(either: World, options: FetchOptions) -> None:
    first = loaded(either, options, synapses="outputs")
    before = len(either.cave.log)
    second = load_tables(
        either.stack(), version=1718, token=None, options=options, synapses="outputs"
    )
    assert len(either.cave.log) == before
    pd.testing.assert_frame_equal(first.neurons, second.neurons)
    pd.testing.assert_frame_equal(first.synapses, second.synapses)
    assert first.facts == second.facts


def test_everything_is_recorded_as_json(either: World, options: FetchOptions) -> None:
    facts = json.loads(json.dumps(loaded(either, options).facts))
    assert facts["datastack"] == "minnie65_public"
    assert facts["version"] == 1718
    assert facts["timestamp"].startswith("2026-01-15T08:10:01")
    assert [query["name"] for query in facts["queries"]] == [
        "aibs_cell_info",
        "allen_v1_column_types_slanted_ref",
        "coregistration_manual_v4",
        "proofreading_status_and_strategy",
        "synapses_pni_2",
        "synapse_target_predictions_ssa_v2",
    ]
    assert facts["synapse_rows"]["n_synapses"] > 0
    assert "pandas" in facts["packages"]


def test_no_token_is_written_to_disk(served: World, options: FetchOptions) -> None:
    loaded(served, options)
    files = [file for file in options.folder.rglob("*") if file.is_file()]
    assert len(files) > 10
    for file in files:
        assert TOKEN.encode() not in file.read_bytes()
        assert TOKEN not in str(file)


@pytest.mark.parametrize(
    "wrong",
    [
        {"synapses": "all"},
        {"target_tags": "yes"},
        {"stale_proofreading": "drop"},
        {"axons_without_soma": "keep"},
        {"space": "voxels"},
        {"space": "standard"},
        {"neurons": [1.5]},
    ],
)
def test_a_wrong_choice_is_answered_before_anything_is_sent(
    world: World, options: FetchOptions, wrong: dict[str, Any]
) -> None:
    world.cave.url = "http://offline.invalid"
    with pytest.raises(InvalidArgument):
        loaded(world, options, **wrong)
