"""Chains of switches over the edges of a graph: the running part of the switching nulls."""

from __future__ import annotations

import copy
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Chain", "EdgeChain", "MutualChain", "SplitChain", "random_state"]

Codes = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
# A bit matrix and a hash table, of which one is empty.
Store = tuple[Words, Words]

# Up to this many neurons a bit matrix (2 MB) answers faster than a hash table.
LARGEST_BIT_MATRIX = 4096


class Chain(Protocol):
    """Edges that move under switches."""

    #: Which edge of the graph stood at each place of the list when the chain began.
    places: Places

    def edges(self) -> tuple[Codes, Codes]:
        """Return the edges (pre, post) at each place of the list."""

    def fresh(self) -> Chain:
        """Return a chain that stands where this one stands and moves on its own."""

    def advance(self, steps: int, state: Words) -> int:
        """Make `steps` steps, held ones included; return how many changed the graph."""


def random_state(rng: np.random.Generator) -> Words:
    """Return a kernel's random state drawn from a Generator: four words, not all zero."""
    words: Words = rng.integers(0, 2**64, 4, dtype=np.uint64)
    words[0] |= np.uint64(1)
    return words


def pointers(codes: npt.NDArray[Any], n: int, first: int = 0) -> Places:
    """Return where the run of each of `n` codes begins in a sorted list; the end is last."""
    starts = np.full(n + 1, first, np.int64)
    starts[1:] += np.cumsum(np.bincount(codes, minlength=n))
    return starts


class EdgeChain:
    """A chain that keeps every in- and out-degree inside each class of edges.

    Parameters
    ----------
    pre, post
        The edges, as positions of neurons.
    n
        Number of neurons.
    kinds
        The class of each edge, from 0; without it all edges are of one class.
    own_kind
        For each neuron the class that holds its edges to neurons of its own kind: the only
        edges that can form 3-cycles in one class. Without it class 0.
    """

    _store: Store

    def __init__(
        self,
        pre: Codes,
        post: Codes,
        n: int,
        *,
        kinds: npt.NDArray[Any] | None = None,
        own_kind: npt.NDArray[Any] | None = None,
    ) -> None:
        kind = np.zeros(len(pre), np.int64) if kinds is None else kinds.astype(np.int64)
        own = np.zeros(n, np.int64) if own_kind is None else own_kind.astype(np.int64)
        row = kind * n + pre
        self.places = np.argsort(row, kind="stable")
        self._n = n
        self._pre = pre[self.places]
        self._post = post[self.places]
        ordered = row[self.places]
        if kinds is None:
            self._class_of = np.empty(0, np.int32)
            self._class_start = np.array([0, len(pre)], np.int64)
        else:
            found, class_of = np.unique(kind[self.places], return_inverse=True)
            self._class_of = (class_of if len(found) > 1 else class_of[:0]).astype(np.int32)
            self._class_start = pointers(class_of, len(found))
        self._own = tuple(
            np.searchsorted(ordered, own * n + np.arange(n), side) for side in ("left", "right")
        )

    def fresh(self) -> EdgeChain:
        """Return a chain that stands where this one stands and moves on its own."""
        other = copy.copy(self)
        # Kernels count references to the arrays they share; threads do better with their own.
        other._pre, other._post = self._pre.copy(), self._post.copy()
        other._store = other._filled_store()
        return other

    def _filled_store(self) -> Store:
        from connectome_graph._kernels import edge_table, switching

        if self._n <= LARGEST_BIT_MATRIX:
            return switching.edge_bits(self._pre, self._post, self._n), np.empty(0, np.uint64)
        table = edge_table.empty_table(len(self._pre))
        switching.fill_table(table, self._pre, self._post)
        return np.empty((0, 0), np.uint64), table

    def advance(self, steps: int, state: Words) -> int:
        """Make `steps` steps, held ones included; return how many changed the graph."""
        from connectome_graph._kernels import switching

        made = switching.switch(
            *self._store, self._pre, self._post, self._class_of, self._class_start, *self._own,
            steps, state,
        )  # fmt: skip
        return int(made.sum())

    def edges(self) -> tuple[Codes, Codes]:
        """Return the edges (pre, post) at each place of the list."""
        return self._pre, self._post


