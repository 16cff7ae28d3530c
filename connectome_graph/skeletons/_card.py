"""Connectivity cards: whom a group of neurons targets more than where its axons lie explains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import (
    Bins,
    By,
    Seed,
    bin_edges,
    generator,
    recorded_seed,
    whole,
)
from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.selection import Selection

__all__ = ["ConnectivityCard", "connectivity_card"]


#: Height of a depth bin where none is given, in um.
HEIGHT_UM = 20.0


@dataclass(frozen=True, eq=False)
class ConnectivityCard:
    """Observed over expected synapses of some sources onto every target type.

    Parameters
    ----------
    table
        Indexed by target type: ``observed``, ``expected``, ``ratio`` (missing where nothing is
        expected), ``null_low``, ``null_high`` (central 95 % of the shuffles), ``p`` (two-sided),
        ``q`` (Benjamini-Hochberg over the types of the card).
    samples
        int64, shuffles x target types: the numbers under the null.
    n_synapses
        Synapses of the sources that entered the card.
    n_left_out
        Synapses of the sources without a target type, depth or stratum.
    n_pool
        Synapses of the whole pool that was shuffled.
    n_strata
        Strata with at least one synapse of the sources.
    seed
        What the shuffles were drawn from.
    """

    table: pd.DataFrame
    samples: pd.DataFrame
    n_synapses: int
    n_left_out: int
    n_pool: int
    n_strata: int
    seed: Any = None

    def __repr__(self) -> str:
        return (
            f"<ConnectivityCard: {self.n_synapses:,} synapses onto {len(self.table)} types, "
            f"{self.n_strata} strata, {len(self.samples):,} shuffles>"
        )


def connectivity_card(
    g: ConnectomeGraph,
    sources: Selection,
    *,
    by: By = "cell_type",
    depth: str = "y_um",
    bins: Bins | None = None,
    strata: Sequence[str] = ("compartment",),
    n: int = 1000,
    seed: Seed = 0,
) -> ConnectivityCard:
    """Return observed over expected synapses per target type, given depth and compartment.

    The pool is every synapse between two distinct neurons on the domain. The null shuffles the
    target types of the pool within strata, that is among synapses in the same depth bin and on
    the same compartment: it keeps where the sources put their synapses, and forgets on whom. A
    ratio above 1 is more than depth and compartment explain.

    Parameters
    ----------
    g
        The graph, with the stratum columns on its synapses (:func:`attach` gives compartments).
    sources
        The neurons whose outputs the card is about: a query, a mask, or ids.
    by
        Neuron column that holds the target type.
    depth
        Synapse column with the depth, in um.
    bins
        Height of the depth bins in um, by default 20, or their ascending edges.
    strata
        Synapse columns that the shuffle keeps besides depth.
    n
        Number of shuffles. The smallest possible p is ``2 / (n + 1)``.
    seed
        Integer or generator.

    Returns
    -------
    ConnectivityCard

    Raises
    ------
    UnknownName
        When a column does not exist.
    InvalidArgument
        When rows stand for several synapses (``count`` > 1), or the sources make none that
        could enter.

    Notes
    -----
    A shuffle within a stratum draws the sources' targets without replacement: a multivariate
    hypergeometric, sampled as such; ``expected`` is its exact mean. p is
    ``2 min(P(<=), P(>=))`` with each tail ``(1 + hits) / (1 + n)``, at most 1.

    References
    ----------
    Schneider-Mizell et al. (2025). Inhibitory specificity from a connectomic census of mouse
    visual cortex. Nature 640:448-458.
    """
    if g.is_aggregated:
        raise InvalidArgument(
            "rows of this graph stand for several synapses; a shuffle needs one row per synapse"
        )
    n, rng = whole(n, name="n"), generator(seed)
    drawn_from = recorded_seed(rng)
    pre, post = g.synapse_codes("pre"), g.synapse_codes("post")
    pool = g.domain.contains(pre, post) & (pre != post)
    chosen = np.zeros(g.n_neurons, dtype=bool)
    chosen[g.positions(sources)] = True
    found = g.labels(by).at(post)
    label, types = found.codes, found.names
    stratum = _strata(g, depth, HEIGHT_UM if bins is None else bins, strata)
    usable = pool & (label >= 0) & (stratum >= 0)
    mine = chosen[pre] & usable
    if not mine.any():
        raise InvalidArgument(
            f"none of the {int((chosen[pre] & pool).sum()):,} synapses of the {int(chosen.sum())} "
            f"sources has a {by}, a {depth} and {', '.join(strata)}; are skeletons attached?"
        )
    own, everyone = (
        _table(stratum[m], label[m], stratum[mine], len(types)) for m in (mine, usable)
    )
    expected, samples = _shuffles(own.sum(axis=1), everyone, n, rng)
    index = pd.Index(types, name=by)
    return ConnectivityCard(
        table=_card_table(own.sum(axis=0), expected, samples, index),
        samples=pd.DataFrame(samples, columns=index),
        n_synapses=int(mine.sum()),
        n_left_out=int((chosen[pre] & pool & ~usable).sum()),
        n_pool=int(usable.sum()),
        n_strata=len(own),
        seed=drawn_from,
    )


def _strata(
    g: ConnectomeGraph, depth: str, bins: Bins, strata: Sequence[str]
) -> npt.NDArray[np.int64]:
    """Return the stratum of every synapse row, -1 where any part of it is missing."""
    for name in (depth, *strata):
        if name not in g.synapse_columns:
            raise UnknownName(
                f"the synapses have no column {name!r}.{did_you_mean(name, g.synapse_columns)}"
            )
    height = np.asarray(g.synapse_column(depth), dtype=np.float64)
    known = np.isfinite(height)
    edges = bin_edges(bins, height)
    bin_of = np.searchsorted(edges, height, side="right") - 1
    known &= (bin_of >= 0) & (bin_of < len(edges) - 1)
    parts: list[npt.NDArray[Any]] = [bin_of]
    for name in strata:
        code, _ = pd.factorize(pd.Series(g.synapse_column(name)))
        known &= code >= 0
        parts.append(code)
    _, stratum = np.unique(np.column_stack(parts), axis=0, return_inverse=True)
    return np.where(known, stratum.reshape(-1), -1).astype(np.int64)


def _table(
    stratum: npt.NDArray[np.int64],
    label: npt.NDArray[np.int64],
    wanted: npt.NDArray[np.int64],
    n_types: int,
) -> npt.NDArray[np.int64]:
    """Return synapse numbers, strata x types, over the strata that occur in `wanted`."""
    kept = np.unique(wanted)
    row = np.searchsorted(kept, stratum)
    inside = (row < len(kept)) & (kept[np.minimum(row, len(kept) - 1)] == stratum)
    cell = row[inside] * n_types + label[inside]
    return np.bincount(cell, minlength=len(kept) * n_types).reshape(len(kept), n_types)


def _shuffles(
    drawn: npt.NDArray[np.int64],
    pool: npt.NDArray[np.int64],
    n: int,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the exact mean and `n` samples of the targets drawn in every stratum, summed."""
    expected = (pool * (drawn / pool.sum(axis=1))[:, None]).sum(axis=0)
    samples = np.zeros((n, pool.shape[1]), dtype=np.int64)
    for colours, size in zip(pool, drawn, strict=True):
        samples += rng.multivariate_hypergeometric(colours, int(size), size=n, method="marginals")
    return expected, samples


def _card_table(
    observed: npt.NDArray[np.int64],
    expected: npt.NDArray[np.float64],
    samples: npt.NDArray[np.int64],
    types: pd.Index,
) -> pd.DataFrame:
    from scipy.stats import false_discovery_control

    n = len(samples)
    below = (1 + (samples <= observed).sum(axis=0)) / (1 + n)
    above = (1 + (samples >= observed).sum(axis=0)) / (1 + n)
    p = np.minimum(1.0, 2 * np.minimum(below, above))
    low, high = np.quantile(samples, [0.025, 0.975], axis=0)
    ratio = np.divide(observed, expected, out=np.full(len(types), np.nan), where=expected > 0)
    return pd.DataFrame(
        {
            "observed": observed,
            "expected": expected,
            "ratio": ratio,
            "null_low": low,
            "null_high": high,
            "p": p,
            "q": false_discovery_control(p),
        },
        index=types,
    )
