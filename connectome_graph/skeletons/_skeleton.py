"""A neuron's skeleton: a rooted tree of points in micrometres, with its synapse sites.

:class:`Skeleton` is a handful of arrays. Whatever the source (an ossify cell, an SWC file, a
larval JSON, plain arrays), it is made by :func:`from_arrays`, which checks it once; everything
after that trusts it and works without the library it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.values import array_of, numbers_of
from connectome_graph.errors import InvalidArgument, InvalidTable, choice
from connectome_graph.skeletons import _validity as rules
from connectome_graph.skeletons._sites import site_table
from connectome_graph.skeletons._validity import Disconnected, DuplicateEdges, MissingSoma

__all__ = ["COMPARTMENTS", "Skeleton", "compartment_code", "from_arrays"]

#: SWC codes and their names. Code 0 means "not known" and becomes a missing value.
COMPARTMENTS: Mapping[int, str] = MappingProxyType(
    {1: "soma", 2: "axon", 3: "dendrite", 4: "apical", 5: "custom"}
)

Origin = Literal["soma", "root", "nothing"]
Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

_ORIGINS = {"soma": "the soma", "root": "its root, not a soma", "nothing": "nothing"}


@dataclass(frozen=True, eq=False, repr=False)
class Skeleton:
    """One neuron as a rooted tree. Immutable: its arrays are read-only. Lengths in um.

    Make one with :func:`from_arrays` or :func:`connectome_graph.skeletons.load`.

    Parameters
    ----------
    root_id
        The neuron: an int or a str, the id it has in a graph's neuron table.
    vertices
        float64, shape ``(n, 3)``: x, y, z in micrometres.
    parent
        int64, shape ``(n,)``: position of each vertex's parent, -1 where there is none.
    origin_um
        float64, shape ``(n,)``, read where a vertex has no parent: its own path distance to the
        root. 0 at the root, the distance before the cut in a masked cell, NaN where no path to
        the root is known.
    measured_from
        ``"soma"`` when the root is the soma; ``"root"`` when it is not and distances were asked
        for all the same; ``"nothing"`` when distances are to stay missing.
    radius
        float64, shape ``(n,)``, micrometres; NaN where not known.
    compartment
        int8, shape ``(n,)``: SWC codes, see :data:`COMPARTMENTS`.
    node_id
        int64, shape ``(n,)``: the vertex's name in its source (SWC sample, CATMAID node). It
        stays with the vertex when others are masked away; a position does not.
    sites
        Synapse sites under ``"pre"`` (the cell's outputs) and ``"post"`` (its inputs), each a
        table with ``vertex`` (position, -1 where the site lies on no vertex) and, where known,
        ``synapse_id``, ``x_um y_um z_um``, ``size`` and the source's other columns.

    Examples
    --------
    >>> from_arrays([[0, 0, 0], [0, 3, 0], [4, 3, 0]], [[1, 0], [2, 1]], root=0, root_id=7)
    <Skeleton 7: 3 vertices, 7.0 um of cable, 0 outputs, 0 inputs; measured from the soma>
    """

    root_id: int | str
    vertices: Float
    parent: Int
    origin_um: Float
    measured_from: Origin
    radius: Float
    compartment: npt.NDArray[np.int8]
    node_id: Int
    sites: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def n_vertices(self) -> int:
        """Number of vertices."""
        return len(self.parent)

    @property
    def root(self) -> int | None:
        """Position of the root, or None where it was masked away."""
        at = np.flatnonzero((self.parent < 0) & (self.origin_um == 0))
        return int(at[0]) if len(at) else None

    @property
    def inputs(self) -> pd.DataFrame:
        """The synapses the cell receives: a copy of the ``"post"`` sites."""
        return self.sites["post"].copy()

    @property
    def outputs(self) -> pd.DataFrame:
        """The synapses the cell makes: a copy of the ``"pre"`` sites."""
        return self.sites["pre"].copy()

    @cached_property
    def edge_length_um(self) -> Float:
        """float64, shape ``(n,)``: length of the edge to the parent; 0 without a parent."""
        step = self.vertices - self.vertices[self.parent]
        step[self.parent < 0] = 0.0
        return frozen(np.sqrt((step * step).sum(axis=1)))

    @cached_property
    def distance_to_root_um(self) -> Float:
        """float64, shape ``(n,)``: path length to the root; NaN where no path is known."""
        from connectome_graph._kernels import trees

        # Copies, because numba compiles anew for read-only arrays.
        parent = self.parent.copy()
        order = trees.outward_order(parent)
        length, origin = self.edge_length_um.copy(), self.origin_um.copy()
        return frozen(trees.path_distance(parent, order, length, origin))

    def __repr__(self) -> str:
        return (
            f"<Skeleton {self.root_id}: {self.n_vertices:,} vertices, "
            f"{self.edge_length_um.sum():,.1f} um of cable, {len(self.sites['pre']):,} outputs, "
            f"{len(self.sites['post']):,} inputs; measured from {_ORIGINS[self.measured_from]}>"
        )


def from_arrays(  # noqa: PLR0913
    vertices: npt.ArrayLike,
    edges: npt.ArrayLike | Sequence[Sequence[int]],
    *,
    root_id: int | str,
    root: int | None = None,
    soma: int | Literal["by compartment"] | None = "by compartment",
    units: Literal["um", "nm"] = "um",
    radius: npt.ArrayLike | None = None,
    compartment: npt.ArrayLike | None = None,
    node_id: npt.ArrayLike | None = None,
    inputs: pd.DataFrame | None = None,
    outputs: pd.DataFrame | None = None,
    within_um: float | None = None,
    duplicate_edges: DuplicateEdges = "raise",
    disconnected: Disconnected = "raise",
    missing_soma: MissingSoma = "raise",
) -> Skeleton:
    """Return a skeleton from arrays of vertices and edges, checked to be one rooted tree.

    Parameters
    ----------
    vertices
        Shape ``(n, 3)``: positions, in `units`.
    edges
        Shape ``(n - 1, 2)``: positions of two vertices, in either order; the tree is seen from
        the root outwards.
    root_id
        The neuron's id: an int (never a float) or a str.
    root
        Position of the root. Without it the root is the soma, and without a soma the one
        vertex that is never first in a (child, parent) edge.
    soma
        Position of the soma, or None where there is none. ``"by compartment"``: a vertex with
        code 1; with no compartments at all, the `root` that was given.
    units
        Unit of `vertices` and `radius`: ``"um"`` or ``"nm"``. Site tables are in um already.
    radius, compartment, node_id
        One value a vertex: radius in `units`, SWC code, the vertex's name in its source.
    inputs, outputs
        Synapse sites: a column ``vertex`` (position, -1 where unattached), or ``x_um y_um
        z_um``, to be given the nearest vertex.
    within_um
        How far from a site its nearest vertex may be; needed for sites without ``vertex``.
    duplicate_edges
        ``"raise"``, or ``"drop"`` to keep one of each edge.
    disconnected
        ``"raise"``, ``"drop"`` to keep the root's piece, ``"missing"`` to keep every vertex and
        leave distances missing outside it.
    missing_soma
        ``"raise"``, ``"root"`` to measure from the root all the same, ``"missing"`` to leave
        the distances of the whole cell missing.

    Returns
    -------
    Skeleton

    Raises
    ------
    InvalidTable
        When the arrays are no tree and no choice covers the fault, or lengths do not agree.
    InvalidArgument
        When an argument is not one of its choices.

    Examples
    --------
    >>> square = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [9, 9, 9]]
    >>> cell = from_arrays(square, [[1, 0], [1, 2]], root=0, root_id="A", disconnected="drop")
    >>> cell.parent
    array([-1,  0,  1])
    """
    owner = f"skeleton {root_id}"
    scale = 1.0 if choice(units, ("um", "nm"), name="units") == "um" else 1e-3
    points = _points(vertices, owner) * scale
    n = len(points)
    codes = _per_vertex(compartment, n, "compartment", owner=owner, fill=0).astype(np.int8)
    thickness = _per_vertex(radius, n, "radius", owner=owner, fill=np.nan) * scale
    pairs = rules.edge_array(edges, n)
    soma_at = _soma(soma, root, None if compartment is None else codes)
    top = _root(root, soma_at, pairs, n)
    report = rules.check(n, pairs, root=top, soma=soma_at)
    rules.allow(report, owner=owner, duplicate_edges=duplicate_edges, disconnected=disconnected)
    if top is None:
        raise InvalidTable(
            f"{owner} has no root: root= was not given, no vertex is a soma, and not exactly one "
            "vertex is without a parent. Pass root="
        )
    sites = {
        side: site_table(table, vertices=points, within_um=within_um, owner=f"{name} of {owner}")
        for side, name, table in (("pre", "outputs", outputs), ("post", "inputs", inputs))
    }
    measured_from = (
        rules.without_soma(owner, missing_soma) if soma_at is None
        else "soma" if soma_at == top else "root"
    )  # fmt: skip
    parent, origin = _grown(rules.unique_edges(pairs)[0], top, n)
    origin[top] = np.nan if measured_from == "nothing" else 0.0
    cell = Skeleton(
        root_id=_root_id(root_id),
        vertices=frozen(points),
        parent=frozen(parent),
        origin_um=frozen(origin),
        measured_from=measured_from,  # type: ignore[arg-type]
        radius=frozen(thickness),
        compartment=frozen(codes),
        node_id=frozen(_node_ids(node_id, n, owner)),
        sites=MappingProxyType(sites),
    )
    return kept(cell, _below(parent, top), lost="detach") if disconnected == "drop" else cell


def kept(
    cell: Skeleton, keep: npt.NDArray[np.bool_], *, lost: Literal["drop", "detach"] = "drop"
) -> Skeleton:
    """Return the cell with only the vertices of a mask; path distances stay what they were.

    A vertex whose parent goes becomes the top of its own piece, at the distance it had. Sites
    that lie on no kept vertex are dropped, or kept without a vertex (``lost="detach"``).
    """
    place = np.where(keep, np.cumsum(keep) - 1, -1)
    parent = cell.parent[keep]
    parent = np.where(parent < 0, -1, place[parent])
    sites = {}
    for side, table in cell.sites.items():
        vertex = table["vertex"].to_numpy()
        moved = np.where(vertex < 0, -1, place[vertex]) if len(vertex) else vertex
        stays = (moved >= 0) | (lost == "detach")
        sites[side] = table.assign(vertex=moved).loc[stays].reset_index(drop=True)
    return Skeleton(
        root_id=cell.root_id,
        vertices=frozen(cell.vertices[keep]),
        parent=frozen(parent),
        origin_um=frozen(np.where(parent < 0, cell.distance_to_root_um[keep], np.nan)),
        measured_from=cell.measured_from,
        radius=frozen(cell.radius[keep]),
        compartment=frozen(cell.compartment[keep]),
        node_id=frozen(cell.node_id[keep]),
        sites=MappingProxyType(sites),
    )


def compartment_code(name: str) -> int:
    """Return the SWC code of a compartment's name.

    Raises
    ------
    InvalidArgument
        When the name is not one of :data:`COMPARTMENTS`.

    Examples
    --------
    >>> compartment_code("dendrite")
    3
    """
    codes = {label: code for code, label in COMPARTMENTS.items()}
    return codes[choice(name, codes, name="compartment")]


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array, contiguous and read-only."""
    fresh = np.ascontiguousarray(array)
    fresh.flags.writeable = False
    return fresh


