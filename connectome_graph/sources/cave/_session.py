"""A session: a datastack at one version, and everything that is asked of it."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from connectome_graph.errors import UnknownName, did_you_mean
from connectome_graph.model.columns import get_column, root_ids
from connectome_graph.sources.cave._answers import BrokenAnswer
from connectome_graph.sources.cave._cache import CacheFolder
from connectome_graph.sources.cave._client import Connection
from connectome_graph.sources.cave._datastack import Datastack, Kind
from connectome_graph.sources.cave._fetch import Fetched, Fetcher
from connectome_graph.sources.cave._ids import Ids
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._query import Query
from connectome_graph.sources.cave._release import Release, release_of

__all__ = ["Session"]

_BOOKKEEPING = ("created", "valid", "superceded_id", "deleted")
_FEW_IDS = 5_000


class Session:
    """A datastack at one version, with its connection and its cache; made by :func:`connect`.

    :func:`connectome_graph.from_cave` and :func:`connectome_graph.skeletons.load_cave` take it,
    and share what it has fetched.

    Parameters
    ----------
    stack
        The registered datastack.
    release
        The version and its names.
    asked_version
        The version as it was asked for.
    connection
        The guarded connection.
    folder
        Cache folder of the version.
    """

    def __init__(
        self,
        stack: Datastack,
        release: Release,
        *,
        asked_version: Any,
        connection: Connection,
        folder: CacheFolder,
    ) -> None:
        self.stack = stack
        self.release = release
        self.asked_version = asked_version
        self.connection = connection
        self.folder = folder
        self.fetcher = Fetcher(
            connection,
            version=release.version,
            folder=folder,
            options=connection.options,
            row_limit=stack.row_limit,
        )
        #: What has been asked so far, for provenance.
        self.queries: list[dict[str, Any]] = []
        weakref.finalize(self, connection.close)

    def __repr__(self) -> str:
        return (
            f"Session({self.stack.name!r}, version={self.version}, {self.timestamp[:19]} UTC, "
            f"at {self.stack.server})"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; what is asked afterwards opens new ones."""
        self.connection.close()

    @property
    def datastack(self) -> str:
        """CAVE's name of the datastack."""
        return self.stack.name

    @property
    def version(self) -> int:
        """The materialization version."""
        return self.release.version

    @property
    def timestamp(self) -> str:
        """When the segmentation of the version was frozen, ISO 8601 in UTC."""
        return self.release.timestamp

    @property
    def options(self) -> FetchOptions:
        """Patience, concurrency and cache folder."""
        return self.connection.options

    @property
    def cache(self) -> Path:
        """The folder in which what arrives is kept."""
        return self.folder.path

    @contextlib.contextmanager
    def fetching(self) -> Iterator[None]:
        """Within it all requests together have one deadline, and `queries` begins anew."""
        self.queries = []
        with self.connection.fetching():
            yield

    def has(self, name: str, kind: Kind) -> bool:
        """Return whether a table or view is served; a list known to be short is asked for again.

        Parameters
        ----------
        name
            Table or view.
        kind
            ``"table"`` or ``"view"``.
        """
        if not self.release.has(name, kind) and not self.release.complete:
            self.release = release_of(
                self.connection, self.folder, self.stack, self.version, anew=True
            )
        return self.release.has(name, kind)

    def check(self, name: str, kind: Kind, *, role: str, setting: str) -> None:
        """Raise unless a table or view is served at this version.

        Parameters
        ----------
        name
            Table or view.
        kind
            ``"table"`` or ``"view"``.
        role, setting
            What it is for, in words and as a field of :class:`Datastack`, for the message.

        Raises
        ------
        UnknownName
            With the closest name the server has, and the field to replace.
        """
        if self.has(name, kind):
            return
        other: Kind = "table" if kind == "view" else "view"
        hint = f" There is a {other} of that name." if self.release.has(name, other) else ""
        served = self.release.views if kind == "view" else self.release.tables
        raise UnknownName(
            f"{self.stack.name} version {self.release.version} has no {kind} {name!r} for its "
            f"{role}.{did_you_mean(name, served)}{hint} It serves: "
            f"{', '.join(sorted(served)) or 'none'}. Name another with "
            f"datastack({self.stack.name!r}, {setting}=...){_leave_out(setting)}"
        )

    def asked(self, query: Query, *, ids: Ids | None = None, chunk: int = 20) -> Fetched:
        """Return every row of a question, to be read part by part.

        Parameters
        ----------
        query
            The question.
        ids
            Values of its ids column; None for a question without any.
        chunk
            Ids in one request.
        """
        fetched = self.fetcher.fetch(query, ids=ids, chunk=chunk)
        self.queries.append(fetched.facts)
        return fetched

    def rows(self, query: Query, *, ids: Ids | None = None, chunk: int = 20) -> pd.DataFrame:
        """Return every row of a question; `query`, `ids` and `chunk` as in :meth:`asked`."""
        return self.asked(query, ids=ids, chunk=chunk).frame

    def whole(
        self,
        name: str,
        *,
        kind: Kind = "table",
        filters: Mapping[str, tuple[Any, ...]] | None = None,
    ) -> pd.DataFrame:
        """Return a whole table or view, every row proven, without the server's own bookkeeping.

        Parameters
        ----------
        name
            Table or view.
        kind
            ``"table"`` or ``"view"``.
        filters
            Column -> values that a row may have there.

        Returns
        -------
        pandas.DataFrame
            As the server sends it; positions are in nm, as ``pt_position_x`` and so on.
        """
        frame = self.rows(Query(name, kind, filters=filters or {}))
        return frame.drop(columns=[column for column in _BOOKKEEPING if column in frame])

    def reference_of(self, name: str) -> str | None:
        """Return the table that a reference table's ``target_id`` points into, or None.

        Parameters
        ----------
        name
            Table.
        """
        return self._metadata(name)["reference_table"] or None

    def claims_nanometres(self, name: str) -> bool:
        """Return whether a table says that its stored positions are of 1 x 1 x 1 nm.

        Positions that were entered by hand are not, whatever their table says.

        Parameters
        ----------
        name
            Table.
        """
        return bool(self._metadata(name)["voxel_resolution"] == [1.0, 1.0, 1.0])

    def _metadata(self, name: str) -> dict[str, Any]:
        kept = self.folder.read_json(f"metadata-{name}")
        if kept is not None:
            return kept
        version = self.release.version

        def ask(client: Any) -> dict[str, Any]:
            found = client.materialize.get_table_metadata(name, version=version, log_warning=False)
            reference = found.get("reference_table", 0) if isinstance(found, dict) else 0
            if reference is not None and not isinstance(reference, str):
                raise BrokenAnswer("the metadata of the table are not those of one")
            sizes = found.get("voxel_resolution") or []
            return {
                "reference_table": reference,
                "voxel_resolution": [float(size) for size in sizes if size is not None],
            }

        kept = self.connection.call(ask, what=f"reading the metadata of table {name!r}")
        self.folder.write_json(f"metadata-{name}", kept)
        return kept

    def joined(self, name: str, *, kind: Kind = "table") -> tuple[pd.DataFrame, dict[str, int]]:
        """Return a table of cells with root ids and positions, and what did not match.

        A reference table is joined to its base here, not on the server: row limits and counts
        stay those of plain tables, and a row without a base is counted rather than lost.
        The column ``cell_id`` is the id of the base row (the nucleus), stable over versions.

        Parameters
        ----------
        name
            Table or view.
        kind
            ``"table"`` or ``"view"``.
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
