"""What was done to a graph, step by step, in words and in facts.

A :class:`Provenance` is an immutable list of :class:`Step`. Each new graph is made by one
private constructor, which appends one step: no verb can forget it. ``print(g.provenance)``
reads like the methods paragraph of a paper; ``to_dict`` feeds manifests and GraphML.
"""

from __future__ import annotations

import functools
import importlib.metadata
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from connectome_graph.border.doors import guard_methods
from connectome_graph.errors import InvalidTable

__all__ = ["Provenance", "Step"]

_SOFTWARE = "connectome-graph"


@functools.cache
def _version() -> str:
    try:
        return importlib.metadata.version(_SOFTWARE)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _plain(value: Any) -> Any:
    """Return `value` as JSON types: ids stay exact integers, unknown objects become text."""
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [_plain(item) for item in value]
    return str(value)


@dataclass(frozen=True)
class Step:
    """One thing that was done: a verb, a sentence about it, and its facts.

    Parameters
    ----------
    verb
        The function that did it, such as ``"from_tables"``.
    sentence
        One past-tense sentence for people.
    facts
        JSON-able numbers and choices: rows read, rows dropped, parameters.

    Examples
    --------
    >>> Step("threshold", "Edges under 5 synapses were dropped.", {"min_synapses": 5}).verb
    'threshold'
    """

    verb: str
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Provenance:
    """The steps that led to a graph, oldest first.

    Parameters
    ----------
    steps
        The steps.
    software
        Name and version of the software that made the graph.

    Examples
    --------
    >>> p = Provenance().then("from_tables", "3 synapses were read.", n_synapses=3)
    >>> print(p)
    3 synapses were read.
    >>> p.steps[0].facts["n_synapses"]
    3
    """

    steps: tuple[Step, ...] = ()
    software: str = field(default_factory=lambda: f"{_SOFTWARE} {_version()}")

    def then(self, verb: str, sentence: str, **facts: Any) -> Provenance:
        """Return a new provenance with one more step.

        Parameters
        ----------
        verb, sentence
            What was done, and a past-tense sentence about it.
        **facts
            Numbers and choices, kept as JSON types.

        Examples
        --------
        >>> len(Provenance().then("a", "A.").then("b", "B.").steps)
        2
        """
        step = Step(verb, sentence, {key: _plain(value) for key, value in facts.items()})
        return Provenance((*self.steps, step), self.software)

    def saying(self, sentence: str, **facts: Any) -> Provenance:
        """Return the same steps, the last with one more sentence and more facts.

        Examples
        --------
        >>> print(Provenance().then("a", "A.", rows=1).saying("B.", seed=2))
        A. B.
        """
        if not self.steps:
            return self.then("said", sentence, **facts)
        *before, last = self.steps
        added = {key: _plain(value) for key, value in facts.items()}
        step = Step(last.verb, f"{last.sentence} {sentence}", {**last.facts, **added})
        return Provenance((*before, step), self.software)

    def fact(self, name: str, default: Any = None) -> Any:
        """Return the newest fact of that name over all steps, or `default`.

        Examples
        --------
        >>> Provenance().then("a", "A.", rows=1).then("b", "B.", rows=2).fact("rows")
        2
        """
        for step in reversed(self.steps):
            if name in step.facts:
                return step.facts[name]
        return default

    def __str__(self) -> str:
        return " ".join(step.sentence for step in self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Return the provenance as JSON-able types.

        Examples
        --------
        >>> Provenance((), "x 1").to_dict()
        {'software': 'x 1', 'steps': []}
        """
        return {
            "software": self.software,
            "steps": [
                {"verb": step.verb, "sentence": step.sentence, "facts": dict(step.facts)}
                for step in self.steps
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Provenance:
        """Return the provenance that :meth:`to_dict` wrote.

        Parameters
        ----------
        data
            The dictionary.

        Raises
        ------
        InvalidTable
            When the dictionary does not have the shape that ``to_dict`` writes.

        Examples
        --------
        >>> p = Provenance().then("a", "A.", rows=1)
        >>> Provenance.from_dict(p.to_dict()) == p
        True
        """
        try:
            steps = tuple(
                Step(str(step["verb"]), str(step["sentence"]), dict(step["facts"]))
                for step in data["steps"]
            )
            return cls(steps, str(data["software"]))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidTable(
                f"provenance needs 'software' and 'steps' with verb, sentence and facts ({error!r})"
            ) from error


guard_methods(Provenance)
