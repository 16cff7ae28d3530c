"""The edges on the domain: what an index and a domain have in common, computed once.

The index knows every connected pair, autapses and pairs outside the domain among them; the
domain knows which pairs could have been seen. :class:`DomainEdges` is the part of the index that
lies in the domain, as arrays with one entry per edge. Weights, adjacency and every statistic
start from it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidTable, UnknownName, did_you_mean
from connectome_graph.model.domain import Domain
from connectome_graph.model.index import Codes, Pointers, SynapseIndex, frozen

__all__ = ["DomainEdges"]


class DomainEdges:
    """The connected pairs of an index that lie in a domain, sorted by pre, then post.

    Every array is read-only and made when it is first asked for.

    Parameters
    ----------
    index
        The synapses and the runs they form.
    domain
        Which pairs could have been seen.

    Examples
    --------
    >>> import numpy as np
    >>> ends = [np.array([0, 0, 1, 2], np.int32), np.array([1, 1, 0, 2], np.int32)]
    >>> edges = DomainEdges(SynapseIndex.build(ends, 3, {}), Domain.full(3))
    >>> edges.codes
    (array([0, 1], dtype=int32), array([1, 0], dtype=int32))
    >>> edges.counts
    array([2, 1])
    """

    def __init__(self, index: SynapseIndex, domain: Domain) -> None:
        self.index = index
        self.domain = domain
        self._named: pd.MultiIndex | None = None

    def __len__(self) -> int:
        return len(self.codes[0])

    def named(self, ids: pd.Index) -> pd.MultiIndex:
        """Return the root ids (pre, post) of every edge as an index, made once.

        Parameters
        ----------
        ids
            The root ids by position; the same ones each time.
        """
        if self._named is None:
            pre, post = self.codes
            # The levels share the neuron table's ids: an index costs two small codes an edge.
            ends: dict[str, Any] = {"levels": [ids, ids], "codes": [pre, post]}
            self._named = pd.MultiIndex(**ends, names=["pre", "post"], verify_integrity=False)
        return self._named

    @cached_property
    def _inside(self) -> npt.NDArray[np.bool_] | slice:
        """Which edges of the index are on the domain; a slice when all are, to copy nothing."""
        keep = self.domain.contains(self.index.edge_pre, self.index.edge_post)
        return slice(None) if keep.all() else keep

    @cached_property
    def codes(self) -> tuple[Codes, Codes]:
        """Positions (pre, post) of every edge, int32."""
        keep = self._inside
        return frozen(self.index.edge_pre[keep]), frozen(self.index.edge_post[keep])

    @cached_property
    def runs(self) -> tuple[Pointers, Pointers]:
        """First row and end row of every edge in the synapse table, int64."""
        keep, ptr = self._inside, self.index.edge_ptr
        return frozen(ptr[:-1][keep]), frozen(ptr[1:][keep])

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """Number of synapses of every edge, int64."""
        counts = self.index.columns.get("count")
        start, stop = self.runs
        if counts is None:
            return frozen(stop - start)
        before = np.concatenate([[0], np.cumsum(counts)])
        return frozen(before[stop] - before[start])

    @cached_property
    def sizes(self) -> npt.NDArray[np.float64]:
        """Total synapse size of every edge, float64, NaN where one is missing."""
        return self.totals("size")

    @cached_property
    def is_aggregated(self) -> bool:
        """Whether some rows stand for several synapses (``count`` > 1)."""
        counts = self.index.columns.get("count")
        return counts is not None and bool((counts > 1).any())

    @cached_property
    def structure(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Row pointers and column indices of the sources x targets matrix of the edges."""
        pre, post = self.codes
        # scipy wants both arrays of one type, and int32 wherever that is large enough.
        kind = np.int32 if len(pre) < np.iinfo(np.int32).max else np.int64
        per_source = np.bincount(pre, minlength=self.index.n_neurons)[self.domain.sources]
        indptr = np.zeros(len(per_source) + 1, kind)
        np.cumsum(per_source, out=indptr[1:])
        indices = post.astype(kind, copy=False)
        if not self.domain.targets.all():
            indices = (np.cumsum(self.domain.targets, dtype=kind) - 1)[post]
        return frozen(indptr), frozen(indices)

    def numbers(self, column: str) -> npt.NDArray[Any]:
        """Return a synapse column as numbers, one per row of the synapse table.

        Raises
        ------
        UnknownName
            When there is no such column.
        InvalidTable
            When it holds no numbers.
        """
        if column not in self.index.columns:
            if column == "size":
                raise UnknownName(
                    "this graph's synapses have no 'size'; use weight='count' or 'binary', or "
                    "name the size column when building: columns={'size': <your column>}"
                )
            known = list(self.index.columns)
            raise UnknownName(
                f"the synapses have no column {column!r}.{did_you_mean(column, known)} "
                f"Columns that a weight can use: {', '.join(known) or 'none'}"
            )
        values = self.index.columns[column]
        if isinstance(values, np.ndarray) and values.dtype.kind in "iufb":
            return values
        try:
            return np.asarray(pd.array(values).to_numpy(dtype=float, na_value=np.nan), float)
        except (TypeError, ValueError) as error:
            raise InvalidTable(
                f"synapse column {column!r} holds {getattr(values, 'dtype', 'text')}, and a "
                "weight needs numbers"
            ) from error

    def totals(self, column: str) -> npt.NDArray[np.float64]:
        """Return the total of a synapse column over each edge, float64.

        Whole numbers are added as integers, so that they stay exact.

        Raises
        ------
        UnknownName, InvalidTable
            As :meth:`numbers`.
        """
        from connectome_graph._kernels import runs, threads

        values = self.numbers(column)
        start, stop = self.runs
        if values.dtype.kind == "b":
            values = values.astype(np.int64)
        out = np.empty(len(start))
        threads.over(lambda a, b: runs.sum_runs(values, start, stop, a, b, out), len(start))
        return frozen(out)

    def reduced(self, values: npt.NDArray[Any], how: str) -> npt.NDArray[np.float64]:
        """Return ``mean``, ``max``, ``min``, ``median`` or ``std`` of `values` over each edge."""
        start, stop = self.runs
        lengths = stop - start
        edge = np.repeat(np.arange(len(start)), lengths)
        first = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        rows = np.repeat(start - first, lengths) + np.arange(len(edge))
        grouped = pd.Series(np.asarray(values[rows], float)).groupby(edge, sort=True)
        return np.asarray(getattr(grouped, how)().to_numpy(), float)
