"""The type matrix: how likely, how many and how large the connections between types are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
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
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph import weights as edge_weights
from connectome_graph.stats._block_intervals import Quantity, bootstrapped, closed_form
from connectome_graph.stats._bootstrap import Blocks, Draws
from connectome_graph.stats._intervals import ratio, wilson
from connectome_graph.stats._labels import type_codes, type_pairs
from connectome_graph.stats._recall import Recall, SynapseModel
from connectome_graph.stats._recall_bands import seen_in_part
from connectome_graph.stats._sampling import (
    checked_source_weights,
    denominators,
)
from connectome_graph.stats._share_variance import spread_of_input_share, spread_of_output_share
from connectome_graph.stats._sparse_blocks import is_complete, sparse_type_matrix
from connectome_graph.stats._two_way import spread_of_ratio

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["quantities", "type_matrix", "type_table", "unequal_tracing"]

Floats = npt.NDArray[np.float64]


def type_matrix(  # noqa: PLR0913 - a choice that changes the science has a name
    g: ConnectomeGraph,
    by: By,
    *,
    complete: bool | None = None,
    interval: Interval = "two-way",
    level: Level = 0.95,
    n: int = 1000,
    source_weights: SourceWeights | None = None,
    recall: Recall = "ignore",
    min_synapses: int = 1,
    synapse_model: SynapseModel = "unbiased",
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
    complete
        Whether every ordered pair of types has a row, or only those with an edge. By default
        every pair up to 1,000 types; beyond, and with False, memory follows the blocks that
        occur, only Wilson's interval is given (``low`` and ``high`` are missing), and
        ``attrs["complete"]`` says so.
    interval
        As in :func:`connectome_graph.stats.density`, of every quantity; in the bootstrap neurons
        are drawn again within their type. ``"wilson"`` gives that of the probability alone.
    level
        Confidence level.
    n
        Bootstrap samples; time grows with their number times the number of edges.
    source_weights
        Weight of every source, as in :func:`connectome_graph.stats.density`: edges, pairs and
        synapses are then weighted by their source in all ratios. Counts stay counts.
    recall
        ``"correct"`` counts what was missed: every seen connection stands for as many as the
        columns ``axon_recall`` and ``dendrite_recall`` say (``g.with_recall``), under the model
        that each synapse is seen independently. The table then has
        ``probability_recall_low probability_recall_high``.
    min_synapses
        Synapses that a connection needs to count; with ``recall="correct"``, true ones.
    synapse_model
        How many synapses connections have: ``"unbiased"`` needs no model and a recall of at least
        one half, ``"negative_binomial"`` is fitted and goes down to a tenth.
    seed
        Whole number or Generator for the bootstrap.

    Returns
    -------
    pandas.DataFrame
        A row for each ordered pair of types: ``pre_type post_type n_sources n_targets n_pairs
        n_edges n_synapses probability low high wilson_low wilson_high
        synapses_per_connection [mean_size] input_fraction output_fraction``, and, but for
        Wilson's, ``<quantity>_low <quantity>_high`` of the last ones. An interval is missing
        with fewer than two neurons at an end, which cannot show how neurons differ, and beside
        the probability also without an edge. A share is missing, not 0, where no pair of the
        two types could be seen. Shares are of what was seen: ``pre_traced post_traced`` are the
        shares of the two types' neurons that could be seen as sources and as targets, and
        ``input_fraction_corrected output_fraction_corrected`` count every type by them;
        ``attrs["unequal_tracing"]`` says in a sentence where types were not traced alike, and
        ``attrs["n_inputs_left_out"]`` how many inputs of the targets selections and thresholds
        have taken away before (``g.left_out``), of which no share knows.
        :func:`connectome_graph.stats.to_matrix` turns a column into a matrix.

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
    g, corrected = seen_in_part(
        g, recall, min_synapses=min_synapses, model=synapse_model, level=level, seed=seed
    )
    n, rng = whole(n, name="n"), generator(seed)
    facts = denominators(g) | ({"seed": recorded_seed(rng)} if interval == "bootstrap" else {})
    kind, types = type_codes(g, by)
    facts["complete"] = is_complete(len(types), complete)
    if not facts["complete"]:
        return _occurring(
            g,
            kind,
            types,
            level=level,
            facts=facts,
            more=source_weights if corrected is None else corrected,
        )
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
    if interval != "wilson":
        draws = blocks.draw(n, rng) if interval == "bootstrap" else None
        spread = _intervals(blocks, estimates, counts[..., 0], level, draws=draws)
    frame = type_table(types, plain, counts, estimates, spread=spread, level=level)
    if source_weights is not None:
        ends = ["wilson_low", "wilson_high"] + (["low", "high"] if interval == "wilson" else [])
        frame[ends] = np.nan
        frame["input_fraction_corrected"] = frame["input_fraction"]
    lost = g.n_edges - int(frame["n_edges"].sum())
    frame.attrs.update(facts, n_edges_without_type=lost, n_inputs_left_out=_left_out(g))
    caution = unequal_tracing(blocks, types) if source_weights is None else None
    frame.attrs["unequal_tracing"] = caution
    return frame if corrected is None else corrected.onto_types(frame, kind, n_types)


def _occurring(
    g: ConnectomeGraph,
    kind: npt.NDArray[np.int64],
    types: pd.Index,
    *,
    level: float,
    facts: dict[str, Any],
    more: Any,
) -> pd.DataFrame:
    """Return the type matrix of the blocks that hold an edge."""
    if more is not None:
        raise InvalidArgument(
            "source_weights and recall='correct' need every pair of types; pass complete=True, or "
            "a coarser column"
        )
    frame = sparse_type_matrix(g, kind, types, values=_values(g), level=level)
    lost = g.n_edges - int(frame["n_edges"].sum())
    frame.attrs.update(facts, n_edges_without_type=lost, n_inputs_left_out=_left_out(g))
    frame.attrs["unequal_tracing"] = None
    return frame


def _left_out(g: ConnectomeGraph) -> int:
    return int(g.left_out["n_inputs"][g.domain.targets].sum())


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
    table |= _tracing(blocks, estimates, n_types)
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
    # Where no pair could be seen, what a type sends or gets is unknown, not 0.
    seen = pairs > 0
    for name, axis in (("input_fraction", -2), ("output_fraction", -1)):
        share = ratio(synapses, synapses.sum(axis=axis, keepdims=True))
        result[name] = np.where(seen, share, np.nan)
    return result


def _intervals(
    blocks: Blocks,
    estimates: Mapping[str, Floats],
    n_edges: Floats,
    level: float,
    *,
    draws: Draws | None,
) -> dict[str, tuple[Floats, Floats]]:
    """Return low and high of every quantity of every block."""
    summed = list(blocks.values)
    synapses, ones = summed[0], np.ones(len(blocks.pre))
    spreads = {
        "probability": spread_of_ratio(blocks, ones),
        "synapses_per_connection": spread_of_ratio(blocks, synapses, ones),
        "input_fraction": spread_of_input_share(blocks, synapses),
        "output_fraction": spread_of_output_share(blocks, synapses),
    }
    if len(summed) > 1:
        spreads["mean_size"] = spread_of_ratio(blocks, summed[1], summed[2])
    into, out = (np.broadcast_to(n_edges.sum(axis=axis, keepdims=True), n_edges.shape)
                 for axis in (0, 1))  # fmt: skip
    units = {
        "probability": replace(blocks, weight=None).pairs,
        "input_fraction": into,
        "output_fraction": out,
    }
    several = blocks.can_resample()
    bounds = {}
    for name, spread in spreads.items():
        found = Quantity(estimates[name], spread, partial(_drawn, name), units.get(name))
        shown = several & ((n_edges > 0) | (name == "probability"))
        if draws is None:
            bounds[name] = closed_form(found, shown, level=level)
        else:
            bounds[name] = bootstrapped(found, draws, shown, level=level)
    return bounds


def _drawn(name: str, draws: Draws) -> Floats:
    return quantities(draws.sums, draws.pairs)[name]


def _traced(blocks: Blocks) -> tuple[Floats, Floats]:
    """Return the share of each type's neurons that are sources, and that are targets."""
    everyone = blocks.members(np.ones(len(blocks.kind), bool))
    ends = (blocks.domain.sources, blocks.domain.targets)
    sources, targets = (ratio(blocks.members(end), everyone) for end in ends)
    return sources, targets


