"""Intervals on domains of pairs that could have met."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import connectome_graph as cg
from calibration.scenarios import Outcome, covers, interval
from calibration.worlds import graph, heterogeneity, mean_probability


def _met(rng: np.random.Generator, n: int, share: float, *, symmetric: bool = False) -> np.ndarray:
    """Return which of the ordered pairs of `n` neurons could have met."""
    met = (rng.random((n, n)) < share) & ~np.eye(n, dtype=bool)
    return np.triu(met) | np.triu(met).T if symmetric else met


def _pairs(met: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(np.argwhere(met) + 1, columns=["pre", "post"])


def _conversion(n: int, shape: float, p: float, share: float) -> None:
    about = f"{n} neurons, {share:.0%} of the pairs met, gamma({shape}), p = {p}"

    @interval("stats.conversion", about, n=400)
    def conversion(rng: np.random.Generator) -> Outcome:
        met = _met(rng, n, share)
        rates = np.outer(heterogeneity(rng, shape, n), heterogeneity(rng, shape, n))
        matrix = met & (rng.random((n, n)) < np.minimum(1, p * rates))
        strong = heterogeneity(rng, shape, n)[:, None] * np.ones((n, n))
        # Each pair met to an extent that tells nothing.
        pairs = _pairs(met).assign(area=rng.gamma(4, 0.25, int(met.sum())))
        g = graph(matrix * (1 + rng.poisson(strong))).within(pairs, exposure="area")
        row, mean = cg.stats.conversion(g).iloc[0], mean_probability(p, shape)
        truths = {"connections_per_pair": mean, "connections_per_exposure": mean,
                  "synapses_per_exposure": 2 * mean}  # fmt: skip
        return {
            name: covers(row, truth, low=f"{name}_low", high=f"{name}_high")
            for name, truth in truths.items()
        }


_conversion(60, 3, 0.2, 0.3)
_conversion(20, 1, 0.2, 0.5)
_conversion(200, 1, 0.1, 0.1)


@interval("stats.density", "60 neurons, 30% of the pairs met, gamma(2), p = 0.2", n=400)
def density(rng: np.random.Generator) -> Outcome:
    met = _met(rng, 60, 0.3)
    rates = np.outer(heterogeneity(rng, 2, 60), heterogeneity(rng, 2, 60))
    g = graph(met & (rng.random((60, 60)) < np.minimum(1, 0.2 * rates))).within(_pairs(met))
    return {"low, high": covers(cg.stats.density(g), mean_probability(0.2, 2))}


COEFFICIENTS = ("transitivity", "local_average", "directed_average")


def _touching(rng: np.random.Generator, n: int) -> cg.ConnectomeGraph:
    """Return neurons that differ, on pairs of which most met."""
    met = _met(rng, n, 0.6, symmetric=True)
    u = heterogeneity(rng, 4, n)
    matrix = met & (rng.random((n, n)) < np.minimum(1, 0.2 * np.outer(u, u)))
    return graph(matrix).within(_pairs(met))


@cache
def _clusterings(n: int) -> pd.Series:
    """Return the means of the three coefficients over many such graphs."""
    rng = np.random.default_rng(0)
    found = [cg.stats.clustering(_touching(rng, n), level=None) for _ in range(1500)]
    return pd.DataFrame(found)[list(COEFFICIENTS)].mean()


@interval("stats.clustering", "80 neurons, 60% of the pairs met, gamma(4)", n=300)
def clustering(rng: np.random.Generator) -> Outcome:
    found, truth = cg.stats.clustering(_touching(rng, 80)), _clusterings(80)
    return {
        name: covers(found, truth[name], low=f"{name}_low", high=f"{name}_high")
        for name in COEFFICIENTS
    }
