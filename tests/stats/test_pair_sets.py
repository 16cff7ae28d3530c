"""Statistics where only some pairs could have met: what else goes through the domain."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._pair_chunks import pair_chunks, sampled_non_edges
from definitions import stats as define


@pytest.fixture(scope="module")
def met():
    """Return a graph on a third of its pairs, likelier to connect the more they met."""
    rng = np.random.default_rng(5)
    n = 60
    um = rng.gamma(1.0, 4.0, (n, n)) * (rng.random((n, n)) < 0.33)
    np.fill_diagonal(um, 0)
    matrix = rng.poisson(0.1 * um)
    matrix[0, 1:5] += um[0, 1:5] == 0
    pre, post = np.nonzero(um)
    table = pd.DataFrame({"pre": pre + 1, "post": post + 1, "co_travel_um": um[pre, post]})
    cells = pd.DataFrame(rng.uniform(0, 200, (n, 3)), columns=["x_um", "y_um", "z_um"])
    cells.insert(0, "root_id", np.arange(n) + 1)
    cells["cell_type"] = rng.choice(["a", "b", "c"], n)
    return cg.from_adjacency(matrix, cells).within(table, exposure="co_travel_um")


@given(g=strategies.dense_graphs(pair_sets=True))
def test_chunks_are_the_pairs_of_the_domain(g):
    chunks = list(pair_chunks(g, most=3))
    found = [pair for c in chunks for pair in zip(c.pre.tolist(), c.post.tolist(), strict=True)]
    assert sorted(found) == sorted(define.pairs(g))
    edges = [c.edge[c.edge >= 0] for c in chunks]
    assert np.concatenate([*edges, np.empty(0, int)]).tolist() == list(range(g.n_edges))


def test_pairs_without_a_connection_are_drawn_from_the_set(met):
    n = met.domain.n_pairs - met.n_edges
    drawn = sampled_non_edges(met, n, np.random.default_rng(0))
    assert met.domain.contains(drawn.pre, drawn.post).all()
    edges = set(zip(*(codes.tolist() for codes in met.edge_codes), strict=True))
    assert not edges & set(zip(drawn.pre.tolist(), drawn.post.tolist(), strict=True))
    with pytest.raises(InvalidArgument, match="ask for fewer"):
        sampled_non_edges(met, n + 1, np.random.default_rng(0))


def test_the_exposure_of_a_pair_is_read_by_position(met):
    pairs = met.domain.pairs
    assert met.domain.exposure_of(pairs.pre, pairs.post).tolist() == pairs.exposure.tolist()
    assert np.isnan(met.domain.exposure_of(np.array([0]), np.array([0]))).all()
    assert met.between(pre=[1]).within(met).domain.exposure_of(pairs.pre, pairs.post) is not None
    assert (
        cg.from_adjacency([[0, 1], [0, 0]]).domain.exposure_of(np.array([0]), np.array([1])) is None
    )


def test_modularity_says_that_it_is_not_defined(met):
    with pytest.raises(InvalidArgument, match=r"modularity is not defined on a set of pairs"):
        cg.stats.communities(met)


def test_networkx_is_told_that_it_knows_no_such_pairs(met):
    with pytest.raises(NotImplementedError, match="is not implemented by"):
        nx.triadic_census(met)


def test_degrees_tell_how_much_a_neuron_met(met):
    table, pairs = cg.stats.degrees(met), met.domain.pairs
    for end, codes in (("out", pairs.pre), ("in", pairs.post)):
        expected = np.bincount(codes, weights=pairs.exposure, minlength=60)
        np.testing.assert_allclose(table[f"{end}_exposure_sum"], expected)
        assert table[f"{end}_exposure"].tolist() == np.bincount(codes, minlength=60).tolist()
    assert met.n_edges_outside > 0


def test_two_graphs_on_pairs_are_compared_inside_them(met):
    other = cg.nulls.ErdosRenyi().sample(met, 1)
    for unit in ("dyads", "outputs", "inputs"):
        found = cg.compare_graphs(met, other, cg.stats.dyads, exchange=unit, n=19, seed=2)
        assert found.table.loc["n_pairs", ["a", "b"]].tolist() == [met.domain.n_mutual_pairs] * 2


def test_a_report_tells_of_the_pairs(met, tmp_path):
    path = cg.report.write(met, tmp_path / "met.html", by="cell_type", n=2)
    text = path.read_text(encoding="utf-8")
    assert "pairs that could have met; co_travel_um" in text


def test_a_null_on_the_pairs_asks_less_of_chance(met):
    census = cg.compare(met, cg.motifs.triad_census, null=cg.nulls.ErdosRenyi(), n=19, seed=1)
    totals = census.samples.sum(axis=1).unique()
    assert totals.tolist() == [cg.motifs.triad_census(met).sum()]


def test_clustering_on_all_pairs_as_a_set_has_the_intervals_of_all_pairs():
    rng = np.random.default_rng(3)
    matrix = (rng.random((12, 12)) < 0.4) & ~np.eye(12, dtype=bool)
    g = cg.from_adjacency(matrix.astype(int))
    every = pd.DataFrame(np.argwhere(~np.eye(12, dtype=bool)) + 1, columns=["pre", "post"])
    found = cg.stats.clustering(g.within(every))
    assert found.notna().all()
    pd.testing.assert_series_equal(found, cg.stats.clustering(g))
    few = cg.stats.clustering(g.within(every[rng.random(len(every)) < 0.7]))
    for name in ("transitivity", "local_average", "directed_average"):
        assert few[f"{name}_low"] < few[name] < few[f"{name}_high"]
