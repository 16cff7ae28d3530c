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

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


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
        Synapses of the sources without a target type, depth or stratum, or in strata where no
        other neuron has a connection.
    n_pool
        Synapses of the other neurons, that the sources are held against.
    n_strata
        Strata with at least one synapse of the sources.
    n_connections
        Connections of the sources that entered the card.
    seed
        What the shuffles were drawn from.
    """

    table: pd.DataFrame
    samples: pd.DataFrame
    n_synapses: int
    n_left_out: int
    n_pool: int
    n_strata: int
    n_connections: int = 0
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

    The null gives each connection of the sources, with all of its synapses, a target type anew:
    that of a synapse which *other* neurons make where one of its own synapses is, at the same
    depth and on the same compartment. It keeps where the sources put their synapses and how
    many at a time, and forgets on whom. A ratio above 1 is more than depth and compartment
    explain. Synapses of one connection share their target, so they are never moved apart; the
    sources' own synapses are no part of what they are held against.

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
    A pool is itself a sample: the shares of the types in a stratum are drawn from a Dirichlet
    distribution about those of the pool, worth as many draws as its connections, so that the
    numbers scatter as much as a draw of both, the sources' connections and the pool's, does (a
    Polya urn). ``expected`` is the exact mean. Synapses in strata where no other neuron has any
    are left out and counted. p is ``2 min(P(<=), P(>=))`` with each tail
    ``(1 + hits) / (1 + n)``, at most 1.

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
    mine = int((chosen[pre] & pool).sum())
    if not (chosen[pre] & usable).any():
        raise InvalidArgument(
            f"none of the {mine:,} synapses of the {int(chosen.sum())} sources has a {by}, a "
            f"{depth} and {', '.join(strata)}; are skeletons attached?"
        )
    columns = {"pre": pre, "post": post, "s": stratum, "label": label}
    rows = pd.DataFrame(columns)[usable & ~chosen[pre]]
    pools = _pools(rows, int(stratum.max()) + 1, len(types))
    usable &= chosen[pre] & (pools.worth > 0)[stratum]
    if not usable.any():
        raise InvalidArgument(
            f"no neuron but the {int(chosen.sum())} sources has a synapse in their strata; a card "
            "holds the sources against others: choose fewer sources, or wider strata"
        )
    own = pd.MultiIndex.from_arrays([pre[usable], post[usable]])
    connection = pd.factorize(own)[0]
    expected, samples = _shuffles(pools, stratum[usable], connection, n, rng)
    held = np.bincount(label[usable], minlength=len(types))
    index = pd.Index(types, name=by)
    return ConnectivityCard(
        table=_card_table(held, expected, samples, index),
        samples=pd.DataFrame(samples, columns=index),
        n_synapses=int(held.sum()),
        n_left_out=mine - int(held.sum()),
        n_pool=pools.n_synapses,
        n_strata=len(np.unique(stratum[usable])),
        n_connections=int(connection.max()) + 1,
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


@dataclass(frozen=True)
class _Pools:
    """What other neurons contact in each stratum.

    Attributes
    ----------
    shares
        Share of each target type among their synapses, strata x types.
    worth
        How many independent connections the shares of a stratum are worth.
    n_synapses
        Synapses of all pools.
    """

    shares: npt.NDArray[np.float64]
    worth: npt.NDArray[np.float64]
    n_synapses: int


def _pools(rows: pd.DataFrame, n_strata: int, n_types: int) -> _Pools:
    """Return the pools of the synapses of others: columns ``pre post s label``."""
    parts = rows.groupby(["pre", "post", "s"], as_index=False).agg(
        label=("label", "first"), size=("label", "size")
    )
    at, size = parts["s"].to_numpy(np.int64), parts["size"].to_numpy(float)
    cell = at * n_types + parts["label"].to_numpy(np.int64)
    numbers = np.bincount(cell, weights=size, minlength=n_strata * n_types)
    numbers = numbers.reshape(n_strata, n_types)
    total = numbers.sum(axis=1)
    squares = np.bincount(at, weights=size**2, minlength=n_strata)
    some = total > 0
    shares, worth = np.zeros((n_strata, n_types)), np.zeros(n_strata)
    shares[some] = numbers[some] / total[some, None]
    worth[some] = total[some] ** 2 / squares[some]
    return _Pools(shares, worth, len(rows))


def _shuffles(
    pools: _Pools, stratum: Ints, connection: Ints, n: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float64], Ints]:
    """Return the exact mean and `n` samples of the sources' synapses by target type.

    `stratum` and `connection` are those of every synapse of the sources.
    """
    n_strata, n_types = pools.shares.shape
    expected = np.bincount(stratum, minlength=n_strata) @ pools.shares
    samples = np.zeros((n, n_types), dtype=np.int64)
    order = np.argsort(connection, kind="stable")
    size = np.bincount(connection)
    first = np.cumsum(size) - size
    # Connections of every size that draw in every stratum, in every sample.
    drawing: dict[int, Ints] = {}
    for synapses in np.unique(size):
        which = first[size == synapses]
        members = stratum[order][which[:, None] + np.arange(synapses)]
        drawing[int(synapses)] = _drawing(members, n, n_strata, rng)
    for place in np.unique(stratum):
        held = np.flatnonzero(pools.shares[place])
        shares = rng.dirichlet(pools.shares[place, held] * pools.worth[place], size=n)
        for synapses, number in drawing.items():
            if number[:, place].any():
                samples[:, held] += synapses * rng.multinomial(number[:, place], shares)
    return expected, samples


def _drawing(members: Ints, n: int, n_strata: int, rng: np.random.Generator) -> Ints:
    """Return how many connections take each stratum, by that of one of their synapses.

    `members` are the strata of the synapses of connections of one size, a row each; the result
    is samples x strata.
    """
    number = np.zeros((n, n_strata), dtype=np.int64)
    lasting = (members == members[:, :1]).all(axis=1)
    number += np.bincount(members[lasting, 0], minlength=n_strata)
    for strata in members[~lasting]:
        number[np.arange(n), strata[rng.integers(0, len(strata), n)]] += 1
    return number


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
