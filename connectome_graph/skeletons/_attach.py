"""Join synapses to skeletons: distance to root, compartment, branch order on every synapse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Side
from connectome_graph.errors import InvalidArgument, InvalidTable, UnknownName, choice
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.index import IdTable
from connectome_graph.skeletons._forest import Forest, lay_out
from connectome_graph.skeletons._rows import cells_of_rows
from connectome_graph.skeletons._sites import COORDINATES, nearest_vertices
from connectome_graph.skeletons._skeleton import COMPARTMENTS, Skeleton

__all__ = ["attach"]

#: The ends of synapses that lie on the cells.
Sides = Literal["pre", "post", "both"]
Int = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

_MEASURES = ("distance_to_root_um", "compartment", "branch_order", "strahler")


def attach(
    g: ConnectomeGraph,
    cells: Iterable[Any],
    *,
    side: Sides = "post",
    within_um: float | None = None,
) -> ConnectomeGraph:
    """Return the graph with distance to root, compartment and branch order on its synapses.

    The *distance to root* of a synapse is the length, along the skeleton, of the path from the
    vertex it lies on to the root of its cell (the soma, unless the cell was loaded otherwise).
    Distances of all synapses of all cells are computed at once.

    A synapse finds its vertex by the first of these that works, and never by a guess:

    1. its ``synapse_id``, when the graph and the cell's sites both have one;
    2. its skeleton node, when the graph has a column ``post_node`` (or ``pre_node``);
    3. the vertex nearest to its position (``post_x_um ...`` where the graph has them, else
       ``x_um y_um z_um``), when that lies within `within_um`.

    Parameters
    ----------
    g
        The graph.
    cells
        :class:`Skeleton` objects or ossify cells; each neuron at most once. Cells that are no
        neuron of the graph are left out and counted.
    side
        ``"post"``: where on the receiving neuron the synapse lies; ``"pre"``: where on the
        sending one; ``"both"``.
    within_um
        How far, in micrometres, a synapse may lie from the vertex it is given by position.
        Without it no synapse is attached by position.

    Returns
    -------
    ConnectomeGraph
        With synapse columns ``distance_to_root_um`` (float64), ``compartment`` (soma, axon,
        dendrite, apical, custom), ``branch_order`` and ``strahler`` (Int32), missing where the
        synapse did not attach or its cell was not given; prefixed ``pre_`` for that side.
        Values of synapses on neurons that are not among `cells` stay as they were. How many
        attached, by which way, and why others did not, is in the provenance.

    Raises
    ------
    InvalidArgument
        When a cell is given twice, or nothing could join synapses to these cells.
    UnknownName
        When none of the cells is a neuron of the graph.
    InvalidTable
        When two sites of the same side carry the same synapse id.

    Notes
    -----
    Branch order is centrifugal: 0 at the root, 1 on its stems, one more after each branch point
    (Uylings & Van Pelt 2002). The Strahler number is 1 at tips and grows where two children
    share the largest.

    References
    ----------
    Uylings, Van Pelt (2002). Measures for quantifying dendritic arborizations. Network 13:397.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> from connectome_graph import skeletons
    >>> synapses = pd.DataFrame({"pre": [1, 1], "post": [2, 2], "synapse_id": [11, 12]})
    >>> g = cg.from_tables(synapses, unknown="add")
    >>> sites = pd.DataFrame({"synapse_id": [12, 11], "vertex": [2, 1]})
    >>> cell = skeletons.from_arrays(
    ...     [[0, 0, 0], [0, 3, 0], [4, 3, 0]], [[1, 0], [2, 1]], root=0, root_id=2, inputs=sites
    ... )
    >>> skeletons.attach(g, [cell]).synapses["distance_to_root_um"].tolist()
    [3.0, 7.0]
    """
    choice(side, ("post", "pre", "both"), name="side")
    known, n_absent = known_cells(g, cells)
    forest = lay_out(known)
    sides: tuple[Side, ...] = ("pre", "post") if side == "both" else (side,)
    columns: dict[str, Any] = {}
    facts: dict[str, Any] = {
        "n_cells": len(forest.cells),
        "n_cells_not_in_graph": n_absent,
        "within_um": within_um,
        "measured_from": _counted([cell.measured_from for cell in forest.cells]),
    }
    for one in sides:
        cell_of = cells_of_rows(g, forest.cells, one)
        vertex, counts = _vertices(g, forest, cell_of, side=one, within_um=within_um)
        columns |= _measured(g, forest, vertex, cell_of, side=one)
        facts[one] = counts
    return g.annotate_synapses(
        columns, verb="attach", sentence=_sentence(sides, facts), facts=facts
    )


def _skeletons(cells: Iterable[Any]) -> list[Skeleton]:
    """Return every cell as a Skeleton, ossify cells converted."""
    listed = list(cells.values()) if isinstance(cells, Mapping) else list(cells)
    converted = []
    for cell in listed:
        if isinstance(cell, Skeleton):
            converted.append(cell)
        elif hasattr(cell, "skeleton") and hasattr(cell, "annotations"):
            from connectome_graph.skeletons._ossify_cell import from_ossify

            converted.append(from_ossify(cell))
        else:
            raise InvalidArgument(
                f"cells hold a {type(cell).__name__}; Skeleton objects or ossify cells are needed "
                "(skeletons.load reads them from files)"
            )
    return converted


def known_cells(g: ConnectomeGraph, given: Iterable[Any]) -> tuple[list[Skeleton], int]:
    """Return the cells that are neurons of the graph as skeletons, and how many are not."""
    cells = _skeletons(given)
    ids = pd.Index([cell.root_id for cell in cells], dtype=object)
    if ids.has_duplicates:
        twice = ids[ids.duplicated()][0]
        raise InvalidArgument(f"neuron {twice} is given by more than one cell; give it once")
    inside = ids.isin(pd.Index(g.ids, dtype=object))
    if cells and not inside.any():
        raise UnknownName(
            f"none of the {len(cells)} cells is a neuron of the graph (first: {ids[0]!r}; the "
            f"graph's ids look like {g.ids[0] if len(g.ids) else 'nothing'!r}). Do the cells and "
            "the graph come from the same materialization version?"
        )
    found = [cell for cell, there in zip(cells, inside, strict=True) if there]
    return found, len(cells) - len(found)


def _vertices(
    g: ConnectomeGraph, forest: Forest, cell_of: Codes, *, side: Side, within_um: float | None
) -> tuple[Int, dict[str, int]]:
    """Return each synapse's vertex in the forest (-1: none), and the counts of how it came."""
    counts = {"n_synapse_rows": len(cell_of), "n_on_cells": int((cell_of >= 0).sum())}
    ways: list[tuple[str, Int | None]] = [
        ("by_synapse_id", _by_synapse_id(g, forest, cell_of, side)),
        ("by_node", _by_node(g, forest, cell_of, side)),
    ]
    if within_um is not None:
        open_rows = np.flatnonzero((cell_of >= 0) & _still_open(ways, len(cell_of)))
        points = _positions(g, open_rows, side)
        near = _by_position(points, forest, cell_of, open_rows, within_um=within_um)
        ways.append(("by_position", near))
    if counts["n_on_cells"] and all(found is None for _, found in ways):
        raise InvalidArgument(
            f"nothing joins the synapses to the {side}synaptic cells: the graph and the cells have "
            f"no synapse_id in common, the graph has no column '{side}_node', and within_um= was "
            "not given. Pass within_um= (micrometres) to attach by position"
        )
    vertex = np.full(len(cell_of), -1, dtype=np.int64)
    n_attached = 0
    # The surest way first: a later one only speaks for rows that the earlier left open.
    for name, found in ways:
        if found is not None:
            vertex = np.where(vertex < 0, found, vertex) if n_attached else found
            counts[f"n_{name}"] = int((vertex >= 0).sum()) - n_attached
            n_attached += counts[f"n_{name}"]
    counts["n_unattached"] = int(((cell_of >= 0) & (vertex < 0)).sum())
    pathless = np.isnan(forest.distance)
    # Most forests have none, and asking every synapse costs more than asking every vertex.
    no_path = pathless[vertex] & (vertex >= 0) if pathless.any() else pathless[:0]
    counts["n_without_path_to_root"] = int(no_path.sum())
    return vertex, counts


