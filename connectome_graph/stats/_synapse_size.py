"""Synapse sizes: one log-normal against a mixture of two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["synapse_rows", "synapse_size"]

Float = npt.NDArray[np.float64]
_TOO_FEW = 20
_BINS = 1000
# A component narrower than this share of the whole is a spike on one repeated size, not a mode.
_NARROWEST = 0.05


def synapse_size(
    g: ConnectomeGraph, *, by: By | None = None, by_synapse: str | None = None
) -> pd.DataFrame:
    """Return fits of the synapse sizes: one log-normal, and a mixture of two, with their BIC.

    Parameters
    ----------
    g
        The graph, a row per synapse. Synapses between distinct neurons on the domain count.
    by
        Neuron column: a fit for every pair of types (columns ``pre_type``, ``post_type``).
    by_synapse
        Synapse column, such as ``"target"``: a fit for each of its values.

    Returns
    -------
    pandas.DataFrame
        A row per group: the group columns, ``n``, ``n_left_out`` (size missing or not positive);
        ``mean``, ``sd`` of the natural log of size; ``bic_lognormal``; of the mixture
        ``weight_low``, ``mean_low``, ``sd_low``, ``weight_high``, ``mean_high``, ``sd_high``
        (the component with the smaller mean first) and ``bic_mixture``; ``delta_bic``, the first
        BIC minus the second: above 0 the mixture explains the sizes better, above 10 by far.
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
    mixture from growing without bound at a repeated size. BIC = k ln n - 2 ln L with k = 2 and 5.

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
    frame = synapse_rows(g, by=by, by_synapse=by_synapse)
    names = [name for name in frame.columns if name not in ("edge", "size")]
    rows = [
        {**labels, **_fit(np.asarray(group["size"], dtype=np.float64))}
        for labels, group in _each_group(frame, names)
    ]
    return pd.DataFrame(rows, columns=None if rows else [*names, "n", "n_left_out"])


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


def _fit(size: Float) -> dict[str, float | int]:
    used = np.log(size[size > 0])
    result: dict[str, float | int] = {"n": len(used), "n_left_out": len(size) - len(used)}
    if len(used) < _TOO_FEW or used.std() == 0:
        return result
    n, mean, sd = len(used), float(used.mean()), float(used.std())
    one = float(_log_normal(used, mean, sd).sum())
    two = _mixture(used)
    low, high = np.argsort(two.mean)
    bic_one = 2 * np.log(n) - 2 * one
    bic_two = 5 * np.log(n) - 2 * two.log_likelihood
    result |= {"mean": mean, "sd": sd, "bic_lognormal": bic_one}
    for name, place in (("low", low), ("high", high)):
        result[f"weight_{name}"] = float(two.weight[place])
        result[f"mean_{name}"] = float(two.mean[place])
        result[f"sd_{name}"] = float(two.sd[place])
    return result | {"bic_mixture": bic_two, "delta_bic": bic_one - bic_two}


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
