"""Listing the maps of a motif: the plan of the search, and its kernel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from connectome_graph.motifs._conditions import ORDER
from connectome_graph.motifs._plan import Late, Plan

__all__ = ["search"]

Counts = npt.NDArray[np.int64]


def search(
    plan: Plan, *, distinct: bool, limit: int | None, keep: bool
) -> tuple[int, npt.NDArray[np.int32]]:
    """Return the number of maps, and the maps with a column per node in the motif's order.

    Parameters
    ----------
    plan
        The motif on a graph.
    distinct
        One map of each set that automorphisms turn into each other.
    limit
        Stop after so many.
    keep
        Whether to return the maps; otherwise none are.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from connectome_graph.motifs._plan import plan
    >>> from connectome_graph.motifs._template import template
    >>> g = cg.from_adjacency([[0, 1, 1], [0, 0, 0], [0, 0, 0]])
    >>> bound = plan(g, template(g, "A -> B; A -> C", induced=False))
    >>> found, maps = search(bound, distinct=True, limit=None, keep=True)
    >>> found, maps.tolist()
    (1, [[0, 1, 2]])
    """
    from connectome_graph._kernels import motif_search

    order = _order(plan)
    depth = {node: at for at, node in enumerate(order)}
    masks = [np.zeros(len(plan.table.row), bool)]
    anchors = np.full((len(order), 2), -1, np.int64)
    checks: list[tuple[int, int, int, int]] = []
    for table, forbid in ((plan.required, 0), (plan.excluded, 1)):
        for (i, j), relation in table.items():
            early, late = sorted((depth[i], depth[j]))
            masks.append((relation if depth[i] < depth[j] else relation.flipped).mask)
            if not forbid and anchors[late, 0] < 0:
                anchors[late] = early, len(masks) - 1
            else:
                checks.append((late, early, len(masks) - 1, forbid))
    comparisons, codes, outcomes = _comparisons(plan.late, depth)
    found, maps = motif_search.search(
        plan.table.first,
        plan.table.partner,
        plan.table.edge,
        np.array(masks),
        np.ascontiguousarray(plan.template.candidates[order]),
        anchors,
        np.array(checks, np.int64).reshape(-1, 4),
        comparisons,
        codes,
        outcomes,
        _orders(plan, depth, distinct=distinct),
        _group(plan, order, depth, distinct=distinct),
        -1 if limit is None else limit,
        keep,
    )
    return int(found), maps[:, [depth[node] for node in range(len(order))]]


def _order(plan: Plan) -> list[int]:
    """Return the nodes from the rarest on, related ones as early as possible."""
    sizes = plan.template.candidates.sum(axis=1).tolist()
    related: dict[int, set[int]] = {node: set() for node in range(len(sizes))}
    for i, j in plan.required:
        related[i].add(j)
        related[j].add(i)
    order: list[int] = []
    while len(order) < len(sizes):
        rest = [node for node in range(len(sizes)) if node not in order]
        order.append(
            min(rest, key=lambda v: (-len(related[v] & set(order)), sizes[v], -len(related[v])))
        )
    return order


def _group(plan: Plan, order: list[int], depth: dict[int, int], *, distinct: bool) -> Counts:
    """Return, for every automorphism, which depth holds the neuron that it puts at each."""
    group = plan.template.automorphisms if distinct else []
    turned = [[depth[image[node]] for node in order] for image in group]
    return np.array(turned, np.int64).reshape(-1, len(order))


def _orders(plan: Plan, depth: dict[int, int], *, distinct: bool) -> Counts:
    """Return the depths of interchangeable nodes; automorphisms include them."""
    motif = plan.template.motif
    pairs = () if distinct else motif.interchangeable
    places = [sorted((motif.nodes.index(a), motif.nodes.index(b))) for a, b in pairs]
    return np.array([[depth[i], depth[j]] for i, j in places], np.int64).reshape(-1, 2)


def _comparisons(
    late: tuple[Late, ...], depth: dict[int, int]
) -> tuple[Counts, Counts, npt.NDArray[np.bool_]]:
    """Return comparisons as the kernel takes them: rows, value codes and outcomes."""
    rows: list[list[int]] = []
    codes: list[Counts] = [np.zeros(0, np.int64)]
    outcomes = [np.zeros(1, bool)]
    for left, right, values in late:
        ends = [[depth[node] for node in side] for side in (left, right)]
        last = max(d for side in ends for d in side)
        from_left = sum(map(len, codes))
        codes += [values.left, values.right]
        on_edges = int(len(left) == 2)
        places = [place for side in ends for place in (*side, side[0])[:2]]
        operator, width = len(ORDER), values.table.shape[1]
        offset = sum(map(len, outcomes))
        if values.operator in ORDER:
            operator = ORDER.index(values.operator)
        else:
            outcomes.append(values.table.ravel())
        rows.append(
            [
                last,
                on_edges,
                *places,
                operator,
                from_left,
                from_left + len(values.left),
                width,
                offset,
            ]
        )
    return (
        np.array(rows, np.int64).reshape(-1, 11),
        np.concatenate(codes),
        np.concatenate(outcomes),
    )
