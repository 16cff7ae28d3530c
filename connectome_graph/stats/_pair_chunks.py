"""The pairs of a domain, a part at a time, each with its edge; or a sample of the unconnected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidArgument

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["PairChunk", "pair_chunks", "sampled_non_edges"]

Ints = npt.NDArray[np.int64]


class PairChunk(NamedTuple):
    """Some ordered pairs of the domain.

    Attributes
    ----------
    pre, post
        Positions of the neurons, int64.
    edge
        Position of the pair's edge in ``g.edges``; -1 where it is not connected.
    """

    pre: Ints
    post: Ints
    edge: Ints


def pair_chunks(g: ConnectomeGraph, *, most: int = 2_000_000) -> Iterator[PairChunk]:
    """Yield every pair of the domain once, sorted by pre, then post, about `most` at a time.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> (chunk,) = pair_chunks(cg.from_adjacency([[0, 3], [0, 0]]))
    >>> chunk.pre.tolist(), chunk.post.tolist(), chunk.edge.tolist()
    ([0, 1], [1, 0], [0, -1])
    """
    keys, met = _edge_keys(g), g.domain.pairs
    if met is not None:
        for first in range(0, len(met), most):
            pre, post = (end[first : first + most].astype(np.int64) for end in (met.pre, met.post))
            yield PairChunk(pre, post, _edge_of(g, keys, pre, post))
        return
    sources, targets = np.flatnonzero(g.domain.sources), np.flatnonzero(g.domain.targets)
    rows = max(1, most // max(len(targets), 1))
    for first in range(0, len(sources), rows):
        pre = np.repeat(sources[first : first + rows], len(targets))
        post = np.tile(targets, len(pre) // max(len(targets), 1))
        inside = g.domain.contains(pre, post)
        if not inside.all():
            pre, post = pre[inside], post[inside]
        if len(pre):
            yield PairChunk(pre, post, _edge_of(g, keys, pre, post))


def _edge_keys(g: ConnectomeGraph) -> Ints:
    pre, post = g.edge_codes
    return pre.astype(np.int64) * g.n_neurons + post


def _edge_of(g: ConnectomeGraph, keys: Ints, pre: Ints, post: Ints) -> Ints:
    """Return the edge of each pair, -1 without one; edges are sorted as their keys are."""
    if not len(keys):
        return np.full(len(pre), -1, np.int64)
    wanted = pre * g.n_neurons + post
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


def sampled_non_edges(g: ConnectomeGraph, n: int, rng: np.random.Generator) -> PairChunk:
    """Return `n` different unconnected pairs of the domain, each as likely as any other.

    Raises
    ------
    InvalidArgument
        When the domain has fewer.
    """
    left = g.domain.n_pairs - g.n_edges
    if n > left:
        raise InvalidArgument(
            f"n_nonedges={n:,} pairs without a connection were asked for and the domain has "
            f"{left:,}; ask for fewer, or leave n_nonedges out to take them all"
        )
    sources, targets = np.flatnonzero(g.domain.sources), np.flatnonzero(g.domain.targets)
    keys, found = _edge_keys(g), np.empty(0, np.int64)
    # Drawing until enough different ones are found leaves every set of n as likely as any other.
    if 3 * n > left or g.domain.pairs is not None:
        every = [chunk.pre[chunk.edge < 0] * g.n_neurons + chunk.post[chunk.edge < 0]
                 for chunk in pair_chunks(g)]  # fmt: skip
        found = rng.choice(np.concatenate(every), n, replace=False)
    while len(found) < n:
        size = int(1.2 * (n - len(found)) * len(sources) * len(targets) / left) + 64
        pre = sources[rng.integers(0, len(sources), size)]
        post = targets[rng.integers(0, len(targets), size)]
        wanted = (pre * g.n_neurons + post)[g.domain.contains(pre, post)]
        wanted = wanted[~np.isin(wanted, keys)]
        both = np.concatenate([found, wanted])
        first = np.sort(np.unique(both, return_index=True)[1])
        found = both[first][:n]
    found = np.sort(found)
    pre, post = found // g.n_neurons, found % g.n_neurons
    return PairChunk(pre, post, np.full(n, -1, np.int64))
