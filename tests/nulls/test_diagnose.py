"""The diagnosis of a chain: what it measures, by definition where it can be."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import connectome_graph as cg
from connectome_graph import nulls
from connectome_graph.errors import InvalidArgument
from connectome_graph.nulls._diagnose import _triangles
from strategies import dense_graphs


@given(dense_graphs(max_neurons=8))
def test_triangles_by_definition(g):
    edges = set(zip(*(codes.tolist() for codes in g.edge_codes), strict=True))
    triples = list(permutations(range(g.n_neurons), 3))
    paths = [(a, b, c) for a, b, c in triples if {(a, b), (b, c)} <= edges]
    assert _triangles(g).to_dict() == {
        "mutual": sum((j, i) in edges for i, j in edges) / 2,
        "transitive": sum((a, c) in edges for a, _, c in paths),
        "cyclic": sum((c, a) in edges for a, _, c in paths) / 3,
    }


def test_chains_forget_where_they_began(random_graph):
    found = nulls.diagnose(random_graph, nulls.Configuration(), longest=20, chains=6, seed=1)
    assert 0.1 < found.acceptance < 0.9
    assert found.start["overlap"].iloc[0] == 1
    assert found.start.index.tolist() == list(range(21))
    assert found.settled_overlap < 0.6
    assert found.mixed
    assert 1 <= found.sufficient <= 20
    assert found.autocorrelation.iloc[0].tolist() == pytest.approx([1, 1, 1, 1])
    assert "passes suffice" in repr(found)


def test_what_a_null_keeps_never_moves(random_graph):
    found = nulls.diagnose(
        random_graph, nulls.ReciprocalConfiguration(), longest=2, chains=2, seed=1
    )
    assert (found.start["mutual"] == 0).all()


def test_the_seed_decides_and_a_statistic_may_be_given(random_graph):
    def draw(seed):
        return nulls.diagnose(
            random_graph,
            nulls.Configuration(),
            statistic=lambda g: pd.Series({"edges": g.n_edges, "first": int(g.edge_codes[1][0])}),
            longest=2,
            chains=2,
            seed=seed,
        )

    assert draw(3).start.equals(draw(3).start)
    assert not draw(3).start.equals(draw(4).start)
    assert list(draw(3).start.columns) == ["overlap", "edges", "first"]


def test_what_cannot_move_has_not_mixed(stuck):
    found = nulls.diagnose(stuck, nulls.Configuration(), longest=4, chains=2)
    assert not found.mixed
    assert found.acceptance == 0
    assert np.isinf(found.sufficient)
    assert "not mixed" in repr(found)
    assert "one single graph" in found.reason


@pytest.mark.parametrize(
    ("null", "change"),
    [
        (nulls.ErdosRenyi(), {}),
        (nulls.Configuration(), {"step": 0}),
        (nulls.Configuration(), {"chains": 0}),
        (nulls.Configuration(), {"longest": 0.1}),
    ],
)
def test_what_cannot_be_diagnosed_is_refused(random_graph, null, change):
    with pytest.raises(InvalidArgument):
        nulls.diagnose(random_graph, null, **change)


def test_a_graph_without_edges_is_refused():
    with pytest.raises(InvalidArgument, match="nothing to trade"):
        nulls.diagnose(cg.from_adjacency(np.zeros((3, 3), int)), nulls.Configuration())
