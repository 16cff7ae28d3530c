"""Separated text files (CSV, TSV): their rows, read by Arrow with the types of the reading rule.

A file is looked at once, whole (``looked_at``); nothing guesses after that.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from connectome_graph.errors import InvalidTable, UnreadableFile
from connectome_graph.model import rule
from connectome_graph.sources.text_options import TextOptions

__all__ = ["SeparatedFile", "decoded"]

_BLOCK = 1 << 24
_HEAD = 1 << 16
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip


@dataclass(frozen=True)
class SeparatedFile:
    """A separated text file that was looked at.

    Attributes
    ----------
    path
        The file.
    options
        How it is written; nothing is left open.
    skipped
        Lines before the first row: comments and header.
    tidy
        Whether blanks follow the separators.
    names
        The column names.
    first
        The fields of the first line.
    counts
        Fields of each class, shape ``(2, n_columns, N_CLASSES)``.
    quoting
        Whether its quotes say something: it does not quote every field.
    """

    path: Path
    options: TextOptions
    skipped: int
    tidy: bool
    names: tuple[str, ...]
    first: tuple[str, ...]
    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros((2, 0, 1), np.int64))
    quoting: bool = True

    @cached_property
    def schema(self) -> pa.Schema:
        """The types of the columns by the reading rule."""
        return pa.schema(
            [
                (name, rule.kind_of_fields(self.counts[:, i], quoting=self.quoting))
                for i, name in enumerate(self.names)
            ]
        )

    @property
    def n_rows(self) -> int:
        """How many rows it has."""
        from connectome_graph._kernels.separated import NEGATIVE

        return int(self.counts[:, 0, :NEGATIVE].sum()) if len(self.names) else 0

    def tables(
        self, schema: pa.Schema, columns: list[str] | None = None, *, whole: bool = False
    ) -> Iterator[pa.Table]:
        """Yield the rows as tables of these types, some columns of them; `whole` in one piece.

        Raises
        ------
        UnreadableFile
            When the file has changed and is no longer what was looked at.
        """
        wanted = list(self.names) if columns is None else columns
        kinds = {name: self._read_as(name, schema.field(name).type) for name in wanted}
        convert = pyarrow.csv.ConvertOptions(
            column_types=kinds,
            include_columns=wanted,
            null_values=["", *rule.MISSING_WORDS],
            strings_can_be_null=True,
            quoted_strings_can_be_null=not self.quoting,
            decimal_point=self.options.decimal,
        )
        parse = pyarrow.csv.ParseOptions(delimiter=self.options.delimiter, newlines_in_values=True)
        read = pyarrow.csv.ReadOptions(
            column_names=self.names,
            skip_rows=0 if self._rewritten else self.skipped,
            block_size=_BLOCK if not whole else None,
        )
        options = {"read_options": read, "parse_options": parse, "convert_options": convert}
        try:
            with self._opened() as source:
                if whole:
                    yield self._typed(pyarrow.csv.read_csv(source, **options), schema)
                    return
                with pyarrow.csv.open_csv(source, **options) as reader:
                    for batch in reader:
                        yield self._typed(pa.Table.from_batches([batch]), schema)
        except (pa.ArrowInvalid, OSError, EOFError, ValueError) as error:
            if isinstance(error, InvalidTable | UnreadableFile):
                raise
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise UnreadableFile(f"{self.path} could not be read as text ({reason})") from error

    def _read_as(self, name: str, kind: pa.DataType) -> pa.DataType:
        """Return the type as which Arrow's reader takes a column; the rest is done here."""
        from connectome_graph._kernels.separated import EMPTY

        column = self.counts[:, self.names.index(name)]
        plain = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        if pa.types.is_null(kind) or (plain and not (self.quoting and column[1, EMPTY])):
            return kind
        return pa.string()

    def _typed(self, table: pa.Table, schema: pa.Schema) -> pa.Table:
        """Return the table with the columns that were read as text turned into their types."""
        for i, name in enumerate(table.column_names):
            kind = schema.field(name).type
            column = table.column(name)
            if column.type != kind:
                if pa.types.is_string(column.type):
                    text = pc.utf8_trim(column, " ")
                    if self.options.decimal == "," and pa.types.is_floating(kind):
                        text = pc.replace_substring(text, ",", ".")
                    column = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
                column = rule.converted(column, kind, name=name, where=str(self.path))
                table = table.set_column(i, name, column)
        return table

    @property
    def _rewritten(self) -> bool:
        """Whether Arrow cannot read the file as it is."""
        return self.tidy or self.options.comment is not None or self.options.encoding != "utf-8"

    def _opened(self) -> Any:
        if not self._rewritten:
            return pa.input_stream(str(self.path), compression="detect")
        return pa.PythonFile(_Rows(self), mode="r")

    def blocks(self) -> Iterator[bytes]:
        """Yield the rows as UTF-8 bytes, without header, comments and blanks behind separators."""
        from connectome_graph._kernels import separated

        lines = self.skipped
        marks = (
            np.uint8(ord(self.options.delimiter or ",")),
            np.uint8(ord(self.options.comment or "\0")),
            np.uint8(self.tidy),
        )
        state = np.array([0, 0, 2, 0], np.int64)
        for read in decoded(self.path, self.options.encoding):
            block, lines = _without_lines(read, lines)
            if not self.tidy and self.options.comment is None:
                yield block
            elif block:
                data = np.frombuffer(block, np.uint8)
                out = np.empty(len(data), np.uint8)
                yield out[: separated.tidied(data, marks, out, state)].tobytes()


