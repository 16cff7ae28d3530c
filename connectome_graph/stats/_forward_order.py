"""The order of neurons with the most weight forward: the least feedback arc set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Weight
from connectome_graph.stats._circuit import Rows, known_weights, rows_of
from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._sampling import denominators, neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["ForwardOrder", "forward_order", "forward_weight"]

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

# Components of up to so many neurons are ordered exactly.
_EXACT = 20
# Moves of single neurons are tried in so many rounds at most.
_PASSES = 200


@dataclass(frozen=True)
class ForwardOrder:
    """An order of neurons from the beginning to the end of the flow.

    Attributes
    ----------
    position
        Place of every neuron, int64 from 0; indexed by ``root_id``, in table order.
    forward_weight, total_weight
        Weight of the connections from earlier to later neurons, and of all.
    share
        Their ratio: 1 where the graph has no cycle, at least 1/2 always.
    is_best
        Whether no order has more: every strongly connected component has at most 20 neurons.
    policy
        The domain it was computed on.
    """

    position: pd.Series
    forward_weight: float
    total_weight: float
    share: float
    is_best: bool
    policy: str

    @property
    def order(self) -> npt.NDArray[Any]:
        """Root ids, first to last."""
        return np.asarray(self.position.sort_values().index.to_numpy())


def forward_order(g: ConnectomeGraph, *, weight: Weight = "count") -> ForwardOrder:
    """Return an order of the neurons with as much weight as possible from earlier to later ones.

    What is left runs backward: a small feedback arc set. Strongly connected components are put
    in topological order, which costs nothing, and each is ordered by itself: exactly, over all
    subsets, up to 20 neurons; else by the greedy order of Eades, Lin & Smyth, from which single
    neurons move to their best place until no move gains. The result is never worse than the
    greedy order. Self-pairs play no part.

    Parameters
    ----------
    g
        The graph; edges of the domain.
    weight
        As in :func:`connectome_graph.weights.compute`, not negative.

    Returns
    -------
    ForwardOrder
        ``position forward_weight total_weight share is_best policy``, and ``order``.

    Raises
    ------
    InvalidArgument
        When a weight is missing or negative.

    References
    ----------
    Eades, Lin & Smyth 1993, Inf Process Lett 47:319.
    Lawler 1964, Manag Sci 11:233.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 5, 1], [0, 0, 4], [2, 0, 0]])
    >>> found = cg.stats.forward_order(g)
    >>> found.order.tolist(), found.forward_weight
    ([1, 2, 3], 10.0)
    """
    rows = rows_of(g, known_weights(g, weight, what="a forward order"))
    order, best = _ordered(rows)
    position = np.empty(rows.n, np.int64)
    position[order] = np.arange(rows.n)
    forward = float(rows.value[position[rows.pre] < position[rows.post]].sum())
    total = float(rows.value.sum())
    series = pd.Series(position, neuron_index(g), name="position")
    return ForwardOrder(series, forward, total, ratio(forward, total), best, g.domain.policy)


def forward_weight(g: ConnectomeGraph, *, weight: Weight = "count") -> pd.Series:
    """Return how much weight the best order found has forward: a statistic for ``compare``.

    Parameters
    ----------
    g
        The graph.
    weight
        As in :func:`forward_order`.

    Returns
    -------
    pandas.Series
        ``share forward_weight total_weight``, float64.

    Raises
    ------
    InvalidArgument
        When a weight is missing or negative.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 5, 1], [0, 0, 4], [2, 0, 0]])
    >>> round(cg.stats.forward_weight(g)["share"].item(), 3)
    0.833
    """
    found = forward_order(g, weight=weight)
    series = pd.Series(
        {
            "share": found.share,
            "forward_weight": found.forward_weight,
            "total_weight": found.total_weight,
        },
        dtype=float,
        name="forward_weight",
    )
    series.attrs.update(denominators(g))
    return series


def _ordered(rows: Rows) -> tuple[Codes, bool]:
    """Return the neurons first to last, and whether no order is better."""
    from scipy.sparse import csgraph

    matrix = rows.matrix.copy()
    matrix.eliminate_zeros()
    n_parts, label = csgraph.connected_components(matrix, directed=True, connection="strong")
    rank = _topological(matrix, label, n_parts)
    members = np.lexsort((np.arange(rows.n), rank[label]))
    sizes = np.bincount(rank[label], minlength=n_parts)
    ends = np.cumsum(sizes)
    order = members.astype(np.int32)
    whole: Codes | None = None
    best = True
    for part in np.flatnonzero(sizes > 1):
        inside = np.sort(order[ends[part] - sizes[part] : ends[part]])
        if len(inside) <= _EXACT:
            from connectome_graph._kernels.ordering import best as best_order

            local = best_order(matrix[inside][:, inside].toarray())
        else:
            best = False
            if whole is None:
                whole = _greedy(matrix)
            local = _best_of_two(matrix[inside][:, inside], np.argsort(_places(whole)[inside]))
        order[ends[part] - sizes[part] : ends[part]] = inside[local]
    return order, best


def _topological(matrix: Any, label: npt.NDArray[Any], n_parts: int) -> npt.NDArray[np.int64]:
    """Return the place of every strongly connected component, sources first.

    Tarjan's algorithm finds components in reverse topological order, but SciPy does not promise
    its numbering: the order is made here, from the components without inputs on.
    """
    coo = matrix.tocoo()
    pre, post = label[coo.row], label[coo.col]
    across = pre != post
    pairs = np.unique(np.stack([pre[across], post[across]]), axis=1)
    waiting = np.bincount(pairs[1], minlength=n_parts)
    first = np.searchsorted(pairs[0], np.arange(n_parts + 1))
    rank = np.empty(n_parts, np.int64)
    ready = np.flatnonzero(waiting == 0).tolist()[::-1]
    place = 0
    while ready:
        part = ready.pop()
        rank[part] = place
        place += 1
        for other in pairs[1, first[part] : first[part + 1]].tolist():
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return rank


def _both_ways(matrix: Any) -> tuple[Any, ...]:
    turned = matrix.T.tocsr()
    return tuple(
        array
        for part in (matrix.tocsr(), turned)
        for array in (
            part.indptr.astype(np.int64),
            part.indices.astype(np.int32),
            part.data.astype(float),
        )
    )


def _greedy(matrix: Any) -> Codes:
    from connectome_graph._kernels.ordering import greedy

    return greedy(*_both_ways(matrix))  # type: ignore[no-any-return]


def _places(order: Codes) -> npt.NDArray[np.int64]:
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def _best_of_two(block: Any, from_whole: npt.NDArray[Any]) -> Codes:
    """Improve the greedy order of a component, and that of the whole graph within it."""
    from connectome_graph._kernels.ordering import improve

    arrays = _both_ways(block)
    coo = block.tocoo()
    found: list[tuple[float, Codes]] = []
    for start in (_greedy(block), from_whole.astype(np.int32)):
        order = improve(*arrays, start, _PASSES)
        place = _places(order)
        found.append((float(coo.data[place[coo.row] < place[coo.col]].sum()), order))
    return max(found, key=lambda each: each[0])[1]