class MutualChain:
    """A chain that keeps every in-, out- and mutual degree.

    Parameters
    ----------
    pre, post
        The edges, as positions of neurons, sorted by pre, then post.
    n
        Number of neurons.
    """

    _store: Store

    def __init__(self, pre: Codes, post: Codes, n: int) -> None:
        from connectome_graph._kernels import switching_mutual

        key, turned = pre * np.int64(n) + post, post * np.int64(n) + pre
        mutual = np.isin(turned, key, assume_unique=True)
        self.places = np.argsort(mutual, kind="stable")
        self._n = n
        self._pre, self._post = pre[self.places], post[self.places]
        self._n_arcs = int(len(pre) - mutual.sum())
        self._starts = (
            pointers(self._pre[: self._n_arcs], n),
            pointers(self._pre[self._n_arcs :], n, self._n_arcs),
        )
        self._twin = switching_mutual.twins(self._pre, self._post, self._n_arcs, self._starts[1])

    def fresh(self) -> MutualChain:
        """Return a chain that stands where this one stands and moves on its own."""
        other = copy.copy(self)
        other._pre, other._post = self._pre.copy(), self._post.copy()
        other._twin = self._twin.copy()
        other._store = other._filled_store()
        return other

    def _filled_store(self) -> Store:
        from connectome_graph._kernels import edge_table, switching_mutual

        bits, table = np.empty((0, 0), np.uint64), np.empty(0, np.uint64)
        if self._n <= LARGEST_BIT_MATRIX:
            bits = np.zeros((self._n, (self._n + 31) // 32), np.uint64)
        else:
            table = edge_table.empty_table(len(self._pre))
        switching_mutual.fill_pairs(bits, table, self._pre, self._post, self._n_arcs)
        return bits, table

    def advance(self, steps: int, state: Words) -> int:
        """Make `steps` steps, held ones included; return how many changed the graph."""
        from connectome_graph._kernels import switching_mutual
        from connectome_graph._kernels.tetrads import tetrads

        made = switching_mutual.switch_mutual(
            *self._store, self._pre, self._post, self._n_arcs, self._twin, *self._starts,
            tetrads(), steps, state,
        )  # fmt: skip
        return int(made.sum())

    def edges(self) -> tuple[Codes, Codes]:
        """Return the edges (pre, post) at each place of the list."""
        return self._pre, self._post


class SplitChain:
    """Two chains over two parts of the edges, each moved in proportion to its size.

    Parameters
    ----------
    first, second
        The chains, at least one edge in each.
    first_edges, second_edges
        Which edges of the graph each of them has.
    """

    def __init__(
        self, first: Chain, second: Chain, first_edges: Places, second_edges: Places
    ) -> None:
        self._chains = first, second
        self._share = len(first_edges) / (len(first_edges) + len(second_edges))
        self.places = np.concatenate([first_edges[first.places], second_edges[second.places]])

    def fresh(self) -> SplitChain:
        """Return a chain that stands where this one stands and moves on its own."""
        other = copy.copy(self)
        other._chains = self._chains[0].fresh(), self._chains[1].fresh()
        return other

    def advance(self, steps: int, state: Words) -> int:
        """Make `steps` steps, held ones included; return how many changed the graph."""
        share = round(steps * self._share)
        first, second = self._chains
        return first.advance(share, state) + second.advance(steps - share, state)

    def edges(self) -> tuple[Codes, Codes]:
        """Return the edges (pre, post) at each place of the list."""
        (pre, post), (more_pre, more_post) = (chain.edges() for chain in self._chains)
        return np.concatenate([pre, more_pre]), np.concatenate([post, more_post])
