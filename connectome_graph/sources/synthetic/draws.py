"""Random draws that stay fast, and small in memory, on long tables."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from connectome_graph._kernels.threads import n_threads

__all__ = ["in_chunks", "weighted_draws"]

T = TypeVar("T")

_CHUNK = 1 << 17


def in_chunks(
    task: Callable[[slice, np.random.Generator], T], n: int, rng: np.random.Generator
) -> list[T]:
    """Return ``task(rows, stream)`` for the rows of ``range(n)``, a chunk at a time, on threads.

    Every chunk has a stream of its own, so the numbers do not depend on how many threads ran.

    Examples
    --------
    >>> import numpy as np
    >>> in_chunks(lambda rows, _: rows.stop - rows.start, 200_000, np.random.default_rng(0))
    [131072, 68928]
    """
    starts = range(0, n, _CHUNK)
    chunks = [slice(start, min(start + _CHUNK, n)) for start in starts]
    streams = rng.spawn(len(chunks))
    with ThreadPoolExecutor(n_threads()) as pool:
        return list(pool.map(task, chunks, streams))


def weighted_draws(
    rng: np.random.Generator, weights: npt.ArrayLike, n: int
) -> npt.NDArray[np.int64]:
    """Return `n` positions drawn with replacement in proportion to `weights`, in rising order.

    Running sums of exponential numbers are sorted uniform numbers, and looking up sorted numbers
    walks through the table once instead of jumping about in it.

    Examples
    --------
    >>> import numpy as np
    >>> weighted_draws(np.random.default_rng(0), [0.0, 1.0, 0.0], 3).tolist()
    [1, 1, 1]
    """
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    running = np.cumsum(rng.standard_exponential(n + 1))
    drawn = running[:-1] * (cumulative[-1] / running[-1])
    found: npt.NDArray[np.int64] = np.searchsorted(cumulative, drawn, side="right")
    return np.minimum(found, len(cumulative) - 1, out=found)
