"""What the registry knows of each dataset, against a server that behaves as the dataset does."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cave_server import TOKEN, Table, View, World

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, InvalidTable, RemoteError, UnknownName
from connectome_graph.sources.cave import (
    Cells,
    FetchOptions,
    Pairs,
    Proofreading,
    connect,
    datastack,
    load_tables,
)


def tables_of(world: World, options: FetchOptions, *, stack: Any = None, **choices: Any) -> Any:
    entry = world.stack(**(stack or {}))
    return load_tables(entry, version=1718, token=TOKEN, options=options, **choices)


# ---------------------------------------------------------------- cells
def with_rows(world: World, more: pd.DataFrame) -> None:
    view = world.cave.views["aibs_cell_info"]
    world.cave.views["aibs_cell_info"] = View(pd.concat([view.frame, more], ignore_index=True))


def test_a_view_with_equal_rows_is_readable(either: World, options: FetchOptions) -> None:
    right = tables_of(either, dataclasses.replace(options, cache_dir=options.folder / "right"))
    with_rows(either, either.cave.views["aibs_cell_info"].frame.iloc[[2, 5]])
    found = tables_of(either, options)
    pd.testing.assert_frame_equal(found.neurons, right.neurons)
    # a row of the view that came twice in place of another would be told by a count of its ids
    counts = either.cave.queries("aibs_cell_info", counts=True)
    assert [list(body.get("filter_in_dict") or {}) for body in counts[-2:]] == [
        [],
        ["aibs_cell_info"],
    ]


def test_a_cell_that_is_listed_twice_is_one_cell(either: World, options: FetchOptions) -> None:
    right = tables_of(either, dataclasses.replace(options, cache_dir=options.folder / "right"))
    other = either.cave.views["aibs_cell_info"].frame.iloc[[2, 5]].assign(cell_type="ZZZ")
    with_rows(either, other)
    found = tables_of(either, options)
    pd.testing.assert_frame_equal(found.neurons, right.neurons)
    assert found.facts["cells"]["n_repeated_cells"] == 2
    with pytest.raises(InvalidTable, match="2 rows"):
        tables_of(either, options, repeated_cells="raise")


def test_extras_that_nobody_asked_for_may_be_absent(either: World, options: FetchOptions) -> None:
    del either.cave.tables["allen_v1_column_types_slanted_ref"]
    del either.cave.tables["coregistration_manual_v4"]
    found = tables_of(either, options)
    assert found.facts["cells"]["left_out"] == ["is_column", "coreg"]
    assert not {"is_column", "coreg"} & set(found.neurons.columns)
    with pytest.raises(UnknownName, match="my_column"):
        tables_of(either, options, stack={"column": "my_column"})


def test_a_table_without_cells_is_refused(either: World, options: FetchOptions) -> None:
    view = either.cave.views["aibs_cell_info"]
    either.cave.views["aibs_cell_info"] = View(view.frame.iloc[:0])
    with pytest.raises(RemoteError, match="has no rows"):
        tables_of(either, options)


def test_types_of_another_table_are_joined_to_every_nucleus(
    either: World, options: FetchOptions
) -> None:
    """V1DD: the view has all nuclei, the table of types the neurons only."""
    nuclei = either.cave.tables["nucleus_detection_v0"].frame
    types = either.cave.tables["aibs_metamodel_celltypes_v661"]
    either.cave.views["lookup"] = View(nuclei)
    either.cave.tables["some_types"] = dataclasses.replace(types, frame=types.frame.iloc[:5])
    stack = {
        "cells": (Cells("lookup", kind="view"),),
        "types": Cells("some_types", rename={"classification_system": "broad_type"}),
    }
    neurons = tables_of(either, options, stack=stack).neurons.set_index("cell_id")
    assert len(neurons) == len(either.cells)
    assert neurons["cell_type"].notna().sum() == 5
    assert neurons.loc[1001, ["cell_type", "broad_type"]].tolist() == ["BC", "inhibitory_neuron"]


# ---------------------------------------------------------------- BANC
def banc(world: World) -> dict[str, Any]:
    """Give the server a table of cells in voxels of 4 x 4 x 45 nm that claims nanometres."""
    nuclei = world.cave.tables["nucleus_detection_v0"].frame.drop(columns="volume")
    proofread = pd.DataFrame(
        {
            "id": pd.array([1, 2, 3], dtype="Int64"),
            "pt_root_id": pd.array(world.cells[:3], dtype="Int64"),
            "proofread": pd.array([True, False, None], dtype="boolean"),
        }
    )
    world.cave.tables["points"] = Table(nuclei, resolution=(1.0, 1.0, 1.0))
    world.cave.tables["backbone"] = Table(proofread)
    flag = Proofreading("backbone", rule="listed", flag="proofread", axon_trust=1)
    return {"cells": (Cells("points"),), "proofreading": (flag,), "targets": ()}


def test_who_is_listed_and_not_proofread_is_not_proofread(
    either: World, options: FetchOptions
) -> None:
    found = tables_of(either, options, stack=banc(either))
    trust = found.neurons.set_index("root_id")["axon_trust"]
    assert trust[either.cells[:4]].tolist() == [1, 0, 0, 0]
    assert found.facts["cells"]["proofreading"]["backbone"]["n_not_proofread"] == 2
    bare = banc(either)
    either.cave.tables["backbone"].frame = either.cave.tables["backbone"].frame.iloc[:, :2]
    own = dataclasses.replace(options, cache_dir=options.folder / "bare")
    with pytest.raises(RemoteError, match="no column 'proofread'"):
        tables_of(either, own, stack=bare)


def test_positions_that_claim_nanometres_wait_for_their_unit(
    either: World, options: FetchOptions
) -> None:
    stack = banc(either)
    found = tables_of(either, options, stack=stack)
    assert "x_um" not in found.neurons.columns
    assert "1 x 1 x 1 nm" in found.facts["cells"]["positions"]["left_out"]
    g = cg.from_cave(either.stack(**stack), version=1718, token=TOKEN, options=options)
    assert "left out until their unit is named" in str(g.provenance)
    named = tables_of(either, options, stack=stack, cell_resolution_nm=(4, 4, 40))
    nuclei = either.cave.tables["points"].frame.set_index("id")
    cell = named.neurons.iloc[0]
    expected = nuclei.loc[cell["cell_id"], "pt_position_z"] * 0.04
    assert cell["z_um"] == pytest.approx(expected)
    # voxels taken for nanometres lie elsewhere than the synapses
    with pytest.raises(InvalidArgument, match="do not overlap"):
        tables_of(either, options, stack=stack, cell_resolution_nm=(1, 1, 1))
    with pytest.raises(InvalidArgument, match="states a unit of its own"):
        tables_of(either, options, cell_resolution_nm=(4, 4, 40))
    with pytest.raises(InvalidArgument, match="three sizes"):
        tables_of(either, options, stack=stack, cell_resolution_nm=(4, 4))


# ---------------------------------------------------------------- FlyWire
def test_pairs_come_as_the_server_has_counted_them(either: World, options: FetchOptions) -> None:
    truth = either.synapses.groupby(["pre_pt_root_id", "post_pt_root_id"]).size()
    either.cave.views["pairs"] = View(truth.rename("n_syn").reset_index().convert_dtypes())
    stack = {"pairs": Pairs("pairs")}
    own = dataclasses.replace(options, chunk_size=4)
    many = cg.from_cave(
        either.stack(**stack), version=1718, token=TOKEN, options=own, synapses="outputs"
    )
    few = cg.from_cave(
        either.stack(**stack), version=1718, token=TOKEN, options=own, synapses="outputs",
        rows="pairs",
    )  # fmt: skip
    assert few.n_synapses == many.n_synapses
    names = ["pre", "post", "count"]
    pd.testing.assert_frame_equal(
        few.edges[names].reset_index(drop=True), many.edges[names].reset_index(drop=True)
    )
    with pytest.raises(InvalidArgument, match="no view of aggregated pairs"):
        tables_of(either, options, rows="pairs")
    nobody = tables_of(either, options, stack=stack, rows="pairs", neurons=[])
    assert list(nobody.synapses.columns) == names


# ---------------------------------------------------------------- versions
def test_a_version_is_named_by_a_number_the_latest_or_a_moment(
    either: World, options: FetchOptions
) -> None:
    for version, number in {
        1507: 1507,
        "latest": 1718,
        "2025-09-01T08:10:02": 1507,
        "2026-11-01": 1718,
        "2026-01-15T10:10:02+02:00": 1718,
    }.items():
        session = connect(either.stack(), version=version, token=TOKEN, options=options)
        assert session.version == number
        assert repr(session).startswith(f"Session('minnie65_public', version={number}")
    moment = pd.Timestamp("2025-12-01")
    facts = tables_of(either, options, synapses="none").facts
    assert (facts["version"], facts["version_asked_for"]) == (1718, "1718")
    assert connect(either.stack(), version=moment, token=TOKEN, options=options).version == 1507
    with pytest.raises(InvalidArgument, match="no version as old"):
        connect(either.stack(), version="1999-01-01", token=TOKEN, options=options)


def test_one_session_serves_graph_after_graph(either: World, options: FetchOptions) -> None:
    with connect(either.stack(), version=1718, token=TOKEN, options=options) as session:
        g = cg.from_cave(session, neurons="status_axon", synapses="outputs")
        before = len(either.cave.log)
        h = cg.from_cave(session, neurons="status_axon", synapses="outputs")
        assert g == h
        assert len(either.cave.log) == before
        # all cells are a wider question: only the cells that are new are asked about
        cg.from_cave(session, synapses="outputs")
        asked = either.cave.queries("synapses_pni_2")[-1]["filter_in_dict"]["synapses_pni_2"]
        assert not set(asked["pre_pt_root_id"]) & set(either.cells[:3])
        with pytest.raises(InvalidArgument, match="beside a session"):
            cg.from_cave(session, version=1718)


def test_beyond_what_is_sensible_the_dumps_are_named(either: World, options: FetchOptions) -> None:
    few = dataclasses.replace(options, most_neurons=3)
    with pytest.raises(InvalidArgument, match="from_release"):
        tables_of(either, few)


def test_the_tags_are_asked_for_in_large_parts(either: World, options: FetchOptions) -> None:
    tables_of(either, options, synapses="outputs")
    tags = either.cave.queries("synapse_target_predictions_ssa_v2")
    assert len(tags) == 1
    from connectome_graph.sources.cave import _targets

    assert _targets._IDS_AT_ONCE >= 100_000


def test_interareal_axons_are_a_tier_of_their_own(either: World, options: FetchOptions) -> None:
    table = either.cave.tables["proofreading_status_and_strategy"]
    table.frame = table.frame.copy()
    table.frame.loc[0, "strategy_axon"] = "axon_interareal"
    found = tables_of(either, options)
    facts = found.facts["cells"]["proofreading"]["proofreading_status_and_strategy"]
    assert facts["axon_strategies"]["axon_interareal"] == 1
    trust = found.neurons.set_index("root_id")["axon_trust"]
    assert trust[either.cells[0]] == 1
    name = "proofreading_status_and_strategy"
    own = {"proofreading": (Proofreading(name, strategies={"axon_interareal": 2}),)}
    complete = tables_of(either, options, stack=own).neurons.set_index("root_id")["axon_trust"]
    assert complete[either.cells[0]] == 2


def test_a_stable_cell_id_is_the_one_of_the_registry(either: World, options: FetchOptions) -> None:
    nuclei = either.cave.tables["nucleus_detection_v0"].frame.drop(columns="volume")
    either.cave.tables["cell_ids"] = Table(nuclei.assign(user_id=nuclei["id"] + 7_000))
    stack = {"cells": (Cells("cell_ids", cell_id="user_id"),)}
    neurons = tables_of(either, options, stack=stack).neurons
    assert neurons["cell_id"].min() == 8_001
    assert "user_id" not in neurons.columns


def test_long_lived_versions_are_registered() -> None:
    assert datastack("minnie65_public").long_lived == (117, 943, 1300)
    assert 888 in datastack("brain_and_nerve_cord_public").long_lived
    assert datastack("h01_c3_flat").long_lived == (1054,)
    assert datastack("flywire_fafb_public").pairs == Pairs("valid_connection_v2")
    assert datastack("v1dd_public").cells[0] == Cells("nucleus_alternative_lookup", kind="view")
    with pytest.raises(UnknownName, match="brain_and_nerve_cord_public"):
        datastack("brain_and_nerve_cord")


def test_numbers_of_assembled_tables_are_those_of_the_parts(
    either: World, options: FetchOptions
) -> None:
    first = tables_of(either, options, synapses="outputs")
    for file in options.folder.rglob("*.arrow"):
        file.write_bytes(file.read_bytes()[:200])  # damaged: made anew, from the parts
    before = len(either.cave.log)
    again = tables_of(either, options, synapses="outputs")
    assert len(either.cave.log) == before
    pd.testing.assert_frame_equal(first.neurons, again.neurons)
    pd.testing.assert_frame_equal(first.synapses, again.synapses)
    assert np.all(again.synapses["synapse_id"].diff().dropna() > 0)
