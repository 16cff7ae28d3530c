"""Synapses per um of cable: the numbers, the null, and what is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from skeletons.trees_at_random import random_cell

import connectome_graph as cg
from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, UnknownName


def straight(root_id, length, at, first=0):
    """Return a straight cable of 1 um steps with synapses at whole distances."""
    n = int(length) + 1
    points = np.column_stack([np.zeros(n), np.arange(n), np.zeros(n)])
    edges = np.column_stack([np.arange(1, n), np.arange(n - 1)])
    compartment = np.where(np.arange(n) == 0, 1, np.where(np.arange(n) <= n // 2, 3, 2))
    sites = pd.DataFrame({"synapse_id": first + np.arange(len(at)), "vertex": at})
    return skeletons.from_arrays(
        points, edges, root_id=root_id, compartment=compartment, inputs=sites
    )


@pytest.fixture
def two():
    cells = [straight(1, 20, [5, 5, 15]), straight(2, 40, [35] * 6, first=10)]
    table = pd.concat([c.inputs.assign(post=c.root_id) for c in cells]).drop(columns="vertex")
    table["pre"] = [3, 4, 3, 3, 3, 3, 4, 4, 4]
    neurons = pd.DataFrame({"root_id": [1, 2, 3, 4], "cell_type": ["A", "A", "E", "I"]})
    return skeletons.attach(cg.from_tables(table, neurons), cells), cells


def test_profile_counts_synapses_and_cable(two):
    g, cells = two
    table = skeletons.distance_profile(g, cells, bins=10)
    assert table["low_um"].tolist() == [0, 10, 20, 30, 40]
    assert table["cable_um"].tolist() == [20, 20, 10, 10, 0]
    assert table["n_synapses"].tolist() == [2, 1, 0, 6, 0]
    assert table["per_um"][:4].tolist() == [0.1, 0.05, 0, 0.6]
    assert np.isnan(table["per_um"][4])
    # 3 synapses on 20 um and 6 on 40 um, each uniform over its own cable
    np.testing.assert_allclose(table["expected"], [3.0, 3.0, 1.5, 1.5, 0])
    assert table.attrs == {"n_without_distance": 0, "n_outside_bins": 0}


def test_profile_by_source_adds_up(two):
    g, cells = two
    by_type = skeletons.distance_profile(g, cells, by_partner="cell_type", bins=10)
    assert by_type["cell_type"].unique().tolist() == ["E", "I"]
    whole = skeletons.distance_profile(g, cells, bins=10)
    for name in ("n_synapses", "expected"):
        np.testing.assert_allclose(by_type.groupby("low_um")[name].sum(), whole[name])


def test_profile_by_compartment_has_the_cable_of_the_compartment(two):
    g, cells = two
    table = skeletons.distance_profile(g, cells, by_synapse="compartment", bins=10)
    dendrite = table.loc[table["compartment"] == "dendrite"]
    assert dendrite["cable_um"].tolist() == [20, 10, 0, 0, 0]
    assert dendrite["n_synapses"].tolist() == [2, 0, 0, 0, 0]
    assert table.groupby("low_um")["cable_um"].sum().tolist() == [20, 20, 10, 10, 0]


def test_what_does_not_enter_is_counted(two):
    g, cells = two
    part = skeletons.distance_profile(g, cells, bins=[10, 20])
    assert part["n_synapses"].tolist() == [1]
    assert part.attrs["n_outside_bins"] == 8
    missing = g.annotate_synapses({"distance_to_root_um": np.full(9, np.nan)})
    empty = skeletons.distance_profile(missing, cells, bins=10)
    assert empty["n_synapses"].sum() == 0
    assert empty.attrs["n_without_distance"] == 9


def test_null_range_covers_synapses_that_are_uniform_over_cable():
    rng = np.random.default_rng(0)
    inside = total = 0
    for _ in range(30):
        cell = straight(1, 100, rng.integers(1, 101, 200))
        table = cell.inputs.drop(columns="vertex").assign(pre=3, post=1)
        g = skeletons.attach(cg.from_tables(table, unknown="add"), [cell])
        profile = skeletons.distance_profile(g, [cell], bins=np.arange(0.5, 101, 10))
        hit = profile["n_synapses"].between(profile["null_low"], profile["null_high"])
        inside += int(hit.sum())
        total += len(hit)
        assert profile["expected"].sum() == pytest.approx(profile["n_synapses"].sum())
    assert 0.92 < inside / total <= 1


def test_cable_of_a_random_cell_is_kept():
    cell = random_cell(np.random.default_rng(2), 50, n_inputs=30)
    table = cell.inputs.drop(columns="vertex").assign(pre=3, post=1)
    g = skeletons.attach(cg.from_tables(table, unknown="add"), [cell])
    profile = skeletons.distance_profile(g, [cell], bins=7.5)
    assert profile["cable_um"].sum() == pytest.approx(cell.edge_length_um.sum(), rel=1e-12)
    assert profile["n_synapses"].sum() == 30


def test_mistakes_are_named(two):
    g, cells = two
    with pytest.raises(UnknownName, match="attach skeletons first"):
        skeletons.distance_profile(g, cells, side="pre")
    with pytest.raises(UnknownName, match="Did you mean 'compartment'"):
        skeletons.distance_profile(g, cells, by_synapse="compartmen")
    for bins in (0, [3, 2], [1]):
        with pytest.raises(InvalidArgument, match="bins"):
            skeletons.distance_profile(g, cells, bins=bins)
