"""Weights: from the synapses of an edge to one number on it.

Every weight of a graph is aligned with ``g.edges``: the same edges in the same order. An edge
exists because synapses exist, never because a weight is not zero, so zero and negative
weights are allowed and ``log(1) = 0`` removes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName, choice

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["NAMES", "compute", "run_totals"]

#: The named weights.
NAMES = (
    "binary",
    "count",
    "sum",
    "mean",
    "max",
    "log_sum",
    "input_fraction",
    "output_fraction",
)

_FROM_COUNTS = ("binary", "count", "input_fraction", "output_fraction")
_REDUCTIONS = ("sum", "mean", "max", "min", "median", "std")


def compute(
    g: ConnectomeGraph, weight: str | tuple[str, str] | pd.Series | npt.ArrayLike = "count"
) -> pd.Series:
    r"""Return one number an edge: the chosen weight over the synapses of each edge.

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
        A name above, a pair ``(synapse column, how)``, or your own numbers: a Series or array
        with one entry an edge, in the order of ``g.edges``.

    Returns
    -------
    pandas.Series
        Shape ``(g.n_edges,)``, same index as ``g.edges``; int64 for binary and count, else
        float64. Sizes keep the unit of the size column.

    Raises
    ------
    InvalidArgument
        Unknown name, an array of another length, or ``log_sum`` of a total that is missing,
        zero or negative.
    UnknownName
        When the synapse column does not exist.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> synapses = pd.DataFrame({"pre": [1, 1, 2], "post": [2, 2, 1], "size": [10, 30, 5]})
    >>> g = cg.from_tables(synapses, pd.DataFrame({"root_id": [1, 2]}))
    >>> cg.weights.compute(g, "sum").tolist()
    [40.0, 5.0]
    >>> cg.weights.compute(g, ("size", "median")).tolist()
    [20.0, 5.0]
    """
    if isinstance(weight, str):
        values, name = _named(g, weight), weight
    elif isinstance(weight, tuple):
        if len(weight) != 2:
            raise InvalidArgument(f"a weight pair is (synapse column, how); found {weight!r}")
        values, name = _reduced(g, weight[0], weight[1]), "_".join(weight)
    else:
        values, name = _given(g, weight), str(getattr(weight, "name", None) or "weight")
    if not values.flags.writeable or values.base is not None:
        # The graph's own counts, or the caller's numbers: the result may be written to.
        values = values.copy()
    return pd.Series(values, index=pd.RangeIndex(g.n_edges), name=name, copy=False)


def _named(g: ConnectomeGraph, weight: str) -> npt.NDArray[Any]:
    choice(weight, NAMES, name="weight")
    if weight in _FROM_COUNTS:
        counts = g.edge_counts
        if weight == "binary":
            return np.ones(g.n_edges, np.int64)
        if weight == "count":
            return counts
        pre, post = g.edge_codes
        end = post if weight == "input_fraction" else pre
        totals = np.bincount(end, weights=counts, minlength=g.n_neurons)
        return np.asarray(counts / totals[end], float)
    if weight == "log_sum":
        return _log(g, _reduced(g, "size", "sum"))
    return _reduced(g, "size", weight)


def _log(g: ConnectomeGraph, totals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    from connectome_graph._kernels import threads

    positive = totals > 0
    if not positive.all():
        bad = np.flatnonzero(~positive)
        pre, post = (codes[bad[0]] for codes in g.edge_codes)
        raise InvalidArgument(
            f"log_sum needs a positive total size on every edge; {len(bad):,} of {g.n_edges:,} "
            f"edges have a missing, zero or negative one (first: {g.ids[pre]} -> {g.ids[post]}, "
            f"total {totals[bad[0]]}); use 'sum', or leave those synapses out with "
            f"g.filter_synapses('size > 0')"
        )
    logs = np.empty(len(totals))
    threads.over(lambda a, b: np.log(totals[a:b], out=logs[a:b]), len(totals))
    return logs


def _reduced(g: ConnectomeGraph, column: str, how: str) -> npt.NDArray[np.float64]:
    choice(how, _REDUCTIONS, name="how")
    if column == "size" and how == "sum":
        return g.edge_sizes
    values = _numeric(g, column)
    start, stop = g.edge_runs
    aggregated = column == "size" and g.is_aggregated
    if aggregated and how == "max" and "size_max" in g.synapse_columns:
        return _grouped(_numeric(g, "size_max"), start, stop, how)
    if aggregated and how not in ("sum", "mean"):
        raise InvalidArgument(
            f"{how!r} needs the size of every synapse, and this graph was built from rows that "
            "hold several synapses each (count > 1); use 'sum' or 'mean'"
        )
    if how == "sum":
        return run_totals(g, column)
    if aggregated:
        return np.asarray(g.edge_sizes / g.edge_counts, float)
    return _grouped(values, start, stop, how)


def _numeric(g: ConnectomeGraph, column: str) -> npt.NDArray[Any]:
    if column == "size" and column not in g.synapse_columns:
        raise UnknownName(
            "this graph's synapses have no 'size'; use weight='count' or 'binary', or name the "
            "size column when building: columns={'size': <your column>}"
        )
    values = g.synapse_column(column)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iufb":
        return values
    try:
        return np.asarray(pd.array(values).to_numpy(dtype=float, na_value=np.nan), float)
    except (TypeError, ValueError) as error:
        raise InvalidTable(
            f"synapse column {column!r} holds {getattr(values, 'dtype', 'text')}, and a weight "
            "needs numbers"
        ) from error


def run_totals(g: ConnectomeGraph, column: str) -> npt.NDArray[np.float64]:
    """Return the total of a synapse column over each edge, float64.

    Whole numbers are added as integers, so that they stay exact.
    """
    from connectome_graph._kernels import runs, threads

    values = _numeric(g, column)
    start, stop = g.edge_runs
    if values.dtype.kind == "b":
        values = values.astype(np.int64)
    out = np.empty(len(start))
    threads.over(lambda a, b: runs.sum_runs(values, start, stop, a, b, out), len(start))
    return out


def _grouped(
    values: npt.NDArray[Any],
    start: npt.NDArray[np.int64],
    stop: npt.NDArray[np.int64],
    how: str,
) -> npt.NDArray[np.float64]:
    lengths = stop - start
    edge = np.repeat(np.arange(len(start)), lengths)
    first = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    rows = np.repeat(start - first, lengths) + np.arange(len(edge))
    grouped = pd.Series(np.asarray(values[rows], float)).groupby(edge, sort=True)
    return np.asarray(getattr(grouped, how)().to_numpy(), float)


def _given(g: ConnectomeGraph, weight: pd.Series | npt.ArrayLike) -> npt.NDArray[Any]:
    values = np.array(weight)
    if values.shape != (g.n_edges,) or values.dtype.kind not in "iufb":
        raise InvalidArgument(
            f"your own weights need one number an edge: shape ({g.n_edges},); found shape "
            f"{values.shape} of {values.dtype}"
        )
    return values
