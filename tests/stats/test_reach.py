"""Hops, layers, cascades, path lengths, shortest paths: against definitions and networkx."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from definitions import circuits
from strategies import graphs


@given(graphs(pair_sets=True), st.integers(0, 6))
def test_hops_are_those_of_a_search(g: cg.ConnectomeGraph, start: int) -> None:
    seed = start % g.n_neurons
    table = cg.stats.layers(g, [g.ids[seed]])
    known = table["layer"].dropna().astype(int)
    wanted = {g.ids[v]: d for v, d in circuits.hops(g, [seed]).items()}
    assert known.to_dict() == wanted
    assert table.attrs["lower_bound"] == (not g.domain.is_full)


@given(graphs(domain=False))
def test_path_lengths_are_those_of_networkx(g: cg.ConnectomeGraph) -> None:
    counts = dict.fromkeys(cg.stats.path_lengths(g).index, 0)
    plain = cg.export.to_networkx(g, weight="count")
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    reached = dict(nx.all_pairs_shortest_path_length(plain))
    for i in plain:
        for j in plain:
            if i != j:
                counts[float(reached[i].get(j, math.inf))] += 1
    assert cg.stats.path_lengths(g).to_dict() == counts


def test_path_lengths_of_many_starts_use_every_bit(random_graph: cg.ConnectomeGraph) -> None:
    g = cg.datasets.synthetic_column(seed=0).subgraph("cell_type == '23P'")
    plain = cg.export.to_networkx(g, weight="count")
    seen = pd.Series(
        [d for _, to in nx.all_pairs_shortest_path_length(plain) for d in to.values() if d]
    ).value_counts()
    found = cg.stats.path_lengths(g)
    assert found[np.isfinite(found.index)].to_dict() == seen.to_dict()
    some = cg.stats.path_lengths(g, sources=70, seed=1)
    assert some.sum() == 70 * (g.n_neurons - 1)
    chosen = cg.stats.path_lengths(random_graph, sources="cell_type == 'MC'")
    assert chosen.attrs["n_starts"] == int((random_graph.neurons["cell_type"] == "MC").sum())


@settings(max_examples=40)
@given(graphs(max_neurons=6), st.sampled_from(["hops", "inverse", "negative_log", "weight"]))
def test_shortest_paths_are_the_shortest_of_all(g: cg.ConnectomeGraph, length: str) -> None:
    weight = {"hops": None, "negative_log": "input_fraction"}.get(length, "count")
    values = np.ones(g.n_edges) if weight is None else cg.weights.values(g, weight)
    rule = {
        "hops": lambda w: 1.0,
        "inverse": lambda w: 1 / w,
        "negative_log": lambda w: -math.log(w),
        "weight": lambda w: w,
    }[length]
    options = {} if weight is None else {"weight": weight, "length": length}
    table = cg.stats.shortest_paths(g, g.ids.tolist(), **options)
    for i in range(g.n_neurons):
        for j in range(g.n_neurons):
            if i == j:
                continue
            wanted = circuits.simple_paths(g, values, i, j, rule)
            pair = g.ids[i], g.ids[j]
            found = table.loc[pair] if pair in table.index.droplevel("rank") else None
            if not wanted:
                assert found is None
                continue
            assert found is not None
            paths = {tuple(g.ids[list(path)].tolist()) for _, _, path in wanted}
            assert set(found["path"]) == paths
            assert found["n_paths"].tolist() == [len(paths)] * len(paths)
            assert found["length"].iloc[0] == pytest.approx(wanted[0][0])


@given(graphs(domain=False))
def test_lengths_are_those_of_networkx(g: cg.ConnectomeGraph) -> None:
    plain = cg.export.to_networkx(g, weight="count")
    for _, _, data in plain.edges(data=True):
        data["length"] = 1 / data["weight"]
    table = cg.stats.shortest_paths(g, g.ids.tolist(), weight="count")
    ours = table.groupby(level=["source", "target"])["length"].first()
    for source, lengths in nx.all_pairs_dijkstra_path_length(plain, weight="length"):
        for target, value in lengths.items():
            if source != target:
                assert ours.loc[source, target] == pytest.approx(value)


def test_paths_by_type_count_the_paths_by_neuron(random_graph: cg.ConnectomeGraph) -> None:
    kinds = random_graph.neurons["cell_type"]
    start, end = random_graph.ids[:4].tolist(), random_graph.ids[20:30].tolist()
    listed = cg.stats.shortest_paths(random_graph, start, end, limit=10_000)
    sequences = listed["path"].map(lambda path: tuple(kinds[list(path)])).value_counts()
    table = cg.stats.shortest_paths(random_graph, start, end, by="cell_type")
    assert table["n_paths"].droplevel(["source", "target"]).to_dict() == sequences.to_dict()
    cut = cg.stats.shortest_paths(random_graph, start, end, limit=1)
    assert (cut.groupby(level=[0, 1]).size() == 1).all()
    assert cut["n_paths"].sum() == len(listed)


def test_certain_connections_make_traversal_and_cascade_a_search() -> None:
    g = cg.from_adjacency([[0, 9, 0, 0], [0, 0, 9, 0], [9, 0, 0, 0], [0, 0, 0, 0]])
    hops = [0.0, 1.0, 2.0]
    for per in ("connection", "neuron"):
        found = cg.stats.layers(g, [1], method="traversal", threshold=0.3, per=per, n=5)
        assert found["layer"].tolist()[:3] == hops
        assert found["reached"].tolist() == [1.0, 1.0, 1.0, 0.0]
        assert found["sd"].tolist()[:3] == [0.0, 0.0, 0.0]
    spread = cg.stats.cascade(g, [1], p=1.0, n=5, max_steps=3)
    assert spread["step"].tolist()[:3] == hops
    stopped = cg.stats.cascade(g, [1], p=1.0, n=5, stops=[2])
    assert stopped["reached"].tolist() == [1.0, 1.0, 0.0, 0.0]


def test_chances_of_one_connection_are_as_told() -> None:
    g = cg.from_adjacency([[0, 3, 0], [0, 0, 0], [0, 17, 0]])
    # 2 hears 3 of its 20 inputs from 1: 0.15, passed with 0.15 / 0.3 at each step
    found = cg.stats.layers(g, [1], method="traversal", max_steps=1, n=4000)
    assert found.loc[2, "reached"] == pytest.approx(0.5, abs=0.03)
    found = cg.stats.cascade(g, [1], p=0.1, n=4000)
    assert found.loc[2, "reached"] == pytest.approx(1 - 0.9**3, abs=0.03)


def test_two_inputs_count_together_only_per_neuron() -> None:
    g = cg.from_adjacency([[0, 0, 3, 0], [0, 0, 3, 0], [0, 0, 0, 0], [0, 0, 14, 0]])
    once = {"method": "traversal", "max_steps": 1, "n": 4000}
    pooled = cg.stats.layers(g, [1, 2], per="neuron", **once)
    apart = cg.stats.layers(g, [1, 2], per="connection", **once)
    assert pooled.loc[3, "reached"] == 1.0
    assert apart.loc[3, "reached"] == pytest.approx(0.75, abs=0.03)


def test_the_same_seed_gives_the_same_numbers(random_graph: cg.ConnectomeGraph) -> None:
    first, second, other = (
        cg.stats.cascade(random_graph, "cell_type == 'MC'", n=20, by="cell_type", seed=seed)
        for seed in (3, 3, 4)
    )
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(other)


def test_what_is_wrong_is_said(random_graph: cg.ConnectomeGraph) -> None:
    with pytest.raises(InvalidArgument, match="chooses no neuron"):
        cg.stats.layers(random_graph, "cell_type == 'none'")
    with pytest.raises(InvalidArgument, match="threshold"):
        cg.stats.layers(random_graph, "cell_type == 'MC'", method="traversal", threshold=0)
    with pytest.raises(InvalidArgument, match="probability"):
        cg.stats.cascade(random_graph, "cell_type == 'MC'", p=2)
    with pytest.raises(InvalidArgument, match="from 0 to 1"):
        cg.stats.shortest_paths(
            random_graph, "cell_type == 'MC'", weight="count", length="negative_log"
        )


def test_reach_in_comparisons(random_graph: cg.ConnectomeGraph) -> None:
    def reach(g: cg.ConnectomeGraph) -> pd.DataFrame:
        return cg.stats.layers(g, "cell_type == 'MC'", by="cell_type")

    found = cg.compare(random_graph, reach, null=cg.nulls.Configuration(), n=5, seed=0)
    assert ("BC", "layer") in found.table.index
    lengths = cg.compare(
        random_graph, cg.stats.path_lengths, null=cg.nulls.Configuration(), n=5, seed=0
    )
    assert lengths.table["observed"].sum() == 60 * 59
