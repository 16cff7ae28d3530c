"""Two connectomes without matched neurons: exact tests, clusters, and how often they err."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

import connectome_graph as cg
from connectome_graph.comparison._block_sums import block_means
from connectome_graph.comparison._two_means import exact
from connectome_graph.errors import InvalidArgument, UnknownName
from definitions.stats import no_likelier, pairs, type_blocks
from strategies import graphs


def slow_variance(g, codes, s, t, of):
    """Return the sum of products of residuals over all pairs of pairs that share a neuron."""
    counts = {
        (i, j): c
        for i, j, c in zip(*(e.tolist() for e in g.edge_codes), g.edge_counts.tolist(), strict=True)
    }
    units = [
        (i, j)
        for i, j in sorted(pairs(g) if of == "pairs" else counts)
        if codes[i] == s and codes[j] == t and i != j
    ]
    value = {
        pair: (pair in counts) * 1.0 if of == "pairs" else float(counts[pair]) for pair in units
    }
    if not units:
        return 0.0, 0.0
    mean = sum(value.values()) / len(units)
    total = 0.0
    for one, other in itertools.product(units, units):
        if set(one) & set(other):
            total += (value[one] - mean) * (value[other] - mean)
    return mean, total


@settings(max_examples=40)
@given(graphs(max_neurons=7, max_synapses=40, pair_sets=True))
def test_clusters_add_up_pairs_that_share_a_neuron(g: cg.ConnectomeGraph) -> None:
    labels = g.labels("cell_type")
    found = block_means(g, labels.codes, len(labels), of="pairs")
    for s, t in itertools.product(range(len(labels)), repeat=2):
        mean, total = slow_variance(g, labels.codes, s, t, "pairs")
        assert np.nan_to_num(found.mean[s, t]) == pytest.approx(mean)
        assert found.clustered[s, t] == pytest.approx(total, abs=1e-9)


@settings(max_examples=30)
@given(graphs(max_neurons=6, pair_sets=True), graphs(max_neurons=6, pair_sets=True))
def test_values_are_those_of_the_blocks(a: cg.ConnectomeGraph, b: cg.ConnectomeGraph) -> None:
    table = cg.compare_connectomes(a, b, by="cell_type")
    for side, g in (("a", a), ("b", b)):
        blocks = type_blocks(g, g.neurons["cell_type"].tolist())
        for (s, t), (n_pairs, n_edges, n_synapses) in blocks.items():
            row = table.loc[("connection_probability", s, t)]
            assert row[f"n_{side}"] == n_pairs
            if n_pairs:
                assert row[side] == pytest.approx(n_edges / n_pairs)
            if n_edges:
                strength = table.loc[("synapses_per_connection", s, t), side]
                assert strength == pytest.approx(n_synapses / n_edges)


def test_p_is_fisher_s_and_counts_are_exact(random_graph: cg.ConnectomeGraph) -> None:
    other = random_graph.subgraph(random_graph.ids[10:].tolist())
    table = cg.compare_connectomes(random_graph, other, by="cell_type")
    row = table.loc[("connection_probability", "MC", "BC")]
    k = round(row["a"] * row["n_a"]), round(row["b"] * row["n_b"])
    square = [[k[0], int(row["n_a"]) - k[0]], [k[1], int(row["n_b"]) - k[1]]]
    assert row["p"] == pytest.approx(stats.fisher_exact(square).pvalue)
    cells = table.loc[("cell_count", "MC", "all")]
    total = int(cells["a"] + cells["b"])
    assert cells["p"] == pytest.approx(stats.binomtest(int(cells["a"]), total).pvalue)
    for measure in table.index.get_level_values(0).unique():
        rows = table.loc[measure]
        for single, adjusted in (("p_clustered", "p_adjusted"), ("p", "p_exact_adjusted")):
            assert (rows[adjusted].isna() == rows[single].isna()).all()
            assert (rows[adjusted] >= rows[single] - 1e-12)[rows[single].notna()].all()
            known = rows[single].dropna()
            holm = multipletests(known, method="holm")[1]
            assert rows[adjusted].dropna().to_numpy() == pytest.approx(holm)
    # a cell is a cluster by itself
    counts = table.loc["cell_count"]
    assert (counts["p_clustered"] == counts["p"]).all()
    assert counts[["p_adjusted", "p_equivalence"]].notna().all(axis=None)


successes = st.tuples(*[st.integers(0, 40)] * 4).map(
    lambda four: ((four[0], four[1]), (four[0] + four[2], four[1] + four[3]))
)


@given(successes, st.floats(0.05, 20.0))
def test_the_exact_p_counts_the_tables_no_likelier(
    found: tuple[tuple[int, int], tuple[int, int]], odds: float
) -> None:
    k, n = found
    sides = [tuple(np.array([float(x)]) for x in each) for each in found]
    central, shifted = exact(*sides).item(), exact(*sides, odds).item()
    if not all(n):
        assert np.isnan(central)
        return
    assert central == pytest.approx(no_likelier(k, n), rel=1e-6)
    square = [[k[0], n[0] - k[0]], [k[1], n[1] - k[1]]]
    assert central == pytest.approx(stats.fisher_exact(square).pvalue, rel=1e-6)
    assert shifted == pytest.approx(no_likelier(k, n, odds), rel=1e-6)
    law = stats.nchypergeom_fisher(sum(n), sum(k), n[0], odds)
    likelihood = law.pmf(np.arange(max(0, sum(k) - n[1]), min(sum(k), n[0]) + 1))
    rare = likelihood <= law.pmf(k[0]) * (1 + 1e-7)
    assert shifted == pytest.approx(likelihood[rare].sum(), rel=1e-5, abs=1e-12)


def test_millions_of_pairs_are_exact_too() -> None:
    k, n = (15_000_000, 15_010_000), (19_000_000_000, 19_000_000_000)
    sides = [tuple(np.array([float(x)]) for x in each) for each in (k, n)]
    square = [[k[0], n[0] - k[0]], [k[1], n[1] - k[1]]]
    assert exact(*sides).item() == pytest.approx(stats.fisher_exact(square).pvalue, rel=1e-3)


def test_the_adjusted_p_is_that_of_the_odds_ratio_of_the_two_graphs() -> None:
    rng = np.random.default_rng(4)
    a, b = uneven(rng, dense=2.0), uneven(rng)
    table = cg.compare_connectomes(a, b, by="kind")
    odds = [g.n_edges / (g.domain.n_pairs - g.n_edges) for g in (a, b)]
    blocks = table.loc["connection_probability"]
    shape = table.loc["connection_probability_adjusted"]
    for place, row in blocks.iterrows():
        n = int(row["n_a"]), int(row["n_b"])
        k = round(row["a"] * n[0]), round(row["b"] * n[1])
        wanted = no_likelier(k, n, odds[0] / odds[1])
        assert shape.loc[place, "p"] == pytest.approx(wanted, rel=1e-5)
    # Neurons alike, densities apart: blocks differ, their shares do not.
    alarms = []
    for _ in range(60):
        wires = [(rng.random((30, 30)) < chance).astype(int) for chance in (0.2, 0.1)]
        for each in wires:
            np.fill_diagonal(each, 0)
        kinds = np.where(np.arange(30) < 12, "A", "B")
        cells = pd.DataFrame({"root_id": np.arange(1, 31), "kind": kinds})
        found = cg.compare_connectomes(*(cg.from_adjacency(w, cells) for w in wires), by="kind")
        alarms.append(found["p"] < 0.05)
    rate = pd.concat(alarms, axis=1).mean(axis=1)
    assert rate["connection_probability_adjusted"].max() < 0.15
    assert rate["connection_probability"].min() > 0.3


def test_complete_graphs_have_no_odds() -> None:
    full = np.ones((5, 5), int) - np.eye(5, dtype=int)
    cells = pd.DataFrame({"root_id": np.arange(1, 6), "kind": list("AABBB")})
    part = full.copy()
    part[0, 1:] = 0
    complete, other = cg.from_adjacency(full, cells), cg.from_adjacency(part, cells)
    shape = "connection_probability_adjusted"
    same = cg.compare_connectomes(complete, complete, by="kind").loc[shape]["p"]
    assert (same == 1).all()
    assert cg.compare_connectomes(complete, other, by="kind").loc[shape]["p"].isna().all()


def test_a_graph_equals_itself(random_graph: cg.ConnectomeGraph) -> None:
    table = cg.compare_connectomes(random_graph, random_graph, by="cell_type", margin=3.0)
    assert table["p"].to_numpy() == pytest.approx(1.0)
    assert table["p_clustered"].dropna().to_numpy() == pytest.approx(1.0)
    assert table.loc[("density", "all", "all"), "p_equivalence"] < 0.05
    assert table.attrs["density_ratio"] == pytest.approx(1.0)
    with pytest.raises(InvalidArgument, match="margin"):
        cg.compare_connectomes(random_graph, random_graph, by="cell_type", margin=1.0)
    with pytest.raises(UnknownName, match="cel_type"):
        cg.compare_connectomes(random_graph, random_graph, by="cel_type")


def uneven(rng: np.random.Generator, *, dense: float = 1.0, n: int = 36) -> cg.ConnectomeGraph:
    """Return a graph whose neurons differ in how much they send and receive."""
    out, into = rng.lognormal(0, 0.6, (2, n))
    chance = np.clip(dense * 0.15 * np.outer(out, into) / np.exp(0.36), 0, 0.95)
    wires = (rng.random((n, n)) < chance) * (1 + rng.poisson(out[:, None], (n, n)))
    np.fill_diagonal(wires, 0)
    kinds = np.where(np.arange(n) < 14, "A", "B")
    return cg.from_adjacency(wires, pd.DataFrame({"root_id": np.arange(1, n + 1), "kind": kinds}))


def test_p_errs_as_often_as_it_says_only_with_clusters() -> None:
    """Neurons differ, and the two graphs are draws of one rule: false alarms near 5 %."""
    rng = np.random.default_rng(0)
    tables = [cg.compare_connectomes(uneven(rng), uneven(rng), by="kind") for _ in range(150)]
    alarms = pd.concat([(t[["p", "p_clustered"]] <= 0.05) for t in tables], keys=range(150))
    rate = alarms.groupby(level=["measure", "pre_type", "post_type"]).mean()
    rate = rate.drop("cell_count")
    assert (rate["p_clustered"] <= 0.12).all()
    assert 0.015 < rate["p_clustered"].mean() < 0.08
    assert rate["p"].mean() > 0.15


def test_density_and_shape_are_told_apart() -> None:
    """A uniform gain changes densities and no adjusted block; completeness changes neither."""
    rng = np.random.default_rng(1)
    few = 30
    gain = [
        cg.compare_connectomes(uneven(rng, dense=2.5), uneven(rng), by="kind") for _ in range(few)
    ]
    assert np.mean([t.loc[("density", "all", "all"), "p_clustered"] < 0.05 for t in gain]) > 0.8
    shape = [t.loc["connection_probability_adjusted"]["p_adjusted"].min() < 0.05 for t in gain]
    assert np.mean(shape) < 0.2
    partly = []
    for _ in range(few):
        whole, other = uneven(rng), uneven(rng)
        kept = rng.random(whole.n_neurons) < 0.5
        seen = whole.filter_synapses(kept[whole.synapse_codes("pre")])
        seen = seen.observed(lambda _, kept=kept: (kept, np.ones(len(kept), bool)))
        partly.append(cg.compare_connectomes(seen, other, by="kind"))
    alarms = [t.loc[("density", "all", "all"), "p_clustered"] < 0.05 for t in partly]
    assert np.mean(alarms) < 0.2
