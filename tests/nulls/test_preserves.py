"""Every null model keeps exactly what it says, stays inside the domain, and does move."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph import nulls
from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName
from definitions.nulls import distance_bins
from null_models import BINS, MODELS, suited
from strategies import dense_graphs, graphs

# Drawn graphs may leave nothing to move; that is told, and tested in test_mixing.py.
pytestmark = pytest.mark.filterwarnings("ignore::connectome_graph.errors.NotMixedWarning")

models = pytest.mark.parametrize("name", MODELS)


def placed(g):
    """Return the graph with positions that depend on the order of its neurons only."""
    xyz = np.random.default_rng(g.n_neurons).uniform(0, 120, (g.n_neurons, 3))
    table = pd.DataFrame(xyz, columns=["x_um", "y_um", "z_um"], index=g.neurons.index)
    return g.annotate(table, overwrite=True)


def properties(g):
    """Return the value of every property that a null model may keep."""
    pre, post = g.edge_codes
    n, pairs = g.n_neurons, set(zip(pre.tolist(), post.tolist(), strict=True))
    mutual = [i for i, j in pairs if (j, i) in pairs]
    types = g.neuron_column("cell_type").astype(object).fillna("none").to_numpy()
    weights = g.edges.drop(columns=["pre", "post"])
    if "size" not in weights:
        weights["size"] = 0
    return {
        "edges": len(pairs),
        "dyads": (len(mutual), len(pairs)),
        "out_degree": np.bincount(pre, minlength=n).tolist(),
        "in_degree": np.bincount(post, minlength=n).tolist(),
        "mutual_degree": np.bincount(mutual, minlength=n).tolist() if mutual else [0] * n,
        "type_pairs": sorted(zip(types[pre], types[post], strict=True)),
        "distance_bins": sorted(distance_bins(g, BINS)),
        "topology": sorted(pairs),
        "labels": types.tolist(),
        "edge_weights": sorted(weights.itertuples(index=False, name=None)),
        "out_strength": np.bincount(pre, weights=g.edge_counts, minlength=n).tolist(),
        "synapses": int(g.edges["count"].sum()),
    }


def assert_valid(g, sample):
    pre, post = sample.edge_codes
    assert g.domain == sample.domain
    assert g.domain.contains(pre, post).all()
    assert (pre != post).all()
    assert len(set(zip(pre.tolist(), post.tolist(), strict=True))) == sample.n_edges
    assert sample.neurons.index.equals(g.neurons.index)


@models
@settings(max_examples=40)
@given(g=st.one_of(graphs(), dense_graphs(), graphs(text_ids=True)), seed=st.integers(0, 99))
def test_what_is_kept_exactly_is_kept_exactly(name, g, seed):
    null = MODELS[name]
    g = suited(placed(g), null)
    sample = null.sample(g, seed)
    assert_valid(g, sample)
    before, after = properties(g), properties(sample)
    for what, how in null.preserves.items():
        if how == "exact":
            assert before[what] == after[what], what


@models
def test_what_is_not_kept_changes(name, random_graph):
    null = MODELS[name]
    assert set(null.preserves) == set(nulls.PROPERTIES)
    g = suited(random_graph, null)
    samples = [properties(null.sample(g, seed)) for seed in range(3)]
    before = properties(g)
    for what, how in null.preserves.items():
        if how == "not" and not (name.startswith("WeightShuffle") and what == "type_pairs"):
            assert any(sample[what] != before[what] for sample in samples), what


@models
def test_the_seed_decides(name, random_graph):
    null = MODELS[name]
    g = suited(random_graph, null)
    one, again, other = (null.sample(g, seed) for seed in (4, 4, 5))
    assert one.equals(again)
    assert not one.equals(other)
    assert null.sample(g, np.random.default_rng(4)).equals(one)
    assert null == dataclasses.replace(null)
    assert hash(null) == hash(dataclasses.replace(null))


@models
def test_graphs_with_nothing_to_move(name):
    neurons = pd.DataFrame({"root_id": [1, 2], "cell_type": ["a", "b"], "x_um": 0.0})
    neurons["y_um"] = neurons["z_um"] = 0.0
    synapses = pd.DataFrame({"pre": [1, 1], "post": [1, 2]})
    loops = cg.from_tables(synapses.iloc[:1], neurons)
    alone = cg.from_tables(synapses, neurons)
    null = MODELS[name]
    assert null.sample(suited(loops, null), 1).n_edges == 0
    one = suited(alone.between(pre=[1], post=[2]), null)
    assert_valid(one, null.sample(one, 1))


@models
def test_graphs_of_types_are_refused_where_edges_move(name, random_graph):
    types = random_graph.collapse("cell_type")
    if name.startswith(("LabelShuffle", "WeightShuffle")):
        return
    with pytest.raises(InvalidArgument, match="distinct neurons"):
        MODELS[name].sample(types, 1)


LAWS = {
    "021D + 030T + 120D": {"021D": 1, "030T": 1, "120D": 1},
    "021U + 030T + 120U": {"021U": 1, "030T": 1, "120U": 1},
    "021C + 030T + 3*030C + 120C": {"021C": 1, "030T": 1, "030C": 3, "120C": 1},
    "111D + 2*120D + 120C + 210": {"111D": 1, "120D": 2, "120C": 1, "210": 1},
    "111U + 2*120U + 120C + 210": {"111U": 1, "120U": 2, "120C": 1, "210": 1},
    "201 + 210 + 3*300": {"201": 1, "210": 1, "300": 3},
}


def laws(g):
    census = cg.motifs.triad_census(g)
    return {law: int(sum(k * census[c] for c, k in parts.items())) for law, parts in LAWS.items()}


@given(g=st.one_of(dense_graphs(max_neurons=9), graphs(max_neurons=9)), seed=st.integers(0, 99))
def test_six_sums_over_triads_are_constant_inside_any_domain(g, seed):
    assert laws(nulls.ReciprocalConfiguration(swaps_per_edge=8).sample(g, seed)) == laws(g)


def test_six_sums_over_triads_are_constant_on_the_column(column):
    pre = np.arange(column.n_neurons) % 3 > 0
    for g in (column, column.between(pre=pre, post=np.arange(column.n_neurons) % 5 > 0)):
        sample = nulls.ReciprocalConfiguration(swaps_per_edge=8).sample(g, 1)
        assert laws(sample) == laws(g)
        assert not cg.motifs.triad_census(sample).equals(cg.motifs.triad_census(g))


def test_configuration_loses_nothing_where_an_erased_model_does(column):
    pre, post = column.edge_codes
    rng = np.random.default_rng(0)
    # stubs matched at random, with repeats merged and autapses erased, as a known peer does it
    stubs = {(i, j) for i, j in zip(pre, rng.permutation(post), strict=True) if i != j}
    assert len(stubs) < 0.96 * column.n_edges
    sample = nulls.Configuration(swaps_per_edge=8).sample(column, 0)
    assert sample.n_edges == column.n_edges
    hub = np.bincount(pre).argmax()
    assert (sample.edge_codes[0] == hub).sum() == (pre == hub).sum()
    assert sum(i == hub for i, _ in stubs) < (pre == hub).sum()


def test_maximum_entropy_keeps_degrees_on_average(random_graph):
    g = random_graph.between(pre="status_axon")
    null = nulls.MaxEntConfiguration()
    p = null.probabilities(g)
    pre, post = g.edge_codes
    assert p.sum(axis=1) == pytest.approx(np.bincount(pre, minlength=60), abs=1e-4)
    assert p.sum(axis=0) == pytest.approx(np.bincount(post, minlength=60), abs=1e-4)
    draw, rng = null.prepare(g), np.random.default_rng(2)
    mean = sum(draw(rng).adjacency("binary").toarray() for _ in range(800)) / 800
    p = p[np.ix_(g.domain.sources, g.domain.targets)]
    z = (mean - p) / np.sqrt(np.maximum(p * (1 - p), 1e-9) / 800)
    assert np.abs(z[(p > 0.02) & (p < 0.98)]).max() < 5
    assert np.square(z[(p > 0.02) & (p < 0.98)]).mean() == pytest.approx(1, abs=0.1)


def test_certain_edges_stay_under_maximum_entropy():
    ones = 1 - np.eye(4, dtype=int)
    ones[3] = [1, 0, 0, 0]
    g = cg.from_adjacency(ones)
    p = nulls.MaxEntConfiguration().probabilities(g)
    assert p.sum(axis=1) == pytest.approx([3, 3, 3, 1], abs=1e-4)
    assert (p[:3] == ones[:3]).all()


@pytest.mark.parametrize("seed", range(3))
def test_uniform_pairs_are_uniform(seed):
    g = cg.from_adjacency(np.eye(6, k=1, dtype=int)).between(
        pre=np.array([1, 1, 1, 0, 1, 0], bool), post=np.array([1, 0, 1, 1, 1, 1], bool)
    )
    null = [nulls.ErdosRenyi(), nulls.DyadErdosRenyi(), nulls.Spatial((0, 1e9))][seed]
    draw, rng = null.prepare(placed(g)), np.random.default_rng(seed)
    total = np.zeros((6, 6))
    for _ in range(4000):
        np.add.at(total, draw(rng).edge_codes, 1)
    allowed = np.outer(g.domain.sources, g.domain.targets) & ~np.eye(6, dtype=bool)
    assert (total[~allowed] == 0).all()
    core = np.outer(g.domain.core, g.domain.core) & allowed
    parts = [core, allowed & ~core] if seed == 1 else [allowed]
    for part in parts:
        mean = total[part].mean()
        assert np.abs(total[part] - mean).max() <= 5 * np.sqrt(mean)


def test_labels_stay_in_their_stratum(random_graph):
    null = nulls.LabelShuffle("cell_type", within="status_axon")
    sample = null.sample(random_graph, 1)
    before, after = random_graph.neurons, sample.neurons
    pd.testing.assert_frame_equal(
        pd.crosstab(before.status_axon, before.cell_type),
        pd.crosstab(after.status_axon, after.cell_type),
    )
    assert not before.cell_type.equals(after.cell_type)
    assert after.drop(columns="cell_type").equals(before.drop(columns="cell_type"))


def test_weights_stay_in_their_stratum(random_graph):
    sample = nulls.WeightShuffle(within="cell_type").sample(random_graph, 1)
    types = random_graph.neuron_column("cell_type").to_numpy()
    ends = [types[codes] for codes in random_graph.edge_codes]
    for column in ("count", "size"):
        groups = [
            g.edges.groupby(ends)[column].apply(lambda values: tuple(sorted(values)))
            for g in (random_graph, sample)
        ]
        assert groups[0].equals(groups[1])
        assert not random_graph.edges[column].equals(sample.edges[column])


def test_autapses_and_edges_outside_never_become_edges(random_graph):
    g = random_graph.observed(lambda table: (table["status_axon"], table["x_um"] > 60))
    assert g.n_autapses
    assert g.n_edges_outside
    sample = nulls.Configuration().sample(g, 1)
    assert sample.n_edges == g.n_edges
    assert sample.n_autapses == 0
    assert sample.n_edges_outside == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: nulls.Configuration(swaps_per_edge=0),
        lambda: nulls.Configuration(swaps_per_edge="10"),
        lambda: nulls.ReciprocalConfiguration(swaps_per_edge=float("inf")),
        lambda: nulls.TypedConfiguration(None),
        lambda: nulls.Spatial((1,)),
        lambda: nulls.Spatial((3, 2, 1)),
        lambda: nulls.Spatial("near"),
        lambda: nulls.LabelShuffle(None),
        lambda: nulls.LabelShuffle("cell_type", within="cell_type"),
        lambda: nulls.WeightShuffle(within=3),
        lambda: nulls.MaxEntConfiguration(tolerance=0),
    ],
)
def test_arguments_out_of_range_are_refused(make):
    with pytest.raises(InvalidArgument):
        make()


def test_missing_columns_and_positions_are_named(random_graph):
    with pytest.raises(UnknownName, match="cel_type"):
        nulls.TypedConfiguration("cel_type").sample(random_graph, 1)
    lost = random_graph.neurons[["x_um"]].assign(x_um=np.nan)
    with pytest.raises(InvalidTable, match="60 neurons of the domain have no position"):
        nulls.Spatial(BINS).sample(random_graph.annotate(lost, overwrite=True), 1)


def test_missing_labels_are_a_type_of_their_own(random_graph):
    labels = random_graph.neurons[["cell_type"]].mask(np.arange(60)[:, None] % 4 == 0)
    g = random_graph.annotate(labels, overwrite=True)
    sample = nulls.TypedConfiguration("cell_type").sample(g, 1)
    assert properties(sample)["type_pairs"] == properties(g)["type_pairs"]


def test_many_pairs_are_drawn_without_a_bit_each(random_graph, monkeypatch):
    from connectome_graph.nulls import _pairs as pairs

    sizes, wanted = np.array([50, 0, 7, 1000]), np.array([3, 0, 6, 400])
    monkeypatch.setattr(pairs, "_LARGEST_BITS", 0)
    drawn = pairs.distinct(np.random.default_rng(0), sizes, wanted)
    assert (np.diff(drawn) > 0).all()
    assert np.histogram(drawn, [0, 50, 57, 1057])[0].tolist() == [3, 6, 400]


def test_far_ranks_are_told_apart():
    from connectome_graph.nulls._pairs import unordered_pair

    low = np.array([0, 5, 138_998, 2_000_000_000 - 2])
    high = np.array([1, 7, 138_999, 2_000_000_000 - 1])
    found = unordered_pair(low + high * (high - 1) // 2)
    assert np.array_equal(found, (low, high))
