"""Inputs that go wrong elsewhere, one kind each, from public reports of people who do this work."""

from __future__ import annotations

import gzip

import duckdb
import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import connectome_graph as cg
import strategies
from connectome_graph.errors import (
    ConnectomeError,
    InvalidArgument,
    InvalidTable,
    UnreadableFile,
)

A, B, C = strategies.root_ids(3)
CELLS = pd.DataFrame({"root_id": [1, 2, 3]})
ENGINES = ("memory", "duckdb")


def rows(**columns):
    return pd.DataFrame({"pre": [A, B], "post": [B, C], **columns})


def text(path, content, **options):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    graphs = [cg.from_tables(path, CELLS, engine=engine, **options) for engine in ENGINES]
    assert graphs[0].equals(graphs[1])
    return graphs[0]


# -- separated text ---------------------------------------------------------------------------


def test_numbers_are_judged_over_the_whole_column(tmp_path):
    late = "pre,post,size\n" + "1,2,10\n" * 60_000 + "1,2,0.75\n"
    assert text(tmp_path / "s.csv", late).edges["size"].tolist() == [600_000.75]


@pytest.mark.parametrize("word", ["NO", "t", "f", "yes", "no", "T"])
def test_words_are_no_booleans(tmp_path, word):
    g = text(tmp_path / "s.csv", f"pre,post,neuropil\n1,2,{word}\n2,3,{word}\n")
    assert g.synapse_column("neuropil").tolist() == [word, word]


def test_status_columns_are_booleans_by_the_data_model(tmp_path):
    (tmp_path / "n.csv").write_text("root_id,status_axon,code\n1,t,t\n2,f,f\n")
    g = cg.from_tables(pd.DataFrame({"pre": [1], "post": [2]}), tmp_path / "n.csv")
    assert g.neurons["status_axon"].tolist() == [True, False]
    assert g.neurons["code"].tolist() == ["t", "f"]


def test_true_and_false_are_booleans_where_a_column_holds_nothing_else(tmp_path):
    g = text(tmp_path / "s.csv", "pre,post,ok,odd\n1,2,True,true\n2,3,,1\n3,1,FALSE,x\n")
    assert g.synapse_column("ok").tolist() == [True, pd.NA, False]
    assert g.synapse_column("odd").tolist() == ["true", "1", "x"]


def test_quotes_say_text_unless_every_field_has_them(tmp_path):
    g = text(tmp_path / "s.csv", 'pre,post,code\n1,2,"7"\n2,3,"NA"\n3,1,\n1,3,""\n')
    assert [None if pd.isna(v) else v for v in g.synapse_column("code")] == ["7", "", "NA", None]
    g = text(tmp_path / "s.csv", '"pre","post","code"\n"1","2","7"\n"2","3",""\n')
    assert g.synapse_column("code").tolist() == [7, pd.NA]


