"""What is simulated: a scenario draws data, calls one public function, and says what held."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["ALL", "FEW", "FEW_WHY", "USUAL", "Scenario", "covers", "interval", "p_value"]

#: Shares that are as promised, by kind: how often an interval holds, how often p is at most .05.
USUAL = {"interval": (0.93, 0.97), "p": (0.02, 0.08)}
FEW = (0.90, 0.98)
FEW_WHY = "fewer than ten neurons at an end"
#: What one simulation gives: for each promise, whether the interval held the truth, or p.
Outcome = dict[str, float]
Draw = Callable[[np.random.Generator], Outcome]


@dataclass(frozen=True)
class Scenario:
    """Data drawn from the null, or with planted truth, and what is promised of them.

    Attributes
    ----------
    function
        The public function, such as ``stats.density``.
    kind
        ``"interval"``: outcomes say whether the truth was held. ``"p"``: outcomes are p.
    about
        The data, in words.
    draw
        One simulation.
    n
        Simulations of the full run.
    accept
        Between which shares the result is as promised.
    quick
        Simulations of the tests; 0 leaves it to the full run.
    why
        Why another range is accepted than of others of its kind.
    """

    function: str
    kind: str
    about: str
    draw: Draw = field(compare=False)
    n: int
    accept: tuple[float, float]
    quick: int = 0
    why: str = ""

    @property
    def name(self) -> str:
        """What the scenario is called."""
        return f"{self.function}: {self.about}"


#: Every scenario, in the order of the table.
ALL: list[Scenario] = []


def interval(
    function: str,
    about: str,
    *,
    n: int = 400,
    accept: tuple[float, float] = USUAL["interval"],
    quick: int = 0,
    why: str = "",
) -> Callable[[Draw], Draw]:
    """Register a simulation of an interval."""

    def register(draw: Draw) -> Draw:
        ALL.append(Scenario(function, "interval", about, draw, n, accept, quick, why))
        return draw

    return register


def p_value(
    function: str,
    about: str,
    *,
    n: int = 300,
    accept: tuple[float, float] = USUAL["p"],
    quick: int = 0,
    why: str = "",
) -> Callable[[Draw], Draw]:
    """Register a simulation of a p-value under its null."""

    def register(draw: Draw) -> Draw:
        ALL.append(Scenario(function, "p", about, draw, n, accept, quick, why))
        return draw

    return register


def covers(row: Any, truth: float, *, low: str = "low", high: str = "high") -> float:
    """Return 1 when the interval holds the truth, 0 when not, NaN where there is none."""
    if np.isnan(row[low]) or np.isnan(row[high]):
        return float("nan")
    return float(row[low] <= truth <= row[high])


def named(pairs: Iterable[tuple[str, float]]) -> Outcome:
    """Return an outcome of several promises."""
    return dict(pairs)
