"""A neuroglancer state of a graph's neurons and synapses, as JSON. Every id is a string.

JavaScript reads numbers as doubles: an 18-digit id written as a number opens another neuron.
"""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.values import numbers_of
from connectome_graph.errors import InvalidArgument, choice, require
from connectome_graph.graph.graph import ConnectomeGraph
from connectome_graph.model.selection import Selection

__all__ = ["neuroglancer_url", "to_neuroglancer"]

_COLORS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb")
_COORDINATES = ("x_um", "y_um", "z_um")


@dataclass(frozen=True, eq=False)
class _Scene:
    """What a state shows: sources, segments with colours, and points in voxels."""

    segmentation: str
    image: str | None
    segments: list[str]
    colors: dict[str, str]
    points: pd.DataFrame | None
    scale: npt.NDArray[np.float64]


def to_neuroglancer(
    g: ConnectomeGraph,
    *,
    segmentation: str,
    neurons: Selection | None = None,
    synapses: str | npt.ArrayLike | None = None,
    image: str | None = None,
    color_by: str | None = None,
    resolution_nm: tuple[float, float, float] = (4.0, 4.0, 40.0),
    most_synapses: int = 20_000,
    using: Literal["json", "nglui"] = "json",
) -> dict[str, Any]:
    """Return a neuroglancer state that shows neurons, and synapses on them as points.

    Parameters
    ----------
    g
        The graph. Its root ids must be numbers, as ints or digits.
    segmentation
        Source of the segmentation, such as ``"precomputed://..."`` or ``"graphene://..."``.
    neurons
        The neurons shown: a query, a mask, or ids; None for all of the graph.
    synapses
        The synapses shown among those that touch the neurons: a query over the synapse columns,
        a mask, or None for no synapse layer. ``"pre == pre"`` takes them all.
    image
        Source of the image, or None for none.
    color_by
        Neuron column that gives each of its values a colour.
    resolution_nm
        Nanometres per voxel of the viewer.
    most_synapses
        A state with more points than this is refused: viewers and addresses cannot hold them.
    using
        ``"json"`` needs nothing; ``"nglui"`` builds the state with nglui (the ``viewer`` extra).

    Returns
    -------
    dict
        JSON-able; ids of segments and annotations are strings throughout.

    Raises
    ------
    InvalidArgument
        When ids are no numbers, synapses have no positions, or there are too many.
    MissingDependency
        With ``using="nglui"`` when it is not installed.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> table = pd.DataFrame({"pre": [864691135000000001], "post": [864691135000000003]})
    >>> g = cg.from_tables(table, unknown="add")
    >>> state = to_neuroglancer(g, segmentation="precomputed://somewhere")
    >>> state["layers"][0]["segments"]
    ['864691135000000001', '864691135000000003']
    """
    choice(using, ("json", "nglui"), name="using")
    scale = numbers_of(resolution_nm, name="resolution_nm")
    if scale.shape != (3,) or not (scale > 0).all():
        raise InvalidArgument(f"resolution_nm={resolution_nm!r}; three positive numbers are needed")
    at = np.arange(g.n_neurons) if neurons is None else g.positions(neurons)
    segments = _digits(g.ids[at])
    colors = {} if color_by is None else _colors(g, at, segments, color_by)
    points = None if synapses is None else _points(g, at, synapses, scale, most_synapses)
    scene = _Scene(segmentation, image, segments, colors, points, scale)
    return _with_nglui(scene) if using == "nglui" else _plain_state(scene)


def neuroglancer_url(
    state: Mapping[str, Any], *, viewer: str = "https://spelunker.cave-explorer.org"
) -> str:
    """Return the address that opens a state in a viewer; the state is in the address itself.

    Examples
    --------
    >>> neuroglancer_url({"layers": []}, viewer="https://viewer.example")
    'https://viewer.example/#!%7B%22layers%22%3A%5B%5D%7D'
    """
    text = json.dumps(state, separators=(",", ":"))
    return f"{viewer.rstrip('/')}/#!{urllib.parse.quote(text, safe='')}"


def _digits(ids: npt.NDArray[Any]) -> list[str]:
    """Return ids as strings of digits, which is what a viewer calls a segment."""
    texts = [str(value) for value in ids]
    wrong = next((text for text in texts if not text.isdecimal()), None)
    if wrong is not None:
        raise InvalidArgument(
            f"root id {wrong!r} is no number; a viewer knows segments by number. Give the graph "
            "the segmentation's own ids"
        )
    return texts


def _colors(
    g: ConnectomeGraph, at: npt.NDArray[np.int64], segments: list[str], column: str
) -> dict[str, str]:
    codes = g.labels(column).at(at).codes
    return {
        segment: _COLORS[code % len(_COLORS)]
        for segment, code in zip(segments, codes, strict=True)
        if code >= 0
    }


