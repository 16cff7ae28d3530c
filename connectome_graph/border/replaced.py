"""What a writer may put in the place of: nothing of the user's is ever lost.

One rule for every file that the library writes. A writer replaces an empty file, and one that a
writer of its kind wrote; anything else only with ``overwrite=True``. Which files are its own is
told by what is in them: a mark, or for tables, which have room for none, the names of the first
columns.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectome_graph.border.arguments import check_switch
from connectome_graph.border.atomic import replacing
from connectome_graph.border.regular import as_path
from connectome_graph.errors import UnreadableFile

__all__ = ["MARK", "Own", "check_place", "marked", "replacing_own", "table_of"]

#: What pictures, pages and other files with room for it say of who wrote them.
MARK = "connectome_graph"
#: Bytes at both ends of a file in which its mark stands.
_REACH = 1 << 16

#: Whether the file at a place is one that the writer wrote.
Own = Callable[[Path], bool]


@contextmanager
def replacing_own(
    path: str | Path, *, own: Own, what: str, overwrite: bool = False
) -> Iterator[Path]:
    """Give a temporary path to write that takes the place of `path`, where it may.

    Parameters
    ----------
    path
        The file to write.
    own
        Tells a file of this kind of writer by its content.
    what
        What such a file is called.
    overwrite
        Whether any other file may be replaced.

    Yields
    ------
    pathlib.Path
        As :func:`connectome_graph.border.atomic.replacing`.

    Raises
    ------
    UnreadableFile
        When another file is there, or the place cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "thesis.txt"
    >>> _ = place.write_text("years of work")
    >>> with replacing_own(place, own=marked(b"<svg"), what="picture") as temporary:
    ...     pass
    Traceback (most recent call last):
        ...
    connectome_graph.errors.UnreadableFile: ...thesis.txt is there already and is no picture ...
    """

    def may_go(place: Path) -> None:
        check_place(place, own, what, overwrite=overwrite)

    with replacing(path, check=may_go) as temporary:
        yield temporary


def check_place(path: str | Path, own: Own, what: str, *, overwrite: bool = False) -> None:
    """Refuse a place that may not be written, before work is spent on it; nothing is changed.

    Raises
    ------
    UnreadableFile
        As :func:`replacing_own`.

    Examples
    --------
    >>> check_place("not-there.html", marked(b"<!doctype"), "page")
    """
    check_switch(overwrite, name="overwrite")
    place = as_path(path)
    if overwrite or not place.is_file() or not place.stat().st_size or own(place):
        return
    raise UnreadableFile(
        f"{place} is there already and is no {what} of this library; name another file, or pass "
        "overwrite=True to replace it"
    )


def marked(*starts: bytes, mark: str = MARK) -> Own:
    """Return what tells a file by how it starts and by a mark near its beginning or end.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "page.html"
    >>> _ = place.write_text('<!doctype html><meta name="generator" content="connectome_graph">')
    >>> marked(b"<!doctype")(place), marked(b"%PDF")(place)
    (True, False)
    """

    def own(place: Path) -> bool:
        try:
            with place.open("rb") as file:
                head = file.read(_REACH)
                file.seek(0, io.SEEK_END)
                file.seek(max(0, file.tell() - _REACH))
                tail = file.read(_REACH)
        except OSError:
            return False
        begins = head.lstrip()[:64].lower()
        return begins.startswith(starts) and mark.encode() in head + tail

    return own


def table_of(columns: Sequence[str]) -> Own:
    """Return what tells a table, in whichever format, by the names of its first columns.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "edges.csv"
    >>> _ = place.write_text("pre,post,count,size")
    >>> table_of(["pre", "post"])(place), table_of(["root_id"])(place)
    (True, False)
    """

    def own(place: Path) -> bool:
        return _first_names(place, len(columns)) == list(columns)

    return own


def _first_names(place: Path, n: int) -> list[str]:
    """Return the names of the first columns of a table; none where it is no table."""
    import pyarrow as pa
    import pyarrow.parquet

    try:
        with place.open("rb") as file:
            head = file.read(8)
        if head.startswith(b"PAR1"):
            return list(pyarrow.parquet.read_schema(place).names[:n])
        if head.startswith(b"ARROW1"):
            with pa.memory_map(str(place)) as source:
                return list(pa.ipc.open_file(source).schema.names[:n])
        opener = gzip.open if head.startswith(b"\x1f\x8b") else open
        with opener(place, "rb") as stream:
            line = stream.read(_REACH).decode("utf-8-sig").splitlines()[0]
    except (OSError, EOFError, ValueError, IndexError, zlib.error, pa.ArrowException):
        return []
    delimiter = "\t" if "\t" in line else ","
    try:
        return next(csv.reader([line], delimiter=delimiter), [])[:n]
    except csv.Error:
        return []
