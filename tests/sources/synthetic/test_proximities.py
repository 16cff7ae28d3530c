"""Generated proximities: they agree with the wiring, and longer co-travel means more synapses."""

from __future__ import annotations

import numpy as np
import pytest

import connectome_graph as cg
from connectome_graph.errors import UnknownName


@pytest.fixture(scope="module")
def column():
    return cg.datasets.synthetic_column(scale=0.05)


def test_every_connected_pair_has_met_and_others_have_too(column):
    met = column.within(cg.datasets.synthetic_proximities(column), exposure="co_travel_um")
    assert met.n_edges == column.n_edges
    assert met.n_edges_outside == 0
    assert 3 * column.n_edges < met.domain.n_pairs <= 4 * column.n_edges
    assert (met.domain.pairs.exposure > 0).all()


def test_the_seed_decides(column):
    one, again, other = (cg.datasets.synthetic_proximities(column, seed=s) for s in (1, 1, 2))
    assert one.equals(again)
    assert not one.equals(other)
    assert one[["pre", "post"]].duplicated().sum() == 0
    assert (one["n_proximities"] >= 1).all()


def test_longer_co_travel_means_more_synapses(column):
    met = column.within(cg.datasets.synthetic_proximities(column), exposure="co_travel_um")
    pairs = met.domain.pairs
    synapses = np.zeros(len(pairs))
    synapses[pairs.places(*met.edge_codes)] = met.edge_counts
    long = pairs.exposure > np.median(pairs.exposure)
    assert synapses[long].mean() > 1.5 * synapses[~long].mean()


def test_neurons_need_positions():
    with pytest.raises(UnknownName, match="no column 'x_um'"):
        cg.datasets.synthetic_proximities(cg.from_adjacency([[0, 1], [1, 0]]))
