"""The edges on the domain: what a loop over the synapses finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given

import connectome_graph as cg
import strategies
from connectome_graph.graph.edges import DomainEdges
from definitions import tables as define


@given(g=strategies.graphs())
def test_edges_on_the_domain_are_their_definition(g):
    edges = DomainEdges(g._index, g.domain)
    ends = set(g.ids[g.domain.sources]), set(g.ids[g.domain.targets])
    expected = dict(sorted(define.edges(g.synapses, *ends).items()))
    pre, post = (g.ids[codes] for codes in edges.codes)
    assert list(zip(pre, post, strict=True)) == list(expected)
    assert edges.counts.tolist() == [len(sizes) for sizes in expected.values()]
    assert edges.totals("size").tolist() == [sum(sizes) for sizes in expected.values()]
    assert list(edges.named(g.neurons.index)) == list(expected)
    size = g.synapse_column("size")
    rows = [size[a:b].tolist() for a, b in zip(*edges.runs, strict=True)]
    assert rows == list(expected.values())
    dense = np.zeros((g.domain.n_sources, g.domain.n_targets), int)
    sources, targets = (np.flatnonzero(m) for m in (g.domain.sources, g.domain.targets))
    for i, j in zip(*edges.codes, strict=True):
        dense[np.searchsorted(sources, i), np.searchsorted(targets, j)] = 1
    np.testing.assert_array_equal(g.adjacency("binary").toarray(), dense)


def test_graphs_of_the_same_edges_share_what_was_derived_from_them():
    g = cg.datasets.synthetic_column(scale=0.01)
    codes = g.edge_codes
    assert g.annotate(g.neurons[["cell_type"]], overwrite=True).edge_codes is codes
    assert g.threshold(min_synapses=2).edge_codes is not codes
    assert not any(part.flags.writeable for part in (*codes, *g.edge_runs, g.edge_counts))
