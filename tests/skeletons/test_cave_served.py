"""The real caveclient and the real ossify against a loopback server with skeletons."""

from __future__ import annotations

import importlib.util

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import skeletons
from connectome_graph.errors import UnreadableFile

if not (importlib.util.find_spec("ossify") and importlib.util.find_spec("caveclient")):
    pytest.skip("needs ossify and caveclient, which need pandas 2", allow_module_level=True)

from cave_server import Table
from skeletons.cave_with_skeletons import SkeletonCave, served_skeleton
from skeletons.trees_at_random import random_tree

pytestmark = [
    pytest.mark.extras,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ROOTS = [864691135000000001, 864691135000000003]
N = 20


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Serve two neurons and forty synapses, one of them on no level 2 id of its neuron."""
    monkeypatch.setenv("HOME", str(tmp_path))
    rng = np.random.default_rng(0)
    cave = SkeletonCave(current_roots=set(ROOTS))
    rows = []
    for root_id in ROOTS:
        points, parent, _ = random_tree(rng, N)
        order = np.argsort(parent >= 0, kind="stable")  # the root first
        place = np.argsort(order)
        parent = np.where(parent[order] < 0, -1, place[parent[order]])
        cave.skeletons[root_id] = served_skeleton(root_id, points[order] * 1000, parent)
        level2 = cave.skeletons[root_id]["lvl2_ids"]
        cave.places |= {i: list(map(float, p)) for i, p in zip(level2, points * 1000, strict=True)}
        for k in range(N):
            supervoxel = len(rows) + 1
            cave.level2[supervoxel] = level2[k]
            rows.append((supervoxel, root_id))
    table = pd.DataFrame(
        {
            "id": [500_000_000_000_000_001 + k for k in range(len(rows))],
            "valid": True,
            "pre_pt_supervoxel_id": [900 + k for k in range(len(rows))],
            "pre_pt_root_id": [ROOTS[0] + 100] * len(rows),
            "post_pt_supervoxel_id": [supervoxel for supervoxel, _ in rows],
            "post_pt_root_id": [root_id for _, root_id in rows],
            "size": range(len(rows)),
            **{f"{p}_pt_position_{a}": 1.0 for p in ("pre", "post", "ctr") for a in "xyz"},
        }
    ).convert_dtypes()
    cave.tables["synapses_pni_2"] = Table(table)
    cave.level2[1] = 77  # the first synapse lies on a piece that no neuron has
    cave.places[77] = [0.0, 0.0, 0.0]
    with cave:
        yield cave, table


@pytest.fixture
def client(served):
    from caveclient import CAVEclient

    cave, _ = served
    return CAVEclient(
        cave.datastack, server_address=cave.url, auth_token="0" * 32,
        write_server_cache=False, version=1718,
    )  # fmt: skip


def test_cells_and_their_synapses_come_from_the_pinned_moment(served, client):
    cave, table = served
    cells = skeletons.load_cave(ROOTS, client)
    assert [cell.root_id for cell in cells] == ROOTS
    assert all(len(cell.inputs) == N for cell in cells)
    asked = {body["timestamp"] for kind, _, body in cave.log if kind == "live"}
    assert len(asked) == 1
    assert next(iter(asked)).startswith("2026-01-15")
    assert cells[0].inputs["vertex"].eq(-1).sum() == 1
    g = cg.from_tables(
        table.rename(columns={"id": "synapse_id"}), unknown="add", columns={"position": None}
    )
    h = skeletons.attach(g, cells)
    facts = h.provenance.fact("post")
    assert (facts["n_by_synapse_id"], facts["n_unattached"]) == (2 * N - 1, 1)
    rows = h.synapses.sort_values("synapse_id")
    lost = rows["distance_to_root_um"].isna().tolist()
    assert lost == [True] + [False] * (2 * N - 1)
    for cell in cells:
        mine = rows.loc[rows["post"] == cell.root_id, "distance_to_root_um"]
        np.testing.assert_allclose(mine.dropna(), cell.distance_to_root_um[-len(mine.dropna()) :])


def test_a_root_that_is_not_current_is_told(served, client):
    stranger = ROOTS[1] + 2
    with pytest.raises(UnreadableFile, match="1 of 3 cells"):
        skeletons.load_cave([*ROOTS, stranger], client)
    some = skeletons.load_cave([*ROOTS, stranger], client, errors="collect")
    assert len(some) == 2
    assert some.failures["source"].tolist() == [str(stranger)]


def test_a_query_at_the_row_limit_is_asked_again_in_halves(served, client):
    cave, _ = served
    cave.row_limit = 30
    cells = skeletons.load_cave(ROOTS, client, row_limit=30)
    assert [len(cell.inputs) for cell in cells] == [N, N]
    cave.row_limit = 10
    with pytest.raises(UnreadableFile, match="row limit"):
        skeletons.load_cave(ROOTS, client, row_limit=10)
