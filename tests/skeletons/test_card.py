"""Connectivity cards: the exact mean, and the draws of whole connections it stands for."""

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
    """Return the expected numbers: every synapse of the sources as others in its stratum."""
    rows = g.synapses
    rows = rows.loc[rows["pre"] != rows["post"]]
    rows["type"] = g.neuron_column("cell_type").loc[rows["post"]].to_numpy()
    rows["stratum"] = (rows["y_um"] // depth_bin).astype(str) + rows["compartment"]
    expected = dict.fromkeys("ABCS", 0.0)
    for _, pool in rows.groupby("stratum"):
        mine = (pool["pre"] <= 10).sum()
        others = pool.loc[pool["pre"] > 10, "type"]
        for name, share in others.value_counts(normalize=True).items():
            expected[name] += mine * share
    return expected


def test_expected_numbers_are_those_of_the_strata():
    g = world()
    card = skeletons.connectivity_card(g, "cell_type == 'S'", n=200)
    expected = by_hand(g, 20.0)
    for name, row in card.table.iterrows():
        assert row["expected"] == pytest.approx(expected[name], rel=1e-12)
        assert card.samples[name].mean() == pytest.approx(expected[name], rel=0.08)
    assert (card.samples.sum(axis=1) == card.n_synapses).all()
    assert card.table["observed"].sum() == card.n_synapses
    assert card.table["expected"].sum() == pytest.approx(card.n_synapses)


def test_whole_connections_take_the_types_of_others():
    g = world(n=600)
    card = skeletons.connectivity_card(g, "cell_type == 'S'", n=4000, seed=1)
    rows = g.synapses
    rows = rows.loc[rows["pre"] != rows["post"]].reset_index(drop=True)
    rows["type"] = g.neuron_column("cell_type").loc[rows["post"]].to_numpy()
    rows["stratum"] = (rows["y_um"] // 20).astype(str) + rows["compartment"]
    others = rows.loc[rows["pre"] > 10]
    numbers = others.groupby(["stratum", "pre", "post", "type"]).size().rename("k").reset_index()
    alpha = {}
    for stratum, pool in numbers.groupby("stratum"):
        share = pool.groupby("type")["k"].sum() / pool["k"].sum()
        alpha[stratum] = share * pool["k"].sum() ** 2 / (pool["k"] ** 2).sum()
    own = [list(c["stratum"]) for _, c in rows.loc[rows["pre"] <= 10].groupby(["pre", "post"])]
    rng, drawn = np.random.default_rng(2), []
    for _ in range(2000):
        shares = {s: rng.dirichlet(a) for s, a in alpha.items()}
        total = 0
        for strata in own:
            stratum = strata[rng.integers(len(strata))]
            total += len(strata) * (rng.choice(alpha[stratum].index, p=shares[stratum]) == "A")
        drawn.append(total)
    ours = card.samples["A"]
    assert ours.mean() == pytest.approx(np.mean(drawn), rel=0.02)
    assert ours.std() == pytest.approx(np.std(drawn), rel=0.08)
    assert (card.samples.sum(axis=1) == card.n_synapses).all()
    assert card.n_connections == len(own)


def test_depth_alone_is_no_specificity_and_bias_is():
    flat = skeletons.connectivity_card(world(3), "cell_type == 'S'", bins=25, n=500).table
    assert (flat["q"] > 0.01).all()
    biased = skeletons.connectivity_card(world(3, bias=0.3), "cell_type == 'S'", n=500).table
    assert biased.loc["C", "ratio"] > 1.3
    assert biased.loc["C", "q"] < 0.05
    assert biased.loc["A", "ratio"] < 1
    assert (biased["q"] >= biased["p"]).all()


def test_sources_are_not_held_against_themselves():
    # Nine of ten synapses of the pool are the sources' own.
    rng = np.random.default_rng(4)
    n = 20_000
    source = np.where(rng.random(n) < 0.9, rng.integers(1, 11, n), rng.integers(11, 41, n))
    liked = np.where(source <= 10, 0.75, 0.5)
    target = np.where(rng.random(n) < liked, rng.integers(11, 21, n), rng.integers(21, 31, n))
    table = pd.DataFrame({"pre": source, "post": target, "y_um": 1.0, "compartment": "soma"})
    types = ["S"] * 10 + ["A"] * 10 + ["B"] * 20
    neurons = pd.DataFrame({"root_id": np.arange(1, 41), "cell_type": types})
    card = skeletons.connectivity_card(cg.from_tables(table, neurons), "cell_type == 'S'", n=99)
    assert card.table.loc["A", "ratio"] == pytest.approx(1.5, abs=0.08)


def test_same_seed_same_card():
    one, two = (skeletons.connectivity_card(world(), [1, 2], n=20, seed=7) for _ in range(2))
    pd.testing.assert_frame_equal(one.samples, two.samples)


def test_synapses_without_a_stratum_are_left_out_and_counted():
    g = world(n=300)
    compartment = np.array(g.synapse_column("compartment"), dtype=object)
    compartment[:50] = None
    some = g.annotate_synapses({"compartment": compartment})
    card = skeletons.connectivity_card(some, list(range(1, 11)), n=10)
    whole = skeletons.connectivity_card(g, list(range(1, 11)), n=10)
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
    with pytest.raises(InvalidArgument, match="holds the sources against others"):
        skeletons.connectivity_card(g, list(range(1, 41)))
    edges = cg.from_edges(pd.DataFrame({"pre": [1], "post": [2], "count": [3]}), unknown="add")
    with pytest.raises(InvalidArgument, match="one row per synapse"):
        skeletons.connectivity_card(edges, [1])
