"""The HTTP side of the loopback server: routing, tokens, faults, and a log of every request."""

from __future__ import annotations

import datetime as dt
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import pandas as pd

from cave_server import materialization, segmentation
from cave_server.tables import Table, View, as_json, first_batches, with_rows

Answer = tuple[int, str, bytes, dict[str, str]]


@dataclass
class Fault:
    """Something that goes wrong with the next `times` requests whose path matches.

    `status` answers with that code; `cut` closes the connection after that share of the body, and
    `keep_batches` after so many record batches; `unframed` leaves out Content-Length, so that a
    cut body looks finished; `delay_s` is a slow server. `page`, `json` and `raw` answer with
    something else, status 200; `drip_s` sends a byte at a time; `rows` changes the rows of a
    query; `kind` renames the type of the answer; `stale` gives the answer that the same address
    had before, as a proxy does that looks at nothing else.
    """

    path: str
    times: int = 1
    status: int | None = None
    retry_after: str | None = None
    cut: float | None = None
    keep_batches: int | None = None
    unframed: bool = False
    delay_s: float = 0.0
    message: str = "injected"
    page: str | None = None
    json: Any = None
    raw: bytes | None = None
    drip_s: float = 0.0
    rows: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    kind: str | None = None
    stale: bool = False

    def instead(self) -> Answer | None:
        """Return what is answered in place of the truth, or None."""
        if self.page is not None:
            return 200, "text/html", self.page.encode(), {}
        if self.raw is not None:
            return 200, "application/octet-stream", self.raw, {}
        return None if self.json is None else as_json(self.json)


