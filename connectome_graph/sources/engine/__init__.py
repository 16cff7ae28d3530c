"""Synapse tables larger than memory: DuckDB on one machine, Dask on a cluster.

``cg.from_tables(path, neurons, engine=...)`` is the usual door. When even the edges outgrow one
machine they stay in the engine: :func:`edges_to_parquet` writes them as a folder of Parquet
files, and :func:`degrees`, :func:`density`, :func:`type_matrix` and :func:`reciprocity` are
computed there, without collecting the edges.
"""

from connectome_graph.sources.engine._statistics import degrees, density, reciprocity, type_matrix
from connectome_graph.sources.engine._store import EdgeFolder, edges_to_parquet, open_edges

__all__ = [
    "EdgeFolder",
    "degrees",
    "density",
    "edges_to_parquet",
    "open_edges",
    "reciprocity",
    "type_matrix",
]
