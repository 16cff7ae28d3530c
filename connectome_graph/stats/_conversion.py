"""Conversion: how often, and how strongly, pairs that could have met are connected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Level, level_between
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._labels import type_codes, type_pairs
from connectome_graph.stats._sampling import denominators

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.pairs import PairSet

__all__ = ["conversion"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[Any]


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
    Two pairs that share a neuron are not independent. The variance of a ratio adds up the
    products of the deviations of all pairs of pairs that share a neuron (dyadic clusters), and is
    never taken below that of independent pairs. Proportions get Wilson's interval at the number
    of independent pairs that would have this variance, rates one on the scale of logarithms; both
    with Student's t, its degrees of freedom from the fourth moments of the neurons' sums. They are
    missing where there is no connection.

    References
    ----------
    Ding et al. (2025), Nature 640, 459-469 (synapses per co-travel); Celii et al. (2025), Nature
    640, 487-496 (conversion of proximities); Aronow, Samii & Assenova (2015), Polit Anal 23,
    564-577 (variance over dyads); Korn & Graubard (1998), Surv Methodol 24, 193-201.

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
    blocks = _Blocks(met, kind, n_types)
    edge, synapses = np.zeros(len(met)), np.zeros(len(met))
    place = met.places(*g.edge_codes)
    edge[place], synapses[place] = 1.0, g.edge_counts
    table: dict[str, Any] = {} if types is None else type_pairs(types)
    ones = np.ones(len(met))
    for name, values in (("n_pairs", ones), ("n_edges", edge), ("n_synapses", synapses)):
        table[name] = blocks.sums(values).astype(np.int64)
    table |= _columns("connections_per_pair", blocks.share(edge, level))
    if met.exposure is not None:
        table["exposure"] = blocks.sums(met.exposure)
        for name, values in (("connections", edge), ("synapses", synapses)):
            rate = blocks.rate(values, met.exposure, level)
            table |= _columns(f"{name}_per_exposure", rate)
        if met.name.endswith("_um"):
            table |= _columns("synapses_per_mm", tuple(1000 * bound for bound in rate))
    frame = pd.DataFrame(table)
    frame.attrs.update(denominators(g))
    if types is not None:
        frame.attrs["n_pairs_without_type"] = len(met) - int(frame["n_pairs"].sum())
    return frame


def _columns(name: str, values: tuple[Floats, ...]) -> dict[str, Floats]:
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))


@dataclass(frozen=True)
class _Blocks:
    """The pairs of a set by types of their ends, and what varies with the neurons they share."""

    met: PairSet
    #: Type of every neuron, -1 for none; and their number.
    kind: Ints
    n_types: int

    @property
    def n(self) -> int:
        """Number of blocks: ordered pairs of types."""
        return self.n_types**2

    @cached_property
    def block(self) -> Ints:
        """Block of every pair, -1 for none."""
        pre, post = self.kind[self.met.pre], self.kind[self.met.post]
        return np.where((pre < 0) | (post < 0), -1, pre * self.n_types + post)

    def sums(self, values: Floats) -> Floats:
        """Return the sum of values over the pairs of each block."""
        held = self.block >= 0
        return np.bincount(self.block[held], weights=values[held], minlength=self.n).astype(float)

    def share(self, y: Floats, level: float) -> tuple[Floats, Floats, Floats]:
        """Return the share of pairs with y = 1, and Wilson's interval at its variance."""
        n = self.sums(np.ones(len(y)))
        p = ratio(self.sums(y), n)
        variance, t = self._spread(y, np.ones(len(y)), level)
        with np.errstate(divide="ignore", invalid="ignore"):
            worth = np.where(variance > 0, np.minimum(p * (1 - p) / variance, n), n)
            middle = (p + t**2 / (2 * worth)) / (1 + t**2 / worth)
            half = t * np.sqrt(p * (1 - p) / worth + t**2 / (4 * worth**2)) / (1 + t**2 / worth)
        known = p > 0
        return p, *(np.where(known, bound, np.nan) for bound in (middle - half, middle + half))

    def rate(self, y: Floats, x: Floats, level: float) -> tuple[Floats, Floats, Floats]:
        """Return sum y over sum x, and an interval on the scale of logarithms."""
        r = ratio(self.sums(y), self.sums(x))
        variance, t = self._spread(y, x, level)
        with np.errstate(divide="ignore", invalid="ignore"):
            half = t * np.sqrt(variance) / r
        known = r > 0
        bounds = (np.where(known, r * np.exp(sign * half), np.nan) for sign in (-1, 1))
        return r, *bounds

    def _spread(self, y: Floats, x: Floats, level: float) -> tuple[Floats, Floats]:
        """Return the variance of sum y over sum x in each block, and the quantile of t."""
        from scipy.stats import t as student

        total = self.sums(x)
        r = np.append(np.nan_to_num(ratio(self.sums(y), total)), 0.0)
        scale = np.append(np.nan_to_num(ratio(np.ones(self.n), total)), 0.0)
        e = (y - r[self.block] * x) * scale[self.block]
        mirror = self.met.mirror
        answered = (mirror >= 0) & (self.block == self.block[mirror])
        both = np.where(answered, e * e[mirror], 0.0)
        squares, fourths, n = self._clusters(e)
        factor = np.where(n > 1, n / np.maximum(n - 1, 1), 1.0)
        single = self.sums(e**2)
        variance = np.maximum(factor * (squares - single - self.sums(both)), single)
        # How well the squares of so many neurons tell a variance: their own scatter says.
        told = factor * squares
        doubt = np.maximum(
            factor**2 * fourths - told**2 / np.maximum(n, 1), 2 * told**2 / np.maximum(n - 1, 1)
        )
        df = np.divide(2 * told**2, doubt, out=np.full(self.n, np.inf), where=doubt > 0)
        return variance, student.ppf((1 + level) / 2, np.maximum(df, 1))

    def _clusters(self, e: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the sums over neurons of their sums squared and to the fourth, and how many."""
        held, k = self.block >= 0, self.n_types
        size = len(self.kind)
        ends = (self.met.pre[held], self.met.post[held])
        # Of every neuron at either end, by the type of the partner: sum, and number of pairs.
        found = []
        for own, other in (ends, ends[::-1]):
            key = own * np.int64(k) + self.kind[other]
            found += [
                np.bincount(key, weights=values, minlength=size * k).reshape(size, k)
                for values in (e[held], None)
            ]
        # In a block of one type a neuron is at both ends: that is one cluster.
        typed = np.flatnonzero(self.kind >= 0)
        same = typed, self.kind[typed]
        for out, into in ((found[0], found[2]), (found[1], found[3])):
            out[same] += into[same]
            into[same] = 0
        row = np.repeat(self.kind, k) * k + np.tile(np.arange(k), size)
        column = np.tile(np.arange(k) * k, size) + np.repeat(self.kind, k)
        known = np.repeat(self.kind >= 0, k)

        def added(out: Ints, into: Ints) -> Floats:
            total = np.zeros(self.n)
            for key, values in ((row, out), (column, into)):
                total += np.bincount(key[known], weights=values.ravel()[known], minlength=self.n)
            return total

        squares, fourths = (added(found[0] ** power, found[2] ** power) for power in (2, 4))
        return squares, fourths, added(found[1] > 0, found[3] > 0)
