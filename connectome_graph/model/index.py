"""Synapses sorted once: an edge is a run of synapses, a neuron's outputs are a run of edges.

:class:`SynapseIndex` is the storage behind a graph. Two pointer arrays say where runs begin;
edges, weights and adjacency are slices and reductions over them. It knows positions
("codes"), not root ids, and nothing of the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph.errors import InvalidTable
from connectome_graph.model.left_out import LeftOut

__all__ = ["MISSING_ID", "IdTable", "SynapseIndex", "frozen"]

#: The integer that stands for a missing id; no id is this far below zero.
MISSING_ID = int(np.iinfo(np.int64).min)
#: Rows that are moved at a time where a kernel cannot.
_PIECE = 1 << 18

Codes = npt.NDArray[np.int32]
Pointers = npt.NDArray[np.int64]
# Ids of which a look-up table stays in a processor's cache.
_CACHED = 300_000
# numpy array, or a pandas extension array where numpy has no type for it (text, nullable).
Column = Any


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a read-only view of `array`, leaving the caller's own array as it was."""
    view = array.view()
    view.flags.writeable = False
    return view


class IdTable:
    """Root ids and their positions, for int64 or text ids.

    Parameters
    ----------
    ids
        Array of shape ``(n_neurons,)``, int64 or object of str, none missing.

    Attributes
    ----------
    repeat : int or None
        Position of an id that stands at an earlier position too; None when all differ.

    Examples
    --------
    >>> import numpy as np
    >>> IdTable(np.array([864691135000000001, 864691135000000003])).encode(
    ...     np.array([864691135000000003, 7])
    ... )
    array([ 1, -1], dtype=int32)
    """

    def __init__(self, ids: npt.NDArray[Any]) -> None:
        self.ids = frozen(ids)
        self.is_text = ids.dtype.kind == "O"
        if self.is_text:
            import pandas as pd

            self._index = pd.Index(ids, dtype=object)
            self.repeat = None if self._index.is_unique else int(self._index.duplicated().argmax())
            return
        from connectome_graph._kernels.ids import insert_ids

        # Where the table fits a cache, less full: most look-ups then end at the first slot.
        room = 3 if len(ids) < _CACHED else 2
        bits = max(4, int(room * len(ids)).bit_length())
        self._shift = np.uint64(64 - bits)
        self._table = np.zeros(2 << bits, np.uint64)
        repeat = insert_ids(np.ascontiguousarray(ids, np.int64), self._table, self._shift)
        self.repeat = int(repeat) if repeat >= 0 else None

    def encode(self, ids: npt.NDArray[Any], out: Codes | None = None) -> Codes:
        """Return the position of each id as int32, -1 where it is absent."""
        codes = np.empty(len(ids), np.int32) if out is None else out
        if (ids.dtype.kind == "O") != self.is_text:
            codes[:] = -1  # no id of the other kind is in the table
            return codes
        if self.is_text:
            codes[:] = self._index.get_indexer(ids)
            return codes
        from connectome_graph._kernels import threads
        from connectome_graph._kernels.ids import lookup_ids

        exact = np.ascontiguousarray(ids, np.int64)
        threads.over(
            lambda a, b: lookup_ids(exact[a:b], self._table, self._shift, codes[a:b]), len(ids)
        )
        return codes


