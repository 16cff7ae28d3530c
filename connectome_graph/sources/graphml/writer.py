"""GraphML written: nodes, edges and attributes as one stream, whoever has them.

Every node and every edge is one line, its data in the order of the keys; numbers have typed keys,
integers beyond 2**53 are text, because igraph and others read numbers as doubles, and a missing
value is an absent ``<data>``.

References
----------
U. Brandes, M. Eiglsperger, J. Lerner, C. Pich. Graph markup language (GraphML). In: Handbook of
Graph Drawing and Visualization, CRC Press, 2013. http://graphml.graphdrawing.org
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.border.progress import pieces_written
from connectome_graph.border.replaced import marked, replacing_own
from connectome_graph.errors import InvalidTable
from connectome_graph.model.attributes import Attribute, as_exact_text

__all__ = ["ATTRIBUTE_ESCAPES", "HEAD", "write_document"]

# Rows a piece: large enough for vectorised work, small enough for the processor's cache.
_ROWS = 1 << 15
_THREADS = 2

#: How every file starts.
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns '
    'http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)

# What XML 1.0 cannot carry, not even escaped.
_FORBIDDEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_SPECIAL = r"[&<>\"\t\n\r]"
# A carriage return would be read as a line feed, and in an attribute every white space as a
# blank. With line feeds escaped too, every node and every edge is one line.
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"), ("\n", "&#10;"))
ATTRIBUTE_ESCAPES = (*_ESCAPES, ('"', "&quot;"), ("\t", "&#9;"))


def write_document(
    path: str | Path,
    *,
    name: str,
    ids: pa.Array,
    nodes: Sequence[Attribute],
    pre: Any,
    post: Any,
    edges: Sequence[Attribute],
    texts: Mapping[str, str],
    mark: str,
    overwrite: bool = False,
) -> Path:
    """Write a directed graph as GraphML and return the path; the file appears whole or not at all.

    Parameters
    ----------
    path
        The file.
    name
        The XML id of the graph.
    ids
        The XML ids of the nodes, text.
    nodes, edges
        Attributes with one entry per node or edge.
    pre, post
        Positions in `ids` of the ends of every edge.
    texts
        Attributes of the graph itself: name -> text.
    mark
        What stands in a file of this kind, which is replaced.
    overwrite
        Whether any other file is.

    Raises
    ------
    InvalidTable
        When text holds a control character, which XML cannot carry.
    UnreadableFile
        When the file cannot be written.
    """
    nodes, edges = ([as_exact_text(each) for each in some] for some in (nodes, edges))
    _check("node ids", ids)
    in_quotes = _escaped(ids, ATTRIBUTE_ESCAPES)
    lines = (*_keys("node", "n", nodes), *_keys("edge", "e", edges), *_opening(name, texts))

    def node_rows(start: int, stop: int) -> list[Any]:
        opening = ['<node id="', in_quotes[start:stop], '">']
        return [*opening, *_data("n", nodes, start, stop), "</node>\n"]

    def edge_rows(start: int, stop: int) -> list[Any]:
        ends = [in_quotes.take(pa.array(codes[start:stop])) for codes in (pre, post)]
        opening = ['<edge source="', ends[0], '" target="', ends[1], '">']
        return [*opening, *_data("e", edges, start, stop), "</edge>\n"]

    own = marked(b"<?xml", mark=mark)
    with (
        replacing_own(path, own=own, what="such graph", overwrite=overwrite) as temporary,
        temporary.open("wb") as file,
    ):
        file.write(HEAD.encode())
        file.write("".join(lines).encode())
        _stream(node_rows, len(ids), file)
        _stream(edge_rows, len(pre), file)
        file.write(b"</graph>\n</graphml>\n")
    return Path(path)


def _keys(element: str, prefix: str, attributes: Sequence[Attribute]) -> Iterator[str]:
    for number, attribute in enumerate(attributes):
        name = _checked_name(attribute.name)
        yield (
            f'<key id="{prefix}{number}" for="{element}" attr.name={name} '
            f'attr.type="{_type(attribute.column.type)}"/>\n'
        )


def _opening(graph: str, texts: Mapping[str, str]) -> Iterator[str]:
    """Yield the graph's own keys and the opening of the graph element."""
    for number, name in enumerate(texts):
        yield f'<key id="g{number}" for="graph" attr.name="{name}" attr.type="string"/>\n'
    yield f'<graph id="{graph}" edgedefault="directed">\n'
    for number, (name, text) in enumerate(texts.items()):
        _check(name, pa.array([text]))
        yield f'<data key="g{number}">{escape(text, {chr(13): "&#13;"})}</data>\n'


