"""An expression carried out on the columns of a table, through Arrow.

Used for tables in memory and for the parts that Dask's workers read. Arrow's booleans have three
values, and its patterns are RE2's, as DuckDB's are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.errors import InvalidTable
from connectome_graph.model.expressions.kinds import checked, found_name, kind_of_type
from connectome_graph.model.expressions.tree import (
    Always,
    Arithmetic,
    AsDouble,
    Column,
    Compare,
    Constant,
    Every,
    IsMissing,
    Lower,
    Node,
    Not,
    Some,
    TextTest,
    Within,
    columns_of,
)

__all__ = ["column_mask", "frame_mask", "holds", "table_mask"]

Values: TypeAlias = Any
_INT64 = np.iinfo(np.int64)
_DECIMAL = pa.decimal128(20, 0)

_COMPARE: dict[str, Callable[[Values, Values], Values]] = {
    "==": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
_TESTS: dict[str, Callable[..., Values]] = {
    "contains": pc.match_substring,
    "startswith": pc.starts_with,
    "endswith": pc.ends_with,
    "matches": pc.match_substring_regex,
}


def frame_mask(node: Node, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return the rows of a DataFrame for which an expression is true; its index has a name too.

    Raises
    ------
    UnknownName, InvalidArgument
        As :func:`connectome_graph.model.expressions.kinds.checked`.
    InvalidTable
        When a column that is named twice, or holds values of several kinds, is used.

    Examples
    --------
    >>> from connectome_graph.model.expressions.parsing import parse
    >>> frame_mask(parse("x > 2"), pd.DataFrame({"x": [1, None, 5]})).tolist()
    [False, False, True]
    """
    headers: list[Any] = list(frame.columns)
    names = [name for name in headers if isinstance(name, str)]
    levels = {name: i for i, name in enumerate(frame.index.names) if isinstance(name, str)}

    def values(name: str) -> Any:
        if names.count(name) > 1:
            raise InvalidTable(f"the column {name!r} is there {names.count(name)} times; rename it")
        held: Any = frame[name] if name in names else frame.index.get_level_values(levels[name])
        return held.array

    return column_mask(node, [*names, *(name for name in levels if name not in names)], values)


def column_mask(
    node: Node, names: Sequence[str], values: Callable[[str], Any]
) -> npt.NDArray[np.bool_]:
    """Return the rows for which an expression is true; only the columns it names are asked for.

    Parameters
    ----------
    node
        From ``parse``.
    names
        Every column there is.
    values
        Name -> array of numpy or pandas.
    """
    used: dict[str, pa.Array] = {}
    for column in columns_of(node):
        name = found_name(column, names)
        if name not in used:
            used[name] = _arrow(values(name), name)
    kinds = dict.fromkeys(names, "other") | {
        name: kind_of_type(found.type) for name, found in used.items()
    }
    return holds(checked(node, kinds), used.__getitem__)


def table_mask(node: Node, table: pa.Table) -> npt.NDArray[np.bool_]:
    """Return the rows of an Arrow table for which a checked expression is true."""
    return holds(node, table.column)


def holds(node: Node, column: Callable[[str], Values]) -> npt.NDArray[np.bool_]:
    """Return where a checked expression is true: missing answers are not."""
    result = _Rows(column).values(node)
    return np.asarray(pc.fill_null(result, fill_value=False).to_numpy(zero_copy_only=False), bool)


def _arrow(values: Any, name: str) -> pa.Array:
    """Return a pandas column as Arrow values; NaN is missing."""
    if isinstance(values, pd.arrays.NumpyExtensionArray):
        values = values.to_numpy()
    if isinstance(values, pd.Categorical):
        codes = pa.array(values.codes, mask=values.codes < 0)
        categories = _arrow(values.categories.array, name)
        return pa.DictionaryArray.from_arrays(codes, categories).cast(categories.type)
    if isinstance(values, np.ndarray) and values.dtype.kind == "O":
        _check_one_kind(values, name)
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        # what Arrow has no type for can at least be missing or not
        return pa.array([None if gap else [] for gap in pd.isna(values)], pa.list_(pa.null()))


def _check_one_kind(values: npt.NDArray[Any], name: str) -> None:
    found = pd.api.types.infer_dtype(values, skipna=True)
    if found in ("mixed", "mixed-integer"):
        kinds = {type(value).__name__ for value in values[~pd.isna(values)]}
        if len(kinds) < 2:
            return
        told = ", ".join(sorted(kinds))
        raise InvalidTable(
            f"the column {name!r} holds values of several kinds ({told}); make them one kind"
        )


