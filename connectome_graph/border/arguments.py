"""One contract for an argument: what each common parameter may be, and what is said of the rest.

A name means the same wherever it stands in the public interface:

==================  ==============================================================================
parameter           what it is
==================  ==============================================================================
``seed``            a whole number, SeedSequence or Generator; 0 by default, and ``None`` takes
                    fresh randomness; the result records it
``progress``        ``None`` shows a bar where someone watches, ``True`` always, ``False`` never
``n``               how many times something is drawn
``level``           confidence level, between 0 and 1; 0.95 by default
``by``              the neuron column, or columns together, that hold the types
``weight``          one number per edge: a name, ``(column, how)``, or numbers of one's own
``source_weights``  one number per source: one over the chance that its axon was seen
``bins``            the width of a bin, or the edges of all of them
``interval``        ``"two-way"`` or ``"bootstrap"`` (neurons are the sample), ``"wilson"`` (pairs)
==================  ==============================================================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, choice

__all__ = [
    "Autapses",
    "Bins",
    "By",
    "Degree",
    "Interval",
    "InvalidNeurons",
    "Keep",
    "Level",
    "Progress",
    "Seed",
    "Side",
    "SourceWeights",
    "Unknown",
    "Weight",
    "Zero",
    "bin_edges",
    "check_progress",
    "check_switch",
    "generator",
    "is_number",
    "is_whole",
    "level_between",
    "number",
    "one_of",
    "recorded_seed",
    "seed_sequence",
    "shown",
    "whole",
]

#: Where random numbers come from; ``None`` takes fresh randomness, which the result records.
Seed: TypeAlias = int | np.random.SeedSequence | np.random.Generator | None
#: Whether a bar is shown: ``None`` where someone watches, at a terminal or in a notebook.
Progress: TypeAlias = bool | None
#: One neuron column, or several that name a type together.
By: TypeAlias = str | Sequence[str]
#: One number per edge: a name, ``(synapse column, how)``, or numbers in the order of ``g.edges``.
Weight: TypeAlias = str | tuple[str, str] | pd.Series | npt.ArrayLike
#: A neuron column, or one number per neuron: array in table order, Series or mapping by root id.
SourceWeights: TypeAlias = str | pd.Series | Mapping[Any, float] | npt.ArrayLike
#: The width of a bin, or the edges of all bins in ascending order.
Bins: TypeAlias = float | Sequence[float] | npt.NDArray[Any]
#: A confidence level, between 0 and 1.
Level: TypeAlias = float
#: How an interval is made.
Interval: TypeAlias = Literal["two-way", "bootstrap", "wilson"]
#: Which partners of a neuron are counted.
Degree: TypeAlias = Literal["in", "out", "total"]
#: One end of a synapse.
Side: TypeAlias = Literal["pre", "post"]
#: What happens to synapses whose partner is not in the neuron table.
Unknown: TypeAlias = Literal["raise", "drop", "add"]
#: What happens to synapses of a neuron onto itself.
Autapses: TypeAlias = Literal["keep", "drop", "raise"]
#: What happens to neuron rows with a missing, zero or repeated id.
InvalidNeurons: TypeAlias = Literal["raise", "drop", "first"]
#: What the id 0 is: a question, no segment, or a neuron like any other.
Zero: TypeAlias = Literal["raise", "missing", "neuron"]
#: Whether rows are synapses or connected pairs.
Keep: TypeAlias = Literal["synapses", "edges"]

#: Bins of one width; more are a slip of the keyboard.
_MOST_BINS = 1_000_000
_SEED = "a whole number from 0 up, a numpy SeedSequence or Generator, or None for fresh randomness"


def generator(seed: Seed) -> np.random.Generator:
    """Return the Generator of a seed; a Generator is used as it is.

    Raises
    ------
    InvalidArgument
        When the seed is of another kind.

    Examples
    --------
    >>> int(generator(3).integers(10)) == int(generator(3).integers(10))
    True
    """
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(seed_sequence(seed))


def seed_sequence(seed: Seed) -> np.random.SeedSequence:
    """Return the SeedSequence of a seed, whose children are streams that depend on nothing else.

    A Generator gives four words of its own, and moves on by as much.

    Raises
    ------
    InvalidArgument
        When the seed is of another kind.

    Examples
    --------
    >>> seed_sequence(7).entropy
    7
    """
    value: Any = seed
    if isinstance(value, np.random.SeedSequence):
        return value
    if isinstance(value, np.random.Generator):
        words = value.integers(0, 2**32, 4, dtype=np.uint32).tolist()
        return np.random.SeedSequence(sum(word << (32 * k) for k, word in enumerate(words)))
    if value is None:
        return np.random.SeedSequence()
    if not is_whole(value) or value < 0:
        raise InvalidArgument(f"seed={shown(value)} is not a seed; use {_SEED}")
    return np.random.SeedSequence(int(value))


def recorded_seed(rng: np.random.Generator) -> Any:
    """Return what a result says of its randomness, before the first number is drawn.

    The seed itself where a whole number is enough to draw the same again, else a mapping: the
    entropy and the spawn key of a SeedSequence, or the state of a Generator that was used before.

    Examples
    --------
    >>> recorded_seed(generator(3))
    3
    >>> recorded_seed(generator(np.random.SeedSequence(3, spawn_key=(1,))))
    {'entropy': 3, 'spawn_key': [1]}
    """
    bits = rng.bit_generator
    sequence = getattr(bits, "seed_seq", None)
    fresh = isinstance(sequence, np.random.SeedSequence) and type(bits) is np.random.PCG64
    if not fresh or np.random.PCG64(sequence).state != bits.state:
        return _plain(bits.state)
    assert sequence is not None
    entropy, key = sequence.entropy, [int(k) for k in sequence.spawn_key]
    if not key and is_whole(entropy):
        return int(entropy)
    return {"entropy": _plain(entropy), "spawn_key": key}


def is_whole(value: object) -> bool:
    """Return whether a value is a whole number; True and False are not.

    Examples
    --------
    >>> is_whole(3), is_whole(3.0), is_whole(True)
    (True, False, False)
    """
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Return whether a value is a number other than NaN; True and False are not.

    Examples
    --------
    >>> is_number(3), is_number(0.5), is_number(True), is_number("3"), is_number(float("nan"))
    (True, True, False, False, False)
    """
    if isinstance(value, float | np.floating):
        return not math.isnan(value)
    return is_whole(value)


