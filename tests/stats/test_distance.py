"""Connection probability against distance: every pair is counted, and fits recover the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument, UnknownName
from definitions import stats as define

# Loops over all pairs are slow; the examples differ enough.
few = settings(max_examples=25)


@few
@given(strategies.dense_graphs(pair_sets=True), st.integers(0, 999))
def test_distance_counts_every_pair_also_on_bin_edges(g, seed):
    # Whole-numbered places put many pairs exactly on a bin edge, and several onto one place.
    xyz = np.random.default_rng(seed).integers(0, 4, (g.n_neurons, 3)).astype(float)
    g = g.annotate(pd.DataFrame(xyz, columns=["x_um", "y_um", "z_um"], index=g.neurons.index))
    bins = [0, 1, 2, 3, 5]
    for metric, axes in (("euclidean", [0, 1, 2]), ("lateral", [0, 2]), ("depth", [1])):
        table = cg.stats.connection_by_distance(g, bins=bins, metric=metric)
        expected = define.distances(g, xyz[:, axes], bins)
        found = table[["n_pairs", "n_edges", "n_dyads", "n_mutual"]]
        assert list(found.itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize("metric", ["euclidean", "lateral", "depth"])
@pytest.mark.parametrize("depth", ["x_um", "y_um", "z_um"])
def test_distance_agrees_with_a_kd_tree(column, metric, depth):
    from scipy.spatial import cKDTree

    g = column.observed("strict").between(post="broad_type == 'excitatory'")
    names = ["x_um", "y_um", "z_um"]
    axes = {
        "euclidean": names,
        "lateral": [name for name in names if name != depth],
        "depth": [depth],
    }
    xyz = g.neurons[axes[metric]].to_numpy()
    bins = np.array([0, 10, 40, 41, 150, 700.0])
    table = cg.stats.connection_by_distance(g, bins=bins, metric=metric, depth=depth)
    sources, targets = xyz[g.domain.sources], xyz[g.domain.targets]
    inside = cKDTree(sources).count_neighbors(cKDTree(targets), np.nextafter(bins, -1))
    # A tree takes pairs at distance 0 as within any radius.
    expected = np.diff(np.append(0, inside[1:]))
    expected[0] -= g.domain.core.sum()
    assert table["n_pairs"].tolist() == expected.tolist()
    assert table["n_edges"].sum() <= g.n_edges


def test_bins_may_start_above_zero(random_graph):
    for metric in ("euclidean", "depth"):
        whole = cg.stats.connection_by_distance(random_graph, bins=[0, 50, 100, 150], metric=metric)
        part = cg.stats.connection_by_distance(random_graph, bins=[50, 100, 150], metric=metric)
        assert part["n_pairs"].tolist() == whole["n_pairs"].tolist()[1:]
        assert part["n_edges"].tolist() == whole["n_edges"].tolist()[1:]


def test_neurons_without_a_position_are_left_out_and_counted(random_graph):
    places = random_graph.neurons[["x_um", "y_um", "z_um"]]
    places.iloc[:7, 1] = np.nan
    g = random_graph.annotate(places, overwrite=True)
    table = cg.stats.connection_by_distance(g, bins=[0, 1000])
    depth = cg.stats.connection_by_distance(g, bins=[0, 1000], metric="depth")
    assert depth["n_pairs"].item() == 53 * 52
    assert table.attrs["n_neurons_without_position"] == 7
    assert table["n_pairs"].item() == 53 * 52
    assert table["n_edges"].item() == g.subgraph(g.ids[7:]).n_edges


def test_distance_needs_positions_and_ascending_bins(random_graph):
    with pytest.raises(UnknownName, match="no x_um, y_um, z_um"):
        cg.stats.connection_by_distance(cg.from_adjacency([[0, 1], [1, 0]]))
    for bins in ([0], [3, 2, 1], [-1, 5], [0, np.inf]):
        with pytest.raises(InvalidArgument, match="bins"):
            cg.stats.connection_by_distance(random_graph, bins=bins)


def test_fits_recover_what_made_the_curve():
    rng = np.random.default_rng(2)
    low = np.arange(0, 300, 25.0)
    middle = low + 12.5
    for model, p in (
        ("exponential", 0.3 * np.exp(-middle / 80)),
        ("gaussian", 0.3 * np.exp(-(middle**2) / (2 * 80**2))),
    ):
        table = pd.DataFrame({"low_um": low, "high_um": low + 25, "n_pairs": 20_000})
        table["n_edges"] = rng.binomial(20_000, p)
        fit = cg.stats.fit_distance(table).set_index(["model", "parameter"])
        assert fit["aic"].idxmin()[0] == model
        for parameter, truth in (("length_um", 80), ("amplitude", 0.3)):
            row = fit.loc[(model, parameter)]
            assert row["low"] < truth < row["high"]
            assert row["estimate"] == pytest.approx(truth, rel=0.05)


def test_a_curve_that_does_not_fall_has_no_finite_length():
    table = pd.DataFrame({"low_um": [0, 25, 50], "high_um": [25, 50, 75], "n_pairs": 1000})
    table["n_edges"] = [10, 20, 40]
    fit = cg.stats.fit_distance(table).set_index(["model", "parameter"])
    assert fit.loc[("exponential", "length_um"), "high"] == np.inf
    with pytest.raises(InvalidArgument, match="three bins"):
        cg.stats.fit_distance(table.iloc[:2])
    with pytest.raises(InvalidArgument, match="curve"):
        cg.stats.fit_distance(table, curve="p")


@pytest.mark.parametrize("model", ["exponential", "gaussian"])
def test_wide_bins_do_not_bend_the_fit(model):
    rng = np.random.default_rng(0)
    n, length, amplitude = 700, 50.0, 0.3
    place = rng.uniform(0, 300, (n, 3))
    d = np.sqrt(((place[:, None] - place) ** 2).sum(axis=2))
    p = np.exp(-d / length) if model == "exponential" else np.exp(-((d / length) ** 2) / 2)
    matrix = (rng.random((n, n)) < amplitude * p) & ~np.eye(n, dtype=bool)
    cells = pd.DataFrame(place, columns=["x_um", "y_um", "z_um"])
    cells["root_id"] = np.arange(1, n + 1)
    g = cg.from_adjacency(matrix.astype(int), cells)
    table = cg.stats.connection_by_distance(g, bins=np.arange(0, 301, 25))
    fit = cg.stats.fit_distance(table).set_index(["model", "parameter"]).loc[model]
    assert fit.loc["length_um", "low"] <= length <= fit.loc["length_um", "high"]
    assert fit.loc["amplitude", "low"] <= amplitude <= fit.loc["amplitude", "high"]
    assert fit["dispersion"].iloc[0] < 3
    # A table with a bin left out has no cumulative count; the fit is a little coarser.
    holes = cg.stats.fit_distance(table.drop(index=5)).set_index(["model", "parameter"]).loc[model]
    assert holes.loc["length_um", "estimate"] == pytest.approx(length, rel=0.1)
