"""Weighted motifs against nested loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs._classes import CONNECTED
from definitions import motifs as definition
from strategies import dense_graphs, graphs


@given(st.one_of(graphs(pair_sets=True), dense_graphs(pair_sets=True)))
def test_means_are_nested_loops(g):
    table = cg.motifs.weighted_census(g)
    expected = definition.weighted_census(g, g.edge_counts.tolist())
    for name in CONNECTED:
        row = table.loc[name]
        if name not in expected:
            assert row["count"] == 0
            assert np.isnan(row["intensity"])
            continue
        assert row["count"] == expected[name][0]
        found = row[["intensity", "coherence", "strength"]].to_numpy(float)
        np.testing.assert_allclose(found, expected[name][1:], rtol=1e-12)


def test_counts_are_the_census_and_parts_do_not_matter(random_graph, monkeypatch):
    whole = cg.motifs.weighted_census(random_graph, weight="sum")
    census = cg.motifs.triad_census(random_graph)[list(CONNECTED)]
    assert whole["count"].to_dict() == census.to_dict()
    monkeypatch.setattr("connectome_graph._kernels.threads.SMALL", 1)
    split = cg.motifs.weighted_census(random_graph, weight="sum")
    np.testing.assert_allclose(split.to_numpy(), whole.to_numpy(), rtol=1e-12)


def test_equal_weights_are_coherent(random_graph):
    table = cg.motifs.weighted_census(random_graph, weight="binary")
    found = table[table["count"] > 0]
    np.testing.assert_allclose(found[["intensity", "coherence", "strength"]], 1.0)


def test_zero_weights_have_no_intensity():
    g = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    row = cg.motifs.weighted_census(g, weight=[0.0, 2.0, 4.0]).loc["030T"]
    assert row["intensity"] == row["coherence"] == 0
    assert row["strength"] == 2


@pytest.mark.parametrize("wrong", [-1.0, np.nan])
def test_negative_and_missing_weights_are_refused(wrong):
    g = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    with pytest.raises(InvalidArgument, match="1 of 3 edges"):
        cg.motifs.weighted_census(g, weight=[1.0, wrong, 1.0])
