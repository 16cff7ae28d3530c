"""Assortativity: whether neurons of many partners connect to neurons of many partners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.stats._degree import degree_values
from connectome_graph.stats._dyads import core_edges

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["assortativity"]


def assortativity(g: ConnectomeGraph) -> pd.Series:
    """Return the four directed degree assortativities and the in-out degree correlation.

    ``out_in`` is the Pearson correlation, over edges, between the out-degree of the presynaptic
    and the in-degree of the postsynaptic neuron; ``in_out``, ``out_out`` and ``in_in``
    likewise. ``in_out_degree`` is the correlation of both degrees over neurons. Edges and
    neurons are those between neurons that are source and target; degrees count all observable
    partners. A correlation with a constant is missing.

    Returns
    -------
    pandas.Series
        ``out_in in_out out_out in_in in_out_degree n_edges n_neurons``, float64.

    Raises
    ------
    InvalidArgument
        For a graph of types.

    References
    ----------
    Foster, Foster, Grassberger & Paczuski 2010, PNAS 107:10815; Newman 2003, Phys Rev E
    67:026126.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]])
    >>> cg.stats.assortativity(g).round(2).tolist()[:4]
    [nan, nan, -0.87, nan]
    """
    g.domain.require_simple("degree assortativity")
    pre, post, _ = core_edges(g)
    core = g.domain.core
    degree = {kind: degree_values(g, kind) for kind in ("out", "in")}
    result = {
        f"{before}_{after}": _correlation(degree[before][pre], degree[after][post])
        for before, after in (("out", "in"), ("in", "out"), ("out", "out"), ("in", "in"))
    }
    result["in_out_degree"] = _correlation(degree["in"][core], degree["out"][core])
    result |= {"n_edges": len(pre), "n_neurons": int(core.sum())}
    series = pd.Series(result, dtype=float, name="assortativity")
    series.attrs["policy"] = g.domain.policy
    return series


def _correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Return Pearson's correlation; missing where one side is constant."""
    if len(a) < 2 or a.min() == a.max() or b.min() == b.max():
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])
