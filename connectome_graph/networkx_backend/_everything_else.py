"""Functions of networkx that are not ours: run by networkx on a copy that is made once."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
import weakref
from collections.abc import Callable
from typing import Any

from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.networkx_backend._conversion import ConvertedGraph, convert_to_nx

__all__ = ["ConversionWarning", "or_networkx", "run_by_networkx", "run_plain"]


class ConversionWarning(UserWarning):
    """A function of networkx works on a converted copy of a graph, in networkx's own time."""


# By identity: graphs compare by content, and a copy must not be looked for among equal ones.
_copies: dict[int, tuple[weakref.ref[ConnectomeGraph], Any]] = {}


def run_by_networkx(name: str) -> Callable[..., Any]:
    """Return networkx's own function, for graphs of ours.

    Parameters
    ----------
    name
        Name of a function of networkx that takes a graph.

    Raises
    ------
    AttributeError
        When networkx has no function of that name that takes a graph.

    Examples
    --------
    >>> import warnings, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     run_by_networkx("shortest_path")(g, 1, 3)
    [1, 2, 3]
    """
    from networkx.utils.backends import _registered_algorithms

    function = _registered_algorithms.get(name)
    if function is None:
        return _plain(name)
    own: Callable[..., Any] = function.orig_func

    @functools.wraps(own)
    def run(*args: Any, **kwargs: Any) -> Any:
        if _changes(function, args, kwargs):
            raise _unchanging(name)
        converted = [_converted(value, name) for value in args]
        named = {key: _converted(value, name) for key, value in kwargs.items()}
        return _called(own, converted, named)

    return run


#: Plain functions that change the graph they are given.
_CHANGING = frozenset({"add_cycle", "add_path", "add_star", "apply_matplotlib_colors"})
#: Plain functions that write into attributes on their way: they get a copy of the copy.
_WRITING = frozenset({"display"})
#: Plain functions whose answer stands in the graph, without a copy.
_KNOWN: dict[str, Callable[[ConnectomeGraph], Any]] = {
    "density": lambda g: g.n_edges / g.domain.n_pairs if g.n_edges else 0.0,
    "is_directed": lambda _: True,
    "number_of_edges": lambda g: g.n_edges,
    "number_of_nodes": lambda g: g.n_neurons,
}


def run_plain(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run a function that networkx does not dispatch on a graph of ours.

    Density, numbers of neurons and edges are ours (density over the observable pairs); every
    other function runs in networkx, on the copy that all of them share.

    Parameters
    ----------
    function
        A function of networkx.
    args, kwargs
        Its arguments; at least one is a graph of ours.

    Raises
    ------
    InvalidArgument
        When the function would change the graph.

    Examples
    --------
    >>> import networkx as nx, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    >>> round(nx.density(g), 3), nx.number_of_nodes(g)
    (0.333, 3)
    """
    name = function.__name__
    given = inspect.signature(function).bind(*args, **kwargs).arguments
    graph = next(iter(given.values()))
    if name in _CHANGING or given.get("store_pos_as") is not None:
        raise _unchanging(name)
    known = len(given) == 1 and name in _KNOWN and isinstance(graph, ConnectomeGraph)
    if known and not (name == "density" and graph.domain.diagonal):
        return _KNOWN[name](graph)
    converted = [_converted(value, name) for value in args]
    named = {key: _converted(value, name) for key, value in kwargs.items()}
    if name in _WRITING:
        converted[:1] = [each.copy() for each in converted[:1]]
    return _called(function, converted, named)


def _called(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Call a function of networkx; one that writes into its graph for a while gets its own."""
    import networkx as nx

    try:
        return function(*args, **kwargs)
    except nx.NetworkXError as refusal:
        if "Frozen graph" not in str(refusal):
            raise
    thawed = [nx.DiGraph(each) if isinstance(each, nx.Graph) else each for each in args]
    return function(*thawed, **kwargs)


def _plain(name: str) -> Callable[..., Any]:
    """Return a function that networkx has and does not dispatch."""
    import networkx as nx

    from connectome_graph.border.networkx_names import plain_functions

    function: Callable[..., Any] | None = plain_functions(nx).get(name)
    if function is None:
        raise AttributeError(f"networkx has no function called {name!r} that takes a graph")
    return function


def _unchanging(name: str) -> InvalidArgument:
    return InvalidArgument(
        f"nx.{name} changes the graph that it is given, and a ConnectomeGraph does not change; "
        "call it on cg.export.to_networkx(g)"
    )


def or_networkx(ours: Callable[..., Any], can_run: Callable[..., bool | str]) -> Callable[..., Any]:
    """Return a function of ours that leaves to networkx what it does not take.

    Parameters
    ----------
    ours
        The function, named as networkx's.
    can_run
        Says whether it takes some arguments, or why not.
    """
    name = ours.__name__

    @functools.wraps(ours)
    def run(*args: Any, **kwargs: Any) -> Any:
        if can_run(name, args, kwargs) is True:
            return ours(*args, **kwargs)
        return run_by_networkx(name)(*args, **kwargs)

    return run


def _changes(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Return whether a call changes its graph: always, or by an argument of such a meaning."""
    rule = getattr(function, "mutates_input", False)
    if not isinstance(rule, dict):
        return bool(rule)
    for text, place in rule.items():
        name = text.removeprefix("not ")
        given = (
            args[place] if len(args) > place else kwargs.get(name, True if name != text else None)
        )
        if (not given) if name != text else given is not None:
            return True
    return False


def _converted(value: Any, name: str) -> Any:
    """Return a graph of ours as networkx's, also inside a list; anything else as it is."""
    if isinstance(value, ConnectomeGraph):
        return _copy(value, name)
    if isinstance(value, ConvertedGraph):
        return convert_to_nx(value)
    if isinstance(value, list | tuple) and any(isinstance(each, ConnectomeGraph) for each in value):
        return type(value)(_converted(each, name) for each in value)
    return value


def _to_the_caller() -> int:
    """Return how many calls above :func:`_copy` somebody else's code stands."""
    inside = {"networkx", __name__.partition(".")[0]}
    level, frame = 1, sys._getframe(1)
    # What networkx compiles for its decorators has no name.
    while frame.f_back and frame.f_globals.get("__name__", "networkx").partition(".")[0] in inside:
        level, frame = level + 1, frame.f_back
    return level


def _copy(g: ConnectomeGraph, name: str) -> Any:
    """Return the networkx graph of a connectome, converted when first asked for and then kept."""
    import networkx as nx

    held = _copies.get(id(g))
    if held is not None and held[0]() is g:
        return held[1]
    warnings.warn(
        f"nx.{name} runs in networkx, on a copy of {g.n_neurons:,} neurons and {g.n_edges:,} "
        "edges that is made once and kept with the graph; weights are numbers of synapses, and "
        "pairs that nobody could see count as unconnected",
        ConversionWarning,
        stacklevel=_to_the_caller(),
    )
    # Nobody else's function may change what the next one will see.
    graph = nx.freeze(convert_to_nx(g))
    key = id(g)

    def forget(_: object) -> None:
        _copies.pop(key, None)

    _copies[key] = weakref.ref(g, forget), graph
    return graph
