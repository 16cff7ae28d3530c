"""What a function computes, as a number: its code, defaults, closure and the data it holds.

A run that goes on from a checkpoint must have the same statistic and the same null model. A name
does not say that: a function may have been edited, or hold other arrays. What cannot be known by
content is refused.
"""

from __future__ import annotations

import datetime as dt
import decimal
import dis
import enum
import functools
import hashlib
import operator
import re
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.domain import Domain
from connectome_graph.model.pairs import PairSet

__all__ = ["fingerprint", "graph_digest"]

_PLAIN = (
    *(type(None), bool, int, float, complex, str, bytes, type(...), range, np.generic, np.dtype),
    *(decimal.Decimal, dt.date, dt.timedelta, PurePath, pd.Timestamp, pd.Timedelta),
)

_SLOTS = (types.MemberDescriptorType, types.GetSetDescriptorType)
_GETTERS = (operator.itemgetter, operator.attrgetter, operator.methodcaller)


def fingerprint(thing: Any, *, name: str) -> str:
    """Return a text that is the same only for a function or model that computes the same.

    Functions of installed libraries are known by their name and the library's version; others by
    their bytecode, constants, defaults, closure, and the globals that they use.

    Parameters
    ----------
    thing
        A function, partial, bound method, dataclass or other object.
    name
        What it is, for messages.

    Raises
    ------
    InvalidArgument
        When something in it cannot be known by content, such as a generator or an open file.

    Examples
    --------
    >>> def above(level):
    ...     return lambda g: level
    >>> fingerprint(above(1), name="statistic") == fingerprint(above(1), name="statistic")
    True
    >>> fingerprint(above(1), name="statistic") == fingerprint(above(2), name="statistic")
    False
    """
    reader = _Content(name)
    try:
        reader.add(thing)
    except RecursionError as error:
        raise InvalidArgument(
            f"checkpoint= cannot know the {name}: what it holds is nested too deeply"
        ) from error
    return reader.digest.hexdigest()[:16]


