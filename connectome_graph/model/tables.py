"""The data model: the two tables, their names, dtypes, units, and validity rules.

The rules, each with one test and one error (docs/data_model lists them too):

1. Root ids are integers or text, never floats; none is missing, and 0 is one only where said.
2. Root ids are unique.
3. Every ``pre`` and ``post`` of a synapse is a neuron (checked in ``build``, which counts).
4. ``synapse_id``, where present, is never missing and unique.
5. ``count``, where present, is a whole number of at least 1; what only may be one is an error.
6. Sizes and lengths are numbers; a missing size is missing, not 0.
7. Every length is in micrometres, its column ends in ``_um``; voxels need a resolution.
8. ``status_*`` columns are booleans; a missing status is False.
9. Synapses are in canonical order: pre, post, then ``synapse_id`` or row (``index``).
10. Autapses are kept in the multigraph, outside the domain, and counted (``graph``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.errors import InvalidTable, choice
from connectome_graph.model.columns import (
    as_bool,
    as_numbers,
    as_table,
    column_names,
    get_column,
    missing_ids,
    root_ids,
)
from connectome_graph.model.counts import checked_counts, count_column
from connectome_graph.model.index import MISSING_ID
from connectome_graph.model.names import (
    NEURON_NAMES,
    SYNAPSE_NAMES,
    ColumnMap,
    by_position,
    needed_column,
    no_clashes,
    resolved_names,
)
from connectome_graph.model.positions import positions_um

__all__ = ["SynapseTable", "Table", "neuron_table", "synapse_table"]

Table: TypeAlias = pd.DataFrame | pa.Table

_STATUS = ("status_axon", "status_dendrite")
# Integers from here on are no numbers of rows.
_NO_ROW = 2**32


@dataclass(frozen=True)
class SynapseTable:
    """A synapse table whose columns are named and typed, before its partners are looked up.

    Attributes
    ----------
    pre, post
        Partner ids, int64 or object of str, shape ``(n_rows,)``; 0 or "" where missing.
    columns
        Every other column by name.
    facts
        What to record: positions and their resolution.
    """

    pre: npt.NDArray[Any]
    post: npt.NDArray[Any]
    columns: Mapping[str, Any]
    facts: dict[str, Any]


def _extras(
    table: Table, found: Mapping[str, str | None], skip: Iterable[str]
) -> Iterable[tuple[str, str]]:
    """Yield (final name, own name) of the columns that are carried."""
    final = {own: canonical for canonical, own in found.items() if own is not None}
    dropped = {canonical for canonical, own in found.items() if own is None}
    for own in column_names(table):
        name = final.get(own, own)
        if name not in dropped and own not in skip and name not in skip:
            yield name, own


def neuron_table(
    table: Table,
    *,
    columns: ColumnMap | None = None,
    resolution_nm: Any = None,
    invalid: str = "raise",
    zero: str = "raise",
    argument: str = "neuron_resolution_nm",
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the neuron table in the library's names, dtypes and units, and what was dropped.

    Parameters
    ----------
    table
        One row per neuron.
    columns
        Canonical name -> the table's own name; ``None`` as a value leaves a column out.
    resolution_nm
        Nanometres per unit of the position columns.
    invalid
        ``"raise"``; ``"drop"`` to leave out rows whose id is missing, and every row of an id
        that occurs more than once; ``"first"`` to keep the first row of each id.
    zero
        What the id 0 is: ``"raise"``, ``"missing"`` or ``"neuron"``.
    argument
        The name of the argument that gives the resolution, for messages.

    Returns
    -------
    frame : pandas.DataFrame
        Indexed by ``root_id``, in the order of `table`.
    facts : dict
        Counts of rows read and dropped.

    Raises
    ------
    InvalidTable
        When a validity rule is broken.

    Examples
    --------
    >>> frame, facts = neuron_table(pd.DataFrame({"pt_root_id": [7, 8], "status_axon": ["t", "f"]}))
    >>> frame["status_axon"].tolist()
    [True, False]
    """
    choice(invalid, ("raise", "drop", "first"), name="invalid_neurons")
    choice(zero, ("raise", "missing", "neuron"), name="zero")
    table, columns = by_position(_with_index(table, columns), columns)
    table = as_table(table, what="neuron table")
    found = resolved_names(table, NEURON_NAMES, columns, "neuron")
    own_id = needed_column(found, "root_id", table, "neuron")
    no_clashes({k: v for k, v in found.items() if k != "position"}, table, "neuron")
    ids = root_ids(get_column(table, own_id), name=own_id, missing=MISSING_ID)
    if zero == "missing" and ids.dtype.kind != "O":
        ids = np.where(ids == 0, MISSING_ID, ids)
    keep, facts = _valid_ids(ids, own_id, invalid, zero)
    xyz, used, space = positions_um(
        table,
        found.get("position"),
        resolution_nm,
        drop="position" in (columns or {}) and found["position"] is None,
        argument=argument,
    )
    data: dict[str, Any] = {}
    for name, own in _extras(table, found, skip={own_id, *used}):
        values = get_column(table, own)
        data[name] = as_bool(values, name=own) if name in _STATUS else values
    data.update(xyz)
    index = pd.Index(ids, name="root_id", dtype=object if ids.dtype.kind == "O" else np.int64)
    frame = pd.DataFrame(
        {name: pd.Series(values).array for name, values in data.items()}, index=index
    )
    if not keep.all():
        frame = frame.loc[keep]
    return frame, {
        "n_neuron_rows": len(ids),
        **facts,
        **({"neuron_positions": space} if space else {}),
    }


