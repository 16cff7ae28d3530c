"""Counting a motif."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from connectome_graph.motifs._cliques import clique_kind, count_cliques
from connectome_graph.motifs._combinatorics import count_maps
from connectome_graph.motifs._pattern import Motif
from connectome_graph.motifs._plan import plan
from connectome_graph.motifs._search import search
from connectome_graph.motifs._template import template

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["count"]


def count(
    g: ConnectomeGraph,
    motif: str | Motif,
    *,
    induced: bool = False,
    exclude_automorphisms: bool = False,
) -> int:
    """Count a motif: the maps of its nodes to distinct neurons, or the sets of edges they cover.

    The motif is written in DotMotif's language (:mod:`connectome_graph.motifs.language`). A map
    counts when every edge exists and meets its conditions, every forbidden edge is observable
    and absent, and every neuron meets the conditions of its node. Only the motif's own pairs
    must be in the domain: *its sinks need no proofread axon*; :func:`observability` gives the
    number of maps that could have been seen.

    By default every map counts, as in DotMotif: ``A -> B; A -> C`` counts each pair of targets
    twice. With ``exclude_automorphisms=True`` maps that differ by an automorphism of the motif
    (which also keeps its conditions) count once. ``A === B`` makes A and B share their
    conditions and counts one of the two ways round.

    Motifs of up to four nodes are counted by formulas over compiled kernels, without listing
    maps: stars and other trees cost little more than the edges. So are larger ones, up to six
    nodes, when at most three pairs of nodes are only forbidden edges (none among six nodes) and
    no cycle of more than four nodes arises, not even by letting nodes coincide: trees of five
    nodes, stars of six. All others, and comparisons between edges or between neurons that the
    motif does not join, are counted by compiled search, in time that grows with the number of
    maps.

    Parameters
    ----------
    g
        The graph.
    motif
        Text such as ``"A -> B; B -> C; A -> C"``, or a :class:`Motif`.
    induced
        Whether pairs that the motif does not name must be observable and unconnected.
    exclude_automorphisms
        Whether to count sets instead of maps.

    Returns
    -------
    int
        Exact, of any size.

    Raises
    ------
    InvalidArgument
        When the text is not a motif (with line and column), or a condition does not fit; for a
        graph of types.
    UnknownName
        When a condition names a column or weight that does not exist.

    References
    ----------
    Matelsky et al. 2021, Scientific Reports 11:13045 (DotMotif).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3, 1], [0, 0, 1], [0, 0, 0]])
    >>> cg.motifs.count(g, "A -> B; B -> C; A -> C")
    1
    >>> cg.motifs.count(g, "A -> B; A -> C")
    2
    >>> cg.motifs.count(g, "A -> B; A -> C", exclude_automorphisms=True)
    1
    >>> cg.motifs.count(g, "A -> B [weight >= 2]")
    1
    """
    bound = template(g, motif, induced=induced)
    kind = None if induced else clique_kind(bound.motif)
    # Up to four nodes formulas over dyads and triangles are as quick.
    if kind is not None and len(bound.motif.nodes) > 4:
        return count_cliques(g, bound.motif, kind, exclude_automorphisms=exclude_automorphisms)
    ready = plan(g, bound)
    maps = count_maps(ready)
    if maps is None:
        return search(ready, distinct=exclude_automorphisms, limit=None, keep=False)[0]
    if exclude_automorphisms:
        return maps // len(bound.automorphisms)
    kept, ways = ordered_share(bound.motif)
    return maps * kept // ways


def ordered_share(motif: Motif) -> tuple[int, int]:
    """Return how many of how many ways round the interchangeable nodes leave.

    Examples
    --------
    >>> from connectome_graph.motifs._language import parse
    >>> ordered_share(parse("A -> B; A -> C; A -> D; B === C; C === D"))
    (1, 6)
    """
    kept = ways = 1
    groups: list[set[str]] = []
    for pair in motif.interchangeable:
        joined = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in joined]
        groups.append(set(pair).union(*joined))
    for group in groups:
        members = [node for node in motif.nodes if node in group]
        pairs = [
            sorted((members.index(a), members.index(b)))
            for a, b in motif.interchangeable
            if a in group
        ]
        orders = list(permutations(range(len(members))))
        kept *= sum(all(order[a] < order[b] for a, b in pairs) for order in orders)
        ways *= len(orders)
    return kept, ways