def _grown(pairs: Int, top: int, n: int) -> tuple[Int, Float]:
    """Return the parent array seen from `top`, and an all-missing origin."""
    from connectome_graph._kernels import trees

    ends = np.ascontiguousarray(pairs.T)
    return trees.orient(n, ends[0], ends[1], top), np.full(n, np.nan)


def _below(parent: Int, top: int) -> npt.NDArray[np.bool_]:
    from connectome_graph._kernels import trees

    return np.asarray(trees.descends(parent, trees.outward_order(parent), top), dtype=np.bool_)


def _soma(
    soma: int | str | None, root: int | None, codes: npt.NDArray[np.int8] | None
) -> int | None:
    if isinstance(soma, str):
        if soma != "by compartment":
            raise InvalidArgument(
                f"soma={soma!r}; pass a vertex position, None, or 'by compartment'"
            )
        if codes is None:
            return root
        found = np.flatnonzero(codes == 1)
        return root if root in found else int(found[0]) if len(found) else None
    return None if soma is None else int(soma)


def _root(root: int | None, soma: int | None, pairs: Int, n: int) -> int | None:
    if root is not None:
        return int(root)
    if soma is not None:
        return soma
    tops = np.setdiff1d(np.arange(n), pairs[:, 0])
    return int(tops[0]) if len(tops) == 1 else None


