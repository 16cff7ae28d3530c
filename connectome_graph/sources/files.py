"""Files to tables: CSV, TSV, Feather/Arrow and Parquet, single or by glob, through Arrow.

Arrow's readers type a column of whole numbers as int64 also where cells are empty, so an
18-digit id never passes through a float on its way in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

from connectome_graph.errors import InvalidTable, UnreadableFile

__all__ = ["SUFFIXES", "find_files", "read_table", "suffix_of"]


def _read_csv(path: Path) -> pa.Table:
    delimiter = "\t" if suffix_of(path).startswith(".tsv") else ","
    # An empty text cell is missing, as it is for numbers.
    convert = pyarrow.csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=True)
    parse = pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    table = pyarrow.csv.read_csv(path, parse_options=parse, convert_options=convert)
    beyond = [name for name in table.column_names if _beyond_int64(table.column(name))]
    if not beyond:
        return table
    # Whole numbers too large for int64 were read as floats and lost digits: read them as text.
    convert.column_types = dict.fromkeys(beyond, pa.string())
    return pyarrow.csv.read_csv(path, parse_options=parse, convert_options=convert)


def _beyond_int64(column: pa.ChunkedArray) -> bool:
    if not pa.types.is_floating(column.type):
        return False
    largest = pyarrow.compute.max(pyarrow.compute.abs(column)).as_py()
    return largest is not None and 2.0**63 <= largest < 2.0**64


def _read_feather(path: Path) -> pa.Table:
    return pyarrow.feather.read_table(path)


def _read_parquet(path: Path) -> pa.Table:
    return pyarrow.parquet.ParquetFile(path).read()


_INDEX = re.compile(r"__index_level_\d+__")

_READERS: dict[str, Callable[[Path], pa.Table]] = {
    ".csv": _read_csv,
    ".csv.gz": _read_csv,
    ".tsv": _read_csv,
    ".tsv.gz": _read_csv,
    ".feather": _read_feather,
    ".arrow": _read_feather,
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
}

#: The file name endings that can be read.
SUFFIXES = tuple(_READERS)


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
    if place.is_dir():
        found = sorted(file for file in place.iterdir() if suffix_of(file))
        if not found:
            raise UnreadableFile(
                f"the folder {place} holds no table file; needed: {', '.join(SUFFIXES)}"
            )
        return found
    found = [place] if place.exists() else _matching(place)
    if not found:
        near = place.parent
        where = "its folder does not exist either" if not near.exists() else f"looked in {near}"
        raise UnreadableFile(f"no file matches {str(path)!r} ({where})")
    unknown = [file for file in found if not suffix_of(file)]
    if unknown:
        raise UnreadableFile(
            f"{unknown[0]} has an ending that is not known; needed: {', '.join(SUFFIXES)}"
        )
    return found


def _matching(pattern: Path) -> list[Path]:
    """Return the files that match a glob, which may hold wildcards in its folders too."""
    fixed = Path(pattern.anchor or ".")
    parts = pattern.parts[1:] if pattern.anchor else pattern.parts
    return sorted(file for file in fixed.glob(str(Path(*parts))) if file.is_file())


def read_table(path: str | Path) -> pa.Table:
    """Return the table in a file, or the tables of a folder or glob one below the other.

    Parameters
    ----------
    path
        A file, a folder, or a glob such as ``"synapses/*.parquet"``.

    Raises
    ------
    UnreadableFile
        When a file is missing, truncated, or not what its ending says.
    InvalidTable
        When the files of a glob have different columns.
    """
    files = find_files(path)
    return concatenated([read_file(file) for file in files], files)


def read_file(file: Path) -> pa.Table:
    """Return the table in one file."""
    suffix = suffix_of(file)
    try:
        table = _READERS[suffix](file)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, EOFError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UnreadableFile(
            f"{file} could not be read as {suffix[1:]} ({reason}); it may be truncated, or not be "
            "what its ending says"
        ) from error
    # pandas writes the index of a filtered frame beside its columns: it is no column of the table.
    index = [name for name in table.column_names if _INDEX.fullmatch(name)]
    return table.drop_columns(index) if index else table


def concatenated(tables: Sequence[pa.Table], files: Sequence[Path]) -> pa.Table:
    """Return tables one below the other; their columns must agree in name and kind."""
    first = tables[0]
    for table, file in zip(tables[1:], files[1:], strict=True):
        if set(table.column_names) != set(first.column_names):
            odd = sorted(set(table.column_names) ^ set(first.column_names))
            raise InvalidTable(
                f"{file} has other columns than {files[0]} (differing: {', '.join(odd)}); give "
                "tables of one schema"
            )
    try:
        ordered = [table.select(first.column_names) for table in tables]
        return pa.concat_tables(ordered, promote_options="permissive")
    except pa.ArrowTypeError as error:
        raise InvalidTable(
            f"the files {files[0]} ... {files[-1]} hold different kinds in one column ({error})"
        ) from error
