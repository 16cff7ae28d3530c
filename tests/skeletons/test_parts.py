"""Subtrees, paths and masks keep the distances of the whole cell."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skeletons.trees_at_random import random_cell

from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, UnknownName

drawn = given(seed=st.integers(0, 10**6), n=st.integers(3, 40))


@drawn
def test_masked_cells_keep_distance_and_node_ids(seed, n):
    rng = np.random.default_rng(seed)
    cell = random_cell(rng, n, n_inputs=20)
    keep = rng.random(n) < 0.6
    keep[seed % n] = True
    part = skeletons.mask(cell, keep=keep)
    np.testing.assert_array_equal(part.node_id, cell.node_id[keep])
    np.testing.assert_allclose(part.distance_to_root_um, cell.distance_to_root_um[keep], rtol=1e-12)
    stays = cell.inputs.loc[keep[cell.inputs["vertex"]]]
    assert part.inputs["synapse_id"].tolist() == stays["synapse_id"].tolist()
    np.testing.assert_array_equal(
        part.node_id[part.inputs["vertex"]], cell.node_id[stays["vertex"]]
    )


@drawn
def test_masking_twice_is_masking_once(seed, n):
    rng = np.random.default_rng(seed)
    cell = random_cell(rng, n)
    first, second = rng.random(n) < 0.7, rng.random(n) < 0.7
    first[seed % n] = second[seed % n] = True
    once = skeletons.mask(cell, keep=first & second)
    twice = skeletons.mask(skeletons.mask(cell, keep=first), keep=second[first])
    np.testing.assert_array_equal(once.parent, twice.parent)
    np.testing.assert_allclose(once.distance_to_root_um, twice.distance_to_root_um, rtol=1e-12)


@drawn
def test_path_is_the_one_networkx_finds(seed, n):
    rng = np.random.default_rng(seed)
    cell = random_cell(rng, n)
    start, stop = (int(node) for node in rng.integers(0, n, 2))
    witness = nx.shortest_path(skeletons.to_networkx(cell).to_undirected(), start, stop)
    assert skeletons.path(cell, start=start, stop=stop).tolist() == witness


def test_compartments_are_masked_by_name():
    cell = random_cell(np.random.default_rng(0), 60)
    dendrite = skeletons.mask(cell, compartment="dendrite")
    assert set(dendrite.compartment) == {3}
    both = skeletons.mask(cell, compartment=("dendrite", "apical"))
    assert set(both.compartment) == {3, 4}
    assert dendrite.root is None


def test_subtree_hangs_below_its_top():
    cell = random_cell(np.random.default_rng(0), 60)
    part = skeletons.subtree(cell, 7)
    tree = skeletons.to_networkx(cell)
    assert set(part.node_id) == {7, *nx.descendants(tree, 7)}


def test_mistakes_are_named():
    cell = random_cell(np.random.default_rng(0), 10)
    with pytest.raises(UnknownName, match="no node 99"):
        skeletons.subtree(cell, 99)
    with pytest.raises(InvalidArgument, match="custom"):
        skeletons.mask(cell, compartment="custom")
    with pytest.raises(InvalidArgument, match="Did you mean 'dendrite'"):
        skeletons.mask(cell, compartment="dendrites")
    with pytest.raises(InvalidArgument, match="not both"):
        skeletons.mask(cell)
    with pytest.raises(InvalidArgument, match="10 booleans"):
        skeletons.mask(cell, keep=np.ones(10))
    pieces = skeletons.mask(cell, keep=np.arange(10) != cell.root)
    tops = pieces.node_id[pieces.parent < 0]
    if len(tops) > 1:
        with pytest.raises(InvalidArgument, match="different pieces"):
            skeletons.path(pieces, start=int(tops[0]), stop=int(tops[1]))
