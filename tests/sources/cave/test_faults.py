"""After every fault: the right tables, or an error. Never other tables, before or after a kill."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from cave_server import TOKEN, Fault, World, make_world
from sources.cave.conftest import loaded, same

from connectome_graph.errors import ConnectomeError, RemoteError
from connectome_graph.sources.cave import CaveTables, FetchOptions
from connectome_graph.sources.cave import _fetch as fetch_module

ROWS = "/query$"
SYNAPSES, TAGS = "synapses_pni_2/query", "predictions_ssa_v2/query"
CELLS, STATUS = "aibs_cell_info/query", "proofreading_status_and_strategy/query"


def burst(status: int) -> list[Fault]:
    return [Fault(ROWS, times=2, status=status), Fault("versions$", times=2, status=status)]


def none(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[:0]


def one_less(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[:-1]


def one_instead(frame: pd.DataFrame) -> pd.DataFrame:
    """Return as many rows as there were, the first of them twice and the last gone."""
    return pd.concat([frame.iloc[:1], frame.iloc[:-1]]) if len(frame) > 1 else frame


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with ids as text, a missing one as "0"."""
    ids = [name for name in frame.columns if name == "id" or name.endswith("_id")]
    words = {name: frame[name].astype("string").fillna("0").astype(object) for name in ids}
    return frame.assign(**words)


def on(path: str, **what: Any) -> dict[str, Any]:
    return {"faults": [Fault(path, **what)]}


ANSWERS = {"synapses": SYNAPSES, "tags": TAGS, "cells": CELLS, "proofreading": STATUS}
PASSING: dict[str, dict[str, Any]] = {
    "limit with header": {"row_limit": 9},
    "limit without header": {"row_limit": 23, "limit_header": False},
    "limit of a hidden kind and rows sent twice": {
        "row_limit": 25,
        "limit_header": False,
        "duplicate_rows": True,
    },
    **{f"burst of {status}": {"faults": burst(status)} for status in (429, 500, 502, 503, 504)},
    "cut in mid-body": on(ROWS, times=4, cut=0.5),
    "cut after the header": on(ROWS, times=4, cut=0.0),
    "cut without a length": on(ROWS, times=4, cut=0.7, unframed=True),
    "cut at the end of a batch": {
        "batches": 5,
        **on(ROWS, times=6, keep_batches=2, unframed=True),
    },
    "several batches, no length": {"batches": 5, **on(ROWS, times=-1, unframed=True)},
    "silent": on(ROWS, times=1, delay_s=1.0),
    "dripping": on(SYNAPSES, times=1, drip_s=0.02),
    "duplicate rows": {"duplicate_rows": True},
    "a notice of the table's owner": {"notice": "Table Owner Notice on x: cite us"},
    "the whole opening fails once": on("info|versions|version$", times=3, status=503),
    **{f"{what}: once empty": on(path, rows=none) for what, path in ANSWERS.items()},
    **{f"{what}: once one less": on(path, rows=one_less) for what, path in ANSWERS.items()},
    "one row in place of another": on(SYNAPSES, rows=one_instead),
    "every third answer shortened": {
        "faults": [f for _ in range(4) for f in (Fault(ROWS, times=2), Fault(ROWS, rows=one_less))]
    },
    "the rows of another part": on(SYNAPSES, times=2, stale=True),
    "ids as text": on(ROWS, times=-1, rows=as_text),
    "a login page": on(ROWS, times=3, page="<html>sign in</html>"),
    "JSON in place of rows": on(ROWS, times=3, json={"message": "queued"}),
    "another name of the same type": on(ROWS, times=-1, kind="data.arrow; charset=utf-8"),
    "no name of the type": on(ROWS, times=-1, kind="application/octet-stream"),
    "a page in place of a list": on("tables$", times=2, page="<html>proxy</html>"),
    "JSON of another shape": on("tables$|versions$|info/", times=3, json={"message": "?"}),
    "no versions at first": on("versions$", times=2, json=[]),
    "fewer versions at first": on("versions$", times=2, json=[1507]),
    "no tables at first": on("tables$", times=2, json=[]),
    "fewer tables at first": on("tables$", times=2, json=["nucleus_detection_v0"]),
    "no views at first": on("views$", times=2, json={}),
    "a time stamp without a fraction": {"stamp": "%Y-%m-%dT%H:%M:%S"},
}


def patience(fault: str) -> dict[str, float]:
    """Return deadlines that a fault of time runs into; the others are given time."""
    slow = any(word in fault for word in ("silent", "dripping"))
    return {"timeout_s": 0.3, "request_s": 0.6} if slow else {}


