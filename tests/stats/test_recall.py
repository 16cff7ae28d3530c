"""Seen in part: weights that are exact in expectation, bands that hold the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, nbinom

import connectome_graph as cg
from connectome_graph.errors import ConnectomeError, InvalidArgument, InvalidTable, UnknownName
from connectome_graph.stats._recall import _fitted, _NegativeBinomial, weights_of
from connectome_graph.stats._recall_bands import Corrected


@given(st.integers(1, 12), st.floats(0.5, 1.0), st.integers(1, 5))
def test_the_unbiased_weight_counts_each_connection_once(k, r, t):
    m = np.arange(1, k + 1)
    chance = binom.pmf(m, k, r)
    found = weights_of(m, np.full(k, r), min_synapses=t, model="unbiased")
    assert chance @ found.weight == pytest.approx(float(k >= t), abs=1e-6)
    # and its variance is the expectation of the stated one, where that was not cut at 0
    exact = chance @ found.weight**2 - float(k >= t)
    assert chance @ found.variance >= exact - 1e-6
    if t == 1:
        square = found.weight * (found.weight - 1)
        assert chance @ square == pytest.approx(exact, abs=1e-6)


@given(st.floats(0.2, 3), st.floats(0.2, 5), st.floats(0.15, 0.95))
def test_the_negative_binomial_is_its_definition(a, b, r):
    k = np.arange(1, 400)
    p = nbinom.pmf(k, a, 1 / (1 + b)) / nbinom.sf(0, a, 1 / (1 + b))
    model = _NegativeBinomial(a, b)
    assert model.hidden(np.array([r]))[0] == pytest.approx(p @ (1 - r) ** k, abs=1e-4)
    for seen in (0, 1, 3):
        joint = p * binom.pmf(seen, k, r)
        wanted = joint[k >= 3].sum() / joint.sum()
        found = model.at_least(3, np.array([seen]), np.array([r]))[0]
        assert found == pytest.approx(wanted, abs=2e-3)


def test_the_fit_finds_the_model_behind_thinned_counts():
    rng = np.random.default_rng(0)
    k = rng.negative_binomial(1.5, 1 / 4, 40_000)
    k = k[k > 0]
    r = rng.uniform(0.3, 1, len(k))
    m = rng.binomial(k, r)
    fit = _fitted(m[m > 0], r[m > 0])
    assert fit.a == pytest.approx(1.5, rel=0.15)
    assert fit.b == pytest.approx(3.0, rel=0.1)
    found = weights_of(m[m > 0], r[m > 0], min_synapses=4, model="negative_binomial")
    assert found.weight.sum() == pytest.approx((k >= 4).sum(), rel=0.02)


@pytest.fixture(scope="module")
def worm() -> cg.ConnectomeGraph:
    """Return the worm's neurons, serial sections read as synapses."""
    g = cg.datasets.load("celegans-cook2019").subgraph("cell_class == 'neuron'")
    edges = g.edges.drop(columns="count").rename(columns={"size": "count"})
    return cg.from_edges(edges, g.neurons[["side"]])


def thinned(g, seed, *, low=0.75, by_degree=False):
    rng = np.random.default_rng(seed)
    pre, post = g.edge_codes
    recalls = rng.uniform(low, 1, (2, g.n_neurons))
    if by_degree:
        degree = np.bincount(pre, minlength=g.n_neurons) + np.bincount(post, minlength=g.n_neurons)
        recalls[:, np.argsort(degree)] = np.sort(recalls, axis=1)
    seen = rng.binomial(g.edge_counts, recalls[0][pre] * recalls[1][post])
    kept = seen > 0
    edges = pd.DataFrame({"pre": g.ids[pre[kept]], "post": g.ids[post[kept]], "count": seen[kept]})
    cells = g.neurons.assign(axon_recall=recalls[0], dendrite_recall=recalls[1])
    return cg.from_edges(edges, cells)


