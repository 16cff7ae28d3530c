"""The front door to CAVE: a pinned version of a datastack becomes a ConnectomeGraph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Autapses, Unknown
from connectome_graph.build.assembler import Request, assembled
from connectome_graph.build.story import read
from connectome_graph.errors import choice
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.provenance import Step
from connectome_graph.model.selection import query_mask
from connectome_graph.sources.cave._credentials import Token
from connectome_graph.sources.cave._datastacks import Datastack
from connectome_graph.sources.cave._load import CaveTables, load_tables
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._relabel import Relabelling

__all__ = ["from_cave"]


def from_cave(
    datastack: str | Datastack,
    *,
    version: int | str,
    neurons: str | Iterable[Any] | None = None,
    synapses: str = "between",
    unknown: Unknown = "drop",
    autapses: Autapses = "keep",
    target_tags: str = "auto",
    space: str | None = None,
    stale_proofreading: str = "downgrade",
    axons_without_soma: str = "drop",
    relabel: Relabelling | None = None,
    token: str | Token | None = None,
    options: FetchOptions | None = None,
) -> ConnectomeGraph:
    """Return the graph of a CAVE datastack at a pinned materialization version.

    The cell table comes with types, proofreading and positions; root ids that are 0, missing or
    shared by two cells are left out and counted. Every answer of the server is checked against
    its row limit, so the graph is complete or there is an error. What arrives is kept on disk: a
    second call makes no request, and a call that was interrupted goes on where it stopped.

    Parameters
    ----------
    datastack
        ``minnie65_public``, ``v1dd_public``, ``flywire_fafb_public``, ``brain_and_nerve_cord``,
        ``fanc_production_mar2021``, ``h01_c3_flat``, or a ``Datastack`` of your own.
    version
        Materialization version, such as 1718; or ``"latest"``, which is resolved and recorded
        with its timestamp.
    neurons
        Which neurons: an expression over the cell table (``"status_axon"``), root ids, or None
        for every cell.
    synapses
        ``"between"`` these neurons; all ``"outputs"`` of them, with every cell as a possible
        target; all ``"inputs"`` to them, with every cell as a possible source. The domain of the
        graph is what was asked for, so that nothing unseen counts as absent.
    unknown
        What happens to synapses whose partner is not in the cell table: ``"drop"`` (recorded),
        ``"add"`` the partner, or ``"raise"``.
    autapses
        ``"keep"``, ``"drop"`` or ``"raise"``.
    target_tags
        Spine, shaft and soma tags as column ``target``: ``"auto"`` where the version has them,
        ``"require"`` or ``"skip"``. Of two tags the one with the higher value; untagged stays
        missing.
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
    token
        A CAVE token. None takes the one that caveclient has stored on this computer. It appears
        in no message, table, cache or provenance.
    options
        Requests at once, patience, progress, cache folder.

    Returns
    -------
    ConnectomeGraph

    Raises
    ------
    InvalidArgument, UnknownName
        When an argument does not fit this dataset or version; the message says what does.
    StaleRootIds
        When given root ids are not those of this version; the message offers the latest ones.
    RefusedToken
        When the token is missing or refused; the message says where to get one.
    RemoteError
        When the server fails for longer than the patience of the options.
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
    choice(synapses, ("between", "outputs", "inputs"), name="synapses")
    chosen = _chooser(neurons) if isinstance(neurons, str) else neurons
    tables = load_tables(
        datastack,
        version=version,
        neurons=chosen,
        synapses=synapses,
        target_tags=target_tags,
        space=space,
        stale_proofreading=stale_proofreading,
        axons_without_soma=axons_without_soma,
        relabel=relabel,
        token=token,
        options=options,
    )
    query = {"neurons": neurons} if isinstance(neurons, str) else {}

    def tell(facts: Mapping[str, Any]) -> tuple[Step, ...]:
        sentence = f"{_sentence(tables)} {read(facts)}"
        return (Step("from_cave", sentence, {**facts, **tables.facts, **query}),)

    request = Request(
        synapses=tables.synapses, neurons=tables.neurons, unknown=unknown, autapses=autapses
    )
    g = assembled(request, tell)
    if tables.sources is None and tables.targets is None:
        return g
    return g.between(pre=tables.sources, post=tables.targets)


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
    if ends:
        sentence += f"; {_rows(ends, 'synapse')} with an end outside the segmentation left out"
    return f"{sentence}{_changed(cells)}."


def _changed(cells: Mapping[str, Any]) -> str:
    changed = sum(
        counts.get("n_changed_since_proofreading", 0)
        for counts in cells.get("proofreading", {}).values()
    )
    return f"; {_rows(changed, 'cell')} changed after proofreading" if changed else ""


def _rows(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
