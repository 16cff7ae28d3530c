"""Everything ends: Ctrl-C, deadlines, several processes at one cache, and no token anywhere."""

from __future__ import annotations

import dataclasses
import gc
import re
import subprocess
import sys
import threading
import time
import traceback
from _thread import interrupt_main
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from cave_server import TOKEN, Fault, World
from sources.cave.conftest import loaded, same

import connectome_graph as cg
from connectome_graph.errors import ConnectomeError, RemoteError
from connectome_graph.sources.cave import CaveTables, FetchOptions, RefusedToken
from connectome_graph.sources.cave import _bounded as bounded_module
from connectome_graph.sources.cave import _client as client_module

SYNAPSES = "synapses_pni_2/query"


# ---------------------------------------------------------------- time
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("path", [SYNAPSES, "tables$", "materialize/version", "info/"])
def test_ctrl_c_is_felt_at_once_whatever_the_server_does(
    faulty: World, options: FetchOptions, path: str, workers: int
) -> None:
    faulty.cave.faults = [Fault(path, times=-1, delay_s=5)]
    own = dataclasses.replace(options, workers=workers, chunk_size=3)
    pressed: list[float] = []

    def press() -> None:
        while not any(re.search(path, seen) for seen, _ in faulty.cave.seen):
            time.sleep(0.01)
        pressed.append(time.monotonic())
        interrupt_main()

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        loaded(faulty, own)
    # within a second, and another one for a busy machine; the server is silent for five
    assert time.monotonic() - pressed[0] < 2.0
    assert not [t for t in threading.enumerate() if t.name.startswith("CAVE") and not t.daemon]


def test_a_dripping_body_ends_at_its_deadline(faulty: World, options: FetchOptions) -> None:
    faulty.cave.faults = [Fault(SYNAPSES, times=-1, drip_s=0.05)]
    own = dataclasses.replace(options, request_s=0.3, attempts=1)
    with pytest.raises(RemoteError, match="no whole answer within"):
        loaded(faulty, own)


def test_a_fetch_ends_at_its_own_deadline_and_goes_on_from_there(
    faulty: World, options: FetchOptions, right: CaveTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(faulty, options, synapses="none")
    own = dataclasses.replace(options, fetch_s=100, chunk_size=1, workers=1)

    def monotonic() -> float:
        """Tell an hour more once five parts have come."""
        return time.monotonic() + 3_600 * (len(faulty.cave.queries("synapses_pni_2")) > 5)

    with monkeypatch.context() as patched:
        clock = SimpleNamespace(monotonic=monotonic, sleep=lambda _: None)
        for module in (client_module, bounded_module):
            patched.setattr(module, "time", clock)
        with pytest.raises(RemoteError, match="fetch_s"):
            loaded(faulty, own, synapses="outputs")
    before = len(faulty.cave.queries("synapses_pni_2"))
    same(loaded(faulty, own, synapses="outputs"), right)
    asked = len(faulty.cave.queries("synapses_pni_2")) - before
    assert 0 < asked <= len(faulty.cells) - 5


def test_a_wait_longer_than_the_fetch_is_an_error_at_once(
    faulty: World, options: FetchOptions, waits: list[float]
) -> None:
    faulty.cave.faults = [Fault(SYNAPSES, times=-1, status=429, retry_after="3600")]
    with pytest.raises(RemoteError, match="3600 s"):
        loaded(faulty, dataclasses.replace(options, fetch_s=600))
    assert waits == []


def test_a_429_waits_by_either_form_and_for_more_than_a_minute_without_one(
    faulty: World, options: FetchOptions, waits: list[float], right: CaveTables
) -> None:
    soon = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 90))
    faulty.cave.faults = [
        Fault(SYNAPSES, status=429, retry_after="7"),
        Fault(SYNAPSES, status=429, retry_after=soon),
        Fault(SYNAPSES, status=429),
    ]
    same(loaded(faulty, dataclasses.replace(options, workers=1), synapses="outputs"), right)
    assert waits[0] == 7.0
    assert 80 < waits[1] <= 91
    assert 60 < waits[2] < 120


# ---------------------------------------------------------------- processes
CHILD = """
import sys
from connectome_graph.sources.cave import FetchOptions, datastack, load_tables
options = FetchOptions(cache_dir={cache!r}, chunk_size=2, workers=2, backoff_s=0.01)
stack = datastack("minnie65_public", server={server!r}, transform=None, row_limit=None)
tables = load_tables(stack, version=1718, token={token!r}, options=options, synapses="outputs")
print(len(tables.synapses))
"""


