"""One column at a time: from what a DataFrame or an Arrow table holds to exact arrays.

Integer columns with gaps become pandas' nullable integers, never floats: an 18-digit id
does not survive a float.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.errors import InvalidArgument, InvalidTable

__all__ = [
    "as_bool",
    "as_numbers",
    "column_names",
    "from_arrow",
    "get_column",
    "positions_um",
    "root_ids",
    "with_gaps",
]

Table: TypeAlias = pd.DataFrame | pa.Table

_AXES = ("x", "y", "z")
_TRUE = frozenset({"t", "true", "1", "yes"})
_FALSE = frozenset({"f", "false", "0", "no", "", "nan", "none", "<na>"})


def column_names(table: Table) -> list[str]:
    """Return the column names of a DataFrame or Arrow table."""
    names = table.column_names if isinstance(table, pa.Table) else table.columns
    return [str(name) for name in names]


def get_column(table: Table, name: str) -> Any:
    """Return one column as a numpy array, or a pandas extension array where numpy has no type."""
    if isinstance(table, pa.Table):
        return from_arrow(table.column(name))
    values = table[name].array
    return values.to_numpy() if isinstance(values, pd.arrays.NumpyExtensionArray) else values


def from_arrow(values: pa.ChunkedArray) -> Any:
    """Return an Arrow column as an exact array: integers with gaps stay integers."""
    kind = values.type
    if pa.types.is_integer(kind) and values.null_count:
        return values.to_pandas(types_mapper={kind: pd.Int64Dtype()}.get).array
    if pa.types.is_boolean(kind) and values.null_count:
        return values.to_pandas(types_mapper={kind: pd.BooleanDtype()}.get).array
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return values.to_numpy()
    array = values.to_pandas().array
    return array.to_numpy() if isinstance(array, pd.arrays.NumpyExtensionArray) else array


def with_gaps(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with integer and boolean columns as nullable ones.

    Reindexing or a left join may then leave gaps without passing an integer through a float.

    Examples
    --------
    >>> frame = with_gaps(pd.DataFrame({"nucleus_id": [864691135000000001]}))
    >>> int(frame.reindex([0, 1])["nucleus_id"][0])
    864691135000000001
    """
    nullable = {"i": "Int64", "u": "UInt64", "b": "boolean"}
    changes = {
        name: nullable[kind.kind]
        for name, kind in frame.dtypes.items()
        if isinstance(kind, np.dtype) and kind.kind in nullable
    }
    return frame.astype(changes) if changes else frame


def root_ids(values: Any, *, name: str) -> npt.NDArray[Any]:
    """Return ids as int64, or as an object array of str; 0 or "" where one is missing.

    Raises
    ------
    InvalidTable
        For floats, mixed types, or integers that do not fit int64.

    Examples
    --------
    >>> root_ids(pd.array([864691135000000001, None], dtype="Int64"), name="pre").tolist()
    [864691135000000001, 0]
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        values = values.astype(dtype.categories.dtype)
        dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind == "i":
        return np.asarray(values, np.int64)
    if isinstance(dtype, np.dtype) and dtype.kind == "u":
        return _from_unsigned(np.asarray(values), name)
    if pd.api.types.is_integer_dtype(dtype):
        return np.asarray(pd.array(values).to_numpy(dtype=np.int64, na_value=0))
    if pd.api.types.is_float_dtype(dtype):
        raise InvalidTable(
            f"ids in {name!r} arrived as floats ({dtype}); 18-digit ids lose their last digits "
            "in a float, so these may already be wrong: read the column as int64 (pandas: "
            f"dtype={{{name!r}: 'Int64'}}) or as text"
        )
    return _from_objects(np.asarray(values, dtype=object), name)


def _from_unsigned(values: npt.NDArray[Any], name: str) -> npt.NDArray[np.int64]:
    if len(values) and values.max() > np.iinfo(np.int64).max:
        raise InvalidTable(f"ids in {name!r} go up to {values.max()}, which does not fit int64")
    return values.astype(np.int64)


def _from_objects(values: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    missing = pd.isna(values)
    kinds = {type(value) for value in values[~missing]}
    integers = {kind for kind in kinds if issubclass(kind, int | np.integer) and kind is not bool}
    if kinds and kinds == integers:
        exact = values.copy()
        exact[missing] = 0
        return exact.astype(np.int64)
    if all(issubclass(kind, str) for kind in kinds):
        text = values.copy()
        text[missing] = ""
        return text
    names = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise InvalidTable(f"ids in {name!r} need to be all integers or all text; found {names}")


def as_bool(values: Any, *, name: str) -> npt.NDArray[np.bool_]:
    """Return a status column as booleans; 't'/'f' text is understood, missing is False.

    Raises
    ------
    InvalidTable
        For any other text or number.

    Examples
    --------
    >>> as_bool(np.array(["t", "f", None], dtype=object), name="status_axon").tolist()
    [True, False, False]
    """
    series = pd.Series(values)
    if series.dtype == bool:
        return series.to_numpy()
    if isinstance(series.dtype, pd.BooleanDtype):
        return np.asarray(series.to_numpy(dtype=bool, na_value=False))
    if pd.api.types.is_numeric_dtype(series.dtype):
        # A join with gaps turns booleans into 1.0, 0.0 and NaN.
        numbers = np.asarray(pd.to_numeric(series), float)
        numbers = np.where(np.isnan(numbers), 0, numbers)
        known = np.isin(numbers, (0, 1))
        if known.all():
            return np.asarray(numbers == 1)
        text = series.astype(str)
    else:
        text = series.astype(object).where(series.notna(), "").astype(str).str.strip().str.lower()
        known = text.isin(_TRUE | _FALSE).to_numpy()
        if known.all():
            return text.isin(_TRUE).to_numpy(dtype=bool)
    row = int(np.flatnonzero(~known)[0])
    raise InvalidTable(f"{name!r} needs booleans or 't'/'f'; found {text.iloc[row]!r} in row {row}")


def as_numbers(values: Any, *, name: str) -> npt.NDArray[Any]:
    """Return a numeric column as a numpy array; missing entries become NaN.

    Raises
    ------
    InvalidTable
        When the column holds text or anything else that is not a number.

    Examples
    --------
    >>> as_numbers(pd.array([3, None], dtype="Int64"), name="size").tolist()
    [3.0, nan]
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "iufb":
        return values
    series = pd.Series(values)
    if pd.api.types.is_numeric_dtype(series.dtype) and not series.isna().any():
        kind: Any = getattr(series.dtype, "numpy_dtype", series.dtype)
        return np.asarray(series.to_numpy(dtype=kind))
    numbers = pd.to_numeric(series, errors="coerce")
    bad = np.flatnonzero((numbers.isna() & series.notna()).to_numpy())
    if len(bad):
        raise InvalidTable(
            f"{name!r} needs numbers; {len(bad):,} of {len(series):,} rows hold something else "
            f"(first: row {bad[0]}, {series.iloc[bad[0]]!r})"
        )
    return np.asarray(numbers.to_numpy(dtype=float, na_value=np.nan))


