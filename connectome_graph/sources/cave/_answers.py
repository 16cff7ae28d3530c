"""Reading a server's answer before caveclient does.

caveclient 8.2 logs a row limit instead of raising it, takes an Arrow stream that ends early for
a complete one, and opens a web browser when terms of use are missing. A hook on each of its HTTP
sessions sees every answer first and turns those into values and errors.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectome_graph.errors import RemoteError
from connectome_graph.sources.cave._credentials import RefusedToken

if TYPE_CHECKING:
    import requests

__all__ = ["RETRIED_STATUS", "AnswerWatch", "BrokenAnswer", "SlowDown", "retry_after"]

ARROW = "data.arrow"
END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
RETRIED_STATUS = frozenset({429, 500, 502, 503, 504})
_LIMITED = re.compile(r"Limited query to (\d+)")


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


def retry_after(value: str | None) -> float | None:
    """Return the seconds of a ``Retry-After`` header, at most a minute.

    Examples
    --------
    >>> retry_after("5"), retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), retry_after(None)
    (5.0, None, None)
    """
    try:
        return min(max(float(value or ""), 0.0), 60.0)
    except ValueError:
        return None


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
                f"HTTP {response.status_code}: {self.scrub(response.text[:200])}",
                wait_s=retry_after(response.headers.get("Retry-After")),
            )
        # taken out, so that caveclient does not log it a second time
        warning = response.headers.pop("Warning", None) or ""
        if found := _LIMITED.search(warning):
            self.row_limit = int(found[1])
        if stated := response.headers.get("dataframe_resolution"):
            self.resolution = tuple(float(part) for part in stated.split(","))
        if response.headers.get("Content-Type") == ARROW and response.ok:
            self._check_whole(response.content)

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
                form = (answer.get("data") or {}).get("tos_form_url")
                raise self.refuse("the terms of use have not been accepted", form)
            raise self.refuse("the token has no permission for this dataset (HTTP 403)", None)

    @staticmethod
    def _check_whole(content: bytes) -> None:
        # an Arrow stream cut between two batches reads as a shorter table without an error
        if not content.endswith(END_OF_STREAM):
            raise BrokenAnswer(f"the answer ended early, after {len(content):,} bytes")
