"""Write a graph as GraphML: streaming, exact, and read by networkx, igraph, Gephi, Cytoscape.

Root ids are text, as the XML id of a node and as its attribute ``root_id``. The graph element
carries the provenance as text, and all that ``read_graphml`` needs to give the same graph back.
"""

from __future__ import annotations

from pathlib import Path

from connectome_graph.border.arguments import Weight
from connectome_graph.export._attributes import METADATA, Attribute, ids_as_text, sheet
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.sources.graphml.writer import write_document

__all__ = ["write_graphml"]


def write_graphml(
    g: ConnectomeGraph,
    path: str | Path,
    *,
    weight: Weight | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a graph as GraphML and return the path.

    Parameters
    ----------
    g
        The graph.
    path
        The file; it appears whole or not at all.
    weight
        ``None`` for the multigraph: one edge per synapse row with every synapse column, autapses
        and synapses outside the domain included; :func:`connectome_graph.read_graphml` then
        gives back a graph that equals `g`. Or a weight as in
        :func:`connectome_graph.weights.compute`, or a list of them, for one edge per connected
        pair on the domain, with ``count``, ``size`` where known, the first weight as ``weight``
        and the others under their own names.
    overwrite
        Whether another file at `path` may be replaced; a graph that this function wrote is in any
        case.

    Raises
    ------
    InvalidTable
        When text holds a control character, which XML cannot carry.
    UnreadableFile
        When the file cannot be written, or another one is there.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3], [1, 0]])
    >>> path = write_graphml(g, Path(tempfile.mkdtemp()) / "two.graphml", weight="count")
    >>> path.read_text().count("<edge ")
    2
    """
    content = sheet(g, weight)
    ids = ids_as_text(content.ids)
    return write_document(
        path,
        name="connectome",
        ids=ids,
        nodes=[Attribute("root_id", ids), *content.nodes],
        pre=content.pre,
        post=content.post,
        edges=content.edges,
        texts={"provenance": content.provenance_text, METADATA: content.metadata_text},
        mark=f'attr.name="{METADATA}"',
        overwrite=overwrite,
    )