def _tracing(blocks: Blocks, estimates: Mapping[str, Floats], n_types: int) -> dict[str, Any]:
    """Return how much of each type could be seen, and the shares if all had been alike.

    A type of which a tenth was traced shows a tenth of its synapses: each type's synapses count
    one over the share of its neurons that were seen. Unknown where nobody of some type was.
    """
    sources, targets = _traced(blocks)
    shape = blocks.n_types, blocks.n_types
    traced = {
        "pre_traced": np.broadcast_to(sources[:, None], shape),
        "post_traced": np.broadcast_to(targets[None, :], shape),
    }
    corrected = {}
    for name, axis, seen in (
        ("input_fraction", 0, traced["pre_traced"]),
        ("output_fraction", 1, traced["post_traced"]),
    ):
        share = estimates[name]
        scaled = np.nan_to_num(ratio(np.nan_to_num(share), np.where(np.isnan(seen), 1, seen)))
        share = ratio(scaled, scaled.sum(axis=axis, keepdims=True))
        share = np.where((seen == 0).any(axis=axis, keepdims=True), np.nan, share)
        corrected[f"{name}_corrected"] = np.where(np.isnan(estimates[name]), np.nan, share)
    return {name: _flat(values, n_types) for name, values in (traced | corrected).items()}


def unequal_tracing(blocks: Blocks, types: pd.Index) -> str | None:
    """Return what to know of shares when types were not traced alike, or nothing."""
    sources = _traced(blocks)[0][: len(types)]
    most, least = int(np.nanargmax(sources)), int(np.nanargmin(sources))
    if np.isclose(sources[most], sources[least]):
        return None
    return (
        f"input fractions are of what was traced: {sources[most]:.1%} of {types[most]} but "
        f"{sources[least]:.1%} of {types[least]} were seen as sources, so {types[most]} looks "
        "larger than it is; input_fraction_corrected counts each type by the share that was "
        "traced, source_weights= does so by neuron"
    )


def _flat(values: Floats, n_types: int) -> Any:
    return values[:n_types, :n_types].ravel()
