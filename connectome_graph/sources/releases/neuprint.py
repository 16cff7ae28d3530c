"""neuPrint: exports of hemibrain, MANC, male CNS and optic lobe, and frames of neuprint-python.

Bodies are integers; positions are in voxels of 8 nm. ``roi`` is the neuropil.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from connectome_graph.sources.releases.choosing import (
    Found,
    chosen_connections,
    companions,
    first_of,
)
from connectome_graph.sources.releases.given import Given
from connectome_graph.sources.releases.neurons import NeuronTables, frame_of, sides, transmitters
from connectome_graph.sources.releases.release import Choices, Release, doubles

__all__ = ["read"]

_VOXEL = (8.0, 8.0, 8.0)
_ENDS = {
    "bodyId_pre": "pre", "bodyId_post": "post", "body_pre": "pre", "body_post": "post",
    "weight": "count", "roi": "neuropil", "roi_post": "neuropil",
}  # fmt: skip
_NEURON = {"type": "cell_type", "predictedNt": "nt_type", "predictedNtProb": "nt_type_score"}
_MANC = "Takemura et al. (2024), eLife 13; Marin et al. (2024), eLife 13"
_HEMIBRAIN = "Scheffer et al. (2020), eLife 9:e57443"
_CITATIONS = (
    ("male-cns", "male CNS", "Berg et al. (2026)"),
    ("manc", "MANC", _MANC),
    ("traced-connections", "MANC", _MANC),
    ("hemibrain", "hemibrain", _HEMIBRAIN),
    ("traced-total-connections", "hemibrain", _HEMIBRAIN),
    ("traced-roi-connections", "hemibrain", _HEMIBRAIN),
)


def read(found: Found, choices: Choices) -> Release:
    """Return the tables of an export, or those that neuprint-python returned."""
    names = " ".join(given.name.lower() for given, _ in found)
    title, citation = next(
        ((title, citation) for key, title, citation in _CITATIONS if key in names),
        ("neuPrint", "see the dataset's page on neuprint.janelia.org"),
    )
    release = Release(
        kind="neuprint", title=title, synapses=pa.table({}), neurons=None,
        facts={"licence": "CC BY 4.0", "citation": citation},
    )  # fmt: skip
    given, layout = chosen_connections(found, choices, release)
    release.neurons = _neurons(found, choices, release)
    if layout.detail == 3:
        release.synapses = _partners(given, choices, release)
        return release
    region = " in a region" if layout.detail == 2 else ""
    release.note(f"weight is the number of synapses of a pair{region}.")
    held = [name for name in given.columns if name in _ENDS]
    release.columns = {_ENDS[name]: name for name in held}
    stored = given.path is not None and given.path.suffix in (".feather", ".parquet")
    if layout.detail == 1 and stored:
        assert given.path is not None
        release.synapses = given.path  # an engine may read it
        return release
    release.columns = {}
    table = given.read()
    release.synapses = table.rename_columns([_ENDS.get(n, n) for n in table.column_names])
    return release


def _partners(given: Given, choices: Choices, release: Release) -> pa.Table:
    table = given.read()
    scale = choices.resolution_nm or _VOXEL
    columns: dict[str, Any] = {}
    dropped = {f"{axis}_{end}" for axis in "xyz" for end in ("pre", "post")}
    for name in table.column_names:
        if name not in dropped:
            columns[_ENDS.get(name, name)] = table.column(name)
    for axis, nm in zip("xyz", scale, strict=True):
        voxels = doubles(table.column(f"{axis}_post"), f"{axis}_post")
        columns[f"{axis}_um"] = pa.compute.multiply(voxels, nm / 1e3)
    release.note(
        f"A row is a synapse; its position is that of the postsynaptic site, in voxels of "
        f"{' x '.join(f'{nm:g}' for nm in scale)} nm"
        + (" (as given)." if choices.resolution_nm else " (as released)."),
        resolution_nm=list(scale),
    )
    return pa.table(columns)


def _neurons(found: Found, choices: Choices, release: Release) -> pd.DataFrame | None:
    tables = NeuronTables(release)
    parts = [*companions(found, "annotations"), *companions(found, "neurons")]
    # a list of the traced neurons says which there are; properties are joined onto it
    for given in sorted(parts, key=lambda each: "traced" not in each.name):
        frame = frame_of(given.read())
        if "superclass" in frame.columns and given.path is not None:
            frame = _neurons_only(frame, given, release)
        drop = ("roiInfo", "inputRois", "outputRois")
        tables.add(given, _with_soma(frame, choices), ids="bodyId", names=_NEURON, drop=drop)
    if not parts:
        release.facts.setdefault("missing_files", []).append("neurons")
    transmitter = first_of(found, "transmitters", release, choices)
    if transmitter is not None:
        frame = frame_of(transmitter.read())
        kind = "consensus_nt" if "consensus_nt" in frame.columns else "predicted_nt"
        names = {kind: "nt_type", "predicted_nt_confidence": "nt_type_score"}
        tables.add(transmitter, frame, ids="body", names=names)
    return _standard(tables.frame)


def _neurons_only(frame: pd.DataFrame, given: Given, release: Release) -> pd.DataFrame:
    """Return the bodies that are neurons: those with a superclass."""
    neuron = frame["superclass"].notna()
    if not neuron.all():
        release.note(
            f"{int((~neuron).sum()):,} bodies of {given.name} without a superclass are no neurons "
            "and were left out.",
            n_bodies_without_superclass=int((~neuron).sum()),
        )
    return frame[neuron]


def _with_soma(frame: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Return the frame with ``somaLocation``, a list in voxels or nothing, in um."""
    if "somaLocation" not in frame.columns:
        return frame
    scale = choices.resolution_nm or _VOXEL
    found = [_triple(each) for each in frame["somaLocation"]]
    frame = frame.drop(columns="somaLocation")
    for i, axis in enumerate("xyz"):
        frame[f"{axis}_um"] = [xyz[i] * scale[i] / 1e3 for xyz in found]
    return frame


def _triple(value: Any) -> tuple[float, float, float]:
    if isinstance(value, str):
        value = value.strip("[]() ").replace(",", " ").split()
    if np.ndim(value) != 1 or len(value) != 3:
        return (float("nan"),) * 3
    try:
        x, y, z = map(float, value)
    except (TypeError, ValueError):
        return (float("nan"),) * 3
    return x, y, z


def _standard(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    if frame is None:
        return None
    if "somaSide" in frame.columns:
        frame["side"] = sides(frame["somaSide"])
        if "rootSide" in frame.columns:
            frame["side"] = frame["side"].where(frame["side"].notna(), sides(frame["rootSide"]))
    elif "instance" in frame.columns:
        ends = frame["instance"].astype("string").str.extract(r"_([LRM])(?:$|[^A-Za-z])")[0]
        frame["side"] = sides(ends)
    if "nt_type" in frame.columns:
        frame["nt_type"] = transmitters(frame["nt_type"])
    return frame
