"""What the switching nulls share: a number of switches per edge, and a chain to make them."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

import numpy as np

from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._base import NullModel, Sampler, edge_columns
from connectome_graph.nulls._chains import Chain, random_state

__all__ = ["SwitchingNull"]


class SwitchingNull(NullModel):
    """A null model that starts at the observed graph and switches edges.

    Each sample is a chain of its own from the observed graph, so samples are independent of
    each other; `swaps_per_edge` decides how far each one gets. The synapse count and size of
    an edge stay with its presynaptic neuron.
    """

    #: Attempted switches per edge; a field of every switching null.
    swaps_per_edge: float

    def __post_init__(self) -> None:
        swaps: Any = self.swaps_per_edge
        number = isinstance(swaps, int | float | np.number) and not isinstance(swaps, bool)
        if not number or not 0 < swaps < math.inf:
            raise InvalidArgument(f"swaps_per_edge={swaps!r} must be a number above 0")

    @abstractmethod
    def chain(self, g: ConnectomeGraph) -> Chain:
        """Return the chain of switches that starts at `g`; call ``fresh()`` to run one."""

    @property
    def _kept(self) -> str:
        """What the sentence of a sample's provenance says is kept."""
        return "every in- and out-degree"

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share."""
        g.domain.require_simple(type(self).__name__)
        start = self.chain(g)
        columns = {name: values[start.places] for name, values in edge_columns(g).items()}
        steps = math.ceil(self.swaps_per_edge * g.n_edges)
        sentence = (
            f"{g.n_edges:,} edges were switched at random inside the domain, keeping {self._kept} "
            f"({type(self).__name__}, {self.swaps_per_edge:g} attempts an edge)."
        )

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            chain = start.fresh()
            changed = chain.advance(steps, random_state(rng))
            pre, post = chain.edges()
            return g.rewired(
                pre, post, columns=columns, verb=type(self).__name__, sentence=sentence,
                facts={"n_attempts": steps, "n_changed": changed},
            )  # fmt: skip

        return draw
