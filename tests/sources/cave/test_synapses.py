"""Synapses between neurons, out of them and into them, with targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from cave_server import TOKEN, View, World

from connectome_graph.errors import InvalidArgument, RemoteError, UnknownName
from connectome_graph.sources.cave import FetchOptions
from connectome_graph.sources.cave import _synapses as synapses
from connectome_graph.sources.cave._connect import connect
from connectome_graph.sources.cave._session import Session
from connectome_graph.sources.cave._synapses import SynapseRows, synapse_rows
from connectome_graph.sources.cave._tagged import tagged_synapses


def pinned_to(world: World, options: FetchOptions, *, version: int = 1718, **stack: Any) -> Session:
    return connect(world.stack(**stack), version=version, token=TOKEN, options=options)


def rows_of(world: World, options: FetchOptions, *, stack: Any = None, **ends: Any) -> SynapseRows:
    given = {"pre": None, "post": None, "space": "native", **ends}
    version = given.pop("version", 1718)
    with pinned_to(world, options, version=version, **(stack or {})) as pinned:
        found = tagged_synapses(pinned, **given)
        return SynapseRows(found.read(), found.facts)


def some(world: World, n: int = 5) -> np.ndarray:
    return np.array(world.cells[:n], dtype=np.int64)


def truth(world: World, pre: Any, post: Any) -> list[int]:
    table = world.synapses
    keep = np.ones(len(table), bool)
    if pre is not None:
        keep &= table["pre_pt_root_id"].isin(pre).to_numpy(bool)
    if post is not None:
        keep &= table["post_pt_root_id"].isin(post).to_numpy(bool)
    return table["id"][keep].tolist()


@pytest.mark.parametrize("sides", ["between", "outputs", "inputs"])
def test_the_synapses_are_those_of_the_server(
    either: World, options: FetchOptions, sides: str
) -> None:
    pre = some(either) if sides in ("between", "outputs") else None
    post = some(either) if sides in ("between", "inputs") else None
    found = rows_of(either, options, pre=pre, post=post).frame
    assert found["synapse_id"].tolist() == truth(either, pre, post)
    assert [found[name].dtype for name in ("pre", "post", "synapse_id")] == [np.int64] * 3
    table = either.synapses.set_index("id")
    one = found.iloc[0]
    assert one["pre"] == table.loc[one["synapse_id"], "pre_pt_root_id"]
    assert one["z_um"] == pytest.approx(table.loc[one["synapse_id"], "ctr_pt_position_z"] * 0.04)


def test_synapses_without_a_partner_are_counted(either: World, options: FetchOptions) -> None:
    table = either.cave.tables["synapses_pni_2"].frame
    table.loc[0, "pre_pt_root_id"] = either.cells[0]
    table.loc[1, "pre_pt_root_id"] = either.cells[0]
    found = rows_of(either, options, pre=some(either, 1))
    assert found.facts["n_zero_partner"] == 1
    assert found.facts["n_missing_partner"] == 1
    assert found.frame["post"].gt(0).all()
    assert not {500_001, 500_002} & set(found.frame["synapse_id"])


def test_autapses_are_kept_and_counted(either: World, options: FetchOptions) -> None:
    found = rows_of(either, options, pre=some(either, 12), post=some(either, 12))
    own = found.frame["pre"] == found.frame["post"]
    assert found.facts["n_autapses"] == own.sum() > 0


def test_two_tags_take_the_higher_value_and_untagged_stays_missing(
    either: World, options: FetchOptions
) -> None:
    everyone = np.array(sorted(set(either.roots)), dtype=np.int64)
    found = rows_of(either, options, pre=everyone)
    frame = found.frame.set_index("synapse_id")
    tags = either.cave.tables["synapse_target_predictions_ssa_v2"].frame
    best = tags.sort_values("value").drop_duplicates("target_id", keep="last")
    expected = best.set_index("target_id")["tag"].reindex(frame.index)
    assert frame["target"].isna().tolist() == expected.isna().tolist()
    known = expected.notna()
    assert frame.loc[known, "target"].tolist() == expected[known].tolist()
    twice = tags["target_id"][tags["target_id"].duplicated()].iloc[0]
    if twice in frame.index:
        assert frame.loc[twice, "target_value"] == 0.9
    assert found.facts["n_untagged"] == int(expected.isna().sum()) > 0
    assert len(frame) == len(truth(either, everyone, None))


def test_the_older_target_table_serves_older_versions(either: World, options: FetchOptions) -> None:
    tables = either.cave.tables
    tables["synapse_target_predictions_ssa"] = tables.pop("synapse_target_predictions_ssa_v2")
    old = rows_of(either, options, version=1507, pre=some(either))
    assert old.facts["targets"] == "synapse_target_predictions_ssa"
    with pytest.raises(UnknownName, match="target_tags='synapse_target_predictions_ssa'"):
        rows_of(either, options, pre=some(either))
    named = rows_of(either, options, pre=some(either), targets="synapse_target_predictions_ssa")
    pd.testing.assert_frame_equal(named.frame, old.frame)


def test_tags_that_a_version_should_have_are_not_left_out_silently(
    either: World, options: FetchOptions
) -> None:
    del either.cave.tables["synapse_target_predictions_ssa_v2"]
    either.cave.expired = set()
    for choice in ("auto", "require"):
        with pytest.raises(UnknownName, match="target_tags='skip'"):
            rows_of(either, options, pre=some(either), targets=choice)
    skipped = rows_of(either, options, pre=some(either), targets="skip")
    # of version 117 the registry knows that it never had any
    early = rows_of(either, options, version=117, pre=some(either))
    assert early.facts["targets"] is None
    assert "before there were any" in early.facts["no_targets"]
    pd.testing.assert_frame_equal(early.frame, skipped.frame)
    with pytest.raises(UnknownName):
        rows_of(either, options, version=117, pre=some(either), targets="require")


def test_a_target_table_may_have_no_values(either: World, options: FetchOptions) -> None:
    table = either.cave.tables["synapse_target_predictions_ssa_v2"]
    first = table.frame.drop_duplicates("target_id").drop(columns="value")
    table.frame = first
    frame = rows_of(either, options, pre=some(either)).frame.set_index("synapse_id")
    expected = first.set_index("target_id")["tag"].reindex(frame.index)
    known = expected.notna()
    assert frame.loc[known, "target"].tolist() == expected[known].tolist()
    assert frame["target"].isna().tolist() == (~known).tolist()
    assert frame["target_value"].isna().all()
    table.frame = first.drop(columns="tag")
    bare = FetchOptions(cache_dir=options.folder / "bare")
    with pytest.raises(RemoteError, match="has no tag"):
        rows_of(either, bare, pre=some(either))


def test_a_dataset_without_targets_says_so(either: World, options: FetchOptions) -> None:
    with pytest.raises(InvalidArgument, match="no table of postsynaptic targets"):
        rows_of(either, options, stack={"targets": ()}, pre=some(either), targets="require")
    skipped = rows_of(either, options, pre=some(either), targets="skip")
    assert "target" not in skipped.frame.columns
    assert skipped.facts["targets"] is None


def test_the_side_with_fewer_ids_is_asked_in_chunks(either: World, options: FetchOptions) -> None:
    many = np.array(sorted(set(either.roots)), dtype=np.int64)
    rows_of(either, options, pre=many, post=some(either, 2), targets="skip")
    asked = either.cave.queries("synapses_pni_2")[0]["filter_in_dict"]["synapses_pni_2"]
    assert len(asked["post_pt_root_id"]) == 2
    assert len(asked["pre_pt_root_id"]) == len(many)


def test_partners_too_many_for_a_request_are_picked_here(
    either: World, options: FetchOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synapses, "_MOST_FILTERED", 3)
    pre, post = some(either, 2), some(either, 6)
    found = rows_of(either, options, pre=pre, post=post)
    asked = either.cave.queries("synapses_pni_2")[0]["filter_in_dict"]["synapses_pni_2"]
    assert list(asked) == ["pre_pt_root_id"]
    assert found.frame["synapse_id"].tolist() == truth(either, pre, post)


def test_no_neurons_no_request(either: World, options: FetchOptions) -> None:
    with pinned_to(either, options) as pinned:
        before = len(either.cave.log)
        none = np.empty(0, np.int64)
        found = synapse_rows(pinned, pre=none, post=None, space="native")
        assert len(either.cave.log) == before
    assert len(found.frame) == 0
    assert found.frame["pre"].dtype == np.int64
    with pytest.raises(InvalidArgument, match="whole dataset"):
        rows_of(either, options)


def test_a_view_of_synapses_keeps_its_own_columns(either: World, options: FetchOptions) -> None:
    """FlyWire's de-duplicated synapses are a view, with scores and no sizes."""
    frame = either.cave.tables["synapses_pni_2"].frame.drop(columns="size").copy()
    frame["cleft_score"] = np.arange(len(frame))
    frame = frame.rename(columns=lambda name: name.replace("ctr_pt", "pre_pt"))
    either.cave.views["valid_synapses_nt_np_v6"] = View(frame)
    stack = {
        "synapses": ("view", "valid_synapses_nt_np_v6"),
        "synapse_position": "pre_pt_position",
        "targets": (),
    }
    found = rows_of(either, options, stack=stack, pre=some(either))
    assert found.frame["synapse_id"].tolist() == truth(either, some(either), None)
    assert "cleft_score" in found.frame.columns
    assert "size" not in found.frame.columns
    assert found.facts["positions"]["position"] == "pre_pt_position"
    assert {"valid", "pre_pt_supervoxel_id"}.isdisjoint(found.frame.columns)


def test_rows_sent_twice_are_counted(either: World, options: FetchOptions) -> None:
    either.cave.duplicate_rows = True
    found = rows_of(either, options, pre=some(either))
    assert found.facts["n_repeated_ids"] == 1
    assert found.frame["synapse_id"].is_unique


def test_a_missing_size_stays_missing(either: World, options: FetchOptions) -> None:
    table = either.cave.tables["synapses_pni_2"].frame
    own = table["pre_pt_root_id"] == either.cells[0]
    first = table.index[own.fillna(False).astype(bool)][2]
    table.loc[first, "size"] = pd.NA
    found = rows_of(either, options, pre=some(either, 1)).frame.set_index("synapse_id")
    assert np.isnan(found.loc[table.loc[first, "id"], "size"])
    assert found["size"].notna().sum() == len(found) - 1
