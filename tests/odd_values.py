"""Values of every kind, and how a function is tried with them: it answers, or raises our error."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import connectome_graph as cg

#: Values of every kind; most are wrong for most parameters.
WRONG: dict[str, Any] = {
    "None": None,
    "True": True,
    "minus one": -1,
    "zero": 0,
    "a fraction": 1.5,
    "nan": float("nan"),
    "infinity": float("inf"),
    "huge": 10**30,
    "complex": 1j,
    "empty text": "",
    "text": "nonsense",
    "odd text": "a\x00b\n'\"`;--",
    "bytes": b"x",
    "empty list": [],
    "list": [1, "a", None],
    "nested": [[1], [2, 3]],
    "tuple": ("a", 1),
    "empty dict": {},
    "dict": {"a": 1, 2: "b"},
    "set": {1, 2},
    "object": object(),
    "class": dict,
    "function": lambda *_, **__: 7,
    "array": np.array([3.5, np.nan]),
    "matrix": np.ones((2, 3)),
    "objects": np.array([None, "x", 3], object),
    "frame": pd.DataFrame({"a": [1], 2: ["x"]}),
    "no frame": pd.DataFrame(),
    "series": pd.Series([1.0, 2.0], index=["x", "y"]),
    "missing": pd.NA,
    "date": dt.date(2020, 1, 1),
    "place": Path("/nowhere/at/all"),
    "range": range(3),
}


@dataclass
class Fresh:
    """An argument that is made anew for every call."""

    make: Callable[[], Any]


def called(function: Callable[..., Any], given: dict[str, Any]) -> Any:
    """Call a function; what is to be made anew is."""
    return function(**{n: v.make() if isinstance(v, Fresh) else v for n, v in given.items()})


# Counts for which a huge number is a long wait and not a mistake.
COUNTS = {"n", "chains", "limit", "longest", "n_bins", "size", "linewidth", "best", "top",
          "n_sources", "hops", "steps", "order", "most", "max_size", "swaps_per_edge"}  # fmt: skip
ODD = st.one_of(
    st.sampled_from(sorted(WRONG)).map(WRONG.__getitem__),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.one_of(st.integers(), st.text(max_size=3), st.none()), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def attacked(
    function: Callable[..., Any], valid: dict[str, Any], *, like: Any = None, examples: int = 12
) -> None:
    """Put odd values into a function, one at a time: it answers, or raises our error.

    Parameters
    ----------
    function
        Takes `valid` as keywords.
    valid
        Arguments that it accepts.
    like
        Whose signature names the parameters, where it is another's.
    examples
        How many values are tried.
    """
    parameters = [
        each.name
        for each in inspect.signature(like or function).parameters.values()
        if each.kind in {each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY}
    ]
    if not parameters:
        return

    @settings(
        max_examples=examples, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.sampled_from(parameters), ODD)
    def try_one(parameter: str, value: Any) -> None:
        # a function of the user's own may raise what it likes
        if parameter in {"statistic", "volumes"} and callable(value):
            return
        large = isinstance(value, int | float) and not abs(value) < 1000
        if parameter in COUNTS and large:
            return
        try:
            called(function, {**valid, parameter: value})
        except cg.ConnectomeError as error:
            told = str(error)
            if not told.strip():
                raise

    try_one()
