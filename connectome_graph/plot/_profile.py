"""Where on the neuron the synapses are: their number per um of cable against distance to root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.border.values import columns_in
from connectome_graph.errors import UnknownName, did_you_mean
from connectome_graph.model.labels import columns_of
from connectome_graph.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["distance_profile"]


def distance_profile(table: pd.DataFrame, *, ax: Axes | None = None, by: By | None = None) -> Axes:
    """Draw synapses per um of cable against distance to root, with the null's range.

    Parameters
    ----------
    table
        What :func:`connectome_graph.skeletons.distance_profile` returns.
    ax
        Axes to draw on; by default those of a new figure.
    by
        The group column or columns, when the table has groups; the range of the null is drawn
        without groups.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> from connectome_graph import plot
    >>> table = pd.DataFrame({"low_um": [0.0, 10.0], "high_um": [10.0, 20.0], "per_um": [1.0, 0.5]})
    >>> table = table.assign(cable_um=5.0, null_low=1, null_high=5)
    >>> plot.distance_profile(table, ax=Figure().subplots()).get_xlabel()
    'distance to root (µm)'
    """
    needed = ["low_um", "high_um", "per_um", "cable_um", "null_low", "null_high"]
    columns_in(table, needed, name="table", maker="skeletons.distance_profile")
    axes = style.axes_or_new(ax)
    groups = [(None, table)] if by is None else _groups(table, by)
    colors = style.type_colors([label for label, _ in groups if label is not None])
    for label, part in groups:
        edges = np.append(part["low_um"].to_numpy(), part["high_um"].iloc[-1])
        color = style.PALETTE[0] if label is None else colors[label]
        axes.stairs(part["per_um"], edges, color=color, linewidth=1.5,
                    label="observed" if label is None else str(label))  # fmt: skip
        if by is None:
            cable = part["cable_um"].where(part["cable_um"] > 0)
            axes.stairs(part["null_high"] / cable, edges, baseline=part["null_low"] / cable,
                        fill=True, color=style.MISSING, alpha=0.6,
                zorder=0.5, linewidth=0,
                        label="uniform over cable, 95 %")  # fmt: skip
    axes.set_xlabel("distance to root (µm)")
    axes.set_ylabel("synapses per µm of cable")
    axes.set_ylim(bottom=0)
    style.legend(axes)
    return style.plain(axes)


def _groups(table: pd.DataFrame, by: By) -> list[tuple[Any, pd.DataFrame]]:
    """Return the parts of a table by group, named by its values side by side."""
    names = list(columns_of(by))
    absent = [name for name in names if name not in table]
    if absent:
        raise UnknownName(
            f"the table has no column {absent[0]!r}.{did_you_mean(absent[0], table.columns)}"
        )
    return [(" | ".join(map(str, label)), part) for label, part in table.groupby(names, sort=True)]
