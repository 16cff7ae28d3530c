"""Positions: voxels, nanometres or micrometres in the columns of a table become micrometres."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.model.columns import as_numbers, column_names, get_column

__all__ = ["Resolution", "positions_um", "resolution"]

Table: TypeAlias = pd.DataFrame | pa.Table
Resolution: TypeAlias = tuple[float, float, float]

_AXES = ("x", "y", "z")
_LEAVE_OUT = "pass columns={'position': None} to leave positions out"


def resolution(found: Any, *, name: str = "resolution_nm") -> npt.NDArray[np.float64]:
    """Return a resolution as three positive numbers.

    Raises
    ------
    InvalidArgument
        When it is anything else.

    Examples
    --------
    >>> resolution((4, 4, 40)).tolist()
    [4.0, 4.0, 40.0]
    """
    try:
        scale = np.asarray(found, float)
    except (TypeError, ValueError):
        scale = np.empty(0)
    if scale.shape != (3,) or not (np.isfinite(scale) & (scale > 0)).all():
        raise InvalidArgument(
            f"{name} needs three positive numbers (x, y, z), nanometres per unit, such as "
            f"(4, 4, 40); found {found!r}"
        )
    return scale


def positions_um(
    table: Table,
    base: str | None,
    resolution_nm: Any,
    *,
    drop: bool,
    argument: str,
    leave_out: str = _LEAVE_OUT,
) -> tuple[dict[str, npt.NDArray[np.float64]], set[str], str]:
    """Return positions in um, the columns they came from, and how they were converted.

    Columns already in um (``x_um``, or the tutorial's ``pt_position_x_tform``) win, then
    nanometres (``x_nm``), then `base` in voxels, which needs a resolution; `argument` is the
    name of the argument that gives it, `leave_out` how a caller does without.
    """
    names = set(column_names(table))
    if resolution_nm is not None:
        resolution(resolution_nm, name=argument)
    if {f"{axis}_um" for axis in _AXES} <= names:
        return {}, set(), "given in um"
    for pattern, factor, how in (
        ("pt_position_{}_tform", 1.0, "pt_position_*_tform, in um"),
        ("{}_nm", 1e-3, "*_nm / 1000"),
    ):
        split = [pattern.format(axis) for axis in _AXES]
        if names.issuperset(split):
            numbers = [as_numbers(get_column(table, name), name=name) * factor for name in split]
            return _axes(np.column_stack(numbers)), set(split), how
    if base is None or drop:
        return {}, _base_columns(base, names) if base else set(), ""
    used = _base_columns(base, names)
    if base in names:
        xyz = _triples(get_column(table, base), base, leave_out)
    else:
        lacking = [f"{base}_{axis}" for axis in _AXES if f"{base}_{axis}" not in names]
        if lacking:
            raise InvalidTable(
                f"positions in {base!r} need three columns, and {', '.join(map(repr, lacking))} "
                f"is missing; add it, or {leave_out}"
            )
        xyz = np.column_stack(
            [as_numbers(get_column(table, f"{base}_{a}"), name=f"{base}_{a}") for a in _AXES]
        )
    scale = _scale(table, base, resolution_nm, (argument, leave_out))
    return _axes(xyz * scale / 1e3), used, f"{base} x {tuple(map(float, scale))} nm"


def _base_columns(base: str, names: set[str]) -> set[str]:
    return {base} if base in names else {f"{base}_{axis}" for axis in _AXES} & names


def _axes(xyz: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    return {f"{axis}_um": np.ascontiguousarray(xyz[:, i], float) for i, axis in enumerate(_AXES)}


def _scale(
    table: Table, base: str, resolution_nm: Any, words: tuple[str, str]
) -> npt.NDArray[np.float64]:
    argument, leave_out = words
    own = _own_resolution(table, base, given=resolution_nm is not None)
    if resolution_nm is None and own is None:
        raise InvalidTable(
            f"positions in {base!r} have no unit; pass {argument}=(4, 4, 40) for voxels of that "
            f"size, {argument}=(1, 1, 1) for nanometres, or {leave_out}"
        )
    if resolution_nm is None:
        return np.asarray(own, float)
    scale = resolution(resolution_nm, name=argument)
    if own is not None and not np.allclose(own, scale, rtol=1e-9):
        raise InvalidTable(
            f"the frame says that its positions are in units of {tuple(own.tolist())} nm "
            f"(attrs['dataframe_resolution']), and {argument}={tuple(scale.tolist())}; they have "
            "to agree. Each table has its own: resolution_nm for the synapses, "
            "neuron_resolution_nm for the neurons"
        )
    return scale


def _own_resolution(table: Table, base: str, *, given: bool) -> npt.NDArray[np.float64] | None:
    """Return what caveclient wrote into the attributes of a frame: the unit of its positions."""
    found: Any = (
        table.attrs.get("dataframe_resolution") if isinstance(table, pd.DataFrame) else None
    )
    if found is None:
        return None
    if isinstance(found, str) and found.startswith("mixed"):
        if given:
            return None
        raise InvalidTable(
            f"the frame's positions in {base!r} have mixed resolutions, says its "
            "attrs['dataframe_resolution']; ask caveclient for one with desired_resolution=, or "
            "pass resolution_nm= when these columns have a single one"
        )
    if isinstance(found, str):
        found = found.strip("[]() ").split(",")
    try:
        return resolution(found)
    except InvalidArgument:
        raise InvalidTable(
            f"the frame's attrs['dataframe_resolution'] is {found!r}, and three positive numbers "
            "are needed; correct it, or delete it and pass resolution_nm="
        ) from None


def _triples(values: Any, name: str, leave_out: str) -> npt.NDArray[np.float64]:
    """Return positions held as arrays or as text '[x y z]' as an array of shape (n, 3)."""
    series = pd.Series(values).astype(object)
    out = np.full((len(series), 3), np.nan)
    for row, value in enumerate(series):
        if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
            continue
        parts = value.strip("[]() ").replace(",", " ").split() if isinstance(value, str) else value
        try:
            xyz = np.asarray(parts, float)
            if xyz.shape != (3,):
                raise ValueError
        except (TypeError, ValueError):
            raise InvalidTable(
                f"positions in {name!r} need three numbers, as an array or as text '[x y z]'; "
                f"found {value!r} in row {row}; or {leave_out}"
            ) from None
        out[row] = xyz
    return out
