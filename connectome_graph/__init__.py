"""Synapse tables to annotated directed multigraphs, and network science on what could be seen.

``import connectome_graph as cg``: build with :func:`from_tables`, look at ``g.edges``,
compute with ``cg.stats``, ``cg.motifs``, ``cg.compare``, export with ``cg.export``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from connectome_graph.domain import Domain
from connectome_graph.errors import ConnectomeError
from connectome_graph.graph import ConnectomeGraph
from connectome_graph.provenance import Provenance

if TYPE_CHECKING:
    from connectome_graph import (
        datasets,
        motifs,
        nulls,
        plot,
        policies,
        report,
        skeletons,
        stats,
        weights,
    )
    from connectome_graph.build import from_adjacency, from_edges, from_tables
    from connectome_graph.build_cave import from_cave
    from connectome_graph.comparison import compare, compare_graphs
    from connectome_graph.sensitivity import sweep
    from connectome_graph.sources import cave, engine

#: Public name -> the module it lives in; loaded when first used, so that import stays light.
_LAZY = {
    "cave": "connectome_graph.sources",
    "compare": "connectome_graph.comparison",
    "compare_graphs": "connectome_graph.comparison",
    "datasets": "connectome_graph",
    "engine": "connectome_graph.sources",
    "export": "connectome_graph",
    "from_adjacency": "connectome_graph.build",
    "from_cave": "connectome_graph.build_cave",
    "from_edges": "connectome_graph.build",
    "from_tables": "connectome_graph.build",
    "motifs": "connectome_graph",
    "nulls": "connectome_graph",
    "plot": "connectome_graph",
    "policies": "connectome_graph",
    "read": "connectome_graph.storage",
    "report": "connectome_graph",
    "skeletons": "connectome_graph",
    "stats": "connectome_graph",
    "sweep": "connectome_graph.sensitivity",
    "weights": "connectome_graph",
    "write": "connectome_graph.storage",
}

__all__ = [
    "ConnectomeError",
    "ConnectomeGraph",
    "Domain",
    "Provenance",
    "cave",
    "compare",
    "compare_graphs",
    "datasets",
    "engine",
    "export",
    "from_adjacency",
    "from_cave",
    "from_edges",
    "from_tables",
    "motifs",
    "nulls",
    "plot",
    "policies",
    "read",
    "report",
    "skeletons",
    "stats",
    "sweep",
    "weights",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'connectome_graph' has no attribute {name!r}")
    home = _LAZY[name]
    if home in ("connectome_graph", "connectome_graph.sources"):
        return importlib.import_module(f"{home}.{name}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
