"""Shared partners, clustering, rich club, paths, communities and hierarchy."""

from __future__ import annotations

import math

import igraph
import leidenalg
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument
from definitions import stats as define

# Loops over triples of neurons are slow; the examples differ enough.
few = settings(max_examples=25)


def near(a, b):
    return (math.isnan(a) and math.isnan(b)) or a == pytest.approx(b, abs=1e-9)


def as_networkx(g):
    """Return the edges between core neurons, as networkx and as a list of positions."""
    core = g.subgraph(g.domain.core)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(core.n_neurons))
    graph.add_edges_from(zip(*(end.tolist() for end in core.edge_codes), strict=True))
    return graph


# -- partners -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["out", "in", "any"])
@few
@given(g=strategies.dense_graphs(pair_sets=True))
def test_common_neighbours_are_the_definition(g, kind):
    table = cg.stats.common_neighbours(g, kind=kind)
    expected = define.common_neighbours(g, kind)
    found = {
        n: (pairs, edges)
        for n, pairs, edges in table[["n_pairs", "n_edges"]].itertuples(name=None)
        if pairs
    }
    assert found == expected


def test_common_neighbours_agree_with_a_matrix_product(column):
    matrix = column.adjacency("binary").astype(float).toarray()
    products = {"out": matrix @ matrix.T, "in": matrix.T @ matrix}
    for kind, product in products.items():
        product = product.astype(np.int64)  # noqa: PLW2901
        table = cg.stats.common_neighbours(column, kind=kind)
        off = ~np.eye(len(matrix), dtype=bool)
        assert table["n_pairs"].tolist() == np.bincount(product[off]).tolist()
        connected = np.bincount(product[off & (matrix == 1)], minlength=len(table))
        assert table["n_edges"].tolist() == connected.tolist()


@few
@given(strategies.dense_graphs(max_neurons=9))
def test_clustering_agrees_with_networkx(g):
    graph = as_networkx(g)
    plain = graph.to_undirected()
    table = cg.stats.neuron_clustering(g)
    found = cg.stats.clustering(g)
    assert table["n_triangles"].tolist() == list(nx.triangles(plain).values())
    several = [v for v in plain if plain.degree(v) > 1]
    local, directed = nx.clustering(plain), nx.clustering(graph)
    for v, row in enumerate(table.itertuples()):
        assert row.n_partners == plain.degree(v)
        assert near(row.local_clustering, local[v] if v in several else math.nan)
        assert near(row.directed_clustering, directed[v] if v in several else math.nan)
    if several:
        assert near(found["transitivity"], nx.transitivity(plain))
        assert near(found["local_average"], np.mean([local[v] for v in several]))
        assert near(found["directed_average"], np.mean([directed[v] for v in several]))


@few
@given(strategies.dense_graphs(max_neurons=8, pair_sets=True))
def test_clustering_is_the_definition(g):
    table, found = cg.stats.neuron_clustering(g), cg.stats.clustering(g)
    core = np.flatnonzero(g.domain.core)
    expected = [define.clustering(g)[v] for v in core.tolist()]
    for row, (partners, closed, pairs, directed, possible) in zip(
        table.itertuples(), expected, strict=True
    ):
        assert (row.n_partners, row.n_triangles) == (partners, closed)
        assert near(row.local_clustering, closed / pairs if pairs else math.nan)
        assert near(row.directed_clustering, directed / possible if possible else math.nan)
    closed, pairs = (sum(row[k] for row in expected) for k in (1, 2))
    assert near(found["transitivity"], closed / pairs if pairs else math.nan)
    assert found["n_triangles"] * 3 == closed


def test_clustering_agrees_with_igraph_on_many_threads(column):
    graph = igraph.Graph(
        n=column.n_neurons, edges=np.column_stack(column.edge_codes).tolist()
    ).simplify()
    found = cg.stats.clustering(column)
    assert near(found["transitivity"], graph.transitivity_undirected())
    assert near(found["local_average"], graph.transitivity_avglocal_undirected(mode="nan"))


@pytest.mark.parametrize("kind", ["total", "in", "out"])
@few
@given(g=strategies.dense_graphs(pair_sets=True))
def test_rich_club_is_the_definition(g, kind):
    table = cg.stats.rich_club(g, degree=kind)
    expected = define.rich_club(g, kind)
    found = {k: tuple(row) for k, *row in table[["n_members", "n_edges", "n_pairs"]].itertuples()}
    assert found == expected
    for k, (n_members, _, _) in expected.items():
        assert len(cg.stats.rich_club_members(g, k=k, degree=kind)) == n_members


