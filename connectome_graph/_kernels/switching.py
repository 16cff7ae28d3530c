"""A chain of switches that keeps every in- and out-degree, inside classes of edges.

One step picks two edges of one class, ``u -> x`` and ``v -> y``, and makes them ``u -> y`` and
``v -> x`` unless that would make an autapse or an edge that exists; then the chain *holds*, and
the step still counts (otherwise well-connected graphs would be drawn too often). One step in 32
instead walks ``a -> b -> c`` inside the class and, where ``c -> a`` closes a 3-cycle of which no
edge is mutual, turns the cycle round half of the time (always would let the number of steps
decide which way a lone one runs). Two-edge switches alone do not reach every directed graph
(Rao, Jana & Bandyopadhyay 1996).

Both proposals are symmetric. The first picks two edges with a probability that no switch
changes. The second proposes a cycle with probability ``sum over its neurons of
1 / (edges * out-degree)``, the same for the cycle and its reverse.

Edges come sorted by class and, inside a class, by presynaptic neuron. No step changes the
presynaptic neuron of a place in that list, so the places of one neuron stay together and are its
edge list, and what is attached to a place (a synapse count) stays with its presynaptic neuron.

Which edges exist is known by a bit matrix while it fits the cache, and by a hash table in larger
graphs. Switches and reversals take turns in a fixed order, which keeps the uniform distribution as
each of them does.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.edge_table import EMPTY, find, home, key_of, remove
from connectome_graph._kernels.prefetching import prefetch
from connectome_graph._kernels.stream import below

# One step in this many is of each rarer kind.
RARE = 32
# Steps drawn ahead of their use, so that memory fetches what they touch meanwhile.
AHEAD = 64
ONE = np.uint64(1)
LOW = np.uint64(63)


@compiled
def bit(neuron):
    """Return the bit of a neuron in its word of a bit matrix."""
    return ONE << (np.uint64(neuron) & LOW)


@compiled
def place_of(post, start, stop, target):
    """Return where in ``post[start:stop]`` the target stands; it does stand there."""
    at = start
    while at < stop - 1 and post[at] != target:
        at += 1
    return at


@compiled
def edge_bits(pre, post, n):
    """Return the bit matrix of the edges: ``uint64[n, n / 64]``."""
    bits = np.zeros((n, (n + 63) // 64), np.uint64)
    for e in range(len(pre)):
        bits[pre[e], post[e] >> 6] |= bit(post[e])
    return bits


@compiled
def fill_table(table, pre, post):
    """Put the edges into an empty table."""
    for e in range(len(pre)):
        key = key_of(pre[e], post[e])
        table[find(table, key)] = key


@compiled
def _switches_bits(bits, pre, post, first, second, size):
    """Make the drawn switches that the bit matrix allows; return how many.

    Spelled out, because a numba function that takes arrays counts references at every call.
    """
    made = 0
    for s in range(size):
        i, j = first[s], second[s]
        u, x, v, y = pre[i], post[i], pre[j], post[j]
        if u == v or x == y or u == y or v == x:
            continue
        if bits[u, y >> 6] & bit(y) or bits[v, x >> 6] & bit(x):
            continue
        bits[u, x >> 6] &= ~bit(x)
        bits[u, y >> 6] |= bit(y)
        bits[v, y >> 6] &= ~bit(y)
        bits[v, x >> 6] |= bit(x)
        post[i], post[j] = y, x
        made += 1
    return made


@compiled
def _switches_table(table, pre, post, first, second, size):
    """Make the drawn switches that the hash table allows; return how many."""
    made = 0
    for s in range(size):
        i, j = first[s], second[s]
        u, x, v, y = pre[i], post[i], pre[j], post[j]
        if u == v or x == y or u == y or v == x:
            continue
        uy, vx = key_of(u, y), key_of(v, x)
        at_uy, at_vx = find(table, uy), find(table, vx)
        if table[at_uy] != EMPTY or table[at_vx] != EMPTY:
            continue
        table[at_uy] = uy
        if at_vx == at_uy:
            at_vx = find(table, vx)
        table[at_vx] = vx
        remove(table, key_of(u, x))
        remove(table, key_of(v, y))
        post[i], post[j] = y, x
        made += 1
    return made


@compiled
def has_edge(bits, table, a, b):
    """Return whether ``a -> b`` is an edge, by whichever store is not empty."""
    if bits.size:
        return (bits[a, b >> 6] & bit(b)) != 0
    return table[find(table, key_of(a, b))] != EMPTY


@compiled
def _retarget(bits, table, a, old, new):
    """Replace the edge ``a -> old`` by ``a -> new``."""
    if bits.size:
        bits[a, old >> 6] &= ~bit(old)
        bits[a, new >> 6] |= bit(new)
    else:
        remove(table, key_of(a, old))
        table[find(table, key_of(a, new))] = key_of(a, new)


@compiled
def _reverse(bits, table, pre, post, own_start, own_stop, i, state):
    """Turn a 3-cycle through edge `i` round, if the walk drawn from it closes one."""
    a, b = pre[i], post[i]
    out = own_stop[b] - own_start[b]
    if out == 0 or i < own_start[a] or i >= own_stop[a] or below(state, 2):
        return 0
    j = own_start[b] + below(state, out)
    c = post[j]
    if not has_edge(bits, table, c, a) or has_edge(bits, table, a, c):
        return 0
    if has_edge(bits, table, c, b) or has_edge(bits, table, b, a):
        return 0
    k = place_of(post, own_start[c], own_stop[c], a)
    _retarget(bits, table, a, b, c)
    _retarget(bits, table, c, a, b)
    _retarget(bits, table, b, c, a)
    post[i], post[k], post[j] = c, b, a
    return 1


@compiled
def _draw(state, class_of, class_start, m, first, second, size):
    """Draw the places of the next switches: two edges of one class."""
    if class_of.size == 0:
        for s in range(size):
            first[s], second[s] = below(state, m), below(state, m)
        return
    for s in range(size):
        first[s] = below(state, m)
        start = class_start[class_of[first[s]]]
        second[s] = start + below(state, class_start[class_of[first[s]] + 1] - start)


@compiled
def _expect(table, pre, post, first, second, size):
    """Ask memory for what the drawn switches will touch."""
    last = len(table) - 1
    for s in range(size):
        prefetch(pre, first[s])
        prefetch(post, first[s])
        prefetch(pre, second[s])
        prefetch(post, second[s])
    for s in range(size):
        u, x = pre[first[s]], post[first[s]]
        v, y = pre[second[s]], post[second[s]]
        prefetch(table, home(key_of(u, x), last))
        prefetch(table, home(key_of(u, y), last))
        prefetch(table, home(key_of(v, x), last))
        prefetch(table, home(key_of(v, y), last))


@compiled
def switch(bits, table, pre, post, class_of, class_start, own_start, own_stop, steps, state):
    """Move the chain `steps` steps on, in place.

    Parameters
    ----------
    bits : uint64[n, n / 64] or uint64[0, 0]
        From :func:`edge_bits`; empty when `table` is in use; changed.
    table : uint64[capacity] or uint64[0]
        Filled by :func:`fill_table`; empty when `bits` is in use; changed.
    pre, post : int32[m]
        The edges, sorted by class and presynaptic neuron; `post` is changed.
    class_of : int32[m] or int32[0]
        The class of each edge; empty when there is one class.
    class_start : int64[k + 1]
        Where each class begins.
    own_start, own_stop : int64[n]
        The places of each neuron's edges in the class in which 3-cycles through it lie (the
        edges to neurons of its own kind); an empty span where there is none.
    steps : int
        Number of steps, held ones included.
    state : uint64[4]
        Random state; changed.

    Returns
    -------
    int64[2]
        Switches made and 3-cycles reversed.
    """
    m = len(pre)
    made = np.zeros(2, np.int64)
    if m == 0:
        return made
    first, second = np.empty(AHEAD, np.int64), np.empty(AHEAD, np.int64)
    for begin in range(0, steps, AHEAD):
        size = min(AHEAD, steps - begin)
        rare = (size + RARE - 1) // RARE
        _draw(state, class_of, class_start, m, first, second, size - rare)
        if bits.size:
            made[0] += _switches_bits(bits, pre, post, first, second, size - rare)
        else:
            _expect(table, pre, post, first, second, size - rare)
            made[0] += _switches_table(table, pre, post, first, second, size - rare)
        for _ in range(rare):
            i = below(state, m)
            made[1] += _reverse(bits, table, pre, post, own_start, own_stop, i, state)
    return made
