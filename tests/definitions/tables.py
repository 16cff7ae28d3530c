"""From tables to edges and weights, by dictionaries and loops."""

from __future__ import annotations

import math
from collections import defaultdict


def edges(synapses, sources, targets):
    """Return {(pre, post): sizes} of the connected pairs of distinct neurons on the domain."""
    found = defaultdict(list)
    for row in synapses.itertuples():
        if row.pre != row.post and row.pre in sources and row.post in targets:
            found[row.pre, row.post].append(row.size)
    return dict(found)


def weights(sizes_of_edges, name):
    """Return {(pre, post): weight} for a named weight."""
    into, out = defaultdict(int), defaultdict(int)
    for (pre, post), sizes in sizes_of_edges.items():
        out[pre] += len(sizes)
        into[post] += len(sizes)
    formulas = {
        "binary": lambda _, sizes: 1,
        "count": lambda _, sizes: len(sizes),
        "sum": lambda _, sizes: sum(sizes),
        "mean": lambda _, sizes: sum(sizes) / len(sizes),
        "max": lambda _, sizes: max(sizes),
        "log_sum": lambda _, sizes: math.log(sum(sizes)),
        "input_fraction": lambda pair, sizes: len(sizes) / into[pair[1]],
        "output_fraction": lambda pair, sizes: len(sizes) / out[pair[0]],
    }
    return {pair: formulas[name](pair, sizes) for pair, sizes in sizes_of_edges.items()}
