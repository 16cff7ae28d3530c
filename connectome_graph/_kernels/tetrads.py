"""The 4,096 ways in which four neurons can be connected, grouped by what a switch must keep.

A state gives each of the six pairs (0,1) (0,2) (0,3) (1,2) (1,3) (2,3) two bits: 0 unconnected,
1 first to second, 2 second to first, 3 both. Two states are of one class when every one of the
four neurons has the same number of asymmetric outputs, asymmetric inputs and mutual partners.
"""

from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

PAIRS = tuple(combinations(range(4), 2))


class Tetrads(NamedTuple):
    """For each state: where its class begins in `members`, its size, and the state's rank in it."""

    start: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    rank: npt.NDArray[np.int32]
    members: npt.NDArray[np.int32]


@lru_cache(maxsize=1)
def tetrads() -> Tetrads:
    """Return the classes of four-neuron states."""
    states = np.arange(4 ** len(PAIRS))
    degrees = np.zeros((4, 3, len(states)), np.int64)
    for place, (i, j) in enumerate(PAIRS):
        code = (states >> (2 * place)) & 3
        for here, there, forward in ((i, j, 1), (j, i, 2)):
            degrees[here, 0] += code == forward
            degrees[there, 1] += code == forward
            degrees[here, 2] += code == 3
    key = np.zeros(len(states), np.int64)
    for row in degrees.reshape(12, -1):
        key = 4 * key + row
    members = np.argsort(key, kind="stable")
    ordered = key[members]
    start = np.searchsorted(ordered, key, "left")
    size = np.searchsorted(ordered, key, "right") - start
    rank = np.empty(len(states), np.int64)
    rank[members] = states - start[members]
    return Tetrads(*(column.astype(np.int32) for column in (start, size, rank, members)))
