"""The random stream inside kernels."""

from __future__ import annotations

import numpy as np
from scipy.stats import chisquare, kstest

from connectome_graph._kernels import stream

MASK = (1 << 64) - 1


def state(seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, 4, dtype=np.uint64)


def rotate(word, bits):
    return ((word << bits) | (word >> (64 - bits))) & MASK


def xoshiro(words):
    """Yield xoshiro256++ as its authors define it, in Python's own integers."""
    s = [int(word) for word in words]
    while True:
        yield (rotate((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
        shifted = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotate(s[3], 45)


def test_words_are_those_of_xoshiro():
    words, expected = state(), xoshiro(state())
    assert [int(stream.next_word(words)) for _ in range(50)] == [next(expected) for _ in range(50)]


def test_integers_below_a_limit_are_uniform():
    words = state(1)
    for limit in (1, 2, 7, 1000):
        drawn = np.array([stream.below(words, limit) for _ in range(20_000)])
        assert drawn.min() >= 0
        assert drawn.max() < limit
        if limit > 1:
            assert chisquare(np.bincount(drawn, minlength=limit)).pvalue > 1e-3
    large = [stream.below(words, 2**32 - 5) for _ in range(2000)]
    assert kstest(np.array(large) / 2**32, "uniform").pvalue > 1e-3


def test_uniform_numbers_are_uniform():
    words = state(2)
    drawn = [stream.uniform(words) for _ in range(5000)]
    assert kstest(drawn, "uniform").pvalue > 1e-3
