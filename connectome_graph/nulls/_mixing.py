"""How long a chain must run on a graph, found by a pilot on that graph."""

from __future__ import annotations

import math
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from connectome_graph._kernels import threads
from connectome_graph.errors import NotMixedWarning
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls import _ahead
from connectome_graph.nulls._chains import Chain, EdgeChain, pointers, random_state
from connectome_graph.nulls._dyad_chain import DyadChain

__all__ = ["Mixing", "mixing", "told_apart"]

Numbers = npt.NDArray[np.float64]

NAMES = (
    "overlap", "mutual pairs", "030T", "030C", "120D", "120U", "120C", "210", "300",
    "out-out wedges", "in-in wedges", "out-in wedges", "mutual-out wedges", "mutual-in wedges",
    "mutual-mutual wedges",
)  # fmt: skip

#: What is left of the start's distance from the mean when a chain counts as settled, in sd.
_LEFT = 0.05
#: How many sd off a random graph lies at most, near enough.
_FAR = 3.0
#: A settled chain overlaps with the observed graph by chance, and this share of the rest.
_OVERLAP_LEFT = 0.005
#: A pilot is long enough when its settled half holds this many autocorrelation times; of many
#: edges fewer, because a start that is hundreds of sd off shows directly how fast it is forgotten.
_TIMES, _TIMES_OF_MANY = 8, 4
#: Chains and first number of looks of a pilot.
_CHAINS, _LOOKS = 4, 24
#: From this many edges on fewer chains run.
_MANY_EDGES = 400_000
#: Triads are watched among so many neurons at least, or this share of all: the ones of most
#: partners, which forget slowest, and others at random.
_WATCHED, _WATCHED_SHARE, _HUBS_AMONG = 400, 0.08, 0.25
#: Edges that all passes of all chains of one pilot may move.
_MOST_MOVES = 6e8


@dataclass(frozen=True)
class Mixing:
    """How fast the chains of a null model forget a graph.

    Attributes
    ----------
    passes
        Passes over all edges of every sample, after which it has forgotten where it began.
    from_graph
        The same for chains that begin at the observed graph, which lies farther off than any
        random graph.
    starts
        Where samples begin: chains that have forgotten the observed graph. Empty where beginning
        there saves no pass; samples then begin at the observed graph.
    mixed
        Whether samples after so many passes are random graphs of the null model.
    reason
        Why not, as a sentence; empty when mixed.
    evidence
        What the pilot saw: chains, looks, the slowest number, its autocorrelation time, the
        overlap with the observed graph that is left by chance, and the share of edges moved per
        pass.
    """

    passes: int
    mixed: bool = True
    reason: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    from_graph: int = 1
    starts: tuple[Chain, ...] = field(default=(), repr=False, compare=False)

    def after(self, passes: int) -> Mixing:
        """Return the same for a number of passes from the observed graph that somebody chose.

        Parameters
        ----------
        passes
            That number.
        """
        chosen = replace(self, passes=passes, starts=())
        if not self.mixed or passes >= self.from_graph:
            return chosen
        reason = (
            f"{passes:,} passes over all edges are fewer than the {self.from_graph:,} after which "
            "a pilot on this graph had forgotten the start; pass swaps_per_edge='auto'"
        )
        return replace(chosen, mixed=False, reason=reason)

    def warn(self, name: str, *, stacklevel: int = 3) -> None:
        """Warn when samples are not random graphs of the null model.

        Parameters
        ----------
        name
            What the null model is called.
        stacklevel
            As in :func:`warnings.warn`.
        """
        if not self.mixed:
            warnings.warn(f"{name}: not mixed: {self.reason}", NotMixedWarning, stacklevel + 1)


# One pilot per graph and null model: graphs do not change.
_KNOWN: dict[int, dict[str, Mixing]] = {}


def mixing(g: ConnectomeGraph, null: Any, chain: Callable[[ConnectomeGraph], Chain]) -> Mixing:
    """Return how fast the chain of a null model forgets `g`; each pilot is run once.

    The pilot draws from a stream of its own that is always the same: the number of passes
    depends on the graph and on nothing else.
    """
    known = _KNOWN.get(id(g))
    if known is None:
        known = _KNOWN[id(g)] = {}
        weakref.finalize(g, _KNOWN.pop, id(g), None)
    key = repr(null)
    if key not in known:
        known[key] = _pilot(g, chain(g))
    return known[key]


