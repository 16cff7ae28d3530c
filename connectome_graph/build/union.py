"""Two graphs of the same neurons as one: each synapse remembers its layer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.columns import with_gaps
from connectome_graph.model.domain import Domain
from connectome_graph.model.index import SynapseIndex
from connectome_graph.model.left_out import LeftOut
from connectome_graph.model.pairs import PairSet

__all__ = ["union"]


def union(
    a: ConnectomeGraph, b: ConnectomeGraph, *, layer: tuple[str | None, str | None]
) -> ConnectomeGraph:
    """Return one graph with the synapses of two, which a synapse column ``layer`` tells apart.

    For chemical and electrical synapses of one animal, or two segmentations of one volume. The
    layers stay selectable: ``g.filter_synapses("layer == 'electrical'")``.

    Neurons are those of either graph, by root id. Of a neuron that both know, annotations are
    taken from `a`, and from `b` where `a` has none; where the two differ, that is counted in the
    provenance. A pair is in the domain where it could have been seen in both graphs.

    Parameters
    ----------
    a, b
        The graphs.
    layer
        Names of the two layers, such as ``("chemical", "electrical")``. ``None`` keeps the
        ``layer`` column that a graph has already, so that unions can be joined to more.

    Raises
    ------
    InvalidArgument
        When `layer` is no pair of different names, a graph is to keep a ``layer`` column that it
        does not have, ids are of two kinds, or for graphs of types.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> chemical = cg.from_adjacency([[0, 2], [0, 0]])
    >>> electrical = cg.from_adjacency([[0, 1], [1, 0]])
    >>> g = cg.union(chemical, electrical, layer=("chemical", "electrical"))
    >>> g.n_synapses, g.filter_synapses("layer == 'chemical'").n_synapses
    (4, 2)
    """
    names = _layer_names(a, b, layer)
    for g in (a, b):
        g.domain.require_simple("a union")
    if a.ids.dtype != b.ids.dtype and a.n_neurons and b.n_neurons:
        raise InvalidArgument(
            f"the ids of a are {a.ids.dtype} and those of b {b.ids.dtype}; a union needs one kind"
        )
    known = pd.Index(a.ids)
    new = ~pd.Index(b.ids).isin(known)
    ids = known.append(pd.Index(b.ids)[new]).rename("root_id")
    neurons, differ = _annotations(a.neurons, b.neurons, ids)
    places = [ids.get_indexer(pd.Index(g.ids)).astype(np.int32) for g in (a, b)]
    ends = [
        np.concatenate(
            [place[g.synapse_codes(end)] for g, place in zip((a, b), places, strict=True)]
        )
        for end in ("pre", "post")
    ]
    columns = _columns(a, b, names)
    left_out = [_left_out(g).merged(at, len(ids)) for g, at in zip((a, b), places, strict=True)]
    index = SynapseIndex.build(ends, len(ids), columns)
    index = replace(index, left_out=left_out[0].plus(left_out[1]))
    domain = _domain(a.domain, b.domain, places, len(ids))
    told = ", ".join(f"{name} ({n:,})" for name, n in differ.items())
    shown = " and ".join(repr(name) for name in names if name is not None)
    provenance = a.provenance.then(
        "union",
        f"The synapses of another graph were added ({a.n_synapses:,} and {b.n_synapses:,}), "
        f"layers {shown}; {len(ids):,} neurons, {len(known) - int((~new).sum()):,} of them only "
        f"in the first and {int(new.sum()):,} only in the second"
        + (f"; annotations differed in {told}, those of the first stay." if told else "."),
        layer=list(names), n_neurons=len(ids), differ=differ,
        other=[step.sentence for step in b.provenance.steps], **domain.describe(),
    )  # fmt: skip
    return ConnectomeGraph.from_parts(neurons, index, domain=domain, provenance=provenance)


def _left_out(g: ConnectomeGraph) -> LeftOut:
    columns = {str(name): values.to_numpy() for name, values in g.left_out.items()}
    return LeftOut.from_columns(columns, g.n_neurons)


def _layer_names(
    a: ConnectomeGraph, b: ConnectomeGraph, layer: Any
) -> tuple[str | None, str | None]:
    pair = tuple(layer) if isinstance(layer, tuple | list) else ()
    texts = [name for name in pair if name is not None]
    if len(pair) != 2 or not all(isinstance(n, str) for n in texts) or len(set(texts)) < len(texts):
        raise InvalidArgument(
            f"layer={layer!r} must be two different names, such as ('chemical', 'electrical')"
        )
    for name, g, which in zip(pair, (a, b), "ab", strict=True):
        if name is None and "layer" not in g.synapse_columns:
            raise InvalidArgument(
                f"layer names no layer for {which}, whose synapses have no column 'layer'"
            )
    return pair[0], pair[1]


def _annotations(
    a: pd.DataFrame, b: pd.DataFrame, ids: pd.Index
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the columns of either table, and in how many neurons they differ."""
    data: dict[str, Any] = {}
    differ: dict[str, int] = {}
    for name in dict.fromkeys([*a.columns, *b.columns]):
        parts = [
            with_gaps(table[[name]]).reindex(ids)[name] for table in (a, b) if name in table.columns
        ]
        found = parts[0]
        if len(parts) == 2:
            if isinstance(found.dtype, pd.CategoricalDtype) or found.dtype != parts[1].dtype:
                parts = [part.astype(object) for part in parts]
            first, second = parts
            both = first.notna() & second.notna()
            n = int((first[both].to_numpy(object) != second[both].to_numpy(object)).sum())
            if n:
                differ[str(name)] = n
            found = first.where(first.notna(), second)
        kinds = {table[name].dtype for table in (a, b) if name in table.columns}
        if len(kinds) == 1 and not found.isna().any():
            found = found.astype(kinds.pop())
        data[name] = found
    return pd.DataFrame(data, index=ids), differ


