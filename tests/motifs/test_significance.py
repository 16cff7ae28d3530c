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


def test_labelled_classes_are_one_family(random_graph):
    found = cg.motifs.significance(random_graph, by="cell_type", n=39, seed=3)
    tested = found.table[found.table["tested"]]
    average = (found.table["observed"] + 39 * found.table["mean"]) / 40
    assert (found.table["tested"] == (average >= 1)).all()
    assert found.n_tests == len(tested) < len(found.table)
    np.testing.assert_array_equal(tested["q"], false_discovery(tested["p"].to_numpy()))
    assert found.table.loc[~found.table["tested"], ["p", "p_max_t", "q"]].isna().all(axis=None)
    assert found.n_needed == {"p": 39, "p_max_t": 19, "q": 40 * found.n_tests - 1}
    looked_at = cg.motifs.labelled_census(random_graph, by="cell_type").attrs["n_classes"]
    assert f"of {looked_at:,} labelled classes tested as one family" in repr(found)
    assert "p_max_t 19" in repr(found)
    plain = cg.motifs.triad_census(random_graph)
    by_class = found.table["observed"].groupby(level="triad").sum()
    assert by_class.to_dict() == plain[by_class.index].to_dict()


def test_the_profile_of_13_classes_stands_beside_ours(random_graph):
    table = cg.motifs.significance(random_graph, n=49, seed=3).table
    z = table["z"]
    np.testing.assert_allclose(table["profile_13"], z / np.sqrt((z**2).sum()))
    assert table["profile_13"].notna().sum() > table["profile"].notna().sum()


def test_among_thousands_of_labelled_classes_a_planted_one_is_found():
    rng = np.random.default_rng(1)
    n = 120
    kind = rng.integers(0, 12, n).astype(str)
    matrix = (rng.random((n, n)) < 0.05).astype(int)
    a, b, c = (np.flatnonzero(kind == name) for name in ("1", "2", "3"))
    for _ in range(25):
        i, j, k = (rng.choice(group) for group in (a, b, c))
        matrix[i, j] = matrix[j, k] = matrix[i, k] = 1
    np.fill_diagonal(matrix, 0)
    import pandas as pd

    cells = pd.DataFrame({"root_id": np.arange(1, n + 1), "kind": kind})
    found = cg.motifs.significance(cg.from_adjacency(matrix, cells), by="kind", n=99, seed=2)
    assert found.table.loc[("030T", "1", "2", "3"), "p_max_t"] <= 0.05
    assert len(found.table) > 1000


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
