"""Directed simplices against listing, networkx's cliques and the motif engine."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs import _simplices
from definitions import circuits
from definitions.stats import parts
from strategies import dense_graphs

KINDS = ("directed", "reciprocal", "undirected")


@given(dense_graphs(pair_sets=True), st.sampled_from(KINDS), st.booleans())
def test_simplices_are_those_listed(g: cg.ConnectomeGraph, kind: str, maximal: bool) -> None:
    levels = circuits.simplices(g, kind, maximal=maximal)
    counts = [len(level) for level in levels]
    while len(counts) > 1 and not counts[-1]:
        counts.pop()
    found = cg.motifs.simplices(g, kind=kind, maximal=maximal)
    assert found["count"].tolist() == (counts or [0])
    member = cg.motifs.simplex_participation(g, kind=kind, maximal=maximal)
    for dimension in range(len(counts)):
        of = Counter(v for simplex in levels[dimension] for v in simplex)
        column = member[f"dimension_{dimension}"].fillna(0).tolist()
        assert column == [of[v] for v in range(g.n_neurons)]


@given(dense_graphs(pair_sets=True))
def test_what_could_have_been_seen_is_what_a_full_graph_has(g: cg.ConnectomeGraph) -> None:
    n = g.n_neurons
    full = cg.from_adjacency(np.ones((n, n), int) - np.eye(n, dtype=int)).observed(
        lambda _: (g.domain.sources, g.domain.targets)
    )
    if g.domain.pairs is not None:
        met = g.domain.pairs
        full = full.within(pd.DataFrame({"pre": met.pre + 1, "post": met.post + 1}))
    for kind in KINDS:
        table = cg.motifs.simplices(full, kind=kind)
        assert (table["count"] == table["observable"]).all()
        assert parts(full)[1] == parts(g)[1]


@pytest.fixture(scope="module")
def small(random_graph: cg.ConnectomeGraph) -> cg.ConnectomeGraph:
    return random_graph.subgraph("cell_type != '23P'")


def test_undirected_cliques_are_those_of_networkx(small: cg.ConnectomeGraph) -> None:
    plain = nx.Graph()
    plain.add_nodes_from(small.ids.tolist())
    plain.add_edges_from(cg.export.to_networkx(small, weight="count").edges())
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    sizes = Counter(len(clique) for clique in nx.enumerate_all_cliques(plain))
    table = cg.motifs.simplices(small, kind="undirected")
    assert dict(zip(table["n_neurons"], table["count"], strict=True)) == dict(sizes)
    largest = Counter(len(clique) for clique in nx.find_cliques(plain))
    found = cg.motifs.simplices(small, kind="undirected", maximal=True)["count"]
    assert {d + 1: n for d, n in found.items() if n} == dict(largest)


def test_limits_cut_and_nothing_else(small: cg.ConnectomeGraph) -> None:
    for maximal in (False, True):
        every = cg.motifs.simplices(small, maximal=maximal)
        for limit in range(len(every)):
            cut = cg.motifs.simplices(small, maximal=maximal, max_dimension=limit)
            wanted = every["count"].iloc[: limit + 1].tolist()
            while len(wanted) > 1 and not wanted[-1]:
                wanted.pop()
            assert cut["count"].tolist() == wanted
            member = cg.motifs.simplex_participation(small, maximal=maximal, max_dimension=limit)
            for dimension, number in cut["count"].items():
                assert member[f"dimension_{dimension}"].sum() == number * (dimension + 1)
    with pytest.raises(InvalidArgument, match="max_dimension"):
        cg.motifs.simplices(small, max_dimension=-1)


@pytest.mark.parametrize("maximal", [False, True])
def test_a_search_without_an_end_is_given_up(maximal: bool, monkeypatch) -> None:
    g = cg.from_adjacency(1 - np.eye(9))
    whole = cg.motifs.simplices(g, maximal=maximal, max_dimension=8)
    limit = "_MOST_STEPS_MAXIMAL" if maximal else "_MOST_STEPS"
    monkeypatch.setattr(_simplices, limit, 100)
    with pytest.raises(InvalidArgument, match=r"given up after 100 steps.*max_dimension="):
        cg.motifs.simplices(g, maximal=maximal)
    # A stated dimension is counted, however long it takes.
    pd.testing.assert_frame_equal(cg.motifs.simplices(g, maximal=maximal, max_dimension=8), whole)


def test_two_threads_count_as_one(column: cg.ConnectomeGraph, monkeypatch) -> None:
    from connectome_graph._kernels import threads

    whole = cg.motifs.simplex_participation(column)
    monkeypatch.setattr(threads, "n_threads", lambda: 3)
    assert cg.motifs.simplex_participation(column).equals(whole)


def clique_motif(size: int, kind: str) -> str:
    names = "ABCDEF"[:size]
    lines = [f"{a} -> {b}" for i, a in enumerate(names) for b in names[i + 1 :]]
    if kind == "reciprocal":
        lines += [f"{b} -> {a}" for i, a in enumerate(names) for b in names[i + 1 :]]
    return "; ".join(lines)


@pytest.mark.parametrize("size", [4, 5, 6])
@pytest.mark.parametrize("kind", ["directed", "reciprocal"])
def test_the_motif_engine_knows_a_clique(size: int, kind: str) -> None:
    rng = np.random.default_rng(size)
    g = cg.from_adjacency(rng.random((12, 12)) < 0.6)
    motif = clique_motif(size, kind)
    found = cg.motifs.count(g, motif, exclude_automorphisms=True)
    levels = circuits.simplices(g, kind)
    assert found == (len(levels[size - 1]) if len(levels) >= size else 0)
    assert len(cg.motifs.find(g, motif, exclude_automorphisms=True)) == found
    turned = len(cg.motifs.find(g, motif))
    assert cg.motifs.count(g, motif) == turned
    part = g.observed(lambda table: (table.index <= 9, table.index >= 3))
    assert cg.motifs.count(part, motif) == len(cg.motifs.find(part, motif))
    # An automorphism or a condition more is no plain clique.
    assert cg.motifs.count(g, motif, induced=True) == len(cg.motifs.find(g, motif, induced=True))


def test_simplices_in_a_comparison(small: cg.ConnectomeGraph) -> None:
    found = cg.compare(small, cg.motifs.simplices, null=cg.nulls.Configuration(), n=5, seed=0)
    assert (1, "count") in found.table.index
