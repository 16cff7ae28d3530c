"""The type of a neuron: one or several columns of the neuron table, as codes and names.

Whatever splits neurons into types goes through here, so an unlabelled cell means the same
everywhere: a neuron is *unlabelled* where a column of types is missing (``NaN``, ``None``,
``NA``). It is either left out (``missing="drop"``, code -1), or it makes a type of its own
(``missing="own"``, named ``unknown``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from connectome_graph.border.arguments import By
from connectome_graph.errors import InvalidArgument, UnknownName, choice, did_you_mean
from connectome_graph.model.index import frozen

__all__ = ["LabelCache", "Labels", "Missing", "column_of", "columns_of", "labelled"]

#: Whether unlabelled neurons are left out, or are a type of their own.
Missing: TypeAlias = Literal["drop", "own"]

_OWN = ("unknown", "unlabelled", "no label")
_BETWEEN = " | "


@dataclass(frozen=True, eq=False)
class Labels:
    """The type of every neuron as a code, and the types; read-only.

    Attributes
    ----------
    codes : ndarray of int64
        Shape ``(n_neurons,)``: place of the neuron's type in `names`, -1 where it has none.
    names : pandas.Index
        The types: sorted, or in the order of the categories of a categorical column. With
        ``missing="own"`` the type of the unlabelled is the last.
    by : tuple of str
        The neuron columns that they come from.
    n_unlabelled : int
        Number of neurons without a value in at least one of the columns.
    """

    codes: npt.NDArray[np.int64]
    names: pd.Index
    by: tuple[str, ...]
    n_unlabelled: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", frozen(np.asarray(self.codes, np.int64)))

    def __len__(self) -> int:
        """Return the number of types."""
        return len(self.names)

    @property
    def title(self) -> str:
        """The names of the columns, as one text."""
        return _BETWEEN.join(self.by)

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Number of neurons of each type, int64."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))

    @property
    def per_neuron(self) -> npt.NDArray[Any]:
        """The type of every neuron by name, object; None where it has none."""
        return self.named(self.codes)

    def named(self, codes: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the names that codes stand for, object; None for -1.

        Parameters
        ----------
        codes
            Integer array of places in `names`.
        """
        table = np.empty(len(self.names) + 1, object)
        table[:-1] = self.names.to_numpy(object)
        named: npt.NDArray[Any] = table[codes]
        return named

    def at(self, positions: npt.NDArray[Any]) -> Labels:
        """Return the labels of some neurons, in that order, with the types that occur there.

        Parameters
        ----------
        positions
            Integer or boolean array: which neurons.
        """
        codes = self.codes[positions]
        found = np.zeros(len(self.names), bool)
        found[codes[codes >= 0]] = True
        place = np.append(np.cumsum(found) - 1, -1)
        own = bool(len(self.names) and found[-1] and self._has_own)
        missing = int((codes < 0).sum() if not own else (codes == len(self.names) - 1).sum())
        return Labels(place[codes], self.names[found], self.by, missing)

    @property
    def _has_own(self) -> bool:
        return bool(self.n_unlabelled) and not bool((self.codes < 0).any())


class LabelCache:
    """Labels of one neuron table, made once for each set of columns.

    A null sample has its graph's neurons, so it shares their cache.

    Parameters
    ----------
    neurons
        The neuron table; nobody writes to it.
    """

    def __init__(self, neurons: pd.DataFrame) -> None:
        self._neurons = neurons
        self._made: dict[tuple[tuple[str, ...], Missing], Labels] = {}

    def get(self, by: By, missing: Missing) -> Labels:
        """Return the labels; made when they are first asked for."""
        choice(missing, ("drop", "own"), name="missing")
        key = columns_of(by), missing
        if key not in self._made:
            self._made[key] = labelled(self._neurons, by, missing=missing)
        return self._made[key]


def columns_of(by: Any) -> tuple[str, ...]:
    """Return the columns that `by` names, one or several.

    Raises
    ------
    InvalidArgument
        When `by` is not a column name or a list of different ones.

    Examples
    --------
    >>> columns_of("cell_type"), columns_of(["cell_type", "side"])
    (('cell_type',), ('cell_type', 'side'))
    """
    names = (by,) if isinstance(by, str) else tuple(by) if np.iterable(by) else ()
    if not names or not all(isinstance(n, str) for n in names) or len(set(names)) < len(names):
        raise InvalidArgument(f"by={by!r} must be a neuron column, or a list of different ones")
    return names


