"""What flows from seeds from layer to layer: bars of types, and bands between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import whole
from connectome_graph.errors import InvalidArgument
from connectome_graph.plot import _style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["flow"]

_OTHERS = "others"
_GAP = 0.012
_BAR = 0.09


def flow(
    table: pd.DataFrame,
    *,
    most: int = 14,
    palette: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the flow from seed neurons by layer: types as bars, synapses as bands between them.

    A bar is as high as the synapses that enter or leave its type forward, whichever are more;
    each layer has the same scale. Bands run from a layer to the next and have the colour of the
    presynaptic type; what runs within a layer or back is not drawn, and the figure says how much
    that is.

    Parameters
    ----------
    table
        What :func:`connectome_graph.stats.flow` returned.
    most
        Types named in a layer; smaller ones are one bar, ``others``, with their number.
    palette
        Colours by type, in place of the standard ones.
    ax
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; ``ax.texts[-1]`` says what was left out.

    Raises
    ------
    InvalidArgument
        When the table is another one, or nothing runs forward.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "kind": ["A", "B", "C"]})
    >>> g = cg.from_adjacency([[0, 2, 0], [1, 0, 3], [0, 0, 0]], cells)
    >>> ax = cg.plot.flow(cg.stats.flow(g, [1], by="kind"), ax=Figure().subplots())
    >>> ax.texts[-1].get_text()
    '5 of 6 synapses run forward, 0 within a layer, 1 back'
    """
    whole(most, name="most")
    needed = ["pre_layer", "pre_type", "post_layer", "post_type", "n_synapses"]
    if any(name not in table.columns for name in needed):
        raise InvalidArgument("a flow diagram needs the table of stats.flow")
    step = table["post_layer"] - table["pre_layer"]
    forward = table[step == 1]
    if forward.empty:
        raise InvalidArgument("nothing runs forward from the seeds, so there is nothing to draw")
    bars = _Bars(forward, most)
    height = float(np.clip(2.5 + 0.28 * bars.most_in_a_layer, 3.5, 8.0))
    # not wider than a page, where it would be shrunk and its names with it
    wide = min(2.6 + 2.5 * bars.n_layers, max(7.8, 2.0 + 1.2 * bars.n_layers))
    axes = style.axes_or_new(ax, (wide, height))
    names = [name for _, name in bars.size if not name.startswith(_OTHERS)]
    colors = style.type_colors(list(dict.fromkeys(names)), palette)
    _bands(axes, bars, colors)
    _boxes(axes, bars, colors)
    counts = [int(table["n_synapses"][rows].sum()) for rows in (step == 1, step == 0, step < 0)]
    total = int(table["n_synapses"].sum())
    axes.set_xlim(-0.25, bars.n_layers - 1 + 0.75)
    axes.set_ylim(1.03, -0.05)
    axes.set_axis_off()
    for layer in range(bars.n_layers):
        title = "seeds" if layer + bars.first == 0 else f"layer {layer + bars.first}"
        axes.text(layer, -0.03, title, ha="center", va="bottom", fontsize="small", color=style.INK)
    axes.text(
        -0.2, 1.03, f"{counts[0]:,} of {total:,} synapses run forward, {counts[1]:,} within a "
        f"layer, {counts[2]:,} back", ha="left", va="top", fontsize="small", color=style.INK,
    )  # fmt: skip
    return axes


