"""Synapses: between neurons, out of them, or into them, with their targets.

What cannot be part of a graph is left out and counted: rows whose partner is 0 or missing (a
synapse that ends outside the segmentation). Autapses are kept and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidArgument, RemoteError, choice
from connectome_graph.model.columns import as_numbers, get_column, root_ids
from connectome_graph.sources.cave._datastacks import Kind
from connectome_graph.sources.cave._ids import Ids, plain_columns, server_roots
from connectome_graph.sources.cave._pinned import Pinned
from connectome_graph.sources.cave._query import Query
from connectome_graph.sources.cave._space import place

__all__ = ["TARGETS", "SynapseRows", "synapse_rows"]

TARGETS = ("auto", "require", "skip")
_PRE, _POST = "pre_pt_root_id", "post_pt_root_id"
_MOST_FILTERED = 5_000
_TARGET_CHUNK = 10_000
_POSITIONS = ("ctr_pt_position", "post_pt_position", "pre_pt_position")


@dataclass(frozen=True)
class SynapseRows:
    """Synapses at one version.

    Parameters
    ----------
    frame
        ``synapse_id``, ``pre``, ``post`` (int64), ``size`` where the dataset has it, ``target``
        and ``target_value`` where it has tags, ``x_um y_um z_um``; in order of ``synapse_id``.
    facts
        Source and counts.
    """

    frame: pd.DataFrame
    facts: dict[str, Any]


def synapse_rows(
    pinned: Pinned, *, pre: Ids | None, post: Ids | None, targets: str = "auto", space: str
) -> SynapseRows:
    """Return the synapses from `pre` to `post`; None stands for every partner.

    Parameters
    ----------
    pinned
        The datastack at its version.
    pre, post
        Root ids; at least one of them. An empty array gives an empty table without a request.
    targets
        ``"auto"`` adds target tags where the version has them, ``"require"`` raises where it has
        not, ``"skip"`` leaves them out.
    space
        ``"standard"`` or ``"native"``.

    Raises
    ------
    InvalidArgument
        When neither side is given, or targets are required and the dataset has none.
    UnknownName
        When the registered tables are not served at this version.
    """
    choice(targets, TARGETS, name="targets")
    if pre is None and post is None:
        raise InvalidArgument("synapses of a whole dataset are not fetched: give pre, post or both")
    kind, name = _source(pinned)
    table = _target_table(pinned, targets)
    columns = pinned.stack.synapse_columns if kind == "table" else None
    frame = _fetched(pinned, kind, name, columns, pre=pre, post=post)
    sent_twice = int(pinned.queries[-1].get("rows_sent_twice", 0))
    frame, facts = _partners(frame)
    facts["n_repeated_ids"] += sent_twice
    frame = _renamed(frame)
    frame, facts["positions"] = place(frame, _bases(pinned), stack=pinned.stack, space=space)
    if table is not None:
        frame, tagged = _with_targets(frame, pinned, table)
        facts |= tagged
    facts |= {"source": name, "kind": kind, "targets": table, "n_synapses": len(frame)}
    return SynapseRows(frame, facts)


def _source(pinned: Pinned) -> tuple[Kind, str]:
    kind, name = pinned.stack.synapses or ("table", pinned.release.synapse_table or "")
    if not name:
        raise pinned.stack.lacks("synapse table", "synapses")
    pinned.check(name, kind, role="synapses", setting="synapses")
    return kind, name


def _bases(pinned: Pinned) -> tuple[str, ...]:
    own = pinned.stack.synapse_position
    return _POSITIONS if own is None else (own, *(base for base in _POSITIONS if base != own))


def _fetched(
    pinned: Pinned,
    kind: Kind,
    name: str,
    columns: tuple[str, ...] | None,
    *,
    pre: Ids | None,
    post: Ids | None,
) -> pd.DataFrame:
    """Return the rows, asked for in chunks of the side with fewer ids."""
    sides = {_PRE: pre, _POST: post}
    by = min(
        (side for side in sides if sides[side] is not None),
        key=lambda side: len(sides[side]),  # type: ignore[arg-type]
    )
    other = _POST if by == _PRE else _PRE
    partners = sides[other]
    filters: dict[str, tuple[Any, ...]] = {}
    if partners is not None and len(partners) <= _MOST_FILTERED:
        filters[other] = tuple(int(root) for root in partners)
    query = Query(name, kind, ids_column=by, filters=filters, columns=columns)
    chunk = pinned.fetcher.options.chunk_size or pinned.stack.chunk
    frame = pinned.rows(query, ids=sides[by], chunk=chunk)
    if not len(frame.columns):
        frame = pd.DataFrame({column: pd.Series([], dtype=np.int64) for column in (_PRE, _POST)})
    needed = [side for side in (_PRE, _POST) if side not in frame.columns]
    if needed:
        raise RemoteError(
            f"{pinned.stack.name}: {kind} {name!r} has no {' or '.join(needed)}; its columns are "
            f"{', '.join(map(str, frame.columns))}"
        )
    if partners is not None and not filters:
        # too many partners for one request: all partners were fetched, these are kept
        frame = frame[np.isin(server_roots(get_column(frame, other), name=other), partners)]
    return frame.reset_index(drop=True)


def _partners(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the rows with a root on both sides, and the counts of the others."""
    missing = (frame[_PRE].isna() | frame[_POST].isna()).to_numpy(dtype=bool)
    pre = server_roots(get_column(frame, _PRE), name=_PRE)
    post = server_roots(get_column(frame, _POST), name=_POST)
    whole = (pre != 0) & (post != 0)
    rest = frame.drop(columns=[_PRE, _POST])[whole].reset_index(drop=True)
    facts: dict[str, Any] = {
        "n_missing_partner": int(missing.sum()),
        "n_zero_partner": int((~whole & ~missing).sum()),
        "n_autapses": int((pre == post)[whole].sum()),
        "n_repeated_ids": 0,
    }
    ends = pd.DataFrame({"pre": pre[whole], "post": post[whole]})
    clean = pd.concat([ends, plain_columns(rest)], axis=1)
    if "id" in clean.columns:
        ids = root_ids(get_column(clean, "id"), name="id")
        facts["n_repeated_ids"] = int(pd.Series(ids).duplicated().sum())
        clean["id"] = ids
        clean = clean.drop_duplicates("id").sort_values("id", kind="stable")
    return clean.reset_index(drop=True), facts


