"""Skeletons through a session: the real caveclient against a loopback server, ossify as witness."""

from __future__ import annotations

import dataclasses
import importlib.util
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, RemoteError, UnreadableFile
from connectome_graph.sources.cave import FetchOptions, Session
from connectome_graph.sources.cave import _client as client_module
from connectome_graph.sources.cave import _datastacks as datastacks
from connectome_graph.sources.cave import _morphology as morphology

if not importlib.util.find_spec("caveclient"):
    pytest.skip("needs caveclient, which needs pandas 2", allow_module_level=True)

from cave_server import Fault, Table, make_world
from skeletons.cave_with_skeletons import SkeletonCave, flat_file, served_skeleton
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
SKELETONS = "get_cached_skeletons"


@pytest.fixture
def served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[SkeletonCave, pd.DataFrame]]:
    """Serve two neurons and forty synapses, one of them on no level 2 id of its neuron."""
    monkeypatch.setenv("HOME", str(tmp_path))
    clock = SimpleNamespace(sleep=lambda _: None, monotonic=time.monotonic)
    monkeypatch.setattr(client_module, "time", clock)
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
def session(served: Any, tmp_path: Path) -> Session:
    cave, _ = served
    return connected(cave, tmp_path / "cache")


def connected(cave: SkeletonCave, cache: Path, **stack: Any) -> Session:
    fields = {"row_limit": None, "cells": (), "proofreading": (), "targets": (), **stack}
    entry = cg.cave.datastack("minnie65_public", server=cave.url, **fields)
    options = FetchOptions(cache_dir=cache, backoff_s=0, timeout_s=20)
    return cg.cave.connect(entry, version=1718, token="0" * 32, options=options)


def asked(cave: SkeletonCave, pattern: str) -> int:
    return len(cave.requests(pattern))


def test_cells_come_with_their_synapses_on_their_vertices(served: Any, session: Session) -> None:
    cave, table = served
    cells = skeletons.load_cave(session, ROOTS)
    assert [cell.root_id for cell in cells] == ROOTS
    assert [len(cell.inputs) for cell in cells] == [N, N]
    assert cells[0].inputs["vertex"].eq(-1).sum() == 1
    assert cells[0].inputs["x_um"].eq(0.004).all()
    stamps = {query["timestamp"] for _, path, query in cave.requests("roots_binary")}
    assert len(stamps) == 1  # one moment, that of the version
    g = cg.from_tables(
        table.rename(columns={"id": "synapse_id"}), unknown="add", columns={"position": None}
    )
    h = skeletons.attach(g, cells)
    facts = h.provenance.fact("post")
    assert (facts["n_by_synapse_id"], facts["n_unattached"]) == (2 * N - 1, 1)
    rows = h.synapses.sort_values("synapse_id")
    assert rows["distance_to_root_um"].isna().tolist() == [True] + [False] * (2 * N - 1)


def test_ossify_places_the_same_synapses_on_the_same_vertices(
    served: Any, session: Session
) -> None:
    ossify = pytest.importorskip("ossify", reason="the witness of this test")
    from caveclient import CAVEclient

    cave, _ = served
    client = CAVEclient(
        cave.datastack, server_address=cave.url, auth_token="0" * 32,
        write_server_cache=False, version=1718,
    )  # fmt: skip
    theirs = ossify.load_cell_batch_from_client(
        ROOTS, client, synapses=True, include_partner_root_id=True, omit_self_synapses=False,
        restore_properties=False, timestamp=client.timestamp, skip_invalid=True,
        skeleton_download_method="server",
    )  # fmt: skip
    for cell in skeletons.load_cave(session, ROOTS):
        witness = skeletons.from_ossify(theirs[cell.root_id])
        np.testing.assert_allclose(cell.vertices, witness.vertices)
        assert cell.parent.tolist() == witness.parent.tolist()
        own, other = (each.inputs.sort_values("synapse_id") for each in (cell, witness))
        for name in ("synapse_id", "vertex", "pre", "post"):
            assert own[name].tolist() == other[name].tolist()


def test_a_second_call_asks_nothing_and_a_larger_one_for_the_rest(
    served: Any, session: Session, tmp_path: Path
) -> None:
    cave, _ = served
    first = skeletons.load_cave(session, ROOTS[:1])
    before = len(cave.log)
    again = connected(cave, tmp_path / "cache")
    second = skeletons.load_cave(again, ROOTS[:1])
    assert len(cave.log) == before
    pd.testing.assert_frame_equal(first[0].inputs, second[0].inputs)
    assert first[0].parent.tolist() == second[0].parent.tolist()
    skeletons.load_cave(again, ROOTS)
    bodies = [body["filter_in_dict"] for body in cave.queries("synapses_pni_2")[2:]]
    assert {
        root for body in bodies for ids in body.values() for x in ids.values() for root in x
    } == {ROOTS[1]}


