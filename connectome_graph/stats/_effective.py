"""Effective connectivity: products of weights over all walks of a given number of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Weight, whole
from connectome_graph.errors import InvalidArgument
from connectome_graph.stats._circuit import as_text, bounded, chosen, known_weights, rows_of
from connectome_graph.stats._labels import type_codes

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.graph.totals import Total
    from connectome_graph.model.selection import Selection

__all__ = ["effective_connectivity"]

# So many numbers of a product are held at once: 64 MB.
_HELD = 8_000_000


def effective_connectivity(
    g: ConnectomeGraph,
    sources: Selection,
    targets: Selection | None = None,
    *,
    hops: int = 2,
    weight: Weight = "input_fraction",
    total: Total | None = None,
    by: By | None = None,
) -> pd.DataFrame:
    """Return how strongly some neurons reach others over walks of 1, 2, ... `hops` connections.

    With W the matrix of weights without self-pairs, ``hop_k`` of (i, j) is the entry (i, j) of
    ``W^k``: the sum over all walks of k connections of the products of their weights. With
    input fractions it is the share of j's input that comes from i, k connections upstream.
    Between types it is the sum over the sources of a type, averaged over the targets of a type.

    Products are made from the chosen sources (or types) onward, some at a time, and the whole
    matrix is never filled.

    Parameters
    ----------
    g
        The graph.
    sources, targets
        An expression over the neuron columns, a boolean mask, or root ids; every neuron when
        `targets` is None.
    hops
        Number of connections of the longest walks.
    weight, total
        As in :func:`connectome_graph.weights.compute`; weights may be negative.
    by
        Neuron column: return pairs of types. Neurons without a value are left out.

    Returns
    -------
    pandas.DataFrame
        Index ``source target``, columns ``hop_1 ... hop_k``, float64. By neuron: the pairs with
        any value that is not 0; sources whose outputs, and targets whose inputs, were not
        observable are left out and counted in ``attrs`` (``n_sources_left_out``,
        ``n_targets_left_out``). By type: every pair of types, missing where none of the neurons
        of a type was observable. Walks over neurons whose outputs nobody saw are missing from
        the sums: where ``attrs["lower_bound"]`` is true, values of weights that are not
        negative are lower bounds.

    Raises
    ------
    InvalidArgument
        When nothing is chosen, none of the chosen was observable, `hops` is not a whole number of
        at least 1, or a weight is missing.

    References
    ----------
    Li et al. 2020, eLife 9:e62576 (products of normalised matrices).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3, 1], [0, 0, 1], [0, 0, 0]])
    >>> cg.stats.effective_connectivity(g, [1], [3])
                   hop_1  hop_2
    source target
    1      3         0.5    0.5
    """
    whole(hops, name="hops")
    start, end = chosen(g, sources, name="sources"), chosen(g, targets, name="targets")
    values = known_weights(g, weight, total=total, what="effective connectivity", negative=True)
    forward = rows_of(g, values).matrix.T.tocsr()
    seen = start[g.domain.sources[start]], end[g.domain.targets[end]]
    for places, name, side in ((seen[0], "sources", "outputs"), (seen[1], "targets", "inputs")):
        if not len(places):
            raise InvalidArgument(
                f"none of the {name} has observable {side} in the domain {g.domain.policy!r}"
            )
    if by is None:
        table = _by_neuron(g, forward, *seen, int(hops))
    else:
        table = _by_type(g, forward, (start, end), seen, by, int(hops))
    return bounded(  # type: ignore[no-any-return]
        g, table, sources=as_text(sources), hops=int(hops), weight=str(weight),
        n_sources_left_out=len(start) - len(seen[0]), n_targets_left_out=len(end) - len(seen[1]),
    )  # fmt: skip


def _by_neuron(
    g: ConnectomeGraph, forward: Any, start: npt.NDArray[Any], end: npt.NDArray[Any], hops: int
) -> pd.DataFrame:
    n = g.n_neurons
    width = max(1, _HELD // max(1, n))
    found: list[tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[np.float64]]] = []
    for first in range(0, len(start), width):
        part = start[first : first + width]
        here = np.zeros((n, len(part)))
        here[part, np.arange(len(part))] = 1.0
        steps = np.empty((hops, len(end), len(part)))
        for step in range(hops):
            here = forward @ here
            steps[step] = here[end]
        column, row = np.nonzero((steps != 0).any(axis=0).T)
        found.append((part[column], end[row], steps[:, row, column]))
    pre, post = (np.concatenate([each[side] for each in found]) for side in (0, 1))
    numbers = np.concatenate([each[2] for each in found], axis=1)
    index = pd.MultiIndex.from_arrays([g.ids[pre], g.ids[post]], names=["source", "target"])
    return pd.DataFrame(numbers.T, index=index, columns=_names(hops))


def _by_type(  # noqa: PLR0917
    g: ConnectomeGraph,
    forward: Any,
    asked: tuple[npt.NDArray[Any], npt.NDArray[Any]],
    seen: tuple[npt.NDArray[Any], npt.NDArray[Any]],
    by: By,
    hops: int,
) -> pd.DataFrame:
    import scipy.sparse as sp

    codes, names = type_codes(g, by)
    shape = (len(names), g.n_neurons)
    members = []
    for places in seen:
        typed = places[codes[places] >= 0]
        members.append(sp.csr_array((np.ones(len(typed)), (codes[typed], typed)), shape=shape))
    sizes = [np.asarray(each.sum(axis=1)) for each in members]
    shown = [np.unique(codes[places][codes[places] >= 0]) for places in asked]
    steps = np.empty((hops, len(shown[0]), len(shown[1])))
    width = max(1, _HELD // max(1, g.n_neurons))
    for first in range(0, len(shown[0]), width):
        here = members[0][shown[0][first : first + width]].T.toarray()
        for step in range(hops):
            here = forward @ here
            steps[step, first : first + width] = (members[1][shown[1]] @ here).T
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = steps / sizes[1][shown[1]]
    steps[:, sizes[0][shown[0]] == 0] = np.nan
    picked = steps.reshape(hops, -1)
    index = pd.MultiIndex.from_product(
        [names[shown[0]], names[shown[1]]], names=["source", "target"]
    )
    return pd.DataFrame(picked.T, index=index, columns=_names(hops))


def _names(hops: int) -> list[str]:
    return [f"hop_{step}" for step in range(1, hops + 1)]
