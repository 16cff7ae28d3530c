"""Spine, shaft and soma: the targets of synapses, joined by synapse id."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import RemoteError, UnknownName, choice
from connectome_graph.model.columns import as_numbers, get_column
from connectome_graph.sources.cave._datastack import Datastack
from connectome_graph.sources.cave._ids import Ids, plain_columns
from connectome_graph.sources.cave._query import Query
from connectome_graph.sources.cave._session import Session

__all__ = ["TARGETS", "check_targets", "tags_of", "target_table"]

TARGETS = ("auto", "require", "skip")
_IDS_AT_ONCE = 100_000


def check_targets(stack: Datastack, targets: str) -> None:
    """Raise unless `targets` is a choice, or one of the datastack's tables of targets."""
    choice(targets, (*TARGETS, *stack.targets), name="target_tags")


def target_table(session: Session, targets: str) -> str | None:
    """Return the target table to use; None where it is to be skipped, or the dataset has none.

    Raises
    ------
    InvalidArgument
        When tags are required and the dataset has none.
    UnknownName
        When a version does not serve the table that it should have.
    """
    stack, version = session.stack, session.version
    check_targets(stack, targets)
    if targets not in TARGETS:
        session.check(targets, "table", role="targets", setting="targets")
        return targets
    if targets == "skip" or (targets == "auto" and not stack.targets):
        return None
    if not stack.targets:
        raise stack.lacks("table of postsynaptic targets", "targets")
    expected = stack.targets_at(version)
    served = [name for name in stack.targets if session.has(name, "table")]
    if expected in served:
        return expected
    if expected is None:
        # a version from before there were any
        if targets == "auto" or served:
            return served[0] if served else None
        session.check(stack.targets[0], "table", role="targets", setting="targets")
    if served:
        raise UnknownName(
            f"{session.datastack} version {version} does not serve its target tags {expected!r}. "
            f"It serves {', '.join(map(repr, served))}; to take those, say so with "
            f"target_tags={served[0]!r}, or leave them out with target_tags='skip'"
        )
    try:
        session.check(str(expected), "table", role="targets", setting="targets")
    except UnknownName as error:
        problem = str(error)
    raise UnknownName(f"{problem}, or leave the tags out with target_tags='skip'")


def tags_of(ids: Ids, session: Session, table: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return ``target`` and ``target_value`` of synapses; untagged stays missing.

    A synapse with two tags gets the one with the higher value, of equal ones the one with the
    lower id, and is counted. The join is made here: a server-side join would send such a synapse
    twice.

    Parameters
    ----------
    ids
        Of the synapses, in order.
    session
        The datastack at its version.
    table
        The table of tags.
    """
    fetched = session.asked(Query(table, ids_column="target_id"), ids=ids, chunk=_IDS_AT_ONCE)
    words: dict[str, int] = {}
    codes = np.full(len(ids), -1, dtype=np.int16)
    values = np.full(len(ids), np.nan)
    several = 0
    for piece in fetched.pieces():
        tags = _tags(piece, session, table)
        target, value = tags["target_id"].to_numpy(), tags["value"].to_numpy()
        order = np.lexsort([tags["id"].to_numpy(), -value, target])
        # all tags of a synapse come in one piece: the first of each is the best
        new = np.ones(len(order), bool)
        new[1:] = target[order][1:] != target[order][:-1]
        first = order[new]
        several += len(order) - len(first)
        at = np.searchsorted(ids, target[first])
        own, texts = pd.factorize(tags["tag"].to_numpy(dtype=object)[first])
        number = np.array([words.setdefault(str(text), len(words)) for text in texts], np.int16)
        codes[at] = np.append(number, -1)[own]
        values[at] = value[first]
    texts = np.array([*words, None], dtype=object)
    text_type = pd.Series(["text"]).dtype
    frame = pd.DataFrame(
        {"target": pd.Series(texts[codes]).astype(text_type), "target_value": values}
    )
    return frame, {"n_untagged": int((codes < 0).sum()), "n_with_several_tags": several}


def _tags(rows: pd.DataFrame, session: Session, table: str) -> pd.DataFrame:
    """Return ``id, target_id, tag, value`` of the synapses' tags; a table may have no values."""
    tags = plain_columns(rows)
    missing = [name for name in ("id", "target_id", "tag") if name not in tags.columns]
    if missing:
        raise RemoteError(
            f"{session.datastack}: the target table {table!r} has no {' or '.join(missing)}; its "
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
