"""Counts and sizes: which column is the number of synapses, and totals that stay exact.

A count is never guessed. Names that can only mean one are taken as it, and told; a whole number
that only may be one is an error that names both readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.errors import InvalidTable
from connectome_graph.model.columns import as_numbers

__all__ = ["COUNT_NAMES", "check_totals", "checked_counts", "count_column", "whole_numbers"]

#: Names that say: so many synapses.
COUNT_NAMES = ("syn_count", "n_syn", "synapse_count", "n_synapses", "synapses")
#: Names, in lower case, of columns that, where all of their numbers are whole, may be counts or
#: strengths: as integers, or as floats, which a gap or another program makes of them.
_MAYBE = ("weight", "connectivity", "e_weight")
#: Integers from here on are not exact as float64, in which totals are handed out.
_EXACT = 2.0**53
_WHOLE = 2.0**63


def count_column(
    found: dict[str, str | None], names: Iterable[str], column: Callable[[str], Any]
) -> dict[str, str | None]:
    """Return canonical name -> own name with ``count`` in it where the table has one.

    Parameters
    ----------
    found
        What is known of the names: the caller's map and the recognised names.
    names
        The table's own names.
    column
        Gives the values of a column, or the Arrow type that they have or could have.

    Raises
    ------
    InvalidTable
        When a column only may be the count.

    Examples
    --------
    >>> count_column({}, ["pre", "post", "syn_count"], lambda name: np.array([3]))
    {'count': 'syn_count'}
    """
    listed = [name for name in names if name not in found.values()]
    if "count" in found or "count" in listed:
        return found
    sure = next((name for name in COUNT_NAMES if name in listed), None)
    if sure is not None:
        return {**found, "count": sure}
    maybe = [name for name in listed if name.lower() in _MAYBE and _is_whole(column(name))]
    if maybe:
        own = maybe[0]
        raise InvalidTable(
            f"the column {own!r} holds whole numbers: the number of synapses of each row, or "
            f"something else? If it counts synapses pass columns={{'count': {own!r}}}; if every "
            "row is one synapse or connection pass columns={'count': None}, and it is carried "
            "along"
        )
    return found


def _is_whole(values: Any) -> bool:
    if isinstance(values, pa.DataType):
        scaled = pa.types.is_decimal(values) and values.scale <= 0
        return bool(pa.types.is_integer(values) or scaled)
    kind = getattr(values, "dtype", values)
    if pd.api.types.is_float_dtype(kind):
        return whole_numbers([values])
    return bool(pd.api.types.is_integer_dtype(kind))


def whole_numbers(parts: Iterable[Any]) -> bool:
    """Return whether floats that are there are whole numbers, all of them, and one is there.

    Parameters
    ----------
    parts
        Arrays of a column, Arrow's or pandas' or numpy's, looked at until one is not whole.

    Examples
    --------
    >>> whole_numbers([np.array([5.0, np.nan]), np.array([7.0])]), whole_numbers([np.array([0.5])])
    (True, False)
    """
    seen = False
    for part in parts:
        if isinstance(part, pa.Array | pa.ChunkedArray):
            values = np.asarray(part.cast(pa.float64()).to_numpy(zero_copy_only=False))
        else:
            values = pd.array(part).to_numpy(np.float64, na_value=np.nan)
        known = values[~np.isnan(values)]
        if not np.isfinite(known).all() or (known != np.floor(known)).any():
            return False
        seen |= bool(len(known))
    return seen


def checked_counts(values: Any, *, name: str) -> npt.NDArray[np.int64]:
    """Return counts as int64.

    Raises
    ------
    InvalidTable
        When one is missing, not whole, not finite, less than 1 or beyond int64.

    Examples
    --------
    >>> checked_counts(np.array([1.0, 3.0]), name="count").tolist()
    [1, 3]
    """
    numbers = as_numbers(values, name=name)
    if numbers.dtype.kind == "b":
        raise InvalidTable(f"{name!r} needs whole numbers, the synapses of a row; found booleans")
    if numbers.dtype.kind in "iu":
        bad = np.flatnonzero((numbers < 1) | (numbers > np.iinfo(np.int64).max))
    else:
        with np.errstate(invalid="ignore"):
            bad = np.flatnonzero(
                ~((numbers >= 1) & (numbers == np.floor(numbers)) & (numbers < 2.0**63))
            )
    if len(bad):
        raise InvalidTable(
            f"{len(bad):,} of {len(numbers):,} rows of {name!r} are not whole numbers of at least "
            f"1 (first: row {bad[0]}, {name}={numbers[bad[0]]}); leave rows without a synapse out, "
            "or pass columns={'count': None} when it does not count synapses"
        )
    return np.asarray(numbers, np.int64)


def check_totals(columns: Mapping[str, Any], edge_ptr: npt.NDArray[np.int64] | None = None) -> None:
    """Refuse counts and sizes whose totals are not exact.

    Parameters
    ----------
    columns
        Synapse columns by name.
    edge_ptr
        Where the rows of each edge begin; without it the rows are added up as a whole only.

    Raises
    ------
    InvalidTable
        When counts add up beyond int64, whole sizes beyond int64 or on an edge beyond 2**53
        (totals are handed out as float64), or sizes to no finite number.
    """
    count = columns.get("count")
    if count is not None and len(count) and float(np.sum(count, dtype=np.float64)) >= _WHOLE:
        raise InvalidTable("the counts of all rows add up beyond int64; are they counts?")
    size = columns.get("size")
    if not isinstance(size, np.ndarray) or not len(size):
        return
    if size.dtype.kind in "iu":
        _check_whole(size, edge_ptr)
    elif size.dtype.kind == "f":
        _check_floats(size)


def _check_whole(size: npt.NDArray[Any], edge_ptr: npt.NDArray[np.int64] | None) -> None:
    largest = max(abs(int(size.min())), abs(int(size.max())))
    if largest * len(size) < _EXACT:
        return
    total = float(np.sum(np.abs(size.astype(np.float64))))
    if total < _WHOLE and edge_ptr is not None:
        edges = np.abs(np.add.reduceat(size.astype(np.int64), edge_ptr[:-1]))
        total = float(edges.max())
    if total >= (_WHOLE if edge_ptr is None else _EXACT + 1):
        raise InvalidTable(
            f"sizes add up to about {total:.4g}, {'beyond int64' if total >= _WHOLE else ''}"
            f"{'beyond 2**53 on one edge' if total < _WHOLE else ''}, where totals lose digits; "
            "give them in a larger unit, or as floats"
        )


def _check_floats(size: npt.NDArray[Any]) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.sum(size, dtype=np.float64)):
            return
        infinite = np.flatnonzero(np.isinf(size))
        if len(infinite):
            raise InvalidTable(
                f"{len(infinite):,} sizes are infinite (first: {size[infinite[0]]}); a size that "
                "is not known is missing"
            )
        if not np.isfinite(np.nansum(np.abs(size), dtype=np.float64)):
            raise InvalidTable("sizes add up beyond the largest float; give them in a larger unit")
