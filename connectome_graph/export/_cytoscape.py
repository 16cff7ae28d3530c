"""Write a graph for Cytoscape: cyjs by networkx, CX2 by ndex2, the libraries that know them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.border.arguments import Weight
from connectome_graph.border.replaced import marked, replacing_own
from connectome_graph.errors import InvalidArgument, InvalidTable, require
from connectome_graph.export._attributes import (
    Attribute,
    Sheet,
    as_exact_text,
    ids_as_text,
    records,
    sheet,
)
from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["write_cytoscape"]

ENDINGS = (".cyjs", ".cx2")
#: What Cytoscape itself calls a node's and an edge's own data.
_NODE_NAMES = ("value", "shared name", "selected", "SUID")
_EDGE_NAMES = ("source", "target", "interaction", "name", "shared name", "selected", "SUID")
_NAME = "connectome"


def write_cytoscape(
    g: ConnectomeGraph,
    path: str | Path,
    *,
    weight: Weight | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a graph for Cytoscape, as Cytoscape.js JSON or CX2, and return the path.

    Ids are text, and so is every integer column beyond 2**53, which JavaScript would round. A
    missing value is an absent attribute. Columns with a name of Cytoscape's own, such as
    ``target``, get an underscore.

    Parameters
    ----------
    g
        The graph.
    path
        The file; its ending says the format: ``.cyjs`` (written by networkx, for Cytoscape and
        Cytoscape.js) or ``.cx2`` (written by ndex2, for Cytoscape, Cytoscape Web and NDEx).
    weight
        ``None`` for one edge per synapse row; or a weight, or a list of them, for one edge per
        connected pair on the domain, as in :func:`to_networkx`.
    overwrite
        Whether another file at `path` may be replaced; a graph that this function wrote is in any
        case.

    Raises
    ------
    InvalidArgument
        When the ending is neither.
    InvalidTable
        When a column holds an infinite number, which JSON cannot carry.
    MissingDependency
        For ``.cx2`` without ndex2.
    UnreadableFile
        When the file cannot be written, or another one is there.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3], [1, 0]])
    >>> path = write_cytoscape(g, Path(tempfile.mkdtemp()) / "two.cyjs", weight="count")
    >>> import json
    >>> [edge["data"]["weight"] for edge in json.loads(path.read_text())["elements"]["edges"]]
    [3, 1]
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise InvalidArgument(
            f"{Path(path).name!r} does not say which format of Cytoscape is meant; use one of "
            f"{', '.join(ENDINGS)}"
        )
    content = sheet(g, weight, node_names=_NODE_NAMES, edge_names=_EDGE_NAMES)
    said = (_cyjs if ending == ".cyjs" else _cx2)(content, multiple=weight is None)
    own = marked(b'{"data": {', b'[{"cxversion"', mark='"provenance"')
    with replacing_own(path, own=own, what="such graph", overwrite=overwrite) as temporary:
        temporary.write_text(json.dumps(said, allow_nan=False), encoding="utf-8")
    return Path(path)


def _cyjs(content: Sheet, *, multiple: bool) -> Any:
    """Return the graph as networkx writes it for Cytoscape.js."""
    import networkx as nx

    graph = nx.MultiDiGraph() if multiple else nx.DiGraph()
    ids = ids_as_text(content.ids).to_pylist()
    graph.add_nodes_from(zip(ids, _records(content, "nodes"), strict=True))
    pre, post = ([ids[code] for code in end.tolist()] for end in (content.pre, content.post))
    graph.add_edges_from(zip(pre, post, _records(content, "edges"), strict=True))
    said = nx.cytoscape_data(graph)
    said["data"] = _about(content)
    return said


def _cx2(content: Sheet, *, multiple: bool) -> Any:
    """Return the graph as ndex2 writes it."""
    del multiple  # CX2 numbers its edges; two of them may join the same nodes
    network = require("ndex2.cx2", extra="cytoscape", purpose="writing CX2").CX2Network()
    network.set_attribute_declarations(
        {
            "networkAttributes": {name: {"d": "string"} for name in _about(content)},
            "nodes": {"name": {"d": "string"}, "root_id": {"d": "string"}}
            | {each.name: {"d": _kind(each)} for each in map(as_exact_text, content.nodes)},
            "edges": {each.name: {"d": _kind(each)} for each in map(as_exact_text, content.edges)},
        }
    )
    network.set_network_attributes(_about(content))
    for place, values in enumerate(_records(content, "nodes")):
        network.add_node(place, values)
    ends = zip(content.pre.tolist(), content.post.tolist(), strict=True)
    for place, ((pre, post), values) in enumerate(
        zip(ends, _records(content, "edges"), strict=True)
    ):
        network.add_edge(place, pre, post, values)
    return network.to_cx2()


def _about(content: Sheet) -> dict[str, str]:
    return {"name": _NAME, "provenance": content.provenance_text}


def _records(content: Sheet, of: str) -> Iterable[dict[str, Any]]:
    """Return one dictionary per node or edge, exact and without what is missing."""
    given = content.nodes if of == "nodes" else content.edges
    attributes = [_finite(as_exact_text(each)) for each in given]
    if of == "nodes":
        ids = ids_as_text(content.ids)
        attributes = [Attribute("name", ids), Attribute("root_id", ids), *attributes]
    return records(tuple(attributes), len(content.ids if of == "nodes" else content.pre))


def _finite(attribute: Attribute) -> Attribute:
    """Return an attribute with missing for NaN, or say that JSON has no infinity."""
    values = attribute.column
    if not pa.types.is_floating(values.type):
        return attribute
    if pc.any(pc.is_inf(values)).as_py():
        raise InvalidTable(
            f"column {attribute.name!r} holds an infinite number, which JSON cannot carry; "
            "replace it or drop the column"
        )
    return Attribute(attribute.name, pc.if_else(pc.is_nan(values), None, values))


def _kind(attribute: Attribute) -> str:
    """Return the name that CX2 has for the kind of an attribute."""
    kind = attribute.column.type
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "long"
    return "double" if pa.types.is_floating(kind) else "string"
