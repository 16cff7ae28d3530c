"""Calibration: every promise has a row, the page shows the stored result, a few rows run."""

from __future__ import annotations

import inspect
import re

import fuzzed
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import connectome_graph as cg
from calibration import page, run
from calibration.registry import EXEMPT, is_promise, kept, reasons
from calibration.scenarios import ALL, USUAL

#: Pages, files, pictures and doors show the numbers of others, or none.
ELSEWHERE = (
    "write", "read", "explore", "report", "plot", "export", "from_", "describe", "datasets",
    "skeletons.from_", "skeletons.to_", "skeletons.load", "skeletons.write",
)  # fmt: skip
QUICK = [scenario for scenario in ALL if scenario.quick]


def promises(path, function):
    """Return the columns of a public function that read like a promise: told, and returned."""
    text = (inspect.getdoc(function) or "").split("Examples\n----")[0]
    said = [word for part in re.findall(r"``([^`]*)``", text) for word in part.split()]
    told = {word for word in said if re.fullmatch(r"[a-z]\w*", word)}
    arguments = fuzzed.valid(path, function) if inspect.isfunction(function) else None
    returned = set() if arguments is None else names(function(**arguments))
    return {name for name in told | returned if is_promise(name)}


def names(result):
    """Return what the columns, entries and attributes of a result are called."""
    if isinstance(result, dict):
        return set(map(str, result)) | set().union(*map(names, result.values()))
    if isinstance(result, pd.DataFrame | pd.Series):
        held = result.columns if isinstance(result, pd.DataFrame) else result.index
        return {str(name) for name in held} | set(result.attrs)
    parts = (getattr(result, name, None) for name in ("table", "comparison"))
    return set().union(*(names(part) for part in parts if part is not None))


def wings():
    """Yield the path, the name and the thing for everything public that makes numbers."""
    for wing in ("", "stats.", "motifs.", "skeletons."):
        module = getattr(cg, wing[:-1]) if wing else cg
        for name in module.__all__:
            thing = getattr(module, name)
            if callable(thing) and not inspect.ismodule(thing):
                yield f"connectome_graph.{wing}{name}", f"{wing}{name}", thing


@pytest.mark.filterwarnings("ignore")
def test_every_promise_of_the_public_api_has_a_row():
    rows = {}
    for row in run.stored():
        rows.setdefault(row["function"], []).append(row["what"])
    without, looked = [], 0
    for path, name, thing in wings():
        if name.startswith(ELSEWHERE):
            continue
        for column in promises(path, thing):
            looked += 1
            if not kept(column, rows.get(name, ())) and column not in reasons(name):
                without.append(f"{name}: {column}")
    assert looked > 50
    assert not without, f"no row in the calibration table, see calibration/: {sorted(without)}"
    assert set(EXEMPT) <= {name for _, name, _ in wings()}


def test_the_stored_result_has_every_scenario_and_the_page_shows_it():
    stored = run.stored()
    assert {(row["function"], row["about"]) for row in stored} == {
        (scenario.function, scenario.about) for scenario in ALL
    }
    assert page.PATH.read_text(encoding="utf-8") == page.text(stored)
    names = [scenario.name for scenario in ALL]
    assert len(set(names)) == len(names)


def test_another_range_than_the_usual_has_a_reason():
    for scenario in ALL:
        assert (scenario.accept == USUAL[scenario.kind]) != bool(scenario.why), scenario.name


def test_what_is_stored_is_as_promised():
    """A row may be outside by chance of a few hundred simulations, not by more."""
    for row in run.stored():
        low, high = row["accept"]
        n, hits = row["n"], round(row["share"] * row["n"])
        above = binom.sf(hits - 1, n, high)
        below = binom.cdf(hits, n, low)
        assert above > 1e-3, row
        assert below > 1e-3, row


@pytest.mark.parametrize("scenario", QUICK, ids=lambda s: s.name)
def test_a_few_simulations_of_each_kind(scenario):
    outcomes = run.simulated(scenario, 0, scenario.quick)
    for what in outcomes[0]:
        values = np.array([outcome[what] for outcome in outcomes])
        values = values[~np.isnan(values)]
        hits = int(values.sum() if scenario.kind == "interval" else (values <= 0.05).sum())
        low, high = scenario.accept
        assert binom.sf(hits - 1, len(values), high) > 1e-3, (what, hits)
        assert binom.cdf(hits, len(values), low) > 1e-3, (what, hits)


def test_outcomes_are_the_same_in_any_order():
    scenario = next(s for s in ALL if s.function == "stats.wilson")
    whole = run.simulated(scenario, 0, 6)
    assert whole == [run.simulated(scenario, k, k + 1)[0] for k in range(6)]
