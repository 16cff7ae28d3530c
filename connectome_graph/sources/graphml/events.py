"""GraphML read event by event with expat, whoever wrote it.

Document type declarations and entities are refused before anything is expanded, so a file can
neither grow in memory nor reach for other files.
"""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

import pyarrow as pa

from connectome_graph.errors import ConnectomeError, InvalidTable, UnreadableFile, did_you_mean

__all__ = ["TYPES", "Document", "Key", "looks_like_graphml", "parsed", "parsed_text"]

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns "

#: The attribute types of GraphML and how their values are carried.
TYPES = {
    "boolean": pa.bool_(),
    "int": pa.int64(),
    "long": pa.int64(),
    "float": pa.float64(),
    "double": pa.float64(),
    "string": pa.string(),
}


@dataclass
class Key:
    """One ``<key>``: an attribute's name, kind, element and default, and where its text is."""

    name: str
    kind: str
    element: str
    default: str | None = None
    rows: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    column: pa.Array | None = None

    def text(self, n_rows: int) -> pa.Array:
        """Return the text of every node or edge; where there is none the default, or null."""
        if self.column is not None:
            return self.column
        if self.rows == list(range(n_rows)):
            return pa.array(self.texts, pa.string())
        texts: list[str | None] = [self.default] * n_rows
        for row, text in zip(self.rows, self.texts, strict=True):
            texts[row] = text
        return pa.array(texts, pa.string())


@dataclass
class Document:
    """What a GraphML file says, as text."""

    node_ids: Any = field(default_factory=list)
    sources: Any = field(default_factory=list)
    targets: Any = field(default_factory=list)
    keys: dict[str, dict[str, Key]] = field(default_factory=lambda: {"node": {}, "edge": {}})
    graph_keys: dict[str, str] = field(default_factory=dict)
    graph_data: dict[str, str] = field(default_factory=dict)
    n_graphs: int = 0
    #: Rows of nodes that hold other nodes.
    groups: set[int] = field(default_factory=set)


class _Parser:
    """The events of expat, turned into a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack: list[str] = []
        self.text: list[str] = []
        self.key: Key | str | None = None
        # a key for="all" is one of the nodes and one of the edges: a default reaches both
        self.declared: list[Key] = []
        self.ports = 0
        self.nodes: list[int] = []
        self.row = 0
        # Without interning every id would be one string an edge.
        self.names: dict[str, str] = {}
        self.begin = {
            "graphml": lambda _: None,
            "key": self._key,
            "default": self._default,
            "graph": self._graph,
            "node": self._node,
            "edge": self._edge,
            "data": self._data,
        }

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.removeprefix(_NAMESPACE)
        if not self.stack and name != "graphml":
            raise InvalidTable(f"its first element is <{name}>, not <graphml>")
        self.stack.append(name)
        # where on a node an edge ends is no part of a connectome
        self.ports += name == "port"
        if self.ports:
            return
        if name == "hyperedge":
            raise InvalidTable("it has <hyperedge> elements inside, which no connectome needs")
        handler = self.begin.get(name)
        if handler is not None:
            handler(attributes)

    def end(self, _: str) -> None:
        name = self.stack.pop()
        if self.ports:
            self.ports -= name == "port"
            return
        if name == "node":
            self.nodes.pop()
        if name == "data" and self.key is not None:
            text = "".join(self.text)
            if isinstance(self.key, str):
                self.document.graph_data[self.key] = text
            else:
                self.key.rows.append(self.row)
                self.key.texts.append(text)
        elif name == "default":
            for key in self.declared:
                key.default = "".join(self.text)
        if name in ("data", "default"):
            self.key = None if name == "data" else self.key
            self.text = []

    def characters(self, text: str) -> None:
        if self.stack and self.stack[-1] in ("data", "default") and not self.ports:
            self.text.append(text)

    def _key(self, attributes: dict[str, str]) -> None:
        element = attributes.get("for", "all")
        name = attributes.get("attr.name", attributes["id"])
        kind = attributes.get("attr.type", "string")
        if kind not in TYPES:
            raise InvalidTable(
                f"the key {name!r} has the unknown type {kind!r}.{did_you_mean(kind, TYPES)}"
            )
        self.declared = [
            Key(name, kind, place) for place in ("node", "edge") if element in (place, "all")
        ]
        for key in self.declared:
            self.document.keys[key.element][attributes["id"]] = key
        if element in ("graph", "all"):
            self.document.graph_keys[attributes["id"]] = name

    def _default(self, _: dict[str, str]) -> None:
        self.text = []

    def _graph(self, attributes: dict[str, str]) -> None:
        if self.nodes:
            # a group: the node holds a graph of its own, and its nodes are nodes of the whole
            self.document.groups.add(self.nodes[-1])
            return
        self.document.n_graphs += 1
        if self.document.n_graphs > 1:
            raise InvalidTable("it holds several graphs; keep one a file")
        if attributes.get("edgedefault") == "undirected":
            raise InvalidTable("its graph is undirected, so no neuron of a pair is presynaptic")

    def _node(self, attributes: dict[str, str]) -> None:
        name = attributes["id"]
        self.row = len(self.document.node_ids)
        self.nodes.append(self.row)
        self.document.node_ids.append(self.names.setdefault(name, name))

    def _edge(self, attributes: dict[str, str]) -> None:
        if attributes.get("directed") == "false":
            raise InvalidTable("it has an undirected edge, of which no neuron is presynaptic")
        self.row = len(self.document.sources)
        source, target = attributes["source"], attributes["target"]
        self.document.sources.append(self.names.setdefault(source, source))
        self.document.targets.append(self.names.setdefault(target, target))

    def _data(self, attributes: dict[str, str]) -> None:
        self.text = []
        place, own = self.stack[-2], attributes["key"]
        if place == "graph":
            self.key = self.document.graph_keys.get(own)
        elif place in ("node", "edge"):
            # data of a key that is not declared is text
            keys = self.document.keys[place]
            self.key = keys.setdefault(own, Key(own, "string", place))
            if place == "node":
                self.row = self.nodes[-1]


def looks_like_graphml(path: Path) -> bool:
    """Return whether `path` is a file that begins like GraphML: an XML text with <graphml>."""
    try:
        if not path.is_file():
            return False
        with opened(path) as file:
            start = file.read(4096)
    except (OSError, EOFError, zlib.error):
        return False
    return b"<graphml" in start.replace(b"\x00", b"")


def opened(path: Path) -> Any:
    """Return a file for reading, decompressed where it is gzip, whatever its name."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")


