"""How well a chain of trades mixes, and how many passes over all edges suffice."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Seed, generator, number, recorded_seed, whole
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._base import Statistic
from connectome_graph.nulls._chains import random_state
from connectome_graph.nulls._mixing import stuck_reason
from connectome_graph.nulls._trading import TradingNull

__all__ = ["Diagnosis", "diagnose"]


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """How a chain of trades left the observed graph, and how fast it forgets.

    Attributes
    ----------
    acceptance
        Edges moved per pass, as a share of all edges. 0 says that nothing can move.
    start
        Indexed by passes: the ``overlap`` of the chain with the observed graph (share of edges in
        common), mean over the chains, and likewise each component of the statistic, in standard
        deviations from where the chain settles.
    autocorrelation
        Indexed by passes between two looks: the autocorrelation of the ``overlap`` of the settled
        chain with the observed graph and of each component.
    settled_overlap
        Overlap with the observed graph that chains settle at: what chance leaves.
    sufficient
        The fewest passes, of those looked at, after which overlap has come within 1 % of the way
        it falls, and the mean of every component over the chains within 0.2 standard deviations
        of where it settles, plus twice the error of that mean. Infinite when none suffices, or
        nothing moves.
    mixed
        Whether some number of passes suffices.
    reason
        Why not, as a sentence; empty when mixed.
    seed
        What the chains were drawn from.
    """

    acceptance: float
    start: pd.DataFrame
    autocorrelation: pd.DataFrame
    settled_overlap: float
    sufficient: float
    mixed: bool = True
    reason: str = ""
    seed: Any = None

    def __repr__(self) -> str:
        if not self.mixed:
            return f"<Diagnosis: not mixed: {self.reason}>"
        return (
            f"<Diagnosis: {self.acceptance:.1%} of edges moved per pass; overlap with the observed "
            f"graph settles at {self.settled_overlap:.1%}; {self.sufficient:g} passes suffice>"
        )


def diagnose(
    g: ConnectomeGraph,
    null: TradingNull,
    *,
    statistic: Statistic | None = None,
    longest: float = 20.0,
    step: float = 1.0,
    chains: int = 8,
    seed: Seed = 0,
) -> Diagnosis:
    """Run some chains of a null that trades edges and tell how far they must go.

    Parameters
    ----------
    g
        The observed graph.
    null
        A null model that trades edges; others draw each sample afresh and need no diagnosis.
    statistic
        Function of a graph returning a Series; by default the number of mutual pairs and the
        numbers of triangles by their directions (transitive and cyclic).
    longest
        Passes over all edges up to which the start is followed; chains then run as long again to
        see how they behave once settled.
    step
        Passes between two looks; a part of a pass counts as a whole one.
    chains
        Number of chains.
    seed
        Whole number, SeedSequence or Generator; ``None`` takes fresh randomness.

    Raises
    ------
    InvalidArgument
        When the null model has no chain, or there is nothing to trade.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(seed=0)
    >>> found = cg.nulls.diagnose(g, cg.nulls.Configuration(), longest=4, chains=2, seed=1)
    >>> 0.2 < found.acceptance < 1
    True
    """
    if not isinstance(null, TradingNull):
        raise InvalidArgument(
            f"null={null!r} has no chain of trades: it draws every sample afresh, so there is "
            "nothing to diagnose"
        )
    if not g.n_edges:
        raise InvalidArgument("the graph has no edges on its domain: there is nothing to trade")
    chains = whole(chains, name="chains")
    step, longest = number(step, name="step", above=0), number(longest, name="longest", above=0)
    if step > longest:
        raise InvalidArgument(f"step={step:g} must not be larger than longest={longest:g}")
    g.domain.require_simple(type(null).__name__)
    passes = math.ceil(step)
    looks = 2 * math.ceil(longest / passes)
    measure = _triangles if statistic is None else statistic
    first = null.chain(g)
    values, moved = [], 0
    root = generator(seed)
    drawn_from = recorded_seed(root)
    for rng in root.spawn(chains):
        chain, state = first.fresh(), random_state(rng)
        seen = [_look(g, chain, measure)]
        for _ in range(looks):
            moved += chain.advance(passes, state)
            seen.append(_look(g, chain, measure))
        values.append(pd.DataFrame(seen).to_numpy(np.float64))
    share = moved / (chains * looks * passes * g.n_edges)
    found = _diagnosis(np.stack(values), list(pd.DataFrame(seen).columns), passes, share)
    found = replace(found, seed=drawn_from)
    if not moved:
        reason, _ = stuck_reason(g, first)
        return replace(found, sufficient=np.inf, mixed=False, reason=reason)
    if np.isinf(found.sufficient):
        reason = f"{looks * passes:,} passes were too few to see all numbers settle"
        return replace(found, mixed=False, reason=f"{reason}; raise longest")
    return found


def _look(g: ConnectomeGraph, chain: Any, measure: Callable[..., pd.Series]) -> dict[Any, float]:
    """Return overlap with the observed graph, and the statistic, of a chain as it stands."""
    from connectome_graph._kernels.trades import count_common

    pre, post = chain.edges()
    common = count_common(*g.edge_codes, post)
    now = g.rewired(pre, post, verb="diagnose", sentence="A chain was looked at.")
    found = measure(now)
    if not isinstance(found, pd.Series | Mapping):
        raise InvalidArgument(
            f"the statistic of a diagnosis must return a Series; found {type(found).__name__}"
        )
    return {"overlap": common / g.n_edges, **dict(found)}


def _triangles(g: ConnectomeGraph) -> pd.Series:
    """Return the numbers of mutual pairs and of transitive and cyclic triangles of edges."""
    from connectome_graph._kernels.triangles import count_triangles

    counts = count_triangles(*g.edge_codes, g.n_neurons)
    return pd.Series(counts, index=["mutual", "transitive", "cyclic"])


def _diagnosis(
    values: npt.NDArray[np.float64], names: list[Any], step: int, acceptance: float
) -> Diagnosis:
    """Return the diagnosis of values of shape (chains, looks, components)."""
    n_chains, n_looks, _ = values.shape
    half = n_looks // 2
    settled = values[:, half:].reshape(-1, len(names))
    mean, sd = settled.mean(axis=0), settled.std(axis=0)
    moves = sd > 1e-12 * np.maximum(np.abs(mean), 1)
    start = values.mean(axis=0)[: half + 1]
    start[:, 1:] = np.where(moves[1:], (start - mean)[:, 1:] / np.where(moves, sd, 1)[1:], 0)
    scaled = np.where(moves, (values[:, half:] - mean) / np.where(moves, sd, 1), 0)
    lags = range(min(half // 2, 20) + 1)
    products = [(scaled[:, : scaled.shape[1] - k] * scaled[:, k:]).mean(axis=(0, 1)) for k in lags]
    slack = 0.2 + 2 / np.sqrt(n_chains)
    near = np.abs(start[:, 0] - mean[0]) <= 0.01 * max(1 - mean[0], 1e-12) + slack * sd[0]
    near &= (np.abs(start[:, 1:]) <= slack).all(axis=1)
    return Diagnosis(
        acceptance,
        pd.DataFrame(start, columns=names, index=_passes(half + 1, step)),
        pd.DataFrame(products, columns=names, index=_passes(len(products), step)),
        float(mean[0]),
        float(np.flatnonzero(near)[0] * step) if near.any() else np.inf,
    )


def _passes(n: int, step: int) -> pd.Index:
    index: pd.Index = pd.Index(np.arange(n) * step, name="passes")
    return index
