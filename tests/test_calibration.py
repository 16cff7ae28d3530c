"""Calibration: every promise has a row, the page shows the stored result, a few rows run."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from calibration import page, run
from calibration.registry import EXEMPT, promising
from calibration.scenarios import ALL

QUICK = [scenario for scenario in ALL if scenario.quick]


def test_every_promise_of_the_public_api_has_a_row():
    rows = {scenario.function for scenario in ALL}
    found = set(promising())
    assert "stats.density" in found
    without = found - rows - set(EXEMPT)
    assert not without, f"no row in the calibration table, see calibration/: {sorted(without)}"
    assert not rows & set(EXEMPT)


def test_the_stored_result_has_every_scenario_and_the_page_shows_it():
    stored = run.stored()
    assert {(row["function"], row["about"]) for row in stored} == {
        (scenario.function, scenario.about) for scenario in ALL
    }
    assert page.PATH.read_text(encoding="utf-8") == page.text(stored)
    names = [scenario.name for scenario in ALL]
    assert len(set(names)) == len(names)


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
