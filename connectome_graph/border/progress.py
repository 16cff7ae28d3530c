"""Progress bars: on standard error or in a notebook, and only where someone watches."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from connectome_graph.border.arguments import Progress, check_progress

__all__ = ["bar", "is_watched", "pieces_written", "rows_read"]

T = TypeVar("T")


def is_watched() -> bool:
    """Return whether someone sees a bar: at a terminal, or in a notebook."""
    kernel = sys.modules.get("ipykernel")
    return kernel is not None or bool(getattr(sys.stderr, "isatty", bool)())


def bar(items: Iterable[T] | None = None, *, progress: Progress = None, **options: Any) -> Any:
    """Return a bar over `items`, or one to be told of steps; ``None`` shows it where watched.

    Parameters
    ----------
    items
        What is gone through; None for a bar that is updated by hand.
    progress
        None, True or False.
    **options
        As tqdm takes them: ``desc``, ``unit``, ``total``.

    Examples
    --------
    >>> list(bar([1, 2, 3], progress=False))
    [1, 2, 3]
    """
    with warnings.catch_warnings():
        # A notebook without widgets gets a bar of text, and no lecture about it.
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm

    chosen = check_progress(progress)
    if not (is_watched() if chosen is None else chosen):
        options["disable"] = True
    return tqdm(items, leave=False, **options)


@contextmanager
def rows_read(progress: Progress = None) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told (rows done, rows in all or 0) while a table is scanned."""
    delay = 0 if progress else 1
    with bar(
        progress=progress, desc="reading", unit=" rows", unit_scale=True, delay=delay
    ) as shown:

        def told(done: int, total: int) -> None:
            shown.total = total or None
            shown.update(done - shown.n)

        yield told


def pieces_written(pieces: Sequence[T], *, rows: int) -> Iterator[T]:
    """Yield the pieces of a file that is being written, `rows` rows each."""
    yield from bar(pieces, desc="writing", unit=" rows", unit_scale=rows, delay=1)
