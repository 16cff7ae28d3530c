"""Who takes part: the triads of each class, and each role in them, per neuron."""

from __future__ import annotations

from functools import cache
from math import comb
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import one_of
from connectome_graph.motifs._classes import (
    CLASSES,
    CONNECTED,
    ROLES,
    WEDGE_CLASSES,
    code_tables,
    dyad,
    dyad_numbers,
    template_code,
    wedge_class,
)
from connectome_graph.motifs._oriented import Core, Counts, added, orient, over_workers, triad_core

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["neuron_triads"]

#: What triads are told apart by.
Split = Literal["class", "role"]


def neuron_triads(g: ConnectomeGraph, *, split: Split = "class") -> pd.DataFrame:
    """Count, for every neuron, the triads of each class it is in, or each role it plays.

    The triads are those of :func:`triad_census`. Summed over the neurons, a class gives three
    times its census. The roles are the 30 that the positions of the 13 connected classes fall
    into when interchangeable positions are one role: ``021D_source``, ``030T_middle``, ... One
    pass over the triangles serves both; roles at wedges follow from degrees.

    Parameters
    ----------
    g
        The graph.
    split
        ``"class"`` for the 16 classes, ``"role"`` for the 30 roles.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``root_id``, 16 or 30 columns of nullable Int64. Neurons that are not both
        source and target of the domain are missing: their triads were not observable.

    Raises
    ------
    InvalidArgument
        When `split` is no choice; for a graph of types, or one of 2**29 neurons or more.

    References
    ----------
    Batagelj & Mrvar 2001, Social Networks 23:237.
    Stouffer et al. 2012, Science 335:1489 (roles of species in motifs).

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    >>> roles = cg.motifs.neuron_triads(g, split="role")
    >>> roles.loc[:, (roles > 0).any()]
             030T_source  030T_middle  030T_target
    root_id
    1                  1            0            0
    2                  0            1            0
    3                  0            0            1
    """
    one_of(split, Split, name="split")
    part = triad_core(g)
    if part.met is not None:
        values = _met(part, split)
    else:
        roles, pairs = _roles(part)
        values = roles if split == "role" else _classes(part.n, roles, pairs)
    names = ROLES if split == "role" else CLASSES
    table = np.zeros((g.n_neurons, len(names)), np.int64)
    table[part.positions] = values
    unseen = ~g.domain.core
    columns = {
        name: pd.arrays.IntegerArray(table[:, place].copy(), unseen.copy())
        for place, name in enumerate(names)
    }
    return pd.DataFrame(columns, index=g.neurons.index)


def _met(part: Core, split: str) -> Counts:
    """Return the roles or classes where not all pairs could have met: all from the triangles."""
    from connectome_graph._kernels import triad_roles

    tables = code_tables()
    # Roles exist in connected triads only; the others share one more column, which goes.
    columns = (
        np.where(tables.role < 0, len(ROLES), tables.role)
        if split == "role"
        else np.repeat(tables.triad[:, None], 3, axis=1)
    ).astype(np.int64)
    oriented = orient(part)
    counts = added(
        over_workers(
            lambda w, of: triad_roles.closed_roles(*oriented.arrays, columns, w, of), part.size
        )
    )
    n_columns = len(ROLES) if split == "role" else len(CLASSES)
    return counts[oriented.rank][:, :n_columns]


def _roles(part: Core) -> tuple[Counts, Counts]:
    """Return int64[n, 30], the roles, and int64[n, 2], asymmetric and mutual partners."""
    from connectome_graph._kernels import triad_roles, triads

    if part.n < 3:
        return np.zeros((part.n, 30), np.int64), np.zeros((part.n, 2), np.int64)
    oriented = orient(part)
    roles = added(
        over_workers(
            lambda w, of: triad_roles.closed_roles(*oriented.arrays, code_tables().role, w, of),
            len(part.pre),
        )
    )
    degrees = triads.dyad_degrees(*oriented.rows)
    out, into, both = degrees.T
    middles = np.stack(
        [
            out * (out - 1) // 2,
            into * (into - 1) // 2,
            out * into,
            both * into,
            both * out,
            both * (both - 1) // 2,
        ],
        axis=1,
    )
    ends = triad_roles.wedge_ends(*oriented.rows, degrees)
    middle_role, end_role, inside = _wedge_roles()
    wedges = np.zeros((part.n, len(ROLES)), np.int64)
    wedges[:, middle_role] = middles
    wedges[:, end_role] = ends
    by_rank = wedges + roles @ inside
    partners = np.stack([out + into, both], axis=1)
    return by_rank[oriented.rank], partners[oriented.rank]


@cache
def _wedge_roles() -> tuple[Counts, Counts, Counts]:
    """Return the roles of middles and ends, and what one closed role adds to every role.

    A neuron in a closed triad stands in wedges there, as their middle or as an end, which the
    counts from degrees include: the table keeps closed roles and takes those wedges off.
    """
    middle = np.array(
        [
            ROLES.index(f"{name}_{role}")
            for name, role in zip(WEDGE_CLASSES, _MIDDLE_ROLE, strict=True)
        ],
        np.int64,
    )
    ends = np.empty(9, np.int64)
    for own in range(1, 4):
        for other in range(1, 4):
            name = WEDGE_CLASSES[wedge_class(own, other)]
            ends[3 * (own - 1) + other - 1] = ROLES.index(f"{name}_{_END_ROLE[own]}")
    inside = np.zeros((len(ROLES), len(ROLES)), np.int64)
    role = code_tables().role
    for name in CONNECTED:
        code = template_code(name)
        if not all(dyad(code, a, b) for a, b in ((0, 1), (0, 2), (1, 2))):
            continue
        for neuron in {int(role[code, p]): p for p in range(3)}.values():
            row = role[code, neuron]
            inside[row, row] += 1
            second, third = (other for other in range(3) if other != neuron)
            own, other = dyad(code, neuron, second), dyad(code, neuron, third)
            inside[row, middle[wedge_class(own, other)]] -= 1
            for mid, end in ((second, third), (third, second)):
                own, other = dyad(code, mid, neuron), dyad(code, mid, end)
                inside[row, ends[3 * (own - 1) + other - 1]] -= 1
    return middle, ends, inside


#: The role of the middle of each wedge, and of an end by how the middle stands to it.
_MIDDLE_ROLE = ("source", "target", "middle", "middle", "middle", "middle")
_END_ROLE = {1: "target", 2: "source", 3: "mutual"}


def _classes(n: int, roles: Counts, partners: Counts) -> Counts:
    """Return int64[n, 16]: the classes, from the roles and the numbers of partners.

    A neuron is in the triad of an asymmetric (mutual) pair when it is a member of the pair, with
    any third, or the third itself; the connected classes take their share of those.
    """
    table = np.zeros((len(roles), 16), np.int64)
    for place, name in enumerate(ROLES):
        table[:, CLASSES.index(name.split("_")[0])] += roles[:, place]
    if n < 3:
        return table
    for row, name in enumerate(("012", "102")):
        own = partners[:, row]
        total = int(own.sum()) // 2
        inside = table @ dyad_numbers()[:, row]
        table[:, CLASSES.index(name)] = own * (n - 2) + (total - own) - inside
    table[:, 0] = comb(n - 1, 2) - table.sum(axis=1)
    return table
