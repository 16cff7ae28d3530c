"""Discrete maximum-likelihood fits: probabilities sum to 1, and the right model wins."""

from __future__ import annotations

import numpy as np
import pytest

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._distribution_models import MODELS
from definitions import stats as define

PARAMETERS = {
    "power_law": (4.0,),
    "power_law_cutoff": (1.5, 0.01),
    "log_normal": (1.0, 0.8),
    "truncated_log_normal": (1.0, 0.8),
    "exponential": (0.3,),
    "stretched_exponential": (5.0, 0.7),
    "negative_binomial": (6.0, 1.5),
    "poisson": (4.0,),
}


def drawn(name, rng, size):
    return {
        "power_law": lambda: rng.zipf(2.5, size),
        "log_normal": lambda: np.round(rng.lognormal(2.5, 0.9, size)).astype(int),
        "exponential": lambda: rng.geometric(0.1, size),
        "negative_binomial": lambda: rng.negative_binomial(3, 0.1, size),
        "poisson": lambda: rng.poisson(20, size),
    }[name]()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("xmin", [1, 4])
def test_probabilities_sum_to_one(name, xmin):
    k = np.arange(xmin, 60_000, dtype=float)
    with np.errstate(all="ignore"):
        total = np.exp(MODELS[name].log_probability(k, xmin, PARAMETERS[name])).sum()
    assert total == pytest.approx(1, abs=1e-9)


def test_the_cutoff_normaliser_is_the_plain_sum():
    alpha, rate = 1.3, 0.002
    k = np.array([3.0])
    found = MODELS["power_law_cutoff"].log_probability(k, 2, (alpha, rate))[0]
    expected = define.log_normaliser(lambda x: -alpha * np.log(x) - rate * x, 2, 60_000)
    assert found == pytest.approx(-alpha * np.log(3) - rate * 3 - expected, abs=1e-6)


@pytest.mark.parametrize("name", ["power_law", "log_normal", "exponential", "negative_binomial"])
def test_the_model_that_made_the_numbers_is_not_rejected(name):
    values = drawn(name, np.random.default_rng(4), 3000)
    fit = cg.stats.fit_distribution(values)
    assert fit.loc[name, "delta_aic"] < 4
    assert fit["delta_aic"].is_monotonic_increasing
    assert fit.attrs["n"] + fit.attrs["n_below"] == 3000
    if name != "power_law":
        assert fit.loc["power_law", "p"] < 0.01


def test_parameters_are_recovered():
    rng = np.random.default_rng(5)
    fit = cg.stats.fit_distribution
    assert fit(rng.zipf(2.5, 5000)).loc["power_law", "alpha"] == pytest.approx(2.5, abs=0.06)
    geometric = fit(rng.geometric(0.1, 5000)).loc["exponential", "rate"]
    assert geometric == pytest.approx(-np.log(0.9), rel=0.03)
    found = fit(drawn("log_normal", rng, 5000)).loc["log_normal", ["mu", "sigma"]]
    assert found.tolist() == pytest.approx([2.5, 0.9], abs=0.05)
    found = fit(drawn("negative_binomial", rng, 5000)).loc["negative_binomial", ["mean", "shape"]]
    assert found.tolist() == pytest.approx([27, 3], rel=0.08)
    assert fit(drawn("poisson", rng, 5000), models=("poisson",)).loc[
        "poisson", "mean"
    ] == pytest.approx(20, rel=0.01)


def test_a_power_law_and_its_cutoff_are_compared_as_nested():
    values = np.random.default_rng(6).zipf(2.2, 4000)
    fit = cg.stats.fit_distribution(values, models=("power_law", "power_law_cutoff"))
    worse = fit.iloc[1]
    assert np.isnan(worse["z"])
    assert worse["p"] > 0.01
    assert abs(worse["likelihood_ratio"]) < 4


def test_fits_of_a_graph_use_what_could_be_observed(column):
    seen = column.observed("strict")
    fit = cg.stats.fit_degrees(seen, degree="out")
    assert fit.attrs["n"] + fit.attrs["n_below"] == seen.domain.n_sources
    assert cg.stats.fit_synapse_counts(seen).attrs["n"] == seen.n_edges
    assert set(fit.index) == set(MODELS)


@pytest.mark.parametrize(
    ("values", "options", "match"),
    [
        ([1, 1, 1], {}, "two different"),
        ([0, 1.5, 2], {}, "whole numbers"),
        ([1, 2, 3], {"xmin": 0}, "xmin"),
        ([1, 2, 3], {"models": ("powerlaw",)}, "Did you mean 'power_law'"),
    ],
)
def test_what_cannot_be_fitted_is_refused(values, options, match):
    with pytest.raises(InvalidArgument, match=match):
        cg.stats.fit_distribution(values, **options)


def test_the_truncated_log_normal_ends_at_the_largest_number():
    rng = np.random.default_rng(3)
    values = np.round(rng.lognormal(3.0, 1.0, 20_000)).astype(int)
    values = values[(values >= 1) & (values <= 30)]
    fit = cg.stats.fit_distribution(values, models=("log_normal", "truncated_log_normal"))
    assert fit.index[0] == "truncated_log_normal"
    best = fit.loc["truncated_log_normal"]
    assert best["n_parameters"] == 3
    assert best["upper"] == 30
    assert [best["mu"], best["sigma"]] == pytest.approx([3.0, 1.0], abs=0.15)


def test_goodness_of_fit_tells_a_model_that_is_best_and_bad():
    rng = np.random.default_rng(8)
    values = drawn("log_normal", rng, 800)
    settings = {"models": ("log_normal", "power_law", "exponential"), "n": 49, "xmin": 2}
    fit = cg.stats.fit_distribution(values, **settings, seed=1)
    assert fit.loc["log_normal", "p_fit"] > 0.05
    assert (fit.loc[["power_law", "exponential"], "p_fit"] == 1 / 50).all()
    again = cg.stats.fit_distribution(values, **settings, seed=1)
    assert fit["p_fit"].equals(again["p_fit"])
    assert "p_fit" not in cg.stats.fit_distribution(values, models=("poisson",))


def test_draws_follow_the_model():
    from connectome_graph.stats._goodness import Sample, _Table

    sample = Sample(np.array([1.0, 40.0]), np.array([1, 1]), 2, 1)
    for name in MODELS:
        table = _Table.of(MODELS[name], PARAMETERS[name], sample)
        drawn_ = table.draw(20_000, np.random.default_rng(0))
        assert drawn_.min() == 1
        for value in (1, 2, 5):
            k = np.array([float(value), 40.0]) if MODELS[name].bounded else np.array([float(value)])
            p = float(np.exp(MODELS[name].log_probability(k, 1, PARAMETERS[name])[0]))
            assert (drawn_ == value).mean() == pytest.approx(p, abs=4 * np.sqrt(p / 20_000) + 1e-4)