def column_of(neurons: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of a neuron table.

    Raises
    ------
    UnknownName
        When there is no such column.
    """
    if name not in neurons.columns:
        known = list(map(str, neurons.columns))
        raise UnknownName(
            f"the neurons have no column {name!r}.{did_you_mean(name, known)} "
            f"Columns: {', '.join(known) or 'none'}"
        )
    return neurons[name]


def labelled(neurons: pd.DataFrame, by: By, *, missing: Missing = "drop") -> Labels:
    """Return the type of every neuron of a table.

    Several columns make a type of every combination of their values that occurs, named
    ``"a | b"`` and sorted by the first column, then the next. With ``missing="own"`` a gap in
    one of several columns is a value of that column, so ``"a | unknown"`` is a type.

    Parameters
    ----------
    neurons
        The neuron table.
    by
        A column, or a list of columns.
    missing
        ``"drop"`` gives unlabelled neurons code -1; ``"own"`` makes them a type.

    Raises
    ------
    UnknownName
        When there is no such column.
    InvalidArgument
        When `by` or `missing` is not understood, or two combinations would have one name.

    Examples
    --------
    >>> cells = pd.DataFrame({"cell_type": ["BC", None, "23P"], "side": ["L", "L", "R"]})
    >>> types = labelled(cells, "cell_type")
    >>> types.codes.tolist(), list(types.names)
    ([1, -1, 0], ['23P', 'BC'])
    >>> list(labelled(cells, ["cell_type", "side"], missing="own").names)
    ['23P | R', 'BC | L', 'unknown | L']
    """
    choice(missing, ("drop", "own"), name="missing")
    names = columns_of(by)
    single = [_one(column_of(neurons, name), missing) for name in names]
    without = np.zeros(len(neurons), bool)
    for name in names:
        without |= neurons[name].isna().to_numpy()
    codes, found = single[0] if len(single) == 1 else _crossed(single, names)
    return Labels(codes, found, names, int(without.sum()))


def _one(column: pd.Series, missing: Missing) -> tuple[npt.NDArray[np.int64], pd.Index]:
    """Return codes and names of one column."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        used = column.cat.remove_unused_categories()
        raw, names = used.cat.codes.to_numpy(), pd.Index(used.cat.categories)
    else:
        raw, found = pd.factorize(column, sort=True)
        names = pd.Index(found)
    codes = np.asarray(raw, np.int64)
    gaps = codes < 0
    if missing == "own" and gaps.any():
        codes = np.where(gaps, len(names), codes)
        own = next((name for name in _OWN if name not in names), None)
        if own is None:
            raise InvalidArgument(
                f"column {column.name!r} has the labels {', '.join(map(repr, _OWN))}, so neurons "
                "without a label cannot be told from them; rename one of the labels"
            )
        names = pd.Index([*names, own], dtype=object if names.dtype.kind != "O" else names.dtype)
    return codes, names


def _crossed(
    single: list[tuple[npt.NDArray[np.int64], pd.Index]], by: tuple[str, ...]
) -> tuple[npt.NDArray[np.int64], pd.Index]:
    """Return codes and names of the combinations of several columns that occur."""
    whole = np.logical_and.reduce([codes >= 0 for codes, _ in single])
    rows = np.column_stack([codes[whole] for codes, _ in single])
    kinds, which = np.unique(rows, axis=0, return_inverse=True)
    texts = [
        _BETWEEN.join(str(names[place]) for place, (_, names) in zip(kind, single, strict=True))
        for kind in kinds.tolist()
    ]
    if len(set(texts)) < len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise InvalidArgument(
            f"two different combinations of {', '.join(by)} would both be called {twice!r}; "
            f"take {_BETWEEN.strip()!r} out of the labels"
        )
    codes = np.full(len(whole), -1, np.int64)
    codes[whole] = which.reshape(-1)
    return codes, pd.Index(texts, dtype=object)
