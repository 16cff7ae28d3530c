"""From what was found to the tables of one family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from connectome_graph.errors import InvalidArgument, UnreadableFile
from connectome_graph.sources.releases import (
    cave_dump,
    edge_list,
    flywire,
    neuprint,
    sjcabs,
    sonata,
    worm,
)
from connectome_graph.sources.releases.choosing import Found
from connectome_graph.sources.releases.given import Given
from connectome_graph.sources.releases.layouts import Layout, best_layout
from connectome_graph.sources.releases.release import Choices, Release

__all__ = ["FAMILIES", "recognised", "released"]

#: Family -> the function that reads it.
FAMILIES: Mapping[str, Callable[[Found, Choices], Release]] = MappingProxyType(
    {
        "flywire": flywire.read,
        "shiu": flywire.read_shiu,
        "neuprint": neuprint.read,
        "sjcabs": sjcabs.read,
        "worm": worm.read,
        "sonata": sonata.read,
        "cave-dump": cave_dump.read,
        "edge-list": edge_list.read,
    }
)


def released(given: Sequence[Given], kind: str | None, choices: Choices) -> Release:
    """Return the tables of a release.

    Raises
    ------
    InvalidArgument
        When files of several families lie together.
    UnreadableFile
        When no file is of a layout that is known.
    InvalidTable
        When the tables do not fit together.
    """
    found, others = recognised(given, kind)
    _check_cell_table(found, choices.cell_table)
    release = FAMILIES[found[0][1].kind](found, choices)
    if others:
        release.facts["files_not_recognised"] = [each.name for each in others]
        release.note(f"Not read, of no layout that is known here: {_names(others)}.")
    return release


def _check_cell_table(found: Found, wanted: str | None) -> None:
    """Refuse the name of a neuron table that is not there."""
    tables = [given for given, layout in found if not layout.detail]
    if wanted is not None and not any(wanted in given.name for given in tables):
        raise InvalidArgument(
            f"cell_table={wanted!r} is part of no file's name; the files about neurons are "
            f"{_names(tables) or 'none'}"
        )


def recognised(
    given: Sequence[Given], kind: str | None
) -> tuple[list[tuple[Given, Layout]], list[Given]]:
    """Return the files of one family with their layouts, and those of none."""
    if kind is None:
        layouts = [(each, best_layout(each.columns, each.name)) for each in given]
        kinds = sorted({layout.kind for _, layout in layouts if layout and layout.detail})
        if len(kinds) > 1:
            told = "; ".join(
                f"{k}: {_names([e for e, layout in layouts if layout and layout.kind == k])}"
                for k in kinds
            )
            raise InvalidArgument(
                f"files of several kinds lie together ({told}); pass kind= with the one that is "
                "meant"
            )
        kind = kinds[0] if kinds else None
    found, others = [], []
    for each in given:
        layout = best_layout(each.columns, each.name, kind=kind)
        if layout is None:
            others.append(each)
        else:
            found.append((each, layout))
    if kind is None or not found:
        shown = "; ".join(f"{each.name}: {', '.join(each.columns[:8])}" for each in others[:3])
        what = "connections of a layout that is known" if kind is None else f"layout of {kind!r}"
        hint = ""
        if any(each.columns and each.columns[0].isdigit() for each in others):
            hint = (
                " A file that begins with numbers has no header: a dump of CAVE needs its "
                "<table>_header.csv beside it."
            )
        raise UnreadableFile(
            f"no file holds {what} ({shown or _names([each for each, _ in found])}); known kinds "
            f"are {', '.join(FAMILIES)}. Use from_tables with columns= for other tables.{hint}"
        )
    return found, others


def _names(given: Sequence[Given]) -> str:
    return ", ".join(each.name for each in given)
