"""Edges on disk are the numbers of memory, digit for digit, whoever added them up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sources.engine.tables import CELLS, rows, written

import connectome_graph as cg
from connectome_graph.errors import InvalidTable
from connectome_graph.sources.engine import _duck as duck


def on_disk(path, folder, **options):
    edges = cg.engine.edges_to_parquet(path, CELLS, folder=folder, unknown="drop", **options)
    return pd.concat([pd.read_parquet(part) for part in edges.parts])


def in_memory(table, **options):
    options = {"columns": {"position": None}, "unknown": "drop", "keep": "edges", **options}
    return cg.from_tables(table, CELLS, **options).synapses


@pytest.mark.parametrize("ending", ["parquet", "csv", "feather"])
@pytest.mark.parametrize("batch", [7, 1_000_000])
@pytest.mark.parametrize("with_count", [True, False])
def test_sums_of_floats_do_not_depend_on_the_engine(
    tmp_path, monkeypatch, ending, batch, with_count
):
    monkeypatch.setattr(duck, "BATCH_ROWS", batch)
    rng = np.random.default_rng(1)
    table = rows(900).drop(columns=["size", "id"])
    # few pairs, many synapses each, of sizes that no order of adding leaves alone
    table["post_pt_root_id"] = rng.choice(CELLS["pt_root_id"].iloc[:3], len(table))
    table["pre_pt_root_id"] = rng.choice(CELLS["pt_root_id"].iloc[:3], len(table))
    table["size"] = rng.lognormal(0, 12, len(table)) * rng.choice([1, -1], len(table))
    table.loc[table.index % 211 == 0, "size"] = np.nan
    if with_count:
        table["count"] = rng.integers(1, 5, len(table))
    expected = in_memory(table)
    found = on_disk(written(tmp_path, table, ending), tmp_path / "edges")
    assert len(found) == len(expected)
    for name in ("pre", "post", "count", "size", "size_max"):
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


def test_a_table_of_floats_without_rows_is_written(tmp_path):
    table = pa.table({"pre": pa.array([], pa.int64()), "post": pa.array([], pa.int64()),
                      "size": pa.array([], pa.float64())})  # fmt: skip
    pq.write_table(table, tmp_path / "none.parquet")
    found = on_disk(tmp_path / "none.parquet", tmp_path / "edges")
    assert list(found) == ["pre", "post", "pre_code", "post_code", "count", "size", "size_max"]
    assert found.empty


@pytest.mark.parametrize("size", [[1e308, 1e308], [np.inf, 1.0]])
def test_totals_that_are_none_are_refused(tmp_path, size):
    table = pd.DataFrame({"pre": CELLS["pt_root_id"][0], "post": CELLS["pt_root_id"][1],
                          "size": size})  # fmt: skip
    table.to_parquet(tmp_path / "rows.parquet")
    for read in (lambda: in_memory(table),
                 lambda: on_disk(tmp_path / "rows.parquet", tmp_path / "edges")):  # fmt: skip
        with pytest.raises(InvalidTable):
            read()
    assert not (tmp_path / "edges").exists()
