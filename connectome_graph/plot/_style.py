"""One style for every figure: colours that stay with their type, plain axes, quiet legends.

A cell type has the same colour in every figure, whichever other types are drawn beside it. The
types of mouse cortex are named here; any other name finds its colour by itself, from its
letters. The colours are told apart by eyes with protanopia and deuteranopia too.
"""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from connectome_graph.border.arguments import By, Weight, shown
from connectome_graph.errors import InvalidArgument

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

__all__ = ["INK", "MISSING", "PALETTE", "TYPE_COLORS", "type_colors"]

#: Text, axes, and whatever is observed.
INK = "#222222"
#: What is not known, and what a null model does.
MISSING = "#BBBBBB"
#: Colours without a name of their own, in the order in which they are used.
PALETTE = (
    "#0077BB", "#EE7733", "#199669", "#AD3129", "#8E4174", "#7A941F",
    "#40ABE2", "#FFB8C4", "#153FA7", "#D4C944", "#308E48", "#8B2583",
)  # fmt: skip
#: Colours of types that are met often: excitatory ones warm, inhibitory ones cold.
TYPE_COLORS: Mapping[str, str] = MappingProxyType(
    {
        "excitatory": "#EE7733", "inhibitory": "#0077BB", "nonneuron": "#999999",
        "23P": "#D8DA3D", "4P": "#EE7733", "5P-ET": "#CE042A", "5P-IT": "#FFB297",
        "5P-NP": "#604A09", "6P-CT": "#A22850", "6P-IT": "#DA4D82",
        "BC": "#0077BB", "BPC": "#37D4EF", "MC": "#053A77", "NGC": "#1AA0A1",
        "astrocyte": "#999933", "oligo": "#777777", "OPC": "#AAAA77", "microglia": "#117733",
        "pericyte": "#555533", "E": "#EE7733", "I": "#0077BB", "unknown": MISSING,
        # parts of a neuron, in colours that no type of cortex has: figures stand side by side
        "soma": "#000000", "axon": "#9A5FC8", "dendrite": "#5E9E3A", "apical": "#A9D070",
        "custom": "#00695C",
    }
)  # fmt: skip


def type_colors(
    names: Iterable[Hashable], palette: Mapping[Any, str] | None = None
) -> dict[Any, str]:
    """Return a colour for every name; the same name has the same colour in every figure.

    Parameters
    ----------
    names
        Types, or any other labels. Missing ones are grey.
    palette
        Colours by name that take precedence.

    Returns
    -------
    dict
        Colour (``"#rrggbb"``) by name, in the order given. A name that is not in
        :data:`TYPE_COLORS` takes the place in :data:`PALETTE` that a checksum of its letters
        points to; where two names meet, the later in the alphabet takes the next free place.

    Examples
    --------
    >>> type_colors(["BC", "my type"])["BC"] == type_colors(["23P", "BC"])["BC"]
    True
    """
    listed = list(dict.fromkeys(names))
    for color in (palette or {}).values():
        known_color(color, name="palette")
    chosen = {**TYPE_COLORS, **{str(name): color for name, color in (palette or {}).items()}}
    found = {name: MISSING if pd.isna(name) else chosen.get(str(name)) for name in listed}  # type: ignore[call-overload]
    taken = {color for color in found.values() if color is not None}
    for name in sorted((name for name in listed if found[name] is None), key=str):
        start = zlib.crc32(str(name).encode())
        order = [PALETTE[(start + step) % len(PALETTE)] for step in range(len(PALETTE))]
        found[name] = next((color for color in order if color not in taken), order[0])
        taken.add(str(found[name]))
    return {name: str(found[name]) for name in listed}


def known_color(color: Any, *, name: str) -> Any:
    """Return a colour of matplotlib's, or say that it is none.

    Raises
    ------
    InvalidArgument
        When matplotlib does not know it.
    """
    from matplotlib.colors import is_color_like

    if color is not None and not is_color_like(color):
        raise InvalidArgument(
            f"{name}={shown(color)}; it must be a colour that matplotlib knows, such as 'crimson' "
            "or '#cc3344'"
        )
    return color


def axes_or_new(ax: Axes | None, size: tuple[float, float] = (5.0, 3.6)) -> Axes:
    """Return `ax`, or the Axes of a new figure of that size in inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    new: Axes = plt.subplots(figsize=size, layout="constrained")[1]
    return new


def plain(ax: Axes) -> Axes:
    """Return `ax` without the upper and the right line of its frame."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(INK)
    ax.tick_params(colors=INK)
    return ax


def legend(ax: Axes, *, outside: bool = False, title: str | None = None, **options: Any) -> None:
    """Draw the legend, inside the axes or to the right of them, with marks large enough to see."""
    options = {"frameon": False, "fontsize": "small", "title_fontsize": "small", **options}
    if not options.get("handles") and not ax.get_legend_handles_labels()[0]:
        return
    if outside:
        options |= {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.3}
    from matplotlib.collections import LineCollection

    drawn = ax.legend(title=title, **options)
    drawn.set_alignment("left")
    for handle in drawn.legend_handles:
        # Dots as small as those drawn would hardly show in a legend.
        getattr(handle, "set_sizes", list)([20.0])
        if isinstance(handle, LineCollection):
            handle.set_linewidth(2)


def color_bar(ax: Axes, mappable: Any, label: str, *, height: float = 0.34) -> None:
    """Draw a colour bar to the right of the axes, at their lower end."""
    place = ax.inset_axes((1.03, 0.0, 0.028, height))
    bar = ax.figure.colorbar(mappable, cax=place)
    bar.set_label(label, fontsize="small")
    bar.ax.tick_params(labelsize="small")
    bar.outline.set_visible(False)


def quantity(name: By) -> str:
    """Return a column's name as a label, its unit in brackets; several side by side.

    Examples
    --------
    >>> quantity("distance_to_root_um"), quantity("cell_type")
    ('distance to root (µm)', 'cell type')
    """
    if not isinstance(name, str):
        return " | ".join(quantity(each) for each in name)
    unit = " (µm)" if name.endswith("_um") else ""
    return name.removesuffix("_um").replace("_", " ") + unit


def weight_name(weight: Weight) -> str:
    """Return what an edge weight is called on an axis.

    Examples
    --------
    >>> weight_name("log_sum"), weight_name(("distance_to_root_um", "mean"))
    ('ln of total synapse size', 'mean distance to root (µm)')
    """
    known = {
        "count": "synapses per connection", "sum": "total synapse size",
        "mean": "mean synapse size", "max": "largest synapse", "binary": "connected",
        "log_sum": "ln of total synapse size",
        "input_fraction": "share of the target's synapses",
        "output_fraction": "share of the source's synapses",
    }  # fmt: skip
    if isinstance(weight, str):
        return known.get(weight, quantity(weight))
    return f"{weight[1]} {quantity(weight[0])}" if isinstance(weight, tuple) else "weight"


def ink_on(color: Any) -> str:
    """Return black or white, whichever reads better on a colour.

    Examples
    --------
    >>> ink_on("#FFFFFF"), ink_on("#003366")
    ('#222222', '#FFFFFF')
    """
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.2 else "#FFFFFF"


def part_of(name: str, low: float, high: float) -> Colormap:
    """Return a part of a colour map, so that its faintest colour still shows on white."""
    import numpy as np
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    colors = colormaps[name](np.linspace(low, high, 256))
    return LinearSegmentedColormap.from_list(f"{name} {low:g}-{high:g}", list(colors))
