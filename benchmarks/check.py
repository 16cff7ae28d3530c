"""The regression guard: a short run's ratios beside the stored ones.

Seconds change with the machine, ratios to a peer of the same run hardly do. The guard runs the
cases that took at most :data:`SHORT` seconds in the stored run, ours and the peers of the same
work, fewer times, and names every work in which the peer now takes less than two thirds of the
stored number of times ours. It stores nothing, and is not part of the tests: a busy machine can
fail it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks import harness, page
from benchmarks.harness import OURS, Case, Row

#: Longest stored median, in seconds, of a case that the guard runs.
SHORT = 3.0
#: Repeats at most.
REPEATS = 3
#: The share of the stored ratio below which a work has fallen.
LEAST = 2 / 3


@dataclass(frozen=True)
class Fall:
    """A work in which we lost more than a third of our lead over a peer (or of its nearness)."""

    topic: str
    work: str
    peer: str
    stored: float
    now: float

    def __str__(self) -> str:
        return (
            f"{self.topic}, {self.work}: {self.peer} took {self.stored:.3g} times ours in the "
            f"stored run and takes {self.now:.3g} times now ({self.now / self.stored:.0%} of it)"
        )


def rows_of(result: dict[str, Any]) -> list[Row]:
    """Return the rows of a stored run."""
    return [Row(**row) for row in result["rows"]]


def ratios(rows: Sequence[Row]) -> dict[tuple[str, str], float]:
    """Return how many times ours each peer took, by work and peer."""
    found = {}
    for row in rows:
        times = harness.ratio(row, rows)
        if row.name != OURS and times is not None:
            found[row.work, row.name] = times
    return found


def short(cases: Iterable[Case], stored: Sequence[Row]) -> list[Case]:
    """Return the cases that the guard runs, with fewer repeats: ours and peers that were short.

    A work without a short peer has no ratio, and one of which ours was long has none in time.
    """
    seconds = {(row.work, row.name): row.seconds for row in stored}

    def quick(work: str, name: str) -> bool:
        taken = seconds.get((work, name))
        return taken is not None and taken <= SHORT

    every = list(cases)
    peers = {
        (case.work, case.name)
        for case in every
        if case.name != OURS and quick(case.work, case.name) and quick(case.work, OURS)
    }
    works = {work for work, _ in peers}
    return [
        replace(case, repeats=min(case.repeats, REPEATS))
        for case in every
        if (case.work, case.name) in peers or (case.name == OURS and case.work in works)
    ]


def fallen(topic: str, stored: Sequence[Row], now: Sequence[Row]) -> list[Fall]:
    """Return the works of a run whose ratio to a peer fell by more than a third."""
    before, after = ratios(stored), ratios(now)
    return [
        Fall(topic, work, peer, before[work, peer], times)
        for (work, peer), times in after.items()
        if (work, peer) in before and times < LEAST * before[work, peer]
    ]


def lost(cases: Iterable[Case], now: Sequence[Row]) -> list[str]:
    """Return the works of ours that did not finish, which have no ratio to fall."""
    ended = {row.work: row.note for row in now if row.name == OURS and row.seconds is None}
    return [f"{case.work}: {ended[case.work]}" for case in cases if case.work in ended]


def run(names: Sequence[str]) -> int:
    """Run the guard over stored topics; return 1 when something fell, else 0."""
    results = {result["name"]: result for result in page.stored()}
    falls: list[Fall] = []
    failed: list[str] = []
    compared = 0
    for name in names:
        if name not in results:
            print(f"{name}: no run is stored, so there is nothing to compare with")
            continue
        stored = rows_of(results[name])
        bench = importlib.import_module(f"benchmarks.bench_{name}")
        cases = [case for case in short(bench.cases(), stored) if not harness.absent(case)]
        now = []
        for case in cases:
            print(f"{name}, {case.work}: {case.name} ...", end=" ", flush=True)
            row = harness.measure(case, with_memory=False)[0]
            print(f"{row.seconds:.4g} s" if row.seconds is not None else row.note, flush=True)
            now.append(row)
        compared += len(set(ratios(now)) & set(ratios(stored)))
        falls += fallen(name, stored, now)
        failed += [f"{name}, {sentence}" for sentence in dict.fromkeys(lost(cases, now))]
    return told(compared, falls, failed)


def told(compared: int, falls: Sequence[Fall], failed: Sequence[str]) -> int:
    """Print what was found; return the exit code."""
    print(f"\n{compared} ratios compared with the stored run; {len(falls)} fell by over a third.")
    for fall in falls:
        print(f"fell: {fall}", file=sys.stderr)
    for sentence in failed:
        print(f"did not finish: {sentence}", file=sys.stderr)
    if falls or failed:
        print("A busy machine can do this: run it again when it is quiet.", file=sys.stderr)
    return int(bool(falls or failed))
