"""Distributions over whole numbers, and their fit by maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["MODELS", "Fit", "Shape", "maximise"]

Floats = npt.NDArray[np.float64]

# A sum over all larger numbers: so many terms exactly, the rest as an integral over log k.
_EXACT_TERMS = 2000
_INTEGRAL_POINTS = 2000


@dataclass(frozen=True)
class Moments:
    """What starts the search: mean, and mean and spread of the logarithm."""

    mean: float
    log_mean: float
    log_sd: float


@dataclass(frozen=True)
class Shape:
    """Parameter names, a start, and the log-probability of each k under parameters.

    Parameters are searched on the log scale where ``positive`` says so.
    """

    names: tuple[str, ...]
    positive: tuple[bool, ...]
    start: Callable[[Moments], tuple[float, ...]]
    log_probability: Callable[[Floats, int, tuple[float, ...]], Floats]
    #: Whether it ends at the largest number, which is then a parameter too.
    bounded: bool = False


@dataclass(frozen=True)
class Fit:
    parameters: dict[str, float]
    log_probability: Floats
    log_likelihood: float


def maximise(
    model: Shape,
    k: Floats,
    times: npt.NDArray[Any],
    xmin: int,
    *,
    near: tuple[float, ...] | None = None,
) -> Fit:
    """Return the fit of highest likelihood to numbers `k` that occur `times` often.

    With `near`, the parameters of a fit to similar numbers, the search starts there and is brief.
    """
    from scipy.optimize import minimize

    positive = np.array(model.positive)

    def natural(theta: Floats) -> tuple[float, ...]:
        return tuple(np.where(positive, np.exp(np.clip(theta, -30, 30)), theta).tolist())

    def loss(theta: Floats) -> float:
        with np.errstate(all="ignore"):
            total = float((times * model.log_probability(k, xmin, natural(theta))).sum())
        return -total if np.isfinite(total) else 1e300

    mean = float((k * times).sum() / times.sum())
    logs = np.log(k)
    log_mean = float((logs * times).sum() / times.sum())
    spread = float(np.sqrt((times * (logs - log_mean) ** 2).sum() / times.sum()))
    start = model.start(Moments(mean, log_mean, max(spread, 0.1))) if near is None else near
    guess = np.array(start, float)
    theta = np.where(positive, np.log(np.where(positive, guess, 1.0)), guess)
    exact = 1e-8 if near is None else 1e-3
    options = {"xatol": exact, "fatol": exact, "maxiter": 4000, "maxfev": 4000}
    # From its own optimum once more: a simplex that collapsed too early starts afresh.
    for _ in range(2 if near is None else 1):
        theta = minimize(loss, theta, method="Nelder-Mead", options=options).x
    best = natural(theta)
    with np.errstate(all="ignore"):
        log_probability = model.log_probability(k, xmin, best)
    parameters = dict(zip(model.names, best, strict=True))
    if model.bounded:
        parameters["upper"] = float(k[-1])
    return Fit(parameters, log_probability, -loss(theta))


def _power_law(k: Floats, xmin: int, theta: tuple[float, ...]) -> Floats:
    from scipy.special import zeta

    alpha = theta[0]
    if alpha <= 1:
        # The sum over all k does not converge.
        return np.full(len(k), -np.inf)
    result: Floats = -alpha * np.log(k) - np.log(zeta(alpha, xmin))
    return result


def _power_law_cutoff(k: Floats, xmin: int, theta: tuple[float, ...]) -> Floats:
    alpha, rate = theta

    def log_weight(x: Floats) -> Floats:
        return -alpha * np.log(x) - rate * (x - xmin)

    exact = np.exp(log_weight(np.arange(xmin, xmin + _EXACT_TERMS, dtype=float))).sum()
    first = np.log(xmin + _EXACT_TERMS - 0.5)
    # Beyond 700 / rate nothing is left of the exponential.
    grid = np.linspace(first, max(first, np.log(xmin + 700 / rate)) + 1e-9, _INTEGRAL_POINTS)
    x = np.exp(grid)
    rest = np.trapezoid(np.exp(log_weight(x)) * x, grid)
    result: Floats = log_weight(k) - np.log(exact + rest)
    return result


def _log_normal(k: Floats, xmin: int, theta: tuple[float, ...]) -> Floats:
    from scipy.special import log_ndtr

    mu, sigma = theta

    def above(x: Floats | float) -> Any:
        """Log of the probability of being larger than x."""
        return log_ndtr(-(np.log(x) - mu) / sigma)

    low, high = above(k - 0.5), above(k + 0.5)
    result: Floats = low + np.log(-np.expm1(high - low)) - above(xmin - 0.5)
    return result


def _truncated_log_normal(k: Floats, xmin: int, theta: tuple[float, ...]) -> Floats:
    """The log-normal of whole numbers up to the last of `k`."""
    from scipy.special import log_ndtr

    mu, sigma = theta
    below, all_ = (-(np.log(x) - mu) / sigma for x in (xmin - 0.5, k[-1] + 0.5))
    # Log of the probability of lying between the two ends, given above the lower one.
    kept = np.log(-np.expm1(log_ndtr(all_) - log_ndtr(below)))
    result: Floats = _log_normal(k, xmin, theta) - kept
    return result


def _exponential(k: Floats, xmin: int, theta: tuple[float, ...]) -> Floats:
    result: Floats = np.log(-np.expm1(-theta[0])) - theta[0] * (k - xmin)
    return result


def _stretched(k: Floats, xmin: int, theta: tuple[float, ...]) -> Floats:
    scale, beta = theta
    low, high = -((k / scale) ** beta), -(((k + 1) / scale) ** beta)
    result: Floats = low + np.log(-np.expm1(high - low)) + (xmin / scale) ** beta
    return result


def _negative_binomial(k: Floats, xmin: int, theta: tuple[float, ...]) -> Floats:
    from scipy.stats import nbinom

    mean, shape = theta
    p = shape / (shape + mean)
    result: Floats = nbinom.logpmf(k, shape, p) - nbinom.logsf(xmin - 1, shape, p)
    return result


def _poisson(k: Floats, xmin: int, theta: tuple[float, ...]) -> Floats:
    from scipy.stats import poisson

    result: Floats = poisson.logpmf(k, theta[0]) - poisson.logsf(xmin - 1, theta[0])
    return result


#: How each of them is fitted.
MODELS: dict[str, Shape] = {
    "power_law": Shape(
        ("alpha",), (True,), lambda m: (1 + 1 / max(m.log_mean, 0.1),), _power_law
    ),
    "power_law_cutoff": Shape(
        ("alpha", "rate"), (False, True),
        lambda m: (1.0, 1 / m.mean), _power_law_cutoff,
    ),
    "log_normal": Shape(
        ("mu", "sigma"), (False, True),
        lambda m: (m.log_mean, m.log_sd), _log_normal,
    ),
    "truncated_log_normal": Shape(
        ("mu", "sigma"), (False, True),
        lambda m: (m.log_mean, m.log_sd), _truncated_log_normal, bounded=True,
    ),
    "exponential": Shape(
        ("rate",), (True,), lambda m: (1 / m.mean,), _exponential
    ),
    "stretched_exponential": Shape(
        ("scale", "beta"), (True, True), lambda m: (m.mean, 1.0), _stretched
    ),
    "negative_binomial": Shape(
        ("mean", "shape"), (True, True),
        lambda m: (m.mean, 1.0), _negative_binomial,
    ),
    "poisson": Shape(("mean",), (True,), lambda m: (m.mean,), _poisson),
}  # fmt: skip
