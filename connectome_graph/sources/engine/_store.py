"""Edges that stay outside memory: a folder of Parquet files, written by an engine.

The folder holds ``neurons.parquet`` (the neuron table and each neuron's ``code``) and
``edges/part-00000.parquet, ...``, sorted by (pre, post), each part a range of presynaptic
neurons, with columns ``pre post`` (root ids), ``pre_code post_code``, ``count`` and, where
sizes are known, ``size`` (total) and ``size_max``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from connectome_graph.border.arguments import Autapses, Unknown
from connectome_graph.border.atomic import replacing_folder
from connectome_graph.errors import InvalidArgument, UnreadableFile, choice
from connectome_graph.model.domain import Domain
from connectome_graph.model.expressions.tuples import kept_filters
from connectome_graph.model.names import ColumnMap
from connectome_graph.model.policies import observable
from connectome_graph.model.tables import neuron_table
from connectome_graph.sources.engine import _dask as dask
from connectome_graph.sources.engine._edge_file import edge_table, edges_to_file
from connectome_graph.sources.engine._edge_runs import EdgeRuns
from connectome_graph.sources.engine._plan import Filters, ScanPlan, scan_plan
from connectome_graph.sources.engine._scan import ScanCounts, check_scanned, raise_unknown

__all__ = ["EdgeFolder", "edges_to_parquet", "observed_edges", "open_edges", "write_edges"]


@dataclass(frozen=True)
class EdgeFolder:
    """Edges on disk and the neurons they connect.

    Attributes
    ----------
    folder
        Where they lie.
    neurons
        The neuron table, indexed by root id, in code order.
    parts
        The Parquet files of the edges.
    """

    folder: Path
    neurons: pd.DataFrame
    parts: tuple[Path, ...]

    @property
    def with_size(self) -> bool:
        """Whether the edges carry sizes."""
        return "size" in pyarrow.parquet.read_schema(self.parts[0]).names


def open_edges(folder: str | Path) -> EdgeFolder:
    """Return the edges in a folder that :func:`write_edges` wrote.

    Raises
    ------
    UnreadableFile
        When the folder is not one.
    """
    place = Path(folder)
    parts = tuple(sorted((place / "edges").glob("part-*.parquet")))
    if not parts or not (place / "neurons.parquet").exists():
        raise UnreadableFile(
            f"{place} is no folder of edges; needed: neurons.parquet and edges/part-*.parquet, as "
            "edges_to_parquet writes them"
        )
    table = pyarrow.parquet.read_table(place / "neurons.parquet")
    frame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    ids = np.asarray(table.column("root_id").to_numpy())
    index = pd.Index(ids, name="root_id", dtype=object if ids.dtype.kind == "O" else np.int64)
    return EdgeFolder(place, frame.drop(columns=["root_id", "code"]).set_axis(index), parts)


def observed_edges(folder: EdgeFolder | str | Path, policy: Any) -> tuple[EdgeFolder, Domain]:
    """Return the edges in a folder, and the domain that a policy makes of their neurons."""
    edges = folder if isinstance(folder, EdgeFolder) else open_edges(folder)
    sources, targets, name, _ = observable(edges.neurons, policy)
    return edges, Domain(sources, targets, name)


def edges_to_parquet(
    synapses: str | Path,
    neurons: pd.DataFrame | pa.Table,
    *,
    folder: str | Path,
    engine: Any = "duckdb",
    columns: ColumnMap | None = None,
    neuron_columns: ColumnMap | None = None,
    filters: Filters | None = None,
    unknown: Unknown = "raise",
    autapses: Autapses = "keep",
    memory_limit: str | None = None,
    spill: str | Path | None = None,
) -> EdgeFolder:
    """Aggregate a synapse table into a folder of edges that never come into memory.

    Parameters
    ----------
    synapses
        File, folder or glob.
    neurons
        Neuron table; positions in it are left out unless they are in um.
    folder
        A new folder; it appears whole or not at all. With Dask it has to lie on a disk that
        every worker sees.
    engine
        ``"duckdb"`` or a ``dask.distributed`` client.
    columns, neuron_columns, filters, unknown, autapses, memory_limit
        As in :func:`connectome_graph.from_tables`; `unknown` is ``"raise"`` or ``"drop"``.
    spill
        Folder for DuckDB's spill folder, which is removed whatever happens.

    Returns
    -------
    EdgeFolder

    Raises
    ------
    UnreadableFile
        Naming the file that is corrupt or gone, or the folder that is full.
    InvalidTable
        When a table breaks a validity rule, or a partner is unknown and ``unknown="raise"``.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile, pandas as pd
    >>> folder = Path(tempfile.mkdtemp())
    >>> pd.DataFrame({"pre": [1, 1], "post": [2, 2]}).to_parquet(folder / "synapses.parquet")
    >>> cells = pd.DataFrame({"root_id": [1, 2]})
    >>> edges = edges_to_parquet(folder / "synapses.parquet", cells, folder=folder / "edges")
    >>> pd.read_parquet(edges.parts[0])["count"].tolist()
    [2]
    """
    choice(unknown, ("raise", "drop"), name="unknown")
    choice(autapses, ("keep", "drop"), name="autapses")
    frame, _ = neuron_table(neurons, columns={"position": None, **(neuron_columns or {})})
    plan = scan_plan(synapses, columns=columns, filters=kept_filters(filters))
    edges, _ = write_edges(
        plan,
        frame,
        folder,
        engine=engine,
        unknown=unknown,
        autapses=autapses,
        memory_limit=memory_limit,
        spill=None if spill is None else Path(spill),
    )
    return edges


def write_edges(
    plan: ScanPlan,
    neurons: pd.DataFrame,
    folder: str | Path,
    *,
    engine: Any = "duckdb",
    unknown: Unknown = "drop",
    autapses: Autapses = "keep",
    memory_limit: str | None = None,
    spill: Path | None = None,
    spill_limit: str | None = None,
) -> tuple[EdgeFolder, ScanCounts]:
    """Aggregate a plan into a folder of edges; the folder appears whole or not at all."""
    place = Path(folder)
    if place.exists():
        raise InvalidArgument(f"{place} is already there; name a new folder for the edges")
    ids = neurons.index.to_numpy()
    with replacing_folder(place) as temporary:
        (temporary / "edges").mkdir(parents=True)
        table = neurons.reset_index()
        table["code"] = np.arange(len(table), dtype=np.int32)
        pyarrow.parquet.write_table(
            pa.Table.from_pandas(table, preserve_index=False), temporary / "neurons.parquet"
        )
        if dask.is_client(engine):
            counts = _by_dask(engine, plan, ids, temporary / "edges", autapses=autapses)
        else:
            counts = edges_to_file(
                plan,
                ids,
                temporary / "edges" / "part-00000.parquet",
                autapses=autapses,
                memory_limit=memory_limit,
                spill=spill,
                spill_limit=spill_limit,
            )
        raise_unknown(counts, unknown)
        check_scanned(counts)
    return open_edges(place), counts


def _by_dask(
    client: Any, plan: ScanPlan, ids: npt.NDArray[Any], folder: Path, *, autapses: str
) -> ScanCounts:
    told, ranges = dask.range_futures(client, plan, ids, autapses=autapses, part_rows=None)
    shared = dask.shared_value(client, ids)
    written = [
        client.submit(_write_part, edges, shared, str(folder / f"part-{i:05d}.parquet"), pure=False)
        for i, edges in enumerate(ranges)
    ]
    del ranges
    for future in written:
        dask.gathered(future)
    counts = ScanCounts()
    for future in told:
        counts.add(dask.gathered(future))
    return counts


def _write_part(edges: EdgeRuns, ids: npt.NDArray[Any], path: str) -> int:
    """Write one range of edges; on a shared disk, from the worker that merged it."""
    pyarrow.parquet.write_table(edge_table(edges, ids), path, compression="zstd")
    return len(edges.key)
