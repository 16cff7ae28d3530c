"""Components, path lengths and the small world: lower bounds on a partly seen graph.

A missing edge can only split components and lengthen paths, so on a graph that was not wholly
observed nothing here estimates the brain's own value. All of it runs on the neurons that are
source and target, and says ``lower_bound`` where that was not everyone: components are at least
this large and at least so many pairs are connected. Means over the pairs with a path are no
bound in either direction.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph._kernels.threads import n_threads
from connectome_graph.border.arguments import Seed, generator, is_whole, recorded_seed, whole
from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs._oriented import Core, core
from connectome_graph.nulls import ErdosRenyi
from connectome_graph.nulls._base import sampler
from connectome_graph.nulls._pairs import OrderedPairs, distinct
from connectome_graph.stats._clustering import clustering, core_transitivity
from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._sampling import denominators, neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.model.selection import Selection

__all__ = ["as_igraph", "components", "neuron_components", "path_lengths", "paths", "small_world"]


def components(g: ConnectomeGraph) -> pd.Series:
    """Return how many weakly and strongly connected components there are, and the largest.

    Returns
    -------
    pandas.Series
        ``n_weak largest_weak n_strong largest_strong n_neurons lower_bound``, float64; sizes
        are numbers of neurons. ``lower_bound`` is 1 when not every pair was observable, so that
        components may be larger in truth.

    Raises
    ------
    InvalidArgument
        For a graph of types.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> cg.stats.components(cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]])).tolist()
    [1.0, 3.0, 2.0, 2.0, 3.0, 0.0]
    """
    labels = neuron_components(g)
    sizes = {kind: labels[kind].value_counts() for kind in ("weak", "strong")}
    result: dict[str, float] = {}
    for kind, size in sizes.items():
        result[f"n_{kind}"] = len(size)
        result[f"largest_{kind}"] = size.max() if len(size) else 0
    return _bounded(g, {**result, "n_neurons": len(labels)}, "components")


def neuron_components(g: ConnectomeGraph) -> pd.DataFrame:
    """Return the weak and the strong component of every neuron that is source and target.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id``: ``weak strong``, int64, numbered from 0 by falling size.

    Raises
    ------
    InvalidArgument
        For a graph of types.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]])
    >>> cg.stats.neuron_components(g)["strong"].tolist()
    [0, 0, 1]
    """
    g.domain.require_simple("a component")
    from scipy.sparse import csgraph, csr_array

    part = core(g)
    matrix = csr_array((np.ones(len(part.pre), bool), (part.pre, part.post)), (part.n, part.n))
    table: dict[str, Any] = {}
    for kind in ("weak", "strong"):
        if part.n:
            _, labels = csgraph.connected_components(matrix, directed=True, connection=kind)
        else:
            labels = np.empty(0, np.int64)
        sizes = np.bincount(labels)
        rank = np.empty(len(sizes), np.int64)
        rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
        table[kind] = rank[labels]
    return pd.DataFrame(table, index=neuron_index(g)[g.domain.core])


def paths(
    g: ConnectomeGraph, *, sources: int | Selection | None = None, seed: Seed = 0
) -> pd.Series:
    """Return the mean directed distance, the diameter, and how many pairs have a path.

    Distances count connections along their direction, from every neuron that is source and
    target to every other; the mean and the maximum are over pairs with a path.

    Parameters
    ----------
    g
        The graph.
    sources
        Start from so many neurons, drawn at random, instead of from all: time grows with their
        number times the number of edges. The diameter is then the longest distance found.
    seed
        Whole number or Generator for the draw.

    Returns
    -------
    pandas.Series
        ``mean_distance diameter n_connected_pairs n_pairs reachable_share n_sources n_neurons
        lower_bound``, float64. ``lower_bound`` is 1 when not every pair was observable:
        ``n_connected_pairs`` and ``reachable_share``, the share of pairs with a path, are then
        lower bounds. ``mean_distance`` is no bound: true distances of these pairs are no longer,
        but it does not count the pairs without a path, which may be far apart.

    Raises
    ------
    InvalidArgument
        When `sources` chooses nothing, or for a graph of types.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    >>> cg.stats.paths(g).tolist()[:4]
    [1.3333333333333333, 2.0, 3.0, 6.0]
    """
    g.domain.require_simple("a path length")
    part = core(g)
    start, drawn_from = _starts(g, part, sources, seed)
    counts = _distance_counts(part, start)
    n_starts = part.n if start is None else len(start)
    length = np.arange(len(counts))
    n_connected, n_pairs = int(counts.sum()), n_starts * max(part.n - 1, 0)
    result = {
        "mean_distance": ratio((length * counts).sum(), n_connected),
        "diameter": float(np.flatnonzero(counts)[-1]) if n_connected else np.nan,
        "n_connected_pairs": n_connected,
        "n_pairs": n_pairs,
        "reachable_share": ratio(n_connected, n_pairs),
        "n_sources": n_starts,
        "n_neurons": part.n,
    }
    return _bounded(g, result, "paths", **drawn_from)


def path_lengths(
    g: ConnectomeGraph, *, sources: int | Selection | None = None, seed: Seed = 0
) -> pd.Series:
    """Return how many ordered pairs of neurons lie at each distance.

    The histogram behind :func:`paths`: distances count connections along their direction, among
    the neurons that are source and target.

    Parameters
    ----------
    g
        The graph.
    sources, seed
        As in :func:`paths`.

    Returns
    -------
    pandas.Series
        ``n_pairs``, int64, indexed by ``distance``: 1, 2, ... up to the longest, and infinity for
        the pairs without a path. ``attrs`` holds ``n_starts``, ``n_neurons`` and whether the
        distances are only bounds (``lower_bound``).

    Raises
    ------
    InvalidArgument
        When `sources` chooses nothing, or for a graph of types.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    >>> cg.stats.path_lengths(g).to_dict()
    {1.0: 2, 2.0: 1, inf: 3}
    """
    g.domain.require_simple("a path length")
    part = core(g)
    start, drawn_from = _starts(g, part, sources, seed)
    counts = _distance_counts(part, start)
    n_starts = part.n if start is None else len(start)
    last = int(np.flatnonzero(counts)[-1]) if counts.any() else 0
    apart = n_starts * max(part.n - 1, 0) - int(counts.sum())
    index = pd.Index([*range(1, last + 1), np.inf], name="distance", dtype=float)
    series = pd.Series([*counts[1 : last + 1].tolist(), apart], index, np.int64, "n_pairs")
    facts = {"n_starts": n_starts, "n_neurons": part.n, "lower_bound": not g.domain.is_full}
    series.attrs.update(denominators(g), **facts, **drawn_from)
    return series


def small_world(
    g: ConnectomeGraph, *, n: int = 20, sources: int | Selection | None = None, seed: Seed = 0
) -> pd.Series:
    """Return how much more clustered than random a graph is, for its path length.

    ``s_delta`` = (C / C_random) / (L / L_random), with C the transitivity and L the mean
    distance over pairs with a path, and C_random and L_random their means over random graphs of
    as many neurons and edges. Neurons are those that are source and target.

    Parameters
    ----------
    g
        The graph.
    n
        Number of random graphs.
    sources
        As in :func:`paths`.
    seed
        Whole number or Generator for the random graphs and the draw of sources.

    Returns
    -------
    pandas.Series
        ``s_delta transitivity mean_distance reachable_share transitivity_random
        mean_distance_random reachable_share_random n_samples lower_bound``, float64. Distances
        are means over the pairs with a path, ``reachable_share`` of all: where it is well below
        that of random graphs, the graph looks smaller than it is.

    Raises
    ------
    InvalidArgument
        When `n` is not a whole number of at least 1, or for a graph of types.

    References
    ----------
    Humphries & Gurney 2008, PLoS ONE 3:e0002051.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 1], [1, 1, 0]])
    >>> cg.stats.small_world(g, n=2)["s_delta"].item()
    1.0
    """
    n, rng = whole(n, name="n"), generator(seed)
    drawn_from = recorded_seed(rng)
    far = ["mean_distance", "reachable_share"]
    observed = [_transitivity(g), *paths(g, sources=sources, seed=rng)[far]]
    part = g.subgraph(g.domain.core)
    measured = _measured(part, sources)

    with ThreadPoolExecutor(n_threads()) as pool:  # a random graph each: the kernels let go
        random = list(pool.map(measured, rng.spawn(n)))
    names = ["transitivity", *far]
    of_random = np.mean(random, axis=0)
    result = {
        "s_delta": ratio(ratio(observed[0], of_random[0]), ratio(observed[1], of_random[1])),
        **dict(zip(names, observed, strict=True)),
        **{f"{name}_random": v for name, v in zip(names, of_random, strict=True)},
        "n_samples": n,
    }
    return _bounded(g, result, "small_world", seed=drawn_from)


def _measured(
    g: ConnectomeGraph, sources: int | Selection | None
) -> Callable[[np.random.Generator], list[float]]:
    """Return what draws a random graph of as many edges, and gives transitivity and path lengths.

    Where every pair could have been seen nothing but the pairs of a random graph is needed: the
    graph itself, its synapse counts and provenance are not made.
    """
    if not g.domain.is_full:
        draw = sampler(g, ErdosRenyi())

        def of_graph(stream: np.random.Generator) -> list[float]:
            sample = draw(stream)
            found = paths(sample, sources=sources, seed=stream)
            return [_transitivity(sample), found["mean_distance"], found["reachable_share"]]

        return of_graph
    pairs, part = OrderedPairs(g.domain), core(g)
    size, wanted = np.array([len(pairs)]), np.array([len(part.pre)])

    def of_pairs(stream: np.random.Generator) -> list[float]:
        pre, post = pairs.at(distinct(stream, size, wanted))
        sample = Core(pre, post, part.n, part.positions)
        start, _ = _starts(g, sample, sources, stream)
        counts = _distance_counts(sample, start)
        n_pairs = (part.n if start is None else len(start)) * max(part.n - 1, 0)
        length = (np.arange(len(counts)) * counts).sum()
        return [
            core_transitivity(sample),
            ratio(length, counts.sum()),
            ratio(counts.sum(), n_pairs),
        ]

    return of_pairs


def _starts(
    g: ConnectomeGraph, part: Core, sources: int | Selection | None, seed: Seed
) -> tuple[npt.NDArray[Any] | None, dict[str, Any]]:
    """Return where to start from (None: everywhere), and what to say of the draw."""
    if sources is None:
        return None, {}
    if is_whole(sources):
        number = whole(sources, name="sources")
        if number >= part.n:
            return None, {}
        rng = generator(seed)
        facts = {"seed": recorded_seed(rng)}
        return np.sort(rng.choice(part.n, number, replace=False)), facts
    wanted = np.zeros(g.n_neurons, bool)
    wanted[g.positions(sources)] = True
    start = np.flatnonzero(wanted[part.positions])
    if not len(start):
        raise InvalidArgument("sources chooses no neuron that is source and target of the domain")
    return start, {}


def _transitivity(g: ConnectomeGraph) -> float:
    return float(clustering(g, level=None)["transitivity"])


def _distance_counts(part: Core, start: npt.NDArray[Any] | None) -> npt.NDArray[np.int64]:
    """Return how many ordered pairs lie at each distance from 1 up."""
    from connectome_graph._kernels import threads
    from connectome_graph._kernels.adjacency import row_pointers
    from connectome_graph._kernels.breadth_first import distance_counts

    ptr = row_pointers(part.pre, part.n)
    starts = np.arange(part.n) if start is None else np.asarray(start, np.int64)
    batches = -(-len(starts) // 64)
    work = len(part.pre) * batches
    n_parts = 1 if work < threads.SMALL else min(batches, threads.n_threads())
    counts: list[Any] = threads.run(
        lambda a, b: distance_counts(ptr, part.post, starts, 64 * a, min(64 * b, len(starts))),
        threads.spans(batches, n_parts),
    )
    return np.sum(counts, axis=0)  # type: ignore[no-any-return]


def _bounded(g: ConnectomeGraph, result: dict[str, Any], name: str, **said: Any) -> pd.Series:
    series = pd.Series({**result, "lower_bound": not g.domain.is_full}, dtype=float, name=name)
    series.attrs.update(policy=g.domain.policy, **said)
    return series


def as_igraph(n: int, pre: npt.NDArray[Any], post: npt.NDArray[Any]) -> Any:
    """Return a directed igraph Graph of `n` vertices and the given edges, in their order.

    Examples
    --------
    >>> import numpy as np
    >>> as_igraph(3, np.array([0]), np.array([2])).get_edgelist()
    [(0, 2)]
    """
    import igraph

    ends = np.column_stack([pre, post]).astype(np.int64)
    return igraph.Graph(n=n, edges=np.ascontiguousarray(ends), directed=True)
