"""The connectivity card: whom neurons target more than where their axons lie explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectome_graph.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from connectome_graph.skeletons._card import ConnectivityCard

__all__ = ["connectivity_card"]


def connectivity_card(card: ConnectivityCard, *, ax: Axes | None = None) -> Axes:
    """Draw observed over expected synapses of every target type, with the null's range.

    Parameters
    ----------
    card
        What :func:`connectome_graph.skeletons.connectivity_card` returns.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Filled dots have q < 0.05.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> g = cg.datasets.synthetic_column(scale=0.05)
    >>> card = cg.skeletons.connectivity_card(
    ...     g, "cell_type == 'BC'", by="broad_type", strata=("target",), n=9
    ... )
    >>> ax = cg.plot.connectivity_card(card, ax=Figure().subplots())
    >>> [text.get_text().split()[0] for text in ax.get_yticklabels()]
    ['inhibitory', 'excitatory']
    """
    axes = style.axes_or_new(ax)
    table = card.table.loc[card.table["expected"] > 0].iloc[::-1]
    place = np.arange(len(table))
    low, high = (table[name] / table["expected"] for name in ("null_low", "null_high"))
    axes.hlines(place, low, high, color=style.MISSING, linewidth=5, label="shuffle, 95 %")
    clear = (table["q"] < 0.05).to_numpy()
    color = style.PALETTE[0]
    for chosen, fill, label in ((clear, color, "q < 0.05"), (~clear, "white", "q ≥ 0.05")):
        if chosen.any():
            axes.scatter(table["ratio"][chosen], place[chosen], s=28, c=fill, edgecolors=color,
                         zorder=3, label=label)  # fmt: skip
    axes.axvline(1, color="black", linewidth=0.8, zorder=0)
    axes.set_yticks(place, [f"{name} ({n:,})" for name, n in table["observed"].items()])
    axes.set_xlabel("observed / expected synapses")
    style.legend(axes)
    return style.plain(axes)