def graph_digest(g: ConnectomeGraph) -> str:
    """Return a fingerprint of a graph: its ids, edges, domain, and every column.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> graph_digest(cg.from_adjacency([[0, 2], [1, 0]])) == graph_digest(
    ...     cg.from_adjacency([[0, 2], [1, 0]])
    ... )
    True
    """
    reader = _Content("graph")
    reader.add(g.domain)
    digest = reader.digest
    for array in (*g.edge_codes, g.edge_counts):
        digest.update(np.ascontiguousarray(array).tobytes())
    for table in (g.neurons.reset_index(), g.synapses):
        for name, column in table.items():
            digest.update(str(name).encode())
            numeric = isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufb"
            values = column if numeric else column.astype(str)
            digest.update(np.packbits(column.isna().to_numpy(bool)).tobytes())
            digest.update(pd.util.hash_pandas_object(values, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:16]


class _Content:
    """Everything that was put into one digest; objects met again are named by their number."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.digest = hashlib.sha256()
        self._met: dict[int, tuple[int, Any]] = {}
        self._kinds: tuple[tuple[type | tuple[type, ...], Callable[[Any], None]], ...] = (
            (np.ndarray, self._array),
            (pd.DataFrame, self._frame),
            (pd.Series, lambda each: self._parts("series", each.name, each.index, each.array)),
            (pd.Index, lambda each: self._parts("index", list(each.names), each.to_numpy())),
            (pd.api.extensions.ExtensionArray, self._extension_array),
            (ConnectomeGraph, lambda each: self._parts("graph", graph_digest(each))),
            # By what they are: what was derived from them is kept in them, too.
            (Domain, lambda each: self._parts("domain", *each.content)),
            (PairSet, lambda each: self._parts("pairs", each.name, *each.columns.values())),
            (dict, lambda each: self._parts("dict", *each.keys(), *each.values())),
            ((set, frozenset), self._set),
            ((list, tuple), lambda each: self._parts(type(each).__name__, *each)),
            (functools.partial, lambda each: self._parts("partial", *each.__reduce__()[2][:3])),
            (types.MethodType, lambda each: self._parts("method", each.__func__, each.__self__)),
            (types.FunctionType, self._function),
            (types.CodeType, self._code),
            (types.ModuleType, self._module),
            ((types.BuiltinFunctionType, types.MethodDescriptorType, np.ufunc), self._builtin),
            (_GETTERS, lambda each: self._parts("getter", *each.__reduce__())),
            (re.Pattern, lambda each: self._parts("pattern", each.pattern, each.flags)),
            (slice, lambda each: self._parts("slice", each.start, each.stop, each.step)),
            (type, self._class),
        )

    def add(self, thing: Any) -> None:
        """Put one more object into the digest."""
        if isinstance(thing, _PLAIN) and not isinstance(thing, enum.Enum):
            self._text(f"{type(thing).__name__}:{thing!r}")
            return
        if id(thing) in self._met:
            self._text(f"again:{self._met[id(thing)][0]}")
            return
        # kept alive, so that no other object gets its id meanwhile
        self._met[id(thing)] = len(self._met), thing
        for kind, put in self._kinds:
            if isinstance(thing, kind):
                put(thing)
                return
        self._object(thing)

    def _text(self, text: str) -> None:
        data = text.encode("utf-8", "surrogatepass")
        self.digest.update(f"{len(data)}:".encode() + data)

    def _parts(self, what: str, *parts: Any) -> None:
        self._text(f"{what}({len(parts)})")
        for part in parts:
            self.add(part)

    # -- data ------------------------------------------------------------------------------

    def _array(self, array: np.ndarray[Any, Any]) -> None:
        self._text(f"array:{array.dtype.str}:{array.shape}")
        if array.dtype.hasobject:
            for each in array.ravel().tolist():
                self.add(each)
        else:
            self.digest.update(np.ascontiguousarray(array).tobytes())

    def _frame(self, frame: pd.DataFrame) -> None:
        columns = [frame.iloc[:, i].array for i in range(frame.shape[1])]
        self._parts("frame", frame.index, frame.columns, *columns)

    def _extension_array(self, array: Any) -> None:
        self._text(f"{type(array).__name__}:{array.dtype}")
        self._array(np.asarray(array.astype(object), object))

    def _set(self, items: Any) -> None:
        # a set has no order: its items are put in that of their own digests
        self._parts("set", *sorted(fingerprint(item, name=self.name) for item in items))

    # -- code ------------------------------------------------------------------------------

    def _function(self, function: types.FunctionType) -> None:
        if _is_installed(function):
            self._named(f"{function.__module__}.{function.__qualname__}")
            return
        cells = [_cell(cell) for cell in function.__closure__ or ()]
        used = {
            name: function.__globals__[name]
            for name in sorted(_names_used(function.__code__))
            if name in function.__globals__
        }
        self._parts(
            "function",
            function.__code__,
            function.__defaults__,
            function.__kwdefaults__,
            cells,
            used,
            getattr(function, "__wrapped__", None),
        )

    def _code(self, code: types.CodeType) -> None:
        self._parts(
            "code",
            code.co_code,
            code.co_consts,
            code.co_names,
            code.co_varnames,
            code.co_freevars,
            code.co_argcount,
            code.co_kwonlyargcount,
            code.co_flags,
        )

    def _builtin(self, function: Any) -> None:
        owner = getattr(function, "__self__", None)
        if owner is not None and not isinstance(owner, types.ModuleType):
            self._parts(f"builtin:{function.__name__}", owner)
            return
        module = getattr(function, "__module__", None) or type(function).__module__
        self._text(f"builtin:{module}.{getattr(function, '__qualname__', function.__name__)}")

    def _class(self, kind: type) -> None:
        if _is_installed(kind):
            self._named(f"{kind.__module__}.{kind.__qualname__}")
            return
        said = {
            name: value
            for name, value in sorted(vars(kind).items())
            if isinstance(value, types.FunctionType | staticmethod | classmethod | property)
            or not (name.startswith("__") or isinstance(value, _SLOTS))
        }
        self._parts("class", kind.__qualname__, list(kind.__bases__), said)

    def _module(self, module: types.ModuleType) -> None:
        self._named(module.__name__)
        file = getattr(module, "__file__", None)
        if file is not None and not _in_library(file):
            # a module of one's own may be edited
            place = Path(file)
            files = place.parent.rglob("*.py") if place.name == "__init__.py" else [place]
            for each in sorted(files):
                self.digest.update(each.read_bytes())

    def _named(self, name: str) -> None:
        """Put something of an installed library into the digest: by name and version."""
        top = name.partition(".")[0]
        version = getattr(sys.modules.get(top), "__version__", "")
        self._text(f"named:{name}:{version}")

    # -- anything else ---------------------------------------------------------------------

    def _object(self, thing: Any) -> None:
        if isinstance(getattr(thing, "__qualname__", None), str) and _is_installed(thing):
            self._named(f"{thing.__module__}.{thing.__qualname__}")
            return
        if isinstance(thing, enum.Enum):
            self._parts("enum", type(thing), thing.name)
            return
        if isinstance(thing, staticmethod | classmethod):
            self._parts("method", thing.__func__)
            return
        if isinstance(thing, functools.cached_property):
            self._parts("cached_property", thing.func)
            return
        if isinstance(thing, property):
            self._parts("property", thing.fget, thing.fset, thing.fdel)
            return
        inner = getattr(thing, "py_func", None) or getattr(thing, "__wrapped__", None)
        if isinstance(inner, types.FunctionType):  # numba's and functools' wrappers
            self._parts(f"wrapped:{type(thing).__name__}", inner)
            return
        if is_dataclass(thing):
            values = [getattr(thing, field.name) for field in fields(thing)]
            self._parts("dataclass", type(thing), *values)
            return
        if isinstance(thing, Mapping):
            self._parts("mapping", dict(thing))
            return
        held = _state(thing)
        if held is None:
            raise InvalidArgument(
                f"checkpoint= needs to know that the {self.name} is the same when a run goes on, "
                f"and a {type(thing).__module__}.{type(thing).__qualname__} in it cannot be known "
                "by its content; give what it needs as numbers, text or arrays (a function, "
                "functools.partial or a dataclass), or leave the checkpoint out"
            )
        self._parts("object", type(thing), held)


#: The flag of types that were made while running, which those of Python are, and that of types
#: that nobody may change, which since Python 3.12 tells C's among them.
_MADE_WHILE_RUNNING, _IMMUTABLE = 1 << 9, 1 << 8


def _state(thing: Any) -> dict[str, Any] | None:
    """Return the attributes of an object of Python; None for one whose state is elsewhere."""
    flags = [kind.__flags__ for kind in type(thing).__mro__[:-1]]
    if not all(each & _MADE_WHILE_RUNNING and not each & _IMMUTABLE for each in flags):
        return None  # a type of C: its attributes do not say what it holds
    slots = [name for kind in type(thing).__mro__ for name in _slots(kind)]
    if not hasattr(thing, "__dict__") and not slots:
        return None
    held = {name: getattr(thing, name) for name in slots if hasattr(thing, name)}
    # what was computed from the rest and kept says nothing new, and is not always there
    kept = {
        name
        for kind in type(thing).__mro__
        for name, value in vars(kind).items()
        if isinstance(value, functools.cached_property)
    }
    own = getattr(thing, "__dict__", {})
    return held | {name: own[name] for name in sorted(own) if name not in kept}


def _slots(kind: type) -> tuple[str, ...]:
    slots = vars(kind).get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    return tuple(name for name in names if name not in ("__dict__", "__weakref__"))


def _cell(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # named and not yet filled
        return None


def _names_used(code: types.CodeType) -> set[str]:
    """Return the names of globals that a function may look up, inner functions included."""
    looked_up = ("LOAD_GLOBAL", "LOAD_NAME")
    names = {each.argval for each in dis.get_instructions(code) if each.opname in looked_up}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names_used(constant)
    return names


@functools.lru_cache(maxsize=1)
def _library_folders() -> tuple[Path, ...]:
    import sysconfig

    paths = sysconfig.get_paths()
    folders = {Path(paths[key]).resolve() for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {Path(__file__).resolve().parents[1]}
    return tuple(folders)


def _is_installed(thing: Any) -> bool:
    """Return whether a function or class is what a library calls by this name."""
    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    if module is None or module.__name__ == "__main__":
        return False
    found: Any = module
    for name in thing.__qualname__.split("."):
        found = getattr(found, name, None)
    if found is not thing:
        return False
    file = getattr(module, "__file__", None)
    if file is None:
        return getattr(module.__spec__, "origin", None) in ("frozen", "built-in")
    return _in_library(file)


def _in_library(file: str) -> bool:
    place = Path(file).resolve()
    return any(folder in place.parents for folder in _library_folders())
