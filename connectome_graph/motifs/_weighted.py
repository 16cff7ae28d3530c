"""Weighted motifs: how strong, and how evenly strong, the triads of each class are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph._kernels import threads
from connectome_graph.border.arguments import Weight
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph import weights
from connectome_graph.motifs._classes import CLASSES, CONNECTED, code_tables
from connectome_graph.motifs._oriented import Core, orient, triad_core

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["weighted_census"]

#: Parts that a large graph is split into, whatever the number of threads: sums of floats depend
#: on their order, and the result must not depend on the machine.
PARTS = 16


def weighted_census(g: ConnectomeGraph, *, weight: Weight = "count") -> pd.DataFrame:
    r"""Return the mean intensity, coherence and strength of the triads of each class.

    Over the l edges of one triad with weights w, the *strength* is their arithmetic mean, the
    *intensity* their geometric mean :math:`(\prod w)^{1/l}`, and the *coherence* the geometric
    over the arithmetic mean: 1 when all are equal. The table gives their means over the triads
    of :func:`triad_census`. Every connected triad is visited, so time grows with their number.

    Parameters
    ----------
    g
        The graph.
    weight
        A weight of :func:`connectome_graph.weights.compute`; not negative.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``triad``, the 13 connected classes: ``count`` (int64), ``intensity`` and
        ``strength`` (float64, in the unit of the weight), ``coherence`` (float64, 0 to 1);
        missing for a class that does not occur. A triad with a weight of 0 has intensity and
        coherence 0.

    Raises
    ------
    InvalidArgument
        When a weight is negative or missing, or `weight` is not known; for a graph of types.

    References
    ----------
    Onnela et al. 2005, Phys. Rev. E 71:065103 (intensity and coherence).
    Lin et al. 2024, Nature 634:153 (strength of edges by motif).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 4], [0, 0, 16], [0, 0, 0]])
    >>> cg.motifs.weighted_census(g).loc["030T"].round(3).to_dict()
    {'count': 1.0, 'intensity': 4.0, 'coherence': 0.571, 'strength': 7.0}
    """
    values = weights.compute(g, weight).to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~(values >= 0)
    if wrong.any():
        raise InvalidArgument(
            f"weighted motifs need weights of 0 or more; {int(wrong.sum()):,} of {len(values):,} "
            "edges have a negative or missing one; choose another weight, or leave those edges out"
        )
    pre, post = g.edge_codes
    part = triad_core(g)
    if part.met is not None:
        counts, sums = _met_sums(part, values[g.domain.contains(post, pre)])
    else:
        inside = g.domain.core
        counts, sums = _sums(part, values[inside[pre] & inside[post]])
    by_class = np.zeros((16, 4))
    np.add.at(by_class, code_tables().triad, np.column_stack([counts, sums]))
    rows = by_class[[CLASSES.index(name) for name in CONNECTED]]
    with np.errstate(invalid="ignore"):
        means = rows[:, 1:] / rows[:, :1]
    index = pd.Index(CONNECTED, name="triad", dtype=object)
    table = pd.DataFrame(means, columns=["intensity", "coherence", "strength"], index=index)
    table.insert(0, "count", rows[:, 0].astype(np.int64))
    return table


def _sums(
    part: Core, values: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the number of triads and the sums of their statistics, by triad code."""
    from connectome_graph._kernels import dyads, triads_weighted

    first, _, partner, edge, mirror = dyads.dyad_table(part.pre, part.post, part.n)
    forth, back = edge >= 0, edge[mirror] >= 0
    code = (forth + 2 * back).astype(np.uint8)
    with np.errstate(divide="ignore"):
        own = np.stack([values, np.log(values)])
    own = np.concatenate([own, np.zeros((2, 1))], axis=1)
    total, logarithm = own[:, edge] + own[:, edge[mirror]]
    links = forth.astype(np.int64) + back
    n_parts = 1 if len(values) < threads.SMALL else PARTS
    parts = threads.each(
        lambda at: triads_weighted.weighted_codes(
            first, partner, code, links, total, logarithm, at, n_parts
        ),
        n_parts,
    )
    counts, sums = zip(*parts, strict=True)
    return np.sum(counts, axis=0), np.sum(sums, axis=0)


def _met_sums(
    part: Core, values: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the same where not all pairs could have met."""
    from connectome_graph._kernels import triads_weighted

    oriented = orient(part)
    ends = oriented.rank[part.pre], oriented.rank[part.post]
    place = np.empty(len(values), np.int64)
    triads_weighted.places_in_rows(*oriented.rows, np.minimum(*ends), np.maximum(*ends), place)
    with np.errstate(divide="ignore"):
        sums = [
            np.bincount(place, weights=own, minlength=len(oriented.packed)).astype(float)
            for own in (values, np.log(values))
        ]
    n_parts = 1 if part.size < threads.SMALL else PARTS
    parts = threads.each(
        lambda at: triads_weighted.weighted_met_codes(*oriented.arrays, *sums, at, n_parts), n_parts
    )
    counts, totals = zip(*parts, strict=True)
    return np.sum(counts, axis=0), np.sum(totals, axis=0)
