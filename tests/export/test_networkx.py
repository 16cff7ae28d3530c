"""networkx and back: nothing is lost, and no id becomes a float."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hard_graphs import BASE, difference, every_kind
from hypothesis import given, settings

import connectome_graph as cg
from connectome_graph import from_networkx
from connectome_graph.errors import InvalidTable
from connectome_graph.export import to_networkx
from strategies import graphs


@pytest.mark.parametrize("text_ids", [False, True])
def test_every_kind_of_column_comes_back(text_ids):
    g = every_kind(text_ids=text_ids)
    assert difference(g, from_networkx(to_networkx(g))) == []


@settings(max_examples=20)
@given(g=graphs())
def test_any_graph_comes_back(g):
    assert difference(g, from_networkx(to_networkx(g))) == []


@settings(max_examples=20)
@given(g=graphs())
def test_one_edge_a_synapse_or_one_a_connection(g):
    many = to_networkx(g)
    assert isinstance(many, nx.MultiDiGraph)
    assert sorted(many.edges()) == sorted(map(tuple, g.synapses[["pre", "post"]].to_numpy()))
    one = to_networkx(g, weight="count")
    assert type(one) is nx.DiGraph
    assert list(one) == list(many) == g.ids.tolist()
    assert {(a, b): w for a, b, w in one.edges(data="weight")} == {
        (a, b): n for a, b, n in g.edges[["pre", "post", "count"]].itertuples(index=False)
    }


def test_values_are_plain_and_missing_ones_absent():
    g = every_kind()
    theirs = to_networkx(g)
    for _, attributes in [*theirs.nodes(data=True), *((0, d) for *_, d in theirs.edges(data=True))]:
        assert {type(value) for value in attributes.values()} <= {bool, int, float, str}
    assert [type(node) for node in theirs] == [int] * 12
    assert theirs.nodes[BASE + 1]["nucleus_id"] == BASE + 1
    assert "nucleus_id" not in theirs.nodes[BASE]
    assert theirs.graph["provenance"] == str(g.provenance)


def test_a_graph_made_by_hand_is_taken_as_it_is():
    hand = nx.MultiDiGraph()
    hand.add_node("DA1", side="left")
    hand.add_edges_from([("AVAL", "VA1", {"size": 3}), ("AVAL", "VA1", {"size": 4})])
    g = from_networkx(hand)
    assert g.ids.tolist() == ["DA1", "AVAL", "VA1"]
    assert g.edges["size"].tolist() == [7]
    assert g.neurons["side"].tolist()[0] == "left"
    assert g.neurons["side"].isna().tolist() == [False, True, True]
    assert str(g.provenance) == "3 neurons and 2 edges were read from a networkx graph."


def test_integers_with_gaps_stay_integers():
    hand = nx.DiGraph([(BASE, BASE + 2)])
    hand.nodes[BASE]["nucleus"] = BASE + 1
    column = from_networkx(hand).neurons["nucleus"]
    assert column.dtype == "Int64"
    assert column.loc[BASE] == BASE + 1


def test_a_column_called_key_loses_no_parallel_synapse():
    synapses = pd.DataFrame({"pre": [1, 1], "post": [2, 2], "key": [5, 5]})
    g = cg.from_tables(synapses, unknown="add")
    theirs = to_networkx(g)
    assert theirs.number_of_edges() == 2
    assert difference(g, from_networkx(theirs)) == []


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (nx.Graph([(1, 2)]), "undirected"),
        (nx.DiGraph([(1, "a")]), "all integers or all text"),
        (nx.DiGraph([(1.5, 2.5)]), "arrived as floats"),
        (nx.DiGraph([(1, 2, {"w": "a"}), (2, 1, {"w": 3})]), "'w' mixes kinds"),
        (nx.DiGraph([(1, 2, {3: "a"})]), "need to be text"),
        (nx.DiGraph([(1, 2, {"count": 0})]), "not whole numbers of at least 1"),
    ],
)
def test_what_is_no_connectome_is_refused_with_the_reason(graph, message):
    with pytest.raises(InvalidTable, match=message):
        from_networkx(graph)


def test_the_graph_is_not_written_into():
    g = every_kind()
    theirs = to_networkx(g)
    before = {node: dict(data) for node, data in theirs.nodes(data=True)}
    from_networkx(theirs)
    assert dict(theirs.nodes(data=True)) == before
    assert np.array_equal(g.ids, every_kind().ids)
