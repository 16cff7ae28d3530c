"""The one assembler behind all doors: two tables and a domain become a ConnectomeGraph.

A door says what to read (a :class:`Request`, or the parts that a file of ours holds) and tells
its story of it. Names, kinds, partners, canonical order, domain and provenance are settled here,
once; the graph trusts its tables from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import (
    Autapses,
    InvalidNeurons,
    Keep,
    Progress,
    Unknown,
    Zero,
    check_progress,
    one_of,
)
from connectome_graph.border.progress import rows_read
from connectome_graph.build.engine import (
    Scan,
    aggregated,
    aggregated_index,
    chosen_engine,
    filtered,
    known_rows,
)
from connectome_graph.build.partners import partner_codes
from connectome_graph.build.story import Story, file_names, told
from connectome_graph.errors import InvalidArgument, InvalidTable
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.columns import as_bool, as_table
from connectome_graph.model.counts import check_totals
from connectome_graph.model.domain import Domain
from connectome_graph.model.expressions.tuples import Filters, kept_filters
from connectome_graph.model.index import SynapseIndex
from connectome_graph.model.left_out import LeftOut
from connectome_graph.model.names import (
    ColumnMap,
    by_position,
    is_positional,
    named_positions,
)
from connectome_graph.model.positions import Resolution
from connectome_graph.model.provenance import Provenance
from connectome_graph.model.tables import SynapseTable, Table, neuron_table, synapse_table
from connectome_graph.sources.engine._plan import Box, ScanPlan
from connectome_graph.sources.engine._scan import holds
from connectome_graph.sources.files import find_files, opened

__all__ = ["Request", "Resolution", "TableOrPath", "assembled", "assembled_parts", "loaded"]

TableOrPath: TypeAlias = Table | str | Path

_STATUS = ("status_axon", "status_dendrite")
_OWN = "neuron_resolution_nm"
_KNOWN = ("synapse_id", "count", "size")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a door asks for; the fields are the arguments of :func:`connectome_graph.from_tables`.

    Attributes
    ----------
    synapses, neurons, columns, neuron_columns, resolution_nm, unknown, autapses
        As there; a SynapseTable has its names and types already, and is taken as it is.
    neuron_resolution_nm, invalid_neurons, zero, csv, neuron_csv
        As there.
    filters, box_um, keep, engine, memory_limit, progress
        As there.
    guess_count
        Whether a count under another name is looked for.
    """

    synapses: TableOrPath | SynapseTable
    neurons: TableOrPath | None = None
    columns: ColumnMap | None = None
    neuron_columns: ColumnMap | None = None
    resolution_nm: Resolution | None = None
    neuron_resolution_nm: Resolution | None = None
    unknown: Unknown = "raise"
    autapses: Autapses = "keep"
    invalid_neurons: InvalidNeurons = "raise"
    zero: Zero = "raise"
    csv: Mapping[str, Any] | None = None
    neuron_csv: Mapping[str, Any] | None = None
    guess_count: bool = True
    filters: Filters | None = None
    box_um: Box | None = None
    keep: Keep = "synapses"
    engine: Any = None
    memory_limit: str | None = None
    progress: Progress = None

    def checked(self) -> Request:
        """Return the request, its choices known and together possible."""
        check_progress(self.progress)
        one_of(self.unknown, Unknown, name="unknown")
        one_of(self.autapses, Autapses, name="autapses")
        one_of(self.keep, Keep, name="keep")
        one_of(self.invalid_neurons, InvalidNeurons, name="invalid_neurons")
        one_of(self.zero, Zero, name="zero")
        if isinstance(self.synapses, str | Path):
            find_files(self.synapses)  # a missing file is told before what else is missing
        if self.neurons is None and self.unknown != "add":
            raise InvalidArgument(
                "without a neuron table the neurons that received or sent nothing are unknown; "
                "give neurons=, or pass unknown='add' to take those in the synapse table"
            )
        return self

    def scan(self) -> Scan:
        """Return what an engine needs to know."""
        return Scan(
            self.columns,
            self.resolution_nm,
            kept_filters(self.filters),
            self.box_um,
            self.unknown,
            self.autapses,
            self.memory_limit,
            self.progress,
            csv=self.csv,
            zero=self.zero,
        )

    def neuron_frame(self) -> tuple[pd.DataFrame | None, dict[str, Any]]:
        """Return the neuron table, where one was given, and what was read and dropped."""
        if self.neurons is None:
            return None, {"n_neuron_rows": 0}
        shared = self.neuron_resolution_nm is None
        return neuron_table(
            loaded(
                self.neurons,
                csv=self.neuron_csv,
                columns=self.neuron_columns,
                what="neuron table",
            ),
            columns=self.neuron_columns,
            resolution_nm=self.resolution_nm if shared else self.neuron_resolution_nm,
            invalid=self.invalid_neurons,
            zero=self.zero,
            argument="resolution_nm" if shared and self.resolution_nm is not None else _OWN,
        )


