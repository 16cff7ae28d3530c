"""What a null model is: it states what it keeps, and draws graphs from a seed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, get_args

import numpy as np

from connectome_graph.border.arguments import Seed, generator, is_whole, recorded_seed
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.graph.graph import ConnectomeGraph, noted
from connectome_graph.nulls._inside import Inside, Outside, Sampler, held_inside

__all__ = [
    "NullFunction",
    "NullModel",
    "Outside",
    "Sampler",
    "Statistic",
    "edge_columns",
    "lone_sample",
    "n_outside",
    "refuse_other_nulls",
    "sampler",
]

#: Any function of a graph that returns a number, Series, DataFrame, or a dict of these.
Statistic: TypeAlias = Callable[[ConnectomeGraph], Any]
#: A null of the user's own: a function of a graph and a Generator.
NullFunction: TypeAlias = Callable[[ConnectomeGraph, np.random.Generator], ConnectomeGraph]


class NullModel(ABC):
    """A rule for drawing random graphs that keep some properties of an observed one.

    Every sample lies inside the domain of the observed graph, has no autapse and no parallel
    edge, and has the same neurons. Autapses and connections outside the domain, which no
    statistic on the domain sees, are left out of samples that rewire.

    A null of your own needs no class: any function of a graph and a
    :class:`numpy.random.Generator` that returns a graph can stand where a null model stands.
    Every sample, of a function too, is checked: the same neurons, the same domain, and no edge
    outside the domain that the observed graph does not have there.
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

    def sample(self, g: ConnectomeGraph, seed: Seed = 0) -> ConnectomeGraph:
        """Return one random graph; its provenance says with which seed it was drawn.

        Parameters
        ----------
        g
            The observed graph.
        seed
            Whole number, SeedSequence or Generator; the same seed gives the same graph, and
            ``None`` takes fresh randomness.

        Raises
        ------
        InvalidArgument
            When the sample has other neurons, another domain, or a new edge outside it.
        """
        return lone_sample(self, sampler(g, self), seed)


def lone_sample(null: NullModel, draw: Sampler, seed: Seed) -> ConnectomeGraph:
    """Return one sample, whose provenance says with which seed it was drawn."""
    rng = generator(seed)
    drawn_from = recorded_seed(rng)
    told = f"seed {drawn_from}" if is_whole(drawn_from) else "a stream of a seed"
    sample = draw(rng)
    if not sample.provenance.steps:
        return sample
    return noted(sample, f"Drawn from {told}.", {"null": repr(null), "seed": drawn_from})


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


def sampler(
    g: ConnectomeGraph,
    null: NullModel | NullFunction,
    *,
    outside: Outside = "raise",
    prepare: Callable[[ConnectomeGraph], Sampler] | None = None,
) -> Sampler:
    """Return the function that draws samples of `g`; every one of them is checked.

    Whatever draws samples, drawing them one by one or in an ensemble, draws them through here.

    Parameters
    ----------
    g
        The observed graph.
    null
        A null model, or a function of (graph, Generator) that returns a graph.
    outside
        What happens to edges that a sample has outside the domain and `g` has not: an error, or
        they are left out.
    prepare
        In place of ``null.prepare``.

    Raises
    ------
    InvalidArgument
        When a sample is no graph, or has other neurons, another domain, or new edges outside.
    """
    choice(outside, get_args(Outside), name="outside")
    draw = _unchecked(g, null) if prepare is None else prepare(g)
    return held_inside(g, draw, _name(null), outside)


def n_outside(g: ConnectomeGraph, null: NullModel | NullFunction, rng: np.random.Generator) -> int:
    """Return how many new connections outside the domain the sample of a stream has."""
    return Inside(g, _name(null)).n_new(_unchecked(g, null)(rng))


def _unchecked(g: ConnectomeGraph, null: NullModel | NullFunction) -> Sampler:
    if isinstance(null, NullModel):
        return null.prepare(g)
    function = null
    return lambda rng: function(g, rng)


def _name(null: NullModel | NullFunction) -> str:
    return str(getattr(null, "__name__", type(null).__name__))


def edge_columns(g: ConnectomeGraph) -> dict[str, Any]:
    """Return the synapse count and, where known, total size of every edge, as arrays."""
    if "size" not in g.synapse_columns:
        return {"count": g.edge_counts}
    edges = g.edges
    return {"count": g.edge_counts, "size": edges["size"].to_numpy()}
