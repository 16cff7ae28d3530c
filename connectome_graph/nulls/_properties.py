"""What a null model may keep: the registry of properties, and how each is read off a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["PROPERTIES", "READERS", "Reader", "Yardstick", "kept"]

AXES = ("x_um", "y_um", "z_um")

#: What a null model may keep; `NullModel.preserves` says how for each.
PROPERTIES: Mapping[str, str] = {
    "edges": "number of edges on the domain",
    "dyads": "numbers of mutual and of asymmetric pairs",
    "out_degree": "out-degree of every neuron",
    "in_degree": "in-degree of every neuron",
    "mutual_degree": "number of mutual partners of every neuron",
    "type_pairs": "edges of every (pre type, post type)",
    "distance_bins": "edges of every distance bin",
    "topology": "which neurons are connected",
    "labels": "the label of every neuron",
    "edge_weights": "how many edges have which synapse count and size",
    "out_strength": "synapses that every neuron makes",
    "synapses": "number of synapses on the domain",
}


def kept(*, exact: tuple[str, ...] = (), expected: tuple[str, ...] = ()) -> dict[str, str]:
    """Return a `preserves` mapping: the named properties, and "not" for all others."""
    if {"edge_weights", "out_strength"} & set(exact):
        exact = (*exact, "synapses")
    return {
        name: "exact" if name in exact else "expected" if name in expected else "not"
        for name in PROPERTIES
    }


@dataclass(frozen=True, eq=False)
class Yardstick:
    """By what types and distances graphs are measured: those of one observed graph.

    Parameters
    ----------
    columns
        Neuron columns that together are the type of a neuron; none when there is none to use.
    names
        Every type of the observed graph, so that all graphs number them alike.
    bins
        Edges of distance bins in um; none where neurons have no positions.
    """

    columns: tuple[str, ...]
    names: pd.Index
    bins: tuple[float, ...]

    @classmethod
    def of(cls, g: ConnectomeGraph, columns: Sequence[str], bins: Sequence[float]) -> Yardstick:
        """Return the yardstick of an observed graph."""
        names = g.labels(columns, missing="own").names if columns else pd.Index([])
        return cls(tuple(columns), names, tuple(bins))

    def types(self, g: ConnectomeGraph) -> npt.NDArray[np.int64]:
        """Return the number of every neuron's type; without a label is a type too."""
        found = g.labels(self.columns, missing="own")
        # By name: in a sample whose labels moved, a type may stand at another place.
        return np.asarray(self.names.get_indexer(found.names), np.int64)[found.codes]


def _dyads(g: ConnectomeGraph, _: Yardstick) -> npt.NDArray[np.int64]:
    both = int(_is_mutual(g).sum())
    return np.array([both // 2, g.n_edges - both])


def _is_mutual(g: ConnectomeGraph) -> npt.NDArray[np.bool_]:
    pre, post = g.edge_codes
    n = np.int64(g.n_neurons)
    return np.isin(post * n + pre, pre * n + post, assume_unique=True)


def _mutual_degree(g: ConnectomeGraph, _: Yardstick) -> npt.NDArray[np.int64]:
    return np.bincount(g.edge_codes[0][_is_mutual(g)], minlength=g.n_neurons)


def _type_pairs(g: ConnectomeGraph, yardstick: Yardstick) -> npt.NDArray[np.int64] | None:
    if not yardstick.columns:
        return None
    types, n = yardstick.types(g), len(yardstick.names)
    pre, post = g.edge_codes
    return np.bincount(types[pre] * n + types[post], minlength=n * n)


def _distance_bins(g: ConnectomeGraph, yardstick: Yardstick) -> npt.NDArray[np.int64] | None:
    if not yardstick.bins:
        return None
    xyz = np.column_stack([g.neuron_column(axis).to_numpy(np.float64) for axis in AXES])
    pre, post = g.edge_codes
    distance = np.sqrt(np.square(xyz[pre] - xyz[post]).sum(axis=1))
    place = np.searchsorted(np.array(yardstick.bins[1:-1]), distance, "right")
    return np.bincount(place, minlength=len(yardstick.bins) - 1)


def _labels(g: ConnectomeGraph, yardstick: Yardstick) -> pd.DataFrame:
    table = g.neurons
    return table[list(yardstick.columns)] if yardstick.columns else table


def _topology(g: ConnectomeGraph, _: Yardstick) -> pd.DataFrame:
    pre, post = g.edge_codes
    return pd.DataFrame({"pre": pre, "post": post})


def _edge_weights(g: ConnectomeGraph, _: Yardstick) -> pd.DataFrame:
    columns = {"count": g.edge_counts.astype(np.float64)}
    if "size" in g.synapse_columns:
        columns["size"] = g.edge_sizes
    return pd.DataFrame(columns).sort_values(list(columns), ignore_index=True)


def _out_strength(g: ConnectomeGraph, _: Yardstick) -> npt.NDArray[np.float64]:
    pre, n = g.edge_codes[0], g.n_neurons
    return np.bincount(pre, weights=g.edge_counts, minlength=n).astype(np.float64)


#: Reads a property: numbers that can be averaged, a table that can only be the same, or None
#: where this graph has no such property (no types, no positions).
Reader: TypeAlias = Callable[[ConnectomeGraph, Yardstick], Any]

READERS: Mapping[str, Reader] = {
    "edges": lambda g, _: np.array([g.n_edges]),
    "dyads": _dyads,
    "out_degree": lambda g, _: np.bincount(g.edge_codes[0], minlength=g.n_neurons),
    "in_degree": lambda g, _: np.bincount(g.edge_codes[1], minlength=g.n_neurons),
    "mutual_degree": _mutual_degree,
    "type_pairs": _type_pairs,
    "distance_bins": _distance_bins,
    "topology": _topology,
    "labels": _labels,
    "edge_weights": _edge_weights,
    "out_strength": _out_strength,
    "synapses": lambda g, _: np.array([g.edge_counts.sum()]),
}
