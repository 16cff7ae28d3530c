"""Two-way intervals: the variance of its definition, and what an interval must and must not be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.model.domain import Domain
from connectome_graph.motifs._oriented import Met
from connectome_graph.stats._bootstrap import Blocks
from connectome_graph.stats._closure_variance import MetWedges, Wedges
from connectome_graph.stats._dyad_variance import Dyads
from connectome_graph.stats._share_variance import spread_of_input_share, spread_of_output_share
from connectome_graph.stats._two_way import spread_of_ratio
from definitions import two_way as define

N = 9


@st.composite
def worlds(draw):
    """Return a graph of two types on any domain, a number per edge, and weights of sources."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    matrix = (rng.random((N, N)) < draw(st.sampled_from([0.2, 0.5, 0.9]))) * rng.integers(
        1, 5, (N, N)
    )
    np.fill_diagonal(matrix, 0)
    sources = rng.random(N) < draw(st.sampled_from([0.5, 1.0]))
    targets = (rng.random(N) < draw(st.sampled_from([0.5, 1.0]))) | ~sources
    kind = rng.integers(0, 2, N)
    g = cg.from_adjacency(matrix, pd.DataFrame({"root_id": range(1, N + 1), "kind": kind}))
    assume(sources.any())
    g = g.between(pre=g.ids[sources], post=g.ids[targets])
    if draw(st.booleans()):
        met = pd.DataFrame(np.argwhere(rng.random((N, N)) < 0.7), columns=["pre", "post"])
        g = g.within(met[met["pre"] != met["post"]] + 1)
    weight = rng.uniform(0.5, 3, N) if draw(st.booleans()) else None
    return g, kind, weight


def blocks_of(g, kind, weight):
    pre, post = g.edge_codes
    weight = None if weight is None else np.where(g.domain.sources, weight, 0.0)
    return Blocks(g.domain, kind, 2, pre, post, np.empty((0, len(pre))), weight)


def pair_values(g, weight):
    """Return every observable pair with its synapses, whether it is connected, and its weight."""
    domain = g.domain
    own = np.ones(N) if weight is None else weight
    every = [
        (i, j) for i in range(N) for j in range(N)
        if i != j and domain.contains(np.array([i]), np.array([j])).all()
    ]  # fmt: skip
    found = dict(zip(zip(*(c.tolist() for c in g.edge_codes), strict=True),
                     g.edge_counts.tolist(), strict=True))  # fmt: skip
    count = {p: own[p[0]] * found.get(p, 0) for p in every}
    edge = {p: own[p[0]] * (p in found) for p in every}
    one = {p: own[p[0]] for p in every}
    return every, count, edge, one


@given(worlds())
def test_variance_of_a_block_is_its_definition(world):
    g, kind, weight = world
    blocks = blocks_of(g, kind, weight)
    every, count, edge, one = pair_values(g, weight)
    ones, counts = np.ones(g.n_edges), g.edge_counts.astype(float)
    for found, y, x in (
        (spread_of_ratio(blocks, ones), edge, one),
        (spread_of_ratio(blocks, counts, ones), count, edge),
    ):
        for s in (0, 1):
            for t in (0, 1):
                sources = {i for i in range(N) if g.domain.sources[i] and kind[i] == s}
                targets = {j for j in range(N) if g.domain.targets[j] and kind[j] == t}
                pairs = [p for p in every if p[0] in sources and p[1] in targets]
                if not sum(x[p] for p in pairs):
                    continue
                variance, df = define.block(pairs, sources, targets, y, x)
                assert found.variance[s, t] == pytest.approx(variance, rel=1e-8, abs=1e-12)
                if variance > 1e-12:
                    assert min(found.df[s, t], 1e6) == pytest.approx(min(df, 1e6), rel=1e-6)


