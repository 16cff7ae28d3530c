"""p-values: how often each is at most .05 under its null."""

from __future__ import annotations

import numpy as np
import pandas as pd

import connectome_graph as cg
from calibration.scenarios import Outcome, p_value
from calibration.worlds import connected, graph, heterogeneity


def _start(n: int, p: float) -> cg.ConnectomeGraph:
    """Return the one graph of which the samples of a null are the data."""
    return graph(connected(np.random.default_rng(1), n, p, shape=4, answered=0.2))


CONFIGURATION = _start(40, 0.12)
RECIPROCAL = _start(50, 0.15)


@p_value("compare", "a sample of the configuration model, mutual pairs and triangles", n=400)
def compare(rng: np.random.Generator) -> Outcome:
    null = cg.nulls.Configuration()
    g = null.sample(CONFIGURATION, rng)

    def statistic(sample: cg.ConnectomeGraph) -> pd.Series:
        matrix = sample.adjacency("binary").toarray()
        cycles = np.trace(matrix @ matrix @ matrix)
        return pd.Series({"mutual": (matrix * matrix.T).sum(), "cycles": cycles})

    table = cg.compare(g, statistic, null=null, n=119, seed=rng, progress=False).table
    return {
        "p": float(table.loc["cycles", "p"]),
        "p_max_t (any)": float(table["p_max_t"].min()),
        "q (any)": float(table["q"].min()),
    }


@p_value("motifs.significance", "a sample of the reciprocal configuration model", n=300)
def significance(rng: np.random.Generator) -> Outcome:
    g = cg.nulls.ReciprocalConfiguration().sample(RECIPROCAL, rng)
    table = cg.motifs.significance(g, n=39, seed=rng, progress=False).table
    return {
        "p (030T)": float(table.loc["030T", "p"]),
        "p_max_t (any)": float(table["p_max_t"].min()),
    }


@p_value("motifs.significance", "the same, classes labelled by four types, one family", n=200)
def labelled_significance(rng: np.random.Generator) -> Outcome:
    g = cg.nulls.ReciprocalConfiguration().sample(RECIPROCAL, rng)
    kinds = rng.integers(0, 4, g.n_neurons).astype(str)
    g = g.annotate(pd.DataFrame({"kind": kinds}, index=g.neurons.index))
    table = cg.motifs.significance(g, by="kind", n=39, seed=rng, progress=False).table
    return {"p_max_t (any)": float(table["p_max_t"].min())}


def _two_graphs(exchange: str, about: str) -> None:
    @p_value("compare_graphs", about, n=300)
    def compare_graphs(rng: np.random.Generator) -> Outcome:
        pair = []
        for _ in range(2):
            rate = 0.15 * heterogeneity(rng, 2, 24)[:, None]
            pair.append(graph((rng.random((24, 24)) < rate) & ~np.eye(24, dtype=bool)))
        found = cg.compare_graphs(
            *pair, lambda g: {"edges": g.n_edges}, exchange=exchange, n=79, seed=rng, progress=False
        )
        return {"p": float(found.table.loc["edges", "p"])}


_two_graphs("outputs", "neurons send more or less in either graph")


