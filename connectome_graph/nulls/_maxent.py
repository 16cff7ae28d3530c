"""Random graphs whose degrees are those of the observed one on average, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.pairs import PairSet
from connectome_graph.nulls._base import Sampler, edge_columns
from connectome_graph.nulls._chains import random_state
from connectome_graph.nulls._maxent_pairs import pair_probabilities
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._soft import SoftNull

__all__ = ["MaxEntConfiguration"]

Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class MaxEntConfiguration(SoftNull):
    """Independent edges with every in- and out-degree kept on average: maximum entropy.

    Each pair of the domain is connected with probability ``x_i y_j / (1 + x_i y_j)``, the
    strengths solved so that expected degrees equal observed ones. Degrees that leave no choice
    (none, or all possible partners) are kept exactly. As edges are independent, so are the two
    directions of a pair. Synapse counts and sizes are drawn from the observed edges with
    replacement.

    In :func:`connectome_graph.compare` every sample is held against graphs of its own fit,
    without which counts that are convex in the degrees would come out too high in the samples.
    The exact null with the same meaning is :class:`Configuration`.

    Parameters
    ----------
    tolerance
        Largest difference between an expected and an observed degree.

    References
    ----------
    Squartini & Garlaschelli (2011), Analytical maximum-likelihood method to detect patterns in
    real networks, New J. Phys. 13, 083001. Vallarano et al. (2021), Sci. Rep. 11, 15227.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0, 1], [1, 0, 2, 0], [0, 1, 0, 1], [1, 0, 1, 0]])
    >>> cg.nulls.MaxEntConfiguration().probabilities(g).sum(axis=1).round(3)
    array([2., 2., 2., 2.])
    """

    tolerance: float = 1e-4

    def __post_init__(self) -> None:
        if not 0 < self.tolerance < 1:
            raise InvalidArgument(f"tolerance={self.tolerance!r} must lie between 0 and 1")

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(exact=("labels",), expected=("edges", "out_degree", "in_degree"))

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share.

        Raises
        ------
        InvalidArgument
            When the strengths do not converge.
        """
        from connectome_graph._kernels.maximum_entropy import draw_edges

        if g.domain.pairs is not None:
            return _on_pairs(g, g.domain.pairs, self.tolerance)
        solved, columns = _solve(g, self.tolerance), edge_columns(g)
        by_strength = np.argsort(-solved.y, kind="stable").astype(np.int32)
        targets = by_strength[solved.y[by_strength] > 0]
        sources = np.flatnonzero(solved.x > 0).astype(np.int32)
        expected = float(g.n_edges)

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            pre, post = draw_edges(
                solved.x, solved.y, sources, targets, expected, random_state(rng)
            )
            n_edges = len(pre) + len(solved.certain[0])
            # Without an observed edge there is none to draw a weight from, nor a need to.
            weights = rng.integers(0, max(g.n_edges, 1), n_edges)
            return g.rewired(
                np.concatenate([pre, solved.certain[0]]),
                np.concatenate([post, solved.certain[1]]),
                columns={name: values[weights] for name, values in columns.items()},
                verb="MaxEntConfiguration",
                sentence="Edges were drawn independently on the domain, every expected degree as "
                "observed (MaxEntConfiguration).",
            )

        return draw

    def probabilities(self, g: ConnectomeGraph) -> Numbers:
        """Return the probability of every ordered pair: ``float64[n_neurons, n_neurons]``.

        For small graphs; pairs outside the domain have probability 0.
        """
        if g.domain.pairs is not None:
            p = np.zeros((g.n_neurons, g.n_neurons))
            met = g.domain.pairs
            p[met.pre, met.post] = pair_probabilities(g, met, self.tolerance)
            return p
        solved = _solve(g, self.tolerance)
        strength = np.outer(solved.x, solved.y)
        p = strength / (1 + strength)
        np.fill_diagonal(p, 0)
        p[solved.certain] = 1
        return p


