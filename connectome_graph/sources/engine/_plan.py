"""What to scan: files, the columns that matter, and the rows to keep.

A :class:`ScanPlan` is the same for every engine. What the rows have to meet, filters and a box in
micrometres, is one expression, which every engine carries out by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectome_graph.border.values import numbers_of
from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.model.counts import count_column, whole_numbers
from connectome_graph.model.expressions.kinds import checked, kind_of_type
from connectome_graph.model.expressions.tree import (
    Column,
    Compare,
    Constant,
    Every,
    Node,
    columns_of,
)
from connectome_graph.model.expressions.tuples import Filters, parse_filters
from connectome_graph.model.names import (
    SYNAPSE_NAMES,
    ColumnMap,
    is_positional,
    named_positions,
    needed_column,
    resolved_names,
)
from connectome_graph.sources.files import TableFiles, opened, suffix_of

__all__ = ["Box", "Filters", "ScanPlan", "ids_of_one_kind", "plan_of_schema", "scan_plan"]

Box: TypeAlias = Sequence[Sequence[float]]

_AXES = ("x", "y", "z")

#: Columns that aggregation carries, where they exist.
CARRIED = ("size", "count")


@dataclass(frozen=True)
class ScanPlan:
    """Files and what is wanted of their rows.

    Attributes
    ----------
    source
        The files, looked at; None for a table in memory.
    pre, post
        Own names of the partner columns.
    carried
        Canonical name -> own name of the columns that are carried (``size`` among them).
    condition
        What a row has to meet, held against the columns of the files; None for every row.
    schema
        Names and types by the reading rule.
    zero
        Whether the id 0 is a neuron, missing, or neither.
    """

    source: TableFiles | None
    pre: str
    post: str
    carried: dict[str, str]
    condition: Node | None
    schema: pa.Schema
    zero: str = "raise"

    @property
    def files(self) -> tuple[Path, ...]:
        """Where the files are."""
        return () if self.source is None else self.source.paths

    @property
    def suffix(self) -> str:
        """The ending of the first file."""
        return suffix_of(self.files[0]) if self.files else ""

    @property
    def without_ids(self) -> bool:
        """Whether no id is there, so that their kind is open: no row, or gaps only."""
        kinds = (self.schema.field(name).type for name in (self.pre, self.post))
        empty = self.source is not None and all(file.n_rows == 0 for file in self.source.files)
        return empty or all(pa.types.is_null(kind) for kind in kinds)

    @property
    def text_ids(self) -> bool:
        """Whether partner ids are text; a column in which nothing is there has no say."""
        kinds = (self.schema.field(name).type for name in (self.pre, self.post))
        return any(pa.types.is_string(kind) for kind in kinds)

    def native(self, columns: list[str] | None = None) -> bool:
        """Return whether DuckDB may read these columns by itself, by default those it needs."""
        wanted = self.columns if columns is None else columns
        if self.source is None or self.zero == "missing" or not self.source.native(wanted):
            return False
        ids = {self.schema.field(name).type for name in (self.pre, self.post)}
        numbers = [self.schema.field(own).type for own in self.carried.values()]
        plain = all(
            pa.types.is_signed_integer(kind) or pa.types.is_floating(kind) for kind in numbers
        )
        return plain and ids in ({pa.int64()}, {pa.int32()}, {pa.string()})

    @property
    def whole_sizes(self) -> bool:
        """Whether there is a column of sizes, and it holds whole numbers."""
        if "size" not in self.carried:
            return False
        kind = self.schema.field(self.carried["size"]).type
        return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind))

    def settled(self, columns: ColumnMap | None) -> ColumnMap:
        """Return a column map that says which column is the count, so that nobody asks again."""
        return {**(columns or {}), "count": self.carried.get("count")}

    @property
    def columns(self) -> list[str]:
        """Own names of every column that has to be read."""
        wanted = [
            self.pre,
            self.post,
            *self.carried.values(),
            *(column.name for column in _columns_of(self.condition)),
        ]
        return list(dict.fromkeys(wanted))


def scan_plan(
    path: str | Path,
    *,
    columns: ColumnMap | None = None,
    filters: Filters | None = None,
    box_um: Box | None = None,
    resolution_nm: tuple[float, float, float] | None = None,
    csv: Mapping[str, Any] | None = None,
    zero: str = "raise",
) -> ScanPlan:
    """Return the plan that reads `path`, after checking that its files agree.

    Parameters
    ----------
    path
        File, folder or glob.
    columns
        Canonical name -> own name.
    filters
        An expression, or triples (column, operator, value) that all hold; columns by canonical or
        own name.
    box_um
        ``((x0, x1), (y0, y1), (z0, z1))``: synapses inside, in um; needs split position columns.
    resolution_nm
        Nanometres per unit of the positions; needed with `box_um`.
    csv
        How separated text is written.
    zero
        What the id 0 is.

    Raises
    ------
    UnreadableFile, InvalidTable, InvalidArgument, UnknownName
        When files are missing or differ, a column is not there, or a filter makes no sense.
    """
    source = opened(path, csv=csv, header=not is_positional(columns))
    named = named_positions(source.schema.names, columns)
    source = ids_of_one_kind(source, named)
    return plan_of_schema(
        source.schema,
        source=source,
        zero=zero,
        columns=named,
        filters=filters,
        box_um=box_um,
        resolution_nm=resolution_nm,
    )


def ids_of_one_kind(source: TableFiles, columns: ColumnMap | None) -> TableFiles:
    """Return separated text with both partners as text where one of them is: 007 beside 7."""
    found = resolved_names(source.schema.empty_table(), SYNAPSE_NAMES, columns, "synapse")
    ends = [str(found[end]) for end in ("pre", "post") if found.get(end) is not None]
    kinds = [source.schema.field(end).type for end in ends]
    if source.separated and any(pa.types.is_string(kind) for kind in kinds):
        for end, kind in zip(ends, kinds, strict=True):
            if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
                source = source.as_text(end)
    return source


def plan_of_schema(
    schema: pa.Schema,
    *,
    source: TableFiles | None = None,
    rows: pa.Table | None = None,
    zero: str = "raise",
    columns: ColumnMap | None = None,
    filters: Filters | None = None,
    box_um: Box | None = None,
    resolution_nm: tuple[float, float, float] | None = None,
) -> ScanPlan:
    """Return the plan for a table of this schema, in files or in memory (`rows`)."""
    found = resolved_names(schema.empty_table(), SYNAPSE_NAMES, columns, "synapse")
    found = count_column(found, schema.names, _looked_into(schema, source, rows))
    pre = needed_column(found, "pre", schema.empty_table(), "synapse")
    post = needed_column(found, "post", schema.empty_table(), "synapse")
    for name in (pre, post):
        _check_id_kind(schema.field(name))
    own = {name: found.get(name, name) for name in CARRIED if found.get(name, name)}
    carried = {name: str(real) for name, real in own.items() if real in schema.names}
    node = None if filters is None else parse_filters(filters)
    parts = [] if node is None else [node]
    if box_um is not None:
        parts += _box_parts(box_um, found.get("position"), schema, resolution_nm)
    condition = None
    if parts:
        names = {name: own for name, own in found.items() if own in schema.names and own}
        kinds = {field.name: kind_of_type(field.type) for field in schema}
        condition = checked(Every(tuple(parts)), kinds, ids=(pre, post), names=names)
    return ScanPlan(source, pre, post, carried, condition, schema, zero)


def _looked_into(
    schema: pa.Schema, source: TableFiles | None, rows: pa.Table | None
) -> Callable[[str], pa.DataType]:
    """Return what gives the type of a column; floats that are all whole numbers are integers.

    The whole column is looked at, and not the rows that a filter leaves: what a name means does
    not depend on what one asks for.
    """

    def parts(name: str) -> Iterable[pa.ChunkedArray]:
        tables = [rows] if rows is not None else source.tables([name]) if source else ()
        return (table.column(name) for table in tables)

    def kind(name: str) -> pa.DataType:
        own = schema.field(name).type
        return pa.int64() if pa.types.is_floating(own) and whole_numbers(parts(name)) else own

    return kind


def _check_id_kind(field: pa.Field) -> None:
    if pa.types.is_floating(field.type):
        raise InvalidTable(
            f"ids in {field.name!r} are stored as floats ({field.type}); 18-digit ids lose their "
            "last digits in a float, so these may already be wrong: write the column as int64"
        )
    kinds = (pa.types.is_integer, pa.types.is_string, pa.types.is_null, pa.types.is_decimal)
    if not any(test(field.type) for test in kinds):
        raise InvalidTable(f"ids in {field.name!r} need to be integers or text; found {field.type}")


def _box_parts(
    box_um: Box,
    base: str | None,
    schema: pa.Schema,
    resolution_nm: tuple[float, float, float] | None,
) -> list[Node]:
    box = numbers_of(box_um, name="box_um")
    if box.shape != (3, 2) or not (box[:, 0] <= box[:, 1]).all():
        raise InvalidArgument(f"box_um needs ((x0, x1), (y0, y1), (z0, z1)); found {box_um!r}")
    for pattern, unit in (("{}_um", 1.0), ("{}_nm", 1e-3)):
        names = [pattern.format(axis) for axis in _AXES]
        if set(names) <= set(schema.names):
            return _bounds(names, box / unit)
    names = [f"{base}_{axis}" for axis in _AXES]
    if base is None or not set(names) <= set(schema.names):
        raise InvalidTable(
            "box_um needs positions in three columns, such as x_um y_um z_um or ctr_pt_position_x "
            f"_y _z; found {', '.join(schema.names)}"
        )
    if resolution_nm is None:
        raise InvalidTable(
            f"positions in {base!r} have no unit; pass resolution_nm=(4, 4, 40) for voxels of that "
            "size, or (1, 1, 1) for nanometres"
        )
    return _bounds(names, box * 1e3 / np.asarray(resolution_nm, float)[:, None])


def _bounds(names: Sequence[str], box: npt.NDArray[np.float64]) -> list[Node]:
    return [
        Compare(Column(name, exact=True), how, Constant(bound))
        for name, ends in zip(names, box.tolist(), strict=True)
        for how, bound in zip((">=", "<="), ends, strict=True)
    ]


def _columns_of(condition: Node | None) -> list[Column]:
    return [] if condition is None else list(columns_of(condition))
