"""Types as a network: discs as large as the type, arrows as strong as their connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, UnknownName, choice, did_you_mean
from connectome_graph.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["type_network"]

Floats = npt.NDArray[np.float64]

# Arrows drawn where no threshold is given: three a type, and one more for each of many types.
_PER_TYPE = 3
_MANY = 120
# Types that fit one column of a layered layout.
_COLUMN = 13


def type_network(
    table: pd.DataFrame,
    *,
    value: str = "probability",
    at_least: float | None = None,
    layout: Literal["spring", "layer"] = "spring",
    layers: pd.DataFrame | pd.Series | None = None,
    palette: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw types as discs and the connections between them as arrows.

    The area of a disc grows with the number of cells of its type, the width of an arrow with the
    root of the `value` of the connection; its colour is that of the presynaptic type.
    Connections inside a type are rings around its disc. Nothing below the threshold is drawn,
    and the figure says what that is.

    Parameters
    ----------
    table
        What :func:`connectome_graph.stats.type_matrix` returned.
    value
        The column that gives arrows their width, such as ``probability``, ``input_fraction``,
        ``synapses_per_connection``.
    at_least
        Smallest value drawn. By default the one that leaves three arrows per type, and at most
        120 and one per type.
    layout
        ``"spring"``: types that are strongly connected lie close. ``"layer"``: from left to
        right by `layers`.
    layers
        What :func:`connectome_graph.stats.layers` returned with ``by=``, or a Series of layers
        by type. Types without one stand at the right.
    palette
        Colours by type, in place of the standard ones.
    ax
        Axes to draw on; by default those of a new figure, large enough for the types.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; ``ax.texts[-1]`` says what was drawn.

    Raises
    ------
    UnknownName
        When the table has no such column.
    InvalidArgument
        When the table is no type matrix, or a layered layout has no layers.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["E", "I", "I"]})
    >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]], cells)
    >>> table = cg.stats.type_matrix(g, "cell_type", interval="wilson")
    >>> ax = cg.plot.type_network(table, at_least=0.1, ax=Figure().subplots())
    >>> ax.texts[-1].get_text()
    'connection probability of at least 0.1: 2 of 2 connections'
    """
    choice(layout, ("spring", "layer"), name="layout")
    network = _network(table, value, at_least)
    n = len(network.names)
    if layout == "layer":
        if layers is None:
            raise InvalidArgument(
                "layout='layer' needs layers, as stats.layers(g, seeds, by=), or on the command "
                "line --seeds"
            )
        places = _layered(network, layers)
    else:
        places = _sprung(network)
    inch = float(np.clip(1.25 - 0.045 * np.sqrt(n), 0.55, 1.1))
    wide, high = np.subtract(*_extent(network, places)[::-1]) * inch
    axes = style.axes_or_new(ax, (float(max(wide, 4.0)), float(max(high, 2.6)) + 0.4))
    _draw(axes, network, places, palette)
    count, total = len(network.strength), network.n_total
    told = f"{_label(value)} of at least {network.at_least:.2g}"
    axes.text(
        0.0, -0.01, f"{told}: {count:,} of {total:,} connections",
        transform=axes.transAxes, ha="left", va="top", fontsize="small", color=style.INK,
    )  # fmt: skip
    return axes


@dataclass(frozen=True)
class _Network:
    names: list[Any]
    #: Number of cells of each type.
    sizes: Floats
    pre: npt.NDArray[np.int64]
    post: npt.NDArray[np.int64]
    strength: Floats
    at_least: float
    n_total: int


def _network(table: pd.DataFrame, value: str, at_least: float | None) -> _Network:
    needed = ("pre_type", "post_type", "n_sources", "n_targets")
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise InvalidArgument(
            f"a network of types needs {', '.join(missing)}, as stats.type_matrix returns them"
        )
    if value not in table.columns:
        raise UnknownName(
            f"the table has no column {value!r}.{did_you_mean(value, map(str, table.columns))}"
        )
    names = list(dict.fromkeys([*table["pre_type"], *table["post_type"]]))
    place = {name: at for at, name in enumerate(names)}
    pre = np.array([place[name] for name in table["pre_type"]], np.int64)
    post = np.array([place[name] for name in table["post_type"]], np.int64)
    sizes = np.zeros(len(names))
    np.maximum.at(sizes, pre, table["n_sources"].to_numpy(float))
    np.maximum.at(sizes, post, table["n_targets"].to_numpy(float))
    strength = table[value].to_numpy(float, na_value=np.nan)
    there = strength > 0
    if at_least is None:
        most = min(_PER_TYPE * len(names), _MANY + len(names))
        ranked = np.sort(strength[there])[::-1]
        at_least = float(ranked[min(most, len(ranked)) - 1]) if len(ranked) else 0.0
    kept = there & (strength >= at_least)
    return _Network(
        names, sizes, pre[kept], post[kept], strength[kept], float(at_least), int(there.sum())
    )


