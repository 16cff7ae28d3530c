"""Connection against a property of the pair, and one number under several null models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectome_graph.border.values import columns_in
from connectome_graph.errors import InvalidArgument
from connectome_graph.plot import _style as style
from connectome_graph.plot._describe_pairs import against_nulls, by_property

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["connection_by", "nulls"]

#: What is drawn of a table.
_COLUMNS = ("from", "to", "n_pairs", "n_edges", "probability", "low", "high", "expected")


def connection_by(
    table: pd.DataFrame,
    *,
    expected: bool = True,
    label: str | None = None,
    x_label: str | None = None,
    color: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the connection probability against a property of the pair, with its interval.

    Conversion against exposure is the same figure of ``stats.connection_by(g, "exposure")``.

    Parameters
    ----------
    table
        What :func:`connectome_graph.stats.connection_by` returned.
    expected
        Whether to draw, dashed, what distance alone would give.
    label, color
        Name and colour of the curve, to draw several on the same axes.
    x_label
        What the property is; by default what the table says.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Dots are at the middles of bins; bins without pairs are left out.

    Raises
    ------
    InvalidTable
        When `table` is another one.

    Examples
    --------
    >>> import numpy as np, connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> g = cg.datasets.synthetic_column(seed=0, scale=0.1)
    >>> table = cg.stats.connection_by(g, "y_um", bins=[0, 100, 400])
    >>> ax = cg.plot.connection_by(table, ax=Figure().subplots())
    >>> ax.lines[0].get_xdata().tolist(), ax.get_xlabel()
    ([50.0, 250.0], 'difference of y_um')
    """
    columns_in(table, _COLUMNS, name="table", maker="stats.connection_by")
    style.known_color(color, name="color")
    axes = style.axes_or_new(ax)
    curve = by_property(table)
    main = color or style.PALETTE[0]
    axes.plot(curve.x, curve.y, "o-", color=main, markersize=4, linewidth=1.2,
              label=label or "connected")  # fmt: skip
    axes.fill_between(curve.x, curve.low, curve.high, color=main, alpha=0.22, linewidth=0)
    if expected:
        seen = table.loc[table["n_pairs"] > 0, "expected"].to_numpy(float)
        axes.plot(curve.x, seen, "--", color=style.INK, linewidth=1.0, label="from distance alone")
    axes.set_ylim(bottom=0)
    axes.set_xlabel(x_label or curve.x_label)
    axes.set_ylabel(curve.y_label)
    style.legend(axes)
    return style.plain(axes)


def nulls(
    comparisons: Mapping[str, Any], *, component: str = "r_over_p", ax: Axes | None = None
) -> Axes:
    """Draw one number under several null models side by side: observed, and every sample.

    Parameters
    ----------
    comparisons
        Name -> what :func:`connectome_graph.compare` returned, one for each null model or domain.
    component
        Which number of the statistic is drawn.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A dot is observed; dashes are samples, and the bar holds the stated share of them.

    Raises
    ------
    InvalidArgument
        When there is no comparison.
    UnknownName
        When a comparison has no such component.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> g = cg.datasets.synthetic_column(seed=0, scale=0.05)
    >>> found = cg.compare(g, cg.stats.dyads, null=cg.nulls.ErdosRenyi(), n=19, seed=1)
    >>> ax = cg.plot.nulls({"random edges": found}, ax=Figure().subplots())
    >>> [tick.get_text() for tick in ax.get_xticklabels()], ax.get_ylabel()
    (['random edges'], 'r / p')
    """
    if not isinstance(comparisons, Mapping):
        raise InvalidArgument(
            f"comparisons are {{name: what compare returned}}; found {type(comparisons).__name__}"
        )
    found = against_nulls(comparisons, component)
    axes = style.axes_or_new(ax, (1.4 + 1.3 * len(found.rows), 3.4))
    for at, row in enumerate(found.rows):
        first = at == 0
        axes.plot([at - 0.12] * 2, [row.low, row.high], color="0.75", linewidth=6,
                  solid_capstyle="butt", zorder=1)  # fmt: skip
        axes.plot(np.full(len(row.samples), at - 0.12), row.samples, "_", color=style.INK,
                  markersize=9, alpha=0.5, label="random graphs" if first else None)  # fmt: skip
        axes.plot([at + 0.12], [row.observed], "o", color=style.PALETTE[0],
                  label="observed" if first else None)  # fmt: skip
    axes.set_xticks(range(len(found.rows)), [row.name for row in found.rows])
    axes.set_xlim(-0.5, len(found.rows) - 0.5)
    axes.set_ylabel({"r_over_p": "r / p"}.get(found.component, found.component.replace("_", " ")))
    style.legend(axes)
    return style.plain(axes)
