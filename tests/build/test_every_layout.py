"""Every layout of the table, each of the five faults: the right number, or a sentence that says it.

Where a fault cannot occur in a layout, the case says why; the list of cases is held to be the
list of layouts.
"""

from __future__ import annotations

import shutil

import pytest
from definitions_of_releases import facts
from layouts_made import (
    CASES,
    COMPANION,
    PREFIX,
    REPEATED,
    TEXT,
    TRUNCATED,
    cut,
    read,
    write,
)

import connectome_graph as cg
from connectome_graph.errors import ConnectomeError, InvalidArgument, InvalidTable, UnreadableFile
from connectome_graph.sources.releases import totals
from connectome_graph.sources.releases.layouts import LAYOUTS
from docs import made_other_releases as other
from docs.made_other_releases import _dumped

#: Views that are named and not read, because a more detailed one lies beside them.
LEFT_OUT = ("traced-connections.csv",)
FAULTS = (REPEATED, TEXT, COMPANION, TRUNCATED, PREFIX)


def possible(fault):
    """Return the cases in which a fault can occur."""
    return [name for name, case in CASES.items() if fault not in case.impossible]


def test_there_is_a_case_for_every_layout_and_a_reason_for_every_gap():
    in_table = {(each.kind, each.role, each.columns) for each in LAYOUTS}
    assert {case.key for case in CASES.values()} == in_table
    for case in CASES.values():
        assert set(case.impossible) <= set(FAULTS)
        assert all(case.impossible.values())


@pytest.mark.parametrize("name", CASES)
def test_the_right_graph(tmp_path, name):
    case = CASES[name]
    place = case.make(tmp_path)
    assert (place / case.file).is_file()
    g = cg.from_release(place)
    assert g.provenance.steps[0].facts["kind"] == case.key[0]
    assert g.n_edges >= 1


@pytest.mark.parametrize("name", possible(REPEATED))
def test_repeated_ids(tmp_path, name):
    case = CASES[name]
    path = case.make(tmp_path) / case.file
    before = cg.from_release(tmp_path)
    table = read(path)
    if "id" in table.columns and case.key[1] == "synapses":
        write(path, table.iloc[[0, *range(len(table))]])
        with pytest.raises(InvalidTable, match="need to be unique"):
            cg.from_release(tmp_path)
        return
    if len(case.ids) == 2:
        # connections: a pair may have several rows, and each of them counts
        write(path, table.iloc[[0, *range(len(table))]])
        after = cg.from_release(tmp_path)
        assert after.n_edges == before.n_edges
        if facts(before)["connections_file"] == case.file:
            assert sums(after) > sums(before)
        return
    row = table[table[case.ids[0]] != 0].iloc[[0]]
    write(path, table.iloc[[*row.index, *range(len(table))]])
    g = cg.from_release(tmp_path)
    assert g.equals(before)
    if case.key[0] == "sonata":
        return  # the same type twice says nothing new
    told = str(g.provenance)
    assert "already named were left out" in told or "share one were left out" in told


def sums(g):
    return g.edges.drop(columns=["pre", "post"]).to_numpy().sum()


@pytest.mark.parametrize("name", possible(TEXT))
def test_text_ids(tmp_path, name):
    case = CASES[name]
    path = case.make(tmp_path) / case.file
    table = read(path)
    write(path, table.assign(**{own: "x" + table[own].astype(str) for own in case.ids}))
    if case.file in LEFT_OUT:
        return  # a view of the same synapses that is not read
    with pytest.raises(ConnectomeError):
        cg.from_release(tmp_path)


@pytest.mark.parametrize("name", possible(COMPANION))
def test_a_missing_companion(tmp_path, name):
    case = CASES[name]
    place = case.make(tmp_path)
    before = cg.from_release(place)
    if len(case.ids) == 2 or case.key[0] == "sonata":
        pytest.importorskip("h5py")
        names = case.file.split(".")[0] + "_header.csv"
        companions = [file for file in place.iterdir() if file.name not in (case.file, names)]
        for file in companions:
            file.unlink()
        if case.key[1] == "node types":
            with pytest.raises(UnreadableFile):
                cg.from_release(place)
            return
        g = cg.from_release(place)
        assert facts(g)["missing_files"]
        assert "No file says which neurons there are" in str(g.provenance)
        return
    (place / case.file).unlink()
    g = cg.from_release(place, unknown="add")
    assert case.key[1] in facts(g)["missing_files"] or "neurons" in facts(g)["missing_files"]
    assert case.file not in facts(g).get("files", {}).values()
    assert g.n_edges >= before.n_edges or g.n_neurons != before.n_neurons


