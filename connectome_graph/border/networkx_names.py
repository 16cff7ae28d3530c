"""networkx's plain functions on our graphs: ``nx.density``, ``nx.draw``, layouts and writers.

networkx hands the functions that it dispatches to the backend of their graph. About ninety others
it does not: they read a graph through its methods, or take no class but networkx's own. As soon as
both libraries are imported, each of those names in networkx stands for a function that looks at
what it is given: a graph of ours goes to :mod:`connectome_graph.networkx_backend`, anything else
to networkx as before (``nx.density.__wrapped__`` is networkx's own). Neither library imports the
other for this.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["answer_plain_functions", "is_ours", "plain_functions"]

#: Runs a function of networkx for a graph of ours: (function, positional, by name).
Answer = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]

_BACKEND = "connectome_graph"
#: Where a function of ours keeps networkx's own.
_OWN = "_networkx_s_own"
#: Where networkx shows functions that it does not dispatch.
_PLACES = ("networkx", "networkx.algorithms.community", "networkx.algorithms.tree")
#: What it calls the graph that such a function takes first.
_GRAPH = ("G", "graph", "Gbunch", "G_to_add_to")


def answer_plain_functions(answer: Answer) -> None:
    """Let `answer` run networkx's plain functions on our graphs, now or once it is imported.

    Parameters
    ----------
    answer
        Called with the function and its arguments when one of these is a graph of ours.
    """
    if "networkx" in sys.modules:
        _stand_before(answer)
    else:
        # A finder is what has find_spec; the class of that name takes 10 ms to import.
        sys.meta_path.insert(0, _UponImport(answer))


def is_ours(value: Any) -> bool:
    """Return whether a value is a graph of ours, or a list with one.

    Examples
    --------
    >>> is_ours([1, 2])
    False
    """
    if isinstance(value, list | tuple):
        return any(getattr(type(each), "__networkx_backend__", "") == _BACKEND for each in value)
    return getattr(type(value), "__networkx_backend__", "") == _BACKEND


def plain_functions(place: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return the functions of a module of networkx that take a graph and are not dispatched.

    Examples
    --------
    >>> import networkx as nx
    >>> "density" in plain_functions(nx), "pagerank" in plain_functions(nx)
    (True, False)
    """
    found: dict[str, Callable[..., Any]] = {}
    for name, value in vars(place).items():
        if name.startswith("_") or not inspect.isfunction(value):
            continue
        parameters = list(inspect.signature(value).parameters)
        if parameters and parameters[0] in _GRAPH and "backend" not in parameters:
            found[name] = value
    return found


def _stand_before(answer: Answer) -> None:
    # Some functions have two names.
    known: dict[Callable[..., Any], Callable[..., Any]] = {}
    for name in _PLACES:
        place = sys.modules.get(name)
        if place is not None:
            for called, shown in plain_functions(place).items():
                # Where this package was imported anew, its older self stands there.
                function = getattr(shown, _OWN, shown)
                if function not in known:
                    known[function] = _wrapped(function, answer, name)
                setattr(place, called, known[function])


def _wrapped(function: Callable[..., Any], answer: Answer, place: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        if (args and is_ours(args[0])) or any(is_ours(value) for value in kwargs.values()):
            return answer(function, args, kwargs)
        return function(*args, **kwargs)

    # pickle finds a function by its module and name.
    run.__module__ = place
    setattr(run, _OWN, function)
    return run


class _UponImport:
    """Stands before networkx's functions at the end of its import, and then goes."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return networkx's own specification; its loader calls us when it is done."""
        if fullname != "networkx":
            return None
        others = (finder for finder in list(sys.meta_path) if finder is not self)
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((each for each in found if each is not None), None)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def executed(module: ModuleType) -> None:
                execute(module)
                if self in sys.meta_path:
                    sys.meta_path.remove(self)
                    _stand_before(self.answer)

            setattr(spec.loader, "exec_module", executed)  # noqa: B010 (a method, for mypy)
        return spec
