"""The adjacency as the page draws it: bins of neurons, and how many edges each pair of bins has.

A small graph has a bin a neuron; a large one is pooled, so that the page stays small. Bins follow
the order of types and no bin mixes two types while there are few of them.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import By
from connectome_graph.plot._style import type_colors

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["packed", "picture"]

#: Up to this many edges, and neurons on a side, every neuron has its own row.
MOST_EXACT_EDGES, MOST_EXACT_SIDE = 250_000, 4_000
#: Bins on a side of a pooled picture, and types that still get bins of their own.
POOLED_SIDE, MOST_TYPES = 300, 100
#: Characters of ids that a page may hold; beyond, a bin lists its first ids and says how many.
MOST_ID_TEXT = 4_000_000

Ints = npt.NDArray[np.int64]


def picture(g: ConnectomeGraph, *, by: By | None) -> dict[str, Any] | None:
    """Return the adjacency as JSON types, or None for a domain without pairs.

    Parameters
    ----------
    g
        The graph.
    by
        Neuron column that sorts and colours both sides.

    Returns
    -------
    dict
        ``pooled``; ``rows`` and ``columns`` (``ids`` per bin as text, ``n`` neurons per bin,
        ``label`` per bin as place in ``labels``; ``columns`` is None where both sides are the
        same neurons); ``labels``, ``colors``; and the cells by row,
        base64 of little-endian uint32: ``pointers``, ``places``, ``edges``, ``synapses``.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> found = picture(cg.from_adjacency([[0, 2], [0, 0]]), by=None)
    >>> found["rows"]["ids"], found["pooled"]
    ([['1'], ['2']], False)
    """
    if not g.domain.n_sources or not g.domain.n_targets:
        return None
    labels, names = _labels(g, by)
    exact = (
        g.n_edges <= MOST_EXACT_EDGES
        and max(g.domain.n_sources, g.domain.n_targets) <= MOST_EXACT_SIDE
    )
    sides = [
        _Side(labels, mask, exact=exact, n_types=len(names))
        for mask in (g.domain.sources, g.domain.targets)
    ]
    pre, post = (side.bin_of[end] for side, end in zip(sides, g.edge_codes, strict=True))
    flat = pre * sides[1].n + post
    cells, which = np.unique(flat, return_inverse=True)
    synapses = np.bincount(which, weights=g.edge_counts, minlength=len(cells))
    pointers = np.searchsorted(cells, np.arange(sides[0].n + 1) * sides[1].n)
    colors = type_colors(names)
    text = g.ids.astype(str)
    # One side speaks for both where sources and targets are the same neurons.
    n_told = g.domain.n_sources + (0 if g.domain.is_square else g.domain.n_targets)
    share = min(1.0, MOST_ID_TEXT / (n_told * (text.dtype.itemsize // 4 + 3)))
    return {
        "pooled": not exact,
        "labels": [str(name) for name in names],
        "colors": [colors[name] for name in names],
        "rows": sides[0].described(text, share),
        "columns": None if g.domain.is_square else sides[1].described(text, share),
        "pointers": packed(pointers),
        "places": packed(cells % sides[1].n),
        "edges": packed(np.bincount(which, minlength=len(cells))),
        "synapses": packed(synapses),
    }


def _labels(g: ConnectomeGraph, by: By | None) -> tuple[Ints, list[Any]]:
    """Return the type of every neuron as a code (the last one: unknown) and the types."""
    if by is None:
        return np.zeros(g.n_neurons, np.int64), ["neurons"]
    types = g.labels(by, missing="own")
    return types.codes, list(types.names)


class _Side:
    """The bins along one side, and the bin of every neuron (-1: not on this side)."""

    def __init__(
        self, labels: Ints, mask: npt.NDArray[np.bool_], *, exact: bool, n_types: int
    ) -> None:
        members = np.flatnonzero(mask)
        self.members = members[np.argsort(labels[members], kind="stable")]
        self.labels = labels
        size = 1 if exact else max(1, -(-len(self.members) // POOLED_SIDE))
        own = labels[self.members]
        # With few types every type is cut into equal bins of its own.
        kind = own if n_types <= MOST_TYPES else np.zeros_like(own)
        first = np.searchsorted(kind, kind)
        n_own = np.searchsorted(kind, kind, side="right") - first
        n_bins = -(-n_own // size)
        within = (np.arange(len(own)) - first) * n_bins // np.maximum(n_own, 1)
        starts = np.ones(len(own), bool)
        starts[1:] = (np.diff(within) != 0) | (np.diff(kind) != 0)
        self.starts = np.flatnonzero(starts)
        self.bin_of = np.full(len(labels), -1, np.int64)
        self.bin_of[self.members] = np.cumsum(starts) - 1
        self.n = len(self.starts)

    def described(self, ids: Any, share: float) -> dict[str, Any]:
        """Return ids (the first `share` of every bin), sizes and labels of the bins."""
        groups = np.split(self.members, self.starts[1:])
        stops = np.append(self.starts[1:], len(self.members))
        # A bin that mixes types is coloured by the one in its middle.
        middle = self.labels[self.members[(self.starts + stops) // 2]]
        return {
            "ids": [ids[group[: max(1, int(len(group) * share))]].tolist() for group in groups],
            "n": [len(group) for group in groups],
            "label": middle.tolist(),
        }


def packed(values: npt.ArrayLike) -> str:
    """Return whole numbers as base64 of little-endian uint32."""
    data = np.minimum(np.asarray(values), np.iinfo(np.uint32).max).astype("<u4")
    return base64.b64encode(data.tobytes()).decode("ascii")
