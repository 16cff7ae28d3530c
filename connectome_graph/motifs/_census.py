"""The triad census: how many of all triples of neurons are in each of the 16 classes."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectome_graph.motifs._classes import (
    CLASSES,
    WEDGE_CLASSES,
    code_tables,
    dyad_numbers,
    wedges_in,
)
from connectome_graph.motifs._oriented import (
    Core,
    Counts,
    Oriented,
    added,
    is_dense,
    orient,
    over_workers,
    triad_core,
)

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["census_series", "completed", "triad_census"]

#: The classes that the bit kernel counts, in its order; it sees each 300 three times.
BIT_CLASSES = ("030T", "030C", "120D", "120U", "120C", "210", "300")


def triad_census(g: ConnectomeGraph) -> pd.Series:
    """Count the triples of neurons in each of the 16 classes of directed triads.

    A triple is counted when all six of its ordered pairs are in the domain, so the census is
    that of the subgraph on the neurons that are both source and target; there are
    ``comb(n, 3)`` triples among n of them. On a domain of pairs (``g.within``) the triples are
    those of which every two could have met either way, visited one by one.

    Autapses and the number of synapses play no part. The counts are exact integers: triangles
    are visited one by one, everything else follows from degrees. Time grows with the triangles of
    the graph, memory with its edges.

    For templates whose sinks need no proofread axon see :func:`count`.

    Parameters
    ----------
    g
        The graph.

    Returns
    -------
    pandas.Series
        Shape ``(16,)``, named ``triads``, index ``triad`` from ``003`` to ``300``; int64
        (Python integers, dtype object, above 3.8 million neurons, where int64 would overflow).

    Raises
    ------
    InvalidArgument
        For a graph of types, or one of 2**29 neurons or more.

    References
    ----------
    Davis & Leinhardt 1972, in Sociological Theories in Progress 2:218.
    Batagelj & Mrvar 2001, Social Networks 23:237.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> g = cg.from_adjacency([[0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    >>> census = cg.motifs.triad_census(g)
    >>> census[census > 0]
    triad
    012     1
    111D    2
    030T    1
    Name: triads, dtype: int64
    """
    return census_series(_totals(triad_core(g)))


def census_series(totals: list[int]) -> pd.Series:
    """Return the numbers of the 16 classes as the census that users see."""
    fits = all(total < 2**63 for total in totals)
    index = pd.Index(CLASSES, name="triad", dtype=object)
    return pd.Series(totals, index=index, name="triads", dtype=np.int64 if fits else object)


def _totals(part: Core) -> list[int]:
    if part.n < 3:
        return [0] * 16
    if part.met is not None:
        # Every triple of which all pairs could have met is a triangle, connected or not.
        return [int(number) for number in _triangles(part, orient(part))]
    closed, wedges, pairs = _by_bits(part) if is_dense(part) else _by_triangles(part)
    return completed(part.n, closed, wedges, pairs)


def _by_triangles(part: Core) -> tuple[Counts, Counts, tuple[int, int]]:
    """Return the closed classes, the wedges, and the asymmetric and mutual pairs."""
    from connectome_graph._kernels import triads

    oriented = orient(part)
    closed = _triangles(part, oriented)
    degrees = triads.dyad_degrees(*oriented.rows)
    return closed, triads.wedge_totals(degrees), _pairs(degrees.sum(axis=0))


def _triangles(part: Core, oriented: Oriented) -> Counts:
    """Return the triangles of the rows of a core by class: int64[16]."""
    from connectome_graph._kernels import triads

    by_code = added(
        over_workers(lambda w, of: triads.closed_codes(*oriented.arrays, w, of), part.size)
    )
    totals = np.zeros(16, np.int64)
    np.add.at(totals, code_tables().triad, by_code)
    return totals


def _by_bits(part: Core) -> tuple[Counts, Counts, tuple[int, int]]:
    """Return the same from bit matrices."""
    from connectome_graph._kernels import triads, triads_bits

    kind = np.zeros(part.n, np.int32)
    place, first_word, ordered = triads_bits.bit_places(kind, 1)
    rows = triads_bits.bit_rows(part.pre, part.post, part.n, place, first_word[-1])
    found = triads_bits.closed_by_kind(part.pre, part.post, kind, ordered, place, *rows, first_word)
    closed = np.zeros(16, np.int64)
    for name, many in zip(BIT_CLASSES, found[:, 0, 0, 0].tolist(), strict=True):
        closed[CLASSES.index(name)] = many // 3 if name == "300" else many
    degrees = triads_bits.row_counts(*rows, first_word)[:, :, 0].copy()
    return closed, triads.wedge_totals(degrees), _pairs(degrees.sum(axis=0))


def _pairs(degree_sums: Counts) -> tuple[int, int]:
    """Return the numbers of asymmetric and mutual pairs from the summed dyad degrees."""
    return int(degree_sums[0]), int(degree_sums[2]) // 2


def completed(n: int, closed: Counts, wedges: Counts, pairs: tuple[int, int]) -> list[int]:
    """Return all 16 classes: what is not closed follows from wedges, pairs and triples.

    Python integers, because ``pairs * n`` and ``comb(n, 3)`` may exceed int64.
    """
    totals = [int(number) for number in closed]
    inside = closed @ wedges_in()
    for place, name in enumerate(WEDGE_CLASSES):
        totals[CLASSES.index(name)] = int(wedges[place]) - int(inside[place])
    for row, name in enumerate(("012", "102")):
        taken = sum(
            total * int(many) for total, many in zip(totals, dyad_numbers()[:, row], strict=True)
        )
        totals[CLASSES.index(name)] = pairs[row] * (n - 2) - taken
    totals[0] = comb(n, 3) - sum(totals)
    return totals
