"""GraphML of our own read line by line: the same document as from expat, many times faster.

Our writer puts every node and every edge on a line of its own, with its data in the order of the
keys. Here a kernel goes through whole blocks of such lines. A file with anything
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
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.sources.graphml.events import Document, parsed_text
from connectome_graph.sources.graphml.writer import ATTRIBUTE_ESCAPES, HEAD

__all__ = ["quickly_parsed"]

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

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
    element
        Its name.
    ends
        Names of the attributes of the element: ids.
    keys
        Names of the keys of its data elements.
    """

    element: str
    ends: tuple[str, ...]
    keys: tuple[str, ...]

    @classmethod
    def of(cls, element: str, ends: tuple[str, ...], keys: tuple[str, ...]) -> _Shape:
        """Return the shape of `element` with these attributes and data."""
        if not all(re.fullmatch(r"[a-z]\d+", key) for key in keys):
            raise _OtherwiseError
        return cls(element, ends, keys)

    @property
    def _pieces(self) -> list[str]:
        """What stands around the fields, as ``text_fields`` takes it."""
        first, *others = self.ends
        return [
            f'<{self.element} {first}="', *(f'" {end}="' for end in others), '">',
            *(f'<data key="{key}">' for key in self.keys), _CLOSING, f"</{self.element}>\n",
        ]  # fmt: skip

    def columns(self, text: Bytes, lines: Places) -> dict[str, pa.Array]:
        """Return the texts of every field, null where a data element is absent."""
        from connectome_graph._kernels.text_fields import element_fields

        pieces = [piece.encode() for piece in self._pieces]
        bounds = np.cumsum([0, *(len(piece) for piece in pieces)])
        joined = np.frombuffer(b"".join(pieces), np.uint8)
        places, references, fits = element_fields(
            text, lines, joined, bounds, len(self.ends), len(self.keys)
        )
        if not fits:
            raise _OtherwiseError
        return {
            name: _unescaped(_texts(text, places[field]), referring=bool(references[field]))
            for field, name in enumerate((*self.ends, *self.keys))
        }


def _texts(text: Bytes, places: Places) -> pa.Array:
    """Return what stands at some places; a place before the text is missing."""
    from connectome_graph._kernels.text_fields import gathered

    offsets, data = gathered(text, places)
    given = places[:, 0] >= 0
    bitmap = None if given.all() else pa.py_buffer(np.packbits(given, bitorder="little"))
    return pa.StringArray.from_buffers(
        len(places), pa.py_buffer(offsets), pa.py_buffer(data), bitmap
    )


def _unescaped(texts: pa.Array, *, referring: bool) -> pa.Array:
    if not referring:
        return texts
    n_references = pc.sum(pc.count_substring(texts, "&")).as_py()
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

    def read(text: Bytes) -> tuple[dict[str, dict[str, pa.Array]], list[str]]:
        lines = _lines(text)
        of = {place: _begin_with(text, lines, f"<{place} ".encode()) for place in shapes}
        others = [
            text[start:stop].tobytes().decode() for start, stop in lines[~(of["node"] | of["edge"])]
        ]
        return {p: shapes[p].columns(text, lines[mask]) for p, mask in of.items()}, others

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


def _blocks(file: IO[bytes]) -> Iterator[Bytes]:
    """Yield the file in blocks of whole lines, as bytes of valid UTF-8."""
    left = b""
    while data := file.read(_BLOCK):
        whole, feed, left = (left + data).rpartition(b"\n")
        if feed:
            text = np.frombuffer(whole + feed, np.uint8)
            ends = pa.py_buffer(np.array([0, len(text)], np.int32))
            pa.StringArray.from_buffers(1, ends, pa.py_buffer(text)).validate(full=True)
            yield text
    if left:
        raise _OtherwiseError


def _lines(text: Bytes) -> Places:
    """Return where every line begins and ends, its line feed included: int64[lines, 2]."""
    stops = np.flatnonzero(text == ord("\n")) + 1
    return np.stack([np.concatenate([[0], stops[:-1]]), stops], axis=1)


def _begin_with(text: Bytes, lines: Places, start: bytes) -> npt.NDArray[np.bool_]:
    """Return which lines begin with some bytes."""
    found = lines[:, 1] - lines[:, 0] >= len(start)
    for place, byte in enumerate(start):
        found[found] = text[lines[found, 0] + place] == byte
    return found
