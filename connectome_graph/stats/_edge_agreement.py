"""Which connections two connectomes of matched neurons share, from each threshold on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import is_whole, whole
from connectome_graph.border.distinct import distinct
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._intervals import ratio

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["edge_agreement"]


def edge_agreement(
    a: ConnectomeGraph,
    b: ConnectomeGraph,
    *,
    match: str | None = None,
    min_synapses: int | Sequence[int] = (1, 2, 3, 5, 10),
) -> pd.DataFrame:
    """Count the connections that two connectomes of matched neurons share, per threshold.

    Neurons of `a` and `b` with equal values of `match` are one and the same, and only pairs that
    could have been seen in both graphs count. An edge is there from a threshold on when it has
    that many synapses.

    Parameters
    ----------
    a, b
        The graphs.
    match
        Neuron column of which equal values name matched neurons; the root ids when None. A value
        may occur once in each graph.
    min_synapses
        A threshold or several.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``min_synapses``: ``both only_a only_b neither n_pairs`` (int64; pairs of
        matched neurons observable in both), ``jaccard`` (both over either), ``kappa`` (Cohen's,
        agreement beyond chance) and ``found_in_b`` (both over edges of a), ``found_in_a``;
        missing where there is nothing to divide by. ``attrs`` holds ``n_matched``.

    Raises
    ------
    InvalidArgument
        When no neurons match, a value occurs twice, a threshold is no whole number of at least
        1, or for graphs of types.
    UnknownName
        When there is no such column.

    References
    ----------
    Schlegel et al. 2024, Nature 634:139 (edges across hemispheres and brains by strength).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> left = cg.from_adjacency([[0, 5, 1], [0, 0, 2], [0, 0, 0]])
    >>> right = cg.from_adjacency([[0, 3, 0], [0, 0, 4], [1, 0, 0]])
    >>> cg.stats.edge_agreement(left, right, min_synapses=[1, 3])[["both", "only_a", "only_b"]]
                  both  only_a  only_b
    min_synapses
    1                2       1       1
    3                1       0       1
    """
    given: Any = min_synapses
    thresholds = [given] if is_whole(given) else list(given)
    for value in thresholds:
        whole(value, name="min_synapses")
    for g in (a, b):
        g.domain.require_simple("agreement of edges")
    at_a, at_b = _matched(a, b, match)
    n = len(at_a)
    n_pairs = _shared_pairs(a, b, at_a, at_b)
    counts_a, counts_b = _aligned(a, b, at_a, at_b)
    rows = []
    for value in thresholds:
        in_a, in_b = counts_a >= value, counts_b >= value
        both = int((in_a & in_b).sum())
        only_a, only_b = int((in_a & ~in_b).sum()), int((~in_a & in_b).sum())
        neither = n_pairs - both - only_a - only_b
        p_a, p_b = ratio(both + only_a, n_pairs), ratio(both + only_b, n_pairs)
        chance = p_a * p_b + (1 - p_a) * (1 - p_b)
        rows.append(
            {
                "both": both, "only_a": only_a, "only_b": only_b, "neither": neither,
                "n_pairs": n_pairs,
                "jaccard": ratio(both, both + only_a + only_b),
                "kappa": ratio(ratio(both + neither, n_pairs) - chance, 1 - chance),
                "found_in_b": ratio(both, both + only_a),
                "found_in_a": ratio(both, both + only_b),
            }
        )  # fmt: skip
    table = pd.DataFrame(rows, index=pd.Index([int(v) for v in thresholds], name="min_synapses"))
    table.attrs.update(n_matched=n, policy=(a.domain.policy, b.domain.policy))
    return table


def _matched(
    a: ConnectomeGraph, b: ConnectomeGraph, match: str | None
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the positions of matched neurons in both graphs, in the order of `a`."""
    keys = []
    for name, g in (("a", a), ("b", b)):
        if match is None:
            column = pd.Series(g.ids, dtype=object)
        else:
            column = g.neuron_column(match).reset_index(drop=True).astype(object).dropna()
        twice = column[column.duplicated()]
        if len(twice):
            raise InvalidArgument(
                f"the value {twice.iloc[0]!r} of {match!r} occurs twice in {name}; a match needs "
                "one neuron each (g.merge joins those of one value)"
            )
        keys.append(column)
    other = pd.Series(keys[1].index, index=pd.Index(keys[1].to_numpy(), dtype=object))
    common = keys[0][keys[0].isin(other.index)]
    if not len(common):
        raise InvalidArgument(
            f"no neurons of the two graphs match by {match or 'root id'}; name a column that "
            "holds the same values in both"
        )
    return common.index.to_numpy(np.int64), other.loc[common.to_numpy()].to_numpy(np.int64)


def _shared_pairs(
    a: ConnectomeGraph, b: ConnectomeGraph, at_a: npt.NDArray[Any], at_b: npt.NDArray[Any]
) -> int:
    """Return the number of ordered pairs of matched neurons that both domains hold."""
    first, second = a.domain.take(at_a), b.domain.take(at_b)
    both = first.restrict(sources=second.sources, targets=second.targets)
    return (both if second.pairs is None else both.within(second.pairs)).n_pairs


def _aligned(
    a: ConnectomeGraph, b: ConnectomeGraph, at_a: npt.NDArray[Any], at_b: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the synapses in a and in b of every pair connected in either, where both could be."""
    n = len(at_a)
    keys, counts = [], []
    for g, own, other, others in ((a, at_a, b, at_b), (b, at_b, a, at_a)):
        rank = np.full(g.n_neurons, -1, np.int64)
        rank[own] = np.arange(n)
        pre, post = (rank[codes] for codes in g.edge_codes)
        kept = np.flatnonzero((pre >= 0) & (post >= 0))
        kept = kept[other.domain.contains(others[pre[kept]], others[post[kept]])]
        keys.append(pre[kept] * n + post[kept])
        counts.append(g.edge_counts[kept])
    every = distinct(*keys)
    found = []
    for key, count in zip(keys, counts, strict=True):
        aligned = np.zeros(len(every), np.int64)
        aligned[np.searchsorted(every, key)] = count
        found.append(aligned)
    return found[0], found[1]
