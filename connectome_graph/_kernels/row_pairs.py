"""Which rows trade with which in one pass, and the random numbers of a pair of rows.

Degrees never change, so that a pairing by degree does not depend on the state of a chain: it is a
symmetric proposal. Rows of similar degree have the most to exchange; a row with many entries and
one with few could trade few of them. So rows are cut into bands of the logarithm of their degree,
the borders anywhere, shuffled inside each band, and neighbours are paired. Bands are narrow in a
third of the passes, wide in a third, and in a third there is one: pairs of similar degree move most
edges, but among such pairs alone the edges of a column wander slowly from rows of low to rows of
high degree, and with them the classes of triads.

One trade per pass would leave a hub for long what it was, because its partner has few targets to
give. So a pass has rounds: in the first all rows are paired, in each further one the rows of a
degree above so many times twice the mean, each with any other row of its group.

The pairs of one round have no row in common, and each of them draws from a stream of its own that
follows from the round and its number: any thread may take any pair, and the numbers are the same.
"""

import math

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.stream import below, uniform

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
HALF = np.uint64(32)
#: Widths of a band in natural logarithms of the degree; the last is wider than any two degrees.
NARROW, WIDE, ALL = 0.5, 2.5, 1e9
#: Most rounds of a pass.
MOST_ROUNDS = 32


@compiled(inline="always")
def mixed(word):
    """Return 64 well-mixed bits of a word (the finaliser of splitmix64)."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@compiled
def _shuffle(order, start, stop, state):
    for at in range(stop - 1, start, -1):
        other = start + below(state, at - start + 1)
        order[at], order[other] = order[other], order[at]


@compiled
def pair_rows(order, level, group_start, state, first, second):
    """Pair the rows of every group anew.

    Parameters
    ----------
    order : int32[r]
        The rows, group after group, each group by ascending `level`.
    level : float64[r]
        The logarithm of each one's degree.
    group_start : int64[k + 1]
        Where each group begins; rows of two groups are never paired.
    state : uint64[4]
        Random state; changed.
    first, second : int32[r / 2]
        Filled with the pairs.

    Returns
    -------
    int
        The number of pairs.
    """
    rows = np.empty(len(order), np.int32)
    for at in range(len(order)):
        rows[at] = order[at]
    turn = below(state, 16)
    width = NARROW if turn < 5 else WIDE if turn < 10 else ALL
    offset = uniform(state)
    pairs = 0
    for g in range(len(group_start) - 1):
        begin, end = group_start[g], group_start[g + 1]
        start = begin
        for at in range(begin + 1, end + 1):
            same = at < end and math.floor(level[at] / width + offset) == math.floor(
                level[start] / width + offset
            )
            if not same:
                _shuffle(rows, start, at, state)
                start = at
        # Of an odd number one end stays without a partner, the first or the last.
        at = begin + (below(state, 2) if (end - begin) & 1 else 0)
        while at + 1 < end:
            first[pairs], second[pairs] = rows[at], rows[at + 1]
            pairs += 1
            at += 2
    return pairs


@compiled
def _mean_degree(level, begin, end):
    total = 0.0
    for at in range(begin, end):
        total += math.exp(level[at])
    return total / (end - begin)


@compiled
def n_rounds(level, group_start):
    """Return how many rounds a pass has."""
    most = 1
    for g in range(len(group_start) - 1):
        begin, end = group_start[g], group_start[g + 1]
        if end - begin > 2:
            twice = 2 * _mean_degree(level, begin, end)
            most = max(most, 1 + int(math.exp(level[end - 1]) / twice))
    return min(most, MOST_ROUNDS)


@compiled
def _pair_hubs(order, level, group_start, turn, state, first, second):
    """Pair the rows of more than `turn` times twice the mean degree, each with another row."""
    taken = np.zeros(len(order), np.bool_)
    pairs = 0
    for g in range(len(group_start) - 1):
        begin, end = group_start[g], group_start[g + 1]
        if end - begin <= 2:
            continue
        limit = math.log(2 * turn * _mean_degree(level, begin, end))
        hub = end
        while hub > begin and level[hub - 1] >= limit:
            hub -= 1
        if 2 * (end - hub) > hub - begin:
            continue
        for at in range(hub, end):
            other = begin + below(state, hub - begin)
            while taken[other]:
                other = begin + below(state, hub - begin)
            taken[other] = True
            first[pairs], second[pairs] = order[at], order[other]
            pairs += 1
    return pairs


@compiled
def pairs_of_round(turn, order, level, group_start, state, first, second):
    """Fill in the pairs of one round of a pass, and return how many they are."""
    if turn == 0:
        return pair_rows(order, level, group_start, state, first, second)
    return _pair_hubs(order, level, group_start, turn, state, first, second)


@compiled
def shuffle_within(start, values, state):
    """Shuffle ``values[start[i]:start[i + 1]]`` for every row, in place."""
    for i in range(len(start) - 1):
        _shuffle(values, start[i], start[i + 1], state)
