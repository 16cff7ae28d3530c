"""The door for matrices: rows are presynaptic, entries are counts or sizes."""

from __future__ import annotations

import re
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
from connectome_graph.model.columns import as_numbers, missing_ids, root_ids
from connectome_graph.model.domain import Domain
from connectome_graph.model.index import MISSING_ID
from connectome_graph.model.names import ColumnMap
from connectome_graph.model.provenance import Step
from connectome_graph.model.tables import neuron_table

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
        rectangular: rows become the sources and columns the targets of the domain. Labels that
        are digits match integer ids, and 0 is a neuron like any other. Or a square
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
            loaded(neurons, columns=neuron_columns, what="neuron table"),
            columns=neuron_columns,
            resolution_nm=resolution_nm,
            zero="neuron",
            argument="resolution_nm",
        )
    entries, row_ids, column_ids = _entries(matrix, frame)
    if frame is None:
        everyone = pd.unique(np.concatenate([row_ids, column_ids]))
        frame, _ = neuron_table(pd.DataFrame({"root_id": everyone}), zero="neuron")
    _check_labels(row_ids, column_ids, frame)
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

    # in a matrix 0 is a label like any other
    request = Request(synapses=table, neurons=frame, autapses=autapses, zero="neuron")
    return assembled(request, tell, domain=domain)


def _entries(
    matrix: Any, frame: pd.DataFrame | None
) -> tuple[tuple[Any, Any, Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return (row, column, value) of every entry, and the ids of rows and columns."""
    import scipy.sparse

    if isinstance(matrix, pd.DataFrame):
        kind = None if frame is None or not len(frame) else frame.index.to_numpy().dtype
        row_ids, column_ids = _labels(matrix.index, matrix.columns, kind)
        numbers = [
            as_numbers(matrix.iloc[:, i].array, name=str(label))
            for i, label in enumerate(matrix.columns)
        ]
        matrix = np.column_stack(numbers) if numbers else np.empty((len(row_ids), 0))
    else:
        matrix = _square(matrix, None if frame is None else len(frame))
        n = matrix.shape[0]
        row_ids = column_ids = np.arange(1, n + 1) if frame is None else frame.index.to_numpy()
    if scipy.sparse.issparse(matrix):
        entries = scipy.sparse.coo_array(matrix)
        entries.sum_duplicates()
        return (entries.row, entries.col, _wide(entries.data)), row_ids, column_ids
    row, column = np.nonzero(np.nan_to_num(matrix))
    return (row, column, _wide(matrix[row, column])), row_ids, column_ids


def _wide(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.astype(np.int64) if values.dtype.kind == "b" else values


def _square(matrix: Any, n_neurons: int | None) -> Any:
    """Return an array or sparse matrix of numbers, square and in the order of the neurons."""
    import scipy.sparse

    if not scipy.sparse.issparse(matrix):
        try:
            matrix = np.asarray(matrix)
        except ValueError as error:
            raise InvalidTable(f"a matrix needs rows of one length ({error})") from error
    n = matrix.shape[0] if matrix.ndim and n_neurons is None else n_neurons or 0
    if matrix.ndim != 2 or matrix.shape != (n, n):
        raise InvalidTable(
            f"an array needs one row and one column for each of {n:,} neurons; found shape "
            f"{matrix.shape}; give a DataFrame with ids for a rectangular matrix"
        )
    if matrix.dtype.kind not in "iufb":
        raise InvalidTable(f"a matrix needs numbers; found {matrix.dtype}")
    return matrix


def _labels(
    rows: pd.Index, columns: pd.Index, kind: np.dtype[Any] | None
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the ids of rows and columns; labels of digits are those integers, where others are.

    A matrix read back from a file has integers as row labels and text as column labels.
    """
    ids = []
    for labels, name in ((rows, "row labels"), (columns, "column labels")):
        if isinstance(labels, pd.MultiIndex):
            raise InvalidTable(f"the {name} of a matrix need one level; found {labels.nlevels}")
        found = root_ids(labels.array, name=name, missing=MISSING_ID)
        if missing_ids(found).any():
            raise InvalidTable(f"the {name} of a matrix are root ids; some are missing")
        try:
            "".join(found if found.dtype.kind == "O" else ()).encode()
        except UnicodeEncodeError as error:
            raise InvalidTable(f"the {name} of a matrix hold text that is not Unicode") from error
        listed = pd.Index(found, dtype=found.dtype)
        if not listed.is_unique:
            twice = listed[listed.duplicated()][0]
            raise InvalidTable(f"the {name} of a matrix name {twice} more than once")
        ids.append(found)
    text = [each.dtype.kind == "O" and len(each) > 0 for each in ids]
    whole = [each.dtype.kind != "O" and len(each) > 0 for each in ids]
    if kind is not None and kind.kind == "O" and not any(text):
        return ids[0].astype(str).astype(object), ids[1].astype(str).astype(object)
    if any(whole) or (kind is not None and kind.kind != "O"):
        both = zip(ids, text, strict=True)
        ids = [_as_integers(each) if is_text else each for each, is_text in both]
    if all(len(each) for each in ids) and ids[0].dtype != ids[1].dtype:
        raise InvalidTable(
            "the labels of a matrix need to be all integers or all text; found integers for "
            f"{'columns' if text[0] else 'rows'} and text for {'rows' if text[0] else 'columns'}"
        )
    return ids[0], ids[1]


def _as_integers(labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if all(re.fullmatch(r"0|-?[1-9][0-9]{0,17}", label) for label in labels):
        return labels.astype(np.int64)
    return labels


def _check_labels(rows: npt.NDArray[Any], columns: npt.NDArray[Any], frame: pd.DataFrame) -> None:
    for labels, name in ((rows, "row"), (columns, "column")):
        absent = labels[~pd.Index(labels, dtype=labels.dtype).isin(frame.index)]
        if len(absent):
            raise InvalidTable(
                f"{len(absent):,} {name} labels of the matrix are not in the neuron table (first: "
                f"{absent[0]}); leave those {name}s out, or add the neurons"
            )
