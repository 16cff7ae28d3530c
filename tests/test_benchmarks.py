"""The harness that measures beside the peers: what a row says, and how rows are compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import harness, page, tables
from benchmarks.child import plain
from benchmarks.harness import OURS, Case, Row

ROWS = [
    Row("add", OURS, 0.5, 0.4, 10.0, input_mb=50.0),
    Row("add", "peer", 2.0, 1.5, 20.0, "a <b> | c", input_mb=50.0),
    Row("add", "slow peer", None, None, None, "ended after 3 s"),
    Row("multiply", "peer", 1.0, 1.0, 5.0, input_mb=50.0),
]


def make(n: int) -> np.ndarray:
    return np.ones(n)


def add(values: np.ndarray) -> np.ndarray:
    return values + 1


def add_in_place(values: np.ndarray) -> np.ndarray:
    values += 1
    return values


def fail(values: np.ndarray) -> None:
    raise ValueError(f"{len(values)} values refused")


def total(values: np.ndarray) -> float:
    return float(values.sum())


@pytest.fixture
def findable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the child process find this file by name, as it finds a benchmark."""
    tests = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", tests)
    for function in (make, add, add_in_place, fail, total):
        monkeypatch.setattr(function, "__module__", Path(__file__).stem)


@pytest.mark.usefixtures("findable")
def test_memory_is_what_the_call_adds_above_its_input() -> None:
    megabytes = 64
    case = Case("add", OURS, add, make, {"n": megabytes << 17}, total, repeats=2)
    row, answer = harness.measure(case)
    assert answer == 2.0 * (megabytes << 17)
    assert row.peak_mb == pytest.approx(megabytes, abs=4)
    assert row.input_mb is not None
    assert row.input_mb > megabytes
    assert 0 < row.min_seconds <= row.seconds


@pytest.mark.usefixtures("findable")
@pytest.mark.parametrize(("fresh", "expected"), [(True, 2.0), (False, 4.0)])
def test_a_run_that_changes_its_input_can_ask_for_a_new_one(fresh: bool, expected: float) -> None:
    case = Case("add", OURS, add_in_place, make, {"n": 1}, total, repeats=2, fresh_input=fresh)
    assert harness.measure(case)[1] == expected


@pytest.mark.usefixtures("findable")
def test_a_case_that_fails_says_why_in_its_row() -> None:
    row, answer = harness.measure(Case("add", "peer", fail, make, {"n": 3}, note="numpy only"))
    assert row.note == "numpy only; failed: ValueError: 3 values refused"
    assert (row.seconds, row.peak_mb, answer) == (None, None, None)


def test_ratios_compare_rows_of_the_same_work() -> None:
    assert [harness.ratio(row, ROWS) for row in ROWS] == [1.0, 4.0, None, None]


def test_a_case_whose_library_is_absent_is_named() -> None:
    case = Case("add", "peer", add, make, needs=("numpy", "a_library_nobody_has"))
    assert harness.absent(case) == ["a_library_nobody_has"]


@pytest.mark.parametrize(
    ("found", "expected", "agree"),
    [
        ([1, 2], [1, 2], True),
        ([1, 2], [1, 3], False),
        ([1], [1, 1], False),
        ({"a": 1.0}, {"a": 1.0 + 1e-9}, True),
        ({"a": 1.0}, {"a": 1.001}, False),
        ({"a": 1}, {"b": 1}, False),
        ("864691135000000001", "864691135000000002", False),
        (864691135000000001, 864691135000000002, False),
    ],
)
def test_answers_agree_exactly_or_to_a_millionth(
    found: object, expected: object, agree: bool
) -> None:
    assert harness.same(found, expected) is agree


def test_answers_become_plain_numbers() -> None:
    assert plain({"a": np.arange(2), 3: (np.float64(0.5), "x")}) == {"a": [0, 1], "3": [0.5, "x"]}


def test_the_page_has_every_row_and_escapes_it() -> None:
    machine = {
        "cpu": "a cpu", "cores": 2, "memory_gb": 24.0, "system": "Linux", "python": "3.11",
        "date": "2026-01-01", "versions": {"numpy": "2.0"},
    }  # fmt: skip
    result = {
        "name": "add", "title": "Adding", "about": "Adds.", "machine": machine,
        "rows": [row.__dict__ for row in ROWS], "left_out": ["add: other is left out"],
    }  # fmt: skip
    text = page.markdown([result])
    assert "| add | peer | 2 | 1.5 | 4 | 20 | 50 | a &lt;b> \\| c |" in text
    assert "- add: other is left out." in text
    assert "a cpu, 2 cores, 24 GB, Linux, Python 3.11, 2026-01-01; numpy 2.0" in text
    assert "No run is stored yet" in page.markdown([])


def test_drawn_tables_have_the_size_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTOME_GRAPH_BENCH_CACHE", str(tmp_path))
    first, again = tables.edges("S"), tables.edges("S")
    keys = first.pre.astype(np.int64) * first.n + first.post
    assert len(np.unique(keys)) == tables.SIZES["S"].edges
    assert np.all(np.diff(keys) > 0)
    assert not np.any(first.pre == first.post)
    assert np.array_equal(first.ids, again.ids)
    assert np.all(first.ids > 10**17)
    assert tables.synapses("S").exists()
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".npz", ".parquet"]
    # the same numbers wherever they are drawn
    size = tables.SIZES["S"]
    pre, post = tables.draw_edges(size, np.random.default_rng(size.seed))
    assert np.array_equal(pre, first.pre)
    assert np.array_equal(post, first.post)
