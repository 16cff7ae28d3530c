"""Samples of statistics that number their components: a few bytes a value instead of labels.

A table of thousands of labelled rows for each of thousands of samples is mostly labels. A
statistic that can number its components the same way in every graph says so by
:func:`coded`; samples are then numbers and values, of the components that occur alone, and labels
are made once at the end.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.distinct import distinct

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph

__all__ = ["CodedRow", "Coding", "Row", "coded", "coded_matrix", "coding_of", "decoded"]

F = TypeVar("F", bound=Callable[..., Any])
Counts = npt.NDArray[np.int64]

#: The share of values that are not zero from which a table of samples is kept dense.
_DENSE = 0.25


class CodedRow(NamedTuple):
    """The components of one graph that are not zero: int64[found] each, sorted by code."""

    codes: Counts
    many: npt.NDArray[Any]


#: The components of one graph, labelled or numbered.
Row = pd.Series | CodedRow


class Coding(Protocol):
    """How a statistic numbers its components, the same way in every graph like the observed one."""

    def count(self, g: ConnectomeGraph) -> Row:
        """Return the statistic of a graph; labelled where the numbering does not fit the graph."""

    def labels(self, codes: Counts) -> pd.Index:
        """Return the labels of some components."""


def coded(make: Callable[..., Coding]) -> Callable[[F], F]:
    """Mark a statistic as one that numbers its components.

    Parameters
    ----------
    make
        Called with the observed graph and the statistic's keyword arguments.
    """

    def mark(function: F) -> F:
        function.coding = make  # type: ignore[attr-defined]
        return function

    return mark


def coding_of(statistic: Any, g: ConnectomeGraph) -> Coding | None:
    """Return how a statistic numbers its components, or None when it does not."""
    keywords: dict[str, Any] = {}
    if isinstance(statistic, functools.partial):
        if statistic.args:
            return None
        statistic, keywords = statistic.func, statistic.keywords
    make = getattr(statistic, "coding", None)
    if make is None:
        return None
    coding: Coding = make(g, **keywords)
    return coding


def small(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return whole numbers in the smallest type that holds them all.

    Examples
    --------
    >>> small(np.array([3, 70_000])).dtype
    dtype('int32')
    """
    top = int(np.abs(values).max(initial=0))
    kinds = (np.int8, np.int16, np.int32)
    return values.astype(next((kind for kind in kinds if top <= np.iinfo(kind).max), np.int64))


def decoded(coding: Coding | None, row: Row) -> pd.Series:
    """Return a row with its labels; without a coding it has them."""
    if isinstance(row, pd.Series):
        return row
    assert coding is not None
    return pd.Series(row.many.astype(np.int64), index=coding.labels(row.codes))


def coded_matrix(
    coding: Coding | None, observed: Row, rows: Mapping[int, Row]
) -> tuple[pd.Series, pd.DataFrame] | None:
    """Return the observed components and the samples, over all components that any of them has.

    The observed graph's components come first. Where few values are not zero the columns of the
    samples are sparse.

    Parameters
    ----------
    coding
        What made the rows; None where the statistic does not number its components.
    observed
        Components of the observed graph.
    rows
        Components of every sample.

    Returns
    -------
    tuple or None
        None when a row is labelled.
    """
    numbers = sorted(rows)
    found = [row for number in numbers if isinstance(row := rows[number], CodedRow)]
    if coding is None or len(found) < len(numbers) or not isinstance(observed, CodedRow):
        return None
    every = functools.reduce(distinct, _merged([row.codes for row in found]), observed.codes)
    new = np.setdiff1d(every, observed.codes, assume_unique=True)
    codes = np.concatenate([observed.codes, new])
    labels = coding.labels(codes)
    values = np.zeros(len(codes), np.int64)
    values[: len(observed.codes)] = observed.many
    samples = _table(found, np.sort(codes), np.argsort(codes), len(numbers))
    index = pd.Index(numbers, name="sample", dtype=np.int64)
    if isinstance(samples, np.ndarray):
        frame = pd.DataFrame(samples, index=index, columns=labels)
    else:
        sparse: Any = pd.DataFrame.sparse
        frame = sparse.from_spmatrix(samples, index=index, columns=labels)
    return pd.Series(values, index=labels), frame


def _merged(parts: Sequence[Counts]) -> list[Counts]:
    """Return the distinct codes of every hundred rows."""
    return [distinct(*parts[start : start + 100]) for start in range(0, len(parts), 100)]


def _table(rows: list[CodedRow], ordered: Counts, place: Counts, n_rows: int) -> Any:
    """Return the samples, a row each: dense, or by sparse columns where most values are zero."""
    n_values = sum(len(row.codes) for row in rows)
    if n_values >= _DENSE * n_rows * max(1, len(ordered)):
        table = np.zeros((n_rows, len(ordered)), np.int64)
        for number, row in enumerate(rows):
            table[number, place[np.searchsorted(ordered, row.codes)]] = row.many
        return table
    import scipy.sparse

    ends = np.cumsum([0, *(len(row.codes) for row in rows)])
    columns = np.concatenate([place[np.searchsorted(ordered, row.codes)] for row in rows])
    values = np.concatenate([row.many.astype(np.int64) for row in rows])
    shape = n_rows, len(ordered)
    return scipy.sparse.csr_array((values, columns, ends), shape=shape).tocsc()
