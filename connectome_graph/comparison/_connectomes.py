"""Two connectomes whose neurons are not matched: densities, blocks of types and cell counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, number
from connectome_graph.comparison import _two_means as tests
from connectome_graph.comparison._block_sums import (
    BlockMeans,
    block_means,
    relative_to_density,
)
from connectome_graph.errors import InvalidArgument

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["compare_connectomes"]

Floats = npt.NDArray[np.float64]

_SHAPE = "connection_probability_adjusted"
_COLUMNS = (
    "a", "b", "ratio", "n_a", "n_b", "p", "p_clustered", "p_adjusted", "p_equivalence",
    "p_exact_adjusted",
)  # fmt: skip


def compare_connectomes(
    a: ConnectomeGraph, b: ConnectomeGraph, by: By, *, margin: float = 1.25
) -> pd.DataFrame:
    """Compare two connectomes type by type, without matching their neurons.

    Each graph is measured on its own domain, so that unequal completeness is no difference:
    what was not observable in one does not count there.

    - ``density``: edges over observable pairs of the whole graph;
    - ``connection_probability``: the same for each ordered pair of types;
    - ``connection_probability_adjusted``: the same over the density of the graph; what differs
      then is how connections are spread, not how many there are;
    - ``synapses_per_connection``: for the whole and for each ordered pair of types;
    - ``cell_count``: neurons of each type.

    Parameters
    ----------
    a, b
        The graphs.
    by
        Neuron column of the types, in both; neurons without a value are left out of the blocks.
    margin
        Ratio up to which two values count as equivalent, above 1.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``measure pre_type post_type`` (``"all"`` for the whole graph). ``a`` and
        ``b``, the values; ``ratio`` (a over b); ``n_a n_b``, pairs, connections or cells behind
        them; and

        - ``p``: pairs, connections and cells taken as independent: Fisher's exact test (densities
          and blocks), the same with the noncentral hypergeometric distribution of the odds ratio
          of the two densities, which is their ratio in sparse graphs (adjusted blocks), Welch's
          (synapses), the exact test of two Poisson counts (cells). Two pairs that share a neuron
          are not independent, so that for connections it is too small where neurons differ;
        - ``p_clustered``: with neurons as clusters, rows and columns of a block, t-distributed;
          missing where a type has fewer than two neurons. A cell is a cluster by itself: for
          counts of cells it is ``p``;
        - ``p_adjusted``: Holm's, over all rows of a measure, of ``p_clustered``;
        - ``p_equivalence``: two one-sided tests, clustered; small where the ratio lies between
          ``1 / margin`` and ``margin``;
        - ``p_exact_adjusted``: Holm's of ``p``, which is how Pedigo et al. correct their blocks.

    Raises
    ------
    InvalidArgument
        When no type is in either graph, `margin` is not above 1, or for graphs of types.
    UnknownName
        When one of the graphs has no such column.

    References
    ----------
    Pedigo et al. 2023, eLife 12:e83739 (bilateral symmetry; density-adjusted blocks).
    Cameron, Gelbach & Miller 2011, J Bus Econ Stat 29:238; Schuirmann 1987.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3, 4], "cell_type": ["E", "E", "I", "I"]})
    >>> wires = [[0, 1, 1, 0], [1, 0, 1, 1], [1, 0, 0, 1], [0, 1, 1, 0]]
    >>> left = cg.from_adjacency(wires, cells)
    >>> table = cg.compare_connectomes(left, left, by="cell_type")
    >>> table.loc[("density", "all", "all"), ["a", "b", "p"]].tolist()
    [0.75, 0.75, 1.0]
    """
    number(margin, name="margin", above=1)
    for g in (a, b):
        g.domain.require_simple("a comparison of connectomes")
    codes, names = _types(a, b, by)
    everyone = [np.zeros(g.n_neurons, np.int64) for g in (a, b)]
    one, labels = pd.Index(["all"], dtype=object), names.astype(object)
    whole = _both((a, b), everyone, 1, "pairs")
    blocks = _both((a, b), codes, len(labels), "pairs")
    parts = [
        _of_pairs("density", one, whole, margin),
        _of_pairs("connection_probability", labels, blocks, margin),
        _of_shape(labels, blocks, whole, margin),
        _of_edges(one, _both((a, b), everyone, 1, "edges"), margin),
        _of_edges(labels, _both((a, b), codes, len(labels), "edges"), margin),
        _of_cells(labels, codes, margin),
    ]
    table = pd.concat(parts, ignore_index=True)
    for rows in table.groupby("measure").indices.values():
        table.loc[rows, "p_adjusted"] = tests.holm(table["p_clustered"].to_numpy()[rows])
        table.loc[rows, "p_exact_adjusted"] = tests.holm(table["p"].to_numpy()[rows])
    table = table.set_index(["measure", "pre_type", "post_type"])[list(_COLUMNS)]
    table.attrs.update(
        by=by, margin=float(margin), policies=(a.domain.policy, b.domain.policy),
        density_ratio=_over(whole[0].mean, whole[1].mean).item(), correction="Holm",
    )  # fmt: skip
    return table


def _types(
    a: ConnectomeGraph, b: ConnectomeGraph, by: By
) -> tuple[list[npt.NDArray[np.int64]], pd.Index]:
    """Return the type of every neuron of both graphs as codes into the types of either."""
    own = [g.labels(by) for g in (a, b)]
    every = pd.concat([pd.Series(each.names.to_numpy(object)) for each in own])
    codes, names = pd.factorize(every, sort=True)
    if not len(names):
        raise InvalidArgument(f"no neuron has a value in {by!r}, so there are no types")
    cut = len(own[0])
    tables = [np.append(part, -1).astype(np.int64) for part in (codes[:cut], codes[cut:])]
    return [table[each.codes] for table, each in zip(tables, own, strict=True)], pd.Index(names)


def _both(graphs: Any, codes: Any, n_types: int, of: str) -> tuple[BlockMeans, BlockMeans]:
    first, second = (
        block_means(g, kind, n_types, of=of) for g, kind in zip(graphs, codes, strict=True)
    )
    return first, second


def _frame(
    measure: str, labels: pd.Index, found: tuple[BlockMeans, BlockMeans], **columns: Floats
) -> pd.DataFrame:
    size = len(labels)
    first, second = found[0].mean, found[1].mean
    with np.errstate(invalid="ignore", divide="ignore"):
        data = {
            "measure": measure,
            "pre_type": labels.repeat(size),
            "post_type": labels[np.tile(np.arange(size), size)],
            "a": first.ravel(),
            "b": second.ravel(),
            "ratio": (first / second).ravel(),
            "n_a": found[0].units.ravel(),
            "n_b": found[1].units.ravel(),
        }
    return pd.DataFrame({**data, **{name: each.ravel() for name, each in columns.items()}})


def _over(top: Floats, bottom: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(top / bottom)


def _of_pairs(
    measure: str, labels: pd.Index, found: tuple[BlockMeans, BlockMeans], margin: float
) -> pd.DataFrame:
    k, n = (found[0].total, found[1].total), (found[0].units, found[1].units)
    mean, clusters = (found[0].mean, found[1].mean), (found[0].clusters, found[1].clusters)
    common = _over(k[0] + k[1], n[0] + n[1])
    least = common * (1 - common)
    # A block without an edge has no spread of its own.
    variance = (
        np.maximum(found[0].variance, _over(least, n[0])),
        np.maximum(found[1].variance, _over(least, n[1])),
    )
    return _frame(
        measure, labels, found, p=tests.exact(k, n),
        p_clustered=tests.clustered(mean, variance, clusters),
        p_equivalence=tests.equivalent(mean, variance, clusters, margin=margin),
    )  # fmt: skip


def _of_shape(
    labels: pd.Index,
    found: tuple[BlockMeans, BlockMeans],
    whole: tuple[BlockMeans, BlockMeans],
    margin: float,
) -> pd.DataFrame:
    """Compare blocks in units of the density of their graph; a graph without edges has no shape."""
    k, n = (found[0].total, found[1].total), (found[0].units, found[1].units)
    clusters = found[0].clusters, found[1].clusters
    density = _over(whole[0].mean, whole[1].mean).item()
    if not 0 < density < np.inf:
        missing = np.full(n[0].shape, np.nan)
        table = _frame(_SHAPE, labels, found, p=missing, p_clustered=missing, p_equivalence=missing)
        table[["a", "b", "ratio"]] = np.nan
        return table
    (first, var_first), (second, var_second) = (
        relative_to_density(part, every) for part, every in zip(found, whole, strict=True)
    )
    common = _over(k[0] + k[1], density * n[0] + n[1])
    least = [
        _over(np.clip(common * scale * (1 - common * scale), 0, 0.25), size * every.mean**2)
        * (1 - _over(part.total, every.total))
        for scale, size, part, every in zip((density, 1.0), n, found, whole, strict=True)
    ]
    mean = first, second
    variance = np.maximum(var_first, least[0]), np.maximum(var_second, least[1])
    table = _frame(
        _SHAPE, labels, found, p=_p_of_odds(k, n, whole),
        p_clustered=tests.clustered(mean, variance, clusters),
        p_equivalence=tests.equivalent(mean, variance, clusters, margin=margin),
    )  # fmt: skip
    table["a"], table["b"], table["ratio"] = (
        each.ravel() for each in (first, second, _over(first, second))
    )
    return table


def _p_of_odds(
    k: tuple[Floats, Floats], n: tuple[Floats, Floats], whole: tuple[BlockMeans, BlockMeans]
) -> Floats:
    """Return the exact p that blocks differ by the odds ratio of the whole graphs."""
    first, second = (each.mean.item() for each in whole)
    if first == second:
        return tests.exact(k, n)
    if max(first, second) == 1:  # a complete graph has no finite odds
        return np.full(n[0].shape, np.nan)
    return tests.exact(k, n, first / (1 - first) * (1 - second) / second)


def _of_edges(
    labels: pd.Index, found: tuple[BlockMeans, BlockMeans], margin: float
) -> pd.DataFrame:
    mean, clusters = (found[0].mean, found[1].mean), (found[0].clusters, found[1].clusters)
    variance = found[0].variance, found[1].variance
    spread, n = (found[0].spread, found[1].spread), (found[0].units, found[1].units)
    return _frame(
        "synapses_per_connection", labels, found, p=tests.welch(mean, spread, n),
        p_clustered=tests.clustered(mean, variance, clusters),
        p_equivalence=tests.equivalent(mean, variance, clusters, margin=margin),
    )  # fmt: skip


def _of_cells(labels: pd.Index, codes: Any, margin: float) -> pd.DataFrame:
    k, m = (np.bincount(each[each >= 0], minlength=len(labels)).astype(float) for each in codes)
    p, alike = tests.same_counts(k, m, margin=margin)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = k / m
    return pd.DataFrame(
        {
            "measure": "cell_count", "pre_type": labels, "post_type": "all", "a": k, "b": m,
            "ratio": ratio, "n_a": k, "n_b": m, "p": p, "p_clustered": p,
            "p_equivalence": alike,
        }
    )  # fmt: skip
