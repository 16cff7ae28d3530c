"""The symmetries of a motif."""

from __future__ import annotations

from connectome_graph.motifs._pattern import Comparison, Edge, Motif

__all__ = ["automorphisms"]


def automorphisms(motif: Motif, forbidden: tuple[Edge, ...]) -> list[tuple[int, ...]]:
    """Return every order of the nodes under which edges and conditions stay the same.

    Examples
    --------
    >>> from connectome_graph.motifs._language import parse
    >>> automorphisms(parse("A -> B; A -> C"), ())
    [(0, 1, 2), (0, 2, 1)]
    """
    nodes = motif.nodes
    state = {edge: (1, frozenset(motif.edge_conditions.get(edge, ()))) for edge in motif.edges}
    state |= {pair: (2, frozenset()) for pair in forbidden}
    held = [frozenset(motif.node_conditions.get(node, ())) for node in nodes]
    found: list[tuple[int, ...]] = []

    def extend(image: list[int]) -> None:
        at = len(image)
        if at == len(nodes):
            found.append(tuple(image))
            return
        for new in range(len(nodes)):
            if new in image or held[new] != held[at]:
                continue
            if all(
                state.get((nodes[at], nodes[old])) == state.get((nodes[new], nodes[to]))
                and state.get((nodes[old], nodes[at])) == state.get((nodes[to], nodes[new]))
                for old, to in enumerate(image)
            ):
                extend([*image, new])

    extend([])
    return [image for image in found if _keeps_comparisons(motif, image)]


_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def _keeps_comparisons(motif: Motif, image: tuple[int, ...]) -> bool:
    to = {node: motif.nodes[place] for node, place in zip(motif.nodes, image, strict=True)}

    def moved(part: str | Edge) -> str | Edge:
        return to[part] if isinstance(part, str) else (to[part[0]], to[part[1]])

    def both_ways(comparisons: tuple[Comparison, ...]) -> set[Comparison]:
        turned = {
            Comparison(c.right, c.other_key, _MIRRORED[c.operator], c.left, c.key)
            for c in comparisons
            if c.operator in _MIRRORED
        }
        return turned | set(comparisons)

    return all(
        both_ways(tuple(c._replace(left=moved(c.left), right=moved(c.right)) for c in held))
        == both_ways(held)
        for held in (motif.node_comparisons, motif.edge_comparisons)
    )
