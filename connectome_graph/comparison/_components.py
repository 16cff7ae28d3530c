"""What a statistic returns, as one flat Series of numbers with a label each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidArgument

__all__ = ["components", "united"]


def components(result: Any, name: str) -> pd.Series:
    """Return a statistic's result as a Series of numbers, one labelled component each.

    A number becomes one component called `name`. A Series stays, less what is not a number. A
    table gives one component a row and numeric column; its index and its columns of text are
    the row's label (a table's plain row numbers are not), and so are the columns that its
    ``attrs["label_columns"]`` names. A mapping is taken apart, its keys in front. Of a result in
    several parts (a dataclass) the numbers count, and the Series that are not of neurons.

    Parameters
    ----------
    result
        A number, Series, DataFrame, or mapping of names to any of these.
    name
        Label of a lone number.

    Raises
    ------
    InvalidArgument
        When the result is of another kind, or a label occurs twice.

    Examples
    --------
    >>> components({"edges": 3, "degree": pd.Series({"in": 1.5, "out": 2.0})}, "statistic")
    edges         3.0
    degree  in    1.5
            out   2.0
    dtype: float64
    """
    flat = _flat(result, name)
    if flat.index.has_duplicates:
        twice = flat.index[flat.index.duplicated()][0]
        raise InvalidArgument(
            f"the statistic {name} returns more than one value labelled {twice!r}; give every "
            "value its own label"
        )
    return flat


def _flat(result: Any, name: str) -> pd.Series:
    if isinstance(result, pd.Series):
        return _numbers(result)
    if isinstance(result, pd.DataFrame):
        return _from_table(result)
    if isinstance(result, Mapping):
        return _from_mapping(result, name)
    if is_dataclass(result) and not isinstance(result, type):
        return _from_mapping(_parts(result, name), name)
    if isinstance(result, Number | np.number | np.bool_) and not isinstance(result, complex):
        return pd.Series([result], index=pd.Index([name])).astype(float if isinstance(
            result, float | np.floating) else np.int64)  # fmt: skip
    raise InvalidArgument(
        f"the statistic {name} returned {type(result).__name__}; return a number, a Series, a "
        "DataFrame, or a dict of these"
    )


def _parts(result: Any, name: str) -> dict[str, Any]:
    """Return the numbers of a result in several parts, and its Series that are not of neurons."""
    every = {each.name: getattr(result, each.name) for each in fields(result)}
    kept = {
        key: value
        for key, value in every.items()
        if (isinstance(value, Number | np.number) and not isinstance(value, bool | np.bool_))
        or (isinstance(value, pd.Series) and value.index.name != "root_id")
    }
    if not kept:
        raise InvalidArgument(
            f"the statistic {name} returned {type(result).__name__}, of which no part is a number; "
            f"return one of {', '.join(every)}"
        )
    return kept


def _numbers(series: pd.Series) -> pd.Series:
    if series.dtype.kind in "iub" and isinstance(series.dtype, np.dtype):
        return series.astype(np.int64)
    return pd.to_numeric(series, errors="coerce").astype(np.float64)


def _from_table(table: pd.DataFrame) -> pd.Series:
    labels = table.attrs.get("label_columns", ())
    numeric = [
        label
        for label in table.columns
        if label not in labels and pd.api.types.is_numeric_dtype(table[label])
    ]
    text = [label for label in table.columns if label not in numeric]
    if text:
        plain = isinstance(table.index, pd.RangeIndex)
        table = table.set_index(text, append=not plain)
    if len(numeric) == 1:
        return _numbers(table[numeric[0]])
    stacked: Any = table[numeric].stack(future_stack=True)  # noqa: PD013 (keeps the index)
    return _numbers(stacked)


def _from_mapping(result: Mapping[Any, Any], name: str) -> pd.Series:
    labels: list[tuple[Any, ...]] = []
    values: list[Any] = []
    for key, part in result.items():
        lone = not isinstance(part, Mapping | pd.Series | pd.DataFrame)
        for label, value in _flat(part, f"{name}[{key!r}]").items():
            tail = () if lone else label if isinstance(label, tuple) else (label,)
            labels.append((key, *tail))
            values.append(value)
    width = max(map(len, labels), default=1)
    if width == 1:
        return _numbers(pd.Series(values, index=pd.Index([label[0] for label in labels])))
    padded = [label + ("",) * (width - len(label)) for label in labels]
    return _numbers(pd.Series(values, index=pd.MultiIndex.from_tuples(padded)))


def united(first: pd.Index, others: list[pd.Index]) -> pd.Index:
    """Return the labels of `first`, then those that only the others have, in their order."""
    known = dict.fromkeys(first)
    for index in others:
        known.update(dict.fromkeys(index))
    if len(known) == len(first):
        return first
    if isinstance(first, pd.MultiIndex):
        both: pd.Index = pd.MultiIndex.from_tuples(list(known), names=first.names)
        return both
    flat: pd.Index = pd.Index(list(known), name=first.name)
    return flat