def _still_open(ways: list[tuple[str, Int | None]], n_rows: int) -> npt.NDArray[np.bool_]:
    still = np.ones(n_rows, dtype=bool)
    for _, found in ways:
        if found is not None:
            still &= found < 0
    return still


def _by_synapse_id(g: ConnectomeGraph, forest: Forest, cell_of: Codes, side: Side) -> Int | None:
    """Return vertices joined by synapse id; a site on another cell than the graph says is none."""
    if "synapse_id" not in g.synapse_columns:
        return None
    wanted = g.synapse_column("synapse_id")
    tables = [cell.sites[side] for cell in forest.cells]
    if not any("synapse_id" in table for table in tables):
        return None
    ids, at = [], []
    for cell, table, first in zip(forest.cells, tables, forest.start, strict=False):
        if "synapse_id" in table and len(table):
            ids.append(_exact_ids(table["synapse_id"], wanted.dtype, cell))
            vertex = table["vertex"].to_numpy()
            at.append(np.where(vertex < 0, -1, vertex + first))
    if not ids:
        return np.full(len(cell_of), -1, dtype=np.int64)
    keys, places = np.concatenate(ids), np.concatenate(at)
    site, repeat = _places_of(np.asarray(wanted), keys)
    if repeat is not None:
        raise InvalidTable(
            f"synapse id {keys[repeat]} occurs at more than one {side}synaptic site; a synapse has "
            "one. A reference table with two tags for a synapse repeats its row: keep one"
        )
    # One entry more, so that "not found" (-1, the last place) reads as "no vertex" without a mask.
    place = np.append(places, -1)[site]
    # Rows on no cell have cell_of -1 and read some other cell's bounds here; the last term drops
    # them. A site that another cell claims is no site of this one.
    agrees = (place >= forest.start[cell_of]) & (place < forest.start[cell_of + 1]) & (cell_of >= 0)
    return place if agrees.all() else np.where(agrees, place, -1)


