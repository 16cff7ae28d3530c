"""From a datastack to plain tables: the neurons, their synapses, and what was done."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.sources.cave._cells import AXONS_WITHOUT_SOMA, cell_table
from connectome_graph.sources.cave._credentials import Token
from connectome_graph.sources.cave._datastacks import Datastack, datastack
from connectome_graph.sources.cave._ids import Ids, positive_ids
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._pinned import Pinned, pin
from connectome_graph.sources.cave._proofreading import STALE
from connectome_graph.sources.cave._relabel import Relabelling
from connectome_graph.sources.cave._roots import require_current
from connectome_graph.sources.cave._space import space_of
from connectome_graph.sources.cave._synapses import TARGETS, synapse_rows

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
        them. See :class:`~connectome_graph.sources.cave.cells.CellTable`.
    synapses
        One row per synapse; partners need not be in `neurons`. See
        :class:`~connectome_graph.sources.cave.synapses.SynapseRows`.
    sources, targets
        Root ids whose outputs, and whose inputs, were asked for; None means all of `neurons`.
        Pairs outside were not looked at: their synapses are unknown, not absent.
    facts
        Datastack, server, version, timestamp, tables, counts of everything left out, package
        versions. Never a token.
    """

    neurons: pd.DataFrame
    synapses: pd.DataFrame
    sources: Ids | None
    targets: Ids | None
    facts: dict[str, Any] = field(default_factory=dict)


def load_tables(  # noqa: PLR0913 - every choice that changes the tables has a name
    name: str | Datastack,
    *,
    version: int | str,
    neurons: Choose | Iterable[Any] | None = None,
    synapses: str = "between",
    target_tags: str = "auto",
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
    name
        A registered datastack, or an entry of your own.
    version
        Materialization version, or ``"latest"``, which is resolved and recorded.
    neurons
        A function from the cell table to a boolean a row, root ids, or None for every cell.
    synapses
        ``"between"`` the chosen neurons, all ``"outputs"`` of them, all ``"inputs"`` to them, or
        ``"none"``.
    target_tags
        ``"auto"``, ``"require"`` or ``"skip"``: spine, shaft and soma tags.
    space
        ``"standard"`` or ``"native"``; None takes the standard space where there is one.
    stale_proofreading
        ``"downgrade"`` or ``"keep"`` proofreading of cells that have changed since.
    axons_without_soma
        ``"drop"`` or ``"add"`` proofread axons that belong to no cell of the table.
    relabel
        Manual corrections: column -> {old label or id: new label}.
    token
        A CAVE token; None takes the one stored on this computer.
    options
        Patience, concurrency, progress and cache folder.

    Raises
    ------
    InvalidArgument, UnknownName
        When an argument does not fit the dataset; the message names what does.
    StaleRootIds
        When root ids are given that are not those of this version.
    RefusedToken, RemoteError
        When the server refuses or fails.
    """
    choice(synapses, SYNAPSES, name="synapses")
    choice(target_tags, TARGETS, name="target_tags")
    choice(stale_proofreading, STALE, name="stale_proofreading")
    choice(axons_without_soma, AXONS_WITHOUT_SOMA, name="axons_without_soma")
    stack = datastack(name)
    where = space_of(stack, space)
    chosen: Choose | Ids | None = None
    if neurons is not None:
        chosen = neurons if callable(neurons) else positive_ids(neurons, name="neurons")
    with pin(stack, version, token=token, options=options or FetchOptions()) as pinned:
        return _loaded(
            pinned,
            chosen,
            synapses=synapses,
            target_tags=target_tags,
            space=where,
            stale=stale_proofreading,
            axons_without_soma=axons_without_soma,
            relabel=relabel,
        )


def _loaded(
    pinned: Pinned,
    neurons: Choose | Ids | None,
    *,
    synapses: str,
    target_tags: str,
    space: str,
    **cell_choices: Any,
) -> CaveTables:
    """Return the tables of a pinned datastack; `neurons` are ids, a function, or everyone."""
    given = None if neurons is None or callable(neurons) else neurons
    cells = cell_table(pinned, space=space, also=given, **cell_choices)
    roots = cells.frame["root_id"].to_numpy(dtype=np.int64)
    if given is not None:
        untyped = _without_cell(cells.frame, given)
        if len(untyped):
            require_current(pinned, untyped)
        chosen = given
        cells.facts["n_given_ids_without_a_cell"] = len(untyped)
    else:
        chosen = roots[neurons(cells.frame)] if callable(neurons) else roots
    frame, facts = _synapses(pinned, synapses, chosen, targets=target_tags, space=space)
    table = cells.frame
    if synapses in ("between", "none"):
        table = table[np.isin(roots, chosen)].reset_index(drop=True)
    return CaveTables(
        neurons=table,
        synapses=frame,
        sources=chosen if synapses == "outputs" else None,
        targets=chosen if synapses == "inputs" else None,
        facts=_facts(pinned, len(chosen), synapses, cells=cells.facts, synapse_facts=facts),
    )


def _without_cell(frame: pd.DataFrame, given: Ids) -> Ids:
    """Return the given ids that only have a row because they were given."""
    roots = frame["root_id"].to_numpy(dtype=np.int64)
    if "cell_id" in frame.columns:
        roots = roots[frame["cell_id"].notna().to_numpy(dtype=bool)]
    return np.setdiff1d(given, roots)


def _synapses(
    pinned: Pinned, synapses: str, chosen: Ids, *, targets: str, space: str
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the synapses asked for; no neurons, no request.

    Raises
    ------
    InvalidArgument
        When more neurons were chosen than the options allow.
    """
    most = pinned.fetcher.options.most_neurons
    if synapses != "none" and len(chosen) > most:
        raise InvalidArgument(
            f"synapses of {len(chosen):,} neurons were asked for, more than {most:,}: choose fewer "
            f"with neurons=, such as neurons='status_axon', or, if that is meant, pass "
            f"options=FetchOptions(most_neurons={len(chosen)})"
        )
    ends: dict[str, Ids | None] = {
        "pre": chosen if synapses in ("between", "outputs") else None,
        "post": chosen if synapses in ("between", "inputs") else None,
    }
    if synapses == "none":
        ends = {"pre": chosen[:0], "post": None}
        targets = "skip"
    rows = synapse_rows(pinned, pre=ends["pre"], post=ends["post"], targets=targets, space=space)
    return rows.frame, rows.facts


def _facts(
    pinned: Pinned,
    n_chosen: int,
    synapses: str,
    *,
    cells: dict[str, Any],
    synapse_facts: dict[str, Any],
) -> dict[str, Any]:
    return {
        "datastack": pinned.stack.name,
        "server": pinned.stack.server,
        "version": pinned.release.version,
        "timestamp": pinned.release.timestamp,
        "n_neurons_chosen": n_chosen,
        "synapses": synapses,
        "cells": cells,
        "synapse_rows": synapse_facts,
        "queries": pinned.queries,
        "packages": _packages("caveclient", "standard-transform", "pandas", "pyarrow"),
    }


def _packages(*names: str) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
