"""The guarded fetch: chunks, halves, the proof by counting, the cache."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cave_server import TOKEN, World
from cave_server.server import Fault
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectome_graph.errors import RemoteError
from connectome_graph.sources.cave import FetchOptions
from connectome_graph.sources.cave import _fetch as fetch
from connectome_graph.sources.cave._answers import TooLarge
from connectome_graph.sources.cave._cache import CacheFolder
from connectome_graph.sources.cave._connect import connect
from connectome_graph.sources.cave._query import Query
from connectome_graph.sources.cave._session import Session

OUTPUTS = Query(
    "synapses_pni_2",
    ids_column="pre_pt_root_id",
    columns=("id", "pre_pt_root_id", "post_pt_root_id", "size", "ctr_pt_position"),
)


def pinned_to(world: World, options: FetchOptions, **overrides: Any) -> Session:
    stack = world.stack(**{"row_limit": None, **overrides})
    return connect(stack, version=1718, token=TOKEN, options=options)


def truth(world: World, roots: list[int]) -> list[int]:
    """Return the ids of the synapses that start at `roots`, read from the server's memory."""
    table = world.cave.tables["synapses_pni_2"].frame
    own = table[table["pre_pt_root_id"].isin(roots).fillna(False).astype(bool)]
    return sorted(own["id"].tolist())


def ids_of(roots: list[int]) -> np.ndarray:
    return np.array(sorted(set(roots)), dtype=np.int64)


def test_every_row_arrives_once_and_in_order(either: World, options: FetchOptions) -> None:
    found = pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=ids_of(either.roots), chunk=3)
    assert found.frame["id"].tolist() == truth(either, either.roots)
    assert found.facts["parts"] == 5
    assert found.frame["pre_pt_root_id"].dtype == "Int64"


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("limit", [9, 30, 82, 400])
def test_no_row_limit_makes_the_table_smaller(
    either: World, options: FetchOptions, limit: int, header: bool
) -> None:
    either.cave.row_limit, either.cave.limit_header = limit, header
    pinned = pinned_to(either, options)
    found = pinned.fetcher.fetch(OUTPUTS, ids=ids_of(either.roots), chunk=4)
    assert found.frame["id"].tolist() == truth(either, either.roots)


@pytest.mark.parametrize("header", [True, False])
def test_a_whole_table_is_divided_by_row_ids(
    either: World, options: FetchOptions, header: bool
) -> None:
    either.cave.row_limit, either.cave.limit_header = 60, header
    found = pinned_to(either, options).fetcher.fetch(Query("synapses_pni_2"))
    assert found.frame["id"].tolist() == truth(either, []) + list(range(500_001, 500_401))


@pytest.mark.parametrize("header", [True, False])
def test_rows_sent_twice_do_not_hide_a_limit(
    either: World, options: FetchOptions, header: bool
) -> None:
    either.cave.row_limit, either.cave.limit_header = 25, header
    either.cave.duplicate_rows = True
    found = pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=ids_of(either.roots), chunk=4)
    assert found.frame["id"].tolist() == truth(either, either.roots)
    assert found.facts["rows_sent_twice"] > 0


def test_a_known_limit_needs_no_header(
    either: World, options: FetchOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "KNOWN_LIMITS", frozenset({60}))
    either.cave.row_limit, either.cave.limit_header = 60, False
    pinned = pinned_to(either, options)
    found = pinned.fetcher.fetch(OUTPUTS, ids=ids_of(either.roots), chunk=15)
    assert found.frame["id"].tolist() == truth(either, either.roots)
    # the known limit divided the answers at once: nothing was fetched again after counting
    assert pinned.fetcher.limits == {60}


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(15, 90), header=st.booleans(), chunk=st.integers(1, 14))
def test_any_limit_any_chunk(
    world: World, tmp_path_factory: Any, limit: int, header: bool, chunk: int
) -> None:
    from cave_server.offline import OfflineConnection

    world.cave.url = "http://offline.invalid"
    world.cave.row_limit, world.cave.limit_header = limit, header
    own = type("Offline", (OfflineConnection,), {"cave": world.cave})
    fetcher = fetch.Fetcher(
        own(world.stack()),
        version=1718,
        folder=CacheFolder(Path(tmp_path_factory.mktemp("cache"))),
        options=FetchOptions(workers=1, progress=False),
    )
    found = fetcher.fetch(OUTPUTS, ids=ids_of(world.roots), chunk=chunk)
    assert found.frame["id"].tolist() == truth(world, world.roots)


