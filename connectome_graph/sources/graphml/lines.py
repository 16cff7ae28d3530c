"""GraphML of our own read line by line: the same document as from expat, many times faster.

Our writer puts every node and every edge on a line of its own, with its data in the order of the
keys. Here whole blocks of such lines go through one regular expression. A file with anything
else in it (another program's, edited by hand, truncated) is left to ``events``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.sources.graphml.events import Document, parsed_text
from connectome_graph.sources.graphml.writer import ATTRIBUTE_ESCAPES, HEAD

__all__ = ["quickly_parsed"]

_BLOCK = 1 << 23
_THREADS = 2
_END = ["</graph>\n", "</graphml>\n"]
_CLOSING = "</data>"


class _OtherwiseError(Exception):
    """The file holds something that our writer does not write."""


def quickly_parsed(path: Path) -> Document | None:
    """Return the document in a file by ``write_graphml``; None for every other file."""
    try:
        with path.open("rb") as file:
            if file.read(len(HEAD)) != HEAD.encode():
                return None
            header = _header(file)
            document = parsed_text(HEAD.encode() + header + b"</graph></graphml>", path)
            if document.node_ids or document.sources:
                return None
            _fill(document, file)
    except (OSError, _OtherwiseError, pa.ArrowInvalid):
        return None
    return document


def _header(file: IO[bytes]) -> bytes:
    """Return what comes before the first node; the file stands there afterwards."""
    lines: list[bytes] = []
    for line in iter(file.readline, b""):
        if line.startswith((b"<node ", b"<edge ", b"</graph>")):
            file.seek(-len(line), 1)
            return b"".join(lines)
        lines.append(line)
    raise _OtherwiseError


@dataclass(frozen=True)
class _Shape:
    """What the lines of one element look like.

    Attributes
    ----------
    pattern
        Regular expression with one group an end and one a key.
    ends
        Names of the groups that are attributes of the element: ids.
    keys
        Names of the groups that are data elements.
    """

    pattern: str
    ends: tuple[str, ...]
    keys: tuple[str, ...]

    @classmethod
    def of(cls, element: str, ends: tuple[str, ...], keys: tuple[str, ...]) -> _Shape:
        """Return the shape of `element` with these attributes and data."""
        if not all(re.fullmatch(r"[a-z]\d+", key) for key in keys):
            raise _OtherwiseError
        attributes = " ".join(f'{end}="(?P<{end}>[^"<]*)"' for end in ends)
        data = "".join(f'(?P<{key}><data key="{key}">[^<]*{_CLOSING})?' for key in keys)
        return cls(f"^<{element} {attributes}>{data}</{element}>\n$", ends, keys)

    def columns(self, lines: pa.Array) -> dict[str, pa.Array]:
        """Return the texts of every group, null where a data element is absent."""
        found = pc.extract_regex(lines, self.pattern)
        if found.null_count:
            raise _OtherwiseError
        groups = {name: pc.struct_field(found, name) for name in (*self.ends, *self.keys)}
        return {
            name: _unescaped(group if name in self.ends else _inner(group, name))
            for name, group in groups.items()
        }


def _inner(elements: pa.Array, key: str) -> pa.Array:
    """Return what data elements hold; an element that is not there is missing."""
    absent = pc.equal(elements, "")
    opening = len(f'<data key="{key}">')
    cut = pc.binary_slice(elements.cast(pa.binary()), opening, -len(_CLOSING))
    text = cut.cast(pa.string())
    return (
        pc.if_else(absent, pa.scalar(None, pa.string()), text) if pc.any(absent).as_py() else text
    )


def _unescaped(texts: pa.Array) -> pa.Array:
    n_references = pc.sum(pc.count_substring(texts, "&")).as_py()
    if not n_references:
        return texts
    known = [pc.sum(pc.count_substring(texts, reference)) for _, reference in ATTRIBUTE_ESCAPES]
    if n_references != sum(number.as_py() for number in known):
        raise _OtherwiseError
    # The ampersand, first of them, was escaped first, so it comes back last.
    for character, reference in reversed(ATTRIBUTE_ESCAPES):
        texts = pc.replace_substring(texts, reference, character)
    return texts


def _fill(document: Document, file: IO[bytes]) -> None:
    """Put the nodes and edges of the rest of the file into the document."""
    keys = {place: tuple(found) for place, found in document.keys.items()}
    shapes = {
        "node": _Shape.of("node", ("id",), keys["node"]),
        "edge": _Shape.of("edge", ("source", "target"), keys["edge"]),
    }
    pieces: dict[str, list[dict[str, pa.Array]]] = {"node": [], "edge": []}
    rest: list[str] = []

    def read(lines: pa.Array) -> tuple[dict[str, dict[str, pa.Array]], list[str]]:
        of = {place: pc.starts_with(lines, f"<{place} ") for place in shapes}
        others = lines.filter(pc.invert(pc.or_(of["node"], of["edge"]))).to_pylist()
        return {p: shapes[p].columns(lines.filter(mask)) for p, mask in of.items()}, others

    with ThreadPoolExecutor(_THREADS) as pool:
        blocks = _blocks(file)
        # A few blocks at a time, so that a large file is never in memory as a whole.
        while some := list(itertools.islice(blocks, 2 * _THREADS)):
            for columns, others in pool.map(read, some):
                rest += others
                for place, found in columns.items():
                    pieces[place].append(found)
    if rest != _END:
        raise _OtherwiseError
    joined = {place: _joined(shapes[place], found) for place, found in pieces.items()}
    document.node_ids = joined["node"].pop("id")
    document.sources = joined["edge"].pop("source")
    document.targets = joined["edge"].pop("target")
    for place, columns in joined.items():
        for key, column in columns.items():
            document.keys[place][key].column = column


def _joined(shape: _Shape, pieces: list[dict[str, pa.Array]]) -> dict[str, pa.Array]:
    return {
        name: pa.concat_arrays([piece[name] for piece in pieces])
        for name in (*shape.ends, *shape.keys)
    }


def _blocks(file: IO[bytes]) -> Iterator[pa.Array]:
    """Yield the lines of the file, line feeds included, as blocks of text."""
    left = b""
    while data := file.read(_BLOCK):
        whole, feed, left = (left + data).rpartition(b"\n")
        if feed:
            text = np.frombuffer(whole + feed, np.uint8)
            offsets = np.concatenate([[0], np.flatnonzero(text == ord("\n")) + 1])
            lines = pa.StringArray.from_buffers(
                len(offsets) - 1, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(text)
            )
            lines.validate(full=True)
            yield lines
    if left:
        raise _OtherwiseError
