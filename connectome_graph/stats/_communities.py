"""Communities: groups of neurons that connect among themselves, by directed modularity."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Seed, Weight, generator, recorded_seed
from connectome_graph.border.values import array_of
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph import weights as edge_weights
from connectome_graph.motifs._oriented import core
from connectome_graph.stats._dyads import core_edges
from connectome_graph.stats._intervals import ratio
from connectome_graph.stats._labels import type_codes
from connectome_graph.stats._paths import as_igraph
from connectome_graph.stats._sampling import neuron_index

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["Communities", "agreement", "communities"]


@dataclass(frozen=True)
class Communities:
    """A partition of neurons.

    Attributes
    ----------
    labels
        Community of every neuron that is source and target, int64, numbered by falling size;
        indexed by ``root_id``.
    modularity
        Directed modularity Q of the partition, at the resolution that was asked for.
    n_communities
        Number of communities.
    agreement
        With ``by=``: ``adjusted_rand``, ``normalized_mutual_information`` and ``n_neurons``
        of the neurons that have a type; else ``None``.
    policy
        The domain it was found on.
    seed
        What the search was started from.
    """

    labels: pd.Series
    modularity: float
    n_communities: int
    agreement: pd.Series | None
    policy: str
    seed: Any = None


def communities(
    g: ConnectomeGraph,
    *,
    weight: Weight = "count",
    resolution: float = 1.0,
    by: By | None = None,
    seed: Seed = 0,
) -> Communities:
    r"""Return communities of high directed modularity, found by the Leiden algorithm of igraph.

    Q = (1/m) sum_ij [w_ij - resolution * s_i(out) s_j(in) / m] over pairs of one community, with
    m the total weight. Runs on the neurons that are source and target until no move improves Q.

    Parameters
    ----------
    g
        The graph.
    weight
        Weight of the edges, not negative (:func:`connectome_graph.weights.compute`).
    resolution
        Above 1 gives more and smaller communities.
    by
        Neuron column of types to compare the communities with.
    seed
        Whole number or Generator. igraph has one random state, which is seeded for the call and
        handed back to Python's ``random`` afterwards.

    Raises
    ------
    InvalidArgument
        When a weight is negative or missing, or for a graph of types.

    References
    ----------
    Traag, Waltman & van Eck 2019, Sci Rep 9:5233; Leicht & Newman 2008, Phys Rev Lett
    100:118703.

    Examples
    --------
    >>> import numpy as np, connectome_graph as cg
    >>> two = np.kron(np.eye(2, dtype=int), np.ones((3, 3), int) - np.eye(3, dtype=int))
    >>> found = cg.stats.communities(cg.from_adjacency(two))
    >>> found.labels.tolist(), found.modularity
    ([0, 0, 0, 1, 1, 1], 0.5)
    """
    import igraph

    g.domain.require_simple("a community")
    g.domain.require_rectangle(
        "modularity is not defined on a set of pairs: it holds connections against those that "
        "chance would make between any two neurons"
    )
    part = core(g)
    values = edge_weights.compute(g, weight).to_numpy().astype(float)[core_edges(g)[2]]
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InvalidArgument(
            f"communities need weights that are known and not negative; weight={weight!r} has "
            f"{int((~(values >= 0)).sum()):,} others"
        )
    out, into = (
        np.bincount(end, weights=values, minlength=part.n) for end in (part.pre, part.post)
    )
    total = float(values.sum())
    rng = generator(seed)
    drawn_from = recorded_seed(rng)
    labels = np.arange(part.n)
    if total > 0:
        state = random.Random(int(rng.integers(2**31)))  # noqa: S311
        igraph.set_random_number_generator(state)
        try:
            found = as_igraph(part.n, part.pre, part.post).community_leiden(
                objective_function="CPM",
                weights=values.tolist(),
                resolution=resolution / total,
                node_weights=out.tolist(),
                node_in_weights=into.tolist(),
                n_iterations=-1,
            )
        finally:
            igraph.set_random_number_generator(random)
        labels = _by_size(np.array(found.membership))
    ends = labels[part.pre], labels[part.post]
    n_found = int(labels.max()) + 1 if part.n else 0
    totals = [np.bincount(labels, weights=side, minlength=n_found) for side in (out, into)]
    inside = values[ends[0] == ends[1]].sum()
    index = neuron_index(g)[g.domain.core]
    quality = ratio(inside, total) - resolution * ratio((totals[0] * totals[1]).sum(), total**2)
    series = pd.Series(labels.astype(np.int64), index=index, name="community")
    return Communities(
        series, float(quality), n_found, None if by is None else _agreement(g, by, labels),
        g.domain.policy, drawn_from,
    )  # fmt: skip


def agreement(a: npt.ArrayLike, b: npt.ArrayLike) -> pd.Series:
    """Return how far two partitions of the same neurons agree.

    Parameters
    ----------
    a, b
        Labels, one per neuron, in the same order.

    Returns
    -------
    pandas.Series
        ``adjusted_rand``, 1 for the same partition and 0 on average for unrelated ones;
        ``normalized_mutual_information``, divided by the mean entropy; ``n_neurons``. Both are
        1 when neither partition splits anything, and missing without any neuron.

    Raises
    ------
    InvalidArgument
        When the two have different lengths.

    References
    ----------
    Hubert & Arabie 1985, J Classif 2:193; Danon et al. 2005, J Stat Mech P09008.

    Examples
    --------
    >>> agreement([0, 0, 1, 1], ["x", "x", "y", "y"]).tolist()
    [1.0, 1.0, 4.0]
    """
    both = [array_of(labels, name=name) for name, labels in (("a", a), ("b", b))]
    if any(labels.ndim != 1 for labels in both):
        raise InvalidArgument(
            f"two partitions need one label per neuron each; found shapes {both[0].shape} and "
            f"{both[1].shape}"
        )
    codes = [pd.factorize(labels)[0] for labels in both]
    if any((code < 0).any() for code in codes):
        raise InvalidArgument("a partition has missing labels; leave those neurons out of both")
    if len(codes[0]) != len(codes[1]):
        raise InvalidArgument(
            f"two partitions need one label for each of the same neurons; found {len(codes[0]):,} "
            f"and {len(codes[1]):,}"
        )
    n = len(codes[0])
    if n == 0:
        names = ("adjusted_rand", "normalized_mutual_information", "n_neurons")
        return pd.Series([np.nan, np.nan, 0.0], index=names, name="agreement")
    joint = pd.DataFrame({"a": codes[0], "b": codes[1]}).value_counts().to_numpy(float)
    sizes = [np.bincount(code).astype(float) for code in codes]
    same, ones, others = (float((x * (x - 1) / 2).sum()) for x in (joint, *sizes))
    expected = ones * others / (n * (n - 1) / 2) if n > 1 else 0.0
    most = (ones + others) / 2
    rand = 1.0 if most == expected else (same - expected) / (most - expected)
    entropies = [-float((x / n * np.log(x / n)).sum()) for x in (joint, *sizes)]
    shared, mean = sum(entropies[1:]) - entropies[0], sum(entropies[1:]) / 2
    result = {
        "adjusted_rand": rand,
        "normalized_mutual_information": 1.0 if mean == 0 else shared / mean,
        "n_neurons": n,
    }
    return pd.Series(result, dtype=float, name="agreement")


def _agreement(g: ConnectomeGraph, by: By, labels: npt.NDArray[Any]) -> pd.Series:
    kind = type_codes(g, by)[0][g.domain.core]
    return agreement(labels[kind >= 0], kind[kind >= 0])


def _by_size(membership: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Number communities by falling size; of equal ones the one with the first neuron leads."""
    codes, _ = pd.factorize(membership)
    sizes = np.bincount(codes)
    rank = np.empty(len(sizes), np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return rank[codes]
