"""Maximum entropy with given degrees where only some pairs of neurons could have met."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.pairs import PairSet

__all__ = ["pair_probabilities"]

Floats = npt.NDArray[np.float64]
_ROUNDS = 20_000


def pair_probabilities(g: ConnectomeGraph, met: PairSet, tolerance: float) -> Floats:
    """Return the probability of every pair, so that expected degrees are the observed ones.

    Parameters
    ----------
    g
        The graph.
    met
        The pairs of its domain.
    tolerance
        Largest difference between an expected and an observed degree.

    Raises
    ------
    InvalidArgument
        When the strengths do not converge.
    """
    n = g.n_neurons
    degrees = [np.bincount(end, minlength=n).astype(float) for end in g.edge_codes]
    ends = [met.pre, met.post]
    p, free = _settled(ends, degrees, n)
    ends = [end[free] for end in ends]
    strength = [np.zeros(n), np.zeros(n)]
    for k in (0, 1):
        room = np.bincount(ends[k], minlength=n)
        share = np.divide(degrees[k], room, out=np.full(n, 0.5), where=room > 0)
        strength[k] = np.log(share / (1 - np.clip(share, 0, 1 - 1e-9))) / 2
    worst = np.inf
    for _ in range(_ROUNDS):
        worst = 0.0
        for k in (0, 1):
            own = 1 / (1 + np.exp(-(strength[0][ends[0]] + strength[1][ends[1]])))
            gap = degrees[k] - np.bincount(ends[k], weights=own, minlength=n)
            slope = np.bincount(ends[k], weights=own * (1 - own), minlength=n)
            worst = max(worst, float(np.abs(gap).max(initial=0)))
            step = np.divide(gap, slope, out=np.zeros(n), where=slope > 0)
            strength[k] += np.clip(step, -1, 1)
        if worst < tolerance:
            p[free] = 1 / (1 + np.exp(-(strength[0][ends[0]] + strength[1][ends[1]])))
            return p
    raise InvalidArgument(
        f"MaxEntConfiguration: expected degrees still differ from observed ones by {worst:.2g} "
        f"after {_ROUNDS:,} rounds; these degrees leave almost no choice on the pairs that could "
        "have met, or raise tolerance="
    )


def _settled(
    ends: list[npt.NDArray[np.int32]], degrees: list[Floats], n: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Settle the pairs of neurons of which none, or all, are connected; degrees are reduced.

    Returns the probabilities (0 or 1 where settled) and which pairs are left.
    """
    p = np.zeros(len(ends[0]))
    free = np.ones(len(p), bool)
    changed = True
    while changed:
        changed = False
        for k in (0, 1):
            room = np.bincount(ends[k][free], minlength=n)
            full = (degrees[k] >= room) & (room > 0)
            settled = free & ((degrees[k] == 0) | full)[ends[k]]
            if not settled.any():
                continue
            changed = True
            certain = settled & full[ends[k]] & (degrees[k] > 0)[ends[k]]
            p[certain] = 1.0
            for other in (0, 1):
                degrees[other] -= np.bincount(ends[other][certain], minlength=n)
            free &= ~settled
    return p, free
