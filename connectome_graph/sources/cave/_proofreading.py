"""Proofreading: which axons and dendrites are believed, as columns of the cell table.

Trust is 0 none, 1 clean, 2 complete. For datasets with ``status_*`` and ``strategy_*`` columns it
is what the strategy is worth (:data:`connectome_graph.policies.STRATEGIES`) where the status says
that it was carried out, and a dendrite is 1 wherever there is a soma. For the other datasets
being listed as proofread, with the column that says so, gives the registered trust on both sides.
An entry that was made for another root id is worth one less.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import RemoteError, choice
from connectome_graph.model.columns import as_bool, get_column
from connectome_graph.model.policies import STRATEGIES
from connectome_graph.sources.cave._datastack import Proofreading
from connectome_graph.sources.cave._ids import Ids, plain_columns, server_roots
from connectome_graph.sources.cave._session import Session

__all__ = ["STALE", "Proofread", "proofread_cells", "with_proofreading"]

STALE = ("downgrade", "keep")
_NOTHING = "none"


@dataclass(frozen=True)
class Proofread:
    """The proofread cells of a dataset, one row per root id.

    Parameters
    ----------
    table
        Indexed by root id: ``status_*`` (bool), ``strategy_*`` (text), ``*_trust`` (0, 1, 2),
        and the position of the proofread point in nm where the server sends one.
    soma_is_enough
        Whether a cell without an entry has a trusted dendrite.
    facts
        Entries read, stale, repeated and without a root.
    """

    table: pd.DataFrame
    soma_is_enough: bool
    facts: dict[str, Any] = field(default_factory=dict)


def proofread_cells(session: Session, *, stale: str) -> Proofread:
    """Return the proofread cells at the pinned version.

    Parameters
    ----------
    session
        The datastack at its version.
    stale
        What happens to an entry whose ``valid_id``, the root id that was judged, is no longer
        the cell's: ``"downgrade"`` its trust by one, or ``"keep"`` it. Counted; the status and
        strategy columns say what the server says.

    Raises
    ------
    UnknownName
        When a registered table is not served at this version.
    RemoteError
        When a table lacks the columns its rule needs.
    """
    choice(stale, STALE, name="stale_proofreading")
    tables, facts = [], {}
    for entry in session.stack.proofreading:
        session.check(entry.name, "table", role="proofreading", setting="proofreading")
        table, counted = _entry(session, entry, stale)
        tables.append(table)
        facts[entry.name] = counted
    enough = any(entry.rule == "status" for entry in session.stack.proofreading)
    if not tables:
        return Proofread(pd.DataFrame(index=pd.Index([], dtype=np.int64)), soma_is_enough=False)
    together = pd.concat(tables).sort_values(
        ["axon_trust", "dendrite_trust"], ascending=False, kind="stable"
    )
    best = together[~together.index.duplicated()].sort_index()
    return Proofread(best, enough, facts)


def _entry(
    session: Session, entry: Proofreading, stale: str
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return one table of proofread cells with trust columns, and its counts."""
    frame, lost = session.joined(entry.name)
    if "pt_root_id" not in frame.columns:
        raise RemoteError(
            f"{session.stack.name}: the proofreading table {entry.name!r} has no 'pt_root_id'; "
            f"its columns are {', '.join(map(str, frame.columns))}"
        )
    roots = server_roots(get_column(frame, "pt_root_id"), name="pt_root_id")
    facts: dict[str, Any] = {
        **lost,
        "n_entries": len(frame),
        "n_without_root": int((roots == 0).sum()),
    }
    if entry.flag is not None:
        frame, roots = _flagged(frame, roots, entry, facts, datastack=session.stack.name)
    changed = np.zeros(len(frame), bool)
    if "valid_id" in frame.columns:
        judged = server_roots(get_column(frame, "valid_id"), name="valid_id")
        changed = (judged != roots) & (roots != 0)
        facts["n_changed_since_proofreading"] = int(changed.sum())
    listed = entry.rule == "listed"
    table = _listed(frame, entry) if listed else _statuses(frame, entry, facts)
    for side in ("axon", "dendrite"):
        level = table[f"{side}_trust"].to_numpy(dtype=np.int8)
        lower = changed & (level > 0) if stale == "downgrade" else np.zeros(len(frame), bool)
        table[f"{side}_trust"] = level - lower.astype(np.int8)
    for axis in "xyz":
        if f"pt_position_{axis}" in frame.columns:
            table[f"pt_position_{axis}"] = frame[f"pt_position_{axis}"]
    table.index = pd.Index(roots, name="root_id")
    table = table[roots != 0]
    return _one_each(table, changed[roots != 0], facts), facts


