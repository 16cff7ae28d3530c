"""The type matrix as a heat map, with its counts and intervals; what nobody saw is hatched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from connectome_graph.errors import UnknownName, choice, did_you_mean
from connectome_graph.plot import _style as style
from connectome_graph.plot._describe import Block, label_of, type_blocks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["type_matrix"]

Notes = Literal["all", "value", "none"]

#: More types than this have no names and no notes, but pixels.
MOST_NAMED = 150
#: The widest figure made here, in inches, the width of a page, and the pixels on a side of a
#: pooled one.
_WIDEST, _PAGE, _PIXELS = 16.0, 7.8, 800
#: Points across and down that a cell needs for its notes.
_ROOM_ALL, _ROOM_VALUE = (44.0, 30.0), (26.0, 11.0)


def type_matrix(
    table: pd.DataFrame,
    *,
    value: str = "probability",
    notes: Notes = "all",
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw a value for each ordered pair of types, presynaptic types down.

    Parameters
    ----------
    table
        What :func:`connectome_graph.stats.type_matrix` or
        :func:`connectome_graph.stats.labelled_reciprocity` returned.
    value
        The column drawn.
    notes
        What is written into the cells: ``"all"`` (value, interval, and edges out of pairs),
        ``"value"`` or ``"none"``; less where it could not be read at the size of the axes.
    log
        Whether colours follow the logarithm of the value; zeros then are white.
    ax
        Axes to draw on; by default those of a new figure, large enough for the notes.

    Returns
    -------
    matplotlib.axes.Axes
        Above 150 types each pixel is a group of types by another, without names. Blocks without
        a pair that could have been seen are hatched (pixels grey); blocks that were seen and have
        no value (no edge to average over) stay white with a dash.

    Raises
    ------
    UnknownName
        When the table has no such column.

    Examples
    --------
    >>> import pandas as pd, connectome_graph as cg
    >>> from matplotlib.figure import Figure
    >>> cells = pd.DataFrame({"root_id": [1, 2, 3], "cell_type": ["E", "I", "I"]})
    >>> g = cg.from_adjacency([[0, 2, 1], [1, 0, 0], [0, 0, 0]], cells)
    >>> table = cg.stats.type_matrix(g, by="cell_type", interval="wilson")
    >>> ax = cg.plot.type_matrix(table, ax=Figure().subplots())
    >>> ax.texts[-1].get_text().splitlines()
    ['0', '(0, 0.66)', '0 / 2']
    """
    choice(notes, ("all", "value", "none"), name="notes")
    if value not in table.columns:
        raise UnknownName(
            f"the table has no column {value!r}.{did_you_mean(value, map(str, table.columns))}"
        )
    n_rows, n_columns = (table[end].nunique() for end in ("pre_type", "post_type"))
    if max(n_rows, n_columns) > MOST_NAMED:
        return _pooled(style.axes_or_new(ax, (7.4, 6.4)), table, value, log=log)
    found = type_blocks(table, value)
    values = found.table
    side, notes = _side(notes, max(n_rows, n_columns)) if ax is None else (0.0, notes)
    size = 2.2 + side * n_columns, max(2.8, 1.2 + side * 0.9 * n_rows)
    axes = style.axes_or_new(ax, (min(size[0], _WIDEST), min(size[1], 0.9 * _WIDEST)))
    picture = _picture(axes, values, log=log)
    _axis_labels(axes, values)
    notes = _readable(axes, notes, n_rows, n_columns)
    rows = {name: place for place, name in enumerate(values.index)}
    columns = {name: place for place, name in enumerate(values.columns)}
    unseen = []
    for block in found.blocks:
        place = columns[block.post], rows[block.pre]
        if not block.observed:
            unseen.append(place)
        elif notes != "none":
            _note(axes, picture, place, block, value=value, notes=notes)
    _hatch(axes, unseen)
    style.color_bar(
        axes,
        picture,
        found.label,
        height=min(1.0, max(0.34, 3.5 / n_rows)),
    )
    return axes


def _side(notes: Notes, n: int) -> tuple[float, Notes]:
    """Return the side of a cell in inches, and the notes that can be read in it on a page.

    A figure that is wider than a page is shrunk there, and its text with it.

    Examples
    --------
    >>> _side("all", 5), _side("all", 11), _side("all", 40)
    ((0.82, 'all'), (0.5, 'value'), (0.16, 'none'))
    """
    for name, side in (("all", 0.82), ("value", 0.5)):
        if notes in ("all", name) and n * side <= _PAGE - 2.2:
            return side, name  # type: ignore[return-value]
    return min(max((_PAGE - 2.2) / n, 0.16), 0.34), "none"


def _picture(ax: Axes, values: pd.DataFrame, *, log: bool) -> Any:
    from matplotlib.colors import LogNorm, Normalize

    numbers = values.to_numpy(float)
    known = numbers[np.isfinite(numbers) & ((numbers > 0) if log else True)]
    high = float(known.max()) if len(known) else 1.0
    low = float(known.min()) if len(known) else 0.1
    norm = LogNorm(low, max(high, low * 1.001)) if log else Normalize(0, high or 1.0)
    shown = np.ma.masked_invalid(np.where(log & (numbers <= 0), np.nan, numbers))
    cmap = style.part_of("YlGnBu", 0.0, 0.95)
    return ax.imshow(shown, cmap=cmap, norm=norm, aspect="auto", interpolation="nearest")


