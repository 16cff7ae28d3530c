"""Intervals: whether each holds the truth behind the data as often as it says."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import connectome_graph as cg
from calibration.scenarios import FEW, FEW_WHY, USUAL, Outcome, covers, interval
from calibration.worlds import block, connected, graph, heterogeneity, mean_probability

SHAPES = {None: "homogeneous", 1: "gamma(1)"}


def _grid(n_sources: int, shape: float | None, p: float) -> None:
    few = n_sources < 10
    about = f"{n_sources} sources, 60 targets, {SHAPES[shape]}, p = {p}"
    accept, why = (FEW, FEW_WHY) if few else (USUAL["interval"], "")
    quick = 60 if (n_sources, p) == (20, 0.1) else 0

    @interval("stats.density", about, n=1000, accept=accept, quick=quick, why=why)
    def density(rng: np.random.Generator) -> Outcome:
        found = cg.stats.density(block(rng, n_sources, 60, p, shape))
        return {"low, high": covers(found, mean_probability(p, shape))}


for _sources in (5, 20, 50, 200):
    for _shape in SHAPES:
        for _p in (0.005, 0.02, 0.1, 0.4):
            _grid(_sources, _shape, _p)


@interval("stats.density", "bootstrap of 300, 20 sources, 60 targets, gamma(1), p = .1", n=300)
def bootstrapped_density(rng: np.random.Generator) -> Outcome:
    g = block(rng, 20, 60, 0.1, 1)
    found = cg.stats.density(g, interval="bootstrap", n=300, seed=rng)
    return {"low, high": covers(found, mean_probability(0.1, 1))}


def _squares(n_neurons: int, shape: float | None, p: float) -> None:
    about = f"{n_neurons} neurons that are both, {SHAPES[shape]}, p = {p}"
    accept, why = (FEW, FEW_WHY) if n_neurons < 10 else (USUAL["interval"], "")

    @interval("stats.density", about, n=1000, accept=accept, why=why)
    def density(rng: np.random.Generator) -> Outcome:
        rates = np.outer(*(heterogeneity(rng, shape, n_neurons) for _ in range(2)))
        matrix = rng.random(rates.shape) < np.minimum(1, p * rates)
        np.fill_diagonal(matrix, val=False)
        return {"low, high": covers(cg.stats.density(graph(matrix)), mean_probability(p, shape))}


for _neurons in (8, 20, 60):
    for _shape in SHAPES:
        for _p in (0.1, 0.4):
            _squares(_neurons, _shape, _p)


@interval("stats.density", "60 neurons that are both, alike in and out, gamma(2), p = .1")
def square_density(rng: np.random.Generator) -> Outcome:
    found = cg.stats.density(graph(connected(rng, 60, 0.1, shape=2)))
    return {"low, high": covers(found, mean_probability(0.1, 2))}


@interval("stats.wilson", "30 of independent trials, p = .2", n=1000, quick=200)
def wilson(rng: np.random.Generator) -> Outcome:
    low, high = cg.stats.wilson([rng.binomial(60, 0.2)], [60])
    return {"low, high": covers({"low": low[0], "high": high[0]}, 0.2)}


SIZE = np.exp(5 + 0.5**2 / 2)


def _typed(rng: np.random.Generator) -> tuple[cg.ConnectomeGraph, dict[str, float]]:
    """Return two types of 40 neurons with synapses and sizes, and the truth of A -> B."""
    n, kind = 80, np.repeat(["A", "B"], 40)
    out, into = heterogeneity(rng, 3, n), heterogeneity(rng, 3, n)
    rate = np.where(kind == "A", 0.08, 0.04)[:, None] * np.outer(out, into)
    matrix = (rng.random((n, n)) < np.minimum(1, rate)) & ~np.eye(n, dtype=bool)
    pre, post = np.nonzero(matrix)
    count = 1 + rng.poisson(1.0, len(pre))
    row = np.repeat(np.arange(len(pre)), count)
    synapses = pd.DataFrame({"pre": pre[row] + 1, "post": post[row] + 1})
    synapses["size"] = np.exp(rng.normal(5, 0.5, len(row)))
    cells = pd.DataFrame({"root_id": np.arange(1, n + 1), "kind": kind})
    # Of the inputs of a B neuron: 40 possible partners of type A, 39 of B.
    share = 0.08 * 40 / (0.08 * 40 + 0.04 * 39)
    truth = {
        "probability": mean_probability(0.08, 3),
        "synapses_per_connection": 2.0,
        "mean_size": SIZE,
        "input_fraction": share,
        "output_fraction": 40 / 79,
    }
    return cg.from_tables(synapses, cells), truth


@interval("stats.type_matrix", "two types of 40 neurons, gamma(3)", n=400, quick=40)
def type_matrix(rng: np.random.Generator) -> Outcome:
    g, truth = _typed(rng)
    table = cg.stats.type_matrix(g, by="kind").set_index(["pre_type", "post_type"])
    row = table.loc[("A", "B")]
    outcome = {"low, high": covers(row, truth.pop("probability"))}
    for name, value in truth.items():
        outcome[name] = covers(row, value, low=f"{name}_low", high=f"{name}_high")
    return outcome


@cache
def _reciprocity(p: float, answered: float, shape: float | None) -> tuple[float, float]:
    """Return the reciprocity and its ratio to the density of :func:`connected`."""
    rng = np.random.default_rng(0)
    q = np.minimum(1, p * np.prod([heterogeneity(rng, shape, 2_000_000) for _ in range(2)], axis=0))
    density = float(q.mean())
    r = float((answered * q + (1 - answered) * q**2).mean()) / density
    return r, r / density


def _dyads(n_neurons: int, shape: float | None, p: float, answered: float) -> None:
    about = f"{n_neurons} neurons, {'homogeneous' if shape is None else f'gamma({shape})'}, p = {p}"
    quick = 40 if (n_neurons, shape) == (80, 2) else 0

    @interval("stats.dyads", about, n=1000, quick=quick)
    def dyads(rng: np.random.Generator) -> Outcome:
        found = cg.stats.dyads(graph(connected(rng, n_neurons, p, shape=shape, answered=answered)))
        truth = _reciprocity(p, answered, shape)
        return {
            name: covers(found, value, low=f"{name}_low", high=f"{name}_high")
            for name, value in zip(("reciprocity", "r_over_p"), truth, strict=True)
        }


for _neurons in (30, 80, 200):
    _dyads(_neurons, None, 0.1, 0.3)
    _dyads(_neurons, 2, 0.1, 0.3)


@interval("stats.labelled_reciprocity", "two types of 50 neurons, gamma(2), p = .1", quick=40)
def labelled_reciprocity(rng: np.random.Generator) -> Outcome:
    matrix = connected(rng, 100, 0.1, shape=2, answered=0.3)
    g = graph(matrix, kind=np.repeat(["A", "B"], 50))
    table = cg.stats.labelled_reciprocity(g, by="kind").set_index(["pre_type", "post_type"])
    truth = _reciprocity(0.1, 0.3, 2)[0]
    return {
        "low, high (between types)": covers(table.loc[("A", "B")], truth),
        "low, high (within a type)": covers(table.loc[("A", "A")], truth),
    }


COEFFICIENTS = ("transitivity", "local_average", "directed_average")


def _geometric(rng: np.random.Generator, n: int, shape: float | None) -> cg.ConnectomeGraph:
    """Return neurons on a square that connect nearby, and more or less."""
    place = rng.random((n, 2))
    near = np.exp(-((place[:, None] - place) ** 2).sum(axis=2) / 0.18)
    u = heterogeneity(rng, shape, n)
    matrix = rng.random((n, n)) < np.minimum(1, 0.25 * near * np.outer(u, u))
    return graph(matrix & ~np.eye(n, dtype=bool))


@cache
def _clusterings(n: int, shape: float | None) -> pd.Series:
    """Return the mean coefficients over many such graphs."""
    rng = np.random.default_rng(0)
    found = [cg.stats.clustering(_geometric(rng, n, shape), level=None) for _ in range(1500)]
    return pd.DataFrame(found)[list(COEFFICIENTS)].mean()


def _clustering(n_neurons: int, shape: float | None) -> None:
    about = f"{n_neurons} neurons on a square, {'homogeneous' if shape is None else 'gamma(4)'}"

    @interval("stats.clustering", about, n=300)
    def clustering(rng: np.random.Generator) -> Outcome:
        found = cg.stats.clustering(_geometric(rng, n_neurons, shape))
        truth = _clusterings(n_neurons, shape)
        return {
            name: covers(found, truth[name], low=f"{name}_low", high=f"{name}_high")
            for name in COEFFICIENTS
        }


for _shape in (None, 4):
    _clustering(60, _shape)
    _clustering(150, _shape)


def _placed(rng: np.random.Generator, model: str) -> cg.ConnectomeGraph:
    n = 300
    place = rng.uniform(0, 250, (n, 3))
    d = np.sqrt(((place[:, None] - place) ** 2).sum(axis=2))
    p = 0.3 * (np.exp(-d / 50) if model == "exponential" else np.exp(-((d / 50) ** 2) / 2))
    matrix = (rng.random((n, n)) < p) & ~np.eye(n, dtype=bool)
    return graph(matrix, **dict(zip(("x_um", "y_um", "z_um"), place.T, strict=True)))


def _fit(model: str) -> None:
    @interval(
        "stats.fit_distance",
        f"{model}, length 50, amplitude .30, bins of 25 um",
        n=300,
        accept=(0.93, 0.99),
        quick=20,
        why="widened by the dispersion, never narrowed: a little wide where there is none",
    )
    def fit(rng: np.random.Generator) -> Outcome:
        table = cg.stats.connection_by_distance(_placed(rng, model), bins=np.arange(0, 251, 25))
        rows = cg.stats.fit_distance(table).set_index(["model", "parameter"]).loc[model]
        return {
            "low, high (length_um)": covers(rows.loc["length_um"], 50),
            "low, high (amplitude)": covers(rows.loc["amplitude"], 0.3),
        }


_fit("exponential")
_fit("gaussian")

WILSON = {"low": "wilson_low", "high": "wilson_high"}


@interval("stats.connection_by_distance", "pairs independent (what Wilson's assumes)")
def connection_by_distance(rng: np.random.Generator) -> Outcome:
    n = 80
    place = dict(zip(("x_um", "y_um", "z_um"), rng.uniform(0, 100, (3, n)), strict=True))
    matrix = (rng.random((n, n)) < 0.15) & ~np.eye(n, dtype=bool)
    table = cg.stats.connection_by_distance(graph(matrix, **place), bins=[0, 40, 80, 120])
    return {"wilson_low, wilson_high": covers(table.iloc[1], 0.15, **WILSON)}


@interval("stats.common_neighbours", "pairs independent (what Wilson's assumes)")
def common_neighbours(rng: np.random.Generator) -> Outcome:
    matrix = (rng.random((40, 40)) < 0.2) & ~np.eye(40, dtype=bool)
    table = cg.stats.common_neighbours(graph(matrix), kind="out")
    row: Any = table.loc[table["n_pairs"].idxmax()]
    return {"wilson_low, wilson_high": covers(row, 0.2, **WILSON)}


@interval(
    "stats.connection_by", "a property without effect, neurons that differ by gamma(3)", n=200
)
def connection_by(rng: np.random.Generator) -> Outcome:
    n = 80
    rates = np.outer(heterogeneity(rng, 3, n), heterogeneity(rng, 3, n))
    matrix = (rng.random((n, n)) < np.minimum(1, 0.15 * rates)) & ~np.eye(n, dtype=bool)
    strong = heterogeneity(rng, 3, n)[:, None] * np.ones(n)
    g = cg.from_adjacency(
        matrix * (1 + rng.poisson(strong)),
        pd.DataFrame({"root_id": np.arange(1, n + 1), "tuning": rng.random(n)}),
    )
    row = cg.stats.connection_by(g, "tuning", bins=[0, 0.25, 0.5, 1]).iloc[0]
    return {
        "low, high": covers(row, mean_probability(0.15, 3)),
        "strength": covers(row, 2.0, low="strength_low", high="strength_high"),
    }


@interval("stats.pair_model", "slope .5 on a property of pairs, neurons alike", n=200)
def pair_model(rng: np.random.Generator) -> Outcome:
    n = 50
    x = rng.normal(size=n)
    gap = np.abs(x[:, None] - x)
    p = 1 / (1 + np.exp(2 - 0.5 * gap))
    matrix = (rng.random((n, n)) < p) & ~np.eye(n, dtype=bool)
    table = cg.stats.pair_model(graph(matrix, x=x), "connected ~ difference(x)")
    return {"low, high": covers(table.iloc[1], 0.5)}
