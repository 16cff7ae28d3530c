"""Neurons as their skeletons: shape, synapses, and where on the neuron they lie.

Every function takes an Axes (or makes one) and returns it. Lengths are in micrometres, both
axes have the same scale, and y points downwards, as depth below the pia does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import Side
from connectome_graph.errors import InvalidArgument, UnknownName, choice, did_you_mean
from connectome_graph.plot import _style as style
from connectome_graph.plot._positions import PROJECTIONS, Projection, framed
from connectome_graph.skeletons._rows import on_side
from connectome_graph.skeletons._skeleton import COMPARTMENTS, Skeleton

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = [
    "morphology",
    "neuron_synapses",
    "synapse_sites",
]


_SIZE = (5.0, 5.5)

# outputs lie on the axon, inputs on the dendrite: the colours of those, whatever stands beside
_SIDE_COLORS = {"pre": style.TYPE_COLORS["axon"], "post": style.TYPE_COLORS["dendrite"]}
_SIDE_NAMES = {"pre": "outputs", "post": "inputs"}
_COLORS, _MISSING = style.PALETTE, style.MISSING


def morphology(
    cell: Skeleton,
    *,
    ax: Axes | None = None,
    projection: Projection = "xy",
    color: str | None = None,
    palette: Mapping[Any, str] | None = None,
    linewidth: float = 0.7,
) -> Axes:
    """Draw a skeleton, coloured by compartment, by distance to root, or in one colour.

    Parameters
    ----------
    cell
        The skeleton; a part of one after :func:`connectome_graph.skeletons.mask`.
    ax
        Axes to draw on; by default those of a new figure.
    projection
        The two axes shown, horizontal first: ``"xy"``, ``"zy"``, ...
    color
        ``"compartment"``, which None stands for, ``"distance_to_root_um"``, or any matplotlib
        colour.
    palette
        Colours of compartments by name, in place of the standard ones.
    linewidth
        Width of the lines, in points.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidArgument
        When `color` or `projection` is not known.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> cell = cg.skeletons.from_arrays(
    ...     [[0, 0, 0], [0, 5, 0], [4, 0, 0]],
    ...     [[1, 0], [2, 0]],
    ...     root_id=1,
    ...     root=0,
    ...     compartment=[1, 2, 3],
    ...     inputs=pd.DataFrame({"synapse_id": [7, 8], "vertex": [2, 0]}),
    ... )
    >>> ax = cg.plot.morphology(cell, ax=Figure().subplots())
    >>> ax.get_legend_handles_labels()[1]
    ['axon', 'dendrite']
    """
    axes = style.axes_or_new(ax, _SIZE)
    where = _plane(projection)
    child = np.flatnonzero(cell.parent >= 0)
    points = cell.vertices[:, where]
    segments = np.stack([points[child], points[cell.parent[child]]], axis=1)
    if color is None or color == "compartment":
        _draw_compartments(axes, cell, child, segments, palette=palette or {}, linewidth=linewidth)
    elif color == "distance_to_root_um":
        lines = _lines(segments, linewidth, cmap="viridis")
        lines.set_array(cell.distance_to_root_um[child])
        axes.add_collection(lines)
        style.color_bar(axes, lines, "distance to root (µm)")
    else:
        axes.add_collection(_lines(segments, linewidth, colors=_known_color(color)))
    _draw_soma(axes, cell, points)
    return framed(axes, points, projection)


def synapse_sites(
    cell: Skeleton,
    *,
    side: Side,
    ax: Axes | None = None,
    projection: Projection = "xy",
    color: str | None = None,
    size: float | None = None,
) -> Axes:
    """Draw every input or output site of a cell as a dot.

    Parameters
    ----------
    cell
        The skeleton, with its sites.
    side
        ``"pre"`` for the outputs, ``"post"`` for the inputs.
    ax
        Axes to draw on; by default those of a new figure.
    projection
        The two axes shown, horizontal first.
    color
        Any matplotlib colour; by default that of axons for outputs, of dendrites for inputs.
    size
        Area of a dot in square points; by default small.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> cell = cg.skeletons.from_arrays(
    ...     [[0, 0, 0], [0, 5, 0], [4, 0, 0]],
    ...     [[1, 0], [2, 0]],
    ...     root_id=1,
    ...     root=0,
    ...     compartment=[1, 2, 3],
    ...     inputs=pd.DataFrame({"synapse_id": [7, 8], "vertex": [2, 0]}),
    ... )
    >>> ax = cg.plot.synapse_sites(cell, side="post", ax=Figure().subplots())
    >>> ax.get_legend_handles_labels()[1]
    ['inputs (2)']
    """
    choice(side, ("pre", "post"), name="side")
    axes = style.axes_or_new(ax, _SIZE)
    points = _site_points(cell, cell.sites[side])[:, _plane(projection)]
    label = f"{_SIDE_NAMES[side]} ({len(points):,})"
    _dots(
        axes,
        points,
        s=3.0 if size is None else size,
        c=style.known_color(color, name="color") or _SIDE_COLORS[side],
        label=label,
    )
    style.legend(axes, outside=True)
    return framed(axes, points, projection)


def neuron_synapses(
    g: ConnectomeGraph,
    cell: Skeleton,
    *,
    side: Side = "post",
    color_by: str | None = None,
    ax: Axes | None = None,
    projection: Projection = "xy",
    palette: Mapping[Any, str] | None = None,
    size: float | None = None,
) -> Axes:
    """Draw the graph's synapses on one cell: those whose partner is known.

    Parameters
    ----------
    g
        The graph. A synapse is drawn at its own position; where the graph has none, at the
        position of the cell's site with the same synapse id.
    cell
        The skeleton of one of its neurons.
    side
        ``"post"``: the synapses it receives; ``"pre"``: those it makes.
    color_by
        What colours a dot: a synapse column (``"target"``, ``"distance_to_root_um"``), or a
        neuron column of the partner (``"cell_type"``). None for one colour.
    ax
        Axes to draw on; by default those of a new figure.
    projection
        The two axes shown, horizontal first.
    palette
        Colours by value of `color_by`, in place of the standard ones.
    size
        Area of a dot in square points; by default small.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownName
        When `color_by` is neither a synapse column nor a neuron column.
    InvalidArgument
        When neither graph nor cell knows where the synapses are.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> cell = cg.skeletons.from_arrays(
    ...     [[0, 0, 0], [0, 5, 0], [4, 0, 0]],
    ...     [[1, 0], [2, 0]],
    ...     root_id=1,
    ...     root=0,
    ...     compartment=[1, 2, 3],
    ...     inputs=pd.DataFrame({"synapse_id": [7, 8], "vertex": [2, 0]}),
    ... )
    >>> synapses = pd.DataFrame({"pre": [2, 3], "post": [1, 1], "synapse_id": [7, 8]})
    >>> g = cg.skeletons.attach(cg.from_tables(synapses, unknown="add"), [cell])
    >>> ax = cg.plot.neuron_synapses(g, cell, color_by="compartment", ax=Figure().subplots())
    >>> ax.get_legend_handles_labels()[1]
    ['dendrite (1)', 'soma (1)']
    """
    choice(side, ("pre", "post"), name="side")
    size = 6.0 if size is None else size
    axes = style.axes_or_new(ax, _SIZE)
    mine = np.flatnonzero(g.synapse_codes(side) == g.codes_of([cell.root_id])[0])
    points = _row_points(g, cell, side, mine)[:, _plane(projection)]
    if color_by is None:
        label = f"{_SIDE_NAMES[side]} with a known partner ({len(mine):,})"
        _dots(axes, points, s=size, c=_SIDE_COLORS[side], label=label)
    else:
        shown = _values(g, color_by, side).iloc[mine]
        _draw_values(axes, points, shown, color_by, palette=palette or {}, size=size)
    style.legend(axes, outside=True)
    return framed(axes, points, projection)


def _plane(projection: str) -> list[int]:
    choice(projection, PROJECTIONS, name="projection")
    return ["xyz".index(axis) for axis in projection]


def _lines(segments: npt.NDArray[np.float64], linewidth: float, **style: Any) -> Any:
    from matplotlib.collections import LineCollection

    return LineCollection(list(segments), linewidths=linewidth, capstyle="round", **style)


def _known_color(color: str) -> str:
    from matplotlib.colors import is_color_like

    if not is_color_like(color):
        raise InvalidArgument(
            f"color={color!r}; pass 'compartment', 'distance_to_root_um' or a matplotlib colour."
            f"{did_you_mean(color, ('compartment', 'distance_to_root_um'))}"
        )
    return color


def _draw_compartments(
    axes: Axes,
    cell: Skeleton,
    child: npt.NDArray[np.int64],
    segments: npt.NDArray[np.float64],
    *,
    palette: Mapping[str, str],
    linewidth: float,
) -> None:
    names = np.array([COMPARTMENTS.get(int(code), "unknown") for code in cell.compartment[child]])
    present = [name for name in (*COMPARTMENTS.values(), "unknown") if (names == name).any()]
    for name, color in style.type_colors(present, palette).items():
        axes.add_collection(_lines(segments[names == name], linewidth, colors=color, label=name))
    style.legend(axes, outside=True)


def _draw_soma(axes: Axes, cell: Skeleton, points: npt.NDArray[np.float64]) -> None:
    if cell.measured_from == "soma" and cell.root is not None:
        _dots(axes, points[[cell.root]], s=45, c="black", zorder=4)


def _site_points(cell: Skeleton, sites: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the positions of sites: their own, else that of their vertex."""
    names = ["x_um", "y_um", "z_um"]
    if set(names) <= set(sites.columns):
        return sites[names].to_numpy(dtype=np.float64)
    vertex = sites["vertex"].to_numpy()
    return np.where((vertex >= 0)[:, None], cell.vertices[vertex], np.nan)


