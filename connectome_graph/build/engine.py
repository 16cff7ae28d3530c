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
from connectome_graph.errors import InvalidArgument, InvalidTable, choice
from connectome_graph.graph.annotation import extended
from connectome_graph.model.expressions.tuples import Filters, told_filters
from connectome_graph.model.index import Codes, SynapseIndex
from connectome_graph.model.tables import ColumnMap
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
    """

    columns: ColumnMap | None
    resolution_nm: tuple[float, float, float] | None
    filters: Filters | None
    box_um: Any
    unknown: str
    autapses: str
    memory_limit: str | None
    progress: Progress = None

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
        return scan_plan(path, **self.options())

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


def filtered(table: Any, scan: Scan) -> pa.Table:
    """Return the rows of a table in memory that the filters keep."""
    from connectome_graph.sources.engine._plan import plan_of_schema
    from connectome_graph.sources.engine._scan import holds

    if isinstance(table, pd.DataFrame):
        resolution = table.attrs.get("dataframe_resolution")
        table = pa.Table.from_pandas(table, preserve_index=False)
        if resolution is not None and scan.resolution_nm is None and scan.box_um is not None:
            raise InvalidArgument("box_um needs resolution_nm= for positions that are not in um")
    return holds(table, plan_of_schema(table.schema, **scan.options()))


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
    if frame is None or scan.unknown == "add":
        ids = duck.partner_ids(plan)
        return duck.rows(plan, ids, memory_limit=scan.memory_limit)[0], {}
    ids = _compatible(plan, frame)
    table, counts = duck.rows(plan, ids, memory_limit=scan.memory_limit)
    return table, {**_unknown(counts, scan.unknown), "n_synapse_rows": counts.n_rows}


def aggregated_index(ends: list[Codes], n_neurons: int, columns: Mapping[str, Any]) -> SynapseIndex:
    """Return the index of one row per pair, made from synapse rows in memory."""
    from connectome_graph.sources.engine._edge_runs import reduced

    pre, post = ends
    ends.clear()
    edges = reduced(pre, post, n_neurons, size=columns.get("size"), count=columns.get("count"))
    return SynapseIndex.from_sorted(edges.pre, edges.post, n_neurons, edges.columns())


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

    facts: dict[str, Any] = {}
    if frame is None or scan.unknown == "add":
        frame, facts = _with_partners(plan, frame)
    ids = _compatible(plan, frame)
    with rows_read(scan.progress) as told:
        if dask.is_client(engine):
            edges, counts = dask.aggregate(engine, plan, ids, autapses=scan.autapses, progress=told)
        else:
            edges, counts = duck.aggregate(
                plan, ids, autapses=scan.autapses, memory_limit=scan.memory_limit, progress=told
            )
    facts |= _unknown(counts, scan.unknown)
    if counts.n_autapses and scan.autapses == "raise":
        raise InvalidTable(
            f"{counts.n_autapses:,} synapses go from a neuron onto itself; pass autapses='keep' "
            "or 'drop'"
        )
    if counts.n_autapses:
        facts["n_autapse_rows"] = counts.n_autapses
    facts |= {"n_synapse_rows": counts.n_rows, "keep": "edges"}
    columns = edges.columns()
    index = SynapseIndex.from_sorted(edges.pre, edges.post, len(frame), columns)
    return frame, index, facts


def _compatible(plan: ScanPlan, frame: pd.DataFrame) -> Any:
    ids = frame.index.to_numpy()
    if len(ids) and plan.text_ids != (ids.dtype.kind == "O"):
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
    plan: ScanPlan, frame: pd.DataFrame | None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    from connectome_graph.sources.engine import _duck as duck

    if frame is None:
        kind = object if plan.text_ids else np.int64
        frame = pd.DataFrame(index=pd.Index([], name="root_id", dtype=kind))
    partners = duck.partner_ids(plan)
    new = partners[~pd.Index(partners).isin(frame.index)]
    if len(new) and new[0] in ("", 0):
        raise InvalidTable(
            "some synapses have a missing or zero partner id, which cannot be added as a neuron; "
            "leave those rows out with filters=, or pass unknown='drop'"
        )
    return extended(frame, new), {"n_added_neurons": len(new)}
