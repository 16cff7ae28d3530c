"""Distinct numbers by sorting: what numpy's set functions give."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph.border.distinct import distinct

KINDS = st.sampled_from([np.int8, np.int32, np.int64, np.uint64])


@given(st.lists(st.lists(st.integers(0, 60), max_size=12), min_size=1, max_size=3), KINDS)
def test_distinct_is_the_union(parts, kind):
    arrays = [np.array(part, kind) for part in parts]
    found = distinct(*arrays)
    assert found.dtype == kind
    assert found.tolist() == sorted({number for part in parts for number in part})


def test_text_and_tables_are_taken_too():
    assert distinct(np.array(["b", "a"], object), np.array(["b"], object)).tolist() == ["a", "b"]
    assert distinct(np.array([[3, 1], [1, 2]])).tolist() == [1, 2, 3]
    assert distinct(np.array([2.5, np.nan, 2.5, np.nan])).tolist()[0] == 2.5


def test_what_is_given_is_not_changed():
    values = np.array([3, 1, 2])
    distinct(values)
    assert values.tolist() == [3, 1, 2]
