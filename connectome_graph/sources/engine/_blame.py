"""After a failed scan: which file is at fault, or which folder is full."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet

from connectome_graph.errors import ConnectomeError, UnreadableFile
from connectome_graph.sources.engine._plan import ScanPlan
from connectome_graph.sources.files import opened

__all__ = ["blamed"]

_FULL = ("no space left", "out of disk", "max_temp_directory_size", "failed to offload")
_MEMORY = ("out of memory", "could not allocate", "failed to allocate")


def blamed(plan: ScanPlan, error: BaseException) -> ConnectomeError:
    """Return the error to raise for a scan that failed with `error`.

    The files are read again one by one, only now, to find the one that cannot be read.
    """
    text = str(error)
    reason = text.strip().splitlines()[0] if text.strip() else type(error).__name__
    if any(word in text.lower() for word in _FULL):
        return UnreadableFile(
            f"the spill folder ran full while aggregating {len(plan.files):,} files ({reason}); "
            "free space, name another folder with spill=, or raise memory_limit="
        )
    if any(word in text.lower() for word in _MEMORY):
        return UnreadableFile(
            f"the scan of {plan.files[0].parent} needs more memory than allowed ({reason}); raise "
            "memory_limit=, or keep the edges on disk with cg.engine.edges_to_parquet"
        )
    for file in plan.files:
        if not file.exists():
            return UnreadableFile(f"{file} vanished while it was being read; nothing was written")
        try:
            if plan.suffix in (".parquet", ".pq"):
                whole = pyarrow.parquet.ParquetFile(file)
                for group in range(whole.num_row_groups):
                    whole.read_row_group(group, columns=plan.columns)
            else:
                opened(file).read(plan.columns)
        except UnreadableFile as fault:
            return fault
        except (pa.ArrowException, OSError, EOFError) as fault:
            told = (str(fault).strip().splitlines() or [type(fault).__name__])[0]
            where = f", row group {group}" if plan.suffix in (".parquet", ".pq") else ""
            return UnreadableFile(f"{file}{where} is corrupt ({told}); nothing was written")
    return UnreadableFile(
        f"the scan of {plan.files[0]} and {len(plan.files) - 1:,} more files failed: {reason}"
    )
