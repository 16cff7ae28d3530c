"""The networkx functions that are ours too: ``nx.triadic_census(g)`` runs on our kernels.

networkx finds this module by its entry point and calls the functions of the same name here
whenever the graph it is given is a :class:`~connectome_graph.graph.ConnectomeGraph`. To them a
connectome is the directed graph of its edges: one edge per connected pair **of the domain**, as in
``cg.export.to_networkx(g, weight="count")``. Where every pair is in the domain the answers are
networkx's own, and on a smaller domain the denominators are the pairs that could have been seen;
a neuron of which the answer was not observable has NaN.

Every other function of networkx runs in networkx, on a copy of the graph that is made once, said
once (:class:`ConversionWarning`) and kept as long as the graph: ``nx.shortest_path``,
``nx.pagerank``, and those that networkx does not dispatch, such as ``nx.draw``: their names in
networkx stand for functions that send our graphs here. Functions that change their graph are
refused, and so are, on a domain of pairs, those that divide by all pairs: networkx knows no pairs
that could not have met.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.networkx_backend._components import (
    is_strongly_connected,
    is_weakly_connected,
    number_strongly_connected_components,
    number_weakly_connected_components,
)
from connectome_graph.networkx_backend._conversion import (
    ConvertedGraph,
    convert_from_nx,
    convert_to_nx,
)
from connectome_graph.networkx_backend._degree import (
    degree_centrality,
    in_degree_centrality,
    is_empty,
    isolates,
    number_of_isolates,
    number_of_selfloops,
    out_degree_centrality,
)
from connectome_graph.networkx_backend._dyads_and_triads import (
    average_clustering,
    clustering,
    overall_reciprocity,
    reciprocity,
    triadic_census,
)
from connectome_graph.networkx_backend._everything_else import (
    ConversionWarning,
    or_networkx,
    run_by_networkx,
    run_plain,
)

__all__ = [
    "ConversionWarning",
    "average_clustering",
    "can_run",
    "clustering",
    "convert_from_nx",
    "convert_to_nx",
    "degree_centrality",
    "in_degree_centrality",
    "is_empty",
    "is_strongly_connected",
    "is_weakly_connected",
    "isolates",
    "number_of_isolates",
    "number_of_selfloops",
    "number_strongly_connected_components",
    "number_weakly_connected_components",
    "out_degree_centrality",
    "overall_reciprocity",
    "reciprocity",
    "run_plain",
    "should_run",
    "triadic_census",
]

# In these networkx counts a loop as an edge, where we keep it apart: it then runs its own.
_COUNTS_LOOPS = frozenset(
    {
        "degree_centrality", "in_degree_centrality", "out_degree_centrality", "reciprocity",
        "overall_reciprocity", "isolates", "number_of_isolates", "is_empty", "clustering",
        "average_clustering",
    }
)  # fmt: skip


# These divide by, or count, all pairs or triples of nodes, of which some could not have met.
_OVER_ALL_PAIRS = frozenset(
    {
        "triadic_census", "clustering", "average_clustering", "transitivity", "reciprocity",
        "overall_reciprocity", "degree_centrality", "in_degree_centrality",
        "out_degree_centrality", "density",
    }
)  # fmt: skip


def can_run(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool | str:
    """Return whether a function here takes these arguments, or why not.

    Parameters
    ----------
    name
        Name of the function.
    args, kwargs
        What networkx was called with.

    Examples
    --------
    >>> import networkx as nx
    >>> can_run("triadic_census", (nx.DiGraph(),), {})
    True
    >>> can_run("clustering", (nx.DiGraph(),), {"weight": "weight"})
    'weighted clustering is not ours'
    """
    given = [*args, *kwargs.values()]
    given += [each for value in given if isinstance(value, list | tuple) for each in value]
    graph = next((each for each in given if isinstance(each, ConnectomeGraph)), None)
    if graph is None and name in _OURS:
        return _takes(name, args, kwargs)
    # What is not ours runs in networkx, on a copy.
    return _refused(graph, name) or True


def _refused(graph: Any, name: str) -> str:
    """Return why a graph of ours is neither for us nor for networkx; empty when it is."""
    if graph is None:
        return "networkx's own graphs run in networkx"
    if name in _OVER_ALL_PAIRS:
        if graph.domain.pairs is not None:
            return "networkx knows no pairs that could not have met: use stats or motifs"
        if graph.domain.diagonal:
            return "self-pairs are edges of a graph of types"
    return ""


def _takes(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool | str:
    """Return whether our function of that name takes these arguments, or why not."""
    graph = args[0] if args else kwargs["G"]
    second = "nodelist" if name == "triadic_census" else "nodes"
    given = dict(zip(("G", second, "weight"), args, strict=False)) | kwargs
    if given.get("nodelist") is not None:
        return "a census of some of the nodes is not ours: take g.subgraph(ids)"
    if name in ("clustering", "average_clustering") and given.get("weight") is not None:
        return "weighted clustering is not ours"
    if isinstance(graph, ConnectomeGraph):
        return "self-pairs are edges of a graph of types" if graph.domain.diagonal else True
    if isinstance(graph, ConvertedGraph):
        return True
    if not graph.is_directed() or graph.is_multigraph():
        return "a connectome is directed, with one edge per connected pair"
    if name in _COUNTS_LOOPS and any(node in graph.succ[node] for node in graph):
        return "networkx counts loops as edges here"
    return True


def should_run(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool | str:
    """Return whether a graph of networkx is worth converting: only for the census.

    Parameters
    ----------
    name
        Name of the function.
    args, kwargs
        What networkx was called with.

    Examples
    --------
    >>> should_run("triadic_census", (), {}), should_run("is_empty", (), {})
    (True, 'converting takes longer than the answer')
    """
    del args, kwargs
    return name == "triadic_census" or "converting takes longer than the answer"


_OURS = frozenset(__all__) - {
    "ConversionWarning", "can_run", "convert_from_nx", "convert_to_nx", "run_plain",
    "should_run",
}  # fmt: skip
for _name in sorted(_OURS):
    globals()[_name] = or_networkx(globals()[_name], _takes)


def __getattr__(name: str) -> Callable[..., Any]:
    # Names that Python asks modules for, such as __path__, are not networkx's.
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return run_by_networkx(name)
