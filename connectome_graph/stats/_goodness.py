"""Whether whole numbers follow a fitted distribution: a bootstrap of the distance to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.stats._distribution_models import Fit, Shape, maximise

__all__ = ["Sample", "p_fit"]

Floats = npt.NDArray[np.float64]

# A table of probabilities is made until it holds all but this much, or so many numbers.
_LEFT = 1e-7
_LONGEST = 400_000


@dataclass(frozen=True)
class Sample:
    """Whole numbers from `xmin` up.

    Attributes
    ----------
    k, times
        The numbers, ascending, and how often each occurs.
    n_all
        How many numbers there are with those below `xmin`.
    xmin
        The smallest number that the distribution is about.
    """

    k: Floats
    times: npt.NDArray[Any]
    n_all: int
    xmin: int


def p_fit(model: Shape, fit: Fit, sample: Sample, *, n: int, rng: np.random.Generator) -> float:
    """Return how often numbers drawn from a fit lie at least as far from their own fit.

    The semiparametric bootstrap: how many of the numbers are at least `xmin` is drawn as it is
    in the data, these from the model; every draw is fitted anew.

    References
    ----------
    Clauset, Shalizi & Newman 2009, SIAM Rev 51:661, section 4.1.
    """
    theta = tuple(fit.parameters[name] for name in model.names)
    table = _Table.of(model, theta, sample)
    observed = _distance(model, theta, sample.k, sample.times, sample.xmin)
    share = float(sample.times.sum()) / sample.n_all
    reached = drawn = 0
    for _ in range(n):
        size = rng.binomial(sample.n_all, share)
        k, times = np.unique(table.draw(size, rng), return_counts=True)
        if len(k) < 2:
            continue
        drawn += 1
        again = maximise(model, k, times, sample.xmin, near=theta)
        own = tuple(again.parameters[name] for name in model.names)
        reached += _distance(model, own, k, times, sample.xmin) >= observed
    return (1 + reached) / (1 + drawn)


def _distance(
    model: Shape, theta: tuple[float, ...], k: Floats, times: npt.NDArray[Any], xmin: int
) -> float:
    """Return the largest difference of the two cumulative distributions."""
    last = int(min(k[-1], xmin + _LONGEST))
    grid = np.arange(xmin, last + 1, dtype=float)
    if model.bounded and last < k[-1]:
        grid = np.append(grid, k[-1])
    with np.errstate(all="ignore"):
        expected = np.cumsum(np.exp(model.log_probability(grid, xmin, theta)))
    found = np.cumsum(times) / times.sum()
    at = np.searchsorted(k, grid, side="right")
    empirical = np.concatenate([[0.0], found])[at]
    return float(np.abs(np.nan_to_num(expected) - empirical).max())


@dataclass(frozen=True)
class _Table:
    """Cumulative probabilities up to some number, and how the tail beyond falls."""

    first: int
    cumulative: Floats
    slope: float

    @classmethod
    def of(cls, model: Shape, theta: tuple[float, ...], sample: Sample) -> _Table:
        xmin, top = sample.xmin, int(max(4 * sample.k[-1], 1000))
        if model.bounded:
            top = int(sample.k[-1])
        while True:
            grid = np.arange(xmin, top + 1, dtype=float)
            with np.errstate(all="ignore"):
                logs = model.log_probability(grid, xmin, theta)
            cumulative = np.cumsum(np.nan_to_num(np.exp(logs)))
            if model.bounded or 1 - cumulative[-1] < _LEFT or top > _LONGEST:
                break
            top *= 4
        with np.errstate(all="ignore"):
            slope = -(logs[-1] - logs[len(logs) // 2]) / np.log(grid[-1] / grid[len(logs) // 2])
        return cls(xmin, cumulative, float(slope) if np.isfinite(slope) else np.inf)

    def draw(self, size: int, rng: np.random.Generator) -> Floats:
        """Return `size` numbers."""
        chance = rng.random(size)
        if self.slope == np.inf or self.cumulative[-1] >= 1:
            chance = chance * self.cumulative[-1]
        place = np.searchsorted(self.cumulative, chance, side="right")
        numbers = (self.first + place).astype(float)
        beyond = place >= len(self.cumulative)
        if beyond.any():
            top, left = self.first + len(self.cumulative), 1 - self.cumulative[-1]
            share = np.maximum((1 - chance[beyond]) / left, 1e-12)
            numbers[beyond] = np.floor(top * share ** (-1 / max(self.slope - 1, 0.1)))
        return numbers
