"""Bands of what recall corrects: the worm, thinned by a recall per neuron, holds its own truth."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import connectome_graph as cg
from calibration.scenarios import Outcome, covers, interval
from calibration.worlds import thinned


@cache
def worm() -> cg.ConnectomeGraph:
    """Return the worm's neurons, serial sections read as synapses."""
    g = cg.datasets.load("celegans-cook2019").subgraph("cell_class == 'neuron'")
    edges = g.edges.drop(columns="count").rename(columns={"size": "count"})
    return cg.from_edges(edges, g.neurons[["side"]])


@cache
def truth() -> dict[str, Any]:
    """Return what the bands of the thinned worm should hold."""
    types = cg.stats.type_matrix(worm(), "side", interval="wilson")
    return {
        "density": float(cg.stats.density(worm(), interval="wilson")["density"]),
        "dyads": cg.stats.dyads(worm()),
        "types": types.set_index(["pre_type", "post_type"])["probability"],
        "degrees": cg.stats.degrees(worm()),
    }


def _bands(about: str, *, low: float, by_degree: bool) -> None:
    @interval("stats.density", f"recall='correct', {about}", n=200)
    def density(rng: np.random.Generator) -> Outcome:
        part = thinned(worm(), rng, low=low, by_degree=by_degree)
        found = cg.stats.density(part, recall="correct", seed=rng)
        return {"density_recall": held(found, "density", truth()["density"])}

    @interval("stats.dyads", f"recall='correct', {about}", n=200)
    def dyads(rng: np.random.Generator) -> Outcome:
        part = thinned(worm(), rng, low=low, by_degree=by_degree)
        found, true = cg.stats.dyads(part, recall="correct", seed=rng), truth()["dyads"]
        names = ("density", "mutual", "reciprocity", "r_over_p")
        values = {name: true[name] for name in names[1:]} | {"density": truth()["density"]}
        return {
            f"{name}_recall": held(found, name, values[name])
            for name in names
            if f"{name}_recall_low" in found
        }


def held(found: Any, name: str, value: float) -> float:
    """Return whether the band of a number holds a value."""
    return covers(found, value, low=f"{name}_recall_low", high=f"{name}_recall_high")


_bands("the worm, recalls from .75 to 1", low=0.75, by_degree=False)
_bands("the worm, recalls from .75 to 1, higher with degree", low=0.75, by_degree=True)


@interval("stats.type_matrix", "recall='correct', the worm by side, recalls from .75 to 1",
          n=200)  # fmt: skip
def type_matrix(rng: np.random.Generator) -> Outcome:
    part = thinned(worm(), rng, low=0.75, by_degree=False)
    part = part.annotate(worm().neurons[["side"]])
    table = cg.stats.type_matrix(part, "side", recall="correct", interval="wilson", seed=rng)
    row = table.set_index(["pre_type", "post_type"]).loc[("left", "right")]
    return {"probability_recall": held(row, "probability", truth()["types"][("left", "right")])}


@interval("stats.degrees", "recall='correct', one neuron of the worm, recalls from .75 to 1",
          n=200)  # fmt: skip
def degrees(rng: np.random.Generator) -> Outcome:
    part = thinned(worm(), rng, low=0.75, by_degree=False)
    found = cg.stats.degrees(part, recall="correct", seed=rng)
    neuron = truth()["degrees"].index[int(rng.integers(len(found)))]
    return {
        f"{name}_recall": held(found.loc[neuron], name, truth()["degrees"].loc[neuron, name])
        for name in ("out_degree", "in_degree")
    }
