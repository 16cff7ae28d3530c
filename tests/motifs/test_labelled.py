"""Labelled triads and pairs against nested loops, in every representation."""

from __future__ import annotations

import itertools
import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import IncompleteWarning, InvalidArgument
from connectome_graph.motifs import _labelled as module
from connectome_graph.motifs._classes import CONNECTED
from connectome_graph.motifs._kinds import typed_core
from definitions import motifs as definition
from strategies import dense_graphs, graphs


def types_of(g):
    return [None if pd.isna(value) else value for value in g.neurons["cell_type"]]


def as_counts(table):
    return {
        (row.triad, row.a, row.b, row.c): row.count_
        for row in table.rename(columns={"count": "count_"}).itertuples()
    }


def with_gaps(g, gaps):
    column = pd.Series(types_of(g), dtype=object)
    column[np.array(gaps[: len(column)], bool)] = None
    table = pd.DataFrame({"root_id": g.ids, "kind": column})
    return g.annotate(table)


@given(st.one_of(graphs(pair_sets=True), dense_graphs(pair_sets=True)))
def test_labelled_census_is_three_nested_loops(g):
    if not g.domain.core.any():
        return
    table = cg.motifs.labelled_census(g, by="cell_type")
    assert as_counts(table) == dict(definition.labelled_census(g, types_of(g)))


@given(st.one_of(graphs(), dense_graphs()), st.sampled_from([1, 3, 10]))
def test_a_cap_leaves_the_closed_triads_and_is_said(g, cap):
    if not g.domain.core.any():
        return
    whole = cg.motifs.labelled_census(g, by="cell_type")
    assert whole.attrs["open_triads"]
    opened = ["021D", "021U", "021C", "111D", "111U", "201"]
    closed = whole[~whole["triad"].isin(opened)].reset_index(drop=True)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        if len(closed) > cap:
            with pytest.raises(InvalidArgument, match="max_kinds"):
                cg.motifs.labelled_census(g, by="cell_type", max_kinds=cap)
            return
        table = cg.motifs.labelled_census(g, by="cell_type", max_kinds=cap)
    if table.attrs["open_triads"]:
        assert not said
        pd.testing.assert_frame_equal(table, whole)
    else:
        assert [each.category for each in said] == [IncompleteWarning]
        pd.testing.assert_frame_equal(table, closed)
    assert len(table) <= cap


@given(dense_graphs(max_neurons=8, domain=False))
def test_the_representations_agree(g):
    typed = typed_core(g, "cell_type")
    if typed.part.n < 3:
        return
    n_kinds = len(typed.names)
    bits = module._collected(module._with_open(*module._by_bits(typed)), n_kinds)
    lists = module._collected(module._with_open(*module._by_triangles(typed)), n_kinds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "DENSE_KINDS", 0)
        hashed = module._collected(module._with_open(*module._by_triangles(typed)), n_kinds)
    for other in (lists, hashed):
        for left, right in zip(bits, other, strict=True):
            np.testing.assert_array_equal(left, right)


def test_many_types_grow_the_hash_table():
    rng = np.random.default_rng(5)
    neurons = pd.DataFrame({"root_id": np.arange(1, 151), "kind": rng.integers(0, 60, 150)})
    g = cg.from_adjacency((rng.random((150, 150)) < 0.2).astype(int), neurons)
    table = cg.motifs.labelled_census(g, by="kind")
    assert len(table) > 10_000
    expected = cg.motifs.triad_census(g)[list(CONNECTED)]
    assert table.groupby("triad")["count"].sum().reindex(CONNECTED).equals(expected)


@given(dense_graphs(domain=False), st.lists(st.booleans(), min_size=7, max_size=7))
def test_neurons_without_a_type_are_left_out_and_counted(g, gaps):
    g = with_gaps(g, gaps)
    kinds = [None if pd.isna(value) else value for value in g.neurons["kind"]]
    if all(kind is None for kind in kinds):
        with pytest.raises(InvalidArgument, match="no types"):
            cg.motifs.labelled_census(g, by="kind")
        return
    table = cg.motifs.labelled_census(g, by="kind")
    assert table.attrs["n_untyped"] == kinds.count(None)
    assert as_counts(table) == dict(definition.labelled_census(g, kinds))


def test_one_type_is_the_plain_census(random_graph):
    g = random_graph.annotate(pd.DataFrame({"root_id": random_graph.ids, "one": "x"}))
    table = cg.motifs.labelled_census(g, by="one")
    census = cg.motifs.triad_census(g)[list(CONNECTED)]
    assert table.set_index("triad")["count"].to_dict() == census[census > 0].to_dict()
    assert table.attrs["n_classes"] == 13


@pytest.mark.parametrize("sizes", [(1,), (2,), (1, 1), (1, 1, 1), (2, 1), (3, 1, 2)])
def test_the_number_of_kinds_looked_at(sizes):
    labels = [kind for kind, size in enumerate(sizes) for _ in range(size)]
    kinds = set()
    for order in itertools.permutations(labels, 3):
        for name in CONNECTED:
            drawing = set(definition.DRAWINGS[name])
            same = [
                turned
                for turned in itertools.permutations(range(3))
                if {(turned[a], turned[b]) for a, b in drawing} == drawing
            ]
            kinds.add((name, min(tuple(order[p] for p in turned) for turned in same)))
    assert module.n_possible(np.array(sizes)) == len(kinds)


def seen_both_ways(g, v, w):
    return g.domain.contains(np.array([v, w]), np.array([w, v])).all()


@given(st.one_of(graphs(pair_sets=True), dense_graphs(pair_sets=True)))
def test_labelled_dyads_are_two_nested_loops(g):
    core = g.domain.core
    if not core.any():
        return
    edges = definition.edge_set(g)
    types = types_of(g)
    expected = Counter()
    for v, w in itertools.permutations(range(g.n_neurons), 2):
        if seen_both_ways(g, v, w) and (types[v] < types[w] or (types[v] == types[w] and v < w)):
            forth, back = (v, w) in edges, (w, v) in edges
            state = {(0, 0): "null", (1, 1): "mutual", (1, 0): "a_to_b", (0, 1): "b_to_a"}
            name = state[forth, back]
            if types[v] == types[w] and name == "b_to_a":
                name = "a_to_b"
            expected[types[v], types[w], name] += 1
    table = cg.motifs.labelled_dyads(g, by="cell_type")
    states = ["null", "a_to_b", "b_to_a", "mutual"]
    assert (table[states].sum(axis=1) == table["n_pairs"]).all()
    found = {
        (row["a"], row["b"], name): row[name]
        for _, row in table.iterrows()
        for name in states
        if row[name]
    }
    assert found == dict(expected)


@given(dense_graphs(max_neurons=8, pair_sets=True))
def test_hash_tables_count_the_same_where_not_all_pairs_met(g):
    if not g.domain.core.any():
        return
    table = cg.motifs.labelled_census(g, by="cell_type")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "DENSE_KINDS", 0)
        hashed = cg.motifs.labelled_census(g, by="cell_type")
    pd.testing.assert_frame_equal(table, hashed)
    assert table.attrs["n_classes"] == hashed.attrs["n_classes"] >= len(table)
