"""What is measured, and how: cases in, rows out.

A benchmark is a file ``benchmarks/bench_<topic>.py`` with three names::

    TITLE = "Triad census"
    ABOUT = "One paragraph: the work, the input, what each peer does and does not do."


    def cases() -> list[Case]:
        return [
            Case("census, 1,355 neurons", OURS, run=ours, prepare=as_graph, answer=list),
            Case(
                "census, 1,355 neurons",
                "networkx",
                run=theirs,
                prepare=as_networkx,
                answer=list,
                needs=("networkx",),
                repeats=1,
                warmups=0,
                limit=300,
            ),
        ]

``prepare(**params)`` imports the library and makes its input, outside the clock; ``run(input)``
is what is timed; ``answer(result)`` boils the result down to numbers and text, so that rows of
the same work can be checked to have computed the same thing. All three are functions at the top
level of the file: each case runs in a fresh process, which finds them by name. Peers are imported
inside them, because one that is absent only costs its own rows.

What a row says:

- *seconds* and *min_seconds*: the median and the least of the repeats, after the warm-ups (which
  compile, and fill caches);
- *input_mb*: what the process held before the first call, its libraries and its input included;
- *peak_mb*: how far above that the first call rose at its highest. It is taken in a process of
  its own, where nothing was allocated and given back before.

Cases of one work are compared with the one named :data:`OURS`, which comes first; ratios come from
one run only. A megabyte is 2**20 bytes here.
"""

from __future__ import annotations

import importlib.util
import json
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.machine import describe

OURS = "connectome_graph"
ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Case:
    """One library doing one piece of work."""

    work: str
    name: str
    run: Callable[[Any], Any]
    prepare: Callable[..., Any]
    params: Mapping[str, Any] = field(default_factory=dict)
    answer: Callable[[Any], Any] | None = None
    repeats: int = 5
    warmups: int = 1
    # for a run that changes its input: prepare a new one before each repeat
    fresh_input: bool = False
    # seconds after which the process is ended and the row says so
    limit: float = 900.0
    needs: tuple[str, ...] = ()
    note: str = ""
    # another Python, for a library that comes with one: then `prepare` and what it imports from
    # here may use the standard library, numpy and that library alone
    python: str | None = None
    # whether memory is measured too, which takes a process of its own
    memory: bool = True


@dataclass(frozen=True)
class Row:
    """What was measured. ``seconds`` is None when the case did not finish; the note says why."""

    work: str
    name: str
    seconds: float | None
    min_seconds: float | None
    peak_mb: float | None
    note: str = ""
    input_mb: float | None = None


