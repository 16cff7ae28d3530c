"""Density, degrees, dyads and type matrices against loops over all pairs."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument, UnknownName
from definitions import stats as define


def near(a, b):
    return (math.isnan(a) and math.isnan(b)) or a == pytest.approx(b, abs=1e-12)


@given(strategies.dense_graphs(pair_sets=True))
def test_density_is_edges_over_observable_pairs(g):
    edges, pairs = define.parts(g)[0], define.pairs(g)
    found = cg.stats.density(g, interval="wilson")
    assert (found["n_edges"], found["n_pairs"]) == (len(edges), len(pairs))
    assert near(found["density"], len(edges) / len(pairs) if pairs else math.nan)
    assert found["n_edges_outside"] == g.n_edges_outside
    assert found.attrs["policy"] == g.domain.policy
    if pairs:
        assert found["wilson_low"] <= found["density"] <= found["wilson_high"]


@given(strategies.dense_graphs(pair_sets=True))
def test_equal_weights_change_nothing(g):
    plain = cg.stats.density(g, interval="wilson")["density"]
    alike = np.full(g.n_neurons, 3.0)
    assert near(cg.stats.density(g, interval="wilson", source_weights=alike)["density"], plain)
    weighted = cg.stats.dyads(g, source_weights=np.full(g.n_neurons, 1.0))
    pd.testing.assert_series_equal(weighted, cg.stats.dyads(g))


@given(strategies.graphs(pair_sets=True))
def test_degrees_are_missing_where_nobody_could_see_them(g):
    table = cg.stats.degrees(g)
    expected = define.degrees(g)
    for code, (into, out) in expected.items():
        row = table.iloc[code]
        for name, value in (("in_degree", into), ("out_degree", out)):
            assert (row[name] is pd.NA) if value is None else row[name] == value
        pairs = define.pairs(g)
        if into is not None:
            assert row["in_exposure"] == sum(j == code for _, j in pairs)
        if out is not None:
            assert row["out_exposure"] == sum(i == code for i, _ in pairs)
    assert table.index.equals(g.neurons.index)
    assert int(table["in_degree"].sum()) == int(table["out_degree"].sum()) == g.n_edges


def test_degrees_agree_with_networkx(random_graph):
    g = random_graph
    graph = nx.DiGraph()
    graph.add_nodes_from(g.ids.tolist())
    edges = g.edges
    graph.add_weighted_edges_from(
        zip(edges["pre"], edges["post"], edges["size"], strict=True), weight="size"
    )
    table = cg.stats.degrees(g, weight="sum")
    assert table["in_degree"].to_dict() == dict(graph.in_degree())
    assert table["out_degree"].to_dict() == dict(graph.out_degree())
    assert table["out_strength"].to_dict() == dict(graph.out_degree(weight="size"))
    assert (table["in_rate"] == table["in_degree"].astype(float) / 59).all()


@given(strategies.graphs(pair_sets=True))
def test_degrees_by_partner_type_add_up(g):
    table = cg.stats.degrees(g, by="cell_type")
    for end, link in (("in", "from"), ("out", "to")):
        for name in ("degree", "synapses"):
            split = table.filter(like=f"{end}_{name}_{link}_")
            # A type nobody could see is missing; it has no edge to add.
            total = split.fillna(0).sum(axis=1).astype("Int64")
            whole = table[f"{end}_{name}"]
            assert total.where(whole.notna()).equals(whole.rename(None))
            assert split[whole.isna()].isna().all(axis=None)


@given(strategies.dense_graphs(pair_sets=True))
def test_dyads_are_the_definition(g):
    null, asymmetric, mutual = define.dyads(g)
    found = cg.stats.dyads(g)
    assert found[["null", "asymmetric", "mutual"]].tolist() == [null, asymmetric, mutual]
    assert found["n_pairs"] == null + asymmetric + mutual
    n_edges = 2 * mutual + asymmetric
    r = 2 * mutual / n_edges if n_edges else math.nan
    p = n_edges / (2 * found["n_pairs"]) if found["n_pairs"] else math.nan
    assert near(found["reciprocity"], r)
    assert near(found["r_over_p"], r / p if n_edges else math.nan)
    assert near(found["rho"], (r - p) / (1 - p) if n_edges and p < 1 else math.nan)
    assert found["n_edges"] + found["n_edges_outside"] == g.n_edges + g.n_edges_outside


@given(strategies.dense_graphs(pair_sets=True), st.integers(0, 99))
def test_weighted_reciprocity_is_the_definition(g, seed):
    weight = np.random.default_rng(seed).uniform(0.5, 3, g.n_neurons)
    expected = define.weighted_reciprocity(g, weight)
    assert near(cg.stats.dyads(g, source_weights=weight)["reciprocity"], expected)


def test_reciprocity_agrees_with_networkx(random_graph):
    g = random_graph
    graph = nx.DiGraph(list(zip(*(end.tolist() for end in g.edge_codes), strict=True)))
    assert near(cg.stats.dyads(g)["reciprocity"], nx.overall_reciprocity(graph))


def test_reciprocated_edges_have_their_opposite(random_graph):
    pre, post = random_graph.edge_codes
    edges = set(zip(pre.tolist(), post.tolist(), strict=True))
    expected = [(j, i) in edges for i, j in zip(pre.tolist(), post.tolist(), strict=True)]
    assert cg.stats.reciprocated(random_graph).tolist() == expected


@given(strategies.dense_graphs(pair_sets=True))
def test_type_matrix_is_the_definition(g):
    labels = g.neuron_column("cell_type").tolist()
    expected = define.type_blocks(g, labels)
    table = cg.stats.type_matrix(g, by="cell_type", interval="wilson")
    into = table.groupby("post_type")["n_synapses"].sum()
    assert len(table) == len(set(labels)) ** 2
    for row in table.itertuples():
        n_pairs, n_edges, n_synapses = expected.get((row.pre_type, row.post_type), (0, 0, 0))
        assert (row.n_pairs, row.n_edges, row.n_synapses) == (n_pairs, n_edges, n_synapses)
        assert near(row.probability, n_edges / n_pairs if n_pairs else math.nan)
        assert near(row.synapses_per_connection, n_synapses / n_edges if n_edges else math.nan)
        total = into[row.post_type]
        seen = total and n_pairs
        assert near(row.input_fraction, n_synapses / total if seen else math.nan)
    assert table["n_edges"].sum() == g.n_edges
    assert table["n_pairs"].sum() == g.domain.n_pairs


def test_type_matrix_mean_size_leaves_missing_sizes_out():
    synapses = pd.DataFrame({"pre": [1, 1, 2], "post": [3, 4, 3], "size": [10.0, np.nan, 30.0]})
    neurons = pd.DataFrame({"root_id": [1, 2, 3, 4], "cell_type": ["A", "A", "B", "B"]})
    g = cg.from_tables(synapses, neurons)
    table = cg.stats.type_matrix(g, by="cell_type", interval="wilson")
    assert cg.stats.to_matrix(table, "mean_size").loc["A", "B"] == 20


def test_neurons_without_a_type_are_left_out_and_counted():
    neurons = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["A", "B", None]})
    g = cg.from_adjacency([[0, 1, 1], [0, 0, 0], [1, 3, 0]], neurons)
    table = cg.stats.type_matrix(g, by="cell_type", interval="wilson")
    assert table.attrs["n_edges_without_type"] == 3
    square = cg.stats.to_matrix(table, "input_fraction")
    # Neuron 2 receives 1 synapse from A and 3 from the untyped neuron.
    assert square.loc["A", "B"] == 0.25
    assert cg.stats.labelled_reciprocity(g, by="cell_type").attrs["n_edges_without_type"] == 3


def test_types_keep_the_order_of_their_categories():
    kinds = pd.Categorical(["MC", "BC", "MC"], categories=["MC", "none", "BC"])
    g = cg.from_adjacency(np.ones((3, 3), int), pd.DataFrame({"root_id": [1, 2, 3], "kind": kinds}))
    table = cg.stats.type_matrix(g, by="kind", interval="wilson")
    assert cg.stats.to_matrix(table, "n_edges").index.tolist() == ["MC", "BC"]


@given(strategies.dense_graphs(pair_sets=True))
def test_labelled_reciprocity_is_the_definition(g):
    labels = g.neuron_column("cell_type").tolist()
    expected = define.reciprocity_by_type(g, labels)
    table = cg.stats.labelled_reciprocity(g, by="cell_type", interval="wilson")
    for row in table.itertuples():
        n_edges, n_both = expected.get((row.pre_type, row.post_type), (0, 0))
        assert (row.n_edges, row.n_reciprocated) == (n_edges, n_both)
        assert near(row.reciprocity, n_both / n_edges if n_edges else math.nan)
    forward = table.set_index(["pre_type", "post_type"])["n_reciprocated"]
    backward = table.set_index(["post_type", "pre_type"])["n_reciprocated"]
    assert forward.sort_index().tolist() == backward.sort_index().tolist()


@pytest.mark.parametrize(
    "statistic",
    [
        cg.stats.dyads,
        cg.stats.reciprocated,
        lambda g: cg.stats.labelled_reciprocity(g, by="cell_type"),
        cg.stats.clustering,
        cg.stats.common_neighbours,
        cg.stats.rich_club,
        cg.stats.assortativity,
        cg.stats.components,
        cg.stats.paths,
        cg.stats.communities,
        cg.stats.trophic_hierarchy,
        cg.stats.neuron_table,
        cg.stats.connection_by_distance,
    ],
)
def test_a_graph_of_types_is_refused_in_one_sentence(random_graph, statistic):
    types = random_graph.collapse("cell_type")
    with pytest.raises(InvalidArgument, match="before collapse"):
        statistic(types)


def test_density_and_degrees_of_a_graph_of_types_count_self_pairs(random_graph):
    types = random_graph.collapse("cell_type")
    assert cg.stats.density(types, interval="wilson")["n_pairs"] == 9
    assert cg.stats.degrees(types)["in_exposure"].tolist() == [3, 3, 3]


def test_wrong_names_are_refused(random_graph):
    with pytest.raises(UnknownName, match="Did you mean 'cell_type'"):
        cg.stats.type_matrix(random_graph, by="cel_type")
    with pytest.raises(InvalidArgument, match="interval='wilsn'"):
        cg.stats.density(random_graph, interval="wilsn")
    with pytest.raises(InvalidArgument, match="level"):
        cg.stats.density(random_graph, level=95)
    with pytest.raises(InvalidArgument, match="n=0"):
        cg.stats.density(random_graph, n=0)
    with pytest.raises(InvalidArgument, match="seed"):
        cg.stats.density(random_graph, seed=-1)
    with pytest.raises(InvalidArgument, match="pre_type"):
        cg.stats.to_matrix(pd.DataFrame({"x": [1]}), "x")
    with pytest.raises(InvalidArgument, match="no types"):
        cg.stats.type_matrix(random_graph.annotate(
            pd.Series([None] * 60, index=random_graph.ids, name="kind").rename_axis("root_id")
        ), by="kind")  # fmt: skip


def test_weights_need_a_number_for_every_source(random_graph):
    weights = pd.Series(2.0, index=random_graph.ids)
    expected = cg.stats.density(random_graph, interval="wilson")["density"]
    found = cg.stats.density(random_graph, interval="wilson", source_weights=weights)
    assert near(found["density"], expected)
    with pytest.raises(InvalidArgument, match="positive number for every source"):
        cg.stats.density(random_graph, source_weights=weights.iloc[:-1])
    with pytest.raises(InvalidArgument, match="one number for each"):
        cg.stats.dyads(random_graph, source_weights=np.ones(3))
    part = random_graph.between(pre="status_axon")
    known = weights[part.ids[part.domain.sources]]
    found = cg.stats.density(part, source_weights=known, interval="wilson")
    assert found["n_pairs"] == part.domain.n_pairs


def test_statistics_leave_the_graph_alone(random_graph):
    before = random_graph.neurons
    cg.stats.degrees(random_graph, by="cell_type")
    cg.stats.type_matrix(random_graph, by="cell_type", n=10)
    assert random_graph.neurons.equals(before)


def test_18_digit_ids_stay_exact(random_graph):
    part = random_graph.between(pre="status_axon")
    table = cg.stats.neuron_table(part)
    assert table.index.dtype == np.int64
    assert table.index.tolist() == part.ids.tolist()
    assert cg.stats.degrees(part).index.tolist() == part.ids.tolist()