def _on_pairs(g: ConnectomeGraph, met: PairSet, tolerance: float) -> Sampler:
    """Return the sampler where only some pairs could have met: one draw per pair."""
    probability, columns = pair_probabilities(g, met, tolerance), edge_columns(g)

    def draw(rng: np.random.Generator) -> ConnectomeGraph:
        pair = np.flatnonzero(rng.random(len(met)) < probability)
        weights = rng.integers(0, max(g.n_edges, 1), len(pair))
        return g.rewired(
            met.pre[pair], met.post[pair],
            columns={name: values[weights] for name, values in columns.items()},
            verb="MaxEntConfiguration",
            sentence="Edges were drawn independently on the pairs that could have met, every "
            "expected degree as observed (MaxEntConfiguration).",
        )  # fmt: skip

    return draw


@dataclass(frozen=True)
class _Solved:
    """Strengths of every neuron, and the edges that every graph with these degrees has."""

    x: Numbers
    y: Numbers
    certain: tuple[Codes, Codes]


def _solve(g: ConnectomeGraph, tolerance: float) -> _Solved:
    g.domain.require_simple("MaxEntConfiguration")
    pre, post = g.edge_codes
    out = np.bincount(pre, minlength=g.n_neurons)
    into = np.bincount(post, minlength=g.n_neurons)
    rows, columns, certain = _peeled(out, into, g.domain.sources.copy(), g.domain.targets.copy())
    # Neurons of the same degrees have the same strengths: solve for one of each.
    kinds = np.stack([out * rows, into * columns, rows.astype(int) + 2 * columns])
    found, kind, size = np.unique(kinds, axis=1, return_inverse=True, return_counts=True)
    x, y = _strengths(found, size, tolerance)
    return _Solved(x[kind.ravel()], y[kind.ravel()], certain)


def _peeled(
    out: Counts, into: Counts, rows: npt.NDArray[np.bool_], columns: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], tuple[Codes, Codes]]:
    """Settle rows and columns of which nothing, or everything, is connected.

    `out` and `into` are reduced by the certain edges, in place.
    """
    certain: list[npt.NDArray[np.intp]] = []
    ends = [(out, into, rows, columns), (into, out, columns, rows)]
    changed = True
    while changed:
        changed = False
        for turn, (own, other, lines, crossing) in enumerate(ends):
            room = crossing.sum() - crossing
            full = lines & (own == room) & (own > 0)
            settled = lines & ((own == 0) | full)
            if not settled.any():
                continue
            changed = True
            if full.any():
                pairs = full[:, None] & crossing[None, :]
                pairs &= ~np.eye(len(pairs), dtype=bool)
                np.subtract(other, pairs.sum(axis=0), out=other)
                found = np.argwhere(pairs)
                certain.append(found if turn == 0 else found[:, ::-1])
            np.logical_and(lines, ~settled, out=lines)
            own[settled] = 0
    both = np.concatenate([*certain, np.empty((0, 2), np.intp)]).astype(np.int32)
    return rows, columns, (both[:, 0], both[:, 1])


def _strengths(found: Counts, size: Counts, tolerance: float) -> tuple[Numbers, Numbers]:
    """Return the strengths of every kind of neuron, by Newton steps on rows and columns in turn.

    `found` holds out-degree, in-degree and whether a kind is a row (1), a column (2) or both (3).
    """
    out, into = found[0].astype(float), found[1].astype(float)
    rows, columns = out > 0, into > 0
    both = (found[2] == 3).astype(float)
    total = np.sqrt(max(out @ size, 1.0))
    with np.errstate(divide="ignore"):
        a, b = np.log(out / total), np.log(into / total)
    for _ in range(20000):
        error = 0.0
        for _turn in (0, 1):
            p = 1 / (1 + np.exp(-(a[:, None] + b[None, :])))
            own = np.diag(p) * both
            expected = p @ (size * columns) - own
            slope = (p * (1 - p)) @ (size * columns) - own * (1 - np.diag(p))
            gap = np.where(rows, out - expected, 0)
            error = max(error, float(np.abs(gap).max(initial=0)))
            step = np.divide(gap, slope, out=np.zeros_like(gap), where=rows & (slope > 0))
            a = a + np.clip(step, -1, 1)
            a, b, out, into, rows, columns = b, a, into, out, columns, rows
        if error < tolerance:
            return np.where(rows, np.exp(a), 0), np.where(columns, np.exp(b), 0)
    raise InvalidArgument(
        f"MaxEntConfiguration: expected degrees still differ from observed ones by {error:.2g} "
        "after 20,000 rounds; these degrees leave almost no choice, or raise tolerance="
    )