def _pilot(g: ConnectomeGraph, start: Chain) -> Mixing:
    if not g.n_edges:
        return Mixing(1, evidence={"n_edges": 0})
    watch = _Watch(g)
    many = g.n_edges >= _MANY_EDGES
    runs = [
        _Run(watch, start.fresh(), random_state(rng))
        for rng in np.random.default_rng(0).spawn(2 if many else _CHAINS)
    ]
    _ahead.finish()
    most = int(min(768, max(16, _MOST_MOVES / (2 * len(runs) * g.n_edges))))
    looks = min(_LOOKS // 2 if many else _LOOKS, most)
    while True:
        threads.each(lambda at: runs[at].go_on(looks), len(runs))  # noqa: B023 (runs at once)
        moved = sum(run.moved for run in runs)
        if not moved:
            return _stuck(g, start, looks)
        seen = told_apart(
            np.stack([run.seen for run in runs]), scale=watch.scale,
            times_needed=_TIMES_OF_MANY if many else _TIMES,
        )  # fmt: skip
        if seen.reliable or looks == most:
            break
        looks = min(2 * looks, most)
    evidence = {
        "pilot_chains": len(runs), "pilot_passes": looks, "slowest": seen.slowest,
        "autocorrelation_time": round(seen.time, 2), "start_in_sd": round(seen.start, 2),
        "overlap_by_chance": round(seen.floor, 4),
        "moved_per_pass": round(moved / (looks * len(runs) * g.n_edges), 4),
    }  # fmt: skip
    if seen.reliable and seen.apart < seen.passes:
        # The chains of the pilot go on until they are random graphs, where samples may begin.
        starts = [run.settled(seen.passes) for run in (runs[:1] if many else runs)]
        evidence |= {"n_starts": len(starts), "passes_to_start": max(looks, seen.passes)}
        return Mixing(seen.apart, evidence=evidence, from_graph=seen.passes, starts=tuple(starts))
    if seen.reliable:
        return Mixing(seen.passes, evidence=evidence, from_graph=seen.passes)
    reason = (
        f"a pilot of {looks:,} passes did not see {seen.slowest} settle (autocorrelation time "
        f"{seen.time:.3g} passes); raise swaps_per_edge and look at connectome_graph.nulls.diagnose"
    )
    most = max(seen.passes, looks)
    return Mixing(most, mixed=False, reason=reason, evidence=evidence, from_graph=most)


class _Watch:
    """The numbers by which a chain is watched: overlap, mutual pairs, closed triads, wedges."""

    def __init__(self, g: ConnectomeGraph) -> None:
        self._n = g.n_neurons
        self._pre, self._post = g.edge_codes
        self._inside: npt.NDArray[np.bool_] | None = None
        #: What a distance in sd may be larger among all neurons than among those watched.
        self.scale = 1.0
        watched = max(_WATCHED, int(_WATCHED_SHARE * self._n))
        if watched < self._n:
            degree = np.bincount(self._pre, minlength=self._n)
            degree += np.bincount(self._post, minlength=self._n)
            order = np.argsort(-degree, kind="stable")
            hubs = int(_HUBS_AMONG * watched)
            others = np.random.default_rng(0).permutation(order[hubs:])[: watched - hubs]
            # Chains keep how many edges a neuron has.
            self._start = pointers(self._pre, self._n)
            self._inside = np.zeros(self._n, bool)
            self._inside[order[:hubs]] = self._inside[others] = True
            self.scale = (self._n / watched) ** 1.5

    def look(self, pre: npt.NDArray[np.int32], post: npt.NDArray[np.int32]) -> Numbers:
        """Return the numbers of a chain as it stands, in the order of `NAMES`."""
        from connectome_graph._kernels import closed_triads, trades

        common = trades.count_common(self._pre, self._post, post)
        if self._inside is not None:
            pre, post = closed_triads.inner_edges(self._start, post, self._inside)
        table = closed_triads.class_of_code()
        found = closed_triads.count_closed(pre, post, self._n, table)
        return np.concatenate([[common / len(self._pre)], found])


class _Run:
    """One chain of a pilot and what was seen of it, once before and once after every pass."""

    def __init__(self, watch: _Watch, chain: Chain, state: npt.NDArray[np.uint64]) -> None:
        self._watch, self._chain, self._state = watch, chain, state
        self.moved = 0
        self._seen = [watch.look(*chain.edges())]

    def go_on(self, looks: int) -> None:
        """Make passes until so many were made in all."""
        while len(self._seen) <= looks:
            self.moved += self._chain.advance(1, self._state)
            self._seen.append(self._watch.look(*self._chain.edges()))

    def settled(self, passes: int) -> Chain:
        """Return the chain after so many passes in all, or as many as it has made."""
        self._chain.advance(max(0, passes - len(self._seen) + 1), self._state)
        return self._chain

    @property
    def seen(self) -> Numbers:
        """What was seen: a row per look, a column per number."""
        return np.stack(self._seen)


@dataclass(frozen=True)
class Seen:
    """What chains from one start tell about their length."""

    #: Passes after which the start is forgotten, and after which a settled graph is.
    passes: int
    apart: int
    reliable: bool
    slowest: str
    time: float
    start: float
    floor: float


def told_apart(values: Numbers, *, scale: float = 1.0, times_needed: float = _TIMES) -> Seen:
    """Return how many passes the slowest number needs to forget the start, or a settled graph.

    Every number relaxes like ``exp(-passes / T)`` at last. `T` follows from the integrated
    autocorrelation time of the second half of the looks (Sokal's window); the start lies a known
    number of standard deviations off, of which `_LEFT` may be left. What the first half shows
    directly counts too: no mean over the chains may lie off beyond its own error after that.

    A settled graph lies within `_FAR` standard deviations in every number, so that fewer passes
    lead from it to another one. Edges tell that directly: of those that a chain and its start have
    in common beyond chance, the share that is left is what is left of any sum over edges.

    Parameters
    ----------
    values
        Shape ``(chains, 1 + passes, numbers)``; overlap with the start is the first number.
    scale
        How much farther off the start may be in the whole than in what was looked at.
    times_needed
        Autocorrelation times that the second half must hold.

    References
    ----------
    Sokal (1997), Monte Carlo methods in statistical mechanics, in Functional Integration, 131-192.
    """
    n_chains, n_looks, _ = values.shape
    settled = values[:, n_looks // 2 :]
    mean, sd = settled.mean(axis=(0, 1)), settled.std(axis=(0, 1))
    live = sd > 1e-9 * np.maximum(np.abs(mean), 1)
    floor = float(mean[0])
    if not live.any():
        return Seen(
            n_looks, n_looks, reliable=True, slowest=NAMES[0], time=0.0, start=0.0, floor=floor
        )
    scaled = (values[:, :, live] - mean[live]) / sd[live]
    times = _autocorrelation_times(scaled[:, n_looks // 2 :])
    relaxation = 1 / np.log((times + 1) / np.maximum(times - 1, 1e-6))
    start = np.abs(scaled[0, 0])
    needed = relaxation * np.log(np.maximum(scale * start, _FAR) / _LEFT)
    apart = float(relaxation.max()) * math.log(_FAR / _LEFT)
    off = np.abs(scaled.mean(axis=0)) > 3 / np.sqrt(n_chains)
    needed = np.maximum(needed, _first_run(off) + 2 * relaxation)
    names = np.array(NAMES)[: len(live)][live]
    if live[0]:
        over = values[:, :, 0].mean(axis=0) - floor
        by_chance = 3 * float(sd[0]) / np.sqrt(n_chains)
        excess = over > max(_OVERLAP_LEFT * max(1 - floor, 1e-12), by_chance)
        kept = over > max(_LEFT / _FAR * max(1 - floor, 1e-12), by_chance)
        # Overlap is 1 at the start whatever its spread: how far it fell is seen directly.
        needed[0] = max(relaxation[0] * np.log(_FAR / _LEFT), _first_run(excess[:, None])[0] + 1)
        apart = max(apart, _first_run(kept[:, None])[0])
    slow = int(np.argmax(needed))
    reliable = n_looks - n_looks // 2 >= times_needed * float(times.max())
    return Seen(
        max(1, math.ceil(needed.max())), max(1, math.ceil(apart)), reliable, str(names[slow]),
        float(times[slow]), float(start[slow]), floor,
    )  # fmt: skip


def _first_run(off: npt.NDArray[np.bool_]) -> Numbers:
    """Return for every column how many of its first looks are off without a break."""
    return np.where(off.all(axis=0), len(off), np.argmin(off, axis=0)).astype(np.float64)


def _autocorrelation_times(scaled: Numbers) -> Numbers:
    """Return the integrated autocorrelation time of every number, 1 for independent looks.

    Parameters
    ----------
    scaled
        Shape ``(chains, looks, numbers)``, mean 0 and variance 1 over chains and looks.
    """
    n_looks = scaled.shape[1]
    times = np.ones(scaled.shape[2])
    open_ = np.ones(scaled.shape[2], bool)
    for lag in range(1, n_looks // 2 + 1):
        product = (scaled[:, :-lag] * scaled[:, lag:]).mean(axis=(0, 1))
        times = np.where(open_, times + 2 * np.maximum(product, 0), times)
        open_ &= lag < 5 * times
        if not open_.any():
            break
    return times


def stuck_reason(g: ConnectomeGraph, start: Chain) -> tuple[str, bool]:
    """Return why no pass of any chain changed a graph, and whether it is known to be the only one.

    Parameters
    ----------
    g
        The observed graph.
    start
        The chain that starts at it.
    """
    plain = isinstance(start, EdgeChain) and start.is_lone()
    complete = isinstance(start, DyadChain) and g.n_neurons <= 5
    if plain or complete or EdgeChain(*g.edge_codes, g.n_neurons).is_lone():
        return (
            "what the null model keeps leaves one single graph, the observed one: every sample "
            "equals it, and nothing can be tested against this null"
        ), True
    return (
        "no exchange is possible: every sample equals the observed graph, and nothing can be "
        "tested against this null"
    ), False


def _stuck(g: ConnectomeGraph, start: Chain, looks: int) -> Mixing:
    reason, single = stuck_reason(g, start)
    evidence = {
        "pilot_passes": looks, "moved_per_pass": 0.0, "overlap_by_chance": 1.0,
        "single_graph": single,
    }  # fmt: skip
    return Mixing(1, mixed=False, reason=reason, evidence=evidence)