def test_synapses_that_a_graph_has_fetched_are_not_fetched_again(
    served: Any, tmp_path: Path
) -> None:
    cave, table = served
    cells = pd.DataFrame({"id": [1, 2], "pt_root_id": ROOTS}).convert_dtypes()
    cave.tables["cells"] = Table(cells)
    session = connected(
        cave, tmp_path / "cache", cells=(cg.cave.Cells("cells"),), column=None,
        coregistration=(), transform=None,
    )  # fmt: skip
    g = cg.from_cave(session, synapses="inputs", unknown="add")
    assert g.n_synapses == len(table)
    inputs = list(cave.queries("synapses_pni_2"))
    loaded = skeletons.load_cave(session, ROOTS)
    new = cave.queries("synapses_pni_2")[len(inputs) :]
    assert [list(body["filter_in_dict"]["synapses_pni_2"]) for body in new] == [["pre_pt_root_id"]]
    assert skeletons.attach(g, loaded).provenance.fact("post")["n_by_synapse_id"] == 2 * N - 1


def test_a_row_limit_is_no_matter(served: Any, session: Session) -> None:
    cave, _ = served
    cave.row_limit, cave.limit_header = 7, False
    cells = skeletons.load_cave(session, ROOTS)
    assert [len(cell.inputs) for cell in cells] == [N, N]


PASSING = {
    "429 without a time": Fault("query$", times=2, status=429),
    "429 of the skeleton service": Fault(SKELETONS, times=2, status=429, retry_after="2"),
    "half a skeleton list": Fault(SKELETONS, times=1, json={str(ROOTS[0]): None}),
    "an empty list": Fault(SKELETONS, times=2, json={}),
    "a login page": Fault(SKELETONS, times=2, page="<html>sign in</html>"),
    "too few chunks": Fault("roots_binary", times=2, cut=0.5, unframed=True),
    "chunks of nobody": Fault("roots_binary", times=1, raw=np.zeros(41, np.uint64).tobytes()),
}


@pytest.mark.parametrize("fault", PASSING)
def test_faults_that_pass_leave_the_right_cells(
    served: Any, session: Session, tmp_path: Path, fault: str
) -> None:
    cave, _ = served
    right = skeletons.load_cave(connected(cave, tmp_path / "right"), ROOTS)
    cave.faults = [dataclasses.replace(PASSING[fault])]
    try:
        found = skeletons.load_cave(session, ROOTS)
    except RemoteError:
        # two answers that differ are refused, and nothing of them is kept
        assert fault == "chunks of nobody"
        found = skeletons.load_cave(session, ROOTS)
    assert cave.faults[0].times == 0
    for one, other in zip(found, right, strict=True):
        pd.testing.assert_frame_equal(one.inputs, other.inputs)
        np.testing.assert_array_equal(one.vertices, other.vertices)


