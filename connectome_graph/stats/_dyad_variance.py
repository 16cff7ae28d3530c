"""Variance of what is counted over unordered pairs: reciprocity, and its ratio to the density.

As in :mod:`connectome_graph.stats._two_way`, with the two directions of a pair as one unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._spread import (
    Ends,
    Spread,
    combined,
    positive_interval,
    proportion_interval,
)

if TYPE_CHECKING:
    from connectome_graph.model.domain import Domain

__all__ = ["INTERVALS", "Dyads"]

#: What the ends of the intervals are called.
INTERVALS = ("reciprocity_low", "reciprocity_high", "r_over_p_low", "r_over_p_high")

Floats = npt.NDArray[Any]


@dataclass(frozen=True)
class Dyads:
    """What the connected pairs among neurons that are source and target add up to.

    Attributes
    ----------
    core
        Boolean, a value per neuron of the graph: which are in a pair that was seen both ways.
    edges, mutual, pairs
        Per neuron: its edges in such pairs, in and out; its mutual pairs; all of these pairs.
        With weights, a pair counts as the product of those of its two neurons.
    n_connected
        Number of connected pairs.
    squares
        Sum of the weights squared, over all pairs, those connected one way, and both ways.
    """

    core: npt.NDArray[np.bool_]
    edges: Floats
    mutual: Floats
    pairs: Floats
    n_connected: float
    squares: tuple[float, float, float]

    @classmethod
    def of(
        cls,
        pre: npt.NDArray[Any],
        post: npt.NDArray[Any],
        both: npt.NDArray[np.bool_],
        *,
        domain: Domain,
        weight: Floats | None = None,
    ) -> Dyads:
        """Return them from the edges whose opposite could be seen, and which are answered."""
        n = domain.n_neurons
        product = np.ones(len(pre)) if weight is None else weight[pre] * weight[post]
        edges = np.bincount(pre, weights=product, minlength=n)
        edges += np.bincount(post, weights=product, minlength=n)
        mutual = np.bincount(pre[both], weights=product[both], minlength=n)
        answered = float((product[both] ** 2).sum()) / 2
        lone = float((product[~both] ** 2).sum())
        core, pairs, every = _pairs(domain, weight)
        connected = len(pre) - float(both.sum()) / 2
        return cls(core, edges, mutual, pairs, connected, (every, lone, answered))

    @classmethod
    def of_counts(
        cls, edges: npt.NDArray[Any], mutual: npt.NDArray[Any], *, domain: Domain
    ) -> Dyads:
        """Return them from each neuron's numbers of edges and of mutual pairs."""
        n_edges, n_mutual = float(edges.sum()) / 2, float(mutual.sum()) / 2
        lone = n_edges - 2 * n_mutual
        core, pairs, every = _pairs(domain, None)
        squares = every, lone, n_mutual
        return cls(core, edges.astype(float), mutual.astype(float), pairs, lone + n_mutual, squares)

    def totals(self) -> tuple[float, float, float]:
        """Return the (weighted) numbers of edges, of mutual pairs, and of pairs."""
        edges, mutual, pairs = (
            float(part.sum()) / 2 for part in (self.edges, self.mutual, self.pairs)
        )
        return edges, mutual, pairs

    def intervals(self, *, level: float) -> dict[str, float]:
        """Return low and high of the reciprocity r and of r / p."""
        edges, mutual, pairs = self.totals()
        r, p = ratio(2 * mutual, edges), ratio(edges, 2 * pairs)
        value = ratio(r, p)
        if not edges or self.core.sum() < 3:
            return dict.fromkeys(INTERVALS, np.nan)
        spread = self.spread(2 / edges, -r / edges, 0.0)
        ends = proportion_interval(r, spread, units=self.n_connected, level=level)
        share = [float(end) for end in ends]
        if not mutual:
            return dict(zip(INTERVALS, [*share, 0.0, share[1] / p], strict=True))
        log = self.spread(1 / mutual, -2 / edges, 1 / pairs)
        of_value = Spread(log.variance * value**2, log.df)
        ends = positive_interval(value, of_value, level=level)
        return dict(zip(INTERVALS, [*share, *(float(end) for end in ends)], strict=True))

    def spread(self, of_mutual: float, of_edge: float, of_pair: float) -> Spread:
        """Return the variance of the sum of these over mutual pairs, edges and pairs."""
        of_neuron = of_mutual * self.mutual + of_edge * self.edges + of_pair * self.pairs
        of_neuron = of_neuron[self.core]
        every, lone, answered = self.squares
        noise = (
            of_pair**2 * every
            + answered * ((of_mutual + 2 * of_edge + of_pair) ** 2 - of_pair**2)
            + lone * ((of_edge + of_pair) ** 2 - of_pair**2)
        )
        n = len(of_neuron)
        # A neuron has no pair with itself, so its deviation holds less of what it is like.
        less = (n - 1) / (n - 2) if n > 2 else 1.0
        off = less * (of_neuron - of_neuron.mean())
        ends = Ends.of(n, (off**2).sum(), (off**4).sum(), 2 * noise * less)
        return combined([ends], np.asarray(max(noise, 0.0)))


def _pairs(domain: Domain, weight: Floats | None) -> tuple[npt.NDArray[np.bool_], Floats, float]:
    """Return who is in a pair seen both ways, the weight of each neuron's, and their squares."""
    own = np.ones(domain.n_neurons) if weight is None else weight
    met = domain.both_ways.pairs
    if met is None:
        core = domain.core
        inside = own[core]
        pairs = np.where(core, own * (inside.sum() - own), 0.0)
        return core, pairs, float((inside**2).sum() ** 2 - (inside**4).sum()) / 2
    product = own[met.pre] * own[met.post]
    pairs = np.bincount(met.pre, weights=product, minlength=domain.n_neurons)
    return pairs > 0, pairs, float((product**2).sum()) / 2
