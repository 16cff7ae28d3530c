"""Shared connections of matched neurons, and orders with the most weight forward."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats import _forward_order
from definitions import circuits
from strategies import graphs


@given(graphs(pair_sets=True), graphs(pair_sets=True), st.integers(1, 4))
def test_edges_agree_over_pairs_seen_in_both(
    a: cg.ConnectomeGraph, b: cg.ConnectomeGraph, least: int
) -> None:
    row = cg.stats.edge_agreement(a, b, min_synapses=least).loc[least]
    wanted = circuits.edge_agreement(a, b, least)
    assert tuple(row[["both", "only_a", "only_b", "neither"]].astype(int)) == wanted
    assert row["n_pairs"] == sum(wanted)
    if sum(wanted[:3]):
        assert row["jaccard"] == pytest.approx(wanted[0] / sum(wanted[:3]))


def test_a_column_of_names_matches() -> None:
    left = cg.from_adjacency(
        [[0, 5, 2], [0, 0, 0], [0, 0, 0]],
        pd.DataFrame({"root_id": [1, 2, 3], "pair": ["a", "b", None]}),
    )
    right = cg.from_adjacency(
        [[0, 0, 0], [4, 0, 0], [0, 9, 0]],
        pd.DataFrame({"root_id": [7, 8, 9], "pair": ["b", "a", "z"]}),
    )
    table = cg.stats.edge_agreement(left, right, match="pair", min_synapses=[1, 5])
    assert table["both"].tolist() == [1, 0]
    assert table["only_a"].tolist() == [0, 1]
    assert table.attrs["n_matched"] == 2
    with pytest.raises(InvalidArgument, match="no neurons"):
        cg.stats.edge_agreement(left, right)
    twice = left.annotate(
        pd.DataFrame({"root_id": [1, 2, 3], "pair": ["a", "a", "c"]}), overwrite=True
    )
    with pytest.raises(InvalidArgument, match="occurs twice"):
        cg.stats.edge_agreement(twice, right, match="pair")


def test_kappa_is_one_for_equal_graphs(random_graph: cg.ConnectomeGraph) -> None:
    row = cg.stats.edge_agreement(random_graph, random_graph, min_synapses=1).loc[1]
    assert row["kappa"] == pytest.approx(1.0)
    assert row["only_a"] == row["only_b"] == 0


@given(graphs(max_neurons=6))
def test_small_orders_are_the_best_of_all(g: cg.ConnectomeGraph) -> None:
    weights = circuits.weight_table(g)
    found = cg.stats.forward_order(g)
    assert found.is_best
    assert found.forward_weight == circuits.best_forward(weights, g.n_neurons)
    order = [int(g.codes_of([root])[0]) for root in found.order]
    assert circuits.forward(weights, order) == found.forward_weight


@settings(max_examples=30)
@given(graphs(max_neurons=6), st.data())
def test_large_orders_are_no_worse_than_greedy(g: cg.ConnectomeGraph, data: st.DataObject) -> None:
    exact = _forward_order._EXACT
    weights = circuits.weight_table(g)
    try:
        _forward_order._EXACT = 0
        found = cg.stats.forward_order(g)
    finally:
        _forward_order._EXACT = exact
    best = circuits.best_forward(weights, g.n_neurons)
    assert circuits.greedy_forward(weights, g.n_neurons) <= found.forward_weight <= best


def test_greedy_is_beaten_on_a_dense_graph() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        wires = (rng.random((50, 50)) < 0.2) * rng.integers(1, 9, (50, 50))
        np.fill_diagonal(wires, 0)
        g = cg.from_adjacency(wires)
        found = cg.stats.forward_order(g)
        assert found.forward_weight > circuits.greedy_forward(circuits.weight_table(g), 50)
        assert not found.is_best


def test_exact_on_twenty_neurons() -> None:
    rng = np.random.default_rng(1)
    hidden = rng.permutation(20)
    wires = np.zeros((20, 20), int)
    # Forward weights so heavy that the hidden order is the best one.
    for place, i in enumerate(hidden):
        wires[i, hidden[place + 1 :]] = 50
    wires += (rng.random((20, 20)) < 0.4) * rng.integers(1, 5, (20, 20))
    np.fill_diagonal(wires, 0)
    found = cg.stats.forward_order(cg.from_adjacency(wires))
    assert found.is_best
    assert (found.order - 1).tolist() == hidden.tolist()


@given(graphs(domain=False))
def test_without_a_cycle_everything_runs_forward(g: cg.ConnectomeGraph) -> None:
    plain = cg.export.to_networkx(g, weight="count")
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    found = cg.stats.forward_order(g)
    if nx.is_directed_acyclic_graph(plain):
        assert found.forward_weight == found.total_weight
    elif g.n_edges:
        assert 0.5 <= found.share < 1


def test_order_against_its_null(random_graph: cg.ConnectomeGraph) -> None:
    found = cg.compare(
        random_graph, cg.stats.forward_weight, null=cg.nulls.Configuration(), n=5, seed=0
    )
    assert found.table.loc["total_weight", "observed"] == random_graph.edge_counts.sum()
