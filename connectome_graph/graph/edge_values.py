"""From the synapses of an edge to one number on it: what every named weight is made of."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.values import array_of
from connectome_graph.errors import InvalidArgument, UnknownName, choice
from connectome_graph.graph.edges import DomainEdges

__all__ = ["NAMES", "Weight", "edge_values"]

#: A name, a pair (synapse column, how), or one number per edge.
Weight: TypeAlias = str | tuple[str, str] | pd.Series | npt.ArrayLike

NAMES = (
    "binary",
    "count",
    "sum",
    "mean",
    "max",
    "log_sum",
    "input_fraction",
    "output_fraction",
    "sign",
    "signed_count",
)

_FROM_COUNTS = ("binary", "count", "input_fraction", "output_fraction")
_REDUCTIONS = ("sum", "mean", "max", "min", "median", "std")


def edge_values(
    edges: DomainEdges,
    weight: Weight,
    *,
    ids: pd.Index,
    totals: npt.NDArray[np.float64] | None = None,
) -> tuple[npt.NDArray[Any], str]:
    """Return the weight of every edge and its name; an array that may be written to.

    Parameters
    ----------
    edges
        The edges on the domain.
    weight
        As in :func:`connectome_graph.weights.compute`, which is the public face of this.
    ids
        Root ids by position, for messages.
    totals
        What fractions divide by, one number per neuron; None counts the edges.
    """
    if totals is not None:
        return _fraction(edges, weight, totals, ids), str(weight)
    if isinstance(weight, str):
        values, name = _named(edges, weight, ids), weight
    elif isinstance(weight, tuple):
        if len(weight) != 2:
            raise InvalidArgument(f"a weight pair is (synapse column, how); found {weight!r}")
        values, name = _reduced(edges, weight[0], weight[1]), "_".join(weight)
    else:
        values, name = _given(edges, weight, ids), str(getattr(weight, "name", None) or "weight")
    if not values.flags.writeable or values.base is not None:
        # The edges' own counts, or the caller's numbers: the result may be written to.
        values = values.copy()
    return values, name


def _named(edges: DomainEdges, weight: str, ids: pd.Index) -> npt.NDArray[Any]:
    choice(weight, NAMES, name="weight")
    if weight in _FROM_COUNTS:
        counts = edges.counts
        if weight == "binary":
            return np.ones(len(edges), np.int64)
        if weight == "count":
            return counts
        pre, post = edges.codes
        end = post if weight == "input_fraction" else pre
        totals = np.bincount(end, weights=counts, minlength=edges.index.n_neurons)
        return np.asarray(counts / totals[end], float)
    if weight in ("sign", "signed_count"):
        return _signed(edges, weight)
    if weight == "log_sum":
        return _log(edges, _reduced(edges, "size", "sum"), ids)
    return _reduced(edges, "size", weight)


def _signed(edges: DomainEdges, weight: str) -> npt.NDArray[np.float64]:
    """Return the sign of every edge, or its signed synapses; NaN where a sign is missing."""
    if "sign" not in edges.index.columns:
        raise UnknownName(
            f"weight={weight!r} needs the sign of every synapse; make it from transmitters with "
            "g.signed('fly') or g.signed('mouse')"
        )
    sign = edges.numbers("sign")
    missing = np.isnan(sign)
    many = edges.index.columns.get("count", 1)
    start, stop = edges.runs

    def over_runs(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        before = np.concatenate([[0.0], np.cumsum(values, dtype=float)])
        return np.asarray(before[stop] - before[start])

    total = over_runs(np.where(missing, 0.0, sign * many))
    if weight == "sign":
        # Rows of both signs make no sign of the edge.
        total = np.where(np.abs(total) == edges.counts, np.sign(total), np.nan)
    return np.where(over_runs(missing) > 0, np.nan, total)


def _fraction(
    edges: DomainEdges, weight: Weight, totals: npt.NDArray[np.float64], ids: pd.Index
) -> npt.NDArray[np.float64]:
    """Return counts over given totals; missing where the total is."""
    if not isinstance(weight, str) or weight not in ("input_fraction", "output_fraction"):
        raise InvalidArgument(
            "total is what input_fraction and output_fraction divide by; "
            f"weight={weight!r} is neither"
        )
    end = edges.codes[1 if weight == "input_fraction" else 0]
    below = totals[end]
    bad = np.flatnonzero(below <= 0)
    if len(bad):
        raise InvalidArgument(
            f"total is not above 0 for {len(np.unique(end[bad])):,} neurons that have synapses "
            f"(first: {ids[end[bad[0]]]}, {below[bad[0]]:g}); correct the column, or make it "
            "missing there"
        )
    return np.asarray(edges.counts / below, float)


def _log(
    edges: DomainEdges, totals: npt.NDArray[np.float64], ids: pd.Index
) -> npt.NDArray[np.float64]:
    from connectome_graph._kernels import threads

    positive = totals > 0
    if not positive.all():
        bad = np.flatnonzero(~positive)
        pre, post = (codes[bad[0]] for codes in edges.codes)
        raise InvalidArgument(
            f"log_sum needs a positive total size on every edge; {len(bad):,} of {len(edges):,} "
            f"edges have a missing, zero or negative one (first: {ids[pre]} -> {ids[post]}, "
            f"total {totals[bad[0]]}); use 'sum', or leave those synapses out with "
            f"g.filter_synapses('size > 0')"
        )
    logs = np.empty(len(totals))
    threads.over(lambda a, b: np.log(totals[a:b], out=logs[a:b]), len(totals))
    return logs


def _reduced(edges: DomainEdges, column: str, how: str) -> npt.NDArray[np.float64]:
    choice(how, _REDUCTIONS, name="how")
    if column == "size" and how == "sum":
        return edges.sizes
    values = edges.numbers(column)
    aggregated = column == "size" and edges.is_aggregated
    if aggregated and how == "max" and "size_max" in edges.index.columns:
        return edges.reduced(edges.numbers("size_max"), how)
    if aggregated and how not in ("sum", "mean"):
        raise InvalidArgument(
            f"{how!r} needs the size of every synapse, and this graph was built from rows that "
            "hold several synapses each (count > 1); use 'sum' or 'mean'"
        )
    if how == "sum":
        return edges.totals(column)
    if aggregated:
        return np.asarray(edges.sizes / edges.counts, float)
    return edges.reduced(values, how)


def _given(
    edges: DomainEdges, weight: pd.Series | npt.ArrayLike, ids: pd.Index
) -> npt.NDArray[Any]:
    if isinstance(weight, pd.Series) and list(weight.index.names) == ["pre", "post"]:
        weight = _aligned(edges, weight, ids)
    values = array_of(weight, name="weight").copy()
    if values.shape != (len(edges),) or values.dtype.kind not in "iufb":
        raise InvalidArgument(
            f"your own weights need one number per edge: shape ({len(edges)},); found shape "
            f"{values.shape} of {values.dtype}"
        )
    return values


def _aligned(edges: DomainEdges, weight: pd.Series, ids: pd.Index) -> pd.Series:
    """Return a weight that names its pairs in the order of the edges."""
    index = edges.named(ids)
    if weight.index.equals(index):
        return weight
    if not weight.index.is_unique:
        twice = weight.index[weight.index.duplicated()][0]
        raise InvalidArgument(
            f"your own weights name the pair {twice[0]} -> {twice[1]} more than once"
        )
    places = weight.index.get_indexer(index)
    absent = np.flatnonzero(places < 0)
    if len(absent) or len(weight) != len(edges):
        first = index[absent[0]] if len(absent) else weight.index.difference(index)[0]
        raise InvalidArgument(
            f"your own weights are indexed by (pre, post) and need exactly the {len(edges):,} "
            f"edges of the graph; found {len(weight):,} pairs, {len(absent):,} edges without a "
            f"weight (first difference: {first[0]} -> {first[1]})"
        )
    return weight.iloc[places]
