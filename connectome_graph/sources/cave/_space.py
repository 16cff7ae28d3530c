"""Positions: from the server's nanometres to micrometres in a named space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import choice, require
from connectome_graph.model.columns import as_numbers, get_column
from connectome_graph.sources.cave._datastacks import Datastack

__all__ = ["SPACES", "place", "space_of"]

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