def _exact_ids(values: pd.Series, kind: np.dtype[Any], cell: Skeleton) -> npt.NDArray[Any]:
    """Return a cell's synapse ids in the graph's kind, never by way of a float."""
    if isinstance(values.dtype, np.dtype) and values.dtype == kind and kind == np.int64:
        return values.to_numpy()
    integers = pd.api.types.is_integer_dtype(values.dtype) and not values.isna().any()
    if kind.kind == "O":
        if integers or pd.api.types.is_float_dtype(values.dtype):
            raise InvalidTable(
                f"synapse ids of skeleton {cell.root_id} are {values.dtype} and the graph's are "
                "text; convert one of them"
            )
        return values.to_numpy(dtype=object)
    if not integers:
        raise InvalidTable(
            f"synapse ids of skeleton {cell.root_id} are {values.dtype} with "
            f"{int(values.isna().sum())} missing; the graph's are int64. Give them as integers"
        )
    return values.to_numpy(dtype=np.int64)


def _by_node(g: ConnectomeGraph, forest: Forest, cell_of: Codes, side: Side) -> Int | None:
    """Return vertices joined by the skeleton node that the synapse table names."""
    if f"{side}_node" not in g.synapse_columns:
        return None
    # Through Int64, so that a gap in the column does not send its ids through a float.
    nodes = np.asarray(pd.array(g.synapse_column(f"{side}_node"), dtype="Int64").to_numpy(
        dtype=np.int64, na_value=np.iinfo(np.int64).min
    ))  # fmt: skip
    found = np.full(len(cell_of), -1, dtype=np.int64)
    for number, part in _grouped(cell_of, np.arange(len(cell_of))):
        at, _ = _places_of(nodes[part], forest.cells[number].node_id)
        found[part] = np.where(at < 0, -1, at + forest.start[number])
    return found


def _positions(g: ConnectomeGraph, rows: Int, side: Side) -> npt.NDArray[np.float64]:
    """Return the positions of synapse rows on one side, in um."""
    own = [f"{side}_{name}" for name in COORDINATES]
    names = own if set(own) <= set(g.synapse_columns) else list(COORDINATES)
    absent = [name for name in names if name not in g.synapse_columns]
    if absent:
        raise InvalidArgument(
            "within_um= asks to attach by position, and the synapses have no "
            f"{', '.join(absent)}; build the graph with positions, or leave within_um out"
        )
    return np.column_stack([np.asarray(g.synapse_column(name), float)[rows] for name in names])


