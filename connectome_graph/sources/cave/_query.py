"""One question to a materialized table or view, and its single answer from the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.errors import RemoteError
from connectome_graph.sources.cave._answers import BrokenAnswer
from connectome_graph.sources.cave._client import Connection
from connectome_graph.sources.cave._datastack import Kind
from connectome_graph.sources.cave._ids import Ids, check_ids_are_exact, ids_as_numbers

__all__ = [
    "Answer",
    "Indivisible",
    "Piece",
    "Query",
    "answering",
    "ask",
    "count",
    "empty_frame",
]

NANOMETRES = (1.0, 1.0, 1.0)


class Indivisible(RemoteError):
    """A piece of a question that cannot be asked in smaller parts.

    Examples
    --------
    >>> issubclass(Indivisible, RemoteError)
    True
    """


@dataclass(frozen=True)
class Query:
    """What is asked of a table or view; positions always come in nm.

    Parameters
    ----------
    name
        Table or view.
    kind
        Which of the two.
    ids_column
        The column that `ids` filter, or None.
    filters
        Further filters: column -> allowed values. An empty list allows nothing.
    columns
        Columns to send, or None for all.
    """

    name: str
    kind: Kind = "table"
    ids_column: str | None = None
    filters: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the question as JSON-able types: what the cache knows it by."""
        return {
            "name": self.name,
            "kind": self.kind,
            "ids_column": self.ids_column,
            "filters": {column: list(values) for column, values in self.filters.items()},
            "columns": list(self.columns) if self.columns else None,
        }

    def summary(self) -> dict[str, Any]:
        """Return the question for provenance: how many ids a filter had, not which."""
        few = {
            column: list(values) if len(values) <= 10 else f"{len(values):,} values"
            for column, values in self.filters.items()
        }
        return {"name": self.name, "kind": self.kind, "by": self.ids_column, "filters": few}


