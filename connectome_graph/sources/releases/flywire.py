"""FlyWire: Codex downloads, the Zenodo tables, the annotations, and Shiu et al.'s parquet files.

Ids are int64 and begin with 720575940. Positions of Codex and Zenodo are in nanometres, those of
the annotations in voxels of 4 x 4 x 40 nm. A row of connections is a pair and a neuropil.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectome_graph.errors import InvalidTable
from connectome_graph.model.columns import as_numbers
from connectome_graph.sources.releases.choosing import Found, chosen_connections, first_of
from connectome_graph.sources.releases.given import Given, array_ids
from connectome_graph.sources.releases.neurons import NeuronTables, frame_of, sides, transmitters
from connectome_graph.sources.releases.release import Choices, Release, doubles, whole_numbers

__all__ = ["read", "read_shiu"]

_PREFIX = 720575940
_BILLION = 10**9
_NT = {f"{short}_avg": f"nt_{short}" for short in ("da", "ser", "gaba", "glut", "ach", "oct")}
_CITATION = (
    "Dorkenwald et al. (2024), Nature 634, 124-138; Schlegel et al. (2024), Nature 634, 139-152; "
    "Eckstein et al. (2024), Cell 187, 2574-2594 (transmitters)"
)
_LICENCE = "CC BY 4.0 (Zenodo); CC BY-NC 4.0 (flywire.ai, Codex)"
#: Role -> names, and whether a neuron may have several rows.
_PARTS: tuple[tuple[str, dict[str, str], bool], ...] = (
    ("neurons", {**_NT, "group": "neuropil_group"}, False),
    ("annotations", {"top_nt": "nt_type", "top_nt_conf": "nt_type_score"}, False),
    ("classification", {}, False),
    ("cell types", {"primary_type": "cell_type", "additional_type(s)": "additional_types"}, False),
    ("visual types", {"type": "cell_type", "family": "visual_family"}, False),
    ("names", {"group": "neuropil_group"}, False),
    ("tags", {}, False),
    ("cell statistics", {}, False),
    ("coordinates", {}, True),
)


def read(found: Found, choices: Choices) -> Release:
    """Return the tables of Codex downloads, of Zenodo, or of both."""
    release = Release(
        kind="flywire", title="FlyWire", synapses=pa.table({}), neurons=None,
        facts={"licence": _LICENCE, "citation": _CITATION},
    )  # fmt: skip
    given, layout = chosen_connections(found, choices, release)
    if "princeton" in given.name:
        release.facts["citation"] += "; Yu et al. (2025), preprint (synapses)"
    release.neurons = _neurons(found, choices, release)
    table = given.read()
    rows = _synapses(table, release) if layout.detail == 2 else _rows(table, release)
    for end in ("pre", "post"):
        _check_prefix(rows.column(end), f"{end} of {given.name}")
    release.synapses = rows
    return release


def _rows(table: pa.Table, release: Release) -> pa.Table:
    ends = {"pre_pt_root_id": "pre", "post_pt_root_id": "post"}
    names = {"pre_root_id": "pre", "post_root_id": "post", "syn_count": "count", **ends, **_NT}
    release.note("A row is a pair of neurons in one neuropil; syn_count is its number of synapses.")
    return table.rename_columns([names.get(name, name) for name in table.column_names])


def _synapses(table: pa.Table, release: Release) -> pa.Table:
    names = table.column_names
    columns: dict[str, Any] = {}
    for end in ("pre", "post"):
        own = next(n for n in names if re.fullmatch(rf"{end}(_pt)?_root_id(_\d+)?", n))
        columns[end] = _whole_ids(table.column(own), own)
        names = [name for name in names if name != own]
    base = "ctr" if "ctr_x" in names else "post_pt_position"
    release.note(
        "A row is a synapse; its position is "
        + ("its centre." if base == "ctr" else "that of the postsynaptic site.")
    )
    for axis in "xyz":
        # in nanometres
        columns[f"{axis}_um"] = pc.divide(
            doubles(table.column(f"{base}_{axis}"), f"{base}_{axis}"), 1e3
        )
        names.remove(f"{base}_{axis}")
    if "size" in names:
        release.note("The size of a synapse is an area in nm2.")
    nts = ("gaba", "ach", "glut", "oct", "ser", "da")
    renamed = {"id": "synapse_id", **{name: f"nt_{name}" for name in nts}}
    return pa.table(columns | {renamed.get(name, name): table.column(name) for name in names})


def _whole_ids(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return ids of which only the last digits are stored: the first stand in the column's name."""
    prefix = re.search(r"_(\d+)$", name)
    if prefix is None:
        return column
    return pc.add(whole_numbers(column, name), int(prefix[1]) * _BILLION)


def _check_prefix(column: pa.ChunkedArray, name: str) -> None:
    if pa.types.is_floating(column.type):
        raise InvalidTable(f"ids in {name} are floats ({column.type}); they have lost digits")
    if not pa.types.is_integer(column.type):
        raise InvalidTable(f"ids in {name} need integers; found {column.type}")
    if not len(column):
        return
    low, high = pc.min_max(column).as_py().values()
    if low is None or low // _BILLION == high // _BILLION == _PREFIX:
        return
    odd = low if low // _BILLION != _PREFIX else high
    raise InvalidTable(
        f"ids in {name} do not all begin with {_PREFIX} (found {odd}): they are not FlyWire's, or "
        "their first digits are missing"
    )


