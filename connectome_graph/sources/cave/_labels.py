"""Types of cells: columns of another table, or rows of labels turned into columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import UnknownName
from connectome_graph.model.columns import get_column, root_ids
from connectome_graph.sources.cave._datastack import Cells, Labels
from connectome_graph.sources.cave._ids import plain_columns, server_roots
from connectome_graph.sources.cave._session import Session

__all__ = ["named", "with_labels", "with_types"]


def named(frame: pd.DataFrame, source: Cells) -> pd.DataFrame:
    """Return rows with plain types, under the registered names of columns and labels.

    Without supervoxels, bounding boxes and the bookkeeping of references.

    Parameters
    ----------
    frame
        Rows as the server sent them.
    source
        The registered table or view they come from.
    """
    gone = [
        name
        for name in map(str, frame.columns)
        if name.endswith(("_supervoxel_id", "_ref")) or name.startswith(("bb_start", "bb_end"))
    ]
    frame = plain_columns(frame.drop(columns=gone)).rename(columns=dict(source.rename))
    for column, values in source.relabel.items():
        if column in frame.columns:
            frame[column] = frame[column].replace(dict(values))
    return frame


def with_types(
    frame: pd.DataFrame, session: Session, types: Cells
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the cells with the columns of another table: missing where it has no such cell."""
    session.check(types.name, types.kind, role="types", setting="types")
    rows = session.whole(types.name, kind=types.kind)
    key, own = (
        ("target_id", "cell_id") if "target_id" in rows.columns else ("pt_root_id", "root_id")
    )
    if key not in rows.columns:
        raise UnknownName(
            f"table {types.name!r} has neither 'target_id' nor 'pt_root_id'; its columns are "
            f"{', '.join(map(str, rows.columns))}"
        )
    keys = server_roots(get_column(rows, key), name=key)
    again = pd.Series(keys).duplicated().to_numpy() & (keys > 0)
    rows, keys = rows[~again & (keys > 0)].reset_index(drop=True), keys[~again & (keys > 0)]
    theirs = named(rows, types)
    new = [
        name
        for name in theirs.columns
        if name not in frame.columns and name not in ("id", key) and not name.startswith("pt_")
    ]
    at = pd.Index(keys).get_indexer(pd.Index(frame[own].to_numpy(dtype=np.int64)))
    taken = theirs[new].reindex(at).reset_index(drop=True)
    facts = {
        "source": types.name,
        "n_without_type": int((at < 0).sum()),
        "n_repeated": int(again.sum()),
    }
    return pd.concat([frame.reset_index(drop=True), taken], axis=1), facts


def with_labels(
    frame: pd.DataFrame, session: Session, labels: Labels
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the cells with a column for each system of labels.

    A cell with several labels in one system gets them joined by a comma, and is counted.
    """
    session.check(labels.name, "table", role="labels", setting="labels")
    rows = plain_columns(
        session.whole(labels.name, filters={labels.system_column: tuple(labels.systems)})
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
