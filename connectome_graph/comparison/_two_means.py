"""Whether two means differ, or are equivalent: exact, and with neurons as clusters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["clustered", "equivalent", "exact", "holm", "same_counts", "welch"]

Floats = npt.NDArray[np.float64]


def exact(k: tuple[Floats, Floats], n: tuple[Floats, Floats], odds: float = 1.0) -> Floats:
    """Return the exact p that two proportions ``k / n`` stand in a given odds ratio.

    Given all successes together, those of the first follow Fisher's noncentral hypergeometric
    distribution (the central one, and Fisher's exact test, for an odds ratio of 1). The p sums
    the outcomes that are no likelier than the one seen; missing where there is no trial.

    References
    ----------
    Fisher 1935, J R Stat Soc 98:39; Pedigo et al. 2023, eLife 12:e83739.

    Examples
    --------
    >>> k, n = (np.array([8.0]), np.array([1.0])), (np.array([10.0]), np.array([6.0]))
    >>> exact(k, n).round(4), exact(k, n, 20.0).round(4)
    (array([0.035]), array([1.]))
    """
    rows = np.stack([np.ravel(each) for each in (*k, *n)], axis=1)
    distinct, place = np.unique(rows, axis=0, return_inverse=True)
    table: list[list[int]] = distinct.astype(np.int64).tolist()
    p = [_no_likelier(k_a, k_b, n_a, n_b, odds) for k_a, k_b, n_a, n_b in table]
    return np.asarray(p, float)[place.ravel()].reshape(k[0].shape)


def _no_likelier(k_a: int, k_b: int, n_a: int, n_b: int, odds: float) -> float:
    """Return the chance of the outcomes no likelier than `k_a`, given ``k_a + k_b``."""
    from scipy.special import gammaln

    both = k_a + k_b
    if not n_a or not n_b:
        return np.nan
    low, high = max(0, both - n_b), min(both, n_a)
    # The likeliest outcome, from the equation of the odds; far from it and from what was seen
    # there is nothing left, so that not all of millions of outcomes are looked at.
    linear = odds * (n_a + both) + n_b - both
    root = np.sqrt(max(linear**2 - 4 * (odds - 1) * odds * n_a * both, 0.0))
    mode = 2 * odds * n_a * both / (linear + root) if both else 0.0
    reach = abs(k_a - mode) + 40 * np.sqrt(both) + 1000
    first = max(low, int(min(k_a, mode) - reach))
    x = np.arange(first, min(high, int(max(k_a, mode) + reach)) + 1, dtype=float)
    log_p = (
        x * np.log(odds) - gammaln(x + 1) - gammaln(n_a - x + 1)
        - gammaln(both - x + 1) - gammaln(n_b - both + x + 1)
    )  # fmt: skip
    likelihood = np.exp(log_p - log_p.max())
    # Rounding may not part outcomes that are equally likely.
    as_rare = log_p <= log_p[k_a - first] + 1e-7
    return float(min(1.0, likelihood[as_rare].sum() / likelihood.sum()))


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
