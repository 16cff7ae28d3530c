"""The chains of trades reach every graph they should, and each equally often."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy.stats import chisquare

from connectome_graph._kernels import threads
from connectome_graph.nulls import _chains as chains
from connectome_graph.nulls._chains import Allowed, EdgeChain, pointers, random_state
from connectome_graph.nulls._dyad_chain import DyadChain
from definitions.nulls import degrees, family, reciprocal, typed


@pytest.fixture(params=["bits", "lists"], autouse=True)
def store(request, monkeypatch):
    """Run every chain by bit matrices, and by sorted lists."""
    if request.param == "lists":
        monkeypatch.setattr(chains, "LARGEST_BIT_MATRIX", 0)


def arrays(edges):
    ordered = sorted(edges)
    return tuple(np.array([edge[end] for edge in ordered], np.int32) for end in (0, 1))


def graph_of(chain):
    return frozenset(zip(*(codes.tolist() for codes in chain.edges()), strict=True))


def visited(chain, wanted, *, patience=400):
    """Return the graphs that one chain passes through, until it has met all that are wanted."""
    running, state = chain.fresh(), random_state(np.random.default_rng(1))
    met = {graph_of(running)}
    for _ in range(patience * len(wanted)):
        if len(met) == len(wanted):
            break
        running.advance(1, state)
        met.add(graph_of(running))
    return met


def uniform_p(chain, wanted, *, passes=25, draws):
    """Return the chi-squared p of independent samples against the uniform distribution."""
    place = {graph: k for k, graph in enumerate(wanted)}
    counts = np.zeros(len(place), int)
    for stream in np.random.default_rng(7).spawn(draws):
        running = chain.fresh()
        running.advance(passes, random_state(stream))
        counts[place[graph_of(running)]] += 1
    return chisquare(counts).pvalue


def everyone(n):
    return np.zeros(n, int)


def inside(pairs, n):
    """Return a set of pairs as the chains take it."""
    pre, post = arrays(pairs)
    return Allowed(pointers(pre, n), post)


def digraphs(n, *, seed, number):
    """Return random digraphs of every density on `n` neurons."""
    pairs = list(permutations(range(n), 2))
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, len(pairs), number)
    return [frozenset(pairs[k] for k in rng.permutation(len(pairs))[:size]) for size in sizes]


def one_way(pairs):
    """Return the signature on a set of pairs: degrees over pairs seen both ways, and one way."""

    def signature(edges):
        both = frozenset((i, j) for i, j in edges if (j, i) in pairs)
        mutual = reciprocal(set(range(6)))(both)
        return degrees(both), degrees(edges - both), mutual

    return signature


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
    assert uniform_p(EdgeChain(*arrays(edges), n), wanted, draws=300 * len(wanted)) > 1e-3


@pytest.mark.parametrize("edges", [LONE_CYCLE, BLOCKED])
def test_trades_alone_would_stay_where_they_are(edges):
    # the reversal is what moves these: in no pair of edges do both switched edges fit
    for (u, x), (v, y) in combinations(edges, 2):
        assert {(u, y), (v, x)} & (edges | {(i, i) for i in range(4)})


@pytest.mark.parametrize(
    ("sources", "targets"),
    [({0, 1, 2, 3}, {0, 1, 2, 3}), ({0, 1, 2}, {0, 1, 2, 3, 4}), ({0, 1, 4}, {1, 2, 3, 4})],
)
def test_configuration_reaches_every_graph_of_many_domains(sources, targets):
    tried = 0
    for edges in digraphs(5, seed=3, number=80):
        kept = frozenset((i, j) for i, j in edges if i in sources and j in targets)
        wanted = family(kept, sources, targets, degrees)
        if 1 < len(wanted) < 80:
            tried += 1
            assert visited(EdgeChain(*arrays(kept), 5), wanted) == wanted
    assert tried > 15


def test_configuration_is_uniform_on_a_rectangular_domain():
    edges = frozenset({(0, 1), (0, 3), (1, 2), (2, 0), (2, 4), (1, 3)})
    wanted = family(edges, {0, 1, 2}, {0, 1, 2, 3, 4}, degrees)
    assert len(wanted) > 10
    assert uniform_p(EdgeChain(*arrays(edges), 5), wanted, draws=200 * len(wanted)) > 1e-3


def test_configuration_is_uniform_on_a_set_of_pairs():
    pairs = frozenset((i, j) for i, j in permutations(range(6), 2) if (i + 2 * j) % 5)
    edges = frozenset(pair for pair in sorted(pairs) if (3 * pair[0] + pair[1]) % 2)
    wanted = family(edges, set(range(6)), set(range(6)), degrees, pairs=pairs)
    assert len(wanted) > 10
    chain = EdgeChain(*arrays(edges), 6, allowed=inside(pairs, 6))
    assert visited(chain, wanted) == wanted
    assert uniform_p(chain, wanted, draws=100 * len(wanted)) > 1e-3


def test_typed_chain_reaches_every_graph_and_is_uniform():
    types = np.array([0, 0, 0, 1, 1])
    tested = []
    for edges in digraphs(5, seed=5, number=120):
        wanted = family(edges, set(range(5)), set(range(5)), typed(types.tolist()))
        if 2 < len(wanted) < 60:
            chain = EdgeChain(*arrays(edges), 5, group=types)
            assert visited(chain, wanted) == wanted
            tested.append((len(wanted), chain, wanted))
    assert len(tested) > 5
    size, chain, wanted = max(tested, key=lambda case: case[0])
    assert uniform_p(chain, wanted, passes=60, draws=200 * size) > 1e-3


@pytest.mark.parametrize("edges", [LONE_CYCLE, LOOSE, MUTUAL, MUTUAL_RING])
def test_reciprocal_draws_every_graph_equally_often(edges):
    n = 1 + max(map(max, edges))
    wanted = family(edges, set(range(n)), set(range(n)), reciprocal(set(range(n))))
    assert len(wanted) > 1
    chain = DyadChain(*arrays(edges), n, group=everyone(n))
    assert uniform_p(chain, wanted, draws=150 * len(wanted)) > 1e-3


def test_reciprocal_is_uniform_where_only_some_pairs_could_be_mutual():
    sources, targets = {0, 1, 2, 3, 4}, {2, 3, 4, 5, 6}
    edges = frozenset(
        {(0, 2), (0, 3), (0, 6), (1, 4), (2, 5), (3, 2), (3, 4), (3, 6), (4, 3), (4, 5)}
    )
    roles = np.array([2 * (i in sources) + (i in targets) for i in range(7)])
    wanted = family(edges, sources, targets, reciprocal(sources & targets))
    assert len(wanted) == 9
    chain = DyadChain(*arrays(edges), 7, group=roles)
    assert visited(chain, wanted) == wanted
    assert uniform_p(chain, wanted, draws=200 * len(wanted)) > 1e-3


def test_reciprocal_is_uniform_on_a_set_of_pairs():
    pairs = frozenset((i, j) for i, j in permutations(range(6), 2) if (i + 2 * j) % 7)
    edges = frozenset(pair for pair in sorted(pairs) if (2 * pair[0] + 3 * pair[1]) % 5 < 2)
    wanted = family(edges, set(range(6)), set(range(6)), one_way(pairs), pairs=pairs)
    assert len(wanted) > 3
    chain = DyadChain(*arrays(edges), 6, group=everyone(6), allowed=inside(pairs, 6))
    met = visited(chain, wanted)
    assert met <= wanted
    assert len(met) > len(wanted) / 2
    assert uniform_p(chain, met, draws=100 * len(met)) > 1e-3


@pytest.mark.parametrize("n", [4, 5])
def test_reciprocal_reaches_every_graph_of_five_neurons_and_fewer(n):
    pairs = list(permutations(range(n), 2))
    seen, tried = set(), 0
    signature = reciprocal(set(range(n)))
    rng = np.random.default_rng(4)
    for bits in rng.integers(1, 1 << len(pairs), 300 if n == 4 else 60).tolist():
        edges = frozenset(pair for k, pair in enumerate(pairs) if bits >> k & 1)
        if signature(edges) in seen:
            continue
        seen.add(signature(edges))
        wanted = family(edges, set(range(n)), set(range(n)), signature)
        if 1 < len(wanted) < 60:
            tried += 1
            assert visited(DyadChain(*arrays(edges), n, group=everyone(n)), wanted) == wanted
    assert tried > 20


def test_two_pieces_of_five_neurons_are_joined():
    # trades, 3-cycles and four neurons connected anew leave each of the two where it is
    rows = [".M000", "M.M0I", "0M.OM", "00I.O", "0OMI."]
    piece = frozenset((i, j) for i in range(5) for j in range(5) if rows[i][j] in "OM")
    wanted = family(piece, set(range(5)), set(range(5)), reciprocal(set(range(5))))
    assert len(wanted) == 2
    assert uniform_p(DyadChain(*arrays(piece), 5, group=everyone(5)), wanted, draws=300) > 1e-3


def test_lengths_are_kept_where_they_are_to_be_kept():
    rng = np.random.default_rng(3)
    matrix = rng.random((40, 40)) < 0.2
    np.fill_diagonal(matrix, False)
    pre, post = (codes.astype(np.int32) for codes in np.nonzero(matrix))
    xyz, bins = rng.uniform(0, 100, (40, 3)), np.array([30.0, 60.0])

    def lengths(chain):
        ends = chain.edges()
        return np.bincount(np.digitize(np.linalg.norm(xyz[ends[0]] - xyz[ends[1]], axis=1), bins))

    chain = DyadChain(pre, post, 40, group=everyone(40), xyz=xyz, bins=bins)
    running = chain.fresh()
    assert running.advance(20, random_state(rng)) > len(pre)
    assert lengths(running).tolist() == lengths(chain).tolist()
    assert not np.array_equal(running.edges()[1], post)


def test_edges_stay_sorted_and_with_their_presynaptic_neuron():
    rng = np.random.default_rng(3)
    matrix = rng.random((30, 30)) < 0.2
    np.fill_diagonal(matrix, False)
    pre, post = (codes.astype(np.int32) for codes in np.nonzero(matrix))
    group = np.arange(30) % 2
    for chain in (EdgeChain(pre, post, 30, group=group), DyadChain(pre, post, 30, group=group)):
        running = chain.fresh()
        running.advance(5, random_state(np.random.default_rng(5)))
        found = running.edges()
        assert np.array_equal(found[0], pre)
        assert (np.diff(found[0] * 30 + found[1]) > 0).all()
        assert not np.array_equal(found[1], post)
        assert np.array_equal(chain.edges()[1], post)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (EdgeChain, {}),
        (EdgeChain, {"group": np.arange(90) % 3}),
        (DyadChain, {"group": np.zeros(90, int)}),
        (DyadChain, {"group": np.arange(90) % 3}),
    ],
)
def test_any_number_of_threads_makes_the_same_passes(monkeypatch, kind, settings):
    monkeypatch.setattr(chains, "LARGEST_BIT_MATRIX", 0)
    monkeypatch.setattr(threads, "SMALL", 0)
    rng = np.random.default_rng(3)
    matrix = rng.random((90, 90)) < 0.15
    np.fill_diagonal(matrix, False)
    pre, post = (codes.astype(np.int32) for codes in np.nonzero(matrix))
    results = []
    for n_threads in (1, 2, 5):
        running = kind(pre, post, 90, **settings).fresh()
        running.advance(4, random_state(np.random.default_rng(5)), n_threads=n_threads)
        results.append(running.edges()[1])
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])
    assert not np.array_equal(results[0], post)


@pytest.mark.parametrize("edges", [[], [(0, 1)], [(0, 1), (1, 0)]])
def test_chains_of_next_to_nothing_stand_still(edges):
    pre, post = arrays(edges)
    for chain in (EdgeChain(pre, post, 70), DyadChain(pre, post, 70, group=everyone(70))):
        running = chain.fresh()
        assert running.advance(3, random_state(np.random.default_rng(0))) == 0
        assert all(np.array_equal(*pair) for pair in zip(running.edges(), (pre, post), strict=True))
