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

from connectome_graph.errors import InvalidTable, RemoteError, UnknownName, choice
from connectome_graph.model.columns import as_numbers, get_column, root_ids
from connectome_graph.sources.cave._datastacks import Cells, Labels
from connectome_graph.sources.cave._ids import Ids, plain_columns, server_roots
from connectome_graph.sources.cave._pinned import Pinned
from connectome_graph.sources.cave._proofreading import (
    Proofread,
    proofread_cells,
    soma_less_axons,
    with_proofreading,
)
from connectome_graph.sources.cave._relabel import Relabelling, relabelled
from connectome_graph.sources.cave._space import place

__all__ = ["AXONS_WITHOUT_SOMA", "CellTable", "cell_table"]

AXONS_WITHOUT_SOMA = ("drop", "add")
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
    pinned: Pinned,
    *,
    space: str,
    stale: str = "downgrade",
    axons_without_soma: str = "drop",
    relabel: Relabelling | None = None,
    also: Ids | None = None,
) -> CellTable:
    """Return the cell table of a datastack at its pinned version.

    Parameters
    ----------
    pinned
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

    Raises
    ------
    UnknownName
        When a registered table is not served at this version.
    """
    choice(axons_without_soma, AXONS_WITHOUT_SOMA, name="axons_without_soma")
    frame, facts = _cells(pinned)
    frame, facts["dropped"] = _one_root_each(frame)
    if pinned.stack.labels is not None:
        frame, facts["labels"] = _with_labels(frame, pinned, pinned.stack.labels)
    frame = _with_marks(frame, pinned)
    has_soma = pd.Series(data=True, index=frame.index)
    proofread = proofread_cells(pinned, stale=stale)
    outside = soma_less_axons(proofread, frame["root_id"].to_numpy(dtype=np.int64))
    facts["proofreading"] = proofread.facts
    facts["n_axons_without_soma"] = len(outside)
    facts["axons_without_soma"] = axons_without_soma
    extra = _extra_rows(frame, outside if axons_without_soma == "add" else None, also)
    frame = pd.concat([frame, extra], ignore_index=True) if len(extra) else frame
    soma = np.arange(len(frame)) < len(has_soma)
    frame = _with_proofreading(frame, proofread, soma, pinned)
    frame, facts["positions"] = place(frame, [_POSITION], stack=pinned.stack, space=space)
    if relabel:
        frame, facts["n_relabelled"] = relabelled(frame, relabel)
    frame = frame.sort_values("root_id", kind="stable").reset_index(drop=True)
    facts["n_cells"] = len(frame)
    return CellTable(frame, facts)


def _with_proofreading(
    frame: pd.DataFrame, proofread: Proofread, soma: Any, pinned: Pinned
) -> pd.DataFrame:
    if not pinned.stack.proofreading:
        return frame
    own = [f"{kind}_{side}" for kind in ("status", "strategy") for side in ("axon", "dendrite")]
    # a cell-info view may carry its own status columns; those of the checked table win
    frame = frame.drop(columns=[name for name in own if name in frame.columns])
    return with_proofreading(frame, proofread, has_soma=soma)


def _source(pinned: Pinned) -> Cells:
    """Return the first registered table or view of cells that this version serves."""
    options = pinned.stack.cells
    if not options:
        raise pinned.stack.lacks("table of cells", "cells")
    for cells in options:
        if pinned.release.has(cells.name, cells.kind):
            return cells
    last = options[-1]
    pinned.check(last.name, last.kind, role="cells", setting="cells")
    return last


def _cells(pinned: Pinned) -> tuple[pd.DataFrame, dict[str, Any]]:
    source = _source(pinned)
    frame, lost = pinned.joined(source.name, kind=source.kind)
    facts: dict[str, Any] = {"source": source.name, "kind": source.kind, "n_rows": len(frame)}
    if "pt_root_id" not in frame.columns:
        raise RemoteError(
            f"{pinned.stack.name}: {source.kind} {source.name!r} has no 'pt_root_id'; its columns "
            f"are {', '.join(map(str, frame.columns))}"
        )
    frame = plain_columns(_without_bookkeeping(frame)).rename(columns=dict(source.rename))
    for column, values in source.relabel.items():
        if column in frame.columns:
            frame[column] = frame[column].replace(dict(values))
    return frame, facts | {key: count for key, count in lost.items() if count}


def _without_bookkeeping(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame without supervoxels, bounding boxes and reference bookkeeping."""
    gone = [
        name
        for name in map(str, frame.columns)
        if name.endswith(("_supervoxel_id", "_ref")) or name.startswith(("bb_start", "bb_end"))
    ]
    return frame.drop(columns=gone)


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


def _with_labels(
    frame: pd.DataFrame, pinned: Pinned, labels: Labels
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the cells with a column for each system of labels.

    A cell with several labels in one system gets them joined by a comma, and is counted.
    """
    pinned.check(labels.name, "table", role="labels", setting="labels")
    rows = plain_columns(
        pinned.whole(labels.name, filters={labels.system_column: tuple(labels.systems)})
    )
    counts: dict[str, int] = {"n_label_rows": len(rows), "n_cells_with_several_labels": 0}
    ids = frame["cell_id"].to_numpy(dtype=np.int64)
    for system, column in labels.systems.items():
        own = rows[rows[labels.system_column] == system]
        own = own.dropna(subset=[labels.label_column])
        target = root_ids(get_column(own, "target_id"), name="target_id")
        pairs = pd.DataFrame({"target": target, "label": own[labels.label_column].to_numpy()})
        pairs = pairs.drop_duplicates().sort_values(["target", "label"], kind="stable")
        several = pairs["target"].duplicated()
        counts["n_cells_with_several_labels"] += int(pairs.loc[several, "target"].nunique())
        by_cell = pairs.groupby("target")["label"].agg(", ".join).to_dict()
        words = [by_cell.get(cell) for cell in ids.tolist()]
        text_type = pd.Series(["text"]).dtype
        frame[column] = pd.Series(words, index=frame.index, dtype=object).astype(text_type)
    return frame, counts


def _with_marks(frame: pd.DataFrame, pinned: Pinned) -> pd.DataFrame:
    """Return the cells with ``is_column`` and ``coreg``, where the dataset has such tables."""
    if pinned.stack.column is not None:
        frame["is_column"] = _member(frame, pinned, pinned.stack.column, "column")
    served = [name for name in pinned.stack.coregistration if pinned.release.has(name, "table")]
    if served:
        frame["coreg"] = _member(frame, pinned, served[0], "coregistration")
    elif pinned.stack.coregistration:
        name = pinned.stack.coregistration[0]
        pinned.check(name, "table", role="coregistration", setting="coregistration")
    return frame


def _member(frame: pd.DataFrame, pinned: Pinned, name: str, setting: str) -> Any:
    """Return which cells a table lists: by the cell's id if it refers to them, else by root."""
    pinned.check(name, "table", role=setting, setting=setting)
    rows = pinned.whole(name)
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
