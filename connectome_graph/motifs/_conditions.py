"""Conditions and comparisons of a motif, evaluated on the columns of a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean
from connectome_graph.graph import weights
from connectome_graph.motifs._pattern import Condition, Value

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["Compared", "compared", "edge_values", "meets", "node_values"]

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]

#: Other names of edge weights, as DotMotif's users write them.
_EDGE_ALIASES = {"weight": "count", "size": "sum"}
#: Operators in the order of the search kernel; any other is a table.
ORDER = ("==", "!=", "<", ">", "<=", ">=")
#: Most outcomes held for an operator between two texts.
_LARGEST_TABLE = 50_000_000


def node_values(g: ConnectomeGraph, key: str) -> pd.Series:
    """Return a neuron column; ``root_id`` is one too.

    Raises
    ------
    UnknownName
        When there is no such column.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> node_values(cg.from_adjacency([[0, 1], [0, 0]]), "root_id").tolist()
    [1, 2]
    """
    return pd.Series(g.ids) if key == "root_id" else g.neuron_column(key)


def edge_values(g: ConnectomeGraph, key: str) -> pd.Series:
    """Return a weight of every edge by its name in a motif.

    ``weight`` is the number of synapses and ``size`` their total size; the other names are
    those of :mod:`connectome_graph.weights`.

    Raises
    ------
    UnknownName
        When there is no such weight.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> edge_values(cg.from_adjacency([[0, 3], [0, 0]]), "weight").tolist()
    [3]
    """
    name = _EDGE_ALIASES.get(key, key)
    if name not in weights.NAMES:
        known = [*_EDGE_ALIASES, *weights.NAMES]
        raise UnknownName(
            f"no edge weight {key!r}; use one of {', '.join(known)}.{did_you_mean(key, known)}"
        )
    return weights.compute(g, name)


def meets(values: pd.Series, condition: Condition) -> Mask:
    """Return which values meet a condition.

    A missing value meets nothing but ``!=``, as in DotMotif.

    Raises
    ------
    InvalidArgument
        When text is compared with numbers, or the operator does not fit the value.

    Examples
    --------
    >>> meets(pd.Series(["BC", None, "23P"]), Condition("cell_type", "!=", "BC")).tolist()
    [False, True, True]
    >>> meets(pd.Series(["BC", None, "23P"]), Condition("cell_type", "contains", "P")).tolist()
    [False, False, True]
    """
    key, operator, value = condition
    if operator in ("==", "!=") and not isinstance(value, tuple):
        _check_kind(values, key, value)
        # On the arrays: a Series would cost more than the comparison.
        outcome: Any = values.array == value
        if isinstance(outcome, pd.api.extensions.ExtensionArray):
            outcome = outcome.to_numpy(dtype=bool, na_value=False)
        return ~outcome if operator == "!=" else np.asarray(outcome, bool)
    present = values.notna().to_numpy()
    if operator in ("contains", "!contains"):
        if not isinstance(value, str) or not _is_text(values):
            raise InvalidArgument(f"{key} {operator} {value!r}: 'contains' is between texts")
        held = _texts(values, present, lambda text: value in text)
        return present & ~held if operator[0] == "!" else held
    if operator in ("in", "!in"):
        held = _within(values, present, condition)
        return present & ~held if operator[0] == "!" else held
    if isinstance(value, tuple):
        raise InvalidArgument(f"{key} {operator} {list(value)}: a list goes with 'in' or '!in'")
    _check_kind(values, key, value)
    known = values[present]
    if isinstance(known.dtype, pd.CategoricalDtype):
        known = known.astype(known.cat.categories.dtype)
    ordered = {"<": known.lt, ">": known.gt, "<=": known.le, ">=": known.ge}[operator](value)
    held = np.zeros(len(values), bool)
    held[present] = ordered.to_numpy(dtype=bool)
    return held


def _within(values: pd.Series, present: Mask, condition: Condition) -> Mask:
    """Return which values are in a list, or are part of a text."""
    key, operator, value = condition
    if isinstance(value, tuple):
        for one in value:
            _check_kind(values, key, one)
        return values.isin(list(value)).to_numpy(dtype=bool) & present
    if not isinstance(value, str) or not _is_text(values):
        raise InvalidArgument(
            f"{key} {operator} {value!r}: 'in' takes a list such as [1, 2], or a text that may "
            "hold the value"
        )
    return _texts(values, present, lambda text: text in value)


def _texts(values: pd.Series, present: Mask, test: Any) -> Mask:
    """Apply a test to every distinct text."""
    codes, distinct = pd.factorize(values)
    outcome = np.array([bool(test(text)) for text in distinct] or [False])
    return outcome[codes] & present


def _is_text(values: pd.Series) -> bool:
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _is_text(pd.Series(dtype.categories))
    if pd.api.types.is_object_dtype(dtype):
        return pd.api.types.infer_dtype(values, skipna=True) in ("string", "empty")
    return isinstance(dtype, pd.StringDtype)


def _check_kind(values: pd.Series, key: str, value: Value) -> None:
    """Refuse comparisons of text with numbers: their outcome would always be the same."""
    if _is_text(values) != isinstance(value, str):
        holds, given = ("text", "a number") if _is_text(values) else ("no text", "the text")
        hint = 'write it in quotes: "5"' if holds == "text" else "write a number or True, False"
        raise InvalidArgument(f"{key!r} holds {holds}, compared with {given} {value!r}; {hint}")


class Compared(NamedTuple):
    """Two columns whose values are compared, as codes that order like the values."""

    left: Codes
    right: Codes
    operator: str
    #: Outcomes by left and right code, for operators between texts.
    table: npt.NDArray[np.bool_]

    def holds(self, left: npt.NDArray[Any], right: npt.NDArray[Any]) -> Mask:
        """Return whether the comparison holds between entries of the two columns."""
        a, b = self.left[left], self.right[right]
        known = (a >= 0) & (b >= 0)
        if self.operator in ORDER:
            outcome = {
                "==": np.equal,
                "!=": np.not_equal,
                "<": np.less,
                ">": np.greater,
                "<=": np.less_equal,
                ">=": np.greater_equal,
            }[self.operator](a, b)
        else:
            outcome = self.table[a, b]
        return np.asarray(known & outcome, bool)


def compared(left: pd.Series, operator: str, right: pd.Series) -> Compared:
    """Return two columns as codes; a missing value is -1 and compares as false.

    Raises
    ------
    InvalidArgument
        When text is compared with numbers, or an operator between texts would need too much
        memory.

    Examples
    --------
    >>> pair = compared(pd.Series([10, 30]), "<", pd.Series([20, 40]))
    >>> pair.left.tolist(), pair.right.tolist()
    ([0, 2], [1, 3])
    """
    if _is_text(left) != _is_text(right):
        raise InvalidArgument(
            f"{left.name!r} and {right.name!r} cannot be compared: one holds text, the other not"
        )
    none = np.zeros((1, 1), bool)
    if operator in ORDER:
        both = pd.concat([_plain(left), _plain(right)], ignore_index=True)
        codes = pd.factorize(both, sort=True)[0].astype(np.int64)
        return Compared(codes[: len(left)], codes[len(left) :], operator, none)
    if not _is_text(left):
        raise InvalidArgument(f"{left.name!r} {operator} {right.name!r} is between texts")
    a, names_a = pd.factorize(left)
    b, names_b = pd.factorize(right)
    if len(names_a) * len(names_b) > _LARGEST_TABLE:
        raise InvalidArgument(
            f"{left.name!r} {operator} {right.name!r} has {len(names_a):,} x {len(names_b):,} "
            f"outcomes; at most {_LARGEST_TABLE:,} are held"
        )
    outcomes = [[_outcome(operator, x, y) for y in names_b] or [False] for x in names_a]
    return Compared(a.astype(np.int64), b.astype(np.int64), operator, np.array(outcomes or none))


def _outcome(operator: str, left: str, right: str) -> bool:
    held = right in left if operator.endswith("contains") else left in right
    return held != operator.startswith("!")


def _plain(values: pd.Series) -> pd.Series:
    """Return a column without categories, whose own order is not that of the values."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.astype(values.cat.categories.dtype)
    return values
