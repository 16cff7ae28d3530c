"""Synapses per pair: the three distributions against scipy, their fits and tails."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._multiplicity import multiplicity


def graph_of(counts, **columns):
    counts = np.asarray(counts)
    table = pd.DataFrame({"pre": 10 + np.arange(len(counts)), "post": 1, "count": counts})
    return cg.from_edges(table, unknown="add")


def without_zero(draw, n, rng):
    values = draw(rng, 20 * n)
    return values[values > 0][:n]


DRAWS = {
    "poisson": lambda rng, n: rng.poisson(1.5, n),
    "geometric": lambda rng, n: rng.geometric(0.4, n),
    "negative_binomial": lambda rng, n: rng.negative_binomial(0.5, 0.15, n),
}


@pytest.mark.parametrize("name", DRAWS)
def test_the_model_that_drew_the_numbers_is_best(name):
    counts = without_zero(DRAWS[name], 3000, np.random.default_rng(0))
    table = multiplicity(graph_of(counts)).set_index("model")
    assert table["delta_bic"].idxmin() == name
    assert table.loc[name, "tail_expected"] == pytest.approx(
        table.loc[name, "tail_observed"], rel=0.15, abs=5
    )


def test_likelihoods_are_scipys():
    counts = without_zero(DRAWS["poisson"], 500, np.random.default_rng(1))
    table = multiplicity(graph_of(counts), tail=3).set_index("model")
    rate = table.loc["poisson", "rate"]
    log_p = scipy.stats.poisson.logpmf(counts, rate) - np.log(1 - np.exp(-rate))
    assert table.loc["poisson", "log_likelihood"] == pytest.approx(log_p.sum(), rel=1e-9)
    chance = table.loc["geometric", "chance"]
    assert table.loc["geometric", "log_likelihood"] == pytest.approx(
        scipy.stats.geom.logpmf(counts, chance).sum(), rel=1e-9
    )
    mean, shape = table.loc["negative_binomial", ["rate", "shape"]].astype(float)
    whole = scipy.stats.nbinom(shape, shape / (shape + mean))
    log_p = whole.logpmf(counts) - np.log1p(-whole.pmf(0))
    assert table.loc["negative_binomial", "log_likelihood"] == pytest.approx(log_p.sum(), rel=1e-6)
    expected = 500 * whole.sf(2) / whole.sf(0)
    assert table.loc["negative_binomial", "tail_expected"] == pytest.approx(expected, rel=1e-6)


def test_fits_are_maxima():
    counts = without_zero(DRAWS["negative_binomial"], 400, np.random.default_rng(2))
    table = multiplicity(graph_of(counts)).set_index("model")
    rate = table.loc["poisson", "rate"]
    for other in (rate * 0.98, rate * 1.02):
        log_p = scipy.stats.poisson.logpmf(counts, other) - np.log(1 - np.exp(-other))
        assert log_p.sum() < table.loc["poisson", "log_likelihood"]
    # the first two models are limits of the third
    assert table["log_likelihood"].idxmax() == "negative_binomial"


def test_single_synapses_only():
    table = multiplicity(graph_of([1, 1, 1])).set_index("model")
    assert (table["log_likelihood"] == 0).all()
    assert (table["tail_expected"] == 0).all()


def test_groups_are_pairs_of_types():
    table = pd.DataFrame({"pre": [1, 1, 2], "post": [2, 3, 3], "count": [1, 4, 2]})
    neurons = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["A", "B", "B"]})
    fits = multiplicity(cg.from_edges(table, neurons), by="cell_type")
    one = fits.loc[(fits["pre_type"] == "A") & (fits["post_type"] == "B")]
    assert one["n_pairs"].tolist() == [2, 2, 2]
    assert one["mean"].iloc[0] == 2.5
    assert len(fits) == 6


@pytest.mark.parametrize("tail", [0, 2.5, True])
def test_tail_is_a_whole_number(tail):
    with pytest.raises(InvalidArgument, match="tail"):
        multiplicity(graph_of([1, 2]), tail=tail)
