"""Where the neurons are, seen from two sides, and which of them are proofread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.errors import UnknownName, choice
from connectome_graph.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["PROJECTIONS", "Projection", "framed", "positions"]

Projection = Literal["xy", "zy", "xz", "zx", "yx", "yz"]
PROJECTIONS = ("xy", "zy", "xz", "zx", "yx", "yz")

#: How the states of an axon are called, and their colours; from unknown to complete, the more the
#: darker, in greens that no type of cortex has: types are often drawn beside them.
_STATES = {
    "none": ("axon not proofread", style.MISSING),
    "False": ("axon not proofread", style.MISSING),
    "axon_interareal": ("interareal", "#3A9B45"),
    "axon_column_truncated": ("truncated at the column", "#D9EDC2"),
    "axon_partially_extended": ("partially extended", "#A5D46A"),
    "axon_fully_extended": ("fully extended", "#12401A"),
    "True": ("axon proofread", "#12401A"),
}


def positions(
    g: ConnectomeGraph,
    *,
    by: By | None = None,
    projection: Projection = "xy",
    palette: Mapping[Any, str] | None = None,
    size: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the somata of all neurons in one projection, coloured by proofreading or by type.

    Parameters
    ----------
    g
        The graph; its neurons have ``x_um y_um z_um``.
    by
        Neuron column that colours the dots. By default how far the axon was proofread
        (``strategy_axon``, else ``status_axon``; one colour without either).
    projection
        The two axes shown, horizontal first: ``"xy"``, ``"zy"``, ... y points down; it is
        called depth where the dataset says that it is (``g.provenance.fact("depth")``).
    palette
        Colours by value of `by`, in place of the standard ones.
    size
        Area of a dot in square points; by default smaller the more neurons there are.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The legend counts the neurons drawn. Both axes are in um, at the same scale.

    Raises
    ------
    UnknownName
        When the neurons have no positions, or no column `by`.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> g = cg.datasets.synthetic_column(scale=0.02)
    >>> ax = cg.plot.positions(g, ax=Figure().subplots())
    >>> ax.get_ylabel()
    'y, depth (µm)'
    """
    choice(projection, PROJECTIONS, name="projection")
    columns = [f"{axis}_um" for axis in projection]
    absent = [name for name in columns if name not in g.neurons.columns]
    if absent:
        raise UnknownName(
            f"the neurons have no {', '.join(absent)}; give positions when building the graph, "
            "or g.annotate(...)"
        )
    axes = style.axes_or_new(ax, (5.0, 5.5))
    points = np.column_stack([g.neuron_column(name).to_numpy(float) for name in columns])
    known = np.isfinite(points).all(axis=1)
    dot = float(np.clip(3e4 / max(g.n_neurons, 1), 0.5, 14)) if size is None else size
    labels, colors = _groups(g, by, palette)
    for name in _order(labels[known], colors):
        mine = known & (labels == name).to_numpy()
        faint = colors[name] == style.MISSING
        axes.scatter(
            points[mine, 0], points[mine, 1], s=dot * (0.6 if faint else 1), c=colors[name],
            linewidths=0, label=f"{name} ({int(mine.sum()):,})",
        )  # fmt: skip
    style.legend(axes, outside=True, title=None if by is None else style.quantity(by))
    return framed(axes, points[known], projection, depth=g.provenance.fact("depth"))


def _groups(
    g: ConnectomeGraph, by: By | None, palette: Mapping[Any, str] | None
) -> tuple[pd.Series, dict[Any, str]]:
    """Return the label of every neuron, and the colour of every label."""
    if by is not None:
        labels = pd.Series(g.labels(by, missing="own").per_neuron, dtype=object)
        return labels, style.type_colors(labels.unique(), palette)
    given = [name for name in ("strategy_axon", "status_axon") if name in g.neurons.columns]
    if not given:
        return pd.Series("neurons", index=g.neurons.index), {"neurons": style.PALETTE[0]}
    state = g.neuron_column(given[0]).astype(object)
    text = state.where(state.notna(), "none").astype(str)
    names = {key: name for key, (name, _) in _STATES.items()}
    labels = text.map(lambda value: names.get(value, value))
    standard = dict(_STATES.values()) | dict(palette or {})
    return labels, style.type_colors(labels.unique(), standard)


def _order(labels: pd.Series, colors: Mapping[Any, str]) -> list[Any]:
    """Return the labels in the order of drawing: grey first, then the many before the few."""
    counts = labels.value_counts()
    return sorted(counts.index, key=lambda name: (colors[name] != style.MISSING, -counts[name]))


def framed(
    ax: Axes, points: npt.NDArray[np.float64], projection: str, *, depth: str | None = None
) -> Axes:
    """Return `ax` with equal scales, labels in um, y downwards, and depth called by its name."""
    known = points[np.isfinite(points).all(axis=1)]
    ax.set_aspect("equal", adjustable="box")
    if len(known):
        ax.update_datalim(known)
        ax.autoscale_view()
    names = {axis: f"{axis}{', depth' if axis == depth else ''} (µm)" for axis in "xyz"}
    ax.set_xlabel(names[projection[0]])
    ax.set_ylabel(names[projection[1]])
    if projection[1] == "y" and not ax.yaxis_inverted():
        ax.invert_yaxis()
    if projection[0] == "y" and not ax.xaxis_inverted():
        ax.invert_xaxis()
    return style.plain(ax)
