"""Read GraphML: our own without loss, other programs' as far as it describes a connectome.

The reader streams through expat. Document type declarations and entities are refused before
anything is expanded, so a file can neither grow in memory nor reach for other files.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.errors import InvalidTable, UnreadableFile, did_you_mean
from connectome_graph.export.attribute_reader import as_graph, parsed_ids, parsed_metadata
from connectome_graph.export.attributes import METADATA
from connectome_graph.graph import ConnectomeGraph

__all__ = ["read_graphml"]

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns "

_TYPES = {
    "boolean": pa.bool_(),
    "int": pa.int64(),
    "long": pa.int64(),
    "float": pa.float64(),
    "double": pa.float64(),
    "string": pa.string(),
}


def read_graphml(path: str | Path, *, ids: str | None = None) -> ConnectomeGraph:
    """Return the graph in a GraphML file.

    A file by :func:`write_graphml` gives its graph back: ids, kinds of columns, domain and
    provenance. In a file by another program every edge is a synapse row (or a connection, when
    edges have ``count``); attributes become columns, and the domain is every pair.

    Parameters
    ----------
    path
        The file.
    ids
        The node attribute that holds the root id. By default ``root_id`` where every node has
        one, else the XML id. Ids are integers when all of them are plain digits, else text.

    Raises
    ------
    UnreadableFile
        When the file is missing, truncated, not GraphML, or declares a document type or
        entities.
    InvalidTable
        When the graph is undirected, an edge ends at no node, or an id was written as a float.

    Examples
    --------
    >>> import tempfile, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3], [1, 0]])
    >>> path = cg.export.write_graphml(g, Path(tempfile.mkdtemp()) / "two.graphml")
    >>> read_graphml(path).equals(g)
    True
    """
    document = _parsed(Path(path))
    metadata = parsed_metadata(document.graph_data.get(METADATA), str(path))
    nodes = _attributes(document, "node", len(document.node_ids))
    edges = _attributes(document, "edge", len(document.sources))
    texts = _chosen_ids(document, nodes, ids)
    known = dict(zip(document.node_ids, parsed_ids(texts, metadata), strict=True))
    ends = []
    for name, side in (("source", document.sources), ("target", document.targets)):
        absent = next((end for end in side if end not in known), None)
        if absent is not None:
            raise InvalidTable(f"an edge of {path} has the {name} {absent!r}, which is no node")
        ends.append([known[end] for end in side])
    if len(known) != len(document.node_ids):
        raise InvalidTable(f"{path} has several nodes of one id")
    return as_graph(
        ids=list(known.values()),
        nodes=nodes,
        pre=ends[0],
        post=ends[1],
        edges=edges,
        metadata=metadata,
        verb="read_graphml",
        source=Path(path).name,
    )


@dataclass
class _Key:
    """One ``<key>``: an attribute's name, kind, element and default, and where its text is."""

    name: str
    kind: str
    element: str
    default: str | None = None
    rows: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass
class _Document:
    """What a GraphML file says, as text."""

    node_ids: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    keys: dict[str, dict[str, _Key]] = field(default_factory=lambda: {"node": {}, "edge": {}})
    graph_keys: dict[str, str] = field(default_factory=dict)
    graph_data: dict[str, str] = field(default_factory=dict)
    n_graphs: int = 0


class _Parser:
    """The events of expat, turned into a document."""

    def __init__(self, document: _Document) -> None:
        self.document = document
        self.stack: list[str] = []
        self.text: list[str] = []
        self.key: _Key | str | None = None
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
        if name in ("hyperedge", "port") or (name == "graph" and "node" in self.stack):
            raise InvalidTable(f"it has <{name}> elements inside, which no connectome needs")
        handler = self.begin.get(name)
        if handler is not None:
            handler(attributes)

    def end(self, _: str) -> None:
        name = self.stack.pop()
        if name == "data" and self.key is not None:
            text = "".join(self.text)
            if isinstance(self.key, str):
                self.document.graph_data[self.key] = text
            else:
                self.key.rows.append(self.row)
                self.key.texts.append(text)
        elif name == "default" and isinstance(self.key, _Key):
            self.key.default = "".join(self.text)
        if name in ("data", "default"):
            self.key = None if name == "data" else self.key
            self.text = []

    def characters(self, text: str) -> None:
        if self.stack and self.stack[-1] in ("data", "default"):
            self.text.append(text)

    def _key(self, attributes: dict[str, str]) -> None:
        element = attributes.get("for", "all")
        name = attributes.get("attr.name", attributes["id"])
        kind = attributes.get("attr.type", "string")
        if kind not in _TYPES:
            raise InvalidTable(
                f"the key {name!r} has the unknown type {kind!r}.{did_you_mean(kind, _TYPES)}"
            )
        self.key = None
        for place in ("node", "edge"):
            if element in (place, "all"):
                self.key = _Key(name, kind, place)
                self.document.keys[place][attributes["id"]] = self.key
        if element in ("graph", "all"):
            self.document.graph_keys[attributes["id"]] = name

    def _default(self, _: dict[str, str]) -> None:
        self.text = []

    def _graph(self, attributes: dict[str, str]) -> None:
        self.document.n_graphs += 1
        if self.document.n_graphs > 1:
            raise InvalidTable("it holds several graphs; keep one a file")
        if attributes.get("edgedefault") == "undirected":
            raise InvalidTable("its graph is undirected, so no neuron of a pair is presynaptic")

    def _node(self, attributes: dict[str, str]) -> None:
        name = attributes["id"]
        self.row = len(self.document.node_ids)
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
            self.key = self.document.keys[place].get(own)
        if self.key is None and place in ("graph", "node", "edge"):
            raise InvalidTable(f"a <{place}> has data for the key {own!r}, which is not declared")


