"""What kind of values a column holds: said in JSON, carried by Arrow, restored exactly.

Files know fewer kinds than pandas does. A *description* is a small JSON-able dictionary that
says what a column was (``{"dtype": "Int64"}``, a category with its categories in order), so
that a file read back gives the same column: integers with gaps stay integers, an empty text
stays different from a missing one.

==============  ==========================================  ==============================
``dtype``       the column                                  carried as
==============  ==========================================  ==============================
``int64`` ...   numpy numbers and booleans                  the same; NaN as missing
``Int64`` ...   pandas' nullable numbers and booleans       the same, with gaps
``text``        text, with or without gaps                  text
``category``    a categorical; ``of``, ``categories``,      its values
                ``ordered``
``datetime64``  dates, with unit and time zone              timestamps
``interval``    intervals such as ``pandas.cut`` makes      text ``[left, right]``
``json``        lists and mixed objects                     JSON text
==============  ==========================================  ==============================
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.errors import InvalidTable

__all__ = ["Description", "carrier", "describe", "restore", "restored", "to_arrow"]

Description: TypeAlias = dict[str, Any]


def describe(values: Any, *, name: str) -> Description:
    """Return the JSON-able description of a column.

    Parameters
    ----------
    values
        numpy or pandas extension array.
    name
        The column's name, for messages.

    Raises
    ------
    InvalidTable
        For complex numbers and other kinds that no file format here can hold.

    Examples
    --------
    >>> describe(np.array([1, 2]), name="size")
    {'dtype': 'int64'}
    >>> describe(np.array(["spine", None], dtype=object), name="target")
    {'dtype': 'text'}
    """
    values = _unwrapped(values)
    kind = values.dtype
    if isinstance(kind, pd.CategoricalDtype):
        categories = kind.categories.array
        inner = describe(categories, name=name)
        listed = to_arrow(categories, inner, name=name)
        if inner["dtype"].startswith(("datetime64", "timedelta64")):
            listed = pc.cast(listed, pa.int64())
        return {
            "dtype": "category",
            "of": inner,
            "categories": listed.to_pylist(),
            "ordered": bool(kind.ordered),
        }
    if isinstance(kind, pd.IntervalDtype):
        inner = describe(values.left.array, name=name)
        return {"dtype": "interval", "of": inner, "closed": str(kind.closed)}
    if kind == np.dtype(object) or pd.api.types.is_string_dtype(kind):
        inferred = pd.api.types.infer_dtype(values, skipna=True)
        return {"dtype": "text" if inferred in ("string", "empty") else "json"}
    if isinstance(kind, np.dtype) and kind.kind == "U":
        return {"dtype": "text"}
    known = isinstance(kind, np.dtype) and kind.kind in "biufMm"
    nullable = pd.api.types.is_numeric_dtype(kind) and not isinstance(kind, np.dtype)
    if not (known or nullable or isinstance(kind, pd.DatetimeTZDtype)):
        raise InvalidTable(
            f"column {name!r} holds {kind}, which cannot be written; turn it into numbers, text, "
            "booleans, dates or categories first, or drop it"
        )
    return {"dtype": str(kind)}


def to_arrow(values: Any, description: Description, *, name: str) -> pa.Array:
    """Return a column as one Arrow array, missing entries as nulls.

    Raises
    ------
    InvalidTable
        When an object is neither text nor something JSON can hold, or text is not Unicode.

    Examples
    --------
    >>> to_arrow(np.array([1.5, np.nan]), {"dtype": "float64"}, name="size").to_pylist()
    [1.5, None]
    """
    dtype = description["dtype"]
    values = _unwrapped(values)
    try:
        if dtype == "category":
            codes = pa.array(values.codes, mask=values.codes < 0)
            inner = to_arrow(values.categories.array, description["of"], name=name)
            return inner.take(codes)
        if dtype == "interval":
            return _json_text([None if pd.isna(v) else [v.left, v.right] for v in values])
        if dtype == "json":
            return _json_text([None if _missing(v) else v for v in values])
        if dtype == "text":
            array = pa.array(values, pa.string(), from_pandas=True)
        else:
            if dtype == "float16":
                values = values.astype(np.float32)
            elif isinstance(values, np.ndarray) and values.dtype.byteorder == ">":
                values = values.astype(values.dtype.newbyteorder("="))
            array = pa.array(values, from_pandas=isinstance(values, np.ndarray))
    except (TypeError, ValueError, pa.ArrowException) as error:
        raise InvalidTable(f"column {name!r} cannot be written: {error}") from error
    # Text that pandas put together of parts, as concat does, arrives in chunks.
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def carrier(description: Description) -> pa.DataType | None:
    """Return the Arrow type that carries a column of this description; None where several may.

    Examples
    --------
    >>> carrier({"dtype": "Int32"}), carrier({"dtype": "json"})
    (DataType(int32), DataType(string))
    """
    dtype = description["dtype"]
    if dtype == "category":
        return carrier(description["of"])
    if dtype in ("text", "json", "interval"):
        return pa.string()
    if dtype == "float16":
        return pa.float32()
    kind = _extension(dtype)
    plain = kind if isinstance(kind, np.dtype) else getattr(kind, "numpy_dtype", None)
    if plain is None or plain.kind not in "biuf":
        return None
    return pa.from_numpy_dtype(plain.newbyteorder("="))


def restored(values: pa.ChunkedArray, said: Description) -> Any:
    """Return a column of a table as :func:`restore` does, once its kind is what is said of it.

    Raises
    ------
    InvalidTable
        When it is stored as something else.

    Examples
    --------
    >>> restored(pa.chunked_array([[1, 2]]), {"dtype": "int64"})
    array([1, 2])
    """
    wanted = carrier(said)
    if wanted is not None and values.type != wanted:
        raise InvalidTable(
            f"the column {said.get('name', 'of ids')!r} is said to be {said['dtype']} and is "
            f"stored as {values.type}"
        )
    return restore(values, said)


def restore(array: pa.Array | pa.ChunkedArray, description: Description) -> Any:
    """Return the column that :func:`to_arrow` was given.

    Parameters
    ----------
    array
        Arrow array of the carried kind.
    description
        What :func:`describe` said.

    Examples
    --------
    >>> gaps = pd.array([864691135000000001, None], dtype="Int64")
    >>> said = describe(gaps, name="nucleus_id")
    >>> restore(to_arrow(gaps, said, name="nucleus_id"), said)
    <IntegerArray>
    [864691135000000001, <NA>]
    Length: 2, dtype: Int64
    """
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    dtype = description["dtype"]
    if dtype == "category":
        return _categorical(array, description)
    if dtype == "interval":
        ends = [(np.nan, np.nan) if v is None else json.loads(v) for v in array.to_pylist()]
        inner = description["of"]["dtype"]
        gaps = np.array([v is None for v in array.to_pylist()], bool)
        exact = inner if not gaps.any() else "float64"
        left = np.array([end[0] for end in ends], exact)
        right = np.array([end[1] for end in ends], exact)
        return pd.arrays.IntervalArray.from_arrays(left, right, closed=description["closed"])
    if dtype == "json":
        objects = np.empty(len(array), object)
        objects[:] = [None if text is None else json.loads(text) for text in array.to_pylist()]
        return objects
    if dtype == "text":
        return _unwrapped(pd.Series(array.to_pandas(), copy=False).array)
    return _plain(array, dtype)


def _plain(array: pa.Array, dtype: str) -> Any:
    kind = _extension(dtype)
    if not isinstance(kind, np.dtype):
        return kind.__from_arrow__(array)
    if kind.kind in "Mm":
        return pd.Series(array.to_numpy(zero_copy_only=False), dtype=kind).array
    if array.null_count and kind.kind in "biu":
        raise InvalidTable(
            f"{array.null_count:,} entries of a {dtype} column are missing; such a column is "
            "written without gaps, so the file was changed"
        )
    return np.array(array.to_numpy(zero_copy_only=False), kind)


def _extension(dtype: str) -> Any:
    try:
        return pd.api.types.pandas_dtype(dtype)
    except TypeError as error:
        raise InvalidTable(f"the column kind {dtype!r} is not known here") from error


def _categorical(array: pa.Array, description: Description) -> pd.Categorical:
    inner = description["of"]
    listed = pa.array(description["categories"])
    if pa.types.is_null(listed.type):
        listed = pa.array([], array.type)
    categories = pd.Index(restore(pc.cast(listed, array.type), inner))
    values = restore(array, inner) if not array.null_count else None
    if values is None:
        # Through codes: a gap must not turn integer categories into floats.
        found = pc.index_in(array, pc.cast(listed, array.type)).fill_null(-1)
        codes = np.asarray(found.to_numpy(zero_copy_only=False), np.int64)
    else:
        codes = np.asarray(categories.get_indexer(pd.Index(values)), np.int64)
        if (codes < 0).any():
            raise InvalidTable("a categorical column holds a value outside its categories")
    dtype = pd.CategoricalDtype(categories, ordered=description["ordered"])
    return pd.Categorical.from_codes(codes, dtype=dtype)


def _unwrapped(values: Any) -> Any:
    """Return the plain array behind a column; dates in a unit that pandas holds."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "Mm":
        return pd.Series(values).to_numpy()
    return values.to_numpy() if isinstance(values, pd.arrays.NumpyExtensionArray) else values


def _missing(value: Any) -> bool:
    return value is None or (np.ndim(value) == 0 and not isinstance(value, dict) and pd.isna(value))


def _native(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} objects have no text form here")


def _json_text(values: list[Any]) -> pa.Array:
    texts = [None if v is None else json.dumps(v, default=_native) for v in values]
    return pa.array(texts, pa.string())