class _Rows:
    def __init__(self, column: Callable[[str], Values]) -> None:
        self._column = column

    def values(self, node: Node) -> Values:
        """Return the values of a node a row; a constant is a Python value."""
        if isinstance(node, Column):
            return self._read(node)
        if isinstance(node, Constant):
            return node.value
        if isinstance(node, Compare):
            return self._compare(node)
        if isinstance(node, Every | Some):
            join = pc.and_kleene if isinstance(node, Every) else pc.or_kleene
            result = self.values(node.parts[0])
            for part in node.parts[1:]:
                result = join(result, self.values(part))
            return result
        if isinstance(node, Not):
            return pc.invert(self.values(node.part))
        if isinstance(node, Arithmetic):
            return self._arithmetic(node)
        return self._of_one(node, self.values(node.value))

    def _of_one(self, node: Node, values: Values) -> Values:
        if isinstance(node, IsMissing):
            return pc.is_null(values)
        if isinstance(node, Within):
            return _within(values, node)
        if isinstance(node, TextTest):
            return _TESTS[node.how](values, node.pattern)
        if isinstance(node, Lower):
            return pc.utf8_lower(values)
        if isinstance(node, AsDouble):
            return values.cast(pa.float64(), safe=False)
        assert isinstance(node, Always)
        return _always(values, truth=node.truth)

    def _read(self, node: Column) -> Values:
        values = self._column(node.name)
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        if node.kind == "boolean":
            return values.cast(pa.bool_())
        if node.kind == "text":
            return values.cast(pa.large_string())
        if node.kind == "double":
            values = values.cast(pa.float64(), safe=False)
            return pc.if_else(pc.is_nan(values), None, values)
        if node.kind == "integer":
            return _whole(values)
        return values

    def _compare(self, node: Compare) -> Values:
        left, right = self.values(node.left), self.values(node.right)
        if not isinstance(node.right, Constant):
            if {left.type, right.type} == {pa.int64(), _DECIMAL}:
                left, right = left.cast(_DECIMAL), right.cast(_DECIMAL)
            return _COMPARE[node.how](left, right)
        if left.type == pa.int64() and not _INT64.min <= right <= _INT64.max:
            return _always(left, truth=node.how in ("!=", "<", "<="))
        return _COMPARE[node.how](left, pa.scalar(right, left.type))

    def _arithmetic(self, node: Arithmetic) -> Values:
        operands = [self.values(each) for each in node.operands]
        if len(operands) == 1:
            return pc.abs(operands[0]) if node.how == "abs" else pc.negate(operands[0])
        left, right = operands
        if node.how in ("/", "%"):
            # dividing by zero gives nothing
            right = (right or None) if isinstance(right, float) else _without_zeros(right)
            if right is None:
                return pa.nulls(len(left), pa.float64())
        if node.how == "%":
            return _remainder(left, right)
        how = {"+": pc.add, "-": pc.subtract, "*": pc.multiply, "/": pc.divide}[node.how]
        result = how(left, right)
        return pc.if_else(pc.is_nan(result), None, result)


def _whole(values: Values) -> Values:
    """Return integers as int64, or as decimals where they do not fit."""
    if not pa.types.is_uint64(values.type):
        return values.cast(pa.int64())
    largest = pc.max(values).as_py()
    return values.cast(pa.int64() if largest is None or largest <= _INT64.max else _DECIMAL)


def _always(values: Values, *, truth: bool) -> Values:
    return pc.if_else(pc.is_null(values), pa.scalar(None, pa.bool_()), truth)


def _within(values: Values, node: Within) -> Values:
    items = [item for item in node.items if not _beyond(values.type, item)]
    found = pc.is_in(values, value_set=pa.array(items, values.type))
    return pc.if_else(pc.is_null(values), pa.scalar(None, pa.bool_()), found)


def _beyond(kind: pa.DataType, item: Any) -> bool:
    return bool(kind == pa.int64() and not _INT64.min <= item <= _INT64.max)


def _without_zeros(values: Values) -> Values:
    return pc.if_else(pc.equal(values, 0.0), None, values)


def _remainder(left: Values, right: Values) -> Values:
    """Return the remainder with the sign of the divisor, as Python's."""

    def plain(values: Values) -> Any:
        if isinstance(values, float):
            return values
        return values.to_numpy(zero_copy_only=False)

    with np.errstate(invalid="ignore"):
        return pa.array(np.mod(plain(left), plain(right)), from_pandas=True)
