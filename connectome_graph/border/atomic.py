"""Files that appear whole or not at all.

Everything the library writes passes here: into a temporary file in the same folder, to disk,
then into its place in one step. A process that is interrupted or killed leaves the old file or
none, and at most a leftover whose name starts with a dot and ends in ``.partial``.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from connectome_graph.errors import UnreadableFile

__all__ = ["SUFFIX", "replacing", "replacing_folder"]

#: How the names of temporary files and folders end.
SUFFIX = ".partial"

_HINTS = {
    errno.ENOSPC: "; free some space or write to another disk",
    errno.EDQUOT: "; the disk quota is used up, write to another disk",
    errno.EACCES: "; choose a folder that you may write to",
    errno.EROFS: "; choose a folder that you may write to",
}


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path to write; when the block ends well it takes the place of `path`.

    On any exception, Ctrl-C included, the temporary file is removed and `path` stays as it was.
    A device or pipe (``/dev/stdout``) cannot be replaced and is written directly.

    Parameters
    ----------
    path
        The file to write; its folder must exist.

    Yields
    ------
    pathlib.Path
        Where to write, in the folder of `path`.

    Raises
    ------
    UnreadableFile
        When the folder does not exist, `path` is a folder, or the disk is full or read-only.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with replacing(folder / "ids.txt") as temporary:
    ...     _ = temporary.write_text("864691135000000001")
    >>> [file.name for file in folder.iterdir()]
    ['ids.txt']
    """
    target = _place(path)
    if target.is_dir():
        raise UnreadableFile(f"{path} is a folder; name a file to write")
    with _telling(path):
        if target.exists() and not target.is_file():
            yield target
            return
        temporary = _beside(target)
        try:
            yield temporary
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            _to_disk(temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        _to_disk(target.parent)


@contextlib.contextmanager
def replacing_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder to fill; when the block ends well it takes the place of `path`.

    A folder already at `path` is moved aside for the moment of the change and removed after
    it, so check before that it is one that may go.

    Parameters
    ----------
    path
        The folder to write; the folder around it must exist.

    Yields
    ------
    pathlib.Path
        An empty folder beside `path`.

    Raises
    ------
    UnreadableFile
        As for :func:`replacing`.

    Examples
    --------
    >>> import tempfile
    >>> home = Path(tempfile.mkdtemp())
    >>> with replacing_folder(home / "bundle") as temporary:
    ...     _ = (temporary / "manifest.json").write_text("{}")
    >>> [file.name for file in home.iterdir()]
    ['bundle']
    """
    target = _place(path)
    if target.exists() and not target.is_dir():
        raise UnreadableFile(f"{path} is a file; name a folder to write, or remove it first")
    with _telling(path):
        temporary, aside = _beside(target), _beside(target)
        temporary.mkdir()
        try:
            yield temporary
            for file in temporary.iterdir():
                _to_disk(file)
            if target.exists():
                target.replace(aside)
            try:
                temporary.replace(target)
            except OSError:
                if aside.exists():
                    aside.replace(target)
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(aside, ignore_errors=True)
        _to_disk(target.parent)


def _place(path: str | Path) -> Path:
    """Return the real place of `path`: a link is followed, so that it stays a link."""
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise UnreadableFile(
            f"{path} cannot be written: the folder {target.parent} does not exist; make it first"
        )
    return target


def _beside(target: Path) -> Path:
    # Long names are cut, so that the temporary one still fits the file system's 255 bytes.
    return target.with_name(f".{target.name[:60]}.{secrets.token_hex(6)}{SUFFIX}")


@contextlib.contextmanager
def _telling(path: str | Path) -> Iterator[None]:
    """Turn the operating system's refusals into a sentence about `path`."""
    try:
        yield
    except UnreadableFile:
        raise
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        hint = _HINTS.get(error.errno or 0, "")
        raise UnreadableFile(f"{path} could not be written: {reason}{hint}") from error


def _to_disk(path: Path) -> None:
    """Wait until a file or folder is on disk; not every file system can do folders."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if not path.is_dir() or error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
