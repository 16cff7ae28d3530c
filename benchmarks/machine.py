"""Where a run was made: processor, memory, versions."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

# what a reader compares: the engines under us and the peers beside us
PACKAGES = (
    "connectome-graph", "numpy", "scipy", "pandas", "pyarrow", "numba", "duckdb", "polars", "dask",
    "networkx", "igraph", "networkit", "rustworkx", "netsci", "bctpy", "dotmotif", "grandiso",
    "python-graphblas", "connectome-analysis", "NEMtropy", "lxml", "seaborn",
)  # fmt: skip


def describe() -> dict[str, Any]:
    """Processor, cores, memory in GB, system, Python, date, and the versions installed here."""
    return {
        "cpu": _first("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _first(path: str, field: str) -> str:
    file = Path(path)
    if not file.exists():
        return ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith(field):
            return line.split(":", 1)[1].strip()
    return ""