@dataclass(frozen=True)
class Piece:
    """A part of a question: some of its ids, or a range of the rows' own ids.

    Parameters
    ----------
    ids
        Ids of ``ids_column``, or None when the question has none.
    low, high
        Bounds of the row id, low included and high left out; None is open.
    """

    ids: Ids | None = None
    low: int | None = None
    high: int | None = None

    def halves(self, rows: pd.DataFrame, *, what: str) -> tuple[Piece, Piece]:
        """Return two pieces that together ask the same: ids first, then row-id ranges.

        Raises
        ------
        Indivisible
            When the piece cannot be divided any further.
        """
        if self.ids is not None and len(self.ids) > 1:
            middle = len(self.ids) // 2
            return (
                Piece(self.ids[:middle], self.low, self.high),
                Piece(self.ids[middle:], self.low, self.high),
            )
        own = (
            rows["id"].dropna().to_numpy(dtype=np.int64) if "id" in rows else np.empty(0, np.int64)
        )
        row_ids = np.unique(own)
        if len(row_ids) < 2:
            raise Indivisible(
                f"{what} reaches the server's row limit with {len(rows):,} rows and cannot be "
                f"asked in smaller parts, because its rows carry no id of their own; it would "
                f"come back incomplete, so it is refused"
            )
        at = int(row_ids[len(row_ids) // 2])
        return Piece(self.ids, self.low, at), Piece(self.ids, at, self.high)


def _arguments(query: Query, piece: Piece, *, version: int) -> dict[str, Any]:
    inside: dict[str, list[Any]] = {name: list(values) for name, values in query.filters.items()}
    if query.ids_column is not None and piece.ids is not None:
        inside[query.ids_column] = piece.ids.tolist()
    arguments: dict[str, Any] = {
        "filter_in_dict": inside or None,
        "filter_greater_equal_dict": None if piece.low is None else {"id": piece.low},
        "filter_less_dict": None if piece.high is None else {"id": piece.high},
        "materialization_version": version,
        "metadata": False,
        "split_positions": True,
        "desired_resolution": list(NANOMETRES),
    }
    if query.columns is not None:
        arguments["select_columns"] = list(query.columns)
    if query.kind == "table":
        # a reference table comes alone and is joined here, where unmatched rows can be counted
        arguments |= {"merge_reference": False, "log_warning": False}
    return arguments


def _send(materialize: Any, query: Query, arguments: dict[str, Any]) -> pd.DataFrame:
    # query_table and query_view only: the attributes of client.materialize.tables keep a cache
    # by table name that mixes datastacks up, and turn an empty id list into no filter at all
    method = materialize.query_view if query.kind == "view" else materialize.query_table
    frame: pd.DataFrame = method(query.name, **arguments)
    return frame


@dataclass(frozen=True)
class Answer:
    """The rows that a server sent for a piece of a question.

    Parameters
    ----------
    frame
        The rows; of a table each once.
    cut
        Whether the server says that it cut them at its row limit.
    sent_twice
        Rows that came a second time and were left out.
    """

    frame: pd.DataFrame
    cut: bool = False
    sent_twice: int = 0


def ask(connection: Connection, query: Query, piece: Piece, *, version: int) -> Answer:
    """Return the server's rows for a piece of a question.

    Every row answers what was asked: its ids are among those asked for, and in a table it comes
    once. Anything else is asked for again.

    Raises
    ------
    RemoteError
        When the server fails, rounds ids, answers another question, or does not say what unit
        its positions are in.
    """
    arguments = _arguments(query, piece, version=version)
    what = f"{query.kind} {query.name!r}"

    def work(client: Any) -> tuple[Answer, tuple[float, ...] | None]:
        connection.watch.forget()
        rows = _send(client.materialize, query, arguments)
        check_ids_are_exact(rows, what=what)
        once = answering(ids_as_numbers(rows, what=what), query, piece)
        limit = connection.watch.row_limit
        cut = limit is not None and len(rows) >= limit
        return Answer(once, cut, len(rows) - len(once)), connection.watch.resolution

    answer, resolution = connection.call(work, what=f"reading {what}")
    frame = answer.frame
    has_positions = any("_position_" in str(name) for name in frame.columns)
    if has_positions and resolution != NANOMETRES:
        found = "no unit" if resolution is None else f"units of {resolution} nm"
        raise RemoteError(
            f"{what}: positions were asked for in nm and came with {found}; they are refused "
            f"rather than guessed"
        )
    return answer


def answering(frame: pd.DataFrame, query: Query, piece: Piece) -> pd.DataFrame:
    """Return the rows of an answer when each of them was asked for.

    Raises
    ------
    BrokenAnswer
        When a row has an id that was not asked for, as in an answer to another question, or when
        a table sends two rows of one id.
    """
    came = {str(name) for name in frame.columns}
    lost = [n for n in query.columns or () if n not in came and f"{n}_x" not in came]
    if lost:
        raise BrokenAnswer(f"the rows have no {', '.join(lost)}, which was asked for")
    asked: dict[str, Any] = dict(query.filters)
    if query.ids_column is not None and piece.ids is not None:
        asked[query.ids_column] = piece.ids
    for name, values in asked.items():
        if name not in frame.columns:
            if query.columns is not None and name not in query.columns:
                continue
            raise BrokenAnswer(f"the rows have no column {name!r}, by which they were asked for")
        _refuse_others(frame[name], values, name)
    if piece.low is not None or piece.high is not None:
        _refuse_outside(frame, piece)
    if query.kind == "table" and "id" in frame.columns and frame["id"].duplicated().any():
        rows = frame.drop_duplicates()
        if rows["id"].duplicated().any():
            raise BrokenAnswer("two rows of the table have the same id")
        frame = rows.reset_index(drop=True)
    return frame


def _refuse_others(column: pd.Series[Any], asked: Any, name: str) -> None:
    found = column.drop_duplicates()
    if pd.api.types.is_integer_dtype(column.dtype):
        there = found.notna().to_numpy(dtype=bool)
        known = np.zeros(len(found), bool)
        known[there] = np.isin(found[there].to_numpy(dtype=np.int64), np.asarray(asked))
    else:
        known = found.isin(list(asked)).to_numpy(dtype=bool)
    if not known.all():
        first = found.astype(object)[~known].iloc[0]
        raise BrokenAnswer(
            f"{int((~known).sum()):,} of {len(found):,} values of {name!r} were not asked for "
            f"(first: {first}); this is the answer to another question"
        )


def _refuse_outside(frame: pd.DataFrame, piece: Piece) -> None:
    if "id" not in frame.columns:
        raise BrokenAnswer("the rows have no id, by which they were asked for")
    ids = frame["id"]
    outside = ids.isna()
    if piece.low is not None:
        outside |= ids < piece.low
    if piece.high is not None:
        outside |= ids >= piece.high
    if outside.fillna(value=True).any():
        raise BrokenAnswer("rows came from outside the range of ids that was asked for")


def count(connection: Connection, query: Query, piece: Piece, *, version: int) -> int:
    """Return how many rows the server has for a piece; no row limit applies to a count."""
    arguments = _arguments(query, piece, version=version) | {"get_counts": True}
    for unneeded in ("select_columns", "desired_resolution"):
        arguments.pop(unneeded, None)

    def work(client: Any) -> int:
        answer = _send(client.materialize, query, arguments)
        if "count" not in answer or len(answer) != 1 or answer["count"].isna().any():
            raise BrokenAnswer("the server did not answer with a count")
        return int(answer["count"].iloc[0])

    what = f"counting the rows of {query.kind} {query.name!r}"
    return connection.call(work, what=what)


def empty_frame(query: Query) -> pd.DataFrame:
    """Return a table without rows and with the columns a question asks for, typed.

    Examples
    --------
    >>> empty = empty_frame(Query("synapses", columns=("id", "size", "pt_position")))
    >>> [f"{name}: {kind}" for name, kind in empty.dtypes.items()][:3]
    ['id: int64', 'size: float64', 'pt_position_x: float64']
    """
    kinds: dict[str, Any] = {}
    for name in query.columns or ():
        if name.endswith("_position"):
            kinds |= {f"{name}_{axis}": np.float64 for axis in "xyz"}
        elif name == "id" or name.endswith("_id"):
            kinds[name] = np.int64
        else:
            kinds[name] = object if name == "tag" else np.float64
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()})
