"""A motif on a graph: who may stand where, before any edge is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs._automorphisms import automorphisms
from connectome_graph.motifs._conditions import meets, node_values
from connectome_graph.motifs._language import parse
from connectome_graph.motifs._pattern import Edge, Motif

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["Template", "template"]


@dataclass(frozen=True)
class Template:
    """A motif and the neurons that may stand at each of its nodes."""

    motif: Motif
    #: Pairs of nodes that must not be connected in this direction; all others when induced.
    forbidden: tuple[Edge, ...]
    #: bool[nodes, neurons]: meets the node's conditions, and is a source (target) of the domain
    #: when an edge or forbidden pair leaves (enters) the node.
    candidates: npt.NDArray[np.bool_]

    @property
    def sources(self) -> tuple[str, ...]:
        """The nodes that need a believed axon."""
        leaving = {pre for pre, _ in (*self.motif.edges, *self.forbidden)}
        return tuple(node for node in self.motif.nodes if node in leaving)

    @property
    def targets(self) -> tuple[str, ...]:
        """The nodes that need a believed dendrite."""
        entering = {post for _, post in (*self.motif.edges, *self.forbidden)}
        return tuple(node for node in self.motif.nodes if node in entering)

    @cached_property
    def automorphisms(self) -> list[tuple[int, ...]]:
        """Orders of the nodes that leave edges, forbidden pairs and conditions as they are."""
        return automorphisms(self.motif, self.forbidden)


def template(g: ConnectomeGraph, motif: str | Motif, *, induced: bool) -> Template:
    """Return a motif with the neurons of a graph that may stand at its nodes.

    Raises
    ------
    InvalidArgument
        For a graph of types; when the text is not a motif, a condition does not fit its column,
        or nodes declared interchangeable are not.
    UnknownName
        When a condition names a column or weight that does not exist.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [0, 0, 0], [0, 0, 0]]).between(pre=[1])
    >>> template(g, "A -> B", induced=False).candidates.astype(int).tolist()
    [[1, 0, 0], [1, 1, 1]]
    """
    g.domain.require_simple("a motif")
    pattern = motif if isinstance(motif, Motif) else parse(motif)
    forbidden = pattern.forbidden
    if induced:
        everything = permutations(pattern.nodes, 2)
        forbidden = tuple(pair for pair in everything if pair not in pattern.edges)
    bound = Template(pattern, forbidden, np.ones((len(pattern.nodes), g.n_neurons), bool))
    sources, targets = bound.sources, bound.targets
    conditions = [one for given in pattern.node_conditions.values() for one in given]
    values = {key: node_values(g, key) for key in dict.fromkeys(one.key for one in conditions)}
    for place, node in enumerate(pattern.nodes):
        if node in sources:
            bound.candidates[place] &= g.domain.sources
        if node in targets:
            bound.candidates[place] &= g.domain.targets
        for condition in pattern.node_conditions.get(node, ()):
            bound.candidates[place] &= meets(values[condition.key], condition)
    _check_interchangeable(bound)
    return bound


def _check_interchangeable(bound: Template) -> None:
    nodes = bound.motif.nodes
    for left, right in bound.motif.interchangeable:
        a, b = nodes.index(left), nodes.index(right)
        swapped = list(range(len(nodes)))
        swapped[a], swapped[b] = b, a
        if tuple(swapped) not in bound.automorphisms:
            raise InvalidArgument(
                f"the motif says {left} === {right}, but exchanging them changes it; give them "
                "the same edges and conditions, or leave the statement out"
            )
