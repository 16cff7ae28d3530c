"""How alike the partners of two neurons are, over the partners that both could be seen with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Weight, whole
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.stats._circuit import as_text, bounded, chosen, known_weights
from connectome_graph.stats._labels import type_codes

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.selection import Selection

__all__ = ["METRICS", "similarity"]

Of = Literal["inputs", "outputs", "both"]
Metric = Literal["cosine", "jaccard", "weighted_jaccard"]
#: Fills in the nearest of some rows: (metric, rows, out, found).
Nearest = Callable[[int, Any, Any, Any], None]
Sparse = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float64]]

#: The metrics, in the order in which the kernel numbers them.
METRICS = ("cosine", "jaccard", "weighted_jaccard")
# Where more than one in so many entries of the profiles is there, all are added up, zeros too.
_FULL = 3
# Rows of the answer that one call of the kernel fills.
_STRIDE = 4096


def similarity(
    g: ConnectomeGraph,
    *,
    of: Of = "inputs",
    by: By | None = None,
    metric: Metric = "cosine",
    top: int | None = 50,
    neurons: Selection | None = None,
    candidates: Selection | None = None,
    weight: Weight = "count",
) -> pd.DataFrame:
    """Return the neurons with the most similar partners, for every neuron.

    The profile of a neuron is the weight of its connections from (``"inputs"``) or onto
    (``"outputs"``) each other neuron, or each type of neurons with `by`; ``"both"`` joins the
    two into one vector. Two neurons i and k are compared over the partners that could have been
    seen with *both*: a partner outside the domain of one is no zero, i and k themselves are left
    out (nobody sees k with itself), and where only one of them has a believed axon, only inputs
    are compared.

    - ``"cosine"``: a.b over the product of the lengths of a and b;
    - ``"jaccard"``: shared partners over partners of either;
    - ``"weighted_jaccard"``: the sum of the smaller over the sum of the larger weights.

    Parameters
    ----------
    g
        The graph.
    of
        ``"inputs"``, ``"outputs"`` or ``"both"``.
    by
        Neuron column of the partners' types; partners without a value are left out.
    metric
        One of the above.
    top
        Number of similar neurons listed for each; None lists all with a similarity above 0.
    neurons, candidates
        Whose profiles are looked up, and among whom (the other hemisphere, say): an expression
        over the neuron columns, a boolean mask, or root ids; everyone when None.
    weight
        As in :func:`connectome_graph.weights.compute`, not negative.

    Returns
    -------
    pandas.DataFrame
        Index ``root_id match``; ``similarity`` (float64, above 0, at most 1) and ``rank`` (int64,
        from 1), best first; of equal ones the neuron earlier in the table comes first. Neurons
        without an observable profile are not listed.

    Raises
    ------
    InvalidArgument
        When an argument is no choice, nothing is chosen, a weight is missing or negative, or for a
        graph of types.

    References
    ----------
    Schlegel et al. 2024, Nature 634:139 (connectivity cosine); Ruzicka 1958 (weighted Jaccard).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 0, 2, 1], [0, 0, 2, 1], [0, 0, 0, 0], [5, 0, 0, 0]])
    >>> cg.stats.similarity(g, of="outputs")
                   similarity  rank
    root_id match
    1       2             1.0     1
    2       1             1.0     1
    """
    choice(of, ("inputs", "outputs", "both"), name="of")
    choice(metric, METRICS, name="metric")
    if top is not None:
        whole(top, name="top")
    g.domain.require_simple("similarity")
    if by is None and g.n_neurons > np.iinfo(np.int32).max // 2:
        raise InvalidArgument("similarity can number at most 1,073,741,823 neurons")
    rows = chosen(g, neurons, name="neurons")
    among = np.zeros(g.n_neurons, bool)
    among[chosen(g, candidates, name="candidates")] = True
    values = known_weights(g, weight, what="similarity")
    on_pairs = g.domain.pairs is not None
    profiles = _profiles(g, of, by, values)
    seen = np.asarray(profiles.has.any(axis=1))
    rows, among = rows[seen[rows]], among & seen
    width = max(1, int(among.sum()) if top is None else min(int(top), int(among.sum())))
    nearest = _on_pairs(g, of, by, values, among) if on_pairs else _in_rectangle(g, profiles, among)
    table = _table(g, nearest, METRICS.index(metric), rows, width)
    return bounded(  # type: ignore[no-any-return]
        g, table, of=of, metric=metric, by=by, weight=str(weight),
        candidates=None if candidates is None else as_text(candidates),
        n_neurons_without_profile=int((~seen).sum()),
    )  # fmt: skip


@dataclass(frozen=True)
class Profiles:
    """Sparse profiles of neurons, and what must be known to take a pair's own members off."""

    #: Pointers, features and values: inputs first, then outputs.
    rows: Sparse
    #: Where the outputs of each row begin.
    split: npt.NDArray[np.int64]
    #: Number of features.
    width: int
    #: bool[n, 2]: whether inputs and outputs of a neuron could be seen.
    has: npt.NDArray[np.bool_]
    #: int32[n, 2]: the feature that a neuron is, as a source (inputs) and a target (outputs).
    field: npt.NDArray[np.int32]
    forward: Sparse
    backward: Sparse


