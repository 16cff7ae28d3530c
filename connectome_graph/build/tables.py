"""The door for tables: synapses, one row each, and neurons become a ConnectomeGraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectome_graph.border.arguments import (
    Autapses,
    InvalidNeurons,
    Keep,
    Progress,
    Unknown,
    Zero,
)
from connectome_graph.build.assembler import Request, Resolution, TableOrPath, assembled
from connectome_graph.build.story import read
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.expressions.tuples import Filters
from connectome_graph.model.names import ColumnMap
from connectome_graph.model.provenance import Step
from connectome_graph.sources.engine._plan import Box

__all__ = ["from_tables", "table_story"]


def from_tables(
    synapses: TableOrPath,
    neurons: TableOrPath | None = None,
    *,
    columns: ColumnMap | None = None,
    neuron_columns: ColumnMap | None = None,
    resolution_nm: Resolution | None = None,
    neuron_resolution_nm: Resolution | None = None,
    unknown: Unknown = "raise",
    autapses: Autapses = "keep",
    invalid_neurons: InvalidNeurons = "raise",
    zero: Zero = "raise",
    filters: Filters | None = None,
    box_um: Box | None = None,
    keep: Keep = "synapses",
    engine: Any = None,
    memory_limit: str | None = None,
    csv: Mapping[str, Any] | None = None,
    neuron_csv: Mapping[str, Any] | None = None,
    progress: Progress = None,
) -> ConnectomeGraph:
    """Return the graph of a synapse table and a neuron table.

    Column names of CAVE and of the public releases are recognised; anything else comes with a
    column map. Every other column is carried along. Whoever wrote a table, and whichever engine
    reads it, its columns have the same kinds (see :doc:`/reading`).

    Parameters
    ----------
    synapses
        One row per synapse, or per connection with a count: DataFrame, Arrow table, anything
        with Arrow's C stream interface (polars, a DuckDB relation), or a path (csv, csv.gz, tsv,
        feather, parquet; a folder or glob of them). Needs ``pre`` and ``post`` (or CAVE's
        ``pre_pt_root_id``, ``post_pt_root_id``). A column ``count``, or one called
        ``syn_count``, ``n_syn``, ``synapse_count``, ``n_synapses`` or ``synapses``, is the
        number of synapses of each row; whole numbers called ``weight``, ``Connectivity`` or
        ``e_weight`` may be one, and `columns` has to say.
    neurons
        One row per neuron, needs ``root_id`` (or ``pt_root_id``) as a column or the index.
        Without it the neurons are those that occur in `synapses`, which must then be said with
        ``unknown="add"``.
    columns, neuron_columns
        Canonical name -> your name, such as ``{"pre": "from", "size": "area"}``; ``None`` as a
        value leaves a column out, such as ``{"position": None}``. Or canonical name -> position
        counted from 0, for a file without a header: ``{"pre": 0, "post": 1}``.
    resolution_nm
        Nanometres per unit of the position columns, ``(4, 4, 40)`` for MICrONS voxels,
        ``(1, 1, 1)`` for nanometres. Positions are stored in um as ``x_um y_um z_um``.
    neuron_resolution_nm
        The same for the neuron table, where it is another one.
    unknown
        What happens to synapses whose partner is not in `neurons`: ``"raise"``, ``"drop"``
        them, or ``"add"`` the partner as a neuron without annotations. Recorded.
    autapses
        ``"keep"`` (in the multigraph, never an edge), ``"drop"`` or ``"raise"``. Recorded.
    invalid_neurons
        What happens to neuron rows with a missing or repeated id: ``"raise"``; ``"drop"`` leaves
        out every one of them; ``"first"`` keeps the first row of each repeated id. Recorded.
    zero
        What the id 0 is: ``"neuron"``, as in matrices, networkx and SONATA; ``"missing"``, as in
        CAVE, where it says that there is no segment; ``"raise"`` asks.
    filters
        Rows to read, as an expression such as ``"size >= 100 and tag in ['spine', 'shaft']"`` (see
        :doc:`/expressions`), or as triples (column, operator, value) that must all hold, such as
        ``[("size", ">=", 100), ("tag", "in", ["spine", "shaft"])]``. Missing values meet no
        comparison. Pushed down into the scan of a file.
    box_um
        Synapses inside ``((x0, x1), (y0, y1), (z0, z1))``, in um.
    keep
        ``"synapses"``, or ``"edges"`` to keep one row per connected pair: ``count``, total
        ``size`` and ``size_max``. Memory then follows the number of edges.
    engine
        ``"memory"``, ``"duckdb"`` (out of core, on this machine), or a ``dask.distributed``
        client. By default files are read in memory when their metadata say that they fit,
        else by DuckDB. Recorded.
    memory_limit
        How much an engine may take, such as ``"6GB"``.
    csv, neuron_csv
        How separated text is written, where the file does not tell: a dictionary with some of
        ``delimiter``, ``encoding``, ``decimal``, ``comment`` and ``header``.
    progress
        Whether reading files shows a bar, in memory file by file and in an engine as rows come:
        None where someone watches and it takes more than a second, True always, False never.

    Returns
    -------
    ConnectomeGraph

    Raises
    ------
    InvalidTable
        When a table breaks a validity rule; the message names the first row.
    UnreadableFile
        When a path cannot be read.
    InvalidArgument, UnknownName
        When a choice or a filter is not one.

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
    return assembled(
        Request(
            synapses=synapses,
            neurons=neurons,
            columns=columns,
            neuron_columns=neuron_columns,
            resolution_nm=resolution_nm,
            neuron_resolution_nm=neuron_resolution_nm,
            unknown=unknown,
            autapses=autapses,
            invalid_neurons=invalid_neurons,
            zero=zero,
            csv=csv,
            neuron_csv=neuron_csv,
            filters=filters,
            box_um=box_um,
            keep=keep,
            engine=engine,
            memory_limit=memory_limit,
            progress=progress,
        ),
        table_story,
    )


def table_story(facts: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return what the door of synapse tables says of what it read."""
    return (Step("from_tables", read(facts), facts),)
