"""After every fault: the right tables, or an error. Never smaller tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from cave_server import TOKEN, Fault, World, make_world

from connectome_graph.errors import ConnectomeError, RemoteError
from connectome_graph.sources.cave import CaveTables, FetchOptions, load_tables

ROWS = "/query$"


def loaded(world: World, options: FetchOptions, **choices: Any) -> CaveTables:
    stack = world.stack(row_limit=None)
    return load_tables(stack, version=1718, token=TOKEN, options=options, **choices)


@pytest.fixture(scope="module")
def right() -> Callable[[World, FetchOptions], CaveTables]:
    """Return a function that fetches the same tables without any fault, once."""
    kept: list[CaveTables] = []

    def fetch(world: World, options: FetchOptions) -> CaveTables:
        if not kept:
            own = dataclasses.replace(options, cache_dir=options.folder / "right")
            kept.append(loaded(world, own, synapses="outputs"))
        return kept[0]

    return fetch


def burst(status: int) -> list[Fault]:
    return [Fault(ROWS, times=2, status=status), Fault("versions$", times=2, status=status)]


PASSING = {
    "limit with header": {"row_limit": 9},
    "limit without header": {"row_limit": 23, "limit_header": False},
    "limit of a hidden kind and rows sent twice": {
        "row_limit": 25,
        "limit_header": False,
        "duplicate_rows": True,
    },
    **{f"burst of {status}": {"faults": burst(status)} for status in (429, 500, 502, 503, 504)},
    "cut in mid-body": {"faults": [Fault(ROWS, times=4, cut=0.5)]},
    "cut after the header": {"faults": [Fault(ROWS, times=4, cut=0.0)]},
    "cut without a length": {"faults": [Fault(ROWS, times=4, cut=0.7, unframed=True)]},
    "cut at the end of a batch": {
        "batches": 5,
        "faults": [Fault(ROWS, times=6, keep_batches=2, unframed=True)],
    },
    "several batches, no length": {"batches": 5, "faults": [Fault(ROWS, times=-1, unframed=True)]},
    "slow": {"faults": [Fault(ROWS, times=2, delay_s=1.2)]},
    "duplicate rows": {"duplicate_rows": True},
    "a notice of the table's owner": {"notice": "Table Owner Notice on x: cite us"},
    "the whole opening fails once": {"faults": [Fault("info|versions|version$", 3, status=503)]},
}


@pytest.mark.parametrize("fault", PASSING)
def test_faults_that_pass_leave_the_right_tables(
    served: World, options: FetchOptions, fault: str, right: Any
) -> None:
    expected = right(served, options)
    for name, value in PASSING[fault].items():
        made = [dataclasses.replace(each) for each in value] if name == "faults" else value
        setattr(served.cave, name, made)
    own = dataclasses.replace(options, timeout_s=0.8, attempts=8)
    found = loaded(served, own, synapses="outputs")
    pd.testing.assert_frame_equal(found.neurons, expected.neurons)
    pd.testing.assert_frame_equal(found.synapses, expected.synapses)


STAYING = {
    "always 503": {"faults": [Fault(ROWS, times=-1, status=503)]},
    "always cut": {"faults": [Fault(ROWS, times=-1, cut=0.5)]},
    "always cut, no length": {"faults": [Fault(ROWS, times=-1, cut=0.5, unframed=True)]},
    "not found": {"faults": [Fault(ROWS, times=-1, status=404)]},
    "no unit": {"resolution_header": False},
    "token refused": {"token": "another" * 5},
    "version expired": {"expired": {117, 1718}},
    "table gone": {"tables": {}},
    "rounded ids": {"dtypes": "legacy"},
}


@pytest.mark.parametrize("fault", STAYING)
def test_faults_that_stay_are_errors(served: World, options: FetchOptions, fault: str) -> None:
    for name, value in STAYING[fault].items():
        setattr(served.cave, name, value)
    own = dataclasses.replace(options, attempts=2)
    with pytest.raises(ConnectomeError) as caught:
        loaded(served, own, synapses="outputs")
    assert TOKEN not in str(caught.value)


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
