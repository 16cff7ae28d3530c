"""A datastack at one version: what it holds, and whole tables of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean
from connectome_graph.model.columns import get_column, root_ids
from connectome_graph.sources.cave._cache import CacheFolder
from connectome_graph.sources.cave._client import Connection
from connectome_graph.sources.cave._credentials import Token
from connectome_graph.sources.cave._datastacks import Datastack, Kind
from connectome_graph.sources.cave._fetch import Fetcher
from connectome_graph.sources.cave._ids import Ids
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._query import Query

__all__ = ["Pinned", "Release", "pin"]

_BOOKKEEPING = ("created", "valid", "superceded_id", "deleted")
_FEW_IDS = 5_000


@dataclass(frozen=True)
class Release:
    """A materialization version: its number, its moment, and the names it serves.

    Parameters
    ----------
    version
        The pinned integer.
    timestamp
        When the segmentation was frozen, ISO 8601 in UTC.
    synapse_table
        The synapse table the server names for the datastack.
    tables, views
        What can be queried at this version.
    """

    version: int
    timestamp: str
    synapse_table: str | None
    tables: tuple[str, ...]
    views: tuple[str, ...]

    def has(self, name: str, kind: Kind) -> bool:
        """Return whether a table or view of that name is served."""
        return name in (self.views if kind == "view" else self.tables)


@dataclass
class Pinned:
    """A datastack at one version: the one place where its tables are asked for.

    Parameters
    ----------
    stack
        The registered datastack.
    release
        The version and its names.
    connection
        The guarded connection.
    fetcher
        Asks and keeps.
    folder
        Cache folder of the version.
    queries
        What has been asked so far, for provenance.
    """

    stack: Datastack
    release: Release
    connection: Connection
    fetcher: Fetcher
    folder: CacheFolder
    queries: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def check(self, name: str, kind: Kind, *, role: str, setting: str) -> None:
        """Raise unless a table or view is served at this version.

        Raises
        ------
        UnknownName
            With the closest name the server has, and the field to replace.
        """
        if self.release.has(name, kind):
            return
        served = self.release.views if kind == "view" else self.release.tables
        other: Kind = "table" if kind == "view" else "view"
        hint = f" There is a {other} of that name." if self.release.has(name, other) else ""
        raise UnknownName(
            f"{self.stack.name} version {self.release.version} has no {kind} {name!r} for its "
            f"{role}.{did_you_mean(name, served)}{hint} It serves: "
            f"{', '.join(sorted(served)) or 'none'}. Name another with "
            f"datastack({self.stack.name!r}, {setting}=...){_leave_out(setting)}"
        )

    def rows(self, query: Query, *, ids: Ids | None = None, chunk: int = 20) -> pd.DataFrame:
        """Return every row of a question."""
        fetched = self.fetcher.fetch(query, ids=ids, chunk=chunk)
        self.queries.append(fetched.facts)
        return fetched.frame

    def whole(
        self,
        name: str,
        *,
        kind: Kind = "table",
        filters: Mapping[str, tuple[Any, ...]] | None = None,
    ) -> pd.DataFrame:
        """Return a whole table or view, without the server's own bookkeeping."""
        frame = self.rows(Query(name, kind, filters=filters or {}))
        return frame.drop(columns=[column for column in _BOOKKEEPING if column in frame])

    def reference_of(self, name: str) -> str | None:
        """Return the table that a reference table's ``target_id`` points into, or None."""
        kept = self.folder.read_json(f"metadata-{name}")
        if kept is None:
            version = self.release.version
            metadata = self.connection.call(
                lambda client: client.materialize.get_table_metadata(
                    name, version=version, log_warning=False
                ),
                what=f"reading the metadata of table {name!r}",
            )
            kept = {"reference_table": metadata.get("reference_table")}
            self.folder.write_json(f"metadata-{name}", kept)
        return kept["reference_table"] or None

    def joined(self, name: str, *, kind: Kind = "table") -> tuple[pd.DataFrame, dict[str, int]]:
        """Return a table of cells with root ids and positions, and what did not match.

        A reference table is joined to its base here, not on the server: row limits and counts
        stay those of plain tables, and a row without a base is counted rather than lost.
        The column ``cell_id`` is the id of the base row (the nucleus), stable over versions.
        """
        frame = self.whole(name, kind=kind)
        base_name = None if kind == "view" else self.reference_of(name)
        if base_name is None or "target_id" not in frame.columns:
            return frame.rename(columns={"id": "cell_id"}), {}
        wanted = np.unique(root_ids(get_column(frame, "target_id"), name="target_id"))
        if len(wanted) <= _FEW_IDS:
            base = self.rows(Query(base_name, ids_column="id"), ids=wanted, chunk=_FEW_IDS)
            base = base.drop(columns=[column for column in _BOOKKEEPING if column in base])
        else:
            base = self.whole(base_name)
        target = root_ids(get_column(frame, "target_id"), name="target_id")
        base_ids = root_ids(get_column(base, "id"), name="id")
        at = pd.Index(base_ids).get_indexer(target)
        found = at >= 0
        own = frame.drop(columns=["id", "target_id"])[found].reset_index(drop=True)
        theirs = base.drop(columns=["id", *own.columns.intersection(base.columns)])
        theirs = theirs.iloc[at[found]].reset_index(drop=True)
        cells = pd.concat([own, theirs], axis=1)
        cells.insert(0, "cell_id", target[found])
        return cells, {"n_rows_without_base": int((~found).sum())}


