"""Three clustering coefficients, which are three different numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.motifs._oriented import Core, added, orient, over_workers, triad_core
from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._sampling import denominators, neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["clustering", "neuron_clustering"]


def clustering(g: ConnectomeGraph) -> pd.Series:
    """Return transitivity, the local average, and the directed clustering of a graph.

    On the neurons that are source and target, between which both directions were observable:

    - ``transitivity``: closed over all paths of two connections, directions ignored;
    - ``local_average``: the mean over neurons of the share of connected pairs among their
      partners, directions ignored (Watts & Strogatz);
    - ``directed_average``: the mean over neurons of the share of the possible directed
      triangles that exist (Fagiolo).

    On a domain of pairs (``g.within``) two partners that could not have met each other are no
    open path: they are in no denominator.

    Neurons with fewer than two partners have no coefficient and are left out of the means.

    Returns
    -------
    pandas.Series
        ``transitivity local_average directed_average n_triangles n_neurons``, float64.

    Raises
    ------
    InvalidArgument
        For a graph of types.

    References
    ----------
    Watts & Strogatz 1998, Nature 393:440; Fagiolo 2007, Phys Rev E 76:026107; Newman 2010,
    Networks, section 7.9 (transitivity).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    >>> cg.stats.clustering(g).round(3).tolist()[:3]
    [0.6, 0.778, 0.389]
    """
    table, pairs = _by_neuron(g)
    triangles = table["n_triangles"].to_numpy(float)
    means = table[["local_clustering", "directed_clustering"]].mean()
    result = {
        "transitivity": ratio(triangles.sum(), pairs.sum()),
        "local_average": means.iloc[0],
        "directed_average": means.iloc[1],
        "n_triangles": triangles.sum() / 3,
        "n_neurons": len(table),
    }
    series = pd.Series(result, dtype=float, name="clustering")
    series.attrs["policy"] = g.domain.policy
    return series


def neuron_clustering(g: ConnectomeGraph) -> pd.DataFrame:
    """Return the clustering coefficients of every neuron that is source and target.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id``: ``n_partners`` in either direction, ``n_triangles``,
        ``local_clustering`` (Watts & Strogatz), ``directed_clustering`` (Fagiolo); the
        coefficients are missing for neurons with fewer than two partners.

    Raises
    ------
    InvalidArgument
        For a graph of types.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    >>> cg.stats.neuron_clustering(g)["directed_clustering"].tolist()
    [0.5, 0.5, 0.5]
    """
    return _by_neuron(g)[0]


def _by_neuron(g: ConnectomeGraph) -> tuple[pd.DataFrame, npt.NDArray[Any]]:
    """Return the coefficients, and the pairs of partners of each neuron that could have met."""
    g.domain.require_simple("clustering")
    part = triad_core(g)
    partners, counts, pairs, possible = (_plain if part.met is None else _met)(part)
    table = pd.DataFrame(
        {
            "n_partners": partners.astype(np.int64),
            "n_triangles": counts[:, 0],
            "local_clustering": ratio(counts[:, 0], pairs),
            "directed_clustering": ratio(counts[:, 1], possible),
        },
        index=neuron_index(g)[g.domain.core],
    )
    table.attrs.update(denominators(g))
    return table, pairs


def _plain(part: Core) -> tuple[npt.NDArray[Any], ...]:
    """Return partners, triangles (plain, directed), pairs of partners, possible triangles."""
    from connectome_graph._kernels import triads
    from connectome_graph._kernels.clustering import triangles_by_rank

    oriented = orient(part)
    by_rank = added(
        over_workers(lambda w, of: triangles_by_rank(*oriented.arrays, w, of), len(part.pre))
    )
    kinds = triads.dyad_degrees(*oriented.rows)[oriented.rank].astype(float)
    counts = by_rank[oriented.rank]
    mutual, partners = kinds[:, 2], kinds.sum(axis=1)
    total = partners + mutual
    # Both denominators are 0 for fewer than two partners, also when the one is mutual.
    possible = np.where(partners > 1, total * (total - 1) - 2 * mutual, 0)
    return partners, counts, partners * (partners - 1) / 2, possible


def _met(part: Core) -> tuple[npt.NDArray[Any], ...]:
    """Return the same where not all pairs could have met: two partners that could not count not."""
    from connectome_graph._kernels import adjacency
    from connectome_graph._kernels.clustering import met_triangles_by_rank

    oriented = orient(part)
    by_rank = added(
        over_workers(lambda w, of: met_triangles_by_rank(*oriented.arrays, w, of), part.size)
    )
    counts = by_rank[oriented.rank]
    partners = np.diff(adjacency.undirected(part.pre, part.post, part.n)[0])
    return partners, counts[:, :2], counts[:, 2], counts[:, 3]