def positions_um(
    table: Table,
    base: str | None,
    resolution_nm: tuple[float, float, float] | None,
    *,
    drop: bool,
) -> tuple[dict[str, npt.NDArray[np.float64]], set[str], str]:
    """Return positions in um, the columns they came from, and how they were converted.

    Columns already in um (``x_um``, or the tutorial's ``pt_position_x_tform``) win, then
    nanometres (``x_nm``), then `base` in voxels, which needs a resolution.
    """
    names = set(column_names(table))
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
    scale = _scale(table, base, resolution_nm)
    used = _base_columns(base, names)
    if base in names:
        xyz = _triples(get_column(table, base), base)
    else:
        xyz = np.column_stack(
            [as_numbers(get_column(table, f"{base}_{a}"), name=base) for a in _AXES]
        )
    return _axes(xyz * scale / 1e3), used, f"{base} x {tuple(map(float, scale))} nm"


def _base_columns(base: str, names: set[str]) -> set[str]:
    return {base} if base in names else {f"{base}_{axis}" for axis in _AXES} & names


def _axes(xyz: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    return {f"{axis}_um": np.ascontiguousarray(xyz[:, i], float) for i, axis in enumerate(_AXES)}


def _scale(
    table: Table, base: str, resolution_nm: tuple[float, float, float] | None
) -> npt.NDArray[np.float64]:
    found: Any = resolution_nm
    if found is None and isinstance(table, pd.DataFrame):
        # caveclient writes the unit of the positions it returns into the frame's attributes.
        found = table.attrs.get("dataframe_resolution")
        if isinstance(found, str):
            found = [float(part) for part in found.split(",")]
    if found is None:
        raise InvalidTable(
            f"positions in {base!r} have no unit; pass resolution_nm=(4, 4, 40) for voxels of that "
            "size, resolution_nm=(1, 1, 1) for nanometres, or columns={'position': None} to leave "
            "them out"
        )
    scale = np.asarray(found, float)
    if scale.shape != (3,) or not (scale > 0).all():
        raise InvalidArgument(
            f"resolution_nm needs three positive numbers (x, y, z); found {found!r}"
        )
    return scale


def _triples(values: Any, name: str) -> npt.NDArray[np.float64]:
    """Return positions held as arrays or as text '[x y z]' as an array of shape (n, 3)."""
    series = pd.Series(values).astype(object)
    missing = series.isna().to_numpy()
    out = np.full((len(series), 3), np.nan)
    for row in np.flatnonzero(~missing):
        value = series.iloc[row]
        parts = value.strip("[]() ").replace(",", " ").split() if isinstance(value, str) else value
        try:
            out[row] = np.asarray(parts, float)
        except (TypeError, ValueError) as error:
            raise InvalidTable(
                f"positions in {name!r} need three numbers, as an array or as text '[x y z]'; "
                f"found {value!r} in row {row}"
            ) from error
    return out