@p_value("stats.rich_club", "a sample of the configuration model, all k together", n=300, quick=6)
def rich_club(rng: np.random.Generator) -> Outcome:
    null = cg.nulls.Configuration()
    g = null.sample(CONFIGURATION, rng)
    table = cg.stats.rich_club(g, null=null, n=79, seed=rng)
    club = cg.stats.rich_club_range(table)
    middle = table.index[len(table) // 2]
    return {
        "p (one k)": float(table.loc[middle, "p"]),
        "p_omnibus": table.attrs["p_omnibus"],
        "rich_club_range (a club)": 1.0 if club is None else 0.0,
    }


def _cards(n_sources: int) -> None:
    about = f"{n_sources} sources, 4 synapses per connection, targets as everyone's"

    @p_value("skeletons.connectivity_card", about, n=250, quick=10 if n_sources == 10 else 0)
    def connectivity_card(rng: np.random.Generator) -> Outcome:
        n, each, synapses = 400, 12, 4
        kind = np.repeat(["S", "A", "B", "C"], [40, 120, 120, 120])
        pre = np.repeat(np.arange(60), each)
        post = 60 + np.concatenate([rng.choice(n - 60, each, replace=False) for _ in range(60)])
        row = np.repeat(np.arange(len(pre)), synapses)
        depth = rng.uniform(0, 100, len(pre))[row] + rng.normal(0, 1, len(row))
        table = pd.DataFrame({"pre": pre[row] + 1, "post": post[row] + 1, "y_um": depth})
        table["compartment"] = "dendrite"
        cells = pd.DataFrame({"root_id": np.arange(1, n + 1), "cell_type": kind})
        g = cg.from_tables(table, cells)
        card = cg.skeletons.connectivity_card(g, list(range(1, n_sources + 1)), n=199, seed=rng)
        p, q = card.table.loc["A", "p"], card.table["q"].min()
        return {"p (one type)": float(p), "q (any)": float(q)}


_cards(10)
_cards(40)


def _similarity(strata: str | None, axon: float, dendrite: float, about: str) -> None:
    @p_value("stats.multisynapse_similarity", f"{about}, strata={strata!r}", n=400)
    def multisynapse_similarity(rng: np.random.Generator) -> Outcome:
        n = 30
        pre, post = np.nonzero((rng.random((n, n)) < 0.15) & ~np.eye(n, dtype=bool))
        row = np.repeat(np.arange(len(pre)), rng.geometric(0.5, len(pre)))
        size = rng.normal(0, axon, n)[pre[row]] + rng.normal(0, dendrite, n)[post[row]]
        table = pd.DataFrame({"pre": pre[row] + 1, "post": post[row] + 1})
        table["size"] = np.exp(size + rng.normal(0, 0.5, len(row)))
        g = cg.from_tables(table, unknown="add")
        found = cg.stats.multisynapse_similarity(g, strata=strata, n=79, seed=rng)
        return {f"p ({name})": float(found.loc[name, "p"]) for name in found.index}


_similarity(None, 0, 0, "synapses alike throughout")
_similarity("axon", 0.6, 0, "axons differ")
_similarity("dendrite", 0, 0.6, "dendrites differ")
_similarity("both", 0.6, 0.6, "axons and dendrites differ")
_similarity("auto", 0.6, 0, "axons differ")


def _sizes(kind: str) -> None:
    @p_value(
        "stats.synapse_size",
        f"400 sizes of one population, {kind}",
        n=150,
        accept=(0.0, 0.08),
        why="one mode is the edge of what is tested, and two conditions have to meet: conservative",
    )
    def synapse_size(rng: np.random.Generator) -> Outcome:
        if kind == "gamma":
            size = rng.gamma(1.5, 100, 400)
        else:
            logs = rng.normal(5, 0.8, 2000)
            size = np.exp(logs if kind == "log-normal" else logs[logs > 4.3])[:400]
        g = cg.from_tables(pd.DataFrame({"pre": 1, "post": 2, "size": size}), unknown="add")
        row = cg.stats.synapse_size(g, n=99, seed=rng).iloc[0]
        return {
            "p_one_mode": float(row["p_one_mode"]),
            "two_populations (said)": 0.0 if row["two_populations"] else 1.0,
        }


for _kind in ("log-normal", "gamma", "truncated log-normal"):
    _sizes(_kind)

DISTRIBUTIONS = {
    "log_normal": lambda rng: np.round(rng.lognormal(2.0, 0.8, 300)),
    "exponential": lambda rng: rng.geometric(0.15, 300),
    "negative_binomial": lambda rng: rng.negative_binomial(3, 0.2, 300),
}


def _goodness(model: str) -> None:
    @p_value("stats.fit_distribution", f"300 numbers of the model, {model}", n=150)
    def fit_distribution(rng: np.random.Generator) -> Outcome:
        values = DISTRIBUTIONS[model](rng)
        fit = cg.stats.fit_distribution(values[values >= 1], models=(model,), n=59, seed=rng)
        return {"p_fit": float(fit.loc[model, "p_fit"])}


for _model in DISTRIBUTIONS:
    _goodness(_model)


@p_value(
    "stats.fit_distribution",
    "a power law beside itself with a cutoff",
    n=150,
    accept=(0.0, 0.08),
    why="the rate of the cutoff cannot be below 0, so that chi-squared is conservative",
)
def nested(rng: np.random.Generator) -> Outcome:
    values = rng.zipf(2.5, 500)
    fit = cg.stats.fit_distribution(values, models=("power_law", "power_law_cutoff"))
    return {"p": float(fit["p"].min())}


def _pair_models(shape: float | None, about: str) -> None:
    @p_value("stats.pair_model", f"a property without effect, {about}", n=400)
    def pair_model(rng: np.random.Generator) -> Outcome:
        n = 50
        rates = np.outer(heterogeneity(rng, shape, n), heterogeneity(rng, shape, n))
        matrix = (rng.random((n, n)) < np.minimum(1, 0.15 * rates)) & ~np.eye(n, dtype=bool)
        g = graph(matrix, x=rng.normal(size=n), y=rng.normal(size=n))
        p = cg.stats.pair_model(g, "connected ~ difference(x) + pre(y)")["p"]
        return {"p (of pairs)": float(p.iloc[1]), "p (of sources)": float(p.iloc[2])}


_pair_models(None, "neurons alike")
_pair_models(3, "neurons that differ by gamma(3)")


@p_value("stats.pair_model", "a property without effect, permuted among neurons", n=100)
def permuted_pair_model(rng: np.random.Generator) -> Outcome:
    n = 25
    rates = np.outer(heterogeneity(rng, 3, n), heterogeneity(rng, 3, n))
    matrix = (rng.random((n, n)) < np.minimum(1, 0.2 * rates)) & ~np.eye(n, dtype=bool)
    g = graph(matrix, x=rng.normal(size=n))
    table = cg.stats.pair_model(
        g, "connected ~ difference(x)", shuffle="x", n=19, seed=rng, progress=False
    )
    return {"p_shuffle": float(table["p_shuffle"].iloc[1])}


@p_value("stats.connection_by", "a property without effect, neurons that differ", n=150)
def connection_by(rng: np.random.Generator) -> Outcome:
    n = 50
    rates = np.outer(heterogeneity(rng, 3, n), heterogeneity(rng, 3, n))
    matrix = (rng.random((n, n)) < np.minimum(1, 0.15 * rates)) & ~np.eye(n, dtype=bool)
    g = graph(matrix, tuning=rng.random(n))
    table = cg.stats.connection_by(
        g, "tuning", bins=[0, 0.25, 0.5, 1], n=79, seed=rng, progress=False
    )
    return {"p": float(table["p"].iloc[0])}
