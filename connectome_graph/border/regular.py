"""Files that can be read to an end: no devices, pipes or sockets, nor links to one."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from connectome_graph.errors import InvalidArgument, UnreadableFile

__all__ = ["as_path", "check_regular", "is_path", "open_regular"]

#: Bytes that the name of a file, and a whole path, may have.
_NAME, _PATH = 255, 4096

_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def as_path(path: str | Path) -> Path:
    """Return a path as one, or say what it has to be.

    Raises
    ------
    InvalidArgument
        When it is neither text nor a path, is empty, or holds what no path can.

    Examples
    --------
    >>> as_path("column.connectome").name
    'column.connectome'
    """
    value: object = path
    if not isinstance(value, str | os.PathLike):
        raise InvalidArgument(f"a path is a text or a pathlib.Path; found {type(value).__name__}")
    text = os.fspath(value)
    if not is_path(text):
        raise InvalidArgument(f"{str(text)[:200]!r} is no path of a file or folder")
    return Path(text)


def is_path(value: object) -> bool:
    """Return whether a text or path is one that a file system can have.

    Examples
    --------
    >>> is_path("column.connectome"), is_path(""), is_path("x" * 300), is_path(3)
    (True, False, False, False)
    """
    if not isinstance(value, str | os.PathLike):
        return False
    text = os.fspath(value)
    if not isinstance(text, str) or not text or "\x00" in text:
        return False
    try:
        names = os.fsencode(text).split(os.fsencode(os.sep))
    except UnicodeError:
        return False
    return len(text) < _PATH and max(map(len, names)) <= _NAME


def check_regular(path: str | Path) -> None:
    """Refuse what is there and is neither a file nor a folder.

    Raises
    ------
    UnreadableFile
        When `path` is a device, a pipe or a socket, or a link to one.

    Examples
    --------
    >>> check_regular(".")
    """
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return
    _refuse(path, mode)


def open_regular(path: str | Path) -> IO[bytes]:
    """Open a file for reading in bytes; what is no regular file is refused without waiting.

    Raises
    ------
    UnreadableFile
        When `path` is a device, a pipe or a socket, or a link to one.
    OSError
        When it cannot be opened.

    Examples
    --------
    >>> with open_regular(__file__) as file:
    ...     file.readline()[:3]
    b'\"\"\"'
    """
    check_regular(path)
    # a pipe that comes into its place now would wait for a writer for ever
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(handle).st_mode
        _refuse(path, mode)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _refuse(path: str | Path, mode: int) -> None:
    for is_kind, name in _KINDS:
        if is_kind(mode):
            raise UnreadableFile(f"{path} is {name} and not a file; copy its content into a file")
