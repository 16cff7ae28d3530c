"""ossify cells to skeletons: every trap of the border is handled here, once.

ossify counts in nanometres and knows vertices both by index and by position; after masking
the two differ. This file reads positions through ``edges_positional`` and maps synapses in
index space with ``missing=-1``, so one synapse without a place does not lose the others.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import shown
from connectome_graph.errors import InvalidArgument, InvalidTable, UnreadableFile, did_you_mean
from connectome_graph.skeletons._skeleton import Skeleton, from_arrays
from connectome_graph.skeletons._validity import Disconnected, DuplicateEdges, MissingSoma
from connectome_graph.sources.osy import read_osy

__all__ = ["from_ossify", "load_osy"]

_NAMES = {"pre_pt_root_id": "pre", "post_pt_root_id": "post", "tag": "target"}
_POSITION = re.compile(r"(pre|post|ctr)_pt_position_([xyz])")


def load_osy(
    path: str | Path,
    *,
    root_id: int | str | None = None,
    units: Literal["um", "nm"] = "nm",
    duplicate_edges: DuplicateEdges = "raise",
    disconnected: Disconnected = "raise",
    missing_soma: MissingSoma = "raise",
) -> Skeleton:
    """Return the skeleton and synapse sites of an ossify ``.osy`` file; ossify is not needed.

    Parameters
    ----------
    path
        The file.
    root_id
        The neuron's id; by default the cell's own name.
    units
        Unit of the file. CAVE's cells are in nanometres.
    duplicate_edges, disconnected, missing_soma
        As for :func:`connectome_graph.skeletons.from_arrays`.

    Raises
    ------
    UnreadableFile
        When the file is missing, truncated, or not an ossify cell.
    MissingDependency
        When its file version is neither 1 nor 2, and ossify is not installed to read it.
    InvalidTable
        When the skeleton is not a tree with a soma, and no choice covers the fault.
    """
    path = Path(path)
    if not path.is_file():
        raise UnreadableFile(f"{path} does not exist; a path to an .osy file is needed")
    cell = read_osy(path)
    return from_ossify(
        cell,
        root_id=root_id,
        units=units,
        duplicate_edges=duplicate_edges,
        disconnected=disconnected,
        missing_soma=missing_soma,
    )


def from_ossify(
    cell: Any,
    *,
    root_id: int | str | None = None,
    units: Literal["um", "nm"] = "nm",
    compartment: str = "compartment",
    radius: str = "radius",
    outputs: str = "pre_syn",
    inputs: str = "post_syn",
    duplicate_edges: DuplicateEdges = "raise",
    disconnected: Disconnected = "raise",
    missing_soma: MissingSoma = "raise",
) -> Skeleton:
    """Return an ossify cell as a :class:`Skeleton`, nanometres turned into micrometres.

    Parameters
    ----------
    cell
        An ``ossify.Cell`` with a skeleton; whole, not masked (mask the result instead).
    root_id
        The neuron's id; by default the cell's name.
    units
        Unit of the cell. CAVE's cells are in nanometres.
    compartment, radius
        Names of the skeleton features that hold SWC codes and radii; where the cell has no such
        feature, compartments are unknown and radii missing. Without compartments the cell's
        root is taken for its soma.
    outputs, inputs
        Names of the point annotations with the cell's output and input synapses; where the cell
        has none of that name it has no such sites.
    duplicate_edges, disconnected, missing_soma
        As for :func:`connectome_graph.skeletons.from_arrays`.

    Returns
    -------
    Skeleton
        Its ``node_id`` is ossify's vertex index; its sites carry ``synapse_id``, positions of
        the annotation (``x_um``) and of both partners (``pre_x_um``, ``post_x_um``) where they
        are there, and the annotation's other columns. Sites that ossify maps to no vertex have
        ``vertex`` -1.

    Raises
    ------
    InvalidTable
        When the cell has no skeleton, or one that is not a tree and no choice covers it.
    """
    if isinstance(cell, type) or not (hasattr(cell, "skeleton") and hasattr(cell, "name")):
        raise InvalidArgument(
            f"cell={shown(cell)}; it must be a cell of ossify, such as "
            "ossify.load_cell('864691135336055529.osy') gives"
        )
    skeleton = cell.skeleton
    name = cell.name if root_id is None else root_id
    if skeleton is None:
        raise InvalidTable(f"ossify cell {name} has no skeleton; load it with one")
    root = skeleton.root_positional
    if root is None:
        raise InvalidTable(
            f"the skeleton of ossify cell {name} does not hold its root; convert the whole cell "
            "and mask the result with skeletons.mask"
        )
    scale = 1e-3 if units == "nm" else 1.0
    features = list(skeleton.feature_names)
    return from_arrays(
        np.asarray(skeleton.vertices, dtype=np.float64),
        np.asarray(skeleton.edges_positional, dtype=np.int64),
        root_id=name,
        root=int(root),
        units=units,
        radius=_feature(skeleton, radius, features),
        compartment=_feature(skeleton, compartment, features),
        node_id=_exact(skeleton.vertex_index),
        duplicate_edges=duplicate_edges,
        disconnected=disconnected,
        missing_soma=missing_soma,
        inputs=_annotation(cell, inputs, skeleton, scale),
        outputs=_annotation(cell, outputs, skeleton, scale),
    )


def _feature(skeleton: Any, name: str, features: list[str]) -> npt.NDArray[Any] | None:
    if name in features:
        return np.asarray(skeleton.get_feature(name))
    close = did_you_mean(name, features)
    if close:
        raise InvalidTable(f"the skeleton has no feature {name!r}.{close}")
    return None


def _annotation(cell: Any, name: str, skeleton: Any, scale: float) -> pd.DataFrame | None:
    """Return an annotation as a site table in um, or None when the cell has none of that name."""
    if name not in cell.annotations.names:
        return None
    points = cell.annotations[name]
    table = points.nodes.reset_index(drop=True)
    position = np.asarray(points.vertices, dtype=np.float64) * scale
    sites = pd.DataFrame({"synapse_id": _exact(points.vertex_index)})
    sites["vertex"] = _vertex_positions(points, skeleton)
    for axis, values in zip("xyz", position.T, strict=True):
        sites[f"{axis}_um"] = values
    for column in table.columns:
        found = _POSITION.fullmatch(str(column))
        if column in points.spatial_columns or (found and found[1] == "ctr"):
            continue
        if found:
            sites[f"{found[1]}_{found[2]}_um"] = table[column].to_numpy(dtype=np.float64) * scale
        else:
            sites[_NAMES.get(str(column), str(column))] = table[column].array
    repeated = int(sites["synapse_id"].duplicated().sum())
    if repeated:
        raise InvalidTable(
            f"{repeated} rows of {name} of ossify cell {cell.name} repeat a synapse id; a "
            "reference table with two tags for a synapse repeats its row: keep one tag a synapse"
        )
    return sites


def _vertex_positions(points: Any, skeleton: Any) -> npt.NDArray[np.int64]:
    """Return the position of the skeleton vertex under each point, -1 where there is none."""
    index = pd.Index(_exact(skeleton.vertex_index))
    if len(points.vertex_index) == 0:
        return np.empty(0, dtype=np.int64)
    try:
        named = points.map_index_to_layer("skeleton", missing=-1)
    except Exception as error:  # a cell whose annotation was never linked to its skeleton
        raise InvalidTable(
            f"the annotation {points.name!r} is not linked to the skeleton ({error}); give it a "
            "linkage when it is added to the cell"
        ) from error
    # Whether the vertex exists is looked up here: ossify's own coverage counts dangling links.
    return index.get_indexer(pd.Index(_exact(named))).astype(np.int64)


def _exact(values: Any) -> npt.NDArray[np.int64]:
    """Return ids as int64 without passing a float; uint64 beyond int64 is refused."""
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise InvalidTable(
            f"ids of an ossify layer have dtype {array.dtype}; integers are needed, for a float "
            "does not hold 18 digits"
        )
    if array.dtype.kind == "u" and len(array) and array.max() > np.iinfo(np.int64).max:
        raise InvalidTable(f"an id of an ossify layer ({array.max()}) does not fit int64")
    return array.astype(np.int64)
