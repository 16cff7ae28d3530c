"""The adjacency matrix as a picture: binary or weighted, sorted by type, sharp at any size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By, Weight
from connectome_graph.errors import InvalidArgument
from connectome_graph.graph import weights as edge_weights
from connectome_graph.plot import _style as style
from connectome_graph.plot._raster import Raster

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize

    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["matrix"]

# Thickness of a colour bar and its distance from the matrix, as shares of the picture.
_BAR, _GAP = 0.022, 0.008
# Groups narrower than this share of the side are named in the legend alone.
_LABELLED = 0.028


def matrix(
    g: ConnectomeGraph,
    weight: Weight = "binary",
    *,
    sort_by: By | None = None,
    palette: Mapping[Any, str] | None = None,
    log: bool | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the adjacency matrix: sources of the domain down, targets across.

    Every pixel takes what falls on it, so that no edge is lost however large the matrix: for
    ``"binary"`` the number of connected pairs, otherwise the largest weight. The picture is
    made anew for the resolution of each drawing. Absent edges are white; in a binary picture an
    edge is black where a pair has a pixel of its own, and elsewhere grey that darkens with the
    logarithm of the number of edges on the pixel.

    Parameters
    ----------
    g
        The graph.
    weight
        As in :func:`connectome_graph.weights.compute`.
    sort_by
        Neuron column that sorts and colours both sides; neurons without a value come last.
        Ties keep table order.
    palette
        Colours by type, in place of the standard ones.
    log
        Whether the colour scale is logarithmic; by default when all weights are positive and
        span more than a factor of 20. It runs from the 1st to the 99th percentile of the weights;
        what lies beyond has the colour of its end.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Cell (i, j) spans ``[j, j + 1)`` across and ``[i, i + 1)`` down.

    Raises
    ------
    InvalidArgument
        When the domain has no source or no target.
    UnknownName
        When there is no such column.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]])
    >>> ax = cg.plot.matrix(g, "count", ax=Figure().subplots())
    >>> ax.get_xlabel()
    '3 targets (postsynaptic)'
    """
    n_rows, n_columns = g.domain.n_sources, g.domain.n_targets
    if not n_rows or not n_columns:
        raise InvalidArgument(
            f"a picture needs sources and targets; the domain has {n_rows:,} and {n_columns:,}"
        )
    axes = style.axes_or_new(ax, (6.6, 4.8))
    row, column = (_order(g, sort_by, end) for end in (g.domain.sources, g.domain.targets))
    pre, post = g.edge_codes
    binary = isinstance(weight, str) and weight == "binary"
    values = None if binary else edge_weights.compute(g, weight).to_numpy(float, na_value=np.nan)
    known = np.ones(len(pre), bool) if values is None else ~np.isnan(values)
    raster = Raster(
        row.place[pre[known]], column.place[post[known]],
        None if values is None else values[known], (n_rows, n_columns),
    )  # fmt: skip
    _draw(axes, raster, weight=weight, log=log)
    _frame(axes, n_rows, n_columns)
    if sort_by is not None:
        _side_bars(axes, row.labels, column.labels, title=style.quantity(sort_by), palette=palette)
    else:
        axes.set_xlim(0, n_columns)
        axes.set_ylim(n_rows, 0)
    return axes


class _Order(NamedTuple):
    #: Place of every neuron along one side; -1 for those that are not on it.
    place: npt.NDArray[np.int64]
    #: The labels along the side.
    labels: list[Any]


def _order(g: ConnectomeGraph, sort_by: By | None, end: npt.NDArray[np.bool_]) -> _Order:
    members = np.flatnonzero(end)
    labels: list[Any] = []
    if sort_by is not None:
        types = g.labels(sort_by, missing="own")
        members = members[np.argsort(types.codes[members], kind="stable")]
        labels = types.per_neuron[members].tolist()
    place = np.full(g.n_neurons, -1, np.int64)
    place[members] = np.arange(len(members))
    return _Order(place, labels)


def _draw(ax: Axes, raster: Raster, *, weight: Weight, log: bool | None) -> None:
    from connectome_graph.plot._edge_image import EdgeImage

    cmap, norm, label = _scale(raster, weight, log=log)
    picture = EdgeImage(ax, raster, cmap=cmap, norm=norm)
    ax.add_image(picture)
    if label is not None:
        style.color_bar(ax, picture, label)


