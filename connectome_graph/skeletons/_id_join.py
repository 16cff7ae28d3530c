"""Exact joins of ids: where each wanted id stands among unique keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.model.index import IdTable

__all__ = ["places_of"]


def places_of(
    wanted: npt.NDArray[Any], keys: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.int32], int | None]:
    """Return the place of each wanted id among the keys, and the place of a repeated key.

    Parameters
    ----------
    wanted, keys
        Both int64, or both object arrays of str.

    Returns
    -------
    places : ndarray of int32
        -1 where the id is no key.
    repeat : int or None
        Place of a key that was there before, None when all are different.

    Examples
    --------
    >>> import numpy as np
    >>> ids = np.array([864691135000000001, 864691135000000003])
    >>> places_of(np.array([864691135000000003, 864691135000000002]), ids)
    (array([ 1, -1], dtype=int32), None)
    """
    if wanted.dtype == np.int64 and keys.dtype == np.int64 and keys.all():
        table = IdTable(np.array(keys))  # a copy: a type that can be written, to numba
        return table.encode(wanted), table.repeat
    index = pd.Index(keys)
    repeated = np.flatnonzero(index.duplicated())
    if len(repeated):
        return np.full(len(wanted), -1, dtype=np.int32), int(repeated[0])
    return index.get_indexer(pd.Index(wanted)).astype(np.int32), None
