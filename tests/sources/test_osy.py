"""ossify's files without ossify: the real neuron, and broken archives."""

from __future__ import annotations

import io
import json
import sys
import tarfile
import types

import numpy as np
import pandas as pd
import pytest

from connectome_graph import skeletons
from connectome_graph.errors import InvalidTable, MissingDependency, UnreadableFile
from connectome_graph.sources.osy import read_osy

BIG = 864691135000000001


def feather(frame):
    buffer = io.BytesIO()
    frame.to_feather(buffer)
    return buffer.getvalue()


def parts(**changes):
    """Return the members of a small cell: three vertices, two synapses linked by way of a graph."""
    nodes = pd.DataFrame(
        {"x": [0.0, 0, 4000], "y": [0.0, 3000, 3000], "z": 0.0, "compartment": [1, 3, 3]},
        index=pd.Index([10, 20, 30]),
    )
    edges = io.BytesIO()
    np.savez(edges, data=np.array([[20, 10], [30, 20]]))
    synapses = pd.DataFrame({"px": [0.0, 4000], "py": 3000.0, "pz": 0.0}, index=[BIG + 7, BIG + 8])
    first = pd.DataFrame({"graph": [BIG, BIG + 1], "post_syn": [BIG + 8, BIG + 7]})
    second = pd.DataFrame(
        {"graph": np.array([BIG, BIG + 1], dtype=np.uint64), "skeleton": [30, 20]}
    )
    members = {
        "metadata.json": {
            "name": BIG, "meta": {}, "file_version": 1.0,
            "structure": {"layers": {"skeleton": {}, "graph": {}}, "annotations": {"post_syn": {}}},
        },
        "layers/skeleton/meta.json": {"spatial_columns": ["x", "y", "z"], "root": 10},
        "layers/skeleton/nodes.feather": feather(nodes),
        "layers/skeleton/edges.npz": edges.getvalue(),
        "annotations/post_syn/meta.json": {"spatial_columns": ["px", "py", "pz"]},
        "annotations/post_syn/nodes.feather": feather(synapses),
        "linkage/graph/post_syn/linkage.feather": feather(first),
        "linkage/graph/skeleton/linkage.feather": feather(second),
    }  # fmt: skip
    return {**members, **changes}


def written(folder, members):
    path = folder / "cell.osy"
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            if content is None:
                continue
            data = json.dumps(content).encode() if isinstance(content, dict) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def test_links_lead_from_synapses_to_vertices(tmp_path):
    cell = skeletons.load_osy(written(tmp_path, parts()))
    assert cell.root_id == BIG
    assert cell.node_id.tolist() == [10, 20, 30]
    assert cell.inputs["synapse_id"].tolist() == [BIG + 7, BIG + 8]
    assert cell.distance_to_root_um[cell.inputs["vertex"]].tolist() == [3.0, 7.0]


def test_a_link_to_nowhere_leaves_the_other_synapses(tmp_path):
    link = pd.DataFrame({"graph": [BIG, BIG + 5], "skeleton": [30, 20]})
    members = parts(**{"linkage/graph/skeleton/linkage.feather": feather(link)})
    cell = skeletons.load_osy(written(tmp_path, members))
    assert cell.inputs["vertex"].tolist() == [-1, 2]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metadata.json": None}, "KeyError"),
        ({"metadata.json": b"{"}, "JSONDecodeError"),
        ({"layers/skeleton/edges.npz": b"PK"}, "ossify cell"),
        ({"layers/skeleton/nodes.feather": b"ARROW"}, "ossify cell"),
        ({"linkage/graph/skeleton/linkage.feather": None}, "not linked"),
        (
            {
                "linkage/graph/skeleton/linkage.feather": feather(
                    pd.DataFrame({"graph": [BIG, BIG], "skeleton": [30, 20]})
                )
            },
            "more than one place",
        ),
        (
            {
                "linkage/graph/skeleton/linkage.feather": feather(
                    pd.DataFrame({"graph": [float(BIG)], "skeleton": [30]})
                )
            },
            "float64",
        ),
    ],
)  # fmt: skip
def test_broken_files_are_told(tmp_path, changes, message):
    with pytest.raises(UnreadableFile, match=message):
        read_osy(written(tmp_path, parts(**changes)))


def of_version_3(folder):
    structure = {"layers": {}, "annotations": {}}
    meta = {"name": 1, "meta": {}, "file_version": 3.0, "structure": structure}
    return written(folder, {"metadata.json": meta})


def test_a_version_not_known_here_is_left_to_ossify(tmp_path, monkeypatch):
    ossify = types.SimpleNamespace(__version__="9", load_cell=lambda path: f"read {path}")
    monkeypatch.setitem(sys.modules, "ossify", ossify)
    path = of_version_3(tmp_path)
    assert read_osy(path) == f"read {path}"

    def fails(path):
        raise RuntimeError("no layers")

    ossify.load_cell = fails
    with pytest.raises(UnreadableFile, match=r"version is 3\.0, and ossify 9 failed.*no layers"):
        read_osy(path)
    monkeypatch.setitem(sys.modules, "ossify", None)
    with pytest.raises(MissingDependency, match=r"version is 3\.0.*pip install"):
        read_osy(path)


def test_other_files_are_told(tmp_path):
    path = tmp_path / "cell.osy"
    path.write_text("hello")
    with pytest.raises(UnreadableFile, match="ossify cell"):
        read_osy(path)
    with pytest.raises(UnreadableFile, match="ossify cell"):
        read_osy(tmp_path / "absent.osy")
    whole = written(tmp_path, parts()).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFile):
        read_osy(path)


def test_a_cell_without_a_skeleton_is_told(tmp_path):
    structure = {"layers": {}, "annotations": {}}
    meta = {"name": 1, "meta": {}, "file_version": 1.0, "structure": structure}
    with pytest.raises(InvalidTable, match="no skeleton"):
        skeletons.load_osy(written(tmp_path, {"metadata.json": meta}))


@pytest.mark.data
def test_the_real_neuron(data):
    cell = skeletons.load(data / "minnie65_cell")[0]
    assert cell.root_id == 864691135336055529
    assert (cell.n_vertices, len(cell.outputs), len(cell.inputs)) == (5592, 902, 2648)
    assert (cell.inputs["vertex"] >= 0).all()
    assert cell.edge_length_um.sum() == pytest.approx(11043.2, abs=0.05)
    assert cell.measured_from == "soma"
