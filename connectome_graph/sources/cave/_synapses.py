"""Synapses: between neurons, out of them, or into them.

What cannot be part of a graph is left out and counted: rows whose partner is 0 or missing (a
synapse that ends outside the segmentation). Autapses are kept and counted. Rows are put together
part by part, so that a table of millions is in memory once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidArgument, RemoteError, choice
from connectome_graph.model.columns import as_numbers, get_column, root_ids
from connectome_graph.sources.cave._datastack import Pairs
from connectome_graph.sources.cave._growing import GrowingTable
from connectome_graph.sources.cave._ids import Ids, plain_columns, server_roots
from connectome_graph.sources.cave._parts import Fetched
from connectome_graph.sources.cave._query import Query
from connectome_graph.sources.cave._session import Session
from connectome_graph.sources.cave._space import place

__all__ = ["ROWS", "SynapseRows", "bases_of", "clean_rows", "synapse_query", "synapse_rows"]

#: One row per synapse, or one per connected pair.
ROWS = ("synapses", "pairs")
_PRE, _POST = "pre_pt_root_id", "post_pt_root_id"
_MOST_FILTERED = 5_000
_POSITIONS = ("ctr_pt_position", "post_pt_position", "pre_pt_position")


@dataclass(frozen=True)
class SynapseRows:
    """Synapses at one version.

    Parameters
    ----------
    frame
        ``synapse_id``, ``pre``, ``post`` (int64), ``size`` where the dataset has it,
        ``x_um y_um z_um``; in order of ``synapse_id``. Of pairs: ``pre``, ``post``, ``count``,
        in that order.
    facts
        Source and counts.
    """

    frame: pd.DataFrame
    facts: dict[str, Any]


def synapse_rows(
    session: Session,
    *,
    pre: Ids | None,
    post: Ids | None,
    space: str,
    rows: str = "synapses",
) -> SynapseRows:
    """Return the synapses from `pre` to `post`, without tags; None stands for every partner.

    Parameters
    ----------
    session
        The datastack at its version.
    pre, post
        Root ids; at least one of them. An empty array gives an empty table without a request.
    space
        ``"standard"`` or ``"native"``.
    rows
        ``"synapses"``, or ``"pairs"``: what the server has counted for each pair.

    Raises
    ------
    InvalidArgument
        When neither side is given, or something is asked for that the dataset does not have.
    UnknownName
        When the registered tables are not served at this version.
    """
    choice(rows, ROWS, name="rows")
    if pre is None and post is None:
        raise InvalidArgument("synapses of a whole dataset are not fetched: give pre, post or both")
    if rows == "pairs":
        return _pairs(session, pre, post)
    query = synapse_query(session)
    fetched, kept = _asked(session, query, pre=pre, post=post)
    facts: dict[str, Any] = {}
    frame, counts = _put_together(fetched, _cleaner(session, query, kept, space, facts))
    counts["n_repeated_ids"] += sum(part.sent_twice for part in fetched.parts)
    facts = {**counts, "positions": facts.get("positions", {"position": None, "space": None})}
    facts |= {"source": query.name, "kind": query.kind, "targets": None, "n_synapses": len(frame)}
    return SynapseRows(frame, facts)


def synapse_query(session: Session) -> Query:
    """Return the question for synapses of a datastack, without any ids yet.

    Raises
    ------
    InvalidArgument, UnknownName
        When the datastack has no synapses that the library knows of, or does not serve them.
    """
    kind, name = session.stack.synapses or ("table", session.release.synapse_table or "")
    if not name:
        raise session.stack.lacks("synapse table", "synapses")
    session.check(name, kind, role="synapses", setting="synapses")
    return Query(name, kind, columns=session.stack.synapse_columns if kind == "table" else None)


def bases_of(session: Session) -> tuple[str, ...]:
    own = session.stack.synapse_position
    return _POSITIONS if own is None else (own, *(base for base in _POSITIONS if base != own))


def _asked(
    session: Session,
    query: Query,
    *,
    pre: Ids | None,
    post: Ids | None,
    ends: tuple[str, str] = (_PRE, _POST),
) -> tuple[Fetched, tuple[str, Ids] | None]:
    """Return the rows, asked for in chunks of the side with fewer ids, and what to keep of them.

    Partners too many for one request are all fetched; the column and the ids to keep are
    returned then.
    """
    sides = dict(zip(ends, (pre, post), strict=True))
    by = min(
        (side for side in sides if sides[side] is not None),
        key=lambda side: len(sides[side]),  # type: ignore[arg-type]
    )
    other = ends[1] if by == ends[0] else ends[0]
    partners = sides[other]
    filters: dict[str, tuple[Any, ...]] = {}
    if partners is not None and len(partners) <= _MOST_FILTERED:
        filters[other] = tuple(partners.tolist())
    question = Query(query.name, query.kind, ids_column=by, filters=filters, columns=query.columns)
    chunk = session.options.chunk_size or session.stack.chunk
    fetched = session.asked(question, ids=sides[by], chunk=chunk)
    return fetched, None if partners is None or filters else (other, partners)


def _cleaner(
    session: Session,
    query: Query,
    kept: tuple[str, Ids] | None,
    space: str,
    facts: dict[str, Any],
) -> Callable[[pd.DataFrame], tuple[pd.DataFrame, dict[str, int]]]:
    """Return the function that makes rows as the server sent them rows of a graph."""

    def clean(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
        if not len(frame.columns):
            frame = pd.DataFrame({side: pd.Series([], dtype=np.int64) for side in (_PRE, _POST)})
        needed = [side for side in (_PRE, _POST) if side not in frame.columns]
        if needed:
            raise RemoteError(
                f"{session.datastack}: {query.kind} {query.name!r} has no {' or '.join(needed)}; "
                f"its columns are {', '.join(map(str, frame.columns))}"
            )
        if kept is not None:
            column, ids = kept
            own = server_roots(get_column(frame, column), name=column)
            frame = frame[np.isin(own, ids)].reset_index(drop=True)
        frame, counts = _partners(frame)
        frame, facts["positions"] = place(
            _renamed(frame), bases_of(session), stack=session.stack, space=space
        )
        return frame, counts

    return clean


def _put_together(
    fetched: Fetched, clean: Callable[[pd.DataFrame], tuple[pd.DataFrame, dict[str, int]]]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the rows of all parts as one table in order of synapse id, and their counts."""
    pieces: Iterable[pd.DataFrame] = fetched.pieces() if fetched.parts else [fetched.frame]
    table = GrowingTable(sum(part.rows or 0 for part in fetched.parts))
    counts: dict[str, int] = {}
    for piece in pieces:
        rows, counted = clean(piece)
        counts = {name: counts.get(name, 0) + number for name, number in counted.items()}
        table.add(rows)
    frame, counts["n_repeated_ids"] = table.sorted_by("synapse_id")
    return frame, counts


