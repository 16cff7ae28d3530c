"""Maximum likelihood of independent dyads: strengths of neurons, type pairs and distance bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph._kernels import threads
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._allowed import allowed_pairs
from connectome_graph.nulls._chains import Allowed

__all__ = ["Dyads", "Fit", "fitted"]

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Dyads:
    """The dyads of a graph by the numbers that a fit keeps.

    Attributes
    ----------
    degrees
        float64[3, n]: asymmetric outputs, asymmetric inputs and mutual partners.
    blocks, lengths
        Edges of each type pair, and of each distance bin.
    kind, xyz, squares, source, target, allowed
        Type and position of each neuron, squared inner edges of the bins, and the domain.
    """

    degrees: Numbers
    blocks: Numbers
    lengths: Numbers
    kind: npt.NDArray[np.int64]
    xyz: Numbers
    squares: Numbers
    source: Mask
    target: Mask
    allowed: Allowed

    @classmethod
    def of(
        cls,
        g: ConnectomeGraph,
        kind: npt.NDArray[np.int64],
        n_kinds: int,
        xyz: Numbers | None,
        inner: Numbers | None,
    ) -> Dyads:
        """Return the dyads of a graph."""
        pre, post = g.edge_codes
        n = g.n_neurons
        mutual = np.isin(post * np.int64(n) + pre, pre * np.int64(n) + post, assume_unique=True)
        degrees = np.stack(
            [
                np.bincount(pre[~mutual], minlength=n),
                np.bincount(post[~mutual], minlength=n),
                np.bincount(pre[mutual], minlength=n),
            ]
        ).astype(np.float64)
        blocks = np.bincount(kind[pre] * n_kinds + kind[post], minlength=n_kinds**2)
        lengths = np.array([len(pre)])
        squares = np.empty(0) if inner is None else np.square(inner)
        places = np.zeros((n, 3)) if xyz is None else np.ascontiguousarray(np.nan_to_num(xyz))
        if inner is not None:
            square = np.square(places[pre] - places[post]).sum(axis=1)
            found = np.searchsorted(squares, square, "right")
            lengths = np.bincount(found, minlength=len(squares) + 1)
        return cls(
            degrees, blocks.reshape(n_kinds, n_kinds).astype(np.float64),
            lengths.astype(np.float64), kind, places, squares, np.array(g.domain.sources),
            np.array(g.domain.targets),
            allowed_pairs(g.domain) or Allowed(np.empty(0, np.int64), np.empty(0, np.int32)),
        )  # fmt: skip

    @property
    def sums(self) -> Numbers:
        """All numbers that are kept, in one row."""
        return np.concatenate([self.degrees.ravel(), self.blocks.ravel(), self.lengths])


@dataclass(frozen=True, eq=False)
class Fit:
    """Strengths of neurons, weights of type pairs and of distance bins."""

    strength: Numbers
    between: Numbers
    near: Numbers

    @classmethod
    def of(cls, row: Numbers, dyads: Dyads) -> Fit:
        """Return the fit whose logarithms stand in one row."""
        ends = np.cumsum([dyads.degrees.size, dyads.blocks.size])
        parts = np.split(np.exp(row), ends)
        shapes = dyads.degrees.shape, dyads.blocks.shape, dyads.lengths.shape
        return cls(*(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)))

    def arguments(self, dyads: Dyads) -> tuple[Any, ...]:
        """Return the arguments that the kernels share."""
        return (
            self.strength, dyads.kind, self.between, dyads.xyz, dyads.squares, self.near,
            dyads.source, dyads.target, *dyads.allowed,
        )  # fmt: skip

    def expected(self, dyads: Dyads) -> tuple[Numbers, float]:
        """Return the expected sums, and the logarithm of the sum of all weights."""
        from connectome_graph._kernels.joint_dyads import expect

        n = len(dyads.kind)
        parts = 1 if n < 2000 else 4 * threads.n_threads()
        # Lower neurons have more later ones to make a dyad with.
        cuts = (n * (1 - np.sqrt(1 - np.arange(parts + 1) / parts))).astype(int)
        cuts[-1] = n

        def one(part: int) -> tuple[Numbers, float]:
            found = [np.zeros_like(a) for a in (dyads.degrees, dyads.blocks, dyads.lengths)]
            total = expect(cuts[part], cuts[part + 1], *self.arguments(dyads), *found)
            return np.concatenate([a.ravel() for a in found]), total

        done: list[Any] = threads.each(one, parts)
        return sum(each for each, _ in done), float(sum(total for _, total in done))


def fitted(dyads: Dyads, tolerance: float) -> Fit:
    """Return the fit of highest likelihood, at which expected numbers are observed ones.

    The likelihood is concave in the logarithms of all strengths and weights. What was observed 0
    times gets strength 0. Each logarithm is scaled by the spread of what it controls, so that
    gradients are gaps in standard deviations.

    Raises
    ------
    InvalidArgument
        When the largest gap stays above `tolerance`.
    """
    from scipy.optimize import minimize

    observed = dyads.sums
    free = observed > 0
    scale = np.where(free, 1 / np.sqrt(np.maximum(observed, 1)), 0)
    m = max(dyads.lengths.sum(), 1.0)
    arcs, mutual = (max(dyads.degrees[k].sum(), 1.0) for k in (0, 2))
    start = np.full(observed.shape, -np.inf)
    with np.errstate(divide="ignore"):
        first = np.log(dyads.degrees / np.sqrt([[arcs], [arcs], [mutual]]))
    start[: first.size] = first.ravel()
    start[first.size :][free[first.size :]] = 0.0
    if not m or not free.any():
        return Fit.of(start, dyads)

    def target(step: Numbers) -> tuple[float, Numbers]:
        row = start.copy()
        row[free] += np.clip(step * scale[free], -50, 50)
        expected, total = Fit.of(row, dyads).expected(dyads)
        gap = (expected - observed)[free] * scale[free]
        return total - float(observed[free] @ (row[free] - start[free])), gap

    options = {"maxiter": 2000, "maxfun": 3000, "maxcor": 20, "gtol": tolerance, "ftol": 0}
    zeros = np.zeros(int(free.sum()))
    found = minimize(target, zeros, jac=True, method="L-BFGS-B", options=options)
    largest = float(np.abs(found.jac).max(initial=0))
    # Where degrees leave a neuron no choice its strength grows without end, ever more slowly.
    if largest > 10 * tolerance:
        raise InvalidArgument(
            f"JointConfiguration: expected numbers still differ from observed ones by "
            f"{largest:.2g} of their spread after {found.nit:,} rounds; raise tolerance=, or use "
            "fewer types and bins"
        )
    row = start.copy()
    row[free] += np.clip(found.x * scale[free], -50, 50)
    return Fit.of(row, dyads)
