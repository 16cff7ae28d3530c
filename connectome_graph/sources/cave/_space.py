"""Positions: from the server's nanometres to micrometres in a named space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidArgument, choice, require
from connectome_graph.model.columns import as_numbers, get_column
from connectome_graph.sources.cave._datastack import Datastack

__all__ = ["SPACES", "check_overlap", "in_nanometres", "place", "space_of"]

SPACES = ("standard", "native")


def space_of(stack: Datastack, space: str | None) -> str:
    """Return the space that positions come in: the one asked for, or the dataset's best.

    ``"standard"`` is the space of the standard-transform library, in which y is the depth below
    the pia; only minnie65 and v1dd have one. ``"native"`` is the dataset's own axes.

    Raises
    ------
    InvalidArgument
        For an unknown space, or a standard space the dataset does not have.

    Examples
    --------
    >>> from connectome_graph.sources.cave._datastacks import datastack
    >>> space_of(datastack("h01_c3_flat"), None)
    'native'
    """
    if space is None:
        return "standard" if stack.transform else "native"
    choice(space, SPACES, name="space")
    if space == "standard" and stack.transform is None:
        raise stack.lacks("standard space", "transform")
    return space


def in_nanometres(
    frame: pd.DataFrame,
    session: Any,
    facts: dict[str, Any],
    resolution_nm: tuple[float, float, float] | None,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the rows with positions in nm, or without any where their unit is not known.

    A table of points that were entered by hand may say that it is stored in units of 1 nm while
    its values are voxels: the server converts nothing then.

    Raises
    ------
    InvalidArgument
        When a resolution is given for a table that states one.
    """
    axes = [name for name in frame.columns if str(name)[:-2].endswith("_position")]
    name = facts["source"]
    base = (session.reference_of(name) or name) if facts["kind"] == "table" else None
    claims = base is not None and session.claims_nanometres(base)
    if resolution_nm is not None:
        if not claims:
            raise InvalidArgument(
                f"cell_resolution_nm={resolution_nm} is for tables of cells that claim positions "
                f"in units of 1 x 1 x 1 nm; {base or name!r} states a unit of its own"
            )
        for column in axes:
            values = as_numbers(get_column(frame, column), name=column)
            frame[column] = values * resolution_nm["xyz".index(column[-1])]
        return frame, {"cell_resolution_nm": list(resolution_nm)}
    if not claims or not axes:
        return frame, {}
    voxel = session.stack.resolution_nm
    example = f"cell_resolution_nm={voxel or (1, 1, 1)}"
    return frame.drop(columns=axes), {
        "left_out": (
            f"{base!r} claims that its positions are in units of 1 x 1 x 1 nm, as tables of points "
            f"entered by hand do whatever they hold; they are left out until their unit is named, "
            f"as in {example}"
        )
    }


def check_overlap(cells: Any, synapses: Mapping[str, Any], *, resolution_nm: Any) -> None:
    """Raise when cells and their synapses lie in different parts of space.

    Parameters
    ----------
    cells, synapses
        With ``x_um y_um z_um``; without them, or without rows, there is nothing to compare.
    resolution_nm
        The unit that was named for the positions of the cells.

    Raises
    ------
    InvalidArgument
        When the two do not overlap along an axis: one of them is in another unit.
    """
    for axis in ("x_um", "y_um", "z_um"):
        if axis not in cells or axis not in synapses:
            return
        own = np.asarray(cells[axis], dtype=np.float64)
        other = np.asarray(synapses[axis], dtype=np.float64)
        own, other = own[np.isfinite(own)], other[np.isfinite(other)]
        if not len(own) or not len(other):
            return
        if own.max() < other.min() or own.min() > other.max():
            raise InvalidArgument(
                f"with cell_resolution_nm={resolution_nm} the cells lie between {own.min():.1f} "
                f"and {own.max():.1f} um along {axis[0]}, and their synapses between "
                f"{other.min():.1f} and {other.max():.1f} um: they do not overlap, so the cells "
                f"are in another unit"
            )


def place(
    frame: pd.DataFrame, bases: Sequence[str], *, stack: Datastack, space: str
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the frame with ``x_um y_um z_um`` from the first position it has, and the space.

    Parameters
    ----------
    frame
        Rows with positions in nm, as columns ``<base>_x``, ``<base>_y``, ``<base>_z``.
    bases
        Names of position columns, the preferred first. All of them are taken out.
    stack, space
        Which transform to use, if any.

    Raises
    ------
    MissingDependency
        When the standard space needs standard-transform and it is not installed.
    """
    used = None
    for base in bases:
        axes = [f"{base}_{axis}" for axis in "xyz"]
        if used is None and all(axis in frame.columns for axis in axes):
            used = base
            numbers = [as_numbers(get_column(frame, axis), name=axis) for axis in axes]
            xyz = np.column_stack([np.asarray(values, float) for values in numbers])
    gone = [name for name in frame.columns if str(name)[:-2].endswith("_position")]
    placed = frame.drop(columns=gone)
    if used is None:
        return placed, {"position": None, "space": None}
    if space == "standard":
        xyz, described = _standard(xyz, stack)
    else:
        xyz, described = xyz / 1e3, "nm / 1000 in the dataset's own axes"
    for i, axis in enumerate("xyz"):
        placed[f"{axis}_um"] = xyz[:, i]
    return placed, {"position": used, "space": described}


def _standard(xyz: Any, stack: Datastack) -> tuple[Any, str]:
    """Return positions in the dataset's standard space, rows without a position as NaN."""
    transforms = require(
        "standard_transform", extra="cave", purpose="positions in a standard space"
    )
    make = {"minnie65": transforms.minnie_transform, "v1dd": transforms.v1dd_transform}
    transform = make[str(stack.transform)]("nm")
    out = np.full(xyz.shape, np.nan)
    known = np.isfinite(xyz).all(axis=1)
    if known.any():
        out[known] = np.asarray(transform.apply(xyz[known]), float)
    version = getattr(transform, "version", "unknown")
    return out, (
        f"standard-transform {transforms.__version__}, {stack.transform} transform {version}: "
        f"um, y is depth below the pia"
    )
