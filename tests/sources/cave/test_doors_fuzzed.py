"""No bare traceback from the doors of CAVE: odd values, beside a server that answers."""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections.abc import Iterator
from typing import Any

import fuzzed
import pytest
from cave_server import TOKEN, World
from odd_values import attacked

import connectome_graph as cg
from connectome_graph.errors import InvalidArgument
from connectome_graph.sources.cave import FetchOptions, Session
from connectome_graph.sources.cave._credentials import Token


@pytest.fixture
def session(either: World, options: FetchOptions) -> Session:
    return cg.cave.connect(either.stack(), version=1718, token=TOKEN, options=options)


@pytest.fixture
def valid(either: World, options: FetchOptions, session: Session) -> dict[str, dict[str, Any]]:
    own = {"version": 1718, "token": TOKEN, "options": options}
    return {
        "from_cave": {"session": session},
        "cave.load_tables": {"session": session},
        "cave.connect": {"datastack": either.stack(), **own},
        "cave.latest_ids": {"ids": either.cells[:2], "datastack": either.stack(), **own},
        "cave.datastack": {"name": "minnie65_public"},
        "skeletons.load_cave": {"session": session, "root_ids": either.cells[:2]},
    }


DOORS = {
    "from_cave": cg.from_cave,
    "cave.load_tables": cg.cave.load_tables,
    "cave.connect": cg.cave.connect,
    "cave.latest_ids": cg.cave.latest_ids,
    "cave.datastack": cg.cave.datastack,
    "skeletons.load_cave": cg.skeletons.load_cave,
}


def test_every_door_that_is_left_out_elsewhere_is_tried_here() -> None:
    import test_fuzz

    assert {name for name in test_fuzz.DOORS if name.startswith(fuzzed.ELSEWHERE)} == set(DOORS)


@pytest.mark.parametrize("name", DOORS)
def test_wrong_values_get_our_error_or_a_result(
    valid: dict[str, dict[str, Any]], name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        attacked(DOORS[name], valid[name], examples=40)


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ({"target_tags": "maybe"}, "target_tags='maybe'"),
        ({"synapses": "all"}, "synapses='all'"),
        ({"rows": "edges"}, "rows='edges'"),
        ({"repeated_cells": "last"}, "repeated_cells='last'"),
        ({"space": "mars"}, "space='mars'"),
        ({"stale_proofreading": "x"}, "stale_proofreading='x'"),
        ({"axons_without_soma": "x"}, "axons_without_soma='x'"),
        ({"relabel": "x"}, "relabel='x'"),
        ({"cell_resolution_nm": 3}, "cell_resolution_nm=3"),
        ({"unknown": "x"}, "unknown='x'"),
        ({"options": {}}, "options={}"),
    ],
)
def test_a_choice_that_is_none_is_told_before_anything_is_asked(
    either: World, session: Session, choice: dict[str, Any], told: str
) -> None:
    before = len(either.cave.log)
    with pytest.raises(InvalidArgument, match=told):
        cg.from_cave(session, **choice)
    assert len(either.cave.log) == before


def frames(error: BaseException | None) -> Iterator[str]:
    """Yield what an error shows and keeps: its text, its chain, and the names of our frames."""
    while error is not None:
        yield "".join(traceback.format_exception(error))
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if "connectome_graph" in frame.f_code.co_filename:
                yield repr(frame.f_locals)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("as_object", [True, False])
@pytest.mark.parametrize(
    "name", ["from_cave", "cave.load_tables", "cave.connect", "cave.latest_ids"]
)
def test_a_refused_argument_tells_no_token(
    valid: dict[str, dict[str, Any]], either: World, name: str, as_object: bool
) -> None:
    own = {"session": either.stack(), "version": 1718} if "session" in valid[name] else valid[name]
    token = Token(TOKEN) if as_object else TOKEN
    for parameter in [
        each for each in inspect.signature(DOORS[name]).parameters if each != "token"
    ]:
        for value in (object(), -1, {1: 2}, "no such thing", [None]):
            given = {**own, "token": token, parameter: value}
            try:
                DOORS[name](**given)
            except cg.ConnectomeError as error:
                for text in frames(error):
                    assert TOKEN not in text, (parameter, value)


def test_a_wrong_keyword_tells_no_token(either: World) -> None:
    with pytest.raises(TypeError, match="unexpected keyword") as caught:
        cg.from_cave(either.stack(), version=1718, token=TOKEN, tokn=1)  # type: ignore[call-arg]
    for text in frames(caught.value):
        assert TOKEN not in text
