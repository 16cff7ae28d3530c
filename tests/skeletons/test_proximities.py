"""Where arbors come close: as the loops over all pieces of all pairs say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph import skeletons
from connectome_graph.errors import InvalidArgument
from connectome_graph.skeletons import _proximities as module
from definitions import arbors as define

AXON, DENDRITE = (2,), (3, 4)


def tree(rng, n, *, root_id, size=30.0):
    """Return a cell of short and long pieces: a random walk that branches."""
    parent = [-1, *(int(rng.integers(max(0, k - 3), k)) for k in range(1, n))]
    points = np.zeros((n, 3))
    points[0] = rng.uniform(0, size, 3)
    for v in range(1, n):
        points[v] = points[parent[v]] + rng.normal(0, 4, 3)
    compartment = rng.integers(2, 5, n)
    compartment[0] = 1
    edges = [[v, parent[v]] for v in range(1, n)]
    return skeletons.from_arrays(
        points, edges, root=0, root_id=root_id, compartment=compartment.tolist()
    )


def as_dict(table):
    return {(row.pre, row.post): tuple(row)[3:] for row in table.itertuples()}


@settings(max_examples=30)
@given(seed=st.integers(0, 9999), within=st.sampled_from([1.5, 5.0, 11.0]))
def test_proximities_are_loops_over_all_pieces(seed, within):
    rng = np.random.default_rng(seed)
    cells = [tree(rng, int(rng.integers(2, 14)), root_id=10 + k) for k in range(4)]
    codes = {"axon": AXON, "dendrite": DENDRITE, "any": None}
    for pre, post in (("axon", "dendrite"), ("any", "any")):
        try:
            found = as_dict(skeletons.proximities(cells, within_um=within, pre=pre, post=post))
        except InvalidArgument:
            assert pre == "axon"
            continue
        expected = define.proximities(cells, within, pre=codes[pre], post=codes[post])
        assert found.keys() == expected.keys()
        for pair, (stretches, length, least) in expected.items():
            assert found[pair][0] == stretches
            assert found[pair][1:] == pytest.approx((length, least))


def test_batches_change_nothing(monkeypatch):
    rng = np.random.default_rng(3)
    cells = [tree(rng, 40, root_id=k) for k in range(1, 9)]
    whole = skeletons.proximities(cells, progress=False)
    monkeypatch.setattr(module, "_BATCH", 5)
    assert skeletons.proximities(cells).equals(whole)
    assert len(whole) > 5


def test_pairs_that_come_close_are_a_domain():
    rng = np.random.default_rng(3)
    cells = [tree(rng, 40, root_id=k) for k in range(1, 9)]
    met = skeletons.proximities(cells, within_um=8)
    g = cg.from_adjacency((rng.random((8, 8)) < 0.4).astype(int), autapses="drop")
    part = g.within(met, exposure="co_travel_um")
    assert part.domain.n_pairs == len(met)
    assert part.domain.exposure == pytest.approx(met["co_travel_um"].sum())


def test_text_ids_stay_text():
    rng = np.random.default_rng(1)
    cells = [tree(rng, 30, root_id=f"N{k}") for k in range(3)]
    met = skeletons.proximities(cells, within_um=30)
    assert set(met["pre"]) | set(met["post"]) == {"N0", "N1", "N2"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pre": "axxon"}, "is no compartment.*Did you mean 'axon'"),
        ({"post": "custom"}, "none of the 2 cells has such a compartment"),
        ({"within_um": 0}, "within_um"),
        ({"within_um": np.nan}, "within_um"),
    ],
)
def test_what_cannot_be_meant_is_refused(change, words):
    rng = np.random.default_rng(1)
    cells = [tree(rng, 30, root_id=k) for k in (1, 2)]
    with pytest.raises(InvalidArgument, match=words):
        skeletons.proximities(cells, **change)


def test_cells_are_different_skeletons():
    rng = np.random.default_rng(1)
    cell = tree(rng, 30, root_id=1)
    with pytest.raises(InvalidArgument, match="two of the cells are neuron 1"):
        skeletons.proximities([cell, cell])
    with pytest.raises(InvalidArgument, match="cells are skeletons; found int"):
        skeletons.proximities([3])
