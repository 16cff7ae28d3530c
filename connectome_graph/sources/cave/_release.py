"""Versions of a datastack: which one is meant, and what it serves."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from connectome_graph.errors import InvalidArgument, RemoteError
from connectome_graph.sources.cave._answers import BrokenAnswer
from connectome_graph.sources.cave._cache import CacheFolder
from connectome_graph.sources.cave._client import Connection
from connectome_graph.sources.cave._datastack import Datastack, Kind

__all__ = ["Release", "Version", "release_of", "resolved"]

#: How a version is named: its number, ``"latest"``, or a moment.
Version = int | str | dt.datetime
#: How often a list that lacks something is asked for.
_TIMES = 3


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
    complete
        Whether everything that the registry expects is among them, or has been looked for anew.
    """

    version: int
    timestamp: str
    synapse_table: str | None
    tables: tuple[str, ...]
    views: tuple[str, ...]
    complete: bool = True

    def has(self, name: str, kind: Kind) -> bool:
        """Return whether a table or view of that name is served."""
        return name in (self.views if kind == "view" else self.tables)

    @property
    def moment(self) -> dt.datetime:
        """The time stamp as a moment."""
        return dt.datetime.fromisoformat(self.timestamp)


def resolved(connection: Connection, stack: Datastack, version: Any) -> int:
    """Return the number of a version: as it stands, the latest, or the newest at a moment.

    Raises
    ------
    InvalidArgument
        When it is none of them, or no version is as old as the moment.
    """
    if version == "latest":
        return max(_served(connection))
    whole = isinstance(version, int | np.integer) and not isinstance(version, bool)
    if whole and version >= 1:
        return int(version)
    moment = None if whole or isinstance(version, bool) else _as_moment(version)
    if moment is None:
        raise InvalidArgument(
            f"version={version!r}: pin a materialization version, such as "
            f"version={stack.example_version()}, give a moment such as '2025-09-01T08:10:01', or "
            f"pass version='latest', which is looked up and recorded"
        )
    versions = sorted(_served(connection), reverse=True)
    oldest = ""
    for number in versions:
        stamp = _stamp(connection, number)
        if stamp <= moment:
            return number
        oldest = f"{number} of {stamp.isoformat()[:19]}"
    raise InvalidArgument(
        f"{stack.name} has no version as old as {moment.isoformat()}; the oldest that "
        f"{stack.server} serves is {oldest or 'none'}"
    )


def _as_moment(version: Any) -> dt.datetime | None:
    """Return a moment in UTC, or None when `version` is none."""
    if isinstance(version, str) and not version.strip().isdecimal():
        try:
            version = dt.datetime.fromisoformat(version.strip())
        except ValueError:
            return None
    if not isinstance(version, dt.datetime):
        return None
    return version.astimezone(dt.UTC) if version.tzinfo else version.replace(tzinfo=dt.UTC)


def release_of(
    connection: Connection,
    folder: CacheFolder,
    stack: Datastack,
    version: int,
    *,
    anew: bool = False,
) -> Release:
    """Return what a version serves: as the cache knows it, or as the server says.

    A list that is empty where something is expected of it is not kept.

    Parameters
    ----------
    connection, folder, stack, version
        Whom to ask, where it is kept, and what about.
    anew
        Ask whatever the cache knows.

    Raises
    ------
    InvalidArgument
        When the version is unknown or has expired.
    RemoteError
        When the server lists nothing.
    """
    kept = folder.read_json("release")
    if kept is not None and not anew:
        return _from_dict(version, kept)
    with connection.fetching():
        _check_served(connection, stack, version)
        stamp = _stamp(connection, version).isoformat()
        synapses = connection.call(_synapse_table, what="reading the name of the synapse table")
        tables, views, complete = _listed(connection, stack, version, synapses)
    found = {
        "timestamp": stamp,
        "synapse_table": synapses,
        "tables": tables,
        "views": views,
        "complete": complete,
    }
    expects_views = any(kind == "view" for kind, _ in _expected(stack, version, synapses))
    if complete or views or not expects_views:
        folder.write_json("release", found)
    return _from_dict(version, found | {"complete": complete or anew})


def _from_dict(version: int, kept: Mapping[str, Any]) -> Release:
    return Release(
        version=version,
        timestamp=kept["timestamp"],
        synapse_table=kept["synapse_table"],
        tables=tuple(kept["tables"]),
        views=tuple(kept["views"]),
        complete=bool(kept["complete"]),
    )


