"""Progress bars: on standard error, only at a terminal, and only after a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["pieces_written", "rows_read"]

T = TypeVar("T")


@contextmanager
def rows_read() -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told (rows done, rows in all or 0) while a table is scanned."""
    from tqdm import tqdm

    # disable=None: silent where standard error is not a terminal
    with tqdm(
        desc="reading", unit=" rows", unit_scale=True, delay=1, disable=None, leave=False
    ) as bar:

        def told(done: int, total: int) -> None:
            bar.total = total or None
            bar.update(done - bar.n)

        yield told


def pieces_written(pieces: Sequence[T], *, rows: int) -> Iterator[T]:
    """Yield the pieces of a file that is being written, `rows` rows each."""
    from tqdm import tqdm

    yield from tqdm(
        pieces, desc="writing", unit=" rows", unit_scale=rows, delay=1, disable=None, leave=False
    )