@given(worlds())
def test_variance_of_a_share_is_its_definition(world):
    g, kind, weight = world
    blocks = blocks_of(g, kind, weight)
    _, count, _, _ = pair_values(g, weight)
    counts = g.edge_counts.astype(float)
    into, out = spread_of_input_share(blocks, counts), spread_of_output_share(blocks, counts)
    domain = g.domain
    turned = {(j, i): v for (i, j), v in count.items()}
    for found, values, ends in (
        (into.variance, count, (domain.sources, domain.targets)),
        (out.variance.T, turned, (domain.targets, domain.sources)),
    ):
        types = {s: [i for i in range(N) if ends[0][i] and kind[i] == s] for s in (0, 1)}
        for t in (0, 1):
            targets = [j for j in range(N) if ends[1][j] and kind[j] == t]
            pairs = [p for p in values if p[1] in targets]
            if not sum(values[p] for p in pairs):
                continue
            for s in (0, 1):
                expected = define.input_share(pairs, kind, types, targets, y=values, of_type=s)
                assert found[s, t] == pytest.approx(expected, rel=1e-8, abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.15, 0.5, 0.9]), st.booleans())
def test_variance_over_dyads_is_its_definition(seed, p, weighted):
    rng = np.random.default_rng(seed)
    matrix = rng.random((N, N)) < p
    np.fill_diagonal(matrix, False)
    pre, post = np.nonzero(matrix)
    weight = rng.uniform(0.5, 3, N) if weighted else None
    part = Dyads.of(pre, post, matrix.T[pre, post], domain=Domain.full(N), weight=weight)
    own = np.ones(N) if weight is None else weight
    edges = set(zip(pre.tolist(), post.tolist(), strict=True))
    for terms in ((1.0, -0.3, 0.0), (0.5, -0.2, 0.1)):
        found = part.spread(*terms)
        variance, df = define.dyad_sum(N, edges, terms, own)
        assert float(found.variance) == pytest.approx(variance, rel=1e-8)
        assert min(float(found.df), 1e6) == pytest.approx(min(df, 1e6), rel=1e-6)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.15, 0.4, 0.8]), st.booleans())
def test_variance_over_wedges_is_its_definition(seed, p, directed):
    rng = np.random.default_rng(seed)
    matrix = rng.random((N, N)) < p
    np.fill_diagonal(matrix, False)
    pre, post = (codes.astype(np.int32) for codes in np.nonzero(matrix))
    both = matrix.astype(float) + matrix.T
    strength = both if directed else np.minimum(both, 1)
    worth = rng.uniform(0, 1, N)
    found = Wedges(pre, post, N).spread(0.4, worth, directed=directed)
    variance, df = define.wedge_sum(strength, worth, 0.4, 2 if directed else 1)
    assert float(found.variance) == pytest.approx(variance, rel=1e-8, abs=1e-12)
    assert min(float(found.df), 1e6) == pytest.approx(min(df, 1e6), rel=1e-6)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.4, 0.8, 1.0]), st.booleans())
def test_variance_over_wedges_of_pairs_that_met_is_its_definition(seed, share_met, directed):
    rng = np.random.default_rng(seed)
    met = np.triu(rng.random((N, N)) < share_met, 1)
    met |= met.T
    matrix = met & (rng.random((N, N)) < 0.5)
    pre, post = (codes.astype(np.int32) for codes in np.nonzero(met))
    both = matrix.astype(float) + matrix.T
    strength = both if directed else np.minimum(both, 1)
    worth = rng.uniform(0, 1, N)
    wedges = MetWedges(Met(pre, post, matrix[pre, post]), N)
    if wedges.n_members < 4:
        return
    found = wedges.spread(0.4, worth, directed=directed)
    variance, df = define.wedge_sum(strength, worth, 0.4, 2 if directed else 1, met)
    assert float(found.variance) == pytest.approx(variance, rel=1e-8, abs=1e-12)
    assert min(float(found.df), 1e6) == pytest.approx(min(df, 1e6), rel=1e-6)


@pytest.mark.parametrize("interval", ["two-way", "bootstrap"])
def test_a_full_block_is_not_a_point_and_an_empty_one_has_an_upper_end(interval):
    full = cg.from_adjacency(1 - np.eye(8, dtype=int))
    found = cg.stats.density(full, interval=interval, n=20)
    assert 0.8 < found["low"] < 1
    assert found["high"] == 1
    empty = cg.from_adjacency(np.zeros((8, 8), int))
    found = cg.stats.density(empty, interval=interval, n=20)
    assert found["low"] == 0
    assert 0 < found["high"] < 0.2