def _label(value: str) -> str:
    known = {"probability": "connection probability", "input_fraction": "share of input",
             "output_fraction": "share of output"}  # fmt: skip
    return known.get(value, style.quantity(value))


def _radii(sizes: Floats) -> Floats:
    """Return radii in units of the mean distance of types, area as the number of cells."""
    share = sizes / max(sizes.max(initial=1.0), 1.0)
    return np.asarray(0.09 + 0.27 * np.sqrt(share), float)


def _sprung(network: _Network) -> Floats:
    import networkx as nx

    n = len(network.names)
    graph: Any = nx.Graph()
    graph.add_nodes_from(range(n))
    scale = network.strength.max(initial=1e-300)
    for i, j, s in zip(network.pre, network.post, network.strength / scale, strict=True):
        if i != j:
            before = graph.get_edge_data(int(i), int(j), {"weight": 0.0})["weight"]
            graph.add_edge(int(i), int(j), weight=before + float(s))
    if n == 1:
        return np.zeros((1, 2))
    found = nx.spring_layout(graph, k=2.2 / np.sqrt(n), iterations=300, seed=0)
    places = np.array([found[i] for i in range(n)], float)
    # What no arrow ties to the most types flies off: it stays at the edge of the picture.
    tied = [list(each) for each in nx.connected_components(graph)]
    most = places[max(tied, key=len)]
    margin = 0.08 * np.ptp(most, axis=0) + 1e-9
    places = np.clip(places, most.min(axis=0) - margin, most.max(axis=0) + margin)
    places = (places - places.min(axis=0)) / np.maximum(np.ptp(places, axis=0), 1e-9)
    # Types without an arrow fly off in a spring layout: ranks keep the picture full.
    ranks = places.argsort(axis=0).argsort(axis=0) / max(n - 1, 1)
    side = np.sqrt(n)
    return _apart((0.45 * places + 0.55 * ranks) * side * 1.5, 2 * _radii(network.sizes) + 0.45)


