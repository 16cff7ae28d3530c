"""The front doors: every good table becomes the right graph, every bad one a clear error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
import scipy.sparse
from hypothesis import given

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument, InvalidTable, UnreadableFile

IDS = strategies.root_ids(4)
CELLS = pd.DataFrame({"pt_root_id": IDS, "cell_type": ["23P", "BC", "BC", "MC"]})


def synapses(**changes):
    table = pd.DataFrame(
        {
            "id": [11, 12, 13],
            "pre_pt_root_id": [IDS[0], IDS[0], IDS[2]],
            "post_pt_root_id": [IDS[1], IDS[1], IDS[0]],
            "size": [10, 30, 5],
        }
    )
    return table.assign(**changes)


def test_cave_names_need_no_options():
    g = cg.from_tables(synapses(), CELLS)
    assert g.n_neurons == 4
    assert g.edges.to_dict("list") == {
        "pre": [IDS[0], IDS[2]], "post": [IDS[1], IDS[0]], "count": [2, 1], "size": [40, 5]
    }  # fmt: skip
    assert g.synapses["synapse_id"].tolist() == [11, 12, 13]


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "tsv", "feather", "arrow", "parquet"])
def test_every_file_format_gives_the_same_graph(tmp_path, ending):
    expected = cg.from_tables(synapses(), CELLS)
    paths = []
    for name, table in (("synapses", synapses()), ("cells", CELLS)):
        path = tmp_path / f"{name}.{ending}"
        if ending == "parquet":
            table.to_parquet(path)
        elif ending in ("feather", "arrow"):
            pyarrow.feather.write_feather(pa.Table.from_pandas(table), path)
        else:
            table.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
        paths.append(path)
    g = cg.from_tables(*paths)
    assert g.equals(expected)
    assert g.provenance.fact("synapses_file") == f"synapses.{ending}"
    assert str(tmp_path) not in str(g.provenance.to_dict())


def test_a_glob_is_read_whole(tmp_path):
    for part in range(3):
        synapses().iloc[[part]].to_parquet(tmp_path / f"part{part}.parquet")
    expected = cg.from_tables(synapses(), CELLS)
    assert cg.from_tables(str(tmp_path / "part*.parquet"), CELLS).equals(expected)
    assert cg.from_tables(tmp_path, CELLS).equals(expected)
    synapses().rename(columns={"size": "area"}).to_parquet(tmp_path / "part9.parquet")
    with pytest.raises(InvalidTable, match=r"part9.parquet has other columns.*area, size"):
        cg.from_tables(tmp_path, CELLS)


@given(strategies.tables())
def test_arrow_and_pandas_agree(pair):
    synapses, neurons = pair
    expected = cg.from_tables(synapses, neurons)
    g = cg.from_tables(pa.Table.from_pandas(synapses), pa.Table.from_pandas(neurons))
    assert g.equals(expected)


@given(strategies.tables())
def test_the_order_of_rows_with_ids_does_not_matter(pair):
    synapses, neurons = pair
    synapses["synapse_id"] = np.arange(len(synapses)) + strategies.BASE_ID
    expected = cg.from_tables(synapses, neurons)
    assert cg.from_tables(synapses.iloc[::-1], neurons).equals(expected)


def test_text_ids_work():
    table = pd.DataFrame({"pre": ["AVAL", "VA1"], "post": ["VA1", "AVAL"]})
    g = cg.from_tables(table, pd.DataFrame({"root_id": ["AVAL", "VA1", "DB3"]}))
    assert g.edges["pre"].tolist() == ["AVAL", "VA1"]
    with pytest.raises(InvalidTable, match="text and the neuron table's are integers"):
        cg.from_tables(table, CELLS)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"pre_pt_root_id": [1.0, 2.0, 3.0]}, "floats"),
        ({"pre_pt_root_id": pd.array([IDS[0], None, IDS[2]], dtype="Int64")}, "end outside"),
        ({"pre_pt_root_id": [IDS[0], 0, IDS[2]]}, r"row 1, pre=0"),
        ({"post_pt_root_id": [IDS[0], 77, IDS[2]]}, r"1 of 3 .*row 1, post=77.*unknown='drop'"),
        ({"pre_pt_root_id": ["a", 1, 2]}, "all integers or all text; found int, str"),
        ({"size": ["a", "b", "c"]}, r"'size' needs numbers; 3 of 3"),
        ({"id": [11, 11, 12]}, "unique and present; found repeated"),
        ({"id": pd.array([11, None, 12], dtype="Int64")}, "1 missing"),
        ({"count": [1, 0, 2]}, r"1 of 3 rows of 'count'.*row 1"),
        ({"count": [1, 1.5, 2]}, r"1 of 3 rows of 'count'"),
    ],
)
def test_bad_synapse_tables_are_refused(changes, says):
    with pytest.raises(InvalidTable, match=says):
        cg.from_tables(synapses(**changes), CELLS)


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        ([1.0, 2.0, 3.0, 4.0], "floats"),
        ([IDS[0], IDS[0], IDS[2], IDS[3]], "2 of 4 neuron rows.*more than once"),
        ([0, *IDS[1:]], "1 of 4 neuron rows have the id 0"),
        (pd.array([None, *IDS[1:]], dtype="Int64"), "1 of 4 neuron rows have a missing root id"),
    ],
)
def test_bad_neuron_ids_are_refused_or_dropped_by_name(ids, says):
    cells = CELLS.assign(pt_root_id=ids)
    with pytest.raises(InvalidTable, match=says):
        cg.from_tables(synapses(), cells)
    if "floats" not in says:
        options = {"invalid_neurons": "drop", "unknown": "drop", "zero": "missing"}
        g = cg.from_tables(synapses(), cells, **options)
        assert IDS[0] not in g.ids
        assert g.n_synapses == 0
        assert "dropped" in str(g.provenance)


def test_a_csv_with_an_empty_cell_keeps_every_digit(tmp_path):
    path = tmp_path / "synapses.csv"
    path.write_text(f"pre,post,size\n{IDS[0]},{IDS[1]},3\n,{IDS[2]},4\n{IDS[2]},{IDS[3]},5\n")
    with pytest.raises(InvalidTable, match=r"1 of 3 .*row 1, pre=missing"):
        cg.from_tables(path, CELLS)
    g = cg.from_tables(path, CELLS, unknown="drop")
    assert g.edges["post"].tolist() == [IDS[1], IDS[3]]
    assert g.provenance.fact("n_dropped_unknown") == 1


def test_unknown_partners_are_added_without_touching_other_columns():
    cells = CELLS.assign(nucleus=IDS, status_axon=["t", "f", None, "t"])
    g = cg.from_tables(synapses(post_pt_root_id=[IDS[0], 77, 78]), cells, unknown="add")
    assert g.ids.tolist() == [*IDS, 77, 78]
    assert g.neurons["nucleus"].iloc[:4].tolist() == IDS
    assert g.neurons["status_axon"].tolist() == [True, False, False, True, False, False]
    assert g.provenance.fact("n_added_neurons") == 2
    with pytest.raises(InvalidTable, match="have the partner id 0"):
        cg.from_tables(synapses(post_pt_root_id=[IDS[0], 0, 78]), cells, unknown="add")


def test_autapses_are_kept_counted_dropped_or_refused():
    table = synapses(post_pt_root_id=[IDS[0], IDS[1], IDS[0]])
    kept = cg.from_tables(table, CELLS)
    assert (kept.n_synapses, kept.n_edges, kept.n_autapses) == (3, 2, 1)
    assert "1 autapse row was kept outside the domain" in str(kept.provenance)
    dropped = cg.from_tables(table, CELLS, autapses="drop")
    assert (dropped.n_synapses, dropped.n_edges, dropped.n_autapses) == (2, 2, 0)
    with pytest.raises(InvalidTable, match="onto itself"):
        cg.from_tables(table, CELLS, autapses="raise")


def test_missing_columns_get_a_suggestion():
    with pytest.raises(InvalidTable, match=r"no 'pre' column.*Did you mean 'pree'"):
        cg.from_tables(synapses().rename(columns={"pre_pt_root_id": "pree"}), CELLS)
    with pytest.raises(InvalidTable, match=r"names 'sise'.*Did you mean 'size'"):
        cg.from_tables(synapses(), CELLS, columns={"size": "sise"})
    with pytest.raises(InvalidTable, match="no 'root_id' column"):
        cg.from_tables(synapses(), CELLS.drop(columns="pt_root_id"))
    with pytest.raises(InvalidTable, match="both 'area'"):
        cg.from_tables(synapses(area=1), CELLS, columns={"size": "area"})


def test_choices_are_named():
    with pytest.raises(InvalidArgument, match="unknown='ignore'"):
        cg.from_tables(synapses(), CELLS, unknown="ignore")
    with pytest.raises(InvalidArgument, match="unknown='add'"):
        cg.from_tables(synapses())
    assert cg.from_tables(synapses(), unknown="add").n_neurons == 3
    with pytest.raises(InvalidArgument, match="polars DataFrame, an Arrow table"):
        cg.from_tables([1, 2], CELLS)


def test_empty_tables_and_one_neuron():
    none = cg.from_tables(synapses().iloc[:0], CELLS)
    assert (none.n_neurons, none.n_edges, none.n_synapses) == (4, 0, 0)
    assert none.adjacency().shape == (4, 4)
    one = cg.from_tables(synapses().iloc[:0], CELLS.iloc[:1])
    assert (one.n_neurons, one.domain.n_pairs) == (1, 0)
    nobody = cg.from_tables(synapses().iloc[:0], CELLS.iloc[:0])
    assert (nobody.n_neurons, nobody.domain.n_pairs) == (0, 0)


@pytest.mark.parametrize("form", ["split", "text", "array", "nm"])
def test_positions_become_micrometres(form):
    voxels = np.array([[100, 200, 30], [400, 500, 60], [700, 800, 90]])
    table = synapses()
    if form == "split":
        for axis, values in zip("xyz", voxels.T, strict=True):
            table[f"ctr_pt_position_{axis}"] = values
    elif form == "text":
        table["ctr_pt_position"] = [f"[{x}  {y} {z}]" for x, y, z in voxels]
    elif form == "array":
        table["ctr_pt_position"] = list(voxels)
    else:
        for axis, values in zip("xyz", (voxels * (4, 4, 40)).T, strict=True):
            table[f"{axis}_nm"] = values
    if form != "nm":
        with pytest.raises(InvalidTable, match=r"resolution_nm=\(4, 4, 40\)"):
            cg.from_tables(table, CELLS)
        assert (
            "x_um" not in cg.from_tables(table, CELLS, columns={"position": None}).synapse_columns
        )
    g = cg.from_tables(table, CELLS, resolution_nm=None if form == "nm" else (4, 4, 40))
    np.testing.assert_allclose(g.synapses[["x_um", "y_um", "z_um"]], voxels * (4, 4, 40) / 1000)
    assert not [name for name in g.synapse_columns if "position" in name or "_nm" in name]


def test_positions_take_the_resolution_that_caveclient_writes():
    table = synapses(ctr_pt_position=["[1 1 1]"] * 3)
    table.attrs["dataframe_resolution"] = "1000, 1000, 2000"
    assert cg.from_tables(table, CELLS).synapses["z_um"].tolist() == [2.0, 2.0, 2.0]


def test_positions_that_are_no_positions_are_refused():
    table = synapses(ctr_pt_position=["[1 1 1]", "[1 1]", None])
    with pytest.raises(InvalidTable, match=r"found '\[1 1\]' in row 1"):
        cg.from_tables(table, CELLS, resolution_nm=(4, 4, 40))
    with pytest.raises(InvalidArgument, match="three positive"):
        cg.from_tables(table, CELLS, resolution_nm=(4, 4))


def test_the_tutorials_transformed_positions_win():
    cells = CELLS.assign(
        pt_position_x=1, pt_position_y=2, pt_position_z=3,
        pt_position_x_tform=1.5, pt_position_y_tform=2.5, pt_position_z_tform=3.5,
    )  # fmt: skip
    g = cg.from_tables(synapses(), cells)
    assert g.neurons.loc[IDS[0], ["x_um", "y_um", "z_um"]].tolist() == [1.5, 2.5, 3.5]


@pytest.mark.parametrize(
    "values", [["t", "f", None, "true"], [True, False, None, True], [1, 0, np.nan, 1]]
)
def test_status_text_becomes_booleans(values):
    g = cg.from_tables(synapses(), CELLS.assign(status_axon=values))
    assert g.neurons["status_axon"].tolist() == [True, False, False, True]
    assert g.subgraph("status_axon").n_neurons == 2
    with pytest.raises(InvalidTable, match="'maybe' in row 0"):
        cg.from_tables(synapses(), CELLS.assign(status_axon="maybe"))


def test_from_edges_counts_synapses():
    edges = pd.DataFrame({"pre": IDS[:2], "post": IDS[1:3], "count": [3, 4], "size": [30, 2]})
    g = cg.from_edges(edges, CELLS)
    assert (g.n_synapses, g.n_edges, g.is_aggregated) == (7, 2, True)
    assert cg.weights.compute(g, "mean").tolist() == [10.0, 0.5]
    assert g.provenance.steps[0].verb == "from_edges"
    with pytest.raises(InvalidTable, match="'count' column"):
        cg.from_edges(edges.drop(columns="count"), CELLS)


@given(strategies.dense_graphs(domain=False))
def test_matrices_round_trip(g):
    expected = g.matrix("count")
    for again in (
        cg.from_adjacency(expected, g.neurons),
        cg.from_adjacency(expected.to_numpy(), g.neurons),
        cg.from_adjacency(scipy.sparse.csr_array(expected.to_numpy()), g.neurons),
    ):
        pd.testing.assert_frame_equal(again.matrix("count"), expected)


def test_a_rectangular_matrix_is_a_rectangular_domain():
    frame = pd.DataFrame([[1, 0, 2]], index=[IDS[0]], columns=IDS[1:])
    g = cg.from_adjacency(frame)
    assert (g.domain.n_sources, g.domain.n_targets, g.n_edges) == (1, 3, 2)
    pd.testing.assert_frame_equal(g.matrix("count"), frame, check_names=False)
    with pytest.raises(InvalidTable, match="one row and one column for each"):
        cg.from_adjacency(np.ones((2, 3)))
    with pytest.raises(InvalidTable, match="whole numbers"):
        cg.from_adjacency([[0, 0.5], [1, 0]])
    assert cg.from_adjacency([[0, 0.5], [1, 0]], values="size").edges["size"].tolist() == [0.5, 1]


def test_files_that_cannot_be_read(tmp_path):
    cases = {
        "absent.csv": None,
        "text.parquet": b"pre,post\n1,2\n",
        "text.feather": b"pre,post\n1,2\n",
        "plain.csv.gz": b"pre,post\n1,2\n",
        "notes.xlsx": b"x",
    }
    synapses().to_parquet(tmp_path / "whole.parquet")
    cases["cut.parquet"] = (tmp_path / "whole.parquet").read_bytes()[:-20]
    for name, content in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(UnreadableFile, match=name):
            cg.from_tables(path, CELLS)
