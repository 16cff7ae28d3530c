"""Table files: CSV, TSV, Feather/Arrow and Parquet, single, by folder or by glob, as one table.

What is in them is decided by the reading rule (``model/rule.py``), for every reader: the files
are looked at, their parts promoted to one schema, and each is then read as that schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from connectome_graph.errors import ConnectomeError, InvalidTable, UnreadableFile
from connectome_graph.model import rule
from connectome_graph.sources.looked_at import look_at
from connectome_graph.sources.separated import SeparatedFile
from connectome_graph.sources.text_options import TextOptions

__all__ = ["SUFFIXES", "TableFile", "TableFiles", "find_files", "opened", "read_table", "suffix_of"]

_TEXT = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_ARROW = (".feather", ".arrow")
_PARQUET = (".parquet", ".pq")
_INDEX = re.compile(r"__index_level_\d+__")
_ROWS = 1 << 20

#: The file name endings that can be read.
SUFFIXES = (*_TEXT, *_ARROW, *_PARQUET)


def suffix_of(path: str | Path) -> str:
    """Return the ending of a table file as it is in :data:`SUFFIXES`, or ``""``.

    Examples
    --------
    >>> suffix_of("synapses.csv.gz")
    '.csv.gz'
    """
    name = Path(path).name.lower()
    return max((suffix for suffix in SUFFIXES if name.endswith(suffix)), key=len, default="")


def find_files(path: str | Path) -> list[Path]:
    """Return the files that a path, folder or glob names, sorted by name.

    Raises
    ------
    UnreadableFile
        When nothing is there, or an ending is not one of :data:`SUFFIXES`.
    """
    place = Path(path)
    try:
        if place.is_dir():
            found = sorted(file for file in place.iterdir() if suffix_of(file) and file.is_file())
            if not found:
                raise UnreadableFile(
                    f"the folder {place} holds no table file; needed: {', '.join(SUFFIXES)}"
                )
            return found
        found = [place] if place.exists() else _matching(place)
    except (OSError, ValueError, NotImplementedError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(f"{str(path)!r} is no path of a table file ({error})") from error
    if not found:
        near = place.parent
        where = "its folder does not exist either" if not near.exists() else f"looked in {near}"
        raise UnreadableFile(f"no file matches {str(path)!r} ({where})")
    unknown = [file for file in found if not suffix_of(file)]
    if unknown:
        raise UnreadableFile(
            f"{unknown[0]} has an ending that is not known; needed: {', '.join(SUFFIXES)}"
        )
    odd = [file for file in found if not file.is_file()]
    if odd:
        raise UnreadableFile(f"{odd[0]} is no regular file; a table file is needed")
    return found


def _matching(pattern: Path) -> list[Path]:
    """Return the files that match a glob, which may hold wildcards in its folders too."""
    fixed = Path(pattern.anchor or ".")
    parts = pattern.parts[1:] if pattern.anchor else pattern.parts
    if not parts:
        return []
    return sorted(file for file in fixed.glob(str(Path(*parts))) if file.is_file())


@dataclass(frozen=True)
class TableFile:
    """One file and what it holds.

    Attributes
    ----------
    path
        The file.
    stored
        The names and types in it; of a separated file those of the reading rule.
    text
        The layout of a separated file, else None.
    n_rows
        Number of rows; None where only reading tells.
    """

    path: Path
    stored: pa.Schema
    text: SeparatedFile | None = None
    n_rows: int | None = None

    @property
    def names(self) -> list[str]:
        """The columns of the table: an index that pandas wrote beside them is none."""
        return [name for name in self.stored.names if not _INDEX.fullmatch(name)]

    def kind(self, name: str) -> pa.DataType:
        """Return the type of a column by the reading rule."""
        stored = self.stored.field(name).type
        return stored if self.text is not None else rule.canonical(stored)

    def tables(
        self, schema: pa.Schema, columns: list[str] | None = None, *, whole: bool = False
    ) -> Iterator[pa.Table]:
        """Yield the rows as tables of the types in `schema`; `whole` in one piece.

        Raises
        ------
        UnreadableFile
            When the file is truncated, or not what its ending says.
        InvalidTable
            When a value does not fit its type.
        """
        wanted = self.names if columns is None else columns
        if self.text is not None:
            yield from self.text.tables(schema, wanted, whole=whole)
            return
        for table in self._pieces(wanted, whole=whole):
            arrays = [
                rule.converted(
                    table.column(name), schema.field(name).type, name=name, where=str(self.path)
                )
                for name in wanted
            ]
            yield pa.table(arrays, names=wanted)

    def _pieces(self, columns: list[str], *, whole: bool) -> Iterator[pa.Table]:
        with _readable(self.path):
            if suffix_of(self.path) in _PARQUET:
                with pyarrow.parquet.ParquetFile(self.path) as file:
                    if whole:
                        yield file.read(columns=columns)
                        return
                    for batch in file.iter_batches(_ROWS, columns=columns):
                        yield pa.Table.from_batches([batch])
                return
            if whole:
                yield pyarrow.feather.read_table(self.path, columns=columns)
                return
            with pa.memory_map(str(self.path)) as source:
                reader = pa.ipc.open_file(source)
                for number in range(reader.num_record_batches):
                    # a file may hold all of its rows in one batch
                    batch = reader.get_batch(number).select(columns)
                    for start in range(0, max(batch.num_rows, 1), _ROWS):
                        yield pa.Table.from_batches([batch.slice(start, _ROWS)])

    def read_groups(self, groups: list[int], schema: pa.Schema, columns: list[str]) -> pa.Table:
        """Return some row groups of a Parquet file as a table of the types in `schema`."""
        with _readable(self.path, f", in row groups {groups[0]} to {groups[-1]},"):
            table = pyarrow.parquet.ParquetFile(self.path).read_row_groups(groups, columns=columns)
        arrays = [
            rule.converted(
                table.column(name), schema.field(name).type, name=name, where=str(self.path)
            )
            for name in columns
        ]
        return pa.table(arrays, names=columns)


@contextmanager
def _readable(path: Path, place: str = "") -> Iterator[None]:
    """Turn what Arrow says of a damaged file into an error that names it."""
    try:
        yield
    except (pa.ArrowException, OSError, EOFError, ValueError, KeyError) as error:
        if isinstance(error, ConnectomeError):
            raise
        if not path.exists():
            raise UnreadableFile(f"{path} vanished while it was being read") from error
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UnreadableFile(
            f"{path}{place} could not be read as {suffix_of(path)[1:]} ({reason}); it may be "
            "truncated, or not be what its ending says"
        ) from error


@dataclass(frozen=True)
class TableFiles:
    """The files of one table, and the one schema that all of them are read as.

    Attributes
    ----------
    files
        The files, sorted by name.
    schema
        Names and types by the reading rule, promoted over the parts.
    """

    files: tuple[TableFile, ...]
    schema: pa.Schema

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files are."""
        return tuple(file.path for file in self.files)

    def native(self, columns: list[str]) -> bool:
        """Return whether all files are Parquet whose columns need no ruling.

        An engine may then read them by itself: it takes their types for what the rule says.
        """
        kinds = {name: self.schema.field(name).type for name in columns}
        return all(
            suffix_of(file.path) in _PARQUET
            and all(
                _is_plain(file.stored.field(name).type) and file.kind(name) == kind
                for name, kind in kinds.items()
            )
            for file in self.files
        )

    def has_gaps(self, name: str) -> bool:
        """Return whether a column of Parquet files may have gaps, by what their metadata say."""
        for path in self.paths:
            said = pyarrow.parquet.read_metadata(path)
            paths = [said.schema.column(i).path for i in range(said.num_columns)]
            at = paths.index(name)
            for group in range(said.num_row_groups):
                stored = said.row_group(group).column(at).statistics
                if stored is None or not stored.has_null_count or stored.null_count:
                    return True
        return False

    def as_text(self, name: str) -> TableFiles:
        """Return the same files with a column of separated text read as text, digit for digit."""
        at = self.schema.get_field_index(name)
        return replace(self, schema=self.schema.set(at, pa.field(name, pa.string())))

    @property
    def separated(self) -> bool:
        """Whether every file is separated text."""
        return all(file.text is not None for file in self.files)

    def read(
        self, columns: list[str] | None = None, *, told: Callable[[int, int], None] | None = None
    ) -> pa.Table:
        """Return the rows of all files as one table.

        `told` is called with (rows done, rows in all or 0 where not known) after every file.
        """
        wanted = self.schema.names if columns is None else columns
        known = [file.n_rows for file in self.files]
        total = 0 if None in known else sum(n for n in known if n is not None)
        tables: list[pa.Table] = []
        done = 0
        for file in self.files:
            read = list(file.tables(self.schema, wanted, whole=True))
            tables += read
            done += sum(len(table) for table in read)
            if told is not None:
                told(done, total)
        return pa.concat_tables(tables, promote_options="permissive")

    def tables(self, columns: list[str] | None = None) -> Iterator[pa.Table]:
        """Yield the rows of all files, a part at a time."""
        wanted = self.schema.names if columns is None else columns
        for file in self.files:
            yield from file.tables(self.schema, wanted)