def _neurons(found: Found, choices: Choices, release: Release) -> pd.DataFrame | None:
    tables = NeuronTables(release)
    ids = first_of(found, "root ids", release, choices)
    if ids is not None:
        tables.add_ids(ids, array_ids(ids))
    for role, names, repeats in _PARTS:
        given = first_of(found, role, release, choices)
        if given is None:
            continue
        table = frame_of(given.read(text=("position",)))
        if role == "annotations":
            table = _in_um(table)
        elif role == "coordinates":
            table = _positions(given, table)
        tables.add(given, table, ids="root_id", names=names, repeats=repeats)
    labels = first_of(found, "labels", release, choices)
    if labels is not None:
        tables.add(labels, _labels(labels, release), ids="root_id")
    return _standard(tables.frame)


def _labels(given: Given, release: Release) -> pd.DataFrame:
    """Return the labels of the community, many per neuron, as one text for each neuron."""
    table = frame_of(given.read(text=("label",)))[["root_id", "label"]]
    said = table[table["label"].notna()].drop_duplicates()
    release.note(
        f"{given.name}: {len(table):,} labels of the community were read; those of one neuron are "
        "joined with '; ', each once."
    )
    joined = said.groupby("root_id", sort=False)["label"].agg("; ".join)
    return joined.rename("labels").reset_index()


def _in_um(table: pd.DataFrame) -> pd.DataFrame:
    """Return annotations with positions in um: they are in voxels of 4 x 4 x 40 nm."""
    base = "soma" if "soma_x" in table.columns else "pos"
    for axis, nm in zip("xyz", (4, 4, 40), strict=True):
        if f"{base}_{axis}" not in table.columns:
            continue
        main = _numbers(table, f"{base}_{axis}")
        if base == "soma" and f"pos_{axis}" in table.columns:
            main = main.fillna(_numbers(table, f"pos_{axis}"))
        table[f"{axis}_um"] = main * nm / 1e3
    drop = [f"{base}_{axis}" for base in ("pos", "soma") for axis in "xyz"]
    return table.drop(columns=[name for name in drop if name in table.columns])


def _numbers(table: pd.DataFrame, name: str) -> pd.Series:
    return pd.Series(as_numbers(table[name].array, name=name), index=table.index, dtype=float)


def _positions(given: Given, table: pd.DataFrame) -> pd.DataFrame:
    """Return coordinates: text such as ``[437536 211020 81960]``, in nm."""
    parts = (
        table["position"]
        .astype("string")
        .str.extract(r"^\s*[\[(]?\s*(-?[\d.]+)[\s,]+(-?[\d.]+)[\s,]+(-?[\d.]+)\s*[\])]?\s*$")
    )
    bad = np.flatnonzero((parts.isna().any(axis=1) & table["position"].notna()).to_numpy())
    if len(bad):
        raise InvalidTable(
            f"{given.name} needs positions such as [437536 211020 81960]; row {bad[0]} holds "
            f"{table['position'].iloc[bad[0]]!r}"
        )
    for i, axis in enumerate("xyz"):
        table[f"{axis}_um"] = parts[i].astype("Float64").astype("float64") / 1e3
    return table.drop(columns=["position", "supervoxel_id"])


def _standard(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    if frame is None:
        return None
    if "side" in frame.columns:
        frame["side"] = sides(frame["side"])
    if "nt_type" in frame.columns:
        frame["nt_type"] = transmitters(frame["nt_type"])
    return frame


def read_shiu(found: Found, choices: Choices) -> Release:
    """Return the connectivity of the brain model of Shiu et al. (2024)."""
    release = Release(
        kind="shiu", title="FlyWire, as in the model of Shiu et al. 2024", synapses=pa.table({}),
        neurons=None,
        facts={"licence": "MIT (files); " + _LICENCE,
               "citation": f"Shiu et al. (2024), Nature 634, 210-219; {_CITATION}"},
    )  # fmt: skip
    given, _ = chosen_connections(found, choices, release)
    completeness = first_of(found, "neurons", release, choices)
    table = given.read()
    for end in ("Presynaptic_ID", "Postsynaptic_ID"):
        _check_prefix(table.column(end), f"{end} of {given.name}")
    rows = pa.table(
        {
            "pre": table.column("Presynaptic_ID"),
            "post": table.column("Postsynaptic_ID"),
            "count": table.column("Connectivity"),
            "sign": whole_numbers(table.column("Excitatory"), "Excitatory"),
        }
    )
    release.synapses = rows
    release.note(
        "Connectivity is the number of synapses of a pair; sign is that of the presynaptic "
        "neuron's transmitter (GABA and glutamate inhibit)."
    )
    if completeness is not None:
        frame = frame_of(completeness.read())
        tables = NeuronTables(release)
        tables.add(completeness, frame, ids=str(frame.columns[0]), names={"Completed": "completed"})
        neurons = tables.frame
        assert neurons is not None
        neurons["sign"] = _signs(rows, given).reindex(neurons["root_id"]).to_numpy()
        release.neurons = neurons
    return release


def _signs(rows: pa.Table, given: Given) -> pd.Series:
    """Return the sign of every presynaptic neuron, which has to be one."""
    found = frame_of(rows.group_by("pre").aggregate([("sign", "min"), ("sign", "max")]))
    found = found.set_index("pre")
    if (found["sign_min"] != found["sign_max"]).any():
        raise InvalidTable(f"{given.name}: a neuron excites in some rows and inhibits in others")
    return found["sign_min"].astype("float64")
