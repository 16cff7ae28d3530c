"""The embedded engine gives the graph of the in-memory path, or an error naming the file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from sources.engine.tables import CELLS, COMMON, rows, written

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName, UnreadableFile
from connectome_graph.sources.engine import _duck as duck
from connectome_graph.sources.engine._estimate import memory_bytes, pick
from connectome_graph.sources.engine._plan import scan_plan


@pytest.mark.parametrize("ending", ["parquet", "csv", "csv.gz", "feather"])
@pytest.mark.parametrize("keep", ["edges", "synapses"])
@pytest.mark.parametrize("autapses", ["keep", "drop"])
def test_duckdb_equals_memory(tmp_path, ending, keep, autapses):
    path = written(tmp_path, rows(), ending)
    options = {**COMMON, "keep": keep, "autapses": autapses}
    expected = cg.from_tables(rows(), CELLS, **options)
    g = cg.from_tables(path, CELLS, engine="duckdb", **options)
    assert g.equals(expected)
    assert g.provenance.fact("engine") == "duckdb"
    for name in ("n_synapse_rows", "n_dropped_unknown", "n_autapse_rows"):
        assert g.provenance.fact(name) == expected.provenance.fact(name)


def test_rows_without_an_id_keep_the_order_of_the_file(tmp_path):
    table = rows().drop(columns="id")
    expected = cg.from_tables(table, CELLS, **COMMON)
    g = cg.from_tables(written(tmp_path, table, "parquet"), CELLS, engine="duckdb", **COMMON)
    assert g.equals(expected)


def test_aggregated_edges_are_a_group_by(tmp_path):
    table = rows()
    g = cg.from_tables(
        written(tmp_path, table, "parquet"), CELLS, engine="duckdb", keep="edges", **COMMON
    )
    known = table[table["pre_pt_root_id"].isin(g.ids) & table["post_pt_root_id"].isin(g.ids)]
    expected = known.groupby(["pre_pt_root_id", "post_pt_root_id"])["size"].agg(
        ["size", "sum", "max"]
    )
    found = g.synapses.set_index(["pre", "post"])
    assert found["count"].to_dict() == expected["size"].to_dict()
    assert found["size"].to_dict() == expected["sum"].to_dict()
    assert found["size_max"].to_dict() == expected["max"].to_dict()
    by_synapse = cg.from_tables(table, CELLS, **COMMON)
    for weight in ("binary", "count", "sum", "mean", "max", "log_sum"):
        np.testing.assert_allclose(
            cg.weights.compute(g, weight), cg.weights.compute(by_synapse, weight)
        )


FILTERS = [
    ({"filters": [("size", ">", 50)]}, "size > 50"),
    (
        {"filters": [("tag", "in", ["spine"]), ("size", "<=", 80)]},
        "target == 'spine' and size <= 80",
    ),
    ({"filters": [("tag", "not in", ["spine", "x' OR 1=1 --"])]}, "target != 'spine'"),
    ({"filters": [("tag", "==", "shaft"), ("size", "!=", 7)]}, "target == 'shaft' and size != 7"),
    (
        {"box_um": ((0.4, 2.0), (0.0, 4.0), (1.0, 3.0))},
        "0.4 <= x_um <= 2 and 0 <= y_um <= 4 and 1 <= z_um <= 3",
    ),
]


@pytest.mark.parametrize(("options", "query"), FILTERS)
@pytest.mark.parametrize("keep", ["edges", "synapses"])
def test_filters_mean_the_same_in_every_engine(tmp_path, options, query, keep):
    table = rows()
    path = written(tmp_path, table, "parquet")
    given = {**COMMON, **options, "keep": keep}
    in_memory = cg.from_tables(table, CELLS, **given)
    assert cg.from_tables(path, CELLS, engine="memory", **given).equals(in_memory)
    assert cg.from_tables(path, CELLS, engine="duckdb", **given).equals(in_memory)
    whole = cg.from_tables(table, CELLS, **COMMON)
    if keep == "synapses":
        assert in_memory.equals(whole.filter_synapses(query))
    assert 0 < in_memory.n_synapses < whole.n_synapses


@given(strategies.tables())
def test_any_small_table_is_the_same(tmp_path_factory, pair):
    synapses, neurons = pair
    path = tmp_path_factory.mktemp("scan") / "synapses.parquet"
    synapses.to_parquet(path)
    for keep in ("edges", "synapses"):
        expected = cg.from_tables(synapses, neurons, keep=keep)
        assert cg.from_tables(path, neurons, engine="duckdb", keep=keep).equals(expected)


def test_unknown_partners_mean_the_same(tmp_path):
    path = written(tmp_path, rows(), "parquet")
    with pytest.raises(InvalidTable, match=r"of 5,000 synapses end outside the neuron table"):
        cg.from_tables(path, CELLS, engine="duckdb", keep="edges", resolution_nm=(4, 4, 40))
    for keep in ("edges", "synapses"):
        options = {"unknown": "add", "keep": keep, "resolution_nm": (4, 4, 40)}
        expected = cg.from_tables(rows(), CELLS, **options)
        g = cg.from_tables(path, CELLS, engine="duckdb", **options)
        assert g.equals(expected)
        assert g.provenance.fact("n_added_neurons") == 20
        without = cg.from_tables(path, engine="duckdb", **options)
        assert without.equals(cg.from_tables(rows(), **options))


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_gaps_and_zero_ids_are_unknown_partners(tmp_path, ending):
    table = rows(orphans=False).astype({"pre_pt_root_id": "Int64"})
    table.loc[3, "pre_pt_root_id"] = pd.NA
    table.loc[5, "post_pt_root_id"] = 0
    path = written(tmp_path, table, ending)
    expected = cg.from_tables(table, CELLS, keep="edges", **COMMON)
    g = cg.from_tables(path, CELLS, engine="duckdb", keep="edges", **COMMON)
    assert g.equals(expected)
    assert g.provenance.fact("n_dropped_unknown") == 2
    with pytest.raises(InvalidTable, match="missing partner id"):
        cg.from_tables(
            path, CELLS, engine="duckdb", keep="edges", unknown="add", resolution_nm=(4, 4, 40)
        )


@pytest.mark.parametrize("ending", ["parquet", "csv", "feather"])
def test_text_ids_stay_text(tmp_path, ending):
    table = pd.DataFrame({"pre": ["007", "B"], "post": ["B", "007"], "size": [1, 2]})
    neurons = pd.DataFrame({"root_id": ["007", "B", "C"]})
    path = written(tmp_path, table, ending, pieces=1)
    expected = cg.from_tables(table, neurons, keep="edges")
    assert cg.from_tables(path, neurons, engine="duckdb", keep="edges").equals(expected)
    with pytest.raises(InvalidTable, match="text and the neuron table's are integers"):
        cg.from_tables(path, CELLS, engine="duckdb", keep="edges")


def test_missing_sizes_stay_missing(tmp_path):
    table = rows(orphans=False)
    table["size"] = table["size"].astype("Int64")
    table.loc[::50, "size"] = pd.NA
    path = written(tmp_path, table, "parquet")
    g = cg.from_tables(path, CELLS, engine="duckdb", keep="edges", **COMMON)
    assert g.equals(cg.from_tables(table, CELLS, keep="edges", **COMMON))
    assert np.isnan(g.synapses["size"]).any()


def test_the_engine_is_chosen_by_size_and_recorded(tmp_path):
    path = written(tmp_path, rows(), "parquet")
    small = cg.from_tables(path, CELLS, memory_limit="1GB", **COMMON)
    assert small.provenance.fact("engine") == "memory"
    engine, facts = pick(scan_plan(path), "100KB")
    assert engine == "duckdb"
    assert facts["estimated_bytes"] > 100_000


def test_memory_limits_are_read():
    assert memory_bytes("1.5 GiB") == 3 * 2**29
    with pytest.raises(InvalidArgument, match="a number and a unit"):
        memory_bytes("lots")


@pytest.mark.parametrize(
    ("filters", "error", "says"),
    [
        ([("size", "~", 3)], InvalidArgument, "not a choice"),
        ([("sise", ">", 3)], UnknownName, "Did you mean 'size'"),
        ([("size", ">")], InvalidArgument, "a filter is"),
        ([("tag", "in", "spine")], InvalidArgument, "a list after"),
    ],
)
def test_filters_that_make_no_sense(tmp_path, filters, error, says):
    path = written(tmp_path, rows(), "parquet")
    for engine in ("memory", "duckdb"):
        with pytest.raises(error, match=says):
            cg.from_tables(path, CELLS, engine=engine, filters=filters, **COMMON)


def test_engines_and_keeps_are_named(tmp_path):
    with pytest.raises(InvalidArgument, match="engine='polars'"):
        cg.from_tables(written(tmp_path, rows(), "parquet"), CELLS, engine="polars")
    with pytest.raises(InvalidArgument, match="reads files"):
        cg.from_tables(rows(), CELLS, engine="duckdb")
    with pytest.raises(InvalidArgument, match="keep='pairs'"):
        cg.from_tables(rows(), CELLS, keep="pairs")


def test_a_schema_that_differs_names_the_file(tmp_path):
    path = written(tmp_path, rows(), "parquet")
    rows().drop(columns="size").to_parquet(tmp_path / "part7.parquet")
    with pytest.raises(InvalidTable, match=r"part7.parquet has other columns.*size"):
        cg.from_tables(path, CELLS, engine="duckdb", **COMMON)
    rows().astype({"pre_pt_root_id": str}).to_parquet(tmp_path / "part7.parquet")
    with pytest.raises(InvalidTable, match=r"part7.parquet holds string in the column 'pre_pt"):
        cg.from_tables(path, CELLS, engine="duckdb", **COMMON)


def test_float_ids_are_refused(tmp_path):
    path = tmp_path / "synapses.parquet"
    rows().astype({"pre_pt_root_id": float}).to_parquet(path)
    with pytest.raises(InvalidTable, match="stored as floats"):
        cg.from_tables(path, CELLS, engine="duckdb", **COMMON)


@pytest.mark.parametrize("keep", ["edges", "synapses"])
def test_a_corrupt_row_group_names_its_file(tmp_path, keep):
    path = written(tmp_path, rows(), "parquet")
    broken = tmp_path / "part1.parquet"
    content = bytearray(broken.read_bytes())
    chunk = pq.ParquetFile(broken).metadata.row_group(2).column(1)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    content[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    broken.write_bytes(bytes(content))
    with pytest.raises(UnreadableFile, match=r"part1.parquet, row group 2 is corrupt"):
        cg.from_tables(path, CELLS, engine="duckdb", keep=keep, **COMMON)


def test_a_file_that_vanishes_is_named(tmp_path):
    path = written(tmp_path, rows(), "parquet")
    plan = scan_plan(path)
    (tmp_path / "part2.parquet").unlink()
    with pytest.raises(UnreadableFile, match=r"part2.parquet vanished"):
        duck.aggregate(plan, CELLS["pt_root_id"].to_numpy())


def test_nothing_is_left_in_the_spill_folder(tmp_path):
    spill = tmp_path / "spill"
    spill.mkdir()
    with duck.connection(spill=spill) as con:
        assert list(spill.iterdir())
        con.execute("SELECT 1")
    assert not list(spill.iterdir())
    with pytest.raises(RuntimeError, match="stop"), duck.connection(spill=spill):
        raise RuntimeError("stop")
    assert not list(spill.iterdir())


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize(
    "how",
    [
        {"engine": "memory"},
        {"engine": "memory", "keep": "edges"},
        {"engine": "duckdb"},
        {"engine": "duckdb", "unknown": "add"},
        {"engine": "duckdb", "keep": "edges"},
    ],
)
def test_every_reading_of_files_shows_a_bar_where_it_is_asked_for(tmp_path, capsys, ending, how):
    path = written(tmp_path, rows(), ending)
    for progress, shown in ((True, True), (False, False), (None, False)):
        cg.from_tables(path, CELLS, progress=progress, **{**COMMON, **how})
        told = capsys.readouterr().err
        assert ("reading" in told and "rows" in told) == shown, told


@pytest.mark.parametrize(
    "query",
    [
        "w != 0.5", "w == w", "abs(w) > 0.4", "not w > 1", "w.isna()", "w + 1 != 1.5",
        "-w < 0 or w != 3", "w * size > 0 or w != 7", "w - w == 0", "w / w == 1", "w in [1.0, 2.0]",
        "not w in [1.0, 2.0]", "w % 2 == 1 or w != 9",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "values", [[0.5, np.nan, 2.0, 1.0, None], [0.5, np.nan, np.inf, 1.0, -1.0]]
)
def test_a_nan_in_a_file_is_missing_in_every_engine(tmp_path, query, values):
    table = pa.table(
        {
            "pre": CELLS["pt_root_id"][:1].repeat(5).to_numpy(),
            "post": CELLS["pt_root_id"][1:2].repeat(5).to_numpy(),
            "size": [1, 2, 3, 4, 5],
            "w": pa.array(values, pa.float64(), from_pandas=False),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    expected = cg.from_tables(table, CELLS, filters=query).n_synapses
    for keep in ("synapses", "edges"):
        g = cg.from_tables(
            tmp_path / "rows.parquet", CELLS, filters=query, engine="duckdb", keep=keep
        )
        assert g.n_synapses == expected
