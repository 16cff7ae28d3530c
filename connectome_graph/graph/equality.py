"""Whether two graphs hold the same tables and domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["same_graph", "same_values"]


def same_values(a: Any, b: Any) -> bool:
    """Return whether two columns hold the same values, with missing ones in the same places.

    Integers equal nullable integers and ``object`` text equals ``str`` text; an integer never
    equals a float, since the float may have lost digits.
    """
    left, right = pd.Series(a), pd.Series(b)
    if len(left) != len(right) or _family(left) != _family(right):
        return False
    gaps = left.isna().to_numpy()
    if not np.array_equal(gaps, right.isna().to_numpy()):
        return False
    here = ~gaps
    return bool(np.array_equal(_values(left, here), _values(right, here)))


def _values(values: pd.Series, here: Any) -> Any:
    family = _family(values)
    kept = values[here]
    if family in ("i", "b", "f"):
        return kept.to_numpy(dtype={"i": np.int64, "b": bool, "f": np.float64}[family])
    return kept.astype(object).map(_comparable).to_numpy(dtype=object)


def _comparable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | np.ndarray) else value


def _family(values: pd.Series) -> str:
    kind = values.dtype
    if (
        isinstance(kind, pd.CategoricalDtype)
        or pd.api.types.is_object_dtype(kind)
        or pd.api.types.is_string_dtype(kind)
    ):
        return "text"
    if pd.api.types.is_bool_dtype(kind):
        return "b"
    if pd.api.types.is_integer_dtype(kind):
        return "i"
    return "f" if pd.api.types.is_float_dtype(kind) else str(kind)


def same_graph(a: ConnectomeGraph, b: ConnectomeGraph) -> bool:
    """Return whether ids, neuron columns, synapses, synapse columns and domain are the same."""
    if not (same_values(a.ids, b.ids) and a.domain == b.domain):
        return False
    for ours, theirs in (
        (a._index.out_ptr, b._index.out_ptr),
        (a._index.edge_post, b._index.edge_post),
        (a._index.edge_ptr, b._index.edge_ptr),
    ):
        if not np.array_equal(ours, theirs):
            return False
    if set(a.synapse_columns) != set(b.synapse_columns):
        return False
    if list(a._neurons.columns) != list(b._neurons.columns):
        return False
    return all(
        same_values(a.synapse_column(name), b.synapse_column(name)) for name in a.synapse_columns
    ) and all(same_values(a._neurons[name], b._neurons[name]) for name in a._neurons.columns)
