"""Small worlds: path lengths and transitivity beside those of random graphs."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument


def test_small_world_of_a_rewired_ring_is_large_and_of_chance_is_one():
    n = 100
    rng = np.random.default_rng(0)
    ring = np.zeros((n, n), int)
    for step in (1, 2, 3):
        ring[np.arange(n), (np.arange(n) + step) % n] = 1
        ring[np.arange(n), (np.arange(n) - step) % n] = 1
    for neuron in range(0, n, 4):
        ring[neuron, (neuron + 1) % n] = 0
        ring[neuron, (neuron + rng.integers(10, n - 10)) % n] = 1
    found = cg.stats.small_world(cg.from_adjacency(ring), n=5)
    assert found["s_delta"] > 2
    assert found["lower_bound"] == 0
    chance = (rng.random((n, n)) < 0.1).astype(int)
    assert cg.stats.small_world(cg.from_adjacency(chance), n=10)["s_delta"] == pytest.approx(
        1, abs=0.1
    )
    with pytest.raises(InvalidArgument, match="n=0"):
        cg.stats.small_world(cg.from_adjacency(chance), n=0)


def test_small_worlds_carry_what_can_be_reached():
    g = cg.from_adjacency(np.kron(np.eye(2, dtype=int), 1 - np.eye(4, dtype=int)))
    assert cg.stats.paths(g)["reachable_share"] == pytest.approx(24 / 56)
    found = cg.stats.small_world(g, n=5)
    assert found["reachable_share"] == pytest.approx(24 / 56)
    assert found["reachable_share_random"] > 0.8
    assert found["mean_distance"] == 1


def test_small_worlds_draw_the_random_graphs_of_the_null():
    """The short way, which makes no graphs, and the long one give the same numbers."""
    g = cg.from_adjacency((np.random.default_rng(3).random((40, 40)) < 0.1).astype(int))
    found = cg.stats.small_world(g, n=4, seed=7)
    random = [
        cg.nulls.ErdosRenyi().sample(g, stream) for stream in np.random.default_rng(7).spawn(4)
    ]
    closed = np.mean([cg.stats.clustering(each)["transitivity"] for each in random])
    far = np.mean([cg.stats.paths(each)["mean_distance"] for each in random])
    assert found["transitivity_random"] == pytest.approx(closed, rel=1e-12)
    assert found["mean_distance_random"] == pytest.approx(far, rel=1e-12)
    # on part of the pairs
    part = cg.stats.small_world(g.between(pre=g.ids[:30], post=g.ids[5:]), n=2, seed=7)
    assert part["lower_bound"] == 1
    assert part["transitivity_random"] > 0


def test_a_small_world_is_the_quotient_of_what_networkx_says():
    """Humphries & Gurney's ratio: closed triples and distances, each over that of chance."""
    edges = np.random.default_rng(3).random((30, 30)) < 0.15
    np.fill_diagonal(edges, False)
    found = cg.stats.small_world(cg.from_adjacency(edges.astype(int)), n=3)
    directed = nx.from_numpy_array(edges, create_using=nx.DiGraph)
    closed = nx.transitivity(directed.to_undirected())
    lengths = [
        steps
        for start, reached in nx.all_pairs_shortest_path_length(directed)
        for end, steps in reached.items()
        if start != end
    ]
    assert found["transitivity"] == pytest.approx(closed)
    assert found["mean_distance"] == pytest.approx(np.mean(lengths))
    assert found["reachable_share"] == pytest.approx(len(lengths) / (30 * 29))
    chance = found["transitivity_random"], found["mean_distance_random"]
    assert found["s_delta"] == pytest.approx(closed / chance[0] / (np.mean(lengths) / chance[1]))
