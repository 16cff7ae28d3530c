"""Front doors: tables, edge lists and matrices become a ConnectomeGraph.

Everything is validated here, once; the graph trusts its tables from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.build.engine import (
    Scan,
    aggregated,
    aggregated_index,
    chosen_engine,
    filtered,
    known_rows,
)
from connectome_graph.build.partners import partner_codes
from connectome_graph.build.reading import file_names, sentence
from connectome_graph.errors import InvalidArgument, InvalidTable, choice
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.domain import Domain
from connectome_graph.model.index import SynapseIndex
from connectome_graph.model.provenance import Provenance
from connectome_graph.model.tables import (
    ColumnMap,
    SynapseTable,
    Table,
    neuron_table,
    synapse_table,
)
from connectome_graph.sources.engine._plan import Box, Filter, ScanPlan
from connectome_graph.sources.files import read_table

__all__ = ["from_adjacency", "from_edges", "from_tables"]

TableOrPath: TypeAlias = Table | str | Path
Resolution: TypeAlias = tuple[float, float, float]


def from_tables(
    synapses: TableOrPath,
    neurons: TableOrPath | None = None,
    *,
    columns: ColumnMap | None = None,
    neuron_columns: ColumnMap | None = None,
    resolution_nm: Resolution | None = None,
    unknown: str = "raise",
    autapses: str = "keep",
    invalid_neurons: str = "raise",
    filters: Iterable[Filter] | None = None,
    box_um: Box | None = None,
    keep: str = "synapses",
    engine: Any = None,
    memory_limit: str | None = None,
) -> ConnectomeGraph:
    """Return the graph of a synapse table and a neuron table.

    Column names of CAVE and of the public MICrONS tables are recognised; anything else comes
    with a column map. Every other column is carried along.

    Parameters
    ----------
    synapses
        One row a synapse: DataFrame, Arrow table, or a path (csv, csv.gz, tsv, feather,
        parquet; a folder or glob of them). Needs ``pre`` and ``post`` (or CAVE's
        ``pre_pt_root_id``, ``post_pt_root_id``).
    neurons
        One row a neuron, needs ``root_id`` (or ``pt_root_id``). Without it the neurons are
        those that occur in `synapses`, which must then be said with ``unknown="add"``.
    columns, neuron_columns
        Canonical name -> your name, such as ``{"pre": "from", "size": "area"}``. ``None`` as a
        value leaves a column out, such as ``{"position": None}``.
    resolution_nm
        Nanometres per unit of the position columns, ``(4, 4, 40)`` for MICrONS voxels,
        ``(1, 1, 1)`` for nanometres. Positions are stored in um as ``x_um y_um z_um``.
    unknown
        What happens to synapses whose partner is not in `neurons`: ``"raise"``, ``"drop"``
        them, or ``"add"`` the partner as a neuron without annotations. Recorded.
    autapses
        ``"keep"`` (in the multigraph, never an edge), ``"drop"`` or ``"raise"``. Recorded.
    invalid_neurons
        What happens to neuron rows with a missing, zero or repeated id: ``"raise"`` or
        ``"drop"`` all of them. Recorded.
    filters
        Rows to read: triples (column, operator, value) that must all hold, such as
        ``[("size", ">=", 100), ("tag", "in", ["spine", "shaft"])]``; operators are
        ``== != < <= > >= in`` and ``not in``. Pushed down into the scan of a file.
    box_um
        Synapses inside ``((x0, x1), (y0, y1), (z0, z1))``, in um.
    keep
        ``"synapses"``, or ``"edges"`` to keep one row a connected pair: ``count``, total
        ``size`` and ``size_max``. Memory then follows the number of edges.
    engine
        ``"memory"``, ``"duckdb"`` (out of core, on this machine), or a ``dask.distributed``
        client. By default files are read in memory when their metadata say that they fit,
        else by DuckDB. Recorded.
    memory_limit
        How much an engine may take, such as ``"6GB"``.

    Returns
    -------
    ConnectomeGraph

    Raises
    ------
    InvalidTable
        When a table breaks a validity rule; the message names the first row.
    UnreadableFile
        When a path cannot be read.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> synapses = pd.DataFrame(
    ...     {"pre_pt_root_id": [1, 1, 2], "post_pt_root_id": [2, 2, 9], "size": [10, 30, 5]}
    ... )
    >>> cells = pd.DataFrame({"pt_root_id": [1, 2], "cell_type": ["23P", "BC"]})
    >>> g = cg.from_tables(synapses, cells, unknown="drop")
    >>> print(g.provenance)
    3 synapse rows and 2 neuron rows were read; 1 synapse row with a partner outside the neuron \
