"""Root ids change with every edit: which are current, and what became of the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import UnknownName
from connectome_graph.model.columns import root_ids
from connectome_graph.sources.cave._answers import BrokenAnswer
from connectome_graph.sources.cave._connect import session_of
from connectome_graph.sources.cave._credentials import Token
from connectome_graph.sources.cave._datastack import Datastack
from connectome_graph.sources.cave._ids import Ids, positive_ids
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._release import Version
from connectome_graph.sources.cave._session import Session

__all__ = ["StaleRootIds", "current", "latest_ids", "require_current", "successors"]

_CHUNK = 1_000
_SHOWN = 5


class StaleRootIds(UnknownName):
    """Root ids that are not those of the pinned version; `latest` maps them.

    Parameters
    ----------
    message
        What was found and what to do.
    latest
        The table that :func:`latest_ids` returns, for the stale ids.

    Examples
    --------
    >>> issubclass(StaleRootIds, KeyError)
    True
    """

    def __init__(self, message: str, latest: pd.DataFrame) -> None:
        super().__init__(message)
        self.latest = latest


def latest_ids(
    ids: Iterable[Any],
    *,
    datastack: Session | str | Datastack,
    version: Version | None = None,
    token: str | Token | None = None,
    options: FetchOptions | None = None,
) -> pd.DataFrame:
    """Return the root ids that `ids` have become at a version.

    A root id names one state of a neuron; splitting or merging gives it new ids. An id that was
    split has several successors: `latest_id` is the one that kept the largest share of its
    volume, counted in chunks of the segmentation, and `is_split` says that there are others.

    Parameters
    ----------
    ids
        Root ids, positive integers.
    datastack
        A session of :func:`connectome_graph.cave.connect`, or what that function takes.
    version, token, options
        As for :func:`connectome_graph.cave.connect`, where `datastack` is no session.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id``: ``latest_id`` (int64; 0 when nothing is left of it),
        ``overlap`` (share of the old id's chunks, 0 to 1), ``n_successors``, ``is_current``,
        ``is_split``, ``is_merged`` (another of `ids` became the same).

    Raises
    ------
    InvalidArgument
        When ids are not positive integers or the version does not exist.
    RemoteError
        When the server fails.

    Notes
    -----
    Every id that has changed takes three requests.
    """
    given = Token(token) if isinstance(token, str) else token
    del token  # an error keeps the names of its frames
    wanted = positive_ids(ids, name="ids")
    with session_of(datastack, version=version, token=given, options=options) as session:
        return successors(session, wanted)


def successors(session: Session, ids: Ids) -> pd.DataFrame:
    """Return the table of :func:`latest_ids`, all of it within one deadline."""
    with session.connection.fetching():
        return _successors(session, ids)


def _successors(session: Session, ids: Ids) -> pd.DataFrame:
    rows = []
    there = current(session, ids)
    for root, is_current in zip(ids.tolist(), there.tolist(), strict=True):
        if is_current:
            rows.append((root, root, 1.0, 1, True))
            continue
        found, shares = _suggested(session, root)
        best, share = (int(found[0]), float(shares[0])) if len(found) else (0, 0.0)
        rows.append((root, best, share, len(found), False))
    names = ["root_id", "latest_id", "overlap", "n_successors", "is_current"]
    table = pd.DataFrame(rows, columns=names)
    table = table.astype({"root_id": np.int64, "latest_id": np.int64, "is_current": bool})
    table["is_split"] = table["n_successors"] > 1
    table["is_merged"] = table["latest_id"].duplicated(keep=False) & (table["latest_id"] > 0)
    return table.set_index("root_id")


def current(session: Session, ids: Ids) -> np.ndarray[Any, Any]:
    """Return which ids are roots at the version's moment."""
    connection, moment = session.connection, session.release.moment
    answers = [np.empty(0, bool)]
    for start in range(0, len(ids), _CHUNK):
        part = [int(root) for root in ids[start : start + _CHUNK]]

        def ask(client: Any, part: list[int] = part) -> np.ndarray[Any, Any]:
            found = np.asarray(client.chunkedgraph.is_latest_roots(part, timestamp=moment), bool)
            if found.shape != (len(part),):
                raise BrokenAnswer(f"{found.size:,} answers came to {len(part):,} root ids")
            return found

        answers.append(connection.call(ask, what="checking whether root ids are current"))
    return np.concatenate(answers)


def _suggested(session: Session, root: int) -> tuple[Ids, np.ndarray[Any, Any]]:
    """Return the successors of a root id, largest share first, without 0."""
    connection, moment = session.connection, session.release.moment

    def ask(client: Any) -> tuple[Any, Any]:
        found, shares = client.chunkedgraph.suggest_latest_roots(
            root, timestamp=moment, return_all=True, return_fraction_overlap=True
        )
        # one share for each chunk that was asked about: an answer cut short adds up to less
        if len(found) != len(shares) or not 0.999 < float(np.sum(shares)) < 1.001:
            raise BrokenAnswer("the shares of the successors do not add up to the whole")
        return found, shares

    found, shares = connection.call(ask, what=f"looking for the successors of {root}")
    # unsigned integers here: next to int64 they would meet in a float
    ids = root_ids(np.asarray(found), name="latest roots")
    order = np.lexsort([ids, -np.asarray(shares, float)])
    order = order[ids[order] > 0]
    return ids[order], np.asarray(shares, float)[order]


def require_current(session: Session, ids: Ids) -> None:
    """Raise unless every id is a root at the pinned version.

    Raises
    ------
    StaleRootIds
        With the latest ids of the first few, and the whole map as an attribute.
    """
    stale = ids[~current(session, ids)]
    if not len(stale):
        return
    shown = successors(session, stale[:_SHOWN])
    became = "; ".join(
        f"{root} -> {row.latest_id}" + (f" (split into {row.n_successors})" if row.is_split else "")
        for root, row in zip(shown.index, shown.itertuples(), strict=True)
    )
    raise StaleRootIds(
        f"{len(stale):,} of the given root ids are not those of {session.stack.name} version "
        f"{session.release.version} ({session.release.timestamp}): {became}. "
        f"latest_ids(ids, datastack={session.datastack!r}, version={session.version}) "
        f"maps all of them and reports splits",
        shown,
    )
