"""Synapses and their tags as one table on disk, each put together without the other in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import RemoteError
from connectome_graph.sources.cave._assembled import Assembled, assembled
from connectome_graph.sources.cave._cache import digest
from connectome_graph.sources.cave._ids import Ids
from connectome_graph.sources.cave._session import Session
from connectome_graph.sources.cave._synapses import synapse_rows
from connectome_graph.sources.cave._targets import tags_of, target_table

__all__ = ["tagged_synapses"]

_Made = tuple[pd.DataFrame, dict[str, Any], list[dict[str, Any]]]


def tagged_synapses(
    session: Session,
    *,
    pre: Ids | None,
    post: Ids | None,
    targets: str = "auto",
    space: str,
    rows: str = "synapses",
) -> Assembled:
    """Return the synapses from `pre` to `post` with their tags, assembled or from disk.

    Parameters
    ----------
    session, pre, post, space, rows
        As :func:`connectome_graph.sources.cave._synapses.synapse_rows`.
    targets
        ``"auto"`` and ``"require"`` add target tags and raise where a version does not serve
        those it should have; of versions that never had any, ``"auto"`` makes do without.
        ``"skip"`` leaves them out. Or the name of a table.

    Raises
    ------
    InvalidArgument, UnknownName
        When something is asked for that the dataset does not have.
    RemoteError
        When the server fails, or its synapses have no id to be tagged by.
    """
    table = target_table(session, targets) if rows == "synapses" else None
    choices = {
        "ends": [None if ids is None else digest(ids.tolist()) for ids in (pre, post)],
        "rows": rows,
        "space": space,
        "table": session.release.synapse_table,
    }

    def make_rows() -> _Made:
        before = len(session.queries)
        found = synapse_rows(session, pre=pre, post=post, space=space, rows=rows)
        return found.frame, found.facts, session.queries[before:]

    def make_tags() -> _Made:
        before = len(session.queries)
        if "synapse_id" not in plain.columns:
            raise RemoteError(
                f"{session.datastack}: its synapses have no id, by which table {table!r} could "
                f"give them their tags; leave the tags out with target_tags='skip'"
            )
        ids = np.array(plain.columns["synapse_id"], np.int64)
        frame, facts = tags_of(ids, session, str(table))
        return frame, facts | {"targets": table}, session.queries[before:]

    stack, folder = session.stack, session.folder
    plain = assembled(folder, "synapses", stack=stack, choices=choices, make=make_rows)
    if table is not None:
        tagged = {**choices, "targets": table}
        return plain.beside(assembled(folder, "tags", stack=stack, choices=tagged, make=make_tags))
    if rows == "synapses" and targets != "skip" and stack.targets:
        plain.facts["no_targets"] = f"version {session.version} is from before there were any"
    return plain
