"""Connection probability against distance, with its interval and its fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectome_graph.border.values import columns_in
from connectome_graph.plot import _style as style
from connectome_graph.plot._describe import by_distance
from connectome_graph.stats._distance_fit import MODELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["connection_by_distance"]


#: What is drawn of a table.
_COLUMNS = (
    "low_um", "high_um", "n_pairs", "probability", "wilson_low", "wilson_high",
    "mutual_probability", "expected_mutual",
)  # fmt: skip


def connection_by_distance(
    table: pd.DataFrame,
    *,
    fit: pd.DataFrame | None = None,
    mutual: bool = False,
    label: str | None = None,
    color: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the connection probability in each bin of distance, with a band for its interval.

    Parameters
    ----------
    table
        What :func:`connectome_graph.stats.connection_by_distance` returned.
    fit
        What :func:`connectome_graph.stats.fit_distance` returned for it; drawn as lines.
    mutual
        Whether to draw mutual pairs too, and how many there would be if the two directions were
        independent in each bin.
    label, color
        Name and colour of the curve, to draw several on the same axes.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Dots are at the middles of bins; bins without pairs are left out.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "x_um": [0, 10, 60], "y_um": 0.0, "z_um": 0.0})
    >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]], cells)
    >>> table = cg.stats.connection_by_distance(g, bins=[0, 25, 50, 75])
    >>> ax = cg.plot.connection_by_distance(table, ax=Figure().subplots())
    >>> ax.lines[0].get_xdata().tolist()
    [12.5, 62.5]
    """
    columns_in(table, _COLUMNS, name="table", maker="stats.connection_by_distance")
    if fit is not None:
        columns_in(fit, ["model", "parameter", "estimate", "aic"], name="fit",
                   maker="stats.fit_distance")  # fmt: skip
    style.known_color(color, name="color")
    axes = style.axes_or_new(ax)
    curve = by_distance(table)
    main = color or style.PALETTE[0]
    axes.plot(curve.x, curve.y, "o-", color=main, markersize=4, linewidth=1.2,
              label=label or "connected")  # fmt: skip
    axes.fill_between(curve.x, curve.low, curve.high, color=main, alpha=0.22, linewidth=0)
    seen = table.loc[table["n_pairs"] > 0]
    if mutual:
        axes.plot(curve.x, seen["mutual_probability"], "s-", color=style.PALETTE[1], markersize=4,
                  linewidth=1.2, label="mutual")  # fmt: skip
        axes.plot(curve.x, seen["expected_mutual"], "--", color=style.PALETTE[1], linewidth=1.2,
                  label="mutual, if independent")  # fmt: skip
    if fit is not None:
        _fits(axes, fit, float(seen["low_um"].min()), float(seen["high_um"].max()))
    axes.set_xlim(left=min(float(table["low_um"].min()), axes.get_xlim()[0] if label else np.inf))
    axes.set_ylim(bottom=0)
    axes.set_xlabel(curve.x_label)
    axes.set_ylabel(curve.y_label)
    style.legend(axes)
    return style.plain(axes)


def _fits(ax: Axes, fit: pd.DataFrame, low: float, high: float) -> None:
    x = np.linspace(low, high, 200)
    best = fit["aic"].min()
    for (model, rows), dash in zip(fit.groupby("model", sort=False), (":", "-."), strict=False):
        value = rows.set_index("parameter")["estimate"]
        power, factor = MODELS[str(model)]
        curve = value["amplitude"] * np.exp(-factor * (x / value["length_um"]) ** power)
        gap = float(rows["aic"].iloc[0] - best)
        says = f"{model}, length {value['length_um']:.0f} µm"
        ax.plot(x, curve, dash, color=style.INK, linewidth=1.3,
                label=says + (f" (ΔAIC {gap:,.0f})" if gap else ""))  # fmt: skip
