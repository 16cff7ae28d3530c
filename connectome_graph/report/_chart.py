"""Charts as shapes in a box of fixed size; the page's template draws them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from connectome_graph.report._table import number

__all__ = ["Bar", "Chart", "Dot", "Tick", "curve", "histogram", "ratios"]

Floats = npt.NDArray[np.float64]

WIDTH, HEIGHT = 460.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 12.0, 10.0, 42.0
MOST_BARS = 40


class Bar(NamedTuple):
    """A filled box, and what it says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    tip: str


class Dot(NamedTuple):
    """A mark with a line from `low` to `high` along one axis."""

    x: float
    y: float
    low: float
    high: float
    tip: str
    faint: bool = False


class Tick(NamedTuple):
    """A place along an axis and its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Shapes in a box of ``width`` x ``height``, y downwards.

    Parameters
    ----------
    title
        What it shows.
    x_label, y_label
        What is along the axes.
    """

    title: str
    x_label: str
    y_label: str
    bars: Sequence[Bar] = ()
    dots: Sequence[Dot] = ()
    band: str = ""
    line: str = ""
    dashed: str = ""
    upright: float | None = None
    sideways: bool = False
    x_ticks: Sequence[Tick] = ()
    y_ticks: Sequence[Tick] = ()
    width: float = WIDTH
    height: float = HEIGHT
    frame: tuple[float, float, float, float] = field(
        default=(LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM)
    )


class _Axis(NamedTuple):
    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def __call__(self, values: npt.ArrayLike) -> Floats:
        v = np.asarray(values, float)
        ends = np.array([self.low, self.high])
        if self.log:
            v, ends = np.log10(v), np.log10(ends)
        span = ends[1] - ends[0] or 1.0
        return np.asarray(self.start + (v - ends[0]) / span * (self.stop - self.start))

    def ticks(self) -> list[Tick]:
        if self.log:
            powers = np.arange(np.ceil(np.log10(self.low)), np.floor(np.log10(self.high)) + 1)
            at = 10.0**powers
            if len(at) < 2:
                at = np.unique(np.array([self.low, self.high]))
        else:
            at = _round_steps(self.low, self.high)
        return [Tick(float(p), number(v)) for p, v in zip(self(at), at.tolist(), strict=True)]


