"""Ids to positions, and synapses sorted into runs, whatever the number of threads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectome_graph._kernels import threads
from connectome_graph.model.index import IdTable, SynapseIndex

FIRST = 864_691_135_000_000_000
big_ids = st.integers(FIRST, FIRST + 400)


@pytest.fixture(params=[1, 200_000], ids=["threads", "one thread"])
def small(request, monkeypatch):
    """Make every table large enough for threads, or none."""
    monkeypatch.setattr(threads, "SMALL", request.param)
    monkeypatch.setattr(threads, "n_threads", lambda: 3)


@given(known=st.lists(big_ids, unique=True, max_size=90), asked=st.lists(big_ids, max_size=300))
def test_positions_are_those_of_a_dict(known, asked):
    place = {each: at for at, each in enumerate(known)}
    found = IdTable(np.array(known, np.int64)).encode(np.array(asked, np.int64))
    assert found.dtype == np.int32
    assert found.tolist() == [place.get(each, -1) for each in asked]
    text = IdTable(np.array(list(map(str, known)), object))
    assert text.encode(np.array(list(map(str, asked)), object)).tolist() == found.tolist()


@given(ids=st.lists(st.integers(1, 30), max_size=40))
def test_a_repeated_id_is_named_by_its_position(ids):
    first_repeat = next((at for at, each in enumerate(ids) if each in ids[:at]), None)
    assert IdTable(np.array(ids, np.int64)).repeat == first_repeat
    assert IdTable(np.array(list(map(str, ids)), object)).repeat == first_repeat


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n", [1, 2, 40, 3000])
def test_runs_are_a_stable_sort(seed, n):
    rng = np.random.default_rng([seed, n])
    m = int(rng.integers(0, 20_000))
    # a few neurons have most of the rows: buckets of every size, and of every way of sorting
    ends = [
        np.minimum(rng.geometric(min(1, 2 / n), m) - 1, n - 1).astype(np.int32) for _ in range(2)
    ]
    dropped = rng.random(m) < 0.1
    ends[0][dropped] = -1
    row, flag = np.arange(m), rng.random(m) < 0.5
    index = SynapseIndex.build([*ends], n, {"row": row, "flag": flag})
    expected = pd.DataFrame({"pre": ends[0], "post": ends[1], "row": row})[~dropped]
    expected = expected.sort_values(["pre", "post", "row"])
    assert index.columns["row"].tolist() == expected["row"].tolist()
    assert index.columns["flag"].tolist() == flag[expected["row"]].tolist()
    counted = expected.groupby(["pre", "post"]).size()
    pairs = [*zip(index.edge_pre.tolist(), index.edge_post.tolist(), strict=True)]
    assert pairs == counted.index.to_list()
    assert np.diff(index.edge_ptr).tolist() == counted.tolist()


@pytest.mark.usefixtures("small")
def test_rows_of_a_pair_come_by_synapse_id():
    ends = [np.zeros(400, np.int32), np.arange(400, dtype=np.int32) % 3]
    ids = FIRST + np.random.default_rng(0).permutation(400)
    index = SynapseIndex.build([*ends], 3, {"synapse_id": ids})
    for start, stop in zip(index.edge_ptr[:-1], index.edge_ptr[1:], strict=True):
        assert (np.diff(index.columns["synapse_id"][start:stop]) > 0).all()
