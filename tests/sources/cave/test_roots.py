"""Root ids that changed: mapped, split, merged, refused."""

from __future__ import annotations

import numpy as np
import pytest
from cave_server import TOKEN, World

from connectome_graph.errors import InvalidArgument, RemoteError
from connectome_graph.sources.cave import FetchOptions, StaleRootIds, latest_ids
from connectome_graph.sources.cave._connect import connect
from connectome_graph.sources.cave._roots import require_current


def test_ids_are_mapped_and_splits_reported(served: World, options: FetchOptions) -> None:
    renamed, split, current = served.roots[0] - 1_000, served.roots[1] - 1_000, served.roots[4]
    table = latest_ids(
        [split, renamed, current],
        datastack=served.stack(),
        version=1718,
        token=TOKEN,
        options=options,
    )
    assert table.index.tolist() == sorted([renamed, split, current])
    assert table.index.dtype == np.int64
    assert table["latest_id"].dtype == np.int64
    assert table["latest_id"].to_dict() == {
        renamed: served.roots[0],
        split: served.roots[1],
        current: current,
    }
    assert table.loc[split, ["overlap", "n_successors"]].tolist() == [0.75, 2]
    assert table["is_split"].to_dict() == {renamed: False, split: True, current: False}
    assert table.loc[current, ["is_current", "overlap"]].tolist() == [True, 1.0]
    assert not table["is_merged"].any()


def test_two_ids_that_became_one_are_marked(served: World, options: FetchOptions) -> None:
    first, second = served.roots[0] - 1_000, served.roots[0] - 2_000
    served.cave.successors[second] = [served.roots[0]]
    table = latest_ids(
        [first, second, served.roots[5]],
        datastack=served.stack(),
        version=1718,
        token=TOKEN,
        options=options,
    )
    assert table.loc[[first, second], "is_merged"].all()
    assert not table.loc[served.roots[5], "is_merged"]


def test_no_ids_no_rows(served: World, options: FetchOptions) -> None:
    table = latest_ids([], datastack=served.stack(), version=1718, token=TOKEN, options=options)
    assert len(table) == 0
    assert table["latest_id"].dtype == np.int64


def test_stale_ids_are_refused_with_their_successors(served: World, options: FetchOptions) -> None:
    stale = [served.roots[0] - 1_000, served.roots[1] - 1_000]
    ids = np.array([*stale, served.roots[4]], dtype=np.int64)
    with connect(served.stack(), version=1718, token=TOKEN, options=options) as pinned:
        require_current(pinned, ids[2:])
        with pytest.raises(StaleRootIds) as caught:
            require_current(pinned, ids)
    text = str(caught.value)
    assert f"{stale[0]} -> {served.roots[0]}" in text
    assert "(split into 2)" in text
    assert "latest_ids(ids, datastack='minnie65_public', version=1718)" in text
    assert caught.value.latest["latest_id"].tolist() == served.roots[:2]


def test_an_id_that_never_was_is_an_error(served: World, options: FetchOptions) -> None:
    with pytest.raises(RemoteError, match="looking for the successors of 77"):
        latest_ids([77], datastack=served.stack(), version=1718, token=TOKEN, options=options)


@pytest.mark.parametrize("bad", [[1.5], ["864691135000000001"], [0]])
def test_ids_are_checked_before_anything_is_sent(
    world: World, options: FetchOptions, bad: list
) -> None:
    world.cave.url = "http://offline.invalid"
    with pytest.raises(InvalidArgument, match="positive integers"):
        latest_ids(bad, datastack=world.stack(), version=1718, token=TOKEN, options=options)
