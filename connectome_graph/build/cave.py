"""The front door to CAVE: a pinned version of a datastack becomes a ConnectomeGraph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Autapses, Unknown
from connectome_graph.build.assembler import Request, assembled
from connectome_graph.build.story import read
from connectome_graph.errors import choice
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.domain import Domain
from connectome_graph.model.provenance import Step
from connectome_graph.model.selection import query_mask
from connectome_graph.model.tables import SynapseTable
from connectome_graph.sources.cave._assembled import Columns
from connectome_graph.sources.cave._credentials import Token
from connectome_graph.sources.cave._datastack import Datastack
from connectome_graph.sources.cave._load import CaveTables, load_tables
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._relabel import Relabelling
from connectome_graph.sources.cave._release import Version
from connectome_graph.sources.cave._session import Session

__all__ = ["from_cave"]


def from_cave(
    session: Session | str | Datastack,
    *,
    version: Version | None = None,
    neurons: str | Iterable[Any] | None = None,
    synapses: str = "between",
    rows: str = "synapses",
    unknown: Unknown = "drop",
    autapses: Autapses = "keep",
    target_tags: str = "auto",
    cell_table: str | None = None,
    repeated_cells: str = "first",
    cell_resolution_nm: Sequence[float] | None = None,
    space: str | None = None,
    stale_proofreading: str = "downgrade",
    axons_without_soma: str = "drop",
    relabel: Relabelling | None = None,
    token: str | Token | None = None,
    options: FetchOptions | None = None,
) -> ConnectomeGraph:
    """Return the graph of a CAVE datastack at a pinned materialization version.

    The cell table comes with types, proofreading and positions; root ids that are 0, missing or
    shared by two cells are left out and counted. Every row answers what was asked, and the server
    counts the rows of every question: the graph is complete or there is an error. What arrives is
    kept on disk: a second call makes no request, and a call that was interrupted goes on where it
    stopped.

    Parameters
    ----------
    session
        A session of :func:`connectome_graph.cave.connect`; or what that function takes, a
        registered name such as ``minnie65_public`` or a ``Datastack`` of your own.
    version, token, options
        As for :func:`connectome_graph.cave.connect`, where `session` is none yet.
    neurons
        Which neurons: an expression over the cell table (``"status_axon"``), root ids, or None
        for every cell.
    synapses
        ``"between"`` these neurons; all ``"outputs"`` of them, with every cell as a possible
        target; all ``"inputs"`` to them, with every cell as a possible source. The domain of the
        graph is what was asked for, so that nothing unseen counts as absent.
    rows
        ``"synapses"``, one row each; or ``"pairs"``, one row per connected pair with the count that
        the server has made, where the dataset has such a view (FlyWire): a hundredth of the rows.
    unknown
        What happens to synapses whose partner is not in the cell table: ``"drop"`` (recorded),
        ``"add"`` the partner, or ``"raise"``.
    autapses
        ``"keep"``, ``"drop"`` or ``"raise"``.
    target_tags
        Spine, shaft and soma tags as column ``target``. ``"auto"`` and ``"require"`` take those
        that the version should have, and raise where it does not serve them; of versions from
        before there were any, ``"auto"`` makes do without, which is recorded. ``"skip"`` leaves
        them out; the name of a table takes that one. Of two tags the one with the higher value;
        untagged stays missing.
    cell_table
        Another table or view of cells than the first registered one. The library never takes
        another one by itself: it would have other cells.
    repeated_cells
        A cell that the table lists twice, such as with two labels, is one cell: its ``"first"``
        row is taken and the others are counted, or ``"raise"``.
    cell_resolution_nm
        Unit of the cells' positions, nm along x, y and z, where their table claims 1 x 1 x 1 nm,
        as that of BANC does for voxels. Without it such positions are left out.
    space
        ``"standard"`` (standard-transform: um, y is depth below the pia; minnie65 and v1dd) or
        ``"native"`` (nm / 1000). None takes the standard space where there is one.
    stale_proofreading
        Cells that have changed since they were proofread: ``"downgrade"`` their trust by one, or
        ``"keep"`` it. Counted.
    axons_without_soma
        Proofread axons outside the cell table, such as thalamic ones: ``"drop"``, or ``"add"``
        them as sources that are never targets.
    relabel
        Manual corrections: column -> {old label, root id or cell id: new label}.

    Returns
    -------
    ConnectomeGraph

    Raises
    ------
    InvalidArgument, UnknownName
        When an argument does not fit this dataset or version; the message says what does.
    InvalidTable
        When a cell is listed twice and ``repeated_cells="raise"``.
    StaleRootIds
        When given root ids are not those of this version; the message offers the latest ones.
    RefusedToken
        When the token is missing or refused; the message says where to get one.
    RemoteError
        When the server fails for longer than the patience of the options, or its answers cannot
        be brought to agree with its own counts.
    MissingDependency
        When caveclient is not installed: ``pip install 'connectome-graph[cave]'``.

    References
    ----------
    Dorkenwald et al. (2025), "CAVE: Connectome Annotation Versioning Engine", Nature Methods.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> cg.from_cave("minnie_public", version=1718)
    Traceback (most recent call last):
        ...
    connectome_graph.errors.UnknownName: no datastack 'minnie_public' is registered. Did you \
