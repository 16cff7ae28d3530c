"""The parts of a question: which there are, which are proven, and the table they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.sources.cave._cache import CacheFolder, digest
from connectome_graph.sources.cave._ids import Ids
from connectome_graph.sources.cave._query import Piece, Query, empty_frame

__all__ = ["Fetched", "Part", "divided", "remember", "stacked"]

_PROVEN = "proven-"
#: Parts of more ids than this are not looked up id by id: they are asked for in one way only.
_MOST_LISTED = 1_000


@dataclass
class Part:
    """Some ids of a question, and what has arrived for them.

    Parameters
    ----------
    name
        Name of its file.
    piece
        The ids that were asked for in it.
    keep
        Those of them that are wanted now; None keeps every row.
    rows
        Rows on disk, or None when there are none yet.
    distinct
        Different rows among them; of a table all of them are.
    sent_twice
        Rows that came a second time and were left out.
    proven
        Whether the rows have been counted by the server.
    """

    name: str
    piece: Piece
    keep: Ids | None = None
    rows: int | None = None
    distinct: int = 0
    sent_twice: int = 0
    proven: bool = False


@dataclass
class Fetched:
    """A complete answer, read from disk when it is looked at.

    Parameters
    ----------
    query
        The question.
    parts
        Its proven parts.
    read
        Returns the rows of a part, fetched again where its file has been damaged.
    """

    query: Query
    parts: Sequence[Part] = ()
    read: Callable[[Part], pd.DataFrame] = field(default=lambda _: pd.DataFrame(), repr=False)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The question, and how many rows came in how many parts, for provenance."""
        rows = sum((part.rows or 0) if part.keep is None else 0 for part in self.parts)
        if any(part.keep is not None for part in self.parts):
            rows = len(self.frame)
        return {
            **self.query.summary(),
            "rows": rows,
            "rows_sent_twice": sum(part.sent_twice for part in self.parts),
            "parts": len(self.parts),
        }

    def pieces(self) -> Iterator[pd.DataFrame]:
        """Yield the rows part by part."""
        for part in self.parts:
            rows = self.read(part)
            if part.keep is not None and self.query.ids_column is not None:
                own = rows[self.query.ids_column].to_numpy(dtype=np.int64)
                rows = rows[np.isin(own, part.keep)].reset_index(drop=True)
            yield rows

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as the server sent them, positions in nm, in an order of their own."""
        if not self.parts:
            return empty_frame(self.query)
        frame = stacked(list(self.pieces()))
        if "id" in frame.columns and self.query.kind == "table":
            frame = frame.drop_duplicates("id").sort_values("id", kind="stable")
        elif len(frame.columns):
            # a view's id may repeat with other values; rows alike in all of them are one
            frame = frame.drop_duplicates() if "id" in frame.columns else frame
            first = ["id"] if "id" in frame.columns else []
            names = [*[name for name in frame.columns if name not in first][::-1], *first]
            order = np.lexsort([pd.factorize(frame[name], sort=True)[0] for name in names])
            frame = frame.iloc[order]
        return frame.reset_index(drop=True)


def stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the frames below each other; empty ones only lend their columns."""
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0]


def divided(ids: Ids | None, *, chunk: int, folder: CacheFolder) -> list[Part]:
    """Return the parts of a question: proven ones first, then those to be asked for.

    Ids that an earlier fetch asked the same question about are found in its parts, whatever
    other ids stood beside them.

    Parameters
    ----------
    ids
        The ids, sorted; None for a question without any.
    chunk
        Ids in a new part.
    folder
        Cache folder of the question.
    """
    known = _proven(folder)
    if ids is None:
        return [_filled(Part("all", Piece()), known)]
    parts = []
    left = ids
    if chunk <= _MOST_LISTED:
        for name, record in known.items():
            held = np.array(record.get("ids") or [], dtype=np.int64)
            keep = np.intersect1d(held, left)
            if len(keep):
                part = Part(name, Piece(held), keep=None if len(keep) == len(held) else keep)
                parts.append(_filled(part, known))
                left = np.setdiff1d(left, keep)
    for start in range(0, len(left), chunk):
        piece = Piece(left[start : start + chunk])
        parts.append(_filled(Part(_name(piece), piece), known))
    return parts


def remember(parts: Sequence[Part], folder: CacheFolder) -> None:
    """Write down that parts are proven; only what is written here counts as cached."""
    record = {
        part.name: {
            "rows": part.rows,
            "distinct": part.distinct,
            "sent_twice": part.sent_twice,
            "ids": _listed(part.piece),
        }
        for part in parts
    }
    folder.write_json(f"{_PROVEN}{digest(sorted(record))}", record)
    for part in parts:
        part.proven = True


def _listed(piece: Piece) -> list[int] | None:
    short = piece.ids is not None and len(piece.ids) <= _MOST_LISTED
    return piece.ids.tolist() if short and piece.ids is not None else None


def _proven(folder: CacheFolder) -> dict[str, dict[str, Any]]:
    """Return what is written down about parts whose files are there and whole."""
    known: dict[str, dict[str, Any]] = {}
    for name in folder.names(f"{_PROVEN}*.json"):
        record = folder.read_json(name) or {}
        known |= {part: facts for part, facts in record.items() if isinstance(facts, dict)}
    return {
        part: facts
        for part, facts in sorted(known.items())
        if isinstance(facts.get("rows"), int) and folder.rows_of(part) == facts["rows"]
    }


def _filled(part: Part, known: dict[str, dict[str, Any]]) -> Part:
    record = known.get(part.name)
    if record is not None:
        part.rows, part.proven = record["rows"], True
        part.distinct = int(record.get("distinct") or 0)
        part.sent_twice = int(record.get("sent_twice") or 0)
    return part


def _name(piece: Piece) -> str:
    return "all" if piece.ids is None else f"part-{digest(piece.ids.tolist())}"
