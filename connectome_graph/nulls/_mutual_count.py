"""Random graphs with the degrees and the number of mutual pairs of the observed one."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._allowed import allowed_pairs
from connectome_graph.nulls._chains import (
    Allowed,
    Chain,
    Codes,
    Rows,
    Words,
    attempts_per_pass,
    pointers,
)
from connectome_graph.nulls._properties import kept
from connectome_graph.nulls._trading import Length, TradingNull

__all__ = ["MutualCountConfiguration"]


@dataclass(frozen=True)
class MutualCountConfiguration(TradingNull):
    """Every in- and out-degree and the total number of mutual pairs kept exactly.

    Between :class:`Configuration`, which loses the excess of mutual pairs, and
    :class:`ReciprocalConfiguration`, which also fixes whose they are. Asks whether an effect needs
    more than degrees and so much reciprocity in all. Moves are trades that keep the number of
    mutual pairs, reversals of 3-cycles, and exchanges by which a mutual pair changes places; all
    are symmetric, so all graphs that they reach are equally likely. That they reach every graph
    is not proven.

    Parameters
    ----------
    swaps_per_edge
        How often each edge may move: passes over all edges. ``"auto"`` takes as many as a pilot
        on the graph finds to be enough; see :class:`Configuration`.

    References
    ----------
    Turner et al. (2022), Reconstruction of neocortex: organelles, compartments, cells, circuits,
    and activity, Cell 185, 1082-1100 (a generalized configuration model that keeps the number of
    bidirectional connections).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(seed=0).subgraph("cell_type == '23P'")
    >>> sample = cg.nulls.MutualCountConfiguration(swaps_per_edge=3).sample(g, seed=1)
    >>> bool(cg.stats.dyads(sample)["mutual"] == cg.stats.dyads(g)["mutual"])
    True
    """

    swaps_per_edge: Length = "auto"

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(
            exact=(
                "edges", "dyads", "out_degree", "in_degree", "labels", "edge_weights",
                "out_strength",
            )
        )  # fmt: skip

    @property
    def _kept(self) -> str:
        return "every in- and out-degree and the number of mutual pairs"

    def chain(self, g: ConnectomeGraph) -> Chain:
        """Return the chain of trades that starts at `g`; call ``fresh()`` to run one."""
        return MutualCountChain(*g.edge_codes, g.n_neurons, allowed=allowed_pairs(g.domain))


class MutualCountChain:
    """A chain that keeps every in- and out-degree and the number of mutual pairs.

    Parameters
    ----------
    pre, post
        The edges, as positions of neurons, sorted by pre, then post.
    n
        Number of neurons.
    allowed
        For a domain of pairs: the pairs that may be edges.
    """

    def __init__(self, pre: Codes, post: Codes, n: int, *, allowed: Allowed | None = None) -> None:
        self._pre, self._target = pre, post
        self._start = pointers(pre, n)
        self._rows = Rows.of(np.diff(self._start), np.zeros(n, np.int32))
        self._allowed = allowed or Allowed(np.empty(0, np.int64), np.empty(0, np.int32))

    def fresh(self) -> MutualCountChain:
        """Return a chain that stands where this one stands and moves on its own."""
        other = copy.copy(self)
        other._target = self._target.copy()
        return other

    def advance(self, passes: int, state: Words, *, n_threads: int = 1) -> int:  # noqa: ARG002
        """Make some passes over all edges; return how many edges moved, all passes together."""
        from connectome_graph._kernels.mutual_count import advance_mutual_count

        if not len(self._pre):
            return 0
        largest = int(np.diff(self._start).max())
        moved = advance_mutual_count(
            self._pre, self._start, self._target, np.empty(0, np.int32), *self._allowed, largest,
            *self._rows, passes, attempts_per_pass(len(self._pre)), state,
        )  # fmt: skip
        return int(moved)

    def edges(self) -> tuple[Codes, Codes]:
        """Return the edges (pre, post), sorted by pre, then post."""
        return self._pre, self._target
