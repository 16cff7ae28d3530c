"""Many samples over threads, processes or a cluster, each from a stream of its own."""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import Progress
from connectome_graph.border.progress import bar
from connectome_graph.comparison._checkpoint import Checkpoint
from connectome_graph.comparison._components import united
from connectome_graph.comparison._draws import Ensemble, Rows, drawn
from connectome_graph.comparison._on_cluster import is_client, run_on
from connectome_graph.comparison._result import PartialResult
from connectome_graph.errors import InvalidArgument

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["collect", "matrix"]

# Samples sent to another process at once: the graph travels with each parcel.
_PARCELS = 64
# Seconds between two writes of the checkpoint.
_PAUSE = 5.0


@dataclass(frozen=True)
class Parcel:
    """Some samples of an ensemble, to be drawn in one go."""

    ensemble: Ensemble
    streams: np.random.SeedSequence
    numbers: Sequence[int]

    def __call__(self) -> Rows:
        draw = self.ensemble.prepare()
        rows: Rows = {}
        for number in self.numbers:
            rows |= drawn(draw, self.streams, number)
        return rows


def _tasks(
    ensemble: Ensemble, streams: np.random.SeedSequence, numbers: list[int], *, shared: bool
) -> Iterator[Callable[[], Rows]]:
    """Yield the work: a sample each where memory is shared, else parcels of samples."""
    if shared:
        draw = ensemble.prepare()
        yield from (partial(drawn, draw, streams, number) for number in numbers)
        return
    size = max(1, -(-len(numbers) // _PARCELS))
    for start in range(0, len(numbers), size):
        yield Parcel(ensemble, streams, numbers[start : start + size])


def collect(
    ensemble: Ensemble,
    streams: np.random.SeedSequence,
    n: int,
    *,
    executor: Executor | Client | None,
    checkpoint: Checkpoint | None,
    progress: Progress,
) -> Rows:
    """Return the components of `n` samples, or after Ctrl-C of those that were done.

    Raises
    ------
    InvalidArgument
        When `executor` is neither an Executor nor a Dask client.
    KeyboardInterrupt
        When interrupted before two samples were done.
    """
    if not isinstance(executor, Executor | None) and not is_client(executor):
        raise InvalidArgument(
            f"executor={executor!r} is not a concurrent.futures.Executor; use ThreadPoolExecutor, "
            "ProcessPoolExecutor, or a dask.distributed Client"
        )
    rows = {} if checkpoint is None else checkpoint.load()
    rows = {number: row for number, row in rows.items() if number < n}
    missing = [number for number in range(n) if number not in rows]
    shared = executor is None or isinstance(executor, ThreadPoolExecutor)
    with contextlib.ExitStack() as stack:
        shown = stack.enter_context(
            bar(total=n, initial=len(rows), unit="sample", progress=progress)
        )
        saver = stack.enter_context(_Saver(rows, checkpoint))

        def keep(done: Rows) -> None:
            rows.update(done)
            shown.update(len(done))
            saver.sometimes()

        try:
            if not isinstance(executor, Executor | None):
                run_on(executor, ensemble, streams, missing, keep)
            else:
                pool = executor or stack.enter_context(ThreadPoolExecutor(_n_threads()))
                _run(pool, _tasks(ensemble, streams, missing, shared=shared), keep)
        except KeyboardInterrupt:
            if len(rows) < 2:
                raise
            warnings.warn(
                f"interrupted: the result holds the {len(rows):,} of {n:,} samples that were done",
                PartialResult,
                stacklevel=4,
            )
    return rows


def _run(pool: Executor, tasks: Iterator[Callable[[], Rows]], keep: Callable[[Rows], None]) -> None:
    """Hand every result to `keep`; on Ctrl-C also those of the samples that were under way."""
    pending: set[Future[Rows]] = set()
    try:
        for task in tasks:
            pending.add(pool.submit(task))
            if len(pending) >= 2 * _PARCELS:
                pending = _settle(pending, keep)
        while pending:
            pending = _settle(pending, keep)
    except KeyboardInterrupt:
        under_way = [future for future in pending if not future.cancel()]
        for future in wait(under_way).done:
            if future.exception() is None:
                keep(future.result())
        raise
    except BaseException:
        for future in pending:
            future.cancel()
        raise


def _settle(pending: set[Future[Rows]], keep: Callable[[Rows], None]) -> set[Future[Rows]]:
    """Wait for the next results, keep them, and return what is still pending."""
    wait(pending, return_when=FIRST_COMPLETED)
    for future in [future for future in pending if future.done()]:
        keep(future.result())
        pending.discard(future)
    return pending


def _n_threads() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


class _Saver:
    """Writes the checkpoint now and then, and at the end however it comes."""

    def __init__(self, rows: Rows, checkpoint: Checkpoint | None) -> None:
        self._rows, self._checkpoint = rows, checkpoint
        self._last = time.monotonic()
        self._saved = len(rows)

    def __enter__(self) -> Self:
        return self

    def sometimes(self) -> None:
        if time.monotonic() - self._last > _PAUSE:
            self._save()

    def _save(self) -> None:
        if self._checkpoint is not None and len(self._rows) > self._saved:
            self._checkpoint.save(self._rows)
            self._saved = len(self._rows)
        self._last = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._save()


def matrix(
    observed: pd.Series, rows: Mapping[int, pd.Series], absent: float
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the observed components and the samples over all components that any of them has.

    Parameters
    ----------
    observed
        Components of the observed graph.
    rows
        Components of every sample.
    absent
        The value of a component that a graph does not report.
    """
    numbers = sorted(rows)
    same = {id(observed.index)}
    others = []
    for number in numbers:
        index = rows[number].index
        if id(index) not in same and not index.equals(observed.index):
            others.append(index)
    if not others:
        values = [rows[number].to_numpy() for number in numbers]
        shape = len(numbers), len(observed)
        data = np.vstack(values) if values else np.empty(shape)
        return observed, pd.DataFrame(data, index=_numbered(numbers), columns=observed.index)
    labels = united(observed.index, others)
    filled = [rows[number].reindex(labels, fill_value=absent).to_numpy() for number in numbers]
    frame = pd.DataFrame(np.vstack(filled), index=_numbered(numbers), columns=labels)
    return observed.reindex(labels, fill_value=absent), frame


def _numbered(numbers: list[int]) -> pd.Index:
    return pd.Index(numbers, name="sample", dtype=np.int64)
