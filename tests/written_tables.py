"""One table written in every format that is read: what the tests of the reading rule compare."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
from hypothesis import strategies as st

import strategies

#: Text that readers like to take for something else.
TEXTS = (
    "1", "007", "7", "-0", "1.0", "1e5", "NA", "nan", "None", "null", "true", "False", "t", "NO",
    "yes", "", " ", " x", "a,b", "a;b", 'say "so"', "two\nlines", "é", "#x", "inf", "2024-01-01",
    "0x1F", "1_000", "'", "\t",
)  # fmt: skip
DATES = (dt.date(2024, 2, 29), dt.date(1, 1, 1), dt.date(9999, 12, 31))
TIMES = st.datetimes() | st.datetimes().map(lambda each: each.replace(microsecond=0))
TEXT_IDS = ("007", "7", "010", "AVAL", "1e5", "NO")


@st.composite
def tables(draw):
    """Return (synapses, neurons) as lists by column: gaps are None, ids integers or text."""
    text = draw(st.booleans())
    ids = list(TEXT_IDS) if text else strategies.root_ids(6)
    n = draw(st.integers(0, 12))

    def column(values, *, gaps=True):
        each = st.one_of(st.none(), values) if gaps else values
        return draw(st.lists(each, min_size=n, max_size=n))

    kinds = {
        "pre": st.sampled_from([*ids, *([None] if draw(st.booleans()) else [])]),
        "post": st.sampled_from(ids),
    }
    synapses = {name: column(values, gaps=False) for name, values in kinds.items()}
    if draw(st.booleans()):
        whole = st.integers(-5, 50)
        wide = st.sampled_from([2**53 + 1, -(2**62), 2**63 - 1, 3])
        real = st.sampled_from([0.1, 0.2, 0.30000001, 1e16, -1e16, 1.0, 2.5])
        values = draw(st.sampled_from([whole, wide, real]))
        synapses["size"] = column(values, gaps=draw(st.booleans()))
    if draw(st.integers(0, 3)) == 0:
        synapses["count"] = column(st.integers(draw(st.sampled_from([0, 1])), 4), gaps=False)
    if draw(st.integers(0, 3)) == 0:
        # what may be a count, as integers or floats, or cannot be one
        real = draw(st.sampled_from([[1.0, 5.0, 7.0], [0.5, 2.0], [3, 4]]))
        synapses["weight"] = column(st.sampled_from(real), gaps=draw(st.booleans()))
    if draw(st.integers(0, 2)) == 0:
        synapses["made"] = column(draw(st.sampled_from([st.sampled_from(DATES), TIMES])))
    if draw(st.integers(0, 4)) == 0:
        infinite = st.sampled_from([float("inf"), -float("inf")])
        synapses["reach"] = column(infinite, gaps=draw(st.booleans()))
    synapses["tag"] = column(st.sampled_from(TEXTS))
    synapses["nucleus"] = column(st.sampled_from([strategies.BASE_ID, 3, -4]))
    synapses["flag"] = column(st.booleans())
    known = draw(st.integers(2, len(ids)))
    neurons = {"root_id": ids[:known], "cell_type": ["23P", "BC", None, "NA", "1", "t"][:known]}
    return synapses, neurons


def kind_of(values):
    """Return the Arrow type of a column, null where nothing is there."""
    known = [value for value in values if value is not None]
    if not known:
        return pa.null()
    if isinstance(known[0], bool):
        return pa.bool_()
    if isinstance(known[0], str):
        return pa.string()
    if isinstance(known[0], dt.datetime):
        return pa.timestamp("us")
    if isinstance(known[0], dt.date):
        return pa.date32()
    return pa.float64() if any(isinstance(v, float) for v in known) else pa.int64()


def arrow(columns, *, variant="plain"):
    """Return a table as Arrow, in one of several layouts of the same values."""
    arrays = {}
    for name, values in columns.items():
        kind = kind_of(values)
        array = pa.array(values, kind)
        if variant == "dictionary" and kind == pa.string():
            array = array.dictionary_encode()
        if variant == "string_view" and kind == pa.string():
            array = array.cast(pa.string_view())
        if variant == "large" and kind == pa.string():
            array = array.cast(pa.large_string())
        if variant == "uint64" and name in ("pre", "post", "root_id") and kind == pa.int64():
            array = array.cast(pa.uint64())
        if variant == "decimal" and kind == pa.int64() and name != "nucleus":
            array = pa.array(
                [None if v is None else Decimal(v) for v in values], pa.decimal128(20, 0)
            )
        if variant == "nan" and kind == pa.float64():
            array = pa.array([float("nan") if v is None else v for v in values], kind)
        if variant == "narrow":
            array = narrowed(array, values)
        arrays[name] = array
    return pa.table(arrays)


def narrowed(array, values):
    """Return an array as the narrowest type that holds its values."""
    known = [value for value in values if value is not None]
    if array.type == pa.int64() and all(abs(value) < 2**31 for value in known):
        return array.cast(pa.int32())
    if array.type == pa.float64() and all(float(np.float32(v)) == v for v in known):
        return array.cast(pa.float32())
    return array


def frame(columns, *, variant="nullable"):
    """Return a table as a DataFrame, in one of several layouts of the same values."""
    data = {}
    for name, values in columns.items():
        kind = kind_of(values)
        if variant == "arrow":
            data[name] = pd.array(values, dtype=pd.ArrowDtype(kind))
        elif variant == "object" or kind in (pa.string(), pa.null()):
            data[name] = pd.Series(values, dtype=object)
        elif kind == pa.timestamp("us"):
            data[name] = pd.array(values, dtype="datetime64[us]")
        elif kind == pa.date32():
            data[name] = pd.array(values, dtype="datetime64[s]")
        elif kind == pa.float64():
            data[name] = np.array([np.nan if v is None else v for v in values], float)
        else:
            data[name] = pd.array(values, dtype="Int64" if kind == pa.int64() else "boolean")
    return pd.DataFrame(data)


def text(columns, delimiter=","):
    """Return a table as separated text: text quoted, gaps empty, the names as they are."""

    def field(value):
        if value is None:
            return ""
        if isinstance(value, dt.date):
            return str(value)
        return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else repr(value)

    rows = zip(*columns.values(), strict=True)
    lines = [delimiter.join(columns), *(delimiter.join(map(field, row)) for row in rows)]
    return "\n".join(lines) + "\n"


#: Layouts of the same values in Arrow.
VARIANTS = ("plain", "dictionary", "string_view", "large", "uint64", "decimal", "narrow", "nan")
SEPARATED = {"csv": ",", "csv.gz": ",", "tsv": "\t", "tsv.gz": "\t", "semicolon": ";", "bom": ","}
FORMATS = (
    *SEPARATED, "polars", "polars ipc", "duckdb",
    *(f"{kind} {variant}" for kind in ("parquet", "feather") for variant in VARIANTS),
)  # fmt: skip


def write(columns, folder, how, part=0):
    """Write a table into a folder, and return the file."""
    if how in SEPARATED:
        content = text(columns, SEPARATED[how]).encode("utf-8-sig" if how == "bom" else "utf-8")
        path = folder / f"{part}.{'csv' if how in ('semicolon', 'bom') else how}"
        path.write_bytes(gzip.compress(content) if how.endswith(".gz") else content)
        return path
    kind, _, variant = how.partition(" ")
    path = folder / f"{part}.{'feather' if how == 'polars ipc' else kind}"
    if how == "polars ipc":
        pl.from_arrow(arrow(columns)).write_ipc(path)
    elif kind == "polars":
        pl.from_arrow(arrow(columns)).write_parquet(path.with_suffix(".parquet"))
    elif kind == "duckdb":
        given = arrow(columns)
        assert given is not None  # DuckDB finds it by name
        duckdb.sql("SELECT * FROM given").write_parquet(str(path.with_suffix(".parquet")))
    elif kind == "parquet":
        pyarrow.parquet.write_table(arrow(columns, variant=variant), path)
    else:
        pyarrow.feather.write_feather(arrow(columns, variant=variant), path)
    return path


def parts(columns, cuts):
    """Return a table cut into parts of rows."""
    n = len(next(iter(columns.values())))
    ends = [0, *sorted(min(cut, n) for cut in cuts), n]
    return [
        {name: values[a:b] for name, values in columns.items()} for a, b in itertools.pairwise(ends)
    ]
