"""A graph from its parts as a file holds them: tables, domain and the provenance it had.

The front doors of ``build`` start a history; a file continues one. What comes from a file is
checked like any other table, and gets its own domain and provenance back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidTable
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.columns import as_bool, root_ids
from connectome_graph.model.domain import Domain
from connectome_graph.model.index import IdTable, SynapseIndex
from connectome_graph.model.provenance import Provenance
from connectome_graph.model.tables import synapse_table

__all__ = ["assembled"]

_STATUS = ("status_axon", "status_dendrite")
_KNOWN = ("synapse_id", "count", "size")


def assembled(
    ids: Any,
    neurons: Mapping[str, Any],
    *,
    pre: Any,
    post: Any,
    synapses: Mapping[str, Any],
    domain: Domain | None,
    provenance: Provenance,
) -> ConnectomeGraph:
    """Return the graph of these parts.

    Parameters
    ----------
    ids
        Root ids, one a neuron, integers or text.
    neurons
        Neuron columns by name, one entry a neuron.
    pre, post
        Partner ids, one a synapse row.
    synapses
        Synapse columns by name, one entry a synapse row.
    domain
        The domain; ``None`` for every pair.
    provenance
        The history, taken as it is.

    Raises
    ------
    InvalidTable
        When an id is missing, zero or repeated, a synapse ends outside the neurons, or a known
        column breaks its rule.

    Examples
    --------
    >>> g = assembled(
    ...     [7, 8], {}, pre=[7, 7], post=[8, 8], synapses={}, domain=None, provenance=Provenance()
    ... )
    >>> g.n_synapses, g.n_edges
    (2, 1)
    """
    exact = _ids(ids)
    kind = object if exact.dtype.kind == "O" else np.int64
    index = pd.Index(exact, name="root_id", dtype=kind)
    data = {
        name: pd.Series(as_bool(values, name=name) if name in _STATUS else values).array
        for name, values in neurons.items()
    }
    frame = pd.DataFrame(data, index=index)
    table = IdTable(index.to_numpy())
    codes = [_codes(table, end, name) for name, end in (("pre", pre), ("post", post))]
    known = {n: v for n, v in synapses.items() if n in _KNOWN or n.endswith("_um")}
    checked = synapse_table(pd.DataFrame({"pre": codes[0], "post": codes[1], **known})).columns
    columns = {name: checked.get(name, values) for name, values in synapses.items()}
    if domain is not None and domain.n_neurons != len(frame):
        raise InvalidTable(
            f"the domain speaks of {domain.n_neurons:,} neurons and the table of {len(frame):,}"
        )
    return ConnectomeGraph._new(
        frame,
        SynapseIndex.build([codes[0], codes[1]], len(frame), columns),
        Domain.full(len(frame)) if domain is None else domain,
        provenance,
        ids=table,
    )


def _listed(values: Any) -> Any:
    if hasattr(values, "dtype"):
        return values
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _ids(values: Any) -> npt.NDArray[Any]:
    ids = root_ids(_listed(values), name="root_id")
    empty = ids == ("" if ids.dtype.kind == "O" else 0)
    repeated = pd.Series(ids).duplicated().to_numpy()
    for bad, fault in ((empty, "missing or zero"), (repeated, "repeated")):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise InvalidTable(
                f"{int(bad.sum()):,} of {len(ids):,} neurons have a {fault} id (first: row {row}, "
                f"{ids[row]!r})"
            )
    return ids


def _codes(table: IdTable, values: Any, name: str) -> npt.NDArray[np.int32]:
    ids = root_ids(_listed(values), name=name)
    if not len(ids):
        return np.empty(0, np.int32)
    if (ids.dtype.kind == "O") != table.is_text:
        raise InvalidTable(f"{name!r} and the neuron ids are not both integers or both text")
    codes = table.encode(ids)
    if (codes < 0).any():
        row = int(np.flatnonzero(codes < 0)[0])
        raise InvalidTable(
            f"{int((codes < 0).sum()):,} synapses have a {name!r} that is no neuron (first: row "
            f"{row}, {ids[row]})"
        )
    return codes