def test_rich_club_against_a_null_of_the_same_degrees(random_graph):
    null = cg.nulls.Configuration()
    table = cg.stats.rich_club(random_graph, null=null, n=20, seed=1)
    again = cg.stats.rich_club(random_graph, null=null, n=20, seed=1)
    pd.testing.assert_frame_equal(table, again)
    assert table.loc[0, "phi_norm"] == pytest.approx(1)
    known = table.dropna(subset=["phi_null"])
    assert (known["phi_null_low"] <= known["phi_null_high"]).all()
    assert known["p"].between(1 / 21, 1).all()
    with pytest.raises(InvalidArgument, match="k=-1"):
        cg.stats.rich_club_members(random_graph, k=-1)


def test_a_planted_club_is_found():
    rng = np.random.default_rng(3)
    tendency = np.where(np.arange(120) < 20, 0.4, 0.1)
    matrix = rng.random((120, 120)) < np.sqrt(tendency[:, None] * tendency)
    matrix[:20, :20] = rng.random((20, 20)) < 0.9
    table = cg.stats.rich_club(
        cg.from_adjacency(matrix.astype(int)), null=cg.nulls.Configuration(), n=40, seed=0
    )
    club = table[table["n_members"].between(15, 20)]
    assert (club["phi_norm"] > 1.2).all()
    assert (club["p"] < 0.03).all()
    first, last = cg.stats.rich_club_range(table)
    assert first <= club.index[0] <= club.index[-1] <= last
    plain = cg.stats.rich_club(cg.from_adjacency(matrix.astype(int)))
    with pytest.raises(InvalidArgument, match="null"):
        cg.stats.rich_club_range(plain)
    assert cg.stats.rich_club_range(table.assign(phi_norm=1.0)) is None


@few
@given(strategies.dense_graphs(domain=False))
def test_assortativity_agrees_with_networkx(g):
    graph = as_networkx(g)
    found = cg.stats.assortativity(g)
    for before in ("in", "out"):
        for after in ("in", "out"):
            ends = [
                (dict(getattr(graph, f"{before}_degree")())[i],
                 dict(getattr(graph, f"{after}_degree")())[j])
                for i, j in graph.edges
            ]  # fmt: skip
            if len(ends) > 1 and min(len({end[k] for end in ends}) for k in (0, 1)) > 1:
                expected = nx.degree_pearson_correlation_coefficient(graph, x=before, y=after)
                assert near(found[f"{before}_{after}"], expected)
            else:
                assert math.isnan(found[f"{before}_{after}"])


# -- paths --------------------------------------------------------------------------------


@few
@given(strategies.dense_graphs(pair_sets=True))
def test_components_and_paths_agree_with_networkx(g):
    graph = as_networkx(g)
    found = cg.stats.components(g)
    weak = sorted(map(len, nx.weakly_connected_components(graph)))
    strong = sorted(map(len, nx.strongly_connected_components(graph)))
    assert found["n_weak"] == len(weak)
    assert found["n_strong"] == len(strong)
    assert found["largest_weak"] == (weak[-1] if weak else 0)
    assert found["largest_strong"] == (strong[-1] if strong else 0)
    assert found["lower_bound"] == (not g.domain.is_full)
    lengths = [
        d
        for v, others in nx.all_pairs_shortest_path_length(graph)
        for w, d in others.items()
        if v != w
    ]
    for sources in (None, 1000):
        walked = cg.stats.paths(g, sources=sources)
        assert walked["n_connected_pairs"] == len(lengths)
        assert near(walked["mean_distance"], np.mean(lengths) if lengths else math.nan)
        assert near(walked["diameter"], max(lengths) if lengths else math.nan)


def test_neuron_components_go_by_size():
    g = cg.from_adjacency([[0, 0, 0], [0, 0, 1], [0, 1, 0]])
    assert cg.stats.neuron_components(g)["weak"].tolist() == [1, 0, 0]


def test_paths_from_some_neurons_are_near_those_from_all(column):
    everyone = cg.stats.paths(column)
    some = cg.stats.paths(column, sources=200, seed=1)
    assert some["n_sources"] == 200
    assert some["mean_distance"] == pytest.approx(everyone["mean_distance"], rel=0.02)
    assert some.equals(cg.stats.paths(column, sources=200, seed=1))
    assert cg.stats.paths(column.observed("strict"))["lower_bound"] == 1
    with pytest.raises(InvalidArgument, match="sources"):
        cg.stats.paths(column, sources=0)


