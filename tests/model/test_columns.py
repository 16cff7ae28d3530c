"""One column at a time: exact ids, booleans and numbers out of whatever a table holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from connectome_graph.errors import InvalidTable
from connectome_graph.model.columns import as_bool, as_numbers, from_arrow, root_ids, with_gaps

gapped_ids = st.lists(st.one_of(st.none(), st.integers(1, 2**63 - 1)), min_size=1, max_size=20)


@given(gapped_ids)
def test_ids_with_gaps_keep_every_digit_on_every_road(ids):
    expected = [0 if value is None else value for value in ids]
    roads = [
        pd.array(ids, dtype="Int64"),
        np.array(ids, dtype=object),
        from_arrow(pa.chunked_array([pa.array(ids, pa.int64())])),
        pd.Series(ids, dtype=object).array,
    ]
    for road in roads:
        found = root_ids(road, name="pre").tolist()
        # An object column of gaps only has no kind; missing ids of either kind are refused later.
        assert found == expected or (not any(expected) and not any(found))


@given(gapped_ids)
def test_text_ids_with_gaps_stay_text(ids):
    text = [None if value is None else f"N{value}" for value in ids]
    expected = ["" if value is None else value for value in text]
    for road in (np.array(text, dtype=object), pd.Series(text, dtype="string").array):
        found = root_ids(road, name="pre").tolist()
        assert found == expected


def test_reindexing_after_with_gaps_keeps_digits():
    ids = strategies.root_ids(3)
    frame = with_gaps(pd.DataFrame({"nucleus": ids, "seen": [True, False, True]}))
    grown = frame.reindex([0, 1, 2, 3])
    assert grown["nucleus"].iloc[:3].tolist() == ids
    assert pd.isna(grown["nucleus"].iloc[3])
    assert grown["seen"].iloc[:3].tolist() == [True, False, True]


@pytest.mark.parametrize(
    "values",
    [
        [True, False],
        np.array([1, 0]),
        np.array([1.0, 0.0]),
        pd.array([True, False], dtype="boolean"),
        np.array(["t", "f"], dtype=object),
        pd.Series(["True", "false"], dtype="category").array,
    ],
)
def test_booleans_are_understood(values):
    assert as_bool(values, name="status_axon").tolist() == [True, False]


@pytest.mark.parametrize("values", [np.array([0.5, 1]), np.array(["x", "t"], dtype=object)])
def test_what_is_no_boolean_is_refused(values):
    with pytest.raises(InvalidTable, match="needs booleans"):
        as_bool(values, name="status_axon")


@pytest.mark.parametrize(
    "values",
    [
        np.array([1, 2]),
        pd.Series([1, 2]).array,
        pd.array([1, 2], dtype="Int64"),
        np.array(["1", "2"], dtype=object),
    ],
)
def test_numbers_are_understood(values):
    assert as_numbers(values, name="size").tolist() == [1, 2]


def test_ids_that_do_not_fit_are_refused():
    with pytest.raises(InvalidTable, match="does not fit int64"):
        root_ids(np.array([2**63], np.uint64), name="pre")
    with pytest.raises(InvalidTable, match="floats"):
        root_ids(np.array([1.0]), name="pre")
    with pytest.raises(InvalidTable, match="found bool"):
        root_ids(np.array([True, False], dtype=object), name="pre")
