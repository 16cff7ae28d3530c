"""Directed simplices: cliques with a source-to-sink order, by dimension and per neuron."""

from __future__ import annotations

from math import comb, perm
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.motifs._met import met_graph
from connectome_graph.motifs._oriented import triad_core

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["clique_counts", "simplex_participation", "simplices"]

Kind = Literal["directed", "reciprocal", "undirected"]
Counts = npt.NDArray[np.int64]
_KINDS = ("directed", "reciprocal", "undirected")
#: Where a search without a stated dimension gives up, after about a minute on two cores: in dense
#: groups the number of simplices grows tenfold and more with every dimension.
_MOST_STEPS = 20_000_000_000
#: The same for the maximal ones, of which each step looks at every place that one could be put.
_MOST_STEPS_MAXIMAL = 3_000_000_000


def simplices(
    g: ConnectomeGraph,
    *,
    kind: Kind = "directed",
    maximal: bool = False,
    max_dimension: int | None = None,
) -> pd.DataFrame:
    """Count simplices by dimension: all-to-all connected sets of neurons, one more than it.

    - ``"directed"``: ordered cliques ``v0, v1 ... vd`` in which every earlier neuron projects to
      every later one, from a source to a sink. Further connections may run back, so that a set
      of neurons with reciprocal connections counts once for each order that fits.
    - ``"reciprocal"``: sets of neurons of which every two are connected both ways.
    - ``"undirected"``: sets of neurons of which every two are connected in either direction.

    A directed simplex is a template: all but its sink need a believed axon, and all but its
    source a believed dendrite. The other two need both of every member.

    Parameters
    ----------
    g
        The graph.
    kind
        One of the above.
    maximal
        Count only simplices that are part of no larger one.
    max_dimension
        Do not look for larger ones; None for all there are.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``dimension`` from 0: ``n_neurons`` (dimension + 1), ``count`` (int64),
        ``observable`` (int64, Python integers where that would overflow: how many could have
        been seen; with `maximal`, of their dimension at all) and ``frequency``, their ratio.

    Raises
    ------
    InvalidArgument
        When `kind` is no choice or `max_dimension` negative, or for a graph of types. Also where
        `max_dimension` is None and the search has no end within minutes: the larval brain has
        more than 10**11 directed simplices.

    References
    ----------
    Reimann et al. 2017, Front Comput Neurosci 11:48.
    Luetgehetmann, Govc, Smith & Levi 2020, Algorithms 13:19.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    >>> cg.motifs.simplices(g)["count"].tolist()
    [3, 3, 1]
    >>> cg.motifs.simplices(g, maximal=True)["count"].tolist()
    [0, 0, 1]
    """
    counts, _ = clique_counts(
        g, kind, maximal=maximal, max_dimension=max_dimension, by_neuron=False
    )
    observable = [_observable(g, kind, dimension) for dimension in range(len(counts))]
    whole = max(observable, default=0) < 2**63
    table = pd.DataFrame(
        {
            "n_neurons": np.arange(1, len(counts) + 1),
            "count": counts,
            "observable": np.array(observable, np.int64 if whole else object),
            "frequency": [
                found / seen if seen else np.nan
                for found, seen in zip(counts.tolist(), observable, strict=True)
            ],
        },
        index=pd.RangeIndex(len(counts), name="dimension"),
    )
    # Components of a comparison are labelled by dimension, which plain row numbers would not be.
    table.index = pd.Index(np.arange(len(counts)), name="dimension")
    table.attrs.update(g.domain.describe(), kind=kind, maximal=maximal)
    return table


def simplex_participation(
    g: ConnectomeGraph,
    *,
    kind: Kind = "directed",
    maximal: bool = False,
    max_dimension: int | None = None,
) -> pd.DataFrame:
    """Count the simplices of each dimension that every neuron is part of.

    Parameters
    ----------
    g
        The graph.
    kind, maximal, max_dimension
        As in :func:`simplices`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id``: ``dimension_0, dimension_1 ...``, nullable Int64. Summed over the
        neurons, dimension d gives d + 1 times the count of :func:`simplices`. A neuron that could
        stand nowhere in a simplex of a dimension (it is neither source nor target, or for the
        inner places and the undirected kinds not both) is missing.

    Raises
    ------
    InvalidArgument
        As :func:`simplices`.

    References
    ----------
    Sizemore et al. 2018, J Comput Neurosci 44:115 (node participation).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    >>> cg.motifs.simplex_participation(g)["dimension_2"].tolist()
    [1, 1, 1, 0]
    """
    counts, member = clique_counts(
        g, kind, maximal=maximal, max_dimension=max_dimension, by_neuron=True
    )
    both = g.domain.core
    either = g.domain.sources | g.domain.targets if kind == "directed" else both
    columns = {}
    for dimension in range(len(counts)):
        seen = np.ones(g.n_neurons, bool) if kind == "directed" and not dimension else either
        columns[f"dimension_{dimension}"] = pd.arrays.IntegerArray(
            member[:, dimension].copy(), ~seen
        )
    table = pd.DataFrame(columns, index=pd.Index(g.ids, name="root_id", dtype=g.ids.dtype))
    table.attrs.update(g.domain.describe(), kind=kind, maximal=maximal)
    return table


