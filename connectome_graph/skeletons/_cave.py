"""Skeletons from CAVE: many neurons, all at the moment of one materialization."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np

from connectome_graph.border.arguments import Progress, check_progress
from connectome_graph.errors import ConnectomeError, InvalidArgument, choice
from connectome_graph.skeletons._load import Loaded, gathered
from connectome_graph.skeletons._skeleton import Skeleton, from_arrays
from connectome_graph.skeletons._validity import Disconnected, DuplicateEdges, MissingSoma
from connectome_graph.sources.cave._morphology import Morphology, morphologies
from connectome_graph.sources.cave._session import Session

__all__ = ["load_cave"]


def load_cave(
    session: Session,
    root_ids: Iterable[int],
    *,
    batch_size: int = 50,
    duplicate_edges: DuplicateEdges = "raise",
    disconnected: Disconnected = "raise",
    missing_soma: MissingSoma = "raise",
    errors: Literal["raise", "collect"] = "raise",
    progress: Progress = None,
) -> Loaded:
    """Return skeletons and synapse sites of neurons from a CAVE server.

    Everything is asked for at the moment of the session's version, so that root ids of all cells
    and partners mean the same moment; every synapse is proven as :func:`from_cave` proves it.
    What arrives is kept neuron by neuron, and synapses that the session has fetched for a graph
    are not fetched again. A synapse lies on the vertex that stands for the chunk of the
    segmentation (level 2) which holds its supervoxel.

    Parameters
    ----------
    session
        A session of :func:`connectome_graph.cave.connect`.
    root_ids
        The neurons, as integers.
    batch_size
        Neurons whose skeletons are asked for at once, at most 500.
    duplicate_edges, disconnected, missing_soma
        As for :func:`connectome_graph.skeletons.from_arrays`.
    errors, progress
        As for :func:`connectome_graph.skeletons.load`.

    Returns
    -------
    Loaded
        Its cells have ``inputs`` and ``outputs`` with ``synapse_id``, ``pre``, ``post``,
        ``vertex``, ``size`` and ``x_um y_um z_um`` in the dataset's own axes.
        FlyWire's skeletons are flat files without such sites, and without a soma: pass
        ``missing_soma="root"``, and attach them by position.

    Raises
    ------
    InvalidArgument
        When `session` is none, or an id is not an integer.
    UnreadableFile
        With ``errors="raise"``, when a neuron could not be loaded: it was no neuron at that
        moment, has no skeleton yet, or its skeleton is not a tree.
    RefusedToken, RemoteError
        When the server refuses or fails.
    """
    if not isinstance(session, Session):
        raise InvalidArgument(
            f"a session is needed first, found {type(session).__name__}: make one with "
            f"cave.connect(datastack, version=...) or cave.connect(client), then "
            f"load_cave(session, root_ids)"
        )
    choice(errors, ("raise", "collect"), name="errors")
    check_progress(progress)
    ids = list(dict.fromkeys(_exact(value) for value in root_ids))
    if not 1 <= batch_size <= 500:
        raise InvalidArgument(f"batch_size={batch_size}: 1 to 500 neurons at once are needed")
    choices: dict[str, Any] = {
        "duplicate_edges": duplicate_edges,
        "disconnected": disconnected,
        "missing_soma": missing_soma,
    }
    found = morphologies(session, ids, batch_size=batch_size, progress=progress)
    with session.fetching():
        jobs = [(str(root), _job(root, shape, choices)) for root, shape in found]
    return gathered(jobs, errors=errors, progress=False)


def _job(
    root: int, shape: Morphology | ConnectomeError, choices: dict[str, Any]
) -> Callable[[], Skeleton]:
    def one() -> Skeleton:
        if isinstance(shape, ConnectomeError):
            raise shape
        arrays = shape.arrays
        at = int(arrays["root"])
        return from_arrays(
            arrays["vertices"],
            arrays["edges"],
            root_id=root,
            root=None if at < 0 else at,
            soma="by compartment" if "compartment" in arrays else None,
            units="nm",
            radius=arrays.get("radius"),
            compartment=arrays.get("compartment"),
            inputs=shape.inputs,
            outputs=shape.outputs,
            **choices,
        )

    return one


def _exact(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InvalidArgument(
            f"root id {value!r} is a {type(value).__name__}; an integer is needed, for a float "
            "does not hold 18 digits"
        )
    if not 0 < int(value) < 2**63:
        raise InvalidArgument(f"root id {value!r} is out of range; a positive integer is needed")
    return int(value)