def test_an_empty_list_of_ids_asks_nothing(either: World, options: FetchOptions) -> None:
    pinned = pinned_to(either, options)
    before = len(either.cave.log)
    none = np.empty(0, np.int64)
    found = pinned.fetcher.fetch(OUTPUTS, ids=none)
    assert found.frame.empty
    assert found.frame["pre_pt_root_id"].dtype == np.int64
    assert found.frame["ctr_pt_position_x"].dtype == np.float64
    filtered = dataclasses.replace(OUTPUTS, filters={"post_pt_root_id": ()})
    assert pinned.fetcher.fetch(filtered, ids=ids_of(either.roots)).frame.empty
    assert len(either.cave.log) == before


def test_ids_without_rows_give_an_empty_typed_table(either: World, options: FetchOptions) -> None:
    found = pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=np.array([5], dtype=np.int64))
    assert len(found.frame) == 0
    assert "post_pt_root_id" in found.frame.columns


def test_a_second_fetch_asks_nothing(either: World, options: FetchOptions) -> None:
    ids = ids_of(either.roots)
    first = pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=ids, chunk=4)
    before = len(either.cave.log)
    again = pinned_to(either, options)
    second = again.fetcher.fetch(OUTPUTS, ids=ids, chunk=4)
    assert len(either.cave.log) == before
    pd.testing.assert_frame_equal(first.frame, second.frame)


def test_another_question_is_another_answer(either: World, options: FetchOptions) -> None:
    pinned = pinned_to(either, options)
    ids = ids_of(either.roots[:4])
    wide = pinned.fetcher.fetch(OUTPUTS, ids=ids).frame
    target = int(wide["post_pt_root_id"].dropna().iloc[0])
    narrow = dataclasses.replace(OUTPUTS, filters={"post_pt_root_id": (target,)})
    found = pinned.fetcher.fetch(narrow, ids=ids).frame
    assert 0 < len(found) < len(wide)
    assert set(found["post_pt_root_id"]) == {target}


def test_a_damaged_file_is_fetched_again(either: World, options: FetchOptions) -> None:
    ids = ids_of(either.roots)
    pinned = pinned_to(either, options)
    first = pinned.fetcher.fetch(OUTPUTS, ids=ids, chunk=4)
    files = sorted(options.folder.rglob("part-*.parquet"))
    assert len(files) == 4
    files[0].write_bytes(files[0].read_bytes()[:100])
    second = pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=ids, chunk=4)
    pd.testing.assert_frame_equal(first.frame, second.frame)


def counts(world: World) -> int:
    return len(world.cave.queries("synapses_pni_2", counts=True))


def test_only_answers_that_could_be_cut_are_counted(either: World, options: FetchOptions) -> None:
    ids = ids_of(either.roots)
    pinned = pinned_to(either, options)
    pinned.fetcher.fetch(OUTPUTS, ids=ids, chunk=4)
    assert counts(either) == 1
    pinned.fetcher.fetch(Query("synapses_pni_2"))
    assert counts(either) == 2
    # an answer of 400 rows has been seen: shorter ones were not cut
    pinned.fetcher.fetch(OUTPUTS, ids=ids, chunk=5)
    assert counts(either) == 2
    nothing = np.arange(5, 25, dtype=np.int64)
    pinned.fetcher.fetch(OUTPUTS, ids=nothing, chunk=2)
    assert counts(either) == 3


def test_a_limit_that_came_down_between_two_runs_is_found(
    either: World, options: FetchOptions
) -> None:
    ids = ids_of(either.roots)
    either.cave.row_limit, either.cave.limit_header = 40, False
    first = pinned_to(either, options)
    first.fetcher.fetch(OUTPUTS, ids=ids, chunk=4)
    # as if killed before the proof: the mark of completeness is gone, cut parts would remain
    for mark in options.folder.rglob("complete-*.json"):
        mark.unlink()
    either.cave.row_limit = 30
    again = pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=ids, chunk=4)
    assert again.frame["id"].tolist() == truth(either, either.roots)


def test_a_killed_run_under_a_hidden_limit_is_proved_on_resuming(
    either: World, options: FetchOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ids_of(either.roots)
    either.cave.row_limit, either.cave.limit_header = 40, False

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(fetch.Fetcher, "_prove", killed)
        with pytest.raises(KeyboardInterrupt):
            pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=ids, chunk=4)
    kept = [len(pd.read_parquet(file)) for file in options.folder.rglob("part-*.parquet")]
    assert max(kept) == 40  # cut parts are on disk
    either.cave.row_limit = 400
    again = pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=ids, chunk=4)
    assert again.frame["id"].tolist() == truth(either, either.roots)


