"""Read GraphML: our own without loss, other programs' as far as it describes a connectome."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.build.attributes import as_graph, parsed_ids, parsed_metadata
from connectome_graph.errors import InvalidTable, did_you_mean
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.attributes import METADATA
from connectome_graph.sources.graphml.events import TYPES, Document, Key, parsed
from connectome_graph.sources.graphml.lines import quickly_parsed

__all__ = ["read_graphml"]


def read_graphml(path: str | Path, *, ids: str | None = None) -> ConnectomeGraph:
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
    place = Path(path)
    document = quickly_parsed(place) or parsed(place)
    metadata = parsed_metadata(document.graph_data.get(METADATA), str(path))
    node_ids, sources, targets = (
        pa.array(texts, pa.string())
        for texts in (document.node_ids, document.sources, document.targets)
    )
    nodes = _attributes(document, "node", len(node_ids))
    edges = _attributes(document, "edge", len(sources))
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
    )


def _attributes(document: Document, place: str, n_rows: int) -> dict[str, pa.Array]:
    """Return the attributes of nodes or edges as typed arrays, null where absent."""
    keys = document.keys[place].values()
    return {key.name: _typed(key.text(n_rows), key) for key in keys}


def _typed(texts: pa.Array, key: Key) -> pa.Array:
    if key.kind == "string":
        return texts
    trimmed = pc.utf8_trim_whitespace(texts)
    # An empty number is a missing one; other programs write it so.
    trimmed = pc.replace_with_mask(trimmed, pc.equal(trimmed, ""), pa.scalar(None, pa.string()))
    if key.kind == "boolean":
        trimmed = pc.utf8_lower(trimmed)
    # networkx calls what only fits an unsigned integer "long" too.
    kinds = [TYPES[key.kind], *([pa.uint64()] if key.kind == "long" else [])]
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