def _profiles(
    g: ConnectomeGraph, of: str, by: By | None, values: npt.NDArray[np.float64]
) -> Profiles:
    import scipy.sparse as sp

    n = g.n_neurons
    if by is None:
        codes, n_kinds = np.arange(n), n
    else:
        codes, names = type_codes(g, by)
        n_kinds = len(names)
    typed = np.flatnonzero(codes >= 0)
    kind = sp.csr_array((np.ones(len(typed)), (typed, codes[typed])), shape=(n, n_kinds))
    forward = sp.csr_array((values, g.edge_codes), shape=(n, n))
    backward = forward.T.tocsr()
    blocks = []
    for side, matrix in (("inputs", backward), ("outputs", forward)):
        block = matrix @ kind if by is not None else matrix
        blocks.append(block if of in (side, "both") else sp.csr_array((n, n_kinds)))
    both = sp.hstack(blocks, format="csr")
    both.eliminate_zeros()
    both.sort_indices()
    split = both.indptr[:-1] + np.diff(sp.csr_array(both[:, :n_kinds]).indptr)
    has = np.column_stack(
        [g.domain.targets & (of != "outputs"), g.domain.sources & (of != "inputs")]
    )
    field = np.column_stack([codes, np.where(codes < 0, -1, codes + n_kinds)])
    return Profiles(
        _sparse(both), np.asarray(split, np.int64), 2 * n_kinds, has, field.astype(np.int32),
        _sparse(forward), _sparse(backward),
    )  # fmt: skip


def _sparse(matrix: Any, *, drop: bool = False) -> Sparse:
    if drop:
        matrix.eliminate_zeros()
    return (
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        np.ascontiguousarray(matrix.data, np.float64),
    )


def _in_rectangle(g: ConnectomeGraph, profiles: Profiles, among: npt.NDArray[np.bool_]) -> Nearest:
    """Return the search over profiles of which only the two members themselves are unseen."""
    import scipy.sparse as sp

    from connectome_graph._kernels import similarity as kernel

    ptr, feature, value = profiles.rows
    matrix = sp.csr_array((value, feature, ptr), shape=(g.n_neurons, profiles.width))
    # Only candidates are ever looked up from a feature.
    candidates = (sp.diags_array(among.astype(float)) @ matrix).T.tocsr()
    inverted = _sparse(candidates, drop=True)
    # With few types nearly every neuron has each of them: whole rows are added then.
    full = candidates.nnz * _FULL > candidates.shape[0] * candidates.shape[1]
    filled = candidates.toarray() if full else np.empty((0, 0))
    mask = (profiles.has @ np.array([1, 2])).astype(np.uint8)

    def nearest(metric: int, rows: Any, out: Any, found: Any) -> None:
        own = kernel.totals(metric, ptr, value, profiles.split)
        kernel.nearest(
            metric, rows, mask, own, profiles.rows, inverted, filled, profiles.forward,
            profiles.backward, profiles.field, out.shape[1], out, found,
        )  # fmt: skip

    return nearest


