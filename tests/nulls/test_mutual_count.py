"""The chain that keeps degrees and the number of mutual pairs reaches all such graphs alike."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import chisquare

from connectome_graph.nulls._chains import random_state
from connectome_graph.nulls._mutual_count import MutualCountChain
from definitions.nulls import degrees, family


def signature(edges):
    return degrees(edges), sum((j, i) in edges for i, j in edges)


def arrays(edges):
    ordered = sorted(edges)
    return tuple(np.array([edge[end] for edge in ordered], np.int32) for end in (0, 1))


def graph_of(chain):
    return frozenset(zip(*(codes.tolist() for codes in chain.edges()), strict=True))


def test_every_graph_of_five_neurons_is_reached():
    pairs = list(permutations(range(5), 2))
    rng, tried = np.random.default_rng(5), 0
    for size in rng.integers(4, 13, 24):
        edges = frozenset(pairs[k] for k in rng.permutation(20)[:size])
        wanted = family(edges, set(range(5)), set(range(5)), signature)
        if not 2 < len(wanted) < 30:
            continue
        tried += 1
        running, state = MutualCountChain(*arrays(edges), 5).fresh(), random_state(rng)
        met = {graph_of(running)}
        for _ in range(200 * len(wanted)):
            if len(met) == len(wanted):
                break
            running.advance(1, state)
            met.add(graph_of(running))
        assert met == wanted
    assert tried > 6


@pytest.mark.parametrize(
    "edges",
    [
        {(0, 1), (1, 0), (0, 2), (2, 3), (0, 3), (3, 4), (4, 1)},
        # out-degrees differ, so that relocations are not made always
        {(0, 1), (0, 2), (0, 3), (1, 0), (2, 3), (3, 4), (4, 1)},
    ],
)
def test_every_graph_is_drawn_equally_often(edges):
    wanted = family(frozenset(edges), set(range(5)), set(range(5)), signature)
    place = {graph: k for k, graph in enumerate(wanted)}
    assert len(place) > 5
    chain, counts = MutualCountChain(*arrays(edges), 5), np.zeros(len(place), int)
    for stream in np.random.default_rng(7).spawn(200 * len(place)):
        running = chain.fresh()
        running.advance(30, random_state(stream))
        counts[place[graph_of(running)]] += 1
    assert chisquare(counts).pvalue > 1e-3
