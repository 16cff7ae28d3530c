"""Weighted draws that stay fast on long tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["weighted_draws"]


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
