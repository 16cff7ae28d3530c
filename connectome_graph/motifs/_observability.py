"""How many maps of a motif could have been seen: the denominator of its count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.motifs._count import count, ordered_share
from connectome_graph.motifs._met import met_graph
from connectome_graph.motifs._pattern import Motif
from connectome_graph.motifs._template import Template, template

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["STANDARD", "observability", "templates"]

#: The templates of :func:`templates`.
STANDARD = {
    "edge": "A -> B",
    "mutual": "A -> B; B -> A",
    "divergence": "A -> B; A -> C",
    "convergence": "A -> C; B -> C",
    "chain": "A -> B; B -> C",
    "feed_forward": "A -> B; A -> C; B -> C",
    "cycle": "A -> B; B -> C; C -> A",
}


def observability(
    g: ConnectomeGraph,
    motif: str | Motif,
    *,
    induced: bool = False,
    exclude_automorphisms: bool = False,
) -> int:
    """Count the maps of a motif's nodes to distinct neurons that could have been seen.

    A map is observable when every edge and forbidden edge of the motif falls on an ordered pair
    of the domain and every neuron meets the conditions of its node. Conditions on edges and
    comparisons are part of what is looked for, not of what can be seen. With A trusted axons
    among n neurons, an edge has A(n-1) observable maps, a feed-forward loop A(A-1)(n-2).

    Parameters
    ----------
    g
        The graph.
    motif
        Text in DotMotif's language, or a :class:`Motif`.
    induced, exclude_automorphisms
        As in :func:`count`, whose denominator this is.

    Returns
    -------
    int
        Exact, of any size.

    Raises
    ------
    InvalidArgument
        When the text is not a motif, or a condition does not fit; for a graph of types.
    UnknownName
        When a condition names a column that does not exist.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]]).between(pre=[1, 2])
    >>> cg.motifs.observability(g, "A -> B; A -> C; B -> C")
    2
    """
    bound = template(g, motif, induced=induced)
    return _observable(bound, met_graph(g), exclude_automorphisms=exclude_automorphisms)


def _observable(
    bound: Template, met: ConnectomeGraph | None, *, exclude_automorphisms: bool
) -> int:
    if met is None:
        maps = distinct_choices(bound.candidates)
    else:
        # A map is observable when it is one of the same motif, with its forbidden edges as edges,
        # in the graph of the pairs that could have met.
        seen = Motif(
            nodes=bound.motif.nodes,
            edges=tuple(dict.fromkeys((*bound.motif.edges, *bound.forbidden))),
            node_conditions=bound.motif.node_conditions,
        )
        maps = count(met, seen)
    if exclude_automorphisms:
        return maps // len(bound.automorphisms)
    kept, ways = ordered_share(bound.motif)
    return maps * kept // ways


def distinct_choices(candidates: npt.NDArray[np.bool_]) -> int:
    """Count the ways to choose distinct members, one from each row.

    By Moebius inversion over the partitions of the rows, from subset to subset.

    Examples
    --------
    >>> distinct_choices(np.ones((2, 3), bool))
    6
    """
    k = len(candidates)
    shared = [candidates.any(axis=0)] * (1 << k)
    value = [0] * (1 << k)
    for subset in range(1, 1 << k):
        low = (subset & -subset).bit_length() - 1
        rest = subset & (subset - 1)
        shared[subset] = candidates[low] & shared[rest] if rest else candidates[low]
        size = subset.bit_count()
        sign = -1 if size % 2 == 0 else 1
        value[subset] = sign * _factorial(size - 1) * int(shared[subset].sum())
    total = [1] + [0] * ((1 << k) - 1)
    for subset in range(1, 1 << k):
        low = subset & -subset
        others = subset ^ low
        part = others
        while True:
            total[subset] += value[part | low] * total[others ^ part]
            if part == 0:
                break
            part = (part - 1) & others
    return total[-1]


def _factorial(n: int) -> int:
    return 1 if n < 2 else n * _factorial(n - 1)


def templates(g: ConnectomeGraph) -> pd.DataFrame:
    """Count the seven smallest templates, with their observable numbers and what they need.

    Each counts sets of edges, not maps, and no more of the graph than it names: other edges
    between the same neurons may be there or not.

    Parameters
    ----------
    g
        The graph.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``template``: edge, mutual, divergence, convergence, chain, feed_forward,
        cycle. Columns ``motif`` (text), ``count`` and ``observable`` (int64; Python integers
        where that would overflow), ``frequency`` (their ratio, missing when nothing was
        observable), ``axons`` and ``dendrites`` (nodes that need a believed axon, dendrite).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]]).between(pre=[1, 2])
    >>> cg.motifs.templates(g)[["count", "observable", "axons"]].head(3)
                count  observable axons
    template
    edge            3           4     A
    mutual          1           1   A B
    divergence      1           2     A
    """
    rows: dict[str, dict[str, Any]] = {}
    met = met_graph(g)
    for name, motif in STANDARD.items():
        bound = template(g, motif, induced=False)
        found = count(g, motif, exclude_automorphisms=True)
        observable = _observable(bound, met, exclude_automorphisms=True)
        rows[name] = {
            "motif": motif,
            "count": found,
            "observable": observable,
            "frequency": found / observable if observable else float("nan"),
            "axons": " ".join(bound.sources),
            "dendrites": " ".join(bound.targets),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("template")
