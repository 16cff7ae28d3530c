"""The 4**10 ways in which five neurons can be connected, grouped by what an exchange must keep.

A state gives each of the ten pairs (0,1) (0,2) ... (3,4) two bits: 0 unconnected, 1 first to
second, 2 second to first, 3 both. Two states are of one class when every one of the five neurons
has the same number of asymmetric outputs, asymmetric inputs and mutual partners.
"""

from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

PAIRS = tuple(combinations(range(5), 2))


class Pentads(NamedTuple):
    """For each state: where its class begins in `members`, its size, and the state's rank in it."""

    start: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    rank: npt.NDArray[np.int32]
    members: npt.NDArray[np.int32]


@lru_cache(maxsize=1)
def pentads() -> Pentads:
    """Return the classes of five-neuron states (16 MB, made once)."""
    states = np.arange(4 ** len(PAIRS), dtype=np.int32)
    degrees = np.zeros((5, 3, len(states)), np.int8)
    for place, (i, j) in enumerate(PAIRS):
        code = (states >> (2 * place)) & 3
        for here, there, forward in ((i, j, 1), (j, i, 2)):
            degrees[here, 0] += code == forward
            degrees[there, 1] += code == forward
            degrees[here, 2] += code == 3
    key = np.zeros(len(states), np.int64)
    for row in degrees.reshape(15, -1):
        key *= 5
        key += row
    members = np.argsort(key, kind="stable").astype(np.int32)
    first = np.flatnonzero(np.diff(key[members], prepend=-1))
    sizes = np.diff(first, append=len(states))
    start, size = np.empty((2, len(states)), np.int32)
    start[members], size[members] = np.repeat(first, sizes), np.repeat(sizes, sizes)
    rank = np.empty(len(states), np.int32)
    rank[members] = states
    return Pentads(start, size, rank - start, members)
