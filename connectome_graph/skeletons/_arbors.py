"""Parts of many arbors as points: pieces of cable short enough to stand for their length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidArgument, did_you_mean
from connectome_graph.skeletons._skeleton import COMPARTMENTS, Skeleton

__all__ = ["Arbors", "Part", "arbors", "checked_cells", "ids_of"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
#: A compartment, several, or ``"any"``; ``"dendrite"`` takes the apical dendrite in.
Part: TypeAlias = str | Sequence[str]

_NAMES = (*COMPARTMENTS.values(), "any")


@dataclass(frozen=True)
class Arbors:
    """One part of many cells, cell after cell, as pieces of cable.

    Attributes
    ----------
    points
        float64, shape ``(n, 3)``, um: the end of every piece away from the root.
    cell
        int64, ascending: place of its cell.
    length
        float64, um: length of the piece.
    before
        int64: the piece that it hangs on, towards the root; -1 where that is in no part taken.
    """

    points: Float
    cell: Int
    length: Float
    before: Int


def checked_cells(cells: Iterable[Skeleton]) -> list[Skeleton]:
    """Return the cells as a list of different neurons.

    Raises
    ------
    InvalidArgument
        When something is no skeleton, or two have one root id.
    """
    listed = list(cells)
    for cell in listed:
        if not isinstance(cell, Skeleton):
            raise InvalidArgument(f"cells are skeletons; found {type(cell).__name__}")
    ids = [cell.root_id for cell in listed]
    if len(set(ids)) < len(ids):
        twice = next(root_id for root_id in ids if ids.count(root_id) > 1)
        raise InvalidArgument(f"two of the cells are neuron {twice}; give one skeleton per neuron")
    return listed


def arbors(cells: Sequence[Skeleton], part: Part, *, step_um: float, name: str) -> Arbors:
    """Return one part of every cell, its pieces of cable cut to at most `step_um`.

    Parameters
    ----------
    cells
        The cells.
    part
        Which compartments.
    step_um
        Longest piece.
    name
        The argument that named the part, for messages.

    Raises
    ------
    InvalidArgument
        When the part is not known, or no cell has it.

    Examples
    --------
    >>> from connectome_graph import skeletons
    >>> cell = skeletons.from_arrays([[0, 0, 0], [0, 3, 0]], [[1, 0]], root=0, root_id=1)
    >>> arbors([cell], "any", step_um=2, name="pre").length.tolist()
    [0.0, 1.5, 1.5]
    """
    codes = _codes(part, name)
    pieces = [_pieces(cell, codes, step_um) for cell in cells]
    sizes = np.array([len(each[1]) for each in pieces], np.int64)
    if not sizes.sum():
        raise InvalidArgument(
            f"{name}={part!r}: none of the {len(cells):,} cells has such a compartment; label the "
            f"skeletons, or pass {name}='any'"
        )
    start = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    before = [np.where(each[2] < 0, -1, each[2] + s) for each, s in zip(pieces, start, strict=True)]
    return Arbors(
        np.concatenate([each[0] for each in pieces]),
        np.repeat(np.arange(len(cells)), sizes),
        np.concatenate([each[1] for each in pieces]),
        np.concatenate(before).astype(np.int64),
    )


def _codes(part: Part, name: str) -> npt.NDArray[np.int8] | None:
    names = [part] if isinstance(part, str) else list(part)
    for each in names:
        if each not in _NAMES:
            raise InvalidArgument(
                f"{name}={part!r} is no compartment.{did_you_mean(str(each), _NAMES)} Choose from "
                f"{', '.join(_NAMES)}"
            )
    if "any" in names:
        return None
    wanted = set(names) | ({"apical"} if "dendrite" in names else set())
    return np.array([code for code, each in COMPARTMENTS.items() if each in wanted], np.int8)


def _pieces(
    cell: Skeleton, codes: npt.NDArray[np.int8] | None, step_um: float
) -> tuple[Float, Float, Int]:
    """Return ends, lengths and predecessors of the pieces of one cell."""
    taken = np.ones(cell.n_vertices, bool) if codes is None else np.isin(cell.compartment, codes)
    vertex = np.flatnonzero(taken)
    length = cell.edge_length_um[vertex]
    parts = np.maximum(np.ceil(length / step_um), 1).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(parts)])[:-1]
    own = np.repeat(np.arange(len(vertex)), parts)
    share = (np.arange(len(own)) - first[own]) / parts[own]
    parent = cell.parent[vertex]
    towards = cell.vertices[np.where(parent < 0, vertex, parent)]
    end = cell.vertices[vertex]
    points = end[own] + (towards - end)[own] * share[:, None]
    # A piece hangs on the next one of its edge, the last of an edge on the first of the parent's.
    place = np.full(cell.n_vertices + 1, -1, np.int64)
    place[vertex] = first
    before = np.arange(1, len(own) + 1, dtype=np.int64)
    before[first + parts - 1] = place[parent]
    return points, (length / parts)[own], before


def ids_of(cells: Sequence[Skeleton], places: Int) -> npt.NDArray[Any]:
    """Return the root ids of cells by place, as integers where all are."""
    whole = all(isinstance(cell.root_id, int | np.integer) for cell in cells)
    ids = np.array([cell.root_id for cell in cells], np.int64 if whole else object)
    found: npt.NDArray[Any] = ids[places]
    return found
