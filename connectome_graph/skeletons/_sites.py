"""Synapse sites of one cell: which vertex of the skeleton each synapse lies on."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import number
from connectome_graph.errors import InvalidArgument, InvalidTable

__all__ = ["nearest_vertices", "site_table"]

Int = npt.NDArray[np.int64]
COORDINATES = ("x_um", "y_um", "z_um")


def site_table(
    table: pd.DataFrame | None,
    *,
    vertices: npt.NDArray[np.float64],
    within_um: float | None,
    owner: str,
) -> pd.DataFrame:
    """Return a copy of a site table with a column ``vertex``, found by position where needed.

    Parameters
    ----------
    table
        Sites with ``vertex`` (position of a vertex, -1 where there is none), or with ``x_um
        y_um z_um``. None stands for no sites.
    vertices
        float64, shape ``(n, 3)``, micrometres.
    within_um
        How far a site without a vertex may lie from the one it is given; beyond it the site is
        left without (-1).
    owner
        Who the sites belong to, for the errors.

    Raises
    ------
    InvalidTable
        When there is neither a vertex nor a position, or a vertex does not exist.
    InvalidArgument
        When sites have a position only and `within_um` was not given.
    """
    if table is None:
        return pd.DataFrame({"vertex": np.empty(0, dtype=np.int64)})
    sites = table.reset_index(drop=True)
    if "vertex" in sites:
        return sites.assign(vertex=_checked(sites["vertex"].to_numpy(), len(vertices), owner))
    absent = [name for name in COORDINATES if name not in sites]
    if absent:
        raise InvalidTable(
            f"{owner} have no column 'vertex' and lack {', '.join(absent)}; a site needs the "
            "vertex it lies on, or its position in um"
        )
    if within_um is None:
        raise InvalidArgument(
            f"{owner} have positions and no vertices; pass within_um=, the distance in um within "
            "which the nearest vertex is theirs"
        )
    points = sites[list(COORDINATES)].to_numpy(dtype=np.float64)
    return sites.assign(vertex=nearest_vertices(points, vertices, within_um=within_um))


def nearest_vertices(
    points: npt.NDArray[np.float64], vertices: npt.NDArray[np.float64], *, within_um: float
) -> Int:
    """Return the position of the vertex nearest to each point; -1 beyond `within_um`.

    Parameters
    ----------
    points, vertices
        float64, shape ``(n, 3)``, micrometres. A point with a NaN has no nearest vertex.
    within_um
        Largest distance, in micrometres, inclusive.

    Raises
    ------
    InvalidArgument
        When `within_um` is not a positive number.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.array([[0.1, 0, 0], [9, 0, 0]])
    >>> nearest_vertices(points, np.array([[0.0, 0, 0], [1, 0, 0]]), within_um=0.5)
    array([ 0, -1])
    """
    from scipy.spatial import cKDTree

    within_um = number(within_um, name="within_um", above=0)
    vertex = np.full(len(points), -1, dtype=np.int64)
    known = np.isfinite(points).all(axis=1)
    if known.any() and len(vertices):
        gap, near = cKDTree(vertices).query(points[known])
        vertex[known] = np.where(gap <= within_um, near, -1)
    return vertex


def _checked(vertex: npt.NDArray[Any], n_vertices: int, owner: str) -> Int:
    if vertex.dtype.kind not in "iu" or ((vertex < -1) | (vertex >= n_vertices)).any():
        raise InvalidTable(
            f"the column 'vertex' of {owner} must hold vertex positions 0 to {n_vertices - 1}, "
            "or -1 where a site lies on no vertex"
        )
    return vertex.astype(np.int64)