def killed_before_the_proof(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


@pytest.fixture(params=[False, True], ids=["in one go", "after a kill"])
def kill(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a context in which a fetch is killed before its rows are proven; or None."""
    if not request.param:
        yield None
        return
    with monkeypatch.context() as patched:
        patched.setattr(fetch_module, "remember", killed_before_the_proof)
        yield patched


@pytest.mark.parametrize("fault", PASSING)
def test_faults_that_pass_leave_the_right_tables(
    faulty: World, options: FetchOptions, fault: str, kill: Any, right: CaveTables
) -> None:
    for name, value in PASSING[fault].items():
        made = [dataclasses.replace(each) for each in value] if name == "faults" else value
        setattr(faulty.cave, name, made)
    own = dataclasses.replace(options, chunk_size=4, attempts=8, **patience(fault))
    if kill is not None:
        with pytest.raises(KeyboardInterrupt):
            loaded(faulty, own, synapses="outputs")
        kill.undo()
    same(loaded(faulty, own, synapses="outputs"), right)
    # and what is in the cache is right: nothing is asked any more
    before = len(faulty.cave.log)
    same(loaded(faulty, own, synapses="outputs"), right)
    assert len(faulty.cave.log) == before


def withheld(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["id"] != 500_100] if "id" in frame else frame


STAYING: dict[str, dict[str, Any]] = {
    "always 503": on(ROWS, times=-1, status=503),
    "always cut": on(ROWS, times=-1, cut=0.5),
    "always cut, no length": on(ROWS, times=-1, cut=0.5, unframed=True),
    "not found": on(ROWS, times=-1, status=404),
    "no unit": {"resolution_header": False},
    "token refused": {"token": "another" * 5},
    "version expired": {"expired": {117, 1718}},
    "table gone": {"tables": {}},
    "rounded ids": {"dtypes": "legacy"},
    "always empty": on(ROWS, times=-1, rows=none),
    "always one less": on(SYNAPSES, times=-1, rows=one_less),
    "one row withheld": on(SYNAPSES, times=-1, rows=withheld),
    "one part's rows for every part": on(SYNAPSES, times=-1, stale=True),
    "filters are ignored": {"ignores": "filter_in", "row_limit": 50},
    "ranges of ids are ignored": {"ignores": "filter_g", "row_limit": 9},
    "always dripping": on(SYNAPSES, times=-1, drip_s=0.02),
    "always silent": on(SYNAPSES, times=-1, delay_s=0.4),
    "always a login page": on(ROWS, times=-1, page="<html>sign in</html>"),
    "always JSON": on(ROWS, times=-1, json=[]),
    "no views": on("views$", times=-1, json={}),
    "no tables": on("tables$", times=-1, json=[]),
    "no versions": on("versions$", times=-1, json=[]),
    "the info of nothing": on("info/", times=-1, json=[]),
    "a column lost": on(SYNAPSES, times=-1, rows=lambda f: f.rename(columns={"size": "sizes"})),
    "ids that are no numbers": on(SYNAPSES, times=-1, rows=lambda f: f.assign(id="x")),
}


@pytest.mark.parametrize("fault", STAYING)
def test_faults_that_stay_are_errors(
    faulty: World, options: FetchOptions, fault: str, right: CaveTables
) -> None:
    mended = dict.fromkeys(STAYING[fault])
    for name, value in STAYING[fault].items():
        mended[name] = getattr(faulty.cave, name)
        made = [dataclasses.replace(each) for each in value] if name == "faults" else value
        setattr(faulty.cave, name, made)
    own = dataclasses.replace(options, chunk_size=4, attempts=2, **patience(fault))
    with pytest.raises(ConnectomeError) as caught:
        loaded(faulty, own, synapses="outputs")
    assert TOKEN not in str(caught.value)
    assert len(faulty.cave.log) < 200
    # nothing of it is in the cache: without the fault the same call gives the right tables
    for name, value in mended.items():
        setattr(faulty.cave, name, [] if name == "faults" else value)
    same(
        loaded(faulty, dataclasses.replace(own, timeout_s=20, request_s=20), synapses="outputs"),
        right,
    )


def test_an_old_server_without_gaps_in_its_ids_is_read(options: FetchOptions, request: Any) -> None:
    """Before 5.13 a server sent int64 and 't'/'f'; only missing ids were rounded."""
    world = make_world()
    world.cave.token = TOKEN
    for table in world.cave.tables.values():
        ids = [name for name in table.frame.columns if name.endswith("root_id")]
        table.frame = table.frame.dropna(subset=ids).reset_index(drop=True)
    view = world.cave.views["aibs_cell_info"]
    view.frame = view.frame.dropna(subset=["pt_root_id"]).reset_index(drop=True)
    pytest.importorskip("caveclient", reason="needs caveclient, which needs pandas 2")
    with world.cave:
        new = loaded(world, options)
        world.cave.dtypes = "legacy"
        own = dataclasses.replace(options, cache_dir=options.folder / "old")
        old = loaded(world, own)
    pd.testing.assert_frame_equal(old.neurons, new.neurons)
    pd.testing.assert_frame_equal(old.synapses, new.synapses)


def test_an_empty_answer_is_an_empty_table(served: World, options: FetchOptions) -> None:
    alone = [served.cells[0]]
    table = served.cave.tables["synapses_pni_2"]
    table.frame = table.frame[table.frame["pre_pt_root_id"] == 5]
    found = loaded(served, options, neurons=alone)
    assert len(found.neurons) == 1
    assert len(found.synapses) == 0
    assert found.synapses["pre"].dtype == "int64"
    assert "target" in found.synapses.columns


def test_a_fetch_that_fails_keeps_what_arrived(served: World, options: FetchOptions) -> None:
    own = dataclasses.replace(options, attempts=1, chunk_size=2, workers=1)
    loaded(served, own, synapses="none")
    served.cave.faults = [Fault("synapses_pni_2/query", times=3)]
    served.cave.faults.append(Fault("synapses_pni_2/query", times=1, status=503))
    with pytest.raises(RemoteError, match="goes on from there"):
        loaded(served, own)
    kept = len(list(options.folder.rglob("synapses_pni_2/*/part-*.parquet")))
    before = len(served.cave.log)
    found = loaded(served, own)
    asked = [body for _, path, body in served.cave.log[before:] if "synapses_pni_2" in path]
    rows = [body for body in asked if body.get("_count") != "True"]
    assert 3 <= kept < 6
    assert len(rows) == 6 - kept  # six chunks of two neurons
    assert len(found.synapses) > 0
