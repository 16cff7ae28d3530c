"""Parts of a skeleton: a subtree, a path, one compartment. Distances stay those of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidArgument, UnknownName
from connectome_graph.skeletons._skeleton import Skeleton, compartment_code, kept

__all__ = ["mask", "path", "subtree"]


def subtree(cell: Skeleton, node: int) -> Skeleton:
    """Return a vertex and everything that hangs below it, with the synapses there.

    Parameters
    ----------
    cell
        The skeleton.
    node
        ``node_id`` of the top vertex.

    Returns
    -------
    Skeleton
        Its path distances are those of the whole cell.

    Raises
    ------
    UnknownName
        When the cell has no such node.

    Examples
    --------
    >>> from connectome_graph import skeletons
    >>> cell = skeletons.from_arrays(
    ...     [[0, 0, 0], [0, 3, 0], [4, 3, 0]], [[1, 0], [2, 1]], root=0, root_id=2
    ... )
    >>> subtree(cell, 1).distance_to_root_um
    array([3., 7.])
    """
    from connectome_graph._kernels import trees

    parent = cell.parent.copy()
    return kept(cell, trees.descends(parent, trees.outward_order(parent), _position(cell, node)))


def path(cell: Skeleton, *, start: int, stop: int) -> npt.NDArray[np.int64]:
    """Return the nodes of the path between two nodes, both included.

    Parameters
    ----------
    cell
        The skeleton.
    start, stop
        ``node_id`` of the two ends.

    Returns
    -------
    ndarray of int64
        Node ids, from `start` to `stop`.

    Raises
    ------
    UnknownName
        When the cell has no such node.
    InvalidArgument
        When no path joins them: they lie in different pieces.

    Examples
    --------
    >>> from connectome_graph import skeletons
    >>> fork = [[0, 0, 0], [0, 1, 0], [1, 2, 0], [-1, 2, 0]]
    >>> cell = skeletons.from_arrays(fork, [[1, 0], [2, 1], [3, 1]], root=0, root_id=2)
    >>> path(cell, start=2, stop=3)
    array([2, 1, 3])
    """
    up = _ascent(cell, _position(cell, start))
    down = _ascent(cell, _position(cell, stop))
    step = {vertex: place for place, vertex in enumerate(down)}
    for place, vertex in enumerate(up):
        if vertex in step:
            joined = [*up[: place + 1], *reversed(down[: step[vertex]])]
            return cell.node_id[np.array(joined, dtype=np.int64)]
    raise InvalidArgument(
        f"no path joins nodes {start} and {stop} of skeleton {cell.root_id}: they lie in different "
        "pieces"
    )


def mask(
    cell: Skeleton,
    *,
    compartment: str | Iterable[str] | None = None,
    keep: npt.ArrayLike | None = None,
) -> Skeleton:
    """Return the part of a cell in one or several compartments, or under a boolean mask.

    Parameters
    ----------
    cell
        The skeleton.
    compartment
        ``"soma"``, ``"axon"``, ``"dendrite"``, ``"apical"``, ``"custom"``, or several of them.
        A synapse stays with the vertex it lies on. Apical dendrite is a compartment of its own:
        ask for ``("dendrite", "apical")`` to have both.
    keep
        Boolean array, one entry a vertex, in place of `compartment`.

    Returns
    -------
    Skeleton
        Usually in several pieces; its path distances are those of the whole cell.

    Raises
    ------
    InvalidArgument
        When not exactly one of the two is given, a name is no compartment, or the mask has
        another length or keeps nothing.

    Examples
    --------
    >>> from connectome_graph import skeletons
    >>> cell = skeletons.from_arrays(
    ...     [[0, 0, 0], [0, 3, 0], [4, 3, 0]], [[1, 0], [2, 1]], compartment=[1, 3, 2], root_id=2
    ... )
    >>> mask(cell, compartment="axon").distance_to_root_um
    array([7.])
    """
    if (compartment is None) == (keep is None):
        raise InvalidArgument("pass either compartment= or keep=, and not both")
    if compartment is not None:
        names = [compartment] if isinstance(compartment, str) else list(compartment)
        chosen = np.isin(cell.compartment, [compartment_code(name) for name in names])
        what = " or ".join(names)
    else:
        chosen, what = _boolean(keep, cell), "the mask"
    if not chosen.any():
        present = np.unique(cell.compartment).tolist()
        raise InvalidArgument(
            f"no vertex of skeleton {cell.root_id} is in {what}; its compartment codes are "
            f"{present}"
        )
    return kept(cell, chosen)


def _boolean(keep: Any, cell: Skeleton) -> npt.NDArray[np.bool_]:
    chosen = np.asarray(keep)
    if chosen.dtype != np.bool_ or chosen.shape != (cell.n_vertices,):
        raise InvalidArgument(
            f"keep has shape {chosen.shape} and dtype {chosen.dtype}; {cell.n_vertices} booleans "
            "are needed, one a vertex"
        )
    return chosen


def _position(cell: Skeleton, node: int) -> int:
    found = np.flatnonzero(cell.node_id == node)
    if len(found) == 0:
        raise UnknownName(
            f"skeleton {cell.root_id} has no node {node}; its {cell.n_vertices} nodes go from "
            f"{cell.node_id.min()} to {cell.node_id.max()}"
        )
    return int(found[0])


def _ascent(cell: Skeleton, vertex: int) -> list[int]:
    """Return the positions from a vertex up to the top of its piece."""
    way = [vertex]
    while cell.parent[way[-1]] >= 0:
        way.append(int(cell.parent[way[-1]]))
    return way
