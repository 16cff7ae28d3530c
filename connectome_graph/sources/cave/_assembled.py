"""Assembled tables on disk: what a call has put together is read again by the next one.

The parts of a question are what a server sent; an assembled table is what came out of them, in
Arrow's own format, which is mapped into memory and not read. It is named by everything that went
into it.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from connectome_graph.sources.cave._cache import CacheFolder, digest
from connectome_graph.sources.cave._datastack import Datastack

__all__ = ["assembled"]

#: Raised when tables are put together in another way.
_MANNER = 1


def assembled(
    folder: CacheFolder,
    what: str,
    *,
    stack: Datastack,
    choices: Mapping[str, Any],
    make: Callable[[], tuple[pd.DataFrame, dict[str, Any], list[dict[str, Any]]]],
) -> tuple[pd.DataFrame, dict[str, Any], list[dict[str, Any]]]:
    """Return a table, its facts and the queries behind it: from disk, or made and kept.

    Parameters
    ----------
    folder
        Cache folder of the version.
    what
        ``"cells"`` or ``"synapses"``.
    stack
        The datastack, whose names and rules went into the table.
    choices
        Everything else that went into it, as JSON-able types.
    make
        Puts the table together.
    """
    inside = folder.below(f"assembled-{what}")
    name = digest([_MANNER, dataclasses.asdict(stack), dict(choices), _space_version(stack)])
    kept = inside.read_json(name)
    if kept is not None and {"rows", "facts", "queries"} <= set(kept):
        frame = inside.read_arrow(name)
        if frame is not None and len(frame) == kept["rows"]:
            return frame, kept["facts"], kept["queries"]
    frame, facts, queries = make()
    inside.write_arrow(name, frame)
    inside.write_json(name, {"rows": len(frame), "facts": facts, "queries": queries})
    return frame, facts, queries


def _space_version(stack: Datastack) -> str | None:
    """Return the version of the library that knows the dataset's standard space."""
    if stack.transform is None:
        return None
    try:
        return importlib.metadata.version("standard-transform")
    except importlib.metadata.PackageNotFoundError:
        return None