def assembled(
    request: Request, tell: Story, *, domain: Callable[[pd.DataFrame], Domain] | None = None
) -> ConnectomeGraph:
    """Return the graph of a request.

    Parameters
    ----------
    request
        What to read, and the choices.
    tell
        The door's story: facts -> steps of provenance.
    domain
        The domain, as a function of the neuron table; None for every pair.

    Raises
    ------
    InvalidTable
        When a table breaks a validity rule.
    """
    request.checked()
    scan = request.scan()
    checked = request.synapses if isinstance(request.synapses, SynapseTable) else None
    engine, facts, plan = (
        ("memory", {}, None)
        if isinstance(request.synapses, SynapseTable)
        else chosen_engine(request.synapses, request.engine, scan)
    )
    frame, read = request.neuron_frame()
    facts |= read
    facts |= file_names(synapses=request.synapses, neurons=request.neurons)
    if plan is not None and engine != "memory" and request.keep == "edges":
        frame, index, counted = aggregated(plan, frame, scan, engine)
    else:
        left: dict[str, Any] = {}
        if checked is None:
            rows, columns, left = _rows(request.synapses, plan, frame, scan, engine)
            checked = synapse_table(
                rows,
                columns=columns,
                resolution_nm=scan.resolution_nm,
                zero=scan.zero,
                guess_count=request.guess_count,
            )
            del rows
        frame, index, counted = _sorted(checked, frame, scan, request.keep)
        counted |= left
    facts |= counted | {"unknown": request.unknown, "autapses": request.autapses} | scan.told()
    return ConnectomeGraph.from_parts(
        frame,
        index,
        domain=Domain.full(len(frame)) if domain is None else domain(frame),
        provenance=told(Provenance(), tell(facts)),
    )


def loaded(
    table: TableOrPath,
    *,
    csv: Mapping[str, Any] | None = None,
    columns: ColumnMap | None = None,
    what: str = "table",
) -> Any:
    """Return a table that was given as one, or as a path; `columns` may name it by position."""
    if isinstance(table, str | Path):
        return opened(table, csv=csv, header=not is_positional(columns)).read()
    if csv is not None:
        raise InvalidArgument("csv= says how a file is written; found a table in memory")
    if is_positional(columns):
        return table
    if isinstance(table, pd.DataFrame):
        return table  # its index may hold the ids: the table's own check comes later
    return as_table(table, what=what)


def _rows(
    synapses: Any,
    plan: ScanPlan | None,
    frame: pd.DataFrame | None,
    scan: Scan,
    engine: Any,
) -> tuple[Any, ColumnMap | None, dict[str, Any]]:
    """Return the synapse rows to keep in memory, their column map, and what was left behind."""
    if plan is not None and plan.source is not None:
        settled = plan.settled(named_positions(plan.source.schema.names, scan.columns))
        if engine != "memory":
            rows, left = known_rows(plan, frame, scan, engine)
            return rows, settled, left
        with rows_read(scan.progress) as told_rows:
            table = plan.source.read(told=told_rows)
        return holds(table, plan), settled, {}
    table, columns = by_position(loaded(synapses, csv=scan.csv, columns=scan.columns), scan.columns)
    table = as_table(table, what="synapse table")
    if scan.narrows:
        table, columns = filtered(table, scan, columns)
    return table, columns, {}


