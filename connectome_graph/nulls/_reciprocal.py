"""Random graphs with every in-, out- and mutual degree of the observed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._allowed import allowed_pairs
from connectome_graph.nulls._chains import Chain
from connectome_graph.nulls._dyad_chain import DyadChain
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._trading import Length, TradingNull

__all__ = ["ReciprocalConfiguration"]


@dataclass(frozen=True)
class ReciprocalConfiguration(TradingNull):
    """Every in-, out- and mutual degree kept exactly: the null to judge triads by.

    A pair is *mutual* when both of its directions are edges, which can only be seen where both
    are in the domain. Two neurons trade: of the third neurons that one of them is connected with
    in one way, and the other in another way or not at all, it is dealt out at random which is
    which, so that every neuron keeps how many asymmetric outputs, asymmetric inputs and mutual
    partners it has, and no mutual pair is made or broken. 3-cycles turn round; and five neurons
    at a time are connected anew in any other way that keeps their degrees. Edges whose opposite
    direction could not be seen only change places with each other. So each neuron also keeps its
    degrees towards the core (source and target both) and away from it, and the six sums over
    triad classes that these degrees determine are the same in every sample, inside any domain.

    Every move is symmetric, so all graphs that the moves reach are equally likely. That they
    reach every graph is not proven, and no fixed set of local moves is known that does: already
    placing two kinds of edges with given degrees is a hard problem [3]_. On five neurons and
    fewer they reach every graph of every degree sequence, because five neurons at once are
    connected anew (trades and 3-cycles alone leave 1.7 % of the 236,314 sequences of five neurons
    that have more than one graph in parts). Of 294 random sequences of six neurons, with up to
    400 graphs each, every graph was reached too; beyond that nothing is known.

    Parameters
    ----------
    swaps_per_edge
        How often each edge may move: passes over all edges. ``"auto"`` takes as many as a pilot
        on the graph finds to be enough; see :class:`Configuration`.

    References
    ----------
    .. [1] Milo et al. (2002), Network motifs: simple building blocks of complex networks,
       Science 298, 824-827 (single and mutual edges moved separately).
    .. [2] Carstens, Berger & Strona (2018), A unifying framework for fast randomization of
       ecological networks with fixed (node) degrees, MethodsX 5, 773-780 (trades).
    .. [3] Dürr, Guíñez & Matamala (2012), Reconstructing 3-colored grids from horizontal and
       vertical projections is NP-hard, SIAM J. Discrete Math. 26, 330-352.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 3, 0]])
    >>> cg.nulls.ReciprocalConfiguration().sample(g, seed=1).n_edges
    5
    """

    swaps_per_edge: Length = "auto"
    _chain_class: ClassVar[str] = "DyadChain"

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(
            exact=(
                "edges", "dyads", "out_degree", "in_degree", "mutual_degree", "labels",
                "edge_weights", "out_strength",
            )
        )  # fmt: skip

    @property
    def _kept(self) -> str:
        return "every in-, out- and mutual degree"

    def chain(self, g: ConnectomeGraph) -> Chain:
        """Return the chain of trades that starts at `g`; call ``fresh()`` to run one."""
        return DyadChain(
            *g.edge_codes, g.n_neurons, group=roles(g), allowed=allowed_pairs(g.domain)
        )


def roles(g: ConnectomeGraph) -> npt.NDArray[np.int64]:
    """Return what each neuron may be: 0 neither, 1 a target, 2 a source, 3 both.

    Neurons of one role may have the same partners, and a pair could be seen to be mutual where
    both have role 3.
    """
    return 2 * g.domain.sources.astype(np.int64) + g.domain.targets
