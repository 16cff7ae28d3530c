"""The cell table: one row per cell, types, proofreading and position, as the tutorials make it.

The steps are those of the MICrONS tutorial's preparation: take the table of cells, drop root ids
that are 0 or shared by two cells (two nuclei in one segment), join the proofreading, mark the
column and the functionally matched cells, and put positions into the space of the pia.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import (
    InvalidTable,
    RemoteError,
    UnknownName,
    choice,
)
from connectome_graph.model.columns import as_numbers, get_column, root_ids
from connectome_graph.sources.cave._datastack import Cells, Kind
from connectome_graph.sources.cave._datastacks import DATASTACKS
from connectome_graph.sources.cave._ids import Ids, server_roots
from connectome_graph.sources.cave._labels import named, with_labels, with_types
from connectome_graph.sources.cave._proofreading import (
    Proofread,
    proofread_cells,
    soma_less_axons,
    with_proofreading,
)
from connectome_graph.sources.cave._relabel import Relabelling, relabelled
from connectome_graph.sources.cave._session import Session
from connectome_graph.sources.cave._space import in_nanometres, place

__all__ = ["AXONS_WITHOUT_SOMA", "REPEATED_CELLS", "CellTable", "cell_table"]

AXONS_WITHOUT_SOMA = ("drop", "add")
REPEATED_CELLS = ("first", "raise")
_POSITION = "pt_position"


@dataclass(frozen=True)
class CellTable:
    """The cells of a dataset at one version.

    Parameters
    ----------
    frame
        ``root_id`` (int64, unique, never 0), ``cell_id``, the types, ``status_*``,
        ``strategy_*``, ``*_trust``, and ``x_um y_um z_um``; in ascending order of root id.
    facts
        Source, counts of every row left out, space.
    """

    frame: pd.DataFrame
    facts: dict[str, Any]


def cell_table(
    session: Session,
    *,
    space: str,
    stale: str = "downgrade",
    axons_without_soma: str = "drop",
    relabel: Relabelling | None = None,
    also: Ids | None = None,
    source: str | None = None,
    repeated_cells: str = "first",
    resolution_nm: tuple[float, float, float] | None = None,
) -> CellTable:
    """Return the cell table of a datastack at its pinned version.

    Parameters
    ----------
    session
        The datastack at its version.
    space
        ``"standard"`` or ``"native"``.
    stale
        ``"downgrade"`` or ``"keep"`` proofreading of a cell that has changed since.
    axons_without_soma
        ``"drop"`` proofread axons that belong to no cell of the table (thalamic axons), or
        ``"add"`` them as neurons with an axon and no dendrite.
    relabel
        Manual corrections of labels.
    also
        Root ids to add as rows without a type when the table does not have them.
    source
        Another table or view of cells than the first registered one.
    repeated_cells
        A cell that is listed twice is one cell: the ``"first"`` row of it is taken, or
        ``"raise"``.
    resolution_nm
        Unit of the positions of a table that claims 1 x 1 x 1 nm.

    Raises
    ------
    UnknownName
        When a table is not served at this version.
    InvalidTable
        When a cell is listed twice and that raises.
    RemoteError
        When the table has no cells, or lacks a column.
    """
    choice(axons_without_soma, AXONS_WITHOUT_SOMA, name="axons_without_soma")
    choice(repeated_cells, REPEATED_CELLS, name="repeated_cells")
    frame, facts = _cells(session, source)
    frame, facts["n_repeated_cells"] = _one_row_each(frame, repeated_cells, session)
    frame, facts["dropped"] = _one_root_each(frame)
    frame, unit = in_nanometres(frame, session, facts, resolution_nm)
    if session.stack.types is not None and session.stack.types.name != facts["source"]:
        frame, facts["types"] = with_types(frame, session, session.stack.types)
    if session.stack.labels is not None:
        frame, facts["labels"] = with_labels(frame, session, session.stack.labels)
    frame, facts["left_out"] = _with_marks(frame, session)
    has_soma = pd.Series(data=True, index=frame.index)
    proofread = proofread_cells(session, stale=stale)
    outside = soma_less_axons(proofread, frame["root_id"].to_numpy(dtype=np.int64))
    facts["proofreading"] = proofread.facts
    facts["n_axons_without_soma"] = len(outside)
    facts["axons_without_soma"] = axons_without_soma
    extra = _extra_rows(frame, outside if axons_without_soma == "add" else None, also)
    frame = pd.concat([frame, extra], ignore_index=True) if len(extra) else frame
    soma = np.arange(len(frame)) < len(has_soma)
    frame = _with_proofreading(frame, proofread, soma, session)
    frame, placed = place(frame, [_POSITION], stack=session.stack, space=space)
    facts["positions"] = {**placed, **unit}
    if relabel:
        frame, facts["n_relabelled"] = relabelled(frame, relabel)
    frame = frame.sort_values("root_id", kind="stable").reset_index(drop=True)
    facts["n_cells"] = len(frame)
    return CellTable(frame, facts)


def _with_proofreading(
    frame: pd.DataFrame, proofread: Proofread, soma: Any, session: Session
) -> pd.DataFrame:
    if not session.stack.proofreading:
        return frame
    own = [f"{kind}_{side}" for kind in ("status", "strategy") for side in ("axon", "dendrite")]
    # a cell-info view may carry its own status columns; those of the checked table win
    frame = frame.drop(columns=[name for name in own if name in frame.columns])
    return with_proofreading(frame, proofread, has_soma=soma)


def _source(session: Session, wanted: str | None) -> Cells:
    """Return the table or view of cells: the one that was named, or the first registered.

    Another registered one is never taken in its place: it has other cells.

    Raises
    ------
    InvalidArgument
        When the library knows of none.
    UnknownName
        When it is not served at this version.
    """
    options = session.stack.cells
    if wanted is not None:
        known = next((cells for cells in options if cells.name == wanted), None)
        kind: Kind = "view" if session.has(wanted, "view") else "table"
        cells = known or Cells(wanted, kind)
        session.check(cells.name, cells.kind, role="cells", setting="cells")
        return cells
    if not options:
        raise session.stack.lacks("table of cells", "cells")
    first = options[0]
    if session.has(first.name, first.kind):
        return first
    others = [cells.name for cells in options[1:] if session.has(cells.name, cells.kind)]
    if others:
        raise UnknownName(
            f"{session.datastack} version {session.version} does not serve the {first.kind} of "
            f"cells {first.name!r}. It serves {', '.join(map(repr, others))}, with other cells; to "
            f"take that one, say so: cell_table={others[0]!r}"
        )
    session.check(first.name, first.kind, role="cells", setting="cells")
    return first


def _cells(session: Session, wanted: str | None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the rows of the table of cells in the library's names, and what they came from."""
    source = _source(session, wanted)
    frame, lost = session.joined(source.name, kind=source.kind)
    if "pt_root_id" not in frame.columns:
        raise RemoteError(
            f"{session.datastack}: {source.kind} {source.name!r} has no 'pt_root_id'; its columns "
            f"are {', '.join(map(str, frame.columns))}"
        )
    if not len(frame):
        raise RemoteError(
            f"{session.datastack}: {source.kind} {source.name!r} has no rows; a graph without a "
            f"cell is refused rather than built"
        )
    if source.cell_id is not None:
        if source.cell_id not in frame.columns:
            raise RemoteError(
                f"{session.datastack}: {source.kind} {source.name!r} has no column "
                f"{source.cell_id!r}, the id of a cell that stays; its columns are "
                f"{', '.join(map(str, frame.columns))}"
            )
        frame["cell_id"] = root_ids(get_column(frame, source.cell_id), name=source.cell_id)
        frame = frame.drop(columns=source.cell_id)
    facts: dict[str, Any] = {"source": source.name, "kind": source.kind, "n_rows": len(frame)}
    facts |= {key: count for key, count in lost.items() if count}
    return named(frame, source), facts


