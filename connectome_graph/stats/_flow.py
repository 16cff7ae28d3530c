"""What flows from seed neurons from layer to layer, by type: the numbers of a flow diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import By, whole
from connectome_graph.stats._circuit import as_text, bounded, chosen, rows_of
from connectome_graph.stats._labels import type_codes

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.selection import Selection

__all__ = ["flow"]


def flow(g: ConnectomeGraph, seeds: Selection, by: By, *, max_layer: int = 4) -> pd.DataFrame:
    """Return the connections between the types of every two layers downstream of seed neurons.

    The layer of a neuron is its number of connections from the nearest seed
    (:func:`layers`). Neurons further than `max_layer`, not reached, or without a type are left
    out and counted in ``attrs``.

    Parameters
    ----------
    g
        The graph.
    seeds
        Where to start: an expression over the neuron columns, a boolean mask, or root ids.
    by
        Neuron column of the types.
    max_layer
        Last layer.

    Returns
    -------
    pandas.DataFrame
        A row for each connected pair of groups (a type in a layer): ``pre_layer pre_type
        post_layer post_type n_synapses n_edges n_pre n_post`` (int64; neurons of the groups).
        Forward is from a layer to the next.

    Raises
    ------
    InvalidArgument
        When no neuron is a seed, or `max_layer` is not a whole number of at least 1.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "kind": ["A", "B", "B"]})
    >>> g = cg.from_adjacency([[0, 2, 0], [0, 0, 3], [0, 0, 0]], cells)
    >>> cg.stats.flow(g, [1], by="kind")[["pre_layer", "pre_type", "post_type", "n_synapses"]]
       pre_layer pre_type post_type  n_synapses
    0          0        A         B           2
    1          1        B         B           3
    """
    from connectome_graph._kernels.breadth_first import hops

    last = whole(max_layer, name="max_layer")
    start = chosen(g, seeds, name="seeds")
    rows = rows_of(g)
    layer = hops(rows.ptr, rows.post, start, last)
    codes, names = type_codes(g, by)
    n_types = len(names)
    shown = (layer >= 0) & (codes >= 0)
    group = np.where(shown, layer * n_types + codes, -1)
    sizes = np.bincount(group[shown], minlength=(last + 1) * n_types)
    kept = shown[rows.pre] & shown[rows.post]
    ends = pd.DataFrame({"pre": group[rows.pre[kept]], "post": group[rows.post[kept]]})
    ends["n_synapses"] = g.edge_counts[rows.kept[kept]]
    ends["n_edges"] = 1
    sums = ends.groupby(["pre", "post"], as_index=False).sum()
    pre, post = sums["pre"].to_numpy(np.int64), sums["post"].to_numpy(np.int64)
    table = pd.DataFrame(
        {
            "pre_layer": pre // n_types,
            "pre_type": names.take(pre % n_types),
            "post_layer": post // n_types,
            "post_type": names.take(post % n_types),
            "n_synapses": sums["n_synapses"].to_numpy(np.int64),
            "n_edges": sums["n_edges"].to_numpy(np.int64),
            "n_pre": sizes[pre],
            "n_post": sizes[post],
        }
    )
    return bounded(  # type: ignore[no-any-return]
        g, table, seeds=as_text(seeds), max_layer=last,
        n_neurons_left_out=int((~shown).sum()),
        label_columns=["pre_layer", "pre_type", "post_layer", "post_type"],
    )  # fmt: skip