# -- communities and hierarchy ------------------------------------------------------------


def test_modularity_agrees_with_networkx_and_leidenalg(random_graph):
    g = random_graph
    found = cg.stats.communities(g, by="cell_type", seed=4)
    pre, post = (end.tolist() for end in g.edge_codes)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(g.n_neurons))
    graph.add_weighted_edges_from(zip(pre, post, g.edge_counts.tolist(), strict=True))
    labels = found.labels.to_numpy()
    groups = [set(np.flatnonzero(labels == k).tolist()) for k in range(found.n_communities)]
    assert near(found.modularity, nx.community.modularity(graph, groups))
    other = igraph.Graph(n=g.n_neurons, edges=list(zip(pre, post, strict=True)), directed=True)
    best = leidenalg.find_partition(
        other, leidenalg.ModularityVertexPartition, weights=g.edge_counts.tolist(), seed=1,
        n_iterations=-1,
    )  # fmt: skip
    assert found.modularity == pytest.approx(best.quality(), rel=0.03)
    assert np.array_equal(found.labels, cg.stats.communities(g, seed=4).labels)
    assert found.labels.value_counts().is_monotonic_decreasing
    assert found.agreement["n_neurons"] == 60


def test_planted_communities_are_found_and_agree_with_their_types():
    rng = np.random.default_rng(1)
    kind = np.arange(90) // 30
    matrix = rng.random((90, 90)) < np.where(kind[:, None] == kind, 0.3, 0.02)
    neurons = pd.DataFrame({"root_id": np.arange(1, 91), "kind": kind})
    g = cg.from_adjacency(matrix.astype(int), neurons)
    found = cg.stats.communities(g, by="kind")
    assert found.n_communities == 3
    assert found.agreement["adjusted_rand"] == pytest.approx(1)
    assert found.agreement["normalized_mutual_information"] == pytest.approx(1)
    assert cg.stats.communities(g, resolution=20.0).n_communities > 3


@few
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_agreement_agrees_with_igraph(labels):
    a, b = (list(part) for part in zip(*labels, strict=True))
    found = cg.stats.agreement(a, b)
    if len(set(a)) > 1 or len(set(b)) > 1:
        expected = igraph.compare_communities(a, b, method="nmi")
        assert near(found["normalized_mutual_information"], expected)
        rand = igraph.compare_communities(a, b, method="adjusted_rand")
        # Where every neuron is alone in both, igraph divides 0 by 0.
        assert near(found["adjusted_rand"], 1.0 if math.isnan(rand) else rand)


def test_edgeless_graphs_have_no_communities_and_no_direction():
    g = cg.from_adjacency(np.zeros((3, 3), int))
    found = cg.stats.communities(g)
    assert found.n_communities == 3
    assert math.isnan(found.modularity)
    assert math.isnan(cg.stats.trophic_hierarchy(g).incoherence)
    with pytest.raises(InvalidArgument, match="one label"):
        cg.stats.agreement([1, 2], [1])


@few
@given(strategies.dense_graphs(pair_sets=True))
def test_trophic_levels_solve_their_equation(g):
    found = cg.stats.trophic_hierarchy(g)
    core = g.subgraph(g.domain.core)
    w = np.zeros((core.n_neurons,) * 2)
    w[core.edge_codes] = core.edge_counts
    h = found.levels.to_numpy()
    into, out = w.sum(axis=0), w.sum(axis=1)
    laplacian = np.diag(into + out) - w - w.T
    assert np.allclose(laplacian @ h, into - out, atol=1e-6)
    expected = np.linalg.lstsq(laplacian, into - out, rcond=None)[0]
    rise = h[None, :] - h[:, None] - 1
    assert near(found.incoherence, (w * rise**2).sum() / w.sum() if w.any() else math.nan)
    rise = expected[None, :] - expected[:, None] - 1
    if w.any():
        assert found.incoherence == pytest.approx((w * rise**2).sum() / w.sum(), abs=1e-6)
    for _, members in cg.stats.neuron_components(g).reset_index().groupby("weak"):
        assert h[members.index].min() == 0


