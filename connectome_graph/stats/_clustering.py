"""Three clustering coefficients, which are three different numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Level, level_between, one_of
from connectome_graph.motifs._oriented import Core, added, orient, over_workers, triad_core
from connectome_graph.stats._closure_variance import MetWedges, Wedges
from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._sampling import denominators, neuron_index
from connectome_graph.stats._spread import proportion_interval

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["clustering", "core_transitivity", "neuron_clustering"]

#: What a neuron with fewer than two partners is in a mean.
Few: TypeAlias = Literal["missing", "zero"]
COEFFICIENTS = ("transitivity", "local_average", "directed_average")


def clustering(
    g: ConnectomeGraph, *, few: Few = "missing", level: Level | None = 0.95
) -> pd.Series:
    """Return transitivity, the local average, and the directed clustering of a graph.

    On the neurons that are source and target, between which both directions were observable:

    - ``transitivity``: closed over all paths of two connections, directions ignored;
    - ``local_average``: the mean over neurons of the share of connected pairs among their
      partners, directions ignored (Watts & Strogatz);
    - ``directed_average``: the mean over neurons of the share of the possible directed
      triangles that exist (Fagiolo).

    On a domain of pairs (``g.within``) two partners that could not have met each other are no
    open path: they are in no denominator.

    Parameters
    ----------
    g
        The graph.
    few
        What a neuron with fewer than two partners is, that has no coefficient: ``"missing"``,
        left out of the means; or ``"zero"``, the convention of networkx and of most published
        averages, which falls with the number of such neurons.
    level
        Confidence level; ``None`` leaves the intervals out, which take most of the time on
        large graphs.

    Returns
    -------
    pandas.Series
        ``transitivity local_average directed_average n_triangles n_neurons``, float64, and
        ``<coefficient>_low <coefficient>_high``. The intervals take neurons as what was sampled
        (:doc:`/calibration`).

    Raises
    ------
    InvalidArgument
        For a graph of types, another `few`, or a level that is not between 0 and 1.

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
    >>> cg.stats.clustering(g, few="zero").round(3).tolist()[:3]
    [0.6, 0.583, 0.292]
    """
    one_of(few, Few, name="few")
    if level is not None:
        level_between(level)
    table, pairs, possible = _by_neuron(g)
    triangles = table["n_triangles"].to_numpy(float)
    local, directed = (table[f"{kind}_clustering"].to_numpy() for kind in ("local", "directed"))
    if few == "zero":
        local, directed = np.nan_to_num(local), np.nan_to_num(directed)
    result = {
        "transitivity": ratio(triangles.sum(), pairs.sum()),
        "local_average": _mean(local),
        "directed_average": _mean(directed),
        "n_triangles": triangles.sum() / 3,
        "n_neurons": len(table),
    }
    if level is not None:
        counted = len(table) if few == "zero" else int((pairs > 0).sum())
        result |= _intervals(g, (pairs, possible), result, counted=counted, level=level)
    series = pd.Series(result, dtype=float, name="clustering")
    series.attrs["policy"] = g.domain.policy
    return series


def _mean(values: npt.NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


def _intervals(
    g: ConnectomeGraph,
    partners: tuple[npt.NDArray[Any], npt.NDArray[Any]],
    result: dict[str, float],
    *,
    counted: int,
    level: float,
) -> dict[str, float]:
    """Return low and high of the coefficients, from each neuron's pairs and possible triangles."""
    pairs, possible = partners
    part = triad_core(g)
    names = COEFFICIENTS
    bounds = dict.fromkeys([f"{name}_{end}" for name in names for end in ("low", "high")], np.nan)
    n_wedges = pairs.sum()
    if not n_wedges or part.n < 4:
        return bounds
    met = part.met
    wedges = Wedges(part.pre, part.post, part.n) if met is None else MetWedges(met, part.n)
    if wedges.n_members < 4:
        return bounds
    own = {
        "transitivity": np.full(part.n, 1 / n_wedges),
        "local_average": np.nan_to_num(ratio(1, pairs)) / counted,
        "directed_average": np.nan_to_num(ratio(2 * (pairs > 0), possible)) / counted,
    }
    for name in names:
        of_wedge = wedges.spread(
            result[name], np.ascontiguousarray(own[name]), directed=name == "directed_average"
        )
        ends = proportion_interval(result[name], of_wedge, units=n_wedges, level=level)
        bounds |= {f"{name}_{end}": float(v) for end, v in zip(("low", "high"), ends, strict=True)}
    return bounds


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


def _by_neuron(g: ConnectomeGraph) -> tuple[pd.DataFrame, npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the coefficients, and each neuron's pairs of partners and possible triangles."""
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
    return table, pairs, possible


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


def core_transitivity(part: Core) -> float:
    """Return the closed share of the pairs of partners, where all pairs could have met.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from connectome_graph.motifs._oriented import core
    >>> core_transitivity(core(cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])))
    1.0
    """
    from connectome_graph._kernels import triads

    oriented = orient(part)
    closed = added(
        over_workers(lambda w, of: triads.closed_codes(*oriented.arrays, w, of), part.size)
    )
    partners = triads.dyad_degrees(*oriented.rows).sum(axis=1)
    return float(ratio(3 * closed.sum(), (partners * (partners - 1) // 2).sum()))


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
