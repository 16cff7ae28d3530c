"""The door for edge lists: connections whose synapses are counted become a ConnectomeGraph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectome_graph.border.arguments import Autapses, InvalidNeurons, Unknown, Zero
from connectome_graph.build.assembler import (
    Request,
    Resolution,
    TableOrPath,
    assembled,
    loaded,
)
from connectome_graph.build.story import read
from connectome_graph.errors import InvalidTable
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.columns import as_table, column_names, get_column
from connectome_graph.model.counts import count_column
from connectome_graph.model.names import (
    SYNAPSE_NAMES,
    ColumnMap,
    by_position,
    is_positional,
    named_positions,
    resolved_names,
)
from connectome_graph.model.provenance import Step
from connectome_graph.sources.engine._plan import ids_of_one_kind
from connectome_graph.sources.files import opened

__all__ = ["counted", "edge_story", "from_edges"]


def from_edges(
    edges: TableOrPath,
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
    csv: Mapping[str, Any] | None = None,
    neuron_csv: Mapping[str, Any] | None = None,
) -> ConnectomeGraph:
    """Return the graph of an edge list in which synapses are already counted.

    The same as :func:`from_tables` for a table with one row per connected pair: ``pre``,
    ``post``, ``count`` (number of synapses, at least 1) and, if known, ``size`` (their total).

    Parameters
    ----------
    edges
        DataFrame, Arrow table or path.
    neurons, columns, neuron_columns, resolution_nm, neuron_resolution_nm, unknown, autapses
        As in :func:`from_tables`.
    invalid_neurons, zero, csv, neuron_csv
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
    request = Request(
        synapses=edges,
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
    )
    return assembled(counted(request), edge_story)


def counted(request: Request) -> Request:
    """Return the request with its edge list read, which has to have a count."""
    table: Any = request.synapses
    if isinstance(table, str | Path):
        source = opened(table, csv=request.csv, header=not is_positional(request.columns))
        columns = named_positions(source.schema.names, request.columns)
        table = ids_of_one_kind(source, columns).read()
    else:
        table = loaded(table, csv=request.csv, columns=request.columns)
        table, columns = by_position(table, request.columns)
    table = as_table(table, what="edge list")
    names = column_names(table)
    found = count_column(
        resolved_names(table, SYNAPSE_NAMES, columns, "edge"),
        names,
        lambda name: get_column(table, name),
    )
    own = found.get("count", "count")
    if own is None or own not in names:
        raise InvalidTable(
            f"an edge list needs a 'count' column, the number of synapses of each pair; found "
            f"{', '.join(names)}; name yours with columns={{'count': '<your column>'}}, or use "
            "from_tables when every row is one synapse"
        )
    return replace(request, synapses=table, columns=columns, csv=None)


def edge_story(facts: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return what the door of edge lists says of what it read."""
    return (Step("from_edges", read(facts, noun="edge"), facts),)