def test_trophic_levels_agree_with_networkx_on_a_food_web():
    # In a tree in which every edge rises by one, both definitions of level differ by 1.
    matrix = np.zeros((6, 6), int)
    for pre, post in ((0, 1), (0, 2), (1, 3), (1, 4), (2, 5)):
        matrix[pre, post] = 1
    found = cg.stats.trophic_hierarchy(cg.from_adjacency(matrix))
    expected = nx.trophic_levels(nx.DiGraph(matrix))
    assert (found.levels + 1).round(6).tolist() == list(expected.values())
    assert found.incoherence == pytest.approx(0)


def test_weights_that_are_negative_are_refused(random_graph):
    values = np.full(random_graph.n_edges, -1.0)
    with pytest.raises(InvalidArgument, match="not negative"):
        cg.stats.communities(random_graph, weight=values)
    with pytest.raises(InvalidArgument, match="not negative"):
        cg.stats.trophic_hierarchy(random_graph, weight=values)


@few
@given(strategies.dense_graphs(pair_sets=True))
def test_the_neuron_table_joins_the_others(g):
    table = cg.stats.neuron_table(g)
    assert table.index.equals(g.neurons.index)
    core = table[g.domain.core]
    assert table["mutual_degree"].isna().tolist() == (~g.domain.core).tolist()
    assert int(core["mutual_degree"].sum()) == 2 * cg.stats.dyads(g)["mutual"]
    assert core["n_triangles"].sum() == 3 * cg.stats.clustering(g)["n_triangles"]
    assert table["out_degree"].equals(cg.stats.degrees(g)["out_degree"])
    joined = g.annotate(table, overwrite=True).neurons
    assert ("community" in joined) == g.domain.is_rectangle


def test_neurons_of_few_partners_are_missing_or_zero():
    import networkx as nx

    rng = np.random.default_rng(0)
    matrix = np.triu(rng.random((40, 40)) < 0.06, 1)
    g = cg.from_adjacency((matrix | matrix.T).astype(int))
    plain = nx.from_numpy_array(matrix | matrix.T)
    found = cg.stats.clustering(g, few="zero", level=None)
    assert found["local_average"] == pytest.approx(nx.average_clustering(plain))
    assert found["directed_average"] == pytest.approx(
        nx.average_clustering(plain.to_directed(), count_zeros=True)
    )
    left_out = cg.stats.clustering(g, level=None)
    assert left_out["local_average"] == pytest.approx(
        np.mean([c for v, c in nx.clustering(plain).items() if plain.degree(v) > 1])
    )
    assert "transitivity_low" not in left_out
    with pytest.raises(InvalidArgument, match="few='none'"):
        cg.stats.clustering(g, few="none")


@pytest.mark.parametrize("kind", ["any", "out", "in"])
def test_common_neighbours_of_unordered_pairs(kind):
    rng = np.random.default_rng(0)
    matrix = (rng.random((25, 25)) < 0.2) & ~np.eye(25, dtype=bool)
    either = matrix | matrix.T
    a = matrix.astype(int)
    shared = {"any": either.astype(int) @ either, "out": a @ a.T, "in": a.T @ a}[kind]
    table = cg.stats.common_neighbours(cg.from_adjacency(a), kind=kind, pairs="unordered")
    above = np.triu_indices(25, 1)
    for n_common, row in table.iterrows():
        here = shared[above] == n_common
        assert row["n_pairs"] == here.sum()
        assert row["n_edges"] == either[above][here].sum()


def test_agreement_of_nothing_is_missing():
    found = cg.stats.agreement([], [])
    assert found[["adjusted_rand", "normalized_mutual_information"]].isna().all()
    assert found["n_neurons"] == 0


def test_the_range_of_a_rich_club_is_one_test():
    rng = np.random.default_rng(1)
    clubs = []
    for seed in range(12):
        matrix = (rng.random((40, 40)) < 0.15) & ~np.eye(40, dtype=bool)
        g = cg.from_adjacency(matrix.astype(int))
        table = cg.stats.rich_club(g, null=cg.nulls.Configuration(), n=39, seed=seed)
        clubs.append(cg.stats.rich_club_range(table) is not None)
        known = table["p"].notna()
        assert (table["p_max_t"] >= table["p"] - 1e-12)[known].all()
        assert table.attrs["p_omnibus"] == table["p_max_t"].min()
        assert clubs[-1] <= (table.attrs["p_omnibus"] <= 0.05)
    assert np.mean(clubs) <= 0.25