def _columns(
    a: ConnectomeGraph, b: ConnectomeGraph, names: tuple[str | None, str | None]
) -> dict[str, Any]:
    """Return the synapse columns of either graph one after the other, and the layer of each."""
    sizes = [len(g.synapse_codes("pre")) for g in (a, b)]
    columns: dict[str, Any] = {}
    for name in dict.fromkeys([*a.synapse_columns, *b.synapse_columns]):
        if name == "layer":
            continue
        parts = []
        for g, size in zip((a, b), sizes, strict=True):
            if name in g.synapse_columns:
                parts.append(pd.Series(g.synapse_column(name)))
            elif name == "count":
                parts.append(pd.Series(np.ones(size, np.int64)))
            else:
                other = b if g is a else a
                kind = with_gaps(pd.Series(other.synapse_column(name)).iloc[:0].to_frame("x"))["x"]
                parts.append(kind.reindex(range(size)))
        if parts[0].dtype != parts[1].dtype:
            parts = [with_gaps(part.to_frame("x"))["x"] for part in parts]
        joined = pd.concat(parts, ignore_index=True)
        plain = isinstance(joined.dtype, np.dtype) and joined.dtype.kind in "iufb"
        columns[name] = joined.to_numpy() if plain else joined.array
    layers: list[npt.NDArray[Any]] = []
    for g, size, layer in zip((a, b), sizes, names, strict=True):
        if layer is None:
            layers.append(np.asarray(pd.Series(g.synapse_column("layer")).astype(object)))
        else:
            layers.append(np.full(size, layer, object))
    columns["layer"] = pd.array(np.concatenate(layers), dtype="str")
    return columns


def _domain(a: Domain, b: Domain, places: list[npt.NDArray[np.int32]], n: int) -> Domain:
    """Return the pairs that could have been seen in both graphs."""
    masks = []
    for first, second in ((a.sources, b.sources), (a.targets, b.targets)):
        here, there = np.zeros((2, n), bool)
        here[places[0]], there[places[1]] = first, second
        masks.append(here & there)
    pairs: PairSet | None = None
    for own, place in zip((a.pairs, b.pairs), places, strict=True):
        if own is not None:
            moved = own.merged(place, n)
            pairs = moved if pairs is None else pairs.both(moved)
    policy = a.policy if a.policy == b.policy else f"{a.policy} and {b.policy}"
    return Domain(masks[0], masks[1], policy, pairs=pairs)
