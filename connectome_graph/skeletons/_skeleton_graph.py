"""The skeleton of one cell as a graph of its own: nodes, edges, and synapses on the nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.skeletons._forest import lay_out
from connectome_graph.skeletons._skeleton import COMPARTMENTS, Skeleton

__all__ = ["SkeletonGraph", "graph"]


@dataclass(frozen=True, eq=False)
class SkeletonGraph:
    """A skeleton as three tables. Lengths in um.

    Parameters
    ----------
    root_id
        The neuron.
    nodes
        A row per vertex, indexed by ``node_id``: ``x_um y_um z_um``, ``radius_um``,
        ``compartment`` (a name, missing where not known), ``distance_to_root_um``,
        ``branch_order``, ``strahler``, ``n_inputs``, ``n_outputs``.
    edges
        A row per edge: ``child``, ``parent`` (node ids), ``length_um``.
    synapses
        A row per synapse site: ``side`` (``"pre"`` for an output, ``"post"`` for an input),
        ``node_id`` (missing where the site lies on no vertex) and the site's own columns.
    """

    root_id: int | str
    nodes: pd.DataFrame
    edges: pd.DataFrame
    synapses: pd.DataFrame

    def __repr__(self) -> str:
        return (
            f"<SkeletonGraph {self.root_id}: {len(self.nodes):,} nodes, {len(self.edges):,} edges, "
            f"{len(self.synapses):,} synapses>"
        )


def graph(cell: Skeleton) -> SkeletonGraph:
    """Return the skeleton as a graph: its vertices, its edges, and the synapses on them.

    Parameters
    ----------
    cell
        The skeleton, whole or masked.

    Returns
    -------
    SkeletonGraph
        To networkx and igraph with :func:`to_networkx` and :func:`to_igraph`, to files with
        :func:`write_graphml` and :func:`write_swc`.

    Examples
    --------
    >>> from connectome_graph import skeletons
    >>> cell = skeletons.from_arrays(
    ...     [[0, 0, 0], [0, 3, 0], [4, 3, 0]], [[1, 0], [2, 1]], root=0, root_id=2
    ... )
    >>> graph(cell).nodes["distance_to_root_um"].tolist()
    [0.0, 3.0, 7.0]
    >>> graph(cell).edges
       child  parent  length_um
    0      1       0        3.0
    1      2       1        4.0
    """
    child = np.flatnonzero(cell.parent >= 0)
    edges = pd.DataFrame(
        {
            "child": cell.node_id[child],
            "parent": cell.node_id[cell.parent[child]],
            "length_um": cell.edge_length_um[child],
        }
    )
    return SkeletonGraph(cell.root_id, _nodes(cell), edges, _synapses(cell))


def _nodes(cell: Skeleton) -> pd.DataFrame:
    forest = lay_out([cell])
    x, y, z = cell.vertices.T
    index = pd.Index(cell.node_id, name="node_id")
    columns: dict[str, Any] = {
        "x_um": x,
        "y_um": y,
        "z_um": z,
        "radius_um": cell.radius,
        "compartment": [COMPARTMENTS.get(int(code)) for code in cell.compartment],
        "distance_to_root_um": forest.distance,
    }
    for name, number in (("branch_order", forest.branch_order), ("strahler", forest.strahler)):
        columns[name] = pd.arrays.IntegerArray(number, number < 0)
    for name, side in (("n_inputs", "post"), ("n_outputs", "pre")):
        vertex = cell.sites[side]["vertex"].to_numpy()
        columns[name] = np.bincount(vertex[vertex >= 0], minlength=cell.n_vertices)
    return pd.DataFrame(columns, index=index).copy()


def _synapses(cell: Skeleton) -> pd.DataFrame:
    tables = []
    for side in ("pre", "post"):
        sites = cell.sites[side]
        vertex = sites["vertex"].to_numpy()
        node = pd.array(cell.node_id[vertex], dtype="Int64")
        node[vertex < 0] = pd.NA
        table = sites.drop(columns="vertex")
        table.insert(0, "node_id", node)
        table.insert(0, "side", np.full(len(sites), side, dtype=object))
        tables.append(table)
    full = [table for table in tables if len(table)]
    return pd.concat(full, ignore_index=True) if full else tables[0]
