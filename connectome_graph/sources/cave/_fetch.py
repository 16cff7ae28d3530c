"""The guarded fetch: a question in parts, no part shorter than the truth.

A CAVE server cuts every answer at a row limit and says so only in a header, and not always.
Three guards stand against a silently smaller table:

1. An answer whose header names a limit, or that is exactly as long as a known limit, is asked
   again in two halves, by ids first and by ranges of row ids then.
2. All answers of one server are cut at one limit, so a cut answer is as long as the longest. The
   longest answers are therefore counted by the server, to which no limit applies; a count beyond
   the rows that came reveals a limit nobody announced, and every answer of that length is divided.
3. A stream that ends early, an id in floating point and a position without a unit are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from connectome_graph.border.progress import bar
from connectome_graph.errors import RemoteError
from connectome_graph.sources.cave._cache import CacheFolder, digest
from connectome_graph.sources.cave._client import Connection
from connectome_graph.sources.cave._ids import Ids
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._query import Piece, Query, ask, count, empty_frame

__all__ = ["Fetched", "Fetcher"]

KNOWN_LIMITS = frozenset({200_000, 500_000})
_LONGEST = "longest_answer"


@dataclass(frozen=True)
class Fetched:
    """A complete answer: its rows, in the order of their ids, and how they came.

    Parameters
    ----------
    frame
        The rows as the server sent them, positions in nm.
    facts
        Rows, requests' parts, rows counted twice, for provenance.
    """

    frame: pd.DataFrame
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Part:
    """One chunk of ids on its way: its rows, and whether they came from the cache."""

    name: str
    piece: Piece
    frame: pd.DataFrame | None = None
    from_cache: bool = False
    longest: int = 0


class Fetcher:
    """Asks one pinned version of one datastack, keeping what arrives.

    Parameters
    ----------
    connection
        The guarded connection; not opened when the cache knows the answer.
    version
        Materialization version, a pinned integer.
    folder
        Cache folder of this version.
    options
        Concurrency, chunk size, progress.
    row_limit
        The row limit this server is known to have, if any.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        version: int,
        folder: CacheFolder,
        options: FetchOptions,
        row_limit: int | None = None,
    ) -> None:
        self.connection = connection
        self.version = version
        self.folder = folder
        self.options = options
        self.limits: set[int] = {*KNOWN_LIMITS, *({row_limit} if row_limit else ())}
        self._longest_seen = 0

    def fetch(self, query: Query, *, ids: Ids | None = None, chunk: int = 20) -> Fetched:
        """Return every row of a question, whatever the server's row limit.

        Parameters
        ----------
        query
            The question.
        ids
            The values of ``query.ids_column`` to ask for; an empty array asks nothing and
            returns an empty, typed table.
        chunk
            Ids in one request.

        Raises
        ------
        RemoteError
            When a part cannot be had complete. Parts that arrived are kept.
        """
        if ids is not None and not len(ids):
            return Fetched(empty_frame(query), {**query.summary(), "rows": 0, "parts": 0})
        if any(not len(values) for values in query.filters.values()):
            return Fetched(empty_frame(query), {**query.summary(), "rows": 0, "parts": 0})
        folder = self.folder.below(query.name, digest(query.to_dict()))
        parts = [_Part(_part_name(piece), piece) for piece in _pieces(ids, chunk)]
        whole = f"complete-{digest([part.name for part in parts])}"
        done = folder.read_json(whole)
        missing = self._from_cache(parts, folder)
        if done is None or missing:
            self._arrive(query, missing, folder)
            kept = [part for part in parts if part.from_cache]
            self._prove(query, kept, folder, shown_whole=0)
            self._prove(query, missing, folder, shown_whole=self._longest_seen)
            done = {"query": query.summary(), "parts": len(parts), "complete": True}
            folder.write_json(whole, done)
        return _together(query, parts)

    # ------------------------------------------------------------ the parts
    @staticmethod
    def _from_cache(parts: list[_Part], folder: CacheFolder) -> list[_Part]:
        """Fill parts from the cache and return those that are not there."""
        for part in parts:
            part.frame = folder.read_frame(part.name)
            part.from_cache = part.frame is not None
            if part.frame is not None:
                part.longest = int(part.frame.attrs.pop(_LONGEST, len(part.frame)))
        return [part for part in parts if part.frame is None]

    def _arrive(self, query: Query, parts: list[_Part], folder: CacheFolder) -> None:
        """Fetch parts, a few at once, keeping each as soon as it is whole."""
        if not parts:
            return

        def one(part: _Part) -> None:
            part.frame, part.longest = self._rows(query, part.piece)
            part.frame.attrs[_LONGEST] = part.longest
            folder.write_frame(part.name, part.frame)
            del part.frame.attrs[_LONGEST]

        with (
            self._bar(query, len(parts)) as bar,
            ThreadPoolExecutor(self.options.workers, thread_name_prefix="cave") as pool,
        ):
            futures = [pool.submit(one, part) for part in parts]
            for future in futures:
                future.add_done_callback(lambda _: bar.update(1))
            try:
                wait(futures, return_when=FIRST_EXCEPTION)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        for future in futures:
            if not future.cancelled():
                future.result()
        self._longest_seen = max(self._longest_seen, *(part.longest for part in parts))

    def _rows(self, query: Query, piece: Piece) -> tuple[pd.DataFrame, int]:
        """Return all rows of a piece, dividing it where an answer is cut, and the longest."""
        waiting, frames, longest = [piece], [], 0
        while waiting:
            part = waiting.pop()
            frame, limit = ask(self.connection, query, part, version=self.version)
            if limit is not None or len(frame) in self.limits:
                what = f"{query.kind} {query.name!r}"
                waiting.extend(reversed(part.halves(frame, what=what)))
                continue
            frames.append(frame)
            longest = max(longest, len(frame))
        return _stacked(frames), longest

    # ------------------------------------------------------------ the proof
    def _prove(
        self, query: Query, parts: list[_Part], folder: CacheFolder, *, shown_whole: int
    ) -> None:
        """Have the longest answers counted; divide again whatever proves to be cut.

        Answers of one run are cut at one limit, so if the longest is whole, all are; and where
        this run has seen a longer answer (`shown_whole`), none of `parts` can have been cut. A
        limit found here joins the known ones, and the parts as long as it are fetched again.
        That can happen once: rows still missing then are not cut off by a limit, but withheld.
        """
        learned = False
        while parts:
            longest = max(part.longest for part in parts)
            if 0 < longest < shown_whole and not learned:
                return
            tied = [part for part in parts if part.longest == longest]
            # a limit is never 0 rows: one count is enough to see that there is really nothing
            for part in tied if longest else tied[:1]:
                expected = count(self.connection, query, part.piece, version=self.version)
                if expected > _distinct(part.frame, query):
                    break
            else:
                return
            if learned or longest == 0:
                raise RemoteError(
                    f"{query.kind} {query.name!r}: the server counts {expected:,} rows where it "
                    f"sends fewer, even when asked in smaller parts; the table is refused"
                )
            learned = True
            self.limits.add(longest)
            for part in tied:
                folder.drop_frame(part.name)
            self._arrive(query, tied, folder)

    def _bar(self, query: Query, total: int) -> Any:
        return bar(
            progress=self.options.progress,
            total=total,
            desc=f"{query.name} v{self.version}",
            unit="request",
        )


