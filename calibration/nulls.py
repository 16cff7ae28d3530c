"""p-values of compare under every null model that has a chain or a fit, on graphs of that null."""

from __future__ import annotations

import numpy as np
import pandas as pd

import connectome_graph as cg
from calibration.scenarios import Outcome, p_value
from calibration.worlds import connected, graph


def _start(n: int, p: float) -> cg.ConnectomeGraph:
    """Return a graph with types and places, of which the samples of a null are the data."""
    rng = np.random.default_rng(2)
    columns = {"kind": rng.choice(["A", "B"], n)}
    columns |= {f"{axis}_um": rng.uniform(0, 100, n) for axis in "xyz"}
    return graph(connected(rng, n, p, shape=4, answered=0.3), **columns)


START = _start(40, 0.15)
CHAINS = {
    "MutualCountConfiguration": cg.nulls.MutualCountConfiguration(swaps_per_edge=25),
    "ReciprocalConfiguration": cg.nulls.ReciprocalConfiguration(swaps_per_edge=40),
    "TypedReciprocalConfiguration": cg.nulls.TypedReciprocalConfiguration(
        "kind", swaps_per_edge=40
    ),
    "ExactJointConfiguration": cg.nulls.ExactJointConfiguration(
        "kind", bins=(0, 40, 80, 200), swaps_per_edge=40
    ),
}
FITS = {
    "MaxEntConfiguration": cg.nulls.MaxEntConfiguration(),
    "JointConfiguration": cg.nulls.JointConfiguration(),
}


def triads(g: cg.ConnectomeGraph) -> pd.Series:
    """Return closed triads, which are convex in the degrees."""
    return cg.motifs.triad_census(g)[["030T", "120D", "210"]]


def _under(name: str, null: cg.nulls.NullModel, n: int) -> None:
    @p_value("compare", f"a sample of {name}, triads", n=n)
    def compare(rng: np.random.Generator) -> Outcome:
        g = null.sample(START, rng)
        table = cg.compare(g, triads, null=null, n=39, seed=rng, progress=False).table
        return {
            "p (030T)": float(table.loc["030T", "p"]),
            "p_max_t (any)": float(table["p_max_t"].min()),
        }


for _name, _null in CHAINS.items():
    _under(_name, _null, 200)
for _name, _null in FITS.items():
    _under(_name, _null, 120)
