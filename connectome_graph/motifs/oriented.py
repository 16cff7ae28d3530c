"""The part of a graph that a census can see, prepared for the triangle kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from connectome_graph._kernels import threads
from connectome_graph.errors import InvalidArgument

if TYPE_CHECKING:
    from connectome_graph.graph import ConnectomeGraph

__all__ = ["Core", "Oriented", "added", "core", "is_dense", "orient", "over_workers"]

Codes = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]

#: The kernels pack a rank and two bits into an int32.
MOST_NEURONS = 2**29
#: The largest graph worth a bit matrix, and the share of its ordered pairs that must be edges.
DENSE_NEURONS = 4096
DENSE_SHARE = 0.015


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
        return Core(pre, post, g.n_neurons, np.arange(g.n_neurons))
    inside = g.domain.core
    positions = np.flatnonzero(inside)
    number = np.cumsum(inside, dtype=np.int32) - np.int32(1)
    kept = inside[pre] & inside[post]
    return Core(number[pre[kept]], number[post[kept]], len(positions), positions)


def is_dense(part: Core) -> bool:
    """Return whether bit matrices beat the list of triangles."""
    return part.n <= DENSE_NEURONS and len(part.pre) > DENSE_SHARE * part.n**2


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

    m = len(part.pre)
    # Made here: numpy, unlike a kernel, asks the system for large pages.
    by_high, packed, lower = (np.empty(m, np.int32) for _ in range(3))
    position = np.empty(m, np.int64)
    rank, start, stop, begin = triads.orient(
        part.pre, part.post, part.n, by_high, packed, lower, position
    )
    n_pairs = int(begin[-1])
    return Oriented(rank, start, stop, packed, begin, lower[:n_pairs], position[:n_pairs])


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
