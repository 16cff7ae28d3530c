"""The data model: the two tables, their names, dtypes, units, and validity rules.

The rules, each with one test and one error (docs/data_model lists them too):

1. Root ids are integers or text, never floats; none is missing or 0.
2. Root ids are unique.
3. Every ``pre`` and ``post`` of a synapse is a neuron (checked in ``build``, which counts).
4. ``synapse_id``, where present, is never missing and unique.
5. ``count``, where present, is a whole number of at least 1.
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

from connectome_graph.errors import InvalidTable, choice, did_you_mean
from connectome_graph.model.columns import (
    as_bool,
    as_numbers,
    column_names,
    get_column,
    positions_um,
    root_ids,
)

__all__ = [
    "NEURON_NAMES",
    "SYNAPSE_NAMES",
    "SynapseTable",
    "needed_column",
    "neuron_table",
    "resolved_names",
    "synapse_table",
]

Table: TypeAlias = pd.DataFrame | pa.Table
ColumnMap: TypeAlias = Mapping[str, str | None]

#: Canonical neuron columns and the names recognised for them, in order of preference.
NEURON_NAMES: dict[str, tuple[str, ...]] = {
    "root_id": ("root_id", "pt_root_id"),
    "position": ("pt_position",),
}

#: Canonical synapse columns and the names recognised for them, in order of preference.
SYNAPSE_NAMES: dict[str, tuple[str, ...]] = {
    "pre": ("pre", "pre_pt_root_id", "pre_root_id"),
    "post": ("post", "post_pt_root_id", "post_root_id"),
    "synapse_id": ("synapse_id", "id"),
    "target": ("target", "tag"),
    "position": ("ctr_pt_position",),
}

_STATUS = ("status_axon", "status_dendrite")


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


def resolved_names(
    table: Table, known: Mapping[str, tuple[str, ...]], columns: ColumnMap | None, what: str
) -> dict[str, str | None]:
    """Return canonical name -> the table's own name (None: the caller wants it left out)."""
    names = set(column_names(table))
    positions = {name[:-2] for name in names if name[-2:] in ("_x", "_y", "_z")}
    found: dict[str, str | None] = {}
    for canonical, own in (columns or {}).items():
        if (
            own is not None
            and own not in names
            and not (canonical == "position" and own in positions)
        ):
            raise InvalidTable(
                f"the column map names {own!r} for {canonical!r}, and the {what} table has no "
                f"such column.{did_you_mean(own, names)} Its columns: {', '.join(sorted(names))}"
            )
        found[canonical] = own
    taken = set(found.values())
    for canonical, recognised in known.items():
        if canonical not in found:
            pool = names | positions if canonical == "position" else names
            hit = next((name for name in recognised if name in pool - taken), None)
            if hit is not None:
                found[canonical] = hit
    return found


def needed_column(found: Mapping[str, str | None], name: str, table: Table, what: str) -> str:
    """Return the table's own name of a column that has to be there, or raise naming them all."""
    own = found.get(name)
    if own is None:
        names = column_names(table)
        raise InvalidTable(
            f"the {what} table has no {name!r} column.{did_you_mean(name, names)} Its columns: "
            f"{', '.join(map(str, names)) or 'none'}; name yours with {{{name!r}: '<your column>'}}"
        )
    return own


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


def _clashes(found: Mapping[str, str | None], table: Table, what: str) -> None:
    """Refuse a rename onto a column that is also there under its canonical name."""
    names = set(column_names(table))
    for canonical, own in found.items():
        if own is not None and own != canonical and canonical in names:
            raise InvalidTable(
                f"the {what} table has both {own!r} (for {canonical!r}) and a column already "
                f"called {canonical!r}; rename or drop one of them"
            )


