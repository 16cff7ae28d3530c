"""Matrix Market files hold every edge, exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.io
from hard_graphs import every_kind
from hypothesis import given, settings

import connectome_graph as cg
from connectome_graph.errors import InvalidTable
from connectome_graph.export import write_matrix_market
from strategies import graphs


@settings(max_examples=20)
@given(g=graphs())
@pytest.mark.parametrize("weight", ["count", "sum", "input_fraction"])
def test_any_graph_is_read_by_scipy_to_the_last_digit(tmp_path_factory, weight, g):
    path = tmp_path_factory.getbasetemp() / "any.mtx"
    matrix, pre, post = write_matrix_market(g, path, weight=weight)
    ours = g.adjacency(weight).tocoo()
    theirs = scipy.io.mmread(matrix, spmatrix=False)
    assert theirs.shape == ours.shape
    for name in ("row", "col", "data"):
        assert np.array_equal(getattr(theirs, name), getattr(ours, name))
    assert pre.read_text().split() == [str(i) for i in g.ids[g.domain.sources]]
    assert post.read_text().split() == [str(i) for i in g.ids[g.domain.targets]]


def test_the_header_tells_what_was_done(tmp_path):
    g = every_kind()
    path, *_ = write_matrix_market(g, tmp_path / "g.mtx")
    lines = path.read_text().splitlines()
    assert lines[0] == "%%MatrixMarket matrix coordinate integer general"
    told = " ".join(line.lstrip("%").strip() for line in lines[1:] if line.startswith("%"))
    assert told == f"rows are presynaptic. {g.provenance}"


def test_ids_that_a_list_of_lines_cannot_carry_are_refused(tmp_path):
    frame = pd.DataFrame([[0, 1], [1, 0]], index=["a\nb", "c"], columns=["a\nb", "c"])
    with pytest.raises(InvalidTable, match="line break"):
        write_matrix_market(cg.from_adjacency(frame), tmp_path / "g.mtx")
    assert list(tmp_path.iterdir()) == []
