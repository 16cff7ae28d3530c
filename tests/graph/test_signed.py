"""Transmitters become signs: of synapses, edges, types and motifs."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.model.transmitters import SIGNS, canonical

TRANSMITTERS = ["ACH", "gaba", "Glutamate", "DA", None]


@st.composite
def signed_graphs(draw):
    """Return up to seven neurons with transmitters and up to 25 synapse rows with counts."""
    n = draw(st.integers(2, 7))
    kinds = draw(st.lists(st.sampled_from(TRANSMITTERS), min_size=n, max_size=n))
    ends = st.integers(1, n)
    rows = draw(st.lists(st.tuples(ends, ends, st.integers(1, 4)), min_size=1, max_size=25))
    cells = pd.DataFrame({"root_id": np.arange(1, n + 1), "nt_type": kinds})
    cells["cell_type"] = [f"t{i % 3}" for i in range(n)]
    synapses = pd.DataFrame(rows, columns=["pre", "post", "count"])
    return cg.from_tables(synapses, cells)


def sign_of(kind, table="fly"):
    return SIGNS[table].get(canonical(kind)) if kind is not None else None


@given(signed_graphs(), st.sampled_from(["fly", "mouse"]))
def test_an_edge_has_the_sign_of_its_source(g, table):
    signed = g.signed(table)
    found = cg.weights.compute(signed, "signed_count")
    for (pre, _), count, value in zip(found.index, g.edge_counts, found, strict=True):
        sign = sign_of(g.neurons.loc[pre, "nt_type"], table)
        assert np.isnan(value) if sign is None else value == sign * count
    sign = cg.weights.compute(signed, "sign")
    assert (np.sign(found).fillna(9) == sign.fillna(9)).all()
    assert "sign" in signed.neurons.columns


@given(signed_graphs())
def test_signed_motifs_count_what_loops_count(g):
    signed = g.signed("fly")
    sign = dict(cg.weights.compute(signed, "sign").items())
    three = list(itertools.permutations(g.ids.tolist(), 3))
    wanted = sum(sign.get((a, b)) == 1 and sign.get((b, c)) == -1 for a, b, c in three)
    assert cg.motifs.count(signed, "A -> B; B -| C") == wanted
    plain = sum((a, b) in sign and (b, c) in sign for a, b, c in three)
    assert cg.motifs.count(signed, "A -> B; B -> C") == plain
    loops = sum(
        sign.get((a, b)) == -1 and sign.get((b, a)) == -1
        for a, b in itertools.permutations(g.ids.tolist(), 2)
    )
    assert cg.motifs.count(signed, "A -| B; B -| A") == loops


def test_rows_may_have_transmitters_of_their_own():
    rows = pd.DataFrame(
        {"pre": [1, 1, 2, 2], "post": [2, 2, 1, 3], "count": [3, 2, 4, 1],
         "nt_type": ["ACH", "GABA", "GABA", None]}
    )  # fmt: skip
    g = cg.from_tables(rows, unknown="add").signed({"ACH": 1, "GABA": -1})
    assert cg.weights.compute(g, "signed_count").fillna(99).tolist() == [1.0, -4.0, 99.0]
    assert cg.weights.compute(g, "sign").fillna(99).tolist() == [99.0, -1.0, 99.0]
    assert "sign" not in g.neurons.columns
    assert "1 of 4 synapse rows have none" in str(g.provenance)


def test_types_keep_what_all_members_share():
    cells = pd.DataFrame(
        {"root_id": [1, 2, 3], "cell_type": ["a", "a", "b"], "nt_type": ["GABA", "ACH", "ACH"]}
    )
    g = cg.from_adjacency([[0, 0, 2], [0, 0, 1], [5, 0, 0]], cells).signed("fly")
    types = g.collapse("cell_type")
    assert types.neurons["nt_type"].fillna("?").tolist() == ["?", "ACH"]
    assert types.neurons["sign"].fillna(0).tolist() == [0, 1]
    assert cg.weights.compute(types, "signed_count").tolist() == [-1.0, 5.0]


def test_what_is_missing_says_what_to_do():
    g = cg.from_adjacency([[0, 1], [0, 0]])
    with pytest.raises(UnknownName, match="signed"):
        cg.weights.compute(g, "signed_count")
    with pytest.raises(UnknownName, match="signed"):
        cg.motifs.count(g, "A -| B")
    with pytest.raises(UnknownName, match="nt_type"):
        g.signed("fly")
    for table in ("flies", {}, {"ACH": 2}, {"ACH": True}, 3):
        with pytest.raises(InvalidArgument):
            g.signed(table)
