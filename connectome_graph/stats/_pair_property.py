"""A property of every pair: from columns of its two neurons, from a matrix, or from a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.errors import InvalidArgument, InvalidTable, choice

if TYPE_CHECKING:
    from connectome_graph.graph.graph import ConnectomeGraph
    from connectome_graph.stats._pair_chunks import PairChunk

__all__ = ["Comparing", "OfColumns", "OfMatrix", "OfTable", "PairProperty", "pair_property", "told"]

Comparing = Literal["difference", "signed_difference", "product", "correlation"]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class OfColumns:
    """Numbers of each neuron, compared.

    Parameters
    ----------
    numbers
        float64, shape ``(n_neurons, n_columns)``; NaN where not known.
    how
        How two of them make one number.
    """

    numbers: Floats
    how: Comparing

    def of(self, pairs: PairChunk, taken: Ints | None = None) -> Floats:
        """Return the value of each pair; `taken` says whose numbers each neuron has instead."""
        numbers = self.numbers if taken is None else self.numbers[taken]
        a, b = numbers[pairs.pre], numbers[pairs.post]
        if self.how == "signed_difference":
            return np.asarray((b - a)[:, 0])
        if self.how == "difference":
            return np.asarray(np.linalg.norm(b - a, axis=1))
        # For a correlation the rows were centred and scaled once, so that it is a product too.
        return np.asarray((a * b).sum(axis=1))


@dataclass(frozen=True)
class OfMatrix:
    """A number for each ordered pair, in the order of the neuron table; NaN where not known."""

    matrix: Floats

    def of(self, pairs: PairChunk, taken: Ints | None = None) -> Floats:
        """Return the value of each pair; `taken` says whose row and column each neuron has."""
        pre, post = pairs.pre, pairs.post
        if taken is not None:
            pre, post = taken[pre], taken[post]
        return np.asarray(self.matrix[pre, post])


@dataclass(frozen=True)
class OfTable:
    """A number for some ordered pairs, by key ``pre * n_neurons + post``; sorted."""

    keys: Ints
    numbers: Floats
    n_neurons: int

    def of(self, pairs: PairChunk, taken: Ints | None = None) -> Floats:
        """Return the value of each pair, NaN where the table has none."""
        pre, post = pairs.pre, pairs.post
        if taken is not None:
            pre, post = taken[pre], taken[post]
        wanted = pre * self.n_neurons + post
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[at] == wanted, self.numbers[at], np.nan)


PairProperty = OfColumns | OfMatrix | OfTable


def pair_property(g: ConnectomeGraph, values: Any, how: Comparing | None) -> PairProperty:
    """Return the property that a user named.

    Raises
    ------
    InvalidArgument, InvalidTable, UnknownName
        When it is none of the kinds that :func:`connectome_graph.stats.connection_by` takes.
    """
    if isinstance(values, str) and values == "exposure" and values not in g.neurons.columns:
        return _of_exposure(g, how)
    if isinstance(values, str) or (
        isinstance(values, list | tuple) and values and all(isinstance(v, str) for v in values)
    ):
        return _of_columns(g, [values] if isinstance(values, str) else list(values), how)
    if how is not None:
        raise InvalidArgument(
            f"how={how!r} compares neuron columns; a matrix or a table of pairs is its own value"
        )
    if isinstance(values, pd.DataFrame) and {"pre", "post"} <= set(values.columns):
        return _of_table(g, values)
    return _of_matrix(g, values)


def told(values: Any, how: Comparing | None) -> str:
    """Return what a property is, for people.

    Examples
    --------
    >>> told("y_um", "signed_difference"), told("exposure", None)
    ('signed difference of y_um', 'exposure')
    """
    if isinstance(values, pd.DataFrame) and {"pre", "post"} <= set(values.columns):
        return next(str(name) for name in values.columns if name not in ("pre", "post"))
    if isinstance(values, str | list | tuple) and all(isinstance(v, str) for v in values):
        if values == "exposure" and how is None:
            return "exposure"
        named = values if isinstance(values, str) else ", ".join(values)
        return f"{(how or 'difference').replace('_', ' ')} of {named}"
    return "value of the pair"


def _of_exposure(g: ConnectomeGraph, how: Comparing | None) -> OfTable:
    """Return the exposure of the pairs of the domain."""
    met = g.domain.pairs
    if how is not None:
        raise InvalidArgument(f"how={how!r} compares neuron columns; an exposure is of the pair")
    if met is None or met.exposure is None:
        raise InvalidArgument(
            "the pairs of this domain have no exposure; give one with "
            "g.within(pairs, exposure='<column>')"
        )
    keys = met.pre.astype(np.int64) * g.n_neurons + met.post
    return OfTable(keys, np.asarray(met.exposure, float), g.n_neurons)


def _of_columns(g: ConnectomeGraph, names: list[str], how: Comparing | None) -> OfColumns:
    chosen = how or "difference"
    choice(chosen, get_args(Comparing), name="how")
    columns = [g.neuron_column(name) for name in names]
    for name, column in zip(names, columns, strict=True):
        if not pd.api.types.is_numeric_dtype(column.dtype):
            raise InvalidArgument(
                f"values={name!r} holds {column.dtype}, and a comparison needs numbers; for types "
                "use stats.type_matrix"
            )
    numbers = np.column_stack([column.to_numpy(float, na_value=np.nan) for column in columns])
    if chosen == "signed_difference" and len(names) > 1:
        raise InvalidArgument("a signed difference is of one column; name one, or use 'difference'")
    if chosen == "correlation":
        if len(names) < 3:
            raise InvalidArgument(
                f"a correlation needs at least three columns for each neuron; found {len(names)}"
            )
        numbers = numbers - numbers.mean(axis=1, keepdims=True)
        length = np.sqrt((numbers**2).sum(axis=1, keepdims=True))
        # A neuron whose numbers are all the same has no correlation with any.
        numbers = numbers / np.where(length > 0, length, np.nan)
    return OfColumns(numbers, chosen)


def _of_table(g: ConnectomeGraph, table: pd.DataFrame) -> OfTable:
    others = [name for name in table.columns if name not in ("pre", "post")]
    if len(others) != 1:
        raise InvalidTable(
            f"a table of pairs needs pre, post and one column of numbers; found {others}"
        )
    numbers = pd.to_numeric(table[others[0]]).to_numpy(float, na_value=np.nan)
    pre, post = (g.codes_of(table[end]) for end in ("pre", "post"))
    keys = pre * g.n_neurons + post
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    if len(keys) > 1 and (np.diff(keys) == 0).any():
        at = order[np.flatnonzero(np.diff(keys) == 0)[0]]
        raise InvalidTable(
            f"the pair {g.ids[pre[at]]} -> {g.ids[post[at]]} stands more than once in the table"
        )
    if not len(keys):
        raise InvalidTable("the table of pairs has no rows")
    return OfTable(keys, numbers[order], g.n_neurons)


def _of_matrix(g: ConnectomeGraph, values: Any) -> OfMatrix:
    whole = np.full((g.n_neurons, g.n_neurons), np.nan)
    if isinstance(values, pd.DataFrame):
        rows, columns = g.codes_of(values.index), g.codes_of(values.columns)
        whole[np.ix_(rows, columns)] = values.to_numpy(float, na_value=np.nan)
        return OfMatrix(whole)
    try:
        matrix = np.asarray(values, float)
    except (TypeError, ValueError):
        raise InvalidArgument(
            "values must be a neuron column or several, a matrix, or a table with pre, post and "
            f"one column of numbers; found {type(values).__name__}"
        ) from None
    if matrix.shape != whole.shape:
        raise InvalidArgument(
            f"a matrix of pairs needs one row and one column per neuron, shape {whole.shape}; "
            f"found {matrix.shape}; a DataFrame with root ids on both sides may hold fewer"
        )
    return OfMatrix(matrix)