def _renamed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in the library's names, without the server's bookkeeping."""
    gone = [
        name
        for name in map(str, frame.columns)
        if name.endswith("_supervoxel_id") or name in ("valid", "created", "superceded_id")
    ]
    frame = frame.drop(columns=gone).rename(columns={"id": "synapse_id"})
    if "size" in frame.columns:
        frame["size"] = as_numbers(get_column(frame, "size"), name="size")
    return frame


def _target_table(pinned: Pinned, targets: str) -> str | None:
    """Return the target table to use, or None."""
    if targets == "skip" or (targets == "auto" and not pinned.stack.targets):
        return None
    if not pinned.stack.targets:
        raise pinned.stack.lacks("table of postsynaptic targets", "targets")
    for name in pinned.stack.targets:
        if pinned.release.has(name, "table"):
            return name
    if targets == "require":
        name = pinned.stack.targets[0]
        pinned.check(name, "table", role="targets", setting="targets")
    return None


def _with_targets(
    frame: pd.DataFrame, pinned: Pinned, table: str
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the synapses with ``target`` and ``target_value``; untagged stays missing.

    A synapse with two tags gets the one with the higher value, and is counted. The join is made
    here: a server-side join would send such a synapse twice.
    """
    ids = frame["synapse_id"].to_numpy(dtype=np.int64)
    tags = _tags(pinned, table, np.sort(ids))
    target = tags["target_id"].to_numpy(dtype=np.int64)
    value = tags["value"].to_numpy(dtype=float)
    order = np.lexsort([tags["id"].to_numpy(dtype=np.int64), -value, target])
    first = order[~pd.Series(target[order]).duplicated().to_numpy()]
    at = pd.Index(target[first]).get_indexer(ids)
    known = at >= 0
    words = np.full(len(ids), None, dtype=object)
    words[known] = tags["tag"].to_numpy(dtype=object)[first[at[known]]]
    values = np.full(len(ids), np.nan)
    values[known] = value[first[at[known]]]
    frame["target"] = pd.Series(words, index=frame.index).astype(pd.Series(["text"]).dtype)
    frame["target_value"] = values
    return frame, {
        "n_untagged": int((~known).sum()),
        "n_with_several_tags": int(pd.Series(target).duplicated(keep="first").sum()),
    }


def _tags(pinned: Pinned, table: str, synapse_ids: Ids) -> pd.DataFrame:
    """Return ``id, target_id, tag, value`` of the synapses' tags; a table may have no values."""
    query = Query(table, ids_column="target_id")
    tags = plain_columns(pinned.rows(query, ids=synapse_ids, chunk=_TARGET_CHUNK))
    if not len(tags):
        tags = pd.DataFrame({"id": [], "target_id": [], "tag": [], "value": []})
    missing = [name for name in ("id", "target_id", "tag") if name not in tags.columns]
    if missing:
        raise RemoteError(
            f"{pinned.stack.name}: the target table {table!r} has no {' or '.join(missing)}; its "
            f"columns are {', '.join(map(str, tags.columns))}"
        )
    value = (
        np.asarray(as_numbers(get_column(tags, "value"), name="value"), float)
        if "value" in tags.columns
        else np.full(len(tags), np.nan)
    )
    return pd.DataFrame(
        {
            "id": tags["id"].to_numpy(dtype=np.int64),
            "target_id": tags["target_id"].to_numpy(dtype=np.int64),
            "tag": tags["tag"].to_numpy(dtype=object),
            "value": value,
        }
    )