def _points(
    g: ConnectomeGraph,
    at: npt.NDArray[np.int64],
    synapses: str | npt.ArrayLike,
    scale: npt.NDArray[np.float64],
    most: int,
) -> pd.DataFrame:
    """Return id, position in voxels, and both partners of every synapse shown, as text."""
    shown = g.filter_synapses(synapses)
    absent = [name for name in _COORDINATES if name not in shown.synapse_columns]
    if absent:
        raise InvalidArgument(
            f"the synapses have no {', '.join(absent)}; build the graph with positions to show "
            "synapses, or leave synapses out"
        )
    chosen = pd.Index(g.ids[at])
    pre, post = (shown.synapse_column(end) for end in ("pre", "post"))
    place = np.column_stack([np.asarray(shown.synapse_column(n), float) for n in _COORDINATES])
    keep = (pd.Index(pre).isin(chosen) | pd.Index(post).isin(chosen)) & np.isfinite(place).all(
        axis=1
    )
    if keep.sum() > most:
        raise InvalidArgument(
            f"{int(keep.sum()):,} synapses are more than a viewer holds ({most:,}); choose fewer "
            "neurons or synapses, or raise most_synapses="
        )
    if "synapse_id" in shown.synapse_columns:
        names = [str(value) for value in np.asarray(shown.synapse_column("synapse_id"))[keep]]
    else:
        names = [f"row {row}" for row in np.flatnonzero(keep)]
    voxels = place[keep] * 1000.0 / scale
    return pd.DataFrame(
        {
            "id": names,
            "x": voxels[:, 0],
            "y": voxels[:, 1],
            "z": voxels[:, 2],
            "pre": _digits(pre[keep]),
            "post": _digits(post[keep]),
        }
    )


def _dimensions(scale: npt.NDArray[np.float64]) -> dict[str, list[Any]]:
    return {axis: [value * 1e-9, "m"] for axis, value in zip("xyz", scale.tolist(), strict=True)}


def _plain_state(scene: _Scene) -> dict[str, Any]:
    """Return the state, written by hand in neuroglancer's own format."""
    layers: list[dict[str, Any]] = []
    if scene.image is not None:
        layers.append({"type": "image", "source": scene.image, "name": "image"})
    neurons = {"type": "segmentation", "source": scene.segmentation, "segments": scene.segments}
    layers.append({**neurons, "segmentColors": scene.colors, "name": "neurons"})
    state: dict[str, Any] = {"dimensions": _dimensions(scene.scale)}
    if scene.points is not None:
        if len(scene.points):
            state["position"] = _centre(scene.points)
        layers.append(_annotation_layer(scene.points, scene.scale))
    return {**state, "layers": layers, "layout": "xy-3d"}


def _annotation_layer(points: pd.DataFrame, scale: npt.NDArray[np.float64]) -> dict[str, Any]:
    columns = (points[name].tolist() for name in ("id", "x", "y", "z", "pre", "post"))
    return {
        "type": "annotation",
        "source": {
            "url": "local://annotations",
            "transform": {"outputDimensions": _dimensions(scale)},
        },
        "annotations": [
            {
                "type": "point",
                "id": name,
                "point": [x, y, z],
                "description": f"{pre} to {post}",
                "segments": [[pre, post]],
            }
            for name, x, y, z, pre, post in zip(*columns, strict=True)
        ],
        "linkedSegmentationLayer": {"segments": "neurons"},
        "name": "synapses",
    }


def _with_nglui(scene: _Scene) -> dict[str, Any]:
    """Return the state that nglui builds, with its bare annotation ids turned into strings."""
    builder = require("nglui.statebuilder", extra="viewer", purpose="a state made with nglui")
    view = builder.ViewerState(dimensions=scene.scale.tolist())
    if scene.image is not None:
        view = view.add_image_layer(source=scene.image, name="image")
    view = view.add_segmentation_layer(
        source=scene.segmentation,
        name="neurons",
        segments=[int(segment) for segment in scene.segments],
        segment_colors={int(segment): color for segment, color in scene.colors.items()},
    )
    if scene.points is not None:
        view = _with_points(view, scene.points, scene.scale.tolist())
    state: dict[str, Any] = json.loads(view.to_json_string())
    if scene.points is not None and len(scene.points):
        state["position"] = _centre(scene.points)
    drawn = (annotation for layer in state["layers"] for annotation in layer.get("annotations", []))
    names = [] if scene.points is None else scene.points["id"].tolist()
    for annotation, name in zip(drawn, names, strict=True):
        annotation["id"] = name
        annotation["segments"] = [[str(i) for i in group] for group in annotation["segments"]]
    return state


def _centre(points: pd.DataFrame) -> list[float]:
    return [float(points[axis].mean()) for axis in "xyz"]


def _with_points(view: Any, points: pd.DataFrame, resolution: list[float]) -> Any:
    pairs = zip(points["pre"], points["post"], strict=True)
    table = points.assign(text=points["pre"] + " to " + points["post"])
    table["partners"] = pd.Series([[int(pre), int(post)] for pre, post in pairs], dtype=object)
    table["pt_position"] = pd.Series(points[["x", "y", "z"]].to_numpy().tolist(), dtype=object)
    return view.add_points(
        data=table,
        name="synapses",
        point_column="pt_position",
        segment_column="partners",
        description_column="text",
        data_resolution=resolution,
        linked_segmentation="neurons",
    )
