"""What a figure shows, before anyone draws it: axes (plot) and pages (report) read the same.

A description holds numbers and words: which bins, which dots, which of them were tested, what
each mark says. How it looks is the business of who draws it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument
from connectome_graph.motifs._classes import CLASSES, CONNECTED
from connectome_graph.plot._style import quantity
from connectome_graph.stats._labels import to_matrix

__all__ = [
    "MISSING",
    "Block",
    "Blocks",
    "Curve",
    "Histogram",
    "Ratios",
    "bin_edges",
    "by_distance",
    "histogram",
    "label_of",
    "number",
    "triad_ratios",
    "type_blocks",
]

Floats = npt.NDArray[np.float64]
Scale = Literal["linear", "log"]

#: What stands where a value is not known.
MISSING = "missing"
#: Up to so many different whole numbers have a bin each on a linear scale.
_EVERY_NUMBER = 150


def number(value: Any) -> str:
    """Return a number for people: whole ones with separators, others to three digits.

    Examples
    --------
    >>> number(1234567), number(0.04302), number(float("nan")), number(2.0)
    ('1,234,567', '0.043', 'missing', '2')
    """
    if value is None or value is pd.NA:
        return MISSING
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    value = float(value)
    if math.isnan(value):
        return MISSING
    if math.isinf(value) or (value == int(value) and abs(value) < 1e15):
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


# -- how many values fall into each bin ---------------------------------------------------------


@dataclass(frozen=True)
class Histogram:
    """How many values fall into each bin.

    Parameters
    ----------
    edges
        Borders of the bins, float64.
    counts
        Values in each bin, one fewer than `edges`.
    scale
        Scale of the values.
    """

    edges: Floats
    counts: Floats
    scale: Scale
    whole: bool

    def spans(self) -> list[str]:
        """Return what each bin holds, in words."""
        said = []
        for low, high in zip(self.edges[:-1].tolist(), self.edges[1:].tolist(), strict=True):
            if not self.whole:
                said.append(f"{number(low)} to {number(high)}")
                continue
            first, last = math.ceil(low), math.ceil(high) - 1
            said.append(number(first) if first >= last else f"{number(first)} to {number(last)}")
        return said


def histogram(
    values: npt.ArrayLike, *, scale: Scale = "linear", bins: int = 50
) -> Histogram | None:
    """Return how many values fall into each bin, or None without values.

    Parameters
    ----------
    values
        Numbers; missing ones are left out, on a logarithmic scale also those not above 0.
    scale
        On ``"log"`` the bins have equal ratios.
    bins
        Number of bins; whole numbers have a bin each unless they are many.

    Examples
    --------
    >>> found = histogram([1, 1, 2])
    >>> found.counts.tolist(), found.spans()
    ([2.0, 1.0], ['1', '2'])
    """
    data = np.asarray(values, float)
    data = data[np.isfinite(data) & ((data > 0) | (scale == "linear"))]
    if not len(data):
        return None
    edges = bin_edges(data, scale, bins)
    counts = np.histogram(data, edges)[0].astype(float)
    return Histogram(edges, counts, scale, bool((data == np.floor(data)).all()))


def bin_edges(values: Floats, scale: Scale, bins: int) -> Floats:
    """Return the borders of bins over some values.

    Raises
    ------
    InvalidArgument
        When a logarithmic scale meets a value that is not positive.

    Examples
    --------
    >>> bin_edges(np.array([1.0, 3.0]), "linear", 50).tolist()
    [0.5, 1.5, 2.5, 3.5]
    """
    if not len(values):
        return np.array([0.5, 1.5])
    low, high = float(values.min()), float(values.max())
    whole = bool((values == np.floor(values)).all())
    if scale == "log":
        if low <= 0:
            raise InvalidArgument(
                f"a logarithmic scale needs positive weights; the smallest is {low:g}"
            )
        start, stop = (low - 0.5, high + 0.5) if whole else (low, high * 1.0001)
        edges = np.geomspace(start, stop, bins + 1)
        # Between whole numbers, so that a bin holds as many of them as it is wide.
        return np.unique(np.floor(edges) + 0.5) if whole else edges
    if whole:
        width = 1.0 if high - low < _EVERY_NUMBER else float(np.ceil((high - low) / bins))
        return np.arange(low - 0.5, high + width, width)
    width = (high - low) / bins or 1.0
    return np.asarray(low + width * np.arange(bins + 1))


# -- a probability along an axis ----------------------------------------------------------------


@dataclass(frozen=True)
class Curve:
    """Points with an interval each, what each says, and what is along the axes.

    Parameters
    ----------
    x, y, low, high
        The points and their intervals, float64, of one length.
    tips
        A sentence for each point.
    x_label, y_label
        What is along the axes.
    """

    x: Floats
    y: Floats
    low: Floats
    high: Floats
    tips: Sequence[str]
    x_label: str
    y_label: str


_METRICS = {
    "euclidean": "distance between somata (µm)",
    "lateral": "lateral distance between somata (µm)",
    "depth": "difference in depth (µm)",
}


def by_distance(table: pd.DataFrame) -> Curve:
    """Return the connection probability at the middle of each bin that has pairs.

    Parameters
    ----------
    table
        What :func:`connectome_graph.stats.connection_by_distance` returned.
    """
    seen = table.loc[table["n_pairs"] > 0]
    tips = [
        f"{row.low_um:g} to {row.high_um:g} µm: {number(row.probability)} "
        f"({row.n_edges:,} of {row.n_pairs:,} pairs)"
        for row in seen.itertuples()
    ]
    return Curve(
        ((seen["low_um"] + seen["high_um"]) / 2).to_numpy(float),
        seen["probability"].to_numpy(float),
        seen["wilson_low"].to_numpy(float),
        seen["wilson_high"].to_numpy(float),
        tips,
        _METRICS.get(table.attrs.get("metric", ""), "distance (µm)"),
        "connection probability",
    )


# -- observed over expected ---------------------------------------------------------------------


@dataclass(frozen=True)
class Ratios:
    """Observed over the mean of a null model for each class, with the null's interval.

    Parameters
    ----------
    names
        The classes.
    observed
        Their counts.
    ratio, low, high
        Observed, and the ends of the null's percentile interval, over the null's mean.
    states
        ``"clear"`` (adjusted p < 0.05), ``"unclear"``, ``"derived"`` (not tested, since it
        follows from the others) or ``"absent"`` (not observed, or never made by the null).
    n
        Samples of the null; 0 where not told.
    tips
        A sentence for each class.
    """

    names: Sequence[str]
    observed: Floats
    ratio: Floats
    low: Floats
    high: Floats
    states: Sequence[str]
    n: int
    tips: Sequence[str]

    def where(self, state: str) -> npt.NDArray[np.int64]:
        """Return the places of the classes in a state."""
        return np.flatnonzero(np.array(self.states) == state)

    @property
    def floor(self) -> float:
        """The smallest two-sided p that so many samples can give; NaN without samples."""
        return 2 / (self.n + 1) if self.n else float("nan")


def triad_ratios(table: pd.DataFrame) -> Ratios:
    """Return the connected triad classes of a comparison, observed over expected.

    Parameters
    ----------
    table
        The ``table`` of a comparison of ``motifs.triad_census``, or of ``motifs.significance``.

    Raises
    ------
    InvalidArgument
        When no row is a triad class.
    """
    table = table.set_axis([str(name).removeprefix("triads.") for name in table.index])
    names = [name for name in CONNECTED if name in table.index]
    if not names:
        raise InvalidArgument(
            f"none of the rows is a triad class such as {CLASSES[8]!r}; compare "
            "motifs.triad_census, and pass the result"
        )
    rows = table.loc[names]
    observed, mean = rows["observed"].to_numpy(float), rows["mean"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, low, high = (
            rows[name].to_numpy(float) / mean for name in ("observed", "low", "high")
        )
    p = rows["p_max_t" if "p_max_t" in rows else "p"].to_numpy(float)
    shown = np.isfinite(ratio) & (ratio > 0)
    states = np.where(p < 0.05, "clear", np.where(np.isfinite(p), "unclear", "derived"))
    states = np.where(shown, states, "absent")
    tips = [
        f"{name}: {number(seen)} observed, {number(expected)} expected, ratio {number(share)}, "
        f"adjusted p {number(chance)}"
        for name, seen, expected, share, chance in zip(names, observed, mean, ratio, p, strict=True)
    ]
    n = int(rows["n"].max()) if "n" in rows else 0
    return Ratios(names, observed, ratio, low, high, states.tolist(), n, tips)


# -- a value for each pair of types -------------------------------------------------------------


class Block(NamedTuple):
    """One ordered pair of types: its value, and out of how many pairs it was read."""

    pre: Any
    post: Any
    value: float
    low: float
    high: float
    n_edges: int
    n_pairs: int

    @property
    def observed(self) -> bool:
        """Whether a pair of this block could have been seen."""
        return self.n_pairs > 0

    @property
    def tip(self) -> str:
        """What the block says when it is pointed at."""
        if not self.observed:
            return f"{self.pre} → {self.post}: no observable pair"
        known = math.isfinite(self.low) and math.isfinite(self.high)
        bounds = f", {number(self.low)} to {number(self.high)}" if known else ""
        return (
            f"{self.pre} → {self.post}: {number(self.value)}{bounds} "
            f"({self.n_edges:,} of {self.n_pairs:,} pairs)"
        )


@dataclass(frozen=True)
class Blocks:
    """A value for each ordered pair of types, presynaptic types down.

    Parameters
    ----------
    table
        The square form; missing where nothing could be seen or averaged.
    blocks
        One entry per pair of types of the long table.
    label
        What the value is.
    """

    table: pd.DataFrame
    blocks: Sequence[Block]
    label: str

    @property
    def top(self) -> float:
        """The largest value, 1 without any."""
        numbers = self.table.to_numpy(float)
        known = numbers[np.isfinite(numbers)]
        return (float(known.max()) or 1.0) if len(known) else 1.0


#: Value -> what it is called.
_NAMES = {
    "probability": "connection probability",
    "reciprocity": "reciprocity P(j → i | i → j)",
    "synapses_per_connection": "synapses per connection",
    "mean_size": "mean synapse size",
    "input_fraction": "share of the target's input",
    "output_fraction": "share of the source's output",
}


def label_of(value: str) -> str:
    """Return what a value of a type table is called.

    Examples
    --------
    >>> label_of("probability"), label_of("n_edges")
    ('connection probability', 'n edges')
    """
    return _NAMES.get(value, quantity(value))


def type_blocks(table: pd.DataFrame, value: str = "probability") -> Blocks:
    """Return a column of a type table as blocks with their intervals and denominators.

    Parameters
    ----------
    table
        What :func:`connectome_graph.stats.type_matrix` or
        :func:`connectome_graph.stats.labelled_reciprocity` returned.
    value
        One of its columns.
    """
    prefix = "" if value in ("probability", "reciprocity") else f"{value}_"
    missing = np.full(len(table), np.nan)

    def column(name: str) -> Floats:
        return table[name].to_numpy(float, na_value=np.nan) if name in table else missing

    blocks = [
        Block(*entry)
        for entry in zip(
            table["pre_type"].tolist(),
            table["post_type"].tolist(),
            column(value).tolist(),
            column(f"{prefix}low").tolist(),
            column(f"{prefix}high").tolist(),
            table["n_edges"].astype(int).tolist(),
            table["n_pairs"].astype(int).tolist(),
            strict=True,
        )
    ]
    return Blocks(to_matrix(table, value), blocks, label_of(value))
