"""What a user hands over: a folder, files, archives or tables, each looked at before it is read."""

from __future__ import annotations

import contextlib
import gzip
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeAlias, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from pandas.api.types import is_list_like

from connectome_graph.border.regular import as_path, check_regular
from connectome_graph.errors import InvalidArgument, InvalidTable, UnreadableFile
from connectome_graph.sources.files import TableFiles, opened, read_table
from connectome_graph.sources.looked_at import look_at
from connectome_graph.sources.releases.layouts import HEADERLESS
from connectome_graph.sources.text_options import TextOptions

__all__ = ["ARCHIVES", "Given", "Source", "array_ids", "looked_at", "packed_names", "unpack"]

#: A folder, a file, an archive; several of them; or tables as they come from another library.
Source: TypeAlias = Any

#: Endings of what files may be packed in.
ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")
_TEXT = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_TABLES = (*_TEXT, ".feather", ".arrow", ".parquet", ".pq")
_OTHER = (".npy", ".xlsx", ".h5", ".hdf5")
# Bytes that an archive may unpack to: far above any release, far below a full disk
_LARGEST = 500 * 2**30


@dataclass(frozen=True, eq=False)
class Given:
    """One table or file, its columns known and its rows not yet read.

    Attributes
    ----------
    name
        What it is called in messages and in the provenance.
    columns
        Names of its columns, or what stands for them in the table of layouts.
    path
        The file; None for a table in memory.
    table
        The table; None for a file.
    header
        Whether the file begins with the names of its columns.
    delimiter
        Of separated text.
    kinds
        What a file of names says of the kind of each column, such as ``bigint``.
    """

    name: str
    columns: tuple[str, ...]
    path: Path | None = None
    table: pd.DataFrame | pa.Table | None = None
    header: bool = True
    delimiter: str = ","
    kinds: tuple[str, ...] = ()

    def read(self, *, text: Iterable[str] = ()) -> pa.Table:
        """Return the rows; the columns in `text` stay text whatever they look like.

        Raises
        ------
        UnreadableFile
            When the file is truncated, or not what its ending says.
        """
        if self.table is not None:
            table = self.table
            return table if isinstance(table, pa.Table) else _from_frame(table, self.name)
        assert self.path is not None
        if _ending(self.path.name) not in _TEXT:
            return read_table(self.path)
        if "" in self.columns:  # such as an index that pandas wrote without its name
            return _separated(self)
        return _by_rule(self, frozenset(text))


@contextlib.contextmanager
def looked_at(source: Source) -> Iterator[list[Given]]:
    """Give everything that was handed over; archives are unpacked until the block ends.

    Raises
    ------
    UnreadableFile
        When a file is missing or damaged, or nothing that can be read is there.
    InvalidArgument
        When it is neither files nor tables.
    """
    with contextlib.ExitStack() as stack:
        found = [each for one in _listed(source) for each in _looked_at(one, stack)]
        if not found:
            raise UnreadableFile(
                f"no file that can be read is in {source}; needed: csv, tsv, feather, parquet, "
                "npy, xlsx or h5, packed (gz, zip, tar.gz) or not"
            )
        yield found


def _listed(source: Source) -> list[Any]:
    if isinstance(source, str | Path | pd.DataFrame | pa.Table):
        return [source]
    if isinstance(source, Mapping):
        return list(source.items())
    if is_list_like(source) and isinstance(source, Iterable):
        return list(source)
    raise InvalidArgument(
        "from_release takes a folder, files, or tables as a library returns them; found "
        f"{type(source).__name__}"
    )


def _looked_at(one: Any, stack: contextlib.ExitStack) -> Iterator[Given]:
    name = "a table in memory"
    if isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str):
        name, one = one
    if not isinstance(one, str | Path):
        yield _in_memory(one, name)
        return
    place = as_path(one)
    check_regular(place)
    if not place.exists():
        raise UnreadableFile(f"there is no file or folder {place}")
    files = _files(place) if place.is_dir() else [place]
    for file in files:
        if _ending(file.name, ARCHIVES):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="release-")))
            unpack(file, folder)
            yield from _of_files(_files(folder))
    yield from _of_files([file for file in files if not _ending(file.name, ARCHIVES)])


