"""A guarded connection to one datastack: opened late, retried, timed, and silent about tokens."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from connectome_graph.errors import (
    ConnectomeError,
    MissingDependency,
    RemoteError,
    UnknownName,
    require,
)
from connectome_graph.sources.cave._answers import (
    RETRIED_STATUS,
    AnswerWatch,
    BrokenAnswer,
    SlowDown,
)
from connectome_graph.sources.cave._credentials import RefusedToken, Token, find_token, refusal
from connectome_graph.sources.cave._options import FetchOptions

if TYPE_CHECKING:
    import requests

    from connectome_graph.sources.cave._datastacks import Datastack

__all__ = ["Connection"]

T = TypeVar("T")
_log = logging.getLogger(__name__)
_LONGEST_WAIT_S = 60.0
_OLDEST_API = 3
_OLDEST_CLIENT = 8


class Connection:
    """The real caveclient behind retries, timeouts and checks.

    Nothing is sent before the first :meth:`call`: a fetch that the cache can answer never
    opens a connection. ``write_server_cache=False`` keeps the user's map of servers as it was.

    Parameters
    ----------
    stack
        The datastack to talk to.
    token
        A token, or None for the one stored on this computer.
    options
        Attempts, backoff and timeout.
    """

    def __init__(
        self, stack: Datastack, *, token: str | Token | None, options: FetchOptions
    ) -> None:
        self.stack = stack
        self.options = options
        self._given = Token(token) if isinstance(token, str) else token
        self._token: Token | None = None
        self._client: Any = None
        self._opening = threading.Lock()
        self._sessions: list[requests.Session] = []
        self.watch = AnswerWatch(self._refuse, self.scrub)

    def __repr__(self) -> str:
        state = "open" if self._client is not None else "not opened yet"
        return f"Connection({self.stack.name!r} at {self.stack.server}, {state})"

    @property
    def is_open(self) -> bool:
        """Whether a connection has been made."""
        return self._client is not None

    def scrub(self, text: str) -> str:
        """Return `text` without the token."""
        for token in (self._token, self._given):
            text = token.scrub(text) if token is not None else text
        return text

    def _refuse(self, problem: str, terms: str | None) -> RefusedToken:
        return refusal(
            problem,
            server=self.stack.server,
            datastack=self.stack.name,
            terms=terms or self.stack.terms,
        )

    # ------------------------------------------------------------ calling
    def call(self, work: Callable[[Any], T], *, what: str) -> T:
        """Return ``work(client)``, tried again while the server is busy or the line breaks.

        Parameters
        ----------
        work
            A function of the open ``CAVEclient``.
        what
            What it does, for the error message: "reading table 'synapses_pni_2'".

        Raises
        ------
        RefusedToken
            When the token is missing or refused.
        RemoteError
            When the server says no, or still fails after the last attempt.
        """
        problem = ""
        for attempt in range(self.options.attempts):
            wait = self.options.backoff_s * 2**attempt
            try:
                return work(self._opened())
            except (SlowDown, BrokenAnswer) as error:
                problem = str(error)
                stated = getattr(error, "wait_s", None)
                wait = wait if stated is None else stated
            except ConnectomeError:
                raise
            except Exception as error:  # noqa: BLE001 - sorted into passing and final below
                problem = self._worth_another(error, what=what)
            if attempt + 1 < self.options.attempts:
                wait = min(wait, _LONGEST_WAIT_S)
                self._tell(what, problem, attempt=attempt, wait=wait)
                time.sleep(wait)
        raise RemoteError(
            f"{what} failed {self.options.attempts} times at {self.stack.server}; the last "
            f"answer was: {problem}. What has arrived is kept: the same call goes on from there."
        )

    def _tell(self, what: str, problem: str, *, attempt: int, wait: float) -> None:
        """Say that a request will be made again, from the second failure on."""
        if attempt:
            _log.warning(
                "%s failed %d times (%s); trying again in %.0f s",
                what,
                attempt + 1,
                self.scrub(problem),
                wait,
            )

    def _worth_another(self, error: Exception, *, what: str) -> str:
        """Return the problem of an error that may pass, or raise the one that stays."""
        requests = require("requests", extra="cave", purpose="fetching from CAVE")
        arrow = require("pyarrow", extra="cave", purpose="fetching from CAVE")
        base = require("caveclient.base", extra="cave", purpose="fetching from CAVE")
        passing = (
            requests.exceptions.ConnectionError,
            requests.exceptions.Timeout,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
            requests.exceptions.JSONDecodeError,
            arrow.ArrowInvalid,
            TimeoutError,
        )
        text = self.scrub(f"{type(error).__name__}: {error}")[:300]
        status = getattr(getattr(error, "response", None), "status_code", None)
        if isinstance(error, passing) or status in RETRIED_STATUS:
            return text
        if isinstance(error, base.AuthException):
            raise self._refuse("the token was refused", None) from None
        if isinstance(error, requests.RequestException | base.ServerIncompatibilityError):
            raise RemoteError(f"{what}: {self.stack.server} answered {text}") from None
        raise error

    def close(self) -> None:
        """Close the HTTP sessions; the next call opens new ones."""
        client, self._client = self._client, None
        for session in self._sessions:
            session.close()
        self._sessions.clear()
        if client is not None:
            client.auth.token = None

    # ------------------------------------------------------------ opening
    def _opened(self) -> Any:
        with self._opening:
            if self._client is None:
                self._client = self._open()
            return self._client

    def _open(self) -> Any:
        stack = self.stack
        caveclient = _caveclient()
        self._token = find_token(
            self._given, server=stack.server, datastack=stack.name, terms=stack.terms
        )
        info = self._datastack_info()

        def construct() -> Any:
            client = caveclient.CAVEclient(
                stack.name,
                server_address=stack.server,
                auth_token=self._token.reveal() if self._token else None,
                write_server_cache=False,
                max_retries=0,
                pool_maxsize=self.options.workers,
                info_cache={stack.name: info},
            )
            self._guard(client.info.session)
            self._guard(client.materialize.session)
            return client

        # caveclient's constructors ask for versions without any timeout
        client = _within(self.options.timeout_s, construct)
        if int(client.materialize.api_version) < _OLDEST_API:
            # it falls back to an old interface without a word when the list of versions fails
            raise BrokenAnswer("the server did not say which interface versions it has")
        return client

    def _datastack_info(self) -> dict[str, Any]:
        """Return the server's record of the datastack, asked for under our own guards."""
        requests = require("requests", extra="cave", purpose="fetching from CAVE")
        with requests.Session() as session:
            self._guard(session)
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
            info: dict[str, Any] = response.json()
        return info

    def chunkedgraph(self, client: Any) -> Any:
        """Return the client's segmentation service, guarded like the others."""
        service = _within(self.options.timeout_s, lambda: client.chunkedgraph)
        self._guard(service.session)
        return service

    def _guard(self, session: requests.Session) -> None:
        """Give a session our timeout and our reading of its answers."""
        if self.watch in session.hooks["response"]:
            return
        session.hooks["response"].append(self.watch)
        self._sessions.append(session)
        send = session.send

        def timed(request: Any, **settings: Any) -> Any:
            settings["timeout"] = settings.get("timeout") or self.options.timeout_s
            return send(request, **settings)

        session.send = timed  # type: ignore[method-assign]


def _caveclient() -> Any:
    """Return caveclient, or say that it is absent or too old to be trusted.

    Beside pandas 3 an installer quietly takes caveclient 5, which has no views and other types.
    """
    caveclient = require("caveclient", extra="cave", purpose="fetching from CAVE")
    found = str(getattr(caveclient, "__version__", "0"))
    if int(found.split(".", maxsplit=1)[0]) < _OLDEST_CLIENT:
        raise MissingDependency(
            f"caveclient {found} is installed and {_OLDEST_CLIENT} or newer is needed; newer ones "
            f"need pandas 2: pip install 'connectome-graph[cave]' 'pandas<3'"
        )
    return caveclient


def _within(seconds: float, work: Callable[[], T]) -> T:
    """Return ``work()``, or raise TimeoutError when it takes longer than that."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - handed over to the calling thread
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True, name="opening CAVE")
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not outcome:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return outcome[0]
