"""Many skeletons laid end to end, measured in one pass over all their vertices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from connectome_graph.skeletons.skeleton import Skeleton

__all__ = ["Forest", "lay_out", "path_distances"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Forest:
    """The vertices of many cells in one numbering. Lengths in um.

    Parameters
    ----------
    cells
        The cells.
    start
        int64, shape ``(n_cells + 1,)``: vertices of cell c are ``start[c]:start[c + 1]``.
    parent
        int64: each vertex's parent in the common numbering, -1 where there is none.
    length
        float64: length of the edge to the parent.
    distance
        float64: path distance to the root of the vertex's cell; NaN where it is not known.
    branch_order, strahler
        int64: centrifugal branch order and Horton-Strahler number; -1 where the distance to
        the root is not known.
    compartment
        int8: SWC codes.
    """

    cells: tuple[Skeleton, ...]
    start: Int
    parent: Int
    length: Float
    distance: Float
    branch_order: Int
    strahler: Int
    compartment: npt.NDArray[np.int8]


def lay_out(cells: Iterable[Skeleton]) -> Forest:
    """Return cells as one forest, with distances, branch orders and Strahler numbers."""
    from connectome_graph._kernels import trees

    listed = tuple(cells)
    start = np.zeros(len(listed) + 1, dtype=np.int64)
    np.cumsum([cell.n_vertices for cell in listed], out=start[1:])
    parent = np.empty(int(start[-1]), dtype=np.int64)
    for cell, low, high in zip(listed, start[:-1], start[1:], strict=True):
        parent[low:high] = np.where(cell.parent < 0, -1, cell.parent + low)
    length = _joined([cell.edge_length_um for cell in listed], np.float64)
    origin = _joined([cell.origin_um for cell in listed], np.float64)
    order = trees.outward_order(parent)
    distance = trees.path_distance(parent, order, length, origin)
    unknown = np.isnan(distance)
    return Forest(
        cells=listed,
        start=start,
        parent=parent,
        length=length,
        distance=distance,
        branch_order=np.where(unknown, -1, trees.branch_order(parent, order)),
        strahler=np.where(unknown, -1, trees.strahler(parent, order)),
        compartment=_joined([cell.compartment for cell in listed], np.int8),
    )


def path_distances(cell: Skeleton) -> Float:
    """Return every vertex's path distance to the root of one cell, in um; NaN where unknown."""
    from connectome_graph._kernels import trees

    order = trees.outward_order(cell.parent)
    return trees.path_distance(cell.parent, order, cell.edge_length_um, cell.origin_um)


def _joined(parts: list[npt.NDArray[np.generic]], dtype: type[np.generic]) -> npt.NDArray:  # type: ignore[type-arg]
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)