def _scale(
    raster: Raster, weight: Weight, *, log: bool | None
) -> tuple[Colormap, Normalize, str | None]:
    """Return colours, their scale and what the colour bar says (None: no bar)."""
    from matplotlib.colors import LogNorm, Normalize

    if raster.weights is None:
        return style.part_of("Greys", 0.45, 1.0), LogNorm(1, 2, clip=True), None
    values = raster.weights
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    lows, highs = np.quantile(values, [0.01, 0.99]).tolist() if len(values) else (low, high)
    spread = low > 0 and high / low > 20
    label = style.weight_name(weight)
    cmap = style.part_of("magma_r", 0.12, 1.0)
    if log if log is not None else spread:
        if low <= 0:
            raise InvalidArgument(f"a logarithmic scale needs positive weights; found {low:g}")
        return cmap, LogNorm(lows, max(highs, lows * 1.0001), clip=True), label
    return cmap, Normalize(lows, highs if highs > lows else lows + 1, clip=True), label


def _frame(ax: Axes, n_rows: int, n_columns: int) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel(f"{n_columns:,} targets (postsynaptic)")
    ax.set_ylabel(f"{n_rows:,} sources (presynaptic)")
    # A square of neurons is a square; a wide matrix fills the axes.
    square = max(n_rows, n_columns) < 2 * min(n_rows, n_columns)
    ax.set_aspect("equal" if square else "auto", adjustable="box")


def _side_bars(
    ax: Axes,
    rows: list[Any],
    columns: list[Any],
    *,
    title: str,
    palette: Mapping[Any, str] | None,
) -> None:
    """Draw what type the neurons are along both sides, and the legend."""
    from matplotlib.patches import Patch, Rectangle

    names = list(dict.fromkeys([*rows, *columns]))
    colors = style.type_colors(names, palette)
    n_rows, n_columns = len(rows), len(columns)
    wide, high = _BAR * n_columns, _BAR * n_rows
    for labels, across in ((rows, False), (columns, True)):
        for name, start, stop in _runs(labels):
            box: tuple[float, float, float, float]
            text: tuple[float, float, str, str, int]
            if across:
                box = (start, -high - _GAP * n_rows, stop - start, high)
                text = ((start + stop) / 2, -high - 2 * _GAP * n_rows, "center", "bottom", 90)
            else:
                box = (-wide - _GAP * n_columns, start, wide, stop - start)
                text = (-wide - 2 * _GAP * n_columns, (start + stop) / 2, "right", "center", 0)
            ax.add_patch(Rectangle(box[:2], box[2], box[3], color=colors[name], linewidth=0))
            if (stop - start) >= _LABELLED * len(labels):
                ax.text(text[0], text[1], str(name), ha=text[2], va=text[3], rotation=text[4],
                        fontsize="x-small", color=style.INK)  # fmt: skip
    border = Rectangle((0, 0), n_columns, n_rows, fill=False, edgecolor="#999999", linewidth=0.6)
    ax.add_patch(border)
    # Between the bars and the axis labels is room for the names of the types.
    ax.set_xlim(-wide - 2 * _GAP * n_columns, n_columns)
    ax.set_ylim(n_rows, -high - 2 * _GAP * n_rows)
    longest = max((len(str(name)) for name, a, b in _runs(rows) if b - a >= _LABELLED * n_rows),
                  default=0)  # fmt: skip
    ax.yaxis.labelpad = 6.0 + 5.0 * longest
    counts = {name: (rows.count(name), columns.count(name)) for name in names}
    same = all(sources == targets for sources, targets in counts.values())
    handles = [
        Patch(color=colors[name], label=f"{name} ({a:,})" if same else f"{name} ({a:,} → {b:,})")
        for name, (a, b) in counts.items()
    ]
    heading = style.quantity(title) + ("" if same else " (sources → targets)")
    style.legend(ax, outside=True, title=heading, handles=handles, handlelength=1.0)


def _runs(labels: list[Any]) -> list[tuple[Any, int, int]]:
    """Return value, start and stop of every run of equal labels.

    Examples
    --------
    >>> _runs(["a", "a", "b"])
    [('a', 0, 2), ('b', 2, 3)]
    """
    codes = pd.factorize(pd.Series(labels, dtype=object))[0]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    stops = [*starts[1:].tolist(), len(labels)]
    return [(labels[a], a, b) for a, b in zip(starts.tolist(), stops, strict=True)]
