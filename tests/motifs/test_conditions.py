"""Conditions on columns of every kind that neuron tables have, with gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs import _conditions as module
from connectome_graph.motifs._conditions import compared, meets
from connectome_graph.motifs._pattern import Condition

TEXTS = [
    pd.Series(["a", None, "b"]),
    pd.Series(["a", None, "b"], dtype=object),
    pd.Series(["a", None, "b"], dtype="string"),
    pd.Series(["a", None, "b"], dtype=pd.CategoricalDtype(["b", "a"])),
]
NUMBERS = [pd.Series([1, None, 2], dtype="Int64"), pd.Series([1, np.nan, 2])]
TRUTHS = [pd.Series([True, None, False], dtype="boolean"), pd.Series([True, None, False])]


@pytest.mark.parametrize("values", TEXTS, ids=lambda values: str(values.dtype))
@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("==", "a", [True, False, False]),
        ("!=", "a", [False, True, True]),
        ("==", "zz", [False, False, False]),
        ("<", "b", [True, False, False]),
        (">=", "b", [False, False, True]),
        ("in", ("a", "q"), [True, False, False]),
        ("!in", ("a", "q"), [False, False, True]),
        ("in", "xay", [True, False, False]),
        ("contains", "a", [True, False, False]),
        ("!contains", "a", [False, False, True]),
    ],
)
def test_text(values, operator, value, expected):
    assert meets(values, Condition("x", operator, value)).tolist() == expected


@pytest.mark.parametrize("values", NUMBERS, ids=lambda values: str(values.dtype))
@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("==", 1, [True, False, False]),
        ("!=", 1, [False, True, True]),
        ("<=", 1.5, [True, False, False]),
        ("in", (2, 5), [False, False, True]),
        ("!in", (2, 5), [True, False, False]),
    ],
)
def test_numbers(values, operator, value, expected):
    assert meets(values, Condition("x", operator, value)).tolist() == expected


@pytest.mark.parametrize("values", TRUTHS, ids=lambda values: str(values.dtype))
def test_truths(values):
    assert meets(values, Condition("x", "==", True)).tolist() == [True, False, False]


@pytest.mark.parametrize("values", TEXTS, ids=lambda values: str(values.dtype))
def test_texts_compare_by_value_not_by_category(values):
    places = np.arange(3)
    other = pd.Series(["b", "a", "a"])
    assert compared(values, "<", other).holds(places, places).tolist() == [True, False, False]
    assert compared(values, "==", values).holds(places, places).tolist() == [True, False, True]
    assert compared(values, "in", pd.Series(["ab", "b", "a"])).holds(places, places).tolist() == [
        True,
        False,
        False,
    ]


def test_large_integers_are_compared_exactly():
    low = pd.Series([864691135000000001])
    high = pd.Series([864691135000000002])
    place = np.zeros(1, int)
    assert compared(low, "<", high).holds(place, place).all()
    assert not compared(low, "==", high).holds(place, place).any()
    assert not meets(low, Condition("x", "==", 864691135000000002)).any()


def test_an_operator_between_too_many_texts_is_refused(monkeypatch):
    monkeypatch.setattr(module, "_LARGEST_TABLE", 3)
    with pytest.raises(InvalidArgument, match="2 x 2 outcomes"):
        compared(TEXTS[0], "contains", TEXTS[0])
