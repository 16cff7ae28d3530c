"""Random graphs that keep who is connected with whom and shuffle labels, or weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._base import NullModel, Sampler, edge_columns
from connectome_graph.nulls._properties import kept

__all__ = ["LabelShuffle", "WeightShuffle"]


@dataclass(frozen=True)
class LabelShuffle(NullModel):
    """The topology kept exactly, the labels of neurons shuffled within strata.

    Asks whether connections follow a label more than they would a random one of the same
    numbers. The labels of every stratum (and so of all neurons) keep their numbers.

    Parameters
    ----------
    by
        Neuron column, or columns that move together, whose values are shuffled.
    within
        Neuron column, or columns, that define the strata; without it there is one. Neurons
        without a value form a stratum.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(seed=0)
    >>> sample = cg.nulls.LabelShuffle("cell_type", within="broad_type").sample(g, seed=1)
    >>> sample.n_edges == g.n_edges
    True
    """

    by: By
    within: By | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "by", _names(self.by, "by"))
        object.__setattr__(self, "within", _names(self.within, "within"))
        shared = set(self.by) & set(self.within or ())
        if shared:
            raise InvalidArgument(
                f"LabelShuffle: {min(shared)!r} is in by and in within; within a stratum of "
                "a label there is nothing to shuffle"
            )

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(
            exact=(
                "edges", "dyads", "out_degree", "in_degree", "mutual_degree", "distance_bins",
                "topology", "edge_weights", "out_strength",
            )
        )  # fmt: skip

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share."""
        labels = pd.DataFrame({name: g.neuron_column(name) for name in self.by})
        labels.index.name = "root_id"
        strata = _strata(g, self.within)

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            moved = labels.iloc[_shuffled(rng, strata)]
            moved.index = labels.index
            return g.annotate(moved, overwrite=True)

        return draw


@dataclass(frozen=True)
class WeightShuffle(NullModel):
    """The topology kept exactly, the synapse counts and sizes of edges shuffled within strata.

    Samples hold one row per edge with its ``count`` and total ``size``, which move together.

    Parameters
    ----------
    within
        Neuron column, or columns: weights are exchanged between edges of one (pre, post) pair
        of their values. Without it between all edges of the domain.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0], [0, 0, 2], [3, 1, 0]])
    >>> sorted(cg.nulls.WeightShuffle().sample(g, seed=1).edges["count"])
    [1, 1, 2, 3]
    """

    within: By | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "within", _names(self.within, "within"))

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(
            exact=(
                "edges", "dyads", "out_degree", "in_degree", "mutual_degree", "type_pairs",
                "distance_bins", "topology", "labels", "edge_weights",
            )
        )  # fmt: skip

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share."""
        pre, post = g.edge_codes
        of_neuron = _strata(g, self.within)
        strata = of_neuron[pre] * (of_neuron.max(initial=0) + 1) + of_neuron[post]
        columns = edge_columns(g)

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            order = _shuffled(rng, strata)
            return g.rewired(
                pre,
                post,
                columns={name: values[order] for name, values in columns.items()},
                verb="WeightShuffle",
                sentence=f"The weights of {g.n_edges:,} edges were shuffled (WeightShuffle).",
            )

        return draw


def _names(columns: Any, name: str) -> tuple[str, ...] | None:
    """Return column names as a tuple, so that the null model can be hashed and compared."""
    if columns is None and name == "within":
        return None
    names = (columns,) if isinstance(columns, str) else columns
    good = isinstance(names, Sequence) and bool(names) and all(isinstance(n, str) for n in names)
    if not good:
        raise InvalidArgument(f"{name}={columns!r} must be a neuron column or a list of them")
    return tuple(names)


def _strata(g: ConnectomeGraph, within: By | None) -> npt.NDArray[np.int64]:
    """Return the stratum of every neuron, as a number."""
    if not within:
        return np.zeros(g.n_neurons, np.int64)
    return g.labels(within, missing="own").codes


def _shuffled(rng: np.random.Generator, strata: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return for every item the item whose value it gets: a random one of its stratum."""
    source = np.lexsort([rng.random(len(strata)), strata])
    order = np.empty(len(strata), np.int64)
    order[np.argsort(strata, kind="stable")] = source
    return order
