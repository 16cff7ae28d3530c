"""Versions, names, and reference tables joined to their base."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from cave_server import TOKEN, World

from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.sources.cave import FetchOptions
from connectome_graph.sources.cave._connect import connect


def test_a_release_has_its_moment_and_names(either: World, options: FetchOptions) -> None:
    release = connect(either.stack(), version=1718, token=TOKEN, options=options).release
    assert dt.datetime.fromisoformat(release.timestamp) == either.cave.versions[1718]
    assert release.synapse_table == "synapses_pni_2"
    assert release.has("aibs_cell_info", "view")
    assert not release.has("aibs_cell_info", "table")


def test_latest_is_resolved_and_recorded(either: World, options: FetchOptions) -> None:
    assert (
        connect(either.stack(), version="latest", token=TOKEN, options=options).release.version
        == 1718
    )


@pytest.mark.parametrize("version", [True, 0, -3, 1718.0, "1718", None])
def test_a_version_is_an_integer(either: World, options: FetchOptions, version: Any) -> None:
    with pytest.raises(InvalidArgument, match="pin a materialization version"):
        connect(either.stack(), version=version, token=TOKEN, options=options)


@pytest.mark.parametrize(("version", "fate"), [(117, "has expired"), (9999, "does not exist")])
def test_an_expired_or_unknown_version_names_those_served(
    either: World, options: FetchOptions, version: int, fate: str
) -> None:
    with pytest.raises(InvalidArgument, match=f"{version} {fate} .*1507, 1718"):
        connect(either.stack(), version=version, token=TOKEN, options=options)


def test_a_pinned_version_asks_nothing_the_second_time(
    either: World, options: FetchOptions
) -> None:
    first = connect(either.stack(), version=1718, token=TOKEN, options=options)
    before = len(either.cave.log)
    again = connect(either.stack(), version=1718, token=None, options=options)
    assert again.release == first.release
    assert len(either.cave.log) == before


def test_unknown_tables_are_answered_with_the_closest(either: World, options: FetchOptions) -> None:
    pinned = connect(either.stack(), version=1718, token=TOKEN, options=options)
    with pytest.raises(UnknownName, match="Did you mean 'synapses_pni_2'"):
        pinned.check("synapses_pni", "table", role="synapses", setting="synapses")
    with pytest.raises(UnknownName, match="There is a view of that name"):
        pinned.check("aibs_cell_info", "table", role="cells", setting="cells")


def test_a_reference_table_is_joined_to_its_base(either: World, options: FetchOptions) -> None:
    pinned = connect(either.stack(), version=1718, token=TOKEN, options=options)
    cells, lost = pinned.joined("aibs_metamodel_celltypes_v661")
    nuclei = either.cave.tables["nucleus_detection_v0"].frame
    assert cells["cell_id"].tolist() == nuclei["id"].tolist()
    assert cells["pt_root_id"].astype("Int64").tolist() == nuclei["pt_root_id"].tolist()
    assert (cells["pt_position_z"] == nuclei["pt_position_z"] * 40.0).all()
    assert lost == {"n_rows_without_base": 0}


def test_a_reference_without_a_base_is_counted(either: World, options: FetchOptions) -> None:
    table = either.cave.tables["aibs_metamodel_celltypes_v661"]
    table.frame = table.frame.copy()
    table.frame.loc[0, "target_id"] = 7
    pinned = connect(either.stack(), version=1718, token=TOKEN, options=options)
    cells, lost = pinned.joined("aibs_metamodel_celltypes_v661")
    assert len(cells) == len(table.frame) - 1
    assert lost == {"n_rows_without_base": 1}


def test_a_large_reference_table_takes_the_whole_base(
    either: World, options: FetchOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectome_graph.sources.cave import _session as module

    small = connect(either.stack(), version=1718, token=TOKEN, options=options)
    by_ids, _ = small.joined("aibs_metamodel_celltypes_v661")
    monkeypatch.setattr(module, "_FEW_IDS", 3)
    whole, _ = small.joined("aibs_metamodel_celltypes_v661")
    assert whole.equals(by_ids)


def test_two_datastacks_with_a_table_of_one_name_stay_apart(
    either: World, options: FetchOptions
) -> None:
    first = connect(either.stack(), version=1718, token=TOKEN, options=options).whole(
        "nucleus_detection_v0"
    )
    table = either.cave.tables["nucleus_detection_v0"]
    table.frame = table.frame.iloc[:5].drop(columns="volume")
    either.cave.datastack = "v1dd_public"
    second = connect(either.stack("v1dd_public"), version=1718, token=TOKEN, options=options)
    rows = second.whole("nucleus_detection_v0")
    assert "volume" in first.columns
    assert len(rows) == 5
    assert "volume" not in rows.columns
