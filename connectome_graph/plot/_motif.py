"""Drawings of motifs: what is asked for, what is forbidden, and the conditions in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectome_graph.border.arguments import shown
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.motifs._classes import CLASSES, TEMPLATES
from connectome_graph.motifs._language import parse
from connectome_graph.motifs._pattern import Condition, Motif
from connectome_graph.plot import _glyph as glyph
from connectome_graph.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["motif", "triad"]

#: Where the positions a, b, c of a triad are drawn.
_TRIANGLE = glyph.ring("bca", start=90.0)


def motif(
    pattern: str | Motif, *, palette: Mapping[Any, str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw a motif: circles, arrows, dashed arrows where an edge is forbidden, and conditions.

    Parameters
    ----------
    pattern
        Text in DotMotif's language (:mod:`connectome_graph.motifs.language`), or a
        :class:`~connectome_graph.motifs.Motif`.
    palette
        Colours by type. A node whose condition names one type has the colour of that type.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidArgument
        When the text is not a motif.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from connectome_graph import plot
    >>> ax = plot.motif('A -> B; B !> A; A.cell_type = "BC"', ax=Figure().subplots())
    >>> [text.get_text() for text in ax.texts if text.get_text()]
    ['A', 'B', 'cell type = BC']
    """
    asked = parse(pattern) if isinstance(pattern, str) else pattern
    if not isinstance(asked, Motif):
        raise InvalidArgument(f"pattern={shown(pattern)}; it must be text or a Motif")
    axes = style.axes_or_new(ax, (3.2, 3.2))
    start = 180.0 if len(asked.nodes) == 2 else 90.0 + (45.0 if len(asked.nodes) == 4 else 0.0)
    places = glyph.ring(asked.nodes, start=start)
    types = {
        node: condition.value
        for node, conditions in asked.node_conditions.items()
        for condition in conditions
        if condition.operator == "==" and isinstance(condition.value, str)
    }
    given = style.type_colors(dict.fromkeys(types.values()), palette)
    colors = {node: given[value] for node, value in types.items()}
    glyph.draw(axes, places, asked.edges, forbidden=asked.forbidden, colors=colors, node=420.0)
    for name, (x, y) in places.items():
        axes.text(x, y, name, ha="center", va="center", fontsize="small", zorder=4,
                  color=style.ink_on(colors.get(name, "#555555")))  # fmt: skip
    for node, conditions in asked.node_conditions.items():
        x, y = places[node]
        axes.text(x, y + (0.3 if y > -0.1 else -0.3), "\n".join(map(_told, conditions)),
                  ha="center", va="bottom" if y > -0.1 else "top", fontsize="x-small")  # fmt: skip
    for (a, b), conditions in asked.edge_conditions.items():
        x, y = ((p + q) / 2 for p, q in zip(places[a], places[b], strict=True))
        axes.text(x, y, "\n".join(map(_told, conditions)), ha="center", va="center",
                  fontsize="x-small",
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
    return axes


def _told(condition: Condition) -> str:
    operator = {"==": "=", "!=": "≠", ">=": "≥", "<=": "≤"}.get(
        condition.operator, condition.operator
    )
    value = condition.value
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{style.quantity(condition.key)} {operator} {text}"


def triad(name: str, *, ax: Axes | None = None, small: bool = False) -> Axes:
    """Draw one of the 16 triad classes.

    Parameters
    ----------
    name
        Its name, ``"003"`` to ``"300"``.
    ax
        Axes to draw on; by default those of a new figure.
    small
        Whether to draw for a place of a few millimetres.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidArgument
        When there is no such class.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from connectome_graph import plot
    >>> len(plot.triad("030T", ax=Figure().subplots()).texts)
    3
    """
    choice(name, CLASSES, name="name")
    axes = style.axes_or_new(ax, (1.6, 1.6))
    edges = [(edge[0], edge[1]) for edge in TEMPLATES[name][0].split()]
    node, width, reach = (16.0, 0.8, 1.15) if small else (130.0, 1.6, 1.4)
    return glyph.draw(axes, _TRIANGLE, edges, node=node, width=width, reach=reach, merge=True)
