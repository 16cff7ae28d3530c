"""Connection probability and strength against any property of a pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import (
    Bins,
    By,
    Level,
    Progress,
    Seed,
    Weight,
    bin_edges,
    generator,
    level_between,
    recorded_seed,
    whole,
)
from connectome_graph.border.progress import bar
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.graph import weights as edge_weights
from connectome_graph.stats._pair_chunks import PairChunk, pair_chunks
from connectome_graph.stats._pair_property import (
    Comparing,
    OfTable,
    PairProperty,
    pair_property,
    told,
)

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["connection_by"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shuffle = Literal["neurons", "pairs"]

_DEFAULT_BINS, _SAMPLED = 10, 1_000_000


def connection_by(  # noqa: PLR0913 - a choice that changes the science has a name
    g: ConnectomeGraph,
    values: Any,
    *,
    bins: Bins | None = None,
    how: Comparing | None = None,
    weight: Weight = "count",
    distance_bins: Bins | None = None,
    shuffle: Shuffle = "neurons",
    within: By | None = None,
    n: int = 0,
    level: Level = 0.95,
    seed: Seed = 0,
    progress: Progress = None,
) -> pd.DataFrame:
    """Return how likely and how strong connections are, by a property of the pair.

    Every ordered pair of the domain whose property is known falls into one bin; the connection
    probability of a bin is its connected pairs over its pairs. Beside it stands what distance
    alone would give: within each bin of distance the connections are spread over the pairs evenly.
    This is the like-to-like analysis of functional connectomics on the pairs that could be seen.

    Parameters
    ----------
    g
        The graph.
    values
        What is compared: a numeric neuron column, a list of them (a vector per neuron, such as a
        tuning curve), a matrix (DataFrame with root ids on both sides, or an array in the order of
        ``g.neurons``; rows presynaptic), a table with ``pre``, ``post`` and one column, or
        ``"exposure"``, that of the pairs that could have met.
    bins
        Width of a bin, or the edges of all; a bin holds its lower edge and not its upper one, but
        for the last. Without them ten bins with about equally many pairs.
    how
        For neuron columns: ``"difference"`` (absolute; of vectors the Euclidean distance),
        ``"signed_difference"`` (postsynaptic minus presynaptic), ``"product"`` (of vectors the
        scalar product) or ``"correlation"`` (Pearson's, of at least three columns).
    weight
        Strength of a connection, as in :func:`connectome_graph.weights.compute`.
    distance_bins
        Bins of the distance between somata in um, for the expectation; by default 25 um wide
        where every neuron has a position, else one bin for all.
    shuffle
        The null of the p-values. ``"neurons"`` permutes whose property is whose, so that neurons
        that connect more than others do not make small p; ``"pairs"`` spreads the connections
        anew over the pairs of each distance bin, which takes pairs as independent.
    within
        Neuron column or columns: ``"neurons"`` permutes only between neurons that agree in them.
    n
        Number of shuffles; 0 for none.
    level
        Confidence level of the intervals.
    seed
        Seed of the shuffles.
    progress
        Whether to show a bar.

    Returns
    -------
    pandas.DataFrame
        A row per bin: ``from``, ``to``, ``n_pairs``, ``n_edges``, ``probability`` with ``low`` and
        ``high`` (clustered two ways, by pre- and postsynaptic neuron), ``strength`` (mean weight of
        the connections) with ``strength_low`` and ``strength_high``, ``expected`` (probability from
        distance alone) and ``ratio`` to it; with `n`, the percentile interval of the ratio under
        the null (``null_low``, ``null_high``) and its two-sided ``p``. ``attrs`` hold
        ``n_pairs_without_value``, ``n``, ``seed``, ``p_floor`` and ``shuffle``.

    Raises
    ------
    InvalidArgument, InvalidTable, UnknownName
        When `values` is none of the above, or bins do not fit.

    References
    ----------
    Ko et al. (2011), Nature 473:87; Ding et al. (2025), Nature 640:459. Clustered errors: Cameron,
    Gelbach & Miller (2011), J. Bus. Econ. Stat. 29:238.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(seed=0, scale=0.1)
    >>> table = cg.stats.connection_by(g, "y_um", bins=200.0)
    >>> bool(table["n_pairs"].sum() == g.domain.n_pairs)
    True
    """
    level_between(level)
    choice(shuffle, ("neurons", "pairs"), name="shuffle")
    whole(n, name="n", least=0)
    rng = generator(seed)
    recorded = recorded_seed(rng)
    found = pair_property(g, values, how)
    edges = _edges(g, found, bins)
    tally = _Tally(g, found, edges, _distance_edges(g, distance_bins), weight)
    table = tally.table(level)
    if n:
        null = _null(tally, shuffle=shuffle, within=within, n=n, rng=rng, progress=progress)
        ratio = table["ratio"].to_numpy()
        counted = [(null <= ratio).sum(axis=0), (null >= ratio).sum(axis=0)]
        tails = [(1 + count) / (1 + n) for count in counted]
        share = 100 * (1 - level) / 2
        low, high = np.nanpercentile(null, [share, 100 - share], axis=0)
        table["null_low"], table["null_high"] = low, high
        p = np.minimum(1.0, 2 * np.minimum(*tails))
        table["p"] = np.where(np.isfinite(ratio), p, np.nan)
        table.attrs |= {"n": n, "p_floor": 2 / (n + 1), "shuffle": shuffle}
    table.attrs |= {
        "property": told(values, how),
        "n_pairs_without_value": tally.n_without,
        "seed": recorded,
    }
    return table


def _edges(g: ConnectomeGraph, found: PairProperty, bins: Bins | None) -> Floats:
    """Return the edges of the bins, over the values that occur."""
    low, high, seen, left = np.inf, -np.inf, [], _SAMPLED
    for chunk in pair_chunks(g):
        values = found.of(chunk)
        values = values[np.isfinite(values)]
        if len(values):
            low, high = min(low, values.min()), max(high, values.max())
        # Every pair of a small domain, evenly spaced ones of a large.
        step = max(1, g.domain.n_pairs // _SAMPLED)
        seen.append(values[::step][:left])
    if not np.isfinite(low):
        raise InvalidArgument("no pair of the domain has a value, so there is nothing to bin")
    if bins is None:
        shares = np.linspace(0, 1, _DEFAULT_BINS + 1)
        edges = np.unique(np.quantile(np.concatenate(seen), shares))
        edges[0], edges[-1] = low, high
        return edges if len(edges) > 1 else np.array([low, low + 1])
    return bin_edges(bins, [low, high])


def _distance_edges(g: ConnectomeGraph, bins: Bins | None) -> Floats | None:
    """Return the edges of the bins of distance, or None where positions are not known."""
    at = _positions(g)
    if at is None:
        if bins is not None:
            raise InvalidArgument("distance_bins need neurons with positions x_um, y_um, z_um")
        return None
    if bins is None and not np.isfinite(at).all():
        return None
    reach = float(np.linalg.norm(np.nanmax(at, axis=0) - np.nanmin(at, axis=0)))
    return bin_edges(25.0 if bins is None else bins, [0.0, reach], name="distance_bins")


def _positions(g: ConnectomeGraph) -> Floats | None:
    """Return where the neurons are, NaN where not known, or None without columns of it."""
    axes = ("x_um", "y_um", "z_um")
    if not set(axes) <= set(map(str, g.neurons.columns)):
        return None
    return np.column_stack(
        [g.neuron_column(axis).to_numpy(float, na_value=np.nan) for axis in axes]
    )


@dataclass
class _Counts:
    """Pairs and connections by bin of distance and bin of value, float64."""

    pairs: Floats
    edges: Floats

    @property
    def expected(self) -> Floats:
        """Connections per value bin if distance alone mattered."""
        total = self.pairs.sum(axis=1)
        rate = np.divide(self.edges.sum(axis=1), total, out=np.zeros_like(total), where=total > 0)
        return np.asarray(rate @ self.pairs)

    @property
    def ratio(self) -> Floats:
        """Observed connections over expected ones per value bin."""
        expected = self.expected
        out = np.full(len(expected), np.nan)
        np.divide(self.edges.sum(axis=0), expected, out=out, where=expected > 0)
        return out


class _Tally:
    """What every bin holds, counted over the pairs of the domain."""

    def __init__(
        self,
        g: ConnectomeGraph,
        found: PairProperty,
        edges: Floats,
        distance_edges: Floats | None,
        weight: Weight,
    ) -> None:
        self.g, self.found, self.edges, self.distance_edges = g, found, edges, distance_edges
        self.weights = edge_weights.compute(g, weight).to_numpy(float, na_value=np.nan)
        self.n_bins = len(edges) - 1
        self.n_distances = 1 if distance_edges is None else len(distance_edges)
        n, at = g.n_neurons, _positions(g)
        self.at = np.zeros((n, 3)) if at is None else at
        # Sums of pairs, connections and weights by bin, for each neuron at either end.
        self.by_end = {end: np.zeros((3, n, self.n_bins)) for end in ("pre", "post")}
        self.squares = np.zeros(self.n_bins)
        self.n_without = 0
        self.counts = self._count(None, first=True)

    def _places(self, chunk: PairChunk, taken: Ints | None) -> Ints:
        """Return the value bin of each pair, -1 outside of all."""
        values = self.found.of(chunk, taken)
        at = np.searchsorted(self.edges, values, side="right") - 1
        # The last bin holds its upper edge; a NaN sorts after everything.
        at[values == self.edges[-1]] = self.n_bins - 1
        return np.where((at >= 0) & (at < self.n_bins) & ~np.isnan(values), at, -1)

    def _distances(self, chunk: PairChunk) -> Ints:
        if self.distance_edges is None:
            return np.zeros(len(chunk.pre), np.int64)
        apart = np.linalg.norm(self.at[chunk.pre] - self.at[chunk.post], axis=1)
        at = np.searchsorted(self.distance_edges, apart, side="right") - 1
        # Beyond the last edge, or without a position: a bin of its own.
        last = self.n_distances - 1
        return np.where((at < 0) | np.isnan(apart), last, at).clip(max=last)

    def _count(self, taken: Ints | None, *, first: bool = False) -> _Counts:
        shape = self.n_distances, self.n_bins
        pairs, edges = np.zeros(shape), np.zeros(shape)
        for chunk in pair_chunks(self.g):
            place = self._places(chunk, taken)
            known = place >= 0
            cell = (self._distances(chunk) * self.n_bins + place)[known]
            joined = chunk.edge[known] >= 0
            pairs += np.bincount(cell, minlength=pairs.size).reshape(shape)
            edges += np.bincount(cell[joined], minlength=pairs.size).reshape(shape)
            if first:
                self.n_without += int((~known).sum())
                self._add(chunk, place, known)
        return _Counts(pairs, edges)

    def _add(self, chunk: PairChunk, place: Ints, known: npt.NDArray[np.bool_]) -> None:
        edge = chunk.edge[known]
        joined = edge >= 0
        weight = self.weights[edge[joined]]
        self.squares += np.bincount(place[known][joined], weight**2, minlength=self.n_bins)
        for end, codes in (("pre", chunk.pre), ("post", chunk.post)):
            cell = codes[known] * self.n_bins + place[known]
            sums = self.by_end[end]
            size = sums[0].size
            sums[0] += np.bincount(cell, minlength=size).reshape(sums[0].shape)
            sums[1] += np.bincount(cell[joined], minlength=size).reshape(sums[0].shape)
            sums[2] += np.bincount(cell[joined], weight, minlength=size).reshape(sums[0].shape)

    def table(self, level: float) -> pd.DataFrame:
        """Return the rows of the observed graph."""
        pairs, edges, total = self.by_end["pre"].sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            probability, strength = edges / pairs, total / edges
            # Two-way clustered variance of a ratio: residuals summed by each end, less those
            # that both ways count, the pairs themselves.
            own = edges * (1 - probability)
            spread = self._variance(1, 0, probability) - own
            of_strength = self.squares - 2 * strength * total + strength**2 * edges
            spread_strength = self._variance(2, 1, strength) - of_strength
            se = np.sqrt(np.maximum(spread, own)) / pairs
            se_strength = np.sqrt(np.maximum(spread_strength, of_strength)) / edges
        low, high = _logit_interval(probability, se, edges, pairs, level)
        reach = _quantile(level) * se_strength
        expected = self.counts.expected
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = expected / pairs
        return pd.DataFrame(
            {
                "from": self.edges[:-1],
                "to": self.edges[1:],
                "n_pairs": pairs.astype(np.int64),
                "n_edges": edges.astype(np.int64),
                "probability": probability,
                "low": low,
                "high": high,
                "strength": strength,
                "strength_low": strength - reach,
                "strength_high": strength + reach,
                "expected": expected,
                "ratio": self.counts.ratio,
            }
        )

    def _variance(self, top: int, bottom: int, ratio: Floats) -> Floats:
        found = np.zeros(self.n_bins)
        for sums in self.by_end.values():
            residual = sums[top] - ratio * sums[bottom]
            members = (sums[bottom] > 0).sum(axis=0)
            # Few neurons at an end know their own spread badly: the usual factor of clusters.
            factor = np.divide(members, members - 1, out=np.ones(self.n_bins), where=members > 1)
            found += factor * (residual**2).sum(axis=0)
        return found


def _quantile(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def _logit_interval(
    p: Floats, se: Floats, edges: Floats, pairs: Floats, level: float
) -> tuple[Floats, Floats]:
    """Return an interval that stays between 0 and 1; Wilson's where all or no pairs connect."""
    from scipy.special import expit, logit

    from connectome_graph.stats._intervals import wilson

    low, high = (np.array(each) for each in wilson(edges, pairs, level=level))
    inner = (p > 0) & (p < 1)
    reach = _quantile(level) * se[inner] / (p[inner] * (1 - p[inner]))
    low[inner], high[inner] = expit(logit(p[inner]) - reach), expit(logit(p[inner]) + reach)
    return low, high


def _null(
    tally: _Tally,
    *,
    shuffle: Shuffle,
    within: By | None,
    n: int,
    rng: np.random.Generator,
    progress: Progress,
) -> Floats:
    """Return the ratio of every bin in each shuffle: shape ``(n, n_bins)``."""
    g = tally.g
    streams = bar(rng.spawn(n), progress=progress, desc="shuffles", unit="shuffle")
    if shuffle == "pairs":
        return np.array([_dealt(tally.counts, stream).ratio for stream in streams])
    if isinstance(tally.found, OfTable):
        raise InvalidArgument(
            "a table of some pairs cannot be given to other neurons; pass shuffle='pairs', which "
            "spreads the connections over the pairs of each distance bin"
        )
    groups = np.zeros(g.n_neurons, np.int64)
    if within is not None:
        groups = g.labels(within, missing="own").codes
    order = np.argsort(groups, kind="stable")
    found = []
    for stream in streams:
        taken = np.empty(g.n_neurons, np.int64)
        # Sorted by stratum, then by chance: a permutation inside each stratum.
        taken[order] = np.lexsort([stream.random(g.n_neurons), groups])
        found.append(tally._count(taken).ratio)
    return np.array(found)


def _dealt(counts: _Counts, rng: np.random.Generator) -> _Counts:
    """Return the counts after the connections of each distance bin fell on its pairs anew."""
    pairs = counts.pairs.astype(np.int64)
    edges = np.zeros_like(counts.edges)
    for row in np.flatnonzero(pairs.sum(axis=1)):
        drawn = int(counts.edges[row].sum())
        # The exact law is hypergeometric; numpy draws it by marginals for large counts.
        edges[row] = rng.multivariate_hypergeometric(pairs[row], drawn, method="marginals")
    return _Counts(counts.pairs, edges)
