"""What plot describes, as shapes in a box of fixed size; the page's template draws them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from connectome_graph.plot import _describe as describe

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
        return [
            Tick(float(p), describe.number(v)) for p, v in zip(self(at), at.tolist(), strict=True)
        ]


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
    values: npt.ArrayLike,
    *,
    title: str,
    x_label: str,
    y_label: str,
    scale: describe.Scale = "linear",
) -> Chart | None:
    """Return how many values fall into each bin as bars, or None without values.

    Parameters
    ----------
    values
        Numbers; missing ones are left out.
    title, x_label, y_label
        What is shown.
    scale
        As in ``plot.weights``.

    Examples
    --------
    >>> chart = histogram([1, 1, 2], title="t", x_label="x", y_label="edges")
    >>> [bar.tip for bar in chart.bars]
    ['1: 2 edges', '2: 1 edges']
    """
    found = describe.histogram(values, scale=scale, bins=MOST_BARS)
    if found is None:
        return None
    x = _Axis(found.edges[0], found.edges[-1], LEFT, WIDTH - RIGHT, scale == "log")
    y = _Axis(0, max(int(found.counts.max()), 1), HEIGHT - BOTTOM, TOP)
    starts, tops = x(found.edges), y(found.counts)
    bars = [
        Bar(float(a), float(top), float(max(b - a - 0.5, 0.5)), HEIGHT - BOTTOM - float(top),
            f"{span}: {int(count):,} {y_label}")
        for a, b, top, span, count in zip(
            starts[:-1], starts[1:], tops, found.spans(), found.counts, strict=True
        )
    ]  # fmt: skip
    return Chart(title, x_label, y_label, bars=bars, x_ticks=x.ticks(), y_ticks=y.ticks())


def curve(found: describe.Curve, *, title: str) -> Chart:
    """Return a line with its band.

    Parameters
    ----------
    found
        The points, as ``plot.connection_by_distance`` draws them.
    title
        What is shown.
    """
    top = float(np.nanmax(found.high)) or 1.0
    across = _Axis(0, float(found.x.max()), LEFT, WIDTH - RIGHT)
    down = _Axis(0, top, HEIGHT - BOTTOM, TOP)
    x, y, low, high = across(found.x), down(found.y), down(found.low), down(found.high)
    around = [*zip(x, high, strict=True), *zip(x[::-1], low[::-1], strict=True)]
    places = zip(x.tolist(), y.tolist(), low.tolist(), high.tolist(), found.tips, strict=True)
    return Chart(
        title, found.x_label, found.y_label, dots=[Dot(*place) for place in places],
        band=_points(around), line=_points([*zip(x, y, strict=True)]),
        x_ticks=across.ticks(), y_ticks=down.ticks(),
    )  # fmt: skip


def _points(pairs: Sequence[Any]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


def ratios(found: describe.Ratios, *, title: str, x_label: str) -> Chart | None:
    """Return observed over null, a row for each class, with the null's interval as a line.

    Parameters
    ----------
    found
        The classes, as ``plot.triad_census`` draws them; those that are not tested are faint.
    title, x_label
        What is shown.
    """
    at = [place for place, state in enumerate(found.states) if state != "absent"]
    if not at:
        return None
    ends = np.concatenate([found.ratio[at], found.low[at], found.high[at]])
    ends = ends[np.isfinite(ends) & (ends > 0)]
    reach = max(1.25, float(np.exp(np.abs(np.log(ends)).max())) * 1.1)
    row = 20.0
    height = TOP + row * len(at) + BOTTOM
    x = _Axis(1 / reach, reach, LEFT, WIDTH - RIGHT, log=True)
    dots = []
    for k, i in enumerate(at):
        span = np.clip([found.low[i], found.high[i]], 1 / reach, reach)
        a, b = x(np.where(np.isfinite(span), span, 1.0)).tolist()
        where = float(x(found.ratio[i])), TOP + row * (k + 0.5)
        dots.append(Dot(*where, a, b, found.tips[i], found.states[i] == "derived"))
    steps = [
        s for s in (0.01, 0.1, 0.2, 0.5, 0.8, 1, 1.25, 2, 5, 10, 100) if 1 / reach <= s <= reach
    ]
    if reach > 3:
        steps = [s for s in steps if s not in (0.8, 1.25)]
    return Chart(
        title, x_label, "", dots=dots, sideways=True, upright=float(x(1.0)),
        x_ticks=[Tick(float(x(s)), describe.number(s)) for s in steps],
        y_ticks=[Tick(dot.y, found.names[i]) for dot, i in zip(dots, at, strict=True)],
        height=height, frame=(LEFT, TOP, WIDTH - RIGHT, height - BOTTOM),
    )  # fmt: skip
