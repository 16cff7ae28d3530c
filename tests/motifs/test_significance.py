"""Significance of motifs: what is tested, what follows, and what the corrections allow for."""

from __future__ import annotations

import numpy as np
import pytest

import connectome_graph as cg
from connectome_graph.comparison._significance import false_discovery
from connectome_graph.motifs._classes import CLOSED, CONNECTED

LAWS = {
    "021D": {"030T": 1, "120D": 1},
    "021U": {"030T": 1, "120U": 1},
    "021C": {"030T": 1, "030C": 3, "120C": 1},
    "111D": {"120D": 2, "120C": 1, "210": 1},
    "111U": {"120U": 2, "120C": 1, "210": 1},
    "201": {"210": 1, "300": 3},
}


def test_by_default_the_closed_classes_are_tested(random_graph):
    found = cg.motifs.significance(random_graph, n=49, seed=3)
    table = found.table
    assert list(table.index) == list(CONNECTED)
    assert set(table.index[table["tested"]]) == set(CLOSED)
    untested = table[~table["tested"]]
    assert untested[["p", "p_max_t", "q", "profile"]].isna().all(axis=None)
    assert untested["observed"].equals(cg.motifs.triad_census(random_graph)[untested.index])
    assert np.sqrt((table["profile"] ** 2).sum()) == pytest.approx(1)
    assert (table.loc[list(CLOSED), "p"] >= 2 / 50).all()
    assert found.comparison.n == 49


@pytest.mark.parametrize("rectangular", [False, True])
def test_the_open_classes_follow_from_the_closed(random_graph, rectangular):
    g = random_graph
    if rectangular:
        g = g.between(pre=g.ids[:40], post=g.ids[15:])
    null = cg.nulls.ReciprocalConfiguration()
    census = cg.motifs.triad_census(g)
    for seed in range(5):
        sample = cg.motifs.triad_census(null.sample(g, seed))
        for name, parts in LAWS.items():
            before = census[name] + sum(k * census[part] for part, k in parts.items())
            assert sample[name] + sum(k * sample[part] for part, k in parts.items()) == before


def test_a_null_that_moves_wedges_is_tested_on_all_classes(random_graph):
    found = cg.motifs.significance(random_graph, null=cg.nulls.Configuration(), n=19, seed=3)
    assert found.table["tested"].all()
    assert found.n_tests == 13


def test_labelled_significance_allows_for_every_class_looked_at(random_graph):
    found = cg.motifs.significance(random_graph, by="cell_type", n=19, seed=3)
    looked_at = cg.motifs.labelled_census(random_graph, by="cell_type").attrs["n_classes"]
    assert found.n_tests == looked_at >= len(found.table)
    p = found.table["p"].to_numpy()
    padded = np.concatenate([p, np.ones(looked_at - len(p))])
    np.testing.assert_array_equal(found.table["q"], false_discovery(padded)[: len(p)])
    plain = cg.motifs.triad_census(random_graph)
    by_class = found.table["observed"].groupby(level="triad").sum()
    assert by_class.to_dict() == plain[by_class.index].to_dict()


def test_a_planted_motif_is_found():
    rng = np.random.default_rng(1)
    matrix = (rng.random((60, 60)) < 0.03).astype(int)
    for a, b, c in rng.permuted(np.tile(np.arange(60), (80, 1)), axis=1)[:, :3]:
        matrix[a, b] = matrix[b, c] = matrix[a, c] = 1
    found = cg.motifs.significance(cg.from_adjacency(matrix), n=199, seed=5)
    row = found.table.loc["030T"]
    assert row["p_max_t"] < 0.05
    assert row["ratio"] > 1.2
    assert found.table["profile"].idxmax() == "030T"
