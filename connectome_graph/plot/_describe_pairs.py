"""What figures of pairs show: connection against a property of the pair, and several nulls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import shown
from connectome_graph.errors import InvalidArgument, UnknownName, did_you_mean
from connectome_graph.plot._describe import Curve, number

if TYPE_CHECKING:
    from connectome_graph.comparison import Comparison

__all__ = ["NullRow", "NullRows", "against_nulls", "by_property"]


def by_property(table: pd.DataFrame) -> Curve:
    """Return the connection probability at the middle of each bin that has pairs.

    Parameters
    ----------
    table
        What :func:`connectome_graph.stats.connection_by` returned.
    """
    seen = table.loc[table["n_pairs"] > 0]
    tips = [
        f"{number(start)} to {number(end)}: {number(share)} ({n_edges:,} of {n_pairs:,} pairs)"
        for start, end, share, n_edges, n_pairs in seen[
            ["from", "to", "probability", "n_edges", "n_pairs"]
        ].itertuples(index=False)
    ]
    return Curve(
        ((seen["from"] + seen["to"]) / 2).to_numpy(float),
        seen["probability"].to_numpy(float),
        seen["low"].to_numpy(float),
        seen["high"].to_numpy(float),
        tips,
        str(table.attrs.get("property", "value of the pair")),
        "connection probability",
    )


@dataclass(frozen=True)
class NullRow:
    """An observed number beside those of one null model.

    Attributes
    ----------
    name
        Of the comparison.
    observed, low, high
        The observed number and the percentile interval of the samples.
    samples
        The number in every sample, float64.
    tip
        All of it as a sentence.
    """

    name: str
    observed: float
    low: float
    high: float
    samples: npt.NDArray[np.float64]
    tip: str


@dataclass(frozen=True)
class NullRows:
    """Several comparisons of one statistic, side by side."""

    component: str
    rows: tuple[NullRow, ...]


def against_nulls(comparisons: Mapping[str, Comparison], component: str) -> NullRows:
    """Return one component of several comparisons, each with its samples.

    Raises
    ------
    InvalidArgument
        When there is no comparison, or something else among them.
    UnknownName
        When one of them has no such component.
    """
    if not comparisons:
        raise InvalidArgument("several comparisons are drawn side by side; found none")
    rows = []
    for name, found in comparisons.items():
        if not all(hasattr(found, part) for part in ("observed", "table", "samples", "n")):
            raise InvalidArgument(
                f"comparisons[{name!r}]={shown(found)}; it must be what cg.compare returned"
            )
        known = list(map(str, found.observed.index))
        if component not in known:
            raise UnknownName(
                f"the comparison {name!r} has no component {component!r}."
                f"{did_you_mean(component, known)} Its components: {', '.join(known[:20])}"
            )
        row = found.table.loc[[component], ["observed", "low", "high", "p"]]
        observed, low, high, p = map(float, row.to_numpy(float).ravel())
        samples = found.samples[component].to_numpy(float)
        tip = (
            f"{name}: observed {number(observed)}, {found.n:,} samples from {number(low)} to "
            f"{number(high)}, p = {number(p)}"
        )
        rows.append(NullRow(str(name), observed, low, high, samples, tip))
    return NullRows(component, tuple(rows))
