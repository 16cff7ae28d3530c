"""Density: the share of the observable pairs that are connected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import (
    Interval,
    Level,
    Seed,
    SourceWeights,
    generator,
    one_of,
    recorded_seed,
    whole,
)
from connectome_graph.stats._block_intervals import Quantity, bootstrapped, closed_form
from connectome_graph.stats._bootstrap import Blocks
from connectome_graph.stats._intervals import ratio, wilson
from connectome_graph.stats._recall import Recall, SynapseModel
from connectome_graph.stats._recall_bands import seen_in_part
from connectome_graph.stats._sampling import (
    checked_source_weights,
    denominators,
)
from connectome_graph.stats._two_way import spread_of_ratio

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["density", "density_series"]


def density(
    g: ConnectomeGraph,
    *,
    interval: Interval = "two-way",
    level: Level = 0.95,
    n: int = 1000,
    source_weights: SourceWeights | None = None,
    recall: Recall = "ignore",
    min_synapses: int = 1,
    synapse_model: SynapseModel = "unbiased",
    seed: Seed = 0,
) -> pd.Series:
    """Return the connection probability: edges on the domain over pairs in the domain.

    Parameters
    ----------
    g
        The graph.
    interval
        What ``low`` and ``high`` are. ``"two-way"``: neurons are what was sampled, at both
        ends, so pairs that share one are not independent; in closed form, at the variance of
        Owen & Eckles (2012) and Menzel (2021). ``"bootstrap"``: the same variance, and the
        shape of samples in which neurons are drawn again. ``"wilson"``: pairs as independent,
        too short where neurons differ.
    level
        Confidence level.
    n
        Bootstrap samples; time grows with their number times the number of edges.
    source_weights
        Weight of every source, one over the probability that its axon was proofread: a neuron
        column, a Series by root id, or an array. The estimate is then that of Horvitz and
        Thompson, and Wilson's interval is missing.
    recall
        ``"correct"`` counts what was missed: every seen connection stands for as many as the
        columns ``axon_recall`` and ``dendrite_recall`` say (``g.with_recall``), under the model
        that each synapse is seen independently. The result then has
        ``density_recall_low density_recall_high``, the band of what was missed alone.
    min_synapses
        Synapses that a connection needs to count; with ``recall="correct"``, true ones.
    synapse_model
        How many synapses connections have: ``"unbiased"`` needs no model and a recall of at least
        one half, ``"negative_binomial"`` is fitted and goes down to a tenth.
    seed
        Whole number or Generator for the bootstrap.

    Returns
    -------
    pandas.Series
        ``density n_edges n_pairs low high wilson_low wilson_high n_sources n_targets
        n_edges_outside``, float64. ``attrs["policy"]`` names the domain. Without pairs the
        density is missing; ``low`` and ``high`` are missing with fewer than two sources or
        targets, which cannot show how neurons differ. How often they hold the truth:
        :doc:`/calibration`.

    Raises
    ------
    InvalidArgument
        For an unknown interval, or weights that are missing for a source.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]])
    >>> cg.stats.density(g, interval="wilson").loc[["density", "n_edges", "n_pairs"]].tolist()
    [0.5, 3.0, 6.0]
    """
    one_of(interval, Interval, name="interval")
    g, corrected = seen_in_part(
        g, recall, min_synapses=min_synapses, model=synapse_model, level=level, seed=seed
    )
    n, rng = whole(n, name="n"), generator(seed)
    drawn_from = recorded_seed(rng)
    facts = denominators(g)
    pre, post = g.edge_codes
    blocks = Blocks(
        g.domain, np.zeros(g.n_neurons, np.int64), 1, pre, post, np.empty((0, g.n_edges)),
        checked_source_weights(g, source_weights),
    )  # fmt: skip
    n_edges, n_pairs = g.n_edges, g.domain.n_pairs
    plain = wilson(n_edges, n_pairs, level=level) if source_weights is None else (np.nan, np.nan)
    wilson_low, wilson_high = (float(bound) for bound in plain)
    low, high = wilson_low, wilson_high
    estimate, shown = ratio(blocks.sums[..., 0], blocks.pairs), blocks.can_resample()
    if interval != "wilson":
        found = Quantity(
            estimate, spread_of_ratio(blocks, np.ones(n_edges)),
            lambda draws: ratio(draws.sums[..., 0], draws.pairs), np.full((1, 1), float(n_pairs)),
        )  # fmt: skip
        ends = closed_form(found, shown, level=level)
        if interval == "bootstrap" and shown.all():
            draws = blocks.draw(n, rng)
            ends = bootstrapped(found, draws, shown, level=level)
        low, high = (float(end[0, 0]) for end in ends)
    bounds = {"low": low, "high": high, "wilson_low": wilson_low, "wilson_high": wilson_high}
    series = density_series(float(estimate[0, 0]), n_edges, n_pairs, bounds=bounds, facts=facts)
    if interval == "bootstrap":
        series.attrs["seed"] = drawn_from
    return series if corrected is None else corrected.onto_density(series)


def density_series(
    estimate: float, n_edges: int, n_pairs: int, *, bounds: Mapping[str, float], facts: Any
) -> pd.Series:
    """Return a density with its numbers, its intervals, and what it says of the domain."""
    result = {
        "density": estimate,
        "n_edges": n_edges,
        "n_pairs": n_pairs,
        **bounds,
        **{name: facts[name] for name in ("n_sources", "n_targets", "n_edges_outside")},
    }
    series = pd.Series(result, dtype=float, name="density")
    series.attrs["policy"] = facts["policy"]
    return series