def _flagged(
    frame: pd.DataFrame, roots: Ids, entry: Proofreading, facts: dict[str, Any], *, datastack: str
) -> tuple[pd.DataFrame, Ids]:
    """Return the entries that are marked as proofread; the others are listed, and not."""
    flag = str(entry.flag)
    if flag not in frame.columns:
        raise RemoteError(
            f"{datastack}: the proofreading table {entry.name!r} has no column {flag!r}, which "
            f"says who was proofread; its columns are {', '.join(map(str, frame.columns))}. If "
            f"being listed means being proofread, register it with flag=None"
        )
    said = frame[flag].notna().to_numpy(dtype=bool)
    marked = np.zeros(len(frame), bool)
    marked[said] = as_bool(frame[flag][said].array, name=flag)
    facts["n_not_proofread"] = int((~marked).sum())
    return frame[marked].reset_index(drop=True), roots[marked]


def _listed(frame: pd.DataFrame, entry: Proofreading) -> pd.DataFrame:
    table = pd.DataFrame(index=frame.index)
    for side, trust in (("axon", entry.axon_trust), ("dendrite", entry.dendrite_trust)):
        table[f"status_{side}"] = trust > 0
        table[f"strategy_{side}"] = entry.name if trust else _NOTHING
        table[f"{side}_trust"] = np.int8(trust)
    return table


def _statuses(frame: pd.DataFrame, entry: Proofreading, facts: dict[str, Any]) -> pd.DataFrame:
    missing = [name for name in ("status_axon", "status_dendrite") if name not in frame.columns]
    if missing:
        raise RemoteError(
            f"the proofreading table {entry.name!r} has no {' or '.join(missing)}; its columns "
            f"are {', '.join(map(str, frame.columns))}. If being listed means being proofread, "
            f"register it with Proofreading({entry.name!r}, rule='listed', axon_trust=1, ...)"
        )
    plain = plain_columns(frame)
    table = pd.DataFrame(index=frame.index)
    for side in ("axon", "dendrite"):
        status = as_bool(get_column(frame, f"status_{side}"), name=f"status_{side}")
        name = f"strategy_{side}"
        strategy = (
            plain[name].fillna(_NOTHING)
            if name in plain.columns
            else pd.Series(_NOTHING, index=frame.index)
        )
        table[f"status_{side}"] = status
        table[name] = strategy
        # a status without a strategy, or with one that nobody has described, is clean
        worth = strategy.map({**STRATEGIES, _NOTHING: 1, **entry.strategies})
        facts[f"{side}_strategies"] = strategy[status].value_counts().sort_index().to_dict()
        facts[f"n_unknown_{side}_strategies"] = int(worth[status].isna().sum())
        table[f"{side}_trust"] = np.where(status, worth.fillna(1), 0).astype(np.int8)
    return table


def _one_each(
    table: pd.DataFrame, changed: np.ndarray[Any, Any], facts: dict[str, Any]
) -> pd.DataFrame:
    """Return one row per root: entries that still hold before stale ones, then the lower trust."""
    facts["n_repeated_entries"] = int(table.index.duplicated().sum())
    keys = [table["dendrite_trust"], table["axon_trust"], pd.Series(changed), table.index]
    order = np.lexsort([key.to_numpy() for key in keys])
    table = table.iloc[order]
    return table[~table.index.duplicated()]


def with_proofreading(cells: pd.DataFrame, proofread: Proofread, *, has_soma: Any) -> pd.DataFrame:
    """Return the cells with status, strategy and trust; a cell without an entry has none.

    Parameters
    ----------
    cells
        With a column ``root_id``.
    proofread
        The proofread cells.
    has_soma
        Boolean array, one entry per cell.
    """
    at = proofread.table.index.get_indexer(pd.Index(cells["root_id"]))
    listed = at >= 0
    joined = cells.copy()
    for side in ("axon", "dendrite"):
        status = np.zeros(len(cells), bool)
        trust = np.zeros(len(cells), np.int8)
        strategy = np.full(len(cells), _NOTHING, dtype=object)
        if listed.any():
            entries = proofread.table.iloc[at[listed]]
            status[listed] = entries[f"status_{side}"].to_numpy(dtype=bool)
            trust[listed] = entries[f"{side}_trust"].to_numpy(dtype=np.int8)
            strategy[listed] = entries[f"strategy_{side}"].to_numpy(dtype=object)
        if side == "dendrite" and proofread.soma_is_enough:
            # synapses onto a dendrite with a soma are nearly always right, proofread or not
            trust = np.maximum(trust, np.asarray(has_soma, np.int8))
        joined[f"status_{side}"] = status
        joined[f"strategy_{side}"] = pd.Series(strategy, index=cells.index).astype(
            pd.Series(["text"]).dtype
        )
        joined[f"{side}_trust"] = trust
    return joined


def soma_less_axons(proofread: Proofread, roots: Ids) -> pd.DataFrame:
    """Return the proofread axons among entries that are no cell of the table."""
    table = proofread.table
    if not len(table):
        return table
    outside = ~table.index.isin(roots) & table["status_axon"].to_numpy(dtype=bool)
    return table.iloc[np.flatnonzero(outside)]