def whole(value: Any, *, name: str, least: int = 1, most: int | None = None) -> int:
    """Return a whole number of at least `least`, and at most `most`, or say what was found.

    Raises
    ------
    InvalidArgument
        When it is anything else.

    Examples
    --------
    >>> whole(10, name="n")
    10
    """
    if not is_whole(value) or value < least or (most is not None and value > most):
        upper = "" if most is None else f" and at most {most:,}"
        raise InvalidArgument(
            f"{name}={shown(value)}; it must be a whole number of at least {least:,}{upper}"
        )
    return int(value)


def number(
    value: Any, *, name: str, above: float | None = None, least: float | None = None
) -> float:
    """Return a finite number, `above` a bound or of at least one, or say what was found.

    Raises
    ------
    InvalidArgument
        When it is anything else.

    Examples
    --------
    >>> number(3, name="within_um", above=0)
    3.0
    """
    if (
        not is_number(value)
        or not math.isfinite(value)
        or (above is not None and value <= above)
        or (least is not None and value < least)
    ):
        bound = f" above {above:g}" if above is not None else ""
        bound = f" of at least {least:g}" if least is not None else bound
        raise InvalidArgument(f"{name}={shown(value)}; it must be a finite number{bound}")
    return float(value)


def level_between(level: Any, *, name: str = "level") -> float:
    """Return a confidence level, or say what one is.

    Raises
    ------
    InvalidArgument
        When it is not a number between 0 and 1.

    Examples
    --------
    >>> level_between(0.9)
    0.9
    """
    if not is_number(level) or not 0 < level < 1:
        raise InvalidArgument(
            f"{name}={shown(level)}; it must be a number between 0 and 1, such as 0.95"
        )
    return float(level)


