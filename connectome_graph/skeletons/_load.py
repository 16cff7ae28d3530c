"""Load many skeletons at once, one file per cell, collecting what fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, overload

import pandas as pd

from connectome_graph.border.arguments import Progress
from connectome_graph.border.progress import bar
from connectome_graph.errors import ConnectomeError, InvalidArgument, UnreadableFile, choice
from connectome_graph.skeletons._larval import load_larval
from connectome_graph.skeletons._ossify_cell import load_osy
from connectome_graph.skeletons._skeleton import Skeleton
from connectome_graph.skeletons._swc import load_swc
from connectome_graph.skeletons._validity import Disconnected, DuplicateEdges, MissingSoma

__all__ = ["Loaded", "gathered", "load"]

Format = Literal["osy", "swc", "larval"]
_SUFFIXES: dict[str, Format] = {".osy": "osy", ".swc": "swc", ".json": "larval"}


@dataclass(frozen=True, eq=False)
class Loaded:
    """Cells that were loaded, and the ones that were not. Iterates over the cells.

    Parameters
    ----------
    cells
        The skeletons, in the order of their sources.
    failures
        A row per source that failed: ``source``, ``error`` (its class) and ``message``.
    """

    cells: tuple[Skeleton, ...]
    failures: pd.DataFrame

    def __iter__(self) -> Iterator[Skeleton]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    @overload
    def __getitem__(self, position: int) -> Skeleton: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[Skeleton, ...]: ...
    def __getitem__(self, position: int | slice) -> Skeleton | tuple[Skeleton, ...]:
        return self.cells[position]

    def __repr__(self) -> str:
        return f"<Loaded: {len(self.cells):,} cells, {len(self.failures):,} failures>"


def load(
    paths: str | Path | Iterable[str | Path],
    *,
    format: Format | None = None,  # noqa: A002
    units: Literal["um", "nm"] | None = None,
    duplicate_edges: DuplicateEdges = "raise",
    disconnected: Disconnected = "raise",
    missing_soma: MissingSoma = "raise",
    errors: Literal["raise", "collect"] = "raise",
    progress: Progress = None,
) -> Loaded:
    r"""Return the skeletons in files of one or several formats.

    Parameters
    ----------
    paths
        One path, or many. A folder stands for the files in it that have a known suffix, a name
        with ``*`` for the files it matches.
    format
        ``"osy"`` (ossify), ``"swc"`` or ``"larval"`` (larval JSON); by default told by the
        suffix: .osy, .swc, .json.
    units
        Unit of the files: needed for SWC, which does not say; ossify's are nanometres unless
        said otherwise, the larval format always is.
    duplicate_edges, disconnected, missing_soma
        What to do about a skeleton that is not a tree with a soma, see
        :func:`connectome_graph.skeletons.from_arrays`.
    errors
        ``"raise"``: read everything, then raise one error that lists every cell that failed.
        ``"collect"``: go on without them; they are in ``.failures``.
    progress
        None shows a bar where someone watches, True always, False never.

    Returns
    -------
    Loaded
        Iterates over the skeletons.

    Raises
    ------
    UnreadableFile
        With ``errors="raise"``, when a file could not be read or is not valid; or when nothing
        matches.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("1", "2"):
    ...         path = pathlib.Path(folder, f"{name}.swc")
    ...         _ = path.write_text("1 1 0 0 0 1 -1\n2 3 0 3 0 1 1\n")
    ...     load(folder, units="um")
    <Loaded: 2 cells, 0 failures>
    """
    files = list(_files(paths, format))
    kinds = {format or _SUFFIXES[file.suffix.lower()] for file in files}
    if "swc" in kinds and units is None:
        raise InvalidArgument("an SWC file does not say its unit; pass units='um' or units='nm'")
    if "larval" in kinds and units == "um":
        raise InvalidArgument("the larval format is in nanometres; leave units out")
    choices: dict[str, Any] = {
        "duplicate_edges": duplicate_edges,
        "disconnected": disconnected,
        "missing_soma": missing_soma,
    }
    jobs = [(str(file), partial(_load_one, file, format, units, choices)) for file in files]
    return gathered(jobs, errors=errors, progress=progress)


def gathered(
    jobs: Iterable[tuple[str, Callable[[], Skeleton]]], *, errors: str, progress: Progress
) -> Loaded:
    """Run named loading jobs, and return the cells and the failures, or raise them together.

    Raises
    ------
    UnreadableFile
        With ``errors="raise"``, when a job failed: the first three are told in full.
    """
    choice(errors, ("raise", "collect"), name="errors")
    listed = list(jobs)
    cells: list[Skeleton] = []
    failures: list[dict[str, str]] = []
    for name, job in bar(listed, progress=progress, desc="skeletons", unit="cell"):
        try:
            cells.append(job())
        except ConnectomeError as error:
            kind = type(error).__name__
            failures.append({"source": name, "error": kind, "message": str(error)})
    if failures and errors == "raise":
        told = "\n".join(f"  {row['source']}: {row['message']}" for row in failures[:3])
        more = f"\n  and {len(failures) - 3} more" if len(failures) > 3 else ""
        raise UnreadableFile(
            f"{len(failures)} of {len(listed)} cells could not be loaded:\n{told}{more}.\n"
            "Pass errors='collect' to go on without them"
        )
    table = pd.DataFrame(failures, columns=["source", "error", "message"], dtype=object)
    return Loaded(tuple(cells), table)


def _load_one(file: Path, format_: Format | None, units: Any, choices: dict[str, Any]) -> Skeleton:
    kind = format_ or _SUFFIXES[file.suffix.lower()]
    if kind == "swc":
        return load_swc(file, units=units, **choices)
    if kind == "larval":
        return load_larval(file, **choices)
    return load_osy(file, units=units or "nm", **choices)


def _files(paths: str | Path | Iterable[str | Path], format_: Format | None) -> Iterator[Path]:
    """Yield the files that paths, folders and patterns stand for, in a stable order."""
    if format_ is not None:
        choice(format_, tuple(_SUFFIXES.values()), name="format")
    for path in [paths] if isinstance(paths, str | Path) else paths:
        place = Path(path)
        found = [place]
        if place.is_dir():
            suffixes = [s for s, kind in _SUFFIXES.items() if format_ in (None, kind)]
            found = sorted(file for file in place.iterdir() if file.suffix.lower() in suffixes)
        elif "*" in place.name:
            found = sorted(place.parent.glob(place.name))
        elif format_ is None and place.suffix.lower() not in _SUFFIXES:
            raise InvalidArgument(
                f"{place} has none of the known suffixes {', '.join(_SUFFIXES)}; say format="
            )
        if not found:
            raise UnreadableFile(f"no skeleton file matches {place}")
        yield from found
