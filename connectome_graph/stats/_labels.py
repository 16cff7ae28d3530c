"""Types of neurons as codes: the column that a statistic is split by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.errors import InvalidArgument

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["to_matrix", "type_codes", "type_pairs"]


def type_codes(g: ConnectomeGraph, by: By) -> tuple[npt.NDArray[np.int64], pd.Index]:
    """Return the type of every neuron as a code, -1 where it has none, and the types.

    Types are sorted, or in the order of their categories when the column is categorical.

    Raises
    ------
    UnknownName
        When there is no such neuron column.
    InvalidArgument
        When no neuron has a type.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["BC", None, "23P"]})
    >>> g = cg.from_tables(pd.DataFrame({"pre": [1], "post": [2]}), cells)
    >>> codes, types = type_codes(g, "cell_type")
    >>> codes.tolist(), list(types)
    ([1, -1, 0], ['23P', 'BC'])
    """
    types = g.labels(by)
    if not len(types):
        raise InvalidArgument(f"no neuron has a value in {by!r}, so there are no types")
    return types.codes, types.names


def to_matrix(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return one column of a long type table as a matrix: rows presynaptic types.

    Parameters
    ----------
    table
        A table with ``pre_type`` and ``post_type``, as :func:`type_matrix` returns.
    value
        The column that fills the matrix.

    Raises
    ------
    InvalidArgument
        When the table has no such column or is not a long type table.

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({"pre_type": ["A"], "post_type": ["B"], "probability": [0.5]})
    >>> to_matrix(long, "probability").loc["A", "B"].item()
    0.5
    """
    missing = [name for name in ("pre_type", "post_type", value) if name not in table]
    if missing:
        raise InvalidArgument(
            f"a long type table needs {', '.join(missing)}; found "
            f"{', '.join(map(str, table.columns))}"
        )
    rows, columns = (pd.unique(table[end]) for end in ("pre_type", "post_type"))
    matrix = table.pivot(index="pre_type", columns="post_type", values=value)  # noqa: PD010
    return matrix.reindex(index=rows, columns=columns)


def type_pairs(types: pd.Index) -> dict[str, Any]:
    """Return the two label columns of a long type table, one row an ordered pair of types."""
    return {
        "pre_type": types.repeat(len(types)),
        "post_type": types[np.tile(np.arange(len(types)), len(types))],
    }
