"""Two arbors and where they come close."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import number
from connectome_graph.plot import _style as style
from connectome_graph.plot._positions import Projection, framed
from connectome_graph.skeletons._arbors import Arbors, Part, arbors, checked_cells
from connectome_graph.skeletons._proximities import near_pieces, proximities

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from connectome_graph.skeletons._skeleton import Skeleton

__all__ = ["proximity"]


def proximity(
    first: Skeleton,
    second: Skeleton,
    *,
    within_um: float = 5.0,
    pre: Part = "axon",
    post: Part = "dendrite",
    ax: Axes | None = None,
    projection: Projection = "xy",
) -> Axes:
    """Draw two arbors, and in bold the stretches of the second that run close to the first.

    Parameters
    ----------
    first, second
        The cell whose `pre` part, and the cell whose `post` part is looked at.
    within_um, pre, post
        As in :func:`connectome_graph.skeletons.proximities`.
    ax
        Axes to draw on; by default those of a new figure.
    projection
        The two axes shown, horizontal first: ``"xy"``, ``"zy"``, ...

    Returns
    -------
    matplotlib.axes.Axes
        Its title tells the number of proximities and the length of co-travel.

    Raises
    ------
    InvalidArgument
        When a cell has no such part.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import connectome_graph as cg
    >>> axon = cg.skeletons.from_arrays(
    ...     [[0, 0, 0], [10, 0, 0]], [[1, 0]], root=0, root_id=1, compartment=[1, 2]
    ... )
    >>> dendrite = cg.skeletons.from_arrays(
    ...     [[5, 9, 0], [5, 1, 0]], [[1, 0]], root=0, root_id=2, compartment=[1, 3]
    ... )
    >>> cg.plot.proximity(axon, dendrite, within_um=4, ax=Figure().subplots()).get_title()
    '1 proximity, 4.0 µm of co-travel'
    """
    from matplotlib.collections import LineCollection

    reach = number(within_um, name="within_um", above=0)
    cells = checked_cells([first, second])
    where = ["xyz".index(axis) for axis in projection]
    axes = style.axes_or_new(ax, (5.0, 5.5))
    near_um = reach / 2
    ends = [
        arbors([cell], part, step_um=near_um, name=name)
        for cell, part, name in ((first, pre, "pre"), (second, post, "post"))
    ]
    looks = ((first, pre, _color(pre, "axon")), (second, post, _color(post, "dendrite")))
    for arbor, (cell, part, color) in zip(ends, looks, strict=True):
        named = part if isinstance(part, str) else ", ".join(part)
        axes.add_collection(
            LineCollection(
                _lines(arbor, arbor.before >= 0, where),
                colors=color,
                linewidths=0.8,
                label=f"{named} of {cell.root_id}",
            )
        )
    close = near_pieces(ends[0], replace(ends[1], cell=ends[1].cell + 1), reach, progress=False)
    axes.add_collection(
        LineCollection(
            _lines(ends[1], close.piece, where),
            colors=style.PALETTE[1],
            linewidths=3.5,
            capstyle="round",
            label=f"within {reach:g} µm",
        )
    )
    found = proximities(cells, within_um=reach, pre=pre, post=post, progress=False)
    mine = found[(found["pre"] == first.root_id) & (found["post"] == second.root_id)]
    n, length = int(mine["n_proximities"].sum()), float(mine["co_travel_um"].sum())
    noun = "proximity" if n == 1 else "proximities"
    axes.set_title(f"{n} {noun}, {length:.1f} µm of co-travel")
    style.legend(axes, outside=True)
    return framed(axes, np.concatenate([end.points for end in ends])[:, where], projection)


def _color(part: Part, usual: str) -> str:
    """Return the colour of a compartment, or of the one that such an end usually is."""
    named = part if isinstance(part, str) else usual
    return style.TYPE_COLORS.get(named, style.TYPE_COLORS[usual])


def _lines(
    arbor: Arbors, pieces: npt.NDArray[Any], where: list[int]
) -> list[npt.NDArray[np.float64]]:
    """Return pieces of cable as lines; one that hangs on nothing is a point."""
    ends, onward = arbor.points[pieces], arbor.before[pieces]
    others = np.where((onward >= 0)[:, None], arbor.points[onward], ends)
    return list(np.stack([ends, others], axis=1)[:, :, where])
