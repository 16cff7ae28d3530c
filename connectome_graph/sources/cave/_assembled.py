"""Assembled tables on disk: what a call has put together is read again by the next one.

The parts of a question are what a server sent; an assembled table is what came out of them, in
Arrow's own format, which is mapped into memory column by column. It is named by everything that
went into it.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import importlib.metadata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from connectome_graph.errors import UnreadableFile
from connectome_graph.sources.cave._cache import CacheFolder, digest
from connectome_graph.sources.cave._datastack import Datastack

__all__ = ["Assembled", "Columns", "assembled"]

#: Raised when tables are put together in another way.
_MANNER = 2


class Columns(Mapping[str, Any]):
    """The columns of an assembled table, each read when it is looked at and not held.

    Parameters
    ----------
    places
        Column -> the folder and the name of the table that has it, in order.
    """

    def __init__(self, places: Mapping[str, tuple[CacheFolder, str]]) -> None:
        self._places = dict(places)

    def __getitem__(self, name: str) -> Any:
        folder, table = self._places[name]
        values = folder.read_arrow_column(table, name)
        if values is None:
            raise UnreadableFile(
                f"the assembled table {folder.path / table} is gone or damaged; the same call "
                f"makes it anew"
            )
        return values.array if _is_extension(values) else values.to_numpy()

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def without(self, *names: str) -> Columns:
        """Return the other columns."""
        return Columns({n: place for n, place in self._places.items() if n not in names})

    def beside(self, other: Columns) -> Columns:
        """Return these columns and those of another table of as many rows."""
        return Columns({**self._places, **other._places})


@dataclass(frozen=True)
class Assembled:
    """A table on disk, how it came, and what was asked for it.

    Parameters
    ----------
    columns
        Its columns.
    rows
        How many rows it has.
    facts, queries
        Counts and choices, and the questions behind it.
    read
        Reads it whole.
    """

    columns: Columns
    rows: int
    facts: dict[str, Any]
    queries: list[dict[str, Any]]
    read: Callable[[], pd.DataFrame] = field(repr=False)

    def beside(self, other: Assembled) -> Assembled:
        """Return the table with the columns of another one, whose rows are in the same order."""
        return Assembled(
            self.columns.beside(other.columns),
            self.rows,
            {**self.facts, **other.facts},
            [*self.queries, *other.queries],
            lambda: pd.concat([self.read(), other.read()], axis=1),
        )


def assembled(
    folder: CacheFolder,
    what: str,
    *,
    stack: Datastack,
    choices: Mapping[str, Any],
    make: Callable[[], tuple[pd.DataFrame, dict[str, Any], list[dict[str, Any]]]],
) -> Assembled:
    """Return a table, its facts and the queries behind it: from disk, or made and kept.

    Parameters
    ----------
    folder
        Cache folder of the version.
    what
        ``"cells"``, ``"synapses"`` or ``"tags"``.
    stack
        The datastack, whose names and rules went into the table.
    choices
        Everything else that went into it, as JSON-able types.
    make
        Puts the table together.
    """
    inside = folder.below(f"assembled-{what}")
    name = digest([_MANNER, dataclasses.asdict(stack), dict(choices), _space_version(stack)])
    kept = _kept(inside, name)
    if kept is None:
        frame, facts, queries = make()
        kept = {
            "rows": len(frame),
            "columns": [str(column) for column in frame.columns],
            "facts": facts,
            "queries": queries,
        }
        inside.write_arrow(name, frame)
        inside.write_json(name, kept)
        del frame
        _give_back()

    def read() -> pd.DataFrame:
        frame = inside.read_arrow(name)
        if frame is None:
            raise UnreadableFile(f"the assembled table {inside.path / name} is gone; call again")
        return frame

    columns = Columns(dict.fromkeys(kept["columns"], (inside, name)))
    return Assembled(columns, kept["rows"], kept["facts"], kept["queries"], read)


def _kept(folder: CacheFolder, name: str) -> dict[str, Any] | None:
    """Return what is written about a table whose file is whole, or None."""
    kept = folder.read_json(name)
    if kept is None or not {"rows", "columns", "facts", "queries"} <= set(kept):
        return None
    return kept if folder.arrow_rows(name) == kept["rows"] else None


def _give_back() -> None:
    """Give memory that nothing uses any more back to the system, before a graph needs as much."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):
        # the C library keeps what many small arrays have left; only GNU's can be asked
        ctypes.CDLL(None).malloc_trim(0)


def _is_extension(values: pd.Series[Any]) -> bool:
    return not hasattr(values.dtype, "kind") or isinstance(
        values.dtype, pd.api.extensions.ExtensionDtype
    )


def _space_version(stack: Datastack) -> str | None:
    """Return the version of the library that knows the dataset's standard space."""
    if stack.transform is None:
        return None
    try:
        return importlib.metadata.version("standard-transform")
    except importlib.metadata.PackageNotFoundError:
        return None
