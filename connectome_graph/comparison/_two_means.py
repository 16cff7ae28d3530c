"""Whether two means differ, or are equivalent: exact, scored, and with neurons as clusters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["clustered", "equivalent", "exact", "holm", "same_counts", "scored", "welch"]

Floats = npt.NDArray[np.float64]


def exact(k: tuple[Floats, Floats], n: tuple[Floats, Floats]) -> Floats:
    """Return Fisher's exact p of two proportions ``k / n``; missing where there is no trial.

    Examples
    --------
    >>> exact((np.array([8.0]), np.array([1.0])), (np.array([10.0]), np.array([6.0]))).round(4)
    array([0.035])
    """
    from scipy.stats import fisher_exact

    p = np.full(k[0].shape, np.nan)
    for at in np.ndindex(*p.shape):
        if n[0][at] and n[1][at]:
            if not (k[0][at] + k[1][at]):
                p[at] = 1.0
                continue
            table = [
                [int(each[at]), int(size[at] - each[at])] for each, size in zip(k, n, strict=True)
            ]
            p[at] = fisher_exact(table).pvalue
    return p


def scored(k: tuple[Floats, Floats], n: tuple[Floats, Floats], ratio: float) -> Floats:
    """Return the score p of the hypothesis that two proportions stand in a given ratio.

    References
    ----------
    Miettinen & Nurminen 1985, Stat Med 4:213.

    Examples
    --------
    >>> k, n = (np.array([30.0]), np.array([15.0])), (np.array([100.0]), np.array([100.0]))
    >>> scored(k, n, 2.0).item(), bool(scored(k, n, 1.0).item() < 0.05)
    (1.0, True)
    """
    from scipy.stats import norm

    with np.errstate(invalid="ignore", divide="ignore"):
        total, both = n[0] + n[1], k[0] + k[1]
        # The likeliest proportions that stand in this ratio, from a quadratic equation.
        a = ratio * total
        b = -(ratio * n[0] + k[0] + n[1] + ratio * k[1])
        root = np.sqrt(np.maximum(b**2 - 4 * a * both, 0))
        p_b = (-b - root) / (2 * a)
        p_a = ratio * p_b
        variance = p_a * (1 - p_a) / n[0] + ratio**2 * p_b * (1 - p_b) / n[1]
        difference = k[0] / n[0] - ratio * k[1] / n[1]
        z = np.where(np.abs(difference) < 1e-15, 0.0, difference / np.sqrt(np.maximum(variance, 0)))
    p = 2 * norm.sf(np.abs(z))
    return np.where((n[0] > 0) & (n[1] > 0), np.where(both > 0, p, 1.0), np.nan)


def welch(
    mean: tuple[Floats, Floats], spread: tuple[Floats, Floats], n: tuple[Floats, Floats]
) -> Floats:
    """Return Welch's p of two means of independent values, from their sums of squares.

    Examples
    --------
    >>> one = np.array([2.0])
    >>> welch((one, one), (one, one), (one * 5, one * 5))
    array([1.])
    """
    from scipy.stats import t

    with np.errstate(invalid="ignore", divide="ignore"):
        parts = [s / (size - 1) / size for s, size in zip(spread, n, strict=True)]
        variance = parts[0] + parts[1]
        freedom = variance**2 / sum(v**2 / (size - 1) for v, size in zip(parts, n, strict=True))
        difference = mean[0] - mean[1]
        p = 2 * t.sf(np.abs(difference) / np.sqrt(variance), freedom)
    p = np.where((variance == 0) & (difference == 0), 1.0, p)
    return np.where((n[0] > 1) & (n[1] > 1), p, np.nan)


def clustered(
    mean: tuple[Floats, Floats], variance: tuple[Floats, Floats], clusters: tuple[Floats, Floats],
    *, ratio: float = 1.0,
) -> Floats:  # fmt: skip
    """Return the p of the hypothesis that ``mean_a = ratio * mean_b``, given their variances.

    Degrees of freedom follow Welch and Satterthwaite, with one less than the number of clusters
    behind each variance.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> clustered((one, one), (one, one), (9 * one, 9 * one))
    array([1.])
    """
    from scipy.stats import t

    parts = variance[0], ratio**2 * variance[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        both = parts[0] + parts[1]
        difference = mean[0] - ratio * mean[1]
        p = 2 * t.sf(np.abs(difference) / np.sqrt(both), _freedom(parts, clusters))
    return np.where((both == 0) & (difference == 0), 1.0, p)


def equivalent(
    mean: tuple[Floats, Floats], variance: tuple[Floats, Floats], clusters: tuple[Floats, Floats],
    *, margin: float, ratio: float = 1.0,
) -> Floats:  # fmt: skip
    """Return the p of two one-sided tests that ``mean_a / (ratio * mean_b)`` lies within a margin.

    A small p says that the quotient lies between ``1 / margin`` and ``margin``. Tested on the
    logarithm.

    References
    ----------
    Schuirmann 1987, J Pharmacokinet Biopharm 15:657.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> bool(
    ...     equivalent((one, one), (one / 900, one / 900), (30 * one, 30 * one), margin=1.25) < 0.05
    ... )
    True
    """
    from scipy.stats import t

    with np.errstate(invalid="ignore", divide="ignore"):
        parts = variance[0] / mean[0] ** 2, variance[1] / mean[1] ** 2
        error = np.sqrt(parts[0] + parts[1])
        distance = np.log(mean[0] / (ratio * mean[1]))
        freedom = _freedom(parts, clusters)
        upper = t.cdf((distance - np.log(margin)) / error, freedom)
        lower = t.sf((distance + np.log(margin)) / error, freedom)
    return np.asarray(np.maximum(upper, lower))


def _freedom(parts: tuple[Floats, Floats], clusters: tuple[Floats, Floats]) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        below = sum(v**2 / (size - 1) for v, size in zip(parts, clusters, strict=True))
        return np.asarray((parts[0] + parts[1]) ** 2 / below)


def same_counts(k: Floats, m: Floats, *, margin: float) -> tuple[Floats, Floats]:
    """Return exact p of difference and of equivalence of two Poisson counts, given their sum.

    Examples
    --------
    >>> same, alike = same_counts(np.array([5.0]), np.array([5.0]), margin=1.25)
    >>> same.item()
    1.0
    """
    from scipy.stats import binom

    total = (k + m).astype(np.int64)
    k = k.astype(np.int64)
    below, above = binom.cdf(k, total, 0.5), binom.sf(k - 1, total, 0.5)
    p = np.minimum(1.0, 2 * np.minimum(below, above))
    high = margin / (1 + margin)
    alike = np.maximum(binom.cdf(k, total, high), binom.sf(k - 1, total, 1 - high))
    return np.where(total > 0, p, np.nan), np.where(total > 0, alike, np.nan)


def holm(p: Floats) -> Floats:
    """Return Holm's adjusted p: the chance of any false positive stays below it.

    References
    ----------
    Holm 1979, Scand J Stat 6:65.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03, np.nan]))
    array([0.03, 0.06, 0.06,  nan])
    """
    adjusted = np.full(p.shape, np.nan)
    given = np.flatnonzero(~np.isnan(p))
    order = given[np.argsort(p[given], kind="stable")]
    scaled = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return adjusted