def _checked_name(name: str) -> str:
    _check("column names", pa.array([name]))
    return quoteattr(name, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "int" if kind.bit_width < 32 or kind == pa.int32() else "long"
    if pa.types.is_floating(kind):
        return "double" if kind == pa.float64() else "float"
    return "string"


def _stream(rows: Callable[[int, int], list[Any]], total: int, file: IO[bytes]) -> None:
    """Write rows a piece at a time; pieces are put together on threads and written in order."""
    starts = range(0, total, _ROWS)
    with ThreadPoolExecutor(_THREADS) as pool:
        pending = iter(starts)
        ahead = [pool.submit(_joined, rows, s, total) for s in itertools.islice(pending, _THREADS)]
        for _ in pieces_written(starts, rows=_ROWS):
            piece = ahead.pop(0).result()
            following = next(pending, None)
            if following is not None:
                ahead.append(pool.submit(_joined, rows, following, total))
            file.write(piece)


def _joined(rows: Callable[[int, int], list[Any]], start: int, total: int) -> memoryview:
    """Return rows ``start:start + _ROWS`` as the bytes of the file."""
    parts = rows(start, min(start + _ROWS, total))
    scalars = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    text = pc.binary_join_element_wise(*scalars, "", null_handling="replace", null_replacement="")
    # The texts lie one behind the other in Arrow's buffer: that is the piece of the file.
    offsets = memoryview(text.buffers()[1]).cast("i")
    first, last = offsets[text.offset], offsets[text.offset + len(text)]
    return memoryview(text.buffers()[2])[first:last]


def _data(prefix: str, attributes: Sequence[Attribute], start: int, stop: int) -> Iterator[Any]:
    """Yield the parts of the data elements of some rows; a missing value is a null part."""
    for number, attribute in enumerate(attributes):
        opening, closing = f'<data key="{prefix}{number}">', "</data>"
        values = _text(attribute, start, stop)
        if values.null_count:
            yield pc.binary_join_element_wise(opening, values, closing, "")
        else:
            yield from (opening, values, closing)


def _text(attribute: Attribute, start: int, stop: int) -> pa.Array:
    values = attribute.column[start:stop]
    if pa.types.is_string(values.type):
        _check(f"column {attribute.name!r}", values)
        return _escaped(values, _ESCAPES)
    text = pc.cast(values, pa.string())
    if pa.types.is_floating(values.type) and not pc.all(pc.is_finite(values)).as_py():
        # The words that Java, C and Python all read.
        for arrow, common in (("inf", "Infinity"), ("nan", "NaN")):
            text = pc.replace_substring(text, arrow, common)
    return text


def _escaped(values: pa.Array, escapes: tuple[tuple[str, str], ...]) -> pa.Array:
    if not pc.any(pc.match_substring_regex(values, _SPECIAL)).as_py():
        return values
    for character, reference in escapes:
        values = pc.replace_substring(values, character, reference)
    return values


def _check(what: str, values: pa.Array) -> None:
    """Refuse control characters."""
    bad = pc.match_substring_regex(values, _FORBIDDEN)
    if pc.any(bad).as_py():
        text = values.filter(bad)[0].as_py()
        raise InvalidTable(
            f"{what}: {text[:60]!r} holds a control character, which XML cannot carry in any "
            "form; clean the text, or keep the graph with connectome_graph.write"
        )
