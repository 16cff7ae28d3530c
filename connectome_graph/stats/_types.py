"""The type matrix: how likely, how many and how large the connections between types are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
    one_of,
    recorded_seed,
    whole,
)
from connectome_graph.graph import weights as edge_weights
from connectome_graph.stats._bootstrap import Blocks, Draws
from connectome_graph.stats._intervals import percentiles, ratio, wilson
from connectome_graph.stats._labels import type_codes, type_pairs
from connectome_graph.stats._sampling import (
    checked_source_weights,
    denominators,
)

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["quantities", "type_matrix", "type_table"]

Floats = npt.NDArray[np.float64]


def type_matrix(
    g: ConnectomeGraph,
    by: By,
    *,
    interval: Interval = "bootstrap",
    level: Level = 0.95,
    n: int = 1000,
    source_weights: SourceWeights | None = None,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Return connection probability, strength and shares for each ordered pair of types.

    On the domain, for sources of type s and targets of type t: ``probability`` is edges over
    pairs, ``synapses_per_connection`` synapses over edges, ``mean_size`` total size over
    synapses (edges without a known size left out), ``input_fraction`` the share of all observed
    synapses onto t that come from s, ``output_fraction`` the share of all observed synapses of
    s that go to t. Shares count partners without a type in their denominators.

    Parameters
    ----------
    g
        The graph.
    by
        Neuron column of the types. Neurons without one are left out; their edges are counted
        in ``attrs["n_edges_without_type"]``.
    interval
        ``"bootstrap"``: intervals of every quantity from the two-way bootstrap, in which
        neurons are drawn again within their type (:mod:`connectome_graph.stats.bootstrap`).
        ``"wilson"``: only that of the probability, taking pairs as independent, which makes it
        too short where neurons of a type differ.
    level
        Confidence level.
    n
        Bootstrap samples; time grows with their number times the number of edges, so with
        millions of edges take fewer, or ``interval="wilson"``.
    source_weights
        Weight of every source, as in :func:`connectome_graph.stats.density`: edges, pairs and
        synapses are then weighted by their source in all ratios. Counts stay counts.
    seed
        Whole number or Generator for the bootstrap.

    Returns
    -------
    pandas.DataFrame
        A row for each ordered pair of types: ``pre_type post_type n_sources n_targets n_pairs
        n_edges n_synapses probability low high wilson_low wilson_high
        synapses_per_connection [mean_size] input_fraction output_fraction``, and with the
        bootstrap ``<quantity>_low <quantity>_high`` of the last ones. A bootstrap interval is
        missing where drawing again shows no variation: no edge, or fewer than two neurons at an
        end. :func:`connectome_graph.stats.to_matrix` turns a column into a matrix.

    Raises
    ------
    UnknownName
        When `by` is no neuron column.
    InvalidArgument
        For an unknown interval, or weights that are missing for a source.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["E", "I", "I"]})
    >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]], cells)
    >>> table = cg.stats.type_matrix(g, by="cell_type", interval="wilson")
    >>> table[["pre_type", "post_type", "n_edges", "n_pairs", "probability"]]
      pre_type post_type  n_edges  n_pairs  probability
    0        E         E        0        0          NaN
    1        E         I        2        2          1.0
    2        I         E        1        2          0.5
    3        I         I        0        2          0.0
    """
    one_of(interval, Interval, name="interval")
    n, rng = whole(n, name="n"), generator(seed)
    facts = denominators(g) | ({"seed": recorded_seed(rng)} if interval == "bootstrap" else {})
    kind, types = type_codes(g, by)
    # Partners without a type are a class of their own here: the shares count their synapses.
    n_types = len(types)
    untyped = bool((kind < 0).any())
    classes = np.where(kind < 0, n_types, kind) if untyped else kind
    pre, post = g.edge_codes
    blocks = Blocks(
        g.domain,
        classes,
        n_types + untyped,
        pre,
        post,
        _values(g),
        checked_source_weights(g, source_weights),
    )
    plain = replace(blocks, weight=None)
    counts = plain.sums
    weighted = counts if source_weights is None else blocks.sums
    estimates = quantities(weighted, blocks.pairs)
    spread = {}
    if interval == "bootstrap":
        draws = blocks.draw(n, rng)
        spread = _intervals(draws, blocks.can_resample() & (counts[..., 0] > 0), level)
    frame = type_table(types, plain, counts, estimates, spread=spread, level=level)
    if source_weights is not None:
        ends = ["wilson_low", "wilson_high"] + (["low", "high"] if interval == "wilson" else [])
        frame[ends] = np.nan
    lost = g.n_edges - int(frame["n_edges"].sum())
    frame.attrs.update(facts, n_edges_without_type=lost)
    return frame