def _is_plain(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return pa.types.is_string(rule.canonical(kind)) and _is_plain(kind.value_type)
    tests = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_string, pa.types.is_large_string)
    return any(test(kind) for test in tests) or kind in (pa.float32(), pa.float64())


def read_table(path: str | Path, *, csv: Mapping[str, Any] | None = None) -> pa.Table:
    """Return the table in a file, or the tables of a folder or glob one below the other.

    Parameters
    ----------
    path
        A file, a folder, or a glob such as ``"synapses/*.parquet"``.
    csv
        How separated text is written: the fields of ``TextOptions``.

    Raises
    ------
    UnreadableFile
        When a file is missing, truncated, or not what its ending says.
    InvalidTable
        When the files of a glob have different columns, or kinds that no type holds.
    """
    return opened(path, csv=csv).read()


def opened(
    path: str | Path, *, csv: Mapping[str, Any] | None = None, header: bool = True
) -> TableFiles:
    """Return the files at a path, looked at and brought to one schema; nothing is read yet.

    Without a `header` the columns of separated text are ``column_0``, ``column_1``, ...; what
    `csv` says of it counts more.
    """
    options = TextOptions.of(csv)
    if csv is None or "header" not in csv:
        options = replace(options, header=header)
    files = tuple(_looked_at(file, options) for file in find_files(path))
    return TableFiles(files, _common_schema(files))