def _row_points(
    g: ConnectomeGraph, cell: Skeleton, side: Side, mine: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return the positions of synapse rows: the graph's, else those of the cell's sites."""
    names = ["x_um", "y_um", "z_um"]
    if set(names) <= set(g.synapse_columns):
        return np.column_stack([np.asarray(g.synapse_column(n), float)[mine] for n in names])
    sites = cell.sites[side]
    if "synapse_id" not in sites or "synapse_id" not in g.synapse_columns:
        raise InvalidArgument(
            f"neither the graph nor skeleton {cell.root_id} tells where the synapses are; build "
            "the graph with positions, or give both a synapse_id"
        )
    place = pd.Index(sites["synapse_id"]).get_indexer(
        pd.Index(np.asarray(g.synapse_column("synapse_id"))[mine])
    )
    found = _site_points(cell, sites)
    return np.where((place >= 0)[:, None], found[place], np.nan)


def _values(g: ConnectomeGraph, by: str, side: Side) -> pd.Series:
    """Return what colours every synapse row: a synapse column, else one of the partner."""
    for name in (on_side(by, side), by):
        if name in g.synapse_columns:
            return pd.Series(g.synapse_column(name), name=by)
    if by in g.neurons.columns:
        partner = g.synapse_codes("pre" if side == "post" else "post")
        return pd.Series(g.neuron_column(by).array.take(partner), name=by)
    known = [*g.synapse_columns, *g.neurons.columns]
    raise UnknownName(
        f"{by!r} is neither a synapse column nor a neuron column.{did_you_mean(by, known)}"
    )


def _draw_values(
    axes: Axes,
    points: npt.NDArray[np.float64],
    values: pd.Series,
    by: str,
    *,
    palette: Mapping[Any, str],
    size: float,
) -> None:
    missing = values.isna().to_numpy()
    if pd.api.types.is_float_dtype(values.dtype):
        known = points[~missing]
        dots = _dots(axes, known, s=size, c=values[~missing], cmap="viridis")
        style.color_bar(axes, dots, style.quantity(by))
    else:
        names = values.dropna().value_counts().index
        colors = style.type_colors(names, palette)
        for name in names:
            mine = values.isin([name]).to_numpy()
            color = colors[name]
            label = f"{name} ({int(mine.sum()):,})"
            _dots(axes, points[mine], s=size, c=color, label=label)
    if missing.any():
        label = f"not known ({int(missing.sum()):,})"
        _dots(axes, points[missing], s=size, c=_MISSING, label=label, zorder=2.5)


def _dots(axes: Axes, points: npt.NDArray[np.float64], *, zorder: float = 3, **look: Any) -> Any:
    # Above the lines of the skeleton, which have zorder 2.
    return axes.scatter(points[:, 0], points[:, 1], linewidths=0, zorder=zorder, **look)
