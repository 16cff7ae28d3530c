"""The errors of the library: what was found, what was needed, what to do.

Every error the library raises on purpose is a :class:`ConnectomeError`, and also the
built-in class a caller would expect (``ValueError``, ``KeyError``, ``OSError``), so both
``except ConnectomeError`` and the usual ``except`` clauses work.
"""

from __future__ import annotations

import difflib
import importlib
import os
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

__all__ = [
    "ConnectomeError",
    "IncompleteWarning",
    "InvalidArgument",
    "InvalidTable",
    "MissingDependency",
    "NotMixedWarning",
    "RemoteError",
    "UnknownName",
    "UnreadableFile",
]


def __dir__() -> list[str]:
    return sorted(__all__)


T = TypeVar("T")


class ConnectomeError(Exception):
    """Base of every error that the library raises on purpose.

    Examples
    --------
    >>> issubclass(InvalidTable, ConnectomeError)
    True
    """

    def __str__(self) -> str:
        # KeyError would print the repr of its message; every child prints the message itself.
        return str(self.args[0]) if self.args else ""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the user's own lines, and the sentence.

        With CONNECTOME_GRAPH_DEBUG in the environment, the whole traceback.
        """
        if os.environ.get("CONNECTOME_GRAPH_DEBUG"):
            return traceback.format_exception(self)
        ours = str(Path(__file__).parent)
        frames = [
            frame
            for frame in traceback.extract_tb(self.__traceback__)
            if not frame.filename.startswith(ours) and "IPython" not in frame.filename
        ]
        lines = [f"line {frame.lineno}:  {frame.line}" for frame in frames if frame.line]
        return [*lines, "", f"{type(self).__name__}: {self}"]


class InvalidTable(ConnectomeError, ValueError):
    """A table breaks a validity rule of the data model.

    Examples
    --------
    >>> issubclass(InvalidTable, ValueError)
    True
    """


class InvalidArgument(ConnectomeError, ValueError):
    """An argument is out of range, of the wrong kind, or not one of the known choices.

    Examples
    --------
    >>> issubclass(InvalidArgument, ValueError)
    True
    """


class UnknownName(ConnectomeError, KeyError):
    """A column, neuron, dataset or table of that name does not exist.

    Examples
    --------
    >>> str(UnknownName("no column 'cel_type'"))
    "no column 'cel_type'"
    """


class UnreadableFile(ConnectomeError, OSError):
    """A file is missing, truncated, not what its suffix says, or cannot be written.

    Examples
    --------
    >>> issubclass(UnreadableFile, OSError)
    True
    """


class MissingDependency(ConnectomeError, ImportError):
    """An optional library is needed and not installed.

    Examples
    --------
    >>> issubclass(MissingDependency, ImportError)
    True
    """


class RemoteError(ConnectomeError, RuntimeError):
    """A server refused, failed, or answered something that cannot be trusted.

    Examples
    --------
    >>> issubclass(RemoteError, RuntimeError)
    True
    """


class NotMixedWarning(UserWarning):
    """The chain of a null model does not forget the observed graph: p and z mean nothing.

    Examples
    --------
    >>> issubclass(NotMixedWarning, UserWarning)
    True
    """


class IncompleteWarning(UserWarning):
    """A result holds less than was asked for, because a stated cap was met.

    Examples
    --------
    >>> issubclass(IncompleteWarning, UserWarning)
    True
    """


def did_you_mean(name: object, options: Iterable[object]) -> str:
    """Return a sentence naming the option closest to `name`, or an empty string.

    Parameters
    ----------
    name
        What was asked for.
    options
        The names that exist.

    Returns
    -------
    str
        ``" Did you mean 'cell_type'?"`` with a leading space, or ``""``.

    Examples
    --------
    >>> did_you_mean("cel_type", ["cell_type", "broad_type"])
    " Did you mean 'cell_type'?"
    >>> did_you_mean("xyz", ["cell_type"])
    ''
    """
    close = difflib.get_close_matches(str(name), [str(option) for option in options], n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def choice(value: T, options: Iterable[T], *, name: str) -> T:
    """Return `value` when it is one of `options`, else raise naming them all.

    Raises
    ------
    InvalidArgument
        When `value` is not among `options`.

    Examples
    --------
    >>> choice("drop", ["raise", "drop"], name="unknown")
    'drop'
    """
    known = list(options)
    # Equal and of one kind: whatever a user passes, comparing it cannot fail.
    if not any(isinstance(value, type(option)) and value == option for option in known):
        listed = ", ".join(repr(option) for option in known)
        raise InvalidArgument(
            f"{name}={value!r} is not a choice; use one of {listed}.{did_you_mean(value, known)}"
        )
    return value


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import an optional library, or say how to install it.

    Parameters
    ----------
    module
        The module to import.
    extra
        The extra of ``connectome-graph`` that installs it.
    purpose
        What needs it, as in "reading skeletons".

    Raises
    ------
    MissingDependency
        With the pip command, when the library is absent.

    Examples
    --------
    >>> require("math", extra="none", purpose="an example").floor(1.5)
    1
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingDependency(
            f"{purpose} needs {module.partition('.')[0]}, which could not be imported ({error}); "
            f"install it with: pip install 'connectome-graph[{extra}]'"
        ) from error