def _round_steps(low: float, high: float) -> Floats:
    """Return about five round numbers between two.

    Examples
    --------
    >>> _round_steps(0, 10).tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    span = (high - low) or 1.0
    raw = span / 5
    power = 10 ** np.floor(np.log10(raw))
    step = power * min((1, 2, 5, 10), key=lambda m: abs(m * power - raw))
    first = np.ceil(low / step - 1e-9)
    at = np.arange(first, np.floor(high / step + 1e-9) + 1) * step
    return np.asarray(np.round(at, 12) + 0.0)  # a negative zero becomes a plain one


def histogram(
    values: npt.ArrayLike, *, title: str, x_label: str, y_label: str, log: bool = False
) -> Chart | None:
    """Return how many values fall into each bin, or None without values.

    Parameters
    ----------
    values
        Numbers; missing ones are left out.
    title, x_label, y_label
        What is shown.
    log
        Whether the bins are evenly spaced on a logarithmic scale; they then start above 0.

    Examples
    --------
    >>> chart = histogram([1, 1, 2], title="t", x_label="x", y_label="edges")
    >>> [bar.tip for bar in chart.bars]
    ['1: 2 edges', '2: 1 edges']
    """
    data = np.asarray(values, float)
    data = data[np.isfinite(data) & ((data > 0) | (not log))]
    if not len(data):
        return None
    whole = bool((data == np.floor(data)).all())
    edges = _bin_edges(data, log=log, whole=whole)
    counts = np.histogram(data, edges)[0]
    x = _Axis(edges[0], edges[-1], LEFT, WIDTH - RIGHT, log)
    y = _Axis(0, max(int(counts.max()), 1), HEIGHT - BOTTOM, TOP)
    starts, tops = x(edges), y(counts)
    bars = []
    for i, count in enumerate(counts.tolist()):
        low, high = edges[i], edges[i + 1]
        if whole:
            first, last = int(np.ceil(low)), int(np.ceil(high)) - 1
            span = number(first) if first >= last else f"{number(first)} to {number(last)}"
        else:
            span = f"{number(low)} to {number(high)}"
        bars.append(
            Bar(float(starts[i]), float(tops[i]), float(max(starts[i + 1] - starts[i] - 0.5, 0.5)),
                HEIGHT - BOTTOM - float(tops[i]), f"{span}: {count:,} {y_label}")
        )  # fmt: skip
    return Chart(title, x_label, y_label, bars=bars, x_ticks=x.ticks(), y_ticks=y.ticks())


def _bin_edges(data: Floats, *, log: bool, whole: bool) -> Floats:
    low, high = float(data.min()), float(data.max())
    if log:
        edges = np.geomspace(low * (0.999 if not whole else 1), high * 1.001 + whole, MOST_BARS + 1)
        return np.unique(np.floor(edges) - 0.5) if whole else edges
    if whole:
        step = max(1, int(np.ceil((high - low + 1) / MOST_BARS)))
        n = int((high - low) // step) + 1
        return low - 0.5 + step * np.arange(n + 1.0)
    return np.linspace(low, high if high > low else low + 1, MOST_BARS + 1)


def curve(
    x: npt.ArrayLike, y: npt.ArrayLike, *, low: npt.ArrayLike, high: npt.ArrayLike,
    tips: Sequence[str], title: str, x_label: str, y_label: str,
    reference: npt.ArrayLike | None = None,
) -> Chart | None:  # fmt: skip
    """Return a line with its band, or None when nothing is known.

    Parameters
    ----------
    x, y
        The points; those with a missing `y` are left out.
    low, high
        The band.
    tips
        What each point says.
    title, x_label, y_label
        What is shown.
    reference
        A second line, dashed.

    Examples
    --------
    >>> chart = curve(
    ...     [0, 1],
    ...     [0.5, 1],
    ...     low=[0, 1],
    ...     high=[1, 1],
    ...     tips=["a", "b"],
    ...     title="t",
    ...     x_label="x",
    ...     y_label="y",
    ... )
    >>> len(chart.dots)
    2
    """
    xs, ys = np.asarray(x, float), np.asarray(y, float)
    known = np.isfinite(ys)
    if not known.any():
        return None
    lows, highs = np.asarray(low, float), np.asarray(high, float)
    top = float(np.nanmax(highs[known])) or 1.0
    across = _Axis(0, float(xs[known].max()), LEFT, WIDTH - RIGHT)
    down = _Axis(0, top, HEIGHT - BOTTOM, TOP)
    px, py = across(xs), down(ys)
    pl, ph = down(lows), down(highs)
    at = np.flatnonzero(known)
    band = [(px[i], ph[i]) for i in at] + [(px[i], pl[i]) for i in at[::-1]]
    dots = [
        Dot(float(px[i]), float(py[i]), float(pl[i]), float(ph[i]), tips[i]) for i in at.tolist()
    ]
    dashed = ""
    if reference is not None:
        pr = down(np.minimum(np.asarray(reference, float), top))
        dashed = _points([(px[i], pr[i]) for i in at if np.isfinite(pr[i])])
    return Chart(
        title, x_label, y_label, dots=dots, band=_points(band), dashed=dashed,
        line=_points([(px[i], py[i]) for i in at]), x_ticks=across.ticks(), y_ticks=down.ticks(),
    )  # fmt: skip


def _points(pairs: Sequence[Any]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


def ratios(
    names: Sequence[str], ratio: npt.ArrayLike, *, low: npt.ArrayLike, high: npt.ArrayLike,
    tips: Sequence[str], faint: Sequence[bool], title: str, x_label: str,
) -> Chart | None:  # fmt: skip
    """Return observed over null, a row a name, with the null's interval as a line.

    Parameters
    ----------
    names
        Labels of the rows.
    ratio
        Observed over mean; rows where it is missing or 0 are left out.
    low, high
        Interval of the null over its mean.
    tips
        What each row says.
    faint
        Whether a row is drawn faintly.
    title, x_label
        What is shown.

    Examples
    --------
    >>> chart = ratios(
    ...     ["030T"],
    ...     [2.0],
    ...     low=[0.9],
    ...     high=[1.1],
    ...     tips=["a"],
    ...     faint=[False],
    ...     title="t",
    ...     x_label="x",
    ... )
    >>> len(chart.dots)
    1
    """
    values, lows, highs = (np.asarray(each, float) for each in (ratio, low, high))
    at = np.flatnonzero(np.isfinite(values) & (values > 0))
    if not len(at):
        return None
    ends = np.concatenate([values[at], lows[at], highs[at]])
    ends = ends[np.isfinite(ends) & (ends > 0)]
    reach = max(1.25, float(np.exp(np.abs(np.log(ends)).max())) * 1.1)
    row = 20.0
    height = TOP + row * len(at) + BOTTOM
    x = _Axis(1 / reach, reach, LEFT, WIDTH - RIGHT, log=True)
    dots = []
    for k, i in enumerate(at.tolist()):
        span = np.clip([lows[i], highs[i]], 1 / reach, reach)
        a, b = x(np.where(np.isfinite(span), span, 1.0)).tolist()
        dots.append(Dot(float(x(values[i])), TOP + row * (k + 0.5), a, b, tips[i], bool(faint[i])))
    steps = [
        s for s in (0.01, 0.1, 0.2, 0.5, 0.8, 1, 1.25, 2, 5, 10, 100) if 1 / reach <= s <= reach
    ]
    if reach > 3:
        steps = [s for s in steps if s not in (0.8, 1.25)]
    return Chart(
        title, x_label, "", dots=dots, sideways=True, upright=float(x(1.0)),
        x_ticks=[Tick(float(x(s)), number(s)) for s in steps],
        y_ticks=[Tick(dot.y, names[i]) for dot, i in zip(dots, at.tolist(), strict=True)],
        height=height, frame=(LEFT, TOP, WIDTH - RIGHT, height - BOTTOM),
    )  # fmt: skip
