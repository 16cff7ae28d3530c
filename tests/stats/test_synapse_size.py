"""Sizes: the fits against scipy, and the choice of one or two components."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.stats._synapse_size import synapse_size


def graph_of(size, **columns):
    table = pd.DataFrame({"pre": 1, "post": 2, "size": size, **columns})
    return cg.from_tables(table, unknown="add")


def test_log_normal_is_scipys():
    size = np.random.default_rng(0).lognormal(6, 0.8, 500)
    fit = synapse_size(graph_of(size)).iloc[0]
    log_likelihood = scipy.stats.norm.logpdf(np.log(size), np.log(size).mean(), np.log(size).std())
    assert fit["mean"] == pytest.approx(np.log(size).mean())
    assert fit["bic_lognormal"] == pytest.approx(2 * np.log(500) - 2 * log_likelihood.sum())


@pytest.mark.parametrize("seed", range(4))
def test_one_component_is_not_split(seed):
    size = np.random.default_rng(seed).lognormal(6, 0.8, 2000)
    assert synapse_size(graph_of(size))["delta_bic"].iloc[0] < 0


def test_two_components_are_found():
    rng = np.random.default_rng(1)
    size = np.exp(np.concatenate([rng.normal(6, 0.5, 3000), rng.normal(8.5, 0.6, 1000)]))
    fit = synapse_size(graph_of(size)).iloc[0]
    assert fit["delta_bic"] > 100
    found = fit[["weight_low", "mean_low", "sd_low", "mean_high", "sd_high"]].astype(float)
    np.testing.assert_allclose(found, [0.75, 6, 0.5, 8.5, 0.6], atol=0.05)
    each = [
        fit[f"weight_{k}"] * scipy.stats.norm.pdf(np.log(size), fit[f"mean_{k}"], fit[f"sd_{k}"])
        for k in ("low", "high")
    ]
    likelihood = float(np.log(each[0] + each[1]).sum())
    assert fit["bic_mixture"] == pytest.approx(5 * np.log(4000) - 2 * likelihood, rel=1e-6)


def test_repeated_sizes_do_not_make_a_spike():
    size = np.concatenate([np.random.default_rng(0).lognormal(6, 0.8, 300), np.full(20, 400.0)])
    fit = synapse_size(graph_of(size)).iloc[0]
    sd = np.log(size).std()
    assert min(fit["sd_low"], fit["sd_high"]) >= 0.05 * sd * (1 - 1e-9)


def test_groups_and_what_is_left_out():
    rng = np.random.default_rng(0)
    size = rng.lognormal(6, 0.8, 100)
    size[:4], size[4] = np.nan, 0
    g = graph_of(size, target=["spine"] * 60 + ["shaft"] * 30 + [None] * 10)
    g = g.annotate(pd.DataFrame({"root_id": [1, 2], "cell_type": ["E", None]}))
    table = synapse_size(g, by="cell_type", by_synapse="target").set_index("target")
    assert table.loc["spine", ["n", "n_left_out"]].tolist() == [55, 5]
    assert table.loc["unknown", "n"] == 10
    assert np.isnan(table.loc["unknown", "delta_bic"])
    assert table["pre_type"].unique().tolist() == ["E"]
    assert table["post_type"].unique().tolist() == ["unknown"]


def test_only_the_domain_counts():
    table = pd.DataFrame({"pre": [1, 2, 1], "post": [2, 1, 1], "size": [1.0, 2, 3]})
    g = cg.from_tables(table, unknown="add").between(pre=[1])
    assert synapse_size(g)["n"].tolist() == [1]


def test_mistakes_are_named():
    edges = pd.DataFrame({"pre": [1], "post": [2], "count": [2], "size": [7]})
    with pytest.raises(InvalidArgument, match="sums"):
        synapse_size(cg.from_edges(edges, unknown="add"))
    with pytest.raises(UnknownName, match="size"):
        synapse_size(cg.from_adjacency([[0, 1], [1, 0]]))


def one_population(kind, seed, n=1500):
    rng = np.random.default_rng(seed)
    if kind == "gamma":
        return rng.gamma(1.2, 300, n)
    logs = rng.normal(5, 1, 3 * n)
    return np.exp(logs[logs > 4.6][:n])


@pytest.mark.parametrize("kind", ["gamma", "truncated"])
def test_one_population_of_another_shape_is_not_two(kind):
    fit = synapse_size(graph_of(one_population(kind, 1)), n=49).iloc[0]
    # What misled: two log-normals are far better than one.
    assert fit["bic_lognormal"] - fit["bic_mixture"] > 10
    assert fit["delta_bic"] < 10
    assert not fit["two_populations"]
    assert fit[f"bic_{kind}"] < fit["bic_lognormal"]


def test_two_populations_are_said():
    rng = np.random.default_rng(0)
    logs = np.concatenate([rng.normal(5, 0.4, 300), rng.normal(8, 0.4, 200)])
    fit = synapse_size(graph_of(np.exp(logs)), n=49).iloc[0]
    assert fit["two_populations"]
    assert fit["p_one_mode"] <= 0.05


def test_gamma_and_truncated_fits_are_scipys():
    from scipy import stats

    size = one_population("gamma", 2)
    fit = synapse_size(graph_of(size), n=1).iloc[0]
    shape, _, scale = stats.gamma.fit(size, floc=0)
    assert [fit["shape_gamma"], fit["scale_gamma"]] == pytest.approx([shape, scale], rel=1e-3)
    likelihood = (stats.gamma.logpdf(size, shape, scale=scale) + np.log(size)).sum()
    assert fit["bic_gamma"] == pytest.approx(2 * np.log(len(size)) - 2 * likelihood, rel=1e-6)
    size = one_population("truncated", 2)
    fit = synapse_size(graph_of(size), n=1).iloc[0]
    logs, mean, sd = np.log(size), fit["mean_truncated"], fit["sd_truncated"]
    cut = stats.truncnorm((logs.min() - mean) / sd, np.inf, mean, sd)
    expected = 3 * np.log(len(size)) - 2 * cut.logpdf(logs).sum()
    assert fit["bic_truncated"] == pytest.approx(expected, rel=1e-6)
    assert [mean, sd] == pytest.approx([5, 1], abs=0.15)
