"""The cell table: the tutorial's preparation, and every row that is left out counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from cave_server import TOKEN, Table, World
from cave_server.world import ROOT

from connectome_graph.errors import InvalidArgument, RemoteError, UnknownName
from connectome_graph.sources.cave import Cells, FetchOptions, Labels, Proofreading
from connectome_graph.sources.cave._cells import CellTable, cell_table
from connectome_graph.sources.cave._connect import connect

THALAMIC = ROOT + 1_000_000


def cells_of(
    world: World, options: FetchOptions, *, stack: dict[str, Any] | None = None, **choices: Any
) -> CellTable:
    own = world.stack(**(stack or {}))
    with connect(own, version=1718, token=TOKEN, options=options) as pinned:
        return cell_table(pinned, **{"space": "native", **choices})


def test_roots_that_are_zero_missing_or_shared_are_left_out_and_counted(
    either: World, options: FetchOptions
) -> None:
    cells = cells_of(either, options)
    assert cells.frame["root_id"].tolist() == sorted(either.cells)
    assert cells.frame["root_id"].dtype == np.int64
    assert cells.facts["dropped"] == {
        "n_missing_root_ids": 1,
        "n_zero_root_ids": 1,
        "n_rows_sharing_a_root": 2,
        "n_shared_roots": 1,
    }
    assert cells.facts["n_rows"] == 16
    assert cells.facts["n_cells"] == 12


def test_another_table_of_cells_is_taken_only_where_it_is_named(
    either: World, options: FetchOptions
) -> None:
    view = cells_of(either, options)
    assert view.facts["source"] == "aibs_cell_info"
    either.cave.views = {}
    bare = options.__class__(cache_dir=options.folder / "table", backoff_s=0)
    with pytest.raises(UnknownName, match="cell_table='aibs_metamodel_celltypes_v661'"):
        cells_of(either, bare)
    table = cells_of(either, bare, source="aibs_metamodel_celltypes_v661")
    assert table.facts["source"] == "aibs_metamodel_celltypes_v661"
    shared = ["root_id", "cell_id", "cell_type", "broad_type", "x_um", "y_um", "z_um"]
    pd.testing.assert_frame_equal(
        view.frame[shared], table.frame[shared], check_dtype=False, check_column_type=False
    )
    assert set(view.frame["broad_type"]) == {"excitatory", "inhibitory"}


def test_proofreading_is_joined_by_root_and_checked(either: World, options: FetchOptions) -> None:
    frame = cells_of(either, options).frame.set_index("root_id")
    full, partial, changed, dendrite_only, nothing = either.cells[:5]
    assert frame["status_axon"].dtype == bool
    assert frame.loc[full, ["status_axon", "axon_trust", "dendrite_trust"]].tolist() == [True, 2, 2]
    assert frame.loc[partial, ["axon_trust", "dendrite_trust"]].tolist() == [1, 1]
    # its valid_id is another root: still proofread as the server says, trusted one less
    assert frame.loc[changed, "status_axon"]
    assert frame.loc[changed, "strategy_axon"] == "axon_fully_extended"
    assert frame.loc[changed, "axon_trust"] == 1
    assert frame.loc[dendrite_only, ["status_axon", "status_dendrite"]].tolist() == [False, True]
    assert frame.loc[nothing, "strategy_axon"] == "none"
    # a soma makes a dendrite trusted without any entry
    assert frame.loc[nothing, ["axon_trust", "dendrite_trust"]].tolist() == [0, 1]


def test_changed_cells_are_counted_and_can_be_kept(either: World, options: FetchOptions) -> None:
    cells = cells_of(either, options, stale="keep")
    facts = cells.facts["proofreading"]["proofreading_status_and_strategy"]
    assert facts["n_changed_since_proofreading"] == 1
    assert cells.frame.set_index("root_id").loc[either.cells[2], "axon_trust"] == 2


def test_entries_for_one_root_take_the_one_that_holds_and_then_the_lower(
    either: World, options: FetchOptions
) -> None:
    table = either.cave.tables["proofreading_status_and_strategy"]
    again = table.frame.iloc[[0, 2]].copy()
    again["strategy_axon"] = pd.array(["axon_partially_extended"] * 2, dtype="string")
    again.loc[2, "valid_id"] = again.loc[2, "pt_root_id"]
    again["id"] = pd.array([91, 92], dtype="Int64")
    table.frame = pd.concat([table.frame, again], ignore_index=True)
    cells = cells_of(either, options)
    frame = cells.frame.set_index("root_id")
    assert frame.loc[either.cells[0], "axon_trust"] == 1
    assert frame.loc[either.cells[2], "strategy_axon"] == "axon_partially_extended"
    facts = cells.facts["proofreading"]["proofreading_status_and_strategy"]
    assert facts["n_repeated_entries"] == 2


def test_axons_without_a_soma_are_counted_or_added_as_sources_only(
    either: World, options: FetchOptions
) -> None:
    dropped = cells_of(either, options)
    assert dropped.facts["n_axons_without_soma"] == 1
    assert THALAMIC not in set(dropped.frame["root_id"])
    added = cells_of(either, options, axons_without_soma="add").frame.set_index("root_id")
    assert added.loc[THALAMIC, "axon_trust"] == 1
    assert added.loc[THALAMIC, "dendrite_trust"] == 0
    assert pd.isna(added.loc[THALAMIC, "cell_type"])
    assert pd.isna(added.loc[THALAMIC, "cell_id"])
    assert not added.loc[THALAMIC, "is_column"]
    assert added.loc[THALAMIC, "x_um"] == 400.0
    assert added.index.dtype == np.int64


def test_the_column_and_the_matched_cells_are_marked(either: World, options: FetchOptions) -> None:
    frame = cells_of(either, options).frame.set_index("cell_id")
    assert frame.index[frame["is_column"]].tolist() == list(range(1001, 1009))
    assert frame.index[frame["coreg"]].tolist() == [1001, 1003, 1005, 1007]


def test_positions_are_micrometres(either: World, options: FetchOptions) -> None:
    cells = cells_of(either, options)
    nuclei = either.cave.tables["nucleus_detection_v0"].frame.set_index("id")
    first = nuclei.loc[1001, [f"pt_position_{axis}" for axis in "xyz"]].to_numpy(float)
    found = cells.frame.loc[0, ["x_um", "y_um", "z_um"]].to_numpy(float)
    assert found == pytest.approx(first * (0.004, 0.004, 0.04))
    assert cells.facts["positions"]["space"] == "nm / 1000 in the dataset's own axes"


def test_the_standard_space_is_that_of_standard_transform(
    either: World, options: FetchOptions
) -> None:
    st = pytest.importorskip("standard_transform", reason="comes with the cave extra")
    native = cells_of(either, options).frame
    cells = cells_of(either, options, stack={"transform": "minnie65"}, space="standard")
    expected = st.minnie_transform("nm").apply(native[["x_um", "y_um", "z_um"]].to_numpy() * 1e3)
    np.testing.assert_allclose(cells.frame[["x_um", "y_um", "z_um"]], expected)
    assert "minnie65 transform" in cells.facts["positions"]["space"]


def test_labels_are_corrected_by_a_map(either: World, options: FetchOptions) -> None:
    changes = {"cell_type": {"4P": "5P-IT", either.cells[0]: "MC"}}
    cells = cells_of(either, options, relabel=changes)
    types = cells.frame.set_index("root_id")["cell_type"]
    assert types[either.cells[0]] == "MC"
    assert "4P" not in set(types)
    assert cells.facts["n_relabelled"] == {"cell_type": 5}


def test_labels_in_rows_become_columns(either: World, options: FetchOptions) -> None:
    """FlyWire and BANC keep a row for each label of a cell."""
    rows = pd.DataFrame(
        {
            "id": pd.array(range(1, 6), dtype="Int64"),
            "target_id": pd.array([1001, 1001, 1002, 1002, 1002], dtype="Int64"),
            "classification_system": ["super_class", "cell_type", "cell_type", "cell_type", "x"],
            "cell_type": ["sensory", "A1", "B2", "B1", "ignored"],
        }
    )
    either.cave.tables["annotations"] = Table(rows, reference="nucleus_detection_v0")
    labels = Labels("annotations", {"super_class": "broad_type", "cell_type": "cell_type"})
    stack = {
        "cells": (Cells("nucleus_detection_v0"),),
        "labels": labels,
        "proofreading": (Proofreading("proofreading_status_and_strategy", "listed", axon_trust=1),),
    }
    cells = cells_of(either, options, stack=stack)
    frame = cells.frame.set_index("cell_id")
    assert frame.loc[1001, ["broad_type", "cell_type"]].tolist() == ["sensory", "A1"]
    assert frame.loc[1002, "cell_type"] == "B1, B2"
    assert pd.isna(frame.loc[1002, "broad_type"])
    assert cells.facts["labels"] == {"n_label_rows": 4, "n_cells_with_several_labels": 1}
    # being listed is all there is: no soma rule, and the changed entry is worth one less
    assert frame.loc[[1001, 1003, 1010], "axon_trust"].tolist() == [1, 0, 0]
    assert (frame["dendrite_trust"] == 0).all()


def test_what_a_dataset_lacks_is_said(either: World, options: FetchOptions) -> None:
    with pytest.raises(InvalidArgument, match="no table of cells that the library knows of"):
        cells_of(either, options, stack={"cells": ()})
    with pytest.raises(UnknownName, match="Did you mean 'coregistration_manual_v4'"):
        cells_of(either, options, stack={"coregistration": ("coregistration_manual_v3",)})
    with pytest.raises(UnknownName, match="or do without it: column=None"):
        cells_of(either, options, stack={"column": "allen_column"})
    with pytest.raises(UnknownName, match=r"cells=\.\.\."):
        cells_of(either, options, stack={"cells": (Cells("cell_table"),)})
    with pytest.raises(RemoteError, match="rule='listed'"):
        cells_of(either, options, stack={"proofreading": (Proofreading("nucleus_detection_v0"),)})
    none = cells_of(either, options, stack={"proofreading": (), "column": None})
    assert "status_axon" not in none.frame.columns
    assert "is_column" not in none.frame.columns


def test_ids_asked_for_get_a_row(either: World, options: FetchOptions) -> None:
    also = np.array([ROOT + 900_000, either.cells[0]], dtype=np.int64)
    frame = cells_of(either, options, also=also).frame
    assert len(frame) == 13
    extra = frame.set_index("root_id").loc[ROOT + 900_000]
    assert pd.isna(extra["cell_type"])
    assert pd.isna(extra["x_um"])
