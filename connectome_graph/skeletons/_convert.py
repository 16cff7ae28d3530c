"""A skeleton graph to networkx, igraph, GraphML and SWC. Node ids stay exact everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from connectome_graph.border.replaced import marked, replacing_own
from connectome_graph.errors import InvalidArgument, require
from connectome_graph.model.attributes import Attribute
from connectome_graph.model.kinds import describe, to_arrow
from connectome_graph.skeletons._skeleton import Skeleton
from connectome_graph.skeletons._skeleton_graph import SkeletonGraph, graph
from connectome_graph.sources.graphml.writer import write_document

__all__ = ["to_igraph", "to_networkx", "write_graphml", "write_swc"]

#: The line of a SWC file of ours that names its columns.
_SWC = "# sample type x y z radius parent"


def to_networkx(cell: Skeleton | SkeletonGraph) -> Any:
    """Return a skeleton as a networkx ``DiGraph``, every edge from parent to child.

    Parameters
    ----------
    cell
        A skeleton, or its graph.

    Returns
    -------
    networkx.DiGraph
        Nodes are node ids (int) with the columns of ``SkeletonGraph.nodes`` that are not
        missing, and ``synapses``: a list of dicts; edges have ``length_um``.

    Examples
    --------
    >>> from connectome_graph import skeletons
    >>> cell = skeletons.from_arrays([[0, 0, 0], [0, 3, 0]], [[1, 0]], root=0, root_id=2)
    >>> to_networkx(cell).edges[0, 1]
    {'length_um': 3.0}
    """
    import networkx as nx

    parts = _parts(cell)
    tree = nx.DiGraph(root_id=parts.root_id)
    for node, values in _node_rows(parts):
        tree.add_node(node, **values, synapses=[])
    for child, parent, length in _edge_rows(parts):
        tree.add_edge(parent, child, length_um=length)
    attached = parts.synapses.loc[parts.synapses["node_id"].notna()]
    for row in attached.to_dict("records"):
        node = int(row.pop("node_id"))
        tree.nodes[node]["synapses"].append(_present(row))
    return tree


def to_igraph(cell: Skeleton | SkeletonGraph) -> Any:
    """Return a skeleton as a directed ``igraph.Graph``, every edge from parent to child.

    Parameters
    ----------
    cell
        A skeleton, or its graph.

    Returns
    -------
    igraph.Graph
        Vertices in the order of ``SkeletonGraph.nodes``, with ``node_id`` and its columns as
        attributes (None where missing); edges have ``length_um``. The graph attribute
        ``root_id`` is text.

    Examples
    --------
    >>> from connectome_graph import skeletons
    >>> cell = skeletons.from_arrays([[0, 0, 0], [0, 3, 0]], [[1, 0]], root=0, root_id=2)
    >>> to_igraph(cell).es["length_um"]
    [3.0]
    """
    igraph = require("igraph", extra="all", purpose="skeletons in igraph")
    parts = _parts(cell)
    index = parts.nodes.index
    parent, child = (index.get_indexer(pd.Index(parts.edges[end])) for end in ("parent", "child"))
    ends = np.column_stack([parent, child])
    tree = igraph.Graph(n=len(index), edges=ends.tolist(), directed=True)
    tree["root_id"] = str(parts.root_id)
    tree.vs["node_id"] = index.tolist()
    for name in parts.nodes.columns:
        values = parts.nodes[name].astype(object)
        tree.vs[name] = values.where(values.notna(), None).tolist()
    tree.es["length_um"] = parts.edges["length_um"].tolist()
    return tree


def write_graphml(
    cell: Skeleton | SkeletonGraph, path: str | Path, *, overwrite: bool = False
) -> Path:
    """Write a skeleton as GraphML, every edge from parent to child, and return the path.

    Node ids are the text ``n<node_id>``; the neuron's root id is a text attribute of the graph,
    so no reader turns it into a float. Missing values are left out.

    Parameters
    ----------
    cell
        The skeleton, or the graph that ``skeletons.graph`` made of it.
    path
        The file to write.
    overwrite
        Whether another file at `path` may be replaced; a skeleton that this function wrote is in
        any case.

    Raises
    ------
    InvalidArgument
        When the neuron's id has a control character, which XML cannot hold.
    UnreadableFile
        When the file cannot be written, or another one is there.
    """
    parts = _parts(cell)
    if not str(parts.root_id).isprintable():
        raise InvalidArgument(f"root id {parts.root_id!r} holds characters that XML cannot")
    index = parts.nodes.index
    ends = (index.get_indexer(pd.Index(parts.edges[end])) for end in ("parent", "child"))
    pre, post = ends
    return write_document(
        path,
        name="skeleton",
        ids=pa.array([f"n{node}" for node in index], pa.string()),
        nodes=_attributes(parts.nodes),
        pre=pre,
        post=post,
        edges=_attributes(parts.edges[["length_um"]]),
        texts={"root_id": str(parts.root_id)},
        mark='<graph id="skeleton"',
        overwrite=overwrite,
    )


def _attributes(frame: pd.DataFrame) -> list[Attribute]:
    found = []
    for name in frame.columns:
        values = frame[name].array
        found.append(Attribute(str(name), to_arrow(values, describe(values, name=name), name=name)))
    return found


def write_swc(cell: Skeleton, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a skeleton as SWC in micrometres, parents before children, and return the path.

    Samples are numbered from 1 in the order written, as the format asks; a missing radius is
    written as 0. Synapses do not fit the format and are left out.

    Parameters
    ----------
    cell
        The skeleton.
    path
        The file to write.
    overwrite
        Whether another file at `path` may be replaced; a skeleton that this function wrote is in
        any case.

    Raises
    ------
    InvalidArgument
        When the cell is empty.
    UnreadableFile
        When the file cannot be written, or another one is there.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from connectome_graph import skeletons
    >>> cell = skeletons.from_arrays([[0, 0, 0], [0, 3, 0]], [[1, 0]], root=0, root_id=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(write_swc(cell, pathlib.Path(folder, "2.swc")).read_text())
    # neuron 2, positions and radii in um
    # sample type x y z radius parent
    1 0 0.0 0.0 0.0 0.0 -1
    2 0 0.0 3.0 0.0 0.0 1
    <BLANKLINE>
    """
    from connectome_graph._kernels import trees

    if cell.n_vertices == 0:
        raise InvalidArgument(f"skeleton {cell.root_id} has no vertices to write")
    order = trees.outward_order(cell.parent.copy())
    sample = np.empty(cell.n_vertices, dtype=np.int64)
    sample[order] = np.arange(1, cell.n_vertices + 1)
    radius = np.nan_to_num(cell.radius, nan=0.0)
    own = marked(b"# neuron ", mark=_SWC)
    with (
        replacing_own(path, own=own, what="skeleton", overwrite=overwrite) as temporary,
        temporary.open("w", encoding="utf-8") as out,
    ):
        name = str(cell.root_id).replace("\n", " ").replace("\r", " ")
        out.write(f"# neuron {name}, positions and radii in um\n")
        out.write(f"{_SWC}\n")
        for vertex in order:
            x, y, z = cell.vertices[vertex].tolist()
            up = cell.parent[vertex]
            parent = sample[up] if up >= 0 else -1
            code = cell.compartment[vertex]
            out.write(
                f"{sample[vertex]} {code} {x!r} {y!r} {z!r} {float(radius[vertex])!r} {parent}\n"
            )
    return Path(path)


def _parts(cell: Skeleton | SkeletonGraph) -> SkeletonGraph:
    return cell if isinstance(cell, SkeletonGraph) else graph(cell)


def _node_rows(parts: SkeletonGraph) -> list[tuple[int, dict[str, Any]]]:
    """Return every node and its values as Python types, missing ones left out."""
    names = list(parts.nodes.columns)
    columns = [parts.nodes[name].astype(object).tolist() for name in names]
    rows = zip(*columns, strict=True)
    return [
        (int(node), _present(dict(zip(names, row, strict=True))))
        for node, row in zip(parts.nodes.index, rows, strict=True)
    ]


def _edge_rows(parts: SkeletonGraph) -> list[tuple[int, int, float]]:
    columns = (parts.edges[name].tolist() for name in ("child", "parent", "length_um"))
    return list(zip(*columns, strict=True))


def _present(values: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in values.items() if not pd.isna(value)}
