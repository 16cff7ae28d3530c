"""The rich club: density among the neurons of many partners, against a null model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectome_graph.border.values import columns_in
from connectome_graph.errors import InvalidArgument
from connectome_graph.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["rich_club"]


def rich_club(
    table: pd.DataFrame, *, normalised: bool = False, min_members: int = 10, ax: Axes | None = None
) -> Axes:
    """Draw the density among the neurons of degree above k, with the range of the null.

    Parameters
    ----------
    table
        What :func:`connectome_graph.stats.rich_club` returned.
    normalised
        Whether to draw phi over the mean phi of the null.
    min_members
        Levels with fewer members are left out: their densities jump.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Levels where the density exceeds the null with p < 0.05, each tested by itself, are
        marked by a line along the bottom.

    Raises
    ------
    InvalidArgument
        When a normalised curve is asked of a table without a null, or no level has so many
        members.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> table = cg.stats.rich_club(cg.from_adjacency([[0, 1, 1], [1, 0, 0], [0, 0, 0]]))
    >>> ax = cg.plot.rich_club(table, min_members=2, ax=Figure().subplots())
    >>> ax.lines[0].get_ydata().tolist()
    [0.5, 1.0]
    """
    columns_in(table, ["n_members", "phi"], name="table", maker="stats.rich_club")
    has_null = "phi_null" in table.columns
    if normalised and not has_null:
        raise InvalidArgument("a normalised curve needs a null: stats.rich_club(g, null=...)")
    shown = table.loc[(table["n_members"] >= min_members) & table["phi"].notna()]
    if shown.empty:
        raise InvalidArgument(
            f"no level has {min_members:,} members with an observable pair; lower min_members"
        )
    axes = style.axes_or_new(ax)
    k = shown.index.to_numpy()
    scale = shown["phi_null"].to_numpy() if normalised else np.ones(len(shown))
    if has_null:
        low, high = (shown[f"phi_null_{end}"].to_numpy() / scale for end in ("low", "high"))
        axes.fill_between(k, low, high, color=style.MISSING, alpha=0.8, linewidth=0,
                          label="null, percentile interval")  # fmt: skip
        axes.plot(k, shown["phi_null"].to_numpy() / scale, color="#777777", linewidth=1.0,
                  label="null, mean")  # fmt: skip
    axes.plot(k, shown["phi"].to_numpy() / scale, color=style.PALETTE[0], linewidth=1.8,
              label="observed")  # fmt: skip
    if has_null:
        clear = (shown["p"] < 0.05).to_numpy()
        axes.fill_between(k, 0, 0.025, where=clear, step="mid", color=style.PALETTE[3],
                          linewidth=0, transform=axes.get_xaxis_transform(),
                          label="denser, p < 0.05 at this k alone")  # fmt: skip
    kind = table.attrs.get("kind", "")
    axes.set_xlabel(f"degree k ({kind})" if kind else "degree k")
    axes.set_ylabel("φ(k) / φ of the null" if normalised else "φ(k), density among degree > k")
    style.legend(axes)
    return style.plain(axes)
