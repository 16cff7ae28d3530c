"""Skeletons from CAVE: many neurons at once, all at the time of one materialization."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np

from connectome_graph.border.arguments import Progress
from connectome_graph.errors import InvalidArgument, RemoteError, UnknownName, require
from connectome_graph.skeletons._load import Loaded, gathered
from connectome_graph.skeletons._ossify_cell import from_ossify
from connectome_graph.skeletons._skeleton import Skeleton
from connectome_graph.skeletons._validity import Disconnected, DuplicateEdges, MissingSoma

__all__ = ["load_cave"]


def load_cave(
    root_ids: Iterable[int],
    client: Any,
    *,
    batch_size: int = 50,
    row_limit: int = 200_000,
    download: Literal["server", "gcs"] = "server",
    duplicate_edges: DuplicateEdges = "raise",
    disconnected: Disconnected = "raise",
    missing_soma: MissingSoma = "raise",
    errors: Literal["raise", "collect"] = "raise",
    progress: Progress = None,
) -> Loaded:
    """Return skeletons and synapse sites of neurons from a CAVE server, through ossify.

    Everything is asked for at the timestamp of the client's materialization version, so that
    root ids of all cells and partners mean the same moment.

    Parameters
    ----------
    root_ids
        The neurons, as integers.
    client
        A ``CAVEclient`` with a pinned version.
    batch_size
        Neurons a query.
    row_limit
        Rows at which a server cuts a query short without saying so. A batch that reaches it is
        asked for again in halves; a single neuron that does is a failure, never a short answer.
    download
        ``"server"`` asks the skeleton service; ``"gcs"`` reads from the storage bucket and needs
        cloud-volume.
    duplicate_edges, disconnected, missing_soma
        As for :func:`connectome_graph.skeletons.from_arrays`.
    errors, progress
        As for :func:`connectome_graph.skeletons.load`.

    Returns
    -------
    Loaded

    Raises
    ------
    MissingDependency
        Without ossify.
    InvalidArgument
        When the client is not pinned to a version, or an id is not an integer.
    UnreadableFile
        With ``errors="raise"``, when a neuron could not be loaded: it was no neuron at that
        time, has no skeleton yet, or its skeleton is not a tree.
    """
    ossify = require("ossify", extra="skeletons", purpose="skeletons from CAVE")
    moment = getattr(client, "timestamp", None)
    if moment is None:
        raise InvalidArgument(
            "the client is not pinned to a materialization version, so cells and partners would "
            "come from different moments; make it with CAVEclient(datastack, version=...)"
        )
    ids = [_exact(value) for value in root_ids]
    if batch_size < 1:
        raise InvalidArgument(f"batch_size={batch_size}; at least one neuron a query is needed")

    def fetch(some: list[int]) -> dict[int, Any]:
        cells: dict[int, Any] = ossify.load_cell_batch_from_client(
            some,
            client,
            synapses=True,
            include_partner_root_id=True,
            omit_self_synapses=False,
            restore_properties=False,
            timestamp=moment,
            skip_invalid=True,
            skeleton_download_method=download,
            row_limit=row_limit,
        )
        return cells

    found: dict[int, Any] = {}
    for first in range(0, len(ids), batch_size):
        found |= _in_halves(ids[first : first + batch_size], fetch)

    def one(root_id: int) -> Skeleton:
        cell = found.get(root_id)
        if isinstance(cell, Exception):
            raise RemoteError(f"the server could not give neuron {root_id}: {cell}") from cell
        if cell is None:
            raise UnknownName(
                f"neuron {root_id} was no valid root at {moment}, or has no skeleton there yet; "
                "client.chunkedgraph.suggest_latest_roots tells what it became, and "
                "client.skeleton.generate_bulk_skeletons_async asks for skeletons"
            )
        return from_ossify(
            cell,
            root_id=root_id,
            duplicate_edges=duplicate_edges,
            disconnected=disconnected,
            missing_soma=missing_soma,
        )

    jobs = [(str(root_id), _job(one, root_id)) for root_id in ids]
    return gathered(jobs, errors=errors, progress=progress)


def _job(one: Callable[[int], Skeleton], root_id: int) -> Callable[[], Skeleton]:
    return lambda: one(root_id)


def _in_halves(ids: list[int], fetch: Callable[[list[int]], dict[int, Any]]) -> dict[int, Any]:
    """Return what `fetch` gives; a batch that fails is tried in halves, down to single ids."""
    try:
        return fetch(ids)
    except Exception as error:  # noqa: BLE001 - requests, ossify and numpy errors alike
        if len(ids) == 1:
            return {ids[0]: error}
    middle = len(ids) // 2
    return _in_halves(ids[:middle], fetch) | _in_halves(ids[middle:], fetch)


def _exact(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InvalidArgument(
            f"root id {value!r} is a {type(value).__name__}; an integer is needed, for a float "
            "does not hold 18 digits"
        )
    return int(value)
