"""Root ids change with every edit: which are current, and what became of the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import UnknownName
from connectome_graph.model.columns import root_ids
from connectome_graph.sources.cave._credentials import Token
from connectome_graph.sources.cave._datastacks import Datastack, datastack
from connectome_graph.sources.cave._ids import Ids, positive_ids
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._pinned import Pinned, pin

__all__ = ["StaleRootIds", "latest_ids", "require_current", "successors"]

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
    datastack: str | Datastack,
    version: int | str,
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
        A registered name, or an entry of your own.
    version
        The materialization version whose ids are wanted, or ``"latest"``.
    token
        A CAVE token, or None for the one stored on this computer.
    options
        Patience and concurrency.

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
    wanted = positive_ids(ids, name="ids")
    settings = options or FetchOptions()
    with pin(_stack(datastack), version, token=token, options=settings) as pinned:
        return successors(pinned, wanted)


def _stack(name: str | Datastack) -> Datastack:
    return datastack(name)


def successors(pinned: Pinned, ids: Ids) -> pd.DataFrame:
    """Return the table of :func:`latest_ids` for a pinned datastack."""
    rows = []
    current = _current(pinned, ids)
    for root, is_current in zip(ids.tolist(), current.tolist(), strict=True):
        if is_current:
            rows.append((root, root, 1.0, 1, True))
            continue
        found, shares = _suggested(pinned, root)
        best, share = (int(found[0]), float(shares[0])) if len(found) else (0, 0.0)
        rows.append((root, best, share, len(found), False))
    names = ["root_id", "latest_id", "overlap", "n_successors", "is_current"]
    table = pd.DataFrame(rows, columns=names)
    table = table.astype({"root_id": np.int64, "latest_id": np.int64, "is_current": bool})
    table["is_split"] = table["n_successors"] > 1
    table["is_merged"] = table["latest_id"].duplicated(keep=False) & (table["latest_id"] > 0)
    return table.set_index("root_id")


def _moment(pinned: Pinned) -> dt.datetime:
    return dt.datetime.fromisoformat(pinned.release.timestamp)


def _current(pinned: Pinned, ids: Ids) -> np.ndarray[Any, Any]:
    """Return which ids are roots at the version's moment."""
    connection, moment = pinned.connection, _moment(pinned)
    answers = [np.empty(0, bool)]
    for start in range(0, len(ids), _CHUNK):
        part = [int(root) for root in ids[start : start + _CHUNK]]

        def ask(client: Any, part: list[int] = part) -> np.ndarray[Any, Any]:
            graph = connection.chunkedgraph(client)
            return np.asarray(graph.is_latest_roots(part, timestamp=moment), bool)

        answers.append(connection.call(ask, what="checking whether root ids are current"))
    return np.concatenate(answers)


def _suggested(pinned: Pinned, root: int) -> tuple[Ids, np.ndarray[Any, Any]]:
    """Return the successors of a root id, largest share first, without 0."""
    connection, moment = pinned.connection, _moment(pinned)

    def ask(client: Any) -> tuple[Any, Any]:
        graph = connection.chunkedgraph(client)
        found, shares = graph.suggest_latest_roots(
            root, timestamp=moment, return_all=True, return_fraction_overlap=True
        )
        return found, shares

    found, shares = connection.call(ask, what=f"looking for the successors of {root}")
    # unsigned integers here: next to int64 they would meet in a float
    ids = root_ids(np.asarray(found), name="latest roots")
    order = np.lexsort([ids, -np.asarray(shares, float)])
    order = order[ids[order] > 0]
    return ids[order], np.asarray(shares, float)[order]


def require_current(pinned: Pinned, ids: Ids) -> None:
    """Raise unless every id is a root at the pinned version.

    Raises
    ------
    StaleRootIds
        With the latest ids of the first few, and the whole map as an attribute.
    """
    stale = ids[~_current(pinned, ids)]
    if not len(stale):
        return
    shown = successors(pinned, stale[:_SHOWN])
    became = "; ".join(
        f"{root} -> {row.latest_id}" + (f" (split into {row.n_successors})" if row.is_split else "")
        for root, row in zip(shown.index, shown.itertuples(), strict=True)
    )
    raise StaleRootIds(
        f"{len(stale):,} of the given root ids are not those of {pinned.stack.name} version "
        f"{pinned.release.version} ({pinned.release.timestamp}): {became}. "
        f"latest_ids(ids, datastack={pinned.stack.name!r}, version={pinned.release.version}) "
        f"maps all of them and reports splits",
        shown,
    )
