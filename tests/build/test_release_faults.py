"""Faults in the files of a release are said in a sentence; what differs is never added up."""

from __future__ import annotations

import gzip
import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest
from definitions_of_releases import BODIES, FLY, facts, pairs

import connectome_graph as cg
from connectome_graph.errors import (
    ConnectomeError,
    InvalidArgument,
    InvalidTable,
    UnreadableFile,
)
from docs import made_other_releases as other
from docs import made_releases as made

# -- faults, for every layout --------------------------------------------------------------

LAYOUTS = {
    "codex": (made.codex, "neurons.csv.gz", "root_id"),
    "zenodo": (made.zenodo, "Supplemental_file1_neuron_annotations.tsv", "root_id"),
    "shiu": (made.shiu, "Completeness_783.csv", "Unnamed: 0"),
    "manc": (made.manc, "manc-v1.0-neuron-properties.feather", "bodyId"),
    "male cns": (made.male_cns, "body-annotations-male-cns-v1.0.feather", "bodyId"),
    "banc": (made.banc, "banc_746_meta.feather", "banc_746_id"),
}


def table_of(path):
    name = path.name
    if name.endswith(".feather"):
        return pd.read_feather(path)
    return pd.read_csv(path, sep="\t" if name.endswith(".tsv") else ",")


def put(path, frame):
    if path.name.endswith(".feather"):
        frame.to_feather(path)
    else:
        index = frame.columns[0].startswith("Unnamed")
        if index:
            frame = frame.rename(columns={frame.columns[0]: ""})
        frame.to_csv(path, sep="\t" if path.name.endswith(".tsv") else ",", index=False)


@pytest.mark.parametrize("name", LAYOUTS)
def test_repeated_ids_that_differ_are_refused_and_equal_rows_counted(tmp_path, name):
    make, file, ids = LAYOUTS[name]
    path = make(tmp_path) / file
    table = table_of(path)
    put(path, pd.concat([table, table.iloc[:1]], ignore_index=True))
    assert facts(cg.from_release(tmp_path))[f"n_repeated_rows {file}"] == 1
    other = table.iloc[:1].copy()
    column = next(c for c in table.columns if c not in (ids, "superclass", "super_class"))
    other[column] = True if table[column].dtype == bool else table[column].iloc[-1]
    if table[column].dtype == bool:
        other[column] = ~table[column].iloc[0]
    other[column] = other[column] if not other[column].equals(table[column].iloc[:1]) else None
    put(path, pd.concat([table, other.astype(table.dtypes.to_dict(), errors="ignore")],
                        ignore_index=True))  # fmt: skip
    with pytest.raises(InvalidTable, match="several rows that differ"):
        cg.from_release(tmp_path)


@pytest.mark.parametrize("name", LAYOUTS)
def test_ids_as_text_are_the_same_ids_or_refused(tmp_path, name):
    make, file, ids = LAYOUTS[name]
    whole = cg.from_release(make(tmp_path / "whole"))
    path = make(tmp_path / "text") / file
    table = table_of(path)
    put(path, table.assign(**{ids: "x" + table[ids].astype(str)}))
    with pytest.raises(ConnectomeError):
        cg.from_release(tmp_path / "text")
    assert whole.n_edges


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_missing_companion_is_said(tmp_path, name):
    make, file, _ = LAYOUTS[name]
    (make(tmp_path) / file).unlink()
    g = cg.from_release(tmp_path)
    assert facts(g)["missing_files"]
    assert g.n_edges >= 2


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_truncated_file_is_named(tmp_path, name):
    make, _, _ = LAYOUTS[name]
    for file in sorted(make(tmp_path).iterdir()):
        if file.suffix in (".csv", ".tsv"):
            continue  # plain text that ends early is a shorter table
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(UnreadableFile, match=file.name):
            cg.from_release(tmp_path)
        file.write_bytes(whole)


