"""Front doors: tables, edge lists and matrices become a ConnectomeGraph.

Everything is validated here, once; the graph trusts its tables from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.annotation import extended
from connectome_graph.domain import Domain
from connectome_graph.errors import InvalidArgument, InvalidTable, choice
from connectome_graph.graph import ConnectomeGraph
from connectome_graph.index import Codes, IdTable, SynapseIndex
from connectome_graph.provenance import Provenance
from connectome_graph.sources.files import read_table
from connectome_graph.tables import ColumnMap, SynapseTable, Table, neuron_table, synapse_table

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
    table = synapse_table(_loaded(synapses), columns=columns, resolution_nm=resolution_nm)
    if neurons is None:
        if unknown != "add":
            raise InvalidArgument(
                "without a neuron table the neurons that received or sent nothing are unknown; "
                "give neurons=, or pass unknown='add' to take those in the synapse table"
            )
        frame, facts = _no_neurons(table), _facts(n_neuron_rows=0)
    else:
        frame, facts = neuron_table(
            _loaded(neurons),
            columns=neuron_columns,
            resolution_nm=resolution_nm,
            invalid=invalid_neurons,
        )
    facts |= table.facts | _paths(synapses=synapses, neurons=neurons)
    frame, ends, counted = _partners(table, frame, unknown)
    facts |= counted | _autapses(ends, autapses)
    index = SynapseIndex.build(ends, len(frame), table.columns)
    facts |= {"n_synapse_rows": len(table.pre), "unknown": unknown, "autapses": autapses}
    provenance = Provenance().then("from_tables", _sentence(facts), **facts)
    return ConnectomeGraph._new(frame, index, Domain.full(len(frame)), provenance)


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
    facts = {**step.facts, **_paths(synapses=edges, neurons=neurons)}
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


def _paths(**tables: Any) -> dict[str, str]:
    """Return the file names of tables given as paths, without their folders."""
    return {
        f"{name}_file": Path(table).name
        for name, table in tables.items()
        if isinstance(table, str | Path)
    }


def _no_neurons(table: SynapseTable) -> pd.DataFrame:
    kind = object if table.pre.dtype.kind == "O" else np.int64
    return pd.DataFrame(index=pd.Index([], name="root_id", dtype=kind))


def _partners(
    table: SynapseTable, frame: pd.DataFrame, unknown: str
) -> tuple[pd.DataFrame, list[Codes], dict[str, Any]]:
    """Return the neurons and the codes of both partners; unknown rows carry -1 when dropped."""
    text = table.pre.dtype.kind == "O"
    ids = frame.index.to_numpy()
    if len(ids) and len(table.pre) and text != (ids.dtype.kind == "O"):
        raise InvalidTable(
            f"the synapse table's ids are {'text' if text else 'integers'} and the neuron "
            f"table's are {'integers' if text else 'text'}; convert one, for instance with "
            ".astype('int64')"
        )
    lookup = IdTable(ids)
    if not len(table.pre):
        return frame, [np.empty(0, np.int32), np.empty(0, np.int32)], {}
    pre, post = lookup.encode(table.pre), lookup.encode(table.post)
    lost = int(((pre < 0) | (post < 0)).sum())
    if not lost:
        return frame, [pre, post], {}
    if unknown == "drop":
        return frame, [pre, post], {"n_dropped_unknown": lost}
    first = int(np.flatnonzero((pre < 0) | (post < 0))[0])
    end = "pre" if pre[first] < 0 else "post"
    told = f"first: row {first}, {end}={getattr(table, end)[first]}"
    if unknown == "raise":
        raise InvalidTable(
            f"{lost:,} of {len(pre):,} synapses end outside the neuron table ({told}); pass "
            "unknown='drop' to leave them out, or unknown='add' to add their partners"
        )
    new = np.unique(np.concatenate([table.pre[pre < 0], table.post[post < 0]]))
    if new[0] in ("", 0):
        empty = (table.pre == new[0]) | (table.post == new[0])
        raise InvalidTable(
            f"{int(empty.sum()):,} synapses have a missing or zero partner id (first: row "
            f"{int(np.flatnonzero(empty)[0])}), which cannot be added as a neuron; leave those "
            "rows out before, or pass unknown='drop'"
        )
    grown = extended(frame, new)
    lookup = IdTable(grown.index.to_numpy())
    ends = [lookup.encode(table.pre), lookup.encode(table.post)]
    return grown, ends, {"n_added_neurons": len(new)}


def _autapses(ends: list[Codes], autapses: str) -> dict[str, int]:
    """Count self-synapses; under ``"drop"`` mark them with a negative code."""
    pre, post = ends
    own = (pre == post) & (pre >= 0)
    count = int(own.sum())
    if count and autapses == "raise":
        raise InvalidTable(
            f"{count:,} synapses go from a neuron onto itself (first: row "
            f"{int(np.flatnonzero(own)[0])}); pass autapses='keep' or 'drop'"
        )
    if count and autapses == "drop":
        pre[own] = -1
    return {"n_autapse_rows": count} if count else {}


def _sentence(facts: Mapping[str, Any]) -> str:
    """Return what was read and what became of it, as one sentence."""

    def rows(key: str, noun: str) -> str:
        return f"{facts[key]:,} {noun} row{'' if facts[key] == 1 else 's'}"

    parts = [f"{rows('n_synapse_rows', 'synapse')} and {rows('n_neuron_rows', 'neuron')} were read"]
    for key, noun, text in (
        ("n_missing_or_zero_ids", "neuron", "with a missing or zero id {} dropped"),
        ("n_duplicate_id_rows", "neuron", "with a repeated id {} dropped"),
        ("n_dropped_unknown", "synapse", "with a partner outside the neuron table {} dropped"),
    ):
        if facts.get(key):
            parts.append(f"{rows(key, noun)} {text.format('was' if facts[key] == 1 else 'were')}")
    if facts.get("n_added_neurons"):
        parts.append(f"{facts['n_added_neurons']:,} partners were added as neurons")
    if facts.get("n_autapse_rows"):
        fate = "kept outside the domain" if facts["autapses"] == "keep" else "dropped"
        verb = "was" if facts["n_autapse_rows"] == 1 else "were"
        parts.append(f"{rows('n_autapse_rows', 'autapse')} {verb} {fate}")
    if "synapse_positions" in facts:
        parts.append(f"synapse positions: {facts['synapse_positions']}")
    return "; ".join(parts) + "."
