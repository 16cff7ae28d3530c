"""Trophic hierarchy: how far a graph flows in one direction, and where a neuron stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Weight
from connectome_graph.errors import ConnectomeError, InvalidArgument
from connectome_graph.graph import weights as edge_weights
from connectome_graph.motifs._oriented import core
from connectome_graph.stats._dyads import core_edges
from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._sampling import neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["Hierarchy", "trophic_hierarchy"]

_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Hierarchy:
    """Where neurons stand in the flow of a graph.

    Attributes
    ----------
    levels
        Trophic level of every neuron that is source and target, float64; the lowest of each
        weakly connected component is 0. Indexed by ``root_id``.
    incoherence
        F0, from 0 (every edge rises by exactly one level) to 1 (no direction at all).
    policy
        The domain it was computed on.
    """

    levels: pd.Series
    incoherence: float
    policy: str


def trophic_hierarchy(g: ConnectomeGraph, *, weight: Weight = "count") -> Hierarchy:
    r"""Return the trophic level of every neuron and the incoherence of the whole.

    Levels h minimise F = sum_ij w_ij (h_j - h_i - 1)^2 / sum_ij w_ij, by solving
    Lambda h = v with u = s(in) + s(out), v = s(in) - s(out), Lambda = diag(u) - W - W^T.
    ``incoherence`` is F at the minimum. On the neurons that are source and target.

    Parameters
    ----------
    g
        The graph.
    weight
        Weight of the edges, not negative (:func:`connectome_graph.weights.compute`).

    Raises
    ------
    InvalidArgument
        When a weight is negative or missing, or for a graph of types.

    References
    ----------
    MacKay, Johnson & Sansom 2020, R Soc Open Sci 7:201138.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> chain = cg.from_adjacency([[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    >>> found = cg.stats.trophic_hierarchy(chain)
    >>> found.levels.round(6).tolist(), round(found.incoherence, 6)
    ([0.0, 1.0, 2.0], 0.0)
    """
    g.domain.require_simple("the trophic hierarchy")
    part = core(g)
    values = edge_weights.compute(g, weight).to_numpy().astype(float)[core_edges(g)[2]]
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InvalidArgument(
            f"trophic levels need weights that are known and not negative; weight={weight!r} has "
            f"{int((~(values >= 0)).sum()):,} others"
        )
    levels = _levels(part.n, part.pre, part.post, values)
    miss = values * (levels[part.post] - levels[part.pre] - 1) ** 2
    series = pd.Series(levels, index=neuron_index(g)[g.domain.core], name="trophic_level")
    return Hierarchy(series, float(ratio(miss.sum(), values.sum())), g.domain.policy)


def _levels(
    n: int, pre: npt.NDArray[Any], post: npt.NDArray[Any], values: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    import scipy.sparse as sp
    from scipy.sparse import csgraph
    from scipy.sparse.linalg import LinearOperator, cg

    if not n:
        return np.empty(0)
    matrix = sp.csr_array((values, (pre, post)), shape=(n, n))
    both = (matrix + matrix.T).tocsr()
    # Without an edge bincount gives integers.
    into, out = (np.bincount(end, weights=values, minlength=n).astype(float) for end in (post, pre))
    total = into + out
    laplacian = sp.diags_array(total) - both
    # The Laplacian is singular by one constant a component, and into - out sums to 0 over each,
    # so conjugate gradients converge; the constant is set afterwards.
    diagonal = np.where(total > 0, total, 1.0)
    scale = LinearOperator((n, n), matvec=lambda x: np.ravel(x) / diagonal)
    levels, failed = cg(laplacian, into - out, rtol=_TOLERANCE, atol=0.0, maxiter=20 * n, M=scale)
    if failed:
        raise ConnectomeError(
            f"the trophic levels of {n:,} neurons did not converge in {failed:,} steps; the "
            "weights may span too many orders of magnitude: try weight='log_sum' or 'binary'"
        )
    n_parts, label = csgraph.connected_components(both, directed=False)
    lowest = np.full(n_parts, np.inf)
    np.minimum.at(lowest, label, levels)
    result: npt.NDArray[np.float64] = levels - lowest[label]
    return result
