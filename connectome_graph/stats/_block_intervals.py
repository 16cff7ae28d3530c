"""Intervals of what type blocks have: closed form, or the bootstrap at the corrected variance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.stats._bootstrap import Draws
from connectome_graph.stats._intervals import percentiles
from connectome_graph.stats._spread import Spread, positive_interval, proportion_interval

__all__ = ["Quantity", "bootstrapped", "closed_form"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Quantity:
    """One number of every block, and how it varies.

    Attributes
    ----------
    estimate, spread
        Shape ``(n_types, n_types)``.
    of
        The same number from the sums and the pairs of bootstrap samples.
    units
        For shares: how many pairs, or edges, the share is of. ``None`` for positive quantities.
    """

    estimate: Floats
    spread: Spread
    of: Callable[[Draws], Floats]
    units: Floats | None = None


def closed_form(
    quantity: Quantity, shown: npt.NDArray[np.bool_], *, level: float
) -> tuple[Floats, Floats]:
    """Return low and high of a quantity, missing where `shown` is false."""
    if quantity.units is None:
        bounds = positive_interval(quantity.estimate, quantity.spread, level=level)
    else:
        bounds = proportion_interval(
            quantity.estimate, quantity.spread, units=quantity.units, level=level
        )
    low, high = (np.where(shown, bound, np.nan) for bound in bounds)
    return low, high


def bootstrapped(
    quantity: Quantity, draws: Draws, shown: npt.NDArray[np.bool_], *, level: float
) -> tuple[Floats, Floats]:
    """Return percentiles of bootstrap samples, drawn together to the corrected variance.

    On the scale of the log odds (shares) or the logarithm, where the samples are less skewed. A
    share of 0 or 1 and a block whose samples do not vary get the interval in closed form.
    """
    from scipy.special import expit, logit, ndtri, stdtrit

    to: Callable[[Any], Any] = np.log if quantity.units is None else logit
    back: Callable[[Any], Any] = np.exp if quantity.units is None else expit
    samples = quantity.of(draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = to(quantity.estimate)
        off = to(samples) - centre
        off = np.where(np.isfinite(off), off, np.nan)
        drawn = _variance(samples)
        tail = 0.5 + level / 2
        t = np.where(np.isfinite(quantity.spread.df), stdtrit(quantity.spread.df, tail), np.nan)
        wider = np.where(np.isnan(t), 1, t / ndtri(tail))
        factor = wider * np.sqrt(quantity.spread.variance / drawn)
    plain = closed_form(quantity, shown, level=level)
    varied = np.isfinite(centre) & np.isfinite(factor) & (drawn > 0) & shown
    ends = []
    for bound, closed in zip(percentiles(off, level=level), plain, strict=True):
        with np.errstate(invalid="ignore", over="ignore"):
            ends.append(np.where(varied, back(centre + factor * bound), closed))
    return ends[0], ends[1]


def _variance(samples: Floats) -> Floats:
    known = ~np.isnan(samples)
    number = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, samples, 0).sum(axis=0) / number
    off = np.where(known, samples - mean, 0)
    variance: Floats = (off**2).sum(axis=0) / number
    return variance
