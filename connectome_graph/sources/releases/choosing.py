"""Which of the files hold the connections: never two views of the same synapses added up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from connectome_graph.errors import InvalidArgument, UnreadableFile
from connectome_graph.sources.releases.given import Given
from connectome_graph.sources.releases.layouts import Layout
from connectome_graph.sources.releases.release import Choices, Release

__all__ = ["Found", "chosen_connections", "companions", "first_of"]

#: Files and what they are.
Found: TypeAlias = Sequence[tuple[Given, Layout]]


def chosen_connections(found: Found, choices: Choices, release: Release) -> tuple[Given, Layout]:
    """Return the file to read connections from: the one that was named, else the most detailed.

    Raises
    ------
    InvalidArgument
        When several files are equally detailed: they differ by detector, threshold or animal.
    UnreadableFile
        When no file holds connections.
    """
    able = [(given, layout) for given, layout in found if layout.detail]
    if not able:
        told = ", ".join(given.name for given, _ in found)
        raise UnreadableFile(f"no file of the release holds connections; found {told}")
    named = able
    if choices.connections is not None:
        named = [each for each in able if choices.connections == each[0].name]
        named = named or [each for each in able if choices.connections in each[0].name]
        if not named:
            raise InvalidArgument(
                f"connections={choices.connections!r} is part of no file's name; the files with "
                f"connections are {', '.join(given.name for given, _ in able)}"
            )
    detail = max(layout.detail for _, layout in named)
    best = [each for each in named if each[1].detail == detail]
    if len(best) > 1:
        names = ", ".join(given.name for given, _ in best)
        raise InvalidArgument(
            f"{len(best)} files hold connections in equal detail ({names}): they differ by "
            "detector, threshold, animal or copy and are never added up; name one with "
            "connections='part of its name'"
        )
    left = [given.name for given, _ in able if given is not best[0][0]]
    release.facts["connections_file"] = best[0][0].name
    if left:
        release.note(
            f"Connections were read from {best[0][0].name}; {', '.join(left)} "
            f"{'is another view' if len(left) == 1 else 'are other views'} of them and "
            f"{'was' if len(left) == 1 else 'were'} not added.",
            files_left_out=left,
        )
    return best[0]


def _named(files: list[Given], wanted: str | None) -> list[Given]:
    """Return the files whose name is, or else holds, what was asked for."""
    if wanted is None:
        return files
    return [each for each in files if each.name == wanted] or [
        each for each in files if wanted in each.name
    ]


def companions(found: Found, role: str) -> list[Given]:
    """Return the files of a role, in the order of their names."""
    return [given for given, layout in found if layout.role == role]


def first_of(found: Found, role: str, release: Release, choices: Choices) -> Given | None:
    """Return the file of a role; None, and the fact that it is missing, when there is none.

    Raises
    ------
    InvalidArgument
        When there are several and none is named.
    """
    files = companions(found, role)
    if len(files) > 1:
        every, files = files, _named(files, choices.cell_table)
        if len(files) != 1:
            raise InvalidArgument(
                f"{len(every)} files hold the {role} of the release "
                f"({', '.join(given.name for given in every)}): they differ by version or method "
                "and are never mixed; name one with cell_table='part of its name'"
            )
        left = [given.name for given in every if given is not files[0]]
        release.note(
            f"Of several files with the {role} {files[0].name} was read, and not "
            f"{', '.join(left)}.",
            **{f"{role} left out": left},
        )
    if not files:
        missing = release.facts.setdefault("missing_files", [])
        missing.append(role)
        return None
    release.facts.setdefault("files", {})[role] = files[0].name
    return files[0]
