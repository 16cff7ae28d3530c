"""Sets of ordered pairs of neurons: which pairs could have met, and how much.

Two neurons can only connect where their arbors come close. A :class:`PairSet` holds the ordered
pairs for which that is so, sorted by pre and post, with an optional *exposure* for each: contact
area, co-travel length, number of proximities. It knows positions, not root ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidTable
from connectome_graph.model.index import Codes, Pointers, frozen

__all__ = ["PairSet"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class PairSet:
    """Ordered pairs of neurons in rows: ``post[ptr[i]:ptr[i + 1]]`` are the partners of ``i``.

    Every array is read-only.

    Parameters
    ----------
    ptr
        int64, shape ``(n_neurons + 1,)``: where the row of each neuron begins.
    post
        int32, shape ``(n_pairs,)``: partners, ascending within a row and each once.
    exposure
        float64, shape ``(n_pairs,)``, finite and not negative; or None.
    name
        What the exposure is called, such as ``"area_um2"``; with no exposure what the pairs are.

    Examples
    --------
    >>> import numpy as np
    >>> pairs = PairSet.build(np.array([1, 0]), np.array([0, 1]), 3, np.array([2.0, 3.0]))
    >>> len(pairs), pairs.contains(np.array([0, 0]), np.array([1, 2])).tolist()
    (2, [True, False])
    >>> pairs.exposure
    array([3., 2.])
    """

    def __init__(
        self, ptr: Pointers, post: Codes, exposure: Floats | None = None, name: str = "pairs"
    ) -> None:
        self.ptr = frozen(np.asarray(ptr, np.int64))
        self.post = frozen(np.asarray(post, np.int32))
        self.exposure = None if exposure is None else frozen(np.asarray(exposure, np.float64))
        self.name = name

    @classmethod
    def build(
        cls,
        pre: npt.NDArray[Any],
        post: npt.NDArray[Any],
        n_neurons: int,
        exposure: npt.NDArray[Any] | None = None,
        *,
        name: str = "pairs",
    ) -> PairSet:
        """Return the set of the pairs given in any order; exposures of a repeated pair add up."""
        from scipy.sparse import coo_array

        # By counting, row by row: much faster than to sort pairs.
        values = np.ones(len(pre), np.int8) if exposure is None else np.asarray(exposure, float)
        rows = coo_array((values, (pre, post)), shape=(n_neurons, n_neurons)).tocsr()
        rows.sum_duplicates()
        ptr, post = rows.indptr.astype(np.int64), rows.indices.astype(np.int32)
        return cls(ptr, post, None if exposure is None else rows.data, name)

    @property
    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """The pairs as a table: ``pre``, ``post`` and, where known, ``exposure``."""
        ends: dict[str, npt.NDArray[Any]] = {"pre": self.pre, "post": self.post}
        return ends if self.exposure is None else {**ends, "exposure": self.exposure}

    @classmethod
    def from_columns(
        cls, columns: Mapping[str, npt.NDArray[Any]], n_neurons: int, *, name: Any
    ) -> PairSet:
        """Return the set that was stored as :attr:`columns`.

        Raises
        ------
        InvalidTable
            When the columns are of another kind, or name positions that do not exist.
        """
        kinds = {"pre": "int32", "post": "int32", "exposure": "float64"}
        wrong = [key for key, values in columns.items() if kinds.get(key) != values.dtype]
        if wrong or not {"pre", "post"} <= set(columns) or not isinstance(name, str):
            raise InvalidTable(
                f"stored pairs need pre and post (int32), a name and maybe exposure (float64); "
                f"found {', '.join(f'{key} ({v.dtype})' for key, v in columns.items())}"
            )
        ends = np.concatenate([columns["pre"], columns["post"]])
        if len(ends) and not 0 <= ends.min() <= ends.max() < n_neurons:
            raise InvalidTable(f"stored pairs name positions beyond {n_neurons:,} neurons")
        exposure = columns.get("exposure")
        if exposure is not None and not (np.isfinite(exposure) & (exposure >= 0)).all():
            raise InvalidTable("a stored exposure is not finite, or negative")
        return cls.build(columns["pre"], columns["post"], n_neurons, exposure, name=name)

    def __len__(self) -> int:
        """Return the number of ordered pairs."""
        return len(self.post)

    @property
    def n_neurons(self) -> int:
        """Number of neurons that the positions refer to."""
        return len(self.ptr) - 1

    @cached_property
    def pre(self) -> Codes:
        """int32, shape ``(n_pairs,)``: the first neuron of every pair."""
        return frozen(np.repeat(np.arange(self.n_neurons, dtype=np.int32), np.diff(self.ptr)))

    @cached_property
    def transposed(self) -> tuple[Pointers, Codes, Pointers]:
        """The same pairs in rows of the second neuron: pointers, first neurons, places."""
        from connectome_graph._kernels import pair_sets

        into, source, place = pair_sets.transposed(self.ptr, self.post)
        return frozen(into), frozen(source), frozen(place)

    @cached_property
    def mirror(self) -> Pointers:
        """int64, shape ``(n_pairs,)``: place of the opposite pair, -1 where it is not here."""
        from connectome_graph._kernels import pair_sets

        return frozen(pair_sets.mirrored(self.ptr, self.post, *self.transposed))

    @cached_property
    def n_mutual(self) -> int:
        """Number of unordered pairs of different neurons of which both directions are here."""
        return int(((self.mirror >= 0) & (self.pre < self.post)).sum())

    @cached_property
    def total(self) -> float:
        """Sum of the exposures, NaN when there are none."""
        return float("nan") if self.exposure is None else float(self.exposure.sum())

    def places(self, pre: npt.NDArray[Any], post: npt.NDArray[Any]) -> Pointers:
        """Return where pairs, given as positions, stand in the set; -1 where they do not."""
        from connectome_graph._kernels import pair_sets, threads

        out = np.empty(len(pre), np.int64)
        a, b = (np.ascontiguousarray(end, np.int32) for end in (pre, post))
        threads.over(
            lambda i, j: pair_sets.places(self.ptr, self.post, a[i:j], b[i:j], out[i:j]), len(a)
        )
        return out

    def contains(self, pre: npt.NDArray[Any], post: npt.NDArray[Any]) -> Mask:
        """Return which pairs, given as positions, are in the set."""
        found: Mask = self.places(pre, post) >= 0
        return found

    def select(self, keep: Mask) -> PairSet:
        """Return the set of the pairs of a mask."""
        if keep.all():
            return self
        before = np.concatenate([[0], np.cumsum(keep)])
        exposure = None if self.exposure is None else self.exposure[keep]
        return PairSet(before[self.ptr], self.post[keep], exposure, self.name)

    def take(self, positions: npt.NDArray[Any]) -> PairSet:
        """Return the pairs among the neurons at different `positions`, renumbered to them."""
        positions = np.asarray(positions, np.int64)
        if len(positions) == self.n_neurons and (np.diff(positions) == 1).all():
            return PairSet(self.ptr, self.post, self.exposure, self.name)
        number = np.full(self.n_neurons, -1, np.int32)
        number[positions] = np.arange(len(positions), dtype=np.int32)
        inside = (number[self.pre] >= 0) & (number[self.post] >= 0)
        part = self.select(inside)
        pre, post = number[part.pre], number[part.post]
        if (np.diff(positions) > 0).all():
            # Order is kept, so the rows are still ascending.
            ptr = np.zeros(len(positions) + 1, np.int64)
            np.cumsum(np.bincount(pre, minlength=len(positions)), out=ptr[1:])
            return PairSet(ptr, post, part.exposure, self.name)
        return PairSet.build(pre, post, len(positions), part.exposure, name=self.name)

    def both(self, other: PairSet) -> PairSet:
        """Return the pairs that are in this set and in `other`.

        They have the exposure of this set, or that of `other` where this one has none.
        """
        places = other.places(self.pre, self.post)
        part = self.select(places >= 0)
        if part.exposure is not None or other.exposure is None:
            return part
        exposure = other.exposure[places[places >= 0]]
        return PairSet(part.ptr, part.post, exposure, other.name)

    def merged(self, kind: npt.NDArray[Any], n_kinds: int) -> PairSet:
        """Return the pairs of kinds that hold a pair of neurons; exposures add up.

        Parameters
        ----------
        kind
            Kind of every neuron, 0 up to `n_kinds`; -1 leaves it out.
        n_kinds
            Number of kinds.
        """
        pre, post = kind[self.pre], kind[self.post]
        kept = (pre >= 0) & (post >= 0)
        exposure = None if self.exposure is None else self.exposure[kept]
        return PairSet.build(pre[kept], post[kept], n_kinds, exposure, name=self.name)

    def counts(self, end: int) -> npt.NDArray[np.int64]:
        """Return the number of pairs of every neuron as first (0) or second (1) member."""
        if end == 0:
            return np.diff(self.ptr)
        return np.bincount(self.post, minlength=self.n_neurons)

    def exposures(self, end: int) -> Floats:
        """Return the total exposure of every neuron as first (0) or second (1) member."""
        codes = self.pre if end == 0 else self.post
        return np.bincount(codes, weights=self.exposure, minlength=self.n_neurons).astype(float)

    def between(self, kind: npt.NDArray[Any], n_kinds: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return number and total exposure of the pairs between kinds: two square arrays.

        Parameters
        ----------
        kind
            Kind of every neuron, 0 up to `n_kinds`; -1 leaves it out.
        n_kinds
            Number of kinds.
        """
        from connectome_graph._kernels import pair_sets, threads

        kinds = np.ascontiguousarray(kind, np.int32)
        values = np.empty(0) if self.exposure is None else self.exposure
        parts = 1 if len(self) < threads.SMALL else threads.n_threads()
        spans = threads.balanced_spans(self.ptr, parts)
        found: list[Any] = threads.run(
            lambda a, b: pair_sets.sums_by_kind(self.ptr, self.post, kinds, n_kinds, values, a, b),
            spans,
        )
        numbers, totals = zip(*found, strict=True)
        return np.sum(numbers, axis=0), np.sum(totals, axis=0)

    def __reduce__(self) -> tuple[Any, ...]:
        # Without what was derived; a copy in another process is read-only again.
        return PairSet, (self.ptr, self.post, self.exposure, self.name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PairSet):
            return NotImplemented
        if self is other:
            return True
        same = np.array_equal(self.ptr, other.ptr) and np.array_equal(self.post, other.post)
        if self.name != other.name or not same:
            return False
        if self.exposure is None or other.exposure is None:
            return self.exposure is other.exposure
        return bool(np.array_equal(self.exposure, other.exposure))

    def __hash__(self) -> int:
        digest = hashlib.blake2b(self.ptr.tobytes(), digest_size=8)
        digest.update(self.post.tobytes())
        return hash((self.name, digest.digest()))

    def __repr__(self) -> str:
        exposure = "" if self.exposure is None else f", {self.name} {self.total:,.6g}"
        return f"PairSet({len(self):,} ordered pairs of {self.n_neurons:,} neurons{exposure})"