def absent(case: Case) -> list[str]:
    """Libraries that the case needs and its environment does not have."""
    if case.python is None:
        return [name for name in case.needs if importlib.util.find_spec(name) is None]
    look = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if not u.find_spec(n)])"
    try:
        done = subprocess.run(
            [case.python, "-c", look, *case.needs], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return [f"{name} (no {case.python} here)" for name in case.needs]
    return [f"{name} (for {case.python})" for name in case.needs if repr(name) in done.stdout]


def measure(case: Case, *, with_memory: bool = True) -> tuple[Row, Any]:
    """Run one case in fresh processes.

    Parameters
    ----------
    case
        What is run.
    with_memory
        Whether memory is measured too, in a process of its own.

    Returns
    -------
    tuple
        The row, and the answer (None when the case has no ``answer`` or did not finish).
    """
    row = Row(case.work, case.name, None, None, None, case.note)
    with_memory = with_memory and case.memory
    once = not with_memory or (case.repeats == 1 and case.warmups == 0)
    try:
        timed = _child(case, warmups=case.warmups, repeats=case.repeats)
        memory = timed if once else _child(case, warmups=0, repeats=1)
    except subprocess.TimeoutExpired:
        return replace(row, note=_and(case.note, f"ended after {case.limit:,.0f} s")), None
    except ChildProcessError as error:
        return replace(row, note=_and(case.note, f"failed: {error}")), None
    row = replace(
        row,
        seconds=statistics.median(timed["seconds"]),
        min_seconds=min(timed["seconds"]),
    )
    if with_memory:
        row = replace(row, peak_mb=memory["peak_mb"], input_mb=memory["input_mb"])
    return row, timed["answer"]


def run(name: str, *, title: str, about: str, cases: Iterable[Case]) -> dict[str, Any]:
    """Measure cases, print the table, and store the run in ``benchmarks/results/<name>.json``."""
    rows: list[Row] = []
    left_out: list[str] = []
    expected: dict[str, Any] = {}
    for case in cases:
        if missing := absent(case):
            sentence = f"{case.work}: {case.name} is left out, {', '.join(missing)} not installed"
            left_out.append(sentence)
            print(sentence, flush=True)
            continue
        print(f"{case.work}: {case.name} ...", end=" ", flush=True)
        row, answer = measure(case)
        print(f"{row.seconds:.4g} s" if row.seconds is not None else row.note, flush=True)
        if case.name == OURS:
            expected[case.work] = answer
        elif None not in (answer, expected.get(case.work)) and not same(
            answer, expected[case.work]
        ):
            row = replace(row, note=_and(row.note, "a different answer"))
        rows.append(row)
    result: dict[str, Any] = {
        "name": name,
        "title": title,
        "about": about,
        "machine": describe(),
        "rows": [asdict(row) for row in rows],
        "left_out": left_out,
    }
    print(f"\n{title}\n{machine_line(result['machine'])}\n{table(rows)}\n")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return result


def ratio(row: Row, rows: Iterable[Row]) -> float | None:
    """How many times our time a row took, for the same work in the same run."""
    ours = next((r for r in rows if r.work == row.work and r.name == OURS), None)
    if ours is None or not ours.seconds or row.seconds is None:
        return None
    return row.seconds / ours.seconds


def same(found: Any, expected: Any) -> bool:
    """Whether two answers agree: numbers to one part in a million, the rest exactly."""
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[k], expected[k]) for k in found)
    if isinstance(found, float) or isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-12)
    return bool(found == expected)


def cells(row: Row, rows: list[Row]) -> list[str]:
    """The printed cells of one row."""
    times = ratio(row, rows)
    return [
        row.work,
        row.name,
        "" if row.seconds is None else f"{row.seconds:.4g}",
        "" if row.min_seconds is None else f"{row.min_seconds:.4g}",
        "" if times is None else f"{times:,.3g}",
        "" if row.peak_mb is None else f"{row.peak_mb:,.0f}",
        "" if row.input_mb is None else f"{row.input_mb:,.0f}",
        row.note,
    ]


HEADINGS = ["work", "library", "median s", "least s", "times ours", "peak MB", "before MB", "note"]


def table(rows: list[Row]) -> str:
    """Rows as aligned text."""
    lines = [HEADINGS, *(cells(row, rows) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]
    right = range(2, len(HEADINGS) - 1)
    return "\n".join(
        "  ".join(
            cell.rjust(widths[i]) if i in right else cell.ljust(widths[i])
            for i, cell in enumerate(line)
        ).rstrip()
        for line in lines
    )


def machine_line(machine: Mapping[str, Any]) -> str:
    """Where a run was made, in one line."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']:.0f} GB, "
        f"{machine['system']}, Python {machine['python']}, {machine['date']}; {versions}"
    )


def _child(case: Case, *, warmups: int, repeats: int) -> dict[str, Any]:
    python, module = case.python or sys.executable, _module_name(case.run)
    order = {
        "module": module,
        "run": case.run.__qualname__,
        "prepare": [_module_name(case.prepare), case.prepare.__qualname__],
        "answer": case.answer and [_module_name(case.answer), case.answer.__qualname__],
        "params": dict(case.params),
        "warmups": warmups,
        "repeats": repeats,
        "fresh_input": case.fresh_input,
    }
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run(
            [python, "-m", "benchmarks.child", json.dumps(order), str(report)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=case.limit,
            check=False,
        )
        if done.returncode != 0 or not report.exists():
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise ChildProcessError(lines[-1])
        result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return result


def _module_name(function: Callable[..., Any]) -> str:
    # a file run with python -m is called __main__; the child must know its real name
    if function.__module__ != "__main__":
        return function.__module__
    spec = sys.modules["__main__"].__spec__
    if spec is None:
        raise ValueError("run a benchmark as a module: python -m benchmarks NAME")
    return spec.name


def _and(note: str, more: str) -> str:
    return f"{note}; {more}" if note else more
