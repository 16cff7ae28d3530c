"""The triad census against a null model: every class drawn, its ratio and the null's interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectome_graph.comparison import Comparison
from connectome_graph.motifs import MotifSignificance
from connectome_graph.motifs._classes import CONNECTED
from connectome_graph.motifs._significance import of_triads
from connectome_graph.plot import _style as style
from connectome_graph.plot._describe import Ratios, triad_ratios
from connectome_graph.plot._motif import triad

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["triad_census"]


def triad_census(
    comparison: Comparison | MotifSignificance | pd.DataFrame, *, ax: Axes | None = None
) -> Axes:
    """Draw observed over expected triads of each class, with the range of the null model.

    Parameters
    ----------
    comparison
        What ``motifs.significance(g)`` or ``compare(g, motifs.triad_census, null=...)``
        returned, or a ``table`` of theirs.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        On a logarithmic scale, the ratio to the null's mean (dots) and the null's percentile
        interval over its mean (grey bars) for each connected class. Filled dots have p < 0.05
        adjusted for all classes tested (max-T). Crosses are classes that are not tested: the
        open ones, under a null that keeps in-, out- and mutual degrees, follow from the closed
        ones. A class that was not observed has no dot, one that
        the null never made has neither; a bar that reaches down to 0 runs off the axis. Numbers
        below the drawings are observed counts.

    Raises
    ------
    InvalidArgument
        When no row is a triad class.

    References
    ----------
    Milo et al. 2002, Science 298:824.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> g = cg.from_adjacency([[0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 0], [0, 1, 1, 0]])
    >>> found = cg.compare(g, cg.motifs.triad_census, null=cg.nulls.Configuration(), n=19, seed=1)
    >>> ax = cg.plot.triad_census(found, ax=Figure().subplots())
    >>> ax.get_yscale()
    'log'
    """
    if isinstance(comparison, Comparison) and set(comparison.observed.index) & set(CONNECTED):
        comparison = of_triads(comparison)
    table = comparison if isinstance(comparison, pd.DataFrame) else comparison.table
    found = triad_ratios(table)
    names = found.names
    axes = style.axes_or_new(ax, (7.2, 4.2))
    _ratios(axes, found)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_xticks([])
    axes.set_ylabel("observed / mean of null")
    floor = f"; {found.n:,} samples, smallest p {found.floor:.2g}" if found.n else ""
    axes.set_title(f"triads against the null model{floor}", fontsize="small", loc="left")
    for place, (name, count) in enumerate(zip(names, found.observed.tolist(), strict=True)):
        box = ((place + 0.1) / len(names), -0.18, 0.8 / len(names), 0.16)
        triad(name, ax=axes.inset_axes(box), small=True)
        axes.text(place, -0.19, f"{name}\n{_count(count)}", ha="center", va="top",
                  fontsize="x-small", transform=axes.get_xaxis_transform())  # fmt: skip
    style.legend(axes, ncols=2, loc="upper left", borderaxespad=0.2)
    return style.plain(axes)


def _ratios(ax: Axes, found: Ratios) -> None:
    place = np.arange(len(found.names))
    ratio, low, high = found.ratio, found.low, found.high
    shown = np.array(found.states) != "absent"
    ends = np.concatenate([ratio[shown], low[np.isfinite(low) & (low > 0)], high[high > 0], [1.0]])
    bottom, top = ends[np.isfinite(ends)].min(), ends[np.isfinite(ends)].max()
    margin = max((top / bottom) ** 0.08, 1.02)
    bottom, top = bottom / margin, top * margin**3
    known = np.isfinite(high) & (high > 0)
    lower = np.maximum(np.where(np.isfinite(low), low, 0), bottom / 10)
    # A constant of the null has no range; it still gets a mark.
    thick = np.maximum(high, lower * 1.004)
    ax.bar(place[known], (thick - lower)[known], bottom=lower[known], width=0.5,
           color=style.MISSING, label="null, percentile interval", zorder=1)  # fmt: skip
    looks = (("clear", style.PALETTE[0], "p < 0.05"), ("unclear", "white", "p ≥ 0.05"))
    for state, fill, says in looks:
        mine = found.where(state)
        if len(mine):
            ax.scatter(place[mine], ratio[mine], s=34, c=fill, edgecolors=style.PALETTE[0],
                       zorder=3, label=f"observed, adjusted {says}")  # fmt: skip
    derived = found.where("derived")
    if len(derived):
        ax.scatter(place[derived], ratio[derived], s=26, c=style.INK, marker="x", linewidths=1,
                   zorder=3, label="observed, not tested")  # fmt: skip
    ax.axhline(1, color=style.INK, linewidth=0.8, zorder=2)
    ax.set_yscale("log")
    ax.set_ylim(bottom, top)
    _plain_ticks(ax, bottom, top)


def _plain_ticks(ax: Axes, bottom: float, top: float) -> None:
    """Put round ratios on a logarithmic axis, as many as help."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    wide = top / bottom
    steps = (1,) if wide > 300 else (1, 2, 5) if wide > 4 else (1, 1.2, 1.5, 2, 3, 5, 7, 8, 9)
    ticks = [s * 10.0**e for e in range(-8, 9) for s in steps if bottom <= s * 10.0**e <= top]
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _count(number: float) -> str:
    if number < 10_000:
        return f"{number:,.0f}"
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:,.0f}"
