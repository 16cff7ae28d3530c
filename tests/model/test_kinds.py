"""Columns come back as they were."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from connectome_graph.errors import InvalidTable
from connectome_graph.graph.equality import same_values
from connectome_graph.model.kinds import describe, restore, to_arrow

BIG = 864691135000000001

COLUMNS = {
    "int8": np.array([-1, 2], np.int8),
    "uint64": np.array([2**64 - 1, 0], np.uint64),
    "big-endian": np.array([1, 2], ">i4"),
    "float16": np.array([1.5, np.nan], np.float16),
    "float64": np.array([np.nan, -np.inf]),
    "bool": np.array([True, False]),
    "Int64": pd.array([BIG, None], dtype="Int64"),
    "UInt8": pd.array([1, None], dtype="UInt8"),
    "Float32": pd.array([0.1, None], dtype="Float32"),
    "boolean": pd.array([True, None], dtype="boolean"),
    "arrow": pd.array([BIG, None], dtype="int64[pyarrow]"),
    "text": np.array(["", None], object),
    "string": pd.array(["", None], dtype="string"),
    "objects": np.array([1, "a", [1, 2], None], object),
    "all missing": np.array([None, None], object),
    "nothing": np.array([], object),
    "category": pd.Categorical(["b", None], categories=["z", "b"], ordered=True),
    "integer category": pd.Categorical([BIG, None, BIG + 1], categories=[BIG + 1, BIG]),
    "date category": pd.Categorical(pd.to_datetime(["2026-01-02", None])),
    "no categories": pd.Categorical([None, None]),
    "cut": pd.cut(np.array([1.0, 2, np.nan]), 2),
    "integer cut": pd.cut(np.array([1, 5]), [0, 3, 7]),
    "interval": pd.arrays.IntervalArray.from_tuples([(0.0, 1.0), None], closed="left"),
    "date": pd.to_datetime(["2026-01-02", None]).array,
    "date with zone": pd.to_datetime(["2026-01-02", None]).tz_localize("Asia/Tokyo").array,
    "duration": pd.to_timedelta(["1s", None]).array,
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back_with_its_values_and_kind(name):
    values = COLUMNS[name]
    said = json.loads(json.dumps(describe(values, name=name)))
    back = restore(to_arrow(values, said, name=name), said)
    assert same_values(values, back)
    if said["dtype"] != "text":
        assert back.dtype == values.dtype


@pytest.mark.parametrize(
    "values", [np.array([1j]), np.array([b"x"], object), np.array([object()], object)]
)
def test_what_no_file_can_hold_is_refused_by_name(values):
    with pytest.raises(InvalidTable, match="'odd'"):
        to_arrow(values, describe(values, name="odd"), name="odd")


def test_text_that_is_not_unicode_is_refused():
    values = np.array(["\ud800"], object)
    with pytest.raises(InvalidTable, match="'odd' cannot be written"):
        to_arrow(values, describe(values, name="odd"), name="odd")


def test_a_gap_where_none_can_be_is_refused():
    gaps = to_arrow(pd.array([1, None], dtype="Int64"), {"dtype": "Int64"}, name="n")
    with pytest.raises(InvalidTable, match="the file was changed"):
        restore(gaps, {"dtype": "int64"})
