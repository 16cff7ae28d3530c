"""Blocks of types that occur, for connectomes of thousands of types: nothing is ever square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.stats._intervals import ratio, wilson

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.domain import Domain

__all__ = ["MOST_COMPLETE", "OccurringBlocks", "is_complete", "sparse_type_matrix"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Up to this many types every ordered pair of them has a row unless said otherwise.
MOST_COMPLETE = 1_000


def is_complete(n_types: int, complete: bool | None) -> bool:  # noqa: FBT001
    """Return whether every ordered pair of types gets a row, edges or not.

    Examples
    --------
    >>> is_complete(8_000, None), is_complete(10, None), is_complete(10, False)
    (False, True, False)
    """
    return n_types <= MOST_COMPLETE if complete is None else bool(complete)


@dataclass(frozen=True)
class OccurringBlocks:
    """The ordered pairs of types with at least one edge.

    Attributes
    ----------
    pre, post
        Types of each block, as codes; int64, sorted.
    of_edge
        Block of every edge between typed neurons.
    n_edges, n_pairs
        Edges, and observable pairs, of each block.
    """

    pre: Ints
    post: Ints
    of_edge: Ints
    n_edges: Ints
    n_pairs: Ints

    @classmethod
    def of(cls, domain: Domain, kind: Ints, n_types: int, ends: tuple[Any, Any]) -> OccurringBlocks:
        """Return the blocks of edges whose ends all have a type."""
        keys = kind[ends[0]] * n_types + kind[ends[1]]
        found, of_edge, n_edges = np.unique(keys, return_inverse=True, return_counts=True)
        pre, post = found // n_types, found % n_types
        return cls(pre, post, of_edge, n_edges, _pairs(domain, kind, n_types, found))

    def total(self, values: Floats) -> Floats:
        """Return the sum over the edges of each block."""
        sums: Floats = np.bincount(self.of_edge, values, minlength=len(self.pre)).astype(float)
        return sums


def _pairs(domain: Domain, kind: Ints, n_types: int, wanted: Ints) -> Ints:
    """Return how many pairs of the domain each wanted block holds."""
    if domain.pairs is not None:
        pre, post = kind[domain.pairs.pre], kind[domain.pairs.post]
        known = (pre >= 0) & (post >= 0)
        keys = (pre * n_types + post)[known]
        at = np.minimum(np.searchsorted(wanted, keys), max(len(wanted) - 1, 0))
        return np.bincount(at[wanted[at] == keys], minlength=len(wanted))
    typed = kind >= 0
    sources, targets, core = (
        np.bincount(kind[typed & mask], minlength=n_types)
        for mask in (domain.sources, domain.targets, domain.core)
    )
    s, t = wanted // n_types, wanted % n_types
    own = 0 if domain.diagonal else np.where(s == t, core[s], 0)
    return np.asarray(sources[s] * targets[t] - own)


def sparse_type_matrix(
    g: ConnectomeGraph, kind: Ints, types: pd.Index, *, values: Floats, level: float
) -> pd.DataFrame:
    """Return the type matrix of the blocks that hold an edge, with Wilson's interval.

    Parameters
    ----------
    g
        The graph.
    kind, types
        Type of every neuron as a code, -1 for none, and the types.
    values
        Synapses of every edge, and where sizes are known, their total and how many are known.
    level
        Confidence level.
    """
    n = len(types)
    classes = np.where(kind < 0, n, kind)  # partners without a type are a class of their own
    pre, post = g.edge_codes
    blocks = OccurringBlocks.of(g.domain, classes, n + 1, (pre, post))
    sums = [blocks.total(each) for each in values]
    members = np.bincount(classes, minlength=n + 1)
    ends = [np.bincount(classes[mask], minlength=n + 1)
            for mask in (g.domain.sources, g.domain.targets)]  # fmt: skip
    traced = [ratio(end, members) for end in ends]
    low, high = wilson(blocks.n_edges, blocks.n_pairs, level=level)
    missing = np.full(len(blocks.pre), np.nan)
    named = types.append(pd.Index([None], dtype=object))
    table: dict[str, Any] = {
        "pre_type": named.take(blocks.pre), "post_type": named.take(blocks.post),
        "n_sources": ends[0][blocks.pre], "n_targets": ends[1][blocks.post],
        "n_pairs": blocks.n_pairs, "n_edges": blocks.n_edges,
        "n_synapses": sums[0].astype(np.int64),
        "probability": ratio(blocks.n_edges, blocks.n_pairs), "low": missing, "high": missing,
        "wilson_low": low, "wilson_high": high,
        "synapses_per_connection": ratio(sums[0], blocks.n_edges),
    }  # fmt: skip
    if len(sums) > 1:
        table["mean_size"] = ratio(sums[1], sums[2])
    for name, own in (("input_fraction", blocks.post), ("output_fraction", blocks.pre)):
        table[name] = ratio(sums[0], np.bincount(own, sums[0], minlength=n + 1)[own])
    table["pre_traced"], table["post_traced"] = traced[0][blocks.pre], traced[1][blocks.post]
    for name, own, seen in (
        ("input_fraction", blocks.post, traced[0][blocks.pre]),
        ("output_fraction", blocks.pre, traced[1][blocks.post]),
    ):
        scaled = table[name] / np.where(seen > 0, seen, 1)
        share = ratio(scaled, np.bincount(own, scaled, minlength=n + 1)[own])
        unknown = (traced[0 if name[0] == "i" else 1] == 0).any()
        table[f"{name}_corrected"] = np.full(len(share), np.nan) if unknown else share
    frame = pd.DataFrame(table)
    shown = (blocks.pre < n) & (blocks.post < n)
    return frame[shown].reset_index(drop=True)
