"""ConnectomeGraph: an immutable, indexed view of two valid tables and their domain.

The class holds tables and selects; it computes no statistic. Everything that makes a number
is a function in ``stats``, ``motifs`` or ``skeletons``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse
from pandas.api.types import is_list_like

from connectome_graph.border.arguments import By, check_switch, number, shown, whole
from connectome_graph.border.doors import guard_methods
from connectome_graph.border.values import ends_of
from connectome_graph.errors import InvalidArgument, UnknownName, choice, did_you_mean
from connectome_graph.graph import equality, summary
from connectome_graph.graph.annotation import joined, synapse_values
from connectome_graph.graph.edge_values import Weight, edge_values
from connectome_graph.graph.edges import DomainEdges
from connectome_graph.graph.merging import merged_neurons
from connectome_graph.graph.pair_tables import read_pairs
from connectome_graph.graph.totals import Total, totals_of
from connectome_graph.graph.volumes import entering_box, sharing_volumes
from connectome_graph.model import selection as select
from connectome_graph.model.domain import Domain
from connectome_graph.model.expressions.parsing import parse
from connectome_graph.model.expressions.rows import column_mask
from connectome_graph.model.index import Codes, IdTable, Pointers, SynapseIndex
from connectome_graph.model.labels import LabelCache, Labels, Missing, column_of
from connectome_graph.model.left_out import LeftOut
from connectome_graph.model.pairs import PairSet
from connectome_graph.model.positions import Resolution
from connectome_graph.model.provenance import Provenance
from connectome_graph.model.recall import RecallOf, read_recall, recall_values
from connectome_graph.model.selection import Selection
from connectome_graph.model.transmitters import Signs, sign_table, signs_of

__all__ = ["ConnectomeGraph", "noted"]


class ConnectomeGraph:
    """Neurons, the synapses between them, and which pairs could have been seen.

    A directed multigraph: neurons carry annotations (type, position, proofreading), synapses
    carry size, position, compartment. An *edge* is an ordered pair of distinct neurons inside
    the domain with at least one synapse. Autapses and synapses outside the domain stay in the
    multigraph and are counted, and are never edges. Graphs are immutable: every verb returns
    a new one. Make graphs with :func:`from_tables`, :func:`from_edges`,
    :func:`from_adjacency`, :func:`from_cave` or ``datasets``.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> neurons = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["23P", "BC", "BC"]})
    >>> synapses = pd.DataFrame({"pre": [1, 1, 2, 3], "post": [2, 2, 1, 3], "size": [5, 7, 2, 1]})
    >>> g = cg.from_tables(synapses, neurons)
    >>> g
    <ConnectomeGraph: 3 neurons, 2 edges, 4 synapses, 1 autapse; domain all, 6 pairs>
    >>> g.edges
       pre  post  count  size
    0    1     2      2    12
    1    2     1      1     2
    """

    __slots__ = ("__weakref__", "_edges", "_hash", "_ids", "_labels", "_neurons", "_provenance")

    _neurons: pd.DataFrame
    _ids: IdTable
    _labels: LabelCache
    _edges: DomainEdges
    _hash: int | None
    _provenance: Provenance

    #: How networkx finds the functions of ours that it may call on this class.
    __networkx_backend__ = "connectome_graph"

    def __init__(self) -> None:
        raise TypeError(
            "make a graph with from_tables, from_edges, from_adjacency, from_cave or datasets"
        )

    @classmethod
    def _new(
        cls,
        neurons: pd.DataFrame,
        index: SynapseIndex,
        domain: Domain,
        provenance: Provenance,
        *,
        like: ConnectomeGraph | None = None,
    ) -> ConnectomeGraph:
        """Return a graph of valid parts; every new graph passes here with its provenance.

        What `like` has derived from parts that are the same objects is shared with it.
        """
        g = object.__new__(cls)
        g._neurons, g._provenance, g._hash = neurons, provenance, None
        shared = like if like is not None and neurons.index is like._neurons.index else None
        g._ids = IdTable(neurons.index.to_numpy()) if shared is None else shared._ids
        shared = like if like is not None and neurons is like._neurons else None
        g._labels = LabelCache(neurons) if shared is None else shared._labels
        old = None if like is None else like._edges
        kept = old is not None and index is old.index and domain is old.domain
        g._edges = old if old is not None and kept else DomainEdges(index, domain)
        return g

    @classmethod
    def from_parts(
        cls,
        neurons: pd.DataFrame,
        index: SynapseIndex,
        *,
        domain: Domain,
        provenance: Provenance,
    ) -> ConnectomeGraph:
        """Return the graph of valid `neurons`, `index`, `domain`, `provenance`; unchecked."""
        return cls._new(neurons, index, domain, provenance)

    def _next(
        self,
        verb: str,
        sentence: str,
        *,
        neurons: pd.DataFrame | None = None,
        index: SynapseIndex | None = None,
        domain: Domain | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> ConnectomeGraph:
        """Return this graph with some parts replaced and one more step of provenance."""
        return self._new(
            self._neurons if neurons is None else neurons,
            self._index if index is None else index,
            self._domain if domain is None else domain,
            self._provenance.then(verb, sentence, **(facts or {})),
            like=self,
        )

    @property
    def _index(self) -> SynapseIndex:
        return self._edges.index

    @property
    def _domain(self) -> Domain:
        return self._edges.domain

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
        """One row per edge: ``pre``, ``post``, ``count`` and, where known, total ``size``."""
        pre, post = self.edge_codes
        data = {"pre": self.ids[pre], "post": self.ids[post], "count": self.edge_counts.copy()}
        if "size" in self.synapse_columns:
            kind = getattr(self.synapse_column("size"), "dtype", None)
            whole = isinstance(kind, np.dtype) and kind.kind in "iu"
            data["size"] = self.edge_sizes.astype(np.int64 if whole else np.float64)
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
        return self._edges.is_aggregated

    @property
    def left_out(self) -> pd.DataFrame:
        """Inputs of every neuron that verbs have left out since the graph was built.

        ``n_inputs`` (int64, synapses) and, where synapses have a size, ``input_size`` (float64):
        what ``subgraph``, ``between``, ``filter_synapses``, ``threshold``, ``collapse`` and
        ``merge`` took away; autapses are not counted. Bundles and GraphML keep them, and ``==``
        does not look at them, as at the provenance.

        Examples
        --------
        >>> import connectome_graph as cg
        >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 3, 0]]).subgraph([1, 2])
        >>> g.left_out["n_inputs"].tolist()
        [0, 3]

        Shares of all inputs that were seen, and not of those that are left:

        >>> every = g.left_out["n_inputs"] + g.edges.groupby("post")["count"].sum()
        >>> cg.weights.compute(g, "input_fraction", total=every).tolist()
        [0.4, 1.0]
        """
        found = self._index.left_out or LeftOut.none(self.n_neurons)
        table = pd.DataFrame({"n_inputs": found.inputs.copy()}, index=self._neurons.index)
        if "size" in self.synapse_columns:
            table["input_size"] = found.sizes.copy()
        return table

    # -- arrays ---------------------------------------------------------------------------

    @property
    def edge_codes(self) -> tuple[Codes, Codes]:
        """Positions (pre, post) of every edge, int32, sorted by pre, then post; read-only."""
        return self._edges.codes

    @property
    def edge_runs(self) -> tuple[Pointers, Pointers]:
        """First row and end row of every edge in the synapse table, int64; read-only."""
        return self._edges.runs

    @property
    def edge_counts(self) -> npt.NDArray[np.int64]:
        """Number of synapses of every edge, int64; read-only."""
        return self._edges.counts

    @property
    def edge_sizes(self) -> npt.NDArray[np.float64]:
        """Total synapse size of every edge, NaN where one is missing; float64, read-only.

        Raises
        ------
        UnknownName
            When the synapses have no ``size``.
        """
        return self._edges.sizes

    @property
    def _edge_index(self) -> pd.MultiIndex:
        return self._edges.named(self._neurons.index)

    def _edge_values(
        self, weight: Weight, total: Total | None = None
    ) -> tuple[npt.NDArray[Any], str]:
        totals = None if total is None else totals_of(self._neurons, self._ids, total)
        return edge_values(self._edges, weight, ids=self._neurons.index, totals=totals)

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
        return column_of(self._neurons, name).copy()

    def labels(self, by: By, *, missing: Missing = "drop") -> Labels:
        """Return the type of every neuron as a code, and the names of the types.

        Made once for a neuron table and shared by every graph that has it, null samples too.

        Parameters
        ----------
        by
            A neuron column, or a list of columns: then a type is a combination of their values,
            named ``"a | b"``.
        missing
            What a neuron without a value is: ``"drop"`` gives it no type (code -1), ``"own"``
            a type of its own, the last, called ``unknown``.

        Returns
        -------
        Labels
            ``codes`` (int64, one per neuron), ``names`` (the types: sorted, or in the order of the
            categories), ``sizes``, ``n_unlabelled``; read-only.

        Raises
        ------
        UnknownName
            When there is no such column.

        Examples
        --------
        >>> import pandas as pd, connectome_graph as cg
        >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["BC", None, "23P"]})
        >>> g = cg.from_tables(pd.DataFrame({"pre": [1], "post": [2]}), cells)
        >>> types = g.labels("cell_type")
        >>> types.codes.tolist(), list(types.names)
        ([1, -1, 0], ['23P', 'BC'])
        >>> list(g.labels("cell_type", missing="own").names)
        ['23P', 'BC', 'unknown']
        """
        return self._labels.get(by, missing)

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
            An expression over the neuron columns, a boolean mask, or root ids.
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

    def adjacency(self, weight: Weight = "count") -> scipy.sparse.csr_array:
        """Return the weight of every edge as a sparse matrix, sources x targets.

        Row ``i`` is the ``i``-th source of the domain and column ``j`` its ``j``-th target, in
        table order. Every edge is stored, also where its weight is 0.

        Parameters
        ----------
        weight
            As in :func:`connectome_graph.weights.compute`.
        """
        values, _ = self._edge_values(weight)
        indptr, indices = self._edges.structure
        shape = self._domain.n_sources, self._domain.n_targets
        # Copies: whoever changes the matrix must not reach the graph.
        return scipy.sparse.csr_array((values, indices.copy(), indptr.copy()), shape=shape)

    def matrix(
        self, weight: Weight = "count", *, sort_by: By | None = None, absent: float = 0
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
        if not (sort_by is None or isinstance(sort_by, str) or is_list_like(sort_by)):
            raise InvalidArgument(
                f"sort_by={shown(sort_by)}; it must be a neuron column, or a list of them"
            )
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

    # -- comparing ------------------------------------------------------------------------

    def equals(self, other: ConnectomeGraph) -> bool:
        """Return whether neurons, synapses, their columns and the domain are the same.

        The rule behind ``==``. Provenance is not compared, nor the order of synapse columns;
        text stored as ``object`` equals text stored as ``str``, and an integer column equals a
        nullable one, but never a float one.

        Parameters
        ----------
        other
            Another graph.

        Examples
        --------
        >>> import connectome_graph as cg
        >>> g = cg.from_adjacency([[0, 2], [1, 0]])
        >>> g == g.threshold(min_synapses=1), g == g.threshold(min_synapses=2)
        (True, False)
        >>> len({g, g.threshold(min_synapses=1)})
        1
        """
        ours, theirs = (equality.Content(g._neurons, g._index, g._domain) for g in (self, other))
        return self is other or equality.same_content(ours, theirs)

    def __eq__(self, other: object) -> bool:
        return self.equals(other) if isinstance(other, ConnectomeGraph) else NotImplemented

    def __hash__(self) -> int:
        # Of what no two equal graphs differ in: which neurons connect, by how many synapse rows.
        if self._hash is None:
            content = equality.Content(self._neurons, self._index, self._domain)
            self._hash = equality.content_hash(content)
        return self._hash

    # -- selecting ------------------------------------------------------------------------

    def _mask(self, selection: Selection | None) -> npt.NDArray[np.bool_]:
        mask = np.zeros(self.n_neurons, bool)
        mask[slice(None) if selection is None else self.positions(selection)] = True
        return mask

    def _keep(
        self, edges: npt.NDArray[np.bool_], neurons: npt.NDArray[np.bool_]
    ) -> tuple[pd.DataFrame, SynapseIndex, npt.NDArray[np.int64]]:
        at = np.flatnonzero(neurons)
        if len(at) == self.n_neurons:
            return self._neurons, self._index.take_edges(edges), at
        return self._neurons.iloc[at], self._index.take_edges(edges, at), at

    def subgraph(self, selection: Selection) -> ConnectomeGraph:
        """Return the graph of some neurons and every synapse between them.

        Parameters
        ----------
        selection
            An expression over the neuron columns, such as ``"cell_type == 'BC'"`` (see
            :doc:`/expressions`), a boolean mask, or root ids.

        Examples
        --------
        >>> import connectome_graph as cg
        >>> g = cg.from_adjacency([[0, 2], [1, 0]])
        >>> g.subgraph([0 + 1]).n_neurons
        1
        """
        inside = self._mask(selection)
        edges = inside[self._index.edge_pre] & inside[self._index.edge_post]
        neurons, index, at = self._keep(edges, inside)
        return self._next(
            "subgraph",
            f"Of {self.n_neurons:,} neurons {len(at):,} were kept{_quoted(selection)}, with the "
            f"{index.n_rows:,} synapse rows between them.",
            neurons=neurons,
            index=index,
            domain=self._domain.take(at),
            facts={"selection": _told(selection), "n_neurons": len(at)},
        )

    def between(
        self, *, pre: Selection | None = None, post: Selection | None = None
    ) -> ConnectomeGraph:
        """Return the graph of the synapses from some neurons onto others.

        The domain becomes its part with sources in `pre` and targets in `post`; neurons in
        neither are left out. A neuron that receives nothing is still a target.

        Parameters
        ----------
        pre, post
            An expression, a boolean mask, or root ids; ``None`` takes every neuron.
        """
        rows, columns = self._mask(pre), self._mask(post)
        edges = rows[self._index.edge_pre] & columns[self._index.edge_post]
        neurons, index, at = self._keep(edges, rows | columns)
        domain = self._domain.restrict(sources=rows, targets=columns).take(at)
        return self._next(
            "between",
            f"Synapses from {int(rows.sum()):,} neurons{_quoted(pre)} onto "
            f"{int(columns.sum()):,}{_quoted(post)} were kept.",
            neurons=neurons,
            index=index,
            domain=domain,
            facts={"pre": _told(pre), "post": _told(post), **domain.describe()},
        )

    def filter_synapses(
        self, selection: str | npt.ArrayLike, *, neurons: Literal["all", "touched"] = "all"
    ) -> ConnectomeGraph:
        """Return the graph with only some synapses; all neurons stay.

        Parameters
        ----------
        selection
            An expression over the synapse columns, or a boolean array with one entry per row
            of ``g.synapses``. A missing answer leaves the synapse out.
        neurons
            Which neurons stay in the domain: ``"all"``, or those ``"touched"`` by a synapse that
            was kept, so that a neuropil's density is its own.
        """
        choice(neurons, ("all", "touched"), name="neurons")
        if isinstance(selection, str):
            names = ["pre", "post", *self.synapse_columns]
            keep = column_mask(parse(selection), names, self.synapse_column)
        else:
            keep = select.boolean_mask(selection, self._index.n_rows, what="a synapse mask")
        index = self._index.take_rows(keep)
        sentence = (
            f"Of {len(keep):,} synapse rows {int(keep.sum()):,} were kept{_quoted(selection)}"
        )
        facts = {"selection": _told(selection), "n_kept": int(keep.sum())}
        if neurons == "all":
            return self._next("filter_synapses", f"{sentence}.", index=index, facts=facts)
        touched = np.zeros(self.n_neurons, bool)
        touched[index.edge_pre] = touched[index.edge_post] = True
        domain = self._domain.restrict(sources=touched, targets=touched)
        return self._next(
            "filter_synapses",
            f"{sentence}, and the {int(touched.sum()):,} neurons with one of them stayed in the "
            "domain.",
            index=index,
            domain=domain,
            facts={**facts, "neurons": neurons, **domain.describe()},
        )

    def threshold(
        self,
        *,
        min_synapses: int | None = None,
        weight: Weight | None = None,
        at_least: float | None = None,
        total: Total | None = None,
    ) -> ConnectomeGraph:
        """Return the graph without weak connections, by number of synapses or by any weight.

        Parameters
        ----------
        min_synapses
            Leave out pairs of fewer synapses, those outside the domain and autapses too.
        weight, at_least
            Leave out edges whose weight is below `at_least`, or missing. A weight is one of an
            edge of the domain: pairs outside it and autapses stay as they are.
        total
            With ``weight="input_fraction"`` (or output): what the fraction divides by, such as a
            neuron column that counts all inputs (:func:`connectome_graph.weights.compute`).

        Raises
        ------
        InvalidArgument
            When neither or both thresholds are given, or one of them is out of range.

        Examples
        --------
        >>> import connectome_graph as cg
        >>> g = cg.from_adjacency([[0, 9, 1], [1, 0, 9], [0, 0, 0]])
        >>> g.threshold(min_synapses=2).n_edges
        2
        >>> g.threshold(weight="input_fraction", at_least=0.5).n_edges
        3
        """
        if (min_synapses is None) == (weight is None) or (weight is None) != (at_least is None):
            raise InvalidArgument(
                "give min_synapses, or weight together with at_least, as in "
                "threshold(weight='input_fraction', at_least=0.01)"
            )
        if weight is not None:
            return self._weight_threshold(weight, number(at_least, name="at_least"), total)
        if total is not None:
            raise InvalidArgument("total is what the fractions of a weight divide by; give weight")
        least = whole(min_synapses, name="min_synapses")
        counts = self._index.columns.get("count")
        ptr = self._index.edge_ptr
        before = ptr if counts is None else np.concatenate([[0], np.cumsum(counts)])[ptr]
        keep = np.diff(before) >= least
        return self._next(
            "threshold",
            f"Connections of fewer than {least} synapses were left out "
            f"({int((~keep).sum()):,} of {len(keep):,} connected pairs).",
            index=self._index.take_edges(keep),
            facts={"min_synapses": least, "n_pairs_dropped": int((~keep).sum())},
        )

    def _weight_threshold(
        self, weight: Weight, at_least: float, total: Total | None
    ) -> ConnectomeGraph:
        values, name = self._edge_values(weight, total)
        strong = np.asarray(values, float) >= at_least
        keep = np.ones(self._index.n_edges, bool)
        keep[np.searchsorted(self._index.edge_ptr[:-1], self.edge_runs[0][~strong])] = False
        by = f" over {total}" if isinstance(total, str) else "" if total is None else " over totals"
        return self._next(
            "threshold",
            f"Edges with a {name}{by} below {at_least:g} were left out "
            f"({int((~strong).sum()):,} of {len(strong):,} edges).",
            index=self._index.take_edges(keep),
            facts={
                "weight": name,
                "at_least": at_least,
                "total": total if isinstance(total, str) or total is None else "given",
                "n_edges_dropped": int((~strong).sum()),
                "n_without_weight": int(np.isnan(np.asarray(values, float)).sum()),
            },
        )

    def observed(self, policy: Any) -> ConnectomeGraph:
        """Return the graph on the pairs that proofreading lets one believe.

        Synapses stay; the domain shrinks. See :mod:`connectome_graph.policies`.

        Parameters
        ----------
        policy
            ``"strict"``, ``"permissive"``, ``"all"``, a
            :class:`~connectome_graph.policies.Policy`, or a function of the neuron table that
            returns two boolean masks, sources and targets.
        """
        from connectome_graph.model.policies import observable

        sources, targets, name, facts = observable(self._neurons, policy)
        domain = self._domain.restrict(sources=sources, targets=targets, policy=name)
        outside = self._n_outside(domain)
        return self._next(
            "observed",
            f"Under the proofreading policy {name!r}, {domain.n_sources:,} neurons were sources "
            f"and {domain.n_targets:,} targets: {domain.n_pairs:,} observable ordered pairs; "
            f"{outside:,} connected pairs fell outside.",
            domain=domain,
            facts={**facts, **domain.describe(), "n_edges_outside": outside},
        )

    def within(
        self,
        pairs: Any = None,
        *,
        exposure: str | None = None,
        symmetric: bool = False,
        unknown: Literal["raise", "drop"] = "raise",
        box_um: Sequence[Sequence[float]] | None = None,
        neuropil: str | None = None,
    ) -> ConnectomeGraph:
        """Return the graph on the pairs of neurons that could have met.

        Synapses stay; the domain shrinks to the given pairs of sources and targets, and every
        statistic and null model follows it. A connected pair that is not among them falls
        outside, and is counted. Exactly one of `pairs`, `box_um` and `neuropil` is given.

        Parameters
        ----------
        pairs
            The ordered pairs: a table with ``pre`` and ``post`` (or indexed by them), a sparse
            matrix over ``g.ids`` (or over sources x targets) whose entries are not 0, or another
            graph, whose edges they are.
        exposure
            How much each pair met: a column of the table, such as a contact area or co-travel
            length, finite and not negative; rows of one pair add up. For a matrix what its values
            are; for a graph one of its weights; for `neuropil` the name that the number of shared
            ones gets. ``None``: pairs without exposure.
        symmetric
            Whether each contact counts both ways, as where a table lists it once.
        unknown
            ``"raise"`` or ``"drop"``: what happens to pairs of neurons that are not in the graph.
        box_um
            ``((x0, x1), (y0, y1), (z0, z1))`` in um: the pairs of a neuron with an output and one
            with an input in the box. They are sources x targets, so this costs no memory.
        neuropil
            Synapse column that names the volume of each synapse: the pairs of a neuron with an
            output and one with an input in the same volume.
            :func:`connectome_graph.skeletons.shared_volumes` tells it from arbors.

        Raises
        ------
        InvalidTable
            When ids are floats or unknown, or exposures missing, negative or contradictory.
        InvalidArgument
            When not exactly one kind of pairs is given, or a box is none.
        UnknownName
            When there is no column `exposure` or `neuropil`, or the synapses have no positions.

        Examples
        --------
        >>> import pandas as pd, connectome_graph as cg
        >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]])
        >>> contacts = pd.DataFrame({"pre": [1, 2], "post": [2, 3], "area": [1.5, 0.5]})
        >>> touching = g.within(contacts, exposure="area", symmetric=True)
        >>> touching.domain
        Domain('all': 3 sources x 3 targets, 4 pairs that could have met, area 4)
        >>> touching.n_edges, touching.n_edges_outside
        (2, 1)
        """
        check_switch(symmetric, name="symmetric")
        ways = {"pairs": pairs, "box_um": box_um, "neuropil": neuropil}
        given = [name for name, value in ways.items() if value is not None]
        if len(given) != 1:
            raise InvalidArgument(
                f"within needs exactly one of pairs, box_um and neuropil; found "
                f"{' and '.join(given) or 'none'}"
            )
        domain = self._domain
        facts: dict[str, Any] = {}
        if box_um is not None:
            sources, targets = entering_box(self._index, box_um)
            domain = domain.restrict(sources=sources, targets=targets, policy="box")
            facts["box_um"] = [list(map(float, axis)) for axis in box_um]
        else:
            found, facts = self._pairs(pairs, exposure, neuropil, symmetric, unknown)
            domain = domain.within(found)
        facts |= domain.describe()
        facts["n_edges_outside"] = outside = self._n_outside(domain)
        return self._next(
            "within",
            f"Of {self._domain.n_pairs:,} ordered pairs {domain.said} were kept; {outside:,} "
            "connected pairs fell outside.",
            domain=domain,
            facts=facts,
        )

    def _pairs(
        self, pairs: Any, exposure: str | None, neuropil: str | None, *how: Any
    ) -> tuple[PairSet, dict[str, Any]]:
        """Return the pairs that a table, matrix, graph or synapse column gives, and its facts."""
        if neuropil is not None:
            return sharing_volumes(self._index, neuropil, name=exposure)
        if isinstance(pairs, ConnectomeGraph):
            weight = None if exposure is None else pairs._edge_values(exposure)[0]
            pre, post = (pairs.ids[codes] for codes in pairs.edge_codes)
            pairs = pd.DataFrame({"pre": pre, "post": post})
            if exposure is not None:
                pairs[exposure] = weight
        symmetric, unknown = how
        return read_pairs(
            pairs, self._ids, self._domain, exposure=exposure, symmetric=symmetric, unknown=unknown
        )

    def _n_outside(self, domain: Domain) -> int:
        inside = domain.contains(self._index.edge_pre, self._index.edge_post)
        loops = 0 if domain.diagonal else self.n_autapses
        return self._index.n_edges - loops - int(inside.sum())

    # -- annotating -----------------------------------------------------------------------

    def annotate(
        self,
        table: Any,
        *,
        on: str = "root_id",
        overwrite: bool = False,
        resolution_nm: Resolution | None = None,
    ) -> ConnectomeGraph:
        """Return the graph with columns of `table` joined onto its neurons by root id.

        Neurons that `table` does not name get missing values (integers stay integers).

        Parameters
        ----------
        table
            A table of any library with a ``root_id`` or ``pt_root_id`` column or index, or a
            Series indexed by root id.
        on
            Another neuron column to join on, such as ``"cell_type"``: one row for each value.
        overwrite
            Whether columns of the same name are replaced.
        resolution_nm
            Nanometres per unit of a position column, which becomes ``x_um y_um z_um``.

        Raises
        ------
        InvalidTable
            When an id occurs twice, or a column is already there and `overwrite` is false.
        """
        neurons, facts = joined(
            self._neurons,
            table,
            self._ids,
            overwrite=overwrite,
            on=on,
            resolution_nm=resolution_nm,
        )
        return self._next(
            "annotate",
            f"Columns {', '.join(facts['columns'])} were joined onto {facts['n_matched']:,} of "
            f"{self.n_neurons:,} neurons.",
            neurons=neurons,
            facts=facts,
        )

    def annotate_synapses(
        self,
        columns: Mapping[str, Any],
        *,
        verb: str = "annotate_synapses",
        sentence: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> ConnectomeGraph:
        """Return the graph with synapse columns added, aligned with ``g.synapses``.

        `verb`, `sentence` and `facts` tell the provenance how the columns were made.

        Raises
        ------
        InvalidTable
            When a column has another length than the synapse table.
        """
        valid = {
            name: synapse_values(name, values, self._index.n_rows)
            for name, values in columns.items()
        }
        return self._next(
            verb,
            sentence or f"Synapse columns {', '.join(valid)} were added.",
            index=self._index.with_columns(valid),
            facts={"columns": list(valid), **(facts or {})},
        )

    def rewired(
        self,
        pre: npt.ArrayLike,
        post: npt.ArrayLike,
        *,
        columns: Mapping[str, Any] | None = None,
        verb: str,
        sentence: str,
        facts: Mapping[str, Any] | None = None,
    ) -> ConnectomeGraph:
        """Return a graph on the same neurons and domain with exactly the given edges.

        What null models return.

        Parameters
        ----------
        pre, post
            Positions of the ends in ``g.ids``, one pair an edge, in any order.
        columns
            Arrays with one entry per edge, such as ``count`` and ``size``; they move with it.
        verb, sentence, facts
            The step of provenance: what was done, in words, and its numbers.
        """
        pre, post = (end.astype(np.int32, copy=False) for end in ends_of(pre, post, self.n_neurons))
        held = columns or {}
        odd = [name for name, values in held.items() if np.shape(values)[:1] != pre.shape]
        if odd:
            raise InvalidArgument(
                f"columns need one entry for each of {len(pre):,} rows; found another number in "
                f"{', '.join(map(repr, odd))}"
            )
        if _is_sorted(pre, post):
            held = {name: np.array(values) for name, values in held.items()}
            index = SynapseIndex.from_sorted(
                pre, post.copy(), self.n_neurons, held, like=self._same_rows(pre)
            )
        else:
            index = SynapseIndex.build([pre, post], self.n_neurons, held)
        if self._index.left_out is not None:
            index = replace(index, left_out=self._index.left_out)
        return self._next(verb, sentence, index=index, facts=facts)

    def _same_rows(self, pre: Codes) -> SynapseIndex | None:
        """Return the index where `pre` are its edges' neurons, as in samples of many nulls."""
        same = pre is self.edge_codes[0] and len(pre) == self._index.n_edges
        return self._index if same else None

    def signed(self, signs: Signs, *, column: str = "nt_type") -> ConnectomeGraph:
        """Return the graph with the sign of every synapse: +1 excites, -1 inhibits.

        The transmitter is a column of the neurons (that of the presynaptic neuron counts), or,
        where the neurons have none of that name, of the synapses. Weights ``sign`` and
        ``signed_count`` and the motif relation ``A -| B`` read it.

        Parameters
        ----------
        signs
            ``"fly"`` (acetylcholine excites; GABA, glutamate and histamine inhibit), ``"mouse"``
            (glutamate excites; GABA and glycine inhibit), or your own table, such as
            ``{"ACH": 1, "GABA": -1}``. Transmitters outside the table have no sign.
        column
            The column of transmitters.

        Raises
        ------
        InvalidArgument
            When the table is none.
        UnknownName
            When neither neurons nor synapses have the column.

        Examples
        --------
        >>> import pandas as pd, connectome_graph as cg
        >>> cells = pd.DataFrame({"root_id": [1, 2], "nt_type": ["ACH", "GABA"]})
        >>> g = cg.from_adjacency([[0, 3], [2, 0]], cells).signed("fly")
        >>> cg.weights.compute(g, "signed_count").tolist()
        [3.0, -2.0]
        """
        table = sign_table(signs)
        on_neurons = column in self._neurons.columns or column not in self.synapse_columns
        if on_neurons:
            found = signs_of(self.neuron_column(column), table)
            rows = found[self.synapse_codes("pre")]
        else:
            found = rows = signs_of(pd.Series(self.synapse_column(column)), table)
        neurons = self._neurons.assign(sign=_as_signs(found)) if on_neurons else None
        unknown = int(np.isnan(found).sum())
        what = "neurons" if on_neurons else "synapse rows"
        told = f"the table {signs!r}" if isinstance(signs, str) else "a table of the user's"
        return self._next(
            "signed",
            f"Synapses got the sign of their transmitter ({column}) by {told}; {unknown:,} of "
            f"{len(found):,} {what} have none.",
            neurons=neurons,
            index=self._index.with_columns({"sign": _as_signs(rows)}),
            facts={"column": column, "signs": table, "n_without_sign": unknown},
        )

    def with_recall(
        self,
        *,
        axon: RecallOf | None = None,
        dendrite: RecallOf | None = None,
        axon_sd: RecallOf | None = None,
        dendrite_sd: RecallOf | None = None,
        tiers: pd.DataFrame | Mapping[Any, float] | None = None,
    ) -> ConnectomeGraph:
        """Return the graph with how completely every neuron was seen.

        With nothing given it is read from the best column that the release has for it: an
        attributed fraction (``axon_completeness``, ``fraction_pre``, ...), truncated ends
        (``axon_truncated_ends`` of ``axon_ends``), CAVE's proofreading strategies, trust, or
        ``cropped``, ``proofread`` and ``completed``; the last four by a table of `tiers`.

        `axon` is the share of a neuron's outputs that is traced, `dendrite` that of its inputs.
        ``stats.density``, ``degrees``, ``dyads`` and ``type_matrix`` correct for it with
        ``recall="correct"``.

        Parameters
        ----------
        axon, dendrite
            A number from 0 to 1 for all, a neuron column (such as a completeness column of a
            release), or a pair of a column and a table, such as
            ``("strategy_axon", {"axon_fully_extended": 0.95, "axon_partially_extended": 0.4})``.
        axon_sd, dendrite_sd
            How well that is known: standard deviations, given the same ways.
        tiers
            Recall by proofreading tier, where it is read from the columns: a table as
            :func:`connectome_graph.stats.recall_tiers` returns it, or ``{tier: recall}``. The
            default table holds conventions, not measurements, which the provenance says.

        Raises
        ------
        InvalidArgument
            When nothing is given and no column says anything, or a recall is no share.
        UnknownName
            When there is no such column.

        Examples
        --------
        >>> import pandas as pd, connectome_graph as cg
        >>> g = cg.from_adjacency([[0, 3], [2, 0]]).with_recall(axon=0.9, dendrite=0.8)
        >>> g.neurons["dendrite_recall"].tolist()
        [0.8, 0.8]
        >>> seen = cg.from_adjacency([[0, 3], [2, 0]]).annotate(
        ...     pd.DataFrame({"root_id": [1, 2], "cropped": [False, True]})
        ... )
        >>> seen.with_recall().neurons["axon_recall"].tolist()
        [0.95, 0.5]
        """
        given = {
            "axon_recall": axon,
            "dendrite_recall": dendrite,
            "axon_recall_sd": axon_sd,
            "dendrite_recall_sd": dendrite_sd,
        }
        found = {
            name: recall_values(self._neurons, value, name=name)
            for name, value in given.items()
            if value is not None
        }
        if not found:
            found = read_recall(self._neurons, tiers)
        elif tiers is not None:
            raise InvalidArgument(
                "tiers= goes with recall that is read from the columns; leave axon= and dendrite= "
                "out, or give them as (column, table)"
            )
        told = {name: where for name, (_, where) in found.items()}
        said = "; ".join(f"{name.replace('_', ' ')} from {where}" for name, where in told.items())
        return self._next(
            "with_recall",
            f"How completely neurons were seen was taken as known ({said}).",
            neurons=self._neurons.assign(**{name: values for name, (values, _) in found.items()}),
            facts=told,
        )

    def collapse(self, column: str) -> ConnectomeGraph:
        """Return the graph of types: one neuron a value of `column`, edges summed.

        Only edges on the domain are summed. Connections inside a type are edges from the type
        to itself, so the domain of the result includes the diagonal. Neurons without a value
        are left out and counted. ``n_members`` tells how many neurons a type has.

        Raises
        ------
        UnknownName
            When there is no such column.
        """
        types = self.labels(column)
        codes, names = types.codes, types.names
        pre, post = (codes[end].astype(np.int32) for end in self.edge_codes)
        data: dict[str, Any] = {"count": self.edge_counts}
        if "size" in self.synapse_columns:
            data["size"] = self.edges["size"].to_numpy()
        kept = codes >= 0
        ends = [
            np.bincount(codes[kept & m], minlength=len(names)) > 0
            for m in (self._domain.sources, self._domain.targets)
        ]
        texts = pd.Index([str(name) for name in names], name="root_id", dtype=object)
        kind = self._neurons[column].dtype
        values = names.astype(kind) if isinstance(kind, pd.CategoricalDtype) else names
        neurons = pd.DataFrame({column: values, "n_members": types.sizes}, index=texts)
        for name in ("nt_type", "sign"):
            if name in self._neurons.columns and name != column:
                neurons[name] = _shared_by_members(self._neurons[name], codes, len(names))
        if "sign" in self.synapse_columns:
            data["sign"] = _as_signs(self._edge_values("sign")[0])
        step = self._provenance.then(
            "collapse",
            f"Neurons were merged by {column} into {len(names):,} types; {int((~kept).sum()):,} "
            "neurons without one were left out.",
            column=column, n_types=len(names), n_without=int((~kept).sum()),
        )  # fmt: skip
        index = SynapseIndex.build([pre, post], len(names), data)
        index = replace(index, left_out=self._left_out_of_types(codes, len(names)))
        domain = Domain(
            ends[0], ends[1], self._domain.policy, diagonal=True,
            pairs=None if self._domain.pairs is None else self._domain.pairs.merged(
                codes, len(names)
            ),
        )  # fmt: skip
        return self._new(neurons, index, domain, step)

    def _left_out_of_types(self, codes: npt.NDArray[np.int64], n: int) -> LeftOut | None:
        """Return what types lose: inputs outside the domain, and of neurons without a type."""
        pre, post = self._index.edge_pre, self._index.edge_post
        kept = self._domain.contains(pre, post) & (codes[pre] >= 0) & (codes[post] >= 0)
        found = self._index.left_out_beside(kept)
        return None if found is None else found.merged(codes, n)

    def merge(self, by: By) -> ConnectomeGraph:
        """Return the graph in which neurons with one value of a column are one neuron.

        For homologous neurons of the two sides, or the pieces of one cell. The result is a graph
        of neurons, where :meth:`collapse` gives one of types: synapses keep their columns,
        connections among the members become autapses, outside the domain, and every statistic
        runs. Neurons without a value stay alone.

        The joined neuron has the id of its first member and the annotations that its members
        share (missing where they disagree); it is a source, or target, of the domain where every
        member is, and as trusted as the least of them. ``n_members`` counts them.

        Parameters
        ----------
        by
            A neuron column, such as ``"pair"``, or several that name a group together.

        Raises
        ------
        UnknownName
            When there is no such column.

        Examples
        --------
        >>> import pandas as pd, connectome_graph as cg
        >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "pair": ["a", "a", None]})
        >>> g = cg.from_adjacency([[0, 2, 1], [0, 0, 4], [3, 0, 0]], cells).merge("pair")
        >>> g.edges[["pre", "post", "count"]].values.tolist(), g.n_autapses
        ([[1, 3, 5], [3, 1, 3]], 1)
        """
        codes, neurons, disagreements = merged_neurons(self._neurons, self.labels(by))
        size = len(neurons)
        ends = [codes[self.synapse_codes("pre")], codes[self.synapse_codes("post")]]
        masks = []
        for mask in (self._domain.sources, self._domain.targets):
            every = np.ones(size, bool)
            every[codes[~mask]] = False
            masks.append(every)
        pairs = self._domain.pairs
        domain = Domain(
            masks[0], masks[1], self._domain.policy, self._domain.diagonal,
            None if pairs is None else pairs.merged(codes, size),
        )  # fmt: skip
        joined = int((neurons["n_members"] > 1).sum())
        told = ", ".join(f"{name} ({n:,})" for name, n in disagreements.items())
        step = self._provenance.then(
            "merge",
            f"Neurons were merged by {by}: {self.n_neurons:,} became {size:,}, {joined:,} of "
            f"them joined"
            + (f"; members disagreed in {told}, which is missing there." if told else "."),
            by=by if isinstance(by, str) else list(by), n_neurons=size, n_joined=joined,
            disagreements=disagreements,
        )  # fmt: skip
        index = SynapseIndex.build(ends, size, self._index.columns)
        if self._index.left_out is not None:
            index = replace(index, left_out=self._index.left_out.merged(codes, size))
        return self._new(neurons, index, domain, step)

    def is_directed(self) -> bool:
        """Return True: every connection has a direction; networkx asks before dispatching."""
        return True

    def is_multigraph(self) -> bool:
        """Return False: to networkx a graph is its edges, one per connected pair of the domain."""
        return False

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        # Caches and the look-up table are made anew; arrays come out of a pickle writable.
        return _restored, (type(self), self._neurons, self._index, self._domain, self._provenance)

    def __repr__(self) -> str:
        return summary.one_line(self._sizes, self._domain)

    def _repr_html_(self) -> str:
        return summary.html(
            self._sizes,
            self._domain,
            neuron_columns=list(map(str, self._neurons.columns)),
            synapse_columns=list(self.synapse_columns),
            history=str(self._provenance),
            edges=self.edge_codes,
        )

    @property
    def _sizes(self) -> summary.Sizes:
        return summary.Sizes(
            self.n_neurons, self.n_edges, self.n_synapses, self.n_autapses, self.n_edges_outside
        )


