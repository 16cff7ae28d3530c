"""Which motifs are more, or less, frequent than in random graphs."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import By, Progress, Seed
from connectome_graph.comparison import Comparison, compare
from connectome_graph.motifs._census import triad_census
from connectome_graph.motifs._classes import CLOSED, CONNECTED
from connectome_graph.motifs._labelled import labelled_census
from connectome_graph.nulls import NullModel, ReciprocalConfiguration
from connectome_graph.nulls._base import NullFunction, Outside

if TYPE_CHECKING:
    from distributed import Client

    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["MotifSignificance", "of_triads", "significance"]

#: What a null must keep exactly for the open classes to follow from the closed ones.
_FIXES_WEDGES = ("out_degree", "in_degree", "mutual_degree")
_TESTS = ["p", "p_floor", "p_max_t", "q"]
#: Labelled classes with fewer triads on average, over the null and the observation, are listed
#: but not tested: one of them in one graph is many standard deviations from none.
_LEAST = 1.0
_ALPHA = 0.05


@dataclass(frozen=True, eq=False)
class MotifSignificance:
    """Triads of a graph against those of random graphs; made by :func:`significance`."""

    #: A row per class: the columns of ``Comparison.table``, ``tested``, ``profile`` and, for the
    #: 13 classes, ``profile_13``.
    table: pd.DataFrame
    #: The comparison of the classes that were tested, with its samples and provenance.
    comparison: Comparison
    #: How many classes were tested, as one family: what ``p_max_t`` and ``q`` allow for.
    n_tests: int
    #: What the family is, in words.
    family: str = ""

    @property
    def n_needed(self) -> dict[str, int]:
        """Return the number of random graphs from which each p can reach .05 at all.

        For ``q`` that is where a single class differs; with more of them fewer are enough.
        """
        return {
            "p": round(2 / _ALPHA) - 1,
            "p_max_t": round(1 / _ALPHA) - 1,
            "q": round(2 * max(1, self.n_tests) / _ALPHA) - 1,
        }

    def __repr__(self) -> str:
        return f"<MotifSignificance: {self._sentence}>\n{self.table}"

    def _repr_html_(self) -> str:
        import html

        table = self.table._repr_html_()  # type: ignore[operator]
        return f"<p>{html.escape(self._sentence)}</p>{table}"

    @property
    def _sentence(self) -> str:
        needed = ", ".join(f"{name} {number:,}" for name, number in self.n_needed.items())
        return f"{self.family}; {self.comparison.n:,} random graphs; to reach .05 it takes {needed}"


def significance(
    g: ConnectomeGraph,
    *,
    null: NullModel | NullFunction | None = None,
    n: int = 1000,
    by: By | None = None,
    seed: Seed = 0,
    executor: Executor | Client | None = None,
    checkpoint: str | Path | None = None,
    progress: Progress = None,
    outside: Outside = "raise",
) -> MotifSignificance:
    """Hold the triads of a graph against those of `n` random graphs.

    A null that keeps the in-, out- and mutual degree of every neuron, as the default does, also
    keeps the number of wedges of each kind: the open classes are then the wedges less those
    inside closed triads, and say nothing new. Only the seven closed classes are tested, and the
    open ones are listed with ``tested`` false and without p. Under any other null all 13
    connected classes are tested. Use the default for triads: against a null that keeps degrees
    alone, an excess of mutual pairs shows up as an excess of every class that has them.

    Parameters
    ----------
    g
        The graph.
    null
        A null model, or a function of (graph, Generator) that returns a graph; by default
        ``ReciprocalConfiguration()``.
    n
        Number of random graphs. The smallest two-sided p is ``2 / (n + 1)``.
    by
        A neuron column: test the classes of :func:`labelled_census` instead, as one family.
    seed, executor, checkpoint, progress, outside
        As in :func:`connectome_graph.compare`.

    Returns
    -------
    MotifSignificance
        ``table``, indexed by ``triad`` (and ``a b c`` with `by`): ``observed mean sd low high
        ratio z p p_floor p_max_t q n`` as in ``Comparison.table``, where ``p_max_t`` (step-down
        max-T: the chance of any false positive in the family) and ``q`` allow for the classes
        tested; ``tested``; and ``profile``, z over the length of the vector of all tested z,
        missing where z is. Without `by`, ``profile_13`` is the same over all 13 connected
        classes, as published profiles are (Milo et al. 2004). With `by` the family is every
        class with at least one triad on average over the null and the observation, which does
        not look at the difference between them; rarer ones are listed without p. ``family``
        says so in words, ``n_needed`` how many random graphs .05 takes; printing shows both.
        ``comparison`` has the samples and the provenance.

    Raises
    ------
    InvalidArgument
        For a graph of types; when `n` or `null` does not fit, or no neuron has a type.
    UnknownName
        When `by` is no neuron column.

    References
    ----------
    Milo et al. 2002, Science 298:824; Milo et al. 2004, Science 303:1538.

    Examples
    --------
    >>> import numpy as np, connectome_graph as cg
    >>> g = cg.from_adjacency((np.random.default_rng(0).random((30, 30)) < 0.2).astype(int))
    >>> found = cg.motifs.significance(g, n=99, seed=1)
    >>> found.table["tested"].sum().item(), found.n_tests
    (7, 7)
    """
    null = ReciprocalConfiguration() if null is None else null
    settings = {"executor": executor, "checkpoint": checkpoint, "progress": progress}
    settings["outside"] = outside
    statistic = connected_census if by is None else partial(labelled_census, by=by)
    whole = compare(g, statistic, null=null, n=n, seed=seed, **settings)  # type: ignore[arg-type]
    if by is None:
        return of_triads(whole)
    n_classes = int(labelled_census(g, by=by).attrs["n_classes"])
    total = whole.observed.to_numpy() + whole.samples.sum().to_numpy()
    frequent = total / (1 + whole.n) >= _LEAST
    family = (
        f"{int(frequent.sum()):,} of {n_classes:,} labelled classes tested as one family, those "
        f"with at least {_LEAST:g} triad on average"
    )
    return _tested(whole, list(whole.observed.index[frequent]), family)


def of_triads(comparison: Comparison) -> MotifSignificance:
    """Return the significance of triad classes, of which those are tested that the null frees.

    Parameters
    ----------
    comparison
        Of :func:`triad_census` or its connected classes, against a null model.
    """
    keeps = comparison.provenance.fact("keeps", {}) or {}
    labels = [name for name in CONNECTED if name in comparison.observed.index]
    tested, family = labels, f"{len(labels)} classes tested as one family"
    if all(keeps.get(name) == "exact" for name in _FIXES_WEDGES):
        tested = [name for name in CLOSED if name in labels]
        family = (
            f"{len(tested)} closed classes tested as one family; the open ones follow from them "
            "under this null"
        )
    found = _tested(comparison.take(labels), tested, family)
    found.table["profile_13"] = _profile(found.table["z"])
    return found


def _tested(whole: Comparison, labels: list[Any], family: str) -> MotifSignificance:
    """Return all classes of a comparison, with p of those that are tested."""
    tested = whole.take(labels)
    table = whole.table.assign(tested=whole.observed.index.isin(tested.observed.index))
    table[_TESTS] = tested.table[_TESTS].reindex(table.index)
    table["profile"] = _profile(table["z"].where(table["tested"]))
    return MotifSignificance(table, tested, len(labels), family)


def _profile(z: pd.Series) -> Any:
    """Return z over the length of their vector."""
    length = float(np.sqrt(np.nansum(z**2)))
    return z / length if length else np.nan


def connected_census(g: ConnectomeGraph) -> pd.Series:
    """Return the 13 connected classes of :func:`triad_census`.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> len(connected_census(cg.from_adjacency([[0, 1], [0, 0]])))
    13
    """
    return triad_census(g).loc[list(CONNECTED)]


def fixes_wedges(null: NullModel) -> bool:
    """Return whether a null keeps every neuron's numbers of partners of each kind.

    Examples
    --------
    >>> import connectome_graph as cg
    >>> fixes_wedges(cg.nulls.ReciprocalConfiguration()), fixes_wedges(cg.nulls.Configuration())
    (True, False)
    """
    return all(null.preserves.get(name) == "exact" for name in _FIXES_WEDGES)