def _points(vertices: npt.ArrayLike, owner: str) -> Float:
    points = numbers_of(vertices, name="vertices").copy()
    if points.size == 0:
        points = points.reshape(0, 3)
    if points.ndim != 2 or points.shape[1] != 3:
        raise InvalidTable(f"vertices of {owner} have shape {points.shape}; (n, 3) is needed")
    lost = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(lost):
        raise InvalidTable(
            f"{len(lost)} vertices of {owner} have no finite position (first: vertex {lost[0]}, "
            f"{points[lost[0]].tolist()}); leave them out, with their edges"
        )
    return points


def _per_vertex(
    values: npt.ArrayLike | None, n: int, name: str, *, owner: str, fill: float
) -> npt.NDArray[Any]:
    array = np.full(n, fill) if values is None else array_of(values, name=name)
    if array.shape != (n,) or array.dtype.kind not in "iufb":
        raise InvalidTable(
            f"{name} of {owner} has shape {array.shape} and dtype {array.dtype}; {n} numbers are "
            "needed, one per vertex"
        )
    return array


def _node_ids(values: npt.ArrayLike | None, n: int, owner: str) -> Int:
    if values is None:
        return np.arange(n, dtype=np.int64)
    array = array_of(values, name="node_id")
    if array.shape != (n,) or array.dtype.kind not in "iu":
        raise InvalidTable(
            f"node_id of {owner} has shape {array.shape} and dtype {array.dtype}; {n} integers "
            "are needed, one per vertex"
        )
    if len(np.unique(array)) < n:
        raise InvalidTable(f"node_id of {owner} repeats; each vertex needs its own")
    return array.astype(np.int64)


def _root_id(value: object) -> int | str:
    """Return the neuron's id as an int or a str; a float may already have lost its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, np.integer):
        return int(value)
    raise InvalidArgument(
        f"root_id={value!r} is a {type(value).__name__}; an int or a str is needed, for a float "
        "does not hold 18 digits"
    )
