"""What the estimators are for: simulated brains of which only a part was proofread."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.stats._intervals import percentiles


def graph_of(matrix, **columns):
    ids = 864691135000000001 + np.arange(len(matrix))
    return cg.from_adjacency(matrix.astype(np.int64), pd.DataFrame({"root_id": ids, **columns}))


def reciprocal_brain(rng, n, p, answered):
    """Return an adjacency matrix in which a connection is answered more often than by chance.

    `answered` is the probability, for each pair, that the two directions are drawn together.
    """
    draws = rng.random((n, n)) < p
    together = np.triu(rng.random((n, n)) < answered, 1)
    together |= together.T
    shared = np.triu(draws, 1)
    matrix = np.where(together, shared | shared.T, draws)
    np.fill_diagonal(matrix, False)
    return matrix


def standard_error(values):
    return np.std(values, ddof=1) / np.sqrt(len(values))


def test_naive_reciprocity_falls_to_f_r_and_the_masked_one_is_consistent():
    rng = np.random.default_rng(5)
    n, kept = 120, 0.3
    truth = reciprocal_brain(rng, n, 0.15, 0.4)
    r = cg.stats.dyads(graph_of(truth))["reciprocity"]
    naive, masked = [], []
    for _ in range(60):
        proofread = rng.permutation(n) < kept * n
        seen = graph_of(truth & proofread[:, None], status_axon=proofread)
        naive.append(cg.stats.dyads(seen)["reciprocity"])
        masked.append(cg.stats.dyads(seen.observed("permissive"))["reciprocity"])
    # Of n axons exactly 36 are kept: the other direction is kept with 35 / 119.
    assert np.mean(naive) == pytest.approx(35 / 119 * r, abs=2 * standard_error(naive))
    assert np.mean(masked) == pytest.approx(r, abs=2 * standard_error(masked))
    assert np.mean(naive) < 0.4 * r


def test_density_on_the_domain_is_consistent_and_over_all_pairs_is_not():
    rng = np.random.default_rng(6)
    truth = reciprocal_brain(rng, 100, 0.2, 0.0)
    masked, naive = [], []
    for _ in range(40):
        proofread = rng.random(100) < 0.3
        seen = graph_of(truth & proofread[:, None], status_axon=proofread)
        naive.append(cg.stats.density(seen, interval="wilson")["density"])
        masked.append(cg.stats.density(seen.observed("permissive"), interval="wilson")["density"])
    p = truth.sum() / (100 * 99)
    assert np.mean(masked) == pytest.approx(p, abs=3 * standard_error(masked))
    assert np.mean(naive) < 0.5 * p


def test_r_over_p_survives_random_loss_of_edges():
    rng = np.random.default_rng(7)
    truth = reciprocal_brain(rng, 150, 0.15, 0.4)
    before = cg.stats.dyads(graph_of(truth))
    thinned = [cg.stats.dyads(graph_of(truth & (rng.random(truth.shape) < 0.5))) for _ in range(40)]
    ratios = [sample["r_over_p"] for sample in thinned]
    assert np.mean(ratios) == pytest.approx(before["r_over_p"], abs=2 * standard_error(ratios))
    assert np.mean([s["reciprocity"] for s in thinned]) < 0.6 * before["reciprocity"]


def test_horvitz_thompson_weights_recover_r_under_degree_biased_proofreading():
    rng = np.random.default_rng(8)
    n = 150
    hub = np.linspace(0, 1, n) ** 2
    # Hubs contact more and are answered more, and hubs are what people proofread.
    pair = (hub[:, None] + hub[None, :]) / 2
    truth = reciprocal_brain(rng, n, 0.05 + 0.4 * hub[:, None], 0.7 * pair)
    r = cg.stats.dyads(graph_of(truth))["reciprocity"]
    chance = 0.15 + 0.8 * hub
    plain, weighted = [], []
    for _ in range(80):
        proofread = rng.random(n) < chance
        seen = graph_of(truth & proofread[:, None], status_axon=proofread, weight=1 / chance)
        seen = seen.observed("permissive")
        plain.append(cg.stats.dyads(seen)["reciprocity"])
        weighted.append(cg.stats.dyads(seen, source_weights="weight")["reciprocity"])
    assert np.mean(weighted) == pytest.approx(r, abs=2 * standard_error(weighted))
    assert abs(np.mean(plain) - r) > 5 * standard_error(plain)


def test_horvitz_thompson_weights_recover_density_and_type_probabilities():
    rng = np.random.default_rng(9)
    n = 120
    rate = rng.uniform(0.02, 0.5, n)
    truth = rng.random((n, n)) < rate[:, None]
    np.fill_diagonal(truth, False)
    kind = np.where(np.arange(n) % 2, "A", "B")
    chance = 0.1 + 1.5 * rate
    density, blocks = [], []
    for _ in range(60):
        proofread = rng.random(n) < chance
        seen = graph_of(truth & proofread[:, None], status_axon=proofread, kind=kind)
        seen = seen.observed("permissive")
        density.append(
            cg.stats.density(seen, source_weights=1 / chance, interval="wilson")["density"]
        )
        table = cg.stats.type_matrix(seen, by="kind", source_weights=1 / chance, interval="wilson")
        blocks.append(cg.stats.to_matrix(table, "probability").loc["A", "B"])
    p = truth.sum() / (n * (n - 1))
    block = truth[np.ix_(kind == "A", kind == "B")].mean()
    # A ratio of weighted sums carries a bias of the order of one over the sample size.
    assert np.mean(density) == pytest.approx(p, rel=0.02)
    assert np.mean(blocks) == pytest.approx(block, rel=0.03)


def covered(rng, n_sources, n_targets, spread, interval):
    """Return whether the interval of one simulated block holds the probability behind it."""
    n = n_sources + n_targets
    kind = np.repeat(["S", "T"], [n_sources, n_targets])
    out = rng.lognormal(-(spread**2) / 2, spread, n)
    into = rng.lognormal(-(spread**2) / 2, spread, n)
    matrix = rng.random((n, n)) < np.clip(0.1 * out[:, None] * into[None, :], 0, 1)
    g = graph_of(matrix, kind=kind).between(pre="kind == 'S'", post="kind == 'T'")
    table = cg.stats.type_matrix(g, by="kind", interval=interval, n=200, seed=rng)
    row = table.set_index(["pre_type", "post_type"]).loc[("S", "T")]
    return row["low"] <= 0.1 <= row["high"]


def test_two_way_intervals_cover_where_wilson_does_not():
    both = {}
    for interval in ("two-way", "bootstrap", "wilson"):
        rng = np.random.default_rng(10)
        both[interval] = np.mean([covered(rng, 40, 50, 0.5, interval) for _ in range(200)])
    assert 0.90 <= both["two-way"] <= 0.98
    assert 0.90 <= both["bootstrap"] <= 0.98
    assert both["wilson"] < 0.75


def test_bootstrap_is_the_same_for_the_same_seed(random_graph):
    first, again, other = (
        cg.stats.type_matrix(random_graph, by="cell_type", interval="bootstrap", n=50, seed=seed)
        for seed in (3, np.random.default_rng(3), 4)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first["low"].equals(other["low"])


def test_bootstrap_sums_are_those_of_a_loop(random_graph):
    """Every sample counts a pair as often as its two neurons were drawn."""
    from connectome_graph.stats._bootstrap import Blocks

    g = random_graph.between(pre="status_axon")
    kind = np.arange(g.n_neurons) % 3 - 1
    pre, post = g.edge_codes
    blocks = Blocks(g.domain, kind, 2, pre, post, g.edge_counts[None, :].astype(float))
    draws = blocks.draw(20, np.random.default_rng(0))
    caught = []

    class Recording(np.random.Generator):
        def integers(self, *args, **kwargs):
            caught.append(super().integers(*args, **kwargs))
            return caught[-1]

    again = blocks.draw(20, Recording(np.random.PCG64(0)))
    assert np.array_equal(draws.sums, again.sums)
    groups = np.where(kind < 0, -1, 4 * kind + g.domain.sources + 2 * g.domain.targets)
    order = np.argsort(groups, kind="stable")
    order = order[groups[order] >= 0]
    for sample in (0, 19):
        times = np.zeros(g.n_neurons)
        np.add.at(times, order[caught[sample]], 1)
        expected, pairs = np.zeros((2, 2, 2)), np.zeros((2, 2))
        for i in np.flatnonzero(g.domain.sources & (kind >= 0)):
            for j in np.flatnonzero(g.domain.targets & (kind >= 0)):
                pairs[kind[i], kind[j]] += times[i] * times[j] * (i != j)
        for i, j, count in zip(pre, post, g.edge_counts, strict=True):
            if kind[i] >= 0 and kind[j] >= 0:
                expected[kind[i], kind[j]] += times[i] * times[j] * np.array([1, count])
        assert np.allclose(draws.sums[sample], expected)
        assert np.allclose(draws.pairs[sample], pairs)


def test_wilson_agrees_with_scipy():
    from scipy.stats import binomtest

    for k, n in ((0, 5), (3, 10), (10, 10), (400, 100_000)):
        expected = binomtest(k, n).proportion_ci(method="wilson")
        low, high = cg.stats.wilson(k, n)
        assert (float(low), float(high)) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_percentiles_leave_missing_samples_out():
    samples = np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
    low, high = percentiles(samples, level=0.5)
    assert (low[0], high[0]) == (1.5, 2.5)
    assert np.isnan(low[1])
