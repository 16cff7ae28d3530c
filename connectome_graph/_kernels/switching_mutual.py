"""A chain of switches that keeps every in-, out- and mutual degree.

Every unordered pair of neurons is unconnected, connected one way (an *arc*), or mutual. Three
kinds of step, each with a symmetric proposal and held when it would break a rule, take turns in a
fixed order, which keeps the uniform distribution as each of them does:

* 30 in 32: two arcs ``u -> x``, ``v -> y`` become ``u -> y``, ``v -> x``, or two mutual pairs
  ``u = x``, ``v = y`` become ``u = y``, ``v = x``, where both new pairs are unconnected.
* 1 in 32: the walk ``a -> b -> c`` along arcs; where ``c -> a`` is an arc the 3-cycle turns
  round half of the time.
* 1 in 32: two connected pairs without a common neuron; the four neurons are connected anew, in
  one of the other ways in which each of them keeps its three degrees (:mod:`tetrads`). This
  covers arcs and mutual pairs that change places, 4-cycles and paths that turn round. How many
  such pairs of pairs four neurons hold follows from their degrees, so the proposal is symmetric.

The list holds the arcs and then both halves of every mutual pair, each part sorted by
presynaptic neuron; no step changes the presynaptic neuron of a place.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.edge_table import EMPTY, find, home, key_of, remove
from connectome_graph._kernels.prefetching import prefetch
from connectome_graph._kernels.stream import below
from connectome_graph._kernels.switching import AHEAD, RARE, place_of

# Codes of a pair. Of a type of their own, because numba compiles a function anew for each literal.
FORTH, BACK, BOTH = np.int64(1), np.int64(2), np.int64(3)
THREE = np.uint64(3)
NO_CODE = ~THREE


@compiled
def _shift(high):
    """Return where in its word the two bits of the pair with this higher neuron stand."""
    return np.uint64(2) * (np.uint64(high) & np.uint64(31))


@compiled
def _oriented(code, forward):
    """Return a code as seen from the other neuron of the pair, unless `forward`."""
    return code if forward or code == 0 or code == 3 else 3 - code


@compiled
def pair_code(bits, table, a, b):
    """Return how `a` and `b` are connected: 0 not, 1 a to b, 2 b to a, 3 both."""
    low, high = min(a, b), max(a, b)
    if bits.size:
        code = np.int64((bits[low, high >> 5] >> _shift(high)) & THREE)
    else:
        key = table[find(table, key_of(low, high))]
        code = np.int64(0) if key == EMPTY else np.int64(key & THREE)
    return _oriented(code, a < b)


@compiled
def set_pair(bits, table, a, b, code):
    """Write how `a` and `b` are connected."""
    low, high = min(a, b), max(a, b)
    word = np.uint64(_oriented(code, a < b))
    if bits.size:
        bits[low, high >> 5] &= ~(THREE << _shift(high))
        bits[low, high >> 5] |= word << _shift(high)
        return
    key = key_of(low, high)
    at = find(table, key)
    if word:
        table[at] = key | word
    elif table[at] != EMPTY:
        remove(table, key)


@compiled
def fill_pairs(bits, table, pre, post, n_arcs):
    """Write every arc and every mutual pair of the list into an empty store."""
    for e in range(len(pre)):
        if e < n_arcs:
            set_pair(bits, table, pre[e], post[e], FORTH)
        elif pre[e] < post[e]:
            set_pair(bits, table, pre[e], post[e], BOTH)


@compiled
def twins(pre, post, n_arcs, half_start):
    """Return, for each half of a mutual pair, the place of its other half (arcs: -1)."""
    twin = np.full(len(pre), -1, np.int32)
    for e in range(n_arcs, len(pre)):
        twin[e] = place_of(post, half_start[post[e]], half_start[post[e] + 1], pre[e])
    return twin


@compiled
def _word(code, first, second):
    """Return a code as it stands in the word of the pair's higher neuron."""
    high = max(first, second)
    return np.uint64(_oriented(code, first < second)) << _shift(high)