def _layered(network: _Network, layers: pd.DataFrame | pd.Series) -> Floats:
    column: Any = layers["layer"] if isinstance(layers, pd.DataFrame) else layers
    known = pd.Series(column.to_numpy(float, na_value=np.nan), index=column.index)
    values = np.array([known.get(name, np.nan) for name in network.names], float)
    if np.isnan(values).all():
        raise InvalidArgument("none of the types has a layer; are the layers those of this column?")
    level = np.where(np.isnan(values), np.nanmax(np.round(values)) + 1, np.round(values))
    n, places = len(values), np.zeros((len(values), 2))
    height = np.zeros(n)
    order = np.lexsort((np.arange(n), level))
    for _ in range(4):
        # Each type moves to the mean height of its partners, then columns are spread again.
        for stage in np.unique(level):
            members = order[level[order] == stage]
            wished = [_partners(network, int(v), height) for v in members]
            members = members[np.argsort(np.where(np.isnan(wished), height[members], wished),
                                         kind="stable")]  # fmt: skip
            height[members] = (np.arange(len(members)) + 0.5) / len(members)
    left = 0.0
    for stage in np.unique(level):
        members = np.flatnonzero(level == stage)
        members = members[np.argsort(height[members], kind="stable")]
        columns = -(-len(members) // _COLUMN)
        rows = -(-len(members) // columns)
        for at, v in enumerate(members):
            places[v] = left + 1.35 * (at % columns), 0.0
            places[v, 1] = -(at // columns + 0.5 + 0.35 * (at % columns)) + rows * 0.5
        left += 1.35 * (columns - 1) + 2.6
    return places


def _partners(network: _Network, v: int, height: Floats) -> float:
    out, into = network.pre == v, network.post == v
    others = np.concatenate([network.post[out], network.pre[into]])
    weight = np.concatenate([network.strength[out], network.strength[into]])
    weight = np.where(others == v, 0.0, weight)
    return float(np.average(height[others], weights=weight)) if weight.sum() > 0 else float("nan")


def _apart(places: Floats, distance: Floats) -> Floats:
    """Push discs that overlap away from each other."""
    for _ in range(120):
        gap = places[:, None] - places[None]
        length = np.hypot(*np.moveaxis(gap, -1, 0)) + np.eye(len(places))
        needed = (distance[:, None] + distance[None]) / 2
        push = np.where(length < needed, (needed - length) / 2, 0.0)
        np.fill_diagonal(push, 0.0)
        if push.max() < 1e-3:
            break
        places = places + (gap / length[..., None] * push[..., None]).sum(axis=1) * 0.5
    return places


def _draw(ax: Axes, network: _Network, places: Floats, palette: Mapping[Any, str] | None) -> None:
    from matplotlib.patches import Circle, FancyArrowPatch

    colors = style.type_colors(network.names, palette)
    radii = _radii(network.sizes)
    scale = np.sqrt(network.strength / network.strength.max(initial=1e-300))
    crowded = len(network.names) > 60
    thick = 2.0 if crowded else 3.6
    low, high = _extent(network, places)
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    ax.set_aspect("equal")
    ax.set_axis_off()
    for at in np.argsort(scale, kind="stable"):
        i, j = int(network.pre[at]), int(network.post[at])
        color = colors[network.names[i]]
        width = 0.4 + thick * float(scale[at])
        if i == j:
            ring = Circle(tuple(places[i]), radii[i] + 0.07, fill=False, edgecolor=color,
                          linewidth=0.8 * width, zorder=2)  # fmt: skip
            ax.add_patch(ring)
            continue
        line = places[j] - places[i]
        length = max(float(np.hypot(*line)), 1e-9)
        begin = places[i] + line / length * radii[i]
        end = places[j] - line / length * (radii[j] + 0.05)
        bend = float(_bend(line))
        arrow = FancyArrowPatch(
            tuple(begin), tuple(end), connectionstyle=f"arc3,rad={bend}", linewidth=width,
            arrowstyle="-|>", mutation_scale=(5 if crowded else 7) + 1.8 * width, color=color,
            alpha=0.45 + 0.5 * float(scale[at]), zorder=1, shrinkA=0, shrinkB=0,
        )  # fmt: skip
        ax.add_patch(arrow)
    font = float(np.clip(11 - 0.9 * np.sqrt(len(network.names)) * 0.5, 6.0, 9.0))
    for i, name in enumerate(network.names):
        ax.add_patch(Circle(tuple(places[i]), radii[i], facecolor=colors[name], edgecolor="white",
                            linewidth=0.8, zorder=3))  # fmt: skip
        _name(ax, places[i], str(name), font)


def _bend(line: Floats) -> Floats:
    """Return how much arrows bend: within a column they would run through the discs between."""
    return np.where(np.abs(line[..., 0]) > 0.3 * np.abs(line[..., 1]), 0.14, 0.38)


def _extent(network: _Network, places: Floats) -> tuple[Floats, Floats]:
    """Return the corners of what is drawn: the discs and the bows of the arrows."""
    line = places[network.post] - places[network.pre]
    middle = (places[network.post] + places[network.pre]) / 2
    # A curve reaches half as far as the point that draws it aside.
    aside = np.column_stack([line[:, 1], -line[:, 0]]) * _bend(line)[:, None] / 2
    every = np.concatenate([places, middle + aside])
    return every.min(axis=0) - 0.7, every.max(axis=0) + 0.7


def _name(ax: Axes, place: Floats, text: str, font: float) -> None:
    from matplotlib.patheffects import withStroke

    drawn = ax.text(place[0], place[1], text, ha="center", va="center", fontsize=font,
                    color=style.INK, zorder=4)  # fmt: skip
    drawn.set_path_effects([withStroke(linewidth=2.0, foreground="white", alpha=0.85)])
