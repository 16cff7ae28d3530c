"""Worms: Cook et al.'s matrices, Witvliet et al.'s workbooks, White et al.'s tables, edge lists.

Names of cells are the ids. Cook's numbers, and those of the edge list made from them, count serial
sections: they are sizes, not numbers of synapses. Witvliet's and White's count synapses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from connectome_graph.errors import InvalidArgument, InvalidTable, UnreadableFile, require
from connectome_graph.sources.published.worm import cell_class
from connectome_graph.sources.releases.choosing import Found, chosen_connections
from connectome_graph.sources.releases.given import Given
from connectome_graph.sources.releases.release import Choices, Release, as_text

__all__ = ["read"]

_CITATIONS = {
    "cook": "Cook, Jarrell, Brittin et al. (2019), Nature 571, 63-71",
    "witvliet": "Witvliet, Mulcahy, Mitchell et al. (2021), Nature 596, 257-261",
    "white": "White, Southgate, Thomson & Brenner (1986), Phil. Trans. R. Soc. B 314, 1-340",
}
_LIST = {"pre", "post", "type", "synapses"}


def read(found: Found, choices: Choices) -> Release:
    """Return the connections of one layer, or of both with a column ``layer``."""
    release = Release(
        kind="worm", title="C. elegans", synapses=pa.table({}), neurons=None,
        facts={"licence": "see the publication", "layer": choices.layer},
    )  # fmt: skip
    names = [given.name for given, layout in found if layout.detail]
    in_name = choices.connections is not None and any(choices.connections in n for n in names)
    given, layout = chosen_connections(
        found, choices if in_name else replace(choices, connections=None), release
    )
    sheet = None if in_name else choices.connections
    if layout.role == "matrices":
        _workbook(given, sheet, choices, release)
        return release
    if sheet is not None:
        raise InvalidArgument(
            f"connections={sheet!r} is part of no file's name; found {', '.join(names)}"
        )
    table = given.read(text=given.columns)
    frame = table.rename_columns([name.strip() for name in table.column_names]).to_pandas()
    if layout.role == "edge list":
        frame = frame.rename(
            columns={"Source": "pre", "Target": "post", "Weight": "size", "Type": "type"}
        )
        _listed(frame, "size", given, choices, release)
        release.note("Weights are numbers of serial sections, a size, not numbers of synapses.")
        release.facts["citation"] = _CITATIONS["cook"]
    else:
        _listed(frame.rename(columns={"synapses": "count"}), "count", given, choices, release)
        kind = "witvliet" if "witvliet" in given.name.lower() else "white"
        release.facts["citation"] = _CITATIONS[kind]
    return release


def _listed(
    frame: pd.DataFrame, value: str, given: Given, choices: Choices, release: Release
) -> None:
    """Take over a list of connections with a type each."""
    ends = {end: as_text(frame[end]) for end in ("pre", "post")}
    layer = np.array([text.lower() for text in as_text(frame["type"])], object)
    odd = sorted(set(layer) - {"chemical", "electrical"})
    if odd:
        raise InvalidTable(
            f"{given.name} needs the types chemical and electrical; found "
            f"{', '.join(map(repr, odd))}"
        )
    empty = (ends["pre"] == "") | (ends["post"] == "")
    if empty.any():
        raise InvalidTable(
            f"{given.name} has rows without a name (first: row {int(np.flatnonzero(empty)[0])})"
        )
    numbers = pd.to_numeric(frame[value], errors="coerce")
    if numbers.isna().any():
        row = int(np.flatnonzero(numbers.isna())[0])
        raise InvalidTable(f"{given.name}: row {row} has no number ({frame[value].iloc[row]!r})")
    wanted = np.ones(len(frame), bool) if choices.layer == "all" else layer == choices.layer
    data = {**ends, value: numbers.to_numpy(), "layer": layer}
    release.synapses = pd.DataFrame(data)[wanted].reset_index(drop=True)
    everyone = pd.unique(np.concatenate([ends["pre"], ends["post"]]))
    release.neurons = _cells(everyone)
    _told_layer(choices, int((~wanted).sum()), release)
    if (layer == "electrical").any() and value == "count":
        release.note("An electrical connection stands once, as released, in either direction.")


def _told_layer(choices: Choices, left: int, release: Release) -> None:
    if choices.layer != "all":
        release.note(
            f"Only the {choices.layer} layer was read"
            + (f" ({left:,} rows of the other were left out)." if left else "."),
        )


def _cells(names: Any) -> pd.DataFrame:
    listed = np.asarray(names, object)
    kinds = [cell_class(name) for name in listed]
    return pd.DataFrame({"root_id": listed, "cell_class": kinds})


# -- workbooks -----------------------------------------------------------------------------


def _workbook(given: Given, sheet: str | None, choices: Choices, release: Release) -> None:
    openpyxl = require("openpyxl", extra="worm", purpose="reading xlsx workbooks")
    try:
        book = openpyxl.load_workbook(given.path, read_only=True, data_only=True)
    except Exception as error:
        raise UnreadableFile(
            f"{given.path} could not be read as xlsx ({error}); it may be truncated"
        ) from error
    try:
        sheets = {name: book[name] for name in book.sheetnames}
        if len(sheets) == 1:
            rows = [list(row) for row in next(iter(sheets.values())).iter_rows(values_only=True)]
            _from_list(given, rows, choices, release)
            return
        _from_matrices(given, sheets, sheet, choices, release)
    finally:
        book.close()


def _from_list(given: Given, rows: list[list[Any]], choices: Choices, release: Release) -> None:
    header = [str(each).strip() for each in rows[0]] if rows else []
    if not set(header) >= _LIST:
        raise InvalidTable(
            f"the sheet of {given.name} needs the columns {', '.join(sorted(_LIST))}; found "
            f"{', '.join(header) or 'nothing'}"
        )
    filled = [row for row in rows[1:] if any(each is not None for each in row)]
    frame = pd.DataFrame(filled, columns=header, dtype=object)
    _listed(frame.rename(columns={"synapses": "count"}), "count", given, choices, release)
    release.facts["citation"] = _CITATIONS["witvliet"]


def _from_matrices(
    given: Given, sheets: dict[str, Any], sheet: str | None, choices: Choices, release: Release
) -> None:
    layers = ("chemical", "electrical") if choices.layer == "all" else (choices.layer,)
    parts: list[pd.DataFrame] = []
    groups: dict[str, str] = {}
    ends: tuple[list[str], list[str]] = ([], [])
    for layer in layers:
        name = _sheet(given, list(sheets), layer, sheet)
        rows = [list(row) for row in sheets[name].iter_rows(values_only=True)]
        part, group, names = _matrix(given, name, rows)
        parts.append(part.assign(layer=layer))
        groups |= group
        for held, new in zip(ends, names, strict=True):
            held.extend(new)
        release.facts.setdefault("sheets", []).append(name)
    release.synapses = pd.concat(parts, ignore_index=True)
    everyone = list(dict.fromkeys([*ends[0], *ends[1]]))
    release.neurons = _cells(everyone).assign(
        group=np.array([groups.get(name) for name in everyone], object)
    )
    release.sources, release.targets = (np.array(list(dict.fromkeys(e)), object) for e in ends)
    release.facts["citation"] = _CITATIONS["cook"]
    release.note("Numbers are serial sections summed over contacts, a size, not synapses.")
    _told_layer(choices, 0, release)


def _sheet(given: Given, names: list[str], layer: str, wanted: str | None) -> str:
    """Return the sheet of a layer: of the hermaphrodite unless another was named."""
    exact = [name for name in names if wanted is not None and name.strip() == wanted.strip()]
    if exact:
        return exact[0]
    key = "herm" if wanted is None else wanted.lower()

    def fits(name: str) -> bool:
        text = name.lower()
        sort = "chemical" in text if layer == "chemical" else "gap" in text and "asym" not in text
        return sort and text.strip().startswith(key)

    found = [name for name in names if fits(name)]
    if len(found) != 1:
        raise InvalidArgument(
            f"{'no sheet' if not found else 'several sheets'} of {given.name} hold the {layer} "
            f"connections of {key!r}; name one with connections=: {', '.join(names)}"
        )
    return found[0]


def _matrix(
    given: Given, name: str, rows: list[list[Any]]
) -> tuple[pd.DataFrame, dict[str, str], tuple[list[str], list[str]]]:
    """Return the entries, the group of each cell, and the names of rows and columns.

    Row 3 holds the postsynaptic names, column C the presynaptic ones; groups stand in row 1 and
    column A, and the names once more in the last row and column.
    """
    if len(rows) < 4 or len(rows[2]) < 4:
        raise InvalidTable(f"the sheet {name!r} of {given.name} is no matrix with names in row 3")
    columns = {j: str(v).strip() for j, v in enumerate(rows[2]) if j > 2 and _is_name(v)}
    named = [row for row in rows[3:] if len(row) > 2 and _is_name(row[2])]
    names = [str(row[2]).strip() for row in named]
    for what, listed in (("rows", names), ("columns", list(columns.values()))):
        twice = next((each for each in listed if listed.count(each) > 1), None)
        if twice is not None or not listed:
            raise InvalidTable(
                f"the {what} of the sheet {name!r} of {given.name} "
                + (f"name {twice!r} several times" if listed else "have no names")
            )
    entries = [
        (source, target, row[j])
        for source, row in zip(names, named, strict=True)
        for j, target in columns.items()
        if j < len(row) and _is_entry(row[j])
    ]
    frame = pd.DataFrame(entries, columns=["pre", "post", "size"])
    filled = _groups(names, [row[0] for row in named])
    filled |= _groups(columns.values(), [rows[0][j] if j < len(rows[0]) else None for j in columns])
    return frame, filled, (names, list(columns.values()))


def _groups(names: Iterable[str], groups: Iterable[Any]) -> dict[str, str]:
    """Return the group of each name: it stands beside the first of its members only."""
    found: dict[str, str] = {}
    current = None
    for name, group in zip(names, groups, strict=True):
        current = str(group).strip() if group is not None else current
        if current is not None:
            found[name] = current
    return found


def _is_entry(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