@compiled
def _switches_bits(bits, pre, post, n_arcs, twin, first, second, size):
    """Make the drawn switches that the bit matrix allows; return how many.

    Spelled out, because a numba function that takes arrays counts references at every call.
    """
    made = 0
    for s in range(size):
        i, j = first[s], second[s]
        u, x, v, y = pre[i], post[i], pre[j], post[j]
        if u == v or x == y or u == y or v == x:
            continue
        uy, vx, ux, vy = max(u, y) >> 5, max(v, x) >> 5, max(u, x) >> 5, max(v, y) >> 5
        p, q = min(u, y), min(v, x)
        if (bits[p, uy] >> _shift(max(u, y)) | bits[q, vx] >> _shift(max(v, x))) & THREE:
            continue
        code = FORTH if i < n_arcs else BOTH
        bits[p, uy] |= _word(code, u, y)
        bits[q, vx] |= _word(code, v, x)
        bits[min(u, x), ux] &= ~_word(BOTH, u, x)
        bits[min(v, y), vy] &= ~_word(BOTH, v, y)
        post[i], post[j] = y, x
        if code == 3:
            of_i, of_j = twin[i], twin[j]
            post[of_i], post[of_j] = v, u
            twin[i], twin[of_j] = of_j, i
            twin[j], twin[of_i] = of_i, j
        made += 1
    return made


@compiled
def _switches_table(table, pre, post, n_arcs, twin, first, second, size):
    """Make the drawn switches that the hash table allows; return how many."""
    made = 0
    for s in range(size):
        i, j = first[s], second[s]
        u, x, v, y = pre[i], post[i], pre[j], post[j]
        if u == v or x == y or u == y or v == x:
            continue
        uy, vx = key_of(min(u, y), max(u, y)), key_of(min(v, x), max(v, x))
        at_uy, at_vx = find(table, uy), find(table, vx)
        if table[at_uy] != EMPTY or table[at_vx] != EMPTY:
            continue
        code = FORTH if i < n_arcs else BOTH
        table[at_uy] = uy | np.uint64(_oriented(code, u < y))
        if at_vx == at_uy:
            at_vx = find(table, vx)
        table[at_vx] = vx | np.uint64(_oriented(code, v < x))
        remove(table, key_of(min(u, x), max(u, x)))
        remove(table, key_of(min(v, y), max(v, y)))
        post[i], post[j] = y, x
        if code == 3:
            of_i, of_j = twin[i], twin[j]
            post[of_i], post[of_j] = v, u
            twin[i], twin[of_j] = of_j, i
            twin[j], twin[of_i] = of_i, j
        made += 1
    return made


@compiled
def _reverse(bits, table, pre, post, arc_start, i, state):
    """Turn a 3-cycle of arcs through arc `i` round, if the walk drawn from it closes one."""
    a, b = pre[i], post[i]
    out = arc_start[b + 1] - arc_start[b]
    if out == 0 or below(state, 2):
        return 0
    j = arc_start[b] + below(state, out)
    c = post[j]
    if pair_code(bits, table, c, a) != 1:
        return 0
    k = place_of(post, arc_start[c], arc_start[c + 1], a)
    post[i], post[k], post[j] = c, b, a
    set_pair(bits, table, a, b, BACK)
    set_pair(bits, table, b, c, BACK)
    set_pair(bits, table, c, a, BACK)
    return 1


@compiled
def _local(state, p, r):
    """Return how neurons `p` and `r` of a four-neuron state are connected, seen from `p`."""
    low, high = min(p, r), max(p, r)
    place = low * 3 - low * (low - 1) // 2 + high - low - 1
    return _oriented((state >> (2 * place)) & 3, p < r)


@compiled
def _rewire(post, four, starts, code, old, new, places):
    """Give the places of one kind of edge among four neurons the targets of the new state.

    `places[p, r]` becomes the place of the edge from `p` to `r`, where there is one.
    """
    slots = np.empty(3, np.int64)
    for p in range(4):
        found = 0
        for r in range(4):
            if p != r and _local(old, p, r) == code:
                slots[found] = place_of(post, starts[four[p]], starts[four[p] + 1], four[r])
                found += 1
        found = 0
        for r in range(4):
            if p != r and _local(new, p, r) == code:
                post[slots[found]] = four[r]
                places[p, r] = slots[found]
                found += 1