class _Bars:
    """Where the bar of every type of every layer stands."""

    def __init__(self, forward: pd.DataFrame, most: int) -> None:
        self.first = int(forward["pre_layer"].min())
        ends = [
            forward["n_synapses"]
            .groupby([forward[f"{side}_layer"], forward[f"{side}_type"].map(str)])
            .sum()
            .rename_axis([None, None])
            for side in ("pre", "post")
        ]
        size = pd.concat(ends, axis=1).max(axis=1)
        self.n_layers = int(forward["post_layer"].max()) - self.first + 1
        self.named: dict[tuple[int, str], str] = {}
        layer: Any
        for layer, group in size.groupby(level=0):
            ranked = group.sort_values(ascending=False, kind="stable").index.get_level_values(1)
            small = list(ranked[most:]) if len(ranked) > most + 1 else []
            for name in ranked:
                other = f"{_OTHERS} ({len(small):,})" if name in small else str(name)
                self.named[int(layer), str(name)] = other
        self.links: dict[tuple[int, str, str], float] = {}
        columns = ("pre_layer", "pre_type", "post_layer", "post_type", "n_synapses")
        for i, s, j, t, n in forward[list(columns)].itertuples(index=False):
            key = int(i), self.named[int(i), str(s)], self.named[int(j), str(t)]
            self.links[key] = self.links.get(key, 0.0) + float(n)
        self.size = self._sizes()
        self.place = self._places()
        per_layer = [sum(layer == at for layer, _ in self.size) for at in self._layers()]
        self.most_in_a_layer = max(per_layer)

    def _layers(self) -> range:
        return range(self.first, self.first + self.n_layers)

    def _sizes(self) -> dict[tuple[int, str], float]:
        into: dict[tuple[int, str], float] = {}
        out: dict[tuple[int, str], float] = {}
        for (layer, source, target), n in self.links.items():
            out[layer, source] = out.get((layer, source), 0.0) + n
            into[layer + 1, target] = into.get((layer + 1, target), 0.0) + n
        return {key: max(into.get(key, 0.0), out.get(key, 0.0)) for key in {**out, **into}}

    def _places(self) -> dict[tuple[int, str], tuple[float, float]]:
        """Return top and height of every bar; the fullest layer fills the height."""
        layers = {at: [key for key in self.size if key[0] == at] for at in self._layers()}
        unit = max(sum(self.size[key] for key in keys) for keys in layers.values())
        gaps = max(len(keys) for keys in layers.values())
        scale = (1 - _GAP * (gaps - 1)) / unit
        middle: dict[tuple[int, str], float] = {}
        found: dict[tuple[int, str], tuple[float, float]] = {}
        for layer, keys in layers.items():

            def wished(key: tuple[int, str], layer: int = layer) -> tuple[bool, float]:
                pulls = [
                    (n, middle[layer - 1, source])
                    for (at, source, target), n in self.links.items()
                    if at == layer - 1 and target == key[1]
                ]
                mean = sum(n * y for n, y in pulls) / sum(n for n, _ in pulls) if pulls else 0.5
                # What is many small types stands last.
                return key[1].startswith(_OTHERS), mean if pulls else -self.size[key]

            keys.sort(key=wished)
            used = sum(self.size[key] for key in keys) * scale + _GAP * (len(keys) - 1)
            top = (1 - used) / 2
            for key in keys:
                height = self.size[key] * scale
                found[key] = top, height
                middle[key] = top + height / 2
                top += height + _GAP
        self.scale = scale
        return found


def _bands(ax: Axes, bars: _Bars, colors: Mapping[Any, str]) -> None:
    x = np.linspace(0, 1, 40)
    ease = x**2 * (3 - 2 * x)
    left: dict[tuple[int, str], float] = {}
    right: dict[tuple[int, str], float] = {}
    order = sorted(
        bars.links,
        key=lambda key: (key[0], bars.place[key[0], key[1]][0], bars.place[key[0] + 1, key[2]][0]),
    )
    starts = {}
    for key in order:
        layer, source, _ = key
        starts[key] = left.get((layer, source), bars.place[layer, source][0])
        left[layer, source] = starts[key] + bars.links[key] * bars.scale
    for key in sorted(
        order,
        key=lambda key: (key[0], bars.place[key[0] + 1, key[2]][0], bars.place[key[0], key[1]][0]),
    ):
        layer, source, target = key
        width = bars.links[key] * bars.scale
        end = right.get((layer + 1, target), bars.place[layer + 1, target][0])
        right[layer + 1, target] = end + width
        top = starts[key] + (end - starts[key]) * ease
        begin, stop = layer - bars.first + _BAR / 2, layer - bars.first + 1 - _BAR / 2
        color = colors.get(source, style.MISSING)
        ax.fill_between(begin + (stop - begin) * x, top, top + width, color=color, alpha=0.45,
                        linewidth=0)  # fmt: skip


def _boxes(ax: Axes, bars: _Bars, colors: Mapping[Any, str]) -> None:
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    for (layer, name), (top, height) in bars.place.items():
        at = layer - bars.first
        color = colors.get(name, style.MISSING)
        ax.add_patch(Rectangle((at - _BAR / 2, top), _BAR, max(height, 0.002), color=color,
                               linewidth=0, zorder=3))  # fmt: skip
        text = ax.text(at + _BAR / 2 + 0.02, top + height / 2, name, ha="left", va="center",
                       fontsize="x-small", color=style.INK, zorder=4)  # fmt: skip
        text.set_path_effects([withStroke(linewidth=1.8, foreground="white", alpha=0.8)])
