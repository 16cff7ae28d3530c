"""Bundles: read(write(g)) is g, and nothing else passes for a bundle."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hard_graphs import difference, every_kind
from hypothesis import given, settings

import connectome_graph as cg
from connectome_graph import storage
from connectome_graph.errors import InvalidArgument, InvalidTable, UnreadableFile
from strategies import graphs


@pytest.mark.parametrize("layout", ["file", "folder"])
@pytest.mark.parametrize("text_ids", [False, True])
def test_every_kind_of_column_comes_back(tmp_path, layout, text_ids):
    g = every_kind(text_ids=text_ids)
    path = storage.write(g, tmp_path / "g.connectome", layout=layout)
    assert path.is_dir() == (layout == "folder")
    assert difference(g, storage.read(path)) == []


@settings(max_examples=20)
@given(g=graphs())
def test_any_graph_comes_back(tmp_path_factory, g):
    path = tmp_path_factory.getbasetemp() / "any.connectome"
    assert difference(g, storage.read(storage.write(g, path))) == []


@settings(max_examples=20)
@given(g=graphs(text_ids=True))
def test_any_graph_with_text_ids_comes_back(tmp_path_factory, g):
    path = tmp_path_factory.getbasetemp() / "any-text.connectome"
    assert difference(g, storage.read(storage.write(g, path))) == []


@pytest.mark.parametrize(
    "g",
    [
        cg.from_adjacency(np.zeros((1, 1))),
        cg.from_tables(
            pd.DataFrame({"pre": np.array([], np.int64), "post": np.array([], np.int64)}),
            unknown="add",
        ),
        cg.from_adjacency([[1, 3], [1, 0]]),
    ],
    ids=["one neuron", "nothing", "an autapse"],
)
def test_small_graphs_come_back(tmp_path, g):
    assert difference(g, storage.read(storage.write(g, tmp_path / "g.connectome"))) == []


def test_what_verbs_made_comes_back(tmp_path):
    g = cg.from_adjacency([[0, 3, 1], [1, 0, 0], [2, 0, 0]])
    g = g.annotate(pd.Series(["a", "b", "b"], index=[1, 2, 3], name="kind").rename_axis("root_id"))
    for made in (g.collapse("kind"), g.threshold(min_synapses=2), g.between(pre=[1], post=[2, 3])):
        assert difference(made, storage.read(storage.write(made, tmp_path / "g"))) == []


def test_the_same_graph_gives_the_same_bytes(tmp_path):
    g = every_kind()
    first, second = (storage.write(g, tmp_path / name) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


def test_a_row_group_border_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_ROWS", 5)
    g = every_kind()
    assert difference(g, storage.read(storage.write(g, tmp_path / "g"))) == []


def test_the_tables_are_plain_parquet(tmp_path):
    g = every_kind()
    folder = storage.write(g, tmp_path / "g", layout="folder")
    synapses = pq.read_table(folder / "synapses.parquet")
    assert synapses["pre"].to_pylist() == g.synapses["pre"].tolist()
    assert synapses.column_names == ["pre", "post", *g.synapse_columns]
    neurons = pq.read_table(folder / "neurons.parquet")
    assert neurons["root_id"].to_pylist() == g.ids.tolist()
    assert neurons["layer"].to_pylist()[:3] == ["L4", "L23", None]
    domain = pq.read_table(folder / "domain.parquet")
    assert domain["is_source"].to_pylist() == g.domain.sources.tolist()


def test_every_changed_byte_is_detected_or_changes_nothing(tmp_path):
    g = cg.from_adjacency([[0, 3, 1], [1, 0, 0], [2, 0, 0]]).between(pre=[1, 2])
    path = storage.write(g, tmp_path / "g.connectome")
    whole = path.read_bytes()
    noticed = 0
    for place in range(0, len(whole), 17):
        changed = bytearray(whole)
        changed[place] ^= 0x55
        path.write_bytes(changed)
        try:
            assert difference(g, storage.read(path)) == []
        except UnreadableFile:
            noticed += 1
    # What is left are dates and the like in the zip file's own headers.
    assert noticed > 0.9 * len(range(0, len(whole), 17))


def test_every_truncation_is_detected(tmp_path):
    path = storage.write(cg.from_adjacency([[0, 3], [1, 0]]), tmp_path / "g.connectome")
    whole = path.read_bytes()
    for length in range(0, len(whole), 197):
        path.write_bytes(whole[:length])
        with pytest.raises(UnreadableFile):
            storage.read(path)


@pytest.mark.parametrize("part", ["neurons", "synapses", "domain"])
def test_a_changed_byte_in_a_folder_names_the_part(tmp_path, part):
    folder = storage.write(cg.from_adjacency([[0, 3], [1, 0]]), tmp_path / "g", layout="folder")
    file = folder / f"{part}.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(UnreadableFile, match=rf"{part}\.parquet .* was changed or is damaged"):
        storage.read(folder)


def edit_manifest(folder, **fields):
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text()) | fields
    file.write_text(json.dumps(manifest))


def test_a_changed_manifest_is_detected(tmp_path):
    folder = storage.write(cg.from_adjacency([[0, 3], [1, 0]]), tmp_path / "g", layout="folder")
    edit_manifest(folder, domain={"policy": "strict", "diagonal": False})
    with pytest.raises(UnreadableFile, match=r"manifest\.json of .* was changed"):
        storage.read(folder)


def test_a_newer_format_is_refused_by_name(tmp_path):
    folder = storage.write(cg.from_adjacency([[0, 3], [1, 0]]), tmp_path / "g", layout="folder")
    edit_manifest(folder, format_version=4, software="connectome-graph 9.9")
    with pytest.raises(UnreadableFile, match=r"format version 4, written by connectome-graph 9\.9"):
        storage.read(folder)


def test_an_unsound_bundle_with_sound_hashes_is_refused(tmp_path):
    folder = storage.write(cg.from_adjacency([[0, 3], [1, 0]]), tmp_path / "g", layout="folder")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["synapse_columns"] = [{"name": "nowhere", "dtype": "int64"}]
    manifest["sha256"] = storage._own_hash(manifest)
    edit_manifest(folder, **manifest)
    with pytest.raises(UnreadableFile, match="is not a sound bundle"):
        storage.read(folder)


@pytest.mark.parametrize("name", ["g.graphml", "g.connectome", "g"])
def test_what_the_file_is_decides_how_it_is_read(tmp_path, name):
    g = cg.from_adjacency([[0, 1], [0, 0]])
    assert cg.read(cg.export.write_graphml(g, tmp_path / name)).equals(g)


def test_other_things_are_not_bundles(tmp_path):
    (tmp_path / "text").write_text("hello")
    with pytest.raises(UnreadableFile, match="is not a bundle"):
        storage.read(tmp_path / "text")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnreadableFile, match="cannot be read as a bundle"):
        storage.read(tmp_path / "other.zip")
    with pytest.raises(UnreadableFile, match="cannot be read as a bundle"):
        storage.read(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": "something else"}')
    with pytest.raises(UnreadableFile, match="holds 'something else'"):
        storage.read(tmp_path)
    assert [storage.is_bundle(tmp_path / name) for name in ("text", "other.zip", "no")] == [
        False
    ] * 3


def test_a_rezipped_bundle_is_read(tmp_path):
    g = every_kind()
    folder = storage.write(g, tmp_path / "g", layout="folder")
    with zipfile.ZipFile(tmp_path / "g.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    assert difference(g, storage.read(tmp_path / "g.zip")) == []


def test_a_folder_of_other_things_is_never_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UnreadableFile, match="holds something other than a bundle"):
        storage.write(cg.from_adjacency([[0, 1], [0, 0]]), tmp_path, layout="folder")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_failed_write_leaves_the_old_bundle(tmp_path, monkeypatch):
    old = cg.from_adjacency([[0, 1], [0, 0]])
    for layout in ("file", "folder"):
        path = storage.write(old, tmp_path / layout, layout=layout)
        with monkeypatch.context() as patch:
            patch.setattr(storage, "_own_hash", lambda _: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                storage.write(every_kind(), path, layout=layout)
        assert storage.read(path).equals(old)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder"]


def test_bad_arguments_are_named(tmp_path):
    g = cg.from_adjacency([[0, 1], [0, 0]])
    with pytest.raises(InvalidArgument, match="layout='zip' is not a choice"):
        storage.write(g, tmp_path / "g", layout="zip")
    odd = g.annotate(pd.DataFrame({"root_id": [1, 2], "odd": [b"x", b"y"]}))
    with pytest.raises(InvalidTable, match="'odd' cannot be written"):
        storage.write(odd, tmp_path / "g")
    assert list(tmp_path.iterdir()) == []