def type_table(
    types: pd.Index,
    blocks: Blocks,
    counts: Floats,
    estimates: Mapping[str, Floats],
    *,
    spread: Mapping[str, tuple[Floats, Floats]],
    level: float,
) -> pd.DataFrame:
    """Return the long table of type pairs.

    Parameters
    ----------
    types
        The types shown, the first classes of the blocks.
    blocks
        Neurons and pairs by class.
    counts
        Edges, synapses and sizes of every block.
    estimates
        What :func:`quantities` makes of them.
    spread
        Intervals of the estimates, where there are any; without them Wilson's.
    level
        Confidence level.
    """
    n_types, shown = len(types), slice(0, len(types))
    totals = {"n_pairs": blocks.pairs, "n_edges": counts[..., 0], "n_synapses": counts[..., 1]}
    table: dict[str, Any] = type_pairs(types)
    table["n_sources"] = np.repeat(blocks.members(blocks.domain.sources)[shown], n_types)
    table["n_targets"] = np.tile(blocks.members(blocks.domain.targets)[shown], n_types)
    table |= {name: _flat(v, n_types).astype(np.int64) for name, v in totals.items()}
    table["probability"] = _flat(estimates["probability"], n_types)
    wilson_ends = wilson(table["n_edges"], table["n_pairs"], level=level)
    ends = [_flat(bound, n_types) for bound in spread.get("probability", ())] or wilson_ends
    table["low"], table["high"] = ends
    table["wilson_low"], table["wilson_high"] = wilson_ends
    for name in list(estimates)[1:]:
        table[name] = _flat(estimates[name], n_types)
        for end, bound in zip(("low", "high"), spread.get(name, ()), strict=False):
            table[f"{name}_{end}"] = _flat(bound, n_types)
    return pd.DataFrame(table)


def _values(g: ConnectomeGraph) -> Floats:
    """Return what is summed over the edges of a block, one row each.

    Synapses, and where sizes are known: total size, and synapses whose size is known.
    """
    if "size" not in g.synapse_columns:
        return g.edge_counts[None, :].astype(float)
    values = np.empty((3, g.n_edges))
    values[0] = values[2] = g.edge_counts
    values[1] = edge_weights.compute(g, "sum").to_numpy()
    unknown = np.isnan(values[1])
    if unknown.any():
        values[1:, unknown] = 0
    return values


def quantities(sums: Floats, pairs: Floats) -> dict[str, Floats]:
    """Return every quantity of a block from its sums; leading axes are bootstrap samples."""
    edges, synapses = sums[..., 0], sums[..., 1]
    result = {
        "probability": ratio(edges, pairs),
        "synapses_per_connection": ratio(synapses, edges),
    }
    if sums.shape[-1] > 2:
        result["mean_size"] = ratio(sums[..., 2], sums[..., 3])
    result["input_fraction"] = ratio(synapses, synapses.sum(axis=-2, keepdims=True))
    result["output_fraction"] = ratio(synapses, synapses.sum(axis=-1, keepdims=True))
    return result


def _intervals(
    draws: Draws, shown: npt.NDArray[np.bool_], level: float
) -> dict[str, tuple[Floats, Floats]]:
    bounds = {}
    for name, samples in quantities(draws.sums, draws.pairs).items():
        low, high = percentiles(samples, level=level)
        bounds[name] = np.where(shown, low, np.nan), np.where(shown, high, np.nan)
    return bounds


def _flat(values: Floats, n_types: int) -> Any:
    return values[:n_types, :n_types].ravel()
