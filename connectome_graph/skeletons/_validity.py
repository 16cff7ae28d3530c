"""What makes a skeleton valid, and the named choices for one that is not.

A valid skeleton is one tree: n - 1 unique edges join its n vertices, and one vertex is the
root. Real reconstructions break that in four ways, and each has a name and a choice:

================  =====================================================================
``duplicate_edges``  the same edge twice, or in both directions, or from a vertex to itself
``disconnected``     pieces that no edge joins to the root's piece
``missing_soma``     no vertex is a soma, so "distance to root" has no agreed origin
cycle                more unique edges than a tree holds; always an error
================  =====================================================================

A duplicated edge is not cosmetic: summed into a sparse matrix, it doubles its own length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from connectome_graph.border.values import array_of
from connectome_graph.errors import InvalidArgument, InvalidTable, choice

__all__ = ["Disconnected", "DuplicateEdges", "MissingSoma", "Validity", "check"]

DuplicateEdges = Literal["raise", "drop"]
Disconnected = Literal["raise", "drop", "missing"]
MissingSoma = Literal["raise", "root", "missing"]

Int = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Validity:
    """The counts that tell a tree from everything else.

    Parameters
    ----------
    n_vertices
        Vertices of the skeleton.
    n_edges
        Unique undirected edges between two different vertices.
    n_duplicate_edges
        Edge rows that repeat an edge, in either direction.
    n_self_edges
        Edge rows from a vertex to itself.
    n_pieces
        Connected pieces; 1 in a tree.
    n_off_root
        Vertices outside the root's piece; with no root, outside the largest piece.
    n_cycles
        Independent cycles, ``n_edges - n_vertices + n_pieces``; 0 in a tree.
    has_root
        Whether a root was given.
    has_soma
        Whether a soma was given.

    Examples
    --------
    >>> check(3, [[1, 0], [2, 1]], root=0, soma=0).is_tree
    True
    >>> check(3, [[1, 0], [0, 1]], root=0, soma=0).problems
    ('1 duplicate edge rows', '2 pieces, 1 vertices outside the one of the root')
    """

    n_vertices: int
    n_edges: int
    n_duplicate_edges: int
    n_self_edges: int
    n_pieces: int
    n_off_root: int
    n_cycles: int
    has_root: bool
    has_soma: bool

    @property
    def is_tree(self) -> bool:
        """Whether the edges, as given, form one tree with a root."""
        repeated = self.n_duplicate_edges + self.n_self_edges
        return self.has_root and self.n_pieces == 1 and self.n_cycles + repeated == 0

    @property
    def problems(self) -> tuple[str, ...]:
        """A phrase for everything that is wrong; empty for a valid skeleton with a soma."""
        whole = "the one of the root" if self.has_root else "the largest"
        apart = f"{self.n_pieces} pieces, {self.n_off_root} vertices outside {whole}"
        found = (
            (self.n_vertices == 0, "no vertices"),
            (self.n_duplicate_edges > 0, f"{self.n_duplicate_edges} duplicate edge rows"),
            (self.n_self_edges > 0, f"{self.n_self_edges} edges from a vertex to itself"),
            (self.n_pieces > 1, apart),
            (self.n_cycles > 0, f"{self.n_cycles} cycles"),
            (not self.has_root, "no root"),
            (not self.has_soma, "no soma"),
        )
        return tuple(phrase for wrong, phrase in found if wrong)


def check(
    n_vertices: int,
    edges: npt.ArrayLike | Sequence[Sequence[int]],
    *,
    root: int | None = None,
    soma: int | None = None,
) -> Validity:
    """Count what is wrong with a skeleton's edges, changing nothing.

    Parameters
    ----------
    n_vertices
        Number of vertices.
    edges
        Integer array of shape ``(n_edges, 2)``: positions of the two vertices, in any order.
    root, soma
        Position of the root and of the soma, None where there is none.

    Raises
    ------
    InvalidTable
        When an edge, the root or the soma names a vertex that does not exist.

    Examples
    --------
    >>> check(3, [[1, 0], [2, 1], [0, 2]], root=0).n_cycles
    1
    """
    pairs = edge_array(edges, n_vertices)
    for name, vertex in (("root", root), ("soma", soma)):
        if vertex is not None and not 0 <= vertex < n_vertices:
            raise InvalidTable(
                f"the {name} is vertex {vertex}; the skeleton has vertices 0 to {n_vertices - 1}"
            )
    unique, n_duplicates, n_selves = unique_edges(pairs)
    n_pieces, label = pieces(n_vertices, unique)
    sizes = np.bincount(label, minlength=1)
    inside = 0 if n_vertices == 0 else sizes[label[root]] if root is not None else sizes.max()
    return Validity(
        n_vertices=n_vertices,
        n_edges=len(unique),
        n_duplicate_edges=n_duplicates,
        n_self_edges=n_selves,
        n_pieces=n_pieces,
        n_off_root=int(n_vertices - inside),
        n_cycles=len(unique) - n_vertices + n_pieces,
        has_root=root is not None,
        has_soma=soma is not None,
    )


def edge_array(edges: npt.ArrayLike | Sequence[Sequence[int]], n_vertices: int) -> Int:
    """Return edges as an int64 array of shape ``(n, 2)``, every entry a vertex position."""
    pairs = array_of(edges, name="edges")
    if pairs.size == 0:
        return np.empty((0, 2), dtype=np.int64)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
        raise InvalidTable(
            f"edges have shape {pairs.shape} and dtype {pairs.dtype}; integer positions of shape "
            "(n_edges, 2) are needed"
        )
    outside = (pairs < 0) | (pairs >= n_vertices)
    if outside.any():
        row = int(np.flatnonzero(outside.any(axis=1))[0])
        raise InvalidTable(
            f"edge {row} joins {pairs[row].tolist()}; the skeleton has vertices 0 to "
            f"{n_vertices - 1}. Edges are positions: translate vertex ids first"
        )
    return pairs.astype(np.int64)


def unique_edges(pairs: Int) -> tuple[Int, int, int]:
    """Return the unique undirected edges, and how many rows repeated one or were loops.

    The first row of each edge is kept as it was, direction and all.
    """
    if len(pairs) == 0:
        return pairs, 0, 0
    loop = pairs[:, 0] == pairs[:, 1]
    kept = pairs[~loop]
    n_vertices = int(pairs.max()) + 1
    key = kept.min(axis=1) * n_vertices + kept.max(axis=1)
    first = np.sort(np.unique(key, return_index=True)[1])
    return kept[first], len(kept) - len(first), int(loop.sum())


def pieces(n_vertices: int, pairs: Int) -> tuple[int, npt.NDArray[np.int32]]:
    """Return the number of connected pieces, and the piece of every vertex."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if n_vertices == 0:
        return 0, np.empty(0, dtype=np.int32)
    ones = np.ones(len(pairs), dtype=np.int8)
    matrix = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(n_vertices, n_vertices))
    count, label = connected_components(matrix.tocsr(), directed=False)
    return int(count), label


