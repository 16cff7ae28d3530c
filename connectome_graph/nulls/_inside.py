"""What every sample must be: a graph on the observed neurons and domain, its edges inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.domain import Domain

__all__ = ["Inside", "Outside", "Sampler", "held_inside"]

#: What happens to edges that a sample has outside the domain and the observed graph has not.
Outside: TypeAlias = Literal["raise", "drop"]
#: Draws one graph from one random stream.
Sampler: TypeAlias = Callable[[np.random.Generator], ConnectomeGraph]


def held_inside(g: ConnectomeGraph, draw: Sampler, name: str, outside: Outside) -> Sampler:
    """Return a sampler that checks every sample of another one.

    Statistics see the edges on the domain alone. A sample that puts edges elsewhere would be
    held against the observed graph with fewer edges than it has, and nothing would show it.

    Parameters
    ----------
    g
        The observed graph.
    draw
        Draws a sample.
    name
        What the null model is called.
    outside
        ``"raise"``, or ``"drop"``: new edges outside the domain are left out of the sample.
    """
    inside = Inside(g, name)

    def drawn(rng: np.random.Generator) -> ConnectomeGraph:
        return inside.checked(draw(rng), outside)

    return drawn


class Inside:
    """The check of the samples of one null model of one graph."""

    def __init__(self, g: ConnectomeGraph, name: str) -> None:
        self._g = g
        self._name = name

    @cached_property
    def _known(self) -> npt.NDArray[np.int64]:
        """The pairs that the observed graph itself has outside its domain, as sorted keys."""
        key, out = _outside(self._g)
        return np.unique(key[out])

    def checked(self, sample: Any, outside: Outside) -> ConnectomeGraph:
        """Return the sample, or what is left of it inside the domain.

        Raises
        ------
        InvalidArgument
            When it is no graph, has other neurons or another domain, or new edges outside.
        """
        if not isinstance(sample, ConnectomeGraph):
            raise InvalidArgument(
                f"the null model {self._name} returned {type(sample).__name__}; a null is a "
                "function of (graph, generator) that returns a graph, such as g.rewired(...)"
            )
        self._same_neurons(sample)
        if not _same_pairs(sample.domain, self._g.domain):
            raise InvalidArgument(
                f"the null model {self._name} returned a graph on another domain: {sample.domain} "
                f"instead of {self._g.domain}, so that no statistic of the two could be compared; "
                "make samples with g.rewired(pre, post, ...), which keeps neurons and domain"
            )
        if not sample.n_edges_outside and not sample.n_autapses:
            return sample
        key, new = self._new(sample)
        if not new.any():
            return sample
        if outside == "drop":
            return sample.filter_synapses(~new)
        raise InvalidArgument(self._complaint(sample, np.unique(key[new])))

    def _new(self, sample: ConnectomeGraph) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Return the pair of every synapse row, and whether it is outside and new there."""
        key, out = _outside(sample)
        return key, out & ~np.isin(key, self._known)

    def n_new(self, sample: ConnectomeGraph) -> int:
        """Return how many connected pairs a sample has outside the domain that are new there."""
        key, new = self._new(sample)
        return len(np.unique(key[new]))

    def _same_neurons(self, sample: ConnectomeGraph) -> None:
        ours, theirs = self._g.ids, sample.ids
        if theirs is ours or np.array_equal(theirs, ours):
            return
        if len(theirs) != len(ours):
            told = f"{len(theirs):,} neurons instead of {len(ours):,}"
        else:
            at = int(np.flatnonzero(theirs != ours)[0])
            told = f"other neurons (first: row {at}, {theirs[at]} instead of {ours[at]})"
        raise InvalidArgument(
            f"the null model {self._name} returned a graph with {told}; a sample has the neurons "
            "of the observed graph in their order, as g.rewired(pre, post, ...) keeps them"
        )

    def _complaint(self, sample: ConnectomeGraph, keys: npt.NDArray[np.int64]) -> str:
        pre, post = (sample.ids[codes] for codes in np.divmod(keys, self._g.n_neurons))
        loop = ", an autapse" if pre[0] == post[0] else ""
        return (
            f"{len(keys):,} of the connections that the null model {self._name} made lie outside "
            f"the domain ({self._g.domain}; first: {pre[0]} -> {post[0]}{loop}), where statistics "
            f"do not see them: the sample has {sample.n_edges:,} edges on the domain, the observed "
            f"graph {self._g.n_edges:,}. Make pairs inside g.domain only, or pass outside='drop' "
            "to leave such connections out of every sample"
        )


def _same_pairs(a: Domain, b: Domain) -> bool:
    """Return whether two domains hold the same pairs, whatever their policies are called."""
    return a is b or replace(a, policy="") == replace(b, policy="")


def _outside(g: ConnectomeGraph) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the pair of every synapse row as one number, and whether it is outside the domain."""
    pre, post = g.synapse_codes("pre"), g.synapse_codes("post")
    return pre * np.int64(g.n_neurons) + post, ~g.domain.contains(pre, post)
