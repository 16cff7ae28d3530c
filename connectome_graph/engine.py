"""Synapse tables larger than memory: DuckDB on one machine, Dask on a cluster.

``cg.from_tables(path, neurons, engine=...)`` is the usual door. When even the edges outgrow one
machine they stay in the engine: :func:`edges_to_parquet` writes them as a folder of Parquet
files, and :func:`degrees`, :func:`density`, :func:`dyads`, :func:`type_matrix` and
:func:`triad_census` are computed there, without collecting the edges. They are named like the
functions of ``stats`` and ``motifs`` and give the same columns.
"""

from connectome_graph.border.doors import guarded
from connectome_graph.motifs._on_disk import triad_census
from connectome_graph.sources.engine import EdgeFolder, edges_to_parquet, open_edges
from connectome_graph.stats._on_disk import degrees, density, dyads, type_matrix

__all__ = [
    "EdgeFolder",
    "degrees",
    "density",
    "dyads",
    "edges_to_parquet",
    "open_edges",
    "triad_census",
    "type_matrix",
]


guarded(globals(), __all__)
