"""Which arbors enter the same volumes, by loops over pieces of cable."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skeletons.test_proximities import AXON, DENDRITE, tree

from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument
from definitions import arbors as define

BOXES = {"left": ((-50, 15), (-50, 50), (-50, 50)), "right": ((15, 80), (-50, 80), (-50, 80))}


def named(point):
    for name, box in BOXES.items():
        if all(a <= x < b for x, (a, b) in zip(point, box, strict=True)):
            return name
    return None


def cable(cell, codes):
    """Return {volume: length} of the pieces of a part."""
    found = {}
    for _, _, point, length, _ in define.pieces(cell, codes, 1.0):
        name = named(point)
        if name is not None:
            found[name] = found.get(name, 0.0) + length
    return found


@settings(max_examples=25)
@given(seed=st.integers(0, 9999))
def test_shared_volumes_are_loops_over_pieces(seed):
    rng = np.random.default_rng(seed)
    cells = [tree(rng, 14, root_id=10 + k) for k in range(4)]
    expected = {}
    for a, b in itertools.permutations(cells, 2):
        one, two = cable(a, AXON), cable(b, DENDRITE)
        common = set(one) & set(two)
        if common:
            expected[a.root_id, b.root_id] = (
                len(common), sum(min(one[name], two[name]) for name in common)
            )  # fmt: skip
    table = skeletons.shared_volumes(cells, BOXES)
    found = {(row.pre, row.post): (row.n_volumes, row.shared_um) for row in table.itertuples()}
    assert found.keys() == expected.keys()
    for pair, (n, length) in expected.items():
        assert found[pair] == (n, pytest.approx(length))
    by_function = skeletons.shared_volumes(cells, lambda points: [named(p) for p in points])
    assert by_function.equals(table)


def test_one_box_and_nothing_in_it():
    cells = [tree(np.random.default_rng(0), 14, root_id=k) for k in (1, 2)]
    assert skeletons.shared_volumes(cells, ((900, 901), (0, 1), (0, 1))).empty


def test_volumes_that_are_none_are_refused():
    cells = [tree(np.random.default_rng(0), 14, root_id=k) for k in (1, 2)]
    with pytest.raises(InvalidArgument, match="the boxes overlap"):
        skeletons.shared_volumes(cells, {"a": BOXES["left"], "b": BOXES["left"]})
    with pytest.raises(InvalidArgument, match="found 2 names"):
        skeletons.shared_volumes(cells, lambda points: ["a", "b"])
    with pytest.raises(InvalidArgument, match="box_um needs"):
        skeletons.shared_volumes(cells, ((0, 1), (0, 1)))