def neuron_table(
    table: Table,
    *,
    columns: ColumnMap | None = None,
    resolution_nm: tuple[float, float, float] | None = None,
    invalid: str = "raise",
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
        ``"raise"``, or ``"drop"`` to leave out rows whose id is missing or 0, and every row of
        an id that occurs more than once.

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
    choice(invalid, ("raise", "drop"), name="invalid_neurons")
    if isinstance(table, pd.DataFrame) and "root_id" not in table and table.index.name == "root_id":
        table = table.reset_index()
    found = resolved_names(table, NEURON_NAMES, columns, "neuron")
    own_id = needed_column(found, "root_id", table, "neuron")
    _clashes({k: v for k, v in found.items() if k != "position"}, table, "neuron")
    ids = root_ids(get_column(table, own_id), name=own_id)
    keep, facts = _valid_ids(ids, own_id, invalid)
    xyz, used, space = positions_um(
        table,
        found.get("position"),
        resolution_nm,
        drop="position" in (columns or {}) and found["position"] is None,
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


def _valid_ids(
    ids: npt.NDArray[Any], name: str, invalid: str
) -> tuple[npt.NDArray[np.bool_], dict[str, int]]:
    """Return which rows have a usable root id, and how many have not, by reason."""
    empty = ids == ("" if ids.dtype.kind == "O" else 0)
    repeated = pd.Series(ids).duplicated(keep=False).to_numpy() & ~empty
    counts = {"n_missing_or_zero_ids": int(empty.sum()), "n_duplicate_id_rows": int(repeated.sum())}
    for bad, reason in (
        (empty, "a missing or zero root id"),
        (repeated, "a root id that occurs more than once"),
    ):
        if bad.any() and invalid == "raise":
            row = int(np.flatnonzero(bad)[0])
            raise InvalidTable(
                f"{int(bad.sum()):,} of {len(ids):,} neuron rows have {reason} (first: row {row}, "
                f"{name}={ids[row]}); correct them, or pass invalid_neurons='drop' to leave all of "
                "them out"
            )
    return ~(empty | repeated), {key: count for key, count in counts.items() if count}


def synapse_table(
    table: Table,
    *,
    columns: ColumnMap | None = None,
    resolution_nm: tuple[float, float, float] | None = None,
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
    found = resolved_names(table, SYNAPSE_NAMES, columns, "synapse")
    own_pre = needed_column(found, "pre", table, "synapse")
    own_post = needed_column(found, "post", table, "synapse")
    _clashes({k: v for k, v in found.items() if k != "position"}, table, "synapse")
    pre = root_ids(get_column(table, own_pre), name=own_pre)
    post = root_ids(get_column(table, own_post), name=own_post)
    if pre.dtype != post.dtype and len(pre):
        raise InvalidTable(
            f"{own_pre!r} holds {_kind(pre)} ids and {own_post!r} {_kind(post)} ids; give both as "
            "integers or both as text"
        )
    xyz, used, space = positions_um(
        table,
        found.get("position"),
        resolution_nm,
        drop="position" in (columns or {}) and found["position"] is None,
    )
    data: dict[str, Any] = {}
    for name, own in _extras(table, found, skip={own_pre, own_post, *used}):
        data[name] = _synapse_column(name, own, get_column(table, own))
    data.update(xyz)
    return SynapseTable(pre, post, data, {"synapse_positions": space} if space else {})


def _kind(ids: npt.NDArray[Any]) -> str:
    return "text" if ids.dtype.kind == "O" else "integer"


def _synapse_column(name: str, own: str, values: Any) -> Any:
    if name == "synapse_id":
        return _synapse_ids(values, own)
    if name == "count":
        return _counts(values, own)
    if name == "size" or name.endswith("_um"):
        return as_numbers(values, name=own)
    return values


def _synapse_ids(values: Any, own: str) -> npt.NDArray[Any]:
    ids = root_ids(values, name=own)
    if ids.dtype.kind != "O":
        missing = pd.isna(values).sum() if not isinstance(values, np.ndarray) else 0
        if not missing and (len(ids) < 2 or (ids[1:] > ids[:-1]).all()):
            return ids
    else:
        missing = (ids == "").sum()
    if missing or not pd.Index(ids).is_unique:
        fault = f"{int(missing):,} missing" if missing else "repeated"
        raise InvalidTable(
            f"synapse ids in {own!r} need to be unique and present; found {fault} ones; drop "
            f"duplicate rows, or leave the column out with columns={{'synapse_id': None}}"
        )
    return ids


def _counts(values: Any, own: str) -> npt.NDArray[np.int64]:
    numbers = as_numbers(values, name=own)
    whole = np.asarray(numbers, float)
    bad = np.flatnonzero(~((whole >= 1) & (whole == np.floor(whole))))
    if len(bad):
        raise InvalidTable(
            f"{len(bad):,} of {len(whole):,} rows of {own!r} are not whole numbers of at least 1 "
            f"(first: row {bad[0]}, {own}={whole[bad[0]]}); leave rows without a synapse out"
        )
    return np.asarray(numbers, np.int64)