def test_leading_zeros_are_text_in_both_partners(tmp_path):
    (tmp_path / "s.csv").write_text("pre,post\n007,7\n7,12\n")
    g = cg.from_tables(tmp_path / "s.csv", unknown="add")
    assert g.ids.tolist() == ["007", "12", "7"]
    assert g.equals(cg.from_tables(tmp_path / "s.csv", unknown="add", engine="duckdb"))


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("pre;post;size\n1;2;10\n", {}),
        ("pre\tpost\tsize\n1\t2\t10\n", {}),
        ("pre, post, size\n1, 2, 10\n", {}),
        ("# by R\n\npre,post,size\n1,2,10\n# the end\n", {}),
        ("pre,post,size\r\n1,2,10\r\n\r\n", {}),
        (b"\xef\xbb\xbfpre,post,size\n1,2,10", {}),
        ("pre,post,size\n1,2,10\n".encode("utf-16"), {"csv": {"encoding": "utf-16"}}),
        ("pre|post|size\n1|2|10\n", {"csv": {"delimiter": "|"}}),
        ("pre;post;size\n1;2;10,0\n", {"csv": {"decimal": ","}}),
        ("1,2,10\n", {"columns": {"pre": 0, "post": 1, "size": 2}}),
        ("a,b,c\n1,2,10\n", {"columns": {"pre": 0, "post": 1, "size": 2}, "csv": {"header": True}}),
    ],
)
def test_dialects_are_recognised_or_options(tmp_path, content, options):
    g = text(tmp_path / "s.csv", content, **options)
    assert g.edges.astype(float).to_numpy().tolist() == [[1, 2, 1, 10]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("pre,post\n1,2\n".encode("utf-16"), "encoding': 'utf-16'"),
        ("pre,post,t\n1,2,ü\n".encode("latin-1"), "encoding': 'latin-1'"),
        ("1,2\n2,3\n", "columns={'pre': 0, 'post': 1}"),
        ("pre,post,size,size\n1,2,1,2\n", "several columns called 'size'"),
        (",pre,post\n0,1,2\n", "has no name"),
        ("pre,post\n1,2,3\n", "do not have 2 fields"),
        ('pre,post\n1,"2\n', "ends inside a quoted field"),
        ("pre;post;size\n1;2;1,5\n", "decimal comma"),
        (gzip.compress(b"pre,post\n1,2\n"), "ending .gz"),
    ],
)
def test_what_cannot_be_read_says_what_would(tmp_path, content, message):
    (tmp_path / "s.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    for engine in ENGINES:
        with pytest.raises((InvalidTable, UnreadableFile)) as caught:
            cg.from_tables(tmp_path / "s.csv", CELLS, engine=engine)
        assert message in str(caught.value)


def test_a_header_is_not_read_as_a_row(tmp_path):
    (tmp_path / "s.csv").write_text("pre,post\n1,2\n2,3\n")
    with pytest.raises(InvalidTable, match="first row looks like one"):
        cg.from_tables(tmp_path / "s.csv", CELLS, columns={"pre": 0, "post": 1})


@pytest.mark.parametrize(
    ("parts", "tag"),
    [
        (["1,2,10,\n", ""], [None]),
        (["1,2,10,x\n", "2,3,20.5,\n"], ["x", None]),
        (["1,2,10,7\n", "2,3,1,x\n"], ["7", "x"]),
        (["1,2,10,7\n", "2,3,1,007\n"], ["7", "007"]),
    ],
)
def test_parts_of_text_are_promoted(tmp_path, parts, tag):
    for number, part in enumerate(parts):
        (tmp_path / f"{number}.csv").write_text("pre,post,size,tag\n" + part)
    for engine in ENGINES:
        g = cg.from_tables(tmp_path, CELLS, engine=engine)
        found = [None if pd.isna(each) else each for each in g.synapse_column("target")]
        assert found == tag


def test_names_of_folders_and_of_globs_are_only_names(tmp_path):
    folder = tmp_path / "size=7"
    folder.mkdir()
    for name in ("a[1].parquet", "b*.parquet"):
        pq.write_table(pa.table({"pre": [1], "post": [2], "size": [3]}), folder / name)
    for engine in ENGINES:
        assert cg.from_tables(folder, CELLS, engine=engine).edges["size"].tolist() == [6]
        assert cg.from_tables(folder / "a[1].parquet", CELLS, engine=engine).n_synapses == 1


# -- counts and sizes --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["syn_count", "n_syn", "synapse_count", "n_synapses", "synapses"])
def test_a_name_that_says_count_is_taken_and_told(name):
    g = cg.from_tables(rows(**{name: [3, 4]}), unknown="add")
    assert g.n_synapses == 7
    assert f"the column '{name}' is the number of synapses" in str(g.provenance)


@pytest.mark.parametrize("name", ["weight", "Weight", "Connectivity", "e_weight"])
def test_a_number_that_may_be_a_count_has_to_be_told(tmp_path, name):
    table = rows(**{name: [3, 4], "size": [1, 2]})
    table.to_parquet(tmp_path / "s.parquet")
    for given, options in (
        (table, {}),
        (tmp_path / "s.parquet", {"engine": "duckdb"}),
    ):
        with pytest.raises(InvalidTable) as caught:
            cg.from_tables(given, unknown="add", **options)
        assert f"columns={{'count': {name!r}}}" in str(caught.value)
        assert "columns={'count': None}" in str(caught.value)
        for own, n in ((name, 7), (None, 2)):
            g = cg.from_tables(given, unknown="add", columns={"count": own}, **options)
            assert g.n_synapses == n
    settled = cg.from_tables(table.assign(count=1), unknown="add")
    assert settled.synapse_column(name).tolist() == [3, 4]
    assert cg.from_tables(rows(**{name: [0.5, 2.0]}), unknown="add").n_synapses == 2


@pytest.mark.parametrize(
    "count", [[0, 1], [1.5, 1], [np.nan, 1], [np.inf, 1], [-1, 1], [2**62, 2**62], [True, True]]
)
def test_counts_are_counts_in_every_engine(tmp_path, count):
    table = rows(count=count)
    table.to_parquet(tmp_path / "s.parquet")
    table.to_csv(tmp_path / "s.csv", index=False)
    cells = pd.DataFrame({"root_id": [A, B, C]})
    for given in (table, tmp_path / "s.parquet", tmp_path / "s.csv"):
        engines = ["memory"] if given is table else ENGINES
        for engine in engines:
            for keep in ("synapses", "edges"):
                with pytest.raises(InvalidTable):
                    cg.from_tables(given, cells, engine=engine, keep=keep)


@pytest.mark.parametrize(
    ("size", "total"),
    [
        ([2**53 - 2, 1], 2**53 - 1),
        ([2**62, 2**62], None),
        ([2**63 - 1, 1], None),
        ([np.inf, 1.0], None),
        ([1.7e308, 1.7e308], None),
        ([0.1, 0.2], 0.1 + 0.2),
        (np.array([60000, 60000], np.float16), 120_000),
    ],
)
def test_totals_are_exact_or_an_error(tmp_path, size, total):
    table = pd.DataFrame({"pre": [1, 1], "post": [2, 2], "size": size})
    pq.write_table(pa.Table.from_pandas(table), tmp_path / "s.parquet")
    for given, options in (
        (table, {}),
        (table, {"keep": "edges"}),
        (tmp_path / "s.parquet", {"engine": "duckdb"}),
        (tmp_path / "s.parquet", {"engine": "duckdb", "keep": "edges"}),
    ):
        if total is None:
            with pytest.raises(InvalidTable):
                cg.from_tables(given, CELLS, **options)
        else:
            assert cg.from_tables(given, CELLS, **options).edges["size"].tolist() == [total]


def test_the_same_holds_for_graphs_of_other_programs(tmp_path):
    graph = nx.DiGraph()
    graph.add_edge(1, 2, weight=3)
    nx.write_graphml(graph, tmp_path / "g.graphml")
    for read, given in ((cg.from_networkx, graph), (cg.read_graphml, tmp_path / "g.graphml")):
        with pytest.raises(InvalidTable, match=r"columns=\{'count': 'weight'\}"):
            read(given)
        assert read(given, columns={"count": "weight"}).n_synapses == 3
        assert read(given, columns={"count": None}).n_synapses == 1
    counted = nx.DiGraph()
    counted.add_edge(1, 2, syn_count=3)
    assert "'syn_count' was taken as the number" in str(cg.from_networkx(counted).provenance)


# -- names and ids -----------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("a", "a"), (2, 3), (None, "a")])
def test_odd_names_are_named(names):
    table = pd.DataFrame([[A, B, 1, 2]])
    table.columns = pd.Index(["pre", "post", *names], dtype=object)
    with pytest.raises(InvalidTable, match=r"columns called 'a'|column names are text"):
        cg.from_tables(table, unknown="add")


@pytest.mark.parametrize("dtype", ["uint64", "UInt64", "uint64[pyarrow]", "object"])
def test_ids_beyond_int64_are_refused(dtype):
    ids = pd.Series([17361641481138401520], dtype=dtype)
    with pytest.raises(InvalidTable, match="17361641481138401520, which does not fit int64"):
        cg.from_tables(pd.DataFrame({"pre": ids, "post": ids}), unknown="add")


def test_integers_stay_exact_through_annotate():
    g = cg.from_tables(rows(), unknown="add")
    big = pa.table(
        {
            "root_id": [A],
            "big": pa.array([2**63 + 3], pa.uint64()),
            "nested": [[A, None]],
            "small": pa.array([7], pa.int32()),
        }
    )
    row = g.annotate(big).neurons.loc[A]
    assert (int(row["big"]), row["nested"], int(row["small"])) == (2**63 + 3, [A, None], 7)


def test_other_libraries_are_read_through_arrow():
    table = rows(size=[1, 2])
    expected = cg.from_tables(table, unknown="add")
    relation = duckdb.sql('SELECT * FROM "table"')
    for given in (pl.from_pandas(table), relation, pa.Table.from_pandas(table)):
        assert cg.from_tables(given, unknown="add").equals(expected)
    for given in (5, [1], {"pre": [1]}, None):
        with pytest.raises(InvalidArgument, match="Arrow's C stream interface"):
            cg.from_tables(given, unknown="add")


def test_a_matrix_read_back_from_a_file_finds_its_ids(tmp_path):
    matrix = pd.DataFrame([[0, 3], [1, 0]], index=[A, B], columns=[A, B])
    matrix.to_csv(tmp_path / "m.csv")
    g = cg.from_adjacency(pd.read_csv(tmp_path / "m.csv", index_col=0))
    assert g.equals(cg.from_adjacency(matrix))
    named = pd.DataFrame({"root_id": [str(A), str(B)]})
    assert cg.from_adjacency(matrix, named).ids.tolist() == [str(A), str(B)]


def test_zero_is_a_neuron_where_the_door_says_so():
    assert cg.from_networkx(nx.DiGraph([(0, 1)])).ids.tolist() == [0, 1]
    assert cg.from_adjacency(pd.DataFrame([[0, 3], [1, 0]])).ids.tolist() == [0, 1]
    table = pd.DataFrame({"pre": [0, 1], "post": [1, 2]})
    with pytest.raises(InvalidTable, match=r"zero='neuron'.*zero='missing'"):
        cg.from_tables(table, unknown="add")
    assert cg.from_tables(table, unknown="add", zero="neuron").ids.tolist() == [0, 1, 2]
    assert cg.from_tables(table, unknown="add", zero="missing").ids.tolist() == [1, 2]
    cells = pd.DataFrame({"root_id": [0, 1, 2]})
    with pytest.raises(InvalidTable, match="have the id 0"):
        cg.from_tables(table, cells, invalid_neurons="drop")
    assert cg.from_tables(table, cells, zero="neuron").n_synapses == 2


def test_repeated_ids_have_named_choices():
    cells = pd.DataFrame({"root_id": [A, A, B, C], "t": [1, 2, 3, 4]})
    with pytest.raises(InvalidTable, match=r"'first' to keep.*'drop' to leave all"):
        cg.from_tables(rows(), cells)
    kept = cg.from_tables(rows(), cells, invalid_neurons="first")
    assert kept.neurons["t"].tolist() == [1, 3, 4]
    assert cg.from_tables(rows(), cells, invalid_neurons="drop", unknown="drop").n_neurons == 2


def test_a_neuron_table_may_carry_its_ids_as_index():
    cells = pd.DataFrame({"cell_type": ["a", "b", "c"]}, index=[A, B, C])
    assert cg.from_tables(rows(), cells).ids.tolist() == [A, B, C]


# -- positions ---------------------------------------------------------------------------------


def test_each_table_has_its_own_resolution():
    table = rows(ctr_pt_position=["[100 200 300]", None])
    table.attrs["dataframe_resolution"] = [1, 1, 1]
    cells = pd.DataFrame({"root_id": [A, B, C], "pt_position": ["[10 10 10]"] * 3})
    with pytest.raises(InvalidTable, match="have to agree"):
        cg.from_tables(table, cells, resolution_nm=(4, 4, 40))
    g = cg.from_tables(table, cells, neuron_resolution_nm=(4, 4, 40))
    assert g.synapses.loc[0, ["x_um", "z_um"]].tolist() == [0.1, 0.3]
    assert g.neurons.iloc[0].tolist() == [0.04, 0.04, 0.4]


@pytest.mark.parametrize("position", ["[1 2 3]", (1, 2, 3), np.array([1, 2, 3])])
def test_a_column_called_position_becomes_micrometres_or_an_error(position):
    cells = pd.DataFrame({"root_id": [A, B, C], "position": [position, None, position]})
    g = cg.from_tables(rows(), cells, resolution_nm=(1000, 1000, 1000))
    assert g.neurons.iloc[0].tolist() == [1, 2, 3]
    with pytest.raises(InvalidTable, match="have no unit"):
        cg.from_tables(rows(), cells)


@pytest.mark.parametrize("found", [4, (4, 4), (4, 4, -1), (4, 4, np.nan), "4,4,40", object()])
def test_a_resolution_is_three_numbers(found):
    cells = pd.DataFrame({"root_id": [A, B, C], "position": ["[1 2 3]"] * 3})
    with pytest.raises(InvalidArgument, match=r"^resolution_nm needs three positive numbers"):
        cg.from_tables(rows(), cells, resolution_nm=found)


def test_mixed_resolutions_and_missing_axes_are_one_sentence():
    table = rows(ctr_pt_position=[[1, 2, 3], None])
    table.attrs["dataframe_resolution"] = "mixed_resolutions"
    with pytest.raises(InvalidTable, match="have mixed resolutions"):
        cg.from_tables(table, unknown="add")
    assert cg.from_tables(table, unknown="add", resolution_nm=(1, 1, 1)).n_synapses == 2
    flat = rows(ctr_pt_position_x=1, ctr_pt_position_y=2)
    with pytest.raises(InvalidTable, match="'ctr_pt_position_z' is missing"):
        cg.from_tables(flat, unknown="add", resolution_nm=(4, 4, 40))


def test_annotate_takes_a_resolution_and_a_column_to_join_on():
    cells = pd.DataFrame({"root_id": [A, B, C], "cell_type": ["a", "b", None]})
    g = cg.from_tables(rows(), cells)
    signs = pd.DataFrame({"cell_type": ["a", "b", "z"], "sign": [1, -1, 0]})
    told = g.annotate(signs, on="cell_type")
    assert told.neurons["sign"].tolist() == [1, -1, pd.NA]
    assert told.provenance.fact("n_unknown_values") == 1
    somata = pd.DataFrame({"root_id": [A], "pt_position": ["[4 4 40]"]})
    placed = g.annotate(somata, resolution_nm=(4, 4, 40)).neurons
    assert placed.loc[A, ["x_um", "z_um"]].tolist() == [0.016, 1.6]
    with pytest.raises(InvalidTable, match="have no unit"):
        g.annotate(somata)


def test_text_that_is_no_unicode_is_refused_wherever_it_stands():
    half = pd.Series(["\ud800", "b"], dtype=object)
    plain = pd.DataFrame({"pre": ["a", "b"], "post": ["b", "a"]})
    cells = pd.DataFrame({"root_id": ["a", "b"]})
    for synapses, neurons in (
        (plain.assign(pre=half), cells),
        (plain.assign(note=half), cells),
        (plain, cells.assign(root_id=half)),
        (plain, cells.assign(cell_type=half)),
    ):
        with pytest.raises(InvalidTable, match=r"no Unicode in row 0 \('\\ud800'\)"):
            cg.from_tables(synapses, neurons, unknown="add")
    g = cg.from_tables(plain, cells)
    with pytest.raises(InvalidTable, match="no Unicode"):
        g.annotate(pd.DataFrame({"root_id": ["a", "b"], "note": half}))
    with pytest.raises(ConnectomeError):
        g.subgraph(["\ud800"])
