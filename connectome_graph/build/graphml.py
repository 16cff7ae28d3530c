"""Read GraphML: our own without loss, other programs' as far as it describes a connectome."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.build.attributes import as_graph, parsed_ids, parsed_metadata
from connectome_graph.errors import InvalidArgument, InvalidTable, did_you_mean
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model import rule
from connectome_graph.model.attributes import METADATA
from connectome_graph.model.names import ColumnMap
from connectome_graph.sources.graphml.events import TYPES, Document, Key, parsed
from connectome_graph.sources.graphml.lines import quickly_parsed

__all__ = ["read_graphml"]


def read_graphml(
    path: str | Path, *, ids: str | None = None, columns: ColumnMap | None = None
) -> ConnectomeGraph:
    """Return the graph in a GraphML file.

    A file by :func:`connectome_graph.export.write_graphml` gives its graph back: ids, kinds of
    columns, domain and provenance. In a file by another program every edge is a synapse row (or
    a connection, when edges have ``count``); attributes become columns, and the domain is every
    pair.

    Parameters
    ----------
    path
        The file.
    ids
        The node attribute that holds the root id. By default ``root_id`` where every node has
        one, else the XML id. Ids are integers when all of them are plain digits, else text.
    columns
        Canonical name -> your name of an edge attribute, such as ``{"count": "weight"}``;
        ``{"count": None}`` when every edge is one synapse or connection.

    Raises
    ------
    UnreadableFile
        When the file is missing, truncated, not GraphML, or declares a document type or
        entities.
    InvalidTable
        When the graph is undirected, an edge ends at no node, an id was written as a float, or
        an attribute such as ``weight`` only may be the number of synapses.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3], [1, 0]])
    >>> path = cg.export.write_graphml(g, Path(tempfile.mkdtemp()) / "two.graphml")
    >>> read_graphml(path).equals(g)
    True
    """
    if not isinstance(path, str | Path):
        raise InvalidArgument(f"the path of a GraphML file is needed; found {type(path).__name__}")
    place = Path(path)
    document = quickly_parsed(place) or parsed(place)
    metadata = parsed_metadata(document.graph_data.get(METADATA), str(path))
    node_ids, sources, targets = (
        pa.array(texts, pa.string())
        for texts in (document.node_ids, document.sources, document.targets)
    )
    nodes = _attributes(document, "node", len(node_ids))
    edges = _attributes(document, "edge", len(sources))
    if document.groups:
        node_ids, nodes = _without_groups(document, node_ids, nodes)
    if len(pc.unique(node_ids)) != len(node_ids):
        raise InvalidTable(f"{path} has several nodes of one id")
    known = parsed_ids(_chosen_ids(node_ids, nodes, ids), metadata)
    ends = []
    for name, side in (("source", sources), ("target", targets)):
        at = pc.index_in(side, node_ids)
        if at.null_count:
            absent = side.filter(pc.is_null(at))[0]
            raise InvalidTable(f"an edge of {path} has the {name} '{absent}', which is no node")
        ends.append(known[at.to_numpy(zero_copy_only=False).astype(np.int64)])
    return as_graph(
        ids=known,
        nodes=nodes,
        pre=ends[0],
        post=ends[1],
        edges=edges,
        metadata=metadata,
        verb="read_graphml",
        source=place.name,
        columns=columns,
    )


def _attributes(document: Document, place: str, n_rows: int) -> dict[str, pa.Array]:
    """Return the attributes of nodes or edges as typed arrays, null where absent."""
    found: dict[str, list[pa.Array]] = {}
    texts: dict[str, list[pa.Array]] = {}
    for key in document.keys[place].values():
        text = key.text(n_rows)
        found.setdefault(key.name, []).append(_typed(text, key))
        texts.setdefault(key.name, []).append(text)
    return {
        name: arrays[0] if len(arrays) == 1 else _one(arrays, texts[name])
        for name, arrays in found.items()
    }


def _one(arrays: list[pa.Array], texts: list[pa.Array]) -> pa.Array:
    """Return several keys of one name as one column: networkx writes one key for each type."""
    kind = rule.promoted([array.type for array in arrays])
    if kind is not None:
        with contextlib.suppress(InvalidTable):
            whole = [
                rule.converted(pa.chunked_array([array]), kind, name="", where="").combine_chunks()
                for array in arrays
            ]
            return pc.coalesce(*whole)
    # of several kinds: as text, but a NaN is missing
    shown = [
        pc.if_else(pc.is_valid(array), text, pa.scalar(None, pa.string()))
        if not pa.types.is_floating(array.type)
        else pc.if_else(pc.is_nan(array).fill_null(True), pa.scalar(None, pa.string()), text)  # noqa: FBT003
        for array, text in zip(arrays, texts, strict=True)
    ]
    return pc.coalesce(*shown)


def _without_groups(
    document: Document, node_ids: pa.Array, nodes: dict[str, pa.Array]
) -> tuple[pa.Array, dict[str, pa.Array]]:
    """Leave out the nodes that only hold other nodes: those at which no edge ends."""
    ends = {*document.sources, *document.targets}
    keep = [
        row not in document.groups or name in ends for row, name in enumerate(document.node_ids)
    ]
    mask = pa.array(keep)
    return node_ids.filter(mask), {name: values.filter(mask) for name, values in nodes.items()}


def _typed(texts: pa.Array, key: Key) -> pa.Array:
    if key.kind == "string":
        return texts
    with contextlib.suppress(pa.ArrowInvalid):  # as they stand, which is how we write them
        return pc.cast(texts, TYPES[key.kind])
    trimmed = pc.utf8_trim_whitespace(texts)
    # An empty number is a missing one; other programs write it so.
    trimmed = pc.replace_with_mask(trimmed, pc.equal(trimmed, ""), pa.scalar(None, pa.string()))
    if key.kind == "boolean":
        trimmed = pc.utf8_lower(trimmed)
    if pa.types.is_integer(TYPES[key.kind]):
        trimmed = _whole(trimmed)
    # networkx calls what only fits an unsigned integer "long" too.
    kinds = [TYPES[key.kind], *([pa.uint64()] if key.kind == "long" else [])]
    for kind in kinds:
        with contextlib.suppress(pa.ArrowInvalid):
            return pc.cast(trimmed, kind)
    odd = next(text for text in trimmed.to_pylist() if not _fits(text, kinds[0]))
    raise InvalidTable(
        f"the {key.element} attribute {key.name!r} is declared {key.kind} and holds {odd!r}"
    )


def _whole(texts: pa.Array) -> pa.Array:
    """Return the texts of integers as other programs write them: 3.0 is 3, NaN is missing."""
    gaps = pc.is_in(texts, pa.array([*rule.MISSING_WORDS, "NAN"]))
    texts = pc.if_else(gaps, pa.scalar(None, pa.string()), texts)
    return pc.replace_substring_regex(texts, r"^([+-]?[0-9]+)\.0*$", r"\1")


def _fits(text: str | None, kind: pa.DataType) -> bool:
    try:
        pc.cast(pa.array([text], pa.string()), kind)
    except pa.ArrowInvalid:
        return False
    return True


def _chosen_ids(node_ids: pa.Array, nodes: dict[str, pa.Array], name: str | None) -> pa.Array:
    """Return the texts that are root ids, and take them and their copies out of `nodes`."""
    if name is not None and name not in nodes:
        raise InvalidTable(
            f"no node attribute is called {name!r}.{did_you_mean(name, nodes)} There are: "
            f"{', '.join(nodes) or 'none'}"
        )
    found = nodes.get(name or "root_id")
    if found is None or (name is None and found.null_count):
        return _without_copies(node_ids, nodes)
    if pa.types.is_floating(found.type):
        raise InvalidTable(
            f"the node attribute {name or 'root_id'!r} holds floats, in which 18-digit ids lose "
            "digits; write it as text"
        )
    if found.null_count:
        raise InvalidTable(f"{found.null_count:,} nodes have no {name!r}")
    nodes.pop(name or "root_id")
    return _without_copies(pc.cast(found, pa.string()), nodes)


def _without_copies(texts: pa.Array, nodes: dict[str, pa.Array]) -> pa.Array:
    """Drop the attributes in which igraph repeats the ids."""
    for name in ("id", "name"):
        if name in nodes and nodes[name].equals(texts):
            nodes.pop(name)
    return texts
