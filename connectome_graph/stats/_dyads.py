"""Dyads: pairs of neurons of which both directions could have been seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import (
    By,
    Interval,
    Level,
    Seed,
    SourceWeights,
    generator,
    level_between,
    one_of,
    recorded_seed,
    whole,
)
from connectome_graph.stats._block_intervals import Quantity, bootstrapped, closed_form
from connectome_graph.stats._bootstrap import Blocks
from connectome_graph.stats._dyad_variance import Dyads
from connectome_graph.stats._intervals import ratio, wilson
from connectome_graph.stats._labels import type_codes, type_pairs
from connectome_graph.stats._recall import Recall, SynapseModel
from connectome_graph.stats._recall_bands import seen_in_part
from connectome_graph.stats._sampling import (
    checked_source_weights,
    denominators,
)
from connectome_graph.stats._sparse_blocks import OccurringBlocks, is_complete
from connectome_graph.stats._two_way import spread_of_ratio

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.domain import Domain

__all__ = [
    "core_edges",
    "dyad_edges",
    "dyad_series",
    "dyads",
    "labelled_reciprocity",
    "reciprocated",
]


def core_edges(
    g: ConnectomeGraph,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.bool_] | slice]:
    """Return the edges between neurons that are source and target, and which edges those are."""
    pre, post = g.edge_codes
    core = g.domain.core
    if core.all():
        return pre, post, slice(None)
    keep = core[pre] & core[post]
    return pre[keep], post[keep], keep


def dyad_edges(
    g: ConnectomeGraph,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.bool_] | slice]:
    """Return the edges whose opposite could have been seen too, and which edges those are."""
    if g.domain.is_rectangle:
        return core_edges(g)
    pre, post = g.edge_codes
    keep = g.domain.contains(post, pre)
    return pre[keep], post[keep], keep


def reciprocated(g: ConnectomeGraph) -> npt.NDArray[np.bool_]:
    """Return which edges of the graph have their opposite as an edge too.

    Boolean, shape ``(g.n_edges,)``. An edge whose opposite lies outside the domain is False,
    which does not mean that it is one-way: restrict to ``g.domain.core`` before concluding.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> reciprocated(cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]])).tolist()
    [True, False, True]
    """
    g.domain.require_simple("reciprocity")
    from connectome_graph._kernels import adjacency

    pre, post = g.edge_codes
    found: npt.NDArray[np.bool_] = adjacency.reciprocated(pre, post, g.n_neurons)
    return found


def dyads(
    g: ConnectomeGraph,
    *,
    source_weights: SourceWeights | None = None,
    recall: Recall = "ignore",
    min_synapses: int = 1,
    synapse_model: SynapseModel = "unbiased",
    level: Level = 0.95,
    seed: Seed = 0,
) -> pd.Series:
    r"""Return how many pairs are unconnected, one-way and mutual, and three reciprocities.

    Over the unordered pairs of which both directions were observable (both neurons are source
    and target, and could have met either way), with A the adjacency matrix on them and p its
    density:

    - ``reciprocity`` r = P(j -> i given i -> j) = 2 mutual / (2 mutual + asymmetric);
    - ``r_over_p``, how many times likelier a connection is when its opposite exists;
    - ``rho`` = (r - p) / (1 - p), the correlation of the two directions.

    With a fraction f of the axons traced, a count over all pairs would give f r; r on the
    observable pairs is consistent, and r/p also survives random loss of edges.

    Parameters
    ----------
    g
        The graph.
    source_weights
        Weight of every source, one over the probability that its axon was proofread; a pair
        counts as the product of its two. See :func:`connectome_graph.stats.density`.
    recall
        ``"correct"`` counts what was missed: every seen connection stands for as many as the
        columns ``axon_recall`` and ``dendrite_recall`` say (``g.with_recall``), under the model
        that each synapse is seen independently. The result then has
        a band of what was missed alone beside each number: ``reciprocity_recall_low`` and so on.
    min_synapses
        Synapses that a connection needs to count; with ``recall="correct"``, true ones.
    synapse_model
        How many synapses connections have: ``"unbiased"`` needs no model and a recall of at least
        one half, ``"negative_binomial"`` is fitted and goes down to a tenth.
    level
        Confidence level.
    seed
        Seed of the draws behind the bands of recall.

    Returns
    -------
    pandas.Series
        ``null asymmetric mutual reciprocity r_over_p rho n_pairs density n_edges n_core
        n_edges_outside reciprocity_low reciprocity_high r_over_p_low r_over_p_high``, float64;
        ``null``, ``asymmetric``, ``mutual`` and ``n_pairs`` are unordered pairs (with
        `source_weights`, their estimated totals), ``n_edges`` the edges between the ``n_core``
        neurons, ``n_edges_outside`` all connected pairs left out. The intervals take neurons as
        what was sampled, so that pairs that share one are not independent (:doc:`/calibration`);
        they are missing with fewer than three neurons.

    Raises
    ------
    InvalidArgument
        For a graph of types, or weights that are missing for a source.

    References
    ----------
    Garlaschelli & Loffredo 2004, Phys Rev Lett 93:268701; Song et al. 2005, PLoS Biol 3:e68.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> cg.stats.dyads(cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]])).iloc[:4].round(3)
    null           1.000
    asymmetric     1.000
    mutual         1.000
    reciprocity    0.667
    Name: dyads, dtype: float64
    """
    level_between(level)
    g, corrected = seen_in_part(
        g, recall, min_synapses=min_synapses, model=synapse_model, level=level, seed=seed
    )
    both = reciprocated(g)
    pre, post, keep = dyad_edges(g)
    core = g.domain.core
    weight = checked_source_weights(g, source_weights)
    part = Dyads.of(pre, post, both[keep], domain=g.domain, weight=weight)
    n_edges, n_mutual, n_pairs = part.totals()
    series = dyad_series(
        n_pairs=n_pairs,
        n_edges=n_edges,
        n_mutual=n_mutual,
        n_core=int(core.sum()),
        n_core_edges=len(pre),
        n_outside=g.n_edges_outside + g.n_edges - len(pre),
        intervals=part.intervals(level=level),
    )
    series.attrs["policy"] = g.domain.policy
    return series if corrected is None else corrected.onto_dyads(series)


def dyad_series(
    *,
    n_pairs: float,
    n_edges: float,
    n_mutual: float,
    n_core: int,
    n_core_edges: int,
    n_outside: int,
    intervals: Mapping[str, float],
) -> pd.Series:
    """Return the dyads of each kind and the three reciprocities, from their counts.

    Parameters
    ----------
    n_pairs, n_edges, n_mutual
        Unordered pairs, edges and mutual pairs between neurons that are source and target, or
        their estimated totals.
    n_core, n_core_edges
        How many such neurons there are, and edges between them.
    n_outside
        Connected pairs left out.
    intervals
        Ends of the intervals of the reciprocities, where they are known.
    """
    r, p = ratio(2 * n_mutual, n_edges), ratio(n_edges, 2 * n_pairs)
    result = {
        "null": n_pairs - n_edges + n_mutual,
        "asymmetric": n_edges - 2 * n_mutual,
        "mutual": n_mutual,
        "reciprocity": r,
        "r_over_p": ratio(r, p),
        "rho": ratio(r - p, 1 - p),
        "n_pairs": n_pairs,
        "density": p,
        "n_edges": n_core_edges,
        "n_core": n_core,
        "n_edges_outside": n_outside,
        **intervals,
    }
    return pd.Series(result, dtype=float, name="dyads")


def labelled_reciprocity(
    g: ConnectomeGraph,
    by: By,
    *,
    complete: bool | None = None,
    interval: Interval = "two-way",
    level: Level = 0.95,
    n: int = 1000,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Return, for each pair of types, how often a connection is answered.

    ``reciprocity`` of (s, t) is r_st = P(j -> i given i -> j) for i of type s and j of type t,
    over the pairs of which both directions were observable. ``expected`` is the density of
    t -> s there, what r_st would be if the two directions were independent within types, and
    ``r_over_p`` their ratio.

    Parameters
    ----------
    g
        The graph.
    by
        Neuron column of the types.
    complete, interval, level, n, seed
        As in :func:`connectome_graph.stats.type_matrix`.

    Returns
    -------
    pandas.DataFrame
        A row for each ordered pair of types: ``pre_type post_type n_pairs n_edges
        n_reciprocated reciprocity low high wilson_low wilson_high expected r_over_p``.

    Raises
    ------
    UnknownName
        When `by` is no neuron column.
    InvalidArgument
        For a graph of types, or an unknown interval.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["E", "I", "I"]})
    >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]], cells)
    >>> table = cg.stats.labelled_reciprocity(g, by="cell_type", interval="wilson")
    >>> cg.stats.to_matrix(table, "reciprocity").loc["E", "I"].item()
    0.5
    """
    one_of(interval, Interval, name="interval")
    n, rng = whole(n, name="n"), generator(seed)
    facts = denominators(g) | ({"seed": recorded_seed(rng)} if interval == "bootstrap" else {})
    both = reciprocated(g)
    pre, post, keep = dyad_edges(g)
    kind, types = type_codes(g, by)
    facts["complete"] = is_complete(len(types), complete)
    domain = g.domain.both_ways
    if not facts["complete"]:
        frame = _occurring(domain, kind, types, (pre, post), answered=both[keep], level=level)
        frame.attrs.update(facts, n_edges_without_type=int(_untyped(kind, pre, post)))
        return frame
    values = both[keep].astype(float)[None, :]
    blocks = Blocks(domain, kind, len(types), pre, post, values)
    n_edges, n_both = blocks.sums[:, :, 0], blocks.sums[:, :, 1]
    r, expected = ratio(n_both, n_edges), ratio(n_edges, blocks.pairs).T
    low, high = wilson_low, wilson_high = wilson(n_both, n_edges, level=level)
    if interval != "wilson":
        shown = blocks.can_resample()
        found = Quantity(
            r, spread_of_ratio(blocks, values[0], np.ones(len(pre))),
            lambda draws: ratio(draws.sums[..., 1], draws.sums[..., 0]), n_edges,
        )  # fmt: skip
        low, high = closed_form(found, shown, level=level)
        if interval == "bootstrap":
            draws = blocks.draw(n, rng)
            low, high = bootstrapped(found, draws, shown, level=level)
    table = type_pairs(types) | {
        "n_pairs": blocks.pairs.astype(np.int64).ravel(),
        "n_edges": n_edges.astype(np.int64).ravel(),
        "n_reciprocated": n_both.astype(np.int64).ravel(),
        "reciprocity": r.ravel(),
        "low": low.ravel(),
        "high": high.ravel(),
        "wilson_low": wilson_low.ravel(),
        "wilson_high": wilson_high.ravel(),
        "expected": expected.ravel(),
        "r_over_p": ratio(r, expected).ravel(),
    }
    frame = pd.DataFrame(table)
    frame.attrs.update(facts, n_edges_without_type=int(_untyped(kind, pre, post)))
    return frame


