"""Degrees and strengths: how many partners a neuron has, missing where nobody could see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Level, Seed, Weight
from connectome_graph.graph import weights as edge_weights
from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._labels import type_codes
from connectome_graph.stats._recall import Recall, SynapseModel
from connectome_graph.stats._recall_bands import seen_in_part
from connectome_graph.stats._sampling import denominators, neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.domain import Domain

__all__ = ["degree_columns", "degree_values", "degrees"]

#: The ends of an edge, and what it is called at each.
_ENDS = (("out", 0), ("in", 1))


def degrees(
    g: ConnectomeGraph,
    *,
    weight: Weight | None = None,
    by: By | None = None,
    recall: Recall = "ignore",
    min_synapses: int = 1,
    synapse_model: SynapseModel = "unbiased",
    level: Level = 0.95,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Return the in- and out-degree of every neuron, with synapses, strength and exposure.

    Out-degree is known only for sources of the domain, in-degree only for targets; elsewhere
    they are missing, not 0. An in-degree counts partners among the observed sources, so it
    comes with its *exposure*, the number of sources that could have been seen to contact the
    neuron, and as a rate, in-degree over exposure. Out-degrees likewise with the targets. On
    a domain of pairs (``g.within``) the exposure is the number of the neuron's pairs.

    Parameters
    ----------
    g
        The graph.
    weight
        Also give strengths under this weight (:func:`connectome_graph.weights.compute`).
    by
        Also split degrees and synapses by the partner's value in this neuron column:
        ``out_degree_to_BC``, ``in_degree_from_BC``, ``out_synapses_to_BC``, ... What comes
        from a type without a source in the domain, or goes to one without a target, is missing.
    recall
        ``"correct"`` counts what was missed: every seen connection stands for as many as the
        columns ``axon_recall`` and ``dendrite_recall`` say (``g.with_recall``), under the model
        that each synapse is seen independently. Degrees are then
        float64, with ``in_degree_recall_low in_degree_recall_high`` and those of the out-degree.
    min_synapses
        Synapses that a connection needs to count; with ``recall="correct"``, true ones.
    synapse_model
        How many synapses connections have: ``"unbiased"`` needs no model and a recall of at least
        one half, ``"negative_binomial"`` is fitted and goes down to a tenth.
    level
        Confidence level of those bands.
    seed
        Seed of the draws behind them.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id``: ``in_degree out_degree in_synapses out_synapses in_exposure
        out_exposure`` (nullable Int64), ``in_rate out_rate`` (float64), and with `weight`
        ``in_strength out_strength`` (float64); where the pairs of the domain have an exposure,
        its sums ``in_exposure_sum out_exposure_sum`` (float64).

    Raises
    ------
    UnknownName
        When `by` is no neuron column.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]]).between(pre=[1])
    >>> cg.stats.degrees(g)[["in_degree", "out_degree"]]
             in_degree  out_degree
    root_id
    1                0           2
    2                1        <NA>
    3                1        <NA>
    """
    from connectome_graph._kernels.adjacency import degree_sums

    g, corrected = seen_in_part(
        g, recall, min_synapses=min_synapses, model=synapse_model, level=level, seed=seed
    )
    pre, post = g.edge_codes
    sums = degree_sums(pre, post, g.edge_counts, g.n_neurons).T
    observed = {"out": g.domain.sources, "in": g.domain.targets}
    table = degree_columns(g.domain, sums)
    if weight is not None:
        values = edge_weights.compute(g, weight).to_numpy().astype(float)
        for end, position in reversed(_ENDS):
            strength = _totals(g, position, values).astype(float)
            table[f"{end}_strength"] = np.where(observed[end], strength, np.nan)
    if by is not None:
        table |= _by_partner(g, by, observed)
    frame = pd.DataFrame(table, index=neuron_index(g))
    frame.attrs.update(denominators(g))
    return frame if corrected is None else corrected.onto_degrees(frame)


def degree_columns(domain: Domain, sums: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Return degrees, synapses, exposure and rates of every neuron, missing where not observable.

    Parameters
    ----------
    domain
        The observable pairs.
    sums
        int64, shape ``(4, n_neurons)``: out- and in-degree, outgoing and incoming synapses.
    """
    observed = {"out": domain.sources, "in": domain.targets}
    table: dict[str, Any] = {}
    for row, name in ((0, "degree"), (2, "synapses")):
        for end, position in reversed(_ENDS):
            table[f"{end}_{name}"] = _integers(sums[row + position], observed[end])
    for end, position in reversed(_ENDS):
        exposure = domain.pair_counts("pre" if end == "out" else "post")
        table[f"{end}_exposure"] = _integers(exposure, observed[end])
        table[f"{end}_rate"] = np.where(observed[end], ratio(sums[position], exposure), np.nan)
    if domain.pairs is not None and domain.pairs.exposure is not None:
        for end, position in reversed(_ENDS):
            met = domain.pairs.exposures(position)
            table[f"{end}_exposure_sum"] = np.where(observed[end], met, np.nan)
    return table


def degree_values(g: ConnectomeGraph, kind: str) -> npt.NDArray[np.float64]:
    """Return in-, out- or total degree as floats, NaN where it could not be observed.

    Total degree is in-degree plus out-degree, known for neurons that are source and target.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 2], [0, 0]]).between(pre=[1])
    >>> degree_values(g, "out"), degree_values(g, "total")
    (array([ 1., nan]), array([ 1., nan]))
    """
    known = {"out": g.domain.sources, "in": g.domain.targets, "total": g.domain.core}[kind]
    ends = [position for end, position in _ENDS if kind in (end, "total")]
    total = sum(_totals(g, position, None) for position in ends)
    return np.where(known, total, np.nan)


def _totals(g: ConnectomeGraph, end: int, values: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    totals = np.bincount(g.edge_codes[end], weights=values, minlength=g.n_neurons)
    return totals if values is not None and values.dtype.kind == "f" else totals.astype(np.int64)


def _integers(values: npt.NDArray[np.int64], known: npt.NDArray[np.bool_]) -> Any:
    return pd.arrays.IntegerArray(np.where(known, values, 0), ~known)


def _by_partner(
    g: ConnectomeGraph, by: By, observed: dict[str, npt.NDArray[np.bool_]]
) -> dict[str, Any]:
    """Return degrees and synapses split by the type of the partner.

    What comes from a type of which nobody could be seen is missing, not 0.
    """
    kind, types = type_codes(g, by)
    columns: dict[str, Any] = {}
    for end, position in _ENDS:
        own, partner = g.edge_codes[position], kind[g.edge_codes[1 - position]]
        typed = partner >= 0
        able = kind[observed["in" if end == "out" else "out"]]
        seen = np.bincount(able[able >= 0], minlength=len(types)) > 0
        key = own[typed].astype(np.int64) * len(types) + partner[typed]
        link = "to" if end == "out" else "from"
        for name, values in (("degree", None), ("synapses", g.edge_counts[typed])):
            flat = np.bincount(key, weights=values, minlength=g.n_neurons * len(types))
            split = flat.reshape(g.n_neurons, len(types)).astype(np.int64)
            for code, label in enumerate(types):
                columns[f"{end}_{name}_{link}_{label}"] = _integers(
                    split[:, code], observed[end] & seen[code]
                )
    return columns
