"""Null models where only some pairs of neurons could have met."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph import nulls
from connectome_graph.errors import InvalidArgument
from connectome_graph.nulls._exposure import connection_probability
from definitions import stats as define
from null_models import BINS, MODELS, suited
from strategies import dense_graphs

# Drawn graphs may leave nothing to move; that is told, and tested in test_mixing.py.
pytestmark = pytest.mark.filterwarnings("ignore::connectome_graph.errors.NotMixedWarning")


def placed(g):
    xyz = np.random.default_rng(g.n_neurons).uniform(0, 120, (g.n_neurons, 3))
    table = pd.DataFrame(xyz, columns=["x_um", "y_um", "z_um"], index=g.neurons.index)
    return g.annotate(table, overwrite=True)


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=40)
@given(g=dense_graphs(pair_sets=True), seed=st.integers(0, 99))
def test_samples_stay_inside_the_set_and_keep_what_they_say(name, g, seed):
    null = MODELS[name]
    g = suited(placed(g), null)
    found = nulls.check(null, g, n=2, by="cell_type", bins=BINS, seed=seed)
    exact = found[found["stated"] == "exact"]
    assert (exact["measured"] == "exact").all(), exact
    sample = null.sample(g, seed)
    pre, post = sample.edge_codes
    assert set(zip(pre.tolist(), post.tolist(), strict=True)) <= define.pairs(g)


def small():
    """Return a graph on six pairs, of which one has no opposite and one neuron is idle."""
    met = pd.DataFrame(
        {"pre": [1, 2, 1, 3, 2, 3], "post": [2, 1, 3, 1, 3, 2], "um": [1.0, 2, 3, 4, 5, 6]}
    ).iloc[:5]
    return cg.from_adjacency([[0, 3, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]).within(
        met, exposure="um"
    )


def frequencies(null, g, n):
    rng = np.random.default_rng(7)
    seen = Counter()
    for _ in range(n):
        sample = null.sample(g, rng)
        pre, post = sample.edge_codes
        seen[tuple(zip(pre.tolist(), post.tolist(), strict=True))] += 1
    return seen


def test_every_set_of_pairs_is_equally_likely():
    seen = frequencies(nulls.ErdosRenyi(), small(), 2000)
    assert len(seen) == 10
    assert scipy.stats.chisquare(list(seen.values())).pvalue > 1e-3


def test_every_placement_of_the_dyads_is_equally_likely():
    # one mutual pair and one edge that has an opposite: on the two dyads, either way round
    seen = frequencies(nulls.DyadErdosRenyi(), small(), 2000)
    assert len(seen) == 4
    assert scipy.stats.chisquare(list(seen.values())).pvalue > 1e-3


def test_maximum_entropy_keeps_degrees_on_average():
    rng = np.random.default_rng(1)
    g = cg.from_adjacency((rng.random((30, 30)) < 0.2).astype(int))
    met = np.argwhere(rng.random((30, 30)) < 0.5) + 1
    g = g.within(pd.DataFrame(met, columns=["pre", "post"]))
    p = nulls.MaxEntConfiguration().probabilities(g)
    pre, post = g.edge_codes
    np.testing.assert_allclose(p.sum(axis=1), np.bincount(pre, minlength=30), atol=1e-3)
    np.testing.assert_allclose(p.sum(axis=0), np.bincount(post, minlength=30), atol=1e-3)
    outside = np.ones_like(p, bool)
    outside[g.domain.pairs.pre, g.domain.pairs.post] = False
    assert (p[outside] == 0).all()


@pytest.mark.parametrize("keep", ["total", "pre", "post"])
def test_synapses_are_dealt_in_proportion_to_exposure(keep):
    g, n = small(), 4000
    met, null = g.domain.pairs, nulls.ExposureShuffle(keep=keep)
    rng = np.random.default_rng(3)
    counts = np.zeros(len(met))
    for _ in range(n):
        sample = null.sample(g, rng)
        counts[met.places(*sample.edge_codes)] += sample.edge_counts
    share = np.zeros(len(met))
    for pre, post, many in zip(*g.edge_codes, g.edge_counts, strict=True):
        among = {"total": met.post >= 0, "pre": met.pre == pre, "post": met.post == post}[keep]
        share[among] += many * met.exposure[among] / met.exposure[among].sum()
    used = share > 0
    assert (counts[~used] == 0).all()
    assert scipy.stats.chisquare(counts[used], n * share[used]).pvalue > 1e-3


def test_single_sizes_move_with_their_synapses():
    table = pd.DataFrame({"pre": [1, 1, 2], "post": [2, 2, 1], "size": [5.0, 7.0, 9.0]})
    met = pd.DataFrame({"pre": [1, 1, 2], "post": [2, 3, 1], "um": [1.0, 1.0, 1.0]})
    g = cg.from_tables(table, pd.DataFrame({"root_id": [1, 2, 3]})).within(met, exposure="um")
    sample = nulls.ExposureShuffle().sample(g, 5)
    assert sorted(sample.synapses["size"]) == [5.0, 7.0, 9.0]
    assert sample.n_synapses == 3


def test_synapses_without_room_are_named():
    met = pd.DataFrame({"pre": [1, 2], "post": [2, 1], "um": [0.0, 1.0]})
    g = cg.from_adjacency([[0, 2], [1, 0]]).within(met, exposure="um")
    with pytest.raises(InvalidArgument, match=r"2 synapses have no pair .*neuron 1"):
        nulls.ExposureShuffle(keep="pre").sample(g, 0)


@pytest.mark.parametrize("null", [nulls.ExposureShuffle(), nulls.ExposureBernoulli()])
def test_without_exposure_there_is_nothing_to_follow(null, random_graph):
    for g in (random_graph, random_graph.within(random_graph)):
        with pytest.raises(InvalidArgument, match="needs to know how much every pair met"):
            null.sample(g, 0)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_a_fit_in_bins_is_the_share_in_each(pairs):
    x, y = (np.array(column) for column in zip(*pairs, strict=True))
    p = connection_probability(x.astype(float), y, "bins", n_bins=5)
    assert p.sum() == pytest.approx(y.sum())
    for value in set(x.tolist()):
        assert len(set(p[x == value].tolist())) == 1


@pytest.mark.parametrize("fit", ["logistic", "rate"])
def test_a_fit_is_the_likeliest_of_its_family(fit):
    rng = np.random.default_rng(0)
    x = rng.gamma(2.0, 3.0, 400)
    y = rng.random(400) < -np.expm1(-0.1 * x)
    p = connection_probability(x, y, fit)

    def family(parameters):
        if fit == "rate":
            return -np.expm1(-np.exp(parameters[0]) * x)
        return 1 / (1 + np.exp(-(parameters[0] + parameters[1] * np.log(x))))

    def loss(parameters):
        q = np.clip(family(parameters), 1e-12, 1 - 1e-12)
        return -np.log(np.where(y, q, 1 - q)).sum()

    best = scipy.optimize.minimize(loss, [-2.0, 0.0][: 1 + (fit == "logistic")], tol=1e-10)
    np.testing.assert_allclose(p, family(best.x), atol=1e-4)
    if fit == "logistic":
        assert p.sum() == pytest.approx(y.sum())


def test_edges_follow_the_fitted_probability():
    rng = np.random.default_rng(2)
    n = 40
    um = rng.gamma(1.0, 2.0, (n, n))
    matrix = (rng.random((n, n)) < -np.expm1(-0.2 * um)).astype(int)
    pre, post = np.nonzero(~np.eye(n, dtype=bool))
    met = pd.DataFrame({"pre": pre + 1, "post": post + 1, "um": um[pre, post]})
    g = cg.from_adjacency(matrix, autapses="drop").within(met, exposure="um")
    null = nulls.ExposureBernoulli()
    p = null.probabilities(g)
    seen = np.zeros(len(p))
    stream = np.random.default_rng(4)
    for _ in range(300):
        seen[g.domain.pairs.places(*null.sample(g, stream).edge_codes)] += 1
    z = (seen - 300 * p.to_numpy()) / np.sqrt(300 * p.to_numpy() * (1 - p.to_numpy()))
    assert abs(z.mean()) < 0.1
    assert 0.9 < z.std() < 1.1
    assert list(p.index[:2]) == [(1, 2), (1, 3)]


@pytest.mark.parametrize("fit", ["logistic", "rate"])
def test_a_fit_without_a_solution_says_so(fit):
    x, y = np.array([1.0, 2.0, 8.0, 9.0]), np.array([False, False, True, True])
    if fit == "logistic":
        with pytest.raises(InvalidArgument, match="without error"):
            connection_probability(x, y, fit)
    else:
        with pytest.raises(InvalidArgument, match="1 of them have one"):
            connection_probability(np.append(x, 0.0), np.append(y, True), fit)
