"""Chains decide how long they run, and say so when they get nowhere."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import nulls
from connectome_graph.errors import NotMixedWarning
from connectome_graph.nulls._chains import random_state
from connectome_graph.nulls._mixing import NAMES, told_apart
from connectome_graph.nulls._trading import settle

CLOSED = ["030T", "030C", "120D", "120U", "120C", "210", "300"]


def relaxing(time, start, *, chains=4, looks=200, seed=0):
    """Return numbers that forget their start like exp(-k / time): overlap and one other."""
    rng = np.random.default_rng(seed)
    keep = np.exp(-1 / time)
    values = np.zeros((chains, looks + 1, 2))
    values[:, 0] = [1.0, start]
    for k in range(1, looks + 1):
        noise = rng.normal(size=chains)
        values[:, k, 1] = keep * values[:, k - 1, 1] + np.sqrt(1 - keep**2) * noise
        values[:, k, 0] = 0.1 + 0.9 * np.exp(-k) + 0.01 * rng.normal(size=chains)
    return values


@pytest.mark.parametrize(("time", "start"), [(2, 5), (4, 40), (6, 0)])
def test_the_length_follows_from_how_fast_the_slowest_number_forgets(time, start):
    found = told_apart(relaxing(time, start))
    assert found.reliable
    assert found.slowest == NAMES[1]
    exact = time * np.log(max(start, 3) / 0.05)
    assert 0.6 * exact < found.passes < 2 * exact
    assert 0.6 * time * np.log(3 / 0.05) < found.apart < 2 * time * np.log(3 / 0.05)


def test_a_pilot_that_is_too_short_says_so():
    assert not told_apart(relaxing(60, 0, looks=100)).reliable


def test_the_choice_and_its_evidence_are_in_the_provenance(random_graph):
    null = nulls.Configuration()
    sample = null.sample(random_graph, 1)
    found = null.mixing(random_graph)
    assert found.mixed
    step = sample.provenance.steps[-1]
    assert step.facts["n_passes"] == found.passes
    assert step.facts["swaps_per_edge"] == "auto"
    assert step.facts["slowest"] in NAMES
    assert step.facts["autocorrelation_time"] >= 1
    assert f"{found.passes} passes" in step.sentence
    compared = cg.compare(random_graph, lambda g: g.n_edges, null=null, n=3)
    assert compared.provenance.fact("n_passes") == found.passes
    assert null.sample(random_graph, compared.stream(1)).n_edges == random_graph.n_edges


@pytest.fixture(scope="module")
def mutual_graph():
    """Return a graph whose mutual pairs lie hundreds of standard deviations off."""
    matrix = np.triu(np.random.default_rng(4).random((120, 120)) < 0.1, 1)
    return cg.from_adjacency((matrix | matrix.T).astype(int))


def test_samples_begin_at_random_graphs_where_that_saves_passes(mutual_graph):
    null, observed = nulls.Configuration(), mutual_graph.edge_codes
    found = null.mixing(mutual_graph)
    assert found.passes < found.from_graph
    before = []
    for start in found.starts:
        pre, post = start.edges()
        assert np.array_equal(np.bincount(post), np.bincount(observed[1]))
        common = np.isin(pre * 120 + post, observed[0] * 120 + observed[1]).mean()
        assert common < found.evidence["overlap_by_chance"] + 0.03
        before.append(post.copy())
    step = null.sample(mutual_graph, 1).provenance.steps[-1]
    assert step.facts["passes_to_start"] >= found.from_graph
    assert f"{step.facts['passes_to_start']} passes had led away" in step.sentence
    # samples leave the starts where they are
    now = [start.edges()[1] for start in found.starts]
    assert all(np.array_equal(*pair) for pair in zip(before, now, strict=True))
    # a length of one's own is from the observed graph
    assert not nulls.Configuration(swaps_per_edge=found.passes).mixing(mutual_graph).mixed
    assert nulls.Configuration(swaps_per_edge=found.from_graph).mixing(mutual_graph).mixed


def test_what_a_pilot_found_can_be_sent_elsewhere(mutual_graph):
    ready = settle(mutual_graph, nulls.Configuration()).null
    here, there = (
        null.prepare(mutual_graph)(np.random.default_rng(7))
        for null in (nulls.Configuration(), pickle.loads(pickle.dumps(ready)))
    )
    assert here.equals(there)
    sent = pickle.loads(pickle.dumps(ready)).found.starts
    assert len(sent) == len(ready.found.starts) > 0
    assert not any(start.edges()[0].flags.writeable for start in sent)


@pytest.mark.parametrize("kind", [nulls.Configuration, nulls.ReciprocalConfiguration])
def test_settled_means_and_spreads_on_shared_hubs(hubs, kind):
    null = kind()
    long = kind(swaps_per_edge=10 * null.mixing(hubs).from_graph)
    found = []
    for each, n in ((null, 250), (long, 60)):
        draw, streams = each.prepare(hubs), np.random.default_rng(5).spawn(n)
        rows = [cg.motifs.triad_census(draw(rng))[CLOSED] for rng in streams]
        found.append(pd.DataFrame(rows))
    short, settled = found
    error = np.sqrt(short.var() / len(short) + settled.var() / len(settled))
    assert ((short.mean() - settled.mean()).abs() <= 5 * error + 1e-9).all()
    spread = np.sqrt(short.var() / settled.var().where(settled.var() > 0))
    # the error of a ratio of standard deviations of 250 and 60 graphs
    assert ((spread.dropna() - 1).abs() <= 5 * np.sqrt(1 / 500 + 1 / 120)).all()


@pytest.mark.parametrize("p", [0.8, 0.9])
def test_dense_graphs_mix(p):
    matrix = np.random.default_rng(0).random((30, 30)) < p
    np.fill_diagonal(matrix, False)
    g = cg.from_adjacency(matrix.astype(int))
    for null in (nulls.Configuration(), nulls.ReciprocalConfiguration()):
        found = cg.compare(g, cg.motifs.triad_census, null=null, n=60)
        assert found.table["mixed"].all()
        assert found.table.loc["300", "sd"] > 0


def shared(g):
    """Return what degrees leave free, also on a rectangle: shared targets, and mutual pairs."""
    matrix = g.adjacency("binary").toarray().astype(float)
    codes = [np.flatnonzero(mask) for mask in (g.domain.sources, g.domain.targets)]
    whole = np.zeros((g.n_neurons, g.n_neurons))
    whole[np.ix_(*codes)] = matrix
    both = matrix @ matrix.T
    triads = {"mutual": (whole * whole.T).sum(), "cycles": np.trace(whole @ whole @ whole)}
    return {"squares": (both**2).sum(), **triads}


@pytest.mark.parametrize("p", [0.8, 0.9])
@pytest.mark.parametrize("square", [True, False])
def test_settled_means_and_spreads_on_dense_graphs(p, square):
    matrix = np.random.default_rng(1).random((30, 30)) < p
    np.fill_diagonal(matrix, False)
    g = cg.from_adjacency(matrix.astype(int))
    if not square:
        g = g.between(pre=g.ids[:22], post=g.ids[6:])
    null = nulls.Configuration()
    long = nulls.Configuration(swaps_per_edge=20 * null.mixing(g).passes)
    found = []
    for each, n in ((null, 200), (long, 100)):
        draw, streams = each.prepare(g), np.random.default_rng(9).spawn(n)
        found.append(pd.DataFrame([shared(draw(rng)) for rng in streams]))
    short, settled = found
    error = np.sqrt(short.var() / len(short) + settled.var() / len(settled))
    assert ((short.mean() - settled.mean()).abs() <= 4.5 * error).all()
    ratio = np.sqrt(short.var() / settled.var())
    assert ((ratio - 1).abs() <= 4.5 * np.sqrt(1 / 400 + 1 / 200)).all()


def stuck_cases():
    lacking = np.ones((20, 20), int) - np.eye(20, dtype=int)
    lacking[0, 1:5] = 0
    tournament = np.triu(np.ones((6, 6), int), 1)
    own = pd.DataFrame({"root_id": range(1, 7), "cell_type": list("abcdef")})
    ring = np.roll(np.eye(6, dtype=int), 1, axis=1)
    return {
        "lacking four": (cg.from_adjacency(lacking), nulls.Configuration()),
        "lacking four, reciprocal": (cg.from_adjacency(lacking), nulls.ReciprocalConfiguration()),
        "tournament": (cg.from_adjacency(tournament), nulls.Configuration()),
        "one neuron per type": (
            cg.from_adjacency(ring, own),
            nulls.TypedConfiguration("cell_type"),
        ),
    }


@pytest.mark.parametrize("name", stuck_cases())
def test_where_nothing_can_move_everyone_says_so(name):
    g, null = stuck_cases()[name]
    with pytest.warns(NotMixedWarning, match="one single graph"):
        sample = null.sample(g, 1)
    assert np.array_equal(sample.edge_codes[1], g.edge_codes[1])
    with pytest.warns(NotMixedWarning, match="not mixed"):
        found = cg.compare(g, cg.motifs.triad_census, null=null, n=9)
    assert not found.table["mixed"].any()
    assert "not mixed" in repr(nulls.diagnose(g, null, longest=3, chains=2))


def test_a_length_of_ones_own_that_is_too_short_is_told(hubs):
    short = nulls.Configuration(swaps_per_edge=1)
    with pytest.warns(NotMixedWarning, match="fewer than"):
        found = cg.compare(hubs, lambda g: g.n_edges, null=short, n=3)
    assert not found.table["mixed"].any()


def test_nulls_without_a_chain_are_always_mixed(random_graph):
    def function(g, rng):
        return nulls.ErdosRenyi().prepare(g)(rng)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = cg.compare(random_graph, lambda g: g.n_edges, null=nulls.ErdosRenyi(), n=3)
        own = cg.compare(random_graph, lambda g: g.n_edges, null=function, n=3)
    assert drawn.table["mixed"].all()
    assert own.table["mixed"].isna().all()


def test_lone_samples_of_large_graphs_use_all_threads(random_graph, monkeypatch):
    from connectome_graph.nulls import _chains, _trading

    null = nulls.Configuration(swaps_per_edge=4)
    monkeypatch.setattr(_chains, "LARGEST_BIT_MATRIX", 0)
    alone = null.prepare(random_graph)(np.random.default_rng(3))
    monkeypatch.setattr(_trading, "_MANY_EDGES", 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotMixedWarning)
        assert null.sample(random_graph, 3).equals(alone)


def test_weights_are_dealt_to_the_edges_of_their_neuron_at_random():
    # with sorted rows, weights that kept their places would stay with low or with high targets
    matrix = np.triu(np.ones((8, 8), int)) + np.arange(8)[:, None] % 2
    matrix[0] = [0, 9, 1, 1, 1, 0, 0, 0]
    np.fill_diagonal(matrix, 0)
    draw = nulls.Configuration(swaps_per_edge=5).prepare(cg.from_adjacency(matrix))
    samples = [draw(rng) for rng in np.random.default_rng(1).spawn(400)]
    place = [int(np.argmax(sample.edge_counts[:4])) for sample in samples]
    assert (np.bincount(place, minlength=4) > 60).all()
    assert all(sorted(sample.edge_counts[:4]) == [1, 1, 1, 9] for sample in samples)


def test_states_differ_between_samples():
    words = [random_state(rng) for rng in np.random.default_rng(0).spawn(2)]
    assert not np.array_equal(*words)