@dataclass(frozen=True)
class SynapseIndex:
    """Synapses in canonical order, and the runs they form.

    Attributes
    ----------
    n_neurons
        Number of neurons that codes refer to.
    out_ptr
        int64, shape ``(n_neurons + 1,)``: neuron ``i`` sends edges ``out_ptr[i]:out_ptr[i+1]``.
    edge_post
        int32, shape ``(n_edges,)``: the postsynaptic neuron of each edge.
    edge_ptr
        int64, shape ``(n_edges + 1,)``: edge ``e`` holds synapses ``edge_ptr[e]:edge_ptr[e+1]``.
    columns
        The synapse columns, in canonical order.
    left_out
        The inputs that are no longer among the synapses; ``None`` where nothing was left out.
    """

    n_neurons: int
    out_ptr: Pointers
    edge_post: Codes
    edge_ptr: Pointers
    columns: Mapping[str, Column]
    left_out: LeftOut | None = None

    @property
    def n_rows(self) -> int:
        """Number of synapse rows."""
        return int(self.edge_ptr[-1])

    @property
    def n_edges(self) -> int:
        """Number of connected ordered pairs, autapses included."""
        return len(self.edge_post)

    @cached_property
    def edge_pre(self) -> Codes:
        """int32, shape ``(n_edges,)``: the presynaptic neuron of each edge."""
        neurons = np.arange(self.n_neurons, dtype=np.int32)
        return frozen(np.repeat(neurons, np.diff(self.out_ptr)))

    @classmethod
    def build(
        cls, ends: list[Codes], n_neurons: int, columns: Mapping[str, Column]
    ) -> SynapseIndex:
        """Sort synapses by (pre, post, synapse_id or row) and cut them into runs.

        Rows with a negative code at either end are left out.

        Parameters
        ----------
        ends
            The pre and post codes, int32, one per synapse row. The list is emptied on the way:
            a caller that keeps no other name for the codes frees 8 bytes a synapse.
        n_neurons
            Number of neurons.
        columns
            Arrays with one entry per row, in the same order as the codes.
        """
        packed, out_ptr, edge_post, edge_ptr = _sorted_rows(ends, n_neurons)
        if "synapse_id" in columns:
            _order_ties(edge_ptr, packed, columns["synapse_id"])
        sorted_columns = {name: _gather(values, packed) for name, values in columns.items()}
        return cls(n_neurons, out_ptr, edge_post, edge_ptr, sorted_columns)

    @classmethod
    def from_sorted(
        cls,
        pre: Codes,
        post: Codes,
        n_neurons: int,
        columns: Mapping[str, Column],
        *,
        like: SynapseIndex | None = None,
    ) -> SynapseIndex:
        """Return the index of rows that are sorted by (pre, post), each pair once.

        What an index `like` it, with as many edges of every neuron, has counted is taken over.
        """
        out_ptr = like.out_ptr if like else _pointers(np.bincount(pre, minlength=n_neurons))
        if like is not None and like.n_rows == like.n_edges:
            edge_ptr = like.edge_ptr
        else:
            edge_ptr = frozen(np.arange(len(post) + 1, dtype=np.int64))
        held = {name: frozen(values) for name, values in columns.items()}
        return cls(n_neurons, out_ptr, frozen(post), edge_ptr, held)

    def take_edges(
        self, keep: npt.NDArray[np.bool_], neurons: npt.NDArray[np.int64] | None = None
    ) -> SynapseIndex:
        """Return the index with only the edges of the mask `keep`.

        With `neurons` (ascending positions) the codes are renumbered to them; every kept edge
        must lie between two of those neurons. The other synapses are counted as left out.
        """
        lengths = np.diff(self.edge_ptr)
        rows = np.repeat(keep, lengths) if not keep.all() else slice(None)
        left_out = self.left_out_beside(keep)
        columns = {name: _select(values, rows) for name, values in self.columns.items()}
        lengths = lengths[keep]
        pre, post = self.edge_pre[keep], self.edge_post[keep]
        n_neurons = self.n_neurons
        if neurons is not None:
            new_code = np.full(self.n_neurons, -1, np.int32)
            new_code[neurons] = np.arange(len(neurons), dtype=np.int32)
            pre, post, n_neurons = new_code[pre], new_code[post], len(neurons)
            left_out = None if left_out is None else left_out.take(neurons)
        out_ptr = _pointers(np.bincount(pre, minlength=n_neurons))
        return SynapseIndex(n_neurons, out_ptr, post, _pointers(lengths), columns, left_out)

    def take_rows(self, keep: npt.NDArray[np.bool_]) -> SynapseIndex:
        """Return the index with only the synapse rows of `keep`; the others are left out."""
        before = np.concatenate([[0], np.cumsum(keep)])
        lengths = np.diff(before[self.edge_ptr])
        alive = lengths > 0
        columns = {name: _select(values, keep) for name, values in self.columns.items()}
        out_ptr = _pointers(np.bincount(self.edge_pre[alive], minlength=self.n_neurons))
        ends = self.edge_post[alive], _pointers(lengths[alive])
        left_out = self.left_out_beside(alive, rows=keep)
        return SynapseIndex(self.n_neurons, out_ptr, *ends, columns, left_out)

    def left_out_beside(
        self, keep: npt.NDArray[np.bool_], *, rows: npt.NDArray[np.bool_] | None = None
    ) -> LeftOut | None:
        """Return what is left out where only the edges of `keep` stay, or only some `rows`."""
        if bool((keep if rows is None else rows).all()):
            return self.left_out
        from connectome_graph._kernels.left_out import sum_left_out

        none, nothing = np.zeros(0, bool), frozen(np.zeros(0, np.int64))
        masks = (keep, none) if rows is None else (none, rows)
        counts, sizes = self.columns.get("count"), self.columns.get("size")
        inputs, totals = sum_left_out(
            self.edge_pre, self.edge_post, self.edge_ptr, *masks,
            nothing if counts is None else frozen(np.asarray(counts, np.int64)),
            nothing if sizes is None else frozen(_as_numbers(sizes)), self.n_neurons,
        )  # fmt: skip
        if not inputs.any():
            return self.left_out
        if sizes is None:
            totals[inputs > 0] = np.nan
        return LeftOut(inputs, totals).plus(self.left_out)

    def refrozen(self) -> SynapseIndex:
        """Return the index with read-only arrays, as they are before a pickle."""
        columns = {
            name: frozen(values) if isinstance(values, np.ndarray) else values
            for name, values in self.columns.items()
        }
        ends = frozen(self.out_ptr), frozen(self.edge_post), frozen(self.edge_ptr)
        return SynapseIndex(self.n_neurons, *ends, columns, self.left_out)

    def with_columns(self, columns: Mapping[str, Column]) -> SynapseIndex:
        """Return the index with columns added or replaced; they are in canonical order."""
        return SynapseIndex(
            self.n_neurons,
            self.out_ptr,
            self.edge_post,
            self.edge_ptr,
            {**self.columns, **columns},
            self.left_out,
        )


