"""Excitation and inhibition: shares, bounds, trusted dendrites, and the unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, UnknownName


@pytest.fixture
def g():
    neurons = pd.DataFrame(
        {
            "root_id": [1, 2, 3, 4, 5],
            "broad_type": ["excitatory", "inhibitory", None, "excitatory", "inhibitory"],
        }
    )
    synapses = pd.DataFrame(
        {
            "pre": [1, 1, 1, 2, 3, 4, 1, 3],
            "post": [4, 4, 4, 4, 4, 4, 5, 1],
            "size": [1, 1, 1, 9, 4, 99, 2, 3.0],
            "distance_to_root_um": [5, 15, 15, 5, 25, 5, np.nan, 5],
            "compartment": ["dendrite"] * 4 + ["axon"] * 4,
        }
    )
    return cg.from_tables(synapses, neurons)


def test_balance_counts_the_unknown_as_a_class_with_bounds(g):
    table = skeletons.neuron_balance(g)
    row = table.loc[4]
    assert (row["n_excitatory"], row["n_inhibitory"], row["n_unknown"]) == (3, 1, 1)
    assert row["balance"] == 1 / 4
    assert (row["low"], row["high"]) == (1 / 5, 2 / 5)
    assert row["balance_size"] == 9 / 12
    assert (row["low_size"], row["high_size"]) == (9 / 16, 13 / 16)


def test_balance_is_missing_where_it_cannot_be_told(g):
    table = skeletons.neuron_balance(g)
    assert np.isnan(table.loc[1, "balance"])
    assert (table.loc[1, "low"], table.loc[1, "high"]) == (0, 1)
    assert table.loc[2, ["balance", "low", "high"]].isna().all()
    trusted = skeletons.neuron_balance(g.between(post=[1, 5]))
    assert trusted["n_excitatory"].notna().tolist() == [i in (1, 5) for i in trusted.index]


def test_bounds_hold_the_balance_whatever_the_unknown_are(g):
    table = skeletons.neuron_balance(g)
    for kind, column in (("excitatory", "low"), ("inhibitory", "high")):
        told = g.annotate(pd.DataFrame({"root_id": [3], "told": [kind]}))
        types = told.neuron_column("broad_type").astype(object).fillna(kind)
        filled = told.annotate(types.rename("filled"))
        settled = skeletons.neuron_balance(filled, by="filled")
        has = table["low"].notna()
        np.testing.assert_allclose(settled.loc[has, "balance"], table.loc[has, column])


def test_balance_along_the_dendrite(g):
    table = skeletons.balance_profile(g, bins=10)
    assert table["low_um"].tolist() == [0, 10, 20]
    assert table["n_excitatory"].tolist() == [1, 2, 0]
    assert table["n_inhibitory"].tolist() == [1, 0, 0]
    assert table["n_unknown"].tolist() == [1, 0, 1]
    assert table.attrs["n_without_distance"] == 1
    dendrite = skeletons.balance_profile(g, compartment="dendrite", bins=10)
    assert dendrite["n_unknown"].sum() == 0


def test_aggregated_rows_count_as_many_synapses():
    neurons = pd.DataFrame({"root_id": [1, 2, 3], "kind": ["e", "i", "e"]})
    g = cg.from_edges(pd.DataFrame({"pre": [1, 2], "post": [3, 3], "count": [6, 2]}), neurons)
    table = skeletons.neuron_balance(g, by="kind", excitatory="e", inhibitory="i")
    assert table.loc[3, "balance"] == 2 / 8


def test_mistakes_are_named(g):
    with pytest.raises(InvalidArgument, match="Did you mean 'inhibitory'"):
        skeletons.neuron_balance(g, inhibitory="inhibitry")
    with pytest.raises(InvalidArgument, match="both classes"):
        skeletons.neuron_balance(g, inhibitory="excitatory")
    with pytest.raises(UnknownName, match="broad_type"):
        skeletons.neuron_balance(g, by="broad_typ")
