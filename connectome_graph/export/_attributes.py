"""A graph as nodes, edges and attributes: what every outside format carries.

Outside formats know booleans, integers, floats and text. A :class:`Sheet` holds the columns of
a graph as such attributes, and *metadata* that says what they were: kinds of columns, domain
and provenance, as one JSON text. With it a format's reader gives back the same graph; without
it (a file by another program) the attributes are taken as they are.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.border.arguments import Weight
from connectome_graph.errors import InvalidTable
from connectome_graph.graph import weights
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.attributes import FORMAT_VERSION, METADATA, Attribute, as_exact_text
from connectome_graph.model.kinds import Description, describe, to_arrow
from connectome_graph.model.pairs import PairSet
from connectome_graph.model.provenance import Provenance

__all__ = [
    "METADATA",
    "Attribute",
    "Sheet",
    "as_exact_text",
    "ids_as_text",
    "records",
    "sheet",
]

#: Attribute names with a meaning of their own in networkx, igraph or Gephi, and the domain's.
NODE_NAMES = (
    "id", "root_id", "name", "domain_source", "domain_target", "domain_pairs", "domain_exposure",
    "left_out_n_inputs", "left_out_input_size",
)  # fmt: skip
EDGE_NAMES = ("id", "key")


@dataclass(frozen=True)
class Sheet:
    """A graph as outside formats see it.

    Attributes
    ----------
    ids
        Root ids, int64 or object of str.
    nodes
        Attributes of the nodes, in table order.
    pre, post
        Positions of the partners, one per edge.
    edges
        Attributes of the edges, in the same order.
    metadata
        JSON-able: kinds of columns, domain, provenance.
    """

    ids: npt.NDArray[Any]
    nodes: tuple[Attribute, ...]
    pre: npt.NDArray[np.int64]
    post: npt.NDArray[np.int64]
    edges: tuple[Attribute, ...]
    metadata: dict[str, Any]

    @property
    def metadata_text(self) -> str:
        """The metadata as one line of JSON."""
        return json.dumps(self.metadata, separators=(",", ":"))

    @property
    def provenance_text(self) -> str:
        """The provenance as sentences."""
        return str(Provenance.from_dict(self.metadata["provenance"]))


def sheet(
    g: ConnectomeGraph,
    weight: Weight | None = None,
    *,
    node_names: tuple[str, ...] = (),
    edge_names: tuple[str, ...] = (),
) -> Sheet:
    """Return the nodes, edges and attributes of a graph.

    Parameters
    ----------
    g
        The graph.
    node_names, edge_names
        Further names that have a meaning of their own in a format; a column of such a name gets
        an underscore.
    weight
        ``None`` for one edge per synapse row, with every synapse column, autapses and synapses
        outside the domain included. Or a weight as in :func:`connectome_graph.weights.compute`,
        or a list of them: one edge per connected pair on the domain, with ``count``, ``size``
        where known, the first weight as ``weight`` and the others under their names.

    Raises
    ------
    InvalidTable
        When a column holds objects that have no text form.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> s = sheet(cg.from_adjacency([[0, 3], [1, 0]]), "count")
    >>> [attribute.name for attribute in s.edges]
    ['count', 'weight']
    """
    neurons = {name: g.neuron_column(name).array for name in g.neurons.columns}
    nodes, node_said = _attributes(neurons, (*NODE_NAMES, *node_names))
    if not g.domain.is_full:
        masks = {"domain_source": g.domain.sources, "domain_target": g.domain.targets}
        nodes += [Attribute(name, pa.array(mask)) for name, mask in masks.items()]
    if g.domain.pairs is not None:
        nodes += _partners(g.domain.pairs, g.ids)
    left_out, version = g.left_out, 1 if g.domain.is_rectangle else 2
    if left_out["n_inputs"].any():
        version = FORMAT_VERSION
        nodes += [
            Attribute(f"left_out_{name}", pa.array(values.to_numpy(), from_pandas=True))
            for name, values in left_out.items()
        ]
    if weight is None:
        pre, post = (g.codes_of(g.synapse_column(end)) for end in ("pre", "post"))
        rows = {name: g.synapse_column(name) for name in g.synapse_columns}
        edges, edge_said = _attributes(rows, (*EDGE_NAMES, *edge_names))
    else:
        pre, post = (codes.astype(np.int64) for codes in g.edge_codes)
        edges, edge_said = _weighted(g, weight)
    metadata = {
        "format_version": version,
        "software": Provenance().software,
        "edges": "synapses" if weight is None else "connections",
        "ids": "text" if g.ids.dtype.kind == "O" else "int64",
        "n_neurons": g.n_neurons,
        "n_edges": len(pre),
        "neuron_columns": node_said,
        "synapse_columns": edge_said,
        "domain": {**g.domain.describe(), "diagonal": g.domain.diagonal}
        | ({} if g.domain.pairs is None else {"pairs_name": g.domain.pairs.name}),
        "provenance": g.provenance.to_dict(),
    }
    return Sheet(g.ids, tuple(nodes), pre, post, tuple(edges), metadata)


def _partners(pairs: PairSet, ids: npt.NDArray[Any]) -> list[Attribute]:
    """Return whom each neuron could have met, by id, and how much: JSON lists, one a node."""
    texts = ids_as_text(ids).to_numpy(zero_copy_only=False)[pairs.post]
    spans = list(itertools.pairwise(pairs.ptr.tolist()))
    attributes = [
        Attribute("domain_pairs", pa.array([json.dumps(list(texts[a:b])) for a, b in spans]))
    ]
    if pairs.exposure is not None:
        lists = [json.dumps(pairs.exposure[a:b].tolist()) for a, b in spans]
        attributes.append(Attribute("domain_exposure", pa.array(lists)))
    return attributes


def ids_as_text(ids: npt.NDArray[Any]) -> pa.Array:
    """Return root ids as text, digit for digit."""
    return pc.cast(pa.array(ids, from_pandas=False), pa.string())


def _attributes(
    columns: Mapping[Any, Any], reserved: tuple[str, ...]
) -> tuple[list[Attribute], list[Description]]:
    """Return the attributes of columns, and what to say of each in the metadata."""
    attributes, said = [], []
    taken = set(reserved)
    for column, values in columns.items():
        if not isinstance(column, str):
            raise InvalidTable(f"column names need to be text; found {column!r}; rename it")
        name = column
        while name in taken:
            name += "_"
        taken.add(name)
        kind = describe(values, name=column)
        attributes.append(Attribute(name, _flat(to_arrow(values, kind, name=column), column)))
        said.append({"name": column, "attribute": name, **kind})
    return attributes, said


def _flat(array: pa.Array, column: str) -> pa.Array:
    """Return an Arrow array as booleans, integers, floats or text."""
    kind = array.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return array
    if pa.types.is_duration(kind):
        return pc.cast(array, pa.int64())
    if pa.types.is_string(kind):
        return array
    if pa.types.is_large_string(kind) or pa.types.is_temporal(kind):
        return pc.cast(array, pa.string())
    raise InvalidTable(f"column {column!r} holds {kind}, which has no text form; drop it first")


def _weighted(g: ConnectomeGraph, weight: Any) -> tuple[list[Attribute], list[Description]]:
    columns: dict[str, Any] = {"count": g.edge_counts}
    if "size" in g.synapse_columns:
        columns["size"] = g.edges["size"].to_numpy()
    named = [weights.compute(g, each) for each in (weight if _is_list(weight) else [weight])]
    if not named:
        raise InvalidTable("an empty list of weights was given; name at least one, such as 'count'")
    for values in named[1:]:
        columns.setdefault(str(values.name), values.to_numpy())
    attributes, said = _attributes(columns, (*EDGE_NAMES, "weight"))
    first = named[0].to_numpy()
    name = str(named[0].name)
    kind = describe(first, name=name)
    attributes.append(Attribute("weight", _flat(to_arrow(first, kind, name=name), name)))
    # A weight that is there under its own name too is not read back twice.
    said.append({"name": None if name in columns else name, "attribute": "weight", **kind})
    return attributes, said


def _is_list(weight: Any) -> bool:
    return isinstance(weight, list) and not all(
        isinstance(each, int | float | np.number) for each in weight
    )


def records(attributes: tuple[Attribute, ...], n_rows: int) -> Iterable[dict[str, Any]]:
    """Return one dictionary per node or edge, without the missing values."""
    names = [attribute.name for attribute in attributes]
    columns = [attribute.column.to_pylist() for attribute in attributes]
    if not any(attribute.column.null_count for attribute in attributes):
        rows = zip(*columns, strict=True) if columns else (() for _ in range(n_rows))
        return (dict(zip(names, row, strict=True)) for row in rows)
    return (
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*columns, strict=True)
    )
