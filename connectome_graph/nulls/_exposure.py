"""Random graphs in which pairs that met more connect more: synapses follow the exposure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import one_of, whole
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.pairs import PairSet
from connectome_graph.nulls._base import NullModel, Sampler, edge_columns
from connectome_graph.nulls._properties import kept

__all__ = ["ExposureBernoulli", "ExposureShuffle", "connection_probability"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
#: Among which pairs a synapse may move: all, those of its source, or those of its target.
Keep: TypeAlias = Literal["total", "pre", "post"]
#: How the probability of a connection depends on exposure.
Fit: TypeAlias = Literal["logistic", "rate", "bins"]

_STEPS = 100


@dataclass(frozen=True)
class ExposureShuffle(NullModel):
    """Every synapse dealt to a random pair that could have met, in proportion to exposure.

    The number of synapses on the domain is kept exactly; a pair gets them as if each synapse
    chose its pair by the exposure alone. Needs pairs with exposure (``g.within(...,
    exposure=...)``), such as the number of proximities or the length of co-travel. Sizes of
    single synapses are dealt with them; of rows that stand for several synapses only the number
    is dealt.

    Parameters
    ----------
    keep
        ``"total"``: a synapse may go to any pair. ``"pre"``: to any pair of its own axon, which
        keeps the synapses that every neuron makes; ``"post"``: of its own dendrite, which keeps
        those that every neuron receives.

    References
    ----------
    Celii et al. (2025), NEURD offers automated proofreading and feature extraction for
    connectomics, Nature 640, 487-496 (synapses shuffled over proximities).

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> met = pd.DataFrame({"pre": [1, 1, 2], "post": [2, 3, 3], "um": [1.0, 9.0, 5.0]})
    >>> g = cg.from_adjacency([[0, 4, 2], [0, 0, 1], [0, 0, 0]]).within(met, exposure="um")
    >>> sample = cg.nulls.ExposureShuffle(keep="pre").sample(g, seed=1)
    >>> int(sample.edge_counts.sum()), cg.stats.degrees(sample)["out_synapses"].tolist()
    (7, [6, 1, 0])
    """

    keep: Keep = "total"

    def __post_init__(self) -> None:
        one_of(self.keep, Keep, name="keep")

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        return kept(exact=("labels", "synapses", *(("out_strength",) * (self.keep == "pre"))))

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share.

        Raises
        ------
        InvalidArgument
            When the pairs of the domain have no exposure, or a neuron with synapses has none.
        """
        met = _exposed(g, "ExposureShuffle")
        order, first, last = _spans(met, g, self.keep)
        reach = np.concatenate([[0.0], np.cumsum(_exposure(met)[order])])
        low, high = reach[first], reach[last]
        _check_room(g, low, high, self.keep)
        columns = _synapse_columns(g)
        sentence = (
            f"{len(first):,} synapses were dealt over {len(met):,} pairs in proportion to "
            f"{met.name}{'' if self.keep == 'total' else f' within each {self.keep} neuron'} "
            "(ExposureShuffle)."
        )

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            at = np.searchsorted(reach, low + (high - low) * rng.random(len(low)), "right") - 1
            # A number that rounding puts at the very end belongs to the last pair of its span.
            pair = order[np.clip(at, first, last - 1)]
            return g.rewired(
                met.pre[pair], met.post[pair], columns=columns,
                verb="ExposureShuffle", sentence=sentence,
            )  # fmt: skip

        return draw


