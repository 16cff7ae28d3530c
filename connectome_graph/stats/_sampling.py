"""Who was sampled: weights of the sources, and what a result says of its domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import SourceWeights
from connectome_graph.border.values import numbers_of
from connectome_graph.errors import InvalidArgument

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.domain import Domain

__all__ = [
    "checked_source_weights",
    "denominators",
    "facts_of",
    "neuron_index",
]


def checked_source_weights(
    g: ConnectomeGraph, source_weights: SourceWeights | None
) -> npt.NDArray[np.float64] | None:
    """Return one weight per neuron, checked on the sources of the domain.

    With weights of one over the probability that a neuron's axon was proofread, sums over
    sources estimate sums over all axons (Horvitz & Thompson 1952, J Am Stat Assoc 47:663).

    Raises
    ------
    InvalidArgument
        When a source has no weight, or one that is not positive.
    """
    if source_weights is None:
        return None
    weights = source_weights
    if isinstance(weights, str):
        weights = g.neuron_column(weights)
    if isinstance(weights, Mapping):
        weights = pd.Series(dict(weights))
    if isinstance(weights, pd.Series):
        values = np.full(g.n_neurons, np.nan)
        values[g.codes_of(weights.index)] = numbers_of(weights, name="source_weights")
    else:
        values = numbers_of(weights, name="source_weights")
    if values.shape != (g.n_neurons,):
        raise InvalidArgument(
            f"source_weights need one number for each of {g.n_neurons:,} neurons; found shape "
            f"{values.shape}"
        )
    bad = np.flatnonzero(g.domain.sources & ~(np.isfinite(values) & (values > 0)))
    if len(bad):
        raise InvalidArgument(
            f"source_weights need a positive number for every source; {len(bad):,} of "
            f"{g.domain.n_sources:,} have none (first: {g.ids[bad[0]]}, {values[bad[0]]}); a "
            "weight is one over the probability that the axon was proofread"
        )
    return np.where(g.domain.sources, values, 0.0)


def denominators(g: ConnectomeGraph) -> dict[str, Any]:
    """Return what every result says of the domain it was computed on.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> denominators(cg.from_adjacency([[0, 2], [0, 0]]))
    {'policy': 'all', 'n_sources': 2, 'n_targets': 2, 'n_pairs': 2, 'n_edges_outside': 0}
    """
    return facts_of(g.domain, g.n_edges_outside)


def facts_of(domain: Domain, n_edges_outside: int) -> dict[str, Any]:
    """Return what a result says of a domain, and of the connected pairs outside it."""
    return {**domain.describe(), "n_edges_outside": n_edges_outside}


def neuron_index(g: ConnectomeGraph) -> pd.Index:
    """Return the index of every table with one row per neuron, without copying the neuron table.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> neuron_index(cg.from_adjacency([[0, 2], [0, 0]]))
    Index([1, 2], dtype='int64', name='root_id')
    """
    index: pd.Index = pd.Index(g.ids, name="root_id", dtype=g.ids.dtype)
    return index