def _axis_labels(ax: Axes, values: pd.DataFrame) -> None:
    n_rows, n_columns = values.shape
    ax.set_xticks(range(n_columns), [str(name) for name in values.columns], rotation=90)
    ax.set_yticks(range(n_rows), [str(name) for name in values.index])
    ax.tick_params(length=0, pad=10, labelsize="small", top=True, bottom=False, labeltop=True,
                   labelbottom=False)  # fmt: skip
    ax.set_xlabel("postsynaptic type")
    ax.xaxis.set_label_position("top")
    ax.set_ylabel("presynaptic type")
    _strips(ax, list(values.index), down=True)
    _strips(ax, list(values.columns), down=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _strips(ax: Axes, names: list[Any], *, down: bool) -> None:
    """Put a strip of the type's colour beside every label, as in the other figures."""
    from matplotlib.transforms import ScaledTranslation

    colors = style.type_colors(names)
    assert ax.figure is not None
    left, up = (-5 / 72, 0.0) if down else (0.0, 5 / 72)
    move = ScaledTranslation(left, up, ax.figure.dpi_scale_trans)
    along = ax.get_yaxis_transform() if down else ax.get_xaxis_transform()
    for place, name in enumerate(names):
        span, side = [place - 0.46, place + 0.46], [0.0, 0.0] if down else [1.0, 1.0]
        ax.plot(*((side, span) if down else (span, side)), color=colors[name], linewidth=5,
                solid_capstyle="butt", transform=along + move, clip_on=False)  # fmt: skip


def _readable(ax: Axes, notes: Notes, n_rows: int, n_columns: int) -> Notes:
    """Return the notes that fit into the cells at the size they have."""
    assert ax.figure is not None
    dots = ax.get_window_extent()
    wide = 72 * dots.width / ax.figure.dpi / max(n_columns, 1)
    high = 72 * dots.height / ax.figure.dpi / max(n_rows, 1)
    if notes == "all" and (wide < _ROOM_ALL[0] or high < _ROOM_ALL[1]):
        notes = "value"
    if notes == "value" and (wide < _ROOM_VALUE[0] or high < _ROOM_VALUE[1]):
        notes = "none"
    return notes


def _hatch(ax: Axes, places: list[tuple[int, int]]) -> None:
    """Hatch the blocks that nobody could have seen, all in one go."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    boxes = [Rectangle((x - 0.5, y - 0.5), 1, 1) for x, y in places]
    if boxes:
        ax.add_collection(
            PatchCollection(boxes, facecolor="none", hatch="////", edgecolor="#AAAAAA", linewidth=0)
        )


def _note(
    ax: Axes, picture: Any, place: tuple[int, int], block: Block, *, value: str, notes: Notes
) -> None:
    number = block.value
    lines = [_told(number)]
    if notes == "all":
        if np.isfinite([block.low, block.high]).all():
            lines.append(f"({_told(block.low)}, {_told(block.high)})")
        if value == "reciprocity":
            lines.append(f"of {block.n_edges:,}")
        else:
            lines.append(f"{block.n_edges:,} / {_short(block.n_pairs)}")
    back = picture.cmap(picture.norm(number)) if np.isfinite(number) else "white"
    ax.text(*place, "\n".join(lines), ha="center", va="center", linespacing=1.15,
            fontsize=6.5 if notes == "all" else 7, color=style.ink_on(back))  # fmt: skip


def _pooled(ax: Axes, table: pd.DataFrame, value: str, *, log: bool) -> Axes:
    """Draw more types than can be told apart: each pixel is a group of types by another.

    A pixel has the mean of its blocks, each weighted by its pairs, which for a probability is that
    of the group; grey where no pair of the whole group could have been seen.
    """
    ends = [pd.factorize(table[end]) for end in ("pre_type", "post_type")]
    shape = [min(len(names), _PIXELS) for _, names in ends]
    places = [codes * side // len(names) for (codes, names), side in zip(ends, shape, strict=True)]
    pixel = places[0] * shape[1] + places[1]
    values = table[value].to_numpy(float, na_value=np.nan)
    pairs = table["n_pairs"].to_numpy(float)
    known = np.isfinite(values) & (pairs > 0)
    size = shape[0] * shape[1]
    weight = np.bincount(pixel[known], pairs[known], minlength=size)
    total = np.bincount(pixel[known], (values * pairs)[known], minlength=size)
    pooled = np.divide(total, weight, out=np.full(size, np.nan), where=weight > 0)
    picture = _picture(ax, pd.DataFrame(pooled.reshape(shape)), log=log)
    ax.set_facecolor("#DDDDDD")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_xlabel(f"{len(ends[1][1]):,} postsynaptic types")
    ax.set_ylabel(f"{len(ends[0][1]):,} presynaptic types")
    style.color_bar(ax, picture, label_of(value))
    return ax


def _told(number: float) -> str:
    """Return a number with two significant digits.

    Examples
    --------
    >>> _told(0.04312), _told(1234.0), _told(float("nan"))
    ('0.043', '1,234', '-')
    """
    if not np.isfinite(number):
        return "-"
    if abs(number) >= 100:
        return f"{number:,.0f}"
    text = f"{number:.2g}"
    return text if "e" not in text else f"{number:.0e}".replace("e-0", "e-")


def _short(number: int) -> str:
    """Return a whole number in at most five characters.

    Examples
    --------
    >>> _short(4212), _short(134_322), _short(1_834_670)
    ('4,212', '134k', '1.8M')
    """
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1e3:.0f}k" if number < 1e6 else f"{number / 1e6:.1f}M"
