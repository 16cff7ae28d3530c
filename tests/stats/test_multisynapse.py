"""Sizes within a pair: the statistics by their definitions, and the permutation."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._multisynapse import multisynapse_similarity


def pairs(seed=0, n=150, alike=0.0, shift=0.0):
    """Return a graph of pairs with 1 to 4 synapses; `alike` is the share of variance in common."""
    rng = np.random.default_rng(seed)
    rows = []
    for pair in range(n):
        many = int(rng.integers(1, 5))
        common = rng.normal() * np.sqrt(alike)
        kind = pair % 2
        logs = common + rng.normal(size=many) * np.sqrt(1 - alike) + shift * kind
        rows += [
            {"pre": 1000 + pair, "post": 1, "size": np.exp(x), "target": "ab"[kind]} for x in logs
        ]
    return cg.from_tables(pd.DataFrame(rows), unknown="add")


def test_statistics_follow_their_definitions():
    g = pairs(alike=0.4)
    groups = [part["size"].to_numpy() for _, part in g.synapses.groupby("pre") if len(part) > 1]
    both = np.array([p for s in groups for p in itertools.permutations(np.log(s), 2)])
    table = multisynapse_similarity(g, n=9)["observed"]
    assert table["correlation"] == pytest.approx(np.corrcoef(both.T)[0, 1], rel=1e-9)
    within = [np.log(s).std(ddof=1) ** 2 for s in groups]
    assert table["sd_log"] == pytest.approx(np.sqrt(np.mean(within)), rel=1e-9)
    cv = [s.std(ddof=1) / s.mean() for s in groups]
    assert table["cv"] == pytest.approx(np.mean(cv), rel=1e-9)


def test_similar_pairs_are_found_and_random_ones_are_not():
    alike = multisynapse_similarity(pairs(alike=0.5), n=199, seed=0)
    assert alike.loc["correlation", "p"] <= 0.02
    assert alike.loc["correlation", "observed"] > alike.loc["correlation", "null_high"]
    assert alike.loc["cv", "observed"] < alike.loc["cv", "null_low"]
    random = multisynapse_similarity(pairs(1), n=199, seed=0)
    assert random.loc["correlation", "p"] > 0.05
    assert abs(random.loc["correlation", "null_mean"]) < 0.05


def test_strata_take_away_what_they_explain():
    g = pairs(3, shift=4.0)
    free = multisynapse_similarity(g, n=199)
    kept = multisynapse_similarity(g, by_synapse="target", n=199)
    assert free.loc["correlation", "p"] <= 0.02
    assert kept.loc["correlation", "p"] > 0.05
    assert kept.loc["correlation", "null_mean"] > 0.5


def test_same_seed_same_answer_and_no_pair_is_an_error():
    g = pairs()
    pd.testing.assert_frame_equal(
        multisynapse_similarity(g, n=20, seed=3), multisynapse_similarity(g, n=20, seed=3)
    )
    single = cg.from_tables(
        pd.DataFrame({"pre": [1, 2], "post": [2, 1], "size": [1.0, 2.0]}), unknown="add"
    )
    with pytest.raises(InvalidArgument, match="two synapses"):
        multisynapse_similarity(single)
    with pytest.raises(InvalidArgument, match="n=0"):
        multisynapse_similarity(g, n=0)


def axons_and_dendrites(seed, *, axon=0.0, dendrite=0.0, pair=0.0):
    """Return a graph in which axons, dendrites and connections differ in synapse size."""
    rng = np.random.default_rng(seed)
    pre, post = np.nonzero((rng.random((30, 30)) < 0.15) & ~np.eye(30, dtype=bool))
    sizes = rng.normal(0, axon, 30)[pre] + rng.normal(0, dendrite, 30)[post]
    sizes += rng.normal(0, pair, len(pre))
    row = np.repeat(np.arange(len(pre)), rng.geometric(0.5, len(pre)))
    size = np.exp(sizes[row] + rng.normal(0, 0.5, len(row)))
    table = pd.DataFrame({"pre": pre[row] + 1, "post": post[row] + 1, "size": size})
    return cg.from_tables(table, unknown="add")


def test_what_axons_and_dendrites_share_is_not_laid_to_connections():
    rates = {}
    for strata, effects in (
        (None, {"axon": 0.6}),
        ("auto", {"axon": 0.6}),
        ("axon", {"axon": 0.6}),
        ("dendrite", {"dendrite": 0.6}),
        ("both", {"axon": 0.6, "dendrite": 0.6}),
    ):
        p = [
            cg.stats.multisynapse_similarity(
                axons_and_dendrites(seed, **effects), strata=strata, n=39, seed=seed
            )["p"].to_numpy()
            for seed in range(25)
        ]
        rates[strata] = (np.array(p) <= 0.05).mean(axis=0)
    assert (rates[None] > 0.8).all()
    for strata in ("auto", "axon", "dendrite", "both"):
        assert (rates[strata] <= 0.16).all()


def test_what_is_kept_by_default_is_what_can_be_told_apart():
    assert multisynapse_similarity(pairs(), n=9).attrs["strata"] == "dendrite"
    g = axons_and_dendrites(1, axon=0.6)
    found = multisynapse_similarity(g, n=9)
    assert found.attrs["strata"] == "both"
    free = multisynapse_similarity(g, strata=None, n=9)
    pd.testing.assert_series_equal(found["observed"], free["observed"])
    alone = multisynapse_similarity(pairs(), strata="axon", n=9)
    assert alone[["p", "null_mean", "null_low", "null_high"]].isna().all(axis=None)
    pd.testing.assert_series_equal(alone["observed"], multisynapse_similarity(pairs())["observed"])


def test_likeness_of_connections_is_found_beside_that_of_axons_and_dendrites():
    g = axons_and_dendrites(1, axon=0.6, dendrite=0.6, pair=0.9)
    found = cg.stats.multisynapse_similarity(g, strata="both", n=99)
    assert found.loc["correlation", "p"] == 0.02
    assert found.loc["correlation", "tested"] > found.loc["correlation", "null_high"]
    with pytest.raises(InvalidArgument, match="strata='pair'"):
        cg.stats.multisynapse_similarity(g, strata="pair")
