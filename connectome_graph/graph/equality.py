"""Whether two graphs hold the same tables and domain."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.model.domain import Domain
from connectome_graph.model.index import SynapseIndex

__all__ = ["Content", "content_hash", "same_content", "same_values"]


@dataclass(frozen=True)
class Content:
    """What makes two graphs equal: everything but how they came to be."""

    neurons: pd.DataFrame
    index: SynapseIndex
    domain: Domain


def same_values(a: Any, b: Any) -> bool:
    """Return whether two columns hold the same values, with missing ones in the same places.

    Integers equal nullable integers and ``object`` text equals ``str`` text; an integer never
    equals a float, since the float may have lost digits. Columns in which nothing is there are
    the same, of whatever kind.
    """
    left, right = pd.Series(a), pd.Series(b)
    if len(left) != len(right):
        return False
    gaps = left.isna().to_numpy()
    if not np.array_equal(gaps, right.isna().to_numpy()):
        return False
    if gaps.all():
        return True
    if _family(left) != _family(right):
        return False
    here = ~gaps
    return bool(np.array_equal(_values(left, here), _values(right, here)))


def _values(values: pd.Series, here: Any) -> Any:
    family = _family(values)
    kept = values[here]
    if family in ("i", "b", "f") and not isinstance(values.dtype, pd.CategoricalDtype):
        if family == "i" and getattr(values.dtype, "kind", "") == "u":
            return kept.astype(object).map(int).to_numpy(dtype=object)
        return kept.to_numpy(dtype={"i": np.int64, "b": bool, "f": np.float64}[family])
    return kept.astype(object).map(_comparable).to_numpy(dtype=object)


def _comparable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | np.ndarray) else value


def _family(values: pd.Series) -> str:
    kind: Any = values.dtype
    if isinstance(kind, pd.CategoricalDtype):
        kind = kind.categories.dtype
    if pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(kind):
        return "text"
    if pd.api.types.is_bool_dtype(kind):
        return "b"
    if pd.api.types.is_integer_dtype(kind):
        return "i"
    return "f" if pd.api.types.is_float_dtype(kind) else str(kind)


def same_content(a: Content, b: Content) -> bool:
    """Return whether ids, neuron columns, synapses, synapse columns and domain are the same."""
    if not (same_values(a.neurons.index, b.neurons.index) and a.domain == b.domain):
        return False
    if not all(
        np.array_equal(ours, theirs)
        for ours, theirs in zip(_runs(a.index), _runs(b.index), strict=True)
    ):
        return False
    if set(a.index.columns) != set(b.index.columns):
        return False
    if list(a.neurons.columns) != list(b.neurons.columns):
        return False
    return all(
        same_values(a.index.columns[name], b.index.columns[name]) for name in a.index.columns
    ) and all(same_values(a.neurons[name], b.neurons[name]) for name in a.neurons.columns)


def content_hash(content: Content) -> int:
    """Return a number that equal graphs share: of their neurons, connections and domain.

    Columns are left out: equal ones may be stored in several ways.
    """
    digest = hashlib.blake2b(digest_size=8)
    for values in _runs(content.index):
        digest.update(np.ascontiguousarray(values).view(np.uint8).data)
    return hash((len(content.neurons), digest.digest(), content.domain))


def _runs(index: SynapseIndex) -> tuple[Any, Any, Any]:
    return index.out_ptr, index.edge_post, index.edge_ptr