def _as_numbers(values: Column) -> npt.NDArray[Any]:
    """Return numbers as int64 or float64, a missing one as NaN."""
    if not isinstance(values, np.ndarray):
        return np.asarray(values.to_numpy(dtype=float, na_value=np.nan))
    return values if values.dtype in (np.int64, np.float64) else values.astype(float)


def _pointers(lengths: npt.NDArray[Any]) -> Pointers:
    pointers = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=pointers[1:])
    return frozen(pointers)


def _select(values: Column, rows: npt.NDArray[np.bool_] | slice) -> Column:
    taken = values[rows]
    return frozen(taken) if isinstance(taken, np.ndarray) else taken


def _sorted_rows(
    ends: list[Codes], n_neurons: int
) -> tuple[npt.NDArray[np.uint64], Pointers, Codes, Pointers]:
    """Return packed rows sorted by (pre, post, row), edge pointers, targets, run pointers."""
    from connectome_graph._kernels import runs, threads

    packed, pointers = _buckets(ends, n_neurons)
    edge_counts = np.zeros(n_neurons, np.int64)
    bits = max(1, int(n_neurons).bit_length())
    parts = 1 if len(packed) < threads.SMALL else threads.n_threads()
    spans = threads.balanced_spans(pointers, parts)
    threads.run(lambda a, b: runs.sort_buckets(pointers, a, b, bits, packed, edge_counts), spans)
    out_ptr = _pointers(edge_counts)
    edge_post = np.empty(int(out_ptr[-1]), np.int32)
    edge_ptr = np.empty(len(edge_post) + 1, np.int64)
    edge_ptr[-1] = len(packed)
    threads.run(
        lambda a, b: runs.split_runs(pointers, a, b, packed, out_ptr, edge_post, edge_ptr), spans
    )
    return packed, out_ptr, frozen(edge_post), frozen(edge_ptr)


def _buckets(ends: list[Codes], n_neurons: int) -> tuple[npt.NDArray[np.uint64], Pointers]:
    """Return the packed rows, grouped by presynaptic neuron, and where each group begins."""
    from connectome_graph._kernels import runs, threads

    pre, post = ends
    ends.clear()
    if len(pre) >= 1 << 32:
        raise InvalidTable(
            f"{len(pre):,} synapses do not fit one in-memory table (limit 4,294,967,295); "
            "aggregate while reading with keep='edges'"
        )
    parts = threads.spans(len(pre), 1 if len(pre) < threads.SMALL else threads.n_threads())
    counts = np.zeros((len(parts), n_neurons), np.int64)

    def count(part: int) -> None:
        runs.count_rows(pre, post, *parts[part], counts[part])

    threads.each(count, len(parts))
    pointers = _pointers(counts.sum(axis=0))
    # Each thread writes after the rows that earlier threads put into the same bucket.
    cursors = pointers[:-1] + np.cumsum(counts, axis=0) - counts
    packed = np.empty(int(pointers[-1]), np.uint64)

    def scatter(part: int) -> None:
        runs.scatter_rows(pre, post, *parts[part], cursors[part], packed)

    threads.each(scatter, len(parts))
    return packed, pointers


def _order_ties(edge_ptr: Pointers, packed: npt.NDArray[np.uint64], rank: Column) -> None:
    """Order the rows inside each run by synapse id."""
    from connectome_graph._kernels import runs, threads

    if not isinstance(rank, np.ndarray) or rank.dtype != np.int64:
        import pandas as pd

        # Text or nullable ids: their sorted order as integers, missing ones last.
        codes, _ = pd.factorize(pd.Series(rank), sort=True)
        rank = np.where(codes < 0, np.iinfo(np.int64).max, codes).astype(np.int64)
    ranks = np.ascontiguousarray(rank)
    threads.over(lambda a, b: runs.order_runs(edge_ptr, a, b, packed, ranks), len(edge_ptr) - 1)


def _rows_of(packed: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return the row of the table that each packed row is."""
    return (packed & np.uint64(0xFFFFFFFF)).view(np.int64)


def _gather(values: Column, packed: npt.NDArray[np.uint64]) -> Column:
    """Return a column in the order of the packed rows."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "O":
        # a piece at a time: the rows as numbers would take as much room as the column
        texts = np.empty(len(packed), object)
        for start in range(0, len(packed), _PIECE):
            piece = slice(start, start + _PIECE)
            texts[piece] = values[_rows_of(packed[piece])]
        return texts
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iufb":
        return values.take(_rows_of(packed))
    from connectome_graph._kernels import runs, threads

    out = np.empty(len(packed), values.dtype)
    # Booleans and floats move as integers of their size, so that each size compiles once.
    kind = np.dtype(f"u{values.dtype.itemsize}")
    source, sink = np.ascontiguousarray(values).view(kind), out.view(kind)
    threads.over(lambda a, b: runs.gather(source, packed, a, b, sink), len(packed))
    return frozen(out)
