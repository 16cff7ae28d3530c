"""Cells from CAVE: one moment, batches halved when a server cuts them short, failures told.

ossify's batch loader is replaced by one that behaves as its source says: it drops invalid roots,
and raises when a pooled query reaches the row limit.
"""

from __future__ import annotations

import datetime as dt
import types

import numpy as np
import pytest

from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, UnreadableFile

ossify = pytest.importorskip(
    "ossify", reason="ossify is not installed: it asks for caveclient, which asks for pandas 2"
)
pytestmark = [
    pytest.mark.extras,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

BIG = 864691135000000001
NOW = dt.datetime(2025, 9, 8, tzinfo=dt.UTC)


def small_cell(root_id):
    cell = ossify.Cell(name=root_id, meta={})
    cell.add_skeleton(
        vertices=np.array([[0, 0, 0], [0, 3000, 0]]), edges=[[1, 0]], root=0,
        features={"compartment": [1, 3]},
    )  # fmt: skip
    return cell


@pytest.fixture
def server(monkeypatch):
    """Replace the batch loader; return the calls that it gets."""
    calls = []

    def load(root_ids, client, *, timestamp, row_limit, skip_invalid, **options):
        calls.append(list(root_ids))
        assert timestamp == NOW
        assert skip_invalid
        assert options["omit_self_synapses"] is False
        rows = sum(400 if root_id % 10 == 9 else 60 for root_id in root_ids)
        if rows >= row_limit:
            raise RuntimeError(f"returned {rows} rows, at/above the server row limit")
        return {root_id: small_cell(root_id) for root_id in root_ids if root_id % 10 != 5}

    monkeypatch.setattr(ossify, "load_cell_batch_from_client", load)
    return calls


client = types.SimpleNamespace(timestamp=NOW)


def test_cells_come_in_batches_at_one_moment(server):
    ids = [BIG, BIG + 1, BIG + 2]
    cells = skeletons.load_cave(ids, client, batch_size=2)
    assert [cell.root_id for cell in cells] == ids
    assert server == [ids[:2], ids[2:]]
    assert cells[0].distance_to_root_um.tolist() == [0, 3]


def test_batches_that_reach_the_row_limit_are_halved(server):
    ids = [BIG, BIG + 1, BIG + 2, BIG + 3]
    cells = skeletons.load_cave(np.array(ids), client, row_limit=130)
    assert len(cells) == 4
    assert server == [ids, ids[:2], ids[2:]]


def test_failures_are_told_one_by_one(server):
    ids = [BIG, BIG + 4, BIG + 8]  # ends 1, 5 (no valid root), 9 (more rows than the limit)
    with pytest.raises(UnreadableFile, match="2 of 3 cells"):
        skeletons.load_cave(ids, client, row_limit=130)
    some = skeletons.load_cave(ids, client, row_limit=130, errors="collect")
    assert [cell.root_id for cell in some] == [BIG]
    assert some.failures["error"].tolist() == ["UnknownName", "RemoteError"]
    assert "suggest_latest_roots" in some.failures["message"][0]
    assert "row limit" in some.failures["message"][1]


def test_mistakes_are_named(server):
    with pytest.raises(InvalidArgument, match="not pinned"):
        skeletons.load_cave([BIG], types.SimpleNamespace(timestamp=None))
    with pytest.raises(InvalidArgument, match="18 digits"):
        skeletons.load_cave([float(BIG)], client)
    with pytest.raises(InvalidArgument, match="batch_size"):
        skeletons.load_cave([BIG], client, batch_size=0)
    assert server == []
