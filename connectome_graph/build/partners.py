"""The two ends of every synapse: which neuron each is, and what happens when it is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidTable
from connectome_graph.graph.annotation import extended
from connectome_graph.model.index import Codes, IdTable
from connectome_graph.model.tables import SynapseTable

__all__ = ["partner_codes"]


def partner_codes(
    table: SynapseTable, frame: pd.DataFrame, *, unknown: str, autapses: str
) -> tuple[pd.DataFrame, list[Codes], dict[str, Any]]:
    """Return the neurons, the codes of both partners, and what to record.

    Rows that are dropped, for an unknown partner or as autapses, carry a negative code.
    """
    text = table.pre.dtype.kind == "O"
    ids = frame.index.to_numpy()
    if len(ids) and len(table.pre) and text != (ids.dtype.kind == "O"):
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
        frame, pre, post = _with_unknown(table, frame, (pre, post), lost, unknown)
        facts["n_added_neurons"] = len(frame) - len(ids)
        _, loops = _inspected(pre, post)
    return frame, [pre, post], facts | _marked_autapses(pre, post, loops, autapses)


def _with_unknown(
    table: SynapseTable, frame: pd.DataFrame, codes: tuple[Codes, Codes], lost: int, unknown: str
) -> tuple[pd.DataFrame, Codes, Codes]:
    """Return neurons with the unknown partners added, and the codes; or raise and name one."""
    pre, post = codes
    first = int(np.flatnonzero((pre < 0) | (post < 0))[0])
    end = "pre" if pre[first] < 0 else "post"
    told = f"first: row {first}, {end}={getattr(table, end)[first]}"
    if unknown == "raise":
        raise InvalidTable(
            f"{lost:,} of {len(pre):,} synapses end outside the neuron table ({told}); pass "
            "unknown='drop' to leave them out, or unknown='add' to add their partners"
        )
    new = np.unique(np.concatenate([table.pre[pre < 0], table.post[post < 0]]))
    if new[0] in ("", 0):
        empty = (table.pre == new[0]) | (table.post == new[0])
        raise InvalidTable(
            f"{int(empty.sum()):,} synapses have a missing or zero partner id (first: row "
            f"{int(np.flatnonzero(empty)[0])}), which cannot be added as a neuron; leave those "
            "rows out before, or pass unknown='drop'"
        )
    grown = extended(frame, new)
    lookup = IdTable(grown.index.to_numpy())
    return grown, lookup.encode(table.pre), lookup.encode(table.post)


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
