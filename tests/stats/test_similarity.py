"""Similarity of profiles, clusters and carried labels: definitions, SciPy, planted truth."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

import connectome_graph as cg
from connectome_graph._kernels import similarity as kernel
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats import _similarity
from definitions import circuits
from strategies import graphs

OF = ("inputs", "outputs", "both")
METRICS = ("cosine", "jaccard", "weighted_jaccard")


@settings(max_examples=60)
@given(
    graphs(max_neurons=6, pair_sets=True),
    st.sampled_from(OF),
    st.sampled_from(METRICS),
    st.booleans(),
)
def test_similarity_is_over_partners_seen_with_both(
    g: cg.ConnectomeGraph, of: str, metric: str, typed: bool
) -> None:
    labels = g.neurons["cell_type"].tolist() if typed else None
    table = cg.stats.similarity(
        g, of=of, metric=metric, by="cell_type" if typed else None, top=None
    )
    wanted = {
        (g.ids[i], g.ids[k]): value
        for (i, k), value in circuits.similarity(g, of, metric, labels).items()
    }
    assert table["similarity"].to_dict() == pytest.approx(wanted)


def test_cosine_is_that_of_scipy_where_nobody_is_a_partner() -> None:
    rng = np.random.default_rng(3)
    wires = np.zeros((40, 40), int)
    wires[:15, 15:] = rng.poisson(0.7, (15, 25))
    found = cg.stats.similarity(cg.from_adjacency(wires), of="outputs", top=None)
    wanted = 1 - cdist(wires[:15, 15:], wires[:15, 15:], "cosine")
    for (i, k), value in found["similarity"].items():
        assert value == pytest.approx(wanted[i - 1, k - 1])
    assert len(found) == int((wanted > 1e-12).sum()) - 15


@pytest.mark.parametrize("of", OF)
def test_the_top_is_the_top_of_all(random_graph: cg.ConnectomeGraph, of: str) -> None:
    every = cg.stats.similarity(random_graph, of=of, top=None)
    few = cg.stats.similarity(random_graph, of=of, top=4)
    pd.testing.assert_frame_equal(few, every[every["rank"] <= 4])
    assert every.groupby(level=0)["similarity"].is_monotonic_decreasing.all()


@pytest.mark.parametrize("metric", METRICS)
def test_full_profiles_are_those_looked_up(
    column: cg.ConnectomeGraph, metric: str, monkeypatch
) -> None:
    # More candidates than are added up at once, so that the later ones meet a full list.
    assert column.n_neurons > kernel._BLOCK
    found = []
    for full in (0, 10**9):
        monkeypatch.setattr(_similarity, "_FULL", full)
        found += [
            cg.stats.similarity(
                column, of=of, metric=metric, by="cell_type", top=3, candidates=chosen
            )
            for of, chosen in (("inputs", None), ("both", "cell_type != '23P'"))
        ]
    for looked_up, added in zip(found[:2], found[2:], strict=True):
        pd.testing.assert_frame_equal(looked_up, added, check_exact=True)


def test_candidates_and_neurons_choose(random_graph: cg.ConnectomeGraph) -> None:
    every = cg.stats.similarity(random_graph, top=None)
    some = cg.stats.similarity(
        random_graph, top=None, neurons="cell_type == 'MC'", candidates="status_axon"
    )
    kinds, axons = random_graph.neurons["cell_type"], random_graph.neurons["status_axon"]
    mine = (kinds[every.index.get_level_values(0)] == "MC").to_numpy()
    theirs = axons[every.index.get_level_values(1)].to_numpy()
    wanted = every["similarity"][mine & theirs]
    pd.testing.assert_series_equal(some["similarity"], wanted)


def test_threads_and_one_thread_agree(column: cg.ConnectomeGraph, monkeypatch) -> None:
    from connectome_graph._kernels import threads
    from connectome_graph.stats import _similarity

    whole = cg.stats.similarity(column, of="both", top=5)
    monkeypatch.setattr(_similarity, "_STRIDE", 100)
    monkeypatch.setattr(threads, "SMALL", 1)
    pd.testing.assert_frame_equal(cg.stats.similarity(column, of="both", top=5), whole)


def planted(rng: np.random.Generator, n: int = 90) -> cg.ConnectomeGraph:
    """Return neurons of three types that differ in whom they contact and hear."""
    kind = np.arange(n) % 3
    chance = np.array([[0.05, 0.35, 0.1], [0.1, 0.05, 0.35], [0.35, 0.1, 0.05]])
    wires = (rng.random((n, n)) < chance[np.ix_(kind, kind)]) * (1 + rng.poisson(1, (n, n)))
    np.fill_diagonal(wires, 0)
    cells = pd.DataFrame({"root_id": np.arange(1, n + 1), "kind": np.array(list("ABC"))[kind]})
    return cg.from_adjacency(wires, cells)


def twins(rng: np.random.Generator, n: int = 80) -> cg.ConnectomeGraph:
    """Return pairs of neurons with the same expected connections, among unequal partners."""
    pair = np.arange(n) % (n // 2)
    expected = rng.lognormal(0, 0.7, (n // 2, n // 2))
    expected *= np.outer(rng.lognormal(0, 0.8, n // 2), rng.lognormal(0, 0.8, n // 2))
    wires = rng.poisson(2 * expected[np.ix_(pair, pair)] / expected.mean())
    np.fill_diagonal(wires, 0)
    return cg.from_adjacency(wires, pd.DataFrame({"root_id": np.arange(1, n + 1), "pair": pair}))


def reciprocal_rank(g: cg.ConnectomeGraph) -> float:
    """Return the mean of one over the rank of a neuron's twin."""
    table = cg.stats.similarity(g, of="both", top=None)
    pair = g.neurons["pair"]
    first, second = (pair[table.index.get_level_values(k)].to_numpy() for k in (0, 1))
    return float((1 / table["rank"].to_numpy()[first == second]).sum() / g.n_neurons)


