"""What a scan gives, whatever engine ran it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectome_graph.errors import InvalidTable
from connectome_graph.model.columns import as_numbers, check_gapped, from_arrow
from connectome_graph.model.counts import check_totals, checked_counts
from connectome_graph.model.expressions.rows import table_mask
from connectome_graph.model.index import Codes, IdTable
from connectome_graph.model.tables import partner_ids
from connectome_graph.sources.engine._plan import ScanPlan

__all__ = [
    "CodedRows",
    "Progress",
    "ScanCounts",
    "add_totals",
    "check_scanned",
    "coded",
    "holds",
    "numbers",
    "raise_unknown",
]

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
    total_count, total_size, whole_sizes
        What the counts and the sizes (without their signs) of the rows between known neurons add
        up to, and whether all sizes are whole.
    gaps, largest
        Of a column of whole sizes, whether one of any row is missing, and the largest one.
    """

    n_rows: int = 0
    n_unknown: int = 0
    n_autapses: int = 0
    first_unknown: Any = None
    total_count: float = 0.0
    total_size: float = 0.0
    whole_sizes: bool = True
    gaps: bool = False
    largest: int = 0

    def add(self, other: ScanCounts) -> None:
        """Add the counts of another part of the same scan."""
        self.total_count += other.total_count
        self.total_size += other.total_size
        self.whole_sizes &= other.whole_sizes
        self.gaps |= other.gaps
        self.largest = max(self.largest, other.largest)
        self.n_rows += other.n_rows
        self.n_unknown += other.n_unknown
        self.n_autapses += other.n_autapses
        if self.first_unknown is None:
            self.first_unknown = other.first_unknown


def add_totals(counts: ScanCounts, *, size: Any, count: Any) -> None:
    """Add counts and sizes of rows between known neurons to the totals."""
    if count is not None and len(count):
        counts.total_count += float(np.sum(count, dtype=np.float64))
    if size is None or not len(size):
        return
    if size.dtype.kind == "f":
        counts.whole_sizes = False
        with np.errstate(over="ignore", invalid="ignore"):
            counts.total_size += float(np.nansum(np.abs(size)))
    elif size.min() >= 0 and int(size.max()) * len(size) < 2**62:
        counts.total_size += float(np.sum(size))
    else:
        counts.total_size += float(np.sum(np.abs(size.astype(np.float64))))


def _look_at_sizes(counts: ScanCounts, size: npt.NDArray[Any] | None) -> None:
    """Note gaps and the largest size of a column of whole numbers, of all rows."""
    if size is None or not len(size):
        return
    known = size[~np.isnan(size)] if size.dtype.kind == "f" else size
    counts.gaps |= len(known) < len(size)
    if len(known):
        counts.largest = max(counts.largest, abs(int(known.min())), abs(int(known.max())))


def check_scanned(counts: ScanCounts) -> None:
    """Refuse a scan whose totals are not exact: the rule of ``model.counts``, over all parts."""
    if counts.gaps:
        check_gapped(counts.largest, name="size")
    check_totals({"count": np.array([counts.total_count])})
    if counts.total_size >= 2.0**63 and counts.whole_sizes:
        raise InvalidTable(
            f"sizes add up to about {counts.total_size:.4g}, beyond int64; give them in a larger "
            "unit, or as floats"
        )
    check_totals({"size": np.array([counts.total_size])})


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
    names = (plan.pre, plan.post)
    ends = (from_arrow(table.column(name), name=name) for name in names)
    first, second = partner_ids(*ends, names=names, zero=plan.zero)
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
    columns = {
        name: numbers(table.column(own), as_what=name, name=own)
        for name, own in plan.carried.items()
    }
    if plan.whole_sizes:
        _look_at_sizes(counts, columns.get("size"))
    picked = {name: values[known] for name, values in columns.items()}
    add_totals(counts, size=picked.get("size"), count=picked.get("count"))
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


def numbers(column: pa.ChunkedArray | pa.Array, *, as_what: str, name: str) -> npt.NDArray[Any]:
    """Return a carried column: counts as int64, sizes as int64 or float64, NaN where missing.

    Raises
    ------
    InvalidTable
        When a value is none.
    """
    if isinstance(column, pa.Array):
        column = pa.chunked_array([column])
    values = from_arrow(column, name=name)
    if as_what == "count":
        return checked_counts(values, name=name)
    found = as_numbers(values, name=name)
    return np.asarray(found, np.float64 if found.dtype.kind == "f" else _wide(found, name))


def _wide(values: npt.NDArray[Any], name: str) -> Any:
    if values.dtype.kind == "u" and len(values) and values.max() > np.iinfo(np.int64).max:
        raise InvalidTable(f"{name!r} goes up to {values.max()}, beyond int64")
    return np.int64
