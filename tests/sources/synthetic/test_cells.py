"""Sharing whole numbers out, and how the size of the column follows its scale."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph.sources.synthetic.cells import apportion, number_of_neurons


@given(st.integers(0, 10_000), st.lists(st.floats(0.01, 100), min_size=1, max_size=12))
def test_shares_add_up_and_are_off_by_less_than_one(total: int, shares: list[float]) -> None:
    whole = apportion(total, shares)
    exact = total * np.array(shares) / sum(shares)
    assert whole.sum() == total
    assert np.abs(whole - exact).max() < 1 + 1e-9


@given(st.floats(0.01, 200), st.floats(0.01, 200))
def test_more_scale_is_never_fewer_neurons(one: float, other: float) -> None:
    assert (one < other) <= (number_of_neurons(one) <= number_of_neurons(other))
