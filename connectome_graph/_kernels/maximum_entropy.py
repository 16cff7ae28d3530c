"""Independent edges with probability ``x y / (1 + x y)``, drawn in time linear in their number.

References
----------
Miller & Hagberg (2011), Efficient generation of networks with given expected degrees, WAW 2011,
LNCS 6732, 115-126.
"""

import numpy as np

from connectome_graph._kernels.compiling import compiled
from connectome_graph._kernels.stream import uniform


@compiled
def draw_edges(x, y, sources, targets, expected, state):
    """Return random edges (pre, post).

    Parameters
    ----------
    x, y : float64[n]
        Strengths of every neuron as source and as target.
    sources, targets : int32[...]
        Neurons with a positive strength; targets by descending `y`.
    expected : float
        Expected number of edges.
    state : uint64[4]
        Random state; changed.
    """
    room = np.int64(expected + 10 * np.sqrt(expected) + 100)
    pre, post = np.empty(room, np.int32), np.empty(room, np.int32)
    n = 0
    for i in sources:
        at = np.int64(0)
        # Skip ahead as if every target had the probability of the one before; then thin.
        bound = 1.0
        while at < len(targets):
            if bound < 1:
                skip = np.log(1 - uniform(state)) / np.log1p(-bound)
                if skip >= len(targets) - at:
                    break
                at += np.int64(skip)
            j = targets[at]
            strength = x[i] * y[j]
            p = strength / (1 + strength)
            if i != j and uniform(state) * bound < p:
                if n == len(pre):
                    pre, post = np.append(pre, pre), np.append(post, post)
                pre[n], post[n] = i, j
                n += 1
            bound = p
            at += 1
    return pre[:n], post[:n]
