"""Synapses per connection: Poisson, geometric or negative binomial, and the strong tail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, whole
from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["multiplicity"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


def multiplicity(g: ConnectomeGraph, *, by: By | None = None, tail: int = 5) -> pd.DataFrame:
    """Return fits of the number of synapses per connected pair, and of its strong tail.

    Only pairs with at least one synapse are counted, so the distributions are those of a count
    given that it is not 0: a Poisson without its zero, a geometric on 1, 2, ..., a negative
    binomial without its zero. The first two are limits of the third.

    Parameters
    ----------
    g
        The graph; connections on the domain count.
    by
        Neuron column: fits for every pair of types (columns ``pre_type``, ``post_type``).
    tail
        Connections of at least this many synapses are the strong tail.

    Returns
    -------
    pandas.DataFrame
        A row per group and ``model`` (poisson, geometric, negative_binomial): ``n_pairs``,
        ``mean`` synapses per connection, the parameters ``rate`` (of the whole Poisson, or mean
        of the whole negative binomial), ``chance`` (of the geometric) and ``shape`` (of the
        negative binomial), ``log_likelihood``, ``bic``, ``delta_bic`` (above the best of the
        group), ``tail_observed`` and ``tail_expected`` (connections).

    Raises
    ------
    UnknownName
        When there is no such column.
    InvalidArgument
        When `tail` is not a whole number of at least 1.

    Notes
    -----
    Maximum likelihood; BIC = k ln n - 2 ln L with k = 1, 1 and 2. The shape is searched between
    1e-3 and 1e4: at the upper end the negative binomial is a Poisson.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 2], [1, 0, 3], [1, 8, 0]])
    >>> multiplicity(g).set_index("model")["chance"]["geometric"].item()
    0.375
    """
    tail = whole(tail, name="tail")
    columns: dict[str, Any] = {"n": g.edge_counts}
    if by is not None:
        types = g.labels(by, missing="own")
        for end, codes in zip(("pre", "post"), g.edge_codes, strict=True):
            columns[f"{end}_type"] = types.named(types.codes[codes])
    frame = pd.DataFrame(columns)
    names = [name for name in frame.columns if name != "n"]
    groups = frame.groupby(names, sort=True) if names else [((), frame)]
    rows = [
        {**dict(zip(names, label, strict=True)), **row}
        for label, group in groups
        for row in _fits(group["n"].to_numpy(dtype=np.int64), tail)
    ]
    return pd.DataFrame(rows)


def _fits(counts: Int, tail: int) -> list[dict[str, Any]]:
    """Return a row for each of the three models, or none for an empty group."""
    if len(counts) == 0:
        return []
    value, number = np.unique(counts, return_counts=True)
    mean = float(counts.mean())
    models: list[tuple[str, int, dict[str, float], Callable[[Int], Float]]] = []
    rate = _poisson_rate(mean)
    models.append(("poisson", 1, {"rate": rate}, lambda k: _log_poisson(k, rate)))
    models.append(("geometric", 1, {"chance": 1 / mean}, lambda k: _log_geometric(k, 1 / mean)))
    centre, shape = _negative_binomial(value, number, mean)
    models.append(
        (
            "negative_binomial",
            2,
            {"rate": centre, "shape": shape},
            lambda k: _log_negative_binomial(k, centre, shape),
        )
    )
    rows = []
    below = np.arange(1, tail)
    for name, n_parameters, parameters, log_p in models:
        likelihood = float(number @ log_p(value))
        rows.append(
            {
                "model": name,
                "n_pairs": len(counts),
                "mean": mean,
                **dict.fromkeys(("rate", "chance", "shape"), np.nan),
                **parameters,
                "log_likelihood": likelihood,
                "bic": n_parameters * np.log(len(counts)) - 2 * likelihood,
                "tail_observed": int((counts >= tail).sum()),
                "tail_expected": len(counts) * max(0.0, 1 - float(np.exp(log_p(below)).sum())),
            }
        )
    best = min(row["bic"] for row in rows)
    return [{**row, "delta_bic": row["bic"] - best} for row in rows]


def _poisson_rate(mean: float) -> float:
    """Return the rate whose Poisson, without its zero, has this mean."""
    from scipy.optimize import brentq

    if mean <= 1:
        return 0.0
    return float(brentq(lambda rate: rate / -np.expm1(-rate) - mean, 1e-9, mean + 1))


def _log_poisson(k: Int, rate: float) -> Float:
    from scipy.special import gammaln

    if rate == 0:
        return np.where(k == 1, 0.0, -np.inf)
    return np.asarray(
        k * np.log(rate) - rate - gammaln(k + 1.0) - np.log(-np.expm1(-rate)), dtype=np.float64
    )


def _log_geometric(k: Int, chance: float) -> Float:
    if chance >= 1:
        return np.where(k == 1, 0.0, -np.inf)
    return np.asarray((k - 1) * np.log1p(-chance) + np.log(chance), dtype=np.float64)


def _log_negative_binomial(k: Int, mean: float, shape: float) -> Float:
    """Return the log chance of k >= 1 under a negative binomial without its zero."""
    from scipy.special import gammaln

    if mean == 0:
        return np.where(k == 1, 0.0, -np.inf)
    log_zero = -shape * np.log1p(mean / shape)
    log_p = (
        gammaln(k + shape)
        - gammaln(shape)
        - gammaln(k + 1.0)
        + log_zero
        + k * (np.log(mean) - np.log(mean + shape))
    )
    return np.asarray(log_p - np.log(-np.expm1(log_zero)), dtype=np.float64)


def _negative_binomial(value: Int, number: Int, mean: float) -> tuple[float, float]:
    """Return the mean and shape of the whole negative binomial that fit best."""
    from scipy.optimize import minimize

    if mean <= 1:
        return 0.0, 1e4

    def loss(parameters: Float) -> float:
        centre, shape = np.exp(parameters)
        return -float(number @ _log_negative_binomial(value, centre, shape) / number.sum())

    # Flat directions of the likelihood: several starts, the best kept.
    starts = [(np.log(mean), 0.0), (np.log(mean), 3.0), (np.log(mean) - 2, -2.0)]
    bounds = [(np.log(1e-6), np.log(mean) + 1), (np.log(1e-3), np.log(1e4))]
    fits = [minimize(loss, start, method="L-BFGS-B", bounds=bounds) for start in starts]
    centre, shape = np.exp(min(fits, key=lambda fit: float(fit.fun)).x)
    return float(centre), float(shape)
