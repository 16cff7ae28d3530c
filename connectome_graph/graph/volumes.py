"""Volumes that arbors enter: a box, or the neuropil that each synapse lies in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean
from connectome_graph.model.index import SynapseIndex
from connectome_graph.model.pairs import PairSet

__all__ = ["entering_box", "in_box", "sharing_volumes"]

Mask = npt.NDArray[np.bool_]
_AXES = ("x_um", "y_um", "z_um")
#: The most pairs that a set is made of.
MOST_PAIRS = 500_000_000


def in_box(points: npt.NDArray[np.float64], box_um: Any) -> Mask:
    """Return which points, float64 ``(n, 3)`` in um, lie in a box; its upper faces are outside.

    Raises
    ------
    InvalidArgument
        When the box is not three pairs of rising numbers.

    Examples
    --------
    >>> in_box(np.array([[1.0, 1, 1], [2, 1, 1]]), ((0, 2), (0, 2), (0, 2)))
    array([ True, False])
    """
    try:
        box = np.asarray(box_um, float)
    except (TypeError, ValueError):
        box = np.empty(0)
    if box.shape != (3, 2) or not (box[:, 0] < box[:, 1]).all():
        raise InvalidArgument(
            f"box_um needs ((x0, x1), (y0, y1), (z0, z1)) in um, each rising; found {box_um!r}"
        )
    return np.asarray(((points >= box[:, 0]) & (points < box[:, 1])).all(axis=1), bool)


def entering_box(index: SynapseIndex, box_um: Any) -> tuple[Mask, Mask]:
    """Return which neurons have an output, and which an input, in a box.

    Raises
    ------
    UnknownName
        When the synapses have no positions.
    """
    absent = [name for name in _AXES if name not in index.columns]
    if absent:
        raise UnknownName(
            f"a box needs the positions of synapses; they have no {', '.join(absent)}: build the "
            "graph with positions, or see skeletons.shared_volumes for arbors"
        )
    inside = in_box(np.column_stack([index.columns[name] for name in _AXES]), box_um)
    ends = []
    for codes in (index.edge_pre, index.edge_post):
        mask = np.zeros(index.n_neurons, bool)
        mask[np.repeat(codes, np.diff(index.edge_ptr))[inside]] = True
        ends.append(mask)
    return ends[0], ends[1]


def sharing_volumes(
    index: SynapseIndex, column: str, *, name: str | None
) -> tuple[PairSet, dict[str, Any]]:
    """Return the pairs of which the first has outputs, the second inputs, in one volume.

    Parameters
    ----------
    index
        The synapses.
    column
        Synapse column that names the volume of each; a synapse without one is in none.
    name
        What the number of volumes that a pair shares is called as its exposure; None for none.

    Raises
    ------
    UnknownName
        When there is no such column.
    InvalidArgument
        When the pairs are more than a set can hold.
    """
    import scipy.sparse

    if column not in index.columns:
        known = list(index.columns)
        raise UnknownName(
            f"the synapses have no column {column!r}.{did_you_mean(column, known)} Columns: "
            f"{', '.join(known) or 'none'}"
        )
    place, found = pd.factorize(pd.Series(index.columns[column]))
    held = place >= 0
    matrices = []
    for codes in (index.edge_pre, index.edge_post):
        rows = np.repeat(codes, np.diff(index.edge_ptr))[held]
        ones = np.ones(len(rows), np.int32)
        shape = (index.n_neurons, len(found))
        matrix = scipy.sparse.coo_array((ones, (rows, place[held])), shape=shape).tocsr()
        matrix.data[:] = 1
        matrices.append(matrix)
    most = int(matrices[0].sum(axis=0).astype(float) @ matrices[1].sum(axis=0).astype(float))
    if most > MOST_PAIRS:
        raise InvalidArgument(
            f"neurons share the volumes of {column!r} in up to {most:,} pairs, more than a set of "
            f"pairs holds ({MOST_PAIRS:,}): take fewer neurons (subgraph, between), or smaller "
            "volumes"
        )
    shared = (matrices[0] @ matrices[1].T).tocoo()
    exposure = None if name is None else shared.data.astype(float)
    pre, post = shared.coords
    pairs = PairSet.build(
        pre, post, index.n_neurons, exposure, name=name or f"pairs of one {column}"
    )
    return pairs, {"volumes": column, "n_volumes": len(found)}
