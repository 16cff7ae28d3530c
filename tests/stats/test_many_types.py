"""Only the blocks that occur: the same rows as of the whole table, at thousands of types too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import connectome_graph as cg
import strategies
from connectome_graph.errors import InvalidArgument


def same_rows(whole: pd.DataFrame, occurring: pd.DataFrame) -> None:
    wanted = whole[whole["n_edges"] > 0].reset_index(drop=True)
    common = [name for name in wanted if name not in ("low", "high")]
    assert set(common) <= set(occurring)
    pd.testing.assert_frame_equal(occurring[common], wanted[common], check_dtype=False)


@given(strategies.graphs())
def test_occurring_blocks_are_the_rows_with_an_edge(g):
    rng = np.random.default_rng(g.n_neurons)
    labels = rng.choice(["a", "b", "c", None], g.n_neurons, p=[0.4, 0.3, 0.2, 0.1])
    labels[0] = "a"
    g = g.annotate(pd.DataFrame({"kind": labels}, index=g.neurons.index), overwrite=True)
    for statistic in (cg.stats.type_matrix, cg.stats.labelled_reciprocity):
        whole = statistic(g, "kind", interval="wilson")
        occurring = statistic(g, "kind", interval="wilson", complete=False)
        same_rows(whole, occurring)
        assert whole.attrs["n_edges_without_type"] == occurring.attrs["n_edges_without_type"]
        assert occurring.attrs["complete"] is False


def test_blocks_of_a_set_of_pairs(random_graph):
    rng = np.random.default_rng(1)
    met = random_graph.edges[["pre", "post"]].sample(frac=0.7, random_state=1)
    more = pd.DataFrame({end: rng.choice(random_graph.ids, 300) for end in ("pre", "post")})
    pairs = pd.concat([met, more[more["pre"] != more["post"]]]).drop_duplicates()
    g = random_graph.within(pairs)
    for statistic in (cg.stats.type_matrix, cg.stats.labelled_reciprocity):
        same_rows(
            statistic(g, "cell_type", interval="wilson"),
            statistic(g, "cell_type", interval="wilson", complete=False),
        )


def test_eight_thousand_types_fit():
    rng = np.random.default_rng(0)
    n, m = 20_000, 200_000
    edges = pd.DataFrame(rng.integers(1, n + 1, (m, 2)), columns=["pre", "post"])
    edges = edges.drop_duplicates().assign(count=1)
    cells = pd.DataFrame({"root_id": np.arange(1, n + 1), "cell_type": np.arange(n) % 8_000})
    g = cg.from_edges(edges, cells)
    table = cg.stats.type_matrix(g, "cell_type")
    assert table.attrs["complete"] is False
    assert table["n_edges"].sum() == g.n_edges
    assert len(cg.stats.labelled_reciprocity(g, "cell_type")) == len(table)
    assert g.collapse("cell_type").n_edges == len(table)
    with pytest.raises(InvalidArgument, match="complete=True"):
        cg.stats.type_matrix(g, "cell_type", source_weights=np.ones(n))
