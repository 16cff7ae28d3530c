"""Connectivity cards: the exact mean, the shuffle it stands for, and its calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, UnknownName


def world(seed=0, n=4000, bias=0.0):
    """Return a graph whose targets depend on depth, and sources that like one depth."""
    rng = np.random.default_rng(seed)
    ids = np.arange(1, 41)
    types = np.array(["S"] * 10 + ["A"] * 10 + ["B"] * 10 + ["C"] * 10)
    depth = rng.uniform(0, 100, n)
    source = np.where((depth < 50) & (rng.random(n) < 0.5), rng.integers(1, 11, n), 0)
    source = np.where(source == 0, rng.integers(1, 41, n), source)
    shallow = rng.random(n) < np.where(depth < 50, 0.8, 0.2)
    target = np.where(shallow, rng.integers(11, 21, n), rng.integers(21, 41, n))
    mine = (source <= 10) & (rng.random(n) < bias)
    target = np.where(mine, rng.integers(31, 41, n), target)
    table = pd.DataFrame({"pre": source, "post": target, "y_um": depth})
    table["compartment"] = rng.choice(["soma", "dendrite"], n)
    neurons = pd.DataFrame({"root_id": ids, "cell_type": types})
    return cg.from_tables(table, neurons)


def by_hand(g, depth_bin):
    """Return the expected numbers: every synapse of the sources as its stratum in the pool."""
    rows = g.synapses
    rows = rows.loc[rows["pre"] != rows["post"]]
    rows["type"] = g.neuron_column("cell_type").loc[rows["post"]].to_numpy()
    rows["stratum"] = (rows["y_um"] // depth_bin).astype(str) + rows["compartment"]
    expected = dict.fromkeys("ABCS", 0.0)
    for _, pool in rows.groupby("stratum"):
        mine = (pool["pre"] <= 10).sum()
        for name, share in pool["type"].value_counts(normalize=True).items():
            expected[name] += mine * share
    return expected


def test_expected_numbers_are_those_of_the_strata():
    g = world()
    card = skeletons.connectivity_card(g, "cell_type == 'S'", n=200)
    expected = by_hand(g, 20.0)
    for name, row in card.table.iterrows():
        assert row["expected"] == pytest.approx(expected[name], rel=1e-12)
        assert card.samples[name].mean() == pytest.approx(expected[name], rel=0.05)
    assert (card.samples.sum(axis=1) == card.n_synapses).all()
    assert card.table["observed"].sum() == card.n_synapses
    assert card.table["expected"].sum() == pytest.approx(card.n_synapses)


def test_shuffling_labels_has_the_distribution_that_is_sampled():
    g = world(n=600)
    card = skeletons.connectivity_card(g, "cell_type == 'S'", n=2000, seed=1)
    rows = g.synapses
    rows = rows.loc[rows["pre"] != rows["post"]].reset_index(drop=True)
    labels = g.neuron_column("cell_type").loc[rows["post"]].to_numpy()
    stratum = pd.factorize((rows["y_um"] // 20).astype(str) + rows["compartment"])[0]
    rng, mine, shuffled = np.random.default_rng(2), (rows["pre"] <= 10).to_numpy(), []
    for _ in range(2000):
        moved = labels.copy()
        for number in range(stratum.max() + 1):
            inside = np.flatnonzero(stratum == number)
            moved[inside] = labels[rng.permutation(inside)]
        shuffled.append((moved[mine] == "A").sum())
    ours = card.samples["A"]
    assert ours.mean() == pytest.approx(np.mean(shuffled), rel=0.01)
    assert ours.std() == pytest.approx(np.std(shuffled), rel=0.1)


def test_depth_alone_is_no_specificity_and_bias_is():
    flat = skeletons.connectivity_card(world(3), "cell_type == 'S'", bins=25, n=500).table
    assert (flat["q"] > 0.01).all()
    biased = skeletons.connectivity_card(world(3, bias=0.3), "cell_type == 'S'", n=500).table
    assert biased.loc["C", "ratio"] > 1.3
    assert biased.loc["C", "q"] < 0.05
    assert biased.loc["A", "ratio"] < 1
    assert (biased["q"] >= biased["p"]).all()


def test_p_values_are_calibrated():
    # Bins that end at 50 um, where the targets change: within them nothing is left to explain.
    cards = [
        skeletons.connectivity_card(world(seed, 500), list(range(1, 11)), bins=25, n=99, seed=seed)
        for seed in range(100)
    ]
    p = np.array([card.table.loc["A", "p"] for card in cards])
    assert (p <= 0.05).mean() < 0.12
    assert 0.35 < (p <= 0.5).mean() < 0.65
    assert p.min() >= 2 / 100


def test_same_seed_same_card():
    one, two = (skeletons.connectivity_card(world(), [1, 2], n=20, seed=7) for _ in range(2))
    pd.testing.assert_frame_equal(one.samples, two.samples)


def test_synapses_without_a_stratum_are_left_out_and_counted():
    g = world(n=300)
    compartment = np.array(g.synapse_column("compartment"), dtype=object)
    compartment[:50] = None
    some = g.annotate_synapses({"compartment": compartment})
    card = skeletons.connectivity_card(some, list(range(1, 41)), n=10)
    whole = skeletons.connectivity_card(g, list(range(1, 41)), n=10)
    assert card.n_left_out > 0
    assert card.n_left_out + card.n_synapses == whole.n_synapses


def test_mistakes_are_named():
    g = world(n=100)
    with pytest.raises(UnknownName, match="depth"):
        skeletons.connectivity_card(g, [1], depth="depth")
    with pytest.raises(InvalidArgument, match="above 0"):
        skeletons.connectivity_card(g, [1], bins=0)
    with pytest.raises(InvalidArgument, match="none of the 0 synapses"):
        skeletons.connectivity_card(g.between(pre=[2]), [1])
    edges = cg.from_edges(pd.DataFrame({"pre": [1], "post": [2], "count": [3]}), unknown="add")
    with pytest.raises(InvalidArgument, match="one row per synapse"):
        skeletons.connectivity_card(edges, [1])
