"""Whether connections excite or inhibit, from a column of neurons or synapses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["edge_signs"]

_WORDS = {"excitatory": 1.0, "exc": 1.0, "e": 1.0, "inhibitory": -1.0, "inh": -1.0, "i": -1.0}


def edge_signs(g: ConnectomeGraph, sign: str) -> npt.NDArray[np.float64]:
    """Return the sign of every edge: that of its presynaptic neuron, or the mean of its synapses.

    Parameters
    ----------
    g
        The graph.
    sign
        A neuron or synapse column of numbers from -1 to 1, or of the words ``excitatory`` and
        ``inhibitory``.

    Returns
    -------
    numpy.ndarray
        float64 from -1 to 1, one an edge. For a synapse column the weighted number of synapses:
        a connection of two excitatory and one inhibitory synapse has 1/3.

    Raises
    ------
    UnknownName
        When there is no such column.
    InvalidArgument
        When a sign of an edge is missing, no number and no known word, or outside -1 to 1.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2], "kind": ["excitatory", "inhibitory"]})
    >>> edge_signs(cg.from_adjacency([[0, 2], [1, 0]], cells), "kind").tolist()
    [1.0, -1.0]
    """
    neuron_columns, synapse_columns = list(map(str, g.neurons.columns)), g.synapse_columns
    if sign in neuron_columns:
        values = _numbers(g.neuron_column(sign), sign)[g.edge_codes[0]]
    elif sign in synapse_columns:
        numbers = _numbers(pd.Series(g.synapse_column(sign)), sign)
        counts = np.ones(len(numbers))
        if "count" in synapse_columns:
            counts = np.asarray(g.synapse_column("count"), float)
        start, stop = g.edge_runs
        before = np.concatenate([[0.0], np.cumsum(np.nan_to_num(numbers) * counts)])
        gaps = np.concatenate([[0], np.cumsum(np.isnan(numbers))])
        values = (before[stop] - before[start]) / g.edge_counts
        values[gaps[stop] > gaps[start]] = np.nan
    else:
        known = [*neuron_columns, *synapse_columns]
        raise UnknownName(
            f"neither neurons nor synapses have a column {sign!r}.{did_you_mean(sign, known)}"
        )
    bad = ~(np.abs(values) <= 1)
    if bad.any():
        pre = g.edge_codes[0][bad]
        raise InvalidArgument(
            f"{int(bad.sum()):,} of {len(values):,} edges have no sign from -1 to 1 in {sign!r} "
            f"(first: from {g.ids[pre[0]]}); fill the column, or leave those neurons out with "
            "g.subgraph or g.filter_synapses"
        )
    return np.asarray(values, float)


def _numbers(column: pd.Series, name: str) -> npt.NDArray[np.float64]:
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return np.asarray(column.to_numpy(float, na_value=np.nan), float)
    words: Any = column.astype(object)
    found = [np.nan if pd.isna(word) else _WORDS.get(str(word).lower()) for word in words]
    unknown = [str(word) for word, value in zip(words, found, strict=True) if value is None]
    if unknown:
        raise InvalidArgument(
            f"column {name!r} holds {unknown[0]!r}, which is no sign; use numbers from -1 to 1 or "
            "the words 'excitatory' and 'inhibitory'"
        )
    return np.array(found, float)
