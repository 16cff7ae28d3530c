"""Files that appear whole or not at all.

Everything the library writes passes here: into a temporary file in the same folder, to disk,
then into its place in one step. A process that is interrupted or killed leaves the old file or
none, and at most a leftover whose name starts with a dot and ends in ``.partial``.

A folder cannot change places in one step: the old one steps aside, the new one takes its place,
and only then are the old one's files removed, one by one and by the names that were agreed on.
Whatever is raised in between puts the old one back; after a kill, :func:`standing` finds it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from connectome_graph.border.regular import as_path
from connectome_graph.errors import UnreadableFile

__all__ = ["SUFFIX", "foreign_files", "replacing", "replacing_folder", "standing"]

#: How the names of temporary files and folders end.
SUFFIX = ".partial"
_ASIDE = f".aside{SUFFIX}"

_HINTS = {
    errno.ENOSPC: "; free some space or write to another disk",
    errno.EDQUOT: "; the disk quota is used up, write to another disk",
    errno.EACCES: "; choose a folder that you may write to",
    errno.EROFS: "; choose a folder that you may write to",
}


@contextlib.contextmanager
def replacing(path: str | Path, *, check: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """Give a temporary path to write; when the block ends well it takes the place of `path`.

    On any exception, Ctrl-C included, the temporary file is removed and `path` stays as it was.
    A device or pipe (``/dev/stdout``) cannot be replaced and is written directly.

    Parameters
    ----------
    path
        The file to write; its folder must exist.
    check
        Called with the real place, before the block and again before the change; it raises when
        what stands there has to stay.

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
    with _telling(path):
        if target.is_dir():
            raise UnreadableFile(f"{path} is a folder; name a file to write")
        _checked(target, check)
        if target.exists() and not target.is_file():
            yield target
            return
        temporary = _beside(target)
        try:
            yield temporary
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            _to_disk(temporary)
            _checked(target, check)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        _to_disk(target.parent)


@contextlib.contextmanager
def replacing_folder(
    path: str | Path,
    *,
    known: Collection[str] = (),
    check: Callable[[Path], None] | None = None,
) -> Iterator[Path]:
    """Give a temporary folder to fill; when the block ends well it takes the place of `path`.

    A folder already at `path` goes only when it is empty or holds nothing but files of the names
    in `known`; it is looked at before the block and again when it has stepped aside.

    Parameters
    ----------
    path
        The folder to write; the folder around it must exist.
    known
        Names of the files that the folder at `path` may hold.
    check
        As in :func:`replacing`.

    Yields
    ------
    pathlib.Path
        An empty folder beside `path`.

    Raises
    ------
    UnreadableFile
        As for :func:`replacing`, and when the folder holds something else.

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
    with _telling(path):
        _put_back(target)
        _only_known(target, path, known)
        _checked(target, check)
        temporary = _beside(target)
        temporary.mkdir()
        try:
            yield temporary
            for file in temporary.iterdir():
                _to_disk(file)
            _checked(target, check)
            _change_places(temporary, target, path, known)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        _to_disk(target.parent)


def standing(path: str | Path) -> Path:
    """Return where the file or folder of this name is: aside, when a change of it was killed.

    Examples
    --------
    >>> standing("bundle.connectome")
    PosixPath('bundle.connectome')
    """
    place = as_path(path)
    try:
        if os.path.lexists(place) or not place.parent.is_dir():
            return place
        aside = _aside_of(place)
    except OSError as error:
        raise UnreadableFile(f"{str(path)[:200]} cannot be looked for: {error.strerror}") from error
    return aside[0] if len(aside) == 1 else place


def foreign_files(folder: Path, known: Collection[str]) -> list[str]:
    """Return the names in a folder that are not files of the known names, sorted.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "thesis.txt").write_text("years of work")
    >>> foreign_files(folder, ["manifest.json"])
    ['thesis.txt']
    """
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.name not in known or not entry.is_file(follow_symlinks=False)
        )


def _checked(target: Path, check: Callable[[Path], None] | None) -> None:
    if check is not None and os.path.lexists(target):
        check(target)


def _only_known(folder: Path, path: str | Path, known: Collection[str]) -> None:
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise UnreadableFile(f"{path} is a file; name a folder to write, or remove it first")
    foreign = foreign_files(folder, known)
    if foreign:
        raise UnreadableFile(
            f"the folder {path} holds something other than a bundle "
            f"({', '.join(foreign[:3])}{', ...' if len(foreign) > 3 else ''}) and is not replaced; "
            "name a new folder"
        )


def _change_places(temporary: Path, target: Path, path: str | Path, known: Collection[str]) -> None:
    """Put the new folder where the old one is; whatever is raised, one of them is there."""
    aside = _beside(target, ending=_ASIDE)
    try:
        if os.path.lexists(target):
            target.replace(aside)
            # something may have come into the folder while the new one was written
            _only_known(aside, path, known)
        temporary.replace(target)
    except BaseException:
        if os.path.lexists(aside) and not os.path.lexists(target):
            aside.replace(target)
        elif os.path.lexists(aside):
            _removed(aside, known)
        raise
    if os.path.lexists(aside):
        _removed(aside, known)


def _removed(folder: Path, known: Collection[str]) -> None:
    """Remove the files of the known names and their folder, and nothing else."""
    for name in known:
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()


def _put_back(target: Path) -> None:
    """Put back the folder that stepped aside in a change that was killed."""
    found = standing(target)
    if found != target:
        found.replace(target)


def _aside_of(target: Path) -> list[Path]:
    name = re.compile(rf"\.{re.escape(target.name[:60])}\.[0-9a-f]{{12}}{re.escape(_ASIDE)}")
    with os.scandir(target.parent) as entries:
        return [target.with_name(entry.name) for entry in entries if name.fullmatch(entry.name)]


def _place(path: str | Path) -> Path:
    """Return the real place of `path`: a link is followed, so that it stays a link."""
    target = Path(os.path.realpath(as_path(path)))
    if not _is_folder(target.parent):
        raise UnreadableFile(
            f"{path} cannot be written: the folder {target.parent} does not exist; make it first"
        )
    return target


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _beside(target: Path, ending: str = SUFFIX) -> Path:
    # Long names are cut, so that the temporary one still fits the file system's 255 bytes.
    return target.with_name(f".{target.name[:60]}.{secrets.token_hex(6)}{ending}")


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
        raise UnreadableFile(f"{str(path)[:500]} could not be written: {reason}{hint}") from error


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
