"""Random graphs with the in-, out- and mutual degrees of the observed one towards every type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectome_graph.border.arguments import By
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._allowed import allowed_pairs
from connectome_graph.nulls._chains import Chain
from connectome_graph.nulls._dyad_chain import DyadChain
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._reciprocal import roles
from connectome_graph.nulls._trading import Length, TradingNull
from connectome_graph.nulls._typed import by_columns, type_codes

__all__ = ["TypedReciprocalConfiguration"]


@dataclass(frozen=True)
class TypedReciprocalConfiguration(TradingNull):
    """In-, out- and mutual degrees and every type-pair edge count kept exactly.

    :class:`ReciprocalConfiguration` inside types: only neurons of one type trade, and third neurons
    of each type are dealt apart. So every neuron keeps how many asymmetric outputs, asymmetric
    inputs and mutual partners it has among the neurons of each type. The null to judge labelled
    triads by. All graphs that the moves reach are equally likely; as there, that they reach every
    graph is not proven. Neurons without a label form a type.

    Parameters
    ----------
    by
        Neuron column, or columns, of the types.
    swaps_per_edge
        How often each edge may move: passes over all edges. ``"auto"`` takes as many as a pilot
        on the graph finds to be enough; see :class:`Configuration`.

    References
    ----------
    Milo et al. (2002), Network motifs: simple building blocks of complex networks, Science 298,
    824-827.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> null = cg.nulls.TypedReciprocalConfiguration(by="broad_type")
    >>> null.preserves["mutual_degree"], null.preserves["type_pairs"]
    ('exact', 'exact')
    """

    by: By
    swaps_per_edge: Length = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "by", by_columns(self.by))

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(
            exact=(
                "edges", "dyads", "out_degree", "in_degree", "mutual_degree", "type_pairs",
                "labels", "edge_weights", "out_strength",
            )
        )  # fmt: skip

    @property
    def _kept(self) -> str:
        return f"every neuron's in-, out- and mutual degree towards every {self.by}"

    def chain(self, g: ConnectomeGraph) -> Chain:
        """Return the chain of trades that starts at `g`; call ``fresh()`` to run one."""
        types, _ = type_codes(g, self.by)
        return DyadChain(
            *g.edge_codes, g.n_neurons, group=4 * types + roles(g), allowed=allowed_pairs(g.domain)
        )
