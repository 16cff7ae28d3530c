"""Sparse matrices with their ids."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings

import connectome_graph as cg
from connectome_graph.export import to_scipy
from strategies import graphs


@settings(max_examples=20)
@given(g=graphs())
def test_every_edge_is_an_entry_at_its_ids(g):
    matrix, pre_ids, post_ids = to_scipy(g)
    assert matrix.shape == (g.domain.n_sources, g.domain.n_targets)
    entries = matrix.tocoo()
    found = pd.DataFrame(
        {"pre": pre_ids[entries.row], "post": post_ids[entries.col], "count": entries.data}
    )
    pd.testing.assert_frame_equal(found, g.edges[["pre", "post", "count"]], check_dtype=False)


def test_a_weight_of_zero_stays_an_entry_and_the_ids_may_be_written_to():
    g = cg.from_adjacency([[0, 1], [1, 0]])
    g = g.annotate_synapses({"size": np.array([1.0, 1.0])})
    matrix, pre_ids, _ = to_scipy(g, weight="log_sum")
    assert matrix.nnz == 2
    assert matrix.data.tolist() == [0, 0]
    pre_ids[0] = 9
    assert g.ids.tolist() == [1, 2]