def _parsed(path: Path) -> _Document:
    document = _Document()
    parser = expat.ParserCreate(namespace_separator=" ")
    events = _Parser(document)
    parser.buffer_text = True
    parser.StartElementHandler = events.start
    parser.EndElementHandler = events.end
    parser.CharacterDataHandler = events.characters
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        raise UnreadableFile(
            f"{path} is not well-formed XML ({error}); it is truncated, or not GraphML"
        ) from error
    except InvalidTable as error:
        raise InvalidTable(f"{path} cannot be read as a connectome: {error}") from error
    except KeyError as error:
        raise UnreadableFile(f"{path} has an element without its attribute {error}") from error
    except OSError as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(f"{path} cannot be read: {error.strerror or error}") from error
    if not document.n_graphs:
        raise UnreadableFile(f"{path} holds no <graph>, so it is not GraphML")
    return document


def _refuse(name: str, *_: Any) -> None:
    raise UnreadableFile(
        f"the file declares a document type or an entity ({name!r}), which GraphML does not need "
        "and which can exhaust memory or read other files; remove the declaration"
    )


def _attributes(document: _Document, place: str, n_rows: int) -> dict[str, pa.Array]:
    """Return the attributes of nodes or edges as typed arrays, null where absent."""
    arrays: dict[str, pa.Array] = {}
    for key in document.keys[place].values():
        texts: list[str | None] | list[str] = key.texts
        if len(key.texts) != n_rows or key.rows != list(range(n_rows)):
            texts = [key.default] * n_rows
            for row, text in zip(key.rows, key.texts, strict=True):
                texts[row] = text
        arrays[key.name] = _typed(pa.array(texts, pa.string()), key)
    return arrays


def _typed(texts: pa.Array, key: _Key) -> pa.Array:
    if key.kind == "string":
        return texts
    trimmed = pc.utf8_trim_whitespace(texts)
    # An empty number is a missing one; other programs write it so.
    trimmed = pc.replace_with_mask(trimmed, pc.equal(trimmed, ""), pa.scalar(None, pa.string()))
    if key.kind == "boolean":
        trimmed = pc.utf8_lower(trimmed)
    # networkx calls what only fits an unsigned integer "long" too.
    kinds = [_TYPES[key.kind], *([pa.uint64()] if key.kind == "long" else [])]
    for kind in kinds:
        with contextlib.suppress(pa.ArrowInvalid):
            return pc.cast(trimmed, kind)
    odd = next(text for text in trimmed.to_pylist() if not _fits(text, kinds[0]))
    raise InvalidTable(
        f"the {key.element} attribute {key.name!r} is declared {key.kind} and holds {odd!r}"
    )


def _fits(text: str | None, kind: pa.DataType) -> bool:
    try:
        pc.cast(pa.array([text], pa.string()), kind)
    except pa.ArrowInvalid:
        return False
    return True


def _chosen_ids(document: _Document, nodes: dict[str, pa.Array], name: str | None) -> list[str]:
    """Return the texts that are root ids, and take them and their copies out of `nodes`."""
    if name is not None and name not in nodes:
        raise InvalidTable(
            f"no node attribute is called {name!r}.{did_you_mean(name, nodes)} There are: "
            f"{', '.join(nodes) or 'none'}"
        )
    found = nodes.get(name or "root_id")
    if found is None or (name is None and found.null_count):
        return _without_copies(document.node_ids, nodes)
    if pa.types.is_floating(found.type):
        raise InvalidTable(
            f"the node attribute {name or 'root_id'!r} holds floats, in which 18-digit ids lose "
            "digits; write it as text"
        )
    if found.null_count:
        raise InvalidTable(f"{found.null_count:,} nodes have no {name!r}")
    nodes.pop(name or "root_id")
    return _without_copies(pc.cast(found, pa.string()).to_pylist(), nodes)


def _without_copies(texts: list[str], nodes: dict[str, pa.Array]) -> list[str]:
    """Drop the attributes in which igraph repeats the ids."""
    for name in ("id", "name"):
        if name in nodes and nodes[name].equals(pa.array(texts, pa.string())):
            nodes.pop(name)
    return texts
