"""The random stream inside kernels, and the hash table of pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest

from connectome_graph._kernels import edge_table, stream
from connectome_graph._kernels.tetrads import PAIRS, tetrads

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


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 5)), max_size=80),
    st.sampled_from([1, 2**25]),
)
def test_table_is_a_set_of_pairs(steps, spread):
    table = edge_table.empty_table(8)
    held = set()
    for add, first, second in steps:
        key = edge_table.key_of(first * spread, second * spread)
        if add and len(held) < 12:
            table[edge_table.find(table, key)] = key | np.uint64(len(held) % 3)
            held.add((first, second))
        elif (first, second) in held:
            edge_table.remove(table, key)
            held.discard((first, second))
        for i in range(6):
            for j in range(6):
                slot = edge_table.find(table, edge_table.key_of(i * spread, j * spread))
                assert (table[slot] != edge_table.EMPTY) == ((i, j) in held)


def test_tetrads_are_grouped_by_their_degrees():
    classes = tetrads()

    def degrees(state):
        found = np.zeros((4, 3), int)
        for place, (i, j) in enumerate(PAIRS):
            code = state >> (2 * place) & 3
            for here, there, forward in ((i, j, 1), (j, i, 2)):
                found[here, 0] += code == forward
                found[there, 1] += code == forward
                found[here, 2] += code == 3
        return found.tobytes()

    groups: dict[bytes, list[int]] = {}
    for code in range(4096):
        groups.setdefault(degrees(code), []).append(code)
    for code in range(4096):
        span = slice(classes.start[code], classes.start[code] + classes.size[code])
        assert classes.members[span].tolist() == groups[degrees(code)]
        assert classes.members[classes.start[code] + classes.rank[code]] == code