def _sorted(
    table: SynapseTable, frame: pd.DataFrame | None, scan: Scan, keep: str
) -> tuple[pd.DataFrame, SynapseIndex, dict[str, Any]]:
    """Return neurons, sorted synapses and counts of a table that is in memory."""
    frame = _no_neurons(table) if frame is None else frame
    frame, ends, facts = partner_codes(
        table, frame, unknown=scan.unknown, autapses=scan.autapses, zero=scan.zero
    )
    facts |= table.facts
    facts["n_synapse_rows"] = len(table.pre)
    if keep == "edges":
        facts["keep"] = keep
        return frame, aggregated_index(ends, len(frame), table.columns), facts
    index = SynapseIndex.build(ends, len(frame), table.columns)
    check_totals(index.columns, index.edge_ptr)
    return frame, index, facts


def _no_neurons(table: SynapseTable) -> pd.DataFrame:
    kind = object if table.pre.dtype.kind == "O" else np.int64
    return pd.DataFrame(index=pd.Index([], name="root_id", dtype=kind))


def assembled_parts(
    ids: Any,
    neurons: Mapping[str, Any],
    *,
    pre: Any,
    post: Any,
    synapses: Mapping[str, Any],
    domain: Domain | None,
    provenance: Provenance,
    left_out: LeftOut | None = None,
) -> ConnectomeGraph:
    """Return the graph of parts that have a history: what a file or another program's graph holds.

    Columns keep the names they have; known ones are checked like those of any other table.

    Parameters
    ----------
    ids
        Root ids, one for each neuron, integers or text.
    neurons
        Neuron columns by name, one entry for each neuron.
    pre, post
        Partner ids, one for each synapse row.
    synapses
        Synapse columns by name, one entry for each synapse row.
    domain
        The domain; ``None`` for every pair.
    provenance
        The history, taken as it is.
    left_out
        Inputs that verbs left out of the graph before.

    Raises
    ------
    InvalidTable
        When an id is missing, zero or repeated, a synapse ends outside the neurons, or a known
        column breaks its rule.

    Examples
    --------
    >>> g = assembled_parts(
    ...     [7, 8], {}, pre=[7, 7], post=[8, 8], synapses={}, domain=None, provenance=Provenance()
    ... )
    >>> g.n_synapses, g.n_edges
    (2, 1)
    """
    frame, _ = neuron_table(pd.DataFrame({"root_id": _listed(ids)}), zero="neuron")
    data = {
        name: pd.Series(as_bool(values, name=name) if name in _STATUS else values).array
        for name, values in neurons.items()
    }
    frame = pd.DataFrame(data, index=frame.index)
    known = {n: v for n, v in synapses.items() if n in _KNOWN or n.endswith("_um")}
    ends_and_known = pd.DataFrame({"pre": _listed(pre), "post": _listed(post), **known})
    checked = synapse_table(ends_and_known, guess_count=False, zero="neuron")
    columns = {name: checked.columns.get(name, values) for name, values in synapses.items()}
    table = SynapseTable(checked.pre, checked.post, columns, {})
    if domain is not None and domain.n_neurons != len(frame):
        raise InvalidTable(
            f"the domain speaks of {domain.n_neurons:,} neurons and the table of {len(frame):,}"
        )
    frame, ends, _ = partner_codes(table, frame, unknown="raise", autapses="keep", zero="neuron")
    index = replace(SynapseIndex.build(ends, len(frame), columns), left_out=left_out)
    check_totals(index.columns, index.edge_ptr)
    return ConnectomeGraph.from_parts(
        frame,
        index,
        domain=Domain.full(len(frame)) if domain is None else domain,
        provenance=provenance,
    )


def _listed(values: Any) -> Any:
    if hasattr(values, "dtype"):
        return values
    array = np.empty(len(values), object)
    array[:] = values
    return array
