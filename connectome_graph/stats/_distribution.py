"""Which distribution do degrees and synapse counts follow? Discrete maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Degree, Seed, generator, one_of, recorded_seed, whole
from connectome_graph.border.values import numbers_of
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._degree import degree_values
from connectome_graph.stats._distribution_models import MODELS, Fit, maximise
from connectome_graph.stats._goodness import Sample, p_fit

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["fit_degrees", "fit_distribution", "fit_synapse_counts"]

Floats = npt.NDArray[np.float64]

#: The distributions that are compared.
Model = Literal[
    "power_law",
    "power_law_cutoff",
    "log_normal",
    "truncated_log_normal",
    "exponential",
    "stretched_exponential",
    "negative_binomial",
    "poisson",
]


def fit_distribution(
    values: npt.ArrayLike,
    *,
    xmin: int = 1,
    models: Sequence[Model] | None = None,
    n: int = 0,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Return maximum-likelihood fits of discrete distributions to whole numbers, best first.

    All are distributions over the whole numbers from `xmin` up, so their likelihoods compare:

    =====================  =================================================================
    power_law              k^-alpha
    power_law_cutoff       k^-alpha exp(-rate k)
    log_normal             log-normal (mu, sigma), rounded to whole numbers
    truncated_log_normal   the same up to the largest number, ``upper``, and none above
    exponential            exp(-rate k), the geometric distribution
    stretched_exponential  survival exp(-(k / scale)^beta)
    negative_binomial      mean and shape; variance mean + mean^2 / shape
    poisson                mean
    =====================  =================================================================

    Each model is compared with the best by Vuong's likelihood-ratio test: a small ``p``
    says that the best one is closer to the data, a large one that the data cannot tell. A power
    law against itself with a cutoff is nested and tested by chi-squared. A straight line on
    log-log axes is no evidence for a power law. That a model is the best of them does not make
    it a good one: with `n`, ``p_fit`` says how often numbers drawn from the fitted model lie as
    far from their own fit as these do (Kolmogorov-Smirnov distance, semiparametric bootstrap);
    a small one says that the numbers do not follow the model.

    Parameters
    ----------
    values
        Whole numbers; those below `xmin` are left out and counted in ``attrs["n_below"]``.
    xmin
        Smallest number that the distribution is about, at least 1.
    models
        Names above; by default all.
    n
        Bootstrap samples of the goodness of fit; 0 leaves it out. Each fits every model anew.
    seed
        Whole number or Generator for the samples.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``model``: ``n_parameters log_likelihood aic delta_aic likelihood_ratio z
        p [p_fit]`` and a column for each parameter. ``likelihood_ratio`` is the log-likelihood
        of the best model less this one's. ``p_fit`` is at least ``1 / (n + 1)``.

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
    numbers = numbers_of(values, name="values").ravel()
    numbers = numbers[~np.isnan(numbers)]
    if not np.isfinite(numbers).all() or (numbers != np.floor(numbers)).any():
        raise InvalidArgument("a discrete distribution needs whole numbers; round or bin first")
    kept = numbers[numbers >= xmin]
    k, times = np.unique(kept, return_counts=True)
    if len(k) < 2:
        raise InvalidArgument(
            f"a fit needs at least two different numbers from {xmin} up; found {len(k)}"
        )
    names = tuple(MODELS) if models is None else tuple(models)
    if not names:
        raise InvalidArgument("models needs at least one distribution; found none")
    for name in names:
        one_of(name, Model, name="models")
    fits = {name: maximise(MODELS[name], k, times, xmin) for name in names}
    table = _compared(fits, times)
    rng = generator(seed)
    if whole(n, name="n", least=0):
        drawn_from = recorded_seed(rng)
        sample = Sample(k, times, len(numbers), xmin)
        p = {name: p_fit(MODELS[name], fits[name], sample, n=n, rng=rng) for name in names}
        table.insert(list(table.columns).index("p") + 1, "p_fit", pd.Series(p))
        table.attrs["seed"] = drawn_from
    table.attrs.update(n=len(kept), n_below=len(numbers) - len(kept), xmin=int(xmin))
    return table


def fit_degrees(
    g: ConnectomeGraph, *, degree: Degree = "out", xmin: int = 1, n: int = 0, seed: Seed = 0
) -> pd.DataFrame:
    """Return fits to the degrees that could be observed; see :func:`fit_distribution`.

    Parameters
    ----------
    g
        The graph.
    degree
        ``"out"`` (sources), ``"in"`` (targets) or ``"total"`` (neurons that are both).
    xmin
        Smallest degree that the distribution is about.
    n, seed
        As in :func:`fit_distribution`.

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
    return fit_distribution(degree_values(g, degree), xmin=xmin, n=n, seed=seed)


def fit_synapse_counts(
    g: ConnectomeGraph, *, xmin: int = 1, n: int = 0, seed: Seed = 0
) -> pd.DataFrame:
    """Return fits to the number of synapses of each edge; see :func:`fit_distribution`.

    Parameters
    ----------
    g
        The graph.
    xmin
        Smallest number of synapses that the distribution is about.
    n, seed
        As in :func:`fit_distribution`.

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
    return fit_distribution(g.edge_counts, xmin=xmin, n=n, seed=seed)


def _compared(fits: dict[str, Fit], times: npt.NDArray[Any]) -> pd.DataFrame:
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
