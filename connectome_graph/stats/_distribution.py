"""Which distribution do degrees and synapse counts follow? Discrete maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Degree, one_of, whole
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._degree import degree_values

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["fit_degrees", "fit_distribution", "fit_synapse_counts"]

Floats = npt.NDArray[np.float64]

# A sum over all larger numbers: so many terms exactly, the rest as an integral over log k.
_EXACT_TERMS = 2000
_INTEGRAL_POINTS = 2000

#: The distributions that are compared.
Model = Literal[
    "power_law",
    "power_law_cutoff",
    "log_normal",
    "exponential",
    "stretched_exponential",
    "negative_binomial",
    "poisson",
]


def fit_distribution(
    values: npt.ArrayLike, *, xmin: int = 1, models: Sequence[Model] | None = None
) -> pd.DataFrame:
    """Return maximum-likelihood fits of discrete distributions to whole numbers, best first.

    All are distributions over the whole numbers from `xmin` up, so their likelihoods compare:

    =====================  =================================================================
    power_law              k^-alpha
    power_law_cutoff       k^-alpha exp(-rate k)
    log_normal             log-normal (mu, sigma), rounded to whole numbers
    exponential            exp(-rate k), the geometric distribution
    stretched_exponential  survival exp(-(k / scale)^beta)
    negative_binomial      mean and shape; variance mean + mean^2 / shape
    poisson                mean
    =====================  =================================================================

    Each model is compared with the best by Vuong's likelihood-ratio test: a small ``p``
    says that the best one is closer to the data, a large one that the data cannot tell. A power
    law against itself with a cutoff is nested and tested by chi-squared. A straight line on
    log-log axes is no evidence for a power law.

    Parameters
    ----------
    values
        Whole numbers; those below `xmin` are left out and counted in ``attrs["n_below"]``.
    xmin
        Smallest number that the distribution is about, at least 1.
    models
        Names above; by default all.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``model``: ``n_parameters log_likelihood aic delta_aic likelihood_ratio z
        p`` and a column for each parameter. ``likelihood_ratio`` is the log-likelihood of
        the best model less this one's.

    Raises
    ------
    InvalidArgument
        When fewer than two different whole numbers are left, or a name is unknown.

    References
    ----------
    Clauset, Shalizi & Newman 2009, SIAM Rev 51:661; Vuong 1989, Econometrica 57:307.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.random.default_rng(0).geometric(0.2, 2000)
    >>> fit = fit_distribution(values, models=("exponential", "power_law"))
    >>> fit.index[0], fit["rate"].iloc[0].round(1)
    ('exponential', np.float64(0.2))
    """
    xmin = whole(xmin, name="xmin")
    numbers = np.asarray(values, float).ravel()
    numbers = numbers[~np.isnan(numbers)]
    if (numbers != np.floor(numbers)).any():
        raise InvalidArgument("a discrete distribution needs whole numbers; round or bin first")
    kept = numbers[numbers >= xmin]
    k, times = np.unique(kept, return_counts=True)
    if len(k) < 2:
        raise InvalidArgument(
            f"a fit needs at least two different numbers from {xmin} up; found {len(k)}"
        )
    names = tuple(MODELS) if models is None else models
    for name in names:
        one_of(name, Model, name="models")
    fits = {name: _maximise(MODELS[name], k, times, xmin) for name in names}
    table = _compared(fits, times)
    table.attrs.update(n=len(kept), n_below=len(numbers) - len(kept), xmin=int(xmin))
    return table


def fit_degrees(g: ConnectomeGraph, *, degree: Degree = "out", xmin: int = 1) -> pd.DataFrame:
    """Return fits to the degrees that could be observed; see :func:`fit_distribution`.

    Parameters
    ----------
    g
        The graph.
    degree
        ``"out"`` (sources), ``"in"`` (targets) or ``"total"`` (neurons that are both).
    xmin
        Smallest degree that the distribution is about.

    Raises
    ------
    InvalidArgument
        For an unknown degree, or too few different degrees.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]])
    >>> cg.stats.fit_degrees(g).attrs["n_below"]
    1
    """
    one_of(degree, Degree, name="degree")
    return fit_distribution(degree_values(g, degree), xmin=xmin)


def fit_synapse_counts(g: ConnectomeGraph, *, xmin: int = 1) -> pd.DataFrame:
    """Return fits to the number of synapses of each edge; see :func:`fit_distribution`.

    Parameters
    ----------
    g
        The graph.
    xmin
        Smallest number of synapses that the distribution is about.

    Raises
    ------
    InvalidArgument
        When the edges have too few different numbers of synapses.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 5], [2, 0, 1], [1, 3, 0]])
    >>> cg.stats.fit_synapse_counts(g).attrs["n"]
    6
    """
    return fit_distribution(g.edge_counts, xmin=xmin)


@dataclass(frozen=True)
class _Moments:
    """What starts the search: mean, and mean and spread of the logarithm."""

    mean: float
    log_mean: float
    log_sd: float


@dataclass(frozen=True)
class _Model:
    """Parameter names, a start, and the log-probability of each k under parameters.

    Parameters are searched on the log scale where ``positive`` says so.
    """

    names: tuple[str, ...]
    positive: tuple[bool, ...]
    start: Callable[[_Moments], tuple[float, ...]]
    log_probability: Callable[[Floats, int, tuple[float, ...]], Floats]


@dataclass(frozen=True)
class _Fit:
    parameters: dict[str, float]
    log_probability: Floats
    log_likelihood: float


def _maximise(model: _Model, k: Floats, times: npt.NDArray[Any], xmin: int) -> _Fit:
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
    guess = np.array(model.start(_Moments(mean, log_mean, max(spread, 0.1))), float)
    theta = np.where(positive, np.log(np.where(positive, guess, 1.0)), guess)
    options = {"xatol": 1e-8, "fatol": 1e-8, "maxiter": 4000, "maxfev": 4000}
    # From its own optimum once more: a simplex that collapsed too early starts afresh.
    for _ in range(2):
        theta = minimize(loss, theta, method="Nelder-Mead", options=options).x
    best = natural(theta)
    with np.errstate(all="ignore"):
        log_probability = model.log_probability(k, xmin, best)
    return _Fit(dict(zip(model.names, best, strict=True)), log_probability, -loss(theta))


def _compared(fits: dict[str, _Fit], times: npt.NDArray[Any]) -> pd.DataFrame:
    from scipy.special import ndtr
    from scipy.stats import chi2

    aic = {name: 2 * len(fit.parameters) - 2 * fit.log_likelihood for name, fit in fits.items()}
    order = sorted(fits, key=aic.__getitem__)
    best = fits[order[0]]
    n = times.sum()
    rows = []
    for name in order:
        fit = fits[name]
        ratio = best.log_likelihood - fit.log_likelihood
        step = best.log_probability - fit.log_probability
        mean = (step * times).sum() / n
        sd = np.sqrt((times * (step - mean) ** 2).sum() / n)
        z = ratio / (sd * np.sqrt(n)) if sd > 0 else 0.0
        p = 2 * ndtr(-abs(z))
        if {name, order[0]} == {"power_law", "power_law_cutoff"}:
            z, p = np.nan, chi2.sf(2 * abs(ratio), 1)
        rows.append(
            {
                "n_parameters": len(fit.parameters),
                "log_likelihood": fit.log_likelihood,
                "aic": aic[name],
                "delta_aic": aic[name] - aic[order[0]],
                "likelihood_ratio": ratio,
                "z": np.nan if name == order[0] else z,
                "p": np.nan if name == order[0] else p,
                **fit.parameters,
            }
        )
    return pd.DataFrame(rows, index=pd.Index(order, name="model"))


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
MODELS: dict[str, _Model] = {
    "power_law": _Model(
        ("alpha",), (True,), lambda m: (1 + 1 / max(m.log_mean, 0.1),), _power_law
    ),
    "power_law_cutoff": _Model(
        ("alpha", "rate"), (False, True),
        lambda m: (1.0, 1 / m.mean), _power_law_cutoff,
    ),
    "log_normal": _Model(
        ("mu", "sigma"), (False, True),
        lambda m: (m.log_mean, m.log_sd), _log_normal,
    ),
    "exponential": _Model(
        ("rate",), (True,), lambda m: (1 / m.mean,), _exponential
    ),
    "stretched_exponential": _Model(
        ("scale", "beta"), (True, True), lambda m: (m.mean, 1.0), _stretched
    ),
    "negative_binomial": _Model(
        ("mean", "shape"), (True, True),
        lambda m: (m.mean, 1.0), _negative_binomial,
    ),
    "poisson": _Model(("mean",), (True,), lambda m: (m.mean,), _poisson),
}  # fmt: skip
