"""Random graphs with every in-, out- and mutual degree of the observed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._chains import Chain, EdgeChain, MutualChain, SplitChain
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._switching import SwitchingNull

__all__ = ["ReciprocalConfiguration"]


@dataclass(frozen=True)
class ReciprocalConfiguration(SwitchingNull):
    """Every in-, out- and mutual degree kept exactly: the null to judge triads by.

    A pair is *mutual* when both of its directions are edges, which can only be seen between two
    neurons of the core (source and target both). Asymmetric edges and mutual pairs of the core
    are switched among themselves, a mutual pair never made or broken by a switch of asymmetric
    edges; 3-cycles are turned round; and four neurons at a time are connected anew in any other
    way that keeps their degrees. Edges with an end outside the core, whose opposite direction
    could not be seen, are switched among themselves, apart by which end lies in the core. So
    each neuron also keeps its degrees towards the core and away from it, and the six sums over
    triad classes that these degrees determine are the same in every sample, inside any domain.

    Every move is symmetric, so all graphs that the moves reach are equally likely. That they
    reach every graph is not proven, and no fixed set of local moves is known that does: already
    placing two kinds of edges with given degrees is a hard problem [2]_. Enumeration shows: on
    four neurons they reach every graph of all 3,550 degree sequences; on five, of every sequence
    with fewer than half of its pairs connected, and of 92.7 % of all 236,314 sequences that have
    more than one graph.

    Parameters
    ----------
    swaps_per_edge
        Attempted switches per edge. See :func:`connectome_graph.nulls.diagnose`.

    References
    ----------
    .. [1] Milo et al. (2002), Network motifs: simple building blocks of complex networks,
       Science 298, 824-827 (single and mutual edges switched separately).
    .. [2] Dürr, Guíñez & Matamala (2012), Reconstructing 3-colored grids from horizontal and
       vertical projections is NP-hard, SIAM J. Discrete Math. 26, 330-352.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0, 1], [1, 0, 2, 0], [0, 1, 0, 0], [0, 0, 3, 0]])
    >>> cg.nulls.ReciprocalConfiguration().sample(g, seed=1).n_edges
    6
    """

    swaps_per_edge: float = 10.0

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
        """Return the chain of switches that starts at `g`; call ``fresh()`` to run one."""
        pre, post = g.edge_codes
        core = g.domain.core
        inside = core[pre] & core[post]
        if inside.all():
            return MutualChain(pre, post, g.n_neurons)
        within, across = np.flatnonzero(inside), np.flatnonzero(~inside)
        # No 3-cycle leaves the core, so no class of these edges is any neuron's own.
        outer = EdgeChain(
            pre[across], post[across], g.n_neurons,
            kinds=2 * core[pre[across]] + core[post[across]],
            own_kind=np.full(g.n_neurons, 3),
        )  # fmt: skip
        if not len(within):
            return outer
        inner = MutualChain(pre[within], post[within], g.n_neurons)
        return SplitChain(inner, outer, within, across)
