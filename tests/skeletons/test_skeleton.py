"""Skeletons from arrays: what is accepted, what is refused, and the named choices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, InvalidTable

Y = [[0, 0, 0], [0, 3, 0], [4, 3, 0], [0, 5, 0]]
EDGES = [[1, 0], [2, 1], [1, 3]]  # the last one from parent to child


def test_edges_may_point_either_way():
    cell = skeletons.from_arrays(Y, EDGES, root=0, root_id=7)
    assert cell.parent.tolist() == [-1, 0, 1, 1]
    assert cell.distance_to_root_um.tolist() == [0, 3, 7, 5]
    assert cell.root == 0
    assert cell.measured_from == "soma"


def test_nanometres_become_micrometres():
    nm = np.array(Y) * 1000
    cell = skeletons.from_arrays(nm, EDGES, root=0, root_id=7, units="nm", radius=[500] * 4)
    assert cell.distance_to_root_um.tolist() == [0, 3, 7, 5]
    assert cell.radius.tolist() == [0.5] * 4


def test_arrays_are_read_only_and_tables_are_copies():
    cell = skeletons.from_arrays(Y, EDGES, root=0, root_id=7)
    for name in ("vertices", "parent", "radius", "compartment", "node_id", "origin_um"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(cell, name)[0] = 1
    table = cell.inputs
    table["size"] = 1
    assert "size" not in cell.inputs


def test_caller_arrays_are_left_writable():
    points, codes = np.array(Y, dtype=float), np.array([1, 2, 3, 3], dtype=np.int8)
    skeletons.from_arrays(points, EDGES, root=0, root_id=7, compartment=codes)
    points[0], codes[0] = 9, 0
    assert points[0, 0] == 9


def test_root_is_the_soma_when_not_given():
    cell = skeletons.from_arrays(Y, EDGES, compartment=[3, 1, 3, 3], root_id=7)
    assert cell.root == 1
    assert cell.distance_to_root_um.tolist() == [3, 0, 4, 2]


def test_a_root_beside_the_soma_is_called_a_root():
    cell = skeletons.from_arrays(Y, EDGES, root=0, compartment=[3, 1, 3, 3], root_id=7)
    assert cell.measured_from == "root"
    assert cell.distance_to_root_um.tolist() == [0, 3, 7, 5]


@pytest.mark.parametrize("repeat", [[1, 0], [0, 1], [2, 2]])
def test_duplicate_edges_are_refused_or_dropped(repeat):
    edges = [*EDGES, repeat]
    with pytest.raises(InvalidTable, match="duplicate_edges='drop'"):
        skeletons.from_arrays(Y, edges, root=0, root_id=7)
    cell = skeletons.from_arrays(Y, edges, root=0, root_id=7, duplicate_edges="drop")
    assert cell.distance_to_root_um.tolist() == [0, 3, 7, 5]
    assert cell.edge_length_um.sum() == 9


def test_cycles_are_always_refused():
    with pytest.raises(InvalidTable, match="1 cycles"):
        skeletons.from_arrays(
            Y, [*EDGES, [2, 3]], root=0, root_id=7, duplicate_edges="drop", disconnected="drop"
        )


def test_disconnected_pieces_are_refused_dropped_or_missing():
    sites = pd.DataFrame({"synapse_id": [5, 6, 7], "vertex": [3, 1, -1]})
    arguments = {"root": 0, "root_id": 7, "inputs": sites}
    with pytest.raises(InvalidTable, match="2 pieces; 1 of its 4 vertices"):
        skeletons.from_arrays(Y, EDGES[:2], **arguments)
    missing = skeletons.from_arrays(Y, EDGES[:2], disconnected="missing", **arguments)
    np.testing.assert_array_equal(missing.distance_to_root_um, [0, 3, 7, np.nan])
    dropped = skeletons.from_arrays(Y, EDGES[:2], disconnected="drop", **arguments)
    assert dropped.n_vertices == 3
    assert dropped.inputs["vertex"].tolist() == [-1, 1, -1]
    assert dropped.inputs["synapse_id"].tolist() == [5, 6, 7]


def test_a_cell_without_a_soma_needs_a_choice():
    arguments = {"compartment": [2, 2, 2, 2], "root": 0, "root_id": 7}
    with pytest.raises(InvalidTable, match="no soma"):
        skeletons.from_arrays(Y, EDGES, **arguments)
    rooted = skeletons.from_arrays(Y, EDGES, missing_soma="root", **arguments)
    assert rooted.measured_from == "root"
    assert rooted.distance_to_root_um.tolist() == [0, 3, 7, 5]
    missing = skeletons.from_arrays(Y, EDGES, missing_soma="missing", **arguments)
    assert missing.measured_from == "nothing"
    assert np.isnan(missing.distance_to_root_um).all()
    assert "measured from nothing" in repr(missing)


def test_without_soma_and_root_the_top_of_the_edges_is_the_root():
    edges = [[1, 0], [2, 1], [3, 1]]
    cell = skeletons.from_arrays(Y, edges, soma=None, root_id=7, missing_soma="root")
    assert cell.root == 0
    with pytest.raises(InvalidTable, match="no root"):
        skeletons.from_arrays(Y, EDGES, soma=None, root_id=7, missing_soma="root")


@pytest.mark.parametrize("bad", [1.0, np.float64(8.6e17), True, None])
def test_root_ids_are_integers_or_text(bad):
    with pytest.raises(InvalidArgument, match="18 digits"):
        skeletons.from_arrays(Y, EDGES, root=0, root_id=bad)


@pytest.mark.parametrize("kind", [int, np.int64, np.uint64])
def test_18_digit_ids_stay_exact(kind):
    cell = skeletons.from_arrays(Y, EDGES, root=0, root_id=kind(864691135000000001))
    assert cell.root_id == 864691135000000001
    assert type(cell.root_id) is int


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"edges": [[1, 0], [2, 1], [4, 1]]}, "vertices 0 to 3"),
        ({"edges": [[1.0, 0.0]]}, "integer positions"),
        ({"vertices": [[0, 0], [1, 1]]}, r"\(n, 3\)"),
        ({"vertices": [[0, 0, 0], [0, np.nan, 0], [4, 3, 0], [0, 5, 0]]}, "finite position"),
        ({"vertices": [], "edges": []}, "no vertices|vertices 0 to -1"),
        ({"radius": [1, 2]}, "one per vertex"),
        ({"compartment": ["a"] * 4}, "one per vertex"),
        ({"node_id": [1, 1, 2, 3]}, "repeats"),
        ({"node_id": [1.0, 2.0, 3.0, 4.0]}, "integers"),
        ({"root": 9}, "the root is vertex 9"),
        ({"soma": 9}, "the soma is vertex 9"),
        ({"inputs": pd.DataFrame({"vertex": [9]})}, "vertex positions"),
        ({"inputs": pd.DataFrame({"vertex": [1.0]})}, "vertex positions"),
        ({"inputs": pd.DataFrame({"x_um": [1.0]})}, "lack y_um, z_um"),
    ],
)
def test_bad_arrays_are_told_apart(change, message):
    arguments = {"vertices": Y, "edges": EDGES, "root": 0, "root_id": 7, **change}
    vertices, edges = arguments.pop("vertices"), arguments.pop("edges")
    with pytest.raises(InvalidTable, match=message):
        skeletons.from_arrays(vertices, edges, **arguments)


@pytest.mark.parametrize(
    "change",
    [
        {"units": "mm"},
        {"duplicate_edges": "keep"},
        {"disconnected": "keep"},
        {"soma": "largest"},
        {"inputs": pd.DataFrame({"x_um": [1.0], "y_um": 0.0, "z_um": 0.0})},
        {"inputs": pd.DataFrame({"x_um": [1.0], "y_um": 0.0, "z_um": 0.0}), "within_um": -1},
    ],
)
def test_unknown_choices_are_refused(change):
    with pytest.raises(InvalidArgument):
        skeletons.from_arrays(Y, EDGES, root=0, root_id=7, **change)


def test_sites_with_positions_take_the_nearest_vertex_within_the_distance():
    sites = pd.DataFrame(
        {"x_um": [3.9, 0, 90, np.nan], "y_um": [3, 4.9, 0, 0], "z_um": [0.0, 0, 0, 0]}
    )
    cell = skeletons.from_arrays(Y, EDGES, root=0, root_id=7, outputs=sites, within_um=0.5)
    assert cell.outputs["vertex"].tolist() == [2, 3, -1, -1]
    assert "vertex" not in sites


@given(
    n=st.integers(1, 8),
    rows=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14),
    root=st.integers(0, 7),
)
def test_check_agrees_with_networkx(n, rows, root):
    import networkx as nx

    edges = [(a % n, b % n) for a, b in rows]
    root %= n
    witness = nx.Graph()
    witness.add_nodes_from(range(n))
    witness.add_edges_from((a, b) for a, b in edges if a != b)
    found = skeletons.check(n, np.array(edges, dtype=np.int64).reshape(-1, 2), root=root)
    assert found.n_edges == witness.number_of_edges()
    assert found.n_self_edges == sum(a == b for a, b in edges)
    assert found.n_edges + found.n_duplicate_edges + found.n_self_edges == len(edges)
    assert found.n_pieces == nx.number_connected_components(witness)
    assert found.n_cycles == len(nx.cycle_basis(witness))
    assert found.n_off_root == n - len(nx.node_connected_component(witness, root))
    assert found.is_tree == (nx.is_tree(witness) and len(edges) == n - 1)
    assert found.is_tree == (found.problems == ("no soma",))
