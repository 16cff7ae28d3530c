"""Common neighbours: whether two neurons that share partners connect more often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Level, one_of
from connectome_graph.stats._dyads import dyad_edges, reciprocated
from connectome_graph.stats._intervals import ratio, wilson
from connectome_graph.stats._sampling import denominators

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.pairs import PairSet

__all__ = ["common_neighbours"]

Mask = npt.NDArray[np.bool_]
Lists = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]

#: Which partners two neurons may share.
Kind = Literal["out", "in", "any"]
#: Whether (i, j) and (j, i) are two pairs or one.
Pairs = Literal["ordered", "unordered"]


def common_neighbours(
    g: ConnectomeGraph, *, kind: Kind = "any", pairs: Pairs = "ordered", level: Level = 0.95
) -> pd.DataFrame:
    """Return the connection probability of pairs by how many partners they share.

    A partner counts only where it could have been seen from both neurons of the pair:

    - ``"out"``: both contact it; i a source, j source and target, any target is a partner;
    - ``"in"``: both hear from it; i source and target, j a target, any source is a partner;
    - ``"any"``: both are connected to it in either direction; i, j and the partner are source
      and target.

    On a domain of pairs (``g.within``) the pairs are those of the domain, and ``"any"`` looks
    at connections of which both directions could have been seen.

    Parameters
    ----------
    g
        The graph.
    kind
        ``"out"``, ``"in"`` or ``"any"``.
    pairs
        ``"ordered"``: (i, j) and (j, i) are two, each connected or not, as in the rest of the
        library. ``"unordered"``: one, seen both ways, connected when either direction is, as in
        the paper; the probability is then near twice as large.
    level
        Confidence level of Wilson's intervals, which take pairs as independent.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``n_common``, 0 up to the most any pair shares: ``n_pairs n_edges
        probability wilson_low wilson_high``; ``n_edges`` are the pairs that are connected.

    Raises
    ------
    InvalidArgument
        For an unknown kind, or a graph of types.

    References
    ----------
    Perin, Berger & Markram 2011, PNAS 108:5419.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    >>> cg.stats.common_neighbours(g, kind="out")[["n_pairs", "n_edges"]]
              n_pairs  n_edges
    n_common
    0               4        2
    1               2        1
    """
    one_of(kind, Kind, name="kind")
    g.domain.require_simple("the number of common neighbours")
    search = _Search.of(g, kind)
    one_of(pairs, Pairs, name="pairs")
    if pairs == "unordered":
        search = search.both_ways(g)
    counts = search.run(g.n_neurons)
    # Pairs that share nobody were not met in the search.
    counts[0, 0] = search.n_pairs - counts[0, 1:].sum()
    if pairs == "unordered":
        # Of the two edges of a mutual pair one counts.
        answered = search.answered(g).run(g.n_neurons)
        counts = np.stack([counts[0], 2 * counts[1] - answered[1]]) // 2
    used = np.flatnonzero(counts[0])
    counts = counts[:, : used[-1] + 1 if len(used) else 1]
    low, high = wilson(counts[1], counts[0], level=level)
    table = pd.DataFrame(
        {
            "n_pairs": counts[0],
            "n_edges": counts[1],
            "probability": ratio(counts[1], counts[0]),
            "wilson_low": low,
            "wilson_high": high,
        },
        index=pd.RangeIndex(counts.shape[1], name="n_common"),
    )
    table.attrs.update(denominators(g), kind=kind, pairs=pairs)
    return table


@dataclass(frozen=True)
class _Search:
    """Which pairs are looked at, and along which lists their shared partners are found."""

    rows: Mask
    columns: Mask
    near: Lists
    far: Lists
    out: Lists
    met: PairSet | None

    @property
    def n_pairs(self) -> int:
        """Ordered pairs that are looked at."""
        if self.met is not None:
            return int((self.rows[self.met.pre] & self.columns[self.met.post]).sum())
        both = int((self.rows & self.columns).sum())
        return int(self.rows.sum()) * int(self.columns.sum()) - both

    @classmethod
    def of(cls, g: ConnectomeGraph, kind: str) -> _Search:
        from connectome_graph._kernels import adjacency

        pre, post = g.edge_codes
        n, core = g.n_neurons, g.domain.core
        out = adjacency.row_pointers(pre, n), post
        met = g.domain.pairs
        if kind == "any":
            pre, post, _ = dyad_edges(g)
            both = adjacency.undirected(pre, post, n)
            return cls(core, core, both, both, out, met)
        into = adjacency.incoming(pre, post, n)
        if kind == "out":
            return cls(g.domain.sources, core, out, into, out, met)
        return cls(core, g.domain.targets, into, out, out, met)

    def both_ways(self, g: ConnectomeGraph) -> _Search:
        """Return the search among the pairs of which both directions could have been seen."""
        core = g.domain.core
        return replace(self, rows=core, columns=core, met=g.domain.both_ways.pairs)

    def answered(self, g: ConnectomeGraph) -> _Search:
        """Return the search that finds mutual pairs connected, and no others."""
        from connectome_graph._kernels import adjacency

        both = reciprocated(g)
        pre, post = (codes[both] for codes in g.edge_codes)
        return replace(self, out=(adjacency.row_pointers(pre, g.n_neurons), post))

    def run(self, n: int) -> npt.NDArray[np.int64]:
        """Return ordered pairs, and connected ones, by number of shared partners."""
        from connectome_graph._kernels import threads
        from connectome_graph._kernels.clustering import shared_partners

        lengths = np.diff(self.near[0])
        most = int(lengths.max()) if len(lengths) else 0
        # What a neuron costs: the lists of its partners.
        reach = np.concatenate([[0], np.cumsum(np.diff(self.far[0])[self.near[1]])])
        work = np.concatenate([[0], np.cumsum(reach[self.near[0][1:]] - reach[self.near[0][:-1]])])
        none = np.empty(0, np.int64), np.empty(0, np.int32)
        met = none if self.met is None else (self.met.ptr, self.met.post)
        parts = 1 if work[-1] < threads.SMALL else threads.n_threads()

        def count(first: int, last: int) -> Any:
            return shared_partners(
                self.rows,
                n,
                *self.near,
                *self.far,
                self.columns,
                *self.out,
                *met,
                first,
                last,
                most,
            )

        found: list[Any] = threads.run(count, threads.balanced_spans(work, parts))
        total: npt.NDArray[np.int64] = np.stack(found).sum(axis=0)
        return total
