"""The guarded fetch: a question in parts, and every row of it proven.

A CAVE server cuts every answer at a row limit and says so only in a header, and not always; what
stands between client and server may shorten an answer, or give that of another question.
Against a table that is silently another one stand three rules:

1. Every row answers what was asked: its ids are among those asked for, and in a table it comes
   once.
2. The server counts the rows of the whole question in one request, to which no row limit applies
   (in halves where the ids are too many for it); the count equals the sum of the rows. Only where
   it does not are the parts counted one by one, and those that are short fetched again, in halves
   if need be.
3. What has not been counted is not in the cache. A killed fetch leaves parts behind, which are
   used again, and counted with the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from connectome_graph.border.progress import bar
from connectome_graph.errors import RemoteError
from connectome_graph.sources.cave._answers import TooLarge
from connectome_graph.sources.cave._cache import CacheFolder, digest
from connectome_graph.sources.cave._client import Connection
from connectome_graph.sources.cave._credentials import RefusedToken
from connectome_graph.sources.cave._ids import Ids
from connectome_graph.sources.cave._options import FetchOptions
from connectome_graph.sources.cave._parallel import each
from connectome_graph.sources.cave._parts import Fetched, Part, divided, remember, stacked
from connectome_graph.sources.cave._query import Answer, Indivisible, Piece, Query, ask, count

__all__ = ["Fetched", "Fetcher"]

KNOWN_LIMITS = frozenset({200_000, 500_000})
_MOST_EQUAL = 5_000
#: Ids whose count may last longer than what stands between client and server waits.
_MANY = 100_000


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
            return Fetched(query)
        if any(not len(values) for values in query.filters.values()):
            return Fetched(query)
        folder = self._folder(query)
        parts = divided(ids, chunk=chunk, folder=folder)
        new = [part for part in parts if not part.proven]
        if new:
            with self.connection.fetching():
                self._arrive(query, new, folder)
                self._prove(query, new, folder)
            remember(new, folder)
        return Fetched(query, parts, lambda part: self._read(query, part, folder))

    def _folder(self, query: Query) -> CacheFolder:
        return self.folder.below(query.name, digest(query.to_dict()))

    # ------------------------------------------------------------ the parts
    def _arrive(self, query: Query, parts: Sequence[Part], folder: CacheFolder) -> None:
        """Fetch the parts that no killed run has left, a few at once, keeping each."""
        for part in parts:
            part.rows = folder.rows_of(part.name)
            if part.rows is not None:
                left = folder.read_frame(part.name)
                part.rows = None if left is None else len(left)
                part.distinct = 0 if left is None else _distinct(query, left)
        missing = [part for part in parts if part.rows is None]
        if not missing:
            return
        title = f"{query.name} v{self.version}"
        total, progress = len(missing), self.options.progress
        with bar(progress=progress, total=total, desc=title, unit="request") as shown:
            each(
                missing,
                lambda part: self._keep(query, part, self._rows(query, part.piece), folder),
                workers=self.options.workers,
                given_up=self.connection.given_up,
                done=lambda: shown.update(1),
            )

    @staticmethod
    def _keep(query: Query, part: Part, answer: Answer, folder: CacheFolder) -> None:
        folder.write_frame(part.name, answer.frame)
        part.rows, part.sent_twice = len(answer.frame), answer.sent_twice
        part.distinct = _distinct(query, answer.frame)

    def _rows(self, query: Query, piece: Piece) -> Answer:
        """Return all rows of a piece, dividing it where an answer is cut at a limit."""
        waiting, answers = [piece], []
        while waiting:
            part = waiting.pop()
            try:
                answer = ask(self.connection, query, part, version=self.version)
            except TooLarge as error:
                waiting.extend(reversed(_smaller(query, part, error)))
                continue
            if answer.cut or len(answer.frame) in self.limits:
                try:
                    halves = part.halves(answer.frame, what=f"{query.kind} {query.name!r}")
                except Indivisible:
                    if answer.cut or not self._agree(
                        query, part, answer, self._counted(query, part)
                    ):
                        raise
                else:
                    waiting.extend(reversed(halves))
                    continue
            answers.append(answer)
        return _added(answers)

    def _read(self, query: Query, part: Part, folder: CacheFolder) -> pd.DataFrame:
        """Return the rows of a proven part; a file that has been damaged is fetched again."""
        frame = folder.read_frame(part.name)
        if frame is None or len(frame) != part.rows:
            with self.connection.fetching():
                answer = self._proven_rows(query, part.piece)
            self._keep(query, part, answer, folder)
            remember([part], folder)
            frame = answer.frame
        return frame

    # ------------------------------------------------------------ the proof
    def _prove(self, query: Query, parts: Sequence[Part], folder: CacheFolder) -> None:
        """Have the server count the question; what is short is fetched again, part by part.

        Raises
        ------
        RemoteError
            When counts and rows cannot be brought to agree.
        """
        whole = self._counted_whole(query, parts)
        if self._agree_together(query, parts, whole, folder):
            return

        def one(part: Part) -> None:
            frame = folder.read_frame(part.name)
            if frame is not None:
                answer = Answer(frame, sent_twice=part.sent_twice)
                counted = self._counted(query, part.piece)
                if self._agree(query, part.piece, answer, counted):
                    return
                folder.drop_frame(part.name)
            self._keep(query, part, self._proven_rows(query, part.piece), folder)

        each(parts, one, workers=self.options.workers, given_up=self.connection.given_up)
        if not self._agree_together(query, parts, whole, folder):
            again = self._counted_whole(query, parts)
            if not self._agree_together(query, parts, again, folder):
                for part in parts:
                    folder.drop_frame(part.name)
                raise _refused(query, again, sum(part.rows or 0 for part in parts))

    def _counted(self, query: Query, piece: Piece) -> int:
        return count(self.connection, query, piece, version=self.version)

    def _counted_whole(self, query: Query, parts: Sequence[Part]) -> int:
        """Return the count of a question over all ids of some parts."""
        own = [part.piece.ids for part in parts if part.piece.ids is not None]
        if not own:
            return self._counted(query, Piece())
        return self._counted_in_halves(query, Piece(np.concatenate(own)))

    def _counted_in_halves(self, query: Query, piece: Piece) -> int:
        """Return the count of a piece: in one request, or in two where it is too large for one."""
        try:
            return self._counted(query, piece)
        except RefusedToken:
            raise
        except RemoteError as error:
            many = piece.ids is not None and len(piece.ids) > _MANY
            if not many and not isinstance(error, TooLarge):
                raise
            halves = _smaller(query, piece, error)
        return sum(self._counted_in_halves(query, half) for half in halves)

    def _agree_together(
        self, query: Query, parts: Sequence[Part], counted: int, folder: CacheFolder
    ) -> bool:
        rows = sum(part.rows or 0 for part in parts)
        distinct = sum(part.distinct for part in parts)
        if rows == distinct or rows != counted:
            return counted in (rows, distinct)
        for part in parts:
            if part.rows != part.distinct:
                frame = folder.read_frame(part.name)
                if frame is None or not self._genuine(query, frame, part.piece):
                    return False
        return True

    def _agree(self, query: Query, piece: Piece, answer: Answer, counted: int) -> bool:
        """Return whether the rows of an answer are as many as the server counts.

        Rows of a view that are alike in everything may be rows of the view, or one row that was
        sent twice in place of another: where there are any, the server counts them too.
        """
        rows, distinct = len(answer.frame), _distinct(query, answer.frame)
        if rows == distinct or rows != counted:
            return counted in (rows, distinct)
        return self._genuine(query, answer.frame, piece)

    def _genuine(self, query: Query, frame: pd.DataFrame, piece: Piece) -> bool:
        """Return whether the equal rows of a view are as many as the server has."""
        if "id" not in frame.columns:
            return True
        ids = frame["id"][frame.duplicated()].dropna().unique()[:_MOST_EQUAL]
        equal = replace(query, filters={**query.filters, "id": tuple(ids.tolist())})
        return self._counted(equal, piece) == int(frame["id"].isin(ids).sum())

    def _proven_rows(self, query: Query, piece: Piece) -> Answer:
        """Return the rows of a piece, as many as the server counts for it.

        Raises
        ------
        RemoteError
            When the server withholds rows that it counts, even one by one.
        """
        lengths: list[int] = []
        counted = 0
        for _ in range(2):
            answer = self._rows(query, piece)
            counted = self._counted(query, piece)
            if self._agree(query, piece, answer, counted):
                return answer
            lengths.append(len(answer.frame))
        if lengths[-1] > counted:
            raise _refused(query, counted, lengths[-1])
        if lengths[0] == lengths[1] > 1:
            self.limits.add(lengths[0])  # a limit that nobody announced
        try:
            halves = piece.halves(answer.frame, what=f"{query.kind} {query.name!r}")
        except Indivisible:
            halves = None
        if halves is None:
            raise _refused(query, counted, lengths[-1])
        return _added([self._proven_rows(query, half) for half in halves])


def _smaller(query: Query, piece: Piece, error: RemoteError) -> tuple[Piece, Piece]:
    """Return the halves of a piece with more ids than a server takes; one id is what it is."""
    try:
        return piece.halves(pd.DataFrame(), what=f"{query.kind} {query.name!r}")
    except Indivisible:
        pass
    raise error


def _distinct(query: Query, frame: pd.DataFrame) -> int:
    """Return how many different rows there are; a table's have been checked already."""
    return len(frame) if query.kind == "table" else len(frame.drop_duplicates())


def _added(answers: list[Answer]) -> Answer:
    frames = [answer.frame for answer in answers]
    return Answer(stacked(frames), sent_twice=sum(answer.sent_twice for answer in answers))


def _refused(query: Query, counted: int, sent: int) -> RemoteError:
    return RemoteError(
        f"{query.kind} {query.name!r}: the server counts {counted:,} rows and sends {sent:,}, even "
        f"when asked in smaller parts; the table is refused"
    )
