"""HTTP requests that end: one deadline for each, whatever the server does.

A connection that is silent times out by itself. One that drips a byte a second, in its headers
or in its body, never does, and a thread that reads from it cannot be interrupted. So every
request is made by a thread of its own and waited for: until its deadline, or until Ctrl-C.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from connectome_graph.errors import require
from connectome_graph.sources.cave._answers import BrokenAnswer

if TYPE_CHECKING:
    import requests

__all__ = ["Limits", "bounded", "within"]

T = TypeVar("T")
_PIECE = 1 << 18
_TURN_S = 0.2
_ERRORS = 400


@dataclass
class Limits:
    """How long a request may take.

    Parameters
    ----------
    timeout_s
        Seconds without a byte.
    request_s
        Seconds from the first byte sent to the last received.
    ends
        Moment, as ``time.monotonic()`` counts, at which the whole fetch is over; None for never.
    """

    timeout_s: float
    request_s: float
    ends: float | None = None

    def left(self) -> float:
        """Return the seconds left of the fetch."""
        return float("inf") if self.ends is None else self.ends - time.monotonic()

    def seconds(self) -> float:
        """Return the seconds that a request which begins now may take."""
        return max(min(self.request_s, self.left()), 0.01)


@dataclass
class _Outcome:
    """What a thread came to: a value or an error, and whether anybody still waits for it."""

    done: threading.Event = field(default_factory=threading.Event)
    value: Any = None
    error: BaseException | None = None
    abandoned: bool = False


def within(seconds: float, work: Callable[[_Outcome], T], *, what: str = "no whole answer") -> T:
    """Return ``work(outcome)``, or raise when it takes longer than that.

    The work goes on in a daemon thread that nobody waits for; ``outcome.abandoned`` tells it.

    Raises
    ------
    BrokenAnswer
        After that many seconds.
    """
    outcome = _Outcome()

    def run() -> None:
        try:
            outcome.value = work(outcome)
        except BaseException as error:  # noqa: BLE001 - handed over to the waiting thread
            outcome.error = error
        outcome.done.set()

    threading.Thread(target=run, daemon=True, name="CAVE request").start()
    ends = time.monotonic() + seconds
    try:
        # in short turns: not every system lets Ctrl-C through to a thread that waits
        while not outcome.done.wait(min(_TURN_S, max(ends - time.monotonic(), 0.0))):
            if time.monotonic() >= ends:
                break
    finally:
        outcome.abandoned = True
    if not outcome.done.is_set():
        raise BrokenAnswer(f"{what} within {seconds:g} s")
    if outcome.error is not None:
        raise outcome.error
    value: T = outcome.value
    return value


def bounded(
    limits: Limits, clean: Callable[[str, bool], str], *, connections: int
) -> requests.adapters.HTTPAdapter:
    """Return an adapter for ``requests`` sessions that reads every answer whole, or raises.

    Parameters
    ----------
    limits
        Deadlines; read anew for each request.
    clean
        Takes secrets out of an answer that is text, before anyone reads it; told whether it is
        an error, of which nothing is data.
    connections
        Connections kept open.
    """
    requests = require("requests", extra="cave", purpose="fetching from CAVE")

    class Bounded(requests.adapters.HTTPAdapter):  # type: ignore[misc,name-defined]
        """Sends a request and reads its answer before it returns."""

        def send(self, request: Any, *_: Any, **settings: Any) -> Any:
            seconds = limits.seconds()
            settings |= {"stream": True, "timeout": min(limits.timeout_s, seconds)}

            def whole(outcome: _Outcome) -> Any:
                response = super(Bounded, self).send(request, **settings)
                body = _read(response, outcome)
                response._content = _without_secrets(body, clean, response.status_code)
                response._content_consumed = True
                return response

            return within(seconds, whole)

    return Bounded(max_retries=0, pool_maxsize=connections)


def _read(response: requests.Response, outcome: _Outcome) -> bytes:
    """Return the body of an answer, in pieces as they come.

    Raises
    ------
    BrokenAnswer
        When the body is shorter than its header says, cannot be decoded, or is not waited for.
    """
    urllib3 = require("urllib3", extra="cave", purpose="fetching from CAVE")
    raw: Any = response.raw
    read = getattr(raw, "read1", raw.read)
    pieces = []
    problem = ""
    try:
        while piece := read(_PIECE, decode_content=True):
            pieces.append(piece)
            if outcome.abandoned:
                problem = "nobody waits for the answer any more"
                break
    except (urllib3.exceptions.HTTPError, OSError) as error:
        problem = f"the answer ended early ({type(error).__name__})"
    stated = response.headers.get("Content-Length", "")
    if not problem and stated.isdecimal() and raw.tell() < int(stated):
        problem = f"the answer ended early, after {raw.tell():,} of {int(stated):,} bytes"
    if problem:
        raw.close()
        raise BrokenAnswer(problem)
    return b"".join(pieces)


def _without_secrets(body: bytes, clean: Callable[[str, bool], str], status: int) -> bytes:
    """Return a body without secrets; what is not text cannot tell any to a reader."""
    if b"\x00" in body[:64]:
        return body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    return clean(text, status >= _ERRORS).encode()
