"""What fractions of inputs and outputs divide by: one number per neuron."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument
from connectome_graph.model import selection as select
from connectome_graph.model.index import IdTable
from connectome_graph.model.labels import column_of

__all__ = ["Total", "totals_of"]

#: A neuron column, or one number per neuron: array in table order, Series or mapping by root id.
Total: TypeAlias = str | pd.Series | Mapping[Any, float] | npt.ArrayLike


def totals_of(neurons: pd.DataFrame, ids: IdTable, total: Any) -> npt.NDArray[np.float64]:
    """Return one total per neuron, NaN where it is missing.

    Raises
    ------
    UnknownName
        When there is no such column, or an id is not a neuron.
    InvalidArgument
        When it holds no numbers, or not one per neuron.

    Examples
    --------
    >>> cells = pd.DataFrame({"all_inputs": [4, None]}, index=pd.Index([7, 8], name="root_id"))
    >>> totals_of(cells, IdTable(cells.index.to_numpy()), "all_inputs")
    array([ 4., nan])
    """
    values = column_of(neurons, total).reset_index(drop=True) if isinstance(total, str) else total
    if isinstance(values, Mapping):
        values = pd.Series(dict(values))
    try:
        if isinstance(values, pd.Series):
            numbers = np.asarray(pd.array(values).to_numpy(dtype=float, na_value=np.nan), float)
        else:
            numbers = np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"total={total!r} holds no numbers") from error
    if isinstance(values, pd.Series) and not isinstance(total, str):
        spread = np.full(len(neurons), np.nan)
        spread[select.codes_of(values.index, ids)] = numbers
        numbers = spread
    if numbers.shape != (len(neurons),):
        raise InvalidArgument(
            f"total needs one number for each of {len(neurons):,} neurons; found shape "
            f"{numbers.shape}"
        )
    return numbers
