"""The door for matrices: rows are presynaptic, entries are counts or sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Autapses, one_of
from connectome_graph.build.assembler import (
    Request,
    Resolution,
    TableOrPath,
    assembled,
    loaded,
)
from connectome_graph.errors import InvalidTable
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.domain import Domain
from connectome_graph.model.provenance import Step
from connectome_graph.model.tables import ColumnMap, neuron_table

#: What the numbers of a matrix are.
MatrixValues = Literal["count", "size"]

__all__ = ["from_adjacency"]


def from_adjacency(
    matrix: Any,
    neurons: TableOrPath | None = None,
    *,
    values: MatrixValues = "count",
    neuron_columns: ColumnMap | None = None,
    resolution_nm: Resolution | None = None,
    autapses: Autapses = "keep",
) -> ConnectomeGraph:
    """Return the graph of an adjacency matrix; rows are presynaptic.

    Parameters
    ----------
    matrix
        DataFrame with root ids as index (presynaptic) and columns (postsynaptic), square or
        rectangular: rows become the sources and columns the targets of the domain. Or a square
        array or scipy sparse matrix in the order of `neurons`. A stored entry of a sparse
        matrix is an edge, also where it is 0 and `values` is ``"size"``; in a dense matrix
        entries other than 0 and NaN are.
    neurons
        Neuron table; without it the ids are those of the DataFrame, or 1, 2, ... for an array.
    values
        ``"count"`` when entries are numbers of synapses, ``"size"`` when they are totals of
        another weight (each edge then counts as one row).
    neuron_columns, resolution_nm, autapses
        As in :func:`from_tables`.

    Raises
    ------
    InvalidTable
        When shapes do not match, or counts are not whole numbers.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3], [1, 0]])
    >>> g.edges["count"].tolist()
    [3, 1]
    """
    one_of(values, MatrixValues, name="values")
    frame = None
    if neurons is not None:
        frame, _ = neuron_table(
            loaded(neurons), columns=neuron_columns, resolution_nm=resolution_nm
        )
    entries, row_ids, column_ids = _entries(matrix, frame)
    if frame is None:
        everyone = pd.unique(np.concatenate([row_ids, column_ids]))
        frame, _ = neuron_table(pd.DataFrame({"root_id": everyone}))
    row, column, value = entries
    table = pd.DataFrame({"pre": row_ids[row], "post": column_ids[column], values: value})

    def domain(neurons: pd.DataFrame) -> Domain:
        if set(row_ids) == set(column_ids) == set(neurons.index):
            return Domain.full(len(neurons))
        return Domain(neurons.index.isin(row_ids), neurons.index.isin(column_ids), "matrix")

    def tell(_: Mapping[str, Any]) -> tuple[Step, ...]:
        shape = (len(row_ids), len(column_ids))
        sentence = (
            f"A matrix of {shape[0]:,} x {shape[1]:,} with {len(table):,} entries ({values}) was "
            "read."
        )
        facts = {"shape": shape, "values": values, "autapses": autapses, "n_entries": len(table)}
        return (Step("from_adjacency", sentence, facts),)

    return assembled(Request(synapses=table, neurons=frame, autapses=autapses), tell, domain=domain)


def _entries(
    matrix: Any, frame: pd.DataFrame | None
) -> tuple[tuple[Any, Any, Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return (row, column, value) of every entry, and the ids of rows and columns."""
    import scipy.sparse

    if isinstance(matrix, pd.DataFrame):
        row_ids, column_ids = matrix.index.to_numpy(), matrix.columns.to_numpy()
        matrix = matrix.to_numpy()
    else:
        matrix = matrix if scipy.sparse.issparse(matrix) else np.asarray(matrix)
        n = matrix.shape[0] if matrix.ndim else 0
        ids = np.arange(1, n + 1) if frame is None else frame.index.to_numpy()
        if matrix.ndim != 2 or matrix.shape != (len(ids), len(ids)):
            raise InvalidTable(
                f"an array needs one row and one column for each of {len(ids):,} neurons; found "
                f"shape {matrix.shape}; give a DataFrame with ids for a rectangular matrix"
            )
        row_ids = column_ids = ids
    if scipy.sparse.issparse(matrix):
        entries = scipy.sparse.coo_array(matrix)
        return (entries.row, entries.col, entries.data), row_ids, column_ids
    if matrix.dtype.kind not in "iufb":
        raise InvalidTable(f"a matrix needs numbers; found {matrix.dtype}")
    row, column = np.nonzero(np.nan_to_num(matrix))
    return (row, column, matrix[row, column]), row_ids, column_ids