def _with_index(table: Any, columns: ColumnMap | None) -> Any:
    """Return a frame that carries its ids as index with them as a column.

    An index counts as ids when it is called ``root_id``; one without a name when it is text, or
    integers that cannot be numbers of rows (which a frame keeps when rows are selected).
    """
    if not isinstance(table, pd.DataFrame) or "root_id" in (columns or {}):
        return table
    names = NEURON_NAMES["root_id"]
    if any(name in names for name in table.columns) or isinstance(table.index, pd.MultiIndex):
        return table
    if table.index.name in names or (table.index.name is None and _are_ids(table.index)):
        index = table.index.rename("root_id")
        attrs = table.attrs
        table = table.set_axis(index, axis=0).reset_index()
        table.attrs = attrs
    return table


def _are_ids(index: pd.Index) -> bool:
    if pd.api.types.is_integer_dtype(index.dtype):
        return len(index) > 0 and bool(index.min() >= _NO_ROW)
    return len(index) > 0 and pd.api.types.infer_dtype(index, skipna=True) == "string"


def _valid_ids(
    ids: npt.NDArray[Any], name: str, invalid: str, zero: str
) -> tuple[npt.NDArray[np.bool_], dict[str, int]]:
    """Return which rows have a usable root id, and how many have not, by reason."""
    empty = missing_ids(ids)
    nought = np.zeros(len(ids), bool) if ids.dtype.kind == "O" else np.asarray(ids == 0, bool)
    if zero == "raise" and nought.any():
        row = int(np.flatnonzero(nought)[0])
        raise InvalidTable(
            f"{int(nought.sum()):,} of {len(ids):,} neuron rows have the id 0 (first: row {row}, "
            f"{name}=0); pass zero='neuron' when 0 is a neuron like any other, as in matrices, "
            "networkx and SONATA, or zero='missing' when it says that there is no segment, as in "
            "CAVE"
        )
    series = pd.Series(ids)
    repeated = series.duplicated(keep=False).to_numpy() & ~empty
    later = series.duplicated().to_numpy() & ~empty
    if empty.any() and invalid == "raise":
        row = int(np.flatnonzero(empty)[0])
        raise InvalidTable(
            f"{int(empty.sum()):,} of {len(ids):,} neuron rows have a missing root id (first: row "
            f"{row}); correct them, or pass invalid_neurons='drop' to leave these rows out"
        )
    if repeated.any() and invalid == "raise":
        row = int(np.flatnonzero(repeated)[0])
        raise InvalidTable(
            f"{int(repeated.sum()):,} of {len(ids):,} neuron rows have a root id that occurs more "
            f"than once (first: row {row}, {name}={ids[row]}), {int((repeated & ~later).sum()):,} "
            "ids in all; correct them, or pass invalid_neurons='first' to keep the first row of "
            "each id, or 'drop' to leave all rows of these ids out, and so these neurons"
        )
    lost = later if invalid == "first" else repeated
    counts = {
        "n_missing_or_zero_ids": int(empty.sum()),
        "n_duplicate_id_rows": int(lost.sum()),
    }
    return ~(empty | lost), {key: count for key, count in counts.items() if count}


