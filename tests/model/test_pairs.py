"""A stored set of pairs is checked before it is believed."""

from __future__ import annotations

import numpy as np
import pytest

from connectome_graph.errors import InvalidTable
from connectome_graph.model.pairs import PairSet

SOUND = {
    "pre": np.array([0, 1], np.int32),
    "post": np.array([1, 0], np.int32),
    "exposure": np.array([1.0, 2.0]),
}


def test_columns_give_the_set_back():
    pairs = PairSet.from_columns(SOUND, 2, name="area")
    assert PairSet.from_columns(pairs.columns, 2, name="area") == pairs
    assert repr(pairs) == "PairSet(2 ordered pairs of 2 neurons, area 3)"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pre": np.array([0, 2], np.int32)}, "beyond 2 neurons"),
        ({"pre": np.array([0, -1], np.int32)}, "beyond 2 neurons"),
        ({"post": np.array([1.0, 0.0])}, "need pre and post"),
        ({"exposure": np.array([1.0, np.nan])}, "not finite"),
        ({"exposure": np.array([1.0, -1.0])}, "negative"),
        ({"more": np.array([1, 2])}, "need pre and post"),
    ],
)
def test_stored_pairs_that_are_not_sound_are_refused(change, words):
    with pytest.raises(InvalidTable, match=words):
        PairSet.from_columns({**SOUND, **change}, 2, name="area")
