"""From a datastack to plain tables: the neurons, their synapses, and what was done."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import shown
from connectome_graph.border.values import array_of
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.sources.cave._assembled import Assembled, assembled
from connectome_graph.sources.cave._cells import AXONS_WITHOUT_SOMA, REPEATED_CELLS, cell_table
from connectome_graph.sources.cave._connect import session_of
from connectome_graph.sources.cave._credentials import Token
from connectome_graph.sources.cave._datastack import Datastack
from connectome_graph.sources.cave._datastacks import datastack
from connectome_graph.sources.cave._ids import Ids, positive_ids
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._proofreading import STALE
from connectome_graph.sources.cave._relabel import Relabelling, check_relabelling
from connectome_graph.sources.cave._release import Version
from connectome_graph.sources.cave._roots import require_current
from connectome_graph.sources.cave._session import Session
from connectome_graph.sources.cave._space import check_overlap, space_of
from connectome_graph.sources.cave._synapses import ROWS
from connectome_graph.sources.cave._tagged import tagged_synapses
from connectome_graph.sources.cave._targets import check_targets

__all__ = ["SYNAPSES", "CaveTables", "Choose", "load_tables"]

#: Which synapses of the chosen neurons are fetched.
SYNAPSES = ("between", "outputs", "inputs", "none")
#: Chooses neurons from the cell table: a boolean for each row.
Choose: TypeAlias = Callable[[pd.DataFrame], npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class CaveTables:
    """Tables of a datastack at one version.

    Parameters
    ----------
    neurons
        One row per neuron: the chosen ones, or every cell when synapses lead out of them or into
        them. Columns: ``root_id`` (int64, unique), ``cell_id``,
        types, ``status_*``, ``strategy_*``, ``*_trust``, ``x_um y_um z_um``.
    stored
        The synapses as columns on disk, which are read when they are looked at.
    sources, targets
        Root ids whose outputs, and whose inputs, were asked for; None means all of `neurons`.
        Pairs outside were not looked at: their synapses are unknown, not absent.
    facts
        Datastack, server, version, timestamp, tables, counts of everything left out, package
        versions. Never a token.
    """

    neurons: pd.DataFrame
    stored: Assembled = field(repr=False)
    sources: Ids | None
    targets: Ids | None
    facts: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def synapses(self) -> pd.DataFrame:
        """One row per synapse, or one per pair with its ``count``.

        Partners need not be in `neurons`.
        """
        return self.stored.read()


def load_tables(  # noqa: PLR0913 - every choice that changes the tables has a name
    session: Session | str | Datastack,
    *,
    version: Version | None = None,
    neurons: Choose | Iterable[Any] | None = None,
    synapses: str = "between",
    rows: str = "synapses",
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
) -> CaveTables:
    """Return neurons and synapses of a CAVE datastack at a pinned version.

    Parameters
    ----------
    session
        A session of :func:`connectome_graph.cave.connect`, or what that function takes.
    version, token, options
        As for :func:`connectome_graph.cave.connect`, where `session` is none yet.
    neurons
        A function from the cell table to a boolean per row, root ids, or None for every cell.
    synapses
        ``"between"`` the chosen neurons, all ``"outputs"`` of them, all ``"inputs"`` to them, or
        ``"none"``.
    rows
        ``"synapses"``, or ``"pairs"``: pairs with the count that the server has made of them.
    target_tags
        ``"auto"``, ``"require"`` or ``"skip"``: spine, shaft and soma tags; or a table of them.
    cell_table
        Another table or view of cells than the first registered one.
    repeated_cells
        ``"first"`` row of a cell that is listed twice, or ``"raise"``.
    cell_resolution_nm
        Unit of the positions of cells whose table claims 1 x 1 x 1 nm.
    space
        ``"standard"`` or ``"native"``; None takes the standard space where there is one.
    stale_proofreading
        ``"downgrade"`` or ``"keep"`` proofreading of cells that have changed since.
    axons_without_soma
        ``"drop"`` or ``"add"`` proofread axons that belong to no cell of the table.
    relabel
        Manual corrections: column -> {old label or id: new label}.

    Raises
    ------
    InvalidArgument, UnknownName
        When an argument does not fit the dataset; the message names what does.
    StaleRootIds
        When root ids are given that are not those of this version.
    RefusedToken, RemoteError
        When the server refuses or fails.
    """
    given = Token(token) if isinstance(token, str) else token
    del token  # an error keeps the names of its frames
    choice(synapses, SYNAPSES, name="synapses")
    choice(rows, ROWS, name="rows")
    choice(stale_proofreading, STALE, name="stale_proofreading")
    choice(axons_without_soma, AXONS_WITHOUT_SOMA, name="axons_without_soma")
    choice(repeated_cells, REPEATED_CELLS, name="repeated_cells")
    chosen: Choose | Ids | None = None
    if neurons is not None:
        chosen = neurons if callable(neurons) else positive_ids(neurons, name="neurons")
    if relabel is not None:
        check_relabelling(relabel)
    stack = getattr(session, "stack", session)
    if isinstance(stack, str | Datastack):
        # a mistake is answered before anything is sent
        space_of(datastack(stack), space)
        check_targets(datastack(stack), target_tags)
    with session_of(session, version=version, token=given, options=options) as own, own.fetching():
        return _loaded(
            own,
            chosen,
            synapses=synapses,
            rows=rows,
            target_tags=target_tags,
            space=space_of(own.stack, space),
            stale=stale_proofreading,
            axons_without_soma=axons_without_soma,
            relabel=relabel,
            source=cell_table,
            repeated_cells=repeated_cells,
            resolution_nm=_resolution(cell_resolution_nm),
        )


def _resolution(value: Any) -> tuple[float, float, float] | None:
    if value is None:
        return None
    try:
        sizes = tuple(float(size) for size in value)
    except (TypeError, ValueError):
        sizes = ()
    if len(sizes) != 3 or not all(0 < size < np.inf for size in sizes):
        raise InvalidArgument(
            f"cell_resolution_nm={value!r}: three sizes above 0 are needed, nm along x, y and z"
        )
    return sizes[0], sizes[1], sizes[2]


def _loaded(
    session: Session,
    neurons: Choose | Ids | None,
    *,
    synapses: str,
    rows: str,
    target_tags: str,
    space: str,
    **cell_choices: Any,
) -> CaveTables:
    """Return the tables of a session; `neurons` are ids, a function, or everyone."""
    given = None if neurons is None or callable(neurons) else neurons
    table = _cells(session, space=space, also=given, **cell_choices)
    cells, facts = table.read(), table.facts
    roots = cells["root_id"].to_numpy(dtype=np.int64)
    if given is not None:
        untyped = _without_cell(cells, given)
        if len(untyped):
            require_current(session, untyped)
        chosen = given
        facts = facts | {"n_given_ids_without_a_cell": len(untyped)}
    else:
        chosen = np.sort(roots[_rows_of(neurons(cells), cells)] if callable(neurons) else roots)
    stored = _synapses(session, synapses, chosen, rows=rows, targets=target_tags, space=space)
    if synapses in ("between", "none"):
        cells = cells[np.isin(roots, chosen)].reset_index(drop=True)
    if cell_choices["resolution_nm"] is not None:
        ends = cells[cells["root_id"].isin(chosen)]
        check_overlap(ends, stored.columns, resolution_nm=cell_choices["resolution_nm"])
    return CaveTables(
        neurons=cells,
        stored=stored,
        sources=chosen if synapses == "outputs" else None,
        targets=chosen if synapses == "inputs" else None,
        facts={
            "datastack": session.datastack,
            "server": session.stack.server,
            "version": session.version,
            "version_asked_for": str(session.asked_version),
            "timestamp": session.timestamp,
            "n_neurons_chosen": len(chosen),
            "synapses": synapses,
            "cells": facts,
            "synapse_rows": stored.facts,
            "queries": [*table.queries, *stored.queries],
            "packages": _packages("caveclient", "standard-transform", "pandas", "pyarrow"),
        },
    )


def _rows_of(given: Any, cells: pd.DataFrame) -> Any:
    """Return the rows that a function of the cells chose, as a mask."""
    rows = array_of(given, name="neurons(cells)")
    if rows.dtype != bool or rows.shape != (len(cells),):
        raise InvalidArgument(
            f"neurons(cells)={shown(given)}; it must be True or False for each of the "
            f"{len(cells):,} cells"
        )
    return rows


def _cells(session: Session, *, also: Ids | None, **choices: Any) -> Assembled:
    """Return the cell table, assembled or from disk, and how it came."""

    def make() -> tuple[pd.DataFrame, dict[str, Any], list[dict[str, Any]]]:
        before = len(session.queries)
        table = cell_table(session, also=also, **choices)
        return table.frame, table.facts, session.queries[before:]

    relabel = choices["relabel"] or {}
    named = {
        **choices,
        "also": None if also is None else also.tolist(),
        "relabel": [
            [str(column), sorted([repr(old), str(new)] for old, new in changes.items())]
            for column, changes in relabel.items()
        ],
    }
    return assembled(session.folder, "cells", stack=session.stack, choices=named, make=make)


def _without_cell(frame: pd.DataFrame, given: Ids) -> Ids:
    """Return the given ids that only have a row because they were given."""
    roots = frame["root_id"].to_numpy(dtype=np.int64)
    if "cell_id" in frame.columns:
        roots = roots[frame["cell_id"].notna().to_numpy(dtype=bool)]
    return np.setdiff1d(given, roots)


def _synapses(
    session: Session, synapses: str, chosen: Ids, *, rows: str, targets: str, space: str
) -> Assembled:
    """Return the synapses asked for, assembled or from disk; no neurons, no request.

    Raises
    ------
    InvalidArgument
        When more neurons were chosen than the options allow.
    """
    most = session.options.most_neurons
    if synapses != "none" and len(chosen) > most:
        raise InvalidArgument(
            f"synapses of {len(chosen):,} neurons were asked for, more than {most:,}: choose fewer "
            f"with neurons=, such as neurons='status_axon'. For a whole dataset a server is the "
            f"wrong tool: its static dumps, files that need no token, are read with "
            f"connectome_graph.from_release(...). If a fetch of days is meant, pass "
            f"options=FetchOptions(most_neurons={len(chosen)}), with a fetch_s= that is long enough"
        )
    ends: dict[str, Ids | None] = {
        "pre": chosen if synapses in ("between", "outputs") else None,
        "post": chosen if synapses in ("between", "inputs") else None,
    }
    if synapses == "none":
        ends = {"pre": chosen[:0], "post": None}
        targets, rows = "skip", "synapses"

    return tagged_synapses(session, **ends, targets=targets, space=space, rows=rows)


def _packages(*names: str) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