def parsed(path: Path) -> Document:
    """Return what a GraphML file says.

    Raises
    ------
    UnreadableFile
        When it is missing, not well-formed, not GraphML, or declares entities.
    InvalidTable
        When it describes something that is no directed graph.
    """
    try:
        with opened(path) as file:
            return _document(file, path)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, UnreadableFile):
            raise
        reason = getattr(error, "strerror", None) or error
        raise UnreadableFile(f"{path} cannot be read: {reason}") from error


def parsed_text(text: bytes, path: Path) -> Document:
    """Return what a GraphML text from the file `path` says."""
    return _document(io.BytesIO(text), path)


def _document(file: IO[bytes], path: Path) -> Document:
    document = Document()
    parser = expat.ParserCreate(namespace_separator=" ")
    events = _Parser(document)
    parser.buffer_text = True
    parser.StartElementHandler = events.start
    parser.EndElementHandler = events.end
    parser.CharacterDataHandler = events.characters
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.ParseFile(file)
    except expat.ExpatError as error:
        raise UnreadableFile(
            f"{path} is not well-formed XML ({error}); it is truncated, or not GraphML"
        ) from error
    except (LookupError, ValueError) as error:
        if isinstance(error, InvalidTable | KeyError):
            raise _located(error, path) from error
        raise UnreadableFile(
            f"{path} is in an encoding that cannot be read ({error}); write it as UTF-8"
        ) from error
    if not document.n_graphs:
        raise UnreadableFile(f"{path} holds no <graph>, so it is not GraphML")
    return document


def _located(error: Exception, path: Path) -> ConnectomeError:
    if isinstance(error, InvalidTable):
        return InvalidTable(f"{path} cannot be read as a connectome: {error}")
    return UnreadableFile(f"{path} has an element without its attribute {error}")


def _refuse(name: str, *_: Any) -> None:
    raise UnreadableFile(
        f"the file declares a document type or an entity ({name!r}), which GraphML does not need "
        "and which can exhaust memory or read other files; remove the declaration"
    )
