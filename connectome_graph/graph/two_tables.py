"""Two tables and a domain: what a graph holds, indexed and read-only.

:class:`TwoTables` gives the parts of a graph as tables, arrays and matrices. The verbs that
make new graphs are in ``graph``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from connectome_graph.errors import UnknownName, choice, did_you_mean
from connectome_graph.graph import weights
from connectome_graph.model import selection as select
from connectome_graph.model.domain import Domain
from connectome_graph.model.index import Codes, IdTable, Pointers, SynapseIndex, frozen
from connectome_graph.model.provenance import Provenance
from connectome_graph.model.selection import Selection

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["TwoTables"]


class TwoTables:
    """The neuron table, the synapse index and the domain of a graph, and views of them."""

    __slots__ = ("__weakref__", "_cache", "_domain", "_ids", "_index", "_neurons", "_provenance")

    _neurons: pd.DataFrame
    _ids: IdTable
    _index: SynapseIndex
    _domain: Domain
    _provenance: Provenance
    _cache: dict[str, Any]

    @property
    def _graph(self) -> ConnectomeGraph:
        return cast("ConnectomeGraph", self)

    # -- tables ---------------------------------------------------------------------------

    @property
    def neurons(self) -> pd.DataFrame:
        """The neuron table, indexed by ``root_id``; a copy that may be written to."""
        return self._neurons.copy()

    @property
    def synapses(self) -> pd.DataFrame:
        """The synapse table in canonical order, autapses included; a copy, built when asked."""
        return self._synapse_frame(self.synapse_columns)

    @property
    def edges(self) -> pd.DataFrame:
        """One row an edge: ``pre``, ``post``, ``count`` and, where known, total ``size``."""
        pre, post = self.edge_codes
        data = {"pre": self.ids[pre], "post": self.ids[post], "count": self.edge_counts.copy()}
        if "size" in self.synapse_columns:
            sizes = weights.compute(self._graph, "sum")
            kind = getattr(self.synapse_column("size"), "dtype", None)
            whole = isinstance(kind, np.dtype) and kind.kind in "iu"
            data["size"] = sizes.astype(np.int64).to_numpy() if whole else sizes.to_numpy()
        return pd.DataFrame(data)

    @property
    def domain(self) -> Domain:
        """Which ordered pairs could have been seen."""
        return self._domain

    @property
    def provenance(self) -> Provenance:
        """What was done to reach this graph; print it."""
        return self._provenance

    @property
    def ids(self) -> npt.NDArray[Any]:
        """Root ids, int64 or object of str; an id's position here is its *code*."""
        return self._ids.ids

    # -- sizes ----------------------------------------------------------------------------

    @property
    def n_neurons(self) -> int:
        """Number of neurons, connected or not."""
        return len(self._neurons)

    @property
    def n_synapses(self) -> int:
        """Number of synapses, autapses and those outside the domain included."""
        counts = self._index.columns.get("count")
        return self._index.n_rows if counts is None else int(counts.sum())

    @property
    def n_edges(self) -> int:
        """Number of connected ordered pairs on the domain; autapses are not edges."""
        return len(self.edge_codes[0])

    @property
    def n_autapses(self) -> int:
        """Number of neurons with a synapse onto themselves."""
        return int((self._index.edge_pre == self._index.edge_post).sum())

    @property
    def n_edges_outside(self) -> int:
        """Number of connected ordered pairs of distinct neurons outside the domain."""
        loops = 0 if self._domain.diagonal else self.n_autapses
        return self._index.n_edges - loops - self.n_edges

    @property
    def is_aggregated(self) -> bool:
        """Whether some rows stand for several synapses (``count`` > 1)."""
        if "aggregated" not in self._cache:
            counts = self._index.columns.get("count")
            self._cache["aggregated"] = counts is not None and bool((counts > 1).any())
        return bool(self._cache["aggregated"])

    # -- arrays ---------------------------------------------------------------------------

    @property
    def _on_domain(self) -> npt.NDArray[np.bool_] | slice:
        if "on_domain" not in self._cache:
            keep = self._domain.contains(self._index.edge_pre, self._index.edge_post)
            self._cache["on_domain"] = slice(None) if keep.all() else keep
        mask: npt.NDArray[np.bool_] | slice = self._cache["on_domain"]
        return mask

    @property
    def edge_codes(self) -> tuple[Codes, Codes]:
        """Positions (pre, post) of every edge, int32, sorted by pre, then post; read-only."""
        if "codes" not in self._cache:
            keep = self._on_domain
            pair = self._index.edge_pre[keep], self._index.edge_post[keep]
            self._cache["codes"] = frozen(pair[0]), frozen(pair[1])
        codes: tuple[Codes, Codes] = self._cache["codes"]
        return codes

    @property
    def edge_runs(self) -> tuple[Pointers, Pointers]:
        """First row and end row of every edge in the synapse table, int64; read-only."""
        if "runs" not in self._cache:
            keep, ptr = self._on_domain, self._index.edge_ptr
            self._cache["runs"] = frozen(ptr[:-1][keep]), frozen(ptr[1:][keep])
        runs: tuple[Pointers, Pointers] = self._cache["runs"]
        return runs

    @property
    def edge_counts(self) -> npt.NDArray[np.int64]:
        """Number of synapses of every edge, int64; read-only."""
        if "counts" not in self._cache:
            counts = self._index.columns.get("count")
            start, stop = self.edge_runs
            if counts is None:
                total = stop - start
            else:
                before = np.concatenate([[0], np.cumsum(counts)])
                total = before[stop] - before[start]
            self._cache["counts"] = frozen(total)
        result: npt.NDArray[np.int64] = self._cache["counts"]
        return result

    @property
    def edge_sizes(self) -> npt.NDArray[np.float64]:
        """Total synapse size of every edge, NaN where one is missing; float64, read-only.

        Raises
        ------
        UnknownName
            When the synapses have no ``size``.
        """
        if "sizes" not in self._cache:
            self._cache["sizes"] = frozen(weights.run_totals(self._graph, "size"))
        sizes: npt.NDArray[np.float64] = self._cache["sizes"]
        return sizes

    @property
    def synapse_columns(self) -> tuple[str, ...]:
        """Names of the synapse columns beside ``pre`` and ``post``."""
        return tuple(self._index.columns)

    def synapse_codes(self, end: Literal["pre", "post"]) -> Codes:
        """Return the position of the neuron at one end of every synapse row, int32.

        Parameters
        ----------
        end
            ``"pre"`` or ``"post"``.
        """
        choice(end, ("pre", "post"), name="end")
        codes = self._index.edge_pre if end == "pre" else self._index.edge_post
        return np.repeat(codes, np.diff(self._index.edge_ptr))

    def synapse_column(self, name: str) -> Any:
        """Return one synapse column in canonical order, read-only.

        Parameters
        ----------
        name
            ``"pre"``, ``"post"`` (as root ids) or one of ``g.synapse_columns``.

        Raises
        ------
        UnknownName
            When there is no such column.
        """
        if name in ("pre", "post"):
            return self.ids[self.synapse_codes("pre" if name == "pre" else "post")]
        if name not in self._index.columns:
            known = ["pre", "post", *self.synapse_columns]
            raise UnknownName(
                f"the synapses have no column {name!r}.{did_you_mean(name, known)} "
                f"Columns: {', '.join(known)}"
            )
        return self._index.columns[name]

    def neuron_column(self, name: str) -> pd.Series:
        """Return one neuron column as a Series indexed by root id, a copy.

        Parameters
        ----------
        name
            A column of ``g.neurons``.

        Raises
        ------
        UnknownName
            When there is no such column.
        """
        if name not in self._neurons.columns:
            known = list(map(str, self._neurons.columns))
            raise UnknownName(
                f"the neurons have no column {name!r}.{did_you_mean(name, known)} "
                f"Columns: {', '.join(known) or 'none'}"
            )
        return self._neurons[name].copy()

    def _synapse_frame(self, columns: tuple[str, ...] | list[str]) -> pd.DataFrame:
        data = {"pre": self.synapse_column("pre"), "post": self.synapse_column("post")}
        data |= {name: self._index.columns[name].copy() for name in columns}
        return pd.DataFrame(data, copy=False)

    # -- finding --------------------------------------------------------------------------

    def positions(self, selection: Selection) -> npt.NDArray[np.int64]:
        """Return the ascending positions of neurons chosen by query, mask or ids.

        Parameters
        ----------
        selection
            A pandas query over the neuron columns, a boolean mask, or root ids.
        """
        return select.positions(selection, self._neurons, self._ids)

    def codes_of(self, ids: Any) -> npt.NDArray[np.int64]:
        """Return the position of each root id, in the order given.

        Parameters
        ----------
        ids
            Root ids, integers or text as in the graph.

        Raises
        ------
        UnknownName
            When an id is not a neuron of this graph.
        """
        return select.codes_of(ids, self._ids)

    # -- matrices -------------------------------------------------------------------------

    def adjacency(self, weight: Any = "count") -> scipy.sparse.csr_array:
        """Return the weight of every edge as a sparse matrix, sources x targets.

        Row ``i`` is the ``i``-th source of the domain and column ``j`` its ``j``-th target, in
        table order. Every edge is stored, also where its weight is 0.

        Parameters
        ----------
        weight
            As in :func:`connectome_graph.weights.compute`.
        """
        values = weights.compute(self._graph, weight).to_numpy()
        indptr, indices = self._structure
        shape = self._domain.n_sources, self._domain.n_targets
        # Copies: whoever changes the matrix must not reach the graph.
        return scipy.sparse.csr_array((values, indices.copy(), indptr.copy()), shape=shape)

    @property
    def _structure(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Row pointers and column indices shared by the adjacency of every weight."""
        if "structure" not in self._cache:
            pre, post = self.edge_codes
            # scipy wants both arrays of one type, and int32 wherever that is large enough.
            kind = np.int32 if len(pre) < np.iinfo(np.int32).max else np.int64
            per_source = np.bincount(pre, minlength=self.n_neurons)[self._domain.sources]
            indptr = np.zeros(len(per_source) + 1, kind)
            np.cumsum(per_source, out=indptr[1:])
            indices = post.astype(kind, copy=False)
            if not self._domain.targets.all():
                indices = (np.cumsum(self._domain.targets, dtype=kind) - 1)[post]
            self._cache["structure"] = frozen(indptr), frozen(indices)
        structure: tuple[npt.NDArray[Any], npt.NDArray[Any]] = self._cache["structure"]
        return structure

    def matrix(
        self, weight: Any = "count", *, sort_by: str | list[str] | None = None, absent: float = 0
    ) -> pd.DataFrame:
        """Return the weights as a labelled dense matrix: rows presynaptic, columns postsynaptic.

        Parameters
        ----------
        weight
            As in :func:`connectome_graph.weights.compute`.
        sort_by
            Neuron column (or columns) to sort rows and columns by; ties keep table order.
        absent
            What stands where there is no edge; NaN tells a missing edge from a weight of 0.
        """
        values = self.adjacency(weight).tocoo()
        kind = np.result_type(values.dtype, np.min_scalar_type(absent))
        dense = np.full(values.shape, absent, kind)
        dense[values.row, values.col] = values.data
        ends = (self._domain.sources, self._domain.targets)
        frame = pd.DataFrame(
            dense,
            index=pd.Index(self.ids[ends[0]], name="pre"),
            columns=pd.Index(self.ids[ends[1]], name="post"),
        )
        if sort_by is None:
            return frame
        names = [sort_by] if isinstance(sort_by, str) else list(sort_by)
        for name in names:
            self.neuron_column(name)
        order = self._neurons.reset_index(drop=True).sort_values(names, kind="stable").index
        row, column = (order[end[order]] for end in ends)
        return frame.loc[self.ids[row], self.ids[column]]

    # -- looking --------------------------------------------------------------------------

    def synapses_between(self, pre: Any, post: Any) -> pd.DataFrame:
        """Return the synapses from neuron(s) `pre` onto neuron(s) `post`, given as root ids."""
        ends = [
            self.codes_of([end] if isinstance(end, str) or not np.iterable(end) else list(end))
            for end in (pre, post)
        ]
        spans = [(self._index.out_ptr[i], self._index.out_ptr[i + 1]) for i in np.unique(ends[0])]
        edges = np.concatenate([np.arange(a, b) for a, b in spans] or [np.empty(0, np.int64)])
        edges = edges[np.isin(self._index.edge_post[edges], ends[1])]
        ptr = self._index.edge_ptr
        rows = np.concatenate(
            [np.arange(ptr[e], ptr[e + 1]) for e in edges] or [np.empty(0, np.int64)]
        )
        lengths = ptr[edges + 1] - ptr[edges]
        data: dict[str, Any] = {
            "pre": self.ids[np.repeat(self._index.edge_pre[edges], lengths)],
            "post": self.ids[np.repeat(self._index.edge_post[edges], lengths)],
        }
        data |= {name: values[rows] for name, values in self._index.columns.items()}
        return pd.DataFrame(data, index=pd.Index(rows))

    def equals(self, other: ConnectomeGraph) -> bool:
        """Return whether neurons, synapses, their columns and the domain are the same.

        Provenance is not compared; text stored as ``object`` equals text stored as ``str``.

        Parameters
        ----------
        other
            Another graph.
        """
        from connectome_graph.graph.equality import same_graph

        return same_graph(self._graph, other)
