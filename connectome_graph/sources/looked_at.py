"""A separated text file looked at, whole: separator, comments, quoting, kinds of its columns."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidTable, UnreadableFile
from connectome_graph.model import rule
from connectome_graph.sources.separated import SeparatedFile, decoded
from connectome_graph.sources.text_options import TextOptions

__all__ = ["look_at"]

_HEAD = 1 << 16
_SEPARATORS = (",", ";", "\t")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs"}
_NUMBER = re.compile(r"-?[0-9.]+([eE][-+]?[0-9]+)?")


def look_at(
    path: Path, options: TextOptions | None = None, *, names: tuple[str, ...] | None = None
) -> SeparatedFile:
    """Return a file with its layout and the kinds of its columns, after looking at all of it.

    `names` are the names of the columns where they are known, whatever the file says.

    Raises
    ------
    UnreadableFile
        When it is empty, not in its encoding, or its rows do not have the fields of its header.
    InvalidTable
        When a column name is missing or repeated.
    """
    given = options or TextOptions()
    try:
        file, quoted = _layout(path, given, names)
        return _judged(file, header_quoted=quoted)
    except (OSError, EOFError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(
            f"{path} could not be read as text ({error}); it may be truncated, or not be what its "
            "ending says"
        ) from error


def _layout(
    path: Path, given: TextOptions, known: tuple[str, ...] | None
) -> tuple[SeparatedFile, bool]:
    """Return separator, comments and names of a file, and whether all names are quoted."""
    text = _head(path, given.encoding)
    mark = given.comment or "#"
    rest, n_skipped, comment = text, 0, given.comment
    while rest:
        line, _, after = rest.partition("\n")
        if line.startswith(mark):
            comment = mark
        elif line.strip():
            break
        rest, n_skipped = after, n_skipped + 1
    if not rest:
        raise UnreadableFile(f"{path} is empty; a table needs a line of column names")
    delimiter = given.delimiter or _separator(rest)
    line = rest.partition("\n")[0]
    parts = line.split(delimiter)
    tidy = len(parts) > 1 and all(part.startswith(" ") for part in parts[1:])
    fields, n_lines = _first_row(rest, delimiter, blanks=tidy)
    first = tuple(text for text, _ in fields)
    names = first if given.header else tuple(f"column_{i}" for i in range(len(first)))
    if known is None:
        _check_names(path, names)
    if known is None and given.header and all(_NUMBER.fullmatch(name) for name in names):
        raise InvalidTable(
            f"the first line of {path} holds numbers and no names ({line[:60]}); for a file "
            "without a header name its columns by position: columns={'pre': 0, 'post': 1}"
        )
    options = replace(given, delimiter=delimiter, comment=comment)
    quoted = all(is_quoted for _, is_quoted in fields)
    n_skipped += n_lines if given.header else 0
    names = names if known is None else known
    layout = SeparatedFile(path, options, n_skipped, tidy=tidy, names=names, first=first)
    return layout, quoted or not given.header


def _head(path: Path, encoding: str) -> str:
    """Return the beginning of a file, line ends as line feeds."""
    head = b""
    with contextlib.closing(decoded(path, encoding)) as blocks:
        for block in blocks:
            head += block
            if len(head) >= _HEAD:
                break
    text = head[: 4 * _HEAD].decode("utf-8", errors="ignore")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _first_row(
    text: str, delimiter: str, *, blanks: bool = False
) -> tuple[list[tuple[str, bool]], int]:
    """Return the fields of the first row, each with whether it is quoted, and its lines.

    Blanks around a field that is not quoted are no part of a name.
    """
    mark = re.escape(delimiter)
    start = " *" if blanks else ""
    field = re.compile(rf'{start}(?:"((?:[^"]|"")*)"[^{mark}\n]*|([^{mark}\n]*))({mark}|\n|$)')
    found: list[tuple[str, bool]] = []
    at = 0
    while True:
        match = field.match(text, at)
        if match is None:
            break
        inner, plain, end = match.groups()
        quoted = inner is not None
        found.append((inner.replace('""', '"') if quoted else plain.strip(), quoted))
        at = match.end()
        if end != delimiter:
            break
    return found, text.count("\n", 0, at) + (not text[:at].endswith("\n"))


def _separator(text: str) -> str:
    """Return the separator that cuts the first line into most fields; a comma where none does."""
    width = {mark: len(_first_row(text, mark)[0]) for mark in _SEPARATORS}
    return max(_SEPARATORS, key=lambda mark: width[mark])


def _check_names(path: Path, names: tuple[str, ...]) -> None:
    missing = [i for i, name in enumerate(names) if not name]
    if missing:
        raise InvalidTable(
            f"column {missing[0] + 1} of {path} has no name (pandas writes its index so); write "
            "the file with index=False, or give the column a name"
        )
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise InvalidTable(
            f"{path} has several columns called {', '.join(map(repr, repeated))}; rename or drop "
            "all but one"
        )


def _words(words: tuple[str, ...]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    text = "".join(words).encode()
    return np.frombuffer(text, np.uint8), np.cumsum([len(word) for word in words])


def _lists() -> Any:
    """Return which bytes begin a word that is known, and the words, as the kernel takes them."""
    begins = np.zeros(256, bool)
    known = (rule.MISSING_WORDS, rule.TRUTH_WORDS, rule.INFINITE_WORDS)
    begins[[ord(word[0]) for words in known for word in words]] = True
    return (begins, *(each for words in known for each in _words(words)))


def _judged(file: SeparatedFile, *, header_quoted: bool) -> SeparatedFile:
    """Return the file with the classes of all its fields counted."""
    from connectome_graph._kernels import separated as s

    options = file.options
    marks = (np.uint8(ord(options.delimiter or ",")), np.uint8(ord(options.decimal)))
    final = np.ones((), bool)[()]
    lists = _lists()
    counts = np.zeros((2, len(file.names), s.N_CLASSES), np.int64)
    state = np.zeros(4, np.int64)
    left = b""
    for block in file.blocks():
        data = left + block
        used = s.judge(np.frombuffer(data, np.uint8), ~final, marks, lists, counts, state)
        left = data[used:]
    used = s.judge(np.frombuffer(left, np.uint8), final, marks, lists, counts, state)
    if used < len(left):
        raise UnreadableFile(f"{file.path} ends inside a quoted field; it is truncated")
    if state[2]:
        hint = "" if options.comment else "; comment lines need csv={'comment': '#'}"
        mark = _NAMES.get(options.delimiter or "", repr(options.delimiter))
        raise UnreadableFile(
            f"{int(state[2]):,} of {int(state[1]):,} rows of {file.path} do not have "
            f"{len(file.names)} fields separated by {mark} "
            f"(first: row {int(state[3])}); it may be truncated, or written with another "
            f"separator: csv={{'delimiter': ...}}{hint}"
        )
    if not options.header and file.names[:1] == ("column_0",):
        _check_first(file, counts)
    unquoted = counts[0, :, s.MISSING : s.NEGATIVE].any()
    every = header_quoted and not unquoted and bool(counts[1].any())
    return replace(file, counts=counts, quoting=not every)


def _check_first(file: SeparatedFile, counts: npt.NDArray[np.int64]) -> None:
    """Refuse a file said to have no header whose first row is one."""
    from connectome_graph._kernels import separated as s

    seen = counts.sum(axis=0)
    for i, text in enumerate(file.first):
        alone = seen[i, s.TEXT] == 1 and seen[i, s.WHOLE : s.TEXT].any()
        if alone and not _NUMBER.fullmatch(text):
            raise InvalidTable(
                f"columns of {file.path} were named by position, as of a file without a header, "
                f"and its first row looks like one ({', '.join(file.first)}); name the columns, "
                "or pass csv={'header': True}"
            )