def _as_signs(signs: npt.NDArray[np.float64]) -> pd.arrays.IntegerArray:
    """Return signs as small integers with gaps."""
    missing = np.isnan(signs)
    return pd.arrays.IntegerArray(np.where(missing, 0, signs).astype(np.int8), missing)


def _shared_by_members(values: pd.Series, codes: npt.NDArray[np.int64], n: int) -> Any:
    """Return the value that all members of each type share, missing where they differ."""
    kept = codes >= 0
    groups = values.reset_index(drop=True)[kept].groupby(codes[kept])
    distinct = groups.nunique(dropna=False)
    return groups.first().where(distinct.eq(1)).reindex(range(n)).array


def _is_sorted(pre: Codes, post: Codes) -> bool:
    """Return whether pairs are valid codes, sorted by pre, then post, none twice."""
    if not len(pre):
        return False
    from connectome_graph._kernels import threads

    def ascends(start: int, stop: int) -> bool:
        one, other = slice(start, stop), slice(start + 1, stop + 1)
        later = post[other] > post[one]
        later &= pre[other] == pre[one]
        later |= pre[other] > pre[one]
        return bool(later.all() and post[start : stop + 1].min() >= 0)

    return bool(pre[0] >= 0 and post[0] >= 0 and all(threads.over(ascends, len(pre) - 1)))


def _told(selection: Any) -> Any:
    """Return a selection as the provenance keeps it: the query, or how many were named."""
    if selection is None or isinstance(selection, str):
        return selection
    return (
        f"{type(selection).__name__} of {len(selection):,}"
        if np.ndim(selection)
        else str(selection)
    )


def _quoted(selection: Any) -> str:
    return f" ({selection})" if isinstance(selection, str) else ""


def _restored(
    kind: type[ConnectomeGraph],
    neurons: pd.DataFrame,
    index: SynapseIndex,
    domain: Domain,
    provenance: Provenance,
) -> ConnectomeGraph:
    """Return a graph that crossed a process border, read-only again."""
    whole = domain.take(np.arange(len(neurons)))
    return kind._new(neurons, index.refrozen(), whole, provenance)


def noted(g: ConnectomeGraph, sentence: str, facts: Mapping[str, Any]) -> ConnectomeGraph:
    """Return the same graph, of whose last step the provenance says more."""
    history = g.provenance.saying(sentence, **facts)
    return ConnectomeGraph._new(g._neurons, g._index, g._domain, history, like=g)


guard_methods(ConnectomeGraph)
