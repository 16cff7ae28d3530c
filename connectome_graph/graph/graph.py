"""ConnectomeGraph: an immutable, indexed view of two valid tables and their domain.

The class holds tables and selects; it computes no statistic. Everything that makes a number
is a function in ``stats``, ``motifs`` or ``skeletons``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.annotation import joined, synapse_values
from connectome_graph.graph.two_tables import TwoTables
from connectome_graph.model import selection as select
from connectome_graph.model.domain import Domain
from connectome_graph.model.index import IdTable, SynapseIndex
from connectome_graph.model.provenance import Provenance
from connectome_graph.model.selection import Selection

__all__ = ["ConnectomeGraph"]


class ConnectomeGraph(TwoTables):
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

    __slots__ = ()

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
        ids: IdTable | None = None,
    ) -> ConnectomeGraph:
        """Return a graph of valid parts; every new graph passes here with its provenance."""
        g = object.__new__(cls)
        g._neurons, g._index, g._domain, g._provenance = neurons, index, domain, provenance
        g._ids = IdTable(neurons.index.to_numpy()) if ids is None else ids
        g._cache = {}
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
            ids=self._ids if neurons is None or neurons.index is self._neurons.index else None,
        )

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
            A pandas query over the neuron columns, a boolean mask, or root ids.

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
            A pandas query, a boolean mask, or root ids; ``None`` takes every neuron.
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

    def filter_synapses(self, selection: str | npt.ArrayLike) -> ConnectomeGraph:
        """Return the graph with only some synapses; neurons and domain stay.

        Parameters
        ----------
        selection
            A pandas query over the synapse columns, or a boolean array with one entry a row
            of ``g.synapses``. A missing answer leaves the synapse out.
        """
        if isinstance(selection, str):
            used = [name for name in self.synapse_columns if name in selection]
            keep = select.query_mask(self._synapse_frame(used), selection)
        else:
            keep = select.boolean_mask(selection, self._index.n_rows, what="a synapse mask")
        return self._next(
            "filter_synapses",
            f"Of {len(keep):,} synapse rows {int(keep.sum()):,} were kept{_quoted(selection)}.",
            index=self._index.take_rows(keep),
            facts={"selection": _told(selection), "n_kept": int(keep.sum())},
        )

    def threshold(self, *, min_synapses: int) -> ConnectomeGraph:
        """Return the graph without pairs of fewer than `min_synapses` synapses.

        Raises
        ------
        InvalidArgument
            When `min_synapses` is not a whole number of at least 1.
        """
        if isinstance(min_synapses, bool) or min_synapses != int(min_synapses) or min_synapses < 1:
            raise InvalidArgument(f"min_synapses needs a whole number >= 1; found {min_synapses!r}")
        counts = self._index.columns.get("count")
        ptr = self._index.edge_ptr
        before = ptr if counts is None else np.concatenate([[0], np.cumsum(counts)])[ptr]
        keep = np.diff(before) >= min_synapses
        return self._next(
            "threshold",
            f"Connections of fewer than {min_synapses} synapses were left out "
            f"({int((~keep).sum()):,} of {len(keep):,} connected pairs).",
            index=self._index.take_edges(keep),
            facts={"min_synapses": int(min_synapses), "n_pairs_dropped": int((~keep).sum())},
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
        inside = domain.contains(self._index.edge_pre, self._index.edge_post)
        loops = 0 if domain.diagonal else self.n_autapses
        outside = self._index.n_edges - loops - int(inside.sum())
        return self._next(
            "observed",
            f"Under the proofreading policy {name!r}, {domain.n_sources:,} neurons were sources "
            f"and {domain.n_targets:,} targets: {domain.n_pairs:,} observable ordered pairs; "
            f"{outside:,} connected pairs fell outside.",
            domain=domain,
            facts={**facts, **domain.describe(), "n_edges_outside": outside},
        )

    # -- annotating -----------------------------------------------------------------------

    def annotate(self, table: Any, *, overwrite: bool = False) -> ConnectomeGraph:
        """Return the graph with columns of `table` joined onto its neurons by root id.

        Neurons that `table` does not name get missing values (integers stay integers).

        Parameters
        ----------
        table
            DataFrame or Arrow table with a ``root_id`` or ``pt_root_id`` column or index, or a
            Series indexed by root id.
        overwrite
            Whether columns of the same name are replaced.

        Raises
        ------
        InvalidTable
            When an id occurs twice, or a column is already there and `overwrite` is false.
        """
        neurons, facts = joined(self._neurons, table, self._ids, overwrite=overwrite)
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
            Arrays with one entry an edge, such as ``count`` and ``size``; they move with it.
        verb, sentence, facts
            The step of provenance: what was done, in words, and its numbers.
        """
        pre, post = np.asarray(pre, np.int32), np.asarray(post, np.int32)
        index = SynapseIndex.build([pre, post], self.n_neurons, columns or {})
        return self._next(verb, sentence, index=index, facts=facts)

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
        labels = self.neuron_column(column)
        codes, names = pd.factorize(labels, sort=True)
        pre, post = (codes[end].astype(np.int32) for end in self.edge_codes)
        data: dict[str, Any] = {"count": self.edge_counts}
        if "size" in self.synapse_columns:
            data["size"] = self.edges["size"].to_numpy()
        kept = codes >= 0
        members = np.bincount(codes[kept], minlength=len(names))
        ends = [
            np.bincount(codes[kept & m], minlength=len(names)) > 0
            for m in (self._domain.sources, self._domain.targets)
        ]
        texts = pd.Index([str(name) for name in names], name="root_id", dtype=object)
        neurons = pd.DataFrame({column: names, "n_members": members}, index=texts)
        step = self._provenance.then(
            "collapse",
            f"Neurons were merged by {column} into {len(names):,} types; {int((~kept).sum()):,} "
            "neurons without one were left out.",
            column=column, n_types=len(names), n_without=int((~kept).sum()),
        )  # fmt: skip
        index = SynapseIndex.build([pre, post], len(names), data)
        domain = Domain(ends[0], ends[1], self._domain.policy, diagonal=True)
        return self._new(neurons, index, domain, step)

    def is_directed(self) -> bool:
        """Return True: every connection has a direction; networkx asks before dispatching."""
        return True

    def is_multigraph(self) -> bool:
        """Return False: to networkx a graph is its edges, one a connected pair of the domain."""
        return False

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        # Caches and the look-up table are made anew; arrays come out of a pickle writable.
        return _restored, (type(self), self._neurons, self._index, self._domain, self._provenance)

    def __repr__(self) -> str:
        from connectome_graph.graph.summary import one_line

        return one_line(self)

    def _repr_html_(self) -> str:
        from connectome_graph.graph.summary import html

        return html(self)


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
