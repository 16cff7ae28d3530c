"""Motifs that are whole cliques: counted as simplices, without a search."""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

from connectome_graph.motifs._pattern import Motif
from connectome_graph.motifs._simplices import clique_counts

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["clique_kind", "count_cliques"]


def clique_kind(motif: Motif) -> str | None:
    """Return which simplex a motif without further conditions is; None for any other motif.

    Examples
    --------
    >>> from connectome_graph.motifs._language import parse
    >>> clique_kind(parse("A -> B; B -> C; A -> C")), clique_kind(parse("A -> B; B -> A"))
    ('directed', 'reciprocal')
    >>> clique_kind(parse("A -> B; B -> C; C -> A")) is None
    True
    """
    plain = not (
        motif.forbidden
        or motif.node_conditions
        or motif.edge_conditions
        or motif.node_comparisons
        or motif.edge_comparisons
        or motif.interchangeable
    )
    if not plain:
        return None
    size, edges = len(motif.nodes), set(motif.edges)
    if len(edges) == size * (size - 1):
        return "reciprocal"
    # A tournament whose nodes have as many different numbers of targets has no cycle.
    targets = sorted(sum(pre == node for pre, _ in edges) for node in motif.nodes)
    one_way = all((post, pre) not in edges for pre, post in edges)
    return "directed" if one_way and targets == list(range(size)) else None


def count_cliques(
    g: ConnectomeGraph, motif: Motif, kind: str, *, exclude_automorphisms: bool
) -> int:
    """Count a motif that is a clique.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from connectome_graph.motifs._language import parse
    >>> g = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    >>> motif = parse("A -> B; B -> C; A -> C")
    >>> count_cliques(g, motif, "directed", exclude_automorphisms=False)
    1
    """
    last = len(motif.nodes) - 1
    counts, _ = clique_counts(g, kind, maximal=False, max_dimension=last, by_neuron=False)
    found = int(counts[last]) if len(counts) > last else 0
    # Every order of a reciprocal clique is a map of its own; a directed one has one order.
    turns = 1 if kind == "directed" or exclude_automorphisms else factorial(last + 1)
    return found * turns
