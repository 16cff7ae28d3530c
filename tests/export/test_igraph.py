"""igraph and back: nothing is lost, and no id becomes a double."""

from __future__ import annotations

import igraph
import pytest
from hard_graphs import BASE, difference, every_kind
from hypothesis import given, settings

from connectome_graph import from_igraph
from connectome_graph.errors import InvalidTable
from connectome_graph.export import to_igraph
from strategies import graphs


@pytest.mark.parametrize("text_ids", [False, True])
def test_every_kind_of_column_comes_back(text_ids):
    g = every_kind(text_ids=text_ids)
    assert difference(g, from_igraph(to_igraph(g))) == []


@settings(max_examples=20)
@given(g=graphs())
def test_any_graph_comes_back(g):
    assert difference(g, from_igraph(to_igraph(g))) == []


@settings(max_examples=20)
@given(g=graphs())
def test_vertices_are_codes_and_edges_connections(g):
    theirs = to_igraph(g, weight="count")
    assert theirs.vs["name"] == [str(i) for i in g.ids]
    pre, post = g.edge_codes
    assert theirs.get_edgelist() == list(zip(pre.tolist(), post.tolist(), strict=True))
    assert theirs.es["weight"] == g.edge_counts.tolist()


def test_long_integers_survive_igraphs_own_files(tmp_path):
    g = every_kind()
    to_igraph(g).write_graphml(str(tmp_path / "g.graphml"))
    theirs = igraph.Graph.Read_GraphML(str(tmp_path / "g.graphml"))
    assert theirs.vs["name"] == [str(i) for i in g.ids]
    assert theirs.vs["supervoxel"] == [str(2**63 + i) for i in range(12)]
    assert theirs.es["synapse_id"] == [str(i) for i in g.synapse_column("synapse_id")]


def test_a_graph_made_by_hand_is_taken_as_it_is():
    hand = igraph.Graph([(0, 1), (0, 1), (1, 1)], directed=True)
    assert from_igraph(hand).ids.tolist() == [1, 2]
    hand.vs["name"] = [str(BASE), str(BASE + 1)]
    hand.vs["kind"] = ["MC", None]
    hand.es["count"] = [2.0, 3.0, 1.0]
    g = from_igraph(hand)
    assert g.ids.tolist() == [BASE, BASE + 1]
    assert (g.n_edges, g.n_autapses, g.n_synapses) == (1, 1, 6)
    assert g.neurons["kind"].isna().tolist() == [False, True]


def test_what_is_no_connectome_is_refused_with_the_reason():
    with pytest.raises(InvalidTable, match="undirected"):
        from_igraph(igraph.Graph([(0, 1)]))
    named = igraph.Graph([(0, 1)], directed=True)
    named.vs["name"] = ["a", "a"]
    with pytest.raises(InvalidTable, match="more than once"):
        from_igraph(named)
    named.vs["name"] = [float(BASE), 1.0]
    with pytest.raises(InvalidTable, match="arrived as floats"):
        from_igraph(named)
