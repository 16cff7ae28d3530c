"""What a scan gives, whatever engine ran it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectome_graph.errors import InvalidTable
from connectome_graph.model.columns import from_arrow, root_ids
from connectome_graph.model.expressions.rows import table_mask
from connectome_graph.model.index import Codes, IdTable
from connectome_graph.sources.engine._plan import ScanPlan

__all__ = ["CodedRows", "Progress", "ScanCounts", "coded", "holds", "numbers", "raise_unknown"]

#: Called with (rows done, rows in all or 0 when unknown).
Progress = Callable[[int, int], None]


@dataclass
class ScanCounts:
    """What a scan saw and what became of it.

    Attributes
    ----------
    n_rows
        Rows that the filters kept.
    n_unknown
        Of them, rows with a partner that is no known neuron.
    n_autapses
        Rows from a known neuron onto itself.
    first_unknown
        A partner id that is not known, to show.
    """

    n_rows: int = 0
    n_unknown: int = 0
    n_autapses: int = 0
    first_unknown: Any = None

    def add(self, other: ScanCounts) -> None:
        """Add the counts of another part of the same scan."""
        self.n_rows += other.n_rows
        self.n_unknown += other.n_unknown
        self.n_autapses += other.n_autapses
        if self.first_unknown is None:
            self.first_unknown = other.first_unknown


def raise_unknown(counts: ScanCounts, unknown: str) -> None:
    """Refuse a scan that met unknown partners, when they were to be refused.

    Raises
    ------
    InvalidTable
        Telling how many, and one of them.
    """
    if counts.n_unknown and unknown == "raise":
        raise InvalidTable(
            f"{counts.n_unknown:,} of {counts.n_rows:,} synapses end outside the neuron table (one "
            f"partner: {counts.first_unknown}); pass unknown='drop' to leave them out"
        )


@dataclass
class CodedRows:
    """Rows between known neurons as codes, with the columns that aggregation needs.

    ``keep`` says which rows of the table they are.
    """

    pre: Codes
    post: Codes
    size: npt.NDArray[Any] | None
    count: npt.NDArray[np.int64] | None
    counts: ScanCounts
    keep: npt.NDArray[np.bool_]


def holds(table: pa.Table, plan: ScanPlan) -> pa.Table:
    """Return the rows of a table for which the condition of the plan is true."""
    if plan.condition is None:
        return table
    keep = table_mask(plan.condition, table)
    return table if keep.all() else table.filter(pa.array(keep))


def coded(table: pa.Table, plan: ScanPlan, ids: IdTable, *, autapses: str) -> CodedRows:
    """Return the rows of a filtered table as codes; rows with an unknown partner are dropped."""
    first, second = (
        root_ids(from_arrow(table.column(name)), name=name) for name in (plan.pre, plan.post)
    )
    pre = ids.encode(first)
    known = np.flatnonzero(pre >= 0)
    # Most rows of a raw table end here: the other partner of an orphan need not be looked up.
    post = ids.encode(second[known])
    known, pre, post = known[post >= 0], pre[known][post >= 0], post[post >= 0]
    own = pre == post
    counts = ScanCounts(table.num_rows, table.num_rows - len(known), int(own.sum()))
    if counts.n_unknown:
        counts.first_unknown = _first_unknown(first, second, known, ids)
    if autapses == "drop" and counts.n_autapses:
        known, pre, post = known[~own], pre[~own], post[~own]
    columns = {name: numbers(table.column(own_name)) for name, own_name in plan.carried.items()}
    picked = {name: values[known] for name, values in columns.items()}
    keep = np.zeros(table.num_rows, bool)
    keep[known] = True
    return CodedRows(pre, post, picked.get("size"), picked.get("count"), counts, keep)


def _first_unknown(
    first: npt.NDArray[Any], second: npt.NDArray[Any], known: npt.NDArray[np.int64], ids: IdTable
) -> Any:
    """Return a partner that is no known neuron: of the first row that is not among `known`."""
    gap = np.flatnonzero(known != np.arange(len(known)))
    row = int(gap[0]) if len(gap) else len(known)
    own: Any = first[row] if ids.encode(first[row : row + 1])[0] < 0 else second[row]
    return own


def numbers(column: pa.ChunkedArray | pa.Array) -> npt.NDArray[Any]:
    """Return a numeric column as int64, or as float64 with NaN where one is missing."""
    if pa.types.is_integer(column.type) and not column.null_count:
        return np.asarray(column.to_numpy(), np.int64)
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
