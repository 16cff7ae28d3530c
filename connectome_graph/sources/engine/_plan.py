"""What to scan: files, the columns that matter, and the rows to keep.

A :class:`ScanPlan` is the same for every engine. What the rows have to meet, filters and a box in
micrometres, is one expression, which every engine carries out by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from connectome_graph.errors import InvalidArgument, InvalidTable, UnreadableFile
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
from connectome_graph.model.tables import SYNAPSE_NAMES, ColumnMap, needed_column, resolved_names
from connectome_graph.sources.files import find_files, suffix_of

__all__ = ["Box", "Filters", "ScanPlan", "plan_of_schema", "scan_plan", "schema_of"]

Box: TypeAlias = Sequence[Sequence[float]]

_AXES = ("x", "y", "z")

#: Columns that aggregation carries, where they exist.
CARRIED = ("size", "count")


@dataclass(frozen=True)
class ScanPlan:
    """Files and what is wanted of their rows.

    Attributes
    ----------
    files
        The files, sorted by name.
    suffix
        Their common ending.
    pre, post
        Own names of the partner columns.
    carried
        Canonical name -> own name of the columns that are carried (``size`` among them).
    condition
        What a row has to meet, held against the columns of the files; None for every row.
    schema
        Column kinds of the first file.
    """

    files: tuple[Path, ...]
    suffix: str
    pre: str
    post: str
    carried: dict[str, str]
    condition: Node | None
    schema: pa.Schema

    @property
    def text_ids(self) -> bool:
        """Whether partner ids are text."""
        return not pa.types.is_integer(self.schema.field(self.pre).type)

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

    Raises
    ------
    UnreadableFile, InvalidTable, InvalidArgument, UnknownName
        When files are missing or differ, a column is not there, or a filter makes no sense.
    """
    files = find_files(path)
    schema = _common_schema(files)
    return plan_of_schema(
        schema,
        files=tuple(files),
        columns=columns,
        filters=filters,
        box_um=box_um,
        resolution_nm=resolution_nm,
    )


def plan_of_schema(
    schema: pa.Schema,
    *,
    files: tuple[Path, ...] = (),
    columns: ColumnMap | None = None,
    filters: Filters | None = None,
    box_um: Box | None = None,
    resolution_nm: tuple[float, float, float] | None = None,
) -> ScanPlan:
    """Return the plan for a table of this schema, in files or in memory."""
    found = resolved_names(schema.empty_table(), SYNAPSE_NAMES, columns, "synapse")
    pre = needed_column(found, "pre", schema.empty_table(), "synapse")
    post = needed_column(found, "post", schema.empty_table(), "synapse")
    for name in (pre, post):
        _check_id_kind(schema.field(name))
    own = {name: found.get(name, name) for name in CARRIED}
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
    suffix = suffix_of(files[0]) if files else ""
    return ScanPlan(files, suffix, pre, post, carried, condition, schema)


def schema_of(file: Path) -> pa.Schema:
    """Return the column names and kinds of one file, from its head or footer only."""
    suffix = suffix_of(file)
    try:
        if suffix in (".parquet", ".pq"):
            return pyarrow.parquet.read_schema(file)
        if suffix in (".feather", ".arrow"):
            with pa.memory_map(str(file)) as source:
                return pa.ipc.open_file(source).schema
        delimiter = "\t" if suffix.startswith(".tsv") else ","
        options = pyarrow.csv.ParseOptions(delimiter=delimiter)
        with pyarrow.csv.open_csv(file, parse_options=options) as reader:
            return reader.schema
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, EOFError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UnreadableFile(
            f"{file} could not be read as {suffix[1:]} ({reason}); it may be truncated, or not be "
            "what its ending says"
        ) from error


def _common_schema(files: Sequence[Path]) -> pa.Schema:
    first = schema_of(files[0])
    kinds = {field.name: _family(field.type) for field in first}
    for file in files[1:]:
        if suffix_of(file) != suffix_of(files[0]):
            raise InvalidTable(f"{file} is of another format than {files[0]}; scan one at a time")
        other = {field.name: _family(field.type) for field in schema_of(file)}
        odd = sorted(name for name in {*kinds, *other} if kinds.get(name) != other.get(name))
        if odd:
            raise InvalidTable(
                f"{file} has other columns than {files[0]} (differing in name or kind: "
                f"{', '.join(odd)}); give files of one schema"
            )
    return first


def _family(kind: pa.DataType) -> str:
    for name in ("is_integer", "is_floating", "is_boolean"):
        if getattr(pa.types, name)(kind):
            return name
    return "text" if pa.types.is_string(kind) or pa.types.is_large_string(kind) else str(kind)


def _check_id_kind(field: pa.Field) -> None:
    if pa.types.is_floating(field.type):
        raise InvalidTable(
            f"ids in {field.name!r} are stored as floats ({field.type}); 18-digit ids lose their "
            "last digits in a float, so these may already be wrong: write the column as int64"
        )
    if _family(field.type) not in ("is_integer", "text"):
        raise InvalidTable(f"ids in {field.name!r} need integers or text; found {field.type}")


def _box_parts(
    box_um: Box,
    base: str | None,
    schema: pa.Schema,
    resolution_nm: tuple[float, float, float] | None,
) -> list[Node]:
    box = np.asarray(box_um, float)
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