def _files(folder: Path) -> list[Path]:
    known = (*_TABLES, *_OTHER, *ARCHIVES)
    try:
        return sorted(
            file
            for file in folder.rglob("*")
            if _ending(file.name, known) and not file.name.startswith(".") and file.is_file()
        )
    except OSError as error:
        raise UnreadableFile(f"the folder {folder} cannot be looked through ({error})") from error


def _ending(name: str, known: tuple[str, ...] = (*_TABLES, *_OTHER)) -> str:
    lower = name.lower()
    return max((each for each in known if lower.endswith(each)), key=len, default="")


def _in_memory(table: Any, name: str) -> Given:
    if not isinstance(table, pd.DataFrame | pa.Table):
        if not hasattr(table, "__arrow_c_stream__"):
            raise InvalidArgument(
                f"a release is files or tables; found {type(table).__name__} among them"
            )
        table = pa.table(table)
    columns = table.column_names if isinstance(table, pa.Table) else list(table.columns)
    return Given(name, tuple(map(str, columns)), table=table)


def _of_files(files: list[Path]) -> Iterator[Given]:
    """Yield what files hold; a file with the names of another's columns is no table itself."""
    named = {}
    for file in files:
        match = re.fullmatch(r"(.+)_header\.csv(\.gz)?", file.name)
        if match:
            named[file.parent / match[1]] = file
    headers = set(named.values())
    for file in files:
        if file in headers:
            continue
        stem = file.with_name(file.name[: -len(_ending(file.name))])
        yield _peeked(file, named.get(stem))


def _peeked(file: Path, header: Path | None) -> Given:
    ending = _ending(file.name)
    try:
        if ending in _TEXT:
            return _text_peeked(file, header)
        if ending in (".parquet", ".pq"):
            return Given(file.name, tuple(pyarrow.parquet.read_schema(file).names), file)
        if ending in (".feather", ".arrow"):
            with pa.memory_map(str(file)) as stored:
                return Given(file.name, tuple(pa.ipc.open_file(stored).schema.names), file)
    except (pa.ArrowException, OSError, EOFError, UnicodeError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise _damaged(file, error) from error
    stands_for = {
        ".npy": "ids of an array",
        ".xlsx": "sheets of a workbook",
        ".h5": "edges of an h5 file",
        ".hdf5": "edges of an h5 file",
    }
    return Given(file.name, (stands_for[ending],), file)


def _text_peeked(file: Path, header: Path | None) -> Given:
    if header is not None:
        with _open(header) as stream:
            lines = stream.read().decode("utf-8-sig").splitlines()
        parts = [[*line.split(",", 1), ""] for line in lines if line.strip()]
        names, kinds = (tuple(part[i].strip() for part in parts) for i in (0, 1))
        return Given(file.name, names, file, header=False, kinds=kinds)
    with _open(file) as stream:
        first = stream.readline().decode("utf-8-sig").rstrip("\r\n")
    counts = {sign: first.count(sign) for sign in (",", "\t", ";")}
    delimiter = max(counts, key=lambda sign: counts[sign])
    if not counts[delimiter]:
        delimiter = " " if " " in first.strip() else ","
    fields = [each.strip().strip('"') for each in first.split(delimiter)]
    for pattern, names in HEADERLESS:
        if re.search(pattern, file.name.lower()) and fields[0].isdigit():
            return Given(file.name, names, file, header=False, delimiter=delimiter)
    if len(fields) == 3 and _is_number(fields[2]):
        marker = ("three columns without names",)
        return Given(file.name, marker, file, header=False, delimiter=delimiter)
    return Given(file.name, tuple(fields), file, delimiter=delimiter)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _open(file: Path) -> Any:
    return gzip.open(file, "rb") if file.name.lower().endswith(".gz") else file.open("rb")


def _by_rule(given: Given, text: frozenset[str]) -> pa.Table:
    """Return separated text by the one reading rule; the columns in `text` stay text."""
    assert given.path is not None
    files = opened(given.path, csv={"delimiter": given.delimiter, "header": given.header})
    own = dict(zip(files.schema.names, _names(given), strict=False))
    kinds = [
        (field.name, pa.string() if own.get(field.name) in text else field.type)
        for field in files.schema
    ]
    table = TableFiles(files.files, pa.schema(kinds)).read()
    return table.rename_columns([own.get(name, name).strip() for name in table.column_names])


def _names(given: Given) -> list[str]:
    """Return the names of a file's columns, which a file without a header does not hold."""
    if given.header:
        return list(given.columns)
    return list(given.columns) if len(given.columns) > 1 else ["pre", "post", "weight"]


def _separated(given: Given) -> pa.Table:
    """Return the rows of separated text in which a column has no name, by the reading rule."""
    assert given.path is not None
    file = look_at(given.path, TextOptions(delimiter=given.delimiter), names=given.columns)
    return next(file.tables(file.schema, whole=True))


def _from_frame(frame: pd.DataFrame, name: str) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, TypeError, ValueError) as error:
        # columns of several kinds (lists beside nothing, dictionaries) are kept as text
        plain = {}
        for label, column in frame.items():
            try:
                plain[str(label)] = pa.array(column, from_pandas=True)
            except (pa.ArrowException, TypeError, ValueError):
                texts = [None if each is None else str(each) for each in column]
                plain[str(label)] = pa.array(texts, pa.string())
        if not plain:
            raise InvalidTable(f"{name} holds no column that can be read ({error})") from error
        return pa.table(plain)