def _by_position(
    points: npt.NDArray[np.float64], forest: Forest, cell_of: Codes, rows: Int, *, within_um: float
) -> Int:
    """Return the vertices nearest to the given rows' positions, within a distance."""
    found = np.full(len(cell_of), -1, dtype=np.int64)
    for number, part in _grouped(cell_of[rows], np.arange(len(rows))):
        cell = forest.cells[number]
        near = nearest_vertices(points[part], cell.vertices, within_um=within_um)
        found[rows[part]] = np.where(near < 0, -1, near + forest.start[number])
    return found


def _grouped(group: Codes, rows: Int) -> Iterable[tuple[int, Int]]:
    """Yield each non-negative group and its rows."""
    if len(group) == 0:
        return
    order = np.argsort(group, kind="stable")
    numbers, first = np.unique(group[order], return_index=True)
    for number, part in zip(numbers, np.split(rows[order], first[1:]), strict=True):
        if number >= 0:
            yield int(number), part


def _measured(
    g: ConnectomeGraph, forest: Forest, vertex: Int, cell_of: Codes, *, side: Side
) -> dict[str, Any]:
    """Return the columns of one side; rows of other cells keep what the graph already has."""
    nowhere = vertex < 0
    names = np.full(256, None, dtype=object)
    for code, name in COMPARTMENTS.items():
        names[code] = name
    values: dict[str, Any] = {
        "distance_to_root_um": _at(forest.distance, vertex, nowhere, np.nan),
        # As unsigned bytes, a code of any value indexes the table of names.
        "compartment": names[_at(forest.compartment.view(np.uint8), vertex, nowhere, 0)],
    }
    for name, measure in (("branch_order", forest.branch_order), ("strahler", forest.strahler)):
        number = _at(measure, vertex, nowhere, -1)
        values[name] = pd.arrays.IntegerArray(number, number < 0)
    prefix = "pre_" if side == "pre" else ""
    elsewhere = cell_of < 0
    columns = {prefix + name: value for name, value in values.items()}
    for name, value in columns.items():
        if name in g.synapse_columns and elsewhere.any():
            old = pd.Series(g.synapse_column(name)).where(elsewhere, pd.Series(value))
            columns[name] = old.astype(getattr(value, "dtype", object)).array
    return columns


def _at(
    measure: npt.NDArray[Any], vertex: Int, nowhere: npt.NDArray[np.bool_], missing: float
) -> npt.NDArray[Any]:
    """Return a measure of vertices at every row, `missing` where the row lies on none."""
    if not len(measure):
        return np.full(len(vertex), missing, dtype=measure.dtype)
    # -1 reads the last vertex: cheaper than selecting, and overwritten at once.
    values = measure[vertex]
    values[nowhere] = missing
    return values


def _counted(values: list[str]) -> dict[str, int]:
    return {value: values.count(value) for value in sorted(set(values))}


def _sentence(sides: tuple[Side, ...], facts: Mapping[str, Any]) -> str:
    noun = "skeleton" if facts["n_cells"] == 1 else "skeletons"
    parts = []
    for side in sides:
        count = facts[side]
        attached = count["n_on_cells"] - count["n_unattached"]
        parts.append(
            f"{attached:,} of {count['n_on_cells']:,} {side}synaptic sites on "
            f"{facts['n_cells']:,} {noun} were attached, {count['n_without_path_to_root']:,} of "
            "them without a known path to the root"
        )
    return "; ".join(parts) + "."


def _places_of(
    wanted: npt.NDArray[Any], keys: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.int32], int | None]:
    """Return the place of each wanted id among the keys, and the place of a repeated key.

    Parameters
    ----------
    wanted, keys
        Both int64, or both object arrays of str.

    Returns
    -------
    places : ndarray of int32
        -1 where the id is no key.
    repeat : int or None
        Place of a key that was there before, None when all are different.

    Examples
    --------
    >>> import numpy as np
    >>> ids = np.array([864691135000000001, 864691135000000003])
    >>> _places_of(np.array([864691135000000003, 864691135000000002]), ids)
    (array([ 1, -1], dtype=int32), None)
    """
    if wanted.dtype == np.int64 and keys.dtype == np.int64 and keys.all():
        table = IdTable(np.array(keys))  # a copy: a type that can be written, to numba
        return table.encode(wanted), table.repeat
    index = pd.Index(keys)
    repeated = np.flatnonzero(index.duplicated())
    if len(repeated):
        return np.full(len(wanted), -1, dtype=np.int32), int(repeated[0])
    return index.get_indexer(pd.Index(wanted)).astype(np.int32), None
