"""Several tables about the same neurons, as one table with one row each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from connectome_graph.errors import InvalidTable
from connectome_graph.model.columns import root_ids, with_gaps
from connectome_graph.sources.releases.given import Given
from connectome_graph.sources.releases.release import Release, as_text

__all__ = ["NeuronTables", "frame_of", "sides", "transmitters"]

_SIDES = {
    **dict.fromkeys(("l", "left", "lhs"), "left"),
    **dict.fromkeys(("r", "right", "rhs"), "right"),
    **dict.fromkeys(("m", "c", "center", "centre", "middle", "midline", "medial"), "center"),
}
_NOTHING = ("", "na", "n/a", "none", "nan", "unknown")


def sides(values: Any) -> npt.NDArray[Any]:
    """Return ``left``, ``right``, ``center`` or None, however a release spells it.

    Examples
    --------
    >>> sides(["L", "RHS", "midline", "na", None]).tolist()
    ['left', 'right', 'center', None, None]
    """
    return _spelled(values, lambda text: _SIDES.get(text.lower(), text.lower()))


def transmitters(values: Any) -> npt.NDArray[Any]:
    """Return transmitters as a release spells them; what is not known is None.

    Examples
    --------
    >>> transmitters(["ACH", "unknown", "", None]).tolist()
    ['ACH', None, None, None]
    """
    return _spelled(values, lambda text: text)


def _spelled(values: Any, rule: Callable[[str], str]) -> npt.NDArray[Any]:
    """Return texts by a rule, each different one asked once; what says nothing is None."""
    codes, texts = pd.factorize(as_text(values))
    found = [rule(text) for text in texts]
    return np.array([None if text.lower() in _NOTHING else text for text in found], object)[codes]


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a DataFrame in which integers with gaps stay integers."""
    gaps = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=gaps.get)
    return frame


class NeuronTables:
    """The neurons of a release: those of the first table, with what the others say of them.

    Parameters
    ----------
    release
        Where to tell what was left out.
    text_ids
        Whether ids are text.
    """

    def __init__(self, release: Release, *, text_ids: bool = False) -> None:
        self._release, self._text = release, text_ids
        self._frame: pd.DataFrame | None = None
        self._parts: list[str] = []

    def add(
        self,
        given: Given,
        table: pd.DataFrame,
        *,
        ids: str,
        names: Mapping[str, str] | None = None,
        repeats: bool = False,
        drop: Iterable[str] = (),
    ) -> None:
        """Add a table.

        Parameters
        ----------
        given
            Where it is from.
        table
            Its rows.
        ids
            Its column of ids.
        names
            Own name -> the library's name.
        repeats
            Whether a neuron may have several rows, of which the first is taken.
        drop
            Columns to leave out.

        Raises
        ------
        InvalidTable
            When an id is a float, or has several rows that differ.
        """
        keys = self._ids(table[ids], f"{ids} of {given.name}")
        part = table.drop(columns=[ids, *(name for name in drop if name in table.columns)])
        part = part.rename(columns=dict(names or {})).set_axis(pd.Index(keys, name="root_id"))
        part = self._single(given, part[(keys != "") if self._text else (keys != 0)], repeats)
        self._parts.append(given.name)
        if self._frame is None:
            self._frame = part
            return
        if (part.index.dtype.kind == "i") != (self._frame.index.dtype.kind == "i"):
            raise InvalidTable(
                f"ids of {given.name} and of {self._parts[0]} are of different kinds: integers and "
                "text"
            )
        known = part.index.isin(self._frame.index)
        self._told(given, int((~known).sum()), len(self._frame) - int(known.sum()))
        new = [name for name in part.columns if name not in self._frame.columns]
        joined = with_gaps(part.loc[known, new]).reindex(self._frame.index)
        self._frame = pd.concat([self._frame, joined], axis=1)

    def add_ids(self, given: Given, ids: npt.NDArray[Any]) -> None:
        """Add a list of the neurons there are."""
        self.add(given, pd.DataFrame({"root_id": ids}), ids="root_id")

    @property
    def frame(self) -> pd.DataFrame | None:
        """The table so far, with ``root_id`` as a column; None when nothing was added."""
        return None if self._frame is None else self._frame.reset_index()

    def _ids(self, column: pd.Series, name: str) -> npt.NDArray[Any]:
        if self._text:
            if pd.api.types.is_float_dtype(column.dtype):
                raise InvalidTable(f"ids in {name!r} are floats; they may have lost digits")
            return as_text(column)
        return root_ids(column.array, name=name)

    def _single(self, given: Given, part: pd.DataFrame, repeats: bool) -> pd.DataFrame:  # noqa: FBT001
        again = part.index.duplicated()
        if not again.any():
            return part
        count, first = int(again.sum()), part.index[again][0]
        if not repeats:
            shown = part.reset_index().astype(str)
            if int(shown.duplicated().sum()) < count:
                raise InvalidTable(
                    f"{given.name} has several rows that differ for {count:,} neurons (first: "
                    f"{first}); keep one row per neuron in it, or leave the file out"
                )
        self._release.note(
            f"{count:,} further rows of {given.name} about neurons it had already named were left "
            "out.",
            **{f"n_repeated_rows {given.name}": count},
        )
        return part[~again]

    def _told(self, given: Given, stale: int, missing: int) -> None:
        if stale:
            self._release.note(
                f"{stale:,} rows of {given.name} are about ids that are no neurons of "
                f"{self._parts[0]} and were left out.",
                **{f"n_stale_rows {given.name}": stale},
            )
        if missing:
            self._release.facts[f"n_neurons_not_in {given.name}"] = missing
