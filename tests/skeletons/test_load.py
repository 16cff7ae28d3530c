"""Loading: one file per cell, failures collected, the larval neurons and the real SWC traps."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import connectome_graph as cg
from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument, InvalidTable, UnreadableFile
from connectome_graph.sources import larval_json
from connectome_graph.sources.larval_json import read_neuron

GOOD = "# a comment\n1 1 0 0 0 5 -1\n2 3 0 3 0 1 1\n3 3 4 3 0 1 2\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "864691135000000001.swc").write_text(GOOD)
    (tmp_path / "b.swc").write_text(GOOD.replace("3 3 4", "3 3 9"))
    (tmp_path / "notes.txt").write_text("not a cell")
    return tmp_path


def test_a_folder_a_pattern_and_a_list_are_the_same(folder):
    whole = skeletons.load(folder, units="um")
    assert [cell.root_id for cell in whole] == [864691135000000001, "b"]
    pattern = skeletons.load(folder / "*.swc", units="um", progress=False)
    listed = skeletons.load(sorted(folder.glob("*.swc")), units="um")
    assert [c.root_id for c in pattern] == [c.root_id for c in listed] == [864691135000000001, "b"]
    assert len(whole) == 2
    assert whole[0].root_id == 864691135000000001
    assert whole[1:][0].root_id == "b"


def test_failures_are_told_together_or_collected(folder):
    (folder / "c.swc").write_text("1 1 0 0 0 1 -1\n2 3 0 0 0 1 7\n")
    (folder / "d.swc").write_text("hello")
    with pytest.raises(UnreadableFile, match="2 of 4 cells") as told:
        skeletons.load(folder, units="um")
    assert "parent that does not exist" in str(told.value)
    some = skeletons.load(folder, units="um", errors="collect")
    assert len(some) == 2
    assert some.failures["error"].tolist() == ["InvalidTable", "UnreadableFile"]
    assert repr(some) == "<Loaded: 2 cells, 2 failures>"


def test_a_bar_may_be_shown(folder, capsys):
    skeletons.load(folder, units="um", progress=True)
    assert "skeletons" in capsys.readouterr().err


def test_what_cannot_be_loaded_is_told(folder):
    with pytest.raises(InvalidArgument, match="unit"):
        skeletons.load(folder)
    with pytest.raises(InvalidArgument, match="known suffixes"):
        skeletons.load(folder / "notes.txt")
    with pytest.raises(UnreadableFile, match="no skeleton file"):
        skeletons.load(folder / "*.osy")
    with pytest.raises(UnreadableFile, match="could not be read"):
        skeletons.load(folder / "absent.swc", units="um")
    with pytest.raises(InvalidArgument, match="errors='skip'"):
        skeletons.load(folder, units="um", errors="skip")
    with pytest.raises(InvalidArgument, match="format"):
        skeletons.load(folder, format="obj")
    with pytest.raises(InvalidArgument, match="nanometres"):
        skeletons.load(folder / "notes.txt", format="larval", units="um")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("1 1 0 0 0 1 -1\n1 3 0 1 0 1 1\n", InvalidTable, "sample 1 is there twice"),
        ("1 1 0 0 0 1 -1\n2 3 0 1 0 1\n", (InvalidTable, UnreadableFile), "SWC|parent"),
        ("1 1 0 0 0 1 -1\n2 3 0 1 0 1 1\n3 3 1 1 1 1 -1\n", InvalidTable, "2 pieces"),
        ("1.5 1 0 0 0 1 -1\n", UnreadableFile, "SWC"),
        ("1 3 0 0 0 1 -1\n2 3 0 1 0 1 1\n", InvalidTable, "no soma"),
        ("", (InvalidTable, UnreadableFile), "SWC|no vertices"),
        ("# only a comment\n", (InvalidTable, UnreadableFile), "SWC|no vertices"),
    ],
)
def test_broken_swc_is_told(tmp_path, text, error, message):
    path = tmp_path / "cell.swc"
    path.write_text(text)
    with pytest.raises(error, match=message):
        skeletons.load_swc(path, units="um")


def test_swc_with_synapse_tables(tmp_path):
    path = tmp_path / "7.swc"
    path.write_text(GOOD)
    on_nodes = pd.DataFrame({"synapse_id": [11, 12], "node": [3, 8]})
    in_space = pd.DataFrame({"synapse_id": [13], "x_um": [0.2], "y_um": [3.0], "z_um": [0.0]})
    cell = skeletons.load_swc(
        path, units="um", inputs=on_nodes, outputs=in_space, within_um=1, root_id="x"
    )
    assert cell.root_id == "x"
    assert cell.inputs["vertex"].tolist() == [2, -1]
    assert cell.outputs["vertex"].tolist() == [1]
    with pytest.raises(InvalidTable, match="sample numbers"):
        skeletons.load_swc(path, units="um", inputs=on_nodes.astype({"node": float}))


# ---------------------------------------------------------------- larval JSON


@pytest.fixture
def larval(tmp_path):
    """Write a larval neuron with some parts replaced, and return its path."""

    def write(**parts):
        neuron = {
            "name": "A02n a1l",
            "id": 7,
            "nodes": [[1, 0, 0, 0, 0], [2, 1000, 0, 0, 1], [3, 1000, 2000, 0, 0]],
            "topology": [[2, 1], [3, 2]],
            "syns_in": [[9, 1000, 50, 0, 2]],
            "syns_out": [[8, 1000, 2000, 0, 3, 4]],
            "soma": 1,
            "twig_base": [2],
        }
        path = tmp_path / "neuron.json"
        path.write_text(json.dumps({"neuron": {**neuron, **parts}}))
        return path

    return write


def test_larval_neurons_become_tables_in_micrometres(larval):
    neuron = larval_json.read_neuron(larval())
    assert neuron.nodes["y_um"].tolist() == [0, 0, 2]
    assert neuron.outputs["n_targets"].tolist() == [4]
    assert neuron.twig_bases.tolist() == [2]
    cell = skeletons.load_larval(larval(), not_dendrite="axon")
    assert cell.compartment.tolist() == [1, 3, 2]
    assert cell.distance_to_root_um.tolist() == [0, 1, 3]
    assert skeletons.load_larval(larval()).compartment.tolist() == [1, 3, 0]
    parsed = skeletons.from_larval(read_neuron(larval()), not_dendrite="axon")
    assert parsed.compartment.tolist() == cell.compartment.tolist()


@pytest.mark.parametrize("nothing", [None, [], {"_ArrayType_": "int64", "_ArrayData_": None}])
def test_larval_neurons_may_have_no_soma(larval, nothing):
    path = larval(soma=nothing)
    assert larval_json.read_neuron(path).soma is None
    with pytest.raises(InvalidTable, match="missing_soma"):
        skeletons.load_larval(path)
    assert skeletons.load_larval(path, missing_soma="root").distance_to_root_um[2] == 3


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"id": 7.0}, "integer id"),
        ({"nodes": [[1, 0, 0, 0, 0], [1, 0, 0, 1, 0]]}, "appears twice"),
        ({"nodes": [[1, 0, 0, 0]]}, "5 values"),
        ({"nodes": [[1, 0.5, 0, 0, 0]]}, "integers"),
        ({"topology": [[2, 99]]}, "topology names 1 nodes"),
        ({"syns_in": [[9, 0, 0, 0, 99]]}, "syns_in names"),
        ({"soma": 99}, "soma names"),
        ({"twig_base": [99]}, "twig_base names"),
        ({"syns_out": "none"}, "list of rows"),
    ],
)
def test_broken_larval_neurons_are_told(larval, parts, message):
    with pytest.raises(InvalidTable, match=message):
        larval_json.read_neuron(larval(**parts))


def test_files_that_are_no_larval_json_are_told(tmp_path):
    path = tmp_path / "x.json"
    for text, error in (
        ("{", UnreadableFile),
        ("[]", InvalidTable),
        ('{"neuron": {}}', InvalidTable),
    ):
        path.write_text(text)
        with pytest.raises(error):
            larval_json.read_neuron(path)
    with pytest.raises(UnreadableFile):
        larval_json.read_neuron(tmp_path / "absent.json")


def test_connectors_join_each_input_to_its_output(larval):
    a = larval_json.read_neuron(larval(id=1, syns_out=[[9, 0, 0, 0, 3, 2]], syns_in=[]))
    b = larval_json.read_neuron(
        larval(id=2, syns_in=[[9, 0, 0, 0, 2], [9, 0, 0, 0, 3], [77, 0, 0, 0, 1]], syns_out=[])
    )
    joined = larval_json.join_connectors([a, b])
    assert joined[["pre", "post", "connector_id", "pre_node", "post_node"]].to_numpy().tolist() == [
        [1, 2, 9, 3, 2],
        [1, 2, 9, 3, 3],
    ]
    with pytest.raises(InvalidTable, match="given twice"):
        larval_json.join_connectors([a, a])
    twin = larval_json.read_neuron(larval(id=3, syns_out=[[9, 0, 0, 0, 3, 2]], syns_in=[]))
    with pytest.raises(InvalidTable, match="more than one site"):
        larval_json.join_connectors([a, twin])
    assert len(larval_json.join_connectors([])) == 0


@pytest.mark.data
def test_the_larval_neurons_make_a_graph_with_skeletons(data):
    paths = sorted((data / "larva_l1v_skeletons").glob("*.json"))
    neurons = [larval_json.read_neuron(path) for path in paths]
    table = larval_json.join_connectors(neurons)
    names = pd.DataFrame(
        {"root_id": [n.root_id for n in neurons], "name": [n.name for n in neurons]}
    )
    g = cg.from_tables(table, names)
    assert (g.n_neurons, g.n_synapses, g.n_edges) == (18, 394, 78)
    without = [n.root_id for n in neurons if n.soma is None]
    assert len(without) == 6
    with pytest.raises(UnreadableFile, match="6 of 18 cells"):
        skeletons.load(paths)
    cells = skeletons.load(paths, missing_soma="missing")
    h = skeletons.attach(g, cells, side="both")
    rows = h.synapses
    for side, column in (("post", "distance_to_root_um"), ("pre", "pre_distance_to_root_um")):
        assert h.provenance.fact(side)["n_by_node"] == 394
        assert (rows[column].isna() == rows[side].isin(without)).all()
    rooted = skeletons.attach(g, skeletons.load(paths, missing_soma="root"))
    assert rooted.synapses["distance_to_root_um"].notna().all()
    by_hand = walked(neurons, rows.iloc[100])
    assert rows["distance_to_root_um"].iloc[100] == pytest.approx(by_hand, rel=1e-12)


def walked(neurons, row):
    """Return the distance of one synapse by walking the topology of its neuron's file."""
    neuron = next(n for n in neurons if n.root_id == row["post"])
    points = neuron.nodes.set_index("node_id")[["x_um", "y_um", "z_um"]]
    parent = dict(neuron.edges.to_numpy().tolist())
    here, total = row["post_node"], 0.0
    while here in parent:
        total += float(np.linalg.norm(points.loc[here] - points.loc[parent[here]]))
        here = parent[here]
    return total
