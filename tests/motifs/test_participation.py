"""Participation per neuron and role against nested loops, and its sums."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs._classes import CLASSES, CONNECTED, ROLES, TEMPLATES
from definitions import motifs as definition
from strategies import dense_graphs, graphs


@given(st.one_of(graphs(pair_sets=True), dense_graphs(pair_sets=True)))
def test_classes_are_nested_loops(g):
    table = cg.motifs.neuron_triads(g)
    expected = definition.participation(g)
    core = g.domain.core
    assert list(table.columns) == list(CLASSES)
    for v in range(g.n_neurons):
        for name in CLASSES:
            value = table[name].iloc[v]
            assert (value == expected[v, name]) if core[v] else pd.isna(value)


@given(dense_graphs(pair_sets=True))
def test_roles_are_nested_loops(g):
    table = cg.motifs.neuron_triads(g, split="role")
    found = definition.roles(g)
    for name in CONNECTED:
        roles = TEMPLATES[name][1]
        for role in set(roles):
            positions = frozenset(place for place, held in enumerate(roles) if held == role)
            column = table[f"{name}_{role}"].dropna()
            for v, value in zip(g.positions(column.index.tolist()), column, strict=True):
                assert value == found[int(v), name, positions]


@given(dense_graphs(pair_sets=True))
def test_sums_over_neurons_are_three_censuses(g):
    table = cg.motifs.neuron_triads(g)
    assert (table.sum() == 3 * cg.motifs.triad_census(g)).all()


def test_sums_on_a_larger_graph(random_graph):
    table = cg.motifs.neuron_triads(random_graph)
    roles = cg.motifs.neuron_triads(random_graph, split="role")
    census = cg.motifs.triad_census(random_graph)
    assert (table.sum() == 3 * census).all()
    assert list(roles.columns) == list(ROLES)
    for name in CONNECTED:
        held = roles.filter(regex=f"^{name}_")
        assert (held.sum(axis=1) == table[name]).all()
        for role in held:
            share = TEMPLATES[name][1].count(role.split("_")[1])
            assert held[role].sum() == share * census[name]


def test_an_unknown_way_is_refused():
    g = cg.from_adjacency([[0, 1], [0, 0]])
    with pytest.raises(InvalidArgument, match="'class', 'role'"):
        cg.motifs.neuron_triads(g, split="node")
