"""One column at a time: from what a DataFrame or an Arrow table holds to exact arrays.

Integer columns with gaps become pandas' nullable integers, never floats: an 18-digit id
does not survive a float.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.model.index import MISSING_ID
from connectome_graph.model.objects import is_unicode, microseconds, of_one_kind
from connectome_graph.model.rule import canonical, converted

__all__ = [
    "as_bool",
    "as_numbers",
    "as_table",
    "check_gapped",
    "column_names",
    "from_arrow",
    "get_column",
    "missing_ids",
    "root_ids",
    "with_gaps",
]

Table: TypeAlias = pd.DataFrame | pa.Table

_AXES = ("x", "y", "z")
_TRUE = frozenset({"t", "true", "1", "yes"})
_FALSE = frozenset({"f", "false", "0", "no", "", "nan", "none", "<na>"})


def as_table(table: Any, *, what: str = "table") -> Table:
    """Return a table of any library as a DataFrame or Arrow table, its columns named by text.

    Anything with Arrow's C stream interface is a table: a polars frame, a DuckDB relation.

    Raises
    ------
    InvalidTable
        When a column name is repeated, missing or no text.
    InvalidArgument
        When it is no table.
    """
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    if not isinstance(table, pd.DataFrame | pa.Table):
        if isinstance(table, type) or not hasattr(table, "__arrow_c_stream__"):
            raise InvalidArgument(
                f"the {what} has to be a pandas or polars DataFrame, an Arrow table, anything "
                f"with Arrow's C stream interface, or a path; found {type(table).__name__}"
            )
        try:
            table = pa.table(table)
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise InvalidArgument(
                f"the {what} is a {type(table).__name__}, which gives no table ({error})"
            ) from error
    if isinstance(table, pd.DataFrame) and isinstance(table.columns, pd.MultiIndex):
        raise InvalidTable(f"the {what} has several levels of column names; join them into one")
    names = column_names(table)
    odd = [n for n in names if not isinstance(n, str) or not n or not is_unicode(n)]
    if odd:
        raise InvalidTable(
            f"column names are text; the {what} has {', '.join(map(repr, odd[:5]))}; rename them, "
            "or name columns by position: columns={'pre': 0, 'post': 1}"
        )
    repeated = pd.Index(names)[pd.Index(names).duplicated()].unique()
    if len(repeated):
        raise InvalidTable(
            f"the {what} has several columns called {', '.join(map(repr, repeated))}; rename or "
            "drop all but one"
        )
    return table


def column_names(table: Table) -> list[Any]:
    """Return the column names of a DataFrame or Arrow table."""
    return list(table.column_names if isinstance(table, pa.Table) else table.columns)


def get_column(table: Table, name: str) -> Any:
    """Return one column as a numpy array, or a pandas extension array where numpy has no type."""
    if isinstance(table, pa.Table):
        return from_arrow(table.column(name), name=name)
    return plain(table[name].array, name=name)


def plain(values: Any, *, name: str) -> Any:
    """Return pandas' values by the reading rule: exact, and of one kind where they are.

    Objects that are all whole numbers, booleans or decimals become arrays of that kind, and
    Arrow-backed columns what :func:`from_arrow` makes of them.
    """
    if isinstance(getattr(values, "dtype", None), pd.ArrowDtype):
        return from_arrow(pa.chunked_array([pa.array(values)]), name=name)
    if isinstance(values, pd.arrays.NumpyExtensionArray):
        values = values.to_numpy()
    if pd.api.types.is_datetime64_any_dtype(values):
        return microseconds(values)
    if isinstance(getattr(values, "dtype", None), pd.SparseDtype):
        values = np.asarray(values)
    if isinstance(values, np.ndarray) and values.dtype == object:
        return of_one_kind(values, name)
    if isinstance(values, np.ndarray) and values.dtype.byteorder == ">":
        return values.astype(values.dtype.newbyteorder("="))
    return values


def from_arrow(values: pa.ChunkedArray, *, name: str = "column") -> Any:
    """Return an Arrow column as an exact array: integers with gaps stay integers."""
    kind = canonical(values.type)
    values = converted(values, kind, name=name, where="the table")
    kind = values.type
    if pa.types.is_integer(kind):
        if not values.null_count:
            return values.to_numpy()
        gaps = np.asarray(values.is_null().to_numpy(zero_copy_only=False), bool)
        filled = np.asarray(pc.fill_null(values, pa.scalar(0, kind)).to_numpy())
        return pd.arrays.IntegerArray(filled.copy(), gaps)
    if pa.types.is_boolean(kind) and values.null_count:
        return values.to_pandas(types_mapper={kind: pd.BooleanDtype()}.get).array
    if pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return values.to_numpy()
    if pa.types.is_null(kind):
        return np.full(len(values), None, dtype=object)
    if pa.types.is_decimal(kind):
        # whole numbers beyond 64 bits: digit for digit
        wide = [None if value is None else int(value) for value in values.to_pylist()]
        return _objects(wide)
    if pa.types.is_nested(kind) and (values.null_count or _has_gaps(values)):
        # pandas would make floats of whole numbers beside a gap
        return _objects(values.to_pylist())
    array = values.to_pandas().array
    return array.to_numpy() if isinstance(array, pd.arrays.NumpyExtensionArray) else array


def _has_gaps(values: pa.ChunkedArray) -> bool:
    """Return whether nested values have gaps inside, or more levels than one."""
    if not (pa.types.is_list(values.type) or pa.types.is_fixed_size_list(values.type)):
        return True
    inner = [chunk.flatten() for chunk in values.chunks]
    return any(each.null_count or pa.types.is_nested(each.type) for each in inner)


def _objects(values: list[Any]) -> npt.NDArray[Any]:
    array = np.empty(len(values), object)
    array[:] = values
    return array


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


def missing_ids(ids: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Return which ids of :func:`root_ids` are missing: :data:`MISSING_ID`, or empty text."""
    return np.asarray(ids == ("" if ids.dtype.kind == "O" else MISSING_ID), bool)


