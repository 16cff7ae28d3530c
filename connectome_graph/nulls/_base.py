"""What a null model is: it states what it keeps, and draws graphs from a seed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph

__all__ = [
    "PROPERTIES",
    "NullFunction",
    "NullModel",
    "Sampler",
    "Seed",
    "as_generator",
    "edge_columns",
    "refuse_other_nulls",
    "sampler",
]

Seed: TypeAlias = int | np.random.Generator | np.random.SeedSequence | None
#: Draws one graph from one random stream.
Sampler: TypeAlias = Callable[[np.random.Generator], ConnectomeGraph]
#: A null of the user's own: a function of a graph and a Generator.
NullFunction: TypeAlias = Callable[[ConnectomeGraph, np.random.Generator], ConnectomeGraph]

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
}


class NullModel(ABC):
    """A rule for drawing random graphs that keep some properties of an observed one.

    Every sample lies inside the domain of the observed graph, has no autapse and no parallel
    edge, and has the same neurons. Autapses and connections outside the domain, which no
    statistic on the domain sees, are left out of samples that rewire.

    A null of your own needs no class: any function of a graph and a
    :class:`numpy.random.Generator` that returns a graph can stand where a null model stands.
    """

    @property
    @abstractmethod
    def preserves(self) -> Mapping[str, str]:
        """What is kept: a property of `PROPERTIES` to "exact", "expected" or "not"."""

    @abstractmethod
    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share.

        The function may be called from several threads at once.
        """

    def sample(self, g: ConnectomeGraph, seed: Seed = None) -> ConnectomeGraph:
        """Return one random graph.

        Parameters
        ----------
        g
            The observed graph.
        seed
            Integer, SeedSequence or Generator; the same seed gives the same graph.
        """
        return self.prepare(g)(as_generator(seed))


def kept(*, exact: tuple[str, ...] = (), expected: tuple[str, ...] = ()) -> dict[str, str]:
    """Return a `preserves` mapping: the named properties, and "not" for all others."""
    return {
        name: "exact" if name in exact else "expected" if name in expected else "not"
        for name in PROPERTIES
    }


def as_generator(seed: Seed) -> np.random.Generator:
    """Return the Generator of a seed; a Generator is used as it is.

    Raises
    ------
    InvalidArgument
        When the seed is of another kind.
    """
    value: Any = seed
    kinds = int | np.integer | np.random.Generator | np.random.SeedSequence | None
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise InvalidArgument(
            f"seed={seed!r} is not a seed; use an integer, a numpy Generator or a SeedSequence"
        )
    if isinstance(value, int | np.integer) and value < 0:
        raise InvalidArgument(f"seed={seed} is negative; use an integer of 0 or more")
    return np.random.default_rng(seed)


def refuse_other_nulls(null: Any) -> None:
    """Refuse what is neither a null model nor a function.

    Raises
    ------
    InvalidArgument
        When `null` is anything else, such as the class of a null model.
    """
    if isinstance(null, type) or not (isinstance(null, NullModel) or callable(null)):
        hint = f"; did you mean {null.__name__}()?" if isinstance(null, type) else ""
        raise InvalidArgument(
            f"null={null!r} is no null model; use one of connectome_graph.nulls, or a function of "
            f"(graph, generator) that returns a graph{hint}"
        )


def sampler(g: ConnectomeGraph, null: NullModel | NullFunction) -> Sampler:
    """Return the function that draws samples of `g` from a null model or a null function."""
    if isinstance(null, NullModel):
        return null.prepare(g)
    function = null
    return lambda rng: function(g, rng)


def edge_columns(g: ConnectomeGraph) -> dict[str, Any]:
    """Return the synapse count and, where known, total size of every edge, as arrays."""
    if "size" not in g.synapse_columns:
        return {"count": g.edge_counts}
    edges = g.edges
    return {"count": g.edge_counts, "size": edges["size"].to_numpy()}
