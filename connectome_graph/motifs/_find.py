"""Finding a motif: the neurons at each of its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs._pattern import Motif
from connectome_graph.motifs._plan import plan
from connectome_graph.motifs._search import search
from connectome_graph.motifs._template import template

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["find"]


def find(
    g: ConnectomeGraph,
    motif: str | Motif,
    *,
    limit: int | None = None,
    induced: bool = False,
    exclude_automorphisms: bool = False,
) -> pd.DataFrame:
    """List a motif: the neurons at each of its nodes, a row for each map.

    The rows are the maps that :func:`count` counts, with the same meaning of `induced` and
    `exclude_automorphisms`. With `exclude_automorphisms`, of the maps that cover the same edges
    one is listed, always the same.

    Parameters
    ----------
    g
        The graph.
    motif
        Text in DotMotif's language, or a :class:`Motif`.
    limit
        List at most so many; the first in the order of the search. None lists all: count first,
        a common motif has more maps than fit in memory.
    induced, exclude_automorphisms
        See :func:`count`.

    Returns
    -------
    pandas.DataFrame
        A column of root ids (int64 or text) for each node, in the order in which the motif
        names them.

    Raises
    ------
    InvalidArgument
        When the text is not a motif, a condition does not fit, or `limit` is negative; for a
        graph of types.
    UnknownName
        When a condition names a column or weight that does not exist.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 3, 1], [0, 0, 1], [0, 0, 0]])
    >>> cg.motifs.find(g, "A -> B; B -> C; A -> C")
       A  B  C
    0  1  2  3
    """
    if limit is not None and limit < 0:
        raise InvalidArgument(f"limit={limit} is negative; give a number of maps, or None for all")
    ready = plan(g, template(g, motif, induced=induced))
    maps = search(ready, distinct=exclude_automorphisms, limit=limit, keep=True)[1]
    nodes = ready.template.motif.nodes
    return pd.DataFrame({node: g.ids[maps[:, place]] for place, node in enumerate(nodes)})
