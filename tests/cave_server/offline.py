"""The loopback server without HTTP: the same tables for environments that have no caveclient.

caveclient 8 needs pandas 2. What the library does with answers - chunks, halves, caches, joins -
does not, and is tested under pandas 3 through this stand-in for the connection.
"""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from cave_server import materialization
from cave_server.server import LoopbackCave
from cave_server.tables import matches, rescaled, selected
from connectome_graph.sources.cave import FetchOptions
from connectome_graph.sources.cave._client import Connection


class OfflineWatch(threading.local):
    """Stands for ``AnswerWatch``: what the newest answer of this thread said."""

    row_limit: int | None = None
    resolution: tuple[float, ...] | None = None

    def forget(self) -> None:
        """Forget what earlier answers said."""
        self.row_limit = self.resolution = None


class OfflineConnection(Connection):
    """A connection whose client reads the server's tables instead of asking for them."""

    cave: LoopbackCave

    def __init__(self, stack: Any, *, options: Any = None, **_: Any) -> None:
        super().__init__(stack, token=None, options=options or FetchOptions())
        self.watch = OfflineWatch()  # type: ignore[assignment]
        self.client = SimpleNamespace(
            materialize=OfflineMaterialize(self.cave, self.watch),
            version_metadata=lambda version: {
                "time_stamp": self.cave.versions[version].isoformat()
            },
        )

    def _opened(self) -> Any:
        return self.client


class OfflineMaterialize:
    """Stands for ``client.materialize``: the methods that the library calls."""

    def __init__(self, cave: LoopbackCave, watch: Any) -> None:
        self.cave, self.watch, self.synapse_table = cave, watch, cave.synapse_table

    def get_versions(self, *, expired: bool = False) -> list[int]:
        """Return the versions served."""
        return sorted(set(self.cave.versions) - (set() if expired else self.cave.expired))

    def get_tables(self, **_: Any) -> list[str]:
        """Return the names of the tables."""
        return list(self.cave.tables)

    def get_views(self, **_: Any) -> dict[str, Any]:
        """Return the names of the views."""
        return dict.fromkeys(self.cave.views)

    def get_table_metadata(self, name: str, **_: Any) -> dict[str, Any]:
        """Return the table's metadata."""
        found = materialization._table_metadata(self.cave, name)
        return {**found, "voxel_resolution": list(self.cave.tables[name].resolution)}

    def query_table(self, name: str, **arguments: Any) -> pd.DataFrame:
        """Return rows of a table."""
        return self._query(name, self.cave.tables[name], arguments)

    def query_view(self, name: str, **arguments: Any) -> pd.DataFrame:
        """Return rows of a view."""
        return self._query(name, self.cave.views[name], arguments)

    def _query(self, name: str, stored: Any, arguments: dict[str, Any]) -> pd.DataFrame:
        counted = bool(arguments.pop("get_counts", False))
        filters = [key for key in arguments if key.startswith("filter_") and arguments[key]]
        body = {key: {name: arguments[key]} for key in filters}
        self.cave.log.append(("query", f"/{name}/query", {**body, "_count": str(counted)}))
        frame = matches(stored.frame, body, name)
        if counted:
            return pd.DataFrame({"count": [len(frame)]})
        frame = frame.iloc[np.random.default_rng(len(self.cave.log)).permutation(len(frame))]
        limit = self.cave.row_limit
        if limit is not None and len(frame) >= limit:
            frame = frame.iloc[:limit]
            self.watch.row_limit = limit if self.cave.limit_header else None
        if self.cave.duplicate_rows and len(frame):
            frame = pd.concat([frame, frame.iloc[:1]])
        want = tuple(arguments["desired_resolution"])
        self.watch.resolution = want if self.cave.resolution_header else None
        frame = rescaled(frame, stored.resolution, list(want))
        return selected(frame, arguments.get("select_columns")).reset_index(drop=True)
