"""Small directed graphs drawn as circles and arrows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from connectome_graph.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw", "ring"]

Point = tuple[float, float]


def ring(names: Iterable[Any], *, start: float = 90.0) -> dict[Any, Point]:
    """Return a place on the unit circle for every name, clockwise from `start` degrees.

    Examples
    --------
    >>> ring("ab")["a"][1]
    1.0
    """
    from math import cos, pi, sin

    listed = list(names)
    turn = [(start - 360 * i / len(listed)) * pi / 180 for i in range(len(listed))]
    return {name: (cos(t), sin(t)) for name, t in zip(listed, turn, strict=True)}


def draw(
    ax: Axes,
    places: Mapping[Any, Point],
    edges: Iterable[tuple[Any, Any]],
    *,
    forbidden: Iterable[tuple[Any, Any]] = (),
    colors: Mapping[Any, str] | None = None,
    node: float = 90.0,
    width: float = 1.5,
    reach: float = 1.5,
    merge: bool = False,
) -> Axes:
    """Draw nodes at their places and an arrow for every edge; return the Axes without frame.

    Parameters
    ----------
    ax
        The axes; their limits become those of the drawing.
    places
        Where every node is.
    edges, forbidden
        Pairs of names. Opposite ones are drawn side by side; forbidden ones are dashed.
    colors
        Colour of a node; dark grey where none is given.
    node
        Area of a node in square points.
    width
        Width of an arrow in points.
    reach
        How far from the middle the axes reach.
    merge
        Whether two opposite edges become one arrow with two heads.
    """
    asked = list(edges)
    pairs = [(pair, "edge") for pair in asked] + [(pair, "forbidden") for pair in forbidden]
    drawn = {pair for pair, _ in pairs}
    long, wide = 0.2 * width + 0.1, 0.12 * width + 0.06
    radius = (node**0.5) / 2 + 0.8 * width
    for (a, b), kind in pairs:
        two_way = merge and (b, a) in asked and kind == "edge"
        if two_way and asked.index((b, a)) < asked.index((a, b)):
            continue
        bend = 0.16 if (b, a) in drawn and not two_way else 0.0
        heads = "<|-|>" if two_way else "-|>"
        look = {
            "arrowstyle": f"{heads},head_length={long},head_width={wide}",
            "connectionstyle": f"arc3,rad={bend}",
            "color": style.INK if kind == "edge" else "#CC3311",
            "linestyle": "-" if kind == "edge" else (0, (2, 1.5)),
        }
        ax.annotate("", xy=places[b], xytext=places[a],
                    arrowprops={**look, "shrinkA": radius, "shrinkB": radius, "linewidth": width,
                                "mutation_scale": 10, "joinstyle": "miter"})  # fmt: skip
    for name, (x, y) in places.items():
        color = (colors or {}).get(name, "#555555")
        ax.scatter([x], [y], s=node, c=color, linewidths=0, zorder=3)
    ax.set_xlim(-reach, reach)
    ax.set_ylim(-reach, reach)
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax
