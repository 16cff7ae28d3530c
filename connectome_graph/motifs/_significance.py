"""Which motifs are more, or less, frequent than in random graphs."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectome_graph.border.arguments import By, Progress, Seed
from connectome_graph.comparison import Comparison, compare
from connectome_graph.comparison._significance import false_discovery
from connectome_graph.motifs._census import triad_census
from connectome_graph.motifs._classes import CLOSED, CONNECTED
from connectome_graph.motifs._labelled import labelled_census
from connectome_graph.nulls import NullModel, ReciprocalConfiguration
from connectome_graph.nulls._base import NullFunction, Outside

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["MotifSignificance", "significance"]

#: What a null must keep exactly for the open classes to follow from the closed ones.
_FIXES_WEDGES = ("out_degree", "in_degree", "mutual_degree")
_TESTS = ["p", "p_floor", "p_max_t", "q"]


@dataclass(frozen=True, eq=False)
class MotifSignificance:
    """Triads of a graph against those of random graphs; made by :func:`significance`."""

    #: A row per class: the columns of ``Comparison.table``, ``tested`` and ``profile``.
    table: pd.DataFrame
    #: The comparison of the classes that were tested, with its samples and provenance.
    comparison: Comparison
    #: How many classes were looked at: the number of tests that ``q`` allows for.
    n_tests: int

    def __repr__(self) -> str:
        return f"<MotifSignificance: {self.n_tests:,} classes tested>\n{self.table}"


def significance(
    g: ConnectomeGraph,
    *,
    null: NullModel | NullFunction | None = None,
    n: int = 1000,
    by: By | None = None,
    seed: Seed = 0,
    executor: Executor | None = None,
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
        A neuron column: test :func:`labelled_census` instead, all its classes.
    seed, executor, checkpoint, progress, outside
        As in :func:`connectome_graph.compare`.

    Returns
    -------
    MotifSignificance
        ``table``, indexed by ``triad`` (and ``a b c`` with `by`): ``observed mean sd low high
        ratio z p p_floor p_max_t q n`` as in ``Comparison.table``, where ``p_max_t`` and ``q``
        allow for the classes tested, with `by` all that could occur; ``tested``; and
        ``profile``, z over the length of the vector of all tested z (Milo et al. 2004), missing
        where z is. ``comparison`` has the samples and the provenance.

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
    tested, n_tests = whole, len(CONNECTED)
    if by is not None:
        n_tests = int(labelled_census(g, by=by).attrs["n_classes"])
    elif isinstance(null, NullModel) and fixes_wedges(null):
        tested, n_tests = whole.take(CLOSED), len(CLOSED)
    table = whole.table.assign(tested=whole.observed.index.isin(tested.observed.index))
    table[_TESTS] = tested.table[_TESTS].reindex(table.index)
    # Classes that no graph has were looked at too; their p is 1.
    p = tested.table["p"].to_numpy()
    unseen = np.ones(max(0, n_tests - len(p)))
    q = pd.Series(false_discovery(np.concatenate([p, unseen]))[: len(p)], tested.observed.index)
    table["q"] = q.reindex(table.index)
    z = table["z"].where(table["tested"])
    length = float(np.sqrt(np.nansum(z**2)))
    table["profile"] = z / length if length else np.nan
    return MotifSignificance(table, tested, n_tests)


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
