"""The domain: counted by loops, shrinking only."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.model.domain import Domain

masks = st.integers(0, 8).flatmap(
    lambda n: st.tuples(*[st.lists(st.booleans(), min_size=n, max_size=n)] * 2)
)


@given(masks)
def test_pairs_are_counted_by_loops(pair):
    domain = Domain(*pair)
    n = domain.n_neurons
    ordered = [
        (i, j) for i, j in itertools.product(range(n), repeat=2)
        if i != j and pair[0][i] and pair[1][j]
    ]  # fmt: skip
    both = {frozenset(p) for p in ordered if p[::-1] in ordered}
    assert domain.n_pairs == len(ordered)
    assert domain.n_mutual_pairs == len(both)
    codes = np.array(list(itertools.product(range(n), repeat=2)), int).reshape(-1, 2)
    inside = domain.contains(codes[:, 0], codes[:, 1])
    assert [tuple(code) for code in codes[inside].tolist()] == ordered
    with_self = Domain(*pair, diagonal=True)
    assert with_self.n_pairs == len(ordered) + domain.n_core


@given(masks, masks)
def test_restricting_only_shrinks_and_commutes(first, second):
    if len(first[0]) != len(second[0]):
        return
    full = Domain.full(len(first[0]))
    a = full.restrict(sources=first[0], targets=first[1])
    ab = a.restrict(sources=second[0], targets=second[1])
    ba = full.restrict(sources=second[0], targets=second[1]).restrict(
        sources=first[0], targets=first[1]
    )
    assert ab == ba
    assert ab.n_pairs <= min(a.n_pairs, full.n_pairs)


def test_names_of_policies_add_up():
    full = Domain.full(2)
    strict = full.restrict(policy="strict")
    assert strict.policy == "strict"
    assert strict.restrict(policy="own").policy == "strict and own"
    assert strict.restrict(policy="strict").policy == "strict"


def test_masks_are_copied_and_read_only():
    mask = np.array([True, False])
    domain = Domain(mask, mask)
    mask[1] = True
    assert domain.n_sources == 1
    with pytest.raises(ValueError, match="read-only"):
        domain.sources[0] = False
    assert hash(domain) == hash(Domain([True, False], [True, False]))
    assert "1 sources x 1 targets" in repr(domain)


def test_bad_masks_are_refused():
    with pytest.raises(InvalidArgument, match="one entry per neuron"):
        Domain([True], [True, False])
    with pytest.raises(InvalidTable, match="is_target"):
        Domain.from_columns({"is_source": [True]}, policy="x")