def test_a_server_that_hides_rows_it_counts_is_refused(
    world: World, options: FetchOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cave_server.offline import OfflineConnection, OfflineMaterialize

    from connectome_graph.sources.cave import _connect as module

    world.cave.url = "http://offline.invalid"
    whole = OfflineMaterialize._query

    def hiding(self: Any, name: str, stored: Any, arguments: dict[str, Any]) -> pd.DataFrame:
        counted = "get_counts" in arguments
        rows = whole(self, name, stored, arguments)
        return rows if counted else rows[rows["id"] != 500_100]

    monkeypatch.setattr(OfflineConnection, "cave", world.cave, raising=False)
    monkeypatch.setattr(OfflineMaterialize, "_query", hiding)
    monkeypatch.setattr(module, "Connection", OfflineConnection)
    with pytest.raises(RemoteError, match="refused"):
        pinned_to(world, options).fetcher.fetch(Query("synapses_pni_2"))


def test_positions_without_a_unit_are_refused(either: World, options: FetchOptions) -> None:
    either.cave.resolution_header = False
    with pytest.raises(RemoteError, match="rather than guessed"):
        pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=ids_of(either.roots))


def test_requests_at_once_are_bounded(served: World, options: FetchOptions) -> None:
    from cave_server import Fault

    served.cave.faults = [Fault("synapses_pni_2/query", times=-1, delay_s=0.02)]
    for workers in (1, 3):
        served.cave.most_at_once = 0
        own = dataclasses.replace(options, workers=workers, cache_dir=options.folder / f"{workers}")
        found = pinned_to(served, own).fetcher.fetch(OUTPUTS, ids=ids_of(served.roots), chunk=1)
        assert found.frame["id"].tolist() == truth(served, served.roots)
        assert served.cave.most_at_once <= workers
    assert served.cave.most_at_once > 1


def test_a_progress_bar_is_drawn_when_asked(
    either: World, options: FetchOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    own = dataclasses.replace(options, progress=True)
    pinned_to(either, own).fetcher.fetch(OUTPUTS, ids=ids_of(either.roots), chunk=4)
    assert "synapses_pni_2 v1718" in capsys.readouterr().err
    quiet = dataclasses.replace(options, progress=None, cache_dir=options.folder / "quiet")
    pinned_to(either, quiet).fetcher.fetch(OUTPUTS, ids=ids_of(either.roots), chunk=4)
    assert capsys.readouterr().err == ""


def test_a_question_of_any_size_is_counted_in_one_request(
    either: World, options: FetchOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    plain = fetch.count

    def counted(connection: Any, query: Any, piece: Any, **version: Any) -> int:
        asked.append(0 if piece.ids is None else len(piece.ids))
        return plain(connection, query, piece, **version)

    monkeypatch.setattr(fetch, "count", counted)
    ids = np.union1d(ids_of(either.roots), np.arange(1, 700_001))
    found = pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=ids, chunk=100_000)
    assert found.frame["id"].tolist() == truth(either, either.roots)
    assert asked == [len(ids)]


@pytest.mark.parametrize("most", [1, 2, 5])
def test_a_server_that_takes_few_ids_at_once_is_asked_for_fewer(
    either: World, options: FetchOptions, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    def limited(function: Any) -> Any:
        def wrapper(connection: Any, query: Any, piece: Any, **version: Any) -> Any:
            if piece.ids is not None and len(piece.ids) > most:
                raise TooLarge("too large")
            return function(connection, query, piece, **version)

        return wrapper

    for name in ("ask", "count"):
        monkeypatch.setattr(fetch, name, limited(getattr(fetch, name)))
    found = pinned_to(either, options).fetcher.fetch(OUTPUTS, ids=ids_of(either.roots), chunk=7)
    assert found.frame["id"].tolist() == truth(either, either.roots)


def test_the_answer_413_is_a_question_too_large(served: World, options: FetchOptions) -> None:
    served.cave.faults = [Fault("synapses_pni_2/query", status=413, times=3)]
    found = pinned_to(served, options).fetcher.fetch(OUTPUTS, ids=ids_of(served.roots), chunk=7)
    assert found.frame["id"].tolist() == truth(served, served.roots)
    served.cave.faults = [Fault("synapses_pni_2/query", status=413, times=99)]
    with pytest.raises(RemoteError, match="413"):
        pinned_to(served, options).fetcher.fetch(
            OUTPUTS, ids=ids_of(served.roots[:3]) + 10**9, chunk=7
        )
