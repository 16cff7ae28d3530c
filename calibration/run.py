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

from calibration import intervals, nulls, p_values
from calibration.scenarios import ALL, Scenario

__all__ = ["RESULTS", "everything", "simulated", "stored"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results.json"
SEED = 2026
#: Simulations that a process takes at once.
_PARCEL = 10
SUITES = (intervals, p_values, nulls)


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
                "held": held(share, len(known), low, high),
            }
        )  # fmt: skip
    return rows


def held(share: float, n: int, low: float, high: float) -> bool:
    """Return whether a share of `n` simulations is what is accepted, or off by chance alone.

    By chance: such a share, or one further off, comes once in a hundred at least when the true
    one is at the end of what is accepted.
    """
    from scipy.stats import binom

    hits = round(share * n)
    return bool(binom.sf(hits - 1, n, high) >= 0.01 and binom.cdf(hits, n, low) >= 0.01)


def _parcel(work: tuple[int, int, int]) -> tuple[int, list[dict[str, float]]]:
    place, first, last = work
    return place, simulated(ALL[place], first, last)


def everything(names: Sequence[str] = (), *, workers: int = 2, part: float = 1.0) -> None:
    """Run the scenarios of the named functions, or all, and store what they count.

    What is counted is stored after each scenario, so that a run that is stopped keeps it. `part`
    is the share of the simulations that are drawn, the first ones.
    """
    chosen = [place for place, s in enumerate(ALL) if not names or s.function in names]
    began, total = time.monotonic(), 0
    with ProcessPoolExecutor(workers) as pool:
        waiting = []
        for place in chosen:
            n = max(20, round(part * ALL[place].n))
            work = [(place, k, min(k + _PARCEL, n)) for k in range(0, n, _PARCEL)]
            waiting.append((place, [pool.submit(_parcel, parcel) for parcel in work]))
        for place, futures in waiting:
            outcomes = [outcome for future in futures for outcome in future.result()[1]]
            _store(counted(ALL[place], outcomes))
            total += len(outcomes)
            print(f"{total:,} simulations, {time.monotonic() - began:.0f} s", flush=True)


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