@pytest.mark.parametrize("name", possible(TRUNCATED))
def test_a_truncated_file(tmp_path, name):
    case = CASES[name]
    path = case.make(tmp_path) / case.file
    cut(path)
    if case.file in LEFT_OUT:
        return
    with pytest.raises(ConnectomeError, match=case.file.split(" ")[0]):
        cg.from_release(tmp_path)


@pytest.mark.parametrize("name", possible(PREFIX))
def test_a_wrong_prefix(tmp_path, name):
    case = CASES[name]
    path = case.make(tmp_path) / case.file
    table = read(path)
    for own in case.ids:
        table[own] = "9" + table[own] if case.key[0] == "sjcabs" else table[own] + 5 * 10**9
    write(path, table)
    with pytest.raises(InvalidTable, match=r"prefix|version|begin with|first digits"):
        cg.from_release(tmp_path)


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if "stale" in case.impossible.get(PREFIX, "")]
)
def test_stale_ids(tmp_path, name):
    case = CASES[name]
    path = case.make(tmp_path) / case.file
    table = read(path)
    table.loc[table.index[-1], case.ids[0]] += 4 * 10**9
    write(path, table)
    assert facts(cg.from_release(tmp_path))[f"n_stale_rows {case.file}"] >= 1


def test_a_dump_without_its_names_is_said(tmp_path):
    case = CASES["dumped synapses"]
    case.make(tmp_path)
    for file in tmp_path.glob("*_header.csv"):
        file.unlink()
    with pytest.raises(UnreadableFile, match=r"_header\.csv beside it"):
        cg.from_release(tmp_path)


def test_several_cell_tables_are_named(tmp_path):
    case = CASES["dumped cells"]
    path = case.make(tmp_path) / case.file
    _dumped(tmp_path, "aibs_metamodel_celltypes_v661", read(path).assign(cell_type="model"))
    with pytest.raises(InvalidArgument, match="cell_table="):
        cg.from_release(tmp_path)
    g = cg.from_release(tmp_path, cell_table="metamodel")
    assert set(g.neurons["cell_type"]) == {"model"}
    assert "aibs_cell_info_merged.csv.gz" in str(g.provenance)
    with pytest.raises(InvalidArgument, match="part of no file's name"):
        cg.from_release(tmp_path, cell_table="mtypes")


def test_labels_of_the_community_are_joined(tmp_path):
    case = CASES["codex labels"]
    g = cg.from_release(case.make(tmp_path))
    assert g.neurons["labels"].tolist() == ["a; e", "b", "c", "d"]


def test_totals_are_compared(tmp_path, monkeypatch):
    other.witvliet(tmp_path)
    known = totals.Total("worm chemical", r"witvliet_2020_7", "made", 2, 7)
    monkeypatch.setattr(totals, "TOTALS", (known,))
    told = str(cg.from_release(tmp_path).provenance)
    assert "the 2 rows, adding up to 7, that are published for made" in told
    found = cg.datasets.verify(tmp_path)
    assert found.loc[0, ["n_rows", "n_rows_published", "total", "total_published"]].tolist() == [
        2, 2, 7, 7,
    ]  # fmt: skip
    assert found["agrees"].tolist() == [True]
    monkeypatch.setattr(totals, "TOTALS", (known._replace(total=8),))
    assert "add up to 7 and not to 8" in str(cg.from_release(tmp_path).provenance)
    assert cg.datasets.verify(tmp_path)["agrees"].tolist() == [False]


@pytest.mark.parametrize("name", CASES)
def test_any_layout_can_be_verified(tmp_path, name):
    case = CASES[name]
    found = cg.datasets.verify(case.make(tmp_path))
    assert not found["agrees"].any()  # tiny files are not what was published
    for file in found["file"]:
        assert (tmp_path / file).is_file()


@pytest.mark.parametrize("packed", ["zip", "gztar"])
def test_graphml_in_an_archive(tmp_path, packed):
    inside = tmp_path / "in"
    inside.mkdir()
    cg.export.write_graphml(cg.from_adjacency([[0, 2], [1, 0]]), inside / "cat.graphml")
    path = shutil.make_archive(str(tmp_path / "cat"), packed, inside)
    g = cg.from_release(path)
    assert g.n_edges == 2
    assert cg.from_release(path, "graphml").equals(g)