@pytest.mark.parametrize("by_degree", [False, True])
def test_bands_hold_the_truth_of_the_thinned_worm(worm, by_degree):
    dyads, p = cg.stats.dyads(worm), worm.n_edges / worm.domain.n_pairs
    held = np.zeros(4)
    for seed in range(20):
        part = Corrected(thinned(worm, seed, by_degree=by_degree), seed=seed)
        density, found = part.density(), part.dyads()
        held[0] += density["density_recall_low"] <= p <= density["density_recall_high"]
        for at, name in enumerate(("mutual", "reciprocity", "r_over_p"), 1):
            held[at] += found[f"{name}_recall_low"] <= dyads[name] <= found[f"{name}_recall_high"]
    # 16 of 20 is what a band of 95 % falls below once in 400 times
    assert (held >= 17).all(), held


def test_correcting_undoes_what_thinning_did(worm):
    part = thinned(worm, 3)
    found = Corrected(part, min_synapses=3).density()
    truth = (worm.edge_counts >= 3).sum() / worm.domain.n_pairs
    seen = (part.edge_counts >= 3).sum() / worm.domain.n_pairs
    assert abs(found["density"] - truth) < abs(seen - truth) / 2
    degrees = Corrected(part).degrees()
    assert degrees["out_degree"].sum() == pytest.approx(worm.n_edges, rel=0.02)
    kinds = np.arange(worm.n_neurons) % 2
    sizes = np.bincount(kinds)
    pairs = np.outer(sizes, sizes).astype(float) - np.diag(sizes)
    value, low, high = Corrected(part).blocks(kinds, 2, pairs)
    assert (low <= value).all()
    assert (value <= high).all()
    assert (value * pairs).sum() == pytest.approx(worm.n_edges, rel=0.02)


def test_recall_needed_is_where_the_conclusion_turns(worm):
    found = cg.stats.recall_needed(worm, reaches=0.05)
    assert found["seen"] < 0.05 < found["at_floor"]
    w = weights_of(
        worm.edge_counts, np.full(worm.n_edges, found["recall"]), model="negative_binomial"
    ).weight
    assert w.sum() / worm.domain.n_pairs == pytest.approx(0.05, rel=1e-3)
    assert np.isnan(cg.stats.recall_needed(worm, reaches=0.9)["recall"])


def test_recalls_are_shares_with_a_source(worm):
    g = worm.with_recall(axon=("side", {"left": 0.9, "right": 0.8}), dendrite=0.95, axon_sd=0.05)
    assert "by a table of 2 values" in str(g.provenance)
    tiers = ({"axon": 0.9, "tiers": {"x": 0.5}}, {"tiers": {"x": 5}}, {"tiers": 3})
    for wrong in ({"axon": 80}, {"axon": "side"}, {"axon": True}, {"axon": "no_such"}, {}, *tiers):
        with pytest.raises(ConnectomeError):
            worm.with_recall(**wrong)
    with pytest.raises(UnknownName, match="with_recall"):
        Corrected(worm)
    if g.neurons["axon_recall"].isna().any():
        with pytest.raises(InvalidTable, match="missing"):
            Corrected(g)
    low = worm.with_recall(axon=0.4, dendrite=0.9)
    with pytest.raises(InvalidArgument, match="negative_binomial"):
        Corrected(low)
    known = Corrected(worm.with_recall(axon=0.85, dendrite=0.9)).degrees()
    drawn = Corrected(worm.with_recall(axon=0.85, dendrite=0.9, axon_sd=0.12)).degrees()
    hub = worm.ids[np.bincount(worm.edge_codes[0]).argmax()]
    width = [x.loc[hub, "out_degree_recall_high"] - x.loc[hub, "out_degree_recall_low"]
             for x in (known, drawn)]  # fmt: skip
    assert width[1] > 1.05 * width[0]


def test_statistics_correct_and_say_so(worm):
    part = thinned(worm, 4)
    part = part.annotate(worm.neurons[["side"]], overwrite=True)
    seen, found = cg.stats.density(part), cg.stats.density(part, recall="correct")
    truth = worm.n_edges / worm.domain.n_pairs
    assert abs(found["density"] - truth) < abs(seen["density"] - truth) / 3
    assert found["low"] < found["density_recall_low"] < found["density"] < found["high"]
    dyads = cg.stats.dyads(part, recall="correct")
    wanted = cg.stats.dyads(worm)
    seen = cg.stats.dyads(part)
    assert abs(dyads["reciprocity"] - wanted["reciprocity"]) < abs(
        seen["reciprocity"] - wanted["reciprocity"]
    )
    assert dyads["r_over_p"] == pytest.approx(dyads["reciprocity"] / dyads["density"])
    degrees = cg.stats.degrees(part, recall="correct")
    assert degrees["out_degree"].sum() == pytest.approx(found["density"] * worm.domain.n_pairs)
    types = cg.stats.type_matrix(part, "side", recall="correct", interval="wilson")
    assert (types["probability_recall_low"] <= types["probability"]).all()
    assert (types["probability"] * types["n_pairs"]).sum() == pytest.approx(
        found["density"] * worm.domain.n_pairs, rel=0.2
    )


