"""Distinct numbers of large arrays, by sorting.

``numpy.unique`` hashes numbers since 2.3, which for millions of different ones takes many times
as long as sorting them does, because every look-up misses the cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["distinct"]


def distinct(*arrays: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the distinct values of some arrays of whole numbers, ascending.

    Examples
    --------
    >>> import numpy as np
    >>> distinct(np.array([3, 1]), np.array([3, 2])).tolist()
    [1, 2, 3]
    """
    values = arrays[0].ravel() if len(arrays) == 1 else np.concatenate(arrays, axis=None)
    if values.dtype.kind not in "iu" or not len(values):
        return np.unique(values)
    values = np.sort(values)
    first = np.empty(len(values), bool)
    first[0] = True
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return values[first]
