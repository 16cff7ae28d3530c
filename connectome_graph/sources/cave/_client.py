"""A guarded connection to one datastack: opened late, retried, ended, and silent about tokens."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from connectome_graph.errors import ConnectomeError, RemoteError, UnknownName, require
from connectome_graph.sources.cave._answers import (
    RETRIED_STATUS,
    AnswerWatch,
    BrokenAnswer,
    SlowDown,
    TooLarge,
)
from connectome_graph.sources.cave._bounded import Limits, bounded
from connectome_graph.sources.cave._credentials import RefusedToken, Token, find_token, refusal
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._services import Services, caveclient

if TYPE_CHECKING:
    import requests

    from connectome_graph.sources.cave._datastack import Datastack

__all__ = ["Connection"]

T = TypeVar("T")
_log = logging.getLogger(__name__)
_LONGEST_BACKOFF_S = 60.0
#: What a server answers to a request that is too large for it.
_TOO_LARGE = 413
_SHOWN = 300


@dataclass
class _Trial:
    """What one attempt came to: a value, an error that stays, or a problem that may pass."""

    value: Any = None
    final: ConnectomeError | None = None
    problem: str = ""
    wait_s: float | None = None


class Connection:
    """The real caveclient behind retries, deadlines and checks.

    Nothing is sent before the first :meth:`call`: a fetch that the cache can answer never
    opens a connection. Nothing is written to the user's home.

    Parameters
    ----------
    stack
        The datastack to talk to.
    token
        A token, or None for the one stored on this computer.
    options
        Attempts, backoff and deadlines.
    """

    def __init__(
        self, stack: Datastack, *, token: str | Token | None, options: FetchOptions
    ) -> None:
        self.stack = stack
        self.options = options
        self._given = Token(token) if isinstance(token, str) else token
        del token  # an error keeps the names of its frames
        self._token: Token | None = None
        self._services: Services | None = None
        self._files: requests.Session | None = None
        self._opening = threading.Lock()
        self._sessions: list[requests.Session] = []
        self._limits = Limits(options.timeout_s, options.request_s)
        self._quiet_until = 0.0
        self.given_up = threading.Event()
        self.watch = AnswerWatch(self._refuse, self.scrub)

    def __repr__(self) -> str:
        state = "open" if self._services is not None else "not opened yet"
        return f"Connection({self.stack.name!r} at {self.stack.server}, {state})"

    @property
    def is_open(self) -> bool:
        """Whether a connection has been made."""
        return self._services is not None

    def scrub(self, text: str) -> str:
        """Return `text` without the token."""
        for token in (self._token, self._given):
            text = token.scrub(text) if token is not None else text
        return text

    def _clean(self, text: str, is_error: bool) -> str:  # noqa: FBT001 - a callback
        """Return an answer without the token: data keep every character that is not it."""
        if is_error:
            return self.scrub(text)
        for token in (self._token, self._given):
            if token is not None and token.is_distinct:
                text = token.scrub_whole(text)
        return text

    def _refuse(self, problem: str, terms: str | None) -> RefusedToken:
        return refusal(
            problem,
            server=self.stack.server,
            datastack=self.stack.name,
            terms=terms or self.stack.terms,
        )

    @contextlib.contextmanager
    def fetching(self) -> Iterator[None]:
        """Within it everything together may take ``options.fetch_s`` seconds."""
        if self._limits.ends is not None:
            yield
            return
        self._limits.ends = time.monotonic() + self.options.fetch_s
        self.given_up = threading.Event()
        try:
            yield
        except BaseException:
            self.given_up.set()
            raise
        finally:
            self._limits.ends = None

    # ------------------------------------------------------------ calling
    def call(self, work: Callable[[Any], T], *, what: str) -> T:
        """Return ``work(services)``, tried again while the server is busy or the line breaks.

        Parameters
        ----------
        work
            A function of the open services of caveclient: ``materialize``, ``chunkedgraph`` and
            ``skeleton``.
        what
            What it does, for the error message: "reading table 'synapses_pni_2'".

        Raises
        ------
        RefusedToken
            When the token is missing or refused.
        RemoteError
            When the server says no, still fails after the last attempt, or time is up.
        """
        return self._call(work, what=what, opened=self._opened)

    def _call(self, work: Callable[[Any], T], *, what: str, opened: Callable[[], Any]) -> T:
        given_up = self.given_up
        self._keep_quiet()
        trial = _Trial()
        for attempt in range(self.options.attempts):
            trial = self._try(work, what, opened)
            # raised here and not where it was caught: nothing hangs on to the error beneath it
            if trial.final is not None:
                raise trial.final
            if not trial.problem:
                value: T = trial.value
                return value
            if given_up.is_set():
                break
            if attempt + 1 < self.options.attempts:
                self._wait(trial, what=what, attempt=attempt)
        raise RemoteError(
            f"{what} failed {self.options.attempts} times at {self.stack.server}; the last "
            f"answer was: {trial.problem}. What has arrived is kept: the same call goes on from "
            f"there."
        )

    def download(
        self, address: str, *, what: str, read: Callable[[bytes], T] | None = None
    ) -> T | Any:
        """Return a public file, or None when there is none; without a token, and as patiently.

        Parameters
        ----------
        address
            Of the file.
        what
            What it does, for the error message.
        read
            Makes something of the bytes; a file that it finds broken is fetched again.
        """

        def work(session: Any) -> Any:
            response = session.get(address)
            if response.status_code == 404:
                return None
            response.raise_for_status()
            return response.content if read is None else read(response.content)

        return self._call(work, what=what, opened=self._public)

    def _public(self) -> Any:
        """Return a session of its own for files that need no token."""
        with self._opening:
            if self._files is None:
                requests = require("requests", extra="cave", purpose="fetching from CAVE")
                self._files = requests.Session()
                self.guard(self._files)
            return self._files

    def _wait(self, trial: _Trial, *, what: str, attempt: int) -> None:
        """Wait before the next attempt, and say so from the second failure on.

        Raises
        ------
        RemoteError
            When the wait would last longer than the fetch may.
        """
        wait = min(self.options.backoff_s * 2**attempt, _LONGEST_BACKOFF_S)
        if trial.wait_s is not None:
            wait = trial.wait_s
            self._quiet_until = time.monotonic() + wait
        if wait > self._limits.left():
            raise RemoteError(
                f"{what}: {trial.problem}. The next attempt would be in {wait:.0f} s, and the "
                f"fetch may last {self.options.fetch_s:g} s in all; the same call goes on from "
                f"what has arrived, or pass FetchOptions(fetch_s=...)"
            )
        if attempt:
            _log.warning(
                "%s failed %d times (%s); trying again in %.0f s",
                what,
                attempt + 1,
                self.scrub(trial.problem),
                wait,
            )
        time.sleep(wait)

    def _keep_quiet(self) -> None:
        """Wait while another request of ours has been told to."""
        quiet = self._quiet_until - time.monotonic()
        if quiet > 0:
            time.sleep(min(quiet, max(self._limits.left(), 0.0)))

    def _try(self, work: Callable[[Any], T], what: str, opened: Callable[[], Any]) -> _Trial:
        """Return what one attempt came to; Ctrl-C is the only thing that passes through."""
        if self._limits.left() <= 0:
            return _Trial(
                final=RemoteError(
                    f"{what}: the fetch has lasted {self.options.fetch_s:g} s, as long as it may; "
                    f"the same call goes on from what has arrived, or pass "
                    f"FetchOptions(fetch_s=...)"
                )
            )
        try:
            return _Trial(value=work(opened()))
        except (SlowDown, BrokenAnswer) as error:
            return _Trial(problem=self._told(error), wait_s=getattr(error, "wait_s", None))
        except ConnectomeError as error:
            return _Trial(final=_alone(error))
        except Exception as error:  # noqa: BLE001 - sorted into passing and final
            return self._sorted(error, what=what)

    def _told(self, error: BaseException) -> str:
        """Return the problem of an error in words, without secrets and then not too long."""
        own = isinstance(error, ConnectomeError)
        return self.scrub(str(error) if own else f"{type(error).__name__}: {error}")[:_SHOWN]

    def _sorted(self, error: Exception, *, what: str) -> _Trial:
        """Return whether an error of caveclient, or of a library below it, may pass.

        What the server refused stays. Everything else, an answer of another shape included, is
        asked for again.
        """
        requests = require("requests", extra="cave", purpose="fetching from CAVE")
        base = require("caveclient.base", extra="cave", purpose="fetching from CAVE")
        text = self._told(error)
        status = getattr(getattr(error, "response", None), "status_code", None)
        if isinstance(error, base.AuthException):
            return _Trial(final=self._refuse("the token was refused", None))
        refused = isinstance(error, requests.HTTPError) and status not in RETRIED_STATUS
        if refused or isinstance(error, base.ServerIncompatibilityError):
            kind = TooLarge if status == _TOO_LARGE else RemoteError
            return _Trial(final=kind(f"{what}: {self.stack.server} answered {text}"))
        return _Trial(problem=text)

    def close(self) -> None:
        """Close the HTTP sessions; the next call opens new ones."""
        services, self._services = self._services, None
        self._files = None
        for session in self._sessions:
            session.close()
        self._sessions.clear()
        if services is not None:
            services.close()

    # ------------------------------------------------------------ opening
    def _opened(self) -> Services:
        with self._opening:
            if self._services is None:
                self._services = self._open()
            return self._services

    def _open(self) -> Services:
        stack = self.stack
        caveclient()
        self._token = find_token(
            self._given, server=stack.server, datastack=stack.name, terms=stack.terms
        )
        return Services(
            stack.name,
            server=stack.server,
            info=self._datastack_info(),
            token=self._token,
            guard=self.guard,
            connections=self.options.workers,
        )

    def _datastack_info(self) -> dict[str, Any]:
        """Return the server's record of the datastack, asked for under our own guards."""
        requests = require("requests", extra="cave", purpose="fetching from CAVE")
        with requests.Session() as session:
            self.guard(session)
            if self._token is not None:
                session.headers["Authorization"] = f"Bearer {self._token.reveal()}"
            address = f"{self.stack.server}/info/api/v2/datastack/full/{self.stack.name}"
            response = session.get(address)
            if response.status_code == 404:
                raise UnknownName(
                    f"{self.stack.server} has no datastack {self.stack.name!r}; check the name "
                    f"and the server of the registered datastack"
                )
            response.raise_for_status()
            info = response.json()
        if not isinstance(info, dict) or not {"aligned_volume", "segmentation_source"} & set(info):
            raise BrokenAnswer("the server's record of the datastack is not one")
        return info

    def guard(self, session: requests.Session) -> None:
        """Give a session our deadlines and our reading of its answers."""
        if self.watch in session.hooks["response"]:
            return
        session.hooks["response"].append(self.watch)
        self._sessions.append(session)
        adapter = bounded(self._limits, self._clean, connections=self.options.workers)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        # what stands in between may keep answers by their address, which all parts share
        session.headers["Cache-Control"] = "no-cache"


def _alone(error: ConnectomeError) -> ConnectomeError:
    """Return an error of ours without the errors and frames beneath it."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
