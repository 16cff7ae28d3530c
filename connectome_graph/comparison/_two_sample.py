"""Two graphs of the same neurons against each other, by exchange of what is matched."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import (
    Level,
    Progress,
    Seed,
    check_progress,
    level_between,
    one_of,
    whole,
)
from connectome_graph.comparison._against_null import Statistic, name_of, root, run_facts
from connectome_graph.comparison._checkpoint import Checkpoint
from connectome_graph.comparison._coded import decoded
from connectome_graph.comparison._components import components, united
from connectome_graph.comparison._draws import Draw
from connectome_graph.comparison._ensemble import collect, matrix
from connectome_graph.comparison._fingerprint import graph_digest
from connectome_graph.comparison._result import Comparison
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._base import edge_columns

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["compare_graphs"]

#: What is exchanged whole.
Unit = Literal["dyads", "outputs", "inputs"]
Places = npt.NDArray[np.int64]


def compare_graphs(  # noqa: PLR0913
    a: ConnectomeGraph,
    b: ConnectomeGraph,
    statistic: Statistic,
    *,
    match: str | None = None,
    exchange: Unit = "outputs",
    n: int = 1000,
    seed: Seed = 0,
    executor: Executor | Client | None = None,
    checkpoint: str | Path | None = None,
    progress: Progress = None,
    absent: float = 0,
    level: Level = 0.95,
) -> Comparison:
    """Test whether a statistic differs between two graphs whose neurons are matched.

    For two hemispheres, two animals, or two versions of one volume. The neurons of `a` and `b`
    are matched one to one, and each permutation exchanges connections between the two graphs
    by independent coins: all that is exchanged moves whole, with its synapse counts and sizes.
    If connections do not depend on which graph they are in, exchanging them changes nothing on
    average, and the observed difference is one of the permuted ones. The p-values are exact
    under that hypothesis, which `exchange` makes precise:

    - ``"outputs"`` (default): for each matched neuron, all its connections onto matched neurons.
      Allows the outputs of a neuron to depend on each other, as they do when neurons vary from
      one graph to the other, not the two directions of a pair.
    - ``"inputs"``: likewise all its inputs from matched neurons.
    - ``"dyads"``: for each pair of matched neurons, both directions together. Assumes that
      different pairs are independent given which neurons they join: where neurons vary, p is
      too small (one in five below .05 in simulations).

    Only what could be seen in both graphs is exchanged; connections of unmatched neurons stay.
    The statistic sees one row per edge (``count`` and ``size``), as samples of null models do.

    Parameters
    ----------
    a, b
        The graphs.
    statistic
        As in :func:`compare`.
    match
        Neuron column of which equal values name matched neurons, such as a column of cell
        names; by default the root ids themselves.
    exchange
        What one coin moves.
    n, seed, executor, checkpoint, progress, absent, level
        As in :func:`compare`.

    Returns
    -------
    Comparison
        Of the difference, `a` less `b`; its table also shows the statistic of each.

    Raises
    ------
    InvalidArgument
        When no neurons match, a value of `match` occurs twice, or an argument is out of range.

    References
    ----------
    Hemerik & Goeman (2018), Exact testing with random permutations, TEST 27, 811-825.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> left = cg.from_adjacency([[0, 1, 1], [1, 0, 1], [0, 1, 0]])
    >>> right = cg.from_adjacency([[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    >>> found = compare_graphs(left, right, lambda g: {"edges": g.n_edges}, n=99, seed=1)
    >>> found.parts.loc["edges"].tolist()
    [5, 2]
    """
    n, level = whole(n, name="n"), level_between(level)
    progress = check_progress(progress)
    one_of(exchange, Unit, name="exchange")
    path = None if checkpoint is None else Path(checkpoint)
    streams, name = root(seed, path), name_of(statistic)
    about = {}
    if path is not None:  # before the first call: a statistic may change what it holds
        about = {
            "graph": f"{graph_digest(a)} and {graph_digest(b)}",
            "null": f"exchange of {exchange}, match={match!r}, absent={absent!r}",
            **run_facts(statistic, streams),
        }
    ensemble = Exchange(a, b, statistic, match, exchange, absent)
    parts, facts = ensemble.observed()
    difference = parts["a"] - parts["b"]
    kept = None if path is None else Checkpoint(path, about, difference)
    rows = collect(ensemble, streams, n, executor=executor, checkpoint=kept, progress=progress)
    labelled = {number: decoded(None, each) for number, each in rows.items()}
    difference, samples = matrix(difference, labelled, absent)
    provenance = a.provenance.then(
        "compare_graphs",
        f"{name} was compared with that of another graph by {len(rows):,} exchanges of {exchange} "
        f"between {facts['n_matched']:,} matched neurons.",
        statistic=name, exchange=exchange, match=match, n_samples=len(rows), n_requested=n,
        entropy=str(streams.entropy), spawn_key=list(streams.spawn_key),
        other=b.provenance.to_dict(), **facts,
    )  # fmt: skip
    return Comparison(difference, samples, n, level, streams, provenance, parts)


@dataclass(frozen=True)
class Exchange:
    """Differences of a statistic between two graphs after a random exchange."""

    a: ConnectomeGraph
    b: ConnectomeGraph
    statistic: Statistic
    match: str | None
    unit: str
    absent: float

    def prepare(self) -> Draw:
        """Return the function that draws the components of one exchange's difference."""
        plan = _Plan(self.a, self.b, _matched(self.a, self.b, self.match), self.unit)

        def draw(rng: np.random.Generator) -> pd.Series:
            parts = self._parts(*plan.exchanged(rng.integers(0, 2, plan.n_units, dtype=bool)))
            return parts["a"] - parts["b"]

        return draw

    def observed(self) -> tuple[pd.DataFrame, dict[str, int]]:
        """Return the statistic of both graphs, and what can be exchanged between them."""
        pairs = _matched(self.a, self.b, self.match)
        plan = _Plan(self.a, self.b, pairs, self.unit)
        parts = self._parts(*plan.exchanged(np.zeros(plan.n_units, bool)))
        return parts, {"n_matched": len(pairs[0]), "n_units": plan.n_units}

    def _parts(self, first: ConnectomeGraph, second: ConnectomeGraph) -> pd.DataFrame:
        name = name_of(self.statistic)
        a, b = (components(self.statistic(g), name) for g in (first, second))
        if not a.index.equals(b.index):
            labels = united(a.index, [b.index])
            a, b = (part.reindex(labels, fill_value=self.absent) for part in (a, b))
        return pd.DataFrame({"a": a, "b": b})


def _matched(a: ConnectomeGraph, b: ConnectomeGraph, match: str | None) -> tuple[Places, Places]:
    """Return the positions of matched neurons in both graphs."""
    names = []
    for which, g in (("first", a), ("second", b)):
        values = pd.Series(g.ids) if match is None else g.neuron_column(match)
        values = values.reset_index(drop=True).dropna()
        if values.duplicated().any():
            twice = values[values.duplicated()].iloc[0]
            raise InvalidArgument(
                f"match={match!r} must name each neuron once; {twice!r} names several neurons of "
                f"the {which} graph"
            )
        names.append(pd.Series(values.index, index=pd.Index(values.to_numpy())))
    common = names[0].index.intersection(names[1].index, sort=False)
    if not len(common):
        what = "root ids" if match is None else f"values of {match}"
        raise InvalidArgument(
            f"no neurons of the two graphs have the same {what}; match= names a neuron column of "
            "which equal values mark the same cell"
        )
    first, second = (part.loc[common].to_numpy(np.int64) for part in names)
    return first, second


class _Plan:
    """Which edges each coin moves, and where to."""

    def __init__(
        self, a: ConnectomeGraph, b: ConnectomeGraph, pairs: tuple[Places, Places], unit: str
    ) -> None:
        self._graphs, self._pairs = (a, b), pairs
        self._edges = [g.edge_codes for g in (a, b)]
        shared = set(edge_columns(a)) & set(edge_columns(b))
        self._columns = [
            {name: values for name, values in edge_columns(g).items() if name in shared}
            for g in (a, b)
        ]
        numbers = [self._coins(side, unit) for side in (0, 1)]
        found, coins = np.unique(np.concatenate(numbers), return_inverse=True)
        fixed = int(len(found) > 0 and found[0] < 0)
        self.n_units = len(found) - fixed
        coins = coins - fixed
        self._coin = coins[: len(numbers[0])], coins[len(numbers[0]) :]

    def _coins(self, side: int, unit: str) -> Places:
        """Return the coin of every edge of one graph; negative where it cannot be exchanged."""
        here, there = self._graphs[side], self._graphs[1 - side]
        rank = np.full(here.n_neurons, -1, np.int64)
        rank[self._pairs[side]] = np.arange(len(self._pairs[side]))
        pre, post = (rank[codes] for codes in self._edges[side])
        movable = (pre >= 0) & (post >= 0)
        for one, other in ((pre, post), (post, pre)) if unit == "dyads" else ((pre, post),):
            places = self._pairs[side], self._pairs[1 - side]
            seen = [
                g.domain.contains(place[one], place[other])
                for g, place in zip((here, there), places, strict=True)
            ]
            movable &= seen[0] == seen[1]
        size = np.int64(len(self._pairs[0]))
        numbers = {
            "dyads": np.minimum(pre, post) * size + np.maximum(pre, post),
            "outputs": pre,
            "inputs": post,
        }
        coins: Places = np.where(movable, numbers[unit], -1)
        return coins

    def exchanged(self, coins: npt.NDArray[np.bool_]) -> tuple[ConnectomeGraph, ConnectomeGraph]:
        """Return both graphs after what the coins say has moved to the other one."""
        moved = [np.append(coins, False)[coin] for coin in self._coin]
        graphs = []
        for side in (0, 1):
            to_here = np.full(self._graphs[1 - side].n_neurons, -1, np.int32)
            to_here[self._pairs[1 - side]] = self._pairs[side]
            stays, comes = ~moved[side], moved[1 - side]
            pre, post = (
                np.concatenate([own[stays], to_here[others[comes]]])
                for own, others in zip(self._edges[side], self._edges[1 - side], strict=True)
            )
            columns: dict[str, Any] = {
                name: np.concatenate([values[stays], self._columns[1 - side][name][comes]])
                for name, values in self._columns[side].items()
            }
            graphs.append(
                self._graphs[side].rewired(
                    pre,
                    post,
                    columns=columns,
                    verb="exchange",
                    sentence=f"{int(coins.sum()):,} units were exchanged with the other graph.",
                )
            )
        return graphs[0], graphs[1]