@pytest.mark.parametrize("name", LAYOUTS)
def test_ids_of_another_prefix_are_refused(tmp_path, name):
    make, file, ids = LAYOUTS[name]
    path = make(tmp_path) / file
    table = table_of(path)
    if name == "banc":
        put(path, table.rename(columns={ids: "fafb_783_id"}))
    else:
        put(path, table.assign(**{ids: table[ids] + 10**9}))
        for other in tmp_path.glob("*.npy"):
            np.save(other, np.load(other) + 10**9)
    with pytest.raises(InvalidTable, match=r"prefix|version"):
        cg.from_release(tmp_path)


def test_connections_of_another_prefix_are_refused(tmp_path):
    made.codex(tmp_path)
    frame = made.codex_connections()
    frame["pre_root_id"] -= 720575940 * 10**9
    frame.to_csv(tmp_path / "connections.csv.gz", index=False)
    with pytest.raises(InvalidTable, match="do not all begin with 720575940"):
        cg.from_release(tmp_path)


@pytest.mark.parametrize(
    "make", [other.witvliet, other.cook, other.sonata, other.cave_dump, made.hemibrain]
)
def test_what_is_damaged_is_named(tmp_path, make):
    for file in sorted(make(tmp_path).iterdir()):
        if file.suffix == ".csv":
            continue
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(UnreadableFile, match=file.name.split(" ")[0]):
            cg.from_release(tmp_path)
        file.write_bytes(whole)


# -- choosing ------------------------------------------------------------------------------


def test_detectors_and_thresholds_are_named(tmp_path):
    made.codex(tmp_path)
    shutil.copy(tmp_path / "connections.csv.gz", tmp_path / "connections_princeton.csv.gz")
    with pytest.raises(InvalidArgument, match="detector"):
        cg.from_release(tmp_path)
    g = cg.from_release(tmp_path, connections="princeton")
    assert facts(g)["connections_file"] == "connections_princeton.csv.gz"
    assert pairs(cg.from_release(tmp_path, connections="connections.csv.gz")) == FLY
    with pytest.raises(InvalidArgument, match="part of no file's name"):
        cg.from_release(tmp_path, connections="buhmann")


def test_kinds_lie_apart(tmp_path):
    made.codex(tmp_path)
    made.manc(tmp_path)
    with pytest.raises(InvalidArgument, match="several kinds"):
        cg.from_release(tmp_path)
    assert pairs(cg.from_release(tmp_path, "flywire")) == FLY
    assert pairs(cg.from_release(tmp_path, kind="neuprint")) == BODIES


def test_plain_and_packed_files_are_alike(tmp_path):
    made.codex(tmp_path / "packed")
    (tmp_path / "plain").mkdir()
    for file in (tmp_path / "packed").iterdir():
        with gzip.open(file) as stream:
            (tmp_path / "plain" / file.name.removesuffix(".gz")).write_bytes(stream.read())
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for file in (tmp_path / "packed").iterdir():
            archive.write(file, f"codex/{file.name}")
    packed = cg.from_release(tmp_path / "packed")
    for source in (
        tmp_path / "plain",
        tmp_path / "all.zip",
        list((tmp_path / "plain").iterdir()),
        str(tmp_path / "packed"),
    ):
        assert cg.from_release(source).equals(packed)


def test_partners_may_be_added(tmp_path):
    g = cg.from_release(made.codex(tmp_path), unknown="add")
    assert g.n_neurons == 5
    with pytest.raises(InvalidTable):
        cg.from_release(tmp_path, unknown="raise")


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (5, InvalidArgument),
        (None, InvalidArgument),
        ([], UnreadableFile),
        ([5], InvalidArgument),
        ("nowhere", UnreadableFile),
        (pd.DataFrame({"a": [1]}), UnreadableFile),
        (pd.DataFrame({"bodyId": [1], "type": ["x"]}), UnreadableFile),
    ],
)
def test_what_is_no_release_is_said(source, error):
    with pytest.raises(error):
        cg.from_release(source)


def test_arguments_are_checked(tmp_path):
    folder = made.codex(tmp_path)
    for given in (
        {"kind": "fly"},
        {"layer": "both"},
        {"connections": 5},
        {"unknown": "keep"},
        {"keep": "all"},
    ):
        with pytest.raises(InvalidArgument):
            cg.from_release(folder, **given)


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(UnreadableFile, match="no file"):
        cg.from_release(tmp_path)
