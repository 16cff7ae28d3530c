"""Similarity as a clustered matrix, with the tree that orders it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidArgument
from connectome_graph.plot import _style as style
from connectome_graph.stats import SimilarityClusters, similarity_matrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["similarity"]

# More rows than this have no names beside them.
_MOST_NAMED = 80


def similarity(
    table: pd.DataFrame,
    clusters: SimilarityClusters,
    *,
    labels: pd.Series | None = None,
    palette: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw similarities as a matrix in the order of their tree, clusters framed.

    Parameters
    ----------
    table
        What :func:`connectome_graph.stats.similarity` returned.
    clusters
        What :func:`connectome_graph.stats.cluster_similarity` made of it.
    labels
        Types by root id, such as ``g.neurons["cell_type"]``: coloured strips beside the matrix.
    palette
        Colours by type, in place of the standard ones.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the matrix; the tree is to its left.

    Raises
    ------
    InvalidArgument
        When table and clusters are of different neurons.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> g = cg.from_adjacency([[0, 0, 0, 2, 1], [0, 0, 0, 2, 1], [0, 0, 0, 0, 1], [0] * 5, [0] * 5])
    >>> alike = cg.stats.similarity(g, of="outputs", top=None)
    >>> groups = cg.stats.cluster_similarity(alike, n_clusters=2)
    >>> cg.plot.similarity(alike, groups, ax=Figure().subplots()).get_xlabel()
    '3 neurons in 2 clusters'
    """
    matrix = similarity_matrix(table)
    if set(matrix.index) != set(clusters.labels.index):
        raise InvalidArgument(
            f"table and clusters are of different neurons: {len(matrix):,} and "
            f"{len(clusters.labels):,}; make the clusters of this table"
        )
    order = clusters.order
    shown = matrix.loc[order, order].to_numpy(copy=True)
    n = len(order)
    axes = _new_axes() if ax is None else ax
    np.fill_diagonal(shown, np.nan)
    known = shown[np.isfinite(shown)]
    high = float(np.quantile(known, 0.995)) if len(known) else 1.0
    cmap = style.part_of("YlGnBu", 0.0, 0.95).with_extremes(bad="#DDDDDD")
    picture = axes.imshow(
        np.ma.masked_invalid(shown), cmap=cmap, vmin=0, vmax=high or 1.0, interpolation="nearest"
    )
    names = None if labels is None else labels.reindex(order)
    _ticks(axes, order, names)
    runs = _frames(axes, clusters.labels.loc[order].to_numpy())
    _tree(axes, clusters, strip=names is not None)
    if names is not None:
        _strip(axes, names, palette)
    _bar(axes, picture)
    axes.set_xlabel(f"{n:,} neurons in {runs:,} cluster{'s' if runs != 1 else ''}")
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def _new_axes() -> Axes:
    """Return axes with room for the tree, names and the legend around them."""
    import matplotlib.pyplot as plt

    figure: Any = plt.figure(figsize=(9.6, 6.6))
    axes: Axes = figure.add_axes((0.14, 0.15, 0.56, 0.815))
    return axes


def _ticks(ax: Axes, order: Any, names: pd.Series | None) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    if len(order) > _MOST_NAMED:
        return
    texts = [str(root) for root in order] if names is None else [
        "unknown" if pd.isna(name) else str(name) for name in names
    ]  # fmt: skip
    ax.set_yticks(range(len(order)), texts, fontsize=float(np.clip(360 / len(order), 4.5, 8)))
    ax.yaxis.tick_right()
    ax.tick_params(length=0, pad=2)


def _frames(ax: Axes, cluster: Any) -> int:
    """Frame the clusters on the diagonal and return their number."""
    from matplotlib.patches import Rectangle

    starts = np.flatnonzero(np.diff(cluster, prepend=cluster[0] - 1))
    stops = np.append(starts[1:], len(cluster))
    for a, b in zip(starts.tolist(), stops.tolist(), strict=True):
        if b - a > 1:
            ax.add_patch(Rectangle((a - 0.5, a - 0.5), b - a, b - a, fill=False,
                                   edgecolor=style.INK, linewidth=0.7))  # fmt: skip
    return len(starts)


def _tree(ax: Axes, clusters: SimilarityClusters, *, strip: bool) -> None:
    from matplotlib.collections import LineCollection
    from scipy.cluster.hierarchy import dendrogram

    left = 0.15 if not strip else 0.195
    side = ax.inset_axes((-left, 0.0, 0.145, 1.0))
    found = dendrogram(clusters.linkage, no_plot=True)
    # SciPy places leaves at 5, 15, 25 ...
    lines = [
        list(zip(depth, (np.array(at) - 5) / 10, strict=True))
        for at, depth in zip(found["icoord"], found["dcoord"], strict=True)
    ]
    side.add_collection(
        LineCollection(
            lines, colors=style.INK, linewidths=0.5 if len(clusters.order) < 400 else 0.2
        )
    )
    deepest = max(depth for line in lines for depth, _ in line)
    side.set_xlim(deepest * 1.02 or 1.0, 0)
    side.set_ylim(len(clusters.order) - 0.5, -0.5)
    side.set_axis_off()


def _strip(ax: Axes, names: pd.Series, palette: Mapping[Any, str] | None) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Patch

    texts = ["unknown" if pd.isna(name) else name for name in names]
    colors = style.type_colors(sorted(set(texts), key=str), palette)
    side = ax.inset_axes((-0.045, 0.0, 0.03, 1.0))
    pixels = np.array([to_rgb(colors[name]) for name in texts])[:, None, :]
    side.imshow(pixels, aspect="auto", interpolation="nearest")
    side.set_axis_off()
    if len(colors) <= 40:
        handles = [Patch(color=color, label=str(name)) for name, color in colors.items()]
        columns = 1 if len(colors) <= 20 else 2
        right = 1.02 if len(names) > _MOST_NAMED else 1.16
        style.legend(ax, handles=handles, handlelength=1.0, loc="upper left", ncols=columns,
                     bbox_to_anchor=(right, 1.0), borderaxespad=0.0)  # fmt: skip


def _bar(ax: Axes, picture: Any) -> None:
    place = ax.inset_axes((0.0, -0.10, 0.3, 0.022))
    assert ax.figure is not None
    bar = ax.figure.colorbar(picture, cax=place, orientation="horizontal")
    bar.set_label("similarity", fontsize="small")
    bar.ax.tick_params(labelsize="x-small")
    bar.outline.set_visible(False)
