"""What the files that a user has hold, beside what is published of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from connectome_graph.errors import InvalidTable
from connectome_graph.model.columns import as_table
from connectome_graph.sources.releases.families import recognised, released
from connectome_graph.sources.releases.given import Given, array_ids
from connectome_graph.sources.releases.layouts import Layout
from connectome_graph.sources.releases.release import Choices, Release
from connectome_graph.sources.releases.totals import known_totals

__all__ = ["COLUMNS", "total_of", "verified"]

#: Columns of the table of :func:`verified`.
COLUMNS = (
    "file", "kind", "release", "n_rows", "n_rows_published", "total", "total_published", "agrees",
)  # fmt: skip
#: What the number of synapses of a row is called.
_COUNTS = ("count", "syn_count", "weight", "Connectivity")


def total_of(release: Release) -> int | None:
    """Return what the rows of a release add up to: synapses, or sections of a worm."""
    if isinstance(release.synapses, Path):
        name = str(release.columns.get("count") or "count")
        return sum(_sums(release.synapses, name))
    table: Any = as_table(release.synapses, what="connections")
    for name in ("count", "size"):
        if name in (table.column_names if isinstance(table, pa.Table) else table.columns):
            column = table.column(name) if isinstance(table, pa.Table) else pa.array(table[name])
            return int(pc.sum(column).as_py() or 0)
    return None


def verified(given: Sequence[Given], kind: str | None) -> pd.DataFrame:
    """Return a row for each file of which numbers are published, columns ``COLUMNS``.

    Raises
    ------
    UnreadableFile
        When a file is damaged, or none is of a layout that is known.
    """
    found, _ = recognised(given, kind)
    rows = [row for each, layout in found for row in _held(each, layout)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        dict.fromkeys(("n_rows", "n_rows_published", "total", "total_published"), "Int64")
    )


def _held(given: Given, layout: Layout) -> Iterator[dict[str, Any]]:
    layers = ("chemical", "electrical") if layout.kind == "worm" else (None,)
    for layer in layers:
        kind = layout.kind if layer is None else f"{layout.kind} {layer}"
        known = known_totals(kind, given.name)
        if not known:
            continue
        n_rows, total = _numbers(given, layout, layer)
        same = next((each for each in known if each.rows == n_rows), None)
        of = same or known[0]
        total = None if of.total is None else total
        yield dict(
            zip(
                COLUMNS,
                (given.name, kind, of.title, n_rows, of.rows, total, of.total,
                 same is not None and (total is None or total == of.total)),
                strict=True,
            )
        )  # fmt: skip


def _numbers(given: Given, layout: Layout, layer: str | None) -> tuple[int, int | None]:
    """Return the rows of a file and what they add up to."""
    if layer is not None:
        release = released([given], layout.kind, Choices(layer=layer))
        assert not isinstance(release.synapses, Path)
        return len(release.synapses), total_of(release)
    if layout.role == "root ids":
        return len(array_ids(given)), None
    count = next((name for name in _COUNTS if name in given.columns), None)
    stored = given.path is not None and given.path.suffix in (".feather", ".arrow")
    if stored:
        assert given.path is not None
        return _n_rows(given.path), None if count is None else sum(_sums(given.path, count))
    table = given.read()
    if count is None or not layout.detail:
        return table.num_rows, None
    if not pa.types.is_integer(table.column(count).type):
        raise InvalidTable(
            f"{count!r} of {given.name} needs whole numbers; found {table.column(count).type}"
        )
    return table.num_rows, int(pc.sum(table.column(count)).as_py() or 0)


def _n_rows(path: Path) -> int:
    with pa.memory_map(str(path)) as stored:
        file = pa.ipc.open_file(stored)
        return sum(file.get_batch(i).num_rows for i in range(file.num_record_batches))


def _sums(path: Path, name: str) -> Iterator[int]:
    """Yield the sums of a column, a piece at a time: the file may be larger than memory."""
    if path.suffix == ".parquet":
        with pyarrow.parquet.ParquetFile(path) as parts:
            for batch in parts.iter_batches(columns=[name]):
                yield int(pc.sum(batch.column(0)).as_py() or 0)
        return
    with pa.memory_map(str(path)) as stored:
        schema = pa.ipc.open_file(stored).schema
        options = pa.ipc.IpcReadOptions(included_fields=[schema.get_field_index(name)])
        file = pa.ipc.open_file(stored, options=options)
        for number in range(file.num_record_batches):
            yield int(pc.sum(file.get_batch(number).column(0)).as_py() or 0)
