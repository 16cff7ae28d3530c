"""CAVE datastacks as plain tables, through one guarded fetch.

CAVE (Connectome Annotation Versioning Engine; Dorkenwald et al., Nature Methods 2025) serves
MICrONS, V1DD, FlyWire, BANC, FANC and H01. This package asks it for pinned versions only, and
never returns a table that is silently smaller than the server's.
"""

from connectome_graph.border.doors import guard_made, guarded
from connectome_graph.sources.cave._connect import connect
from connectome_graph.sources.cave._credentials import RefusedToken
from connectome_graph.sources.cave._datastack import (
    Cells,
    Datastack,
    Labels,
    Pairs,
    Proofreading,
)
from connectome_graph.sources.cave._datastacks import DATASTACKS, datastack
from connectome_graph.sources.cave._load import CaveTables, load_tables
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._roots import StaleRootIds, latest_ids
from connectome_graph.sources.cave._session import Session

__all__ = [
    "DATASTACKS",
    "CaveTables",
    "Cells",
    "Datastack",
    "FetchOptions",
    "Labels",
    "Pairs",
    "Proofreading",
    "RefusedToken",
    "Session",
    "StaleRootIds",
    "connect",
    "datastack",
    "latest_ids",
    "load_tables",
]

guarded(globals(), __all__)
for _entry in (Cells, Datastack, Labels, Pairs, Proofreading):
    guard_made(_entry)
