"""How well a chain of switches mixes, and how many switches per edge suffice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Seed, generator, recorded_seed
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.nulls._base import Statistic
from connectome_graph.nulls._chains import random_state
from connectome_graph.nulls._switching import SwitchingNull

__all__ = ["Diagnosis", "diagnose"]


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """How a chain of switches left the observed graph, and how fast it forgets.

    Attributes
    ----------
    acceptance
        Share of attempts that changed the graph.
    start
        Indexed by attempted switches per edge: the ``overlap`` of the chain with the observed
        graph (share of edges in common), mean over the chains, and likewise each component of
        the statistic, in standard deviations from where the chain settles.
    autocorrelation
        Indexed by attempted switches per edge between two looks: the autocorrelation of the
        ``overlap`` of the settled chain with a fixed graph and of each component.
    settled_overlap
        Overlap with the observed graph that chains settle at: what chance leaves.
    sufficient
        The fewest attempted switches per edge, of those looked at, after which overlap is within
        1 % of where it settles, and the mean of every component over the chains within 0.2
        standard deviations, plus twice the error of that mean. Infinite when none suffices.
    seed
        What the chains were drawn from.
    """

    acceptance: float
    start: pd.DataFrame
    autocorrelation: pd.DataFrame
    settled_overlap: float
    sufficient: float
    seed: Any = None

    def __repr__(self) -> str:
        return (
            f"<Diagnosis: {self.acceptance:.1%} of attempts accepted; overlap with the observed "
            f"graph settles at {self.settled_overlap:.1%}; {self.sufficient:g} switches per edge "
            "suffice>"
        )


def diagnose(
    g: ConnectomeGraph,
    null: SwitchingNull,
    *,
    statistic: Statistic | None = None,
    longest: float = 20.0,
    step: float = 0.5,
    chains: int = 8,
    seed: Seed = 0,
) -> Diagnosis:
    """Run some chains of a switching null and tell how far they must go.

    Parameters
    ----------
    g
        The observed graph.
    null
        A null model that switches edges; others draw each sample afresh and need no diagnosis.
    statistic
        Function of a graph returning a Series; by default the number of mutual pairs and the
        numbers of triangles by their directions (transitive and cyclic).
    longest
        Attempted switches per edge up to which the start is followed; chains then run as long
        again to see how they behave once settled.
    step
        Attempted switches per edge between two looks.
    chains
        Number of chains.
    seed
        Whole number, SeedSequence or Generator; ``None`` takes fresh randomness.

    Raises
    ------
    InvalidArgument
        When the null model has no chain, or there is nothing to switch.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.datasets.synthetic_column(seed=0)
    >>> found = cg.nulls.diagnose(g, cg.nulls.Configuration(), longest=4, chains=2, seed=1)
    >>> 0.5 < found.acceptance < 1
    True
    """
    if not isinstance(null, SwitchingNull):
        raise InvalidArgument(
            f"null={null!r} has no chain of switches: it draws every sample afresh, so there is "
            "nothing to diagnose"
        )
    if not g.n_edges:
        raise InvalidArgument("the graph has no edges on its domain: there is nothing to switch")
    if not 0 < step <= longest or chains < 1:
        raise InvalidArgument("diagnose needs 0 < step <= longest, and at least one chain")
    g.domain.require_simple(type(null).__name__)
    looks = round(2 * longest / step)
    measure = _triangles if statistic is None else statistic
    first = null.chain(g)
    values, changed = [], 0
    root = generator(seed)
    drawn_from = recorded_seed(root)
    for rng in root.spawn(chains):
        chain, state = first.fresh(), random_state(rng)
        seen = [_look(g, chain, measure)]
        for _ in range(looks):
            changed += chain.advance(round(step * g.n_edges), state)
            seen.append(_look(g, chain, measure))
        values.append(pd.DataFrame(seen).to_numpy(np.float64))
    attempts = chains * looks * round(step * g.n_edges)
    names = list(pd.DataFrame(seen).columns)
    found = _diagnosis(np.stack(values), names, step, changed / attempts)
    return replace(found, seed=drawn_from)


def _look(g: ConnectomeGraph, chain: Any, measure: Callable[..., pd.Series]) -> dict[Any, float]:
    """Return overlap with the observed graph, and the statistic, of a chain as it stands."""
    pre, post = chain.edges()
    key = np.asarray(pre, np.int64) * g.n_neurons + post
    codes = g.edge_codes
    common = np.isin(key, codes[0].astype(np.int64) * g.n_neurons + codes[1], assume_unique=True)
    now = g.rewired(pre, post, verb="diagnose", sentence="A chain was looked at.")
    return {"overlap": float(common.mean()), **measure(now).to_dict()}


def _triangles(g: ConnectomeGraph) -> pd.Series:
    """Return the numbers of mutual pairs and of transitive and cyclic triangles of edges."""
    from connectome_graph._kernels.triangles import count_triangles

    counts = count_triangles(*g.edge_codes, g.n_neurons)
    return pd.Series(counts, index=["mutual", "transitive", "cyclic"])


def _diagnosis(
    values: npt.NDArray[np.float64], names: list[Any], step: float, acceptance: float
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
    near = np.abs(start[:, 0] - mean[0]) <= 0.01
    near &= (np.abs(start[:, 1:]) <= slack).all(axis=1)
    return Diagnosis(
        acceptance,
        pd.DataFrame(start, columns=names, index=_switches(half + 1, step)),
        pd.DataFrame(products, columns=names, index=_switches(len(products), step)),
        float(mean[0]),
        float(np.flatnonzero(near)[0] * step) if near.any() else np.inf,
    )


def _switches(n: int, step: float) -> pd.Index:
    index: pd.Index = pd.Index(np.arange(n) * step, name="switches_per_edge")
    return index
