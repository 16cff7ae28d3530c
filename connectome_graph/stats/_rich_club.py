"""Rich club: whether neurons of many partners connect among themselves more than they must."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Degree, Level, Seed, one_of, whole
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._degree import degree_values
from connectome_graph.stats._intervals import percentiles, ratio
from connectome_graph.stats._sampling import denominators, neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.nulls import NullModel
    from connectome_graph.nulls._base import NullFunction

__all__ = ["rich_club", "rich_club_members", "rich_club_range"]


def rich_club(
    g: ConnectomeGraph,
    *,
    degree: Degree = "total",
    null: NullModel | NullFunction | None = None,
    n: int = 100,
    level: Level = 0.95,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Return the density among the neurons of more than k partners, for every k.

    ``phi`` is the number of edges over the number of observable pairs among the members, those
    whose degree is above k. Degrees count observable partners; a neuron whose degree could not
    be observed is no member. Hubs are dense among themselves in any graph of the same degrees,
    so ``phi`` says little before it is divided by that of a null model.

    Parameters
    ----------
    g
        The graph.
    degree
        Degree that ranks neurons: ``"total"``, ``"in"`` or ``"out"``.
    null
        A null model that keeps degrees, such as ``cg.nulls.Configuration()``; adds ``phi_null
        phi_null_low phi_null_high phi_norm p p_max_t``.
    n
        Number of null samples.
    level
        Level of the percentile interval of the null.
    seed
        Whole number or Generator for the null.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``k``, 0 and every degree that occurs: ``n_members n_edges n_pairs phi`` and
        the columns named above. ``p`` is the share of null samples at least as dense,
        (1 + b) / (1 + n), for each k by itself; ``p_max_t`` allows for all k (one-sided
        step-down max-T), and ``attrs["p_omnibus"]``, its smallest, says whether there is a club
        at any k.

    Raises
    ------
    InvalidArgument
        For an unknown degree, or a graph of types.

    References
    ----------
    Colizza, Flammini, Serrano & Vespignani 2006, Nat Phys 2:110; Lin et al. 2024, Nature
    634:153 (fly brain).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]])
    >>> cg.stats.rich_club(g)[["n_members", "phi"]].loc[1]
    n_members    2.0
    phi          1.0
    Name: 1, dtype: float64
    """
    one_of(degree, Degree, name="degree")
    g.domain.require_simple("the rich club")
    values = degree_values(g, degree)
    levels = np.unique(np.concatenate([[0.0], values[~np.isnan(values)]])).astype(np.int64)
    table = _curve(g, degree, levels)
    table.attrs.update(denominators(g), degree=degree)
    if null is None:
        return table
    from connectome_graph.comparison import compare
    from connectome_graph.comparison._significance import max_t

    def statistic(sample: ConnectomeGraph) -> pd.Series:
        return _curve(sample, degree, levels)["phi"]

    samples = compare(g, statistic, null=null, n=n, seed=seed).samples[levels].to_numpy(float)
    phi = table["phi"].to_numpy()
    known = ~np.isnan(samples)
    with np.errstate(invalid="ignore"):
        at_least = ((samples >= phi) & known).sum(axis=0)
    mean = ratio(np.where(known, samples, 0).sum(axis=0), known.sum(axis=0))
    table["phi_null"] = mean
    table["phi_null_low"], table["phi_null_high"] = percentiles(samples, level=level)
    table["phi_norm"] = ratio(phi, mean)
    table["p"] = np.where(np.isnan(phi), np.nan, (1 + at_least) / (1 + known.sum(axis=0)))
    table["p_max_t"] = max_t(phi, samples, tail="upper")
    table.attrs["p_omnibus"] = float(np.nanmin(table["p_max_t"])) if known.any() else np.nan
    return table


def rich_club_members(g: ConnectomeGraph, *, k: int, degree: Degree = "total") -> pd.Index:
    """Return the root ids of the neurons with a degree above `k`.

    Parameters
    ----------
    g
        The graph.
    k
        Degree that members exceed.
    degree
        As in :func:`rich_club`.

    Raises
    ------
    InvalidArgument
        For an unknown degree, or a negative `k`.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]])
    >>> cg.stats.rich_club_members(g, k=1).tolist()
    [1, 2]
    """
    one_of(degree, Degree, name="degree")
    k = whole(k, name="k", least=0)
    with np.errstate(invalid="ignore"):
        return neuron_index(g)[degree_values(g, degree) > k]


def rich_club_range(table: pd.DataFrame, *, level: Level = 0.95) -> tuple[int, int] | None:
    """Return the first and last k of the longest run in which the club is denser than the null.

    A run is of neighbouring k with ``phi_norm`` above 1 and ``p_max_t`` of at most 1 - `level`:
    as that allows for all k at once, so often at most does a graph of the null have a club.

    Parameters
    ----------
    table
        What :func:`rich_club` returned with a null model.
    level
        Confidence level, of all k together.

    Returns
    -------
    tuple of int, or None
        None when there is no rich club.

    Raises
    ------
    InvalidArgument
        When the table was made without a null model.

    Examples
    --------
    >>> import pandas as pd
    >>> columns = {"phi_norm": [1.0, 1.2, 1.3, 0.9], "p_max_t": [1.0, 0.01, 0.02, 1.0]}
    >>> rich_club_range(pd.DataFrame(columns, index=[0, 5, 8, 11]))
    (5, 8)
    """
    if not {"phi_norm", "p_max_t"} <= set(table):
        raise InvalidArgument("the range needs a curve beside a null model: rich_club(g, null=...)")
    rich = ((table["phi_norm"] > 1) & (table["p_max_t"] <= 1 - level)).to_numpy()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], rich, [False]]).astype(np.int8)))
    if not len(edges):
        return None
    first, stop = edges[::2], edges[1::2]
    longest = int(np.argmax(stop - first))
    k = table.index
    return int(k[first[longest]]), int(k[stop[longest] - 1])


def _curve(g: ConnectomeGraph, which: str, levels: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return members, edges and observable pairs above each of the ascending levels."""
    degree = degree_values(g, which)
    pre, post = g.edge_codes
    # How many of the levels a neuron exceeds; an edge is in as long as both of its ends are.
    above = np.where(np.isnan(degree), 0, np.searchsorted(levels, degree, side="left"))

    def beyond(rank: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        counts = np.bincount(rank, minlength=len(levels) + 1)
        return np.cumsum(counts[::-1])[::-1][1:]

    sources, targets, pairs = g.domain.sources, g.domain.targets, g.domain.pairs
    if pairs is not None:
        n_pairs = beyond(np.minimum(above[pairs.pre], above[pairs.post]))
    else:
        n_pairs = beyond(above[sources]) * beyond(above[targets])
        n_pairs -= beyond(above[sources & targets])
    n_edges = beyond(np.minimum(above[pre], above[post]))
    return pd.DataFrame(
        {
            "n_members": beyond(above),
            "n_edges": n_edges,
            "n_pairs": n_pairs,
            "phi": ratio(n_edges, n_pairs),
        },
        index=pd.Index(levels, name="k"),
    )
