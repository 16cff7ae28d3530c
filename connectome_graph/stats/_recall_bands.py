"""Statistics of neurons seen in part, corrected for what was missed, with bands for that alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Level, Seed, generator, level_between, number, whole
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.stats._recall import FLOORS, Recall, SynapseModel, edge_recall, weights_of

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["Corrected", "recall_needed", "seen_in_part"]

Floats = npt.NDArray[np.float64]
#: What :func:`recall_needed` knows.
Quantity: TypeAlias = Literal["density", "reciprocity", "r_over_p", "mean_degree"]
#: Draws behind a band.
DRAWS = 400


class Corrected:
    """The edges of a graph with what each stands for, and draws of that.

    A draw takes new recalls (where ``axon_recall_sd`` or ``dendrite_recall_sd`` says how well
    they are known) and adds to every weight the noise that chance put into what was seen.
    """

    def __init__(
        self,
        g: ConnectomeGraph,
        *,
        min_synapses: int = 1,
        model: SynapseModel = "unbiased",
        level: Level = 0.95,
        seed: Seed = 0,
    ) -> None:
        self.g, self.model, self.level = g, model, level_between(level)
        self.t = whole(min_synapses, name="min_synapses")
        self.rng = generator(seed)
        self.axon, self.dendrite = edge_recall(g)
        self.codes = g.edge_codes
        self.seen = g.edge_counts
        self.base = self._weights(self.axon, self.dendrite)

    def _weights(self, axon: Floats, dendrite: Floats) -> Any:
        pre, post = self.codes
        return weights_of(
            self.seen, axon[pre] * dendrite[post], min_synapses=self.t, model=self.model
        )

    def _drawn(self, name: str, mean: Floats) -> Floats:
        """Return recalls drawn from a beta distribution of their mean and standard deviation."""
        column = f"{name}_sd"
        if column not in self.g.neurons.columns:
            return mean
        sd = self.g.neuron_column(column).to_numpy(float, na_value=0.0)
        inner = (sd > 0) & (mean > 0) & (mean < 1)
        spread = np.where(inner, mean * (1 - mean) / np.where(inner, sd, 1) ** 2 - 1, 1.0)
        if (spread[inner] <= 0).any():
            raise InvalidArgument(f"{column} is larger than a share with that mean can have")
        drawn = mean.copy()
        a, b = mean[inner] * spread[inner], (1 - mean[inner]) * spread[inner]
        drawn[inner] = self.rng.beta(a, b)
        return np.clip(drawn, FLOORS[self.model] ** 0.5, 1.0)

    def draws(self) -> Iterator[tuple[Floats, Floats]]:
        """Yield the weights of the edges and the noise of what was seen, drawn again."""
        for _ in range(DRAWS):
            axon = self._drawn("axon_recall", self.axon)
            dendrite = self._drawn("dendrite_recall", self.dendrite)
            same = axon is self.axon and dendrite is self.dendrite
            found = self.base if same else self._weights(axon, dendrite)
            noise = self.rng.standard_normal(len(found.weight))
            yield found.weight, np.sqrt(found.variance) * noise

    def _of_one_more(self, place: int) -> Floats:
        """Return the standard deviation of one weak connection more of every neuron."""
        own, other = (self.axon, self.dendrite)[:: 1 if place == 0 else -1]
        partner = float(np.mean(other)) if len(other) else 1.0
        seen = np.full(len(own), self.t, self.seen.dtype)
        floor = FLOORS[self.model]
        one = weights_of(
            seen, np.clip(own * partner, floor, 1.0), min_synapses=self.t, model=self.model
        )
        return np.sqrt(one.variance)

    def banded(
        self, statistic: Callable[[Floats, Floats], Floats], *, more: Floats | None = None
    ) -> tuple[Floats, Floats, Floats]:
        """Return a statistic of weights and noise, and the band that chance and recall leave it.

        `more` is the standard deviation of noise beside that of the weights.
        """
        none = np.zeros(len(self.seen))
        value = np.asarray(statistic(self.base.weight, none), float)
        drawn = np.array([statistic(*drawn) for drawn in self.draws()])
        if more is not None:
            drawn += more * self.rng.standard_normal(drawn.shape)
        share = 100 * (1 - self.level) / 2
        low, high = np.percentile(drawn, [share, 100 - share], axis=0)
        return value, np.maximum(low, 0.0), high

    # -- statistics -----------------------------------------------------------------------------

    def density(self) -> pd.Series:
        """Return the corrected density and its band."""
        pairs = self.g.domain.n_pairs
        value, low, high = self.banded(
            lambda w, noise: np.array((w + noise).sum() / pairs if pairs else np.nan)
        )
        return pd.Series(
            {"density": value, "density_recall_low": low, "density_recall_high": high}, dtype=float
        )

    def degrees(self) -> pd.DataFrame:
        """Return the corrected out- and in-degree of every neuron and their bands.

        A neuron of which no weak connection was seen shows no noise, and may have lost one: as in
        intervals of counts, one weak connection is added to what was seen, for the noise alone.
        What was seen is there, so no band ends below it.
        """
        n = self.g.n_neurons
        columns = {}
        for place, (name, end) in enumerate(
            zip(("out_degree", "in_degree"), self.codes, strict=True)
        ):
            found = self.banded(partial(_summed, end, n), more=self._of_one_more(place))
            seen = np.bincount(end[self.seen >= self.t], minlength=n)
            value, low, high = found[0], np.maximum(found[1], seen), np.maximum(found[2], seen)
            for suffix, values in zip(
                ("", "_recall_low", "_recall_high"), (value, low, high), strict=True
            ):
                columns[name + suffix] = values
        frame = pd.DataFrame(columns, index=self.g.neurons.index)
        for name, members in (
            ("out_degree", self.g.domain.sources),
            ("in_degree", self.g.domain.targets),
        ):
            own = [column for column in columns if column.startswith(name)]
            frame.loc[~members, own] = np.nan
        return frame

    def dyads(self) -> pd.Series:
        """Return the corrected counts of dyads, reciprocity and r/p, with their bands."""
        n_pairs = self.g.domain.n_mutual_pairs
        inside, reverse = self._both_ways()

        def counted(w: Floats, noise: Floats) -> Floats:
            total = (w + noise)[inside].sum()
            # A pair seen both ways stands for the product of two weights. With the root of the
            # other weight, the noise of the product has the variance that a product has.
            root = np.sqrt(np.maximum(w, 0.0))
            product = w * w[reverse] + noise * root[reverse] + noise[reverse] * root
            product += noise * noise[reverse]
            answered = product[inside & (reverse >= 0)].sum()
            mutual, p = answered / 2, total / (2 * n_pairs) if n_pairs else np.nan
            r = answered / total if total > 0 else np.nan
            one_way = total - 2 * mutual
            none = n_pairs - one_way - mutual
            return np.array([none, one_way, mutual, r, r / p, (r - p) / (1 - p)])

        names = ("null", "asymmetric", "mutual", "reciprocity", "r_over_p", "rho")
        value, low, high = self.banded(counted)
        found = dict(zip(names, value.tolist(), strict=True))
        for name, a, b in zip(names, low.tolist(), high.tolist(), strict=True):
            found |= {f"{name}_recall_low": a, f"{name}_recall_high": b}
        return pd.Series(found, dtype=float)

    def _both_ways(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
        """Return which edges lie on pairs observable both ways, and the edge that answers each."""
        pre, post = (codes.astype(np.int64) for codes in self.codes)
        inside = self.g.domain.contains(post, pre)
        keys = pre * self.g.n_neurons + post
        wanted = post * self.g.n_neurons + pre
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        reverse = np.where(keys[at] == wanted, at, -1) if len(keys) else at
        return inside, reverse

    def blocks(
        self, kinds: npt.NDArray[np.int64], n_kinds: int, pairs: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Return the corrected probability of every block of types, and its band.

        Parameters
        ----------
        kinds
            Type of each neuron, -1 for none.
        n_kinds
            Number of types.
        pairs
            Observable pairs of each block, ``(n_kinds, n_kinds)``.
        """
        pre, post = self.codes
        known = (kinds[pre] >= 0) & (kinds[post] >= 0)
        cell = (kinds[pre] * n_kinds + kinds[post])[known]

        def shares(w: Floats, noise: Floats) -> Floats:
            sums = np.bincount(cell, (w + noise)[known], minlength=n_kinds**2).reshape(
                n_kinds, n_kinds
            )
            return np.divide(sums, pairs, out=np.full_like(pairs, np.nan), where=pairs > 0)

        return self.banded(shares)

    # -- onto what was computed from the seen -----------------------------------------------------

    def onto_density(self, series: pd.Series) -> pd.Series:
        """Return a density corrected, its sampling interval moved with it, and the band."""
        found = self.density()
        moved = _moved(series["density"], found["density"])
        moved_on = series.copy()
        moved_on[["low", "high", "wilson_low", "wilson_high"]] *= moved
        moved_on["density"] = found["density"]
        result: pd.Series = pd.concat([moved_on, found.drop("density")]).rename(series.name)
        result.attrs = dict(series.attrs)
        return result

    def onto_degrees(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return degrees corrected, rates too, and the bands."""
        result = frame.copy()
        for name, values in self.degrees().items():
            result[name] = values
        for end in ("in", "out"):
            exposure = result[f"{end}_exposure"].to_numpy(float, na_value=np.nan)
            with np.errstate(divide="ignore", invalid="ignore"):
                result[f"{end}_rate"] = result[f"{end}_degree"] / exposure
        result.attrs = dict(frame.attrs)
        return result

    def onto_dyads(self, series: pd.Series) -> pd.Series:
        """Return dyads corrected, their sampling intervals moved with them, and the bands."""
        found = self.dyads()
        result = series.copy()
        for name in ("null", "asymmetric", "mutual", "reciprocity", "r_over_p", "rho"):
            ends = [end for end in (f"{name}_low", f"{name}_high") if end in result]
            result[ends] *= _moved(series[name], found[name])
            result[name] = found[name]
        result["density"] = (2 * found["mutual"] + found["asymmetric"]) / (2 * result["n_pairs"])
        bands = found[[name for name in found.index if "_recall_" in name]]
        whole_series: pd.Series = pd.concat([result, bands]).rename(series.name)
        whole_series.attrs = dict(series.attrs)
        return whole_series

    def onto_types(
        self, frame: pd.DataFrame, kinds: npt.NDArray[np.int64], n_kinds: int
    ) -> pd.DataFrame:
        """Return a type matrix with its probability corrected, and the band."""
        pairs = frame["n_pairs"].to_numpy(float).reshape(n_kinds, n_kinds)
        value, low, high = (each.ravel() for each in self.blocks(kinds, n_kinds, pairs))
        result = frame.copy()
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = value / frame["probability"].to_numpy(float)
        for end in ("low", "high", "wilson_low", "wilson_high"):
            result[end] *= np.where(np.isfinite(moved), moved, 1.0)
        result["probability"] = value
        result["probability_recall_low"], result["probability_recall_high"] = low, high
        result.attrs = dict(frame.attrs)
        return result


def _moved(seen: float, corrected: float) -> float:
    return corrected / seen if seen else 1.0


def seen_in_part(
    g: ConnectomeGraph,
    recall: Recall,
    *,
    min_synapses: int,
    model: SynapseModel,
    level: Level,
    seed: Seed,
) -> tuple[ConnectomeGraph, Corrected | None]:
    """Return the graph to count on, and what corrects it where that was asked for."""
    choice(recall, get_args(Recall), name="recall")
    least = whole(min_synapses, name="min_synapses")
    if recall == "ignore":
        return (g if least == 1 else g.threshold(min_synapses=least)), None
    return g, Corrected(g, min_synapses=least, model=model, level=level, seed=seed)


def _summed(end: npt.NDArray[Any], n: int, w: Floats, noise: Floats) -> Floats:
    return np.bincount(end, w + noise, minlength=n).astype(float)


def recall_needed(
    g: ConnectomeGraph,
    quantity: Quantity = "density",
    *,
    reaches: float,
    min_synapses: int = 1,
) -> pd.Series:
    """Return how low recall would have to be for a statistic to reach a value.

    Every pair is given one recall r, and the statistic is corrected for it (with a negative
    binomial number of synapses per connection); r is lowered from 1 until the corrected statistic
    crosses `reaches`. If the neurons were traced better than that, the conclusion stands.

    Parameters
    ----------
    g
        The graph.
    quantity
        ``"density"``, ``"reciprocity"``, ``"r_over_p"``, or ``"mean_degree"``.
    reaches
        The value at which the conclusion turns.
    min_synapses
        True synapses that a connection needs to count.

    Returns
    -------
    pandas.Series
        ``recall`` (missing where no recall above the floor of 0.1 reaches the value), ``seen``
        (the quantity at recall 1), ``reaches``, ``at_floor`` (the quantity at recall 0.1).

    Raises
    ------
    InvalidArgument
        When `quantity` is none of these, or the graph has no edge.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.load("larva-mushroom-body")
    >>> found = cg.stats.recall_needed(g, reaches=0.2)
    >>> bool(0.1 < found["recall"] < 1)
    True
    """
    choice(quantity, get_args(Quantity), name="quantity")
    reaches = number(reaches, name="reaches")
    if not g.n_edges:
        raise InvalidArgument("a graph without edges has no statistic to correct")
    corrected = Corrected.__new__(Corrected)
    corrected.g, corrected.codes, corrected.seen = g, g.edge_codes, g.edge_counts

    def at(recall: float) -> float:
        w = weights_of(
            corrected.seen, np.full(g.n_edges, recall), min_synapses=min_synapses,
            model="negative_binomial",
        ).weight  # fmt: skip
        if quantity == "density":
            return float(w.sum() / g.domain.n_pairs)
        if quantity == "mean_degree":
            return float(w.sum() / max(g.domain.n_sources, 1))
        inside, reverse = corrected._both_ways()
        total = w[inside].sum()
        r = float((w * np.where(reverse >= 0, w[reverse], 0.0))[inside].sum() / total)
        return r if quantity == "reciprocity" else r / (total / (2 * g.domain.n_mutual_pairs))

    seen, floor = at(1.0), at(FLOORS["negative_binomial"])
    recall = np.nan
    if min(seen, floor) <= reaches <= max(seen, floor) and seen != floor:
        from scipy.optimize import brentq

        recall = float(
            brentq(lambda r: at(r) - reaches, FLOORS["negative_binomial"], 1.0, xtol=1e-4)
        )
    return pd.Series({"recall": recall, "seen": seen, "reaches": reaches, "at_floor": floor})
