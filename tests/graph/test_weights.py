"""Weights: every one on the same edges, each as its definition says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName
from definitions import tables as define

#: Weights that not every graph has, tested below or in test_signed.py.
ELSEWHERE = ("log_sum", "sign", "signed_count")


@pytest.mark.parametrize("name", [n for n in cg.weights.NAMES if n not in ELSEWHERE])
@given(g=strategies.graphs())
def test_named_weights_are_their_definition(name, g):
    ends = set(g.ids[g.domain.sources]), set(g.ids[g.domain.targets])
    expected = define.weights(define.edges(g.synapses, *ends), name)
    values = cg.weights.compute(g, name)
    found = dict(zip(zip(g.edges["pre"], g.edges["post"], strict=True), values, strict=True))
    assert found == pytest.approx(expected)
    assert values.name == name


@given(strategies.graphs())
def test_log_sum_is_the_log_of_the_total_or_an_error(g):
    totals = cg.weights.compute(g, "sum")
    if (totals > 0).all():
        np.testing.assert_allclose(cg.weights.compute(g, "log_sum"), np.log(totals))
    else:
        with pytest.raises(InvalidArgument, match="log_sum needs a positive total"):
            cg.weights.compute(g, "log_sum")


@pytest.mark.parametrize("how", ["sum", "mean", "max", "min", "median", "std"])
def test_any_reduction_over_any_column_is_a_group_by(random_graph, how):
    g = random_graph.annotate_synapses(
        {"depth_um": np.random.default_rng(0).normal(size=random_graph.n_synapses)}
    )
    expected = g.synapses.query("pre != post").groupby(["pre", "post"])["depth_um"].agg(how)
    order = pd.MultiIndex.from_frame(g.edges[["pre", "post"]])
    found = cg.weights.compute(g, ("depth_um", how))
    np.testing.assert_allclose(found, expected.reindex(order), atol=1e-12)
    assert found.name == f"depth_um_{how}"


def test_a_missing_size_is_missing_not_zero():
    table = pd.DataFrame({"pre": [1, 1, 2], "post": [2, 2, 1], "size": [4.0, np.nan, 2.0]})
    g = cg.from_tables(table, pd.DataFrame({"root_id": [1, 2]}))
    assert np.isnan(cg.weights.compute(g, "sum").iloc[0])
    assert cg.weights.compute(g, "mean").tolist() == [4.0, 2.0]
    assert cg.weights.compute(g, "max").tolist() == [4.0, 2.0]
    with pytest.raises(InvalidArgument, match=r"1 of 2 edges .*first: 1 -> 2, total nan"):
        cg.weights.compute(g, "log_sum")


def test_sizes_beyond_a_float_are_summed_exactly():
    table = pd.DataFrame({"pre": [1, 1], "post": [2, 2], "size": [2**52, 1]})
    g = cg.from_tables(table, pd.DataFrame({"root_id": [1, 2]}))
    assert g.edges["size"][0] == 2**52 + 1


def test_aggregated_rows_refuse_what_needs_single_sizes():
    edges = pd.DataFrame({"pre": [1], "post": [2], "count": [3], "size": [30]})
    g = cg.from_edges(edges, pd.DataFrame({"root_id": [1, 2]}))
    assert cg.weights.compute(g, "sum").tolist() == [30.0]
    with pytest.raises(InvalidArgument, match="size of every synapse"):
        cg.weights.compute(g, "max")


def test_own_weights_pass_through(random_graph):
    own = pd.Series(np.arange(random_graph.n_edges) - 5, name="mine")
    assert cg.weights.compute(random_graph, own).tolist() == own.tolist()
    matrix = random_graph.adjacency(own)
    assert matrix.nnz == random_graph.n_edges
    with pytest.raises(InvalidArgument, match="one number per edge"):
        cg.weights.compute(random_graph, [1, 2])


def test_unknown_weights_and_columns(random_graph):
    with pytest.raises(InvalidArgument, match="Did you mean 'count'"):
        cg.weights.compute(random_graph, "counts")
    with pytest.raises(UnknownName, match="Did you mean 'size'"):
        cg.weights.compute(random_graph, ("sise", "sum"))
    with pytest.raises(InvalidArgument, match="how='mode'"):
        cg.weights.compute(random_graph, ("size", "mode"))
    bare = cg.from_adjacency([[0, 1], [1, 0]])
    with pytest.raises(UnknownName, match="no 'size'"):
        cg.weights.compute(bare, "sum")
    text = random_graph.annotate_synapses({"target": np.array(["spine"] * 2000, dtype=object)})
    with pytest.raises(InvalidTable, match="needs numbers"):
        cg.weights.compute(text, ("target", "sum"))


@given(g=strategies.graphs())
def test_a_weight_names_its_pairs(g):
    found = cg.weights.compute(g, "count")
    table = g.edges
    assert found.index.names == ["pre", "post"]
    assert list(found.index) == list(zip(table["pre"], table["post"], strict=True))
    assert all(found.loc[pair] == n for pair, n in zip(found.index, table["count"], strict=True))
    assert found.index is cg.weights.compute(g, "binary").index
    np.testing.assert_array_equal(found, cg.weights.values(g, "count"))


@given(g=strategies.graphs(text_ids=True), rng=st.randoms(use_true_random=False))
def test_weights_of_ones_own_follow_their_pairs(g, rng):
    own = pd.Series(np.arange(g.n_edges) + 0.5, cg.weights.compute(g).index, name="own")
    order = list(range(g.n_edges))
    rng.shuffle(order)
    np.testing.assert_array_equal(cg.weights.values(g, own.iloc[order]), own)
    if g.n_edges:
        with pytest.raises(InvalidArgument, match="1 edges without a weight"):
            cg.weights.compute(g, own.iloc[1:])
        with pytest.raises(InvalidArgument, match="more than once"):
            cg.weights.compute(g, pd.concat([own, own.iloc[:1]]))


def test_a_weight_can_be_written_to_without_reaching_the_graph():
    g = cg.from_adjacency([[0, 2], [1, 0]])
    for made in (cg.weights.compute(g, "count"), cg.weights.values(g, "count")):
        made[:] = 0
    assert g.edges["count"].tolist() == [2, 1]
