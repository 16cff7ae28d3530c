"""Work split over threads: the kernels release the GIL, this brings the threads.

numba's own ``parallel=True`` is not used: its default layer aborts the process when two
Python threads enter such kernels at once, which ensembles do.
"""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

# Below this many items the cost of starting threads is larger than what they save.
SMALL = 200_000


def n_threads() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def spans(total: int, parts: int) -> list[tuple[int, int]]:
    """Return `parts` contiguous ranges that cover ``range(total)``."""
    cuts = [total * part // parts for part in range(parts + 1)]
    return list(itertools.pairwise(cuts))


def balanced_spans(pointers: npt.NDArray[np.int64], parts: int) -> list[tuple[int, int]]:
    """Return `parts` ranges of rows holding about equally many items each.

    `pointers` has one entry more than there are rows: row ``i`` owns the items
    ``pointers[i]:pointers[i + 1]``.
    """
    total = int(pointers[-1])
    inner = [int(np.searchsorted(pointers, total * part // parts)) for part in range(1, parts)]
    cuts = [0, *inner, len(pointers) - 1]
    return list(itertools.pairwise(cuts))


def run(task: Callable[[int, int], object], ranges: list[tuple[int, int]]) -> list[object]:
    """Call ``task(start, stop)`` for every range, on threads when there are several.

    The last range runs here: the calling thread would only wait. Tasks must not call `run`.
    """
    waiting = [_pool(os.getpid()).submit(task, *span) for span in ranges[:-1]]
    try:
        last = task(*ranges[-1])
    finally:
        done = [future.result() for future in waiting]
    return [*done, last]


@functools.cache
def _pool(process: int) -> ThreadPoolExecutor:
    """Return the threads of this process; a forked child does not inherit its parent's."""
    return ThreadPoolExecutor(n_threads(), thread_name_prefix=f"connectome-graph-{process}")


def each(task: Callable[[int], object], count: int) -> list[object]:
    """Call ``task(0) ... task(count - 1)``, on one thread each."""
    return run(lambda part, _: task(part), [(part, part) for part in range(count)])


def over(task: Callable[[int, int], object], total: int) -> list[object]:
    """Call ``task(start, stop)`` over ``range(total)``, threaded when it is worth it."""
    return run(task, spans(total, 1 if total < SMALL else n_threads()))
