"""Random graphs with every in- and out-degree of the observed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._chains import Chain, EdgeChain
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._switching import SwitchingNull

__all__ = ["Configuration"]


@dataclass(frozen=True)
class Configuration(SwitchingNull):
    """Every in- and out-degree kept exactly, all graphs with these degrees equally likely.

    Two edges ``u -> x``, ``v -> y`` become ``u -> y``, ``v -> x`` unless that makes an autapse or
    an existing edge; then the chain holds and the attempt counts. One attempt in 32 turns a
    3-cycle round instead, without which some graphs cannot be reached. Both keep a rectangular
    domain by construction: an edge still runs from a source to a target. The two kinds of moves
    reach every graph with the same degrees on the domain [1]_ [2]_.

    Parameters
    ----------
    swaps_per_edge
        Attempted switches per edge. See :func:`connectome_graph.nulls.diagnose`.

    References
    ----------
    .. [1] Rao, Jana & Bandyopadhyay (1996), A Markov chain Monte Carlo method for generating
       random (0, 1)-matrices with given marginals, Sankhya A 58, 225-242.
    .. [2] Erdős, Kiss, Miklós & Soukup (2015), Approximate counting of graphical realizations,
       PLoS ONE 10, e0131300 (bipartite graphs with a forbidden partial matching, which is what
       a rectangular domain without its diagonal is).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0, 1], [0, 0, 2, 0], [1, 1, 0, 0], [0, 0, 3, 0]])
    >>> sample = cg.nulls.Configuration().sample(g, seed=1)
    >>> (sample.adjacency("binary").sum(axis=0) == g.adjacency("binary").sum(axis=0)).all()
    np.True_
    """

    swaps_per_edge: float = 10.0

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(
            exact=("edges", "out_degree", "in_degree", "labels", "edge_weights", "out_strength")
        )

    def chain(self, g: ConnectomeGraph) -> Chain:
        """Return the chain of switches that starts at `g`; call ``fresh()`` to run one."""
        return EdgeChain(*g.edge_codes, g.n_neurons)
