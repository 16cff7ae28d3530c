"""Proofreading policies: trust from CAVE's columns, and the domains they make."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName
from connectome_graph.model import policies

BASE = 864691135000000001


def cells(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"root_id": BASE + np.arange(n), **columns}).set_index("root_id")


# status_axon, strategy_axon, status_dendrite, strategy_dendrite -> axon trust, dendrite trust
MICRONS = [
    (False, "none", True, "dendrite_clean", 0, 1),
    (True, "axon_partially_extended", True, "dendrite_extended", 1, 2),
    (True, "axon_interareal", True, "dendrite_extended", 1, 2),
    (True, "axon_column_truncated", False, "none", 1, 1),
    (True, "axon_fully_extended", True, "dendrite_clean", 2, 1),
    (True, None, False, None, 1, 1),
    (True, "none", False, None, 1, 1),
    (False, "axon_fully_extended", False, None, 0, 1),
]


@pytest.mark.parametrize("text", [False, True])
def test_trust_follows_the_table(text):
    status_axon, axon, status_dendrite, dendrite, *expected = zip(*MICRONS, strict=True)
    if text:
        status_axon, status_dendrite = (
            ["t" if value else "f" for value in values] for values in (status_axon, status_dendrite)
        )
    table = policies.trust(
        cells(
            status_axon=status_axon,
            strategy_axon=axon,
            status_dendrite=status_dendrite,
            strategy_dendrite=dendrite,
        )
    )
    assert table["axon_trust"].tolist() == list(expected[0])
    assert table["dendrite_trust"].tolist() == list(expected[1])


def test_policies_ask_for_trust():
    table = cells(axon_trust=[0, 1, 2, 2], dendrite_trust=[2, 1, 0, 1])
    for policy, sources, targets in (
        ("strict", [0, 0, 1, 1], [1, 1, 0, 1]),
        ("permissive", [0, 1, 1, 1], [1, 1, 0, 1]),
        ("all", [1, 1, 1, 1], [1, 1, 1, 1]),
        (policies.Policy("mine", axon=1, dendrite=2), [0, 1, 1, 1], [1, 0, 0, 0]),
    ):
        found = policies.observable(table, policy)
        assert found[0].tolist() == list(map(bool, sources))
        assert found[1].tolist() == list(map(bool, targets))
    assert found[2] == "mine"


def test_trust_columns_win_over_status():
    table = cells(
        axon_trust=[2, None], status_axon=[False, True], strategy_axon=["none", "none"],
        valid_id=[5, 5],
    )  # fmt: skip
    assert policies.trust(table)["axon_trust"].tolist() == [2, 0]


def test_fly_data_trusts_axons_and_not_dendrites():
    g = cg.from_adjacency(
        np.ones((3, 3), int),
        cells(axon_trust=[2, 2, 2], dendrite_trust=[0, 1, 0]).reset_index(),
    ).observed("strict")
    assert (g.domain.n_sources, g.domain.n_targets, g.n_edges) == (3, 1, 2)


def test_an_axon_without_a_soma_is_a_source_and_never_a_target():
    table = cells(
        status_axon=[True, True], strategy_axon=["axon_fully_extended"] * 2, has_soma=[True, False]
    )
    sources, targets, _, facts = policies.observable(table, "strict")
    assert sources.tolist() == [True, True]
    assert targets.tolist() == [True, False]
    assert facts["n_without_soma"] == 1
    ids = pd.array([BASE + 900, None], dtype="Int64")
    again = table.drop(columns="has_soma").assign(nucleus_id=ids)
    assert policies.observable(again, "strict")[1].tolist() == [True, False]


def test_a_neuron_that_changed_since_proofreading_is_trusted_one_level_less():
    table = cells(
        status_axon=[True] * 4,
        strategy_axon=["axon_fully_extended"] * 3 + ["axon_partially_extended"],
        strategy_dendrite=["dendrite_extended"] * 4,
    )
    # The second id differs in a digit that a float would lose; the third was never stored.
    table["valid_id"] = pd.array([BASE, BASE + 2, None, BASE + 77], dtype="Int64")
    found = policies.trust(table)
    assert found["axon_trust"].tolist() == [2, 1, 2, 0]
    assert found["dendrite_trust"].tolist() == [2, 1, 2, 1]
    assert policies.observable(table, "strict")[3]["n_changed_since_proofreading"] == 2
    with pytest.raises(InvalidTable, match="floats"):
        policies.trust(table.assign(valid_id=[1.0, 2.0, 3.0, 4.0]))


def test_what_was_assumed_is_counted():
    table = cells(status_axon=[True, True], strategy_axon=[None, "axon_fully_extended"])
    facts = policies.observable(table, "strict")[3]
    assert facts["n_axons_without_strategy"] == 1
    assert facts["axon_trust"] == [0, 1, 1]
    assert facts["dendrite_trust"] == [0, 2, 0]


def test_the_strategy_table_can_be_replaced():
    table = cells(status_axon=[True], strategy_axon=["axon_by_hand"])
    with pytest.raises(InvalidTable, match=r"axon_by_hand.*strategies="):
        policies.observable(table, "strict")
    mine = policies.Policy(
        "mine", axon=2, dendrite=1, strategies={**policies.STRATEGIES, "axon_by_hand": 2}
    )
    assert policies.observable(table, mine)[0].tolist() == [True]
    assert policies.trust(table, strategies={"axon_by_hand": 1})["axon_trust"].tolist() == [1]


def test_missing_columns_say_what_is_needed():
    for table in (cells(cell_type=["BC"]), cells(status_dendrite=[True])):
        with pytest.raises(UnknownName, match=r"'axon_trust', 'status_axon' or 'strategy_axon'"):
            policies.observable(table, "strict")
    with pytest.raises(UnknownName, match="permissive"):
        policies.observable(cells(status_axon=[True]), "strict")
    assert policies.observable(cells(status_axon=[True]), "permissive")[0].tolist() == [True]
    assert policies.observable(cells(cell_type=["BC"]), "all")[0].tolist() == [True]


@pytest.mark.parametrize(
    ("policy", "match"),
    [
        ("strct", "Did you mean 'strict'"),
        (3, "a policy is one of"),
        (lambda table: np.ones(1, bool), "two"),
        (lambda table: None, "two masks"),
        (lambda table: (np.ones(1), np.ones(1)), "float64"),
        (lambda table: (np.ones(2, bool), np.ones(2, bool)), r"\(2,\)"),
    ],
)
def test_wrong_policies_are_refused(policy, match):
    with pytest.raises(InvalidArgument, match=match):
        policies.observable(cells(axon_trust=[1]), policy)


def test_wrong_levels_are_refused():
    with pytest.raises(InvalidTable, match=r"first: row 1, 3"):
        policies.trust(cells(axon_trust=[1, 3], dendrite_trust=[1, 1]))
    with pytest.raises(InvalidArgument, match="axon"):
        policies.Policy("p", axon=3, dendrite=1)


def test_observed_is_one_step_that_reads_like_a_sentence(column):
    g = column.observed("strict")
    assert len(g.provenance.steps) == len(column.provenance.steps) + 1
    step = g.provenance.steps[-1]
    assert step.facts["policy"] == "strict"
    assert step.facts["n_edges_outside"] == g.n_edges_outside
    assert f"{g.domain.n_pairs:,} observable ordered pairs" in step.sentence
    assert "domain strict" in repr(g)
    assert g.n_edges + g.n_edges_outside == column.n_edges


def own_policy(table):
    return table["is_source"], table["is_target"]


@given(strategies.graphs(domain=False), st.lists(st.booleans(), min_size=7, max_size=7))
def test_observed_between_and_subgraph_compose_in_any_order(g, wanted):
    kept = g.ids[np.array(wanted[: g.n_neurons])]
    first = g.observed(own_policy).subgraph(kept)
    second = g.subgraph(kept).observed(own_policy)
    assert first.domain == second.domain
    assert first.equals(second)
    first = g.observed(own_policy).between(pre="cell_type == 'BC'")
    second = g.between(pre="cell_type == 'BC'").observed(own_policy)
    assert first.n_edges == second.n_edges
    assert first.domain.n_pairs == second.domain.n_pairs
    assert g.observed(own_policy).observed("all").domain == g.observed(own_policy).domain


def test_two_policies_shrink_the_domain_and_both_are_named(column):
    g = column.observed("strict").observed(policies.Policy("clean inputs", 0, 2))
    assert g.domain.policy == "strict and clean inputs"
    assert g.domain.n_sources == column.observed("strict").domain.n_sources
    assert g.domain.n_targets < column.n_neurons


def test_a_policy_may_say_its_sources_and_targets_as_expressions():
    neurons = pd.DataFrame({"status_axon": [True, False], "cell_type": ["BC", None]})
    sources, targets, name, _ = policies.observable(
        neurons, lambda table: ("status_axon", "cell_type != 'BC' or cell_type.isna()")
    )
    assert (sources.tolist(), targets.tolist(), name) == ([True, False], [False, True], "own")