def _damaged(file: Path, error: Exception) -> UnreadableFile:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return UnreadableFile(
        f"{file} could not be read ({reason}); it may be truncated, or not be what its ending says"
    )


def unpack(archive: Path, folder: Path, known: tuple[str, ...] = (*_TABLES, *_OTHER)) -> None:
    """Unpack the files of an archive with known endings; paths that lead out of it are refused.

    Raises
    ------
    UnreadableFile
        When it is damaged, or not what its ending says.
    """
    with _undamaged(archive):
        for name, size, take in _packed(archive):
            if _ending(name, known):
                with take() as stream:
                    _place(stream, folder, name, size)


def packed_names(archive: Path) -> list[str]:
    """Return the names of the files in an archive.

    Raises
    ------
    UnreadableFile
        When it is damaged, or not what its ending says.
    """
    with _undamaged(archive):
        return [name for name, _, _ in _packed(archive)]


def _packed(archive: Path) -> Iterator[tuple[str, int, Callable[[], IO[bytes]]]]:
    """Give name, size and what opens it of every file in an archive, in order."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for entry in packed.infolist():
                if not entry.is_dir():
                    yield entry.filename, entry.file_size, partial(packed.open, entry)
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isreg():
                # only of what is no regular file there is nothing to extract
                take = cast("Callable[[], IO[bytes]]", partial(tar.extractfile, member))
                yield member.name, member.size, take


@contextlib.contextmanager
def _undamaged(archive: Path) -> Iterator[None]:
    """Name the archive when it cannot be unpacked; an error of ours stays."""
    try:
        yield
    except UnreadableFile:
        raise
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, RuntimeError) as error:
        raise _damaged(archive, error) from error


def _place(stream: Any, folder: Path, name: str, size: int) -> None:
    parts = [
        part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", "..")
    ]
    if not parts or size > _LARGEST:
        raise UnreadableFile(f"{name!r} in the archive cannot be unpacked")
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)


def array_ids(given: Given) -> np.ndarray[Any, Any]:
    """Return the ids in a NumPy file.

    Raises
    ------
    UnreadableFile
        When it is damaged, or holds something else than integers.
    """
    assert given.path is not None
    try:
        ids = np.load(given.path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(given.path, error) from error
    if not isinstance(ids, np.ndarray) or ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise UnreadableFile(f"{given.path} needs a list of integer ids")
    return ids.astype(np.int64)