def _on_pairs(
    g: ConnectomeGraph,
    of: str,
    by: By | None,
    values: npt.NDArray[np.float64],
    among: npt.NDArray[np.bool_],
) -> Nearest:
    """Return the search where each neuron could be seen with some partners only."""
    from connectome_graph._kernels.similarity_on_pairs import nearest_on_pairs

    met = g.domain.pairs
    assert met is not None
    weight = np.zeros(len(met))
    weight[met.places(*g.edge_codes)] = values
    n = g.n_neurons
    codes, n_kinds = np.arange(n), 0
    if by is not None:
        codes, names = type_codes(g, by)
        n_kinds = len(names)
    # Block 0 holds inputs, block 1 outputs; partners there are features n + partner.
    neuron, feature, value = [], [], []
    for place, (side, own, other) in enumerate(
        (("inputs", met.post, met.pre), ("outputs", met.pre, met.post))
    ):
        if of in (side, "both"):
            neuron.append(own.astype(np.int64))
            feature.append(other.astype(np.int64) + place * n)
            value.append(weight)
    ends = np.concatenate(neuron), np.concatenate(feature)
    numbers = np.concatenate(value)
    seen = _grouped(ends[0], ends[1], numbers, n)
    kept = among[ends[0]]
    inverted = _grouped(ends[1][kept], ends[0][kept], numbers[kept], 2 * n)
    group = np.concatenate([codes, np.where(codes < 0, -1, codes + n_kinds)]).astype(np.int32)

    def nearest(metric: int, rows: Any, out: Any, found: Any) -> None:
        nearest_on_pairs(metric, rows, seen, inverted, group, 2 * n_kinds, out.shape[1], out, found)

    return nearest


def _grouped(
    row: npt.NDArray[Any], column: npt.NDArray[Any], value: npt.NDArray[Any], n: int
) -> Sparse:
    """Return entries by row, columns ascending; zeros are entries too."""
    order = np.lexsort((column, row))
    ptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))]).astype(np.int64)
    return ptr, column[order].astype(np.int32), value[order].astype(np.float64)


def _table(
    g: ConnectomeGraph, nearest: Nearest, metric: int, rows: npt.NDArray[Any], width: int
) -> pd.DataFrame:
    from connectome_graph._kernels import threads

    def some(first: int, last: int) -> Any:
        out = np.empty((last - first, width), np.int32)
        found = np.empty((last - first, width))
        nearest(metric, rows[first:last], out, found)
        row, place = np.nonzero(out >= 0)
        return rows[first:last][row], out[row, place], found[row, place], place + 1

    spans = [(a, min(a + _STRIDE, len(rows))) for a in range(0, len(rows), _STRIDE)]
    if g.n_edges >= threads.SMALL:
        step = threads.n_threads()
        parts: list[Any] = [
            part for k in range(0, len(spans), step)
            for part in threads.run(some, spans[k : k + step])
        ]  # fmt: skip
    else:
        parts = [some(*span) for span in spans]
    kinds = (np.int64, np.int64, np.float64, np.int64)
    ids, matches, scores, ranks = (
        np.concatenate([*(part[at] for part in parts), np.empty(0, kind)]).astype(kind)
        for at, kind in enumerate(kinds)
    )
    index = pd.MultiIndex.from_arrays([g.ids[ids], g.ids[matches]], names=["root_id", "match"])
    return pd.DataFrame({"similarity": scores, "rank": ranks}, index=index)
