"""Drawing pairs of neurons: distinct numbers, and the pairs of a domain they stand for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from connectome_graph.border.distinct import distinct as sorted_distinct
from connectome_graph.model.domain import Domain
from connectome_graph.nulls._chains import random_state

__all__ = ["BothWayPairs", "OneWayPairs", "OrderedPairs", "distinct", "unordered_pair"]

Codes = npt.NDArray[np.int32]
Ranks = npt.NDArray[np.int64]

# Up to this many numbers (32 MB) a bit each is faster than sorting what was drawn.
_LARGEST_BITS = 1 << 28


def distinct(rng: np.random.Generator, sizes: Ranks, wanted: Ranks) -> Ranks:
    """Draw, for each class ``c``, ``wanted[c]`` distinct numbers of ``sizes[c]``, all sets alike.

    The numbers of class ``c`` are the ``sizes[c]`` ones that follow those of the classes before
    it, so one sorted array holds them all. Memory and time grow with the numbers drawn.

    Examples
    --------
    >>> import numpy as np
    >>> distinct(np.random.default_rng(0), np.array([3, 9]), np.array([3, 1]))[:3]
    array([0, 1, 2])
    """
    if sizes.sum() <= _LARGEST_BITS:
        from connectome_graph._kernels.distinct import draw_distinct

        numbers: Ranks = draw_distinct(sizes, wanted, random_state(rng))
        return numbers
    first = np.cumsum(sizes) - sizes
    # Where more than half is wanted, draw what is left out.
    inverted = 2 * wanted > sizes
    draws = np.where(inverted, sizes - wanted, wanted)
    drawn = np.empty(0, np.int64)
    missing = draws
    while missing.any():
        classes = np.repeat(np.arange(len(sizes)), missing)
        fresh = first[classes] + rng.integers(0, sizes[classes])
        drawn = sorted_distinct(drawn, fresh)
        held = np.bincount(np.searchsorted(first, drawn, "right") - 1, minlength=len(sizes))
        missing = draws - held
    if not inverted.any():
        return drawn
    keep = ~inverted[np.searchsorted(first, drawn, "right") - 1]
    spans = [np.arange(first[c], first[c] + sizes[c]) for c in np.flatnonzero(inverted)]
    chosen = np.setdiff1d(np.concatenate(spans), drawn[~keep], assume_unique=True)
    return np.sort(np.concatenate([drawn[keep], chosen]))


@dataclass(frozen=True, eq=False)
class OrderedPairs:
    """The ordered pairs of a domain, numbered source by source."""

    domain: Domain

    def __len__(self) -> int:
        return self.domain.n_pairs

    def at(self, ranks: Ranks) -> tuple[Codes, Codes]:
        """Return the pairs (pre, post) of some numbers."""
        met = self.domain.pairs
        if met is not None:
            return met.pre[ranks], met.post[ranks]
        sources, targets = (
            np.flatnonzero(mask).astype(np.int32)
            for mask in (self.domain.sources, self.domain.targets)
        )
        own = self.domain.core[sources]
        starts = np.concatenate([[0], np.cumsum(len(targets) - own)])
        row = np.searchsorted(starts, ranks, "right") - 1
        column = ranks - starts[row]
        # The place of the source among the targets is left out of its row.
        self_at = np.where(own, np.searchsorted(targets, sources), len(targets))
        column += column >= self_at[row]
        return sources[row], targets[column]


@dataclass(frozen=True, eq=False)
class OneWayPairs:
    """The ordered pairs of a domain whose opposite direction is outside it, numbered."""

    domain: Domain

    def __len__(self) -> int:
        if self.domain.pairs is not None:
            return len(self.domain.pairs) - 2 * self.domain.n_mutual_pairs
        core = self.domain.n_core
        return self.domain.n_sources * self.domain.n_targets - core * core

    def at(self, ranks: Ranks) -> tuple[Codes, Codes]:
        """Return the pairs (pre, post) of some numbers."""
        met = self.domain.pairs
        if met is not None:
            at = np.flatnonzero(met.mirror < 0)[ranks]
            return met.pre[at], met.post[at]
        core = self.domain.core
        sources = np.flatnonzero(self.domain.sources).astype(np.int32)
        # A source of the core has the targets outside it, which stand first.
        targets = np.concatenate(
            [np.flatnonzero(self.domain.targets & ~core), np.flatnonzero(core)]
        ).astype(np.int32)
        lengths = np.where(core[sources], len(targets) - self.domain.n_core, len(targets))
        starts = np.concatenate([[0], np.cumsum(lengths)])
        row = np.searchsorted(starts, ranks, "right") - 1
        return sources[row], targets[ranks - starts[row]]


@dataclass(frozen=True, eq=False)
class BothWayPairs:
    """The unordered pairs of a domain of which both directions are in it, numbered."""

    domain: Domain

    def __len__(self) -> int:
        return self.domain.n_mutual_pairs

    def at(self, ranks: Ranks) -> tuple[Codes, Codes]:
        """Return the pairs (low, high) of some numbers."""
        met = self.domain.pairs
        if met is not None:
            at = np.flatnonzero((met.mirror >= 0) & (met.pre < met.post))[ranks]
            return met.pre[at], met.post[at]
        core = np.flatnonzero(self.domain.core).astype(np.int32)
        low, high = unordered_pair(ranks)
        return core[low], core[high]


def unordered_pair(ranks: Ranks) -> tuple[Ranks, Ranks]:
    """Return the pairs ``low < high`` that numbers stand for: (0,1), (0,2), (1,2), (0,3), ...

    Examples
    --------
    >>> import numpy as np
    >>> unordered_pair(np.arange(4))
    (array([0, 0, 1, 0]), array([1, 2, 2, 3]))
    """
    high = ((1 + np.sqrt(1 + 8 * ranks.astype(np.float64))) / 2).astype(np.int64)
    # The root of a large number may be off by one.
    high -= high * (high - 1) // 2 > ranks
    high += (high + 1) * high // 2 <= ranks
    return ranks - high * (high - 1) // 2, high
