"""From nodes, edges and attributes of another program back to a graph."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.build.assembler import assembled_parts
from connectome_graph.errors import InvalidArgument, InvalidTable, did_you_mean
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.attributes import FORMAT_VERSION
from connectome_graph.model.columns import from_arrow
from connectome_graph.model.counts import count_column, whole_numbers
from connectome_graph.model.domain import Domain
from connectome_graph.model.kinds import Description, restore
from connectome_graph.model.left_out import LeftOut
from connectome_graph.model.names import ColumnMap, is_positional
from connectome_graph.model.pairs import PairSet
from connectome_graph.model.provenance import Provenance

__all__ = ["as_graph", "parsed_ids", "parsed_metadata"]

_PLAIN = r"^(0|-?[1-9][0-9]{0,18})$"
#: Names that are not an attribute's to have: those of the two tables themselves.
_OURS = ("pre", "post", "root_id")
_MASKS = ("domain_source", "domain_target")
_LEFT_OUT = {"n_inputs": "left_out_n_inputs", "input_size": "left_out_input_size"}
_DOMAIN = (*_MASKS, "domain_pairs", "domain_exposure", *_LEFT_OUT.values())


def as_graph(
    *,
    ids: Any,
    nodes: Mapping[str, pa.Array],
    pre: Any,
    post: Any,
    edges: Mapping[str, pa.Array],
    metadata: Mapping[str, Any] | None,
    verb: str,
    source: str,
    columns: ColumnMap | None = None,
) -> ConnectomeGraph:
    """Return the graph of nodes, edges and attributes.

    Parameters
    ----------
    ids, pre, post
        Root ids of the nodes, and of the partners of every edge.
    nodes, edges
        Attributes by name, Arrow arrays with one entry per node or edge.
    metadata
        What the library wrote beside them; ``None`` for a graph by another program.
    verb, source
        For the provenance: the function, and what was read.
    columns
        Canonical name -> own name of an edge attribute, such as ``{"count": "weight"}``.

    Raises
    ------
    InvalidTable
        When ids are missing or repeated, or an attribute does not fit its description.
    """
    told: list[str] = []
    if metadata is None:
        nodes = _without_ours(nodes, told, "node")
        edges = _without_ours(_named(edges, columns, told), told, "edge")
    try:
        said = metadata or {"neuron_columns": (), "synapse_columns": ()}
        neurons = _columns(nodes, said["neuron_columns"], len(ids), skip=_DOMAIN)
        synapses = _columns(edges, said["synapse_columns"], len(pre))
        domain = _domain(nodes, metadata, ids)
        left_out = None if metadata is None else _left_out(nodes, len(ids))
        history = Provenance.from_dict(metadata["provenance"]) if metadata else Provenance()
        unchanged = metadata is not None and (
            (metadata["n_neurons"], metadata["n_edges"]) == (len(ids), len(pre))
        )
    except (KeyError, TypeError, ValueError, AttributeError, pa.ArrowException) as error:
        raise InvalidTable(
            f"{source} does not fit its own description ({error}); it was changed by another "
            "program: remove the graph attribute 'connectome_graph' to read it as it is"
        ) from error
    if not unchanged:
        history = history.then(
            verb,
            f"{len(ids):,} neurons and {len(pre):,} edges were read from {source}{''.join(told)}.",
            n_neurons=len(ids),
            n_edges=len(pre),
        )
    return assembled_parts(
        _exact(ids), neurons, pre=_exact(pre), post=_exact(post), synapses=synapses,
        domain=domain, provenance=history, left_out=left_out,
    )  # fmt: skip


def _named(
    edges: Mapping[str, pa.Array], columns: ColumnMap | None, told: list[str]
) -> dict[str, pa.Array]:
    """Return edge attributes under the library's names: those the map gives, and the count."""
    if is_positional(columns):
        raise InvalidArgument("attributes have no position; name them: columns={'count': 'weight'}")
    found: dict[str, Any] = dict(columns or {})
    for canonical, own in found.items():
        if own is not None and own not in edges:
            raise InvalidTable(
                f"the column map names {own!r} for {canonical!r}, and no edge attribute is called "
                f"so.{did_you_mean(own, edges)} There are: {', '.join(edges) or 'none'}"
            )
    found = count_column(found, edges, lambda name: _kind(edges[name]))
    own_count = found.get("count")
    if own_count is not None and own_count != "count":
        told.append(f"; the edge attribute {own_count!r} was taken as the number of synapses")
    final = {own: canonical for canonical, own in found.items() if own is not None}
    dropped = {canonical for canonical, own in found.items() if own is None}
    named = {
        final.get(n, n): values for n, values in edges.items() if final.get(n, n) not in dropped
    }
    if len(named) < len(edges) - len(dropped & set(edges)):
        twice = next(c for own, c in final.items() if own != c and c in edges)
        raise InvalidTable(
            f"the edges have both {found[twice]!r} (for {twice!r}) and an attribute called "
            f"{twice!r}; rename or remove one of them"
        )
    return named


