"""Simulations, each from a stream of its own, and their stored result."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from calibration import intervals, p_values
from calibration.scenarios import ALL, Scenario

__all__ = ["RESULTS", "everything", "simulated", "stored"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results.json"
SEED = 2026
#: Simulations that a process takes at once.
_PARCEL = 25
SUITES = (intervals, p_values)


def simulated(scenario: Scenario, first: int, last: int) -> list[dict[str, float]]:
    """Return the outcomes of simulations `first` up to `last`; each has a stream of its own."""
    key = [ord(letter) for letter in scenario.name]
    outcomes = []
    for number in range(first, last):
        rng = np.random.default_rng(np.random.SeedSequence([SEED, *key, number]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outcomes.append(scenario.draw(rng))
    return outcomes


def counted(scenario: Scenario, outcomes: Sequence[dict[str, float]]) -> list[dict[str, Any]]:
    """Return a row for each promise: how often it was kept, or broken."""
    rows = []
    for what in outcomes[0]:
        values = np.array([outcome[what] for outcome in outcomes])
        known = values[~np.isnan(values)]
        share = float(known.mean() if scenario.kind == "interval" else (known <= 0.05).mean())
        low, high = scenario.accept
        rows.append(
            {
                "function": scenario.function, "what": what, "about": scenario.about,
                "kind": scenario.kind, "n": len(known), "n_missing": int(np.isnan(values).sum()),
                "share": round(share, 4), "accept": [low, high],
                "held": bool(low <= round(share, 4) <= high),
            }
        )  # fmt: skip
    return rows


def _parcel(work: tuple[int, int, int]) -> tuple[int, list[dict[str, float]]]:
    place, first, last = work
    return place, simulated(ALL[place], first, last)


def everything(names: Sequence[str] = (), *, workers: int = 2) -> None:
    """Run the scenarios of the named functions, or all, and store what they count."""
    chosen = [place for place, s in enumerate(ALL) if not names or s.function in names]
    work = [
        (place, first, min(first + _PARCEL, ALL[place].n))
        for place in chosen
        for first in range(0, ALL[place].n, _PARCEL)
    ]
    began = time.monotonic()
    outcomes: dict[int, list[dict[str, float]]] = {place: [] for place in chosen}
    with ProcessPoolExecutor(workers) as pool:
        for place, part in pool.map(_parcel, work):
            outcomes[place] += part
    rows = [row for place in chosen for row in counted(ALL[place], outcomes[place])]
    print(
        f"{sum(ALL[place].n for place in chosen):,} simulations, {time.monotonic() - began:.0f} s"
    )
    _store(rows)


def _store(rows: list[dict[str, Any]]) -> None:
    """Write the rows; those of other scenarios stay, those of scenarios that are gone go."""
    fresh = {(row["function"], row["about"]): row for row in rows}
    known = {(s.function, s.about): place for place, s in enumerate(ALL)}
    kept = [
        row for row in (stored() if RESULTS.exists() else [])
        if (row["function"], row["about"]) in known
        and (row["function"], row["about"]) not in fresh
    ]  # fmt: skip
    every = sorted(kept + rows, key=lambda row: known[row["function"], row["about"]])
    RESULTS.write_text(json.dumps(every, indent=1) + "\n", encoding="utf-8")


def stored() -> list[dict[str, Any]]:
    """Return the rows of the last run."""
    rows: list[dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return rows
