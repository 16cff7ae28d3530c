"""Synapse tables larger than memory, for the builders: DuckDB on one machine, Dask on a cluster.

What users need of it stands in :mod:`connectome_graph.engine`.
"""

from connectome_graph.sources.engine._parts import row_groups
from connectome_graph.sources.engine._store import (
    EdgeFolder,
    edges_to_parquet,
    observed_edges,
    open_edges,
)

__all__ = ["EdgeFolder", "edges_to_parquet", "observed_edges", "open_edges", "row_groups"]
