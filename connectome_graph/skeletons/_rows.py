"""Columns of synapse rows that the statistics of this folder share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import Side
from connectome_graph.errors import UnknownName
from connectome_graph.graph.graph import ConnectomeGraph

if TYPE_CHECKING:
    from connectome_graph.skeletons._skeleton import Skeleton

__all__ = ["WIDTH_UM", "cells_of_rows", "counts", "distances", "on_side"]

#: Width of bins along a neuron where none is given, in um.
WIDTH_UM = 10.0


def on_side(name: str, side: Side) -> str:
    """Return the name of a skeleton column on one side: the presynaptic twin has a prefix."""
    return f"pre_{name}" if side == "pre" else name


def cells_of_rows(
    g: ConnectomeGraph, cells: Sequence[Skeleton], side: Side
) -> npt.NDArray[np.int32]:
    """Return the position of every synapse row's cell among `cells`, -1 for none.

    Every cell is a neuron of the graph.
    """
    cell_of = np.full(g.n_neurons, -1, dtype=np.int32)
    cell_of[g.codes_of([cell.root_id for cell in cells])] = np.arange(len(cells))
    return cell_of[g.synapse_codes(side)]


def counts(g: ConnectomeGraph) -> npt.NDArray[np.int64]:
    """Return how many synapses each row stands for."""
    if "count" in g.synapse_columns:
        return np.asarray(g.synapse_column("count"), dtype=np.int64)
    return np.ones(len(g.synapse_codes("pre")), dtype=np.int64)


def distances(g: ConnectomeGraph, side: Side) -> npt.NDArray[np.float64]:
    """Return the distance to root of every synapse row on one side, NaN where missing.

    Raises
    ------
    UnknownName
        When no skeletons were attached on that side.
    """
    name = on_side("distance_to_root_um", side)
    if name not in g.synapse_columns:
        raise UnknownName(
            f"the synapses have no {name!r}; attach skeletons first: "
            f"skeletons.attach(g, cells, side={side!r})"
        )
    return np.asarray(g.synapse_column(name), dtype=np.float64)
