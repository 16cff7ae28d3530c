"""Nothing of the user's is lost by writing, and no bundle whose parts disagree is read."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import stat
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hard_graphs import every_kind
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph import storage
from connectome_graph.errors import ConnectomeError, InvalidArgument, UnreadableFile


@pytest.fixture(scope="module")
def graph():
    return every_kind().between(pre=every_kind().ids[:-1])


@pytest.fixture
def bundle(graph, tmp_path):
    return storage.write(graph, tmp_path / "g", layout="folder")


def rewritten(folder, name, table):
    """Put another table into a bundle, with sound hashes."""
    pq.write_table(table, folder / name)
    data = (folder / name).read_bytes()
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["parts"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    said(folder, manifest)


def said(folder, manifest):
    """Put another manifest into a bundle, with a sound hash."""
    manifest["sha256"] = storage._own_hash(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def with_column(table, name, values):
    return table.set_column(table.column_names.index(name), name, values)


EDITS = {
    "rows in another order": lambda t: t.take(list(range(t.num_rows))[::-1]),
    "two rows exchanged": lambda t: t.take([t.num_rows - 1, *range(1, t.num_rows - 1), 0]),
    "a row less": lambda t: t.slice(1),
    "a row twice": lambda t: t.take([0, *range(t.num_rows)]),
    "no rows": lambda t: t.slice(0, 0),
    "the first column missing": lambda t: t.drop_columns(t.column_names[0]),
    "the last column missing": lambda t: t.drop_columns(t.column_names[-1]),
    "a column more": lambda t: t.append_column("more", pa.nulls(t.num_rows, pa.int64())),
    "columns in another order": lambda t: t.select(t.column_names[::-1]),
    "a column under another name": lambda t: t.rename_columns(["x", *t.column_names[1:]]),
    "the first column as text": lambda t: with_column(
        t, t.column_names[0], t.column(0).cast(pa.string())
    ),
    "the first column as floats": lambda t: with_column(
        t, t.column_names[0], t.column(0).cast(pa.float64(), safe=False)
    ),
    "the first column missing values": lambda t: with_column(
        t, t.column_names[0], pa.array([None, *t.column(0).to_pylist()[1:]], t.column(0).type)
    ),
    "another id": lambda t: with_column(
        t, t.column_names[0], pa.array([5, *t.column(0).to_pylist()[1:]], t.column(0).type)
    ),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("part", ["neurons", "synapses", "domain"])
def test_parts_that_disagree_are_refused_though_their_hashes_are_sound(bundle, part, edit):
    name = f"{part}.parquet"
    changed = EDITS[edit](pq.read_table(bundle / name))
    rewritten(bundle, name, changed)
    with pytest.raises(UnreadableFile):
        storage.read(bundle)


@pytest.mark.parametrize("name", ["is_source", "is_target"])
@pytest.mark.parametrize(
    "values", [lambda n: pa.nulls(n, pa.bool_()), lambda n: pa.array(np.ones(n, np.int64))]
)
def test_masks_are_true_or_false_for_every_neuron(bundle, name, values):
    table = pq.read_table(bundle / "domain.parquet")
    rewritten(bundle, "domain.parquet", with_column(table, name, values(table.num_rows)))
    with pytest.raises(UnreadableFile, match="true or false"):
        storage.read(bundle)


@pytest.mark.parametrize(
    "edit", [name for name in EDITS if "order" not in name and "exchanged" not in name]
)
def test_a_set_of_pairs_that_disagrees_is_refused(tmp_path, edit):
    pairs = pd.DataFrame({"pre": [1, 1, 2, 3], "post": [2, 3, 1, 2], "area": [1.0, 2.0, 3.0, 4.0]})
    g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 1, 0]]).within(pairs, exposure="area")
    folder = storage.write(g, tmp_path / "g", layout="folder")
    assert storage.read(folder).equals(g)
    changed = EDITS[edit](pq.read_table(folder / "pairs.parquet"))
    rewritten(folder, "pairs.parquet", changed)
    with pytest.raises(UnreadableFile):
        storage.read(folder)


def test_a_number_of_another_kind_is_not_rounded(bundle):
    table = pq.read_table(bundle / "synapses.parquet")
    name = next(f.name for f in table.schema if pa.types.is_integer(f.type) and f.name != "pre")
    halves = pa.array(np.arange(table.num_rows) + 0.5)
    rewritten(bundle, "synapses.parquet", with_column(table, name, halves))
    with pytest.raises(UnreadableFile):
        storage.read(bundle)


NUMBERS = ("n_neurons", "n_synapse_rows", "ids")
DOMAIN = ("policy", "n_sources", "n_targets", "n_pairs", "diagonal")
ODD = (None, -1, 0, 10**30, 1.0, True, "1", [], {})


def edited_manifests(folder):
    """Yield every manifest in which one number is another, or gone."""
    text = (folder / "manifest.json").read_text()
    for fields, names in ((lambda m: m, NUMBERS), (lambda m: m["domain"], DOMAIN)):
        for name in names:
            for odd in ODD:
                manifest = json.loads(text)
                before = fields(manifest)[name]
                if odd == before and type(odd) is type(before):
                    continue
                fields(manifest)[name] = odd
                yield name, odd, manifest
            manifest = json.loads(text)
            del fields(manifest)[name]
            yield name, "gone", manifest


def test_numbers_that_are_not_those_of_the_parts_are_refused(bundle):
    for name, odd, manifest in list(edited_manifests(bundle)):
        if name == "policy" and isinstance(odd, str) and odd != "gone":
            continue  # a name that nothing can be held against
        said(bundle, manifest)
        try:
            storage.read(bundle)
        except UnreadableFile:
            continue
        pytest.fail(f"{name} = {odd!r} was read")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_manifest_with_a_sound_hash_gives_a_graph_or_a_sentence(tmp_path_factory, data):
    """Replace one value anywhere in the manifest by anything."""
    folder = tmp_path_factory.getbasetemp() / "any-manifest"
    storage.write(cg.from_adjacency([[0, 3, 1], [1, 0, 0], [2, 0, 0]]), folder, layout="folder")
    manifest = json.loads((folder / "manifest.json").read_text())
    at, key = manifest, data.draw(st.sampled_from(sorted(manifest)))
    while isinstance(at[key], dict | list) and at[key] and data.draw(st.booleans()):
        at = at[key]
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
    leaf = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats()
    at[key] = data.draw(leaf | st.lists(leaf, max_size=2) | st.dictionaries(st.text(), leaf))
    said(folder, manifest)
    try:
        assert storage.read(folder).n_edges == 4
    except UnreadableFile:
        pass
    finally:
        for file in folder.iterdir():
            file.unlink()


# -- writing over what is there ------------------------------------------------------------


@pytest.fixture
def small():
    return cg.from_adjacency([[0, 1], [0, 0]])


def zipped(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_json", ".json"), text)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_text("years of work"),
        lambda path: path.write_bytes(b"PK\x03\x04 broken"),
        lambda path: zipped(path, thesis="years of work"),
        lambda path: zipped(path, manifest_json="{}"),
        lambda path: zipped(path, manifest_json="["),
        lambda path: zipped(path, manifest_json='{"format": "another"}'),
        lambda path: zipped(
            path, manifest_json='{"format": "connectome_graph bundle"}', thesis="years of work"
        ),
    ],
)
def test_another_file_is_replaced_only_when_told_so(tmp_path, small, make):
    path = tmp_path / "g.connectome"
    make(path)
    before = path.read_bytes()
    with pytest.raises(UnreadableFile, match="overwrite=True"):
        cg.write(small, path)
    assert path.read_bytes() == before
    cg.write(small, path, overwrite=True)
    assert cg.read(path).equals(small)
    assert [file.name for file in tmp_path.iterdir()] == ["g.connectome"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("layout", ["file", "folder"])
def test_a_folder_with_anything_else_in_it_is_never_replaced(tmp_path, small, layout, overwrite):
    folder = cg.write(small, tmp_path / "g", layout="folder")
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(UnreadableFile):
        cg.write(small, folder, layout=layout, overwrite=overwrite)
    assert len(list(folder.iterdir())) == 5


@pytest.mark.parametrize("overwrite", [False, True])
def test_files_of_the_same_names_that_are_not_ours_stay(tmp_path, small, overwrite):
    folder = tmp_path / "g"
    folder.mkdir()
    (folder / "neurons.parquet").write_text("not ours")
    for manifest in (None, "{}", '{"format": "another program"}', "\xff"):
        if manifest is not None:
            (folder / "manifest.json").write_text(manifest)
        with pytest.raises(UnreadableFile, match="other than a bundle"):
            cg.write(small, folder, layout="folder", overwrite=overwrite)
    assert (folder / "neurons.parquet").read_text() == "not ours"


def test_ours_and_what_is_empty_are_replaced(tmp_path, small):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for layout in ("file", "folder"):
        for _ in range(2):
            assert cg.read(cg.write(small, tmp_path / layout, layout=layout)).equals(small)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder"]


def test_overwrite_is_true_or_false(tmp_path, small):
    with pytest.raises(InvalidArgument, match="overwrite"):
        cg.write(small, tmp_path / "g", overwrite="yes")


# -- special files -------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="pipes with names are of POSIX")
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_only_regular_files_are_opened(tmp_path, monkeypatch, small, kind, linked):
    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    path = Path("special")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    else:
        path = Path("/dev/zero")
    if linked:
        Path("link").symlink_to(path)
        path = Path("link")
    for call in (cg.read, lambda place: cg.write(small, place, overwrite=True)):
        with pytest.raises(UnreadableFile, match=f"is a {kind}"):
            call(path)
    assert not stat.S_ISREG(path.stat().st_mode)
    folder = cg.write(small, "g", layout="folder")
    (folder / "domain.parquet").unlink()
    (folder / "domain.parquet").symlink_to(path.absolute())
    with pytest.raises(UnreadableFile):
        cg.read(folder)


def test_a_link_to_a_bundle_is_read(tmp_path, small):
    (tmp_path / "link").symlink_to(cg.write(small, tmp_path / "g"))
    assert cg.read(tmp_path / "link").equals(small)


@pytest.mark.parametrize("path", ["", "\x00", "x" * 5_000, "/proc/self/mem", 5, None, b"x"])
def test_any_path_is_read_or_told(path):
    with pytest.raises(ConnectomeError):
        cg.read(path)
    with pytest.raises(ConnectomeError):
        cg.write(cg.from_adjacency([[0, 1], [0, 0]]), path)


def test_a_graph_in_memory_is_not_changed_by_a_bundle_of_many_kinds(tmp_path, graph):
    assert cg.read(cg.write(graph, tmp_path / "g")).equals(graph)
    assert isinstance(graph.neurons, pd.DataFrame)
