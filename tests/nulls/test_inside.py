"""Every sample of every null is a graph on the observed neurons and domain, its edges inside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph import nulls
from connectome_graph.errors import InvalidArgument
from strategies import graphs


def pairs_outside(g):
    """Return the connected pairs outside the domain, from the synapse table alone."""
    where = {int(root): k for k, root in enumerate(g.ids)}
    rows = {(where[i], where[j]) for i, j in g.synapses[["pre", "post"]].to_numpy()}
    sources, targets = g.domain.sources, g.domain.targets
    return {(i, j) for i, j in rows if i == j or not (sources[i] and targets[j])}


def putting(pairs):
    """Return a null function that makes the given pairs, and nothing else."""

    def null(g, rng):
        ends = np.array(sorted(pairs), np.int32).reshape(-1, 2)
        return g.rewired(ends[:, 0], ends[:, 1], verb="put", sentence="Pairs were put.")

    return null


@given(graphs(max_neurons=5), st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4))))
def test_a_new_pair_outside_is_refused_and_no_other(g, pairs):
    pairs = {(i, j) for i, j in pairs if max(i, j) < g.n_neurons}
    made = putting(pairs)(g, None)
    new = pairs_outside(made) - pairs_outside(g)

    def edges(g):
        return g.n_edges

    if not new:
        found = cg.compare(g, edges, null=putting(pairs), n=2)
        assert found.samples["edges"].tolist() == [made.n_edges] * 2
        return
    i, j = min(new)
    with pytest.raises(InvalidArgument, match=rf"first: {g.ids[i]} -> {g.ids[j]}"):
        cg.compare(g, edges, null=putting(pairs), n=2)
    dropped = cg.compare(g, edges, null=putting(pairs), n=2, outside="drop")
    assert dropped.samples["edges"].tolist() == [made.n_edges] * 2
    assert dropped.provenance.fact("outside") == "drop"
    assert dropped.provenance.fact("n_outside_first_sample") == len(new)
    assert "left out" in str(dropped.provenance)


def test_as_many_edges_outside_as_before_are_not_enough():
    # numbers agree, pairs do not: the edge that was inside and the one outside changed places
    full = cg.from_adjacency([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    g = full.observed(lambda table: (table.index == full.ids[0], table.index != full.ids[0]))
    assert (g.n_edges, g.n_edges_outside) == (1, 1)
    with pytest.raises(InvalidArgument, match=f"first: {g.ids[2]} -> {g.ids[1]}"):
        cg.compare(g, lambda g: g.n_edges, null=putting({(0, 2), (2, 1)}), n=2)


def test_a_strict_domain_is_not_left_in_silence(random_graph):
    g = random_graph.observed(lambda table: (table["status_axon"], np.ones(len(table), bool)))

    def shuffled(g, rng):
        pre, post = g.edge_codes
        return g.rewired(rng.permutation(g.n_neurons)[pre], post, verb="x", sentence=".")

    with pytest.raises(InvalidArgument, match="outside the domain") as caught:
        cg.compare(g, cg.stats.density, null=shuffled, n=4, seed=1)
    assert "This happened in sample" in "".join(caught.value.__notes__)
    with pytest.raises(InvalidArgument, match="outside the domain"):
        cg.motifs.significance(g, null=shuffled, n=4, seed=1)


class Elsewhere(nulls.NullModel):
    """Returns what it was given."""

    def __init__(self, result):
        self.result = result

    @property
    def preserves(self):
        return {}

    def prepare(self, _):
        return lambda rng: self.result


def test_other_neurons_domains_and_things_are_told(random_graph):
    g = random_graph
    cases = {
        "returned DataFrame": g.edges,
        "59 neurons instead of 60": g.subgraph(g.ids[1:]),
        "other neurons": cg.from_tables(g.synapses, g.neurons.iloc[::-1].reset_index()),
        "another domain": g.observed(lambda table: (table["status_axon"], table["x_um"] > 60)),
    }
    for told, result in cases.items():
        with pytest.raises(InvalidArgument, match=told):
            Elsewhere(result).sample(g, 1)
    with pytest.raises(InvalidArgument, match="outside"):
        cg.compare(g, lambda g: g.n_edges, null=nulls.ErdosRenyi(), n=2, outside="keep")


def test_a_graph_built_anew_is_as_good_as_a_rewired_one(random_graph):
    again = cg.from_tables(random_graph.synapses, random_graph.neurons.reset_index())
    assert Elsewhere(again).sample(random_graph, 1) == again
    named = again.observed(lambda table: (np.ones(60, bool), np.ones(60, bool)))
    assert Elsewhere(named).sample(random_graph, 1) == named


def test_labels_that_move_leave_what_is_outside_where_it_is(random_graph):
    g = random_graph.observed(lambda table: (table["status_axon"], table["x_um"] > 60))
    assert g.n_edges_outside
    sample = nulls.LabelShuffle("cell_type").sample(g, 1)
    assert sample.n_edges_outside == g.n_edges_outside
    assert isinstance(sample.neurons, pd.DataFrame)
