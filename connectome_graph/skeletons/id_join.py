"""Exact joins of ids: where each wanted id stands among unique keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["places_of"]


def places_of(
    wanted: npt.NDArray[Any], keys: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.int64], int | None]:
    """Return the place of each wanted id among the keys, and the place of a repeated key.

    Parameters
    ----------
    wanted, keys
        Both int64, or both object arrays of str.

    Returns
    -------
    places : ndarray of int64
        -1 where the id is no key.
    repeat : int or None
        Place of a key that was there before, None when all are different.

    Examples
    --------
    >>> import numpy as np
    >>> ids = np.array([864691135000000001, 864691135000000003])
    >>> places_of(np.array([864691135000000003, 864691135000000002]), ids)
    (array([ 1, -1]), None)
    """
    if wanted.dtype != np.int64 or keys.dtype != np.int64 or not keys.all():
        index = pd.Index(keys)
        repeated = np.flatnonzero(index.duplicated())
        if len(repeated):
            return np.full(len(wanted), -1, dtype=np.int64), int(repeated[0])
        return index.get_indexer(pd.Index(wanted)).astype(np.int64), None
    from connectome_graph._kernels import threads
    from connectome_graph._kernels.ids import insert_ids, lookup_ids

    bits = max(4, int(2 * len(keys)).bit_length())
    shift = np.uint64(64 - bits)
    table = np.zeros(2 << bits, np.uint64)
    repeat = int(insert_ids(np.array(keys), table, shift))  # a copy: a writable type to numba
    places, ids = np.empty(len(wanted), np.int32), np.ascontiguousarray(wanted)
    threads.over(lambda a, b: lookup_ids(ids[a:b], table, shift, places[a:b]), len(ids))
    return places.astype(np.int64), repeat if repeat >= 0 else None