def test_a_threshold_is_the_same_as_thresholding_first(worm):
    fewer = worm.threshold(min_synapses=3)
    pd.testing.assert_series_equal(cg.stats.density(worm, min_synapses=3), cg.stats.density(fewer))
    pd.testing.assert_series_equal(cg.stats.dyads(worm, min_synapses=3), cg.stats.dyads(fewer))
    with pytest.raises(InvalidArgument):
        cg.stats.density(worm, recall="guess")


CAVE = {
    "status_axon": [True, True, False],
    "strategy_axon": ["axon_fully_extended", "axon_partially_extended", "axon_fully_extended"],
}
NAN = float("nan")


@pytest.mark.parametrize(
    ("columns", "axon", "dendrite", "said"),
    [
        (CAVE, [0.95, 0.5, NAN], None, "not measured"),
        ({"strategy_axon": ["axon_fully_extended", "none", None]}, [0.95, NAN, NAN], None, "tier"),
        ({"axon_trust": [2, 1, 0]}, [0.95, 0.5, NAN], None, "'axon_trust'"),
        ({"cropped": [True, False, None]}, [0.5, 0.95, NAN], [0.5, 0.95, NAN], "'cropped'"),
        ({"cropped": ["TRUE", "FALSE", ""]}, [0.5, 0.95, NAN], [0.5, 0.95, NAN], "'cropped'"),
        ({"proofread": [True, False, None]}, [0.9, NAN, NAN], [0.9, NAN, NAN], "'proofread'"),
        ({"fraction_pre": [0.5, 1, 0.25], "fraction_post": [1, 1, 1]}, [0.5, 1, 0.25], [1, 1, 1],
         "'fraction_pre'"),
        ({"axon_truncated_ends": [1, 0, 5], "axon_ends": [4, 0, 5]}, [0.75, NAN, 0], None, "ends"),
        # a fraction says more than a tier
        (CAVE | {"axon_completeness": [0.7, 0.6, 0.5]}, [0.7, 0.6, 0.5], None, "attributed"),
    ],
)  # fmt: skip
def test_recall_is_read_from_the_columns_of_a_release(columns, axon, dendrite, said):
    g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 1, 0]])
    cells = g.annotate(pd.DataFrame({"root_id": g.ids, **columns}))
    seen = cells.with_recall()
    for name, wanted in (("axon_recall", axon), ("dendrite_recall", dendrite)):
        assert (name in seen.neurons.columns) == (wanted is not None)
        if wanted is not None:
            np.testing.assert_array_equal(seen.neurons[name].to_numpy(float), wanted)
    assert said in str(seen.provenance)


def test_the_table_of_tiers_can_be_replaced():
    g = cg.from_adjacency([[0, 1], [1, 0]])
    g = g.annotate(pd.DataFrame({"root_id": g.ids, "axon_trust": [2, 1]}))
    mine = cg.stats.recall_tiers()
    mine.loc["clean", ["recall", "sd", "source"]] = [0.7, 0.0, "re-proofread"]
    seen = g.with_recall(tiers=mine)
    assert seen.neurons["axon_recall"].tolist() == [0.95, 0.7]
    assert "re-proofread" in str(seen.provenance)
    assert cg.stats.recall_tiers().loc["clean", "recall"] == 0.5
    plain = g.with_recall(tiers={"complete": 1, "clean": 0.4})
    assert plain.neurons["axon_recall"].tolist() == [1.0, 0.4]
    with pytest.raises(ConnectomeError, match="no neuron column"):
        cg.from_adjacency([[0, 1], [1, 0]]).with_recall()
    bad = g.annotate(pd.DataFrame({"root_id": g.ids, "axon_completeness": [95, 20]}))
    with pytest.raises(ConnectomeError, match="percentages"):
        bad.with_recall()
