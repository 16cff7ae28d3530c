"""Every statistic that belongs to a neuron, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import Seed, Weight
from connectome_graph.model.columns import with_gaps
from connectome_graph.stats._clustering import neuron_clustering
from connectome_graph.stats._communities import communities
from connectome_graph.stats._degree import degrees
from connectome_graph.stats._dyads import dyad_edges, reciprocated
from connectome_graph.stats._hierarchy import trophic_hierarchy
from connectome_graph.stats._paths import neuron_components
from connectome_graph.stats._sampling import denominators, neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["neuron_table"]


def neuron_table(g: ConnectomeGraph, *, weight: Weight = "count", seed: Seed = 0) -> pd.DataFrame:
    """Return one row per neuron with its degrees, reciprocity, clustering, component and level.

    Parameters
    ----------
    g
        The graph.
    weight
        Weight of strengths, communities and trophic levels, not negative.
    seed
        Whole number or Generator for the communities.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id``: ``is_source is_target``; the columns of :func:`degrees` with
        strengths; and for neurons that are both, else missing, ``mutual_degree`` (partners that
        answer), ``n_partners n_triangles local_clustering directed_clustering weak_component
        strong_component community trophic_level``; there is no ``community`` on a set of pairs
        (``g.within``), where modularity is not defined. ``g.annotate(table)`` joins it to the
        neurons.

    Raises
    ------
    InvalidArgument
        When a weight is negative or missing, or for a graph of types.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]])
    >>> cg.stats.neuron_table(g)[["out_degree", "mutual_degree", "n_triangles"]]
             out_degree  mutual_degree  n_triangles
    root_id
    1                 2              1            0
    2                 1              1            0
    3                 0              0            0
    """
    g.domain.require_simple("a neuron's mutual degree")
    core = g.domain.core
    pre, _, keep = dyad_edges(g)
    mutual = np.bincount(pre[reciprocated(g)[keep]], minlength=g.n_neurons)
    table = pd.DataFrame(
        {"is_source": g.domain.sources, "is_target": g.domain.targets}, index=neuron_index(g)
    )
    parts: list[pd.DataFrame | pd.Series] = [
        pd.Series(mutual[core], index=table.index[core], name="mutual_degree"),
        neuron_clustering(g),
        neuron_components(g).add_suffix("_component"),
        *([communities(g, weight=weight, seed=seed).labels] if g.domain.is_rectangle else []),
        trophic_hierarchy(g, weight=weight).levels,
    ]
    known: pd.DataFrame = pd.concat(parts, axis=1)
    known = with_gaps(known).reindex(table.index)
    result: pd.DataFrame = pd.concat([table, degrees(g, weight=weight), known], axis=1)
    result.attrs.clear()
    result.attrs.update(denominators(g))
    return result
