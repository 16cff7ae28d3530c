"""Weighted draws against their definition: numpy's own."""

from __future__ import annotations

import numpy as np
from scipy.stats import chisquare

from connectome_graph.sources.synthetic.draws import weighted_draws


def test_draws_follow_the_weights() -> None:
    weights = np.array([0.0, 1.0, 5.0, 0.5, 3.0])
    drawn = weighted_draws(np.random.default_rng(2), weights, 20_000)
    counts = np.bincount(drawn, minlength=5)
    assert counts[0] == 0
    expected = 20_000 * weights / weights.sum()
    assert chisquare(counts[1:], expected[1:]).pvalue > 0.001


def test_draws_rise_and_stay_in_range() -> None:
    drawn = weighted_draws(np.random.default_rng(3), np.ones(7), 1_000)
    assert (np.diff(drawn) >= 0).all()
    assert set(drawn) == set(range(7))


def test_no_draws_is_empty() -> None:
    assert len(weighted_draws(np.random.default_rng(0), [1.0], 0)) == 0