def _kind(values: pa.Array) -> pa.DataType:
    """Return the type of an attribute; doubles that are all whole numbers are integers.

    igraph keeps every number as a double.
    """
    if pa.types.is_floating(values.type) and whole_numbers([values]):
        return pa.int64()
    return values.type


def _without_ours(
    attributes: Mapping[str, pa.Array], told: list[str], what: str
) -> dict[str, pa.Array]:
    """Return attributes none of which has a name of the tables themselves."""
    named: dict[str, pa.Array] = {}
    for name, values in attributes.items():
        free = name
        while free in _OURS or (free != name and (free in attributes or free in named)):
            free += "_"
        if free != name:
            told.append(f"; the {what} attribute {name!r} is called {free!r}")
        named[free] = values
    return named


def parsed_metadata(text: Any, source: str) -> dict[str, Any] | None:
    """Return the metadata in a graph attribute; None when there is none.

    Raises
    ------
    InvalidTable
        When it is not what this version of the library writes.
    """
    if not isinstance(text, str) or not text:
        return None
    try:
        metadata = json.loads(text)
        version = metadata["format_version"]
        if metadata["ids"] not in ("text", "int64"):
            raise ValueError(metadata["ids"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidTable(
            f"the graph attribute 'connectome_graph' of {source} is damaged ({error!r}); remove it "
            "to read the graph as it is"
        ) from error
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise InvalidTable(
            f"{source} was written with attribute format version {version} by "
            f"{metadata.get('software')}; this library reads up to version {FORMAT_VERSION}: "
            "upgrade it with pip install -U connectome-graph"
        )
    return dict(metadata)


def parsed_ids(
    texts: Sequence[str] | pa.Array, metadata: Mapping[str, Any] | None
) -> npt.NDArray[Any]:
    """Return node ids written as text as integers, where all of them are plain integers.

    Examples
    --------
    >>> parsed_ids(["864691135000000001", "2"], None)
    array([864691135000000001, 2])
    >>> parsed_ids(["007", "2"], None)
    array(['007', '2'], dtype=object)
    """
    array = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    as_text = metadata is not None and metadata["ids"] == "text"
    if not as_text and pc.all(pc.match_substring_regex(array, _PLAIN)).as_py():
        with contextlib.suppress(pa.ArrowInvalid):
            return np.asarray(pc.cast(array, pa.int64()).to_numpy(zero_copy_only=False))
    return _exact(array.to_pylist())


def _exact(ids: Any) -> npt.NDArray[Any]:
    if isinstance(ids, np.ndarray):
        return ids
    array = np.empty(len(ids), object)
    array[:] = ids
    return array


def _columns(
    attributes: Mapping[str, pa.Array],
    said: Sequence[Description],
    n_rows: int,
    *,
    skip: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return columns: those described as they were, the others as they are."""
    columns: dict[str, Any] = {}
    left = {name: values for name, values in attributes.items() if name not in skip}
    for description in said:
        values = left.pop(description["attribute"], None)
        if values is None and (not n_rows or description["dtype"] not in _NULLABLE):
            # Programs that keep no missing values keep no attribute that is missing everywhere.
            values = pa.nulls(n_rows, _arrow_type(description))
        if values is None or description["name"] is None:
            continue
        columns[description["name"]] = _restored(values, description)
    for name, values in left.items():
        columns.setdefault(name, from_arrow(pa.chunked_array([values])))
    return columns


def _restored(values: pa.Array, description: Description) -> Any:
    kind = _arrow_type(description)
    if pa.types.is_floating(values.type) and not pa.types.is_floating(kind):
        # igraph keeps every number as a double, and a missing one as NaN.
        gaps = pc.is_nan(values).fill_null(fill_value=True)
        values = pc.replace_with_mask(values, gaps, pa.scalar(None, values.type))
    if pa.types.is_string(values.type) and description["dtype"] != "text":
        # ... and a missing text as an empty one or the word None.
        blanks = {"", "None"} - set(map(str, description.get("categories", ())))
        gaps = pc.is_in(values, pa.array(sorted(blanks), pa.string()))
        values = pc.replace_with_mask(values, gaps, pa.scalar(None, pa.string()))
    if pa.types.is_duration(kind):
        values = pc.cast(values, pa.int64())
    if values.type != kind:
        values = pc.cast(values, kind)
    dtype = description["dtype"]
    if values.null_count and dtype in _NULLABLE:
        # Another program added rows without this attribute.
        description = {"dtype": _NULLABLE[dtype]}
    return restore(values, description)


_NULLABLE = {"bool": "boolean"} | {
    f"{sign}int{bits}": f"{sign.upper()}Int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}


def _arrow_type(description: Description) -> pa.DataType:
    """Return the Arrow type in which a column is carried."""
    dtype = description["dtype"]
    if dtype == "category":
        return _arrow_type(description["of"])
    if dtype in ("text", "json", "interval"):
        return pa.string()
    if dtype == "float16":
        return pa.float32()
    kind: Any = pd.api.types.pandas_dtype(dtype)
    if isinstance(kind, pd.DatetimeTZDtype):
        return pa.timestamp(kind.unit, str(kind.tz))
    if isinstance(kind, pd.ArrowDtype):
        return kind.pyarrow_dtype
    return pa.from_numpy_dtype(getattr(kind, "numpy_dtype", kind).newbyteorder("="))


def _domain(
    nodes: Mapping[str, pa.Array], metadata: Mapping[str, Any] | None, ids: Any
) -> Domain | None:
    """Return the stored domain; None when nothing was said of it."""
    masks = []
    n_neurons = len(ids)
    for name in _MASKS:
        values = nodes.get(name)
        if values is None or metadata is None:
            masks.append(np.ones(n_neurons, bool))
            continue
        # A node that another program added was never observed.
        flags = pc.cast(values, pa.bool_()).fill_null(fill_value=False)
        masks.append(flags.to_numpy(zero_copy_only=False))
    if metadata is None:
        return None
    said = metadata["domain"]
    pairs = _pairs(nodes, ids, said["pairs_name"]) if "pairs_name" in said else None
    return Domain(masks[0], masks[1], said["policy"], bool(said["diagonal"]), pairs)


def _left_out(nodes: Mapping[str, pa.Array], n_neurons: int) -> LeftOut | None:
    """Return what verbs had left out; a node that another program added lost nothing."""
    kinds = {"n_inputs": pa.int64(), "input_size": pa.float64()}
    found = {
        name: pc.cast(nodes[attribute], kinds[name])
        for name, attribute in _LEFT_OUT.items()
        if attribute in nodes
    }
    if "n_inputs" not in found:
        return None
    # Counts never pass through floats, which hold gaps but not every count.
    found["n_inputs"] = pc.fill_null(found["n_inputs"], 0)
    columns = {name: values.to_numpy(zero_copy_only=False) for name, values in found.items()}
    return LeftOut.from_columns(columns, n_neurons)


def _pairs(nodes: Mapping[str, pa.Array], ids: Any, name: str) -> PairSet:
    """Return the pairs that every node lists; partners that were taken out are left out."""
    place = {str(root_id): at for at, root_id in enumerate(ids)}
    listed = [json.loads(text) if text else [] for text in nodes["domain_pairs"].to_pylist()]
    pre = np.repeat(np.arange(len(listed)), [len(partners) for partners in listed])
    post = np.array([place.get(p, -1) for partners in listed for p in partners], np.int64)
    exposure = None
    if "domain_exposure" in nodes:
        rows = nodes["domain_exposure"].to_pylist()
        exposure = np.array([x for text in rows for x in (json.loads(text) if text else [])], float)
    here = post >= 0
    exposure = None if exposure is None else exposure[here]
    return PairSet.build(pre[here], post[here], len(ids), exposure, name=name)