def test_intervals_hold_their_estimates(random_graph):
    table = cg.stats.type_matrix(random_graph, by="cell_type")
    for name, low, high in (
        ("probability", "low", "high"),
        *((q, f"{q}_low", f"{q}_high") for q in (
            "synapses_per_connection", "input_fraction", "output_fraction")),
    ):  # fmt: skip
        assert (table[low] < table[name]).all()
        assert (table[name] < table[high]).all()
    dyads = cg.stats.dyads(random_graph)
    clustering = cg.stats.clustering(random_graph)
    for series, names in (
        (dyads, ("reciprocity", "r_over_p")),
        (clustering, ("transitivity", "local_average", "directed_average")),
    ):
        for name in names:
            assert series[f"{name}_low"] < series[name] < series[f"{name}_high"]
    wide = cg.stats.dyads(random_graph, level=0.99)
    assert wide["reciprocity_low"] < dyads["reciprocity_low"]


def test_one_neuron_at_an_end_shows_no_variation():
    g = cg.from_adjacency([[0, 1, 1], [0, 0, 0], [0, 0, 0]]).between(pre=[1])
    found = cg.stats.density(g)
    assert np.isnan(found["low"])
    assert found["wilson_low"] > 0


def test_bootstrap_has_the_corrected_width():
    # Neurons do not differ: the plain two-way bootstrap would be about 1.7 times too wide.
    rng = np.random.default_rng(1)
    widths = []
    for _ in range(10):
        matrix = (rng.random((40, 40)) < 0.1) * (1 - np.eye(40, dtype=int))
        found = cg.stats.density(cg.from_adjacency(matrix), interval="bootstrap", n=400)
        widths.append((found["high"] - found["low"]) / (found["wilson_high"] - found["wilson_low"]))
    assert 0.95 < np.mean(widths) < 1.35


def test_shares_of_types_that_nobody_traced_are_missing():
    neurons = pd.DataFrame({"root_id": range(1, 7), "kind": list("EEIIXX")})
    neurons["status_axon"] = [True, True, True, False, False, False]
    edges = pd.DataFrame(
        {"pre": [1, 2, 3, 3, 5], "post": [4, 4, 4, 5, 4], "count": [1, 1, 2, 1, 9]}
    )
    g = cg.from_edges(edges, neurons).between(pre="status_axon", post=neurons["root_id"])
    table = cg.stats.type_matrix(g, by="kind")
    shares = cg.stats.to_matrix(table, "input_fraction")
    assert shares.loc["X"].isna().all()
    assert shares.loc["E", "I"] == 0.5
    assert cg.stats.to_matrix(table, "input_fraction_corrected")["I"].isna().all()
    assert "0.0% of X" in table.attrs["unequal_tracing"]
    degrees = cg.stats.degrees(g, by="kind")
    assert degrees["in_degree_from_X"].isna().all()
    assert degrees.loc[4, "in_synapses_from_I"] == 2


def test_unequal_tracing_is_told_and_corrected():
    rng = np.random.default_rng(2)
    n = 300
    kind = np.where(np.arange(n) < 200, "E", "I")
    chance = np.where(kind == "E", 0.02, 0.06)[:, None]
    matrix = (rng.random((n, n)) < chance).astype(int)
    np.fill_diagonal(matrix, 0)
    cells = pd.DataFrame({"root_id": range(1, n + 1), "kind": kind})
    whole = cg.from_adjacency(matrix, cells)
    truth = cg.stats.to_matrix(cg.stats.type_matrix(whole, by="kind"), "input_fraction")
    traced = np.where(kind == "E", np.arange(n) < 20, np.arange(n) < 280)
    seen = whole.between(pre=whole.ids[traced], post=whole.ids)
    table = cg.stats.type_matrix(seen, by="kind")
    biased = cg.stats.to_matrix(table, "input_fraction").loc["I", "E"]
    corrected = cg.stats.to_matrix(table, "input_fraction_corrected").loc["I", "E"]
    assert biased > truth.loc["I", "E"] + 0.2
    assert corrected == pytest.approx(truth.loc["I", "E"], abs=0.06)
    assert "80.0% of I but 10.0% of E" in table.attrs["unequal_tracing"]
    weights = np.where(kind == "E", 10, 1.25)
    weighted = cg.stats.type_matrix(seen, by="kind", source_weights=weights)
    share = cg.stats.to_matrix(weighted, "input_fraction").loc["I", "E"]
    assert share == pytest.approx(corrected)
    assert weighted.attrs["unequal_tracing"] is None
    assert cg.stats.type_matrix(whole, by="kind").attrs["unequal_tracing"] is None
