"""Synapse sizes: one population, of three kinds, against a mixture of two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Seed, generator, recorded_seed, whole
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.stats._bimodality import p_one_mode

__all__ = ["synapse_rows", "synapse_size"]

Float = npt.NDArray[np.float64]
_TOO_FEW = 20
_BINS = 1000
# A component narrower than this share of the whole is a spike on one repeated size, not a mode.
_NARROWEST = 0.05


def synapse_size(
    g: ConnectomeGraph,
    *,
    by: By | None = None,
    by_synapse: str | None = None,
    n: int = 199,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Return fits of the synapse sizes: one population of three kinds, and two, with their BIC.

    A mixture of two log-normals fits almost any shape better than one log-normal: also sizes cut
    off where synapses are too small to be found, and gamma-distributed ones. So those are among
    the models, and two populations are said only when all of them fail and the sizes have more
    than one mode.

    Parameters
    ----------
    g
        The graph, a row per synapse. Synapses between distinct neurons on the domain count.
    by
        Neuron column: a fit for every pair of types (columns ``pre_type``, ``post_type``).
    by_synapse
        Synapse column, such as ``"target"``: a fit for each of its values.
    n
        Bootstrap samples of the test for one mode.
    seed
        Whole number or Generator for these.

    Returns
    -------
    pandas.DataFrame
        A row per group: the group columns, ``n``, ``n_left_out`` (size missing or not positive);
        ``mean``, ``sd`` of the natural log of size; ``bic_lognormal``; of the log-normal cut off
        below the smallest size ``mean_truncated``, ``sd_truncated`` (before the cut) and
        ``bic_truncated``; of the gamma distribution ``shape_gamma``, ``scale_gamma`` and
        ``bic_gamma``; of the mixture ``weight_low``, ``mean_low``, ``sd_low``, ``weight_high``,
        ``mean_high``, ``sd_high`` (the component with the smaller mean first) and
        ``bic_mixture``; ``delta_bic``, the best BIC of one population less that of the mixture:
        above 0 the mixture explains the sizes better, above 10 by far; ``p_one_mode``, that log
        size has one mode; ``two_populations``, whether ``delta_bic`` is above 10 and
        ``p_one_mode`` at most .05. Two populations that overlap too far to have two modes are
        not told from one of another shape.
        Fits are missing for groups of fewer than 20 synapses.

    Raises
    ------
    UnknownName
        When the graph has no sizes, or a column does not exist.
    InvalidArgument
        When rows stand for several synapses (``count`` > 1): their sizes are sums.

    Notes
    -----
    Maximum likelihood by expectation-maximisation from five deterministic starts, the best of
    which is followed to the end.
    No component may be narrower than a twentieth of the whole, which keeps the likelihood of a
    mixture from growing without bound at a repeated size. BIC = k ln n - 2 ln L with k = 2, 3
    (the cut counts), 2 and 5, all of the density of log size. The test for one mode is that of
    Silverman (1981), calibrated by Hall & York (2001).

    References
    ----------
    Dorkenwald et al. (2022). Binary and analog variation of synapses between cortical pyramidal
    neurons. eLife 11:e76120.

    Examples
    --------
    >>> import numpy as np, pandas as pd, connectome_graph as cg
    >>> rng = np.random.default_rng(0)
    >>> logs = np.concatenate([rng.normal(5, 0.4, 300), rng.normal(8, 0.4, 200)])
    >>> table = pd.DataFrame({"pre": 1, "post": 2, "size": np.exp(logs)})
    >>> fit = synapse_size(cg.from_tables(table, unknown="add")).iloc[0]
    >>> bool(fit["delta_bic"] > 10), round(float(fit["weight_low"]), 1)
    (True, 0.6)
    """
    n, rng = whole(n, name="n"), generator(seed)
    drawn_from = recorded_seed(rng)
    frame = synapse_rows(g, by=by, by_synapse=by_synapse)
    names = [name for name in frame.columns if name not in ("edge", "size")]
    rows = [
        {**labels, **_fit(np.asarray(group["size"], dtype=np.float64), n, rng)}
        for labels, group in _each_group(frame, names)
    ]
    table = pd.DataFrame(rows, columns=None if rows else [*names, "n", "n_left_out"])
    table.attrs["seed"] = drawn_from
    return table


