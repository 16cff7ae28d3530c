"""The chains of switches reach every graph they should, and each equally often."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy.stats import chisquare

from connectome_graph.nulls import _chains as chains
from connectome_graph.nulls._chains import EdgeChain, MutualChain, SplitChain, random_state
from definitions.nulls import degrees, family, reciprocal, typed


def arrays(edges):
    ordered = sorted(edges)
    return tuple(np.array([edge[end] for edge in ordered], np.int32) for end in (0, 1))


def graph_of(chain):
    return frozenset(zip(*(codes.tolist() for codes in chain.edges()), strict=True))


def visited(chain, wanted, *, steps=7, patience=400):
    """Return the graphs that one chain passes through, until it has met all that are wanted."""
    running, state = chain.fresh(), random_state(np.random.default_rng(1))
    met = {graph_of(running)}
    for _ in range(patience * len(wanted)):
        if len(met) == len(wanted):
            break
        running.advance(steps, state)
        met.add(graph_of(running))
    return met


def uniform_p(chain, wanted, *, steps, draws):
    """Return the chi-squared p of independent samples against the uniform distribution."""
    place = {graph: k for k, graph in enumerate(wanted)}
    counts = np.zeros(len(place), int)
    for stream in np.random.default_rng(7).spawn(draws):
        running = chain.fresh()
        running.advance(steps, random_state(stream))
        counts[place[graph_of(running)]] += 1
    return chisquare(counts).pvalue


def digraphs(n, *, seed, number):
    """Return random digraphs of every density on `n` neurons."""
    pairs = list(permutations(range(n), 2))
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, len(pairs), number)
    return [frozenset(pairs[k] for k in rng.permutation(len(pairs))[:size]) for size in sizes]


LONE_CYCLE = frozenset({(0, 1), (1, 2), (2, 0)})
# two-edge switches cannot leave either of these: every pair of edges is blocked
BLOCKED = frozenset({(0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3)})
CYCLE_AND_HUB = LONE_CYCLE | {(3, 0), (3, 1), (3, 2), (3, 4)}
LOOSE = frozenset({(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)})
MUTUAL = frozenset({(0, 1), (1, 0), (2, 3), (3, 2), (0, 2), (1, 3), (4, 0)})
MUTUAL_RING = frozenset({(0, 1), (1, 0), (2, 3), (3, 2), (1, 2), (3, 0), (4, 5), (5, 4)})


@pytest.mark.parametrize("edges", [LONE_CYCLE, BLOCKED, CYCLE_AND_HUB, LOOSE, MUTUAL])
def test_configuration_draws_every_graph_equally_often(edges):
    n = 1 + max(map(max, edges))
    wanted = family(edges, set(range(n)), set(range(n)), degrees)
    assert len(wanted) > 1
    chain = EdgeChain(*arrays(edges), n)
    assert uniform_p(chain, wanted, steps=40 * len(edges), draws=300 * len(wanted)) > 1e-3


@pytest.mark.parametrize("edges", [LONE_CYCLE, BLOCKED])
def test_two_edge_switches_alone_would_stay_where_they_are(edges):
    # the reversal is what moves these: in no pair of edges do both switched edges fit
    for (u, x), (v, y) in combinations(edges, 2):
        assert {(u, y), (v, x)} & (edges | {(i, i) for i in range(4)})


@pytest.mark.parametrize(
    ("sources", "targets"),
    [({0, 1, 2, 3}, {0, 1, 2, 3}), ({0, 1, 2}, {0, 1, 2, 3, 4}), ({0, 1, 4}, {1, 2, 3, 4})],
)
def test_configuration_reaches_every_graph_of_many_domains(sources, targets):
    tried = 0
    for edges in digraphs(5, seed=3, number=120):
        inside = frozenset((i, j) for i, j in edges if i in sources and j in targets)
        wanted = family(inside, sources, targets, degrees)
        if 1 < len(wanted) < 80:
            tried += 1
            assert visited(EdgeChain(*arrays(inside), 5), wanted) == wanted
    assert tried > 20


def test_configuration_is_uniform_on_a_rectangular_domain():
    edges = frozenset({(0, 1), (0, 3), (1, 2), (2, 0), (2, 4), (1, 3)})
    sources, targets = {0, 1, 2}, {0, 1, 2, 3, 4}
    wanted = family(edges, sources, targets, degrees)
    assert len(wanted) > 10
    assert (
        uniform_p(EdgeChain(*arrays(edges), 5), wanted, steps=240, draws=200 * len(wanted)) > 1e-3
    )


def test_typed_chain_reaches_every_graph_and_is_uniform():
    types = np.array([0, 0, 0, 1, 1])
    tested = []
    for edges in digraphs(5, seed=5, number=200):
        wanted = family(edges, set(range(5)), set(range(5)), typed(types.tolist()))
        if 2 < len(wanted) < 60:
            pre, post = arrays(edges)
            chain = EdgeChain(pre, post, 5, kinds=2 * types[pre] + types[post], own_kind=3 * types)
            assert visited(chain, wanted) == wanted
            tested.append((len(wanted), chain, wanted))
    assert len(tested) > 5
    size, chain, wanted = max(tested, key=lambda case: case[0])
    assert uniform_p(chain, wanted, steps=400, draws=200 * size) > 1e-3


@pytest.mark.parametrize("edges", [LONE_CYCLE, LOOSE, MUTUAL, MUTUAL_RING])
def test_reciprocal_draws_every_graph_equally_often(edges):
    n = 1 + max(map(max, edges))
    wanted = family(edges, set(range(n)), set(range(n)), reciprocal(set(range(n))))
    assert len(wanted) > 1
    chain = MutualChain(*arrays(edges), n)
    assert uniform_p(chain, wanted, steps=100 * len(edges), draws=150 * len(wanted)) > 1e-3


def test_reciprocal_reaches_every_graph_of_four_neurons():
    pairs = list(permutations(range(4), 2))
    seen, tried = set(), 0
    signature = reciprocal(set(range(4)))
    for bits in range(1, 1 << len(pairs), 5):
        edges = frozenset(pair for k, pair in enumerate(pairs) if bits >> k & 1)
        if signature(edges) in seen:
            continue
        seen.add(signature(edges))
        wanted = family(edges, set(range(4)), set(range(4)), signature)
        if len(wanted) > 1:
            tried += 1
            assert visited(MutualChain(*arrays(edges), 4), wanted, steps=32) == wanted
    assert tried > 50


def test_reciprocal_reaches_every_sparse_graph_of_five_neurons():
    tried = 0
    signature = reciprocal(set(range(5)))
    for edges in digraphs(5, seed=11, number=500):
        if len({frozenset(edge) for edge in edges}) >= 5:
            continue
        wanted = family(edges, set(range(5)), set(range(5)), signature)
        if len(wanted) > 1:
            tried += 1
            assert visited(MutualChain(*arrays(edges), 5), wanted, steps=32) == wanted
    assert tried > 20


def test_hash_table_and_bit_matrix_run_the_same_chain(monkeypatch):
    rng = np.random.default_rng(3)
    n = 90
    matrix = rng.random((n, n)) < 0.15
    np.fill_diagonal(matrix, False)
    edges = tuple(codes.astype(np.int32) for codes in np.nonzero(matrix))
    for kind in (EdgeChain, MutualChain):
        results = []
        for largest in (4096, 0):
            monkeypatch.setattr(chains, "LARGEST_BIT_MATRIX", largest)
            running = kind(*edges, n).fresh()
            running.advance(20_000, random_state(np.random.default_rng(5)))
            results.append(running.edges())
        assert all(np.array_equal(*pair) for pair in zip(*results, strict=True))
        assert graph_of(running) != frozenset(zip(*map(np.ndarray.tolist, edges), strict=True))


def test_the_places_of_a_chain_keep_their_presynaptic_neuron():
    rng = np.random.default_rng(3)
    matrix = rng.random((30, 30)) < 0.2
    np.fill_diagonal(matrix, False)
    pre, post = (codes.astype(np.int32) for codes in np.nonzero(matrix))
    core = np.arange(len(pre))[(pre < 20) & (post < 20)]
    rest = np.setdiff1d(np.arange(len(pre)), core)
    split = SplitChain(
        MutualChain(pre[core], post[core], 30), EdgeChain(pre[rest], post[rest], 30), core, rest
    )
    for chain in (EdgeChain(pre, post, 30), MutualChain(pre, post, 30), split):
        running = chain.fresh()
        running.advance(5_000, random_state(np.random.default_rng(5)))
        assert np.array_equal(running.edges()[0], pre[chain.places])
        assert sorted(chain.places) == list(range(len(pre)))
        assert not np.array_equal(running.edges()[1], post[chain.places])
