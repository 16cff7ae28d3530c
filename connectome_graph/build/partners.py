"""The two ends of every synapse: which neuron each is, and what happens when it is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.distinct import distinct
from connectome_graph.errors import InvalidTable
from connectome_graph.graph.annotation import extended
from connectome_graph.model.columns import missing_ids
from connectome_graph.model.index import Codes, IdTable
from connectome_graph.model.tables import SynapseTable

__all__ = ["partner_codes"]


def partner_codes(
    table: SynapseTable, frame: pd.DataFrame, *, unknown: str, autapses: str, zero: str
) -> tuple[pd.DataFrame, list[Codes], dict[str, Any]]:
    """Return the neurons, the codes of both partners, and what to record.

    Rows that are dropped, for an unknown partner or as autapses, carry a negative code.
    """
    text = table.pre.dtype.kind == "O"
    ids = frame.index.to_numpy()
    other = len(ids) and len(table.pre) and text != (ids.dtype.kind == "O")
    if other and not (missing_ids(table.pre).all() and missing_ids(table.post).all()):
        raise InvalidTable(
            f"the synapse table's ids are {'text' if text else 'integers'} and the neuron "
            f"table's are {'integers' if text else 'text'}; convert one, for instance with "
            ".astype('int64')"
        )
    lookup = IdTable(ids)
    if not len(table.pre):
        return frame, [np.empty(0, np.int32), np.empty(0, np.int32)], {}
    pre, post = lookup.encode(table.pre), lookup.encode(table.post)
    lost, loops = _inspected(pre, post)
    facts: dict[str, Any] = {}
    if lost and unknown == "drop":
        facts["n_dropped_unknown"] = lost
    elif lost:
        if unknown == "raise":
            raise _unknown(table, pre, post, lost)
        new = distinct(table.pre[pre < 0], table.post[post < 0])
        frame = extended(frame, addable(new, zero=zero))
        lookup = IdTable(frame.index.to_numpy())
        pre, post = lookup.encode(table.pre), lookup.encode(table.post)
        facts["n_added_neurons"] = len(frame) - len(ids)
        lost, loops = _inspected(pre, post)
        if lost:
            facts["n_dropped_unknown"] = lost
    return frame, [pre, post], facts | _marked_autapses(pre, post, loops, autapses)


def _unknown(table: SynapseTable, pre: Codes, post: Codes, lost: int) -> InvalidTable:
    """Return the error about synapses that end outside the neuron table; it names one."""
    first = int(np.flatnonzero((pre < 0) | (post < 0))[0])
    end = "pre" if pre[first] < 0 else "post"
    ids = getattr(table, end)
    told = "missing" if missing_ids(ids[first : first + 1])[0] else str(ids[first])
    return InvalidTable(
        f"{lost:,} of {len(pre):,} synapses end outside the neuron table (first: row {first}, "
        f"{end}={told}); pass unknown='drop' to leave them out, or unknown='add' to add their "
        "partners"
    )


def addable(new: npt.NDArray[Any], *, zero: str) -> npt.NDArray[Any]:
    """Return the partners that can be added as neurons: sorted ids, without missing ones.

    Raises
    ------
    InvalidTable
        When a partner is missing, or is the id 0 and nothing says what that is.
    """
    missing = missing_ids(new)
    # where 0 says that there is no segment, rows without a partner are expected
    if missing.any() and zero != "missing":
        raise InvalidTable(
            "some synapses have a missing partner id, which cannot be added as a neuron; leave "
            "those rows out before, or pass unknown='drop' with a neuron table"
        )
    if zero == "raise" and new.dtype.kind != "O" and (new == 0).any():
        raise InvalidTable(
            "some synapses have the partner id 0; pass zero='neuron' when 0 is a neuron like any "
            "other, as in matrices, networkx and SONATA, or zero='missing' to leave those rows "
            "out, when it says that there is no segment, as in CAVE"
        )
    return new[~missing]


def _marked_autapses(pre: Codes, post: Codes, count: int, autapses: str) -> dict[str, int]:
    """Record self-synapses; under ``"drop"`` mark them with a negative code."""
    if count == 0:
        return {}
    own = (pre == post) & (pre >= 0)
    if autapses == "raise":
        raise InvalidTable(
            f"{count:,} synapses go from a neuron onto itself (first: row "
            f"{int(np.flatnonzero(own)[0])}); pass autapses='keep' or 'drop'"
        )
    if autapses == "drop":
        pre[own] = -1
    return {"n_autapse_rows": count}


def _inspected(pre: Codes, post: Codes) -> tuple[int, int]:
    """Return how many rows have an unknown end, and how many are autapses."""
    from connectome_graph._kernels import runs, threads

    counts = threads.over(lambda a, b: runs.inspect_ends(pre, post, a, b), len(pre))
    unknown, loops = np.sum(np.array(counts), axis=0)
    return int(unknown), int(loops)
