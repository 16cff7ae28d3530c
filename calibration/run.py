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

from calibration import connectomes, intervals, nulls, p_values, pair_sets, recall
from calibration.scenarios import ALL, Scenario

__all__ = ["RESULTS", "everything", "simulated", "stored", "together"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results.json"
SEED = 2026
#: Simulations that a process takes at once.
_PARCEL = 10
#: Parcels of a process between two looks at the clock.
_AT_ONCE = 1
#: What is promised to be at most .05: rates of false discoveries, and of any false test (Holm).
AT_MOST = ("q", "p_adjusted", "p_exact_adjusted")
SUITES = (intervals, pair_sets, recall, p_values, nulls, connectomes)


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
        hits = int(known.sum() if scenario.kind == "interval" else (known <= 0.05).sum())
        rows.append(_row(scenario, what, hits, len(known), len(values) - len(known)))
    return rows


def _row(scenario: Scenario, what: str, hits: int, n: int, n_missing: int) -> dict[str, Any]:
    low, high = scenario.accept
    if what.split(maxsplit=1)[0] in AT_MOST:
        low = 0.0
    share = hits / n if n else float("nan")
    return {
        "function": scenario.function, "what": what, "about": scenario.about,
        "kind": scenario.kind, "n": n, "n_missing": n_missing, "hits": hits,
        "share": round(share, 4), "accept": [low, high], "held": held(share, n, low, high),
    }  # fmt: skip


def together(
    scenario: Scenario, before: Sequence[dict[str, Any]], now: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the rows of the simulations `before` and of those that came `now`."""
    old = {row["what"]: row for row in before}
    rows = []
    for row in now:
        was = old.get(row["what"], {"hits": 0, "n": 0, "n_missing": 0})
        sums = (row[name] + was[name] for name in ("hits", "n", "n_missing"))
        rows.append(_row(scenario, row["what"], *sums))
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


def everything(
    names: Sequence[str] = (),
    *,
    workers: int = 2,
    part: float = 1.0,
    more: bool = False,
    seconds: float = float("inf"),
) -> None:
    """Run the scenarios of the named functions, or all, and store what they count.

    What is counted is stored as it comes, so that a run that is stopped keeps it. `part`
    is the share of the simulations that are drawn, the first ones. `more` draws those that come
    after the stored ones, as the same code would; no scenario is begun after `seconds`.
    """
    began, total = time.monotonic(), 0
    before = _before() if more else {}
    with ProcessPoolExecutor(workers) as pool:
        for place in _chosen(names):
            scenario = ALL[place]
            rows = before.get((scenario.function, scenario.about), [])
            first = rows[0]["n"] + rows[0]["n_missing"] if rows else 0
            n = max(20, round(part * scenario.n))
            work = [(place, k, min(k + _PARCEL, n)) for k in range(first, n, _PARCEL)]
            while work and time.monotonic() - began < seconds:
                now, work = work[: workers * _AT_ONCE], work[workers * _AT_ONCE :]
                outcomes = [outcome for _, some in pool.map(_parcel, now) for outcome in some]
                rows = together(scenario, rows, counted(scenario, outcomes))
                total += len(outcomes)
                _store(rows)
            print(f"{scenario.name}: {total:,}, {time.monotonic() - began:.0f} s", flush=True)


def _chosen(names: Sequence[str]) -> list[int]:
    """Return the places of the scenarios whose function, or a part of whose name, is named."""
    return [
        place for place, s in enumerate(ALL)
        if not names or any(name == s.function or name in s.about for name in names)
    ]  # fmt: skip


def _before() -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in stored() if RESULTS.exists() else []:
        found.setdefault((row["function"], row["about"]), []).append(row)
    return found


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
    written = RESULTS.with_suffix(".part")
    written.write_text(json.dumps(every, indent=1) + "\n", encoding="utf-8")
    written.replace(RESULTS)


def stored() -> list[dict[str, Any]]:
    """Return the rows of the last run."""
    rows: list[dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return rows