def clean_rows(
    frame: pd.DataFrame, bases: tuple[str, ...], session: Session, space: str
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return rows of a server as rows of a graph: both partners, positions in um, counts.

    Parameters
    ----------
    frame
        The rows, positions in nm.
    bases
        Names of position columns, the preferred first.
    session, space
        Which transform to use, if any.
    """
    rows, counts = _partners(frame)
    placed, _ = place(_renamed(rows), bases, stack=session.stack, space=space)
    return placed, counts


def _partners(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the rows with a root on both sides, and the counts of the others."""
    missing = (frame[_PRE].isna() | frame[_POST].isna()).to_numpy(dtype=bool)
    pre = server_roots(get_column(frame, _PRE), name=_PRE)
    post = server_roots(get_column(frame, _POST), name=_POST)
    whole = (pre != 0) & (post != 0)
    gone = [
        name
        for name in map(str, frame.columns)
        if name.endswith("_supervoxel_id") or name in ("valid", "created", "superceded_id")
    ]
    rest = frame.drop(columns=[_PRE, _POST, *gone])[whole].reset_index(drop=True)
    counts = {
        "n_missing_partner": int(missing.sum()),
        "n_zero_partner": int((~whole & ~missing).sum()),
        "n_autapses": int((pre == post)[whole].sum()),
        "n_repeated_ids": 0,
    }
    ends = pd.DataFrame({"pre": pre[whole], "post": post[whole]})
    return pd.concat([ends, plain_columns(rest)], axis=1), counts


def _renamed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in the library's names."""
    if "id" in frame.columns:
        frame["id"] = root_ids(get_column(frame, "id"), name="id")
    frame = frame.rename(columns={"id": "synapse_id"})
    if "size" in frame.columns:
        frame["size"] = as_numbers(get_column(frame, "size"), name="size")
    return frame


# ---------------------------------------------------------------- pairs
def _pairs(session: Session, pre: Ids | None, post: Ids | None) -> SynapseRows:
    """Return the connected pairs as the server has counted them.

    Raises
    ------
    InvalidArgument, UnknownName
        When the dataset has no such view, or does not serve it at this version.
    RemoteError
        When the view lacks a column, or holds a count below 1.
    """
    view = session.stack.pairs
    if view is None:
        raise session.stack.lacks("view of aggregated pairs", "pairs")
    session.check(view.name, "view", role="pairs", setting="pairs")
    query = Query(view.name, "view", columns=(view.pre, view.post, view.count))
    fetched, kept = _asked(session, query, pre=pre, post=post, ends=(view.pre, view.post))
    frame = fetched.frame if fetched.parts else _no_pairs(view)
    missing = [name for name in (view.pre, view.post, view.count) if name not in frame.columns]
    if missing:
        raise RemoteError(
            f"{session.datastack}: view {view.name!r} has no {' or '.join(missing)}; its columns "
            f"are {', '.join(map(str, frame.columns))}"
        )
    if kept is not None:
        column, ids = kept
        frame = frame[np.isin(server_roots(get_column(frame, column), name=column), ids)]
    found = pd.DataFrame(
        {
            "pre": server_roots(get_column(frame, view.pre), name=view.pre),
            "post": server_roots(get_column(frame, view.post), name=view.post),
            "count": root_ids(get_column(frame, view.count), name=view.count),
        }
    )
    if (found["count"] < 1).any():
        raise RemoteError(f"{session.datastack}: view {view.name!r} has pairs without a synapse")
    whole = (found["pre"] > 0) & (found["post"] > 0)
    summed = found[whole].groupby(["pre", "post"], sort=True)["count"].sum().reset_index()
    facts = {
        "n_missing_partner": 0,
        "n_zero_partner": int((~whole).sum()),
        "n_autapses": int((summed["pre"] == summed["post"]).sum()),
        "n_repeated_ids": int(whole.sum()) - len(summed),
        "positions": {"position": None, "space": None},
        "source": view.name,
        "kind": "view",
        "targets": None,
        "n_synapses": int(summed["count"].sum()),
        "n_pairs": len(summed),
    }
    return SynapseRows(summed, facts)


def _no_pairs(view: Pairs) -> pd.DataFrame:
    none = pd.Series([], dtype=np.int64)
    return pd.DataFrame({view.pre: none, view.post: none, view.count: none})