def clique_counts(
    g: ConnectomeGraph, kind: str, *, maximal: bool, max_dimension: int | None, by_neuron: bool
) -> tuple[Counts, Counts]:
    """Return simplices by dimension, and by neuron and dimension (no rows unless asked).

    Raises
    ------
    InvalidArgument
        When `kind` is no choice or `max_dimension` negative, or for a graph of types.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1], [1, 0]])
    >>> clique_counts(g, "directed", maximal=False, max_dimension=None, by_neuron=False)[0].tolist()
    [2, 2]
    """
    choice(kind, _KINDS, name="kind")
    g.domain.require_simple("a simplex")
    whole = isinstance(max_dimension, int | np.integer) and not isinstance(max_dimension, bool)
    if max_dimension is not None and (not whole or max_dimension < 0):
        raise InvalidArgument(
            f"max_dimension needs a whole number of at least 0, or None; found {max_dimension!r}"
        )
    pre, post, positions, deepest = _edges(g, kind)
    n = len(positions)
    # One row more than the largest clique can have, to see that there is nothing in it.
    limit = deepest if max_dimension is None else min(deepest, int(max_dimension))
    most = _MOST_STEPS_MAXIMAL if maximal else _MOST_STEPS
    if max_dimension is not None:
        most = 2**62
    counts, member = _counted(pre, post, n, limit, maximal=maximal, by_neuron=by_neuron, most=most)
    last = int(np.flatnonzero(counts)[-1]) if counts.any() else 0
    counts = counts[: last + 1]
    spread = np.zeros((g.n_neurons if by_neuron else 0, last + 1), np.int64)
    if by_neuron:
        spread[positions] = member[:, : last + 1]
    return counts, spread


def _edges(g: ConnectomeGraph, kind: str) -> tuple[Any, Any, Counts, int]:
    """Return edges that all run forward, the neurons they number, and the highest dimension."""
    from connectome_graph._kernels import adjacency
    from connectome_graph._kernels import simplices as kernel

    if kind == "directed":
        pre, post = g.edge_codes
        positions = np.arange(g.n_neurons)
        n = g.n_neurons
    else:
        part = triad_core(g)
        pre, post, positions, n = part.pre, part.post, part.positions, part.n
        if kind == "reciprocal":
            both = adjacency.reciprocated(pre, post, n)
            pre, post = pre[both], post[both]
    pointers, partners = adjacency.undirected(pre, post, n)
    rank, deepest = kernel.cores(pointers, partners)
    if kind == "directed":
        return pre, post, positions, int(deepest)
    row = np.repeat(np.arange(n, dtype=np.int32), np.diff(pointers))
    forward = rank[row] < rank[partners]
    return row[forward], partners[forward], positions, int(deepest)


def _counted(
    pre: Any, post: Any, n: int, limit: int, *, maximal: bool, by_neuron: bool, most: int
) -> tuple[Counts, Counts]:
    from connectome_graph._kernels import adjacency, threads
    from connectome_graph._kernels import simplices as kernel

    out_ptr = adjacency.row_pointers(pre, n)
    workers = 1 if len(pre) < threads.SMALL // 10 else threads.n_threads()
    room = limit + 3

    def some(worker: int) -> Any:
        rest = (limit, by_neuron, worker, workers, room, most)
        if not maximal:
            return kernel.count(out_ptr, post, *rest)
        return kernel.count_maximal(out_ptr, post, *into, *rest)

    into = adjacency.incoming(pre, post, n) if maximal else ()
    found: list[Any] = threads.each(some, workers)
    # The sum of the steps does not depend on how the sources were dealt out, so neither does this.
    if sum(part[2] for part in found) > most:
        counts = sum(part[0] for part in found)
        raise InvalidArgument(
            f"the search was given up after {most:,} steps, with {counts.sum():,} simplices up to "
            f"dimension {int(np.flatnonzero(counts)[-1])} and no end in sight: groups of neurons "
            "that are nearly all connected hold more than can be counted one by one. Pass "
            "max_dimension=, which is then counted however long it takes, or take the strong "
            "connections alone (g.threshold)"
        )
    return sum(part[0] for part in found), sum(part[1] for part in found)


def _observable(g: ConnectomeGraph, kind: str, dimension: int) -> int:
    """Return how many simplices of a dimension could have been seen."""
    domain = g.domain
    met = met_graph(g)
    if met is not None:
        # A simplex could have been seen where the pairs that could have met are one.
        same = "directed" if kind == "directed" else "reciprocal"
        found, _ = clique_counts(met, same, maximal=False, max_dimension=dimension, by_neuron=False)
        return int(found[dimension]) if dimension < len(found) else 0
    if kind != "directed":
        return comb(domain.n_core, dimension + 1)
    if dimension == 0:
        return g.n_neurons
    # All but source and sink are both; the two ends may not be one neuron.
    inner = dimension - 1
    both = domain.n_core
    if inner > both:
        return 0
    ends = (domain.n_sources - inner) * (domain.n_targets - inner) - (both - inner)
    return perm(both, inner) * max(ends, 0)
