"""caveclient's own service classes, made so that nothing passes them unguarded.

``CAVEclient(...)`` asks a server for versions while it is being made, on sessions that nobody
has seen yet and without any timeout, and answers a 403 by opening a web browser. The classes it
consists of are made here one by one instead: each gets its HTTP session guarded before the first
request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectome_graph.errors import MissingDependency, RemoteError, require
from connectome_graph.sources.cave._credentials import Token

if TYPE_CHECKING:
    import requests

__all__ = ["Services", "caveclient"]

_OLDEST_CLIENT = 8
_MATERIALIZE_API = 3


class Services:
    """The services of a datastack: materialization, segmentation and skeletons.

    Parameters
    ----------
    datastack, server
        Name of the datastack, and the global server that knows it.
    info
        The server's record of the datastack.
    token
        The token that every service gets.
    guard
        Makes a session bounded, retried and read by us.
    connections
        Connections that each service keeps open.
    """

    def __init__(
        self,
        datastack: str,
        *,
        server: str,
        info: dict[str, Any],
        token: Token,
        guard: Callable[[requests.Session], None],
        connections: int,
    ) -> None:
        self.datastack_name = datastack
        self.local_server = str(info.get("local_server") or server).rstrip("/")
        self.info = info
        self._guard = guard
        self._connections = connections
        auth = require("caveclient.auth", extra="cave", purpose="fetching from CAVE")
        self._auth = auth.AuthClient(server_address=server, token=token.reveal())
        self._made: dict[str, Any] = {}
        self._making = threading.RLock()

    def close(self) -> None:
        """Forget the token and the services."""
        self._auth.token = None
        self._made.clear()

    @property
    def materialize(self) -> Any:
        """Versions, tables and views."""
        return self._service(
            "materializationengine",
            "MaterializationClient",
            datastack_name=self.datastack_name,
            synapse_table=self.info.get("synapse_table"),
            api_version=_MATERIALIZE_API,
        )

    def version_metadata(self, version: int) -> Any:
        """Return the server's record of a version, with its time stamp as the server wrote it.

        caveclient's own method reads time stamps with a fraction of a second only.
        """
        endpoints = require("caveclient.endpoints", extra="cave", purpose="fetching from CAVE")
        route = endpoints.materialization_api_versions[_MATERIALIZE_API]["version_metadata"]
        materialize = self.materialize
        address = route.format(
            me_server_address=self.local_server,
            datastack_name=self.datastack_name,
            version=version,
        )
        response = materialize.session.get(address)
        response.raise_for_status()
        return response.json()

    @property
    def chunkedgraph(self) -> Any:
        """The segmentation: roots, their states and their parts."""
        table = str(self.info.get("segmentation_source") or "").rsplit("/", 1)[-1]
        return self._service(
            "chunkedgraph",
            "ChunkedGraphClient",
            table_name=table,
            api_version=1,
        )

    @property
    def skeleton(self) -> Any:
        """The skeleton service."""
        return self._service(
            "skeletonservice", "SkeletonClient", datastack_name=self.datastack_name, api_version=1
        )

    def _service(self, module: str, name: str, **settings: Any) -> Any:
        with self._making:
            if module not in self._made:
                library = require(
                    f"caveclient.{module}", extra="cave", purpose="fetching from CAVE"
                )
                made = _guarded(getattr(library, name), self._guard)(
                    server_address=self.local_server,
                    auth_client=self._auth,
                    max_retries=0,
                    pool_maxsize=self._connections,
                    **settings,
                )
                self._guard(made.session)
                self._made[module] = made
            return self._made[module]


def _guarded(service: type, guard: Callable[[requests.Session], None]) -> type:
    """Return a service class whose session is guarded before its first request.

    That first request asks for the server's version, at the end of the constructor.
    """

    def version(self: Any) -> Any:
        guard(self.session)
        return service._get_version(self)  # type: ignore[attr-defined]

    return type(service.__name__, (service,), {"_get_version": version})


def caveclient() -> Any:
    """Return caveclient, or say that it is absent or too old to be trusted.

    Beside pandas 3 an installer quietly takes caveclient 5, which has no views and other types.

    Raises
    ------
    MissingDependency
        With the command that installs one.
    RemoteError
        When the installed one does not say which it is.
    """
    library = require("caveclient", extra="cave", purpose="fetching from CAVE")
    found = str(getattr(library, "__version__", "0"))
    major = found.partition(".")[0]
    if not major.isdecimal():
        raise RemoteError(f"caveclient says that its version is {found!r}; install it anew")
    if int(major) < _OLDEST_CLIENT:
        raise MissingDependency(
            f"caveclient {found} is installed and {_OLDEST_CLIENT} or newer is needed; newer ones "
            f"ask for pandas 2: pip install 'connectome-graph[cave]' 'pandas<3'. Beside pandas 3: "
            f"pip install --no-deps 'caveclient>=8.2.1', and what it imports (docs/cave.md)"
        )
    return library