def test_ranking_on_the_domain_beats_ranking_on_zeros() -> None:
    """With 30 % of axons kept, the outputs of the others are unknown and no zeros."""
    rng = np.random.default_rng(0)
    better = []
    for _ in range(10):
        g = twins(rng)
        kept = rng.random(g.n_neurons) < 0.3
        zeros = g.filter_synapses(kept[g.synapse_codes("pre")])
        domain = zeros.observed(lambda _, kept=kept: (kept, np.ones(len(kept), bool)))
        better.append(reciprocal_rank(domain) - reciprocal_rank(zeros))
    assert np.mean(better) > 0.03
    assert np.mean(better) > 2 * np.std(better) / np.sqrt(len(better))


def test_clusters_are_those_of_scipy_and_find_the_types() -> None:
    g = planted(np.random.default_rng(1))
    table = cg.stats.similarity(g, of="both", top=None)
    found = cg.stats.cluster_similarity(table, n_clusters=3)
    pairs = itertools.combinations(g.ids.tolist(), 2)
    kinds, labels = g.neurons["kind"], found.labels
    same = [(kinds[a] == kinds[b]) == (labels[a] == labels[b]) for a, b in pairs]
    assert np.mean(same) > 0.9
    assert sorted(found.order.tolist()) == g.ids.tolist()
    drawn = found.dendrogram()
    assert drawn["ivl"] == [str(root) for root in found.order]
    assert labels[found.order].is_monotonic_increasing
    cut = cg.stats.cluster_similarity(table, min_similarity=0.99)
    assert cut.labels.nunique() == g.n_neurons
    square = cg.stats.similarity_matrix(table)
    assert (square.to_numpy() == square.to_numpy().T).all()
    with pytest.raises(InvalidArgument, match="one of the two"):
        cg.stats.cluster_similarity(table)
    with pytest.raises(InvalidArgument, match="similarity table"):
        cg.stats.cluster_similarity(square, n_clusters=2)


def test_labels_are_carried_over_and_their_accuracy_is_true() -> None:
    g = planted(np.random.default_rng(2))
    truth = g.neurons["kind"]
    rng = np.random.default_rng(0)
    hidden = rng.random(g.n_neurons) < 0.3
    partly = g.annotate(truth.mask(hidden).to_frame("kind"), overwrite=True)
    found = cg.stats.transfer_labels(partly, "kind", min_share=0.6)
    assert set(found.labels.index) == set(g.ids[hidden])
    given_label = found.labels["label"].dropna()
    right = (given_label == truth[given_label.index]).mean()
    assert right > 0.8
    assert found.accuracy["accuracy"] == pytest.approx(right, abs=0.15)
    assert found.by_type["n_labelled"].sum() == int((~hidden).sum())
    strict = cg.stats.transfer_labels(partly, "kind", min_share=1.0)
    assert strict.accuracy["coverage"] <= found.accuracy["coverage"]
    none = cg.stats.transfer_labels(partly, "kind", min_similarity=1.0)
    assert none.labels["label"].isna().all()
    assert none.accuracy["coverage"] == 0
    by_type = cg.stats.transfer_labels(partly, "kind", profile_by="kind")
    assert by_type.accuracy["accuracy"] > 0.6


def test_labels_without_structure_are_carried_over_by_chance_alone() -> None:
    """The cross-validated accuracy of labels that mean nothing is that of guessing."""
    rng = np.random.default_rng(4)
    g = planted(rng)
    labels = pd.Series(rng.permutation(np.repeat(["A", "B"], 45)), g.ids, name="noise")
    found = cg.stats.transfer_labels(g.annotate(labels.rename_axis("root_id").to_frame()), "noise")
    assert 0.3 < found.accuracy["accuracy"] < 0.7


def test_similarity_against_a_null(random_graph: cg.ConnectomeGraph) -> None:
    def within(g: cg.ConnectomeGraph) -> float:
        return float(cg.stats.similarity(g, top=None)["similarity"].mean())

    null = cg.nulls.Configuration()
    assert cg.compare(random_graph, within, null=null, n=5, seed=0).table["observed"].item() > 0
    table = cg.compare(
        random_graph.subgraph("cell_type == 'MC'"), cg.stats.similarity, null=null, n=3, seed=0
    ).table
    assert table.index.nlevels == 3
