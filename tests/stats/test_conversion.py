"""Conversion of pairs that could have met: loops over the pairs, and intervals that cover."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._spread import Spread, positive_interval
from definitions import stats as define
from definitions import two_way


def near(a, b):
    return (math.isnan(a) and math.isnan(b)) or a == pytest.approx(b, rel=1e-9, abs=1e-12)


def met(g):
    """Return {pair: (exposure, synapses)} of the pairs of a domain."""
    pairs = g.domain.pairs
    exposure = np.ones(len(pairs)) if pairs.exposure is None else pairs.exposure
    count = dict(
        zip(
            zip(*(c.tolist() for c in g.edge_codes), strict=True),
            g.edge_counts.tolist(),
            strict=True,
        )
    )
    ends = zip(pairs.pre.tolist(), pairs.post.tolist(), strict=True)
    return {pair: (x, count.get(pair, 0)) for pair, x in zip(ends, exposure, strict=True)}


@given(g=strategies.dense_graphs(pair_sets=True))
def test_conversion_is_counted_over_the_pairs(g):
    if g.domain.pairs is None:
        with pytest.raises(InvalidArgument, match="over the pairs that could have met"):
            cg.stats.conversion(g)
        return
    assert set(met(g)) == define.pairs(g)
    types = g.neurons["cell_type"].tolist()
    expected = defaultdict(lambda: np.zeros(4))
    for (i, j), (x, k) in met(g).items():
        expected[types[i], types[j]] += (1, k > 0, k, x)
    table = cg.stats.conversion(g, by="cell_type")
    for row in table.itertuples():
        pairs, edges, synapses, x = expected[row.pre_type, row.post_type]
        assert (row.n_pairs, row.n_edges, row.n_synapses) == (pairs, edges, synapses)
        assert near(row.connections_per_pair, edges / pairs if pairs else math.nan)
        if g.domain.pairs.exposure is not None:
            assert near(row.exposure, x)
            assert near(row.connections_per_exposure, edges / x if x else math.nan)
            assert near(row.synapses_per_exposure, synapses / x if x else math.nan)
        if not math.isnan(row.connections_per_pair_low):
            assert row.connections_per_pair_low <= row.connections_per_pair + 1e-12
            assert row.connections_per_pair <= row.connections_per_pair_high + 1e-12
    whole = cg.stats.conversion(g).iloc[0]
    assert whole["n_synapses"] == sum(k for _, k in met(g).values())


@given(g=strategies.dense_graphs(max_neurons=6, pair_sets=True))
def test_the_variance_is_that_of_its_definition_and_of_density(g):
    if g.domain.pairs is None or not g.n_edges:
        return
    found, density = cg.stats.conversion(g).iloc[0], cg.stats.density(g)
    for end in ("low", "high"):
        assert near(found[f"connections_per_pair_{end}"], density[end])
    pairs = met(g)
    if g.domain.pairs.exposure is None or not sum(x for x, _ in pairs.values()):
        return
    sources, targets = (
        set(np.flatnonzero(m).tolist()) for m in (g.domain.sources, g.domain.targets)
    )
    y, x = ({pair: both[k] for pair, both in pairs.items()} for k in (1, 0))
    variance, df = two_way.block(list(pairs), sources, targets, y, x)
    rate = found["synapses_per_exposure"]
    low, high = positive_interval(rate, Spread(np.array(variance), np.array(df)), level=0.95)
    if variance > 1e-12 and min(len(sources), len(targets)) > 1:
        assert near(found["synapses_per_exposure_low"], low)
        assert near(found["synapses_per_exposure_high"], high)


def test_lengths_give_synapses_per_millimetre():
    ends = {"pre": [1, 2, 1], "post": [2, 1, 3]}
    table = pd.DataFrame({**ends, "co_travel_um": [500.0, 500.0, 1000.0]})
    g = cg.from_adjacency([[0, 3, 0], [1, 0, 0], [0, 0, 0]]).within(table, exposure="co_travel_um")
    row = cg.stats.conversion(g).iloc[0]
    assert row["synapses_per_mm"] == 2.0
    assert row["synapses_per_mm_low"] == 1000 * row["synapses_per_exposure_low"]
    area = table.rename(columns={"co_travel_um": "area"})
    assert "synapses_per_mm" not in cg.stats.conversion(THREE.within(area, exposure="area"))
    assert "exposure" not in cg.stats.conversion(THREE.within(area))


THREE = cg.from_adjacency([[0, 3, 0], [1, 0, 0], [0, 0, 0]])


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 0.8])
def test_intervals_cover_the_truth(spread):
    # Neurons differ in how readily they connect (log-normal), pairs in how long they travel.
    rng = np.random.default_rng(11)
    n, truth, inside = 60, 0.02, np.zeros(3)
    runs = 200
    for _ in range(runs):
        where = np.argwhere((rng.random((n, n)) < 0.3) & ~np.eye(n, dtype=bool))
        own, other = (np.exp(rng.normal(-(spread**2) / 2, spread, n)) for _ in range(2))
        x = rng.gamma(2.0, 3.0, len(where))
        mean = truth * x * own[where[:, 0]] * other[where[:, 1]]
        counts = rng.poisson(mean)
        table = pd.DataFrame({"pre": where[:, 0] + 1, "post": where[:, 1] + 1, "um": x})
        matrix = np.zeros((n, n), int)
        matrix[where[:, 0], where[:, 1]] = counts
        row = cg.stats.conversion(cg.from_adjacency(matrix).within(table, exposure="um")).iloc[0]
        low, high = row["synapses_per_exposure_low"], row["synapses_per_exposure_high"]
        inside[0] += low <= truth <= high
    assert 0.90 <= inside[0] / runs <= 0.99
