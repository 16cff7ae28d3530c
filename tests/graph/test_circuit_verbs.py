"""Thresholds by any weight, totals that count all inputs, merged neurons, united layers."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, UnknownName
from strategies import BASE_ID, graphs


@given(graphs(), st.sampled_from(["count", "input_fraction", "output_fraction"]), st.floats(0, 3))
def test_a_threshold_keeps_the_edges_that_reach_it(
    g: cg.ConnectomeGraph, weight: str, least: float
) -> None:
    values = cg.weights.compute(g, weight)
    kept = g.threshold(weight=weight, at_least=least)
    ends = kept.edges[["pre", "post"]].itertuples(index=False, name=None)
    assert list(ends) == values.index[values >= least].tolist()
    assert kept.n_autapses == g.n_autapses
    assert kept.n_edges_outside == g.n_edges_outside


def test_a_total_counts_inputs_that_are_not_in_the_graph() -> None:
    cells = pd.DataFrame({"root_id": [1, 2, 3], "all_inputs": [10, 20, None]})
    g = cg.from_adjacency([[0, 2, 4], [5, 0, 0], [0, 3, 0]], cells)
    found = cg.weights.compute(g, "input_fraction", total="all_inputs")
    assert found.loc[2, 1] == 0.5
    assert found.loc[[(1, 2), (3, 2)]].tolist() == [0.1, 0.15]
    assert np.isnan(found.loc[1, 3])
    by_id = pd.Series({2: 20.0, 1: 10.0}).rename_axis("root_id")
    for total in (by_id, {1: 10, 2: 20}, [10, 20, np.nan]):
        again = cg.weights.compute(g, "input_fraction", total=total)
        pd.testing.assert_series_equal(again, found)
    strong = g.threshold(weight="input_fraction", at_least=0.15, total="all_inputs")
    assert strong.edges[["pre", "post"]].to_numpy().tolist() == [[2, 1], [3, 2]]
    assert strong.provenance.fact("total") == "all_inputs"
    assert strong.provenance.fact("n_without_weight") == 1
    with pytest.raises(InvalidArgument, match="not above 0"):
        cg.weights.compute(g, "input_fraction", total=[0, 20, 30])
    with pytest.raises(InvalidArgument, match="neither"):
        cg.weights.compute(g, "count", total="all_inputs")
    with pytest.raises(UnknownName, match="all_input"):
        cg.weights.compute(g, "input_fraction", total="all_input")


@given(graphs(pair_sets=True), st.sampled_from(["inputs", "outputs"]))
def test_shares_of_types_add_up_edges(g: cg.ConnectomeGraph, of: str) -> None:
    table = cg.stats.partner_fractions(g, "cell_type", of=of)
    own, other = ("post", "pre") if of == "inputs" else ("pre", "post")
    edges = g.edges
    kinds = g.neurons["cell_type"]
    for root in g.ids:
        mine = edges[edges[own] == root]
        for kind in table.columns:
            wanted = mine["count"][kinds[mine[other]].to_numpy() == kind].sum()
            found = table.loc[root, kind]
            if len(mine):
                assert found == pytest.approx(wanted / mine["count"].sum())
            else:
                assert np.isnan(found)
    halved = cg.stats.partner_fractions(g, "cell_type", of=of, total=[1000] * g.n_neurons)
    assert (halved.fillna(0) <= table.fillna(0)).all().all()


def test_a_threshold_needs_one_rule() -> None:
    g = cg.from_adjacency([[0, 2], [1, 0]])
    for options in ({}, {"weight": "count"}, {"min_synapses": 1, "weight": "count", "at_least": 1},
                    {"at_least": 1}, {"min_synapses": 2, "total": [1, 2]},
                    {"min_synapses": 0}, {"weight": "count", "at_least": "x"}):  # fmt: skip
        with pytest.raises(InvalidArgument):
            g.threshold(**options)


@pytest.mark.data
def test_the_one_percent_rule_of_the_larva(data: Path) -> None:
    del data
    g = cg.datasets.load("larva-brain-winding2023")
    synapses = g.synapses
    axo_dendritic = pd.DataFrame(
        {
            "pre": synapses["pre"],
            "post": synapses["post"],
            "count": np.asarray(synapses["count_axon_dendrite"], np.int64),
        }
    )
    g = cg.from_edges(axo_dendritic[axo_dendritic["count"] > 0], g.neurons.reset_index())
    assert g.threshold(weight="input_fraction", at_least=0.01).n_edges == 46_112
    by_all = g.threshold(weight="input_fraction", at_least=0.01, total="dendrite_input")
    assert by_all.n_edges == 41_474


@given(graphs())
def test_merged_neurons_have_the_synapses_of_their_members(g: cg.ConnectomeGraph) -> None:
    merged = g.merge("cell_type")
    kinds = g.neurons["cell_type"].to_numpy()
    first = pd.Series(g.ids).groupby(kinds).first()
    assert set(merged.ids) == set(first)
    assert merged.n_synapses == g.n_synapses
    name = dict(zip(first, first.index, strict=True))
    counted: dict[tuple[str, str], int] = {}
    for pre, post in zip(*(g.synapse_codes(end) for end in ("pre", "post")), strict=True):
        pair = kinds[pre], kinds[post]
        counted[pair] = counted.get(pair, 0) + 1
    for pre, post, count in merged.edges[["pre", "post", "count"]].itertuples(index=False):
        assert counted[name[pre], name[post]] == count
        assert pre != post
    for root in merged.ids:
        members = kinds == name[root]
        place = merged.codes_of([root])[0]
        assert merged.domain.sources[place] == g.domain.sources[members].all()
        assert merged.neurons.loc[root, "n_members"] == members.sum()
    cg.stats.dyads(merged)


def test_merging_keeps_what_members_share() -> None:
    cells = pd.DataFrame(
        {
            "root_id": [BASE_ID, BASE_ID + 1, BASE_ID + 2],
            "pair": ["p", "p", None],
            "cell_type": ["PN", "PN", "KC"],
            "side": ["L", "R", "L"],
            "nucleus_id": [BASE_ID, BASE_ID + 1, BASE_ID + 2],
            "axon_trust": [2, 1, 2],
        }
    )
    g = cg.from_adjacency([[0, 1, 2], [1, 0, 3], [0, 4, 0]], cells)
    merged = g.merge("pair")
    row = merged.neurons.loc[BASE_ID]
    assert row["cell_type"] == "PN"
    assert pd.isna(row["side"])
    assert pd.isna(row["nucleus_id"])
    assert row["axon_trust"] == 1
    assert merged.neurons.loc[BASE_ID + 2, "nucleus_id"] == BASE_ID + 2
    assert merged.n_autapses == 1
    assert merged.edges["count"].tolist() == [5, 4]
    assert merged.provenance.fact("disagreements") == {"side": 1, "nucleus_id": 1}


@given(graphs(), graphs())
def test_a_union_holds_both_layers(a: cg.ConnectomeGraph, b: cg.ConnectomeGraph) -> None:
    g = cg.union(a, b, layer=("chemical", "electrical"))
    assert g.n_synapses == a.n_synapses + b.n_synapses
    for one, name in ((a, "chemical"), (b, "electrical")):
        part = g.filter_synapses(f"layer == '{name}'").synapses
        columns = ["pre", "post", "size"]
        first, second = (
            each[columns].astype("int64").sort_values(columns).to_numpy().tolist()
            for each in (part, one.synapses)
        )
        assert first == second
    for i in g.ids:
        for j in g.ids:
            if i == j or not {i, j} <= set(a.ids) & set(b.ids):
                continue
            ends = [np.array([each.codes_of([root])[0] for each in (g, a, b)]) for root in (i, j)]
            seen = [
                bool(each.domain.contains(ends[0][k : k + 1], ends[1][k : k + 1])[0])
                for k, each in enumerate((g, a, b))
            ]
            assert seen[0] == (seen[1] and seen[2])


def test_a_union_joins_annotations_and_columns() -> None:
    a = cg.from_edges(
        pd.DataFrame({"pre": [BASE_ID], "post": [BASE_ID + 1], "count": [3]}),
        pd.DataFrame({"root_id": [BASE_ID, BASE_ID + 1], "kind": ["x", None], "n": [1, 2]}),
    )
    b = cg.from_tables(
        pd.DataFrame({"pre": [BASE_ID + 1], "post": [BASE_ID], "conductance": [0.5]}),
        pd.DataFrame({"root_id": [BASE_ID + 1, BASE_ID + 2, BASE_ID], "kind": ["y", "z", "w"]}),
    )
    g = cg.union(a, b, layer=("chemical", "electrical"))
    assert g.neurons["kind"].tolist() == ["x", "y", "z"]
    assert g.neurons["n"].tolist()[:2] == [1, 2]
    assert g.provenance.fact("differ") == {"kind": 1}
    assert sorted(g.edges["count"]) == [1, 3]
    assert g.n_edges_outside == 0
    assert g.domain.n_sources == 2
    more = cg.union(g, b, layer=(None, "third"))
    assert set(more.synapses["layer"]) == {"chemical", "electrical", "third"}
    with pytest.raises(InvalidArgument, match="two different names"):
        cg.union(a, b, layer=("one", "one"))
    with pytest.raises(InvalidArgument, match="no column 'layer'"):
        cg.union(a, b, layer=(None, "b"))


#: What such a graph cannot have: positions, sizes of synapses, pairs that met.
NEED_MORE = {"connection_by_distance", "fit_distance", "synapse_size", "conversion",
             "multisynapse_similarity"}  # fmt: skip


def test_every_statistic_that_needs_only_a_graph_runs_on_a_merged_one() -> None:
    rng = np.random.default_rng(8)
    wires = (rng.random((24, 24)) < 0.3) * rng.integers(1, 5, (24, 24))
    cells = {"root_id": np.arange(1, 25), "pair": np.arange(24) // 2, "size_um": rng.random(24)}
    g = cg.from_adjacency(wires, pd.DataFrame(cells)).merge("pair")
    assert g.n_neurons == 12
    assert g.n_autapses
    ran = []
    for package in (cg.stats, cg.motifs):
        for name in package.__all__:
            function = getattr(package, name)
            if not inspect.isfunction(function):
                continue
            parameters = inspect.signature(function).parameters
            needed = [
                key for key, each in parameters.items() if each.default is inspect.Parameter.empty
            ]
            if needed == ["g"] and name not in NEED_MORE:
                options = {"n": 5} if "n" in parameters else {}
                function(g, **options)
                ran.append(name)
    assert {"density", "dyads", "paths", "similarity", "forward_order", "simplices"} <= set(ran)
