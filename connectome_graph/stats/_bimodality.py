"""Whether numbers have more than one mode: Silverman's test, calibrated by Hall and York.

The critical bandwidth is the smallest at which a Gaussian kernel estimate of the density has one
mode. Samples drawn from that estimate say whether it is unusually large. As the test itself is
conservative, the critical bandwidths of the samples are held against a multiple of it that gives
each level its promise.

References
----------
Silverman 1981, J R Stat Soc B 43:97; Hall & York 2001, Stat Sin 11:515.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["p_one_mode"]

Floats = npt.NDArray[np.float64]

_GRID = 512
# The grid reaches so many standard deviations beyond the numbers.
_MARGIN = 1.0
# Modes among the most extreme numbers are single numbers: they are looked for in between.
_TAIL = 0.025
_STEPS = 14
_HALL_YORK = (0.94029, -1.59914, 0.17695, 0.48971, -1.77793, 0.36162, 0.42423)


def p_one_mode(x: Floats, *, n: int, rng: np.random.Generator) -> float:
    """Return p of the hypothesis that numbers come from a density with one mode.

    Parameters
    ----------
    x
        The numbers.
    n
        Bootstrap samples.
    rng
        Where they come from.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> two = np.concatenate([rng.normal(0, 1, 200), rng.normal(6, 1, 200)])
    >>> p_one_mode(two, n=99, rng=rng) <= 0.05
    True
    """
    sd = float(x.std())
    if len(x) < 3 or sd == 0:
        return float("nan")
    z = (x - x.mean()) / sd
    edges = np.linspace(z.min() - _MARGIN, z.max() + _MARGIN, _GRID + 1)
    width = _critical(z, edges)
    narrower = 1 / np.sqrt(1 + width**2)
    ratios = np.empty(n)
    for sample in range(n):
        drawn = z[rng.integers(0, len(z), len(z))] + width * rng.standard_normal(len(z))
        ratios[sample] = _critical(narrower * drawn, edges) / width
    levels = np.arange(1, 1000) / 1000
    multiples = _multiple(levels)
    # The smallest level at which no more samples than it allows exceed its multiple.
    exceeding = (1 + (ratios[:, None] > multiples).sum(axis=0)) / (1 + n)
    rejected = exceeding <= levels
    return float(levels[rejected].min()) if rejected.any() else 1.0


def _multiple(level: Floats) -> Floats:
    a, b, c, d, e, f, g = _HALL_YORK
    top = ((a * level + b) * level + c) * level + d
    result: Floats = top / (((level + e) * level + f) * level + g)
    return result


def _critical(z: Floats, edges: Floats) -> float:
    """Return the smallest bandwidth at which the density has one mode inside the tails."""
    counts, _ = np.histogram(z, bins=edges)
    step = float(edges[1] - edges[0])
    spectrum = np.fft.rfft(counts, 2 * _GRID)
    frequency = 2 * np.pi * np.fft.rfftfreq(2 * _GRID, step)
    low_z, high_z = np.quantile(z, [_TAIL, 1 - _TAIL])
    first, last = np.searchsorted(edges, [low_z, high_z])
    inside = slice(max(int(first) - 1, 0), int(last) + 1)

    def several(width: float) -> bool:
        density = np.fft.irfft(spectrum * np.exp(-0.5 * (width * frequency) ** 2), 2 * _GRID)
        rising = np.diff(density[inside]) > 0
        return int((rising[:-1] & ~rising[1:]).sum()) > 1

    low, high = step / 2, 3.0
    for _ in range(_STEPS):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if several(middle) else (low, middle)
    return float(high)
