"""The harness that measures beside the peers: what a row says, and how rows are compared."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import check, harness, page, picture, tables
from benchmarks.__main__ import available
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
    ("python", "told"),
    [(sys.executable, f"(for {sys.executable})"), ("/no/python", "(no /no/python here)")],
)
def test_a_library_with_a_python_of_its_own_is_looked_for_there(python: str, told: str) -> None:
    case = Case("add", "peer", add, make, needs=("json", "a_library_nobody_has"), python=python)
    missing = harness.absent(case)
    assert missing[-1] == f"a_library_nobody_has {told}"
    assert len(missing) == (1 if python == sys.executable else 2)


@pytest.mark.parametrize("topic", available())
def test_every_topic_has_ours_first_and_functions_that_a_child_finds(
    topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTOME_GRAPH_BENCH_CACHE", str(tmp_path))
    bench = importlib.import_module(f"benchmarks.bench_{topic}")
    assert bench.TITLE
    assert bench.ABOUT
    cases = bench.cases()
    for work in dict.fromkeys(case.work for case in cases):
        of_work = [case.name for case in cases if case.work == work]
        assert OURS not in of_work or of_work[0] == OURS
    names = [(case.work, case.name) for case in cases]
    assert len(set(names)) == len(names)
    for case in cases:
        for function in (case.run, case.prepare, case.answer or case.run):
            assert "<" not in function.__qualname__


def test_the_curves_are_the_stored_points(tmp_path: Path) -> None:
    rows = [
        Row("census, 1 M edges", OURS, 2.0, 2.0, None),
        Row("census, 100 k edges", OURS, 0.1, 0.1, None),
        Row("census, 100 k edges", "peer", 4.0, 4.0, None),
        Row("census, 1 M edges", "peer", None, None, None),
        Row("no size", OURS, 1.0, 1.0, None),
    ]  # fmt: skip
    found = picture.curves(rows)
    assert found == {"census": {OURS: [(1e5, 0.1), (1e6, 2.0)], "peer": [(1e5, 4.0)]}}
    path = picture.draw({"rows": [row.__dict__ for row in rows]}, tmp_path / "curves.svg")
    first = path.read_bytes()
    for text in (b"census", b"edges", b"seconds", OURS.encode(), b"peer"):
        assert text in first
    picture.draw({"rows": [row.__dict__ for row in rows]}, path)
    assert path.read_bytes() == first


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


def test_the_guard_runs_what_was_short_and_has_a_ratio() -> None:
    long, quick = check.SHORT + 1, check.SHORT - 1
    stored = [
        Row("add", OURS, 0.1, 0.1, None), Row("add", "peer", quick, quick, None),
        Row("add", "slow peer", long, long, None), Row("add", "gone", None, None, None),
        Row("alone", OURS, 0.1, 0.1, None),
        Row("ours long", OURS, long, long, None), Row("ours long", "peer", 1.0, 1.0, None),
    ]  # fmt: skip
    cases = [Case(row.work, row.name, add, make, repeats=50) for row in stored]
    cases.append(Case("new", OURS, add, make))
    found = check.short(cases, stored)
    assert [(case.work, case.name) for case in found] == [("add", OURS), ("add", "peer")]
    assert {case.repeats for case in found} == {check.REPEATS}


@pytest.mark.parametrize(("ours", "fell"), [(0.5, False), (0.7, False), (0.8, True), (0.1, False)])
def test_the_guard_names_what_fell_by_over_a_third(
    ours: float, fell: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [Row("add", OURS, ours, ours, None), Row("add", "peer", 2.0, 2.0, None)]
    now.append(Row("add", "new peer", 0.1, 0.1, None))
    falls = check.fallen("topic", ROWS, now)
    assert [(fall.work, fall.peer) for fall in falls] == ([("add", "peer")] if fell else [])
    assert check.told(1, falls, []) == int(fell)
    assert ("fell: topic, add: peer took 4 times ours" in capsys.readouterr().err) is fell


def test_the_guard_does_not_depend_on_how_fast_the_machine_is() -> None:
    slower = [
        Row(row.work, row.name, row.seconds and 3 * row.seconds, None, None, row.note)
        for row in ROWS
    ]
    assert check.fallen("topic", ROWS, slower) == []


def test_the_guard_fails_when_ours_does_not_finish(capsys: pytest.CaptureFixture[str]) -> None:
    now = [Row("add", OURS, None, None, None, "failed: no"), Row("add", "peer", 2.0, 2.0, None)]
    cases = [Case("add", OURS, add, make), Case("add", "peer", add, make)]
    assert check.fallen("topic", ROWS, now) == []
    assert check.told(0, [], check.lost(cases[:1], now)) == 1
    assert "did not finish: add: failed: no" in capsys.readouterr().err


@pytest.mark.usefixtures("findable")
def test_the_guard_measures_and_stores_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Bench:
        @staticmethod
        def cases() -> list[Case]:
            given = {"params": {"n": 10}, "repeats": 2}
            return [Case("add", OURS, add, make, **given), Case("add", "peer", add, make, **given)]

    stored = [Row("add", OURS, 1e-9, 1e-9, None), Row("add", "peer", 1.0, 1.0, None)]
    result = {"name": "adding", "rows": [row.__dict__ for row in stored]}
    monkeypatch.setattr(page, "stored", lambda: [result])
    monkeypatch.setattr(check.importlib, "import_module", lambda name: Bench)
    before = sorted(harness.RESULTS.iterdir())
    # in the stored run the peer took a billion times ours: it cannot again
    assert check.run(["adding", "unknown"]) == 1
    told = capsys.readouterr()
    assert "1 ratios compared" in told.out
    assert "unknown: no run is stored" in told.out
    assert told.err.count("fell: ") == 1
    assert sorted(harness.RESULTS.iterdir()) == before


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
