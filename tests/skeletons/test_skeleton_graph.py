"""The skeleton as a graph, and its way to networkx, igraph, GraphML and SWC."""

from __future__ import annotations

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from skeletons.trees_at_random import random_cell

from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, UnreadableFile

BIG = 864691135000000001


@pytest.fixture
def cell():
    return random_cell(np.random.default_rng(5), 30, root_id=BIG, n_inputs=12, first_synapse=BIG)


def test_nodes_carry_what_the_cell_holds(cell):
    graph = skeletons.graph(cell)
    np.testing.assert_array_equal(graph.nodes["distance_to_root_um"], cell.distance_to_root_um)
    assert graph.nodes["n_inputs"].sum() == 12
    assert set(graph.nodes["compartment"]) == {"soma", "axon", "dendrite", "apical"}
    assert len(graph.edges) == 29
    assert graph.edges["length_um"].sum() == pytest.approx(cell.edge_length_um.sum())
    assert graph.synapses["synapse_id"].tolist() == list(range(BIG, BIG + 12))


def test_networkx_agrees_with_the_distances(cell):
    tree = skeletons.to_networkx(cell)
    assert nx.is_arborescence(tree)
    root = int(cell.node_id[cell.root])
    distance = nx.single_source_dijkstra_path_length(tree, root, weight="length_um")
    for node, values in tree.nodes(data=True):
        assert values["distance_to_root_um"] == pytest.approx(distance[node])
    ids = [row["synapse_id"] for _, row in tree.nodes(data="synapses") for row in row]
    assert sorted(ids) == list(range(BIG, BIG + 12))
    assert tree.graph["root_id"] == BIG


def test_igraph_agrees_with_the_distances(cell):
    tree = skeletons.to_igraph(cell)
    assert tree.is_tree("out")
    assert tree["root_id"] == str(BIG)
    distance = tree.distances(cell.root, weights="length_um")[0]
    np.testing.assert_allclose(tree.vs["distance_to_root_um"], distance)


def test_graphml_is_read_by_networkx_and_igraph(cell, tmp_path):
    path = skeletons.write_graphml(cell, tmp_path / "cell.graphml")
    tree = nx.read_graphml(path)
    assert tree.graph["root_id"] == str(BIG)
    assert tree.number_of_edges() == 29
    total = sum(length for _, _, length in tree.edges(data="length_um"))
    assert total == pytest.approx(cell.edge_length_um.sum())
    other = igraph.Graph.Read_GraphML(str(path))
    assert other["root_id"] == str(BIG)
    np.testing.assert_array_equal(other.vs["distance_to_root_um"], cell.distance_to_root_um)


def test_graphml_escapes_text_and_leaves_out_what_is_missing(tmp_path):
    cell = skeletons.from_arrays([[0, 0, 0], [0, 1, 0]], [[1, 0]], root=0, root_id='<a&"b">')
    tree = nx.read_graphml(skeletons.write_graphml(cell, tmp_path / "cell.graphml"))
    assert tree.graph["root_id"] == '<a&"b">'
    assert "compartment" not in tree.nodes["n0"]
    bad = skeletons.from_arrays([[0, 0, 0]], [], root=0, root_id="a\x00")
    with pytest.raises(InvalidArgument, match="XML"):
        skeletons.write_graphml(bad, tmp_path / "bad.graphml")


def test_swc_comes_back_as_it_went(cell, tmp_path):
    path = skeletons.write_swc(cell, tmp_path / f"{BIG}.swc")
    back = skeletons.load_swc(path, units="um")
    assert back.root_id == BIG
    order = np.lexsort(cell.vertices.T)
    again = np.lexsort(back.vertices.T)
    np.testing.assert_array_equal(back.vertices[again], cell.vertices[order])
    np.testing.assert_array_equal(back.compartment[again], cell.compartment[order])
    np.testing.assert_allclose(
        back.distance_to_root_um[again], cell.distance_to_root_um[order], rtol=1e-12
    )
    numbers = np.loadtxt(path)
    assert (numbers[1:, 6] < numbers[1:, 0]).all()


def test_a_folder_that_is_not_there_is_told(cell, tmp_path):
    with pytest.raises(UnreadableFile):
        skeletons.write_swc(cell, tmp_path / "no" / "cell.swc")


def test_sites_without_a_vertex_stay_in_the_table_and_off_the_nodes():
    sites = pd.DataFrame({"synapse_id": [1, 2], "vertex": [-1, 1]})
    cell = skeletons.from_arrays([[0, 0, 0], [0, 1, 0]], [[1, 0]], root=0, root_id=1, outputs=sites)
    graph = skeletons.graph(cell)
    assert graph.synapses["node_id"].isna().tolist() == [True, False]
    assert graph.nodes["n_outputs"].tolist() == [0, 1]
    assert [len(row) for _, row in skeletons.to_networkx(cell).nodes(data="synapses")] == [0, 1]
