"""Dates and times mean the same in every format, and come back from every writer."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph._kernels import separated

DAY = dt.date(2024, 2, 29)
MOMENT = dt.datetime.fromisoformat("2024-02-29 12:30:01.000500")
COLUMNS = {
    "date32": (pa.array([DAY, None], pa.date32()), "datetime64[us]"),
    "date64": (pa.array([DAY, None], pa.date64()), "datetime64[us]"),
    "s": (pa.array([MOMENT.replace(microsecond=0), None], pa.timestamp("s")), "datetime64[us]"),
    "ms": (pa.array([MOMENT.replace(microsecond=0), None], pa.timestamp("ms")), "datetime64[us]"),
    "us": (pa.array([MOMENT, None], pa.timestamp("us")), "datetime64[us]"),
    "ns": (pa.array([MOMENT, None], pa.timestamp("ns")), "datetime64[us]"),
    "fine": (pa.array([10**18 + 1, None], pa.timestamp("ns")), "datetime64[ns]"),
    "utc": (pa.array([MOMENT, None], pa.timestamp("us", "UTC")), "datetime64[us, UTC]"),
    "fine utc": (pa.array([10**18 + 1, None], pa.timestamp("ns", "UTC")), "datetime64[ns, UTC]"),
    "year 9999": (pa.array([dt.date(9999, 12, 31), None]), "datetime64[us]"),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_times_are_of_one_kind_whoever_wrote_them(tmp_path, name):
    column, kind = COLUMNS[name]
    table = pa.table({"pre": [1, 2], "post": [2, 1], "made": column})
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet")
    pyarrow.feather.write_feather(table, tmp_path / "rows.feather")
    g = cg.from_tables(table, unknown="add")
    assert str(g.synapses["made"].dtype) == kind
    sources = [
        table.to_pandas(), table.to_pandas(types_mapper=pd.ArrowDtype),
        *(tmp_path / f"rows.{ending}" for ending in ("parquet", "feather")),
        *(cg.export.write_synapses(g, tmp_path / f"out.{ending}")
          for ending in ("csv", "tsv.gz", "parquet", "feather")),
    ]  # fmt: skip
    for source in sources:
        assert cg.from_tables(source, unknown="add").equals(g), source
    for path in sources[2:]:
        found = cg.from_tables(path, unknown="add", engine="duckdb")
        assert found.equals(g), path
    assert cg.read(cg.write(g, tmp_path / "g.connectome")).equals(g)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (["2024-02-29", "2023-01-01"], "datetime64[us]"),
        (["2024-02-29 12:00", "2023-01-01"], "datetime64[us]"),
        (["2024-02-29T12:00:01.5Z", "2023-01-01 00:00Z"], "datetime64[us, UTC]"),
        (["2024-02-29T12:00:01.123456789", ""], "datetime64[ns]"),
        (["2024-02-29 12:00:01+00:00", "2023-01-01 00:00:00.5Z"], "datetime64[us, UTC]"),
        (["2024-02-29 12:00:01+01:00", "2023-01-01 00:00:00Z"], "text"),
        (["2024-02-29+00:00", "2023-01-01"], "text"),
        (["2024-02-29 12:00Z", "2023-01-01"], "text"),
        (["2023-02-29", "2023-01-01"], "text"),
        (["2024-13-01", "2023-01-01"], "text"),
        (["2024-01-01", "7"], "text"),
        (["2024-01-01", "true"], "text"),
        (['"2024-01-01"', "2023-01-01"], "text"),
        (["0000-01-01", "2023-01-01"], "text"),
        (["2024-01-01 24:00", "2023-01-01"], "text"),
        (["20240101", "20230101"], "int64"),
        (["2024/01/01", "2023/01/01"], "text"),
    ],
)
def test_separated_text_holds_times_only_as_iso_writes_them(tmp_path, fields, kind):
    path = tmp_path / "rows.csv"
    path.write_text(f'pre,post,made,"tag"\n1,2,{fields[0]},"x"\n2,1,{fields[1]},"y"\n')
    for engine in ("memory", "duckdb"):
        found = cg.from_tables(path, unknown="add", engine=engine).synapses["made"]
        if kind == "text":
            assert found.tolist() == [field.strip('"') for field in fields]
        else:
            assert str(found.dtype) == kind


def is_time(text):
    """Return whether Python reads a text as one of the forms of the reading rule."""
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


@given(
    st.datetimes().map(str)
    | st.dates().map(str)
    | st.from_regex(r"[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]( [0-2][0-9]:[0-6][0-9])?", fullmatch=True)
)
def test_the_kernel_knows_the_times_that_python_knows(text):
    data = np.frombuffer(text.encode(), np.uint8)
    found = separated.time_class(data, 0, len(data))
    assert (found == separated.TIME) == is_time(text)


@pytest.mark.parametrize("values", [[np.inf, np.inf], [-np.inf, np.nan], [np.inf, 1.5]])
def test_infinite_numbers_come_back_from_text(tmp_path, values):
    g = cg.from_tables(
        pd.DataFrame({"pre": [1, 2], "post": [2, 1], "reach": values}), unknown="add"
    )
    path = cg.export.write_synapses(g, tmp_path / "out.csv")
    for engine in ("memory", "duckdb"):
        assert cg.from_tables(path, unknown="add", engine=engine).equals(g)


def test_a_column_of_a_region_called_inf_in_capitals_is_text(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("pre,post,region\n1,2,INF\n2,1,INF\n")
    assert cg.from_tables(path, unknown="add").synapses["region"].tolist() == ["INF", "INF"]
