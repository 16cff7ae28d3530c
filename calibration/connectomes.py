"""compare_connectomes: two draws of one rule, whose neurons, connections and cells vary."""

from __future__ import annotations

import numpy as np
import pandas as pd

import connectome_graph as cg
from calibration.scenarios import Outcome, p_value
from calibration.worlds import heterogeneity


def _drawn(
    rng: np.random.Generator, shape: float | None, *, p: float = 0.1, cells: tuple[int, int]
) -> cg.ConnectomeGraph:
    """Return types A and B whose connections have one synapse and a Poisson number more."""
    kind = np.repeat(["A", "B"], cells)
    n = len(kind)
    rates = np.outer(heterogeneity(rng, shape, n), heterogeneity(rng, shape, n))
    matrix = (rng.random((n, n)) < np.minimum(1, p * rates)) & ~np.eye(n, dtype=bool)
    strong = heterogeneity(rng, shape, n)[:, None] * np.ones(n)
    counts = matrix * (1 + rng.poisson(1.5 * strong))
    return cg.from_adjacency(counts, pd.DataFrame({"root_id": np.arange(1, n + 1), "kind": kind}))


def _compared(shape: float | None, about: str) -> None:
    @p_value("compare_connectomes", f"two draws of one rule, {about}", n=400)
    def compare_connectomes(rng: np.random.Generator) -> Outcome:
        pair = [_drawn(rng, shape, cells=(40, 40)) for _ in range(2)]
        table = cg.compare_connectomes(*pair, by="kind")
        adjusted = table["p_adjusted"].groupby("measure").min()
        between = table["p_clustered"].xs(("A", "B"), level=("pre_type", "post_type"))
        return {
            "p_clustered (density)": float(table["p_clustered"]["density", "all", "all"]),
            "p_clustered (one block)": float(between["connection_probability"]),
            "p_clustered (one block, adjusted)": float(between["connection_probability_adjusted"]),
            "p_clustered (synapses, one block)": float(between["synapses_per_connection"]),
            "p_adjusted (any block)": float(adjusted["connection_probability"]),
            "p_adjusted (any block, adjusted)": float(adjusted["connection_probability_adjusted"]),
            "p_adjusted (synapses, any)": float(adjusted["synapses_per_connection"]),
        }


_compared(None, "neurons alike")
_compared(3, "neurons that differ by gamma(3)")


@p_value("compare_connectomes", "pairs and connections independent (what p assumes)", n=400)
def independent(rng: np.random.Generator) -> Outcome:
    pair = [_drawn(rng, None, cells=(40, 40)) for _ in range(2)]
    table = cg.compare_connectomes(*pair, by="kind")
    p, exact = table["p"], table["p_exact_adjusted"].groupby("measure").min()
    return {
        "p (density)": float(p["density", "all", "all"]),
        "p (one block, adjusted)": float(p["connection_probability_adjusted", "A", "B"]),
        "p (synapses)": float(p["synapses_per_connection", "all", "all"]),
        "p_exact_adjusted (any block)": float(exact["connection_probability"]),
        "p_exact_adjusted (any block, adjusted)": float(exact["connection_probability_adjusted"]),
    }


@p_value(
    "compare_connectomes",
    "cells in numbers that are Poisson",
    n=400,
    accept=(0.005, 0.08),
    why="counts are whole numbers: an exact test of them is at most what it says",
)
def cells(rng: np.random.Generator) -> Outcome:
    pair = [_drawn(rng, None, p=0.02, cells=tuple(rng.poisson((40, 25)))) for _ in range(2)]
    table = cg.compare_connectomes(*pair, by="kind")
    return {
        "p (cells of one type)": float(table["p"]["cell_count", "A", "all"]),
        "p_adjusted (cells, any)": float(table["p_adjusted"]["cell_count"].min()),
    }


@p_value("compare_connectomes", "densities whose ratio is the margin", n=400)
def equivalent(rng: np.random.Generator) -> Outcome:
    """Say that they are equivalent no more often than the test allows."""
    pair = [_drawn(rng, 8, p=p, cells=(60, 60)) for p in (0.15, 0.1)]
    table = cg.compare_connectomes(*pair, by="kind", margin=1.5)
    return {"p_equivalence": float(table["p_equivalence"]["density", "all", "all"])}
