"""Reading a server's answer before caveclient does.

caveclient 8.2 logs a row limit instead of raising it, takes an Arrow stream that ends early for
a complete one, reads a login page as an unknown type, and opens a web browser when terms of use
are missing. A hook on each of its HTTP sessions sees every answer first and turns those into
values and errors.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectome_graph.errors import RemoteError
from connectome_graph.sources.cave._credentials import RefusedToken

if TYPE_CHECKING:
    import requests

__all__ = ["RETRIED_STATUS", "AnswerWatch", "BrokenAnswer", "SlowDown", "TooLarge", "retry_after"]

ARROW = "data.arrow"
BEGIN_OF_STREAM = b"\xff\xff\xff\xff"
END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
TOO_MANY = 429
RETRIED_STATUS = frozenset({TOO_MANY, 500, 502, 503, 504})
#: Servers count requests a minute, and a 429 that names no time ends with the minute.
OVER_A_MINUTE_S = 65.0
_LIMITED = re.compile(r"Limited query to (\d+)")
_SHOWN = 200


class BrokenAnswer(RemoteError):
    """An answer that ended early or cannot be read; worth another attempt.

    Examples
    --------
    >>> issubclass(BrokenAnswer, RemoteError)
    True
    """


class SlowDown(RemoteError):
    """A server that is busy or failing for now; worth another attempt after `wait_s`.

    Examples
    --------
    >>> SlowDown("busy", wait_s=3.0).wait_s
    3.0
    """

    def __init__(self, message: str, *, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class TooLarge(RemoteError):
    """A question with more ids than the server takes in one request (413).

    Examples
    --------
    >>> issubclass(TooLarge, RemoteError)
    True
    """


def retry_after(value: str | None, *, date: str | None = None) -> float | None:
    """Return the seconds of a ``Retry-After`` header, which holds seconds or a date.

    Parameters
    ----------
    value
        The header, or None.
    date
        The answer's ``Date`` header, the server's own clock; None takes this computer's.

    Examples
    --------
    >>> retry_after("5"), retry_after(None), retry_after("soon")
    (5.0, None, None)
    >>> retry_after("Wed, 21 Oct 2026 07:29:30 GMT", date="Wed, 21 Oct 2026 07:28:00 GMT")
    90.0
    """
    text = (value or "").strip()
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return max(float(text), 0.0)
    until = _moment(text)
    if until is None:
        return None
    now = _moment(date or "") or dt.datetime.now(dt.UTC)
    return max((until - now).total_seconds(), 0.0)


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


class AnswerWatch(threading.local):
    """The hook: what the newest answer of this thread said beside its table.

    Parameters
    ----------
    refuse
        Makes the error for a refused token from a sentence and the address of the terms.
    scrub
        Takes secrets out of a text.

    Attributes
    ----------
    row_limit
        Rows the server cut the answer to, or None when it did not say that it cut it.
    resolution
        Unit of the positions in nm per axis, or None when the server did not say.
    """

    def __init__(
        self, refuse: Callable[[str, str | None], RefusedToken], scrub: Callable[[str], str]
    ) -> None:
        self.refuse = refuse
        self.scrub = scrub
        self.row_limit: int | None = None
        self.resolution: tuple[float, ...] | None = None

    def forget(self) -> None:
        """Forget what earlier answers of this thread said."""
        self.row_limit = None
        self.resolution = None

    def __call__(self, response: requests.Response, **_: Any) -> None:
        """Read an answer's status and headers; raise what caveclient would swallow."""
        self._check_access(response)
        if response.status_code in RETRIED_STATUS:
            raise SlowDown(
                f"HTTP {response.status_code}: {self._shown(response)}",
                wait_s=_wait(response),
            )
        # taken out, so that caveclient does not log it a second time
        warning = response.headers.pop("Warning", None) or ""
        if found := _LIMITED.search(warning):
            self.row_limit = int(found[1])
        if stated := response.headers.get("dataframe_resolution"):
            self.resolution = _numbers(stated)
        if response.ok:
            self._check_kind(response)

    def _shown(self, response: requests.Response) -> str:
        """Return the beginning of an answer for a message, on one line and without secrets."""
        return " ".join(self.scrub(response.text).split())[:_SHOWN]

    def _check_access(self, response: requests.Response) -> None:
        """Raise when the server sends us to a login page, a refusal, or the terms of use."""
        if response.is_redirect or response.status_code == 401:
            raise self.refuse("the token was refused", None)
        if response.status_code == 403:
            try:
                answer = response.json()
            except ValueError:
                answer = {}
            if isinstance(answer, dict) and answer.get("error") == "missing_tos":
                data = answer.get("data")
                form = data.get("tos_form_url") if isinstance(data, dict) else None
                raise self.refuse("the terms of use have not been accepted", form)
            raise self.refuse("the token has no permission for this dataset (HTTP 403)", None)

    def _check_kind(self, response: requests.Response) -> None:
        """Raise when an answer is a page, no table where one was asked for, or cut short."""
        kind = (response.headers.get("Content-Type") or "nothing").lower()
        path = str(getattr(response, "url", "") or "").partition("?")[0]
        asked_for_rows = path.endswith("/query") or kind.startswith(ARROW)
        if not asked_for_rows:
            if kind.startswith("text/html"):
                raise BrokenAnswer(
                    f"a web page came where data were expected, perhaps of a login or a proxy: "
                    f"{self._shown(response)!r}"
                )
            return
        content = response.content
        if not content.startswith(BEGIN_OF_STREAM):
            raise BrokenAnswer(f"{kind} came where a table was expected: {self._shown(response)!r}")
        # an Arrow stream cut between two batches reads as a shorter table without an error
        if not content.endswith(END_OF_STREAM):
            raise BrokenAnswer(f"the answer ended early, after {len(content):,} bytes")
        # caveclient reads a table under this one name only, and what stands between may rename it
        response.headers["Content-Type"] = ARROW


def _wait(response: requests.Response) -> float | None:
    """Return the seconds that the server wants to be left alone, or None when it does not say."""
    named = retry_after(response.headers.get("Retry-After"), date=response.headers.get("Date"))
    if named is None and response.status_code == TOO_MANY:
        return OVER_A_MINUTE_S
    return named


def _numbers(text: str) -> tuple[float, ...] | None:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        return None
