"""How completely a neuron was seen: the share of its outputs, or of its inputs, that is traced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean
from connectome_graph.model.completeness import completeness, tier_table

__all__ = ["RecallOf", "read_recall", "recall_values"]

#: A number for all, a neuron column, or a column and a table from its values to recalls.
RecallOf: TypeAlias = float | str | tuple[str, Mapping[Any, float]]


def recall_values(
    neurons: pd.DataFrame, recall: RecallOf, *, name: str
) -> tuple[npt.NDArray[np.float64], str]:
    """Return the recall of every neuron, NaN where not known, and where it came from.

    Raises
    ------
    InvalidArgument
        When a recall is not between 0 and 1, or the source of it is of another kind.
    UnknownName
        When there is no such column.

    Examples
    --------
    >>> neurons = pd.DataFrame({"tier": ["full", "part", None]})
    >>> recall_values(neurons, ("tier", {"full": 0.95, "part": 0.4}), name="axon")[0].tolist()
    [0.95, 0.4, nan]
    """
    given: Any = recall
    if isinstance(given, bool) or not isinstance(given, int | float | str | tuple):
        raise InvalidArgument(
            f"{name}={recall!r}; a recall is a number from 0 to 1, a neuron column, or a pair "
            "(column, {value: recall})"
        )
    if isinstance(recall, int | float):
        return _checked(np.full(len(neurons), float(recall)), name), f"{recall:g} for all"
    column, table = (recall, None) if isinstance(recall, str) else recall
    if column not in neurons.columns:
        raise UnknownName(
            f"the neurons have no column {column!r}.{did_you_mean(column, map(str, neurons))} "
            f"Columns: {', '.join(map(str, neurons)) or 'none'}"
        )
    values = neurons[column]
    if table is None:
        if not pd.api.types.is_numeric_dtype(values.dtype):
            raise InvalidArgument(
                f"{name}={column!r} holds {values.dtype} and a recall is a number; give a table "
                f"with it: {name}=({column!r}, {{'<value>': 0.9}})"
            )
        return _checked(values.to_numpy(float, na_value=np.nan), name), f"column {column!r}"
    codes, names = pd.factorize(values)
    by_name = np.array([*(float(table.get(each, np.nan)) for each in names), np.nan])
    return _checked(by_name[codes], name), f"column {column!r} by a table of {len(table)} values"


def read_recall(
    neurons: pd.DataFrame, tiers: Any
) -> dict[str, tuple[npt.NDArray[np.float64], str]]:
    """Return the recall columns that the columns of a release give, with where from.

    Raises
    ------
    InvalidArgument
        When no column says how completely neurons were seen.
    """
    table = tier_table(tiers)
    found: dict[str, tuple[npt.NDArray[np.float64], str]] = {}
    for end in ("axon", "dendrite"):
        read = completeness(neurons, end, table)
        if read is None or np.isnan(read.recall).all():
            continue
        found[f"{end}_recall"] = read.recall, read.where
        if read.sd is not None:
            found[f"{end}_recall_sd"] = read.sd, "the same"
    if not found:
        raise InvalidArgument(
            "no neuron column says how completely neurons were seen (a fraction such as "
            "axon_completeness, truncated ends, strategy_axon, axon_trust, cropped, proofread); "
            "give axon=, dendrite= or both"
        )
    return found


def _checked(values: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
    known = values[~np.isnan(values)]
    if ((known < 0) | (known > 1)).any():
        bad = known[(known < 0) | (known > 1)][0]
        raise InvalidArgument(
            f"{name}: a recall is a share between 0 and 1; found {bad:g} (percentages need / 100)"
        )
    return values
