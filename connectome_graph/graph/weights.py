"""Weights: from the synapses of an edge to one number on it.

Every weight of a graph is aligned with ``g.edges``: the same edges in the same order. An edge
exists because synapses exist, never because a weight is not zero, so zero and negative
weights are allowed and ``log(1) = 0`` removes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
import pandas as pd

from connectome_graph.border.doors import guarded
from connectome_graph.graph.edge_values import NAMES, Weight
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.graph.totals import Total

__all__ = ["NAMES", "compute", "values"]


def compute(
    g: ConnectomeGraph, weight: Weight = "count", *, total: Total | None = None
) -> pd.Series:
    r"""Return one number per edge: the chosen weight over the synapses of each edge.

    =================  ====================================================================
    name               value on the edge i -> j
    =================  ====================================================================
    binary             1
    count              number of synapses
    sum                total synapse size
    mean               mean synapse size
    max                largest synapse size
    log_sum            natural logarithm of the total synapse size
    input_fraction     count divided by all synapses onto j from the domain's sources
    output_fraction    count divided by all synapses of i onto the domain's targets
    sign               +1 where the synapses excite, -1 where they inhibit; see ``g.signed``
    signed_count       number of synapses times their sign
    (column, how)      ``how`` in sum, mean, max, min, median, std over any synapse column
    =================  ====================================================================

    A missing size is missing, not 0: ``sum`` of an edge with a missing size is missing;
    ``mean``, ``max``, ``min``, ``median`` and ``std`` use the sizes that are there. For
    aggregated rows (``count`` > 1) ``size`` is the total of the row, ``mean`` divides by the
    number of synapses, ``max`` needs a ``size_max`` column (``keep="edges"`` makes it), and
    ``min``, ``median``, ``std`` are refused because the single sizes are not known.

    Parameters
    ----------
    g
        The graph.
    weight
        A name above, a pair ``(synapse column, how)``, or your own numbers: an array or Series
        with one entry per edge, in the order of ``g.edges``; or a Series indexed by
        ``(pre, post)``, in any order.
    total
        What ``input_fraction`` (``output_fraction``) divides by in place of the synapses of the
        domain: a neuron column that counts *all* inputs (outputs), or one number per neuron as
        array in table order, or Series or mapping by root id. Missing totals give missing
        fractions.

    Returns
    -------
    pandas.Series
        Shape ``(g.n_edges,)``, in the order of ``g.edges``, indexed by the root ids
        ``(pre, post)`` of each edge; int64 for binary and count, else float64. Sizes keep the
        unit of the size column.

    Raises
    ------
    InvalidArgument
        Unknown name, an array of another length, ``log_sum`` of a total that is missing, zero
        or negative, or a `total` that is not above 0 where there are synapses.
    UnknownName
        When the synapse column does not exist.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> synapses = pd.DataFrame({"pre": [1, 1, 2], "post": [2, 2, 1], "size": [10, 30, 5]})
    >>> g = cg.from_tables(synapses, pd.DataFrame({"root_id": [1, 2]}))
    >>> cg.weights.compute(g, "sum").tolist()
    [40.0, 5.0]
    >>> cg.weights.compute(g, "sum").loc[1, 2].item()
    40.0
    >>> cg.weights.compute(g, ("size", "median")).tolist()
    [20.0, 5.0]
    """
    numbers, name = g._edge_values(weight, total)
    return pd.Series(numbers, index=g._edge_index, name=name, copy=False)


def values(
    g: ConnectomeGraph, weight: Weight = "count", *, total: Total | None = None
) -> npt.NDArray[Any]:
    """Return the numbers of :func:`compute` as an array, without the index.

    Parameters
    ----------
    g
        The graph.
    weight, total
        As in :func:`compute`.

    Returns
    -------
    ndarray
        Shape ``(g.n_edges,)``, in the order of ``g.edges``; may be written to.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> cg.weights.values(cg.from_adjacency([[0, 2], [1, 0]])).tolist()
    [2, 1]
    """
    return g._edge_values(weight, total)[0]


guarded(globals(), __all__)
