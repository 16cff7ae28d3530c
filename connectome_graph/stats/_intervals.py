"""Intervals of proportions: Wilson's, which takes pairs as independent, and percentiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import Level, level_between
from connectome_graph.border.values import numbers_of
from connectome_graph.errors import InvalidArgument

__all__ = ["percentiles", "ratio", "wilson"]

Floats = npt.NDArray[np.float64]


def wilson(
    successes: npt.ArrayLike, trials: npt.ArrayLike, *, level: Level = 0.95
) -> tuple[Floats, Floats]:
    """Return Wilson's score interval of a proportion.

    It takes every trial as independent. Pairs of neurons that share a neuron are not, so for
    connection probabilities it is a lower bound on the uncertainty; the two-way bootstrap is
    the honest one.

    Parameters
    ----------
    successes, trials
        Counts, of one shape.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    low, high
        Arrays of that shape; NaN where there was no trial.

    Raises
    ------
    InvalidArgument
        When `level` is not between 0 and 1.

    References
    ----------
    Wilson 1927, J Am Stat Assoc 22:209.

    Examples
    --------
    >>> low, high = wilson([5], [10])
    >>> low.round(3), high.round(3)
    (array([0.237]), array([0.763]))
    """
    from scipy.special import ndtri

    z = ndtri(0.5 + level_between(level) / 2)
    k, n = numbers_of(successes, name="successes"), numbers_of(trials, name="trials")
    try:
        k, n = np.broadcast_arrays(k, n)
    except ValueError as error:
        raise InvalidArgument(
            f"successes and trials need one shape; found {k.shape} and {n.shape}"
        ) from error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        # At the ends the bound is exactly 0 or 1; rounding must not push it past.
        low = np.where(k == 0, 0.0, np.clip(centre - half, 0, 1))
        high = np.where(k == n, 1.0, np.clip(centre + half, 0, 1))
    empty = n == 0
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def percentiles(samples: npt.ArrayLike, *, level: Level = 0.95) -> tuple[Floats, Floats]:
    """Return the percentile interval of bootstrap samples along their first axis.

    Samples that are NaN (nothing was drawn) are left out; where none is left, so is the answer.

    Examples
    --------
    >>> low, high = percentiles([[0.0], [1.0], [2.0], [3.0], [4.0]], level=0.5)
    >>> low.tolist(), high.tolist()
    ([1.0], [3.0])
    """
    tails = (1 - level_between(level)) / 2
    values = np.asarray(samples, float)
    flat = values.reshape(len(values), int(np.prod(values.shape[1:])))
    bounds = np.full((2, flat.shape[1]), np.nan)
    whole = ~np.isnan(flat).any(axis=0)
    if len(values) and whole.any():
        bounds[:, whole] = np.quantile(flat[:, whole], [tails, 1 - tails], axis=0)
    for column in np.flatnonzero(~whole):
        known = flat[~np.isnan(flat[:, column]), column]
        if len(known):
            bounds[:, column] = np.quantile(known, [tails, 1 - tails])
    low, high = bounds.reshape(2, *values.shape[1:])
    return low, high


def ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Any:
    """Return the quotient, NaN where the denominator is 0.

    Examples
    --------
    >>> ratio([1, 0], [2, 0]).tolist()
    [0.5, nan]
    """
    top, bottom = np.asarray(numerator, float), np.asarray(denominator, float)
    top, bottom = np.broadcast_arrays(top, bottom)
    out = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=out, where=bottom != 0)
    return out if out.ndim else float(out)
