"""Sweeps: every combination once, in one tidy table."""

from __future__ import annotations

import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.model.policies import Policy


def test_a_sweep_is_the_loop_it_replaces(column):
    table = cg.sweep(
        column, cg.stats.dyads, min_synapses=[1, 2, 5], policy=["strict", "permissive"]
    )
    assert table.columns[:2].tolist() == ["min_synapses", "policy"]
    assert len(table) == 6
    for row in table.itertuples():
        g = column.threshold(min_synapses=row.min_synapses).observed(row.policy)
        assert row.reciprocity == cg.stats.dyads(g)["reciprocity"]
    assert table["min_synapses"].tolist() == [1, 1, 2, 2, 5, 5]


def test_rows_and_columns_follow_what_the_statistic_returns(column):
    number = cg.sweep(column, lambda g: g.n_synapses, policy=["strict"])
    assert number.columns.tolist() == ["policy", "n_edges", "n_pairs", "value"]
    mapping = cg.sweep(column, lambda g: {"a": 1, "b": "x"}, min_synapses=[1])
    assert mapping[["a", "b"]].iloc[0].tolist() == [1, "x"]
    blocks = cg.sweep(
        column,
        lambda g: cg.stats.type_matrix(g, by="broad_type", interval="wilson"),
        min_synapses=[1, 3],
    )
    assert len(blocks) == 8
    assert "n_pairs" in blocks
    indexed = cg.sweep(column, cg.stats.neuron_clustering, min_synapses=[5])
    assert indexed["root_id"].tolist() == column.ids.tolist()


def test_graphs_queries_and_policies_are_named(column):
    small = column.subgraph("cell_type == '23P'")
    table = cg.sweep(
        {"all": column, "23P": small},
        lambda g: g.n_neurons,
        synapses=[None, "target == 'spine'"],
        neurons=[None, "broad_type == 'excitatory'"],
        policy=[Policy("mine", 1, 1), lambda t: (t["status_axon"], t["status_axon"])],
    )
    assert len(table) == 16
    assert set(table["graph"]) == {"all", "23P"}
    assert table["policy"].unique().tolist() == ["mine", "<lambda>"]
    assert table["synapses"].isna().sum() == 8
    assert isinstance(table, pd.DataFrame)


def test_an_error_says_which_combination_it_was(column):
    with pytest.raises(UnknownName, match=r"at min_synapses=2: .*cel_type"):
        cg.sweep(column, lambda g: cg.stats.type_matrix(g, by="cel_type"), min_synapses=[2])


@pytest.mark.parametrize(
    ("choices", "match"),
    [
        ({}, "something to vary"),
        ({"policy": "strict"}, r"write \['strict'\]"),
        ({"min_synapses": 3}, r"write \[3\]"),
    ],
)
def test_lone_values_are_refused(column, choices, match):
    with pytest.raises(InvalidArgument, match=match):
        cg.sweep(column, lambda g: g.n_edges, **choices)


def test_other_results_are_refused(column):
    with pytest.raises(InvalidArgument, match="found str"):
        cg.sweep(column, lambda g: "x", min_synapses=[1])
