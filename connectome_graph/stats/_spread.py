"""A variance counted once, its degrees of freedom, and the intervals that follow.

Sums per neuron, squared and added over the two ends of a block, hold the noise of every single
pair once for each of its ends. It is taken out of either, what remains is what neurons differ by
(not below 0), and it comes in once.

Alike neurons show an excess by chance. Cut at 0 it would add to the variance on average, so that an
excess counts in full only where it stands clear of what chance gives, ``x^3 / (x^2 + c)`` of it: a
smooth form of deciding first whether neurons differ (Menzel 2021). Few neurons that differ much
show too little of it, because each is part of the mean from which it deviates; as in the estimator
HC3 the deviations are those from a mean without it (MacKinnon & White 1985, J Econometrics 29:305).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import level_between
from connectome_graph.stats._intervals import ratio

__all__ = ["Ends", "Spread", "combined", "positive_interval", "proportion_interval"]

Floats = npt.NDArray[Any]
# An excess counts half where its square is this much of its variance among alike neurons.
_CHANCE = 0.5


@dataclass(frozen=True)
class Spread:
    """Variance of an estimate, and its degrees of freedom; arrays of one shape."""

    variance: Floats
    df: Floats


@dataclass(frozen=True)
class Ends:
    """What the neurons of one end of a block say about the variance.

    Attributes
    ----------
    variance
        Sum of the neurons' deviations squared; 0 with fewer than two neurons, which show none.
    doubt
        Variance of that sum.
    noise
        What of it the noise of single pairs accounts for.
    scale
        What an excess over the noise is multiplied by.
    """

    variance: Any
    doubt: Any
    noise: Any
    scale: Any = 1.0

    @classmethod
    def of(cls, n: Any, square: Any, fourth: Any, noise: Any) -> Ends:
        """Return them from the sums of second and fourth powers over `n` neurons."""
        number = np.asarray(n, float)
        # The deviations sum to 0 over the neurons of an end, or nearly.
        factor = np.nan_to_num(ratio(number, number - 1))
        variance = factor * square
        moment = factor**2 * fourth - np.nan_to_num(ratio(variance**2, number))
        normal = np.nan_to_num(ratio(2 * variance**2, number - 1))
        known = number > 1
        doubt = np.where(known, np.maximum(moment, normal), 0)
        return cls(np.where(known, variance, 0), doubt, noise, np.where(known, factor, 1))


def combined(ends: list[Ends], noise: Any) -> Spread:
    """Return the variance from the ends of a block and the noise of its pairs.

    Examples
    --------
    >>> rows = Ends.of(n=11, square=2.0, fourth=0.6, noise=0.5)
    >>> found = combined([rows], np.array(0.25))
    >>> round(float(found.variance), 3), round(float(found.df), 1)
    (2.104, 7.4)
    """
    total = np.asarray(noise, float)
    doubt = np.zeros(total.shape)
    for end in ends:
        # Rounding is not an excess.
        clear = end.variance > end.noise * (1 + 1e-9)
        excess = np.where(clear, end.variance - end.noise, 0)
        # The variance of the excess among alike neurons, and how much of this one counts.
        relative = np.nan_to_num(ratio(end.doubt, np.asarray(end.variance) ** 2))
        chance = _CHANCE * np.asarray(end.noise) ** 2 * relative
        counts = np.nan_to_num(ratio(excess**2, excess**2 + chance))
        slope = counts * (1 + 2 * np.nan_to_num(ratio(chance, excess**2 + chance)))
        total = total + end.scale * counts * excess
        doubt = doubt + (end.scale * slope) ** 2 * end.doubt
    df = np.full(total.shape, np.inf)
    np.divide(2 * total**2, doubt, out=df, where=doubt > 0)
    return Spread(total, np.maximum(df, 1))


def proportion_interval(
    share: Any, spread: Spread, *, units: Any, level: float
) -> tuple[Floats, Floats]:
    """Return Wilson's interval of a share at the number of pairs that its variance is worth.

    Parameters
    ----------
    share
        The estimate, from 0 to 1.
    spread
        Its variance and degrees of freedom.
    units
        How many pairs it rests on: what a share of 0 or 1, which shows no variation, is worth,
        and the most that any share is.
    level
        Confidence level.

    Examples
    --------
    >>> low, high = proportion_interval(
    ...     0.5, Spread(np.array(0.025), np.array(np.inf)), units=10, level=0.95
    ... )
    >>> low.round(3), high.round(3)
    (np.float64(0.237), np.float64(0.763))
    """
    from scipy.special import ndtri, stdtrit

    tail = 0.5 + level_between(level) / 2
    share, units, variance = (np.asarray(v, float) for v in (share, units, spread.variance))
    inside = (share > 0) & (share < 1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        worth = np.where(inside & (variance > 0), share * (1 - share) / variance, units)
        worth = np.minimum(worth, units)
        t = np.where(inside & np.isfinite(spread.df), stdtrit(spread.df, tail), ndtri(tail))
        centre = (share + t * t / (2 * worth)) / (1 + t * t / worth)
        half = np.sqrt(share * (1 - share) / worth + t * t / (4 * worth**2))
        half *= t / (1 + t * t / worth)
        low = np.where(share == 0, 0.0, np.clip(centre - half, 0, 1))
        high = np.where(share == 1, 1.0, np.clip(centre + half, 0, 1))
    missing = np.isnan(share) | ~(units > 0)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def positive_interval(value: Any, spread: Spread, *, level: float) -> tuple[Floats, Floats]:
    """Return the interval of a positive quantity on the scale of its logarithm.

    Missing where the quantity is 0 or shows no variation.

    Examples
    --------
    >>> low, high = positive_interval(2.0, Spread(np.array(0.04), np.array(np.inf)), level=0.95)
    >>> low.round(2), high.round(2)
    (np.float64(1.64), np.float64(2.43))
    """
    from scipy.special import ndtri, stdtrit

    tail = 0.5 + level_between(level) / 2
    value, variance = np.asarray(value, float), np.asarray(spread.variance, float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        t = np.where(np.isfinite(spread.df), stdtrit(spread.df, tail), ndtri(tail))
        factor = np.exp(t * np.sqrt(variance) / value)
        low, high = value / factor, value * factor
    shown = (value > 0) & (variance > 0)
    return np.where(shown, low, np.nan), np.where(shown, high, np.nan)