def root_ids(values: Any, *, name: str, missing: int = 0) -> npt.NDArray[Any]:
    """Return ids as int64, or as an object array of str; `missing` or "" where one is missing.

    Raises
    ------
    InvalidTable
        For floats, mixed types, or integers that do not fit int64.

    Examples
    --------
    >>> root_ids(pd.array([864691135000000001, None], dtype="Int64"), name="pre").tolist()
    [864691135000000001, 0]
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.dtype.categories.dtype)
    if not isinstance(values, np.ndarray) or values.dtype == object:
        values = plain(values, name=name)
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind == "i":
        return np.asarray(values, np.int64)
    if isinstance(dtype, np.dtype) and dtype.kind == "u":
        return _from_unsigned(np.asarray(values), name)
    if isinstance(values, pd.arrays.IntegerArray):
        gaps = np.asarray(values.isna())
        whole = values.fillna(0).to_numpy(dtype=dtype.numpy_dtype)
        exact = _from_unsigned(whole, name) if whole.dtype.kind == "u" else whole.astype(np.int64)
        return np.where(gaps, np.int64(missing), exact)
    if pd.api.types.is_float_dtype(dtype):
        if bool(np.asarray(pd.isna(values)).all()):
            return np.full(len(values), missing, np.int64)
        raise InvalidTable(
            f"ids in {name!r} arrived as floats ({dtype}); 18-digit ids lose their last digits "
            "in a float, so these may already be wrong: read the column as int64 (pandas: "
            f"dtype={{{name!r}: 'Int64'}}) or as text"
        )
    return _from_objects(np.asarray(values, dtype=object), name)


def _from_unsigned(values: npt.NDArray[Any], name: str) -> npt.NDArray[np.int64]:
    if len(values) and values.max() > np.iinfo(np.int64).max:
        raise InvalidTable(
            f"ids in {name!r} go up to {values.max()}, which does not fit int64; give them as text"
        )
    return values.astype(np.int64)


def _from_objects(values: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    missing = np.asarray(pd.isna(values), bool)
    kinds = {type(value) for value in values[~missing]}
    if all(issubclass(kind, str) for kind in kinds):
        text = values.copy()
        text[missing] = ""
        return text
    names = ", ".join(sorted(kind.__name__ for kind in kinds))
    if all(issubclass(kind, int | np.integer | Decimal) and kind is not bool for kind in kinds):
        largest = max(values[~missing], key=abs)
        raise InvalidTable(
            f"ids in {name!r} go up to {largest}, which does not fit int64; give them as text"
        )
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
    if pd.api.types.is_numeric_dtype(series.dtype) and series.dtype.kind != "c":
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
        return values.astype(np.float64) if values.dtype == np.float16 else values
    if isinstance(getattr(values, "dtype", None), pd.CategoricalDtype):
        values = values.astype(values.dtype.categories.dtype)
    # Objects stay objects: pandas 2 would turn integers of any length into floats, and fail.
    kind: Any = getattr(values, "dtype", None)
    objects = isinstance(kind, np.dtype) and kind.kind == "O"
    series = pd.Series(values, dtype=object if objects else None)
    if isinstance(series.dtype, pd.StringDtype) or series.dtype == object:
        return _parsed_numbers(series, name)
    if not pd.api.types.is_numeric_dtype(series.dtype) or series.dtype.kind == "c":
        raise InvalidTable(f"{name!r} needs numbers; found {series.dtype}")
    kind = getattr(series.dtype, "numpy_dtype", series.dtype)
    if not series.isna().any():
        return np.asarray(series.to_numpy(dtype=kind))
    if np.dtype(kind).kind in "iu":
        return _with_nan(series, name)
    return np.asarray(series.to_numpy(dtype=float, na_value=np.nan))


def _with_nan(series: pd.Series, name: str) -> npt.NDArray[np.float64]:
    """Return integers with gaps as floats, exact or not at all."""
    known = series[series.notna()]
    largest = (
        max((abs(int(value)) for value in (known.min(), known.max())), default=0)
        if len(known)
        else 0
    )
    check_gapped(largest, name=name)
    return np.asarray(series.to_numpy(dtype=float, na_value=np.nan))


def check_gapped(largest: int, *, name: str) -> None:
    """Refuse integers beside gaps, where floats hold them, that a float does not hold exactly.

    Raises
    ------
    InvalidTable
        When the largest is beyond 2**53.

    Examples
    --------
    >>> check_gapped(5, name="size")
    """
    if largest > 2**53:
        raise InvalidTable(
            f"{name!r} has gaps and goes up to {largest}; beyond 2**53 a number beside a gap "
            "loses digits: fill the gaps, or leave those rows out"
        )


def _parsed_numbers(series: pd.Series, name: str) -> npt.NDArray[Any]:
    """Return text and objects as the numbers that they say."""
    gaps = series.isna()
    try:
        numbers = pd.to_numeric(series, errors="coerce")
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidTable(f"{name!r} needs numbers; found objects ({error})") from error
    bad = np.flatnonzero((numbers.isna() & ~gaps).to_numpy())
    if len(bad):
        found = series.iloc[bad[0]]
        hint = ""
        if isinstance(found, str) and found.count(",") == 1:
            hint = "; is it a decimal comma? Then read the file with csv={'decimal': ','}"
        raise InvalidTable(
            f"{name!r} needs numbers; {len(bad):,} of {len(series):,} rows hold something else "
            f"(first: row {bad[0]}, {found!r}){hint}"
        )
    if pd.api.types.is_integer_dtype(numbers.dtype):
        kind: Any = getattr(numbers.dtype, "numpy_dtype", numbers.dtype)
        return np.asarray(numbers.to_numpy(dtype=kind))
    wide = [v for v in series[~gaps] if isinstance(v, int) and abs(v) > 2**53]
    if numbers.dtype == object or pd.api.types.is_bool_dtype(numbers.dtype) or wide:
        found = wide[0] if wide else series.iloc[0]
        raise InvalidTable(f"{name!r} needs numbers that are exact in 64 bits; found {found!r}")
    return np.asarray(numbers.to_numpy(dtype=float, na_value=np.nan))
