"""The census against three nested loops, networkx and igraph."""

from __future__ import annotations

from math import comb

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs import _census as module
from connectome_graph.motifs._classes import CLASSES
from definitions import motifs as definition
from strategies import dense_graphs, graphs


def random_graph(n, p, seed):
    rng = np.random.default_rng(seed)
    return cg.from_adjacency((rng.random((n, n)) < p).astype(int))


@given(st.one_of(graphs(pair_sets=True), dense_graphs(pair_sets=True)))
def test_census_is_three_nested_loops(g):
    counted = cg.motifs.triad_census(g)
    expected = definition.census(g)
    assert counted.to_dict() == {name: expected[name] for name in CLASSES}


@given(dense_graphs(max_neurons=8))
def test_bits_and_triangles_give_the_same_parts(g):
    part = module.triad_core(g)
    if part.n >= 3:
        bits, triangles = module._by_bits(part), module._by_triangles(part)
        for left, right in zip(bits, triangles, strict=True):
            np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize(("n", "p"), [(70, 0.3), (200, 0.05), (400, 0.01)])
def test_census_agrees_with_networkx_and_igraph(n, p):
    g = random_graph(n, p, seed=n)
    counted = cg.motifs.triad_census(g)
    pre, post = (codes.tolist() for codes in g.edge_codes)
    host = nx.DiGraph()
    host.add_nodes_from(range(n))
    host.add_edges_from(zip(pre, post, strict=True))
    assert counted.to_dict() == nx.triadic_census(host)
    witness = igraph.Graph(n=n, edges=list(zip(pre, post, strict=True)), directed=True)
    assert counted.tolist() == list(witness.triad_census())


def test_census_on_a_domain_is_that_of_its_core():
    g = random_graph(40, 0.2, seed=3)
    part = g.between(pre=g.ids[:25], post=g.ids[10:])
    assert cg.motifs.triad_census(part).equals(cg.motifs.triad_census(g.subgraph(g.ids[10:25])))


def test_census_of_the_larval_brain_equals_igraph(data):
    table = pd.read_csv(next((data / "larva_brain_winding2023").glob("*edge*")))
    source, target = table.columns[:2]
    pairs = table.loc[table[source] != table[target], [source, target]].drop_duplicates()
    g = cg.from_edges(pairs.set_axis(["pre", "post"], axis=1).assign(count=1), unknown="add")
    pre, post = (codes.tolist() for codes in g.edge_codes)
    witness = igraph.Graph(n=g.n_neurons, edges=list(zip(pre, post, strict=True)), directed=True)
    assert cg.motifs.triad_census(g).tolist() == list(witness.triad_census())


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_neurons_have_few_triads(n):
    g = random_graph(n, 1.0, seed=0) if n else cg.from_adjacency(np.zeros((1, 1))).subgraph([])
    counted = cg.motifs.triad_census(g)
    assert counted.sum() == comb(n, 3)
    assert counted["300"] == (n == 3)


def test_a_large_empty_graph_does_not_overflow():
    n = 139_000
    neurons = pd.DataFrame({"root_id": np.arange(1, n + 1)})
    g = cg.from_edges(pd.DataFrame({"pre": [1, 2], "post": [2, 1], "count": [1, 1]}), neurons)
    counted = cg.motifs.triad_census(g)
    assert counted["102"] == n - 2
    assert counted["003"] == comb(n, 3) - (n - 2)
    assert counted.dtype == np.int64


def test_totals_beyond_int64_are_python_integers():
    n = 10_000_000
    totals = module.completed(n, np.zeros(16, np.int64), np.zeros(6, np.int64), (0, 0))
    assert totals[0] == comb(n, 3) > 2**63


def test_a_complete_graph_is_all_300():
    g = random_graph(90, 1.1, seed=0)
    assert cg.motifs.triad_census(g)["300"] == comb(90, 3)


def test_workers_do_not_change_anything(random_graph, monkeypatch):
    compute = [
        cg.motifs.triad_census,
        cg.motifs.neuron_triads,
        lambda g: cg.motifs.labelled_census(g, by="cell_type"),
    ]
    monkeypatch.setattr("connectome_graph.motifs._oriented.DENSE_NEURONS", 0)
    alone = [function(random_graph) for function in compute]
    monkeypatch.setattr("connectome_graph._kernels.threads.SMALL", 1)
    monkeypatch.setattr("connectome_graph._kernels.threads.n_threads", lambda: 3)
    for function, expected in zip(compute, alone, strict=True):
        assert function(random_graph).equals(expected)


@pytest.mark.parametrize(
    "compute",
    [
        cg.motifs.triad_census,
        cg.motifs.neuron_triads,
        cg.motifs.weighted_census,
        cg.motifs.templates,
        lambda g: cg.motifs.find(g, "A -> B"),
    ],
)
def test_a_graph_of_types_is_refused(random_graph, compute):
    with pytest.raises(InvalidArgument, match="distinct neurons"):
        compute(random_graph.collapse("cell_type"))
