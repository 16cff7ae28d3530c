"""How unusual observed numbers are among samples: p, max-T and q, without a Gaussian."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["CHUNK", "Tail", "false_discovery", "max_t", "max_t_of", "two_sided"]

Numbers = npt.NDArray[np.float64]
#: Which deviations count.
Tail: TypeAlias = Literal["both", "upper"]

#: Components that are looked at together, so that memory does not grow with their number.
CHUNK = 512
# Two ways of computing one number may differ in the last digits; they count as equal.
_SAME = 1e-12


def two_sided(observed: Numbers, samples: Numbers) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """Return the two-sided p of every component, and how many samples it rests on.

    ``p = min(1, 2 min(1 + #{s >= o}, 1 + #{s <= o}) / (1 + n))``: the observed graph counts as
    one draw of the null, so p is never 0 and its floor is ``2 / (1 + n)``.

    Parameters
    ----------
    observed
        Shape ``(n_components,)``.
    samples
        Shape ``(n_samples, n_components)``; NaN where a sample has no value.

    References
    ----------
    Phipson & Smyth (2010), Permutation p-values should never be zero, Stat. Appl. Genet. Mol.
    Biol. 9, 39.

    Examples
    --------
    >>> import numpy as np
    >>> two_sided(np.array([9.0]), np.arange(9.0)[:, None])
    (array([0.2]), array([9]))
    """
    n = (~np.isnan(samples)).sum(axis=0)
    slack = _SAME * np.abs(observed)
    above = 1 + (samples >= observed - slack).sum(axis=0)
    below = 1 + (samples <= observed + slack).sum(axis=0)
    p = np.minimum(1.0, 2 * np.minimum(above, below) / (1 + n))
    return np.where(np.isnan(observed) | (n == 0), np.nan, p), n


def max_t(observed: Numbers, samples: Numbers, *, tail: Tail = "both") -> Numbers:
    """Return p of every component adjusted for all of them (step-down max-T).

    Each component is measured in standard deviations from its mean over the samples and the
    observation together. The most deviant one is as unusual as the share of samples whose most
    deviant component deviates at least as much; the next is held against the most deviant of
    the others, and so on, and none is less unusual than the one before it. This bounds the
    chance of any false positive, and uses how the components depend on each other.

    Parameters
    ----------
    observed
        Shape ``(n_components,)``.
    samples
        Shape ``(n_samples, n_components)``; NaN where a sample has no value.
    tail
        ``"both"``, or ``"upper"``: only what exceeds the samples counts as deviant.

    References
    ----------
    Westfall & Young (1993), Resampling-Based Multiple Testing, Wiley; Ge, Dudoit & Speed (2003),
    Resampling-based multiple testing for microarray data analysis, Test 12, 1-77, box 2.

    Examples
    --------
    >>> import numpy as np
    >>> samples = np.random.default_rng(0).normal(size=(99, 2))
    >>> max_t(np.array([5.0, 0.0]), samples)
    array([0.01, 0.94])
    """
    return max_t_of(observed, lambda places: samples[:, places], tail=tail)


def max_t_of(
    observed: Numbers,
    columns: Callable[[npt.NDArray[np.int64]], Numbers],
    *,
    tail: Tail = "both",
) -> Numbers:
    """Return the same from samples that are not in memory as floats all at once.

    Parameters
    ----------
    observed
        Shape ``(n_components,)``.
    columns
        Gives the samples of some components by their places: shape ``(n_samples, len(places))``.
    tail
        As for :func:`max_t`.

    Examples
    --------
    >>> import numpy as np
    >>> samples = np.random.default_rng(0).normal(size=(99, 2))
    >>> max_t_of(np.array([5.0, 0.0]), lambda places: samples[:, places])
    array([0.01, 0.94])
    """
    places = np.arange(len(observed))
    starts = range(0, len(observed), CHUNK)
    own = [
        _deviations(observed[at], columns(at), tail)[0]
        for at in (places[start : start + CHUNK] for start in starts)
    ]
    t0 = np.concatenate(own) if own else np.empty(0)
    order = np.argsort(-t0, kind="stable")
    p = np.empty(len(observed))
    largest: Numbers | None = None
    # From the least deviant up, so that what is held against a component includes all below it.
    for start in starts:
        at = order[::-1][start : start + CHUNK]
        t = _deviations(observed[at], columns(at), tail)
        largest = np.full(len(t) - 1, -np.inf) if largest is None else largest
        for column, place in enumerate(at):
            np.maximum(largest, t[1:, column], out=largest)
            reached = (largest >= t[0, column] - _SAME * abs(t[0, column])).sum()
            p[place] = (1 + reached) / (1 + len(largest))
    p[order] = np.maximum.accumulate(p[order])
    return np.where(np.isnan(observed), np.nan, p)


def _deviations(observed: Numbers, samples: Numbers, tail: Tail) -> Numbers:
    """Return how far observation (first row) and samples are from their mean, in their sd."""
    pooled = np.vstack([observed, samples])
    given = ~np.isnan(pooled)
    number = np.maximum(given.sum(axis=0), 1)
    mean = np.where(given, pooled, 0).sum(axis=0) / number
    deviation = np.where(given, pooled - mean, 0)
    sd = np.sqrt((deviation**2).sum(axis=0) / number)
    constant = sd <= _SAME * np.maximum(np.abs(mean), 1e-300)
    t: Numbers = (np.abs(deviation) if tail == "both" else deviation) / np.where(constant, 1, sd)
    t[:, constant] = 0
    return np.asfortranarray(t)


def false_discovery(p: Numbers) -> Numbers:
    """Return the Benjamini-Hochberg q of every p; missing ones stay missing and do not count.

    References
    ----------
    Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57, 289-300.

    Examples
    --------
    >>> import numpy as np
    >>> false_discovery(np.array([0.01, 0.04, 0.03, np.nan]))
    array([0.03, 0.04, 0.04,  nan])
    """
    from scipy.stats import false_discovery_control

    q = np.full(len(p), np.nan)
    given = ~np.isnan(p)
    q[given] = false_discovery_control(p[given])
    return q
