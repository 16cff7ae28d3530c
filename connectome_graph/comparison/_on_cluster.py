"""An ensemble as one Dask graph: the observed graph sent once, samples streamed back.

The recipe (graph, null model, statistic) is scattered to every worker, each task draws a few
samples from their own streams, and what is done comes back as it is done. Dask runs the tasks of
a worker that died again on another; when every copy of the recipe died with its workers, what is
missing is sent anew. Streams belong to samples, so none of this changes a number.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from typing import Any
from uuid import uuid4

import numpy as np

from connectome_graph.comparison._draws import Draw, Ensemble, Rows, drawn
from connectome_graph.errors import ConnectomeError, RemoteError
from connectome_graph.sources.engine._dask import is_client

__all__ = ["is_client", "run_on"]

#: Tasks of an ensemble at most: a task costs the scheduler about a millisecond.
_TASKS = 2_000
#: How often an ensemble is sent anew after its last copy was lost.
_TIMES = 5

_PREPARED: dict[str, Draw] = {}
_LOCK = threading.Lock()


def run_on(
    client: Any,
    ensemble: Ensemble,
    streams: np.random.SeedSequence,
    numbers: Sequence[int],
    keep: Callable[[Rows], None],
) -> None:
    """Draw samples on the workers of a Dask client and hand each to `keep` as it is done.

    Parameters
    ----------
    client
        A ``distributed.Client``.
    ensemble
        What is drawn.
    streams
        The seed sequence whose child ``i`` is the stream of sample ``i``.
    numbers
        The samples to draw.
    keep
        Is given every result, in the order in which they are done.

    Raises
    ------
    RemoteError
        When the cluster gave up: a sample killed its worker again and again, or no worker is left.
    """
    missing = list(numbers)
    done: set[int] = set()

    def kept(rows: Rows) -> None:
        done.update(rows)
        keep(rows)

    for _ in range(_TIMES):
        if not missing:
            return
        _once(client, ensemble, streams, missing, kept)
        missing = [number for number in missing if number not in done]
    if missing:
        raise RemoteError(
            f"the Dask cluster lost its workers {_TIMES} times; {len(done):,} samples are done and "
            f"{len(missing):,} are missing: give its workers more memory, or pass checkpoint= so "
            "that a later run goes on from here"
        )


def _once(
    client: Any,
    ensemble: Ensemble,
    streams: np.random.SeedSequence,
    numbers: list[int],
    keep: Callable[[Rows], None],
) -> None:
    """Send the recipe and its tasks once, and keep what comes back; what is lost stays missing."""
    import distributed

    as_completed: Any = distributed.as_completed
    _need_workers(client)
    recipe = client.scatter(ensemble, broadcast=True, hash=False)
    size = max(1, -(-len(numbers) // _TASKS))
    parcels = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    futures = client.map(
        _draw, parcels, recipe=recipe, streams=streams, run=uuid4().hex, pure=False
    )
    try:
        for future in as_completed(futures):
            if future.status != "cancelled":
                keep(_result(future))
            future.release()
    except CancelledError:
        return
    finally:
        client.cancel(futures)
        del futures, recipe


def _draw(
    numbers: list[int], *, recipe: Ensemble, streams: np.random.SeedSequence, run: str
) -> Rows:
    """Draw some samples on a worker, which prepares the null model once."""
    with _LOCK:
        if run not in _PREPARED:
            _PREPARED.clear()
            _PREPARED[run] = recipe.prepare()
        draw = _PREPARED[run]
    rows: Rows = {}
    for number in numbers:
        rows |= drawn(draw, streams, number)
    return rows


def _need_workers(client: Any) -> None:
    try:
        client.wait_for_workers(1, timeout=60)
    except TimeoutError as error:
        raise RemoteError(
            "the Dask cluster has had no worker for a minute; start some and run again"
        ) from error


def _result(future: Any) -> Rows:
    """Return a future's samples; a fault of the cluster becomes a RemoteError, ours stays."""
    from distributed import KilledWorker

    try:
        rows: Rows = future.result()
    except KilledWorker as error:
        raise RemoteError(
            f"a sample ended its Dask worker again and again ({error}); the workers may be out of "
            "memory: see the dashboard, or give them more"
        ) from error
    except ConnectomeError:
        raise
    return rows
