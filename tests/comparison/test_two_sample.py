"""compare_graphs: exact under exchange, and nothing moves that could not be seen twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph.comparison import compare_graphs
from connectome_graph.errors import InvalidArgument


def edges(g):
    return g.n_edges


def random_pair(rng, n=12, *, extra=0.0):
    first, second = (rng.random((n, n)) < p for p in (0.3 + extra, 0.3))
    return cg.from_adjacency(first.astype(int)), cg.from_adjacency(second.astype(int))


@pytest.mark.parametrize("exchange", ["dyads", "outputs", "inputs"])
def test_every_exchange_keeps_the_two_graphs_together(exchange):
    a, b = random_pair(np.random.default_rng(0))

    def both(g):
        return pd.Series(g.adjacency("count").toarray().ravel(), index=range(144))

    found = compare_graphs(a, b, statistic=both, exchange=exchange, n=20, seed=1)
    # a pair's difference only ever keeps or changes its sign
    assert (found.samples.abs() == found.observed.abs()).all(axis=None)
    assert not (found.samples == found.observed).all(axis=None)
    signs = (found.samples * found.observed).to_numpy().reshape(20, 12, 12)
    for sample in signs:
        flipped = {"dyads": sample, "outputs": sample, "inputs": sample.T}[exchange]
        if exchange == "dyads":
            differs = (sample != 0) & (sample.T != 0)
            assert (np.sign(sample) == np.sign(sample.T))[differs].all()
        else:
            assert all(len({*np.sign(row[row != 0])}) <= 1 for row in flipped)


def test_equal_laws_are_not_told_apart_and_others_are():
    rng = np.random.default_rng(3)
    p = [
        compare_graphs(*random_pair(rng), statistic=edges, n=19, seed=k).table["p"].iloc[0]
        for k in range(40)
    ]
    assert np.mean(np.array(p) <= 0.1) < 0.25
    a, b = random_pair(rng, n=20, extra=0.3)
    assert compare_graphs(a, b, statistic=edges, n=99, seed=1).table["p"].iloc[0] == 0.02


def test_neurons_are_matched_by_a_column_and_order_does_not_matter():
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 3, (6, 6))
    order = rng.permutation(6)
    names = pd.Series([f"cell {k}" for k in range(6)])
    table = {"root_id": np.arange(1, 7), "name": names}
    a = cg.from_adjacency(counts, pd.DataFrame(table))
    table = {"root_id": np.arange(11, 17), "name": names[order].to_numpy()}
    b = cg.from_adjacency(counts[np.ix_(order, order)], pd.DataFrame(table))
    found = compare_graphs(a, b, statistic=edges, match="name", n=10, seed=1)
    # the same connections under other ids: every exchange changes nothing
    assert found.observed["edges"] == 0
    assert (found.samples["edges"] == 0).all()
    with pytest.raises(InvalidArgument, match="no neurons"):
        compare_graphs(a, b, statistic=edges, n=10, seed=1)
    twice = b.annotate(pd.DataFrame({"root_id": b.ids, "name": "x"}), overwrite=True)
    with pytest.raises(InvalidArgument, match="names several"):
        compare_graphs(a, twice, statistic=edges, match="name", n=10, seed=1)


def test_what_was_seen_in_one_graph_only_stays():
    ones = 1 - np.eye(4, dtype=int)
    a = cg.from_adjacency(ones)
    b = cg.from_adjacency(0 * ones).between(pre=np.array([True, True, False, False]))
    found = compare_graphs(a, b, statistic=edges, exchange="outputs", n=30, seed=1)
    assert found.parts.loc["edges"].tolist() == [12, 0]
    # neurons 2 and 3 have no observable outputs in b: their 6 edges stay in a
    assert set(found.samples["edges"]) <= {12, 6, 0}
    assert found.samples["edges"].min() >= 0
    assert found.provenance.steps[-1].facts["n_units"] == 2


def test_neurons_that_vary_do_not_make_graphs_differ():
    # Neurons send more or less in each graph, independently: no difference between the graphs.
    rates = {}
    for exchange in ("outputs", "dyads"):
        rng, below = np.random.default_rng(5), 0
        for seed in range(40):
            pair = []
            for _ in range(2):
                rate = 0.15 * rng.gamma(0.7, 1 / 0.7, 24)
                matrix = (rng.random((24, 24)) < rate[:, None]) & ~np.eye(24, dtype=bool)
                pair.append(cg.from_adjacency(matrix.astype(int)))
            found = compare_graphs(
                *pair, lambda g: {"edges": g.n_edges}, exchange=exchange, n=59, seed=seed
            )
            below += found.table.loc["edges", "p"] <= 0.05
        rates[exchange] = below / 40
    assert rates["outputs"] <= 0.15
    assert rates["dyads"] > 0.15
    default = compare_graphs(*pair, lambda g: {"edges": g.n_edges}, n=9)
    assert default.provenance.fact("exchange") == "outputs"
