"""Counts of motifs against nested loops over all maps."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.motifs import _combinatorics as combinatorics
from connectome_graph.motifs._plan import plan
from connectome_graph.motifs._search import search
from connectome_graph.motifs._template import template
from definitions import motifs as definition
from strategies import dense_graphs, graphs

NODES = "ABCD"


@st.composite
def patterns(draw, *, max_nodes=4):
    """Return (edges, forbidden) on up to four nodes, each pair required, forbidden or free."""
    k = draw(st.integers(2, max_nodes))
    pairs = list(itertools.permutations(NODES[:k], 2))
    states = draw(
        st.lists(
            st.sampled_from(["edge", "edge", "free", "forbidden"]),
            min_size=len(pairs),
            max_size=len(pairs),
        )
    )
    edges = [pair for pair, state in zip(pairs, states, strict=True) if state == "edge"]
    forbidden = [pair for pair, state in zip(pairs, states, strict=True) if state == "forbidden"]
    return edges or [("A", "B")], [pair for pair in forbidden if pair != ("A", "B") or edges]


def text(edges, forbidden=()):
    return "\n".join([f"{a} -> {b}" for a, b in edges] + [f"{a} !> {b}" for a, b in forbidden])


BOTH = st.one_of(graphs(max_neurons=6, pair_sets=True), dense_graphs(max_neurons=6, pair_sets=True))


def nodes_of(edges, forbidden=()):
    return tuple(dict.fromkeys(node for pair in (*edges, *forbidden) for node in pair))


@settings(max_examples=150)
@given(BOTH, patterns())
def test_count_and_search_are_nested_loops(g, pattern):
    edges, forbidden = pattern
    nodes = nodes_of(edges, forbidden)
    expected = len(definition.motif_maps(g, nodes, edges, forbidden))
    motif = text(edges, forbidden)
    ready = plan(g, template(g, motif, induced=False))
    assert combinatorics.count_maps(ready) == expected
    assert search(ready, distinct=False, limit=None, keep=False)[0] == expected
    observable = definition.observable_maps(g, nodes, [*edges, *forbidden])
    assert cg.motifs.observability(g, motif) == observable


@settings(max_examples=60)
@given(g=dense_graphs(max_neurons=7, pair_sets=True), pattern=patterns(max_nodes=3))
def test_the_order_that_is_cheapest_counts_the_same(g, pattern):
    expected = len(definition.motif_maps(g, nodes_of(*pattern), *pattern))
    with pytest.MonkeyPatch.context() as patch:
        # as in a graph with so many pairs that the order matters
        patch.setattr(combinatorics, "FEW_PAIRS", -1)
        assert combinatorics.count_maps(plan(g, template(g, text(*pattern), induced=False))) == (
            expected
        )


@settings(max_examples=80)
@given(dense_graphs(max_neurons=6, pair_sets=True), patterns())
def test_induced_counts_are_nested_loops(g, pattern):
    edges, _ = pattern
    nodes = nodes_of(edges)
    others = [pair for pair in itertools.permutations(nodes, 2) if pair not in edges]
    expected = len(definition.motif_maps(g, nodes, edges, others))
    assert cg.motifs.count(g, text(edges), induced=True) == expected
    assert len(cg.motifs.find(g, text(edges), induced=True)) == expected
    assert cg.motifs.observability(g, text(edges), induced=True) == definition.observable_maps(
        g, nodes, list(itertools.permutations(nodes, 2))
    )


@settings(max_examples=80)
@given(dense_graphs(max_neurons=6, domain=False), patterns())
def test_excluding_automorphisms_counts_sets_of_edges(g, pattern):
    edges, _ = pattern
    nodes = nodes_of(edges)
    maps = definition.motif_maps(g, nodes, edges, [])
    covered = {frozenset((m[a], m[b]) for a, b in edges) | frozenset(m.values()) for m in maps}
    motif = text(edges)
    assert cg.motifs.count(g, motif, exclude_automorphisms=True) == len(covered)
    assert len(cg.motifs.find(g, motif, exclude_automorphisms=True)) == len(covered)


CONDITIONED = [
    ("A.cell_type = 'BC'", lambda t, m: t[m["A"]] == "BC"),
    ("A.cell_type != 'BC'; C.cell_type in ['BC', 'MC']",
     lambda t, m: t[m["A"]] != "BC" and t[m["C"]] in ("BC", "MC")),
    ("B.cell_type contains 'C'", lambda t, m: "C" in t[m["B"]]),
    ("A.cell_type = B.cell_type", lambda t, m: t[m["A"]] == t[m["B"]]),
    ("A.cell_type != C.cell_type", lambda t, m: t[m["A"]] != t[m["C"]]),
    ("C.cell_type > B.cell_type", lambda t, m: t[m["C"]] > t[m["B"]]),
    ("A.cell_type <= C.cell_type", lambda t, m: t[m["A"]] <= t[m["C"]]),
    ("C.cell_type !in 'BC MC'", lambda t, m: t[m["C"]] not in "BC MC"),
    ("A.cell_type in C.cell_type", lambda t, m: t[m["A"]] in t[m["C"]]),
]  # fmt: skip


@settings(max_examples=25)
@pytest.mark.parametrize(("condition", "where"), CONDITIONED)
@given(g=BOTH)
def test_conditions_on_neurons(condition, where, g):
    types = g.neurons["cell_type"].tolist()
    edges = [("A", "B"), ("B", "C")]
    maps = definition.motif_maps(g, "ABC", edges, [], where=lambda m: where(types, m))
    motif = f"A -> B; B -> C; {condition}"
    assert cg.motifs.count(g, motif) == len(maps)
    found = cg.motifs.find(g, motif)
    expected = {tuple(int(g.ids[m[node]]) for node in "ABC") for m in maps}
    assert set(found.itertuples(index=False, name=None)) == expected
    assert len(found) == len(maps)


@given(BOTH)
def test_conditions_and_comparisons_of_edges(g):
    pre, post = g.edge_codes
    weight = dict(zip(zip(pre.tolist(), post.tolist(), strict=True), g.edge_counts, strict=True))

    def where(m):
        first, second = weight[m["A"], m["B"]], weight[m["B"], m["C"]]
        return second >= 2 and first > second

    maps = definition.motif_maps(g, "ABC", [("A", "B"), ("B", "C")], [])
    heavy = [m for m in maps if weight[m["B"], m["C"]] >= 2]
    assert cg.motifs.count(g, "A -> B; B -> C [weight >= 2]") == len(heavy)
    motif = "A -> B as ab; B -> C [count >= 2] as bc; ab.weight > bc.weight"
    assert cg.motifs.count(g, motif) == sum(where(m) for m in maps)


LARGER = {
    "star of five": ([("A", node) for node in "BCDE"], []),
    "star of six": ([("A", node) for node in "BCDEF"], []),
    "path of six": ([("A", "B"), ("B", "C"), ("C", "D"), ("D", "E"), ("E", "F")], []),
    "ring of five": ([("A", "B"), ("B", "C"), ("C", "D"), ("D", "E"), ("E", "A")], []),
    "tree": ([("A", "B"), ("C", "A"), ("C", "D"), ("E", "C")], []),
    "tailed square": ([("A", "B"), ("B", "C"), ("C", "D"), ("A", "D"), ("D", "E")], []),
    "forbidding": ([("A", "B"), ("B", "C"), ("C", "D"), ("D", "E")], [("A", "C"), ("B", "D")]),
}


@settings(max_examples=15)
@pytest.mark.parametrize(("edges", "forbidden"), LARGER.values(), ids=LARGER)
@given(g=dense_graphs(max_neurons=7, pair_sets=True))
def test_larger_motifs_are_nested_loops(edges, forbidden, g):
    nodes = nodes_of(edges, forbidden)
    expected = len(definition.motif_maps(g, nodes, edges, forbidden))
    assert cg.motifs.count(g, text(edges, forbidden)) == expected
    ready = plan(g, template(g, text(edges, forbidden), induced=False))
    assert search(ready, distinct=False, limit=None, keep=False)[0] == expected


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("star of six", True),
        ("tree", True),
        ("tailed square", True),
        ("forbidding", True),
        ("path of six", False),
        ("ring of five", False),
    ],
)
def test_what_has_a_formula(random_graph, name, formula):
    ready = plan(random_graph, template(random_graph, text(*LARGER[name]), induced=False))
    assert combinatorics._has_formula(len(ready.template.motif.nodes), ready) == formula


@given(dense_graphs(max_neurons=6, domain=False))
def test_interchangeable_nodes_count_once(g):
    maps = definition.motif_maps(g, "ABC", [("A", "B"), ("A", "C")], [])
    once = [m for m in maps if m["B"] < m["C"]]
    assert cg.motifs.count(g, "A -> B; A -> C; B === C") == len(once)
    assert len(cg.motifs.find(g, "A -> B; A -> C; C === B")) == len(once)
    types = g.neurons["cell_type"].tolist()
    both = [m for m in once if types[m["B"]] == types[m["C"]] == "BC"]
    assert cg.motifs.count(g, "A -> B; A -> C; B === C; B.cell_type = 'BC'") == len(both)


def test_the_triads_are_induced_motifs(random_graph):
    census = cg.motifs.triad_census(random_graph)
    for name, drawing in definition.DRAWINGS.items():
        if len({node for pair in drawing for node in pair}) == 3:
            edges = [(NODES[a], NODES[b]) for a, b in drawing]
            motif = text(edges)
            found = cg.motifs.count(random_graph, motif, induced=True, exclude_automorphisms=True)
            assert found == census[name]


def test_the_templates_need_only_their_own_axons():
    rng = np.random.default_rng(2)
    g = cg.from_adjacency((rng.random((12, 12)) < 0.4).astype(int))
    a, n = 5, 12
    seen = g.between(pre=g.ids[:a])
    table = cg.motifs.templates(seen)
    assert table["observable"].to_dict() == {
        "edge": a * (n - 1),
        "mutual": a * (a - 1) // 2,
        "divergence": a * (n - 1) * (n - 2) // 2,
        "convergence": a * (a - 1) // 2 * (n - 2),
        "chain": a * (a - 1) * (n - 2),
        "feed_forward": a * (a - 1) * (n - 2),
        "cycle": a * (a - 1) * (a - 2) // 3,
    }
    assert table.loc["feed_forward", "axons"] == "A B"
    assert table.loc["edge", "count"] == seen.n_edges


def test_ids_survive_and_limit_limits(random_graph):
    found = cg.motifs.find(random_graph, "A -> B; A.root_id = " + str(random_graph.ids[3]))
    assert set(found["A"]) == {random_graph.ids[3]}
    assert found["B"].dtype == np.int64
    assert len(cg.motifs.find(random_graph, "A -> B; B -> C", limit=7)) == 7
    assert len(cg.motifs.find(random_graph, "A -> B", limit=0)) == 0
    with pytest.raises(InvalidArgument, match="negative"):
        cg.motifs.find(random_graph, "A -> B", limit=-1)


def test_missing_values_meet_only_unequal():
    neurons = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["BC", None, "MC"]})
    edges = pd.DataFrame({"pre": [1, 2, 3], "post": [2, 3, 1]})
    g = cg.from_tables(edges, neurons)
    assert cg.motifs.count(g, "A -> B; A.cell_type != 'BC'") == 2
    assert cg.motifs.count(g, "A -> B; A.cell_type < 'ZZ'") == 2
    assert cg.motifs.count(g, "A -> B; A.cell_type !in ['BC']") == 1
    assert cg.motifs.count(g, "A -> B; A.cell_type != B.cell_type") == 1


@pytest.mark.parametrize(
    ("motif", "error", "message"),
    [
        ("A -> B; A.cel_type = 'BC'", UnknownName, "cell_type"),
        ("A -> B [wieght > 2]", UnknownName, "weight"),
        ("A -> B; A.cell_type = 5", InvalidArgument, "holds text"),
        ("A -> B; A.x_um = 'five'", InvalidArgument, "holds no text"),
        ("A -> B; A.cell_type < B.x_um", InvalidArgument, "cannot be compared"),
        ("A -> B; A.x_um contains 'f'", InvalidArgument, "between texts"),
        ("A -> B; A.x_um in 5", InvalidArgument, "takes a list"),
        ("A -> B; A.cell_type = ['BC']", InvalidArgument, "goes with 'in'"),
        ("A -> B; B -> C; A === C", InvalidArgument, "exchanging them"),
        (5, InvalidArgument, "found int"),
    ],
)
def test_conditions_that_do_not_fit_are_refused(random_graph, motif, error, message):
    with pytest.raises(error, match=message):
        cg.motifs.count(random_graph, motif)


def test_counts_larger_than_int64_are_exact():
    n = 3000
    hub = np.zeros((n, n), np.int8)
    hub[0, 1:] = 1
    g = cg.from_adjacency(hub)
    star = "; ".join(f"A -> {name}" for name in "BCDEF")
    expected = (n - 1) * (n - 2) * (n - 3) * (n - 4) * (n - 5)
    assert cg.motifs.count(g, star) == expected
    more = "; ".join(f"A -> {name}" for name in "BCDEFG")
    assert cg.motifs.observability(g, more) > 2**63