@dataclass
class LoopbackCave:
    """A CAVE server on 127.0.0.1; use it as a context manager."""

    datastack: str = "minnie65_public"
    synapse_table: str = "synapses_pni_2"
    versions: dict[int, dt.datetime] = field(
        default_factory=lambda: {
            117: dt.datetime(2021, 6, 11, 8, 10, 0, 215114, tzinfo=dt.UTC),
            1507: dt.datetime(2025, 9, 1, 8, 10, 1, 1, tzinfo=dt.UTC),
            1718: dt.datetime(2026, 1, 15, 8, 10, 1, 1, tzinfo=dt.UTC),
        }
    )
    expired: set[int] = field(default_factory=lambda: {117})
    tables: dict[str, Table] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    current_roots: set[int] = field(default_factory=set)
    successors: dict[int, list[int]] = field(default_factory=dict)
    token: str | None = None
    refusal: str = "redirect"
    row_limit: int | None = 200_000
    limit_header: bool = True
    resolution_header: bool = True
    duplicate_rows: bool = False
    dtypes: str = "nullable"
    notice: str | None = None
    ignores: str = ""
    stamp: str = "%Y-%m-%dT%H:%M:%S.%f"
    batches: int = 1
    faults: list[Fault] = field(default_factory=list)
    log: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    most_at_once: int = 0
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._running = 0
        self._answered: dict[str, Answer] = {}
        cave = self

        class Handler(_Handler):
            server_cave = cave

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # a client may leave at any time
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # ------------------------------------------------------------ what tests ask
    def requests(self, pattern: str = "") -> list[tuple[str, str, dict[str, Any]]]:
        """Return the logged requests whose path matches."""
        return [entry for entry in self.log if re.search(pattern, entry[1])]

    def queries(self, name: str, *, counts: bool = False) -> list[dict[str, Any]]:
        """Return the bodies of the row (or count) queries of a table or view."""
        found = self.requests(rf"/{name}/query$")
        return [body for _, _, body in found if (body.get("_count") == "True") == counts]

    # ------------------------------------------------------------ answering
    def take_fault(self, path: str) -> Fault | None:
        """Return the first fault that strikes this path, and count it down."""
        with self._lock:
            for fault in self.faults:
                if fault.times != 0 and re.search(fault.path, path):
                    fault.times -= 1
                    return fault
        return None

    def refused(self, path: str, authorization: str | None) -> Answer | None:
        """Return the refusal a real server sends for a missing or wrong token, or None."""
        is_login = path.startswith("/sticky_auth/")
        if self.token is None or authorization == f"Bearer {self.token}" or is_login:
            return None
        if self.refusal == "redirect":
            return 302, "text/html", b"", {"Location": f"{self.url}/sticky_auth/api/v1/authorize"}
        if self.refusal == "terms":
            form = f"{self.url}/sticky_auth/api/v1/tos/2/accept"
            body = {"error": "missing_tos", "data": {"tos_form_url": form}}
            return as_json(body, 403)
        return as_json({"message": f"bad token {authorization}"}, int(self.refusal))

    def route(self, path: str, query: dict[str, str], raw: bytes) -> Answer:
        """Return the answer to one request."""
        is_json = raw[:1] in (b"{", b"[") and not path.endswith("roots_binary")
        body = json.loads(raw) if is_json else {}
        if self.ignores:
            body = {key: value for key, value in body.items() if not key.startswith(self.ignores)}
        if path.endswith("/query"):
            self.log.append(("query", path, {**body, "_count": query.get("count")}))
        fixed = {
            "/info/version": "4.5.0",
            "/info/api/v2/datastacks": [self.datastack],
            "/materialize/version": "5.26.4",
            "/materialize/api/versions": [2, 3],
            f"/info/api/v2/datastack/full/{self.datastack}": self._info(),
        }
        if path in fixed:
            return as_json(fixed[path])
        if path.startswith("/sticky_auth/"):
            return 200, "text/html", b"<html>sign in</html>", {}
        prefix = rf"/materialize/api/v[23]/datastack/{self.datastack}/"
        if found := re.match(prefix, path):
            return materialization.answer(self, path[found.end() :], query, body)
        if path.startswith("/segmentation/"):
            return segmentation.answer(self, path.removeprefix("/segmentation/"), raw, body)
        return as_json({"message": f"no route for {path}"}, 404)

    def _info(self) -> dict[str, Any]:
        return {
            "aligned_volume": {"id": 1, "name": "loopback", "image_source": "precomputed://none"},
            "synapse_table": self.synapse_table,
            "soma_table": "nucleus_detection_v0",
            "local_server": self.url,
            "segmentation_source": f"graphene://{self.url}/segmentation/table/loopback_v1",
            "viewer_resolution_x": 4.0,
            "viewer_resolution_y": 4.0,
            "viewer_resolution_z": 40.0,
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every answer waits 40 ms for an acknowledgement
    server_cave: LoopbackCave

    def log_message(self, *_: object) -> None:
        """Keep quiet: the log of the server is a list."""

    def _serve(self) -> None:
        cave = self.server_cave
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        cave.seen.append((url.path, dict(self.headers)))
        if not url.path.endswith("/query"):
            cave.log.append((self.command, url.path, dict(parse_qsl(url.query))))
        with cave._lock:
            cave._running += 1
            cave.most_at_once = max(cave.most_at_once, cave._running)
        try:
            self._answer(cave, url.path, dict(parse_qsl(url.query)), raw)
        finally:
            with cave._lock:
                cave._running -= 1

    def _answer(self, cave: LoopbackCave, path: str, query: dict[str, str], raw: bytes) -> None:
        fault = cave.take_fault(path) or Fault(path="")
        if fault.delay_s:
            time.sleep(fault.delay_s)
        if fault.status is not None:
            if path.endswith("/query"):
                cave.log.append(("fault", path, {"status": fault.status}))
            body = {"message": fault.message} if fault.json is None else fault.json
            answer = as_json(body, fault.status)
            if fault.retry_after:
                answer[3]["Retry-After"] = fault.retry_after
        else:
            refusal = cave.refused(path, self.headers.get("Authorization"))
            answer = refusal or fault.instead() or cave.route(path, query, raw)
            address = f"{path}?{sorted(query.items())}"
            with cave._lock:
                before = cave._answered.setdefault(address, answer)
                answer = before if fault.stale else answer
                cave._answered[address] = answer
            if fault.rows is not None and answer[1] == "data.arrow":
                answer = (*answer[:2], with_rows(answer[2], fault.rows), answer[3])
        self._send(fault, *answer)

    def _send(
        self, fault: Fault, status: int, kind: str, body: bytes, headers: dict[str, str]
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", fault.kind or kind)
        if fault.unframed:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if fault.keep_batches is not None and kind == "data.arrow":
            body = first_batches(body, fault.keep_batches)
        if fault.cut is not None:
            body = body[: int(len(body) * fault.cut)]
        for at in range(len(body) if fault.drip_s else 0):
            self.wfile.write(body[at : at + 1])
            time.sleep(fault.drip_s)
        self.wfile.write(b"" if fault.drip_s else body)
        if fault.cut is not None or fault.unframed:
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = _serve  # noqa: N815 - the names http.server looks for
    do_POST = _serve  # noqa: N815
