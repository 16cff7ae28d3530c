"""Weighted draws against their definition: numpy's own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from connectome_graph.sources.synthetic import draws, synthetic_tables
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


@pytest.mark.parametrize("threads", [1, 5])
def test_the_numbers_do_not_depend_on_the_threads(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = synthetic_tables(seed=2)[1]
    monkeypatch.setattr(draws, "n_threads", lambda: threads)
    assert synthetic_tables(seed=2)[1].equals(usual)


def test_chunks_cover_the_rows_once_each_with_its_own_stream() -> None:
    parts = draws.in_chunks(
        lambda rows, stream: (rows, stream.random()), 400_000, np.random.default_rng(1)
    )
    covered = np.concatenate([np.arange(rows.start, rows.stop) for rows, _ in parts])
    assert np.array_equal(covered, np.arange(400_000))
    assert len({number for _, number in parts}) == len(parts)
    assert draws.in_chunks(lambda rows, _: rows, 0, np.random.default_rng(1)) == []
