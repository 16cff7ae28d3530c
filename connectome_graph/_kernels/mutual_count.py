"""A chain that keeps every in- and out-degree and the number of mutual pairs, not whose they are.

Trades as in :mod:`trades`, the targets of two rows told apart by their edges back to the two rows,
so that each trade keeps the number of mutual pairs. Two more moves change who is mutual with whom:

* a *relocation*: of ``u = x`` mutual, ``u -> y`` and ``y -> v`` arcs, ``x`` gives its edge to ``u``
  for one to ``v``, and ``y`` its edge to ``v`` for one to ``u``: now ``u = y`` is mutual. The walk
  ``u, x, y, v`` is proposed with the chance ``1 / (edges * out(u) * out(y))`` and taken back with
  ``1 / (edges * out(u) * out(x))``, so it is made with the chance ``out(y) / out(x)`` (Metropolis
  & Hastings);
* an *excursion*: switches of two edges, one after another, until the number of mutual pairs is what
  it was; one that has not come back after some steps is taken back. The same steps backwards are an
  excursion too, as likely as this one.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.row_pairs import n_rounds, pairs_of_round
from connectome_graph._kernels.stream import below, next_word, uniform
from connectome_graph._kernels.trades import has, replace_in, reverse_cycles, trade_lists

#: Steps after which an excursion is taken back.
LONGEST = 24


@compiled
def _may(allowed_start, allowed, i, j):
    return i != j and (len(allowed) == 0 or has(allowed_start, allowed, i, j))


@compiled
def _relocate(pre, start, target, allowed_start, allowed, state):
    """Try one relocation; return how many edges moved."""
    e = below(state, len(target))
    u, x = pre[e], target[e]
    y = target[start[u] + below(state, start[u + 1] - start[u])]
    out_x, out_y = start[x + 1] - start[x], start[y + 1] - start[y]
    if y == x or out_y == 0 or not has(start, target, x, u) or has(start, target, y, u):
        return 0
    v = target[start[y] + below(state, out_y)]
    if v in (u, x) or has(start, target, v, y):
        return 0
    if has(start, target, x, v) or has(start, target, v, x):
        return 0
    if not _may(allowed_start, allowed, x, v) or not _may(allowed_start, allowed, y, u):
        return 0
    if out_y < out_x and uniform(state) * out_x >= out_y:
        return 0
    replace_in(target, start[x], start[x + 1], np.int32(u), np.int32(v))
    replace_in(target, start[y], start[y + 1], np.int32(v), np.int32(u))
    return 2


@compiled
def _exchange(start, target, u, x, w, z):
    """Switch ``u -> x``, ``w -> z``; return how many mutual pairs that makes, less those lost."""
    change = has(start, target, z, u) + has(start, target, x, w)
    change -= has(start, target, x, u) + has(start, target, z, w)
    replace_in(target, start[u], start[u + 1], np.int32(x), np.int32(z))
    replace_in(target, start[w], start[w + 1], np.int32(z), np.int32(x))
    return change


@compiled
def _excursion(pre, start, target, allowed_start, allowed, made, state):
    """Switch edges until there are as many mutual pairs as before; return how many edges moved."""
    excess = 0
    for step in range(len(made)):
        made[step, 0] = -1
        e, f = below(state, len(target)), below(state, len(target))
        u, x, w, z = pre[e], target[e], pre[f], target[f]
        fits = u != w and x != z and not has(start, target, u, z) and not has(start, target, w, x)
        if fits and _may(allowed_start, allowed, u, z) and _may(allowed_start, allowed, w, x):
            excess += _exchange(start, target, u, x, w, z)
            made[step, 0], made[step, 1], made[step, 2], made[step, 3] = u, x, w, z
        if excess == 0:
            return 2 * (made[step, 0] >= 0 or step > 0)
    for step in range(len(made) - 1, -1, -1):
        if made[step, 0] >= 0:
            u, x, w, z = made[step, 0], made[step, 1], made[step, 2], made[step, 3]
            _exchange(start, target, u, z, w, x)
    return 0


@compiled
def advance_mutual_count(
    pre, start, target, group, allowed_start, allowed, largest, order, level, group_start,
    passes, attempts, state,
):  # fmt: skip
    """Make some passes: trades, reversals, relocations and excursions; return edges moved.

    The parameters are those of :func:`trades.advance_lists`; `target` is changed in place.
    """
    first = np.empty(len(order) // 2, np.int32)
    second = np.empty(len(order) // 2, np.int32)
    made = np.empty((LONGEST, 4), np.int64)
    rounds = n_rounds(level, group_start)
    moved = 0
    for _ in range(passes):
        for turn in range(rounds):
            pairs = pairs_of_round(turn, order, level, group_start, state, first, second)
            moved += trade_lists(
                start, target, group, 1, 1, allowed_start, allowed, largest, first, second, 0,
                pairs, next_word(state),
            )  # fmt: skip
        moved += 3 * reverse_cycles(
            pre, start, target, group, allowed_start, allowed, attempts, state
        )
        # Trades do most of the work; these change who is mutual with whom.
        for _ in range(attempts + len(target) // 8):
            moved += _relocate(pre, start, target, allowed_start, allowed, state)
            moved += _excursion(pre, start, target, allowed_start, allowed, made, state)
    return moved
