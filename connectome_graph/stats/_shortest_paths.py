"""Shortest paths, listed: by neuron, or counted by the types they run through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Weight, whole
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.stats._circuit import Rows, as_text, bounded, chosen, known_weights, rows_of
from connectome_graph.stats._labels import type_codes

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.graph.totals import Total
    from connectome_graph.model.selection import Selection

__all__ = ["shortest_paths"]

Length = Literal["inverse", "negative_log", "weight"]


def shortest_paths(
    g: ConnectomeGraph,
    sources: Selection,
    targets: Selection | None = None,
    *,
    weight: Weight | None = None,
    length: Length = "inverse",
    total: Total | None = None,
    by: By | None = None,
    limit: int = 100,
) -> pd.DataFrame:
    """List the shortest directed paths from some neurons to others.

    Without a `weight` the shortest path has the fewest connections. With one, each connection
    has a length: ``"inverse"``, 1 / weight, so that strong connections are short;
    ``"negative_log"``, -ln(weight), so that the shortest path has the largest product of
    weights (fractions only); or ``"weight"`` itself. Of paths of one length those over fewer
    connections count.

    Parameters
    ----------
    g
        The graph.
    sources, targets
        An expression over the neuron columns, a boolean mask, or root ids; every neuron when
        `targets` is None.
    weight, total
        As in :func:`connectome_graph.weights.compute`; None counts connections.
    length
        How a weight becomes a length.
    by
        Neuron column: count paths by the types they run through instead of listing them.
    limit
        List at most so many paths of one pair; ``n_paths`` tells how many there are.

    Returns
    -------
    pandas.DataFrame
        By neuron, a row a path: index ``source target rank``; ``n_hops``, ``length``,
        ``weakest`` (the smallest weight on it, 1 without a weight), ``n_paths`` (shortest paths
        of this pair, float64) and ``path``, a tuple of root ids. By type, a row for each
        sequence of types: index ``source target path``; ``n_paths`` and ``n_pairs`` (pairs of
        neurons with such a path), with neurons that have no type as ``None``. Pairs without a
        path are not listed. Where ``attrs["lower_bound"]`` is true not every pair was
        observable, and true paths are no longer.

    Raises
    ------
    InvalidArgument
        When nothing is chosen, a weight does not give a length of at least 0, or an argument is
        no choice.

    References
    ----------
    Dijkstra 1959, Numerische Mathematik 1:269.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 9, 1], [0, 0, 9], [0, 0, 0]])
    >>> cg.stats.shortest_paths(g, [1], [3])["path"].item()
    (1, 3)
    >>> cg.stats.shortest_paths(g, [1], [3], weight="count")["path"].item()
    (1, 2, 3)
    """
    choice(length, ("inverse", "negative_log", "weight"), name="length")
    whole(limit, name="limit")
    start, end = chosen(g, sources, name="sources"), chosen(g, targets, name="targets")
    values = np.ones(g.n_edges)
    if weight is not None:
        values = known_weights(g, weight, total=total, what="a shortest path", negative=True)
    rows = rows_of(g, values)
    lengths = rows.value if weight is None else _lengths(rows.value, length, weight)
    trees = _Trees(rows, lengths)
    if by is not None:
        table = _by_type(g, trees, start, end, by)
    else:
        table = _listed(g, trees, start, end, int(limit))
    facts = {"sources": as_text(sources), "weight": str(weight), "length": length}
    return bounded(g, table, **facts)  # type: ignore[no-any-return]


def _lengths(values: npt.NDArray[np.float64], length: str, weight: Any) -> npt.NDArray[Any]:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {"inverse": 1 / values, "negative_log": -np.log(values), "weight": values}[length]
    # The logarithm of a product that rounding brought past 1.
    found = np.where((found < 0) & (found > -1e-12), 0.0, found)
    bad = ~(found >= 0) | (np.isinf(found) & (values < 0))
    if bad.any():
        needed = {
            "inverse": "weights of at least 0",
            "negative_log": "weights from 0 to 1, such as 'input_fraction'",
            "weight": "weights of at least 0",
        }[length]
        raise InvalidArgument(
            f"length={length!r} needs {needed}; weight={weight!r} has {int(bad.sum()):,} others "
            f"(first: {values[np.flatnonzero(bad)[0]]:g})"
        )
    return np.asarray(found, float)


@dataclass(frozen=True)
class _Tree:
    """All shortest paths from one neuron."""

    source: int
    total: npt.NDArray[np.float64]
    hops: npt.NDArray[np.int32]
    counts: npt.NDArray[np.float64]
    #: For every neuron the edges by which shortest paths come in.
    entering: dict[int, list[int]]


@dataclass(frozen=True)
class _Trees:
    rows: Rows
    lengths: npt.NDArray[np.float64]

    def of(self, source: int) -> _Tree:
        from connectome_graph._kernels import shortest

        rows = self.rows
        total, hops, order = shortest.from_source(rows.ptr, rows.post, self.lengths, source)
        found = shortest.on_shortest(rows.ptr, rows.post, self.lengths, total, hops)
        order = order[np.argsort(hops[order], kind="stable")]
        counts = shortest.path_counts(rows.ptr, rows.post, found, order)
        entering: dict[int, list[int]] = {}
        for edge in np.flatnonzero(found).tolist():
            entering.setdefault(int(rows.post[edge]), []).append(edge)
        return _Tree(source, total, hops, counts, entering)

    def paths(self, tree: _Tree, target: int) -> Iterator[tuple[list[int], float]]:
        """Yield the neurons of each shortest path and its smallest weight."""
        stack: list[tuple[int, list[int], float]] = [(target, [target], np.inf)]
        while stack:
            here, after, weakest = stack.pop()
            if here == tree.source:
                yield after[::-1], weakest
                continue
            for edge in reversed(tree.entering.get(here, [])):
                before = int(self.rows.pre[edge])
                smaller = min(weakest, float(self.rows.value[edge]))
                stack.append((before, [*after, before], smaller))


def _reached(tree: _Tree, end: npt.NDArray[Any]) -> list[int]:
    return [int(v) for v in end if v != tree.source and np.isfinite(tree.total[v])]


def _listed(
    g: ConnectomeGraph, trees: _Trees, start: npt.NDArray[Any], end: npt.NDArray[Any], limit: int
) -> pd.DataFrame:
    keys: list[tuple[Any, Any, int]] = []
    found: list[tuple[int, float, float, float, tuple[Any, ...]]] = []
    ids = g.ids
    for source in start.tolist():
        tree = trees.of(source)
        for target in _reached(tree, end):
            for rank, (path, weakest) in enumerate(trees.paths(tree, target), start=1):
                keys.append((ids[source], ids[target], rank))
                found.append(
                    (
                        int(tree.hops[target]), float(tree.total[target]), weakest,
                        float(tree.counts[target]), tuple(ids[path].tolist()),
                    )
                )  # fmt: skip
                if rank == limit:
                    break
    columns = ["n_hops", "length", "weakest", "n_paths", "path"]
    table = pd.DataFrame(found, columns=columns)
    kinds = {"n_hops": np.int64, "length": float, "weakest": float, "n_paths": float}
    table = table.astype({**kinds, "path": object})
    kind = ids.dtype
    table.index = pd.MultiIndex.from_arrays(
        [
            np.array([key[0] for key in keys], kind),
            np.array([key[1] for key in keys], kind),
            np.array([key[2] for key in keys], np.int64),
        ],
        names=["source", "target", "rank"],
    )
    return table


def _by_type(
    g: ConnectomeGraph, trees: _Trees, start: npt.NDArray[Any], end: npt.NDArray[Any], by: By
) -> pd.DataFrame:
    codes, names = type_codes(g, by)
    labels = [None if code < 0 else names[code] for code in codes.tolist()]
    paths: Counter[tuple[Any, ...]] = Counter()
    pairs: Counter[tuple[Any, ...]] = Counter()
    for source in start.tolist():
        tree = trees.of(source)
        known: dict[int, dict[tuple[Any, ...], int]] = {source: {(labels[source],): 1}}
        wanted = _reached(tree, end)
        for node in _behind(trees, tree, wanted):
            sums: Counter[tuple[Any, ...]] = Counter()
            for edge in tree.entering.get(node, []):
                for sequence, number in known[int(trees.rows.pre[edge])].items():
                    sums[(*sequence, labels[node])] += number
            known[node] = sums
        for target in wanted:
            for sequence, number in known[target].items():
                paths[sequence] += number
                pairs[sequence] += 1
    order = sorted(paths, key=lambda sequence: (-paths[sequence], len(sequence), str(sequence)))
    index = pd.MultiIndex.from_arrays(
        [
            pd.Index([sequence[0] for sequence in order], dtype=object),
            pd.Index([sequence[-1] for sequence in order], dtype=object),
            pd.Index(order, tupleize_cols=False, dtype=object),
        ],
        names=["source", "target", "path"],
    )
    return pd.DataFrame(
        {
            "n_paths": np.array([paths[key] for key in order], np.int64),
            "n_pairs": np.array([pairs[key] for key in order], np.int64),
        },
        index=index,
    )


def _behind(trees: _Trees, tree: _Tree, wanted: list[int]) -> list[int]:
    """Return the neurons on shortest paths to `wanted`, the source left out, nearest first."""
    seen = set(wanted)
    stack = list(wanted)
    while stack:
        for edge in tree.entering.get(stack.pop(), []):
            before = int(trees.rows.pre[edge])
            if before not in seen and before != tree.source:
                seen.add(before)
                stack.append(before)
    return sorted(seen, key=lambda node: (int(tree.hops[node]), node))