def synapse_rows(
    g: ConnectomeGraph, *, by: By | None = None, by_synapse: str | None = None
) -> pd.DataFrame:
    """Return size, edge and group labels of every synapse between distinct neurons on the domain.

    Columns ``edge`` (int64, the number of the connection), ``size`` and the group columns, in
    which a missing label is the text "unknown".

    Raises
    ------
    UnknownName
        When a column does not exist.
    InvalidArgument
        When rows stand for several synapses.
    """
    if g.is_aggregated:
        raise InvalidArgument(
            "rows of this graph stand for several synapses and their sizes are sums; the size of "
            "single synapses needs a graph with one row per synapse"
        )
    start, stop = g.edge_runs
    length = stop - start
    edge = np.repeat(np.arange(len(start)), length)
    row = np.arange(int(length.sum())) + np.repeat(start - (np.cumsum(length) - length), length)
    size = np.asarray(g.synapse_column("size"), dtype=np.float64)[row]
    columns: dict[str, Any] = {"edge": edge, "size": size}
    if by is not None:
        types = g.labels(by, missing="own")
        for end, codes in zip(("pre", "post"), g.edge_codes, strict=True):
            columns[f"{end}_type"] = types.named(types.codes[codes])[edge]
    if by_synapse is not None:
        columns[by_synapse] = _named(pd.Series(g.synapse_column(by_synapse)).array.take(row))
    return pd.DataFrame(columns)


def _named(values: Any) -> npt.NDArray[Any]:
    labels = pd.Series(values).astype(object)
    return labels.where(labels.notna(), "unknown").to_numpy()


