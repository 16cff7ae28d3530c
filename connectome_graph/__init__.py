"""Synapse tables to annotated directed multigraphs, and network science on what could be seen.

``import connectome_graph as cg``: build with :func:`from_tables`, look at ``g.edges``,
compute with ``cg.stats``, ``cg.motifs``, ``cg.compare``, export with ``cg.export``.
"""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any

from connectome_graph.border.networkx_names import answer_plain_functions
from connectome_graph.errors import ConnectomeError

if TYPE_CHECKING:
    from connectome_graph import (
        datasets,
        engine,
        errors,
        motifs,
        nulls,
        plot,
        report,
        skeletons,
        stats,
    )
    from connectome_graph.build.cave import from_cave
    from connectome_graph.build.edges import from_edges
    from connectome_graph.build.graphml import read_graphml
    from connectome_graph.build.igraph import from_igraph
    from connectome_graph.build.matrices import from_adjacency
    from connectome_graph.build.networkx import from_networkx
    from connectome_graph.build.releases import from_release
    from connectome_graph.build.tables import from_tables
    from connectome_graph.build.union import union
    from connectome_graph.comparison import compare, compare_connectomes, compare_graphs, sweep
    from connectome_graph.graph import weights
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model import policies
    from connectome_graph.model.domain import Domain
    from connectome_graph.model.provenance import Provenance
    from connectome_graph.report import describe, explore
    from connectome_graph.sources import cave

#: Public module -> where it lives, and public name -> the module it lives in; loaded when first
#: used, so that import stays light.
_MODULES = {
    "cave": "connectome_graph.sources.cave",
    "datasets": "connectome_graph.datasets",
    "engine": "connectome_graph.engine",
    "errors": "connectome_graph.errors",
    "export": "connectome_graph.export",
    "motifs": "connectome_graph.motifs",
    "nulls": "connectome_graph.nulls",
    "plot": "connectome_graph.plot",
    "policies": "connectome_graph.model.policies",
    "report": "connectome_graph.report",
    "skeletons": "connectome_graph.skeletons",
    "stats": "connectome_graph.stats",
    "weights": "connectome_graph.graph.weights",
}
_NAMES = {
    "ConnectomeGraph": "connectome_graph.graph.graph",
    "Domain": "connectome_graph.model.domain",
    "Provenance": "connectome_graph.model.provenance",
    "compare": "connectome_graph.comparison",
    "compare_connectomes": "connectome_graph.comparison",
    "compare_graphs": "connectome_graph.comparison",
    "describe": "connectome_graph.report",
    "explore": "connectome_graph.report",
    "from_adjacency": "connectome_graph.build.matrices",
    "from_cave": "connectome_graph.build.cave",
    "from_edges": "connectome_graph.build.edges",
    "from_igraph": "connectome_graph.build.igraph",
    "from_networkx": "connectome_graph.build.networkx",
    "from_release": "connectome_graph.build.releases",
    "from_tables": "connectome_graph.build.tables",
    "read": "connectome_graph.storage",
    "read_graphml": "connectome_graph.build.graphml",
    "sweep": "connectome_graph.comparison",
    "union": "connectome_graph.build.union",
    "write": "connectome_graph.storage",
}

__all__ = [
    "ConnectomeError",
    "ConnectomeGraph",
    "Domain",
    "Provenance",
    "cave",
    "compare",
    "compare_connectomes",
    "compare_graphs",
    "datasets",
    "describe",
    "engine",
    "errors",
    "explore",
    "export",
    "from_adjacency",
    "from_cave",
    "from_edges",
    "from_igraph",
    "from_networkx",
    "from_release",
    "from_tables",
    "motifs",
    "nulls",
    "plot",
    "policies",
    "read",
    "read_graphml",
    "report",
    "skeletons",
    "stats",
    "sweep",
    "union",
    "weights",
    "write",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _NAMES:
        from connectome_graph.border.doors import guard

        value = getattr(importlib.import_module(_NAMES[name]), name)
        value = guard(value, module=__name__) if inspect.isfunction(value) else value
        # Kept: pickle finds the function that stands here, by this name.
        globals()[name] = value
        return value
    raise AttributeError(f"module 'connectome_graph' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def _run_by_networkx(function: Any, args: Any, kwargs: Any) -> Any:
    backend: Any = importlib.import_module("connectome_graph.networkx_backend")
    return backend.run_plain(function, args, kwargs)


answer_plain_functions(_run_by_networkx)