mean 'minnie65_public'? ...
    """
    given = Token(token) if isinstance(token, str) else token
    del token  # an error keeps the names of its frames
    choice(synapses, ("between", "outputs", "inputs"), name="synapses")
    chosen = _chooser(neurons) if isinstance(neurons, str) else neurons
    tables = load_tables(
        session,
        version=version,
        neurons=chosen,
        synapses=synapses,
        rows=rows,
        target_tags=target_tags,
        cell_table=cell_table,
        repeated_cells=repeated_cells,
        cell_resolution_nm=cell_resolution_nm,
        space=space,
        stale_proofreading=stale_proofreading,
        axons_without_soma=axons_without_soma,
        relabel=relabel,
        token=given,
        options=options,
    )
    query = {"neurons": neurons} if isinstance(neurons, str) else {}

    asked: list[Domain] = []

    def domain(frame: pd.DataFrame) -> Domain:
        asked.append(_asked_for(frame, tables))
        return asked[0]

    def tell(facts: Mapping[str, Any]) -> tuple[Step, ...]:
        sentence = f"{_sentence(tables)} {read(facts)}"
        of = asked[0].describe()
        if not asked[0].is_full:
            sentence += (
                f" The domain is what was asked for: {asked[0].n_sources:,} sources and "
                f"{asked[0].n_targets:,} targets."
            )
        return (
            Step(
                "from_cave",
                sentence,
                {**facts, **tables.facts, **_depth(tables.facts), **query, **of},
            ),
        )

    request = Request(
        synapses=_StoredSynapses(tables.stored.columns),
        neurons=tables.neurons,
        unknown=unknown,
        autapses=autapses,
        zero="missing",
    )
    return assembled(request, tell, domain=domain)


def _asked_for(frame: pd.DataFrame, tables: CaveTables) -> Domain:
    """Return the domain of what was asked for: nothing unseen counts as absent."""
    sources, targets = (
        None if ids is None else frame.index.isin(ids) for ids in (tables.sources, tables.targets)
    )
    return Domain.full(len(frame)).restrict(sources=sources, targets=targets)


class _StoredSynapses(SynapseTable):
    """Synapses that are read from disk column by column, so that no two copies are in memory."""

    _every: Columns

    def __init__(self, columns: Columns) -> None:
        object.__setattr__(self, "_every", columns)
        object.__setattr__(self, "columns", columns.without("pre", "post"))
        object.__setattr__(self, "facts", {})

    @property
    def pre(self) -> npt.NDArray[Any]:
        return np.asarray(self._every["pre"])

    @property
    def post(self) -> npt.NDArray[Any]:
        return np.asarray(self._every["post"])


def _chooser(query: str) -> Any:
    """Return the function that picks cells by an expression."""

    def choose(cells: pd.DataFrame) -> npt.NDArray[np.bool_]:
        return query_mask(cells, query)

    return choose


def _sentence(tables: CaveTables) -> str:
    """Return what was fetched and what was left out, for the methods paragraph."""
    facts = tables.facts
    cells, rows = facts["cells"], facts["synapse_rows"]
    dropped = cells["dropped"]
    left_out = {
        "without a root id": dropped["n_missing_root_ids"] + dropped["n_zero_root_ids"],
        "that share a root id": dropped["n_rows_sharing_a_root"],
    }
    told = [f"{_rows(count, 'cell row')} {what}" for what, count in left_out.items() if count]
    ends = rows["n_missing_partner"] + rows["n_zero_partner"]
    kind = {
        "between": "the synapses between them",
        "outputs": "all their outputs",
        "inputs": "all their inputs",
    }[facts["synapses"]]
    sentence = (
        f"{facts['n_neurons_chosen']:,} neurons and {kind} were fetched from "
        f"{facts['datastack']} version {facts['version']} ({facts['timestamp'][:19]} UTC), cells "
        f"from {cells['source']!r} and synapses from {rows['source']!r}"
    )
    if told:
        sentence += f"; {' and '.join(told)} left out"
    if repeated := cells.get("n_repeated_cells", 0):
        sentence += f"; {_rows(repeated, 'further row')} of the same cells left out"
    if missing := cells.get("left_out"):
        sentence += f"; {' and '.join(missing)} left out, which this version does not have"
    if why := cells.get("positions", {}).get("left_out"):
        sentence += f"; the positions of cells left out: {why}"
    if why := rows.get("no_targets"):
        sentence += f"; no target tags: {why}"
    if ends:
        sentence += f"; {_rows(ends, 'synapse')} with an end outside the segmentation left out"
    return f"{sentence}{_changed(cells)}."


def _depth(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return which axis is depth, where the cells stand in the space of the pia."""
    space = facts["cells"].get("positions", {}).get("space") or ""
    return {"depth": "y"} if "y is depth" in space else {}


def _changed(cells: Mapping[str, Any]) -> str:
    changed = sum(
        counts.get("n_changed_since_proofreading", 0)
        for counts in cells.get("proofreading", {}).values()
    )
    return f"; {_rows(changed, 'cell')} changed after proofreading" if changed else ""


def _rows(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