table was dropped.
    """
    choice(unknown, ("raise", "drop", "add"), name="unknown")
    choice(autapses, ("keep", "drop", "raise"), name="autapses")
    choice(keep, ("synapses", "edges"), name="keep")
    if neurons is None and unknown != "add":
        raise InvalidArgument(
            "without a neuron table the neurons that received or sent nothing are unknown; "
            "give neurons=, or pass unknown='add' to take those in the synapse table"
        )
    wanted = None if filters is None else tuple(filters)
    scan = Scan(columns, resolution_nm, wanted, box_um, unknown, autapses, memory_limit)
    engine, facts, plan = chosen_engine(synapses, engine, scan)
    frame, read = None, _facts(n_neuron_rows=0)
    if neurons is not None:
        frame, read = neuron_table(
            _loaded(neurons),
            columns=neuron_columns,
            resolution_nm=resolution_nm,
            invalid=invalid_neurons,
        )
    facts |= read | file_names(synapses=synapses, neurons=neurons)
    if plan is not None and engine != "memory" and keep == "edges":
        frame, index, counted = aggregated(plan, frame, scan, engine)
    else:
        rows, left = _rows(synapses, plan, frame, scan, engine)
        frame, index, counted = _sorted(rows, frame, scan, keep)
        counted |= left
    facts |= counted | {"unknown": unknown, "autapses": autapses} | scan.told()
    provenance = Provenance().then("from_tables", sentence(facts), **facts)
    return ConnectomeGraph._new(frame, index, Domain.full(len(frame)), provenance)


def _rows(
    synapses: TableOrPath,
    plan: ScanPlan | None,
    frame: pd.DataFrame | None,
    scan: Scan,
    engine: Any,
) -> tuple[Table, dict[str, Any]]:
    """Return the synapse rows to keep in memory, and what was left behind on the way."""
    if plan is not None and engine != "memory":
        return known_rows(plan, frame, scan, engine)
    table = _loaded(synapses)
    return (filtered(table, scan), {}) if scan.narrows else (table, {})


def _sorted(
    rows: Table, frame: pd.DataFrame | None, scan: Scan, keep: str
) -> tuple[pd.DataFrame, SynapseIndex, dict[str, Any]]:
    """Return neurons, sorted synapses and counts of a table that is in memory."""
    table = synapse_table(rows, columns=scan.columns, resolution_nm=scan.resolution_nm)
    frame = _no_neurons(table) if frame is None else frame
    frame, ends, facts = partner_codes(table, frame, unknown=scan.unknown, autapses=scan.autapses)
    facts |= table.facts
    facts["n_synapse_rows"] = len(table.pre)
    if keep == "edges":
        facts["keep"] = keep
        return frame, aggregated_index(ends, len(frame), table.columns), facts
    return frame, SynapseIndex.build(ends, len(frame), table.columns), facts


def from_edges(
    edges: TableOrPath,
    neurons: TableOrPath | None = None,
    *,
    columns: ColumnMap | None = None,
    neuron_columns: ColumnMap | None = None,
    resolution_nm: Resolution | None = None,
    unknown: str = "raise",
    autapses: str = "keep",
    invalid_neurons: str = "raise",
) -> ConnectomeGraph:
    """Return the graph of an edge list in which synapses are already counted.

    The same as :func:`from_tables` for a table with one row a connected pair: ``pre``,
    ``post``, ``count`` (number of synapses, at least 1) and, if known, ``size`` (their total).

    Parameters
    ----------
    edges
        DataFrame, Arrow table or path.
    neurons, columns, neuron_columns, resolution_nm, unknown, autapses, invalid_neurons
        As in :func:`from_tables`.

    Raises
    ------
    InvalidTable
        When ``count`` is missing or a row breaks a validity rule.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> edges = pd.DataFrame({"source": ["AVAL"], "target": ["VA1"], "weight": [12]})
    >>> names = {"pre": "source", "post": "target", "count": "weight"}
    >>> g = cg.from_edges(edges, columns={**names}, unknown="add")
    >>> g.n_synapses, g.n_edges
    (12, 1)
    """
    table = _loaded(edges)
    own = (columns or {}).get("count", "count")
    names = table.column_names if isinstance(table, pa.Table) else list(map(str, table.columns))
    if own is None or own not in names:
        raise InvalidTable(
            f"an edge list needs a 'count' column, the number of synapses of each pair; found "
            f"{', '.join(names)}; name yours with columns={{'count': '<your column>'}}, or use "
            "from_tables when every row is one synapse"
        )
    g = from_tables(
        table,
        neurons,
        columns=columns,
        neuron_columns=neuron_columns,
        resolution_nm=resolution_nm,
        unknown=unknown,
        autapses=autapses,
        invalid_neurons=invalid_neurons,
    )
    step = g.provenance.steps[0]
    sentence = step.sentence.replace("synapse row", "edge row")
    facts = {**step.facts, **file_names(synapses=edges, neurons=neurons)}
    provenance = Provenance().then("from_edges", sentence, **facts)
    return ConnectomeGraph._new(g._neurons, g._index, g._domain, provenance, ids=g._ids)


def from_adjacency(
    matrix: Any,
    neurons: TableOrPath | None = None,
    *,
    values: str = "count",
    neuron_columns: ColumnMap | None = None,
    resolution_nm: Resolution | None = None,
    autapses: str = "keep",
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
    choice(values, ("count", "size"), name="values")
    frame = None
    if neurons is not None:
        frame, _ = neuron_table(
            _loaded(neurons), columns=neuron_columns, resolution_nm=resolution_nm
        )
    rows, row_ids, column_ids = _entries(matrix, frame)
    if frame is None:
        everyone = pd.unique(np.concatenate([row_ids, column_ids]))
        frame, _ = neuron_table(pd.DataFrame({"root_id": everyone}))
    data = {"pre": row_ids[rows[0]], "post": column_ids[rows[1]], values: rows[2]}
    table = pd.DataFrame(data)
    if values == "count":
        g = from_edges(table, frame, autapses=autapses)
    else:
        g = from_tables(table, frame, autapses=autapses)
    domain = Domain.full(len(frame))
    if not (set(row_ids) == set(column_ids) == set(frame.index)):
        domain = Domain(frame.index.isin(row_ids), frame.index.isin(column_ids), "matrix")
    provenance = Provenance().then(
        "from_adjacency",
        f"A matrix of {len(row_ids):,} x {len(column_ids):,} with {len(table):,} entries "
        f"({values}) was read.",
        shape=(len(row_ids), len(column_ids)),
        values=values,
        autapses=autapses,
        n_entries=len(table),
    )
    return ConnectomeGraph._new(g._neurons, g._index, domain, provenance, ids=g._ids)


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


def _facts(**facts: Any) -> dict[str, Any]:
    return facts


def _loaded(table: TableOrPath) -> Table:
    if isinstance(table, str | Path):
        return read_table(table)
    if isinstance(table, pd.DataFrame | pa.Table):
        return table
    raise InvalidArgument(
        f"a table is a pandas DataFrame, a pyarrow Table or a path; found {type(table).__name__}"
    )


def _no_neurons(table: SynapseTable) -> pd.DataFrame:
    kind = object if table.pre.dtype.kind == "O" else np.int64
    return pd.DataFrame(index=pd.Index([], name="root_id", dtype=kind))
