"""Conversion: how often, and how strongly, pairs that could have met are connected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Level, level_between
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._bootstrap import Blocks
from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._labels import type_codes, type_pairs
from connectome_graph.stats._sampling import denominators
from connectome_graph.stats._spread import positive_interval, proportion_interval
from connectome_graph.stats._two_way import spread_of_ratio

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["conversion"]

Floats = npt.NDArray[np.float64]


def conversion(g: ConnectomeGraph, by: By | None = None, *, level: Level = 0.95) -> pd.DataFrame:
    """Return how the pairs that could have met turn into connections and synapses.

    On a domain of pairs (``g.within``): connections over pairs, and where the pairs have an
    exposure, connections and synapses over exposure. An exposure whose name ends in ``_um``
    (co-travel) also gives synapses per millimetre.

    Parameters
    ----------
    g
        The graph, on a domain of pairs.
    by
        Neuron column of types, or a list of columns: a row per ordered pair of types. Neurons
        without a type are left out.
    level
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        A row, or with `by` one per ordered pair of types (``pre_type post_type``): ``n_pairs
        n_edges n_synapses`` (int64) and ``connections_per_pair``; with an exposure ``exposure``
        (its sum), ``connections_per_exposure``, ``synapses_per_exposure`` and for micrometres
        ``synapses_per_mm`` (float64). Each rate has ``_low`` and ``_high``.

    Raises
    ------
    InvalidArgument
        When the domain is no set of pairs, or for a graph of types.
    UnknownName
        When `by` is no neuron column.

    Notes
    -----
    Two pairs that share a neuron are not independent; the variance is the two-way one of
    :func:`density`, over the pairs of the set (Owen & Eckles 2012; Menzel 2021). Proportions get
    Wilson's interval at the number of independent pairs that would have this variance, rates one
    on the scale of logarithms, missing where there is no connection. Both are missing with fewer
    than two neurons at an end. How often they hold the truth: :doc:`/calibration`.

    References
    ----------
    Ding et al. (2025), Nature 640, 459-469 (synapses per co-travel); Celii et al. (2025), Nature
    640, 487-496 (conversion of proximities); Owen & Eckles (2012), Ann Appl Stat 6, 895-927;
    Menzel (2021), Econometrica 89, 2143-2188; Korn & Graubard (1998), Surv Methodol 24, 193-201.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> met = pd.DataFrame({"pre": [1, 1, 2], "post": [2, 3, 3], "co_travel_um": [50.0, 20, 30]})
    >>> g = cg.from_adjacency([[0, 4, 1], [0, 0, 0], [0, 0, 0]]).within(
    ...     met, exposure="co_travel_um"
    ... )
    >>> cg.stats.conversion(g).loc[
    ...     0, ["n_pairs", "n_edges", "exposure", "synapses_per_mm"]
    ... ].tolist()
    [3.0, 2.0, 100.0, 50.0]
    """
    level = level_between(level)
    met = g.domain.pairs
    g.domain.require_simple("conversion")
    if met is None:
        raise InvalidArgument(
            "conversion is over the pairs that could have met: g.within(pairs, exposure=...); on "
            "sources x targets see stats.density and stats.type_matrix"
        )
    kind, types = (np.zeros(g.n_neurons, np.int64), None) if by is None else type_codes(g, by)
    n_types = 1 if types is None else len(types)
    edge, synapses = np.zeros(len(met)), np.zeros(len(met))
    place = met.places(*g.edge_codes)
    edge[place], synapses[place] = 1.0, g.edge_counts
    table: dict[str, Any] = {} if types is None else type_pairs(types)
    ones = np.ones(len(met))
    exposure = ones if met.exposure is None else met.exposure
    rates = _Rates(
        Blocks(g.domain, kind, n_types, met.pre, met.post, np.stack([edge, synapses, exposure]))
    )
    for name, values in (("n_pairs", ones), ("n_edges", edge), ("n_synapses", synapses)):
        table[name] = rates.sums(values).ravel().astype(np.int64)
    table |= _columns("connections_per_pair", rates.share(edge, level))
    if met.exposure is not None:
        table["exposure"] = rates.sums(exposure).ravel()
        for name, values in (("connections", edge), ("synapses", synapses)):
            rate = rates.over(values, exposure, level)
            table |= _columns(f"{name}_per_exposure", rate)
        if met.name.endswith("_um"):
            table |= _columns("synapses_per_mm", tuple(1000 * bound for bound in rate))
    frame = pd.DataFrame(table)
    frame.attrs.update(denominators(g))
    if types is not None:
        frame.attrs["n_pairs_without_type"] = len(met) - int(frame["n_pairs"].sum())
    return frame


def _columns(name: str, values: tuple[Floats, ...]) -> dict[str, Floats]:
    flat = (np.ravel(each) for each in values)
    return dict(zip((name, f"{name}_low", f"{name}_high"), flat, strict=True))


@dataclass(frozen=True)
class _Rates:
    """Ratios of sums over the pairs of a set, by types of their ends."""

    #: With every pair of the set as an edge.
    blocks: Blocks

    def sums(self, values: Floats) -> Floats:
        """Return the sum of values over the pairs of each block."""
        return replace(self.blocks, values=values[None, :]).sums[..., 1]

    def share(self, y: Floats, level: float) -> tuple[Floats, Floats, Floats]:
        """Return the share of pairs with y = 1, and Wilson's interval at its variance."""
        ones = np.ones(len(y))
        n = self.sums(ones)
        p = ratio(self.sums(y), n)
        spread = spread_of_ratio(self.blocks, y, ones)
        return p, *self._shown(proportion_interval(p, spread, units=n, level=level))

    def over(self, y: Floats, x: Floats, level: float) -> tuple[Floats, Floats, Floats]:
        """Return sum y over sum x, and an interval on the scale of logarithms."""
        r = ratio(self.sums(y), self.sums(x))
        spread = spread_of_ratio(self.blocks, y, x)
        return r, *self._shown(positive_interval(r, spread, level=level))

    def _shown(self, bounds: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        """Return the bounds where there are two neurons at either end, which show how they vary."""
        low, high = (np.where(self.blocks.can_resample(), bound, np.nan) for bound in bounds)
        return low, high
