"""p-values that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from connectome_graph.comparison._significance import false_discovery, max_t, two_sided


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12), st.integers(-4, 4))
def test_two_sided_by_counting(samples, observed):
    above = 1 + sum(s >= observed for s in samples)
    below = 1 + sum(s <= observed for s in samples)
    expected = min(1.0, 2 * min(above, below) / (1 + len(samples)))
    p, n = two_sided(np.array([float(observed)]), np.array(samples, float)[:, None])
    assert (p[0], n[0]) == (expected, len(samples))


def test_p_is_never_below_its_floor_and_uniform_under_the_null():
    rng = np.random.default_rng(0)
    draws = rng.normal(size=(4000, 20))
    p = np.array([two_sided(row[:1], row[1:, None])[0][0] for row in draws])
    assert p.min() >= 2 / 20
    # of 20 exchangeable numbers the observed one is each rank equally often
    assert (p <= 0.2).mean() == pytest.approx(0.2, abs=0.025)


def test_max_t_bounds_any_false_positive():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(600):
        draws = rng.exponential(size=(40, 6)) @ rng.normal(size=(6, 6))
        hits += max_t(draws[0], draws[1:]).min() <= 0.1
    assert hits / 600 == pytest.approx(0.1, abs=0.04)


def test_max_t_steps_down():
    rng = np.random.default_rng(2)
    for _ in range(20):
        draws = rng.exponential(size=(30, 5)) @ rng.normal(size=(5, 5))
        t = np.abs(draws - draws.mean(axis=0)) / draws.std(axis=0)
        left, last, expected = set(range(5)), 0.0, np.empty(5)
        while left:
            most = max(left, key=lambda k: t[0, k])
            rivals = t[1:, sorted(left)].max(axis=1)
            last = max(last, (1 + (rivals >= t[0, most]).sum()) / 30)
            expected[most] = last
            left.remove(most)
        np.testing.assert_allclose(max_t(draws[0], draws[1:]), expected)


def test_max_t_of_constants_and_gaps():
    samples = np.array([[1.0, 2.0, np.nan]] * 9)
    assert max_t(np.array([1.0, 3.0, np.nan]), samples).tolist()[:2] == [1.0, 0.1]
    assert np.isnan(max_t(np.array([1.0, 3.0, np.nan]), samples)[2])


def test_missing_samples_do_not_count():
    p, n = two_sided(np.array([5.0]), np.array([[1.0], [np.nan], [2.0]]))
    assert (p[0], n[0]) == (2 / 3, 2)


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=20))
def test_q_as_scipy_has_it(p):
    assert false_discovery(np.array(p)) == pytest.approx(false_discovery_control(p))
