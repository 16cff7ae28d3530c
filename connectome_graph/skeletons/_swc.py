"""Skeletons in SWC, the text format of neuron morphology: seven numbers a line.

Each line holds a sample: its number, type code, x, y, z, radius and the number of its parent
(-1 at a root). The format names no unit, so reading asks for one; writing uses micrometres.

References
----------
Cannon, Turner, Pyapali, Wheal (1998). An on-line archive of reconstructed hippocampal neurons.
J Neurosci Methods 84:49-54.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from connectome_graph.errors import InvalidTable, UnreadableFile
from connectome_graph.model.rule import MISSING_WORDS
from connectome_graph.skeletons._skeleton import Skeleton, from_arrays
from connectome_graph.skeletons._validity import Disconnected, DuplicateEdges, MissingSoma

__all__ = ["load_swc"]

_COLUMNS: dict[str, type[int | float]] = {
    "sample": int,
    "type": int,
    "x": float,
    "y": float,
    "z": float,
    "radius": float,
    "parent": int,
}


def load_swc(
    path: str | Path,
    *,
    units: Literal["um", "nm"],
    root_id: int | str | None = None,
    inputs: pd.DataFrame | None = None,
    outputs: pd.DataFrame | None = None,
    within_um: float | None = None,
    duplicate_edges: DuplicateEdges = "raise",
    disconnected: Disconnected = "raise",
    missing_soma: MissingSoma = "raise",
) -> Skeleton:
    r"""Return the skeleton in an SWC file, with synapse sites from tables.

    Parameters
    ----------
    path
        The file.
    units
        Unit of the file's positions and radii; SWC does not say.
    root_id
        The neuron's id. By default the file's name without its suffix, as an int when it is
        all digits.
    inputs, outputs
        Synapse tables with ``x_um y_um z_um`` (and ``synapse_id``, ``size`` ...), or with
        ``node``, the SWC sample they lie on.
    within_um
        How far a synapse with a position may lie from the nearest vertex.
    duplicate_edges, disconnected, missing_soma
        As for :func:`connectome_graph.skeletons.from_arrays`. The soma is a sample of type 1;
        the first without a parent of its own type, where there are several.

    Raises
    ------
    UnreadableFile
        When the file is missing or not SWC.
    InvalidTable
        When a parent does not exist, a sample is repeated, or the samples form no tree.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "864691135000000001.swc")
    ...     _ = path.write_text("# x\n1 1 0 0 0 5 -1\n2 3 0 3 0 1 1\n3 3 4 3 0 1 2\n")
    ...     load_swc(path, units="um")
    <Skeleton 864691135000000001: 3 vertices, 7.0 um of cable, ...; measured from the soma>
    """
    path = Path(path)
    samples = _read(path)
    index = pd.Index(samples["sample"])
    if index.has_duplicates:
        raise InvalidTable(f"{path}: sample {index[index.duplicated()][0]} is there twice")
    parent = samples["parent"].to_numpy()
    child = np.flatnonzero(parent != -1)
    above = index.get_indexer(pd.Index(parent[child]))
    if (above < 0).any():
        lost = samples.iloc[child[above < 0][0]]
        raise InvalidTable(
            f"{path}: {int((above < 0).sum())} samples have a parent that does not exist (first: "
            f"sample {int(lost['sample'])}, parent {int(lost['parent'])})"
        )
    codes = samples["type"].to_numpy()
    tops = np.flatnonzero((parent == -1) & (codes == 1))
    somata = tops if len(tops) else np.flatnonzero(codes == 1)
    child, above = _with_soma(samples, parent, (child, above), somata)
    stem = path.stem
    return from_arrays(
        samples[["x", "y", "z"]].to_numpy(),
        np.column_stack([child, above]),
        root_id=root_id if root_id is not None else int(stem) if stem.isdecimal() else stem,
        soma=int(somata[0]) if len(somata) else None,
        units=units,
        radius=samples["radius"].to_numpy(),
        compartment=codes,
        node_id=samples["sample"].to_numpy(),
        inputs=_on_nodes(inputs, index),
        outputs=_on_nodes(outputs, index),
        within_um=within_um,
        duplicate_edges=duplicate_edges,
        disconnected=disconnected,
        missing_soma=missing_soma,
    )


def _with_soma(
    samples: pd.DataFrame, parent: Any, edges: tuple[Any, Any], somata: Any
) -> tuple[Any, Any]:
    """Return the edges, with those that join trees beginning at the place of the soma to it.

    Some programs write the soma as a sample of its own, without a parent and without children,
    and each tree with a root at the same place.
    """
    if not len(somata) or parent[somata[0]] != -1:
        return edges
    soma = int(somata[0])
    xyz = samples[["x", "y", "z"]].to_numpy()
    roots = np.flatnonzero(parent == -1)
    here = roots[(roots != soma) & (xyz[roots] == xyz[soma]).all(axis=1)]
    child, above = edges
    return np.concatenate([child, here]), np.concatenate([above, np.full(len(here), soma)])


def _read(path: Path) -> pd.DataFrame:
    """Return the samples. Numbers are read by Python itself, to the last digit."""
    try:
        # with a byte order mark or without; what is in comments may be of any encoding
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        split = [words for line in lines if (words := _words(line.partition("#")[0]))]
        # without a radius in every line; in one of them a value is missing, whichever it is
        short = bool(split) and all(len(words) == 6 for words in split)
        rows = [_values(words, without_radius=short) for words in split]
        samples = pd.DataFrame(
            {
                name: np.array([row[place] for row in rows], dtype=kind)
                for place, (name, kind) in enumerate(_COLUMNS.items())
            }
        )
    except (OSError, ValueError, OverflowError) as error:
        raise UnreadableFile(
            f"{path} could not be read as SWC (sample type x y z radius parent): {error}"
        ) from error
    # codes beyond those of the format mean what their program likes: kept where they fit
    samples["parent"] = samples["parent"].where(samples["parent"] >= 0, -1)
    samples["type"] = samples["type"].where(samples["type"].between(0, 127), 0)
    return samples


def _words(line: str) -> list[str]:
    """Return the values of a line, separated by blanks, commas, or both."""
    words = line.split()
    if "," not in line:
        return words
    parts = line.replace(",", " ").split()
    inside = any("," in word.rstrip(",") for word in words)
    if len(words) >= 6 and inside:
        raise ValueError(f"decimal commas in {line.strip()!r}; write decimal points")
    return parts


def _values(words: list[str], *, without_radius: bool) -> tuple[int | float, ...]:
    """Return sample, type, x, y, z, radius and parent of a line."""
    if without_radius:
        words = [*words[:5], "nan", words[5]]
    if len(words) < 7:
        raise ValueError(f"the line {' '.join(words)!r} holds {len(words)} of 7 values")
    radius = float("nan") if words[5] in MISSING_WORDS else float(words[5])
    xyz = (float(word) for word in words[2:5])
    return _whole(words[0]), _whole(words[1]), *xyz, radius, _whole(words[6])


def _whole(word: str) -> int:
    """Return a whole number, which some programs write with decimals: 3.0 is 3."""
    digits, _, places = word.partition(".")
    if places.strip("0"):
        raise ValueError(f"{word!r} is no whole number")
    return int(digits)


def _on_nodes(table: pd.DataFrame | None, index: pd.Index) -> pd.DataFrame | None:
    """Return a synapse table with ``vertex`` in place of ``node``, where it has one."""
    if table is None or "node" not in table or "vertex" in table:
        return table
    if not pd.api.types.is_integer_dtype(table["node"].dtype) or table["node"].isna().any():
        raise InvalidTable("the column 'node' of a synapse table must hold SWC sample numbers")
    vertex = index.get_indexer(pd.Index(table["node"].to_numpy(dtype=np.int64)))
    return table.drop(columns="node").assign(vertex=vertex)