def _pieces(ids: Ids | None, size: int) -> Iterable[Piece]:
    if ids is None:
        return [Piece()]
    return [Piece(ids[start : start + size]) for start in range(0, len(ids), size)]


def _part_name(piece: Piece) -> str:
    return "all" if piece.ids is None else f"part-{digest(piece.ids.tolist())}"


def _distinct(frame: pd.DataFrame | None, query: Query) -> int:
    """Return how many rows a count should find: a table's own id is unique, a view's may not be."""
    if frame is None:
        return 0
    if "id" not in frame.columns:
        return len(frame)
    return int(frame["id"].nunique()) if query.kind == "table" else len(frame.drop_duplicates())


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the frames below each other; empty ones only lend their columns."""
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0]


def _together(query: Query, parts: list[_Part]) -> Fetched:
    """Return the parts as one table in a fixed order, whatever order they arrived in."""
    frame = _stacked([part.frame for part in parts if part.frame is not None])
    received = len(frame)
    if "id" in frame.columns and query.kind == "table":
        frame = frame.drop_duplicates("id").sort_values("id", kind="stable")
    elif len(frame.columns):
        # a view's id may repeat with other values; a row sent twice is alike in all of them
        frame = frame.drop_duplicates() if "id" in frame.columns else frame
        order = np.lexsort([pd.factorize(frame[name], sort=True)[0] for name in frame.columns])
        frame = frame.iloc[order]
    facts = {
        **query.summary(),
        "rows": len(frame),
        "rows_sent_twice": received - len(frame),
        "parts": len(parts),
    }
    return Fetched(frame.reset_index(drop=True), facts)