def _looked_at(path: Path, options: TextOptions) -> TableFile:
    suffix = suffix_of(path)
    if suffix in _TEXT:
        text = look_at(path, options)
        return TableFile(path, text.schema, text, text.n_rows)
    with _readable(path):
        if suffix in _PARQUET:
            with pyarrow.parquet.ParquetFile(path) as file:
                found = TableFile(path, file.schema_arrow, n_rows=file.metadata.num_rows)
        else:
            with pa.memory_map(str(path)) as source:
                reader = pa.ipc.open_file(source)
                empty = reader.num_record_batches == 0
                found = TableFile(path, reader.schema, n_rows=0 if empty else None)
    repeated = sorted({name for name in found.names if found.names.count(name) > 1})
    if repeated:
        raise InvalidTable(
            f"{path} has several columns called {', '.join(map(repr, repeated))}; rename or drop "
            "all but one"
        )
    return found


def _common_schema(files: tuple[TableFile, ...]) -> pa.Schema:
    first = files[0]
    for file in files[1:]:
        odd = sorted(set(first.names) ^ set(file.names))
        if odd:
            raise InvalidTable(
                f"{file.path} has other columns than {first.path} (differing: {', '.join(odd)}); "
                "give files of one schema"
            )
    return pa.schema([(name, _common_kind(files, name)) for name in first.names])


def _common_kind(files: tuple[TableFile, ...], name: str) -> pa.DataType:
    """Return the type of a column over all files; parts in which nothing is there have no say."""
    kinds = [file.kind(name) for file in files]
    if len(set(kinds)) == 1:
        return kinds[0]
    said = [
        pa.null() if file.n_rows == 0 else kind for file, kind in zip(files, kinds, strict=True)
    ]
    found = rule.promoted(said)
    if found is None:
        said = [
            pa.null() if _is_gap(file, name) else kind
            for file, kind in zip(files, said, strict=True)
        ]
        found = rule.promoted(said)
    if found is None and all(file.text is not None for file in files):
        # what is written as text can be held as text
        return pa.string()
    if found is None:
        at = next(i for i, kind in enumerate(said) if rule.promoted([*said[:i], kind]) is None)
        raise InvalidTable(
            f"{files[at].path} holds {said[at]} in the column {name!r} and the parts before it "
            f"{rule.promoted(said[:at])}; write it as one kind in every part"
        )
    return kinds[0] if pa.types.is_null(found) else found


def _is_gap(file: TableFile, name: str) -> bool:
    kind = file.kind(name)
    if file.text is not None:
        return bool(pa.types.is_null(kind))
    schema = pa.schema([(name, kind)])
    return all(rule.is_gap(table.column(name)) for table in file.tables(schema, [name]))