def synapse_table(
    table: Table,
    *,
    columns: ColumnMap | None = None,
    resolution_nm: Any = None,
    zero: str = "raise",
    guess_count: bool = True,
) -> SynapseTable:
    """Return the synapse table in the library's names, dtypes and units.

    Parameters
    ----------
    table
        One row per synapse, or one row per pair with a ``count``.
    columns
        Canonical name -> the table's own name; ``None`` as a value leaves a column out.
    resolution_nm
        Nanometres per unit of the position columns.
    zero
        With ``"missing"`` the id 0 says that there is no partner.
    guess_count
        Whether a count under another name is looked for.

    Raises
    ------
    InvalidTable
        When a validity rule is broken.

    Examples
    --------
    >>> t = synapse_table(
    ...     pd.DataFrame({"pre_pt_root_id": [7], "post_pt_root_id": [8], "size": [3]})
    ... )
    >>> t.pre.tolist(), list(t.columns)
    ([7], ['size'])
    """
    table, columns = by_position(table, columns)
    table = as_table(table, what="synapse table")
    found = resolved_names(table, SYNAPSE_NAMES, columns, "synapse")
    if guess_count:
        found = count_column(found, column_names(table), lambda name: get_column(table, name))
    own_pre = needed_column(found, "pre", table, "synapse")
    own_post = needed_column(found, "post", table, "synapse")
    no_clashes({k: v for k, v in found.items() if k != "position"}, table, "synapse")
    pre, post = partner_ids(
        get_column(table, own_pre),
        get_column(table, own_post),
        names=(own_pre, own_post),
        zero=zero,
    )
    xyz, used, space = positions_um(
        table,
        found.get("position"),
        resolution_nm,
        drop="position" in (columns or {}) and found["position"] is None,
        argument="resolution_nm",
    )
    data: dict[str, Any] = {}
    for name, own in _extras(table, found, skip={own_pre, own_post, *used}):
        data[name] = _synapse_column(name, own, get_column(table, own))
    data.update(xyz)
    facts = {"synapse_positions": space} if space else {}
    own_count = found.get("count")
    if own_count not in (None, "count"):
        facts["count_column"] = str(own_count)
    return SynapseTable(pre, post, data, facts)


def partner_ids(
    pre: Any, post: Any, *, names: tuple[str, str], zero: str
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the ids of both partners, of one kind; missing ones as :data:`MISSING_ID` or ""."""
    ends = [
        root_ids(e, name=n, missing=MISSING_ID) for e, n in zip((pre, post), names, strict=True)
    ]
    first, second = ends
    if first.dtype != second.dtype and len(first):
        gone = [bool(missing_ids(end).all()) for end in ends]
        if not any(gone):
            raise InvalidTable(
                f"{names[0]!r} holds {_kind(first)} ids and {names[1]!r} {_kind(second)} ids; give "
                "both as integers or both as text"
            )
        # a column in which nothing is there has no kind of its own
        other = second if gone[0] else first
        nothing = np.full(len(first), "" if other.dtype.kind == "O" else MISSING_ID, other.dtype)
        first, second = (nothing, second) if gone[0] else (first, nothing)
    if zero == "missing" and first.dtype.kind != "O":
        first, second = (np.where(end == 0, MISSING_ID, end) for end in (first, second))
    return first, second


def _kind(ids: npt.NDArray[Any]) -> str:
    return "text" if ids.dtype.kind == "O" else "integer"


def _synapse_column(name: str, own: str, values: Any) -> Any:
    if name == "synapse_id":
        return _synapse_ids(values, own)
    if name == "count":
        return checked_counts(values, name=own)
    if name == "size" or name.endswith("_um"):
        return as_numbers(values, name=own)
    return values


def _synapse_ids(values: Any, own: str) -> npt.NDArray[Any]:
    ids = root_ids(values, name=own, missing=MISSING_ID)
    missing = int(missing_ids(ids).sum())
    if ids.dtype.kind != "O" and not missing and (len(ids) < 2 or (ids[1:] > ids[:-1]).all()):
        return ids
    if missing or not pd.Index(ids).is_unique:
        fault = f"{int(missing):,} missing" if missing else "repeated"
        raise InvalidTable(
            f"synapse ids in {own!r} need to be unique and present; found {fault} ones; drop "
            f"duplicate rows, or leave the column out with columns={{'synapse_id': None}}"
        )
    return ids
