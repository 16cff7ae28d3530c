"""Parts of a question."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph.errors import RemoteError
from connectome_graph.sources.cave._query import Piece, Query, empty_frame


@given(st.integers(2, 50))
def test_halves_by_ids_hold_every_id_once(n: int) -> None:
    ids = np.arange(1, n + 1)
    left, right = Piece(ids).halves(pd.DataFrame(), what="x")
    assert np.concatenate([left.ids, right.ids]).tolist() == ids.tolist()
    assert len(left.ids) >= 1
    assert len(right.ids) >= 1


@given(st.sets(st.integers(1, 10**18), min_size=2, max_size=40))
def test_halves_by_row_id_meet_without_gap_or_overlap(row_ids: set[int]) -> None:
    rows = pd.DataFrame({"id": sorted(row_ids)})
    left, right = Piece(np.array([5]), low=None, high=None).halves(rows, what="x")
    assert left.high == right.low
    assert (left.low, right.high) == (None, None)
    below = [row for row in row_ids if row < left.high]
    assert 0 < len(below) < len(row_ids)


@pytest.mark.parametrize("rows", [pd.DataFrame({"id": [3, 3]}), pd.DataFrame({"size": [1, 2]})])
def test_what_cannot_be_divided_is_refused(rows: pd.DataFrame) -> None:
    with pytest.raises(RemoteError, match="incomplete, so it is refused"):
        Piece().halves(rows, what="view 'x'")


def test_an_empty_table_has_exact_types() -> None:
    query = Query("s", columns=("id", "pre_pt_root_id", "size", "ctr_pt_position", "tag"))
    empty = empty_frame(query)
    assert len(empty) == 0
    assert empty["pre_pt_root_id"].dtype == np.int64
    assert empty["ctr_pt_position_z"].dtype == np.float64


def test_provenance_counts_long_filters_and_shows_short_ones() -> None:
    query = Query("s", filters={"a": (1, 2), "b": tuple(range(50))})
    assert query.summary()["filters"] == {"a": [1, 2], "b": "50 values"}
    assert query.to_dict()["filters"]["b"] == list(range(50))
