"""Tokens for CAVE servers: found, hidden, and where to get one when they are refused."""

from __future__ import annotations

import re
from typing import NoReturn

from connectome_graph.errors import RemoteError, require

__all__ = ["RefusedToken", "Token", "find_token", "refusal"]

_HIDDEN = "[token hidden]"
#: Characters of a token in a row that give it away.
_TELLING = 8
_DIFFERENT = 4
# anything else would be repeated, token and all, by the error of the HTTP library
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


class RefusedToken(RemoteError):
    """A server refused the token, or the terms of its data have not been accepted.

    Examples
    --------
    >>> issubclass(RefusedToken, RemoteError)
    True
    """


class Token:
    """A secret that does not print, compare, pickle or serialise.

    Parameters
    ----------
    value
        The token as the server issued it.

    Examples
    --------
    >>> token = Token("f00d" * 8)
    >>> token
    Token([token hidden])
    >>> token.scrub("the server repeated f00df00df00df00df00df00df00df00d")
    'the server repeated [token hidden]'
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value.strip()

    def reveal(self) -> str:
        """Return the secret itself, for the one call that needs it."""
        return self._value

    def scrub(self, text: str) -> str:
        """Return `text` without the secret, and without any piece of it that tells.

        A server may repeat a token, and what stands in between may cut the answer anywhere, so
        every run of eight of its characters goes. A run of fewer than four different characters
        is no secret: ids and addresses have such too.
        """
        text = self.scrub_whole(text)
        last = len(self._value) - _TELLING
        pieces = {self._value[at : at + _TELLING] for at in range(last + 1)}
        found = [
            (match.start(), match.start() + _TELLING)
            for piece in pieces
            if len(set(piece)) >= _DIFFERENT and piece in text
            for match in re.finditer(f"(?={re.escape(piece)})", text)
        ]
        kept: list[str] = []
        end = 0
        for first, after in sorted(found):
            if first > end or not kept:
                kept += [text[end:first], _HIDDEN]
            end = max(end, after)
        return "".join([*kept, text[end:]])

    def scrub_whole(self, text: str) -> str:
        """Return `text` without the secret as a whole, and otherwise as it was."""
        return text.replace(self._value, _HIDDEN) if self._value else text

    @property
    def is_distinct(self) -> bool:
        """Whether a text that holds it holds it on purpose."""
        return len(self._value) >= _TELLING and len(set(self._value)) >= _DIFFERENT

    def __bool__(self) -> bool:
        return bool(self._value)

    @property
    def is_printable(self) -> bool:
        """Whether an HTTP header can carry it."""
        return bool(_PRINTABLE.fullmatch(self._value))

    def __repr__(self) -> str:
        return f"Token({_HIDDEN})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token is not pickled: give the new process its own")


def refusal(problem: str, *, server: str, datastack: str, terms: str | None) -> RefusedToken:
    """Return the error that says where a token is made and where terms are accepted.

    Parameters
    ----------
    problem
        What the server answered, in words.
    server
        Address of the global server that issues tokens.
    datastack
        The datastack that was asked for.
    terms
        Address at which the terms of use are accepted; None when no public source names it.

    Examples
    --------
    >>> print(refusal("no token", server="https://a.org", datastack="x", terms=None))
    a.org did not give access to 'x': no token.
      make a token:      https://a.org/auth/api/v1/create_token (a new one ends the old one; \
list yours: https://a.org/sticky_auth/settings/tokens)
      accept the terms:  https://a.org/info/datastack/x (sign in there with the same account)
    Then pass it as token=..., or store it once with caveclient: \
caveclient.auth.AuthClient(server_address='https://a.org').save_token(token=...).
    """
    server = server.rstrip("/")
    page = terms or f"{server}/info/datastack/{datastack}"
    return RefusedToken(
        f"{server.split('//')[-1]} did not give access to {datastack!r}: {problem}.\n"
        f"  make a token:      {server}/auth/api/v1/create_token (a new one ends the old one; "
        f"list yours: {server}/sticky_auth/settings/tokens)\n"
        f"  accept the terms:  {page} (sign in there with the same account)\n"
        f"Then pass it as token=..., or store it once with caveclient: "
        f"caveclient.auth.AuthClient(server_address={server!r}).save_token(token=...)."
    )


def find_token(
    token: str | Token | None, *, server: str, datastack: str, terms: str | None
) -> Token:
    """Return the token given, or the one stored on this computer for that server.

    The stored files are those of caveclient: ``~/.cloudvolume/secrets/cave-secret.json`` and
    ``<server>-cave-secret.json`` beside it. Nothing is written.

    Raises
    ------
    RefusedToken
        When there is none; the message names the two addresses to visit.
    MissingDependency
        When caveclient is not installed.
    """
    # no name here ever holds the text of a token: an error keeps the names of its frames
    problem = "there is no token on this computer and none was passed"
    found = token if isinstance(token, Token) else Token(token or "")
    given, token = token is not None, None
    if not given:
        stored = _stored(server)
        if stored is None:
            problem = "the file of the stored token in ~/.cloudvolume/secrets cannot be read"
        found = stored or found
    if found and not found.is_printable:
        problem = "the token holds characters that no token has, such as a space"
    elif found:
        return found
    raise refusal(problem, server=server, datastack=datastack, terms=terms)


def _stored(server: str) -> Token | None:
    """Return the token stored for a server, an empty one, or None when its file is damaged."""
    auth = require("caveclient.auth", extra="cave", purpose="fetching from CAVE")
    try:
        return Token(auth.AuthClient(server_address=server).token or "")
    except (OSError, ValueError):
        return None
