"""A random stream inside a kernel: xoshiro256++, its state seeded from a numpy Generator.

numba's own random numbers live in one hidden state a thread; these live in an array of four
64-bit words that the caller owns, so a sample depends on its seed and on nothing else.

References
----------
Blackman & Vigna (2021), Scrambled linear pseudorandom number generators, ACM TOMS 47, 36.
Lemire (2019), Fast random integer generation in an interval, ACM TOMACS 29, 3.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled

_SCALE = 2.0**-53
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@compiled
def _rotate(word, bits):
    return (word << np.uint64(bits)) | (word >> np.uint64(64 - bits))


@compiled
def next_word(state):
    """Return the next 64 random bits and move the state (``uint64[4]``) on."""
    word = _rotate(state[0] + state[3], 23) + state[0]
    shifted = state[1] << np.uint64(17)
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = _rotate(state[3], 45)
    return word


@compiled
def below(state, limit):
    """Return a uniform integer in ``[0, limit)``, without bias, for a limit under 2**32."""
    wide = np.uint64(limit)
    product = (next_word(state) >> _HALF) * wide
    if (product & _LOW) < wide:
        threshold = (np.uint64(1) << _HALF) % wide
        while (product & _LOW) < threshold:
            product = (next_word(state) >> _HALF) * wide
    return np.int64(product >> _HALF)


@compiled
def uniform(state):
    """Return a uniform number in ``[0, 1)`` with 53 random bits."""
    return np.float64(next_word(state) >> np.uint64(11)) * _SCALE