def _check_served(connection: Connection, stack: Datastack, version: int) -> None:
    served: set[int] = set()
    for attempt in range(_TIMES):
        _pause(connection, attempt)
        served |= set(_served(connection))
        if version in served:
            return
    fate = "has expired" if version in _served(connection, expired=True) else "does not exist"
    raise InvalidArgument(
        f"{stack.name} version {version} {fate} at {stack.server}; it serves "
        f"{', '.join(map(str, sorted(served))) or 'none'}"
    )


def _listed(
    connection: Connection, stack: Datastack, version: int, synapses: str | None
) -> tuple[list[str], list[str], bool]:
    """Return the tables and views of a version, and whether they have all that is expected.

    A list that lacks a name is asked for again: one that is short was seen at first contact.
    """
    tables: set[str] = set()
    views: set[str] = set()
    complete = False
    for attempt in range(_TIMES):
        _pause(connection, attempt)
        tables |= _names(connection, version, "table")
        views |= _names(connection, version, "view")
        complete = _expected(stack, version, synapses) <= {
            *(("table", name) for name in tables),
            *(("view", name) for name in views),
        }
        if complete and tables:
            break
    if not tables:
        raise RemoteError(
            f"{stack.server} lists no table of {stack.name} version {version}, {_TIMES} times in a "
            f"row; nothing is read rather than read from a list that cannot be right"
        )
    return sorted(tables), sorted(views), complete


def _expected(stack: Datastack, version: int, synapses: str | None) -> set[tuple[str, str]]:
    """Return the tables and views without which a graph would be another one."""
    names: list[tuple[str, str | None]] = [
        ("table", stack.targets_at(version)),
        ("table", synapses if stack.synapses is None else None),
        *(("table", entry.name) for entry in stack.proofreading),
        *((cells.kind, cells.name) for cells in stack.cells[:1]),
    ]
    if stack.labels is not None:
        names.append(("table", stack.labels.name))
    if stack.types is not None:
        names.append((stack.types.kind, stack.types.name))
    if stack.synapses is not None:
        names.append(stack.synapses)
    if stack.pairs is not None:
        names.append(("view", stack.pairs.name))
    return {(kind, name) for kind, name in names if name}


def _pause(connection: Connection, attempt: int) -> None:
    if attempt:
        time.sleep(connection.options.backoff_s * 2 ** (attempt - 1))


# ---------------------------------------------------------------- single questions
def _served(connection: Connection, *, expired: bool = False) -> list[int]:
    def ask(client: Any) -> list[int]:
        answer = client.materialize.get_versions(expired=expired)
        if not isinstance(answer, list) or not all(type(number) is int for number in answer):
            raise BrokenAnswer("the list of versions is no list of integers")
        return answer

    what = "listing the expired versions" if expired else "listing the versions"
    return _asked_again_when_empty(lambda: connection.call(ask, what=what), connection)


def _asked_again_when_empty(ask: Callable[[], list[int]], connection: Connection) -> list[int]:
    answer: list[int] = ask()
    for attempt in range(1, _TIMES):
        if answer:
            break
        _pause(connection, attempt)
        answer = ask()
    if not answer:
        raise RemoteError(
            f"{connection.stack.server} lists no version of {connection.stack.name}, {_TIMES} "
            f"times in a row"
        )
    return answer


def _stamp(connection: Connection, version: int) -> dt.datetime:
    """Return the moment of a version; the server writes it with or without a fraction."""

    def ask(client: Any) -> dt.datetime:
        answer = client.version_metadata(version)
        text = answer.get("time_stamp") if isinstance(answer, dict) else None
        moment = _as_moment(text)
        if moment is None:
            raise BrokenAnswer(f"version {version} came without a time stamp that can be read")
        return moment

    return connection.call(ask, what=f"reading the moment of version {version}")


def _synapse_table(client: Any) -> str | None:
    name = client.materialize.synapse_table
    return str(name) if name else None


def _names(connection: Connection, version: int, kind: Kind) -> set[str]:
    def ask(client: Any) -> set[str]:
        materialize = client.materialize
        answer = (materialize.get_views if kind == "view" else materialize.get_tables)(
            version=version
        )
        # views are served as an object by name, tables as a list
        ok = isinstance(answer, list | dict) and all(isinstance(name, str) for name in answer)
        if not ok or (isinstance(answer, dict) and kind == "table"):
            raise BrokenAnswer(f"the list of {kind}s is no list of names")
        return {connection.scrub(name) for name in answer}

    return connection.call(ask, what=f"listing the {kind}s of version {version}")
