"""Parts of a scan: what one worker reads at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from connectome_graph.errors import UnreadableFile
from connectome_graph.sources.engine._plan import ScanPlan
from connectome_graph.sources.engine._scan import holds
from connectome_graph.sources.files import TableFile, suffix_of

__all__ = ["Part", "parts_of", "read_part", "row_groups"]

#: Rows that a part aims at: small enough for any worker, large enough to keep it busy.
PART_ROWS = 4_000_000


@dataclass(frozen=True)
class Part:
    """Some row groups of one Parquet file, or the whole of another file."""

    file: TableFile
    row_groups: tuple[int, ...] | None = None


def parts_of(plan: ScanPlan, *, part_rows: int = PART_ROWS) -> list[Part]:
    """Return the parts of a plan, in the order of files and rows."""
    parts = []
    assert plan.source is not None
    for file in plan.source.files:
        if suffix_of(file.path) not in (".parquet", ".pq"):
            parts.append(Part(file))
            continue
        parts += [Part(file, groups) for groups in row_groups(file.path, part_rows)]
    # files without a row: one part all the same, so that there is something to merge
    return parts or [Part(plan.source.files[0])]


def row_groups(file: Path, rows: int) -> list[tuple[int, ...]]:
    """Return the row groups of a Parquet file in runs of about so many rows.

    Raises
    ------
    UnreadableFile
        When it is gone or no Parquet file.
    """
    footer = _footer(file)
    runs: list[tuple[int, ...]] = []
    groups: list[int] = []
    waiting = 0
    for group in range(footer.num_row_groups):
        groups.append(group)
        waiting += footer.row_group(group).num_rows
        if waiting >= rows:
            runs.append(tuple(groups))
            groups, waiting = [], 0
    return [*runs, tuple(groups)] if groups else runs


def _footer(file: Path) -> pyarrow.parquet.FileMetaData:
    try:
        return pyarrow.parquet.read_metadata(file)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(f"{file} could not be read as parquet ({error})") from error


def read_part(part: Part, plan: ScanPlan) -> pa.Table:
    """Return the filtered rows of a part, with the columns the plan needs."""
    if part.row_groups is None:
        pieces = list(part.file.tables(plan.schema, plan.columns, whole=True))
        schema = pa.schema([plan.schema.field(name) for name in plan.columns])
        return holds(pa.concat_tables(pieces) if pieces else schema.empty_table(), plan)
    return holds(part.file.read_groups(list(part.row_groups), plan.schema, plan.columns), plan)