def _each_group(
    frame: pd.DataFrame, names: list[str]
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Yield the labels and rows of every group; one group without labels when there are none."""
    if not names:
        yield {}, frame
        return
    for label, group in frame.groupby(names, sort=True):
        yield dict(zip(names, label, strict=True)), group


@dataclass(frozen=True)
class _Mixture:
    weight: Float
    mean: Float
    sd: Float
    log_likelihood: float
    # The share that the low component has of every value, to go on from.
    low: Float


def _fit(size: Float, n_draws: int, rng: np.random.Generator) -> dict[str, Any]:
    used = np.log(size[size > 0])
    result: dict[str, Any] = {"n": len(used), "n_left_out": len(size) - len(used)}
    if len(used) < _TOO_FEW or used.std() == 0:
        return result
    n, mean, sd = len(used), float(used.mean()), float(used.std())
    one = float(_log_normal(used, mean, sd).sum())
    two = _mixture(used)
    low, high = np.argsort(two.mean)
    result |= {"mean": mean, "sd": sd, "bic_lognormal": 2 * np.log(n) - 2 * one}
    result |= _truncated(used, mean, sd) | _gamma(used)
    for name, place in (("low", low), ("high", high)):
        result[f"weight_{name}"] = float(two.weight[place])
        result[f"mean_{name}"] = float(two.mean[place])
        result[f"sd_{name}"] = float(two.sd[place])
    best = min(result[f"bic_{name}"] for name in ("lognormal", "truncated", "gamma"))
    bic_two = 5 * np.log(n) - 2 * two.log_likelihood
    p = p_one_mode(used, n=n_draws, rng=rng)
    return result | {
        "bic_mixture": bic_two,
        "delta_bic": best - bic_two,
        "p_one_mode": p,
        "two_populations": bool(best - bic_two > 10 and p <= 0.05),
    }


def _truncated(logs: Float, mean: float, sd: float) -> dict[str, float]:
    """Return the normal of log size that is cut off below the smallest."""
    from scipy.optimize import minimize
    from scipy.special import log_ndtr

    n, low = len(logs), float(logs.min())
    # All that the likelihood needs of the numbers.
    square = float((logs**2).mean())

    def loss(theta: Float) -> float:
        centre, spread = theta[0], np.exp(theta[1])
        quadratic = (square - 2 * centre * mean + centre**2) / (2 * spread**2)
        inside = log_ndtr((centre - low) / spread)
        return float(quadratic + theta[1] + 0.5 * np.log(2 * np.pi) + inside)

    start = np.array([mean, np.log(sd)])
    # A cut far above the middle leaves an exponential tail: its width is not told any more.
    bounds = [(low - 20 * sd, None), (np.log(sd) - 3, np.log(sd) + 2)]
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    return {
        "mean_truncated": float(found.x[0]),
        "sd_truncated": float(np.exp(found.x[1])),
        "bic_truncated": 3 * np.log(n) + 2 * n * float(found.fun),
    }


def _gamma(logs: Float) -> dict[str, float]:
    """Return the gamma distribution of size, with the likelihood of log size."""
    from scipy.optimize import brentq
    from scipy.special import digamma, gammaln

    n, mean = len(logs), float(np.exp(logs).mean())
    gap = np.log(mean) - float(logs.mean())
    shape = float(brentq(lambda k: np.log(k) - digamma(k) - gap, 1e-3, 1e9))
    scale = mean / shape
    # Of the density of log size: that of size, times size.
    each = shape * float(logs.mean()) - mean / scale - gammaln(shape) - shape * np.log(scale)
    return {
        "shape_gamma": shape,
        "scale_gamma": scale,
        "bic_gamma": 2 * np.log(n) - 2 * n * float(each),
    }


def _log_normal(x: Float, mean: Any, sd: Any) -> Any:
    return -0.5 * ((x - mean) / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)


def _mixture(logs: Float) -> _Mixture:
    """Return the best mixture: a few steps from every start, then the best one to the end.

    Many different sizes are first gathered in bins of a thousandth of their range, which finds
    the place of the maximum; the last steps, and the likelihood, are those of the sizes.
    """
    x, times = np.unique(logs, return_counts=True)
    values, numbers = (x, times) if len(x) <= _BINS else _gathered(logs)
    narrowest = _NARROWEST * float(logs.std())
    cuts = np.quantile(logs, [0.1, 0.3, 0.5, 0.7, 0.9])
    tries = [
        _expectation_maximisation(
            values, numbers, np.where(values <= cut, 0.95, 0.05), narrowest, steps=30
        )
        for cut in cuts
    ]
    best = max(tries, key=lambda fit: fit.log_likelihood)
    found = _expectation_maximisation(values, numbers, best.low, narrowest, steps=2000)
    if values is x:
        return found
    each = [np.log(found.weight[k]) + _log_normal(x, found.mean[k], found.sd[k]) for k in range(2)]
    low = np.exp(each[0] - np.logaddexp(*each))
    return _expectation_maximisation(x, times, low, narrowest, steps=10)


def _gathered(logs: Float) -> tuple[Float, npt.NDArray[np.int64]]:
    """Return the middles of bins that hold values, and how many each holds."""
    number, edges = np.histogram(logs, bins=_BINS)
    held = number > 0
    return ((edges[1:] + edges[:-1]) / 2)[held], number[held]


def _expectation_maximisation(
    x: Float, times: npt.NDArray[np.int64], low: Float, narrowest: float, *, steps: int
) -> _Mixture:
    """Return the mixture after at most `steps` steps; value ``x[i]`` occurs ``times[i]`` times."""
    last = -np.inf
    n = times.sum()
    for _ in range(steps):
        share = np.stack([low, 1 - low]) * times
        amount = np.maximum(share.sum(axis=1), 1e-12)
        mean = share @ x / amount
        spread = np.sqrt((share * (x - mean[:, None]) ** 2).sum(axis=1) / amount)
        sd = np.maximum(spread, narrowest)
        weight = amount / n
        each = np.stack([np.log(weight[k]) + _log_normal(x, mean[k], sd[k]) for k in range(2)])
        whole = np.logaddexp(each[0], each[1])
        total = float(times @ whole)
        low = np.exp(each[0] - whole)
        if total - last < 1e-8 * n:
            break
        last = total
    return _Mixture(weight, mean, sd, total, low)