def test_three_processes_share_one_cache(
    faulty: World, options: FetchOptions, right: CaveTables
) -> None:
    faulty.cave.faults = [Fault(SYNAPSES, times=3, status=503), Fault(SYNAPSES, times=3, cut=0.5)]
    code = CHILD.format(cache=str(options.folder), server=faulty.cave.url, token=TOKEN)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=Path(__file__).parents[3], stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    printed = [child.communicate(timeout=120)[0].strip() for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert printed == [str(len(right.synapses)).encode()] * 3
    before = len(faulty.cave.log)
    same(loaded(faulty, dataclasses.replace(options, chunk_size=2), synapses="outputs"), right)
    assert len(faulty.cave.log) == before
    assert not list(options.folder.rglob("*.partial"))


# ---------------------------------------------------------------- tokens
def told(error: BaseException) -> Iterator[str]:
    """Yield everything that an error tells: its chain, and the names of our own frames."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        waiting += [one.__cause__, one.__context__]
        yield f"{one} {one!r} {one.args}"
        yield "".join(traceback.format_exception(one))
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if "connectome_graph/" in frame.f_code.co_filename:
                yield repr(frame.f_locals)


CUTS = [0, 5, 185, 190, 195, 285, 290, 296]
ECHOES = {
    **{
        f"error body, {status}, after {at}": Fault(
            SYNAPSES, times=-1, status=status, message="x" * at + TOKEN
        )
        for status in (400, 500)
        for at in CUTS
    },
    "half of it": Fault(SYNAPSES, times=-1, status=500, message=f"your token {TOKEN[:15]}"),
    "in a list of versions": Fault("versions$", times=-1, json=[TOKEN]),
    "in a list of tables": Fault("tables$", times=-1, json=[TOKEN]),
    "in the names of views": Fault("views$", times=-1, json={TOKEN: {}}),
    "in a page": Fault("tables$", times=-1, page=f"<html>{TOKEN}</html>"),
    "in place of rows": Fault(SYNAPSES, times=-1, json={"token": TOKEN}),
    "in the record of the datastack": Fault("info/", times=-1, json={"x": TOKEN}),
    "in a time stamp": Fault("version/1718$", times=-1, json={"time_stamp": TOKEN}),
    "in a refusal": Fault("tables$", times=-1, status=403, message=TOKEN),
    "in metadata": Fault("metadata$", times=-1, json={"reference_table": [TOKEN], "x": TOKEN}),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_no_error_tells_a_token(faulty: World, options: FetchOptions, echo: str) -> None:
    faulty.cave.faults = [dataclasses.replace(ECHOES[echo])]
    stack = faulty.stack(row_limit=None)
    own = dataclasses.replace(options, attempts=2)
    with pytest.raises(ConnectomeError) as caught:
        cg.from_cave(stack, version=1718, token=TOKEN, options=own)
    for text in told(caught.value):
        for at in range(len(TOKEN) - 7):
            assert TOKEN[at : at + 8] not in text
    for file in options.folder.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes()


@pytest.mark.parametrize("path", ["materialize/version", "materialize/api", "info/"])
def test_missing_terms_open_no_browser_and_name_the_page(
    faulty: World, options: FetchOptions, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import webbrowser

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    form = f"{faulty.cave.url}/sticky_auth/api/v1/tos/2/accept"
    body = {"error": "missing_tos", "data": {"tos_form_url": form}}
    faulty.cave.faults = [Fault(path, times=-1, status=403, json=body)]
    with pytest.raises(RefusedToken, match="terms of use") as caught:
        loaded(faulty, options)
    assert form in str(caught.value)
    assert opened == []


# ---------------------------------------------------------------- one more request
def test_a_question_costs_one_request_more_than_its_parts(
    faulty: World, options: FetchOptions
) -> None:
    loaded(faulty, dataclasses.replace(options, chunk_size=5), synapses="outputs")
    counts = [path for kind, path, body in faulty.cave.log if body.get("_count") == "True"]
    assert len(counts) == len(set(counts))
    assert len(faulty.cave.queries("synapses_pni_2")) == 3  # fifteen cells, five at once


def test_sessions_that_are_not_closed_leave_nothing_open(
    faulty: World, options: FetchOptions
) -> None:
    stack = faulty.stack(row_limit=None)
    session = cg.cave.connect(stack, version=1718, token=TOKEN, options=options)
    assert session.connection.is_open
    del session
    gc.collect()


def frames(tables: CaveTables) -> tuple[pd.DataFrame, pd.DataFrame]:
    return tables.neurons, tables.synapses


def test_a_session_is_made_from_a_client(
    faulty: World, options: FetchOptions, right: CaveTables
) -> None:
    from caveclient import CAVEclient

    client = CAVEclient(
        faulty.cave.datastack, server_address=faulty.cave.url, auth_token=TOKEN,
        write_server_cache=False, version=1718,
    )  # fmt: skip
    session = cg.cave.connect(client, options=options)
    assert (session.version, session.datastack) == (1718, "minnie65_public")
    assert session.stack.server == faulty.cave.url
    with pytest.raises(cg.ConnectomeError, match="pinned to version 1718"):
        cg.cave.connect(client, version=1507, options=options)
    own = {"space": "native", "synapses": "outputs"}
    found: Any = cg.cave.load_tables(session, **own)
    pd.testing.assert_frame_equal(found.synapses, right.synapses)
    client.materialize.session.close()
