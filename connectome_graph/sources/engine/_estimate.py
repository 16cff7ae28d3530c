"""How large a scan would be in memory, from file metadata alone, and which engine to take."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from connectome_graph.errors import InvalidArgument
from connectome_graph.sources.engine._plan import ScanPlan

__all__ = ["estimated_bytes", "memory_bytes", "pick"]

#: Share of the free memory that an in-memory table may take.
SHARE = 0.4
#: How much larger a text file is once read: measured on tables of ids and sizes.
_GROWTH = {".csv": 1.0, ".tsv": 1.0, ".csv.gz": 3.0, ".tsv.gz": 3.0}
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
          "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}  # fmt: skip
#: Sorting needs codes and packed rows beside the table: 16 bytes a row (`index`).
_SORTING = 16


def memory_bytes(text: str) -> int:
    """Return a memory size such as ``"6GB"`` in bytes.

    Raises
    ------
    InvalidArgument
        When the text is not a number and a unit.

    Examples
    --------
    >>> memory_bytes("6GB")
    6000000000
    """
    given = str(text)
    match = re.fullmatch(r"\s*([0-9.]+)\s*([KMGT]?I?B)\s*", given.upper())
    if match is None:
        raise InvalidArgument(
            f"a memory limit is a number and a unit, such as '6GB'; found {text!r}"
        )
    return int(float(match[1]) * _UNITS[match[2]])


def estimated_bytes(plan: ScanPlan) -> int:
    """Return the bytes that the in-memory path would need at its peak."""
    if plan.suffix in (".parquet", ".pq"):
        footers = [pyarrow.parquet.read_metadata(file) for file in plan.files]
        rows = sum(footer.num_rows for footer in footers)
        table: int = sum(
            footer.row_group(group).total_byte_size
            for footer in footers
            for group in range(footer.num_row_groups)
        )
        # dictionaries and run lengths make the stored size a lower bound of the decoded one
        return int(max(table, rows * 8 * len(plan.schema)) + rows * _SORTING)
    sizes = sum(file.stat().st_size for file in plan.files)
    if plan.suffix in (".feather", ".arrow"):
        return _arrow_rows(plan.files) * (8 * len(plan.schema) + _SORTING)
    return int(sizes * _GROWTH.get(plan.suffix, 1.0) * 1.5)


def _arrow_rows(files: tuple[Path, ...]) -> int:
    rows = 0
    for file in files:
        with pa.memory_map(str(file)) as source:
            reader = pa.ipc.open_file(source)
            rows += sum(reader.get_batch(i).num_rows for i in range(reader.num_record_batches))
    return rows


def free_bytes() -> int:
    """Return the memory that is free now, or 8 GB where the system does not tell."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 8 * 10**9


def pick(plan: ScanPlan, memory_limit: str | None) -> tuple[str, dict[str, Any]]:
    """Return ``"memory"`` or ``"duckdb"`` for a plan, and the numbers that decided."""
    needed = estimated_bytes(plan)
    allowed = int(free_bytes() * SHARE) if memory_limit is None else memory_bytes(memory_limit)
    engine = "memory" if needed <= allowed else "duckdb"
    # The memory that happened to be free is not part of the science, only the verdict is.
    return engine, {"engine": engine, "engine_chosen": "by size", "estimated_bytes": needed}