def _leave_out(setting: str) -> str:
    """Return how to do without a part that a graph does not need."""
    empty = {"column": None, "labels": None, "proofreading": (), "coregistration": ()}
    return f", or do without it: {setting}={empty[setting]}" if setting in empty else ""


def pin(
    stack: Datastack, version: int | str, *, token: str | Token | None, options: FetchOptions
) -> Pinned:
    """Return a datastack at one version, after asking the server what it holds.

    Parameters
    ----------
    stack
        The datastack.
    version
        An integer, or ``"latest"``, which is resolved once and recorded.
    token, options
        As for :func:`connectome_graph.from_cave`.

    Raises
    ------
    InvalidArgument
        When the version is not an integer, is unknown, or has expired.
    RefusedToken, RemoteError
        When the server does not answer.
    """
    connection = Connection(stack, token=token, options=options)
    folder = CacheFolder(options.folder).of_server(stack.server, stack.name)
    if version == "latest":
        version = max(connection.call(_versions, what="listing the versions"))
    if isinstance(version, bool) or not isinstance(version, int | np.integer) or version < 1:
        raise InvalidArgument(
            f"version={version!r}: pin a materialization version, such as version=1718, or pass "
            f"version='latest', which is looked up and recorded"
        )
    version = int(version)
    inside = folder.below(f"v{version}")
    release = _kept(inside, version) or _asked(connection, inside, stack, version)
    fetcher = Fetcher(
        connection, version=version, folder=inside, options=options, row_limit=stack.row_limit
    )
    return Pinned(stack, release, connection, fetcher, inside)


def _versions(client: Any) -> list[int]:
    return [int(number) for number in client.materialize.get_versions()]


def _kept(folder: CacheFolder, version: int) -> Release | None:
    kept = folder.read_json("release")
    if kept is None:
        return None
    return Release(
        version=version,
        timestamp=kept["timestamp"],
        synapse_table=kept["synapse_table"],
        tables=tuple(kept["tables"]),
        views=tuple(kept["views"]),
    )


def _asked(connection: Connection, folder: CacheFolder, stack: Datastack, version: int) -> Release:
    """Return what the server says about a version, and keep it."""
    served = connection.call(_versions, what="listing the versions")
    if version not in served:
        every = connection.call(
            lambda client: client.materialize.get_versions(expired=True),
            what="listing the expired versions",
        )
        fate = "has expired" if version in every else "does not exist"
        raise InvalidArgument(
            f"{stack.name} version {version} {fate} at {stack.server}; it serves "
            f"{', '.join(map(str, sorted(served))) or 'none'}"
        )

    def ask(client: Any) -> dict[str, Any]:
        materialize = client.materialize
        stamp = materialize.get_version_metadata(version=version)["time_stamp"]
        return {
            "timestamp": stamp.isoformat(),
            "synapse_table": materialize.synapse_table,
            "tables": sorted(materialize.get_tables(version=version)),
            "views": sorted(materialize.get_views(version=version)),
        }

    kept = connection.call(ask, what=f"listing the tables of version {version}")
    folder.write_json("release", kept)
    release = _kept(folder, version)
    assert release is not None
    return release
