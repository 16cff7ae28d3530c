"""Ids given by callers and sent by servers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph.errors import InvalidArgument, RemoteError
from connectome_graph.sources.cave._ids import (
    check_ids_are_exact,
    plain_columns,
    positive_ids,
    server_roots,
)

BIG = 864_691_135_000_000_001


@given(st.lists(st.integers(1, 2**63 - 1)))
def test_given_ids_come_back_sorted_exact_and_once(ids: list[int]) -> None:
    found = positive_ids(ids, name="neurons")
    assert found.dtype == np.int64
    assert found.tolist() == sorted(set(ids))


@pytest.mark.parametrize(
    "bad", [0, -1, 2**63, float(BIG), True, "864691135000000001", None, pd.NA, np.float64(3)]
)
def test_anything_else_is_refused_and_named(bad: object) -> None:
    with pytest.raises(InvalidArgument, match="positive integers"):
        positive_ids([BIG, bad], name="neurons")


@pytest.mark.parametrize(
    "container",
    [
        np.array([BIG], dtype=np.uint64),
        pd.Series([BIG], dtype="Int64"),
        pd.Index([BIG]),
        (BIG,),
        {BIG},
    ],
)
def test_every_container_of_integers_is_taken(container: object) -> None:
    assert positive_ids(container, name="ids").tolist() == [BIG]


def test_a_nullable_series_with_a_gap_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="<NA>"):
        positive_ids(pd.Series([BIG, None], dtype="Int64"), name="ids")


def test_rounded_ids_of_a_server_are_refused() -> None:
    frame = pd.DataFrame({"id": [1, 2], "pt_root_id": [float(BIG), np.nan]})
    with pytest.raises(RemoteError, match="'pt_root_id' as floating point"):
        check_ids_are_exact(frame, what="table 'x'")
    check_ids_are_exact(frame.assign(pt_root_id=np.nan, size=1.5), what="table 'x'")


def test_plain_columns_keep_ids_exact_and_gaps_as_gaps() -> None:
    frame = pd.DataFrame(
        {
            "whole_id": pd.array([BIG, BIG + 2], dtype="Int64"),
            "gap_id": pd.array([BIG, None], dtype="Int64"),
            "flag": pd.array([True, False], dtype="boolean"),
            "text": pd.array(["BC", None], dtype="string"),
            "value": pd.array([0.5, None], dtype="Float64"),
        }
    )
    plain = plain_columns(frame)
    assert plain["whole_id"].dtype == np.int64
    assert plain["whole_id"].tolist() == [BIG, BIG + 2]
    assert plain["gap_id"].dtype == "Int64"
    assert int(plain["gap_id"].iloc[0]) == BIG
    assert plain["flag"].dtype == bool
    assert plain["text"].dtype == pd.Series(["x"]).dtype
    assert plain["text"].isna().tolist() == [False, True]
    assert plain["value"].dtype == np.float64


def test_every_way_of_having_no_root_is_zero() -> None:
    sent = pd.array([BIG, 0, 1, None], dtype="Int64")
    assert server_roots(sent, name="pt_root_id").tolist() == [BIG, 0, 0, 0]
    assert server_roots(np.array([BIG, 1], np.uint64), name="x").tolist() == [BIG, 0]
