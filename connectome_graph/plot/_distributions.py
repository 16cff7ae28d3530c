"""How degrees and synapse counts are distributed, with the fits that were tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.values import columns_in, numbers_of
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.plot import _style as style
from connectome_graph.stats._distribution_models import MODELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["distribution"]

_DASHES = ("-", "--", ":", "-.")


def distribution(
    values: npt.ArrayLike | pd.Series,
    *,
    fits: pd.DataFrame | None = None,
    best: int = 3,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of values at or above each value, and fitted distributions.

    The share P(K >= k) needs no bins, so its tail can be read; on these axes a power law is a
    straight line, and many other things are nearly so.

    Parameters
    ----------
    values
        Whole numbers, such as a column of :func:`connectome_graph.stats.degrees` or
        ``g.edge_counts``. Missing ones are left out.
    fits
        What :func:`connectome_graph.stats.fit_distribution` returned for them. The curves are
        scaled to the share of values that reach the fit's ``xmin``.
    best
        How many of the fits to draw, best first.
    label
        What the values are; by default the name of the Series.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The legend gives every fit's distance in AIC from the best.

    Raises
    ------
    InvalidArgument
        When there is no value above 0.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> ax = cg.plot.distribution([1, 1, 2, 5], label="synapses", ax=Figure().subplots())
    >>> ax.get_ylabel()
    'share of values at or above'
    """
    name = label or str(getattr(values, "name", None) or "value")
    numbers = numbers_of(values, name="values").ravel()
    numbers = numbers[np.isfinite(numbers)]
    positive = np.sort(numbers[numbers > 0])
    if not len(positive):
        raise InvalidArgument(
            f"a logarithmic scale needs values above 0; none of {len(numbers):,} is"
        )
    axes = style.axes_or_new(ax)
    k, first = np.unique(positive, return_index=True)
    share = (len(positive) - first) / len(positive)
    n_zero = len(numbers) - len(positive)
    told = f"{len(positive):,} values" + (f" ({n_zero:,} zeros left out)" if n_zero else "")
    axes.plot(k, share, "o", markersize=3.2, color=style.INK, label=told, zorder=3)
    if fits is not None:
        columns_in(fits, ["delta_aic"], name="fits", maker="stats.fit_distribution")
        for model in fits.index[:best]:
            choice(model, MODELS, name="a model of fits")
    for place, (model, fit) in enumerate([] if fits is None else list(fits.iloc[:best].iterrows())):
        xmin = int(fits.attrs.get("xmin", 1)) if fits is not None else 1
        x, tail = _tail(str(model), fit, xmin, int(k[-1]))
        reached = (positive >= xmin).mean()
        says = "best" if place == 0 else f"ΔAIC {fit['delta_aic']:,.1f}"
        axes.plot(x, tail * reached, color=style.PALETTE[place % len(style.PALETTE)],
                  linestyle=_DASHES[place % len(_DASHES)], linewidth=1.6,
                  label=f"{str(model).replace('_', ' ')} ({says})")  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(0.5 / len(positive), 1.6)
    axes.set_xlabel(name.replace("_", "-") if name.endswith("degree") else style.quantity(name))
    axes.set_ylabel("share of values at or above")
    style.legend(axes, loc="lower left")
    return style.plain(axes)


def _tail(
    model: str, fit: pd.Series, xmin: int, highest: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return whole numbers from `xmin` up, and the fitted share at or above each."""
    spec = MODELS[model]
    k = np.arange(xmin, highest + 1, dtype=float)
    with np.errstate(all="ignore"):
        chance = np.exp(spec.log_probability(k, xmin, tuple(float(fit[p]) for p in spec.names)))
    before = np.concatenate([[0.0], np.cumsum(chance)[:-1]])
    tail = np.clip(1 - before, 0, None)
    return k, np.where(tail > 1e-12, tail, np.nan)