def test_a_killed_load_goes_on_neuron_by_neuron(
    served: Any, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cave, _ = served
    right = skeletons.load_cave(connected(cave, tmp_path / "right"), ROOTS)
    kept: list[int] = []
    keep = morphology._keep

    def killed(folder: Any, root: int, *rest: Any) -> None:
        if kept:
            raise KeyboardInterrupt
        kept.append(root)
        keep(folder, root, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(morphology, "_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            skeletons.load_cave(session, ROOTS, batch_size=1)
    before = len(cave.requests(SKELETONS))
    found = skeletons.load_cave(session, ROOTS, batch_size=1)
    assert len(cave.requests(SKELETONS)) == before + 1  # one neuron was there already
    for one, other in zip(found, right, strict=True):
        pd.testing.assert_frame_equal(one.inputs, other.inputs)


def test_a_silent_server_ends_in_an_error(served: Any, tmp_path: Path) -> None:
    cave, _ = served
    entry = cg.cave.datastack("minnie65_public", server=cave.url, row_limit=None)
    options = FetchOptions(cache_dir=tmp_path / "cache", backoff_s=0, timeout_s=0.2, attempts=2)
    session = cg.cave.connect(entry, version=1718, token="0" * 32, options=options)
    cave.faults = [Fault(SKELETONS, times=-1, delay_s=0.6)]
    with pytest.raises(RemoteError, match="failed 2 times"):
        skeletons.load_cave(session, ROOTS)


def test_a_root_that_is_not_current_is_told(served: Any, session: Session) -> None:
    stranger = ROOTS[1] + 2
    with pytest.raises(UnreadableFile, match=r"1 of 3 cells(.|\n)*latest_ids"):
        skeletons.load_cave(session, [*ROOTS, stranger])
    some = skeletons.load_cave(session, [*ROOTS, stranger], errors="collect")
    assert len(some) == 2
    assert some.failures["source"].tolist() == [str(stranger)]


def test_a_neuron_without_a_skeleton_is_told(served: Any, session: Session) -> None:
    cave, _ = served
    del cave.skeletons[ROOTS[0]]
    some = skeletons.load_cave(session, ROOTS, errors="collect")
    assert [cell.root_id for cell in some] == ROOTS[1:]
    assert "generate_bulk_skeletons_async" in some.failures["message"][0]


def test_flat_skeletons_need_no_service(served: Any, tmp_path: Path) -> None:
    cave, _ = served
    cave.flat = {ROOTS[0]: flat_file(cave.skeletons[ROOTS[0]])}
    session = connected(
        cave, tmp_path / "cache", flat_skeletons=cave.url + "/flat_m{version}/skeletons"
    )
    some = skeletons.load_cave(session, ROOTS, errors="collect", missing_soma="root")
    assert [cell.root_id for cell in some] == ROOTS[:1]
    expected = np.array(cave.skeletons[ROOTS[0]]["vertices"]) / 1000
    np.testing.assert_allclose(
        np.sort(some[0].vertices, axis=0), np.sort(expected, axis=0), rtol=1e-6
    )
    assert "has no skeleton" in some.failures["message"][0]
    assert asked(cave, SKELETONS) == 0
    authorized = [headers for path, headers in cave.seen if "/flat_m" in path]
    assert authorized
    assert not any("Authorization" in headers for headers in authorized)


def test_mistakes_are_named(served: Any, session: Session) -> None:
    with pytest.raises(InvalidArgument, match=r"cave\.connect"):
        skeletons.load_cave(ROOTS, session)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="18 digits"):
        skeletons.load_cave(session, [float(ROOTS[0])])  # type: ignore[list-item]
    with pytest.raises(InvalidArgument, match="batch_size"):
        skeletons.load_cave(session, ROOTS, batch_size=0)


# ---------------------------------------------------------------- the page
def lines_of_the_page() -> str:
    """Return the first block of code of the page about CAVE."""
    page = (Path(__file__).parents[2] / "docs" / "cave.md").read_text(encoding="utf-8")
    return page.split("```python\n", 1)[1].split("```", 1)[0]


def test_the_page_goes_from_a_token_to_distances_in_ten_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = make_world()
    cave = SkeletonCave(
        tables=world.cave.tables, views=world.cave.views, current_roots=set(world.roots)
    )
    rng = np.random.default_rng(0)
    for root in set(world.roots):
        points, parent, _ = random_tree(rng, N)
        order = np.argsort(parent >= 0, kind="stable")
        place = np.argsort(order)
        parent = np.where(parent[order] < 0, -1, place[parent[order]])
        cave.skeletons[root] = served_skeleton(root, points[order] * 1000, parent)
    rows = world.cave.tables["synapses_pni_2"].frame
    for supervoxel, root in zip(
        rows["post_pt_supervoxel_id"], rows["post_pt_root_id"].fillna(0), strict=True
    ):
        if root in cave.skeletons:
            cave.level2[int(supervoxel)] = cave.skeletons[root]["lvl2_ids"][supervoxel % N]
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONNECTOME_GRAPH_CACHE", str(tmp_path / "cache"))
    code = lines_of_the_page()
    assert sum(bool(line.strip()) for line in code.splitlines()) <= 10
    with cave:
        entry = cg.cave.datastack("minnie65_public", server=cave.url, transform=None)
        monkeypatch.setitem(datastacks.DATASTACKS, "minnie65_public", entry)  # type: ignore[arg-type]
        names: dict[str, Any] = {}
        exec(compile(code, "docs/cave.md", "exec"), names)
    assert "were fetched from minnie65_public version 1718" in capsys.readouterr().out
    g, near = names["g"], names["near"]
    known = g.synapses["distance_to_root_um"].notna()
    assert known.sum() > 10
    assert 0 < near.n_synapses < g.n_synapses
    assert set(near.synapses["target"]) == {"shaft"}
