"""CAVE datastacks as plain tables, through one guarded fetch.

CAVE (Connectome Annotation Versioning Engine; Dorkenwald et al., Nature Methods 2025) serves
MICrONS, V1DD, FlyWire, BANC, FANC and H01. This package asks it for pinned versions only, and
never returns a table that is silently smaller than the server's.
"""

from connectome_graph.sources.cave.credentials import RefusedToken
from connectome_graph.sources.cave.datastacks import (
    DATASTACKS,
    Cells,
    Datastack,
    Labels,
    Proofreading,
    datastack,
)
from connectome_graph.sources.cave.load import CaveTables, load_tables
from connectome_graph.sources.cave.options import FetchOptions
from connectome_graph.sources.cave.roots import StaleRootIds, latest_ids

__all__ = [
    "DATASTACKS",
    "CaveTables",
    "Cells",
    "Datastack",
    "FetchOptions",
    "Labels",
    "Proofreading",
    "RefusedToken",
    "StaleRootIds",
    "datastack",
    "latest_ids",
    "load_tables",
]