def _without_lines(block: bytes, n_lines: int) -> tuple[bytes, int]:
    """Return a block without its first lines, and how many of them are still to come."""
    while n_lines and block:
        ends = [at for at in (block.find(b"\n"), block.find(b"\r")) if at >= 0]
        if not ends:
            return b"", n_lines
        at = min(ends)
        block = block[at + 1 + (block[at : at + 2] == b"\r\n") :]
        n_lines -= 1
    return block, n_lines


class _Rows(io.RawIOBase):
    """The rows of a file as a stream of bytes, for Arrow's reader."""

    def __init__(self, file: SeparatedFile) -> None:
        self._blocks = file.blocks()
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        wanted = -1 if size is None else size
        parts, held = [self._left], len(self._left)
        while wanted < 0 or held < wanted:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(block)
            held += len(block)
        data = b"".join(parts)
        cut = len(data) if wanted < 0 else wanted
        self._left = data[cut:]
        return data[:cut]


def decoded(path: Path, encoding: str) -> Generator[bytes, None, None]:
    """Yield a file as UTF-8 bytes without a byte order mark, decompressed.

    Raises
    ------
    UnreadableFile
        When it is not in that encoding; the message names the option that reads it.
    """
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    decoder = codecs.getincrementaldecoder(encoding)()
    with opened(path, "rb") as file, contextlib.closing(_ahead(file)) as blocks:
        block = next(blocks, b"")
        if encoding == "utf-8":
            _refuse_marks(path, block)
            block = block.removeprefix(codecs.BOM_UTF8)
        try:
            while block:
                if encoding != "utf-8":
                    yield decoder.decode(block).encode("utf-8")
                else:
                    if decoder.getstate()[0] or not block.isascii():
                        decoder.decode(block)
                    yield block
                block = next(blocks, b"")
            yield decoder.decode(b"", final=True).encode("utf-8")
        except UnicodeError as error:
            raise UnreadableFile(
                f"{path} is not {encoding.upper()} ({error}); name its encoding, such as "
                "csv={'encoding': 'latin-1'}"
            ) from error


def _ahead(file: Any) -> Generator[bytes, None, None]:
    """Yield the blocks of a file, the next one read (and unpacked) while one is being looked at."""
    block = file.read(_BLOCK)
    if len(block) < _BLOCK:
        if block:
            yield block
        return
    with ThreadPoolExecutor(1) as reader:
        while block:
            coming = reader.submit(file.read, _BLOCK)
            yield block
            block = coming.result()


def _refuse_marks(path: Path, block: bytes) -> None:
    for mark, name in _MARKS.items():
        if block.startswith(mark):
            raise UnreadableFile(f"{path} is {name.upper()}; pass csv={{'encoding': '{name}'}}")
    if block.startswith(b"\x1f\x8b"):
        raise UnreadableFile(f"{path} is compressed; give its name the ending .gz")
    if b"\0" in block[:_HEAD]:
        raise UnreadableFile(
            f"{path} holds zero bytes, so it is no UTF-8 text; is it UTF-16? Then pass "
            "csv={'encoding': 'utf-16'}"
        )
