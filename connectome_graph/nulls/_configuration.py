"""Random graphs with every in- and out-degree of the observed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._allowed import allowed_pairs
from connectome_graph.nulls._chains import Chain, EdgeChain
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._trading import Length, TradingNull

__all__ = ["Configuration"]


@dataclass(frozen=True)
class Configuration(TradingNull):
    """Every in- and out-degree kept exactly, all graphs with these degrees equally likely.

    In each pass the neurons are paired, and two neurons trade: the targets that only one of them
    has are put together and dealt out at random, each neuron as many as it had [1]_ [2]_. Some
    3-cycles turn round in each pass, without which some graphs cannot be reached. Both keep the
    domain: an edge still runs from a source to a target. On a domain of sources and targets the
    two kinds of moves reach every graph with the same degrees [3]_ [4]_; on a domain of pairs
    that is not proven.

    Parameters
    ----------
    swaps_per_edge
        How often each edge may move: passes over all edges, from the observed graph. ``"auto"``
        takes as many as a pilot on the graph finds to be enough for the overlap with the observed
        graph and for every class of triads, and begins where the pilot's chains ended; the choice
        and what the pilot saw are in the provenance of a sample.

    References
    ----------
    .. [1] Strona et al. (2014), A fast and unbiased procedure to randomize ecological binary
       matrices with fixed row and column totals, Nat. Commun. 5, 4114.
    .. [2] Carstens, Berger & Strona (2018), A unifying framework for fast randomization of
       ecological networks with fixed (node) degrees, MethodsX 5, 773-780.
    .. [3] Rao, Jana & Bandyopadhyay (1996), A Markov chain Monte Carlo method for generating
       random (0, 1)-matrices with given marginals, Sankhya A 58, 225-242.
    .. [4] Erdős, Kiss, Miklós & Soukup (2015), Approximate counting of graphical realizations,
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

    swaps_per_edge: Length = "auto"
    _chain_class: ClassVar[str] = "EdgeChain"

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(
            exact=("edges", "out_degree", "in_degree", "labels", "edge_weights", "out_strength")
        )

    def chain(self, g: ConnectomeGraph) -> Chain:
        """Return the chain of trades that starts at `g`; call ``fresh()`` to run one."""
        return EdgeChain(*g.edge_codes, g.n_neurons, allowed=allowed_pairs(g.domain))
