"""The part of a graph that a census can see, prepared for the triangle kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from connectome_graph._kernels import threads
from connectome_graph.errors import InvalidArgument

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = [
    "Core",
    "Met",
    "Oriented",
    "added",
    "core",
    "is_dense",
    "orient",
    "over_workers",
    "triad_core",
]

Codes = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]

#: The kernels pack a rank and two bits into an int32.
MOST_NEURONS = 2**29
#: The largest graph worth a bit matrix, and the share of its ordered pairs that must be edges: bit
#: rows are read whole, so a pair costs n / 64 words however few partners it has, and each of the
#: three matrices takes 2 MB at 4,096 neurons.
DENSE_NEURONS = 4096
DENSE_SHARE = 0.015


class Met(NamedTuple):
    """The ordered pairs of a core of which both directions could have been seen."""

    #: int32[pairs]: positions in the core, sorted by pre, then post.
    pre: Codes
    post: Codes
    #: bool[pairs]: whether the pair is an edge.
    linked: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Core:
    """The subgraph on the neurons that are source and target of the domain.

    Between any three of them all six ordered pairs were observable, so its triads, connected or
    not, are known.
    """

    #: int32[edges]: edges between positions in the core, sorted by pre, then post.
    pre: Codes
    post: Codes
    #: Number of neurons in the core.
    n: int
    #: Where each of them stands in ``g.neurons``.
    positions: Counts
    #: The pairs that could have met; None when all could.
    met: Met | None = None

    @property
    def size(self) -> int:
        """Number of the edges, or of the pairs that met: what work goes with."""
        return len(self.pre) if self.met is None else len(self.met.pre)

    def part(self, keep: npt.NDArray[np.bool_]) -> Core:
        """Return the core of some of its neurons."""
        if keep.all():
            return self
        number = np.cumsum(keep, dtype=np.int32) - np.int32(1)
        held = keep[self.pre] & keep[self.post]
        met = self.met
        if met is not None:
            inside = keep[met.pre] & keep[met.post]
            met = Met(number[met.pre[inside]], number[met.post[inside]], met.linked[inside])
        ends = number[self.pre[held]], number[self.post[held]]
        return Core(*ends, int(keep.sum()), self.positions[keep], met)


def core(g: ConnectomeGraph) -> Core:
    """Return the observed core of a graph.

    Raises
    ------
    InvalidArgument
        For a graph of types, or one with more neurons than the kernels can number.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]]).between(pre=[1, 2])
    >>> core(g).n, core(g).pre.tolist(), core(g).post.tolist()
    (2, [0, 1], [1, 0])
    """
    g.domain.require_simple("a triad")
    pre, post = g.edge_codes
    if g.n_neurons >= MOST_NEURONS:
        raise InvalidArgument(
            f"a census can number at most {MOST_NEURONS - 1:,} neurons; this graph has "
            f"{g.n_neurons:,}"
        )
    if g.domain.is_full:
        # Nothing to renumber: the graph's own arrays serve, without a copy.
        return Core(pre, post, g.n_neurons, np.arange(g.n_neurons))
    inside = g.domain.core
    positions = np.flatnonzero(inside)
    # The new number of a member is how many members stand before it; others are never looked up.
    number = np.cumsum(inside, dtype=np.int32) - np.int32(1)
    kept = inside[pre] & inside[post]
    return Core(number[pre[kept]], number[post[kept]], len(positions), positions)


def triad_core(g: ConnectomeGraph) -> Core:
    """Return the core with the pairs that triads are made of: those that could be seen both ways.

    A triad is three neurons of which all six ordered pairs are in the domain. On sources x
    targets that is any three of the core; on a set of pairs it is a triangle of pairs that are
    in the set in both directions, and edges on other pairs belong to no triad.

    Raises
    ------
    InvalidArgument
        As :func:`core`.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]])
    >>> met = g.within(pd.DataFrame({"pre": [1, 2, 1], "post": [2, 1, 3]}))
    >>> part = triad_core(met)
    >>> part.n, part.met.pre.tolist(), part.met.post.tolist()
    (3, [0, 1], [1, 0])
    """
    plain = core(g)
    both = g.domain.both_ways.pairs
    if both is None:
        return plain
    number = np.cumsum(g.domain.core, dtype=np.int32) - np.int32(1)
    pre, post = g.edge_codes
    places = both.places(pre, post)
    held = places >= 0
    linked = np.zeros(len(both), bool)
    linked[places[held]] = True
    met = Met(number[both.pre], number[both.post], linked)
    return Core(number[pre[held]], number[post[held]], plain.n, plain.positions, met)


def is_dense(part: Core) -> bool:
    """Return whether bit matrices beat the list of triangles."""
    return part.met is None and part.n <= DENSE_NEURONS and len(part.pre) > DENSE_SHARE * part.n**2


@dataclass(frozen=True)
class Oriented:
    """Every connected pair once, at its lower rank (see the kernels in ``triads``)."""

    rank: Codes
    start: Counts
    stop: Counts
    packed: Codes
    begin: Counts
    lower: Codes
    position: Counts

    @property
    def rows(self) -> tuple[Counts, Counts, Codes]:
        """The rows of higher neighbours."""
        return self.start, self.stop, self.packed

    @property
    def arrays(self) -> tuple[Counts, Counts, Codes, Counts, Codes, Counts]:
        """What the triangle kernels take, in their order."""
        return self.start, self.stop, self.packed, self.begin, self.lower, self.position


def orient(part: Core) -> Oriented:
    """Return the degree-ordered adjacency of a core.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> orient(core(cg.from_adjacency([[0, 1], [1, 0]]))).packed[:1].tolist()
    [7]
    """
    from connectome_graph._kernels import triads

    # By degree, so that a hub is nobody's lower end: the rows that are scanned stay short.
    ends = (part.pre, part.post) if part.met is None else (part.met.pre, part.met.post)
    rank = triads.ranks(*ends, part.n)
    place, start, by_high = _by_high(part, rank)
    # Made here: numpy, unlike a kernel, asks the system for large pages.
    packed, lower = (np.empty(part.size, np.int32) for _ in range(2))
    position = np.empty(part.size, np.int64)
    stop, begin = triads.fill_rows(place, by_high, start, packed, lower, position)
    # Both directions of a mutual pair share one place: there are at most as many pairs as edges.
    n_pairs = int(begin[-1])
    return Oriented(rank, start[:-1], stop, packed, begin, lower[:n_pairs], position[:n_pairs])


def _by_high(part: Core, rank: Codes) -> tuple[Counts, Counts, Codes]:
    """Return the edges grouped by higher rank, where each group and each lower row begins."""
    from connectome_graph._kernels import triads

    # Written in the order of the higher rank, every lower row fills in ascending order by itself:
    # two passes of counting take the place of a sort.
    m, met = part.size, part.met
    spans = threads.spans(m, 1 if m < threads.SMALL else threads.n_threads())
    highs, lows = (np.zeros((len(spans), part.n), np.int64) for _ in range(2))
    pre, post = (part.pre, part.post) if met is None else (met.pre, met.post)
    ends = pre, post, rank
    threads.each(lambda i: triads.count_ends(*ends, *spans[i], highs[i], lows[i]), len(spans))
    place, start = (
        np.concatenate([[0], np.cumsum(counts.sum(axis=0))]) for counts in (highs, lows)
    )
    # Each thread writes after what earlier threads put into the same group.
    cursors = place[:-1] + np.cumsum(highs, axis=0) - highs
    by_high = np.empty(m, np.int32)

    def scatter(i: int) -> None:
        if met is None:
            triads.scatter_by_high(*ends, *spans[i], cursors[i], by_high)
        else:
            triads.scatter_met_by_high(pre, post, met.linked, rank, *spans[i], cursors[i], by_high)

    threads.each(scatter, len(spans))
    return place, start, by_high


def over_workers(kernel: Callable[[int, int], Counts], n_edges: int) -> list[Counts]:
    """Call ``kernel(worker, n_workers)`` for every worker: one when the graph is small.

    Ensembles of small graphs bring their own threads, so none are started here.

    Examples
    --------
    >>> over_workers(lambda worker, n_workers: np.array([worker, n_workers]), 10)
    [array([0, 1])]
    """
    if n_edges < threads.SMALL:
        return [kernel(0, 1)]
    n_workers = threads.n_threads()
    parts: list[Counts] = threads.each(lambda w: kernel(w, n_workers), n_workers)  # type: ignore[assignment]
    return parts


def added(parts: list[Counts]) -> Counts:
    """Return the sum of what the workers found.

    Examples
    --------
    >>> added([np.array([1, 2]), np.array([3, 4])])
    array([4, 6])
    """
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
