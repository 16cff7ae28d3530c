"""Front doors for tables larger than memory: a scan by an engine, then the same graph.

``from_tables`` comes here when an engine is named or the files are too large. The graph is the
one that the in-memory path would have made: the same neurons, edges and counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from connectome_graph.border.arguments import Progress
from connectome_graph.border.progress import rows_read
from connectome_graph.build.partners import addable
from connectome_graph.errors import InvalidArgument, InvalidTable, choice
from connectome_graph.graph.annotation import extended
from connectome_graph.model.columns import column_names, get_column
from connectome_graph.model.counts import check_totals
from connectome_graph.model.expressions.tuples import Filters, told_filters
from connectome_graph.model.index import Codes, SynapseIndex
from connectome_graph.model.names import ColumnMap
from connectome_graph.model.rule import canonical, converted
from connectome_graph.sources.engine._plan import ScanPlan, scan_plan

if TYPE_CHECKING:
    from connectome_graph.sources.engine._scan import ScanCounts

__all__ = [
    "ENGINES",
    "Scan",
    "aggregated",
    "aggregated_index",
    "chosen_engine",
    "filtered",
    "known_rows",
]

#: Engines by name; a ``dask.distributed`` client is one too.
ENGINES = ("memory", "duckdb")


@dataclass(frozen=True)
class Scan:
    """What `from_tables` was asked of a scan.

    Attributes
    ----------
    columns, resolution_nm, filters, box_um
        As in :func:`connectome_graph.from_tables`.
    unknown, autapses
        The named choices.
    memory_limit
        Such as ``"6GB"``.
    progress
        Whether a bar is shown.
    csv, zero
        How separated text is written, and what the id 0 is.
    """

    columns: ColumnMap | None
    resolution_nm: tuple[float, float, float] | None
    filters: Filters | None
    box_um: Any
    unknown: str
    autapses: str
    memory_limit: str | None
    progress: Progress = None
    csv: Mapping[str, Any] | None = None
    zero: str = "raise"

    @property
    def narrows(self) -> bool:
        """Whether rows are filtered at all."""
        return self.box_um is not None or self.filters is not None

    def options(self) -> dict[str, Any]:
        """Return the arguments that make a plan."""
        return {
            "columns": self.columns,
            "filters": self.filters,
            "box_um": self.box_um,
            "resolution_nm": self.resolution_nm,
        }

    def plan(self, path: str | Path) -> ScanPlan:
        """Return the plan for a path."""
        return scan_plan(path, **self.options(), csv=self.csv, zero=self.zero)

    def told(self) -> dict[str, Any]:
        """Return the filters as the provenance keeps them."""
        told: dict[str, Any] = {}
        if self.filters is not None:
            told["filters"] = told_filters(self.filters)
        if self.box_um is not None:
            told["box_um"] = np.asarray(self.box_um, float).tolist()
        return told


def chosen_engine(
    synapses: Any, engine: Any, scan: Scan
) -> tuple[Any, dict[str, Any], ScanPlan | None]:
    """Return the engine to use, what to record of the choice, and the plan where there is one."""
    from connectome_graph.sources.engine._dask import is_client

    is_path = isinstance(synapses, str | Path)
    if scan.memory_limit is not None:
        from connectome_graph.sources.engine._estimate import memory_bytes

        memory_bytes(scan.memory_limit)
    if engine is None:
        if not is_path:
            return "memory", {}, None
        from connectome_graph.sources.engine._estimate import pick

        plan = scan.plan(synapses)
        name, facts = pick(plan, scan.memory_limit)
        return name, facts, plan
    if is_client(engine):
        facts = {"engine": "dask", "engine_chosen": "by name"}
    else:
        choice(engine, ENGINES, name="engine")
        facts = {"engine": engine, "engine_chosen": "by name"}
    if engine == "memory" and not is_path:
        return engine, facts, None
    if not is_path:
        raise InvalidArgument(
            f"engine={facts['engine']!r} reads files; found a table in memory: pass its path, or "
            "leave engine out"
        )
    return engine, facts, scan.plan(synapses)


def filtered(table: Any, scan: Scan, columns: ColumnMap | None) -> tuple[Any, ColumnMap | None]:
    """Return the rows of a table in memory that the filters keep, and its names, settled."""
    from connectome_graph.sources.engine._plan import plan_of_schema
    from connectome_graph.sources.engine._scan import holds

    options = {**scan.options(), "columns": columns}
    own = table.attrs.get("dataframe_resolution") if isinstance(table, pd.DataFrame) else None
    if own is not None and scan.resolution_nm is None and scan.box_um is not None:
        raise InvalidArgument("box_um needs resolution_nm= for positions that are not in um")
    arrow = as_arrow(table)
    plan = plan_of_schema(arrow.schema, rows=arrow, **options)
    rows = pa.array(np.arange(arrow.num_rows))
    name = "row"
    while name in arrow.column_names:
        name += "_"
    kept = holds(arrow.append_column(name, rows), plan).column(name)
    if isinstance(table, pd.DataFrame):
        return table.iloc[np.asarray(kept)], plan.settled(columns)
    # typed by the reading rule: Arrow takes no rows of every layout of text
    return arrow.take(kept), plan.settled(columns)


def as_arrow(table: Any) -> pa.Table:
    """Return a table as an Arrow one, typed by the reading rule; objects of no kind as text."""
    arrays, names = [], column_names(table)
    for name in names:
        if isinstance(table, pa.Table):
            column = table.column(name)
            column = converted(column, canonical(column.type), name=name, where="the table")
        else:
            values = get_column(table, name)
            try:
                column = pa.chunked_array([pa.array(values, from_pandas=True)])
                column = converted(column, canonical(column.type), name=name, where="the table")
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                texts = [None if value is None else str(value) for value in values]
                column = pa.chunked_array([pa.array(texts, pa.string())])
        arrays.append(column)
    return pa.table(arrays, names=names)


def known_rows(
    plan: ScanPlan, frame: pd.DataFrame | None, scan: Scan, engine: Any
) -> tuple[pa.Table, dict[str, Any]]:
    """Return the synapses between known neurons, scanned by DuckDB, and what was left behind.

    The partners that are not neurons never reach this process, so ``unknown`` is settled here.
    """
    from connectome_graph.sources.engine import _dask as dask
    from connectome_graph.sources.engine import _duck as duck

    if dask.is_client(engine):
        raise InvalidArgument(
            "a Dask client aggregates: pass keep='edges', or engine='duckdb' to keep the synapses"
        )
    limit = scan.memory_limit
    if frame is None or scan.unknown == "add":
        with rows_read(scan.progress) as told:
            return duck.all_rows(plan, memory_limit=limit, progress=told), {}
    ids = _compatible(plan, frame)
    with rows_read(scan.progress) as told:
        table, counts = duck.rows(plan, ids, memory_limit=limit, progress=told)
    return table, {**_unknown(counts, scan.unknown), "n_synapse_rows": counts.n_rows}


def aggregated_index(ends: list[Codes], n_neurons: int, columns: Mapping[str, Any]) -> SynapseIndex:
    """Return the index of one row per pair, made from synapse rows in memory."""
    from connectome_graph.sources.engine._edge_runs import reduced

    pre, post = ends
    ends.clear()
    edges = reduced(pre, post, n_neurons, size=columns.get("size"), count=columns.get("count"))
    index = SynapseIndex.from_sorted(edges.pre, edges.post, n_neurons, edges.columns())
    check_totals(index.columns, index.edge_ptr)
    return index


def aggregated(
    plan: ScanPlan, frame: pd.DataFrame | None, scan: Scan, engine: Any
) -> tuple[pd.DataFrame, SynapseIndex, dict[str, Any]]:
    """Return neurons, the index of aggregated edges, and what to record.

    Raises
    ------
    InvalidTable
        When a partner is unknown and ``unknown="raise"``.
    """
    from connectome_graph.sources.engine import _dask as dask
    from connectome_graph.sources.engine import _duck as duck
    from connectome_graph.sources.engine._scan import check_scanned

    facts: dict[str, Any] = {}
    if frame is None or scan.unknown == "add":
        frame, facts = _with_partners(plan, frame, scan)
    ids = _compatible(plan, frame)
    with rows_read(scan.progress) as told:
        if dask.is_client(engine):
            edges, counts = dask.aggregate(engine, plan, ids, autapses=scan.autapses, progress=told)
        else:
            edges, counts = duck.aggregate(
                plan, ids, autapses=scan.autapses, memory_limit=scan.memory_limit, progress=told
            )
    facts |= _unknown(counts, "drop" if scan.unknown == "add" else scan.unknown)
    if counts.n_autapses and scan.autapses == "raise":
        raise InvalidTable(
            f"{counts.n_autapses:,} synapses go from a neuron onto itself; pass autapses='keep' "
            "or 'drop'"
        )
    if counts.n_autapses:
        facts["n_autapse_rows"] = counts.n_autapses
    facts |= {"n_synapse_rows": counts.n_rows, "keep": "edges"}
    if plan.carried.get("count", "count") != "count":
        facts["count_column"] = plan.carried["count"]
    check_scanned(counts)
    columns = edges.columns()
    index = SynapseIndex.from_sorted(edges.pre, edges.post, len(frame), columns)
    check_totals(index.columns, index.edge_ptr)
    return frame, index, facts


def _compatible(plan: ScanPlan, frame: pd.DataFrame) -> Any:
    ids = frame.index.to_numpy()
    if len(ids) and not plan.without_ids and plan.text_ids != (ids.dtype.kind == "O"):
        raise InvalidTable(
            f"the synapse table's ids are {'text' if plan.text_ids else 'integers'} and the neuron "
            f"table's are {'integers' if plan.text_ids else 'text'}; convert one of them"
        )
    return ids if len(ids) else np.empty(0, object if plan.text_ids else np.int64)


def _unknown(counts: ScanCounts, unknown: str) -> dict[str, Any]:
    from connectome_graph.sources.engine._scan import raise_unknown

    raise_unknown(counts, unknown)
    return {"n_dropped_unknown": counts.n_unknown} if counts.n_unknown else {}


def _with_partners(
    plan: ScanPlan, frame: pd.DataFrame | None, scan: Scan
) -> tuple[pd.DataFrame, dict[str, Any]]:
    from connectome_graph.sources.engine import _duck as duck

    if frame is None:
        kind = object if plan.text_ids else np.int64
        frame = pd.DataFrame(index=pd.Index([], name="root_id", dtype=kind))
    partners = duck.partner_ids(plan)
    if len(frame) and len(partners) and partners.dtype != frame.index.to_numpy().dtype:
        _compatible(plan, frame)
    known = frame.index if len(frame) else pd.Index([], dtype=partners.dtype)
    new = partners[~pd.Index(partners).isin(known)]
    new = addable(new, zero=scan.zero)
    return extended(frame, new), {"n_added_neurons": len(new)}
