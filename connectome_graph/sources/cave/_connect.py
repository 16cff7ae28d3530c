"""The one door: from a name, a datastack or a client to a session."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from connectome_graph.errors import InvalidArgument
from connectome_graph.sources.cave._cache import CacheFolder
from connectome_graph.sources.cave._client import Connection
from connectome_graph.sources.cave._credentials import Token
from connectome_graph.sources.cave._datastack import Datastack
from connectome_graph.sources.cave._datastacks import DATASTACKS, datastack
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._release import Version, release_of, resolved
from connectome_graph.sources.cave._session import Session

__all__ = ["connect", "session_of"]


def connect(
    datastack: Any,
    *,
    version: Version | None = None,
    token: str | Token | None = None,
    server: str | None = None,
    options: FetchOptions | None = None,
) -> Session:
    """Return a session: a CAVE datastack at one version, from which graphs and skeletons come.

    Parameters
    ----------
    datastack
        A registered name (``minnie65_public``, ``v1dd_public``, ``flywire_fafb_public``,
        ``brain_and_nerve_cord_public``, ``fanc_production_mar2021``, ``h01_c3_flat``), a
        ``Datastack`` of your own, or a ``CAVEclient``, whose server, datastack, token and version
        are taken over.
    version
        Materialization version, such as 1300; ``"latest"``; or a moment, as a datetime or as ISO
        text, UTC where it says nothing else: the newest version of that moment. What it comes to
        is recorded.
    token
        A CAVE token. None takes the one that caveclient has stored on this computer. It appears
        in no message, table, cache or provenance.
    server
        Another global server than the registered one.
    options
        Requests at once, patience, progress, cache folder.

    Raises
    ------
    UnknownName
        When no datastack of that name is registered.
    InvalidArgument
        When the version is not served, or contradicts that of the client.
    RefusedToken, RemoteError
        When the server refuses or does not answer.
    MissingDependency
        When caveclient is not installed: ``pip install 'connectome-graph[cave]'``.

    Examples
    --------
    >>> connect("minnie65_public", version=0)
    Traceback (most recent call last):
        ...
    connectome_graph.errors.InvalidArgument: version=0: pin a materialization version, such as \
version=1300, give a moment such as '2025-09-01T08:10:01', or pass version='latest', which is \
looked up and recorded
    """
    given = Token(token) if isinstance(token, str) else token
    del token  # an error keeps the names of its frames
    if _is_client(datastack):
        datastack, version, given, server = _of_client(datastack, version, given, server)
    stack = _entry(datastack, server)
    settings = options or FetchOptions()
    connection = Connection(stack, token=given, options=settings)
    folder = CacheFolder(settings.folder).of_server(stack.server, stack.name)
    with connection.fetching():
        number = resolved(connection, stack, version)
        inside = folder.below(f"v{number}")
        release = release_of(connection, inside, stack, number)
    return Session(stack, release, asked_version=version, connection=connection, folder=inside)


@contextlib.contextmanager
def session_of(
    datastack: Any,
    *,
    version: Version | None,
    token: Token | None,
    options: FetchOptions | None,
) -> Iterator[Session]:
    """Give the session that was passed, or one that lasts as long as the block.

    Raises
    ------
    InvalidArgument
        When something is passed beside a session that it has already.
    """
    if not isinstance(datastack, Session):
        with connect(datastack, version=version, token=token, options=options) as session:
            yield session
        return
    beside = {"version": version, "token": token, "options": options}
    passed = [name for name, value in beside.items() if value is not None]
    if passed:
        raise InvalidArgument(
            f"{', '.join(passed)} cannot be passed beside a session, which has its own: "
            f"pass it to cave.connect(...)"
        )
    yield datastack


def _is_client(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("datastack_name", "server_address", "auth"))


def _entry(name: Any, server: str | None) -> Datastack:
    if not isinstance(name, str | Datastack):
        raise InvalidArgument(
            f"a session needs the name of a datastack, a Datastack or a CAVEclient; found "
            f"{type(name).__name__}"
        )
    return datastack(name, **({} if server is None else {"server": server}))


def _of_client(
    client: Any, version: Any, token: Token | None, server: str | None
) -> tuple[Datastack, Any, Token | None, str | None]:
    """Return the datastack, version, token and server of a ``CAVEclient``.

    Raises
    ------
    InvalidArgument
        When the client has no datastack, or what was passed beside it says something else.
    """
    name, own = client.datastack_name, getattr(client, "version", None)
    address = str(client.server_address).rstrip("/")
    if not name:
        raise InvalidArgument("the client has no datastack; make it with CAVEclient(datastack)")
    if version is not None and own is not None and version != own:
        raise InvalidArgument(
            f"the client is pinned to version {own} and version={version!r} was passed; pass one"
        )
    if server is not None and server.rstrip("/") != address:
        raise InvalidArgument(f"the client talks to {address} and server={server!r} was passed")
    entry = DATASTACKS.get(name) or Datastack(name)
    if token is None and getattr(client.auth, "token", None):
        token = Token(client.auth.token)
    return entry, own if version is None else version, token, address
