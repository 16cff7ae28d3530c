"""Rows reduced to edges, and sorted edges merged, against a group-by of all rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph._kernels import threads
from connectome_graph.sources.engine import _edge_runs as edge_runs
from connectome_graph.sources.engine._edge_runs import EdgeSink, merged, reduced

N = 6
rows = st.lists(
    st.tuples(
        st.integers(0, N - 1), st.integers(0, N - 1), st.none() | st.integers(-9, 2**53)
    ),
    max_size=40,
)  # fmt: skip


@pytest.fixture(autouse=True)
def on_threads(monkeypatch):
    """Cut every merge into three parts."""
    monkeypatch.setattr(threads, "SMALL", 1)
    monkeypatch.setattr(threads, "n_threads", lambda: 3)


def as_arrays(table, kind):
    pre, post, size = zip(*table, strict=True) if table else ((), (), ())
    if kind == "float":
        sizes = np.array([np.nan if each is None else each for each in size], np.float64)
    else:
        sizes = np.array([0 if each is None else each for each in size], np.int64)
    return np.array(pre, np.int32), np.array(post, np.int32), sizes


def grouped(pre, post, size):
    frame = pd.DataFrame({"pre": pre, "post": post, "size": size})
    group = frame.groupby(["pre", "post"])["size"]
    # a missing size makes the total missing, but not the largest of those that are there
    total = group.agg(lambda values: values.sum(skipna=False))
    return pd.DataFrame({"count": group.size(), "size": total, "size_max": group.max()})


def as_frame(runs):
    pairs = pd.MultiIndex.from_arrays([runs.pre, runs.post], names=["pre", "post"])
    return pd.DataFrame(runs.columns(), index=pairs)


@pytest.mark.parametrize("kind", ["int", "float"])
@given(a=rows, b=rows)
def test_merging_is_a_group_by_of_all_rows(kind, a, b):
    first, second, both = as_arrays(a, kind), as_arrays(b, kind), as_arrays(a + b, kind)
    found = merged(*(reduced(pre, post, N, size=size) for pre, post, size in (first, second)))
    pd.testing.assert_frame_equal(
        as_frame(found), grouped(*both), check_dtype=False, check_index_type=False
    )
    assert (np.diff(found.key.astype(np.int64)) > 0).all()


def test_whole_and_missing_sizes_merge_as_reals():
    whole = reduced(*as_arrays([(0, 1, 5), (2, 1, 3)], "int")[:2], N, size=np.array([5, 3]))
    gaps = reduced(*as_arrays([(0, 1, None)], "float")[:2], N, size=np.array([np.nan]))
    found = merged(whole, gaps)
    assert found.count.tolist() == [2, 1]
    np.testing.assert_array_equal(found.size, [np.nan, 3.0])
    np.testing.assert_array_equal(found.size_max, [5.0, 3.0])


def test_edges_without_sizes_merge_too():
    parts = [reduced(*as_arrays(part, "int")[:2], N) for part in ([(0, 1, 1)] * 2, [(0, 1, 1)])]
    found = merged(*parts)
    assert (found.size, found.size_max) == (None, None)
    assert found.count.tolist() == [3]


@pytest.mark.parametrize("batch", [1, 7, 10_000])
def test_a_sink_forgets_nothing_whatever_the_batches(monkeypatch, batch):
    monkeypatch.setattr(edge_runs, "BATCH_ROWS", batch)
    rng = np.random.default_rng(batch)
    pre, post = rng.integers(0, N, (2, 500)).astype(np.int32)
    size = rng.integers(1, 2**40, 500)
    sink = EdgeSink(N)
    for cut in np.split(np.arange(500), np.sort(rng.integers(0, 500, 60))):
        sink.add(pre[cut], post[cut], size=size[cut])
    found = sink.edges(with_size=True)
    pd.testing.assert_frame_equal(
        as_frame(found), grouped(pre, post, size), check_dtype=False, check_index_type=False
    )
