"""Where arbors come close: which axons could have met which dendrites, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Progress, number
from connectome_graph.border.progress import bar
from connectome_graph.skeletons._arbors import Arbors, Part, arbors, checked_cells, ids_of
from connectome_graph.skeletons._skeleton import Skeleton

__all__ = ["near_pieces", "proximities"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

#: Points of axon that are looked up at once: what a batch finds is held in memory.
_BATCH = 50_000


def proximities(
    cells: Iterable[Skeleton],
    *,
    within_um: float = 5.0,
    pre: Part = "axon",
    post: Part = "dendrite",
    progress: Progress = None,
) -> pd.DataFrame:
    """Return the ordered pairs of cells whose arbors come close, and how much they do.

    For an axon and a dendrite of different cells, the *co-travel* is the length of the dendrite
    that runs within `within_um` of the axon, and a *proximity* is one connected stretch of it.
    Cable is cut into pieces of at most half of `within_um`; a piece counts with its length where
    its outer end lies within `within_um` of the end of a piece of the axon.

    Parameters
    ----------
    cells
        Skeletons of different neurons, in one space, with labelled compartments.
    within_um
        How close is close, in micrometres.
    pre, post
        The parts that meet: ``"axon"``, ``"dendrite"`` (the apical one included), ``"apical"``,
        ``"soma"``, ``"custom"``, several of them, or ``"any"``.
    progress
        Whether a bar is shown.

    Returns
    -------
    pandas.DataFrame
        A row per ordered pair that comes close: ``pre post`` (root ids), ``n_proximities``
        (int64), ``co_travel_um``, ``min_distance_um`` (float64), sorted by place in `cells`.
        ``g.within(table, exposure="co_travel_um")`` takes it.

    Raises
    ------
    InvalidArgument
        When no cell has a part, a part is not known, or two cells are one neuron.

    Notes
    -----
    A k-d tree over all pieces of `post` is asked for the neighbours of every piece of `pre`:
    time and memory grow with the pieces and with what lies close, not with pairs of cells.

    References
    ----------
    Ding et al. (2025), Functional connectomics reveals general wiring rule in mouse visual
    cortex, Nature 640, 459-469 (co-travel); Celii et al. (2025), Nature 640, 487-496
    (proximities).

    Examples
    --------
    >>> from connectome_graph import skeletons
    >>> axon = skeletons.from_arrays(
    ...     [[0, 0, 0], [10, 0, 0]], [[1, 0]], root=0, root_id=1, compartment=[1, 2]
    ... )
    >>> dendrite = skeletons.from_arrays(
    ...     [[5, 9, 0], [5, 1, 0]], [[1, 0]], root=0, root_id=2, compartment=[1, 3]
    ... )
    >>> skeletons.proximities([axon, dendrite], within_um=4)
       pre  post  n_proximities  co_travel_um  min_distance_um
    0    1     2              1           4.0         1.414214
    """
    reach = number(within_um, name="within_um", above=0)
    listed = checked_cells(cells)
    axons = arbors(listed, pre, step_um=reach / 2, name="pre")
    dendrites = arbors(listed, post, step_um=reach / 2, name="post")
    found = near_pieces(axons, dendrites, reach, progress=progress)
    table = _by_pair(found, dendrites, len(listed))
    places = [table.pop(name).to_numpy() for name in ("pre", "post")]
    for at, name in enumerate(("pre", "post")):
        table.insert(at, name, ids_of(listed, places[at]))
    return table


class Near(NamedTuple):
    """Pieces of `post` that lie close to a cell's `pre` part: one entry per (cell, piece)."""

    cell: Int
    piece: Int
    distance: Float


def near_pieces(pre: Arbors, post: Arbors, reach: float, *, progress: Progress = None) -> Near:
    """Return the pieces of `post` within `reach` of a piece of `pre` of another cell.

    Each with the shortest distance from that cell, sorted by cell, then piece.
    """
    from scipy.spatial import cKDTree

    from connectome_graph._kernels import threads

    tree = cKDTree(post.points)
    cuts = _cuts(pre.cell)

    def batch(first: int, last: int) -> tuple[Int, Float]:
        close = cKDTree(pre.points[first:last]).sparse_distance_matrix(
            tree, reach, output_type="ndarray"
        )
        cell, piece = pre.cell[first:last][close["i"]], close["j"].astype(np.int64)
        other = cell != post.cell[piece]
        return _nearest(cell[other] * len(post.points) + piece[other], close["v"][other])

    parts: list[Any] = []
    step = threads.n_threads()
    for at in bar(range(0, len(cuts), step), progress=progress, desc="proximities", unit=" cells"):
        parts += threads.run(batch, cuts[at : at + step])
    # A cell's axon is never split over batches, so the keys of different batches differ.
    key = np.concatenate([part[0] for part in parts] or [np.empty(0, np.int64)])
    distance = np.concatenate([part[1] for part in parts] or [np.empty(0)])
    cell, piece = np.divmod(key, max(len(post.points), 1))
    return Near(cell, piece, distance)


def _cuts(cell: Int) -> list[tuple[int, int]]:
    """Return spans of points that hold whole cells, about so many points each."""
    ends = np.flatnonzero(np.diff(cell, append=-1)) + 1
    cuts, first = [], 0
    for end in ends.tolist():
        if end - first >= _BATCH or end == len(cell):
            cuts.append((first, end))
            first = end
    return cuts


def _nearest(key: Int, distance: Float) -> tuple[Int, Float]:
    """Return the different keys, ascending, and the smallest distance of each."""
    if not len(key):
        return key, distance
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    return key[order][first], np.minimum.reduceat(distance[order], first)


def _by_pair(near: Near, post: Arbors, n_cells: int) -> pd.DataFrame:
    """Return proximities, co-travel and least distance of every pair of cells, by place."""
    pair = near.cell * n_cells + post.cell[near.piece]
    # A stretch begins where the piece before it, towards the root, is not close itself.
    before = post.before[near.piece]
    n_pieces = len(post.points)
    key = near.cell * n_pieces + near.piece
    wanted = near.cell * n_pieces + before
    at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    goes_on = (before >= 0) & (key[at] == wanted) if len(key) else np.zeros(0, bool)
    which, place = np.unique(pair, return_inverse=True)
    least = np.full(len(which), np.inf)
    np.minimum.at(least, place, near.distance)
    return pd.DataFrame(
        {
            "pre": which // max(n_cells, 1),
            "post": which % max(n_cells, 1),
            "n_proximities": np.bincount(place, weights=~goes_on, minlength=len(which)).astype(
                np.int64
            ),
            "co_travel_um": np.bincount(
                place, weights=post.length[near.piece], minlength=len(which)
            ).astype(float),
            "min_distance_um": least,
        }
    )