def allow(
    validity: Validity,
    *,
    owner: str,
    duplicate_edges: DuplicateEdges,
    disconnected: Disconnected,
) -> None:
    """Raise for what is wrong and has not been chosen away.

    Raises
    ------
    InvalidTable
        With the fault, the counts, and the argument that would accept it.
    InvalidArgument
        When a choice is not one of the known ones.
    """
    choice(duplicate_edges, ("raise", "drop"), name="duplicate_edges")
    choice(disconnected, ("raise", "drop", "missing"), name="disconnected")
    if validity.n_vertices == 0:
        raise InvalidTable(f"{owner} has no vertices; a skeleton needs at least its root")
    if validity.n_cycles:
        raise InvalidTable(
            f"{owner} has {validity.n_cycles} cycles ({validity.n_edges} unique edges among "
            f"{validity.n_vertices} vertices); a path distance needs a tree. Cut the cycles first"
        )
    repeated = validity.n_duplicate_edges + validity.n_self_edges
    if repeated and duplicate_edges == "raise":
        raise InvalidTable(
            f"{owner} has {validity.n_duplicate_edges} duplicate edge rows and "
            f"{validity.n_self_edges} edges from a vertex to itself; a tree has each edge once. "
            "Pass duplicate_edges='drop' to keep one of each"
        )
    if validity.n_pieces > 1 and disconnected == "raise":
        raise InvalidTable(
            f"{owner} is in {validity.n_pieces} pieces; {validity.n_off_root} of its "
            f"{validity.n_vertices} vertices have no path to the root. Pass disconnected='drop' to "
            "keep the piece of the root, or 'missing' to keep them without a distance"
        )


def without_soma(owner: str, missing_soma: MissingSoma) -> str:
    """Return what distances are measured from in a cell without a soma, or raise.

    Raises
    ------
    InvalidTable
        When ``missing_soma="raise"``.
    """
    choice(missing_soma, ("raise", "root", "missing"), name="missing_soma")
    if missing_soma == "raise":
        raise InvalidTable(
            f"{owner} has no soma, so its distances have no agreed origin. Pass "
            "missing_soma='root' to measure from the skeleton's own root, or 'missing' to leave "
            "its distances missing"
        )
    return "root" if missing_soma == "root" else "nothing"


def one_vertex(value: int, n_vertices: int, name: str) -> int:
    """Return a vertex position, or raise when there is no such vertex."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InvalidArgument(f"{name}={value!r} is not a vertex position; an integer is needed")
    if not 0 <= value < n_vertices:
        raise InvalidArgument(f"{name}={value}; the skeleton has vertices 0 to {n_vertices - 1}")
    return int(value)