def one_of(value: Any, choices: Any, *, name: str) -> Any:
    """Return `value` when it is one of the values of a ``Literal``, else raise naming them all.

    Raises
    ------
    InvalidArgument
        When it is none of them.

    Examples
    --------
    >>> one_of("wilson", Interval, name="interval")
    'wilson'
    """
    return choice(value, get_args(choices), name=name)


def check_switch(value: Any, *, name: str) -> bool:
    """Return True or False as given, or say that it has to be one of them.

    Raises
    ------
    InvalidArgument
        When it is anything else.

    Examples
    --------
    >>> check_switch(True, name="induced")
    True
    """
    if not isinstance(value, bool | np.bool_):
        raise InvalidArgument(f"{name}={shown(value)}; it must be True or False")
    return bool(value)


def check_progress(progress: Any) -> Progress:
    """Return what `progress` says, or say what it may be.

    Raises
    ------
    InvalidArgument
        When it is not None, True or False.

    Examples
    --------
    >>> check_progress(None) is None
    True
    """
    if progress is None:
        return None
    if not isinstance(progress, bool | np.bool_):
        raise InvalidArgument(
            f"progress={shown(progress)}; it must be True, False, or None for a bar where "
            "someone watches"
        )
    return bool(progress)


def bin_edges(bins: Any, reach: npt.ArrayLike, *, name: str = "bins") -> npt.NDArray[np.float64]:
    """Return the edges of bins: those given, or of one width from 0 (or below) to cover `reach`.

    Parameters
    ----------
    bins
        The width of a bin, or ascending edges.
    reach
        The values that bins of one width have to cover; those that are not finite do not count.
    name
        What the parameter is called.

    Raises
    ------
    InvalidArgument
        When `bins` is neither.

    Examples
    --------
    >>> bin_edges(10, [3.0, 25.0]).tolist()
    [0.0, 10.0, 20.0, 30.0]
    >>> bin_edges([0, 5, 50], [3.0]).tolist()
    [0.0, 5.0, 50.0]
    """
    advice = f"{name} needs the width of a bin or at least two ascending edges"
    if is_number(bins):
        width = number(bins, name=name, above=0)
        values = np.asarray(reach, float)
        values = values[np.isfinite(values)]
        low, high = (values.min(), values.max()) if len(values) else (0.0, 0.0)
        if (high - min(low, 0)) / width > _MOST_BINS:
            raise InvalidArgument(
                f"{name}={shown(bins)} makes more than {_MOST_BINS:,} bins; take wider ones"
            )
        first, last = min(0, math.floor(low / width)), max(1, math.floor(high / width) + 1)
        return width * np.arange(first, last + 1)
    try:
        edges = np.asarray(bins)
        edges = edges.astype(float) if edges.dtype.kind in "iuf" else np.empty(0)
    except (TypeError, ValueError):
        edges = np.empty(0)
    if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise InvalidArgument(f"{advice}; found {shown(bins)}")
    if np.isnan(edges).any():
        raise InvalidArgument(f"{advice}; found {shown(bins)}")
    return edges


def shown(value: Any) -> str:
    """Return a short text of whatever was passed.

    Examples
    --------
    >>> shown(3), len(shown("x" * 200))
    ('3', 80)
    """
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001 - a repr of the user's own may do anything
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _plain(value: Any) -> Any:
    """Return the state of a generator, or an entropy, as JSON types."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(item) for item in value]
    return int(value) if is_whole(value) else value
