"""Random graphs with the number of edges, or of dyads of each kind, of the observed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._base import NullModel, Sampler, edge_columns
from connectome_graph.nulls._pairs import BothWayPairs, OneWayPairs, OrderedPairs, distinct
from connectome_graph.nulls._properties import kept

__all__ = ["DyadErdosRenyi", "ErdosRenyi"]


@dataclass(frozen=True)
class ErdosRenyi(NullModel):
    """The number of edges on the domain kept exactly, every set of so many pairs equally likely.

    The synapse counts and sizes of the observed edges are dealt to the new ones at random.

    References
    ----------
    Erdős & Rényi (1959), On random graphs I, Publ. Math. Debrecen 6, 290-297.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0], [0, 0, 2], [1, 1, 0]])
    >>> cg.nulls.ErdosRenyi().sample(g, seed=1).n_edges
    4
    """

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(exact=("edges", "labels", "edge_weights"))

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share."""
        g.domain.require_simple("ErdosRenyi")
        pairs, columns = OrderedPairs(g.domain), edge_columns(g)
        size, wanted = np.array([len(pairs)]), np.array([g.n_edges])

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            pre, post = pairs.at(distinct(rng, size, wanted))
            order = rng.permutation(g.n_edges)
            return g.rewired(
                pre,
                post,
                columns={name: values[order] for name, values in columns.items()},
                verb="ErdosRenyi",
                sentence=f"{g.n_edges:,} edges were drawn at random on the domain (ErdosRenyi).",
            )

        return draw


@dataclass(frozen=True)
class DyadErdosRenyi(NullModel):
    """The numbers of mutual and of asymmetric pairs kept exactly, their places drawn at random.

    Between neurons of the core (source and target both) so many unordered pairs become mutual
    and so many asymmetric, with directions by coin. Edges whose opposite direction is outside
    the domain are drawn among such pairs. Synapse counts and sizes are dealt at random.

    References
    ----------
    Holland & Leinhardt (1976), Local structure in social networks, Sociol. Methodol. 7, 1-45
    (the uniform distribution given the dyad census).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0], [1, 0, 2], [0, 0, 0]])
    >>> cg.nulls.DyadErdosRenyi().sample(g, seed=1).n_edges
    3
    """

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(exact=("edges", "dyads", "labels", "edge_weights"))

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share."""
        g.domain.require_simple("DyadErdosRenyi")
        pre, post = g.edge_codes
        inside = g.domain.contains(post, pre)
        turned = post * np.int64(g.n_neurons) + pre
        n_mutual = int(np.isin(turned, pre * np.int64(g.n_neurons) + post).sum()) // 2
        n_connected = int(inside.sum()) - n_mutual
        both, one_way, columns = BothWayPairs(g.domain), OneWayPairs(g.domain), edge_columns(g)
        sizes = np.array([len(both), len(one_way)])
        wanted = np.array([n_connected, g.n_edges - int(inside.sum())])

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            ranks = distinct(rng, sizes, wanted)
            within = rng.permutation(ranks[:n_connected])
            low, high = both.at(within)
            across = one_way.at(ranks[n_connected:] - sizes[0])
            forward = rng.integers(0, 2, n_connected, dtype=bool)
            forward[:n_mutual] = True
            ends = np.where(forward, low, high), np.where(forward, high, low)
            order = rng.permutation(g.n_edges)
            return g.rewired(
                np.concatenate([ends[0], high[:n_mutual], across[0]]),
                np.concatenate([ends[1], low[:n_mutual], across[1]]),
                columns={name: values[order] for name, values in columns.items()},
                verb="DyadErdosRenyi",
                sentence=f"{n_mutual:,} mutual pairs and {g.n_edges - 2 * n_mutual:,} single edges "
                "were drawn at random on the domain (DyadErdosRenyi).",
            )

        return draw