@dataclass(frozen=True)
class ExposureBernoulli(NullModel):
    """Independent edges on the pairs that could have met, likelier the more they met.

    The probability of an edge is a function of the pair's exposure x that is fitted to the
    observed graph, so that the number of edges is kept on average. Synapse counts and sizes are
    drawn from the observed edges with replacement.

    Parameters
    ----------
    fit
        ``"logistic"``: log odds a + b log x (pairs of exposure 0 have a probability of their
        own); ``"rate"``: 1 - exp(-a x), what synapses at a constant rate per exposure give;
        ``"bins"``: the share of connected pairs in each of `n_bins` classes of equal number by
        rising exposure.
    n_bins
        Classes of exposure for ``fit="bins"``.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> met = pd.DataFrame({"pre": [1, 1, 2, 3], "post": [2, 3, 3, 1], "um": [9.0, 1.0, 5.0, 2.0]})
    >>> g = cg.from_adjacency([[0, 4, 0], [0, 0, 1], [0, 0, 0]]).within(met, exposure="um")
    >>> p = cg.nulls.ExposureBernoulli(fit="rate").probabilities(g)
    >>> p.round(2).tolist()
    [0.9, 0.22, 0.72, 0.4]
    """

    fit: Fit = "logistic"
    n_bins: int = 20

    def __post_init__(self) -> None:
        one_of(self.fit, Fit, name="fit")
        whole(self.n_bins, name="n_bins")

    @property
    def preserves(self) -> Mapping[str, str]:
        """What is kept exactly, in expectation, or not."""
        expected = () if self.fit == "rate" else ("edges",)
        return kept(exact=("labels",), expected=expected)

    def prepare(self, g: ConnectomeGraph) -> Sampler:
        """Return a function that draws samples of `g`, having done once what all samples share.

        Raises
        ------
        InvalidArgument
            When the pairs of the domain have no exposure, or the fit does not converge.
        """
        met = _exposed(g, "ExposureBernoulli")
        probability, columns = _fitted(g, met, self.fit, self.n_bins), edge_columns(g)

        def draw(rng: np.random.Generator) -> ConnectomeGraph:
            pair = np.flatnonzero(rng.random(len(met)) < probability)
            weights = rng.integers(0, max(g.n_edges, 1), len(pair))
            return g.rewired(
                met.pre[pair], met.post[pair],
                columns={name: values[weights] for name, values in columns.items()},
                verb="ExposureBernoulli",
                sentence=f"Edges were drawn independently with a probability that depends on "
                f"{met.name} (ExposureBernoulli, {self.fit}).",
            )  # fmt: skip

        return draw

    def probabilities(self, g: ConnectomeGraph) -> pd.Series:
        """Return the probability of every pair of the domain, indexed by ``(pre, post)``.

        Parameters
        ----------
        g
            The observed graph.
        """
        met = _exposed(g, "ExposureBernoulli")
        index = pd.MultiIndex.from_arrays([g.ids[met.pre], g.ids[met.post]], names=["pre", "post"])
        return pd.Series(_fitted(g, met, self.fit, self.n_bins), index, name="probability")


def connection_probability(
    exposure: Floats, connected: npt.NDArray[np.bool_], fit: Fit, *, n_bins: int = 20
) -> Floats:
    """Return the fitted probability of a connection at each exposure.

    Parameters
    ----------
    exposure
        float64, one per pair.
    connected
        Whether the pair is connected.
    fit, n_bins
        As in :class:`ExposureBernoulli`.

    Examples
    --------
    >>> x, y = np.array([1.0, 1.0, 4.0, 4.0]), np.array([True, False, True, True])
    >>> connection_probability(x, y, "bins", n_bins=2)
    array([0.5, 0.5, 1. , 1. ])
    """
    if not connected.any() or connected.all():
        return np.full(len(exposure), float(connected.any()))
    if fit == "bins":
        edges = np.quantile(exposure, np.linspace(0, 1, n_bins + 1)[1:-1], method="inverted_cdf")
        return _shares(np.searchsorted(edges, exposure, "left"), connected)
    if fit == "rate":
        return _rate(exposure, connected)
    return _logistic(exposure, connected)


def _shares(kind: Codes, connected: npt.NDArray[np.bool_]) -> Floats:
    total = np.bincount(kind)
    share = np.bincount(kind, weights=connected) / np.maximum(total, 1)
    return np.asarray(share[kind], float)


def _rate(x: Floats, connected: npt.NDArray[np.bool_]) -> Floats:
    from scipy.optimize import brentq

    if connected[x == 0].any():
        raise InvalidArgument(
            "ExposureBernoulli(fit='rate') gives pairs without exposure no connection, and "
            f"{int(connected[x == 0].sum()):,} of them have one; use fit='logistic' or 'bins'"
        )

    def slope(log_rate: float) -> float:
        rate = np.exp(log_rate)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            gain = np.where(connected & (x > 0), x / np.expm1(rate * x), 0.0)
        return float(gain.sum() - x[~connected].sum())

    scale = np.log(x[x > 0].mean())
    if slope(-scale + 30) > 0 or slope(-scale - 30) < 0:
        raise InvalidArgument("ExposureBernoulli(fit='rate'): no rate fits; use fit='bins'")
    rate = np.exp(brentq(slope, -scale - 30, -scale + 30))
    return np.asarray(-np.expm1(-rate * x), float)


