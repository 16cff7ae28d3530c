"""How the weights of the edges are distributed, linear or logarithmic, by pair of types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from connectome_graph.border.arguments import By, Weight
from connectome_graph.errors import InvalidArgument, choice
from connectome_graph.graph import weights as edge_weights
from connectome_graph.plot import _style as style
from connectome_graph.plot._describe import Scale, bin_edges

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["weights"]

_DASHES = ("-", "--", ":", "-.")
_MOST_PAIRS = 12


def weights(
    g: ConnectomeGraph,
    weight: Weight = "count",
    *,
    by: By | None = None,
    pairs: Sequence[tuple[Any, Any]] | None = None,
    scale: Scale = "linear",
    counts: Scale = "linear",
    share: bool = False,
    n_bins: int = 50,
    palette: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the histogram of an edge weight, of all edges or of each pair of types.

    Parameters
    ----------
    g
        The graph.
    weight
        As in :func:`connectome_graph.weights.compute`. Missing weights are left out.
    by
        Neuron column: one line for each pair of types. The colour is that of the presynaptic
        type, the dash tells the postsynaptic one.
    pairs
        The (presynaptic, postsynaptic) types to draw; by default all of them.
    scale
        Scale of the weight; on ``"log"`` the bins have equal ratios.
    counts
        Scale of the number of edges.
    share
        Whether lines show the share of their edges in each bin instead of their number.
    n_bins
        Number of bins. A weight of whole numbers has a bin for each number, unless they
        are many.
    palette
        Colours by type, in place of the standard ones.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The legend counts the edges of every line.

    Raises
    ------
    InvalidArgument
        When a logarithmic scale meets weights that are not positive, or there are more than 12
        pairs of types; choose some with `pairs`.
    UnknownName
        When there is no such column.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]])
    >>> ax = cg.plot.weights(g, ax=Figure().subplots())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('synapses per connection', 'edges')
    """
    choice(scale, ("linear", "log"), name="scale")
    choice(counts, ("linear", "log"), name="counts")
    values = edge_weights.compute(g, weight).to_numpy(float, na_value=np.nan)
    lines = _lines(g, by, pairs, palette)
    known = ~np.isnan(values)
    drawn = values[known & np.any([mask for _, mask, _ in lines], axis=0)]
    edges = bin_edges(drawn, scale, n_bins)
    axes = style.axes_or_new(ax)
    for label, mask, look in lines:
        mine = values[mask & known]
        height = np.histogram(mine, edges)[0].astype(float)
        if share and len(mine):
            height /= len(mine)
        axes.stairs(height, edges, label=f"{label} ({len(mine):,})", fill=by is None,
                    linewidth=0 if by is None else 1.6, **look)  # fmt: skip
    axes.set_xscale(scale)
    axes.set_yscale(counts, **({"nonpositive": "clip"} if counts == "log" else {}))
    axes.set_xlabel(style.weight_name(weight))
    axes.set_ylabel("share of edges" if share else "edges")
    if by is not None:
        _headroom(axes, len(lines))
        style.legend(axes, loc="upper right", title=f"{style.quantity(by)} (edges)",
                     handlelength=2.4)  # fmt: skip
    return style.plain(axes)


def _headroom(ax: Axes, n_lines: int) -> None:
    """Make room for the legend above the lines."""
    low, high = ax.get_ylim()
    more = 0.08 * (n_lines + 1)
    top = high * (high / low) ** more if ax.get_yscale() == "log" else high + (high - low) * more
    ax.set_ylim(low, top)


def _lines(
    g: ConnectomeGraph,
    by: By | None,
    pairs: Sequence[tuple[Any, Any]] | None,
    palette: Mapping[Any, str] | None,
) -> list[tuple[str, npt.NDArray[np.bool_], dict[str, Any]]]:
    """Return label, edges and look of every line."""
    pre, post = g.edge_codes
    if by is None:
        return [("all edges", np.ones(len(pre), bool), {"color": style.PALETTE[0]})]
    labels = g.labels(by, missing="own").per_neuron
    ends = labels[pre], labels[post]
    found = sorted(set(zip(*ends, strict=True)), key=lambda pair: (str(pair[0]), str(pair[1])))
    chosen = found if pairs is None else list(pairs)
    if len(chosen) > _MOST_PAIRS:
        raise InvalidArgument(
            f"{len(chosen)} pairs of types are too many for one figure (at most {_MOST_PAIRS}); "
            "choose with pairs=[(pre, post), ...], or a coarser column than "
            f"{by!r}"
        )
    absent = [pair for pair in chosen if pair not in found]
    if absent:
        raise InvalidArgument(f"no edge goes from {absent[0][0]!r} to {absent[0][1]!r} ({by})")
    colors = style.type_colors([pre_type for pre_type, _ in chosen], palette)
    targets = sorted({post_type for _, post_type in chosen}, key=str)
    dash = {name: _DASHES[place % len(_DASHES)] for place, name in enumerate(targets)}
    return [
        (f"{a} → {b}", (ends[0] == a) & (ends[1] == b), {"color": colors[a], "linestyle": dash[b]})
        for a, b in chosen
    ]