def _occurring(
    domain: Domain,
    kind: npt.NDArray[np.int64],
    types: pd.Index,
    ends: tuple[Any, Any],
    *,
    answered: npt.NDArray[np.bool_],
    level: float,
) -> pd.DataFrame:
    """Return the reciprocity of the blocks that hold an edge, with Wilson's interval."""
    typed = (kind[ends[0]] >= 0) & (kind[ends[1]] >= 0)
    ends, k = (ends[0][typed], ends[1][typed]), len(types)
    blocks = OccurringBlocks.of(domain, kind, k, ends)
    n_both = blocks.total(answered[typed].astype(float)).astype(np.int64)
    r = ratio(n_both, blocks.n_edges)
    low, high = wilson(n_both, blocks.n_edges, level=level)
    # The density of the opposite block, which may hold no edge: 0 there, not missing.
    keys, opposite = blocks.pre * k + blocks.post, blocks.post * k + blocks.pre
    at = np.minimum(np.searchsorted(keys, opposite), max(len(keys) - 1, 0))
    back = np.where(keys[at] == opposite, blocks.n_edges[at], 0) if len(keys) else at
    expected = ratio(back, blocks.n_pairs)
    missing = np.full(len(keys), np.nan)
    return pd.DataFrame(
        {
            "pre_type": types.take(blocks.pre), "post_type": types.take(blocks.post),
            "n_pairs": blocks.n_pairs, "n_edges": blocks.n_edges, "n_reciprocated": n_both,
            "reciprocity": r, "low": missing, "high": missing, "wilson_low": low,
            "wilson_high": high, "expected": expected, "r_over_p": ratio(r, expected),
        }
    )  # fmt: skip


def _untyped(kind: npt.NDArray[np.int64], pre: Any, post: Any) -> int:
    return int(((kind[pre] < 0) | (kind[post] < 0)).sum()) if (kind < 0).any() else 0