def _logistic(x: Floats, connected: npt.NDArray[np.bool_]) -> Floats:
    p = np.full(len(x), connected.mean())
    none = x == 0
    if none.any():
        p[none] = connected[none].mean()
    y, log = connected[~none].astype(float), np.log(x[~none])
    if not len(y) or not 0 < y.mean() < 1:
        p[~none] = y.mean() if len(y) else 0.0
        return p
    spread = log.std()
    z = (log - log.mean()) / (spread if spread > 0 else 1.0)
    design = np.column_stack([np.ones(len(z)), z])[:, : 1 + (spread > 0)]
    beta = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        fitted = 1 / (1 + np.exp(-(design @ beta)))
        weight = fitted * (1 - fitted)
        hessian = design.T @ (design * weight[:, None])
        if np.abs(beta).max() > 50 or np.linalg.cond(hessian) > 1e12:
            break
        step = np.linalg.solve(hessian, design.T @ (y - fitted))
        beta += step
        if np.abs(step).max() < 1e-10:
            p[~none] = 1 / (1 + np.exp(-(design @ beta)))
            return p
    raise InvalidArgument(
        "ExposureBernoulli(fit='logistic'): exposure tells connected from unconnected pairs "
        "without error, so that no finite slope fits; use fit='bins'"
    )


def _exposed(g: ConnectomeGraph, name: str) -> PairSet:
    """Return the pairs of the domain, which have an exposure."""
    g.domain.require_simple(name)
    met = g.domain.pairs
    if met is None or met.exposure is None:
        raise InvalidArgument(
            f"{name} needs to know how much every pair met: g.within(pairs, exposure='<column>'); "
            f"the domain is {g.domain}"
        )
    return met


def _exposure(met: PairSet) -> Floats:
    assert met.exposure is not None
    return met.exposure


def _fitted(g: ConnectomeGraph, met: PairSet, fit: Fit, n_bins: int) -> Floats:
    connected = np.zeros(len(met), bool)
    connected[met.places(*g.edge_codes)] = True
    return connection_probability(_exposure(met), connected, fit, n_bins=n_bins)


def _spans(met: PairSet, g: ConnectomeGraph, keep: Keep) -> tuple[Codes, Codes, Codes]:
    """Return an order of the pairs and, for every synapse, the span in it where it may go."""
    counts = g.edge_counts
    if keep == "post":
        into, _, place = met.transposed
        own = np.repeat(g.edge_codes[1], counts)
        return place, into[own], into[own + 1]
    order = np.arange(len(met))
    if keep == "pre":
        own = np.repeat(g.edge_codes[0], counts)
        return order, met.ptr[own], met.ptr[own + 1]
    n = int(counts.sum())
    return order, np.zeros(n, np.int64), np.full(n, len(met))


def _check_room(g: ConnectomeGraph, low: Floats, high: Floats, keep: Keep) -> None:
    stuck = np.flatnonzero(~(high > low))
    if len(stuck):
        ends = {"total": 0, "pre": 0, "post": 1}
        own = np.repeat(g.edge_codes[ends[keep]], g.edge_counts)[stuck[0]]
        raise InvalidArgument(
            f"ExposureShuffle(keep={keep!r}): {len(stuck):,} synapses have no pair of positive "
            f"exposure to go to (first: of neuron {g.ids[own]})"
        )


def _synapse_columns(g: ConnectomeGraph) -> dict[str, npt.NDArray[np.float64]]:
    """Return the size of every synapse on the domain, where single sizes are known."""
    if "size" not in g.synapse_columns or g.is_aggregated:
        return {}
    start, stop = g.edge_runs
    length = stop - start
    row = np.arange(int(length.sum())) + np.repeat(start - (np.cumsum(length) - length), length)
    return {"size": np.asarray(g.synapse_column("size"))[row]}
