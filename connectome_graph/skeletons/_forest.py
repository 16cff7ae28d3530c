"""Many skeletons laid end to end, measured in one pass over all their vertices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.skeletons._skeleton import Skeleton

__all__ = ["Forest", "lay_out"]

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
    length
        float64: length of the edge to the parent.
    distance
        float64: path distance to the root of the vertex's cell; NaN where it is not known.
    branch_order, strahler
        int32: centrifugal branch order and Horton-Strahler number; -1 where the distance to
        the root is not known.
    compartment
        int8: SWC codes.
    """

    cells: tuple[Skeleton, ...]
    start: Int
    length: Float
    distance: Float
    branch_order: npt.NDArray[np.int32]
    strahler: npt.NDArray[np.int32]
    compartment: npt.NDArray[np.int8]


def lay_out(cells: Iterable[Skeleton]) -> Forest:
    """Return cells as one forest, with distances, branch orders and Strahler numbers."""
    from connectome_graph._kernels import threads, trees

    listed = tuple(cells)
    start = np.zeros(len(listed) + 1, dtype=np.int64)
    np.cumsum([cell.n_vertices for cell in listed], out=start[1:])
    n = int(start[-1])
    parent = _joined([cell.parent for cell in listed], np.int64)
    length = _joined([cell.edge_length_um for cell in listed], np.float64)
    origin = _joined([cell.origin_um for cell in listed], np.float64)
    distance, orders = np.empty(n), np.empty(n, dtype=np.int32)
    strahlers = np.empty(n, dtype=np.int32)
    parts = threads.balanced_spans(start, 1 if n < threads.SMALL else threads.n_threads())

    def measure(first: int, last: int) -> None:
        trees.measure_trees(start, parent, length, origin, first, last, distance, orders, strahlers)

    threads.run(measure, parts)
    return Forest(
        cells=listed,
        start=start,
        length=length,
        distance=distance,
        branch_order=orders,
        strahler=strahlers,
        compartment=_joined([cell.compartment for cell in listed], np.int8),
    )


def _joined(parts: list[npt.NDArray[Any]], dtype: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)
