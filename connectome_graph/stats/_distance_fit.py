"""How connection probability falls off with distance: exponential and Gaussian."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Level, level_between, one_of
from connectome_graph.border.values import columns_in
from connectome_graph.errors import InvalidArgument

__all__ = ["fit_distance"]

Floats = npt.NDArray[np.float64]

#: Model -> power of distance over length in the exponent, and its factor.
MODELS = {"exponential": (1, 1.0), "gaussian": (2, 0.5)}
#: A curve against distance.
Curve = Literal["probability", "mutual_probability", "asymmetric_probability"]
# Distances in each bin at which the curve is read.
_POINTS = 12
#: Curve -> what is counted, and out of what.
CURVES = {
    "probability": ("n_edges", "n_pairs"),
    "mutual_probability": ("n_mutual", "n_dyads"),
    "asymmetric_probability": ("n_asymmetric", "n_dyads"),
}


def fit_distance(
    table: pd.DataFrame, *, curve: Curve = "probability", level: Level = 0.95
) -> pd.DataFrame:
    r"""Return exponential and Gaussian fits of a distance curve, with parameter intervals.

    ``exponential``: p(d) = amplitude exp(-d / length_um); ``gaussian``: p(d) = amplitude
    exp(-d^2 / (2 length_um^2)). Fitted by binomial maximum likelihood to the counts in the bins;
    the probability of a bin is the mean of p(d) over its pairs, whose distances are taken from
    how the numbers of pairs rise from bin to bin, so that wide bins do not bend the curve. Bins
    scatter more than independent pairs would, so the
    intervals are widened by the square root of the ``dispersion`` (Pearson's chi-squared over
    its degrees of freedom, at least 1), as in quasi-likelihood.

    Parameters
    ----------
    table
        What :func:`connection_by_distance` returned.
    curve
        ``"probability"``, ``"mutual_probability"`` or ``"asymmetric_probability"``.
    level
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        A row for each model and parameter: ``model parameter estimate low high log_likelihood
        aic dispersion n_bins``. Length and its interval are in um; a length that the data do
        not bound is infinite at that end.

    Raises
    ------
    InvalidArgument
        For an unknown curve, or fewer than three bins with pairs, or no connection at all.

    References
    ----------
    McCullagh & Nelder 1989, Generalized Linear Models, 4.5 (dispersion).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> d = np.arange(25.0, 300, 50)
    >>> p = 0.2 * np.exp(-d / 100)
    >>> table = pd.DataFrame({"low_um": d - 25, "high_um": d + 25, "n_pairs": 100_000})
    >>> table["n_edges"] = (p * 100_000).round().astype(int)
    >>> fit = fit_distance(table).set_index(["model", "parameter"])["estimate"]
    >>> fit["exponential", "length_um"].round(), fit["exponential", "amplitude"].round(2)
    (np.float64(100.0), np.float64(0.2))
    """
    one_of(curve, Curve, name="curve")
    level_between(level)
    names = CURVES[curve]
    needed = ["low_um", "high_um", *names]
    columns_in(table, needed, name="table", maker="stats.connection_by_distance")
    used = table[table[names[1]] > 0]
    k, n = (used[name].to_numpy(float) for name in names)
    if len(used) < 3 or not k.sum():
        raise InvalidArgument(
            f"a fit of two parameters needs at least three bins with pairs, and connections; found "
            f"{len(used)} bins with {k.sum():,.0f}"
        )
    low, high = (used[end].to_numpy(float) for end in ("low_um", "high_um"))
    distances, shares = _within_bins(low, high, n)
    rows = [
        row for model in MODELS for row in _fit(model, (distances, shares), (k, n), level=level)
    ]
    return pd.DataFrame(rows)


def _within_bins(low: Floats, high: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return distances in every bin, and the share of its pairs at each: bins x points.

    The number of pairs nearer than d is known at the edges of the bins and interpolated between
    them, monotonically, on the scale of d^q with q as it rises at the start (about 3 in space).
    """
    from scipy.interpolate import PchipInterpolator

    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    distances = low[:, None] + (high - low)[:, None] * (points + 1) / 2
    shares = np.broadcast_to(weights / 2, distances.shape)
    if not np.allclose(low[1:], high[:-1]):
        return distances, shares
    edges = np.append(low, high[-1])
    nearer = np.append(0, np.cumsum(n))
    power = 1.0
    if low[0] == 0:
        rise = np.log(nearer[2] / nearer[1]) / np.log(edges[2] / edges[1])
        power = float(np.clip(rise, 1, 3))
    curve = PchipInterpolator(edges**power, nearer).derivative()
    density = np.maximum(curve(distances**power), 0) * distances ** (power - 1) * weights
    total = density.sum(axis=1, keepdims=True)
    return distances, np.where(total > 0, density / np.where(total > 0, total, 1), shares)


def _fit(
    model: str, bins: tuple[Floats, Floats], counts: tuple[Floats, Floats], *, level: float
) -> list[dict[str, float | str | int]]:
    from scipy.optimize import minimize
    from scipy.special import ndtri

    power, factor = MODELS[model]
    (d, share), (k, n) = bins, counts
    unit = float((d * share).sum(axis=1).mean())
    fall = factor * (d / unit) ** power

    def curve(theta: Floats) -> tuple[Floats, Floats]:
        """Return the mean of exp(theta0 - theta1 fall) in each bin, and that of fall times it.

        theta1 is (unit / length) ** power.
        """
        falling = share * np.exp(np.clip(theta[0] - theta[1] * fall, -700, 0))
        mean = falling.sum(axis=1).clip(1e-300, 1 - 1e-12)
        return mean, (fall * falling).sum(axis=1)

    def loss(theta: Floats) -> float:
        p = curve(theta)[0]
        return -float((k * np.log(p) + (n - k) * np.log1p(-p)).sum())

    start = np.array([np.log(np.clip(k.sum() / n.sum(), 1e-12, 0.5)) + 0.5, 0.5])
    options = {"xatol": 1e-10, "fatol": 1e-10, "maxiter": 5000}
    theta = minimize(loss, start, method="Nelder-Mead", options=options).x
    p, slope = curve(theta)
    design = np.stack([p, -slope])
    information = (design * (n / (p * (1 - p)))) @ design.T
    spread = max(1.0, float((((k - n * p) ** 2) / (n * p * (1 - p))).sum() / (len(k) - 2)))
    error = np.sqrt(np.diag(np.linalg.pinv(information)) * spread)
    z = float(ndtri(0.5 + level / 2))
    rate = np.array([theta[1], theta[1] + z * error[1], theta[1] - z * error[1]])
    # A rate of 0 or less is a curve that does not fall: its length is infinite.
    length = np.full(3, np.inf)
    length[rate > 0] = unit / rate[rate > 0] ** (1 / power)
    amplitude = np.exp(theta[0] + np.array([0, -z, z]) * error[0])
    shared: dict[str, float | str | int] = {
        "log_likelihood": -loss(theta),
        "aic": 2 * loss(theta) + 4,
        "dispersion": spread,
        "n_bins": len(k),
    }
    return [
        {"model": model, "parameter": name, "estimate": float(values[0]), "low": float(values[1]),
         "high": float(values[2]), **shared}
        for name, values in (("amplitude", amplitude), ("length_um", length))
    ]  # fmt: skip