@compiled
def _tetrad(bits, table, pre, post, twin, arc_start, half_start, classes, i, j, state):
    """Connect the four neurons of two connected pairs in another way that keeps their degrees."""
    four = (pre[i], post[i], pre[j], post[j])
    if four[0] == four[2] or four[0] == four[3] or four[1] == four[2] or four[1] == four[3]:
        return 0
    start, size, rank, members = classes
    old, place = np.int64(0), np.int64(0)
    for p in range(3):
        for r in range(p + 1, 4):
            old |= pair_code(bits, table, four[p], four[r]) << place
            place += 2
    if size[old] == 1:
        return 0
    pick = below(state, size[old] - 1)
    new = np.int64(members[start[old] + (pick + 1 if pick >= rank[old] else pick)])
    places = np.empty((4, 4), np.int64)
    _rewire(post, four, arc_start, FORTH, old, new, places)
    _rewire(post, four, half_start, BOTH, old, new, places)
    for p in range(3):
        for r in range(p + 1, 4):
            code = _local(new, p, r)
            if code != _local(old, p, r):
                set_pair(bits, table, four[p], four[r], code)
            if code == 3:
                twin[places[p, r]] = places[r, p]
                twin[places[r, p]] = places[p, r]
    return 1


@compiled
def _draw(state, n_arcs, m, first, second, size):
    """Draw the places of the next switches: both arcs, or both halves of mutual pairs."""
    for s in range(size):
        first[s] = below(state, m)
        if first[s] < n_arcs:
            second[s] = below(state, n_arcs)
        else:
            second[s] = n_arcs + below(state, m - n_arcs)


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
        prefetch(table, home(key_of(min(u, x), max(u, x)), last))
        prefetch(table, home(key_of(min(u, y), max(u, y)), last))
        prefetch(table, home(key_of(min(v, x), max(v, x)), last))
        prefetch(table, home(key_of(min(v, y), max(v, y)), last))


@compiled
def switch_mutual(
    bits, table, pre, post, n_arcs, twin, arc_start, half_start, classes, steps, state
):
    """Move the chain `steps` steps on, in place.

    Parameters
    ----------
    bits : uint64[n, n / 32] or uint64[0, 0]
        Two bits a pair, filled by :func:`fill_pairs`; empty when `table` is in use; changed.
    table : uint64[capacity] or uint64[0]
        The connected pairs as keys with codes; empty when `bits` is in use; changed.
    pre, post : int32[n_arcs + 2 * n_mutual]
        Arcs, then both halves of the mutual pairs; each part sorted by `pre`; `post` is changed.
    n_arcs : int
        Number of arcs.
    twin : int32[n_arcs + 2 * n_mutual]
        From :func:`twins`; changed.
    arc_start, half_start : int64[n + 1]
        Where the arcs, and the halves, of each neuron begin in the list.
    classes : Tetrads
        From :func:`connectome_graph._kernels.tetrads.tetrads`.
    steps : int
        Number of steps, held ones included.
    state : uint64[4]
        Random state; changed.

    Returns
    -------
    int64[3]
        Switches made, 3-cycles reversed, and four-neuron states changed.
    """
    m = len(pre)
    made = np.zeros(3, np.int64)
    if m == 0:
        return made
    first, second = np.empty(AHEAD, np.int64), np.empty(AHEAD, np.int64)
    for begin in range(0, steps, AHEAD):
        size = min(AHEAD, steps - begin)
        rare = (size + RARE - 1) // RARE
        usual = max(size - 2 * rare, 0)
        _draw(state, n_arcs, m, first, second, usual)
        if bits.size:
            made[0] += _switches_bits(bits, pre, post, n_arcs, twin, first, second, usual)
        else:
            _expect(table, pre, post, first, second, usual)
            made[0] += _switches_table(table, pre, post, n_arcs, twin, first, second, usual)
        for _ in range(rare):
            if n_arcs:
                i = below(state, n_arcs)
                made[1] += _reverse(bits, table, pre, post, arc_start, i, state)
            i, j = below(state, m), below(state, m)
            made[2] += _tetrad(
                bits, table, pre, post, twin, arc_start, half_start, classes, i, j, state
            )
    return made