def _one_row_each(frame: pd.DataFrame, repeated: str, session: Session) -> tuple[pd.DataFrame, int]:
    """Return one row per cell, the first of each, and how many others there were."""
    key = "cell_id" if "cell_id" in frame.columns else "pt_root_id"
    again = frame[key].duplicated() & frame[key].notna()
    if key == "pt_root_id":
        # without an id of its own only a row that is alike in everything is the same cell
        again &= frame.duplicated()
    n = int(again.sum())
    if n and repeated == "raise":
        first = frame.loc[again, key].iloc[0]
        raise InvalidTable(
            f"{n:,} rows of {session.datastack}'s cells list a cell that another row lists (first: "
            f"{key} {first}); repeated_cells='first' takes the first row of each"
        )
    return frame[~again].reset_index(drop=True), n


def _one_root_each(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the rows whose root id is theirs alone, and the counts of those left out."""
    roots = server_roots(get_column(frame, "pt_root_id"), name="pt_root_id")
    missing = frame["pt_root_id"].isna().to_numpy()
    empty = roots == 0
    shared = pd.Series(roots).duplicated(keep=False).to_numpy() & ~empty
    keep = ~(empty | shared)
    clean = frame.drop(columns="pt_root_id")[keep].reset_index(drop=True)
    clean.insert(0, "root_id", roots[keep])
    return clean, {
        "n_missing_root_ids": int(missing.sum()),
        "n_zero_root_ids": int((empty & ~missing).sum()),
        "n_rows_sharing_a_root": int(shared.sum()),
        "n_shared_roots": len(np.unique(roots[shared])),
    }


def _with_marks(frame: pd.DataFrame, session: Session) -> tuple[pd.DataFrame, list[str]]:
    """Return the cells with ``is_column`` and ``coreg``, and which of the two had to be left out.

    They are extras of the registry: where nobody asked for them and a version does not have
    their tables, the graph is the same without.
    """
    registered = DATASTACKS.get(session.datastack)
    column = (session.stack.column,) if session.stack.column else ()
    left_out = []
    for mark, names, setting in (
        ("is_column", column, "column"),
        ("coreg", session.stack.coregistration, "coregistration"),
    ):
        served = next((name for name in names if session.has(name, "table")), None)
        own = registered is None or getattr(registered, setting) != getattr(session.stack, setting)
        if served is not None:
            frame[mark] = _member(frame, session, served)
        elif names and own:
            session.check(names[0], "table", role=setting, setting=setting)
        elif names:
            left_out.append(mark)
    return frame, left_out


def _member(frame: pd.DataFrame, session: Session, name: str) -> Any:
    """Return which cells a table lists: by the cell's id if it refers to them, else by root."""
    rows = session.whole(name)
    if "target_id" in rows.columns and "cell_id" in frame.columns:
        listed = root_ids(get_column(rows, "target_id"), name="target_id")
        return frame["cell_id"].isin(listed[listed > 0]).to_numpy(dtype=bool)
    if "pt_root_id" not in rows.columns:
        raise UnknownName(
            f"table {name!r} has neither 'target_id' nor 'pt_root_id'; its columns are "
            f"{', '.join(map(str, rows.columns))}"
        )
    listed = server_roots(get_column(rows, "pt_root_id"), name="pt_root_id")
    return frame["root_id"].isin(listed[listed > 0]).to_numpy(dtype=bool)


def _extra_rows(frame: pd.DataFrame, axons: pd.DataFrame | None, also: Ids | None) -> pd.DataFrame:
    """Return rows for neurons that are no cell of the table: axons, and ids asked for."""
    known = frame["root_id"].to_numpy(dtype=np.int64)
    own: list[Ids] = [] if axons is None else [axons.index.to_numpy(dtype=np.int64)]
    if also is not None:
        own.append(also)
    roots = np.setdiff1d(np.concatenate(own), known) if own else np.empty(0, np.int64)
    extra = frame.iloc[:0].reindex(range(len(roots)))
    if not len(roots):
        return frame.iloc[:0]
    extra["root_id"] = roots
    for name in frame.columns:
        if frame[name].dtype == bool:
            extra[name] = False
        elif name == "cell_id":
            extra[name] = pd.array([None] * len(roots), dtype="Int64")
    if axons is not None and f"{_POSITION}_x" in axons.columns:
        at = axons.index.get_indexer(pd.Index(roots))
        for axis in "xyz":
            place_nm = as_numbers(get_column(axons, f"{_POSITION}_{axis}"), name=_POSITION)
            extra[f"{_POSITION}_{axis}"] = np.where(at >= 0, place_nm[np.maximum(at, 0)], np.nan)
    if extra["root_id"].dtype != np.int64:
        raise InvalidTable("root ids of added neurons are not int64")
    return extra
